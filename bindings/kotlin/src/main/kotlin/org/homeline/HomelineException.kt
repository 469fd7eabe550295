package org.homeline

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import java.nio.charset.CharacterCodingException

/**
 * The one exception. [kind] is what a screen can act on; [message] is fit to be shown: what is wrong, and what to do. Nothing in
 * it repeats a name, a drug or a word of the patient.
 */
public class HomelineException internal constructor(
    public val kind: ErrorKind,
    /** Stable, e.g. `vault.wrong-passcode`; for logs and support. */
    public val code: String,
    /** Which field of the input, where one is to blame. */
    public val field: String?,
    /** What is wrong, one plain sentence without a full stop. */
    public val what: String,
    /** What to do about it, one plain sentence. */
    public val remedy: String,
    /** Whether trying again can help. */
    public val retry: Retry,
    cause: Throwable? = null,
) : Exception("${field?.let { "$it: " }.orEmpty()}$what. $remedy", cause)

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
    } catch (failed: org.homeline.ffi.HomelineException.Failed) {
        throw HomelineException(
            failed.kind,
            failed.code,
            failed.field,
            failed.what,
            failed.remedy,
            failed.retry,
            failed,
        )
    } catch (halved: CharacterCodingException) {
        throw HomelineException(
            ErrorKind.BAD_INPUT,
            "input.half-character",
            null,
            "a text has half a character in it",
            "Write it again.",
            Retry.AFTER_REMEDY,
            halved,
        )
    } catch (other: Throwable) {
        // A panic arrives as the generated code's own exception, a library that does not load as an Error.
        throw HomelineException(
            ErrorKind.INTERNAL,
            "binding.unexpected",
            null,
            "Homeline has a fault of its own",
            "Close the app and open it again; what was recorded is kept.",
            Retry.NEVER,
            other,
        )
    }
