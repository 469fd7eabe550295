package org.homeline

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File

/** The public API is what `bindings/api/kotlin.txt` says, so that no change of it goes unseen. */
class ApiListingTest {
    @Test
    fun `the API is as it is listed`() {
        val committed = File(System.getProperty("homeline.api"), "kotlin.txt")
        val ours = AbiFilters(setOf("org.homeline.**"), setOf("org.homeline.ffi.**"), emptySet(), emptySet())
        val classes = File("target/classes").walk().filter { it.extension == "class" }
        val listing = buildString { AbiTools.getInstance().printJvmDump(this, classes.asIterable(), ours) }
        if (System.getProperty("homeline.accept") == "true") committed.writeText(listing)
        assertEquals(
            committed.takeIf(File::exists)?.readText().orEmpty(),
            listing,
            "the Kotlin API changed: if on purpose, run bindings/api.sh accept kotlin",
        )
    }
}
