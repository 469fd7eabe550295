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

  /// Invites somebody who is not in the plan yet: it is queued for the server, and holds on this phone at once. Answers what
  /// their phone needs.
  ///
  /// `notAllowed`, `badInput` (no name, no right, an end that is past), `notFound` (no server is known).
  public func invite(_ caregiver: NewCaregiver) async throws(HomelineError) -> Invitation {
    try await calling { [core] in try await core.inviteCaregiver(caregiver: caregiver) }
  }

  /// What the phone of somebody who helps needs, once more. `notAllowed`, `notFound`.
  public func invitation(of person: String) async throws(HomelineError) -> Invitation {
    try await calling { [core] in try await core.caregiverInvitation(person: person) }
  }

  /// Makes this phone the one of a caregiver who was invited. The server wants a sign-in of their own; a bearer token, where it
  /// takes one, is kept in the vault.
  public func join(_ invitation: Invitation, token: String? = nil) async throws(HomelineError) {
    try await calling { [core] in try await core.joinAsCaregiver(invitation: invitation, token: token) }
  }

  /// Gives somebody these rights in place of those that they have, `until` an instant or until they are taken back. No right at
  /// all takes all of them away.
  ///
  /// `notAllowed`, `badInput` (an end that is past, own rights), `notFound` (nobody of that id helps).
  public func setRights(of person: String, to rights: [Right], until: Date? = nil) async throws(HomelineError) {
    try await calling { [core] in
      try await core.setCaregiverRights(person: person, rights: rights, until: until)
    }
  }

  /// Answers a request that was put to who holds this phone. The first answer stands; a second tap is the same.
  ///
  /// `notFound` (no such request), `badInput` (it was put to somebody else, the other answer was given).
  @discardableResult
  public func answer(
    _ request: String, _ outcome: RequestOutcome, note: String? = nil
  ) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.answerRequest(request: request, outcome: outcome, note: note) }
  }

  /// Says what was so where two people wrote two things about one dose. Their lines stay as they are. `notFound`, `badInput`.
  @discardableResult
  public func settle(dose: String, _ outcome: Settlement) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.settleDose(dose: dose, outcome: outcome) }
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
