import Foundation
import HomelineGenerated

/// What the journal shows over time: trends that the plan asks for, and the clinician's view.
public struct Insight: Sendable {
  let core: HomelineGenerated.Homeline

  /// The plan's trends as they stand now. Empty when the plan asks for none.
  public func trends() async throws(HomelineError) -> TrendReport {
    try await calling { [core] in try await core.trends() }
  }

  /// The same as a screen.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.trendsScreen() }
  }

  /// Instruments of the last eight days, for a nurse or a physician who holds the phone with the patient. Never a part of the
  /// patient's screens, and no verdict.
  public func clinician() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.clinicianScreen() }
  }

  /// Triage of `entries` (FHIR R4 Observations, QuestionnaireResponses and journal entries of Homeline, as JSON) under the plan
  /// of `bundle`, as of `now`; without it, as of the latest of them. It opens no vault and writes nothing.
  ///
  /// `planRefused` for the bundle, `badInput` for an entry that cannot be read, with its place.
  public static func triageOfFhir(
    bundle: Data, entries: String, now: Date? = nil
  ) async throws(HomelineError) -> TriageAnswer {
    try await calling { try await HomelineGenerated.triageOfFhir(bundle: bundle, entries: entries, now: now) }
  }
}
