import HomelineGenerated

/// What leaves the vault in the clear: the visit report, and everything out.
public struct Report: Sendable {
  let core: HomelineGenerated.Homeline

  /// Writes the visit report of the last `days` days with today, 1 to 400, to `place`: a file, or for `csv` a folder that does
  /// not exist yet. `consent` is to be asked for each report. `work` counts three parts: read, composed, written.
  ///
  /// `badInput` (days), `notFound` (no plan), `alreadyExists`, `diskFull`, `platform`, `cancelled`.
  @discardableResult
  public func write(
    days: UInt32, format: ReportFormat, to place: String,
    consent: Consent = Consent(privateEntries: false, helpersNotes: false), work: Work = Work()
  ) async throws(HomelineError) -> ReportWritten {
    try await working(work) { [core] work in
      try await core.writeReport(days: days, consent: consent, format: format, place: place, work: work)
    }
  }

  /// The first page of the report of the last `days` days as a screen, before it is written.
  public func screen(
    days: UInt32, consent: Consent = Consent(privateEntries: false, helpersNotes: false)
  ) async throws(HomelineError) -> Screen {
    try await calling { [core] in try await core.reportScreen(days: days, consent: consent) }
  }

  /// Writes everything into a folder that does not exist yet: `bundle.json` (FHIR R4), `journal.ndjson` and `attachments`.
  /// `work` counts entries.
  ///
  /// `alreadyExists`, `diskFull`, `platform`, `cancelled`.
  @discardableResult
  public func export(to folder: String, work: Work = Work()) async throws(HomelineError) -> Exported {
    try await working(work) { [core] work in try await core.exportTo(folder: folder, work: work) }
  }
}
