import Foundation
import HomelineKit

/// A phone, and the journal that is open on it: each call of the API by its name in a story.
final class World: @unchecked Sendable {
  private let folder: URL
  private let clock: StoryClock
  private let zones: FoundationZoneRules
  private let here: Locked<TimeZone>
  private let keys = Locked(MemoryKeyStore())
  /// For a locked phone: they answer also when `keys` do not.
  private let lockedKeys = MemoryKeyStore()
  private let browser = StoryBrowser()
  private let open = Locked<Homeline?>(nil)
  private let inbox = Locked<Inbox?>(nil)
  /// What a caregiver's phone was given last.
  private let invitation = Locked<Invitation?>(nil)
  private let centre: NotificationCentre
  private let ear = StoryEar()

  init(folder: URL, zone: String, now: String) {
    self.folder = folder
    let here = Locked(TimeZone(identifier: zone)!)
    self.here = here
    zones = FoundationZoneRules { here.value }
    clock = StoryClock(at: instant(now))
    centre = NotificationCentre(clock: clock)
  }

  /// Closes what a story left open.
  func end() async { try? await open.value?.close() }

  func call(_ name: String, _ args: Args) async throws -> Json {
    if name.hasPrefix("phone.") { return try phone(String(name.dropFirst("phone.".count)), args) }
    switch name {
    case "create": return try await create(args)
    case "open":
      open.value = try await Homeline.open(
        config: config(args), platform: platform, credentials: credentials(args))
      return .null
    case "restore":
      open.value = try await Homeline.restore(
        config: config(args), platform: platform, backup: place(try args.text("place")),
        recoveryCode: try args.text("recovery_code"))
      return .null
    case "panic":
      try await Homeline.panicOnPurpose()
      return .null
    case "inbox.open":
      inbox.value = try await Inbox.open(folder: config(args).folder, platform: platform, keyStore: lockedKeys)
      return .null
    case "radio.play":
      try await play(args)
      return .null
    case let name where name.hasPrefix("inbox."):
      guard let locked = inbox.value else { throw Otherwise("no inbox is open") }
      if name == "inbox.close" { inbox.value = nil }
      return Json(of: try await inboxCall(locked, name, args))
    default:
      guard let homeline = open.value else { throw Otherwise("no journal is open") }
      return Json(of: try await api(homeline, name, args))
    }
  }

  /// What a recording has, to whoever listens: the open journal, or the inbox of a locked one.
  private func play(_ args: Args) async throws {
    let (locked, homeline) = (inbox.value, open.value)
    try await Recording.play(
      try args.text("recording"), part: try args.text("part"), pass: { clock.pass(minutes: $0) },
      hear: { events in
        if let locked {
          try await locked.radioEvents(link: "pump", events)
        } else {
          try await homeline?.radioEvents(link: "pump", events)
        }
      })
  }

  private func phone(_ verb: String, _ args: Args) throws -> Json {
    switch verb {
    case "ring": return Json(of: centre.ring())
    case "team_server": return try TeamServer.open()
    case "came_back": return .text(try browser.cameBack())
    case "browser": browser.throwing.value = args.flag("throws")
    case "forget_alarms": centre.forget()
    case "heard": return Json(of: ear.take())
    case "pass": clock.pass(minutes: try args.number("minutes"))
    case "set": clock.set(instant(try args.text("now")))
    case "zone": here.value = TimeZone(identifier: try args.text("zone"))!
    case "clock": clock.throwing.value = args.flag("throws")
    case "keys":
      switch try args.text("are") {
      case "here": keys.value.setLocked(false)
      case "locked": keys.value.setLocked(true)
      case "lost": keys.value = MemoryKeyStore()
      case let state: throw Otherwise("keys are not \(state)")
      }
    default: throw Otherwise("a phone does not \(verb)")
    }
    return .null
  }

  private func api(_ homeline: Homeline, _ name: String, _ args: Args) async throws -> Any {
    switch name {
    case "close": try await homeline.close()
    case "plan.import": return try await homeline.plan.import(try bundle(args))
    case "plan.screen": return try await homeline.plan.screen()
    case "agenda.today": return try await homeline.agenda.today()
    case "agenda.act": return try await homeline.agenda.act(id: try args.text("action"), input: args.input())
    case "journal.note": return try await homeline.journal.note(try args.text("text"), private: args.flag("private"))
    case "journal.question": return try await homeline.journal.question(try args.text("text"))
    case "journal.symptom":
      return try await homeline.journal.symptom(
        try args.text("symptom"), severity: try args.severity(), present: !args.flag("absent"))
    case "journal.vital": return try await homeline.journal.vital(try args.text("text"))
    case "journal.page":
      return try await homeline.journal.page(
        after: args.optional("after"), size: UInt32(args.optionalNumber("size") ?? 50))
    case "journal.search": return try await homeline.journal.search(try args.text("words"))
    case "journal.count": return try await homeline.journal.count()
    case "messages.send":
      return try await homeline.messages.send(
        to: try args.text("to") == "nurse" ? .nurse : .pharmacist, try args.text("text"))
    case "reminders.hand_over": return try await homeline.reminders.handOver()
    case "reminders.overdue": return try await homeline.reminders.overdue()
    case "reminders.quiet_hours":
      try await homeline.reminders.quietHours(QuietHours(from: try args.text("from"), to: try args.text("until")))
    case "reminders.answer":
      return try await homeline.reminders.answer(try args.text("action"), input: args.input()) as Any
    case "sync.enrol":
      try await homeline.sync.enrol(server: try args.text("server"), patient: try args.text("patient"))
    case "sync.now": return try await homeline.sync.now()
    case "sync.state": return try await homeline.sync.state()
    case "card.screen": return try await homeline.card.screen(handOver: args.flag("hand_over"))
    case "insight.screen": return try await homeline.insight.screen()
    case "sites.screen": return try await homeline.sites.screen()
    case "pump.screen": return try await homeline.pump.screen()
    case "travel.state": return try await homeline.travel.state()
    case "travel.preview": return try await homeline.travel.preview(try args.text("zone"), doses: 1)
    case "travel.accept": return try await homeline.travel.accept(try args.text("zone")) as Any
    case "report.write":
      return try await homeline.report.write(
        days: UInt32(try args.number("days")), format: try args.format(), to: place(try args.text("place")))
    case "report.export": return try await homeline.report.export(to: place(try args.text("place")))
    case "security.back_up": return try await homeline.security.backUp(to: place(try args.text("place")))
    case "settings.language": try await homeline.settings.language(args.optional("tag"))
    case "settings.screen": return try await homeline.settings.screen()
    case "reminders.screen": return try await homeline.reminders.screen()
    case "messages.screen": return try await homeline.messages.screen()
    case "sync.screen": return try await homeline.sync.screen()
    case "travel.screen": return try await homeline.travel.screen()
    case "forms.screen": return try await homeline.forms.screen()
    case "forms.list": return try await homeline.forms.list()
    case "security.verify": return try await homeline.security.verify()
    case "security.set_passcode": try await homeline.security.setPasscode(args.optional("passcode"))
    case "security.new_recovery_code": return try await homeline.security.newRecoveryCode()
    case "caregivers.invite":
      let invited = try await homeline.caregivers.invite(try args.caregiver())
      invitation.value = invited
      return invited
    case "caregivers.join":
      guard let invited = invitation.value else { throw Otherwise("nobody was invited") }
      try await homeline.caregivers.join(invited)
    case "listen_while_locked": try await homeline.listenWhileLocked(keyStore: lockedKeys)
    default: return try await furtherCall(homeline, name, args)
    }
    return ()
  }

