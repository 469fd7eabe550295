import Foundation
import HomelineGenerated

/// What is to be done, and doing it.
public struct Agenda: Sendable {
  let core: HomelineGenerated.Homeline

  /// What is to be done today, and how far it is.
  public func today() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.today() }
  }

  /// When today's screen is another without anybody doing anything: read it again then.
  public func changesAt() async throws(HomelineError) -> Date {
    try await calling { [core] in try await core.todayChangesAt() }
  }

  /// Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded; oldest
  /// first.
  public func overdue() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.overdueScreen() }
  }

  /// The agenda between two instants as data, at most 400 days: doses, duties, visits and deliveries, each with its window, steps
  /// and everything that was said about it. `badInput` (the span), `notFound` (no plan).
  public func items(from: Date, to: Date) async throws(HomelineError) -> [AgendaItem] {
    try await calling { [core] in try await core.agendaItems(from: from, to: to) }
  }

  /// Does what a button of a row stands for. Doing it twice does it once: the second answer names the first one's entry.
  ///
  /// `badInput` (a time that is not acceptable, a reason that is missing), `notFound` (the dose is not in the plan any more).
  @discardableResult
  public func act(_ action: Action, input: ActionInput = ActionInput()) async throws(HomelineError) -> Logged {
    try await act(id: action.id, input: input)
  }

  /// The same by the action's id, which is all that a tap on a widget brings along.
  @discardableResult
  public func act(id: String, input: ActionInput = ActionInput()) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.act(action: id, input: input) }
  }
}
