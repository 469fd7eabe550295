import Foundation
import HomelineKit

/// Calls beside a day's own: infusions, accounts, drafts of messages.
func furtherCall(_ homeline: Homeline, _ name: String, _ args: Args) async throws -> Any {
  switch name {
  case "agenda.items":
    let items = try await homeline.agenda.items(from: instant(try args.text("from")), to: instant(try args.text("to")))
    return items.map { Json.object(["id": .text($0.id), "title": .text($0.title)]) }
  case "messages.write": return try await homeline.messages.write(try args.message())
  case "messages.compose": return try await homeline.messages.compose(try args.message())
  case "messages.keep_draft":
    return try await homeline.messages.keepDraft(try args.message(), id: args.optional("id"))
  case "messages.drafts": return try await homeline.messages.drafts()
  case "messages.send_draft": return try await homeline.messages.sendDraft(try args.text("id"))
  case "messages.discard_draft": try await homeline.messages.discardDraft(try args.text("id"))
  case "messages.search": return try await homeline.messages.search(try args.text("words"))
  case "infusions.list": return try await homeline.infusions.list(days: UInt32(try args.number("days")))
  case "infusions.show": return try await homeline.infusions.show(try args.text("id"))
  case "infusions.screen": return try await homeline.infusions.screen(days: UInt32(try args.number("days")))
  case "infusions.check_in":
    let seen = CheckIn(rateMlH: args.optional("rate_ml_h"), note: args.optional("note"))
    return try await homeline.infusions.checkIn(seen)
  case "accounts.read_invitation": return try await homeline.accounts.readInvitation(try args.text("link"))
  case "accounts.accept_invitation": return try await homeline.accounts.acceptInvitation(try args.text("link"))
  case "accounts.list": return try await homeline.accounts.list()
  case "accounts.begin_sign_in":
    return try await homeline.accounts.beginSignIn(redirectUri: try args.text("redirect_uri"))
  case "accounts.finish_sign_in": return try await homeline.accounts.finishSignIn(try args.text("redirect"))
  case "accounts.sign_out": return try await homeline.accounts.signOut()
  case "caregivers.invitation": return try await homeline.caregivers.invitation(of: try args.text("person"))
  case "caregivers.set_rights":
    try await homeline.caregivers.setRights(of: try args.text("person"), to: try args.rights())
  case "caregivers.screen": return try await homeline.caregivers.screen()
  case "pump.status":
    guard let status = try await homeline.pump.status() else { return Json.null }
    return Json.object([
      "serial": .text(status.serial), "alarms": .number(Int64(status.alarms.count)),
      "live": .bool(status.current != nil),
    ])
  case "sync.send_again": return try await homeline.sync.sendAgain()
  case "settings.chosen_language": return try await homeline.settings.language() as Any
  case "pump.enrol": try await homeline.pump.enrol(serial: try args.text("serial"))
  case "pump.listen": try await homeline.pump.listen(serial: try args.text("serial"))
  case "folded": return try await homeline.folded()
  default: throw Otherwise("the API has no \(name)")
  }
  return ()
}

/// Calls of the inbox of a locked phone.
func inboxCall(_ inbox: Inbox, _ name: String, _ args: Args) async throws -> Any {
  switch name {
  case "inbox.listen": try await inbox.listen()
  case "inbox.screen": return try await inbox.screen()
  case "inbox.act": try await inbox.act(id: try args.text("action"))
  case "inbox.close": try await inbox.close()
  default: throw Otherwise("the API has no \(name)")
  }
  return ()
}

extension Args {
  func caregiver() throws -> NewCaregiver {
    NewCaregiver(
      name: try text("name"), relationship: try text("relationship"), rights: try rights(), until: nil)
  }

  func rights() throws -> [Right] {
    try (list("rights") ?? []).map { right in
      switch right.text {
      case "see": .see
      case "log": .log
      case "acknowledge": .acknowledge
      case "message": .message
      case "manage": .manage
      default: throw Otherwise("no right is \(right)")
      }
    }
  }

  func message() throws -> NewMessage {
    NewMessage(
      to: try text("to") == "nurse" ? .nurse : .pharmacist, text: try text("text"), topic: try topic(),
      urgent: flag("urgent"))
  }

  private func topic() throws -> MessageTopic? {
    switch optional("topic") {
    case nil: return nil
    case "medicine": return .medicine
    case "symptom": return .symptom
    case "line": return .line
    case "pump": return .pump
    case "supplies": return .supplies
    case "visit": return .visit
    case "other": return .other
    case let topic?: throw Otherwise("no message is about \(topic)")
    }
  }
}
