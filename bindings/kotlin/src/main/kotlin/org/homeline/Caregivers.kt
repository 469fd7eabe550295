package org.homeline

import java.time.Instant
import org.homeline.ffi.Homeline as Core

/** Who helps at home, what they may do, and what was asked of them. */
public class Caregivers internal constructor(
    private val core: Core,
) {
    /** Who helps, and what each may do. */
    public suspend fun screen(): Screen = calling { core.caregiversScreen() }

    /** What was asked of whom, with actions for [Agenda.act]. */
    public suspend fun requests(): Screen = calling { core.requestsScreen() }

    /** Who looked at what and wrote what in the last [days] days. `NOT_ALLOWED`, `BAD_INPUT` (days). */
    public suspend fun audit(days: Int): Screen = calling { core.auditScreen(days.toUInt()) }

    /** Takes all rights from a caregiver. `NOT_ALLOWED`, `NOT_FOUND` (nobody of that id helps). */
    public suspend fun revoke(person: String): Unit = writing { core.revokeCaregiver(person) }

    /**
     * Asks somebody who helps, or all of them with [to] `null`, to do something until [due].
     *
     * `NOT_ALLOWED`, `NOT_FOUND` (nobody of that id helps), `BAD_INPUT` (no words; a time that is past).
     */
    public suspend fun ask(
        to: String?,
        text: String,
        due: Instant,
    ): Logged = writing { core.ask(to, text, due) }
}
