package org.homeline

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Test
import java.io.File

/** Gradle and Maven share the sources; what they do not share must be equal. */
class GradleTest {
    private val maven = File("../../pom.xml").readText()
    private val gradle = File("build.gradle.kts").readText()

    private fun sameVersion(
        inMaven: String,
        inGradle: String,
    ) {
        val version = Regex(inMaven).find(maven)?.groupValues?.get(1)
        assertNotNull(version, inMaven)
        assertEquals(version, Regex(inGradle).find(gradle)?.groupValues?.get(1), inGradle)
    }

    @Test
    fun `both builds have the same versions`() {
        sameVersion("<artifactId>homeline</artifactId>\\s*<version>(.*)</version>", "\nversion = \"(.*)\"")
        sameVersion("<kotlin.version>(.*)</kotlin.version>", "kotlin\\(\"jvm\"\\) version \"(.*)\"")
        sameVersion("<coroutines.version>(.*)</coroutines.version>", "kotlinx-coroutines-core-jvm:([^\"]*)\"")
        sameVersion("<jna.version>(.*)</jna.version>", "net.java.dev.jna:jna:([^\"@]*)\"")
        sameVersion("<kotlin.compiler.jvmTarget>(.*)</kotlin.compiler.jvmTarget>", "JvmTarget.JVM_(.*)")
    }
}
