import Foundation
import HomelineFFI
import HomelineKit

// What a call costs in Swift beside the same function called bare in C: the same arguments in, the same bytes out, which
// nobody reads. `tests/bench/border/run` starts it.

let page: UInt32 = 50

@main
struct CallCost {
  static func main() async throws {
    let arguments = CommandLine.arguments
    let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 300 : 300
    let bundle = try Data(contentsOf: URL(fileURLWithPath: arguments[1]))
    let temporary = FileManager.default.temporaryDirectory
    let folder = temporary.appendingPathComponent("homeline-call-cost-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }

    let platform = Platform(
      clock: StandingClock(), zones: FoundationZoneRules { TimeZone(identifier: "UTC")! }, keyStore: PlainKeyStore())
    let config = Config(folder: folder.appendingPathComponent("vault").path, protection: .hardware)
    let profile = NewProfile(name: "Ana Lopez", role: .patient)
    let homeline = try await Homeline.create(config: config, platform: platform, profile: profile).homeline
    _ = try await homeline.plan.import(bundle)
    for number in 0..<page {
      try await homeline.journal.note("A line of the journal, as long as people write them, number \(number).")
    }
    let bare = Bare { homeline.core.uniffiCloneHandle() }

    try await compare("nothing", rounds, calls: 1000, { _ = try Homeline.libraryVersion() }, { bare.nothing() })
    try await compare(
      "page of \(page)", rounds, calls: 1, { _ = try await homeline.journal.page(size: page) },
      { try await bare.page(page) })
    try await compare(
      "append", rounds, calls: 1, { try await homeline.journal.note("Another line.") },
      { try await bare.append("Another line.") })
    try await homeline.close()
  }

  /// Both in turn, each as often first as the other, so that a busy machine is busy for both.
  static func compare(
    _ name: String, _ rounds: Int, calls: Int, _ ours: @Sendable () async throws -> Void,
    _ bare: @Sendable () async throws -> Void
  ) async throws {
    var times: [[Double]] = [[], []]
    for round in 0..<rounds {
      for turn in 0...1 {
        let which = (turn + round) % 2
        let begin = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<calls { try await which == 0 ? ours() : bare() }
        let took = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1000 / Double(calls)
        // The first third warms the machine up.
        if round >= rounds / 3 { times[which].append(took) }
      }
    }
    let sorted = times.map { $0.sorted() }
    for (row, pick) in [("min", 0), ("median", sorted[0].count / 2)] {
      let (our, its) = (sorted[0][pick], sorted[1][pick])
      print(String(format: "| Swift | \(name) | \(row) | %.2f µs | %.2f µs | %.2f |", our, its, our / its))
    }
  }
}

/// The functions of the library as C sees them, without anything of the generated code around them.
struct Bare: Sendable {
  let handle: @Sendable () -> UInt64

  func nothing() {
    var status = RustCallStatus()
    take(uniffi_homeline_ffi_fn_func_build_info(&status))
  }

  func page(_ size: UInt32) async throws {
    try await answer(uniffi_homeline_ffi_fn_method_homeline_timeline(handle(), buffer([0]), size))
  }

  func append(_ text: String) async throws {
    try await answer(uniffi_homeline_ffi_fn_method_homeline_note(handle(), buffer(Array(text.utf8)), 0))
  }

  private func answer(_ future: UInt64) async throws {
    var polled: Int8 = 1
    while polled != 0 {
      polled = await withUnsafeContinuation { (continuation: UnsafeContinuation<Int8, Never>) in
        let waiting = Unmanaged.passRetained(Box(continuation)).toOpaque()
        ffi_homeline_ffi_rust_future_poll_rust_buffer(
          future,
          { data, polled in
            let waiting = Unmanaged<Box>.fromOpaque(UnsafeRawPointer(bitPattern: UInt(data))!)
            waiting.takeRetainedValue().continuation.resume(returning: polled)
          },
          UInt64(UInt(bitPattern: waiting)))
      }
    }
    var status = RustCallStatus()
    take(ffi_homeline_ffi_rust_future_complete_rust_buffer(future, &status))
    ffi_homeline_ffi_rust_future_free_rust_buffer(future)
    guard status.code == 0 else { throw Failed() }
  }

  private func buffer(_ bytes: [UInt8]) -> RustBuffer {
    var status = RustCallStatus()
    return bytes.withUnsafeBufferPointer { pointer in
      ffi_homeline_ffi_rustbuffer_from_bytes(
        ForeignBytes(len: Int32(pointer.count), data: pointer.baseAddress!), &status)
    }
  }

  /// Copies the bytes over, which the other side of any border must do, and gives the buffer back.
  @discardableResult
  private func take(_ buffer: RustBuffer) -> [UInt8] {
    let bytes = Array(UnsafeBufferPointer(start: buffer.data, count: Int(buffer.len)))
    var status = RustCallStatus()
    ffi_homeline_ffi_rustbuffer_free(buffer, &status)
    return bytes
  }

  struct Failed: Error {}

  final class Box {
    let continuation: UnsafeContinuation<Int8, Never>
    init(_ continuation: UnsafeContinuation<Int8, Never>) { self.continuation = continuation }
  }
}

final class StandingClock: Clock {
  func now() throws -> Date { Date(timeIntervalSince1970: 1_795_442_700) }
  func monotonicMs() throws -> UInt64 { 3_600_000 }
}

/// What is measured is no cryptography of the phone.
final class PlainKeyStore: KeyStore {
  func wrap(secret: Data) throws -> Data { secret }
  func unwrap(wrapped: Data) throws -> Data { wrapped }
  func counter() throws -> UInt64 { 0 }
  func setCounter(value: UInt64) throws {}
}
