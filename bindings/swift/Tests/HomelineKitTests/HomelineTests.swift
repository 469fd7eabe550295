import Foundation
import HomelineKit
import Testing

struct HomelineTests {
  let folder: TemporaryFolder
  let keys = MemoryKeyStore()
  let patient = NewProfile(name: "Ana Lopez", role: .patient)

  init() throws { folder = try TemporaryFolder() }

  var config: Config { Config(folder: folder.url.appendingPathComponent("vault").path, protection: .hardware) }

  var platform: Platform {
    Platform(clock: StandingClock(at: Date(timeIntervalSince1970: 1_795_442_700)), zones: chicago, keyStore: keys)
  }

  func create() async throws -> Homeline {
    try await Homeline.create(config: config, platform: platform, profile: patient).homeline
  }

  func open() async throws -> Homeline {
    try await Homeline.open(config: config, platform: platform, credentials: .keyStore)
  }

  func failure(_ call: () async throws -> Void) async -> HomelineError? {
    do {
      try await call()
      return nil
    } catch { return error as? HomelineError }
  }

  func rows(_ homeline: Homeline, pageSize: UInt32 = 50) async throws -> [Row] {
    var rows: [Row] = []
    for try await row in homeline.journal.timeline(pageSize: pageSize) { rows.append(row) }
    return rows
  }

  @Test("A dose that was started is in the journal after the vault was closed and opened again")
  func startedDoseIsKept() async throws {
    let first = try await create()
    let imported = try await first.plan.import(try plan("vancomycin-elastomeric"))
    #expect(imported.orders > 0)
    let actions = try await first.agenda.today().sections.flatMap(\.rows).flatMap(\.actions)
    let start = try #require(actions.first { $0.id.hasPrefix("dose.start") })
    let started = try await first.agenda.act(start)
    let tappedAgain = try await first.agenda.act(start)
    #expect(tappedAgain.entry == started.entry)
    try await first.journal.note("Slept well.")
    let before = try await rows(first)
    try await first.close()

    let second = try await open()
    let after = try await rows(second, pageSize: 1)
    try await second.close()
    #expect(after == before)
    #expect(after.contains { $0.accessibility.contains("Slept well.") })
  }

  @Test("A failure says what a screen can do about it")
  func failuresAreTyped() async throws {
    #expect(await failure { _ = try await open() }?.kind == .notFound)
    let homeline = try await create()
    #expect(await failure { _ = try await homeline.plan.import(Data("{".utf8)) }?.kind == .planRefused)
    _ = try await homeline.plan.import(try plan("vancomycin-elastomeric"))
    let empty = await failure { try await homeline.journal.note(" ") }
    #expect(empty?.kind == .badInput)
    #expect(empty?.field == "note")
    #expect(empty?.retry == .afterRemedy)
    try await homeline.close()
    #expect(await failure { _ = try await homeline.agenda.today() }?.kind == .closed)
  }

  @Test("A switch over the kind of a failure is complete without a default")
  func kindsAreClosed() async throws {
    // Does not compile where a kind is missing.
    func offer(_ error: HomelineError) -> String {
      switch error.kind {
      case .wrongCredential: "ask again"
      case .keyUnavailable: "unlock"
      case .keyLost: "recovery code"
      case .notFound: "create"
      case .alreadyExists: "open"
      case .alreadyOpen: "close there"
      case .newerFormat: "update"
      case .damaged: "backup"
      case .diskFull: "free room"
      case .readOnly: "folder"
      case .badInput: "field"
      case .planRefused: "care team"
      case .offline: "network"
      case .needsSignIn: "sign in"
      case .serverRefused: "care team"
      case .platform: "again"
      case .closed: "open"
      case .internal: "report"
      case .cancelled: "nothing"
      case .notAllowed: "nothing"
      }
    }
    do {
      _ = try await open()
      Issue.record("there is no vault")
    } catch let error as HomelineError {
      #expect(offer(error) == "create")
    }
  }

  @Test("A locked phone is asked again later and loses nothing")
  func lockedPhone() async throws {
    try await create().close()
    keys.setLocked(true)
    let locked = await failure { _ = try await open() }
    #expect(locked?.kind == .keyUnavailable)
    #expect(locked?.retry == .later)
    keys.setLocked(false)
    try await open().close()
  }

  @Test("An error of the app's own code arrives as an error and tells nothing of its text")
  func brokenPort() async throws {
    final class Broken: Clock {
      struct Odd: Error { let name = "Ana Lopez" }
      func now() throws -> Date { throw Odd() }
      func monotonicMs() throws -> UInt64 { 0 }
    }
    let platform = Platform(clock: Broken(), zones: chicago, keyStore: keys)
    let odd = await failure {
      _ = try await Homeline.create(config: config, platform: platform, profile: patient)
    }
    #expect(odd?.kind == .platform)
    #expect(odd?.description.contains("Ana") == false)
  }

  @Test("Foundation's zone rules know both changes of the clock in a year")
  func zoneTransitions() throws {
    let table = try chicago.table(zone: "America/Chicago", from: 1_767_225_600, to: 1_798_761_600)
    #expect(table.initialOffsetSeconds == -21_600)
    #expect(
      table.transitions == [
        ZoneOffset(at: 1_772_956_800, offsetSeconds: -18_000), ZoneOffset(at: 1_793_516_400, offsetSeconds: -21_600),
      ])
  }
}
