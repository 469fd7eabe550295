import HomelineGenerated

/// One patient's vault on one phone, open.
///
/// Every call may be made from any task. A call that writes is carried out whole once it was made, also when its task is
/// cancelled: the entry is then on disk although nobody waited for the answer.
public final class Homeline: Sendable {
  /// The care plan.
  public let plan: Plan
  /// What is to be done, and doing it.
  public let agenda: Agenda
  /// The journal.
  public let journal: Journal

  private let core: HomelineGenerated.Homeline

  private init(core: HomelineGenerated.Homeline) {
    self.core = core
    plan = Plan(core: core)
    agenda = Agenda(core: core)
    journal = Journal(core: core)
  }

  /// Makes a new vault. Nothing is left behind when it fails.
  public static func create(
    config: Config, platform: Platform, profile: NewProfile, passcode: String? = nil
  ) async throws(HomelineError) -> Created {
    try requireMatchingLibrary()
    let created = try await calling {
      try await createHomeline(config: config, platform: platform, profile: profile, passcode: passcode)
    }
    return Created(homeline: Homeline(core: created.homeline), recoveryCode: created.recoveryCode)
  }

  /// Opens a vault. A failure changes nothing in the file.
  public static func open(
    config: Config, platform: Platform, credentials: Credentials
  ) async throws(HomelineError) -> Homeline {
    try requireMatchingLibrary()
    return Homeline(
      core: try await calling {
        try await HomelineGenerated.Homeline.open(config: config, platform: platform, credentials: credentials)
      })
  }

  /// Finishes what was handed over, seals the journal's head and closes the file. Every call after it fails with `closed`.
  /// To be awaited before iOS suspends the app: a file that is open then ends the app.
  public func close() async throws(HomelineError) {
    try await calling { [core] in try await core.shut() }
  }

  private static func requireMatchingLibrary() throws(HomelineError) {
    guard (try? buildInfo().version) == generatedFor else {
      throw HomelineError(
        kind: .internal, code: "binding.other-library", field: nil,
        what: "the library is not the one that this code was made for",
        remedy: "Build both from one version.", retry: .never)
    }
  }
}

/// A vault that was just made.
public struct Created: Sendable {
  /// It, open.
  public let homeline: Homeline
  /// To be printed or written down now: it is not kept anywhere.
  public let recoveryCode: String
}
