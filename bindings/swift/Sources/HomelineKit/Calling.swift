import Foundation
import HomelineGenerated

/// Makes a call into the core, and waits for its answer no longer than the caller's task wants it.
///
/// The generated code takes no notice of a cancelled task. So the call runs in a task of its own: a caller that is cancelled
/// goes away at once, and what was handed to the core is carried out whole.
func calling<Answer: Sendable>(
  _ call: @escaping @Sendable () async throws -> Answer
) async throws(HomelineError) -> Answer {
  let waiting = Waiting<Answer>()
  let answer = await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      // A task that was cancelled before makes no call.
      guard waiting.begin(continuation) else { return }
      Task { waiting.answer(await outcome(of: call)) }
    }
  } onCancel: {
    waiting.answer(.failure(.cancelled))
  }
  return try answer.get()
}

/// Makes a call that is awaited to its end also by a task that was cancelled.
func finishing<Answer: Sendable>(
  _ call: @Sendable () async throws -> Answer
) async throws(HomelineError) -> Answer {
  try await outcome(of: call).get()
}

func outcome<Answer: Sendable>(
  of call: @Sendable () async throws -> Answer
) async -> Result<Answer, HomelineError> {
  do { return .success(try await call()) } catch { return .failure(HomelineError(error)) }
}

/// A caller that waits, and the first answer that it gets.
private final class Waiting<Answer: Sendable>: @unchecked Sendable {
  typealias Outcome = Result<Answer, HomelineError>

  private let lock = NSLock()
  // Guarded by `lock`.
  private var continuation: CheckedContinuation<Outcome, Never>?
  private var early: Outcome?

  /// Whether the call is still wanted.
  func begin(_ continuation: CheckedContinuation<Outcome, Never>) -> Bool {
    let early = lock.withLock {
      if self.early == nil { self.continuation = continuation }
      return self.early
    }
    if let early { continuation.resume(returning: early) }
    return early == nil
  }

  func answer(_ outcome: Outcome) {
    let waiting = lock.withLock {
      if continuation == nil, early == nil { early = outcome }
      defer { continuation = nil }
      return continuation
    }
    waiting?.resume(returning: outcome)
  }
}
