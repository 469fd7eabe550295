import HomelineGenerated

/// Language and wishes.
public struct Settings: Sendable {
  let core: HomelineGenerated.Homeline

  /// Language, wishes, and what protects the journal. Actions that switch something go to `act`; `quiet-hours.set`,
  /// `passcode.set`, `recovery-code.new`, `journal.verify` and `backup.make` stand for the calls of those names.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.settingsScreen() }
  }

  /// Carries out a switch of that screen. `badInput` (not a switch).
  public func act(_ action: Action) async throws(HomelineError) { try await act(id: action.id) }

  /// The same by the action's id.
  public func act(id: String) async throws(HomelineError) {
    try await calling { [core] in try await core.actOnSettings(action: id) }
  }

  /// The language of screens and advice as chosen, `en` or `es`; `nil` is that of the plan.
  public func language() async throws(HomelineError) -> String? {
    try await calling { [core] in try await core.language() }
  }

  /// Chooses the language of screens and advice, `en` or `es`; `nil` is that of the plan. What was written before stays as it was
  /// written.
  public func language(_ tag: String?) async throws(HomelineError) {
    try await calling { [core] in try await core.setLanguage(tag: tag) }
  }
}
