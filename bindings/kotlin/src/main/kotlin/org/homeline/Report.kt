package org.homeline

import org.homeline.ffi.Homeline as Core

/** What leaves the vault in the clear: the visit report, and everything out. */
public class Report internal constructor(
    private val core: Core,
) {
    /**
     * Writes the visit report of the last [days] days with today, 1 to 400, to [place]: a file, or for `CSV` a folder that does not exist
     * yet. [consent] is to be asked for each report. [work] counts three parts: read, composed, written.
     *
     * `BAD_INPUT` (days), `NOT_FOUND` (no plan), `ALREADY_EXISTS`, `DISK_FULL`, `PLATFORM`, `CANCELLED`.
     */
    public suspend fun write(
        days: Int,
        format: ReportFormat,
        place: String,
        consent: Consent = Consent(privateEntries = false, helpersNotes = false),
        work: Work = Work(),
    ): ReportWritten = working(work) { core.writeReport(days.toUInt(), consent, format, place, it) }

    /** The first page of the report of the last [days] days as a screen, before it is written. */
    public suspend fun screen(
        days: Int,
        consent: Consent = Consent(privateEntries = false, helpersNotes = false),
    ): Screen = calling { core.reportScreen(days.toUInt(), consent) }

    /**
     * Writes everything into a folder that does not exist yet: `bundle.json` (FHIR R4), `journal.ndjson` and `attachments`. [work] counts
     * entries.
     *
     * `ALREADY_EXISTS`, `DISK_FULL`, `PLATFORM`, `CANCELLED`.
     */
    public suspend fun export(
        folder: String,
        work: Work = Work(),
    ): Exported = working(work) { core.exportTo(folder, it) }
}
