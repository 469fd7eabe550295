package org.homeline.story

import kotlinx.coroutines.runBlocking
import java.io.File
import kotlin.io.path.createTempDirectory
import kotlin.system.exitProcess

/** Every story, by file name. */
internal fun stories(): List<Story> =
    checkNotNull(File(System.getProperty("homeline.stories")).listFiles())
        .filter { it.extension == "json" }
        .sorted()
        .map(::Story)

/** Tells every story without a test framework: this is what runs in the minified build. */
fun main() {
    val folder = createTempDirectory("homeline-stories").toFile()
    var failed = 0
    try {
        for (story in stories()) {
            try {
                runBlocking { story.tell(folder.resolve(story.name)) }
                println("${story.name}: ok")
            } catch (otherwise: Otherwise) {
                failed += 1
                println("${story.name}: FAILED: ${otherwise.message}")
            }
        }
    } finally {
        folder.deleteRecursively()
    }
    // The core's threads are no daemons of the JVM; nothing of the story needs them any more.
    exitProcess(if (failed == 0) 0 else 1)
}