  private var platform: Platform {
    Platform(
      clock: clock, zones: zones, keyStore: keys.value, bluetooth: SilentRadio(), notifications: centre,
      browser: browser, observer: ear)
  }

  private func create(_ args: Args) async throws -> Json {
    let profile = NewProfile(
      name: args.optional("name") ?? "Rosa Ibarra", role: args.optional("role") == "caregiver" ? .caregiver : .patient)
    let created = try await Homeline.create(
      config: config(args), platform: platform, profile: profile, passcode: args.optional("passcode"))
    open.value = created.homeline
    return .object(["recovery_code": .text(created.recoveryCode)])
  }

  private func config(_ args: Args) -> Config {
    Config(
      folder: folder.appendingPathComponent(args.optional("folder") ?? "vault").path,
      protection: args.flag("without_keys") ? .passcodeAlone : .hardware)
  }

  private func place(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func credentials(_ args: Args) -> Credentials {
    if let passcode = args.optional("passcode") { return .passcode(passcode: passcode) }
    if let code = args.optional("recovery_code") { return .recovery(code: code) }
    return .keyStore
  }

  private func bundle(_ args: Args) throws -> Data {
    if let bundle = args.optional("bundle") { return Data(bundle.utf8) }
    return try plan(try args.text("plan"))
  }
}

/// The arguments of a call.
struct Args: Sendable {
  private let values: Json

  init(_ values: Json) { self.values = values }

  func optional(_ name: String) -> String? { values[name]?.text }

  func text(_ name: String) throws(Otherwise) -> String {
    guard let text = optional(name) else { throw Otherwise("\(name): a text") }
    return text
  }

  func optionalNumber(_ name: String) -> Int64? { values[name]?.number }

  func number(_ name: String) throws(Otherwise) -> Int64 {
    guard let number = optionalNumber(name) else { throw Otherwise("\(name): a whole number") }
    return number
  }

  func flag(_ name: String) -> Bool { values.flag(name) }

  func list(_ name: String) -> [Json]? { values[name]?.list }

  func format() throws(Otherwise) -> ReportFormat {
    switch try text("format") {
    case "html": return .html
    case "pdf": return .pdf
    case "csv": return .csv
    case "fhir": return .fhir
    case let other: throw Otherwise("no report is \(other)")
    }
  }

  func severity() throws(Otherwise) -> Severity? {
    switch optional("severity") {
    case nil: return nil
    case "mild": return .mild
    case "moderate": return .moderate
    case "severe": return .severe
    case let other?: throw Otherwise("no severity is \(other)")
    }
  }

  func input() -> ActionInput {
    ActionInput(at: optional("at").map(instant), reason: optional("reason"), volumeMl: optional("volume_ml"))
  }
}

/// Wall clock and monotonic clock, which can be set apart, and can fail as an app's own code can.
final class StoryClock: Clock {
  struct Standing: Error { let whose = "Rosa Ibarra" }

  private let wall: Locked<Date>
  private let monotonic = Locked<UInt64>(3_600_000)
  let throwing = Locked(false)

  init(at: Date) { wall = Locked(at) }

  func pass(minutes: Int64) {
    wall.value.addTimeInterval(TimeInterval(minutes * 60))
    monotonic.value += UInt64(minutes * 60_000)
  }

  func set(_ now: Date) { wall.value = now }

  func now() throws -> Date {
    if throwing.value { throw Standing() }
    return wall.value
  }

  func monotonicMs() throws -> UInt64 { monotonic.value }
}

/// A value that several threads read and write.
final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var kept: Value

  init(_ value: Value) { kept = value }

  var value: Value {
    get { lock.withLock { kept } }
    set { lock.withLock { kept = newValue } }
  }
}

/// An instant as RFC 3339 says it.
func instant(_ text: String) -> Date { try! Date(text, strategy: .iso8601) }
