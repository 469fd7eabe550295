package org.homeline

import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Path
import java.time.Instant

class HomelineTest {
    @TempDir
    lateinit var folder: Path

    private val clock = SteppedClock(Instant.parse("2026-11-23T14:05:00Z"))
    private val keys = MemoryKeyStore()
    private val platform get() = Platform(clock, chicago, keys)
    private val config get() = Config(folder.resolve("vault").toString(), KeyProtection.HARDWARE)
    private val patient = NewProfile("Ana Lopez", Role.PATIENT)
    private val vancomycin = File(System.getProperty("homeline.plans"), "vancomycin-elastomeric.json").readBytes()

    private suspend fun create() = Homeline.create(config, platform, patient).homeline

    private suspend fun open() = Homeline.open(config, platform, Credentials.KeyStore)

    private fun failureOf(call: suspend () -> Unit) =
        assertThrows(HomelineException::class.java) { runBlocking { call() } }

    @Test
    fun `a dose that was started is in the journal after the vault was closed and opened again`() =
        runBlocking {
            val before =
                create().use { homeline ->
                    val imported = homeline.plan.import(vancomycin)
                    assertTrue(imported.orders > 0u)
                    val start = homeline.agenda.today().firstAction("dose.start")
                    val started = homeline.agenda.act(start)
                    assertEquals(started.entry, homeline.agenda.act(start).entry, "a second tap is the same dose")
                    homeline.journal.note("Slept well.")
                    homeline.journal.timeline().toList()
                }
            val after = open().use { it.journal.timeline(pageSize = 1).toList() }
            assertEquals(before, after)
            assertTrue(
                after.any { row ->
                    row.details.any { "Slept well." in it } || "Slept well." in row.title
                },
                "$after",
            )
        }

    @Test
    fun `a recovery code opens the vault on a phone whose key is gone`() =
        runBlocking {
            val created = Homeline.create(config, platform, patient)
            created.homeline.use { it.journal.page() }
            val otherPhone = Platform(clock, chicago, MemoryKeyStore())
            val opened = Homeline.open(config, otherPhone, Credentials.Recovery(created.recoveryCode))
            opened.use {
                assertEquals(
                    emptyList<Row>(),
                    it.journal
                        .timeline()
                        .map { row -> row }
                        .toList(),
                )
            }
        }

    @Test
    fun `a failure says what a screen can do about it`() {
        assertEquals(ErrorKind.NOT_FOUND, failureOf { open() }.kind)
        val homeline = runBlocking { create() }
        failureOf { create() }.run { assertEquals(ErrorKind.ALREADY_EXISTS, kind) }
        failureOf { homeline.plan.import("{".toByteArray()) }.run { assertEquals(ErrorKind.PLAN_REFUSED, kind) }
        runBlocking { homeline.plan.import(vancomycin) }
        failureOf { homeline.journal.note(" ") }.run {
            assertEquals(ErrorKind.BAD_INPUT, kind)
            assertEquals("note", field)
            assertEquals(Retry.AFTER_REMEDY, retry)
            assertEquals("note: it is empty. Write at least one word.", message)
        }
        runBlocking { homeline.close() }
        failureOf { homeline.agenda.today() }.run { assertEquals(ErrorKind.CLOSED, kind) }
    }

    @Test
    fun `every kind has a class of its own, and a when over them is complete`() {
        /** Does not compile where a class is missing, and warns where one cannot be reached. */
        fun kind(failed: HomelineException): ErrorKind =
            when (failed) {
                is HomelineException.WrongCredential -> ErrorKind.WRONG_CREDENTIAL
                is HomelineException.KeyUnavailable -> ErrorKind.KEY_UNAVAILABLE
                is HomelineException.KeyLost -> ErrorKind.KEY_LOST
                is HomelineException.NotFound -> ErrorKind.NOT_FOUND
                is HomelineException.AlreadyExists -> ErrorKind.ALREADY_EXISTS
                is HomelineException.AlreadyOpen -> ErrorKind.ALREADY_OPEN
                is HomelineException.NewerFormat -> ErrorKind.NEWER_FORMAT
                is HomelineException.Damaged -> ErrorKind.DAMAGED
                is HomelineException.DiskFull -> ErrorKind.DISK_FULL
                is HomelineException.ReadOnly -> ErrorKind.READ_ONLY
                is HomelineException.BadInput -> ErrorKind.BAD_INPUT
                is HomelineException.PlanRefused -> ErrorKind.PLAN_REFUSED
                is HomelineException.Offline -> ErrorKind.OFFLINE
                is HomelineException.NeedsSignIn -> ErrorKind.NEEDS_SIGN_IN
                is HomelineException.ServerRefused -> ErrorKind.SERVER_REFUSED
                is HomelineException.Platform -> ErrorKind.PLATFORM
                is HomelineException.Closed -> ErrorKind.CLOSED
                is HomelineException.Internal -> ErrorKind.INTERNAL
                is HomelineException.Cancelled -> ErrorKind.CANCELLED
                is HomelineException.NotAllowed -> ErrorKind.NOT_ALLOWED
            }
        val failure = Failure("input.refused", "it is empty", "Write at least one word.", Retry.AFTER_REMEDY, "note")
        for (of in ErrorKind.entries) {
            val failed = failure.of(of)
            assertEquals(of, failed.kind)
            assertEquals(of, kind(failed))
            assertEquals("input.refused note AFTER_REMEDY", "${failed.code} ${failed.field} ${failed.retry}")
            assertEquals("note: it is empty. Write at least one word.", failed.message)
        }
    }

    @Test
    fun `a locked phone is asked again later and loses nothing`() {
        runBlocking { create().close() }
        keys.locked = true
        failureOf { open() }.run {
            assertEquals(ErrorKind.KEY_UNAVAILABLE, kind)
            assertEquals(Retry.LATER, retry)
        }
        keys.locked = false
        runBlocking { open().close() }
    }

    @Test
    fun `an exception in the app's own code arrives as an error and tells nothing of its text`() {
        val broken =
            object : Clock {
                override fun now(): Instant = error("Ana Lopez")

                override fun monotonicMs() = 0UL
            }
        val failure = failureOf { Homeline.create(config, Platform(broken, chicago, keys), patient) }
        assertEquals(ErrorKind.PLATFORM, failure.kind)
        assertTrue("Ana" !in failure.message!!, failure.message)
    }
}

internal fun Screen.firstAction(prefix: String): Action =
    sections
        .flatMap { it.rows }
        .flatMap { it.actions }
        .first { it.id.startsWith(prefix) }
