import HomelineGenerated

/// Messages to the pharmacist and the nurse, and theirs to home.
public struct Messages: Sendable {
  let core: HomelineGenerated.Homeline

  /// Puts a message (at most 64 KiB of UTF-8) into the outbox, ahead of everything that can wait; it is sent at the next sync.
  /// Nobody sees it before: for danger a person calls.
  ///
  /// `notFound` (the plan names nobody with this role), `badInput` (empty or too long).
  @discardableResult
  public func send(to recipient: Recipient, _ text: String) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.sendMessage(to: recipient, text: text) }
  }

  /// The same with all that a message can carry: topic, urgency, the thread that it goes on, entries of the journal.
  ///
  /// `badInput` (no words, too many, an entry that stays at home), `notFound` (nobody has that part in the plan; no such thread
  /// or entry).
  @discardableResult
  public func write(_ message: NewMessage) async throws(HomelineError) -> MessageSent {
    try await calling { [core] in try await core.writeMessage(message: message) }
  }

  /// What stands beside the text field before a message is sent: whom to call instead of waiting, when an answer can be expected,
  /// what goes with it. Nothing is written.
  public func compose(_ message: NewMessage) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.composeMessage(message: message) }
  }

  /// Keeps what is being written, so that a killed app loses no words. Without an id it is a new draft. Answers its id.
  @discardableResult
  public func keepDraft(_ message: NewMessage, id: String? = nil) async throws(HomelineError) -> String {
    try await calling { [core] in try await core.keepDraft(id: id, message: message) }
  }

  /// What was begun and not sent, the newest first.
  public func drafts() async throws(HomelineError) -> [MessageDraft] {
    try await calling { [core] in try await core.messageDrafts() }
  }

  /// Sends a draft. A second time, also after a kill in between, it is the same message, once. As `write`.
  @discardableResult
  public func sendDraft(_ id: String) async throws(HomelineError) -> MessageSent {
    try await calling { [core] in try await core.sendDraft(id: id) }
  }

  /// Throws a draft away. One that is not there is fine.
  public func discardDraft(_ id: String) async throws(HomelineError) {
    try await calling { [core] in try await core.discardDraft(id: id) }
  }

  /// Messages in which all words occur, newest first; the last word may be only begun. `badInput` (no word).
  public func search(_ words: String, limit: UInt32 = 50) async throws(HomelineError) -> [Row] {
    try await calling { [core] in try await core.searchMessages(words: words, limit: limit) }
  }

  /// The newest messages of both sides, newest first; `size` 1 to 500.
  public func list(size: UInt32 = 50) async throws(HomelineError) -> [Row] {
    try await calling { [core] in try await core.messages(size: size) }
  }

  /// The threads as a screen, and to whom one can write: for an action `message.write:pharmacist` or `message.write:nurse` the
  /// app asks for words and calls `write`; a draft is gone on with.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.messagesScreen() }
  }

  /// One thread as a screen. `thread` is the entry that a row of `screen` names.
  public func thread(_ thread: String) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.messageThread(thread: thread) }
  }
}
