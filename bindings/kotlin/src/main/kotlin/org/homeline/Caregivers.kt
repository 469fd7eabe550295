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

    /**
     * Invites somebody who is not in the plan yet: it is queued for the server, and holds on this phone at once. Answers what their phone
     * needs.
     *
     * `NOT_ALLOWED`, `BAD_INPUT` (no name, no right, an end that is past), `NOT_FOUND` (no server is known).
     */
    public suspend fun invite(caregiver: NewCaregiver): Invitation = writing { core.inviteCaregiver(caregiver) }

    /** What the phone of somebody who helps needs, once more. `NOT_ALLOWED`, `NOT_FOUND`. */
    public suspend fun invitation(person: String): Invitation = calling { core.caregiverInvitation(person) }

    /**
     * Makes this phone the one of a caregiver who was invited. The server wants a sign-in of their own; a bearer token, where it takes
     * one, is kept in the vault.
     */
    public suspend fun join(
        invitation: Invitation,
        token: String? = null,
    ): Unit = writing { core.joinAsCaregiver(invitation, token) }

    /**
     * Gives somebody these rights in place of those that they have, [until] an instant or until they are taken back. No right at all
     * takes all of them away.
     *
     * `NOT_ALLOWED`, `BAD_INPUT` (an end that is past, own rights), `NOT_FOUND` (nobody of that id helps).
     */
    public suspend fun setRights(
        person: String,
        rights: List<Right>,
        until: Instant? = null,
    ): Unit = writing { core.setCaregiverRights(person, rights, until) }

    /**
     * Answers a request that was put to who holds this phone. The first answer stands; a second tap is the same.
     *
     * `NOT_FOUND` (no such request), `BAD_INPUT` (it was put to somebody else, the other answer was given).
     */
    public suspend fun answer(
        request: String,
        outcome: RequestOutcome,
        note: String? = null,
    ): Logged = writing { core.answerRequest(request, outcome, note) }

    /** Says what was so where two people wrote two things about one [dose]. Their lines stay as they are. `NOT_FOUND`, `BAD_INPUT`. */
    public suspend fun settle(
        dose: String,
        outcome: Settlement,
    ): Logged = writing { core.settleDose(dose, outcome) }

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
