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

    /**
     * The same with all that a message can carry: topic, urgency, the thread that it goes on, entries of the journal.
     *
     * `BAD_INPUT` (no words, too many, an entry that stays at home), `NOT_FOUND` (nobody has that part in the plan; no such thread or
     * entry).
     */
    public suspend fun write(message: NewMessage): MessageSent = writing { core.writeMessage(message) }

    /**
     * What stands beside the text field before a message is sent: whom to call instead of waiting, when an answer can be expected, what
     * goes with it. Nothing is written.
     */
    public suspend fun compose(message: NewMessage): Screen = calling { core.composeMessage(message) }

    /** Keeps what is being written, so that a killed app loses no words. Without [id] it is a new draft. Answers its id. */
    public suspend fun keepDraft(
        message: NewMessage,
        id: String? = null,
    ): String = writing { core.keepDraft(id, message) }

    /** What was begun and not sent, the newest first. */
    public suspend fun drafts(): List<MessageDraft> = calling { core.messageDrafts() }

    /** Sends a draft. A second time, also after a kill in between, it is the same message, once. As [write]. */
    public suspend fun sendDraft(id: String): MessageSent = writing { core.sendDraft(id) }

    /** Throws a draft away. One that is not there is fine. */
    public suspend fun discardDraft(id: String): Unit = writing { core.discardDraft(id) }

    /** Messages in which all words occur, newest first; the last word may be only begun. `BAD_INPUT` (no word). */
    public suspend fun search(
        words: String,
        limit: Int = 50,
    ): List<Row> = calling { core.searchMessages(words, limit.toUInt()) }

    /** The newest messages of both sides, newest first; [size] 1 to 500. */
    public suspend fun list(size: Int = 50): List<Row> = calling { core.messages(size.toUInt()) }

    /**
     * The threads as a screen, and to whom one can write: for an action `message.write:pharmacist` or `message.write:nurse` the app asks
     * for words and calls [write]; a draft is gone on with.
     */
    public suspend fun screen(): Screen = calling { core.messagesScreen() }

    /** One thread as a screen. [thread] is the entry that a row of [screen] names. */
    public suspend fun thread(thread: String): Screen = calling { core.messageThread(thread) }
}
