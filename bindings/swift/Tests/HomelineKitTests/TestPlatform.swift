import Foundation
import HomelineKit

/// A clock that stands still.
final class StandingClock: Clock {
  let at: Date
  init(at: Date) { self.at = at }
  func now() throws -> Date { at }
  func monotonicMs() throws -> UInt64 { UInt64(at.timeIntervalSince1970 * 1000) }
}

/// A key store that keeps the secrets themselves, in memory: what is tested here is not cryptography.
final class MemoryKeyStore: KeyStore, @unchecked Sendable {
  private let lock = NSLock()
  private var secrets: [Data: Data] = [:]
  private var count: UInt64 = 0
  private var locked = false

  func setLocked(_ locked: Bool) { lock.withLock { self.locked = locked } }

  func wrap(secret: Data) throws -> Data {
    try lock.withLock {
      if locked { throw KeyStoreError.Unavailable }
      let handle = Data(UUID().uuidString.utf8)
      secrets[handle] = secret
      return handle
    }
  }

  func unwrap(wrapped: Data) throws -> Data {
    try lock.withLock {
      if locked { throw KeyStoreError.Unavailable }
      guard let secret = secrets[wrapped] else { throw KeyStoreError.Invalidated }
      return secret
    }
  }

  func counter() throws -> UInt64 { lock.withLock { count } }

  func setCounter(value: UInt64) throws { lock.withLock { count = max(count, value) } }
}

let chicago = FoundationZoneRules { TimeZone(identifier: "America/Chicago")! }

/// A folder that goes when the test ends.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("homeline-\(UUID().uuidString)")
  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }
}

/// The root of the repository.
let repository = URL(
  fileURLWithPath: "/" + URL(fileURLWithPath: #filePath).pathComponents.dropLast(5).dropFirst().joined(separator: "/"))

/// A plan of the simulated home.
func plan(_ name: String) throws -> Data {
  try Data(contentsOf: repository.appendingPathComponent("tests/home/plans/\(name).json"))
}
