import Foundation
import HomelineKit

/// What a pump said, as it was recorded: see `tests/stories/README.md`.
enum Recording {
  /// Plays one part: time that passes, and events that are heard.
  static func play(
    _ recording: String, part: String, pass: (Int64) -> Void, hear: ([RadioEvent]) async throws -> Void
  ) async throws {
    let file = repository.appendingPathComponent("tests/stories/recordings/\(recording).json")
    let told = try JSONDecoder().decode(Json.self, from: try Data(contentsOf: file))
    guard let steps = told[part]?.list else { throw Otherwise("\(recording) has no \(part)") }
    for step in steps {
      if let minutes = step["pass"]?.number {
        pass(minutes)
      } else {
        try await hear(try (step["events"]?.list ?? []).map(event))
      }
    }
  }

  private static func event(_ recorded: Json) throws -> RadioEvent {
    let words = recorded.list ?? []
    func text(_ place: Int) throws -> String {
      guard words.count > place, let text = words[place].text else { throw Otherwise("a recording says \(recorded)") }
      return text
    }
    func number() throws -> UInt32 {
      guard words.count > 1, let number = words[1].number else { throw Otherwise("a recording says \(recorded)") }
      return UInt32(number)
    }
    switch try text(0) {
    case "adapter-on": return .adapter(state: .on)
    case "found": return .found(peripheral: try text(1))
    case "connected": return .connected(mtu: try number())
    case "mtu": return .mtuChanged(mtu: try number())
    case "authenticated": return .security(security: .authenticated)
    case "discovered": return .discovered(characteristics: (words[1].list ?? []).compactMap(\.text))
    case "read": return .read(characteristic: try text(1), value: bytes(try text(2)))
    case "written": return .written(characteristic: try text(1), error: nil)
    case "subscribed": return .subscribed(characteristic: try text(1), error: nil)
    case "value": return .value(characteristic: try text(1), value: bytes(try text(2)))
    case "disconnected": return .disconnected(reason: try number())
    case "tick": return .tick
    case let other: throw Otherwise("a radio says no \(other)")
    }
  }

  private static func bytes(_ hex: String) -> Data {
    let digits = hex.compactMap(\.hexDigitValue)
    return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) })
  }
}

/// A radio that does as it is told and says nothing by itself.
final class SilentRadio: BluetoothPort {
  func execute(link: String, command: RadioCommand) throws {}
}
