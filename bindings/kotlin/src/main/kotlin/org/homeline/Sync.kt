package org.homeline

import org.homeline.ffi.Homeline as Core

/** Sending to and fetching from the care team's server, and one true sentence about how fresh it is. */
public class Sync internal constructor(
    private val core: Core,
) {
    /**
     * Uses this FHIR R4 server from now on, for this patient. `https`, or `http` on this machine only. The bearer token, where the server
     * wants one, is kept in the vault.
     */
    public suspend fun enrol(
        server: String,
        patient: String,
        token: String? = null,
    ): Unit = writing { core.enrolServer(server, patient, token) }

    /**
     * Sends what waits, then fetches what is new. What could not be done stays for the next time; nothing is lost. A network that is away
     * is an answer ([Synced.stopped]) and no failure.
     *
     * `NOT_FOUND` (no server is known), `CANCELLED`: what was sent and fetched until then is kept.
     */
    public suspend fun now(work: Work = Work()): Synced = working(work) { core.syncNow(it) }

    /** Lets everything that the server refused wait again, for one that was mended. Answers how many records. */
    public suspend fun sendAgain(): ULong = writing { core.sendAgain() }

    /** How fresh it is, without any network. */
    public suspend fun state(): SyncState = calling { core.syncState() }

    /** How fresh it is as a screen; an action `sync.now` stands for [now]. */
    public suspend fun screen(): Screen = calling { core.syncScreen() }
}
