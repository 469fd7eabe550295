import Foundation
import HomelineKit
import Testing

/// A story of `tests/stories`, told in Swift. The same stories are told in Rust and Kotlin; their format is in
/// `tests/stories/README.md`.
struct Story: Sendable, CustomTestStringConvertible {
  let name: String
  private let told: Json

  init(_ file: URL) throws {
    name = file.deletingPathExtension().lastPathComponent
    told = try JSONDecoder().decode(Json.self, from: Data(contentsOf: file))
  }

  var testDescription: String { name }

  static let all: [Story] = {
    let folder = repository.appendingPathComponent("tests/stories")
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.compactMap { try? Story($0) }
  }()

  /// Tells it to its end; throws at the first step that goes another way.
  func tell(in folder: URL) async throws {
    let world = World(
      folder: folder, zone: told["phone"]?["zone"]?.text ?? "", now: told["phone"]?["now"]?.text ?? "")
    var pattern = Pattern(known: [:])
    for (number, step) in (told["steps"]?.list ?? []).enumerated() {
      let calls = step["together"]?.list ?? Array(repeating: step, count: Int(step["at_once"]?.number ?? 1))
      for _ in 0..<(step["times"]?.number ?? 1) {
        for (call, outcome) in try await make(calls, in: world, known: pattern.known) {
          do {
            try check(call, outcome, &pattern)
          } catch {
            throw Otherwise("step \(number + 1), \(call["call"]?.text ?? ""): \(error)")
          }
        }
      }
    }
    await world.end()
  }

  /// Makes all calls before the first answer is awaited.
  private func make(_ calls: [Json], in world: World, known: [String: Json]) async throws -> [(Json, Json)] {
    var running: [(Json, Task<Json, any Error>)] = []
    for call in calls {
      let name = call["call"]?.text ?? ""
      let args = try filledIn(call["args"] ?? .object([:]), known: known)
      running.append(
        (
          call,
          Task {
            do {
              return .object(["gives": try await world.call(name, Args(args))])
            } catch let error as HomelineError {
              return .object(["fails": Json(of: error)])
            }
          }
        ))
    }
    var outcomes: [(Json, Json)] = []
    for (call, task) in running where !call.flag("given_up") { outcomes.append((call, try await task.value)) }
    for (call, task) in running where call.flag("given_up") {
      task.cancel()
      _ = await task.result
    }
    return outcomes
  }

  private func check(_ call: Json, _ outcome: Json, _ pattern: inout Pattern) throws(Otherwise) {
    switch (outcome["gives"], outcome["fails"], call["gives"], call["fails"]) {
    case (_, let error?, _, let expected?): try pattern.match(expected, error)
    case (let answer?, nil, let expected?, nil): try pattern.match(expected, answer)
    case (_, nil, nil, nil): break
    default: if !call.flag("either") { throw Otherwise("it was not to answer \(outcome)") }
    }
  }

  /// Arguments with the names of earlier answers filled in, and repeated texts written out.
  private func filledIn(_ value: Json, known: [String: Json]) throws(Otherwise) -> Json {
    switch value {
    case .text(let text) where text.hasPrefix("$"):
      guard let named = known[String(text.dropFirst())] else { throw Otherwise("nothing is known as \(text)") }
      return named
    case .list(let items):
      var filled: [Json] = []
      for item in items { filled.append(try filledIn(item, known: known)) }
      return .list(filled)
    case .object(let fields):
      if let text = fields["repeat"]?.text, let times = fields["times"]?.number {
        return .text(String(repeating: text, count: Int(times)))
      }
      var filled: [String: Json] = [:]
      for (name, value) in fields { filled[name] = try filledIn(value, known: known) }
      return .object(filled)
    case .null, .bool, .number, .text: return value
    }
  }
}
