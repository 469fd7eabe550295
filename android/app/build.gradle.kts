plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

android {
    namespace = "org.homeline.app"
    compileSdk = 36
    defaultConfig {
        applicationId = "org.homeline.app"
        minSdk = 26
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
    }
    // The layer that app developers use, and what bindings/generate.sh wrote below it.
    sourceSets["main"].kotlin.srcDirs(
        "../../bindings/kotlin/src/main/kotlin",
        "../../bindings/kotlin/target/generated",
    )
    buildTypes["release"].apply {
        isMinifyEnabled = true
        proguardFiles(
            getDefaultProguardFile("proguard-android-optimize.txt"),
            "../../bindings/kotlin/consumer-rules.pro",
        )
    }
    testOptions.unitTests.isIncludeAndroidResources = true
}

dependencies {
    implementation(libs.coroutines.android)
    implementation("net.java.dev.jna:jna:${libs.versions.jna.get()}@aar")
    testImplementation(libs.junit4)
    testImplementation(libs.robolectric)
    testImplementation("net.java.dev.jna:jna:${libs.versions.jna.get()}")
}
