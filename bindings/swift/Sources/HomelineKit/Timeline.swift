import HomelineGenerated

/// Rows of the journal, newest first, read page by page.
public struct Timeline: AsyncSequence, Sendable {
  public typealias Element = Row
  public typealias Failure = HomelineError

  let journal: Journal
  let pageSize: UInt32
  let filter: JournalFilter

  public func makeAsyncIterator() -> Iterator { Iterator(of: self) }

  public struct Iterator: AsyncIteratorProtocol {
    private let timeline: Timeline
    private var rows: ArraySlice<Row> = []
    private var place: String?
    private var begun = false

    init(of timeline: Timeline) { self.timeline = timeline }

    /// The next row; none at the end.
    public mutating func next() async throws(HomelineError) -> Row? { try await next(isolation: nil) }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws(HomelineError) -> Row? {
      if rows.isEmpty, !begun || place != nil {
        let page = try await timeline.journal.page(after: place, size: timeline.pageSize, filter: timeline.filter)
        begun = true
        rows = page.rows[...]
        place = page.next
      }
      return rows.popFirst()
    }
  }
}
