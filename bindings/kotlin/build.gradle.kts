// What pom.xml builds, for Gradle. GradleTest compares the versions.
plugins {
    kotlin("jvm") version "2.4.21"
    `maven-publish`
}

group = "org.homeline"
version = "0.1.0"

kotlin {
    explicitApi()
    compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_11
    sourceSets["main"].kotlin.srcDirs("src/main/kotlin", "target/generated")
}

java {
    targetCompatibility = JavaVersion.VERSION_11
    withSourcesJar()
}

dependencies {
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core-jvm:1.11.0")
    // An Android app takes the archive instead: exclude this, and add net.java.dev.jna:jna:5.19.1@aar.
    implementation("net.java.dev.jna:jna:5.19.1")
}

tasks.processResources {
    from("consumer-rules.pro") { into("META-INF/proguard") }
}

publishing.publications.create<MavenPublication>("homeline") { from(components["java"]) }
