package org.homeline

import org.homeline.ffi.BuildInfo
import org.homeline.ffi.GENERATED_CONTRACT
import org.homeline.ffi.GENERATED_FOR
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path

private const val LIBRARY = "libhomeline_ffi.so"

/** Code and library must be of one build: another one is refused before anything is opened. */
class HandshakeTest {
    @TempDir
    lateinit var folder: Path

    private val ours = File(System.getProperty("jna.library.path"), LIBRARY)

    /** The library with every place of [from] overwritten by [to], which is as long. */
    private fun changed(
        from: String,
        to: String,
    ) {
        val bytes = ours.readBytes()
        val (old, new) = from.toByteArray() to to.toByteArray()
        assertEquals(old.size, new.size)
        var found = 0
        var at = bytes.indexOf(old, 0)
        while (at >= 0) {
            new.copyInto(bytes, at)
            found += 1
            at = bytes.indexOf(old, at + old.size)
        }
        assertTrue(found > 0, "the library has no $from")
        folder.resolve(LIBRARY).toFile().writeBytes(bytes)
    }

    private fun ByteArray.indexOf(
        sought: ByteArray,
        from: Int,
    ): Int = (from..size - sought.size).firstOrNull { at -> sought.indices.all { this[at + it] == sought[it] } } ?: -1

    /** What each call answers that can be the first one, in a process of its own that finds its library in [folder]. */
    private fun answers(): List<String> {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val process =
            ProcessBuilder(
                java,
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djna.library.path=$folder",
                "-cp",
                System.getProperty("java.class.path"),
                "org.homeline.FirstCallsKt",
                folder.resolve("vault").toString(),
            ).redirectErrorStream(true).start()
        val lines = process.inputStream.bufferedReader().readLines()
        assertEquals(0, process.waitFor(), lines.joinToString("\n"))
        return lines
    }

    private fun refusedWith(code: String) {
        val answers = answers()
        assertEquals(FIRST_CALLS.keys.map { "$it: INTERNAL $code NEVER" }, answers)
        assertTrue(!folder.resolve("vault").toFile().exists())
    }

    @Test
    fun `a library with another contract is refused by every call that can be the first`() {
        // No checksum of 32 bits has this number.
        changed(GENERATED_CONTRACT, "9".repeat(GENERATED_CONTRACT.length))
        refusedWith("binding.other-library")
    }

    @Test
    fun `a library that lacks a call is refused by every call that can be the first`() {
        changed("uniffi_homeline_ffi_fn_method_homeline_today", "uniffi_homeline_ffi_fn_method_homeline_tomor")
        refusedWith("binding.no-library")
    }

    @Test
    fun `no library at all is an error like any other`() = refusedWith("binding.no-library")

    @Test
    fun `the refusal names both builds and says what to do`() {
        requireOneBuild(BuildInfo(GENERATED_FOR, GENERATED_CONTRACT))
        for (other in listOf(BuildInfo("0.0.9", GENERATED_CONTRACT), BuildInfo(GENERATED_FOR, "1"))) {
            val refused = assertThrows(HomelineException.Internal::class.java) { requireOneBuild(other) }
            assertEquals("binding.other-library", refused.code)
            assertTrue("${other.version} (${other.contract})" in refused.what, refused.what)
            assertTrue("$GENERATED_FOR ($GENERATED_CONTRACT)" in refused.what, refused.what)
            assertTrue("from one build" in refused.remedy, refused.remedy)
        }
    }

    @Test
    fun `no call of the companion object is left out of these tests`() {
        val calls =
            Homeline.Companion::class.java.declaredMethods
                .map { it.name.substringBefore('$') }
                .toSet()
        // It reads what the library says of itself, to be told to somebody.
        assertEquals(calls, FIRST_CALLS.keys + "libraryVersion")
    }
}
