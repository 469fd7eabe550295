//! The journal: writing things down, and reading them again.

use crate::call::call;
use crate::crossing::{JournalFilter, JournalPage, Logged, Row, Screen, Severity, SymptomChoice};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::{Day, Timestamp};
use homeline_companion::Place;
use homeline_model::{AttachmentId, EntryId};

/// The symptoms that can be logged, in the order in which they are shown. They are built in.
#[uniffi::export]
pub fn symptom_choices() -> Result<Vec<SymptomChoice>, HomelineError> {
    Ok(homeline_companion::symptoms())
}

#[uniffi::export]
impl Homeline {
    /// Writes own words, at most 64 KiB of UTF-8. `private` stays at home: it is never sent.
    ///
    /// Errors: `BadInput` (empty or too long), `NotFound` (no plan yet), as of everything that writes.
    pub async fn note(&self, text: String, private: bool) -> Result<Logged, HomelineError> {
        call(self.inner.journal().note(text, private)).await
    }

    /// A question for the next contact with the team, at most 64 KiB of UTF-8.
    pub async fn question(&self, text: String) -> Result<Logged, HomelineError> {
        call(self.inner.journal().question(text)).await
    }

    /// Mood, in own words.
    pub async fn mood(&self, text: String, private: bool) -> Result<Logged, HomelineError> {
        call(self.inner.journal().mood(text, private)).await
    }

    /// A complaint, or that it is not there (`present` false). `symptom` is a key of `symptom_choices`.
    ///
    /// Errors: `BadInput` (unknown symptom).
    pub async fn symptom(
        &self,
        symptom: String,
        present: bool,
        severity: Option<Severity>,
        note: Option<String>,
    ) -> Result<Logged, HomelineError> {
        call(self.inner.journal().symptom(symptom, present, severity, note)).await
    }

    /// How a complaint went on: when it was gone, what was done about it, or both. The complaint stays as it was written.
    ///
    /// Errors: `NotFound` (no such complaint), `BadInput` (nothing said; a time before it or still to come).
    pub async fn symptom_course(
        &self,
        symptom: EntryId,
        ended_at: Option<Timestamp>,
        action: Option<String>,
    ) -> Result<Logged, HomelineError> {
        call(self.inner.journal().symptom_course(symptom, ended_at, action)).await
    }

    /// Complaints of the last 14 days that nobody said to be gone, newest first. It is not known whether they are still there.
    pub async fn open_symptoms(&self) -> Result<Vec<Row>, HomelineError> {
        call(self.inner.journal().open_symptoms()).await
    }

    /// A vital sign as typed, e.g. `37.8 C`, `100.4 F`, `118/76`, `72 kg`. A blood pressure makes two entries. The unit is
    /// kept as typed.
    ///
    /// Errors: `BadInput` (no unit; a value that no body has).
    pub async fn vital(&self, text: String) -> Result<Vec<Logged>, HomelineError> {
        call(self.inner.journal().vital(text)).await
    }

    /// A picture (JPEG or PNG, at most 20 MB). Place and camera data are taken out before it is sealed.
    ///
    /// Errors: `BadInput` (another format, too large).
    pub async fn photo(&self, bytes: Vec<u8>, caption: Option<String>) -> Result<Logged, HomelineError> {
        call(self.inner.journal().photo(bytes, caption)).await
    }

    /// The sealed picture of an entry, opened.
    ///
    /// Errors: `Damaged` (missing or not whole; its entry is still there).
    pub async fn picture(&self, attachment: AttachmentId) -> Result<Vec<u8>, HomelineError> {
        call(self.inner.journal().picture(attachment)).await
    }

    /// One page of the journal, newest first; `place` is where the page before it ended, `size` 1 to 500.
    pub async fn timeline(&self, place: Option<Place>, size: u32) -> Result<JournalPage, HomelineError> {
        call(self.inner.journal().timeline(JournalFilter::default(), place, size)).await
    }

    /// One page of a part of the journal, newest first, as `timeline`.
    pub async fn timeline_of(
        &self,
        filter: JournalFilter,
        place: Option<Place>,
        size: u32,
    ) -> Result<JournalPage, HomelineError> {
        call(self.inner.journal().timeline(filter, place, size)).await
    }

    /// Entries in which all words occur, newest first; the last word may be only begun. `limit` is taken as 1 to 500.
    ///
    /// Errors: `BadInput` (no word).
    pub async fn search(&self, words: String, limit: u32) -> Result<Vec<Row>, HomelineError> {
        call(self.inner.journal().search(words, limit)).await
    }

    /// One entry in full: as it was written, what was corrected later, and when, by whom and about what it is. An action
    /// `picture.open:<attachment>` stands for `picture`.
    ///
    /// Errors: `NotFound`.
    pub async fn entry_screen(&self, entry: EntryId) -> Result<Screen, HomelineError> {
        call(self.inner.journal().entry_screen(entry)).await
    }

    /// How many entries there are.
    pub async fn entry_count(&self) -> Result<u64, HomelineError> {
        call(self.inner.journal().count()).await
    }

    /// The first instant of a day where the phone is.
    ///
    /// Errors: `BadInput` (a day that does not exist in this zone).
    pub async fn first_instant(&self, day: Day) -> Result<Timestamp, HomelineError> {
        call(self.inner.journal().first_instant(day)).await
    }

    /// A time as a person types it: `now`, `14:05` (today), `2026-11-23 14:05`, both by the clock of the place, or RFC 3339.
    pub async fn read_time(&self, typed: String) -> Result<Timestamp, HomelineError> {
        call(self.inner.journal().time(typed)).await
    }
}
