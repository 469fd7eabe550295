import Foundation
import HomelineGenerated

/// Hands changes on to every stream that listens, and to the app's own observer where it lent one.
final class Ear: ChangeObserver, @unchecked Sendable {
  // Guarded by `lock`.
  private var own: (any ChangeObserver)?
  private var listening: [UUID: AsyncStream<Change>.Continuation] = [:]
  private var ended = false
  private let lock = NSLock()

  init(own: (any ChangeObserver)?) { self.own = own }

  func changed(change: Change) throws {
    lock.lock()
    let (listeners, observer) = (Array(listening.values), own)
    lock.unlock()
    for listener in listeners { listener.yield(change) }
    try observer?.changed(change: change)
  }

  func changes() -> AsyncStream<Change> {
    let (stream, continuation) = AsyncStream.makeStream(of: Change.self, bufferingPolicy: .bufferingNewest(16))
    let id = UUID()
    continuation.onTermination = { [weak self] _ in
      guard let self else { return }
      _ = lock.withLock { listening.removeValue(forKey: id) }
    }
    let tooLate = lock.withLock {
      if !ended { listening[id] = continuation }
      return ended
    }
    if tooLate { continuation.finish() }
    return stream
  }

  /// Ends every stream, and lets the app's own observer go: it may hold the vault.
  func end() {
    let all = lock.withLock {
      ended = true
      own = nil
      defer { listening = [:] }
      return Array(listening.values)
    }
    for listener in all { listener.finish() }
  }
}

extension Platform {
  /// The same, with another ear.
  func heard(by ear: Ear) -> Platform {
    Platform(
      clock: clock, zones: zones, keyStore: keyStore, bluetooth: bluetooth, notifications: notifications,
      browser: browser, observer: ear)
  }
}
