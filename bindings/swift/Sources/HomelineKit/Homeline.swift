import HomelineGenerated

/// One patient's vault on one phone, open. Its parts are the use cases; what they show are screens: data that the core
/// decided, and that an app draws.
///
/// Every call may be made from any task, and none blocks it. When its task is cancelled, a call ends at once with `cancelled`;
/// one that writes is carried out whole all the same, once it was made.
///
/// A library of another build than this code is refused before anything is opened: `internal`, code `binding.other-library`.
public final class Homeline: Sendable {
  /// The care plan, and the patient's own day.
  public let plan: Plan
  /// What is to be done, and doing it.
  public let agenda: Agenda
  /// The journal.
  public let journal: Journal
  /// Homeline's own forms, and the care team's.
  public let forms: Forms
  /// Messages to and from the care team.
  public let messages: Messages
  /// Who helps at home, and what was asked of them.
  public let caregivers: Caregivers
  /// What rings, and what people answer to it.
  public let reminders: Reminders
  /// Infusions as they went, and looks at devices that cannot tell.
  public let infusions: Infusions
  /// The pump.
  public let pump: Pump
  /// Devices for vital signs.
  public let devices: Devices
  /// Trends, and the clinician's view.
  public let insight: Insight
  /// Which sites were used when, and what each did.
  public let sites: Sites
  /// The emergency card.
  public let card: Card
  /// Care-team servers: invitations and sign-in.
  public let accounts: Accounts
  /// The care team's server.
  public let sync: Sync
  /// Journeys.
  public let travel: Travel
  /// The visit report, and everything out.
  public let report: Report
  /// Language and wishes.
  public let settings: Settings
  /// Passcode, recovery code, and the proof that nothing was changed.
  public let security: Security

  package let core: HomelineGenerated.Homeline
  private let ear: Ear

  private init(core: HomelineGenerated.Homeline, ear: Ear) {
    self.core = core
    self.ear = ear
    plan = Plan(core: core)
    agenda = Agenda(core: core)
    journal = Journal(core: core)
    forms = Forms(core: core)
    messages = Messages(core: core)
    caregivers = Caregivers(core: core)
    reminders = Reminders(core: core)
    infusions = Infusions(core: core)
    pump = Pump(core: core)
    devices = Devices(core: core)
    insight = Insight(core: core)
    sites = Sites(core: core)
    card = Card(core: core)
    accounts = Accounts(core: core)
    sync = Sync(core: core)
    travel = Travel(core: core)
    report = Report(core: core)
    settings = Settings(core: core)
    security = Security(core: core)
  }

  deinit { ear.end() }

  /// Makes a new vault. Nothing is left behind when it fails.
  ///
  /// `alreadyExists`, `badInput` (no name, weak passcode, passcode missing where it is the only protection), `readOnly`,
  /// `diskFull`, `keyUnavailable`, `platform`.
  public static func create(
    config: Config, platform: Platform, profile: NewProfile, passcode: String? = nil
  ) async throws(HomelineError) -> Created {
    let ear = Ear(own: platform.observer)
    let created = try await first {
      try await createHomeline(
        config: config, platform: platform.heard(by: ear), profile: profile, passcode: passcode)
    }
    return Created(homeline: Homeline(core: created.homeline, ear: ear), recoveryCode: created.recoveryCode)
  }

  /// Opens a vault. A failure changes nothing in the file.
  ///
  /// `notFound`, `wrongCredential`, `keyUnavailable` (locked: later), `keyLost` (ask for the recovery code), `alreadyOpen`,
  /// `newerFormat`, `damaged`, `diskFull`, `readOnly`, `platform`.
  public static func open(
    config: Config, platform: Platform, credentials: Credentials
  ) async throws(HomelineError) -> Homeline {
    let ear = Ear(own: platform.observer)
    let core = try await first {
      try await HomelineGenerated.Homeline.open(
        config: config, platform: platform.heard(by: ear), credentials: credentials)
    }
    return Homeline(core: core, ear: ear)
  }

