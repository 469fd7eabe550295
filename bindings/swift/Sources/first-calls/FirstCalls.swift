import Foundation
import HomelineKit

// Makes every call that needs no open vault, and prints what each of them answers. HandshakeTests runs a copy of this program
// in which the library is of another build.

@main
struct FirstCalls {
  static func main() async {
    let config = Config(folder: CommandLine.arguments[1], protection: .hardware)
    let zones = FoundationZoneRules { TimeZone(identifier: "UTC")! }
    let platform = Platform(clock: NoClock(), zones: zones, keyStore: NoKeyStore())
    await tell("create") {
      _ = try await Homeline.create(
        config: config, platform: platform, profile: NewProfile(name: "Ana Lopez", role: .patient))
    }
    await tell("open") { _ = try await Homeline.open(config: config, platform: platform, credentials: .keyStore) }
    await tell("restore") {
      _ = try await Homeline.restore(config: config, platform: platform, backup: "backup", recoveryCode: "code")
    }
    await tell("newDataKey") {
      _ = try await Homeline.newDataKey(config: config, platform: platform, credentials: .keyStore)
    }
    await tell("exists") { _ = try await Homeline.exists(folder: config.folder) }
    await tell("panicOnPurpose") { try await Homeline.panicOnPurpose() }
  }

  static func tell(_ name: String, _ call: @Sendable () async throws -> Void) async {
    do {
      try await call()
      print("\(name): answered")
    } catch {
      let refused = error as? HomelineError
      print("\(name): \(refused.map { "\($0.kind) \($0.code) \($0.retry)" } ?? "\(error)")")
    }
  }
}

private struct Missing: Error {}

private final class NoClock: Clock {
  func now() throws -> Date { throw Missing() }
  func monotonicMs() throws -> UInt64 { throw Missing() }
}

private final class NoKeyStore: KeyStore {
  func wrap(secret: Data) throws -> Data { throw Missing() }
  func unwrap(wrapped: Data) throws -> Data { throw Missing() }
  func counter() throws -> UInt64 { throw Missing() }
  func setCounter(value: UInt64) throws { throw Missing() }
}
