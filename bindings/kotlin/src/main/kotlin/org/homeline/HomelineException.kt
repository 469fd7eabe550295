package org.homeline

/**
 * What a call throws, and nothing else. Its class is what a screen can act on, one for each [ErrorKind], and the compiler holds a
 * `when` over them complete; [message] is fit to be shown: what is wrong, and what to do. Nothing in it repeats a name, a drug or a
 * word of the patient.
 */
public sealed class HomelineException private constructor(
    /** The kind as a value, for a table or a log. */
    public val kind: ErrorKind,
    failure: Failure,
) : Exception("${failure.field?.let { "$it: " }.orEmpty()}${failure.what}. ${failure.remedy}", failure.cause) {
    /** Stable, e.g. `vault.passcode`; for logs and support. All of them are in docs/errors.md. */
    public val code: String = failure.code

    /** Which field of the input, where one is to blame. */
    public val field: String? = failure.field

    /** What is wrong, one plain sentence without a full stop. */
    public val what: String = failure.what

    /** What to do about it, one plain sentence. */
    public val remedy: String = failure.remedy

    /** Whether trying again can help. */
    public val retry: Retry = failure.retry

    /** Passcode or recovery code is wrong: ask again. */
    public class WrongCredential internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.WRONG_CREDENTIAL, failure)

    /** The phone's key store does not answer now (locked): try again after unlock. */
    public class KeyUnavailable internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.KEY_UNAVAILABLE, failure)

    /** The hardware key is gone: ask for the recovery code. */
    public class KeyLost internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.KEY_LOST, failure)

    /** There is no vault or no such thing: offer to create it, or go back. */
    public class NotFound internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.NOT_FOUND, failure)

    /** There is one already: open it instead. */
    public class AlreadyExists internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.ALREADY_EXISTS, failure)

    /** It is open elsewhere: close it there. */
    public class AlreadyOpen internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.ALREADY_OPEN, failure)

    /** The file is newer than this program: update the app. */
    public class NewerFormat internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.NEWER_FORMAT, failure)

    /** The file is damaged: it is left as it is; offer the backup. */
    public class Damaged internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.DAMAGED, failure)

    /** No room on the phone: free some; nothing was written. */
    public class DiskFull internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.DISK_FULL, failure)

    /** The folder cannot be written. */
    public class ReadOnly internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.READ_ONLY, failure)

    /** What was typed or sent is not acceptable: [field] says which, [remedy] what to do. */
    public class BadInput internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.BAD_INPUT, failure)

    /** The care plan was refused as a whole. */
    public class PlanRefused internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.PLAN_REFUSED, failure)

    /** No network. */
    public class Offline internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.OFFLINE, failure)

    /** The care team's server wants a sign-in. */
    public class NeedsSignIn internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.NEEDS_SIGN_IN, failure)

    /** The care team's server said no. */
    public class ServerRefused internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.SERVER_REFUSED, failure)

    /** The radio or another part of the phone failed, or the app's own code behind a port. */
    public class Platform internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.PLATFORM, failure)

    /** It was closed before. */
    public class Closed internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.CLOSED, failure)

    /** A fault of Homeline, or an app put together from parts that do not belong together. */
    public class Internal internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.INTERNAL, failure)

    /** The caller took a long piece of work back; nothing half-done is left. */
    public class Cancelled internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.CANCELLED, failure)

    /** Who holds this phone may not do that: say so, and offer nothing in its place. */
    public class NotAllowed internal constructor(
        failure: Failure,
    ) : HomelineException(ErrorKind.NOT_ALLOWED, failure)
}

/** What every kind of failure tells. */
internal class Failure(
    val code: String,
    val what: String,
    val remedy: String,
    val retry: Retry,
    val field: String? = null,
    val cause: Throwable? = null,
) {
    /** The exception of a kind. A new kind does not compile until it has a class. */
    fun of(kind: ErrorKind): HomelineException =
        when (kind) {
            ErrorKind.WRONG_CREDENTIAL -> HomelineException.WrongCredential(this)
            ErrorKind.KEY_UNAVAILABLE -> HomelineException.KeyUnavailable(this)
            ErrorKind.KEY_LOST -> HomelineException.KeyLost(this)
            ErrorKind.NOT_FOUND -> HomelineException.NotFound(this)
            ErrorKind.ALREADY_EXISTS -> HomelineException.AlreadyExists(this)
            ErrorKind.ALREADY_OPEN -> HomelineException.AlreadyOpen(this)
            ErrorKind.NEWER_FORMAT -> HomelineException.NewerFormat(this)
            ErrorKind.DAMAGED -> HomelineException.Damaged(this)
            ErrorKind.DISK_FULL -> HomelineException.DiskFull(this)
            ErrorKind.READ_ONLY -> HomelineException.ReadOnly(this)
            ErrorKind.BAD_INPUT -> HomelineException.BadInput(this)
            ErrorKind.PLAN_REFUSED -> HomelineException.PlanRefused(this)
            ErrorKind.OFFLINE -> HomelineException.Offline(this)
            ErrorKind.NEEDS_SIGN_IN -> HomelineException.NeedsSignIn(this)
            ErrorKind.SERVER_REFUSED -> HomelineException.ServerRefused(this)
            ErrorKind.PLATFORM -> HomelineException.Platform(this)
            ErrorKind.CLOSED -> HomelineException.Closed(this)
            ErrorKind.INTERNAL -> HomelineException.Internal(this)
            ErrorKind.CANCELLED -> HomelineException.Cancelled(this)
            ErrorKind.NOT_ALLOWED -> HomelineException.NotAllowed(this)
        }
}
