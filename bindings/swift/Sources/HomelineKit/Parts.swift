import Foundation
import HomelineGenerated

/// The care plan.
public struct Plan: Sendable {
  let core: HomelineGenerated.Homeline

  /// Takes over a care plan: a FHIR R4 Bundle as JSON. The plan of another patient is refused as a whole; an order that
  /// cannot be understood is kept, never scheduled, and listed in the answer.
  public func importBundle(_ json: Data) async throws(HomelineError) -> PlanImported {
    try await calling { [core] in try await core.importPlan(bundle: json) }
  }
}

/// What is to be done, and doing it.
public struct Agenda: Sendable {
  let core: HomelineGenerated.Homeline

  /// What is to be done today, and how far it is.
  public func today() async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.today() }
  }

  /// Does what a button of a row stands for. Doing it twice does it once: the second answer names the first one's entry.
  @discardableResult
  public func act(_ action: Action, input: ActionInput = ActionInput()) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.act(action: action.id, input: input) }
  }
}

/// The journal.
public struct Journal: Sendable {
  let core: HomelineGenerated.Homeline

  /// Writes own words. What is `private` stays at home: it is never sent.
  @discardableResult
  public func note(_ text: String, private: Bool = false) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.note(text: text, private: `private`) }
  }

  /// One page, newest first. `place` is where the page before it ended.
  public func page(after place: String? = nil, size: UInt32 = 50) async throws(HomelineError) -> TimelinePage {
    try await calling { [core] in try await core.timeline(place: place, size: size) }
  }

  /// The whole journal, newest first, read page by page as it is walked.
  public func timeline(pageSize: UInt32 = 50) -> Timeline {
    Timeline(journal: self, pageSize: pageSize)
  }
}

/// The rows of the journal, newest first.
public struct Timeline: AsyncSequence, Sendable {
  public typealias Element = Row

  let journal: Journal
  let pageSize: UInt32

  public func makeAsyncIterator() -> Iterator { Iterator(journal: journal, pageSize: pageSize) }

  public struct Iterator: AsyncIteratorProtocol {
    let journal: Journal
    let pageSize: UInt32
    private var rows: ArraySlice<Row> = []
    private var place: String?
    private var begun = false

    init(journal: Journal, pageSize: UInt32) {
      self.journal = journal
      self.pageSize = pageSize
    }

    public mutating func next() async throws -> Row? {
      if rows.isEmpty, !begun || place != nil {
        let page = try await journal.page(after: place, size: pageSize)
        begun = true
        rows = page.rows[...]
        place = page.next
      }
      return rows.popFirst()
    }
  }
}
