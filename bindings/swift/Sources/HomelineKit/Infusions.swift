import Foundation
import HomelineGenerated

/// Infusions as they went, and looks at devices that cannot tell.
public struct Infusions: Sendable {
  let core: HomelineGenerated.Homeline

  /// The infusions of the last `days` days with today, 1 to 400, newest first: planned and given, rates, pauses with their
  /// causes, the end against the plan, and what is not known. `badInput` (days), `notFound` (no plan).
  public func list(days: UInt32) async throws(HomelineError) -> [InfusionRecord] {
    try await calling { [core] in try await core.infusions(days: days) }
  }

  /// One infusion of the last 400 days, by its id or the beginning of it (4 characters or more). `notFound`.
  public func show(_ id: String) async throws(HomelineError) -> InfusionRecord {
    try await calling { [core] in try await core.infusion(id: id) }
  }

  /// The list as a screen; a row's id is that of its infusion.
  public func screen(days: UInt32) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.infusionsScreen(days: days) }
  }

  /// One infusion as a screen. `notFound`.
  public func screen(of id: String) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.infusionScreen(id: id) }
  }

  /// Somebody looked at the device of a running dose, and wrote down what was seen. Without `dose` it is the one that runs.
  /// `photo` (JPEG or PNG, at most 20 MB) is kept beside it. The answer holds the look against the order, and says whom to call
  /// where the plan's tolerance is passed.
  ///
  /// `badInput` (nothing was seen, a number that cannot be), `notFound` (no dose runs, or several do).
  @discardableResult
  public func checkIn(
    _ seen: CheckIn, dose: String? = nil, photo: Data? = nil
  ) async throws(HomelineError) -> CheckedIn {
    try await calling { [core] in try await core.checkIn(dose: dose, seen: seen, photo: photo) }
  }
}
