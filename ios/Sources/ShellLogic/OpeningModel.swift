import HomelineKit
import Observation

/// The vault of this app: open while the app is used, closed while it is not.
@MainActor @Observable
public final class OpeningModel {
  /// Today's screen, while the vault is open.
  public private(set) var today: TodayModel?
  /// Why it is not open.
  public private(set) var failure: HomelineError?

  private let opener: @Sendable () async throws -> Homeline
  private var homeline: Homeline?
  private var turn: Task<Void, Never>?

  /// `opener` opens the vault and throws a `HomelineError` where it cannot.
  public init(opener: @escaping @Sendable () async throws -> Homeline) { self.opener = opener }

  /// Opens the vault, unless it is open.
  public func open() async {
    await inTurn { [self] in
      guard homeline == nil else { return }
      do {
        let opened = try await opener()
        homeline = opened
        today = TodayModel(agenda: opened.agenda)
        failure = nil
      } catch { failure = error as? HomelineError }
    }
  }

  /// Closes the vault, if it is open. What was recorded is on disk already.
  public func close() async {
    await inTurn { [self] in
      let opened = homeline
      homeline = nil
      today = nil
      do { try await opened?.close() } catch { failure = error as? HomelineError }
    }
  }

  /// One after the other: a phone may be laid down and taken up again faster than a vault opens.
  private func inTurn(_ work: @escaping @MainActor () async -> Void) async {
    let before = turn
    let mine = Task { @MainActor in
      await before?.value
      await work()
    }
    turn = mine
    await mine.value
  }
}
