package org.homeline

import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow

/** Hands changes on to whoever collects, and to the app's own observer where it lent one. */
internal class Ear(
    private val own: ChangeObserver?,
) : ChangeObserver {
    private val heard =
        MutableSharedFlow<Change>(
            extraBufferCapacity = Change.entries.size,
            onBufferOverflow = BufferOverflow.DROP_OLDEST,
        )

    val changes: Flow<Change> get() = heard

    override fun changed(change: Change) {
        heard.tryEmit(change)
        own?.changed(change)
    }
}
