package org.homeline

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import java.nio.charset.CharacterCodingException

/**
 * Calls that write are made here: a caller who goes away stops to wait and does not stop them. They go on on threads of the JVM: an
 * unconfined one would go on inside the library's callback, and JNA cannot let go of a thread with Java frames below it.
 */
private val underWay = CoroutineScope(SupervisorJob() + Dispatchers.Default)

/** Runs a call that writes to its end, also when the caller is cancelled meanwhile. */
internal suspend fun <T> writing(call: suspend () -> T): T =
    calling { underWay.async(start = CoroutineStart.UNDISPATCHED) { call() }.await() }

/** Runs a call into the core and turns whatever it throws into a [HomelineException]. */
internal suspend inline fun <T> calling(crossinline call: suspend () -> T): T =
    try {
        call()
    } catch (cancelled: CancellationException) {
        throw cancelled
    } catch (thrown: Throwable) {
        throw exceptionFor(thrown)
    }

/** What an app sees of what a call threw. */
internal fun exceptionFor(thrown: Throwable): HomelineException =
    when (thrown) {
        is HomelineException -> {
            thrown
        }

        is org.homeline.ffi.HomelineException.Failed -> {
            Failure(thrown.code, thrown.what, thrown.remedy, thrown.retry, thrown.field, thrown).of(thrown.kind)
        }

        is CharacterCodingException -> {
            Failure(
                "input.half-character",
                "a text has half a character in it",
                "Write it again.",
                Retry.AFTER_REMEDY,
                cause = thrown,
            ).of(ErrorKind.BAD_INPUT)
        }

        is LinkageError -> {
            noLibrary(thrown)
        }

        // A panic arrives as the generated code's own exception.
        else -> {
            Failure(
                "binding.unexpected",
                "Homeline has a fault of its own",
                "Close the app and open it again; what was recorded is kept.",
                Retry.NEVER,
                cause = thrown,
            ).of(ErrorKind.INTERNAL)
        }
    }
