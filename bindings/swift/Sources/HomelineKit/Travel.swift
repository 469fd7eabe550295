import Foundation
import HomelineGenerated

/// Journeys: whose clock doses follow. Zones are named as IANA does, e.g. `Europe/Berlin`.
public struct Travel: Sendable {
  let core: HomelineGenerated.Homeline

  /// Whose clock doses follow. `notFound` without a plan.
  public func state() async throws(HomelineError) -> TravelState {
    try await calling { [core] in try await core.travel() }
  }

  /// What a journey to `zone` does to the next `doses` (1 to 50) of each order, from `at` on (now when left out; at most 300
  /// days ahead). It changes nothing.
  ///
  /// `badInput` (unknown zone, too many doses, too far), `notFound` (no plan).
  public func preview(_ zone: String, at: Date? = nil, doses: UInt32 = 3) async throws(HomelineError) -> Journey {
    try await calling { [core] in try await core.previewJourney(zone: zone, at: at, doses: doses) }
  }

  /// From now on doses follow the clock of `zone`; home stays what the plan says. Accepting the same zone again writes nothing
  /// and answers `nil`. Reminders are to be handed over anew after it.
  @discardableResult
  public func accept(_ zone: String) async throws(HomelineError) -> Logged? {
    try await calling { [core] in try await core.acceptJourney(zone: zone) }
  }

  /// Whose clock doses follow as a screen; elsewhere than the doses also what a journey to there would change.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.travelScreen() }
  }

  /// Carries out an action of that screen, as `accept`.
  @discardableResult
  public func act(_ action: Action) async throws(HomelineError) -> Logged? { try await act(id: action.id) }

  /// The same by the action's id.
  @discardableResult
  public func act(id: String) async throws(HomelineError) -> Logged? {
    try await calling { [core] in try await core.actOnTravel(action: id) }
  }
}
