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

  /// The thread as a screen, and to whom one can write: for an action `message.write:pharmacist` or `message.write:nurse` the app
  /// asks for words and calls `send`. `size` 1 to 500.
  public func screen(size: UInt32 = 50) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.messagesScreen(size: size) }
  }
}
