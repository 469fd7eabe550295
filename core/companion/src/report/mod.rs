//! The visit report: what was planned and what happened, the first page for the visit and the details after it, as HTML,
//! PDF, CSV and a FHIR document.
//!
//! `material.rs` reads plan, agenda and journal once; `sections/` make one [`document::Document`] of it, which is pure data;
//! each format only draws that. So every number is computed once, and stands alike in all of them. Every line can be traced
//! to an entry and names its source. Private entries and other helpers' words stay out without [`Consent`].

mod chart;
mod consent;
mod csv;
mod document;
mod fhir;
mod html;
mod material;
mod pdf;
mod preview;
mod sections;
#[cfg(test)]
mod tests;

pub use consent::Consent;
pub use csv::ReportFile;
pub(crate) use document::moment_words;

use crate::access::Access;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::screen::Screen;
use crate::whole_file;
use crate::work::Work;
use chrono::{DateTime, NaiveDate, Utc};
use document::Document;
use homeline_model::{Author, CarePlan, Entry, Uuid};
use homeline_schedule::DoseCounts;
use material::Material;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most days in one report.
const LONGEST: u32 = 400;

/// The visit report.
#[derive(Clone)]
pub struct Report {
    pub(crate) inner: Arc<Inner>,
}

impl Report {
    /// The last `days` days with today, 1 to 400, without private entries and other helpers' words.
    pub async fn visit(&self, days: u32) -> Result<VisitReport, HomelineError> {
        self.visit_with(days, Consent::default()).await
    }

    /// The same with what the person who writes it agreed to show, this once.
    pub async fn visit_with(&self, days: u32, consent: Consent) -> Result<VisitReport, HomelineError> {
        self.visit_watched(days, consent, &Work::default()).await
    }

    /// The first page of the report as a screen, before it is written.
    ///
    /// Errors: `BadInput` (days), `NotFound` (no plan).
    pub async fn preview(&self, days: u32, consent: Consent) -> Result<Screen, HomelineError> {
        let report = self.visit_with(days, consent).await?;
        self.inner
            .allowed(Access::See("report"), move |_, moment| Ok(preview::screen(&report.document, moment.texts)))
            .await
    }

    /// Writes the report: one file, or for CSV a folder that does not exist yet. In the clear: it is for whom it is given to.
    /// `work` counts three parts: read, composed, written.
    ///
    /// Errors: `BadInput` (days), `NotFound` (no plan), `AlreadyExists`, `DiskFull`, `Platform`, `Cancelled`.
    pub async fn write(
        &self,
        days: u32,
        consent: Consent,
        format: ReportFormat,
        place: PathBuf,
        work: Work,
    ) -> Result<ReportWritten, HomelineError> {
        let report = self.visit_watched(days, consent, &work).await?;
        let job = move |work: &Work| {
            report.write(format, &place)?;
            // It is written: whoever takes it back now is late.
            let _ = work.advance(1);
            Ok(ReportWritten {
                from: report.from,
                to: report.to,
                doses_planned: report.doses_planned,
                doses_recorded: report.doses_recorded,
            })
        };
        self.inner.long(&work, job).await
    }

    async fn visit_watched(&self, days: u32, consent: Consent, work: &Work) -> Result<VisitReport, HomelineError> {
        if days == 0 || days > LONGEST {
            return Err(HomelineError::input(
                "days",
                format!("it must be 1 to {LONGEST}"),
                "Give another number of days.",
            ));
        }
        work.check()?;
        work.of_vault.expect(3);
        let gather = move |store: &mut _, moment: &_| Material::gather(store, moment, days, consent);
        let material = self.inner.allowed(Access::See("report"), gather).await?;
        let compose = move |work: &Work| {
            work.advance(1)?;
            let report = VisitReport::new(material);
            work.advance(1)?;
            Ok(report)
        };
        self.inner.long(work, compose).await
    }
}

/// In which form a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportFormat {
    /// One self-contained page.
    Html,
    /// A PDF, A4, tagged for screen readers.
    Pdf,
    /// A folder of tables.
    Csv,
    /// A FHIR R4 Bundle of type `document`, as JSON.
    Fhir,
}

/// What a report that was written holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportWritten {
    /// First day.
    pub from: NaiveDate,
    /// Last day, inclusive.
    pub to: NaiveDate,
    /// Doses whose planned start lies in the span and is past.
    pub doses_planned: u32,
    /// Of these, doses about which somebody recorded something.
    pub doses_recorded: u32,
}

/// The report of a span of days, ready to be drawn. Drawing reads nothing any more, and may be done several times.
#[derive(Debug, Clone)]
pub struct VisitReport {
    /// First day.
    pub from: NaiveDate,
    /// Last day, inclusive.
    pub to: NaiveDate,
    /// Doses whose planned start lies in the span and is past.
    pub doses_planned: u32,
    /// Of these, doses about which somebody recorded something.
    pub doses_recorded: u32,
    document: Document,
    id: Uuid,
    period: (DateTime<Utc>, DateTime<Utc>),
    plan: Arc<CarePlan>,
    author: Author,
    server: Option<String>,
    entries: Vec<Entry>,
}

impl VisitReport {
    fn new(material: Material) -> Self {
        let sum = |of: fn(&DoseCounts) -> u32| material.adherence.orders.iter().map(|order| of(&order.counts)).sum();
        Self {
            from: material.from,
            to: material.to,
            doses_planned: sum(|counts| counts.planned),
            doses_recorded: sum(DoseCounts::recorded),
            document: sections::compose(&material),
            id: Uuid::new_v4(),
            period: (material.span.from, material.span.to),
            plan: material.plan,
            author: material.me,
            server: material.server,
            entries: material.entries,
        }
    }

    /// Writes it to a file, or for CSV into a folder that does not exist yet: whole or not at all.
    ///
    /// Errors: `AlreadyExists`, `DiskFull`, `Platform`.
    pub fn write(&self, format: ReportFormat, place: &Path) -> Result<(), HomelineError> {
        const WHAT: &str = "the report";
        match format {
            ReportFormat::Html => whole_file::file(WHAT, place, self.html().as_bytes()),
            ReportFormat::Pdf => whole_file::file(WHAT, place, &self.pdf()?),
            ReportFormat::Fhir => whole_file::file(WHAT, place, self.fhir()?.as_bytes()),
            ReportFormat::Csv => whole_file::folder(WHAT, place, |folder| {
                self.csv()?.iter().try_for_each(|file| {
                    std::fs::write(folder.join(&file.name), &file.bytes)
                        .map_err(|error| whole_file::failed(WHAT, &error))
                })
            }),
        }
    }

    /// A self-contained page: no script, no outside file.
    pub fn html(&self) -> String {
        html::render(&self.document)
    }

    /// A PDF, A4, tagged for screen readers (PDF/UA-1). Its text can be selected.
    pub fn pdf(&self) -> Result<Vec<u8>, HomelineError> {
        pdf::render(&self.document)
    }

    /// The tables as CSV files (UTF-8, comma, header row), `footnotes.csv`, and `columns.csv` that explains their columns.
    /// Times are RFC 3339, days `YYYY-MM-DD`, decimals have a point; what is not known is empty.
    pub fn csv(&self) -> Result<Vec<ReportFile>, HomelineError> {
        csv::files(&self.document)
    }

    /// A FHIR R4 Bundle of type `document` as JSON, with the journal entries behind the sections.
    pub fn fhir(&self) -> Result<String, HomelineError> {
        fhir::render(self)
    }
}
