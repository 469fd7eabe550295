package org.homeline.bench

import com.sun.jna.Pointer
import kotlinx.coroutines.runBlocking
import org.homeline.Config
import org.homeline.Homeline
import org.homeline.JavaZoneRules
import org.homeline.KeyProtection
import org.homeline.MemoryKeyStore
import org.homeline.NewProfile
import org.homeline.Platform
import org.homeline.Role
import org.homeline.SteppedClock
import org.homeline.ffi.FfiConverterBoolean
import org.homeline.ffi.FfiConverterOptionalString
import org.homeline.ffi.FfiConverterString
import org.homeline.ffi.RustBuffer
import org.homeline.ffi.UniffiLib
import org.homeline.ffi.UniffiRustCallStatus
import org.homeline.ffi.UniffiRustFutureContinuationCallback
import java.io.File
import java.time.Instant
import java.time.ZoneId
import java.util.concurrent.Semaphore
import kotlin.io.path.createTempDirectory
import kotlin.system.exitProcess
import org.homeline.ffi.Homeline as Core

/**
 * What a call costs in Kotlin beside the same function called bare through JNA: the same arguments in, the same bytes out,
 * which nobody reads. `tests/bench/border/run` starts it.
 */
fun main(arguments: Array<String>) {
    val rounds = arguments.firstOrNull()?.toInt() ?: ROUNDS
    val folder = createTempDirectory("homeline-call-cost").toFile()
    try {
        runBlocking { measure(folder, rounds) }
    } finally {
        folder.deleteRecursively()
    }
    exitProcess(0)
}

private const val ROUNDS = 300
private const val NOTHINGS = 1_000
private const val PAGE = 50
private const val MICROSECOND = 1_000.0

private suspend fun measure(
    folder: File,
    rounds: Int,
) {
    val platform =
        Platform(
            SteppedClock(Instant.parse("2026-11-23T14:05:00Z")),
            JavaZoneRules { ZoneId.of("UTC") },
            MemoryKeyStore(),
        )
    val config = Config(folder.resolve("vault").path, KeyProtection.HARDWARE)
    val homeline = Homeline.create(config, platform, NewProfile("Ana Lopez", Role.PATIENT)).homeline
    homeline.plan.import(File(System.getProperty("homeline.plans"), "vancomycin-elastomeric.json").readBytes())
    repeat(PAGE) { homeline.journal.note("A line of the journal, as long as people write them, number $it.") }
    val bare = Bare(homeline.core)

    compare("nothing", rounds, NOTHINGS, { Homeline.libraryVersion() }, { bare.nothing() })
    compare("page of $PAGE", rounds, 1, { homeline.journal.page(size = PAGE) }, { bare.page(PAGE) })
    compare("append", rounds, 1, { homeline.journal.note("Another line.") }, { bare.append("Another line.") })
    homeline.close()
}

/** Both in turn, each as often first as the other, so that a busy machine is busy for both. */
private suspend fun compare(
    name: String,
    rounds: Int,
    calls: Int,
    ours: suspend () -> Unit,
    bare: suspend () -> Unit,
) {
    val contestants = listOf(ours, bare)
    val times = List(2) { mutableListOf<Double>() }
    repeat(rounds) { round ->
        for (turn in 0..1) {
            val which = (turn + round) % 2
            val begin = System.nanoTime()
            repeat(calls) { contestants[which]() }
            // The first third warms the machine up.
            if (round >= rounds / 3) times[which] += (System.nanoTime() - begin) / MICROSECOND / calls
        }
    }
    val (our, its) = times.map { it.sorted() }
    for ((row, pick) in listOf("min" to 0, "median" to our.size / 2)) {
        println(
            "| Kotlin | %s | %s | %.2f µs | %.2f µs | %.2f |".format(
                name,
                row,
                our[pick],
                its[pick],
                our[pick] / its[pick],
            ),
        )
    }
}

/** The generated code's own functions of the library, without anything of that code around them. */
private class Bare(
    private val core: Core,
) {
    private val ready = Semaphore(0)

    @Volatile private var polled: Byte = 0
    private val callback =
        object : UniffiRustFutureContinuationCallback {
            override fun callback(
                data: Long,
                pollResult: Byte,
            ) {
                polled = pollResult
                ready.release()
            }
        }

    fun nothing() {
        val status = UniffiRustCallStatus()
        take(UniffiLib.uniffi_homeline_ffi_fn_func_build_info(status))
    }

    fun page(size: Int) {
        val place = FfiConverterOptionalString.lower(null)
        await(UniffiLib.uniffi_homeline_ffi_fn_method_homeline_timeline(core.uniffiCloneHandle(), place, size))
    }

    fun append(text: String) {
        val words = FfiConverterString.lower(text)
        await(
            UniffiLib.uniffi_homeline_ffi_fn_method_homeline_note(
                core.uniffiCloneHandle(),
                words,
                FfiConverterBoolean.lower(false),
            ),
        )
    }

    private fun await(future: Long) {
        do {
            UniffiLib.ffi_homeline_ffi_rust_future_poll_rust_buffer(future, callback, 0)
            ready.acquire()
        } while (polled != READY)
        val status = UniffiRustCallStatus()
        take(UniffiLib.ffi_homeline_ffi_rust_future_complete_rust_buffer(future, status))
        check(status.code == SUCCESS) { "the bare call failed" }
        UniffiLib.ffi_homeline_ffi_rust_future_free_rust_buffer(future)
    }

    /** Copies the bytes over, which the other side of any border must do, and gives the buffer back. */
    private fun take(buffer: RustBuffer.ByValue): ByteArray {
        val bytes = (buffer.data ?: Pointer.NULL)?.getByteArray(0, buffer.len.toInt()) ?: ByteArray(0)
        UniffiLib.ffi_homeline_ffi_rustbuffer_free(buffer, UniffiRustCallStatus())
        return bytes
    }

    private companion object {
        const val READY: Byte = 0
        const val SUCCESS: Byte = 0
    }
}
