package org.homeline

import kotlinx.coroutines.runBlocking
import org.homeline.samples.newest
import org.homeline.samples.openOrCreate
import org.homeline.samples.startTheDoseThatIsDue
import org.homeline.samples.wordsFor
import org.homeline.samples.writeAndHear
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path

/** Runs the program of `docs/getting-started-kotlin.md`. */
class GettingStartedTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `what the page shows works`() =
        runBlocking {
            val vault = folder.resolve("vault").toString()
            val keys = MemoryKeyStore()
            val plan = File(System.getProperty("homeline.plans"), "vancomycin-elastomeric.json").readBytes()
            openOrCreate(vault, keys).use { homeline ->
                assertTrue(startTheDoseThatIsDue(homeline, plan).isNotEmpty())
                assertEquals(Change.JOURNAL, writeAndHear(homeline))
                assertTrue(newest(homeline).isNotEmpty())
                assertEquals("note: Write at least one word.", wordsFor(homeline, ""))
            }
            openOrCreate(vault, keys).use { assertEquals("Written.", wordsFor(it, "Good morning.")) }
        }
}
