// For an app that builds Homeline from source: includeBuild("…/bindings/kotlin"), then
// implementation("org.homeline:homeline-kotlin"). `bindings/generate.sh kotlin` comes first.
pluginManagement {
    repositories {
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        mavenCentral()
    }
}

rootProject.name = "homeline-kotlin"
