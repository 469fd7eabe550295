import HomelineGenerated

/// Care-team servers: invitations, sign-in through the system's browser, and which server is in use.
///
/// A sign-in goes out through the `BrowserPort` and comes back as an address, by an app link: the app may be killed in between.
public struct Accounts: Sendable {
  let core: HomelineGenerated.Homeline

  /// Reads an invitation of a care team (a link, or the text of a QR code) without taking it. A person is to be shown the host,
  /// and asked whether it is the one in the letter. `badInput` with what is wrong with it.
  public func readInvitation(_ link: String) async throws(HomelineError) -> TeamInvitation {
    try await calling { [core] in try await core.readInvitation(link: link) }
  }

  /// Takes an invitation, after a person has confirmed its host. Nothing is sent yet. `badInput`, `planRefused` (it is for
  /// another patient).
  @discardableResult
  public func acceptInvitation(_ link: String) async throws(HomelineError) -> AccountState {
    try await calling { [core] in try await core.acceptInvitation(link: link) }
  }

  /// Adds a server by hand: its FHIR base, the client id that the team gave where it wants a sign-in, and the patient's id.
  ///
  /// `badInput`, `planRefused` (the patient is another one).
  @discardableResult
  public func add(
    _ server: String, clientId: String? = nil, patient: String? = nil
  ) async throws(HomelineError) -> AccountState {
    try await calling { [core] in try await core.addAccount(server: server, clientId: clientId, patient: patient) }
  }

  /// All servers, the one in use first.
  public func list() async throws(HomelineError) -> [AccountState] {
    try await calling { [core] in try await core.accounts() }
  }

  /// Sends records to this server from now on, and fetches from it. One at a time is in use. `notFound`.
  @discardableResult
  public func use(_ server: String) async throws(HomelineError) -> AccountState {
    try await calling { [core] in try await core.useAccount(server: server) }
  }

  /// Begins a sign-in: asks the server for its page and opens the browser on it, where the platform lends one; else the app
  /// opens `address` in the system's browser, never in a web view. A sign-in that was begun before is given up.
  ///
  /// `redirectUri` is where the browser shall come back to, as the team registered it for this app. `server` may be left out
  /// where one is in use.
  ///
  /// `notFound` (no such server, or no client id), `offline`, `serverRefused` (it offers no sign-in), `badInput`, `platform` (the
  /// browser).
  public func beginSignIn(
    redirectUri: String, server: String? = nil
  ) async throws(HomelineError) -> SignInPage {
    try await calling { [core] in try await core.beginSignIn(server: server, redirectUri: redirectUri) }
  }

  /// Ends a sign-in with the address that the browser came back to, whole. Also after the app was killed in between. Records
  /// that an earlier sign-in did not let through wait to be sent again.
  ///
  /// `badInput` (the address is not of this sign-in, which still waits), `notFound` (none was begun), `needsSignIn` (refused, or
  /// too late), `planRefused` (it opens another patient's record), `offline`, `serverRefused`.
  @discardableResult
  public func finishSignIn(_ redirect: String) async throws(HomelineError) -> AccountState {
    try await calling { [core] in try await core.finishSignIn(redirect: redirect) }
  }

  /// Signs out: here at once, and at the server as far as it can be reached. The journal and what waits stay. `notFound`.
  @discardableResult
  public func signOut(_ server: String? = nil) async throws(HomelineError) -> AccountState {
    try await calling { [core] in try await core.signOut(server: server) }
  }
}
