import Foundation
import HomelineKit
import Observation
import ShellLogic
import Testing

/// The view model over the real core: its own vault, a standing clock.
@MainActor struct TodayModelTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("homeline-\(UUID().uuidString)")

  /// A vault with a plan in it, given to `test`, closed and removed after it.
  func withPlan(_ test: (Homeline) async throws -> Void) async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let platform = Platform(
      clock: StandingClock(), zones: FoundationZoneRules { TimeZone(identifier: "America/Chicago")! },
      keyStore: MemoryKeyStore())
    let created = try await Homeline.create(
      config: Config(folder: folder.path, protection: .hardware), platform: platform,
      profile: NewProfile(name: "Ana Lopez", role: .patient))
    let repository = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).dropFirst().joined(separator: "/")
    let plan = try Data(contentsOf: URL(fileURLWithPath: "/\(repository)/tests/home/plans/vancomycin-elastomeric.json"))
    _ = try await created.homeline.plan.import(plan)
    try await test(created.homeline)
    try await created.homeline.close()
  }

  func start(_ model: TodayModel) throws -> Action {
    let actions = try #require(model.screen).sections.flatMap(\.rows).flatMap(\.actions)
    return try #require(actions.first { $0.id.hasPrefix("dose.start") })
  }

  @Test("Starting a dose writes one entry, redraws, and the button is gone")
  func startingADose() async throws {
    try await withPlan { homeline in
      let model = TodayModel(agenda: homeline.agenda)
      await model.refresh()
      let start = try start(model)
      let before = try await homeline.journal.page().rows.count

      async let tap: Void = model.act(start)
      async let secondTap: Void = model.act(start)
      _ = await (tap, secondTap)

      #expect(model.failure == nil)
      #expect(try await homeline.journal.page().rows.count == before + 1)
      let ids = try #require(model.screen).sections.flatMap(\.rows).flatMap(\.actions).map(\.id)
      #expect(!ids.contains(start.id))
      #expect(model.underWay.isEmpty)
    }
  }

  @Test("A view that reads the screen hears of the next one")
  func observation() async throws {
    try await withPlan { homeline in
      let model = TodayModel(agenda: homeline.agenda)
      let heard = Heard()
      withObservationTracking {
        _ = model.screen
      } onChange: {
        heard.set()
      }
      await model.refresh()
      #expect(heard.value)
    }
  }

  @Test("A failure is shown beside the last screen, and goes when something works again")
  func failure() async throws {
    try await withPlan { homeline in
      let model = TodayModel(agenda: homeline.agenda)
      await model.refresh()
      let nonsense = Action(id: "no.such.thing", label: "", emphasis: .plain)
      await model.act(nonsense)
      #expect(model.failure?.kind == .badInput)
      #expect(model.screen != nil)
      await model.refresh()
      #expect(model.failure == nil)
    }
  }
}

final class Heard: @unchecked Sendable {
  private let lock = NSLock()
  private var heard = false
  var value: Bool { lock.withLock { heard } }
  func set() { lock.withLock { heard = true } }
}

final class StandingClock: Clock {
  func now() throws -> Date { Date(timeIntervalSince1970: 1_795_442_700) }
  func monotonicMs() throws -> UInt64 { 1_795_442_700_000 }
}

/// Keeps the secrets themselves, in memory.
final class MemoryKeyStore: KeyStore, @unchecked Sendable {
  private let lock = NSLock()
  private var secrets: [Data: Data] = [:]
  private var count: UInt64 = 0

  func wrap(secret: Data) throws -> Data {
    let handle = Data(UUID().uuidString.utf8)
    lock.withLock { secrets[handle] = secret }
    return handle
  }

  func unwrap(wrapped: Data) throws -> Data {
    guard let secret = lock.withLock({ secrets[wrapped] }) else { throw KeyStoreError.Invalidated }
    return secret
  }

  func counter() throws -> UInt64 { lock.withLock { count } }

  func setCounter(value: UInt64) throws { lock.withLock { count = max(count, value) } }
}
