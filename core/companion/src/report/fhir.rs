//! The report as a FHIR document: its sections as text, with the entries behind them.

use super::VisitReport;
use super::document::{Block, Document, Section, SectionKind, Table};
use crate::error::{ErrorKind, HomelineError};
use homeline_fhir::{DocumentSection, SectionCode, VisitDocument, visit_document};
use homeline_model::AttachmentId;
use maud::{Markup, html};

pub(super) fn render(report: &VisitReport) -> Result<String, HomelineError> {
    let document = &report.document;
    let mut sections: Vec<DocumentSection> =
        document.sections().map(|section| self::section(document, section)).collect();
    sections.push(DocumentSection {
        title: "Period, sources and denominators".to_owned(),
        code: None,
        narrative: xml(html! {
            p { (document.period()) ", written " (document.written_at.format("%-d %B %Y %H:%M")) "." }
            ol { @for note in &document.footnotes { li { (note.text) } } }
            @for line in document.warnings.iter().chain(&document.closing) { p { (line) } }
        }),
        entries: Vec::new(),
    });
    let photos: Vec<(AttachmentId, &[u8])> = document
        .sections()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| match block {
            Block::Pictures(pictures) => Some(pictures),
            Block::Text(_) | Block::List(_) | Block::Table(_) | Block::Charts(_) => None,
        })
        .flatten()
        .map(|picture| (picture.attachment, picture.bytes.as_slice()))
        .collect();
    let title = format!("{}, {}", document.title(), document.period());
    visit_document(&VisitDocument {
        id: report.id,
        title: &title,
        written_at: document.written_at,
        period: report.period,
        plan: &report.plan,
        author: &report.author,
        server: report.server.as_deref(),
        sections,
        entries: &report.entries,
        photos: &photos,
    })
    .map_err(|error| {
        let kind = ErrorKind::Internal;
        HomelineError::new(
            kind,
            "report.fhir",
            format!("the document cannot be written ({error})"),
            "Take another format.",
        )
    })
}

fn section(document: &Document, section: &Section) -> DocumentSection {
    let code = match section.kind {
        SectionKind::Administrations => Some(SectionCode::MedicationAdministered),
        SectionKind::VitalSigns => Some(SectionCode::VitalSigns),
        SectionKind::Devices => Some(SectionCode::MedicalDevices),
        SectionKind::Other => None,
    };
    let notes: Vec<String> = section
        .footnotes
        .iter()
        .filter_map(|key| document.footnote_number(key))
        .map(|number| number.to_string())
        .collect();
    DocumentSection {
        title: section.title.clone(),
        code,
        narrative: xml(html! {
            @for block in &section.blocks { (self::block(block)) }
            @if !notes.is_empty() { p { "See note " (notes.join(", ")) "." } }
        }),
        entries: section.entries.iter().copied().collect(),
    }
}

/// XML has no other control characters than these; a pasted one becomes a space.
fn xml(markup: Markup) -> String {
    markup.into_string().replace(|c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r'), " ")
}

fn block(block: &Block) -> Markup {
    match block {
        Block::Text(text) => html! { p { (text) } },
        Block::List(lines) => html! { ul { @for line in lines { li { (line) } } } },
        Block::Table(table) => self::table(table),
        Block::Charts(charts) => html! { @for chart in charts { p { b { (chart.title) } ": " (chart.words) } } },
        Block::Pictures(pictures) => html! { ul { @for picture in pictures { li { (picture.caption) } } } },
    }
}

fn table(table: &Table) -> Markup {
    let (rows, _) = table.rows_on_paper();
    html! {
        @if let Some(said) = table.left_out_words() { p { (said) } }
        table {
            caption { (table.caption) }
            @if table.columns_on_paper().any(|(.., heading)| !heading.is_empty()) {
                thead { tr { @for (.., heading) in table.columns_on_paper() { th { (heading) } } } }
            }
            tbody { @for row in rows { tr {
                @for (index, ..) in table.columns_on_paper() {
                    td { (row.get(index).map(|cell| cell.shown.as_str()).unwrap_or_default()) }
                }
            } } }
        }
    }
}
