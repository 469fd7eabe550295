package org.homeline

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTimeoutPreemptively
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.function.ThrowingSupplier
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.lang.ref.WeakReference
import java.lang.reflect.Modifier
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CountDownLatch
import kotlin.coroutines.Continuation

/** What the border between Kotlin and the core must stand, beyond what a story can say. */
class SeamTest {
    @TempDir
    lateinit var folder: Path

    private val keys = MemoryKeyStore()
    private val patient = NewProfile("Ana Lopez", Role.PATIENT)
    private val vancomycin = File(System.getProperty("homeline.plans"), "vancomycin-elastomeric.json").readBytes()

    private fun config(name: String = "vault") = Config(folder.resolve(name).toString(), KeyProtection.HARDWARE)

    private fun platform(
        clock: Clock = SteppedClock(Instant.parse("2026-11-23T14:05:00Z")),
        observer: ChangeObserver? = null,
    ) = Platform(clock, chicago, keys, observer = observer)

    private fun vault(
        clock: Clock = SteppedClock(Instant.parse("2026-11-23T14:05:00Z")),
        observer: ChangeObserver? = null,
    ) = runBlocking {
        val homeline = Homeline.create(config(), platform(clock, observer), patient).homeline
        homeline.plan.import(vancomycin)
        homeline
    }

    /** A hung call must fail the test, and not hang the run. */
    private fun <T> inTime(block: suspend CoroutineScope.() -> T): T =
        assertTimeoutPreemptively(Duration.ofMinutes(2), ThrowingSupplier { runBlocking { block() } })

    @Test
    fun `what is opened and closed leaves no thread, no file and no memory behind`() {
        val openings = System.getProperty("homeline.openings").toInt()
        inTime { Homeline.create(config(), platform(), patient).homeline.close() }

        suspend fun open(times: Int) =
            repeat(times) { Homeline.open(config(), platform(), Credentials.KeyStore).close() }

        // What is refused has lent the whole platform too, and costs no disk.
        suspend fun refuse(times: Int) =
            repeat(times) {
                val refused = runCatching { Homeline.open(config("none"), platform(), Credentials.KeyStore) }
                assertEquals(ErrorKind.NOT_FOUND, (refused.exceptionOrNull() as HomelineException).kind)
            }
        runBlocking {
            // What an allocator keeps for its threads, and a JVM for its code, is there after a while.
            refuse(openings / 5)
            open(openings / REAL / 5)
            val before = Footprint.now()
            refuse(openings)
            open(openings / REAL)
            val after = Footprint.now()
            println("$openings openings: $before, then $after")
            assertTrue(after.threads <= before.threads + SLACK, "$before $after")
            assertTrue(after.files <= before.files + SLACK, "$before $after")
            assertTrue(after.nativeKilobytes <= before.nativeKilobytes + SLACK_KILOBYTES, "$before $after")
        }
    }

    @Test
    fun `an observer that holds the vault that tells it goes with the vault`() {
        class Holder : ChangeObserver {
            var homeline: Homeline? = null

            override fun changed(change: Change) = Unit
        }

        fun lived(): List<WeakReference<*>> {
            val holder = Holder()
            val homeline = vault(observer = holder)
            holder.homeline = homeline
            runBlocking { homeline.close() }
            return listOf(WeakReference(holder), WeakReference(homeline))
        }
        val gone = lived()
        val deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos()
        while (gone.any { it.get() != null } && System.nanoTime() < deadline) {
            System.gc()
            Thread.onSpinWait()
        }
        gone.forEach { assertNull(it.get()) }
    }

    @Test
    fun `no call holds up the thread that makes it`() {
        val gate = CountDownLatch(1)
        val clock = GatedClock(gate)
        val homeline = vault(clock)
        clock.closed = true
        inTime {
            // All on one thread: were it held up, nobody would open the gate.
            val answer = async { homeline.agenda.today() }
            val written = async { homeline.journal.note("Waited for.") }
            yield()
            gate.countDown()
            assertEquals("today", answer.await().id)
            assertTrue(written.await().entry.isNotEmpty())
            homeline.close()
        }
    }

    @Test
    fun `every call of every part suspends, or is a flow`() {
        val parts =
            Homeline::class.java.methods.filter {
                it.name.startsWith("get") &&
                    it.returnType.packageName == "org.homeline"
            }
        assertTrue(parts.size >= 15)
        for (part in parts) {
            for (call in part.returnType.declaredMethods.filter {
                Modifier.isPublic(
                    it.modifiers,
                ) && !it.isSynthetic
            }) {
                val suspends = call.parameterTypes.lastOrNull() == Continuation::class.java
                assertTrue(suspends || call.returnType == Flow::class.java, call.toString())
            }
        }
    }

    @Test
    fun `a caller that is cancelled goes at once, and what it had asked to be written is written`() {
        val gate = CountDownLatch(1)
        val clock = GatedClock(gate)
        val homeline = vault(clock)
        inTime {
            clock.closed = true
            val given = async(start = CoroutineStart.UNDISPATCHED) { homeline.journal.note("Nobody waits for it.") }
            clock.asked.await()
            val read = async(start = CoroutineStart.UNDISPATCHED) { homeline.agenda.today() }
            val written =
                async(start = CoroutineStart.UNDISPATCHED) { homeline.changes.first { it == Change.JOURNAL } }
            given.cancelAndJoin()
            read.cancelAndJoin()
            gate.countDown()
            written.await()
            assertEquals(1, homeline.journal.search("nobody waits").size)
            homeline.close()
        }
    }

    @Test
    fun `half a character is refused by name and not sent as a question mark`() {
        val homeline = vault()
        val refused =
            assertThrows(HomelineException::class.java) { runBlocking { homeline.journal.note("broken \ud83e") } }
        assertEquals(ErrorKind.BAD_INPUT, refused.kind)
        runBlocking { homeline.close() }
    }

    private companion object {
        /** One real opening to so many that are refused: it syncs the disk. */
        const val REAL = 30

        /** Threads and files of the JVM itself come and go. */
        const val SLACK = 8
        const val SLACK_KILOBYTES = 32_000
    }
}

/** A clock whose readings wait at a gate once it is closed. */
private class GatedClock(
    private val gate: CountDownLatch,
) : Clock {
    @Volatile var closed = false

    /** Somebody stands before the gate. */
    val asked = CountDownLatch(1)

    override fun now(): Instant {
        if (closed) {
            asked.countDown()
            gate.await()
        }
        return Instant.parse("2026-11-23T14:05:00Z")
    }

    override fun monotonicMs(): ULong = 3_600_000UL
}

/** What the process holds, as Linux counts it. */
private data class Footprint(
    val threads: Int,
    val files: Int,
    val nativeKilobytes: Long,
) {
    companion object {
        fun now(): Footprint {
            repeat(3) { System.gc() }
            val resident =
                File("/proc/self/status")
                    .readLines()
                    .first { it.startsWith("VmRSS") }
                    .filter(Char::isDigit)
                    .toLong()
            val heap = Runtime.getRuntime().totalMemory() / 1024
            return Footprint(count("/proc/self/task"), count("/proc/self/fd"), resident - heap)
        }

        private fun count(folder: String) = checkNotNull(File(folder).list()).size
    }
}
