import Foundation
import HomelineGenerated

/// Reminders: the plan of alarms, what people answer to them, and how far each came.
public struct Reminders: Sendable {
  let core: HomelineGenerated.Homeline

  /// The plan of reminders as of now. `budget` is how many the phone can hold: 64 on iOS.
  public func plan(budget: UInt32 = 64) async throws(HomelineError) -> ReminderPlan {
    try await calling { [core] in try await core.reminders(budget: budget) }
  }

  /// The plan of reminders as it would be at another instant, from what is recorded now. Writes nothing.
  public func plan(asOf now: Date, budget: UInt32 = 64) async throws(HomelineError) -> ReminderPlan {
    try await calling { [core] in try await core.remindersAsOf(now: now, budget: budget) }
  }

  /// The reminders to come as a screen, with what is wrong with the phone's alarms.
  public func screen(budget: UInt32 = 64) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.remindersScreen(budget: budget) }
  }

  /// Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded, as of now;
  /// oldest first. Exact after any gap.
  public func overdue() async throws(HomelineError) -> [Overdue] {
    try await calling { [core] in try await core.overdue() }
  }

  /// The same as it would be at another instant.
  public func overdue(asOf now: Date) async throws(HomelineError) -> [Overdue] {
    try await calling { [core] in try await core.overdueAsOf(now: now) }
  }

  /// The alarms that are to ring from `from` on and before `until`: how far each came, and which link is missing.
  public func ledger(from: Date, until: Date) async throws(HomelineError) -> [Alarm] {
    try await calling { [core] in try await core.alarmLedger(from: from, until: until) }
  }

  /// Hands the difference between what the phone holds and what the plan says to the `NotificationPort`: adds first. To be
  /// called at every start, after every change, and when the zone or its rules changed.
  ///
  /// `platform` (no port, or it failed), `notFound` (no plan).
  @discardableResult
  public func handOver(budget: UInt32 = 64) async throws(HomelineError) -> HandedOver {
    try await calling { [core] in try await core.handOverReminders(budget: budget) }
  }

  /// A person opened the app: what rang until now was seen.
  public func opened() async throws(HomelineError) {
    try await calling { [core] in try await core.opened() }
  }

  /// Carries out the action of a reminder. What is written into the journal is in the answer; putting off and "seen" write
  /// nothing there.
  @discardableResult
  public func answer(_ action: String, input: ActionInput = ActionInput()) async throws(HomelineError) -> Logged? {
    try await calling { [core] in try await core.answerReminder(action: action, input: input) }
  }

  /// Rings again in `minutes`, 1 to 240.
  public func snooze(_ occurrence: String, minutes: UInt32) async throws(HomelineError) {
    try await calling { [core] in try await core.snooze(occurrence: occurrence, minutes: minutes) }
  }

  /// Somebody has seen it: no repeat and no escalation for this dose, but it stays open on today's screen.
  public func seen(_ occurrence: String) async throws(HomelineError) {
    try await calling { [core] in try await core.reminderSeen(occurrence: occurrence) }
  }

  /// Between these times of the clock only safety alarms sound; `nil` ends that. The others are shown without a sound.
  public func quietHours(_ hours: QuietHours?) async throws(HomelineError) {
    try await calling { [core] in try await core.setQuietHours(hours: hours) }
  }

  /// Whether drugs may be named on the locked screen. They are not, unless the phone's owner wishes it.
  public func namesOnLockScreen(_ allowed: Bool) async throws(HomelineError) {
    try await calling { [core] in try await core.setNamesOnLockScreen(allowed: allowed) }
  }
}
