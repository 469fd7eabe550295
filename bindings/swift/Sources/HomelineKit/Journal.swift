import Foundation
import HomelineGenerated

/// The journal: writing things down, and reading them again. What is written is on disk when the call returns.
public struct Journal: Sendable {
  let core: HomelineGenerated.Homeline

  /// Writes own words, at most 64 KiB of UTF-8. What is `private` stays at home: it is never sent.
  ///
  /// `badInput` (empty or too long), `notFound` (no plan yet), as of everything that writes.
  @discardableResult
  public func note(_ text: String, private: Bool = false) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.note(text: text, private: `private`) }
  }

  /// A question for the next contact with the team, at most 64 KiB of UTF-8.
  @discardableResult
  public func question(_ text: String) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.question(text: text) }
  }

  /// Mood, in own words. What is `private` stays at home.
  @discardableResult
  public func mood(_ text: String, private: Bool = false) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.mood(text: text, private: `private`) }
  }

  /// A complaint, or that it is not there (`present` false). `symptom` is the key of one of `symptomChoices`.
  ///
  /// `badInput` (unknown symptom).
  @discardableResult
  public func symptom(
    _ symptom: String, severity: Severity? = nil, present: Bool = true, note: String? = nil
  ) async throws(HomelineError) -> Logged {
    try await calling { [core] in
      try await core.symptom(symptom: symptom, present: present, severity: severity, note: note)
    }
  }

  /// How a complaint went on: when it was gone, what was done about it, or both. `symptom` is the complaint's entry; it stays
  /// as it was written.
  @discardableResult
  public func symptomCourse(
    _ symptom: String, endedAt: Date? = nil, action: String? = nil
  ) async throws(HomelineError) -> Logged {
    try await calling { [core] in
      try await core.symptomCourse(symptom: symptom, endedAt: endedAt, action: action)
    }
  }

  /// Complaints of the last 14 days that nobody said to be gone, newest first. It is not known whether they are still there.
  public func openSymptoms() async throws(HomelineError) -> [Row] {
    try await calling { [core] in try await core.openSymptoms() }
  }

  /// The symptoms that can be logged, in the order in which they are shown.
  public func symptomChoices() async throws(HomelineError) -> [SymptomChoice] {
    try await calling { try HomelineGenerated.symptomChoices() }
  }

  /// A vital sign as typed, e.g. `37.8 C`, `100.4 F`, `118/76`, `72 kg`. A blood pressure makes two entries. The unit is kept
  /// as typed.
  ///
  /// `badInput` (no unit; a value that no body has).
  @discardableResult
  public func vital(_ text: String) async throws(HomelineError) -> [Logged] {
    try await calling { [core] in try await core.vital(text: text) }
  }

  /// A picture (JPEG or PNG, at most 20 MB). Place and camera data are taken out before it is sealed.
  @discardableResult
  public func photo(_ bytes: Data, caption: String? = nil) async throws(HomelineError) -> Logged {
    try await calling { [core] in try await core.photo(bytes: bytes, caption: caption) }
  }

  /// The sealed picture of an entry, opened. `damaged` when it is missing or not whole; its entry is still there.
  public func picture(_ attachment: String) async throws(HomelineError) -> Data {
    try await calling { [core] in try await core.picture(attachment: attachment) }
  }

  /// One page, newest first. `place` is where the page before it ended, `size` 1 to 500.
  public func page(
    after place: String? = nil, size: UInt32 = 50, filter: JournalFilter = JournalFilter(kinds: [])
  ) async throws(HomelineError) -> TimelinePage {
    try await calling { [core] in try await core.timelineOf(filter: filter, place: place, size: size) }
  }

  /// The whole journal, or the part of it that `filter` names, newest first, read page by page as it is walked.
  public func timeline(pageSize: UInt32 = 50, filter: JournalFilter = JournalFilter(kinds: [])) -> Timeline {
    Timeline(journal: self, pageSize: pageSize, filter: filter)
  }

  /// One entry in full: as it was written, what was corrected later, and when, by whom and about what it is. An action
  /// `picture.open:<attachment>` stands for `picture`.
  public func entry(_ id: String) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.entryScreen(entry: id) }
  }

  /// Entries in which all `words` occur, newest first; the last word may be only begun. `limit` is 1 to 500.
  public func search(_ words: String, limit: UInt32 = 50) async throws(HomelineError) -> [Row] {
    try await calling { [core] in try await core.search(words: words, limit: limit) }
  }

  /// How many entries there are.
  public func count() async throws(HomelineError) -> UInt64 {
    try await calling { [core] in try await core.entryCount() }
  }

  /// The first instant of a day (`2026-11-23`) where the phone is.
  public func firstInstant(of day: String) async throws(HomelineError) -> Date {
    try await calling { [core] in try await core.firstInstant(day: day) }
  }

  /// A time as a person types it: `now`, `14:05` (today), `2026-11-23 14:05`, both by the clock of the place, or RFC 3339.
  public func readTime(_ typed: String) async throws(HomelineError) -> Date {
    try await calling { [core] in try await core.readTime(typed: typed) }
  }
}
