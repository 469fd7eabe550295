import Foundation
import HomelineGenerated

/// The care plan, and the patient's own day that some orders hang on.
public struct Plan: Sendable {
  let core: HomelineGenerated.Homeline

  /// Takes over a care plan: a FHIR R4 Bundle as JSON, at most 32 MiB, in one transaction. An order that cannot be understood
  /// is kept, never scheduled, and listed in the answer. `work` counts two parts: read, written.
  ///
  /// `planRefused` (not JSON, too large, the plan of another patient) refuses it as a whole; `cancelled`.
  @discardableResult
  public func `import`(_ bundle: Data, work: Work = Work()) async throws(HomelineError) -> PlanImported {
    try await working(work) { [core] work in try await core.importPlan(bundle: bundle, work: work) }
  }

  /// The plan as a screen: orders, line, pumps, visits, deliveries. `notFound` before the first import.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.planScreen() }
  }

  /// What the patient told of the own day, by time.
  public func routine() async throws(HomelineError) -> [RoutineEvent] {
    try await calling { [core] in try await core.routine() }
  }

  /// Tells when an event of the day (a FHIR event code, e.g. `CM` for breakfast) is, by the clock on the wall: `07:30`. Doses
  /// that hang on it move and keep their names.
  public func setRoutine(event: String, time: String) async throws(HomelineError) {
    try await calling { [core] in try await core.setRoutine(event: event, time: time) }
  }
}
