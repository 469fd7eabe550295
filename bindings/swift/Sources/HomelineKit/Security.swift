import HomelineGenerated

/// Passcode, recovery code, and the proof that nothing was changed.
public struct Security: Sendable {
  let core: HomelineGenerated.Homeline

  /// Sets another passcode, or none where the hardware key protects alone. At least 4 characters with a hardware key, 8
  /// without. Only the wrapped key is written anew.
  ///
  /// `badInput` (too short), `wrongCredential` (nothing would protect the vault any more).
  public func setPasscode(_ passcode: String?) async throws(HomelineError) {
    try await calling { [core] in try await core.setPasscode(passcode: passcode) }
  }

  /// A new recovery code; the old one is void from now on. It is shown once and kept nowhere. A backup that was made before
  /// still opens with the old one.
  public func newRecoveryCode() async throws(HomelineError) -> String {
    try await calling { [core] in try await core.newRecoveryCode() }
  }

  /// Checks every entry's hash and its place in the chain, and the file page by page. Takes seconds on a large journal. `work`
  /// counts three parts: structure, pages, chain. What is wrong is an answer and no failure.
  public func verify(work: Work = Work()) async throws(HomelineError) -> VerificationReport {
    try await working(work) { [core] work in try await core.verify(work: work) }
  }

  /// Writes a backup, one encrypted file, to `place`; an older one there is replaced when the new one was read back whole. It
  /// opens with the recovery code of now, on any phone: `Homeline.restore`. Needs room for two copies; `work` counts bytes.
  ///
  /// `diskFull`, `readOnly`, `platform`, `damaged` (nothing is backed up then), `cancelled`.
  @discardableResult
  public func backUp(to place: String, work: Work = Work()) async throws(HomelineError) -> BackedUp {
    try await working(work) { [core] work in try await core.backUp(place: place, work: work) }
  }

  /// Seals the head of the journal's chain now: to be called when the app goes to the background or is locked.
  public func seal() async throws(HomelineError) {
    try await calling { [core] in try await core.seal() }
  }
}
