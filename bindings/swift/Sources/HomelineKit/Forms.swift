import Foundation
import HomelineGenerated

/// Forms: Homeline's own (daily check, site check and others) and the care team's questionnaires.
public struct Forms: Sendable {
  let core: HomelineGenerated.Homeline

  /// Every form that can be chosen: Homeline's own, then the care team's, with their drafts.
  public func list() async throws(HomelineError) -> [FormListed] {
    try await calling { [core] in try await core.forms() }
  }

  /// The same as a screen; an action `form.open:<id>` stands for `open`.
  public func screen() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.formsScreen() }
  }

  /// A form as it stands: where a draft left off, else as it begins. `id` is that of `list`, e.g. `check`.
  ///
  /// `notFound`; `badInput` with code `form.refused` for a form that cannot be answered whole here.
  public func open(_ id: String) async throws(HomelineError) -> Form {
    try await calling { [core] in try await core.openForm(id: id) }
  }

  /// Answers questions: all of them, or none when one cannot be taken. A draft is on disk when it returns.
  ///
  /// `badInput` with the question as `field`.
  @discardableResult
  public func answer(_ id: String, _ answers: [FormAnswer]) async throws(HomelineError) -> Form {
    try await calling { [core] in try await core.answerForm(id: id, answers: answers) }
  }

  /// Throws a half-filled form away. One that is not there is fine.
  public func discard(_ id: String) async throws(HomelineError) {
    try await calling { [core] in try await core.discardForm(id: id) }
  }

  /// Finishes a form: its answers become entries, and the draft goes. `photo` (JPEG or PNG, at most 20 MB) goes with the daily
  /// check and the site check. When something is missing nothing is written and the draft stays: `badInput` with the first open
  /// question as `field`.
  @discardableResult
  public func finish(_ id: String, photo: Data? = nil) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.finishForm(id: id, photo: photo) }
  }
}
