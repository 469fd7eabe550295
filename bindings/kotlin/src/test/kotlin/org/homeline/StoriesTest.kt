package org.homeline

import kotlinx.coroutines.runBlocking
import org.homeline.story.Story
import org.homeline.story.stories
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path

/** The stories of `tests/stories`, through the public API in Kotlin. Rust and Swift tell the same ones. */
class StoriesTest {
    @TempDir
    lateinit var folder: Path

    @TestFactory
    fun `every story goes as it is told`(): List<DynamicTest> =
        stories().map { story ->
            DynamicTest.dynamicTest(story.name) {
                runBlocking { story.tell(folder.resolve(story.name).toFile()) }
            }
        }

    @Test
    fun `there are stories`() {
        assertTrue(stories().size > 10)
    }
}
