package org.homeline

import kotlinx.coroutines.CancellationException
import org.homeline.ffi.Work as CoreWork

/**
 * The handle of one long piece of work: made by the caller, lent to one call, and asked from any thread meanwhile. Neither of its
 * calls waits for anything. Cancelling the coroutine of the call takes the work back as [cancel] does.
 */
public class Work {
    internal val core = CoreWork()

    /**
     * Takes the work back: it ends at its next part with an error of kind `CANCELLED`, and leaves nothing half-done. Before it began, it
     * never begins; after its end, nothing happens.
     */
    public fun cancel(): Unit = core.cancel()

    /** How far it is; which parts are counted, the call says. */
    public fun progress(): Progress = core.progress()
}

/** Runs long work, and takes it back when the caller is cancelled. */
internal suspend fun <T> working(
    work: Work,
    call: suspend (CoreWork) -> T,
): T =
    try {
        calling { call(work.core) }
    } catch (cancelled: CancellationException) {
        work.cancel()
        throw cancelled
    }
