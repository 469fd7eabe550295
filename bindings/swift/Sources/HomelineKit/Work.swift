import HomelineGenerated

/// The handle of one long piece of work: made by the caller, lent to one call, and asked from any thread meanwhile. Neither of
/// its calls waits for anything. Cancelling the task of the call takes the work back as `cancel` does.
public final class Work: Sendable {
  let core = HomelineGenerated.Work()

  public init() {}

  /// Takes the work back: it ends at its next part with an error of kind `cancelled`, and leaves nothing half-done. Before it
  /// began, it never begins; after its end, nothing happens.
  public func cancel() { try? core.cancel() }

  /// How far it is; which parts are counted, the call says.
  public func progress() throws(HomelineError) -> Progress {
    do { return try core.progress() } catch { throw HomelineError(error) }
  }
}

/// Runs long work, and takes it back when the caller's task is cancelled. It ends when the work has ended, so that nothing of it
/// is still under way.
func working<Answer: Sendable>(
  _ work: Work, _ call: @escaping @Sendable (HomelineGenerated.Work) async throws -> Answer
) async throws(HomelineError) -> Answer {
  let ended = await withTaskCancellationHandler {
    await outcome(of: { try await call(work.core) })
  } onCancel: {
    work.cancel()
  }
  return try ended.get()
}
