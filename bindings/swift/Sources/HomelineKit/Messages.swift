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

  /// The newest messages of both sides, newest first; `size` 1 to 500.
  public func list(size: UInt32 = 50) async throws(HomelineError) -> [Row] {
    try await calling { [core] in try await core.messages(size: size) }
  }

  /// The threads as a screen, and to whom one can write: for an action `message.write:pharmacist` or `message.write:nurse` the
  /// app asks for words and calls `send`.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.messagesScreen() }
  }

  /// One thread as a screen. `thread` is the entry that a row of `screen` names.
  public func thread(_ thread: String) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.messageThread(thread: thread) }
  }
}
