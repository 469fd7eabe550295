import Foundation
import HomelineGenerated

/// Who helps at home, what they may do, and what was asked of them.
public struct Caregivers: Sendable {
  let core: HomelineGenerated.Homeline

  /// Who helps, and what each may do.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.caregiversScreen() }
  }

  /// What was asked of whom, with actions for `Agenda.act`.
  public func requests() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.requestsScreen() }
  }

  /// Who looked at what and wrote what in the last `days` days. `notAllowed`, `badInput` (days).
  public func audit(days: UInt32) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.auditScreen(days: days) }
  }

  /// Takes all rights from a caregiver. `notAllowed`, `notFound` (nobody of that id helps).
  public func revoke(_ person: String) async throws(HomelineError) {
    try await calling { [core] in try await core.revokeCaregiver(person: person) }
  }

  /// Asks somebody who helps, or all of them with `to` `nil`, to do something until `due`.
  ///
  /// `notAllowed`, `notFound` (nobody of that id helps), `badInput` (no words; a time that is past).
  @discardableResult
  public func ask(_ to: String?, _ text: String, due: Date) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.ask(to: to, text: text, due: due) }
  }
}
