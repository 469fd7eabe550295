package org.homeline

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.time.Instant
import org.homeline.ffi.Homeline as Core

/** The journal: writing things down, and reading them again. What is written is on disk when the call returns. */
public class Journal internal constructor(
    private val core: Core,
) {
    /**
     * Writes own words, at most 64 KiB of UTF-8. [private] stays at home: it is never sent.
     *
     * `BAD_INPUT` (empty or too long), `NOT_FOUND` (no plan yet), as of everything that writes.
     */
    public suspend fun note(
        text: String,
        private: Boolean = false,
    ): Logged = writing { core.note(text, private) }

    /** A question for the next contact with the team, at most 64 KiB of UTF-8. */
    public suspend fun question(text: String): Logged = writing { core.question(text) }

    /** Mood, in own words. [private] stays at home. */
    public suspend fun mood(
        text: String,
        private: Boolean = false,
    ): Logged = writing { core.mood(text, private) }

    /**
     * A complaint, or that it is not there ([present] false). [symptom] is the key of one of [symptomChoices].
     *
     * `BAD_INPUT` (unknown symptom).
     */
    public suspend fun symptom(
        symptom: String,
        severity: Severity? = null,
        present: Boolean = true,
        note: String? = null,
    ): Logged = writing { core.symptom(symptom, present, severity, note) }

    /**
     * How a complaint went on: when it was gone, what was done about it, or both. [symptom] is the complaint's entry; it stays as it
     * was written.
     */
    public suspend fun symptomCourse(
        symptom: String,
        endedAt: Instant? = null,
        action: String? = null,
    ): Logged = writing { core.symptomCourse(symptom, endedAt, action) }

    /** Complaints of the last 14 days that nobody said to be gone, newest first. It is not known whether they are still there. */
    public suspend fun openSymptoms(): List<Row> = calling { core.openSymptoms() }

    /** The symptoms that can be logged, in the order in which they are shown. */
    public suspend fun symptomChoices(): List<SymptomChoice> = calling { org.homeline.ffi.symptomChoices() }

    /**
     * A vital sign as typed, e.g. `37.8 C`, `100.4 F`, `118/76`, `72 kg`. A blood pressure makes two entries. The unit is kept as typed.
     *
     * `BAD_INPUT` (no unit; a value that no body has).
     */
    public suspend fun vital(text: String): List<Logged> = writing { core.vital(text) }

    /** A picture (JPEG or PNG, at most 20 MB). Place and camera data are taken out before it is sealed. */
    public suspend fun photo(
        bytes: ByteArray,
        caption: String? = null,
    ): Logged = writing { core.photo(bytes, caption) }

    /** The sealed picture of an entry, opened. `DAMAGED` when it is missing or not whole; its entry is still there. */
    public suspend fun picture(attachment: String): ByteArray = calling { core.picture(attachment) }

    /** One page, newest first; [after] is where the page before it ended, [size] 1 to 500. */
    public suspend fun page(
        after: String? = null,
        size: Int = PAGE,
        filter: JournalFilter = everything,
    ): TimelinePage = calling { core.timelineOf(filter, after, size.toUInt()) }

    /** The whole journal, or the part of it that [filter] names, newest first, read page by page as it is collected. */
    public fun timeline(
        pageSize: Int = PAGE,
        filter: JournalFilter = everything,
    ): Flow<Row> =
        flow {
            var place: String? = null
            do {
                val page = page(place, pageSize, filter)
                page.rows.forEach { emit(it) }
                place = page.next
            } while (place != null)
        }

    /**
     * One entry in full: as it was written, what was corrected later, and when, by whom and about what it is. An action
     * `picture.open:<attachment>` stands for [picture].
     */
    public suspend fun entry(id: String): Screen = calling { core.entryScreen(id) }

    /** Entries in which all [words] occur, newest first; the last word may be only begun. [limit] is 1 to 500. */
    public suspend fun search(
        words: String,
        limit: Int = PAGE,
    ): List<Row> = calling { core.search(words, limit.toUInt()) }

    /** How many entries there are. */
    public suspend fun count(): Long = calling { core.entryCount().toLong() }

    /** The first instant of a day (`2026-11-23`) where the phone is. */
    public suspend fun firstInstant(day: String): Instant = calling { core.firstInstant(day) }

    /**
     * A time as a person types it: `now`, `14:05` (today), `2026-11-23 14:05`, both by the clock of the place, or RFC 3339.
     */
    public suspend fun readTime(typed: String): Instant = calling { core.readTime(typed) }

    private companion object {
        /** Two screens of a phone. */
        const val PAGE = 50

        val everything = JournalFilter(kinds = emptyList())
    }
}
