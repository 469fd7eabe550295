package org.homeline

import org.homeline.ffi.Homeline as Core

/**
 * Care-team servers: invitations, sign-in through the system's browser, and which server is in use.
 *
 * A sign-in goes out through the [BrowserPort] and comes back as an address, by an app link: the app may be killed in between.
 */
public class Accounts internal constructor(
    private val core: Core,
) {
    /**
     * Reads an invitation of a care team (a link, or the text of a QR code) without taking it. A person is to be shown the host, and
     * asked whether it is the one in the letter. `BAD_INPUT` with what is wrong with it.
     */
    public suspend fun readInvitation(link: String): TeamInvitation = calling { core.readInvitation(link) }

    /**
     * Takes an invitation, after a person has confirmed its host. Nothing is sent yet. `BAD_INPUT`, `PLAN_REFUSED` (it is for another
     * patient).
     */
    public suspend fun acceptInvitation(link: String): AccountState = writing { core.acceptInvitation(link) }

    /**
     * Adds a server by hand: its FHIR base, the client id that the team gave where it wants a sign-in, and the patient's id.
     *
     * `BAD_INPUT`, `PLAN_REFUSED` (the patient is another one).
     */
    public suspend fun add(
        server: String,
        clientId: String? = null,
        patient: String? = null,
    ): AccountState = writing { core.addAccount(server, clientId, patient) }

    /** All servers, the one in use first. */
    public suspend fun list(): List<AccountState> = calling { core.accounts() }

    /** Sends records to this server from now on, and fetches from it. One at a time is in use. `NOT_FOUND`. */
    public suspend fun use(server: String): AccountState = writing { core.useAccount(server) }

    /**
     * Begins a sign-in: asks the server for its page and opens the browser on it, where the platform lends one; else the app opens
     * [SignInPage.address] in the system's browser, never in a web view. A sign-in that was begun before is given up.
     *
     * [redirectUri] is where the browser shall come back to, as the team registered it for this app. [server] may be left out where one
     * is in use.
     *
     * `NOT_FOUND` (no such server, or no client id), `OFFLINE`, `SERVER_REFUSED` (it offers no sign-in), `BAD_INPUT`, `PLATFORM` (the
     * browser).
     */
    public suspend fun beginSignIn(
        redirectUri: String,
        server: String? = null,
    ): SignInPage = writing { core.beginSignIn(server, redirectUri) }

    /**
     * Ends a sign-in with the address that the browser came back to, whole. Also after the app was killed in between. Records that an
     * earlier sign-in did not let through wait to be sent again.
     *
     * `BAD_INPUT` (the address is not of this sign-in, which still waits), `NOT_FOUND` (none was begun), `NEEDS_SIGN_IN` (refused, or too
     * late), `PLAN_REFUSED` (it opens another patient's record), `OFFLINE`, `SERVER_REFUSED`.
     */
    public suspend fun finishSignIn(redirect: String): AccountState = writing { core.finishSignIn(redirect) }

    /** Signs out: here at once, and at the server as far as it can be reached. The journal and what waits stay. `NOT_FOUND`. */
    public suspend fun signOut(server: String? = null): AccountState = writing { core.signOut(server) }
}
