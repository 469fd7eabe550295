package org.homeline.app

import org.junit.Assert.assertEquals
import org.junit.Test
import java.io.File

/** Gradle and Maven share the sources; what they do not share must be equal. */
class VersionsTest {
    private val maven = listOf("../pom.xml", "pom.xml").joinToString("\n") { File(it).readText() }
    private val gradle = File("gradle/libs.versions.toml").readText() + File("app/build.gradle.kts").readText()

    private fun mavenProperty(name: String) = Regex("<$name>(.*)</$name>").find(maven)?.groupValues?.get(1)

    private fun gradleValue(name: String) = Regex("\\b$name = \"?([^\"\n]*)").find(gradle)?.groupValues?.get(1)

    @Test
    fun `libraries have one version in both builds`() {
        for (library in listOf("kotlin", "coroutines", "jna", "junit4", "robolectric")) {
            assertEquals(library, mavenProperty("$library.version"), gradleValue(library))
        }
    }

    @Test
    fun `the app has one id and one range of Android versions in both builds`() {
        assertEquals(mavenProperty("app.id"), gradleValue("applicationId"))
        assertEquals(mavenProperty("app.id"), gradleValue("namespace"))
        assertEquals(mavenProperty("sdk.min"), gradleValue("minSdk"))
        assertEquals(mavenProperty("sdk.target"), gradleValue("targetSdk"))
    }
}
