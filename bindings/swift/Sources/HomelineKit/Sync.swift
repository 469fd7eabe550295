import HomelineGenerated

/// Sending to and fetching from the care team's server, and one true sentence about how fresh it is.
public struct Sync: Sendable {
  let core: HomelineGenerated.Homeline

  /// Uses this FHIR R4 server from now on, for this patient. `https`, or `http` on this machine only. The bearer token, where
  /// the server wants one, is kept in the vault.
  public func enrol(server: String, patient: String, token: String? = nil) async throws(HomelineError) {
    try await calling { [core] in try await core.enrolServer(server: server, patient: patient, token: token) }
  }

  /// Sends what waits, then fetches what is new. What could not be done stays for the next time; nothing is lost. A network
  /// that is away is an answer (`stopped`) and no failure.
  ///
  /// `notFound` (no server is known), `cancelled`: what was sent and fetched until then is kept.
  @discardableResult
  public func now(work: Work = Work()) async throws(HomelineError) -> Synced {
    try await working(work) { [core] work in try await core.syncNow(work: work) }
  }

  /// Lets everything that the server refused wait again, for one that was mended. Answers how many records.
  @discardableResult
  public func sendAgain() async throws(HomelineError) -> UInt64 {
    try await calling { [core] in try await core.sendAgain() }
  }

  /// How fresh it is, without any network.
  public func state() async throws(HomelineError) -> SyncState {
    try await calling { [core] in try await core.syncState() }
  }

  /// How fresh it is as a screen; an action `sync.now` stands for `now`.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.syncScreen() }
  }
}
