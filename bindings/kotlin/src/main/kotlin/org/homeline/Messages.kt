package org.homeline

import org.homeline.ffi.Homeline as Core

/** Messages to the pharmacist and the nurse, and theirs to home. */
public class Messages internal constructor(
    private val core: Core,
) {
    /**
     * Puts a message (at most 64 KiB of UTF-8) into the outbox, ahead of everything that can wait; it is sent at the next sync. Nobody
     * sees it before: for danger a person calls.
     *
     * `NOT_FOUND` (the plan names nobody with this role), `BAD_INPUT` (empty or too long).
     */
    public suspend fun send(
        to: Recipient,
        text: String,
    ): Logged = writing { core.sendMessage(to, text) }

    /** The newest messages of both sides, newest first; [size] 1 to 500. */
    public suspend fun list(size: Int = 50): List<Row> = calling { core.messages(size.toUInt()) }

    /**
     * The threads as a screen, and to whom one can write: for an action `message.write:pharmacist` or `message.write:nurse` the app asks
     * for words and calls [send].
     */
    public suspend fun screen(): Screen = calling { core.messagesScreen() }

    /** One thread as a screen. [thread] is the entry that a row of [screen] names. */
    public suspend fun thread(thread: String): Screen = calling { core.messageThread(thread) }
}
