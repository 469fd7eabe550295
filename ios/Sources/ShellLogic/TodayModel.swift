import HomelineKit
import Observation

/// Today's screen as a view shows it. Everything on it and every rule behind it comes from the core; this only remembers what
/// was last answered and what is being asked.
@MainActor @Observable
public final class TodayModel {
  /// As last drawn by the core; none before the first answer.
  public private(set) var screen: Screen?
  /// What went wrong last, until something works again.
  public private(set) var failure: HomelineError?
  /// What triage answered to an action, highest first. It stays until somebody says that it was read.
  public private(set) var advice: [Advice] = []
  /// Ids of actions whose answer is awaited: their buttons rest.
  public private(set) var underWay: Set<String> = []

  private let agenda: Agenda

  public init(agenda: Agenda) { self.agenda = agenda }

  /// Reads the screen again.
  public func refresh() async {
    do {
      screen = try await agenda.today()
      failure = nil
    } catch { failure = error }
  }

  /// Does what a button stands for, and reads the screen again. A second tap while the first is under way is none.
  public func act(_ action: Action) async {
    guard underWay.insert(action.id).inserted else { return }
    defer { underWay.remove(action.id) }
    do {
      advice += try await agenda.act(action).advice
      await refresh()
    } catch { failure = error }
  }

  /// Somebody has read the advice.
  public func adviceWasRead() { advice = [] }
}
