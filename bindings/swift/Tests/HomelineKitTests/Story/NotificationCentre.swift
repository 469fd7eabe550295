import Foundation
import HomelineKit

/// A phone's notification centre: it holds what it was handed, and rings when its time comes.
final class NotificationCentre: NotificationPort, @unchecked Sendable {
  private let clock: StoryClock
  private let lock = NSLock()
  // Guarded by `lock`.
  private var waiting: [Reminder] = []
  private var rang: [FiredNotification] = []

  init(clock: StoryClock) { self.clock = clock }

  /// Rings what is due; answers what rang.
  func ring() -> [Reminder] {
    guard let now = try? clock.now() else { return [] }
    return lock.withLock {
      let due = waiting.filter { $0.fireAt <= now }
      waiting.removeAll { $0.fireAt <= now }
      rang += due.map { FiredNotification(id: $0.id, at: $0.fireAt) }
      return due
    }
  }

  /// The app was force-stopped: nothing is pending any more.
  func forget() { lock.withLock { waiting = [] } }

  func apply(add: [Reminder], remove: [String]) throws {
    lock.withLock {
      let replaced = Set(add.map(\.id))
      waiting = (waiting.filter { !replaced.contains($0.id) } + add).filter { !remove.contains($0.id) }
    }
  }

  func pending() throws -> [String] { lock.withLock { waiting.map(\.id) } }

  func fired() throws -> [FiredNotification] { lock.withLock { rang } }

  func permission() throws -> NotificationPermission { .granted }
}

/// Writes down what the app was told.
final class StoryEar: ChangeObserver {
  private let heard = Locked<Set<String>>([])

  func changed(change: Change) throws { heard.value.insert("\(Json(of: change).text ?? "")") }

  func take() -> [String] {
    defer { heard.value = [] }
    return heard.value.sorted()
  }
}
