import HomelineGenerated

/// The emergency card, with and without unlocking.
public struct Card: Sendable {
  let core: HomelineGenerated.Homeline

  /// The card: for whoever helps first, or with `handOver` for the emergency room. `notFound` without a plan.
  public func screen(handOver: Bool = false) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.card(handOver: handOver) }
  }

  /// The same as one self-contained HTML page that prints.
  public func page(handOver: Bool = false) async throws(HomelineError) -> String {
    try await calling { [core] in try await core.cardPage(handOver: handOver) }
  }

  /// Lets the card be seen without unlocking, from now on: writes it in the clear beside the vault, see `outsideTheVault`.
  /// Answers with the path of the page.
  @discardableResult
  public func allowLocked() async throws(HomelineError) -> String {
    try await calling { [core] in try await core.allowLockedCard() }
  }

  /// Takes the card back: what lies beside the vault is removed first, then the choice is forgotten.
  public func forbidLocked() async throws(HomelineError) {
    try await calling { [core] in try await core.forbidLockedCard() }
  }

  /// Whether the card can be seen without unlocking. Off unless the patient chose it.
  public func isAllowedLocked() async throws(HomelineError) -> Bool {
    try await calling { [core] in try await core.isLockedCardAllowed() }
  }

  /// Reads the card beside the vault in `folder`, without unlocking it; `nil` when the patient did not choose so.
  public static func readLocked(folder: String) async throws(HomelineError) -> LockedCard? {
    try await calling { try await readLockedCard(folder: folder) }
  }

  /// What stands outside of the vault while the card may be seen without unlocking, in plain words.
  public static func outsideTheVault() async throws(HomelineError) -> [String] {
    try await calling { try HomelineGenerated.outsideTheVault() }
  }
}