  /// Makes a vault from a backup in the folder of `config`, which holds none, and opens it. The recovery code of the time of the
  /// backup opens it, and stays; `passcode` is the one from now on. Nothing half-done stays when it fails.
  ///
  /// `notFound` (no backup), `wrongCredential`, `alreadyExists`, `badInput` (weak passcode, or none where it is the only
  /// protection), `damaged`, `newerFormat`, `diskFull`, `readOnly`, `keyUnavailable`.
  public static func restore(
    config: Config, platform: Platform, backup: String, recoveryCode: String, passcode: String? = nil
  ) async throws(HomelineError) -> Homeline {
    let ear = Ear(own: platform.observer)
    let core = try await first {
      try await restoreHomeline(
        config: config, platform: platform.heard(by: ear), backup: backup, recoveryCode: recoveryCode,
        passcode: passcode)
    }
    return Homeline(core: core, ear: ear)
  }

  /// Gives a closed vault a new data key: after a phone was lost, or a key may have been seen. Takes room for a second copy and
  /// some seconds. Answers the new recovery code, which is kept nowhere; the old one and the old passcode open nothing any more,
  /// but for backups that were made before. It is finished also when its task is cancelled.
  ///
  /// As `open`, and `badInput` (weak passcode, or none where it is the only protection).
  public static func newDataKey(
    config: Config, platform: Platform, credentials: Credentials, passcode: String? = nil
  ) async throws(HomelineError) -> String {
    try await first {
      try await HomelineGenerated.newDataKey(
        config: config, platform: platform, credentials: credentials, passcode: passcode)
    }
  }

  /// Whether `folder` holds a vault, so that a first start can be told from any other.
  public static func exists(folder: String) async throws(HomelineError) -> Bool {
    try await calling { try await first { try await vaultExists(folder: folder) } }
  }

  /// What changed, after it is on disk: read the screens that show it again. Each call makes a stream of its own, which ends
  /// with the vault. A reader that is slow misses none of the last sixteen changes, and holds nobody up.
  public func changes() -> AsyncStream<Change> { ear.changes() }

  /// What happened on one link of the radio, in order. To be called for every event; several at once are handled in one go.
  /// Events of a link that nobody listens on are dropped.
  public func radioEvents(link: String, _ events: [RadioEvent]) async throws(HomelineError) {
    try await calling { [core] in try await core.radioEvents(link: link, events: events) }
  }

  /// Lets a locked phone go on listening to pump and devices: see `Inbox`. `keyStore` is one whose key needs nobody's presence
  /// once the phone was unlocked since its start. To be called after every opening; it costs nothing when it was.
  ///
  /// `keyUnavailable`, `diskFull`, `readOnly`. Without it, the inbox takes nothing.
  public func listenWhileLocked(keyStore: any KeyStore) async throws(HomelineError) {
    try await calling { [core] in try await core.listenWhileLocked(keyStore: keyStore) }
  }

  /// What came while the phone was locked and was folded into the journal when it was opened.
  public func folded() async throws(HomelineError) -> Folded {
    try await calling { [core] in try await core.folded() }
  }

  /// Finishes what was handed over, seals the journal's head and closes the file. Every call after it fails with `closed`; long
  /// work that runs is taken back. To be awaited before iOS suspends the app: a file that is open then ends the app. It is
  /// finished also when its task is cancelled.
  public func close() async throws(HomelineError) {
    try await finishing { [core] in try await core.shut() }
    ear.end()
  }

  /// The version of the library, e.g. `0.1.0`, also of one that is refused. It answers at once.
  public static func libraryVersion() throws(HomelineError) -> String {
    do { return try buildInfo().version } catch { throw HomelineError(error) }
  }

  /// Panics inside the library, so that a test of your app can see what becomes of it in your own build: a `HomelineError` of
  /// kind `internal`, and the process lives on. It touches nothing.
  public static func panicOnPurpose() async throws(HomelineError) {
    try await calling { try await first { try HomelineGenerated.panicOnPurpose() } }
  }
}

/// A vault that was just made.
public struct Created: Sendable {
  /// It, open.
  public let homeline: Homeline
  /// To be printed or written down now: it is not kept anywhere.
  public let recoveryCode: String
}
