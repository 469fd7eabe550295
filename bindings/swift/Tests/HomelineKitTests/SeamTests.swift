import Foundation
import HomelineKit
import Testing

/// What the border between Swift and the core must stand, beyond what a story can say.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SeamTests: Sendable {
  let folder: TemporaryFolder
  let keys = MemoryKeyStore()
  let patient = NewProfile(name: "Ana Lopez", role: .patient)

  init() throws { folder = try TemporaryFolder() }

  func config(_ name: String = "vault") -> Config {
    Config(folder: folder.url.appendingPathComponent(name).path, protection: .hardware)
  }

  func platform(clock: any Clock = standing, observer: (any ChangeObserver)? = nil) -> Platform {
    Platform(clock: clock, zones: chicago, keyStore: keys, observer: observer)
  }

  func vault(clock: any Clock = standing, observer: (any ChangeObserver)? = nil) async throws -> Homeline {
    let platform = platform(clock: clock, observer: observer)
    let homeline = try await Homeline.create(config: config(), platform: platform, profile: patient).homeline
    _ = try await homeline.plan.import(try plan("vancomycin-elastomeric"))
    return homeline
  }

  @Test("What is opened and closed leaves no thread, no file and no memory behind")
  func nothingGrows() async throws {
    try await Homeline.create(config: config(), platform: platform(), profile: patient).homeline.close()
    func open(_ times: Int) async throws {
      for _ in 0..<times {
        try await Homeline.open(config: config(), platform: platform(), credentials: .keyStore).close()
      }
    }
    // What is refused has lent the whole platform too, and costs no disk.
    func refuse(_ times: Int) async {
      for _ in 0..<times {
        await #expect(throws: HomelineError.self) {
          _ = try await Homeline.open(config: config("none"), platform: platform(), credentials: .keyStore)
        }
      }
    }
    await refuse(2000)
    try await open(60)
    let before = Footprint()
    await refuse(10_000)
    try await open(330)
    let after = Footprint()
    print("10,000 openings: \(before), then \(after)")
    #expect(after.threads <= before.threads + 8)
    #expect(after.files <= before.files + 8)
    #expect(after.kilobytes <= before.kilobytes + 32_000)
  }

  @Test("An observer that holds the vault that tells it goes with the vault")
  func cyclesEnd() async throws {
    final class Holder: ChangeObserver, @unchecked Sendable {
      let held = Locked<Homeline?>(nil)
      func changed(change: Change) throws {}
    }
    weak var holder: Holder?
    weak var homeline: Homeline?
    do {
      let strong = Holder()
      let vault = try await vault(observer: strong)
      strong.held.value = vault
      (holder, homeline) = (strong, vault)
      try await vault.close()
    }
    #expect(holder == nil)
    #expect(homeline == nil)
  }

  @Test("A stream of changes tells of what was written, and ends with the vault")
  func changesEnd() async throws {
    let homeline = try await vault()
    let (all, one) = (homeline.changes(), homeline.changes())
    try await homeline.journal.note("Slept well.")
    #expect(await one.first { $0 == .journal } == .journal)
    try await homeline.close()
    #expect(await all.first { $0 == .journal } == .journal)
    #expect(await homeline.changes().first { _ in true } == nil)
  }

  @Test("No call holds up the task that makes it")
  @MainActor
  func nothingBlocks() async throws {
    let clock = GatedClock()
    let homeline = try await vault(clock: clock)
    clock.close()
    // All on the main actor: were it held up, nobody would open the gate.
    let screen = Task { try await homeline.agenda.today() }
    let written = Task { try await homeline.journal.note("Waited for.") }
    await Task.yield()
    clock.open()
    #expect(try await screen.value.id == "today")
    #expect(try await !written.value.entry.isEmpty)
    try await homeline.close()
  }

  @Test("A caller that is cancelled goes at once, and what it had asked to be written is written")
  func cancelledCallersGo() async throws {
    let clock = GatedClock()
    let homeline = try await vault(clock: clock)
    let changes = homeline.changes()
    clock.close()
    let note = Task { try await homeline.journal.note("Nobody waits for it.") }
    while clock.waiting == 0 { await Task.yield() }
    note.cancel()
    let refused = await note.result
    #expect(throws: HomelineError.self) { try refused.get() }
    clock.open()
    #expect(await changes.first { $0 == .journal } == .journal)
    #expect(try await homeline.journal.search("nobody waits").count == 1)
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await homeline.journal.note("Never asked for.")
    }
    await #expect(throws: HomelineError.self) { _ = try await late.value }
    #expect(try await homeline.journal.search("never asked").isEmpty)
    try await homeline.close()
  }
}

private let standing = StandingClock(at: instant("2026-11-23T14:05:00Z"))

/// A clock whose readings wait at a gate while it is closed.
private final class GatedClock: Clock, @unchecked Sendable {
  private let gate = NSCondition()
  // Guarded by `gate`.
  private var closed = false
  private var atTheGate = 0

  func close() { gate.withLock { closed = true } }

  func open() {
    gate.withLock {
      closed = false
      gate.broadcast()
    }
  }

  var waiting: Int { gate.withLock { atTheGate } }

  func now() throws -> Date {
    gate.withLock {
      atTheGate += 1
      while closed { gate.wait() }
      atTheGate -= 1
    }
    return instant("2026-11-23T14:05:00Z")
  }

  func monotonicMs() throws -> UInt64 { 3_600_000 }
}

/// What the process holds, as Linux counts it.
private struct Footprint {
  let threads = Footprint.count("/proc/self/task")
  let files = Footprint.count("/proc/self/fd")
  let kilobytes: Int = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
  }()

  private static func count(_ folder: String) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0
  }
}
