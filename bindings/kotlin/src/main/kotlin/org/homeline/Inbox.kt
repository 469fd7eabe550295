package org.homeline

import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import org.homeline.ffi.Inbox as CoreInbox

/**
 * The journal is locked, and this phone goes on listening to pump and devices. Close it before the journal is opened, and open it after
 * the journal was closed: one of them is open. Nothing is lost or doubled on the way. [Homeline.listenWhileLocked] allows it.
 */
public class Inbox private constructor(
    private val core: CoreInbox,
) {
    /**
     * Listens to what was listened to when the journal was closed. Also after an error, which ends a session: it begins anew from what was
     * kept.
     */
    public suspend fun listen(): Unit = writing { core.listen() }

    /** What happened on one link, in order, as [Homeline.radioEvents]. Events of a link that nobody listens on are dropped. */
    public suspend fun radioEvents(
        link: String,
        events: List<RadioEvent>,
    ): Unit = writing { core.radioEvents(link, events) }

    /** When each session wants to hear [RadioEvent.Tick]. */
    public suspend fun wakeAt(): List<WakeAt> = calling { core.wakeAt() }

    /** What a locked phone may show: how the link is, and which alarms are on, in words that name no drug. */
    public suspend fun screen(): Screen = calling { core.screen() }

    /** Carries out an action of that screen: a person saw an alarm. That silences nothing on the pump. */
    public suspend fun act(action: Action): Unit = act(action.id)

    /** The same by the action's id. */
    public suspend fun act(action: String): Unit = writing { core.act(action) }

    /** Lets go of the links and of the files, so that the journal can be opened. */
    public suspend fun close(): Unit = withContext(NonCancellable) { calling { core.shut() } }

    public companion object {
        /**
         * Opens the inbox of the vault in [folder], without anything that opens the vault. [keyStore] is the one that
         * [Homeline.listenWhileLocked] was given; where it never was, nothing is listened to.
         *
         * `NOT_FOUND` (no vault), `ALREADY_OPEN`, `KEY_UNAVAILABLE` (the phone was not unlocked since its start), `KEY_LOST`, `DAMAGED`.
         */
        public suspend fun open(
            folder: String,
            platform: Platform,
            keyStore: KeyStore,
        ): Inbox = first { Inbox(CoreInbox.open(folder, platform, keyStore)) }
    }
}
