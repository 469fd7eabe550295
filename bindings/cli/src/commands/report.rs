//! `homeline report`: the visit report as a page, a PDF, a folder of tables or a FHIR document.

use super::{Session, write_whole};
use crate::arguments::{ReportArguments, ReportFormat};
use crate::failure::Failure;
use homeline_companion::{Consent, ReportFile};
use serde_json::json;
use std::path::{Path, PathBuf};

/// `homeline report`
pub async fn run(session: &Session, arguments: ReportArguments) -> Result<(), Failure> {
    let ReportArguments { days, format, out, include_private, include_helpers_notes } = arguments;
    let consent = Consent { private_entries: include_private, helpers_notes: include_helpers_notes };
    let out = out.unwrap_or_else(|| PathBuf::from(format.usual_name()));
    if format == ReportFormat::Csv {
        refuse_existing(&out)?;
    }
    let report = session.with_vault(async |homeline| Ok(homeline.report().visit_with(days, consent).await?)).await?;
    match format {
        ReportFormat::Html => write_whole(&out, report.html().as_bytes())?,
        ReportFormat::Pdf => write_whole(&out, &report.pdf()?)?,
        ReportFormat::Fhir => write_whole(&out, report.fhir()?.as_bytes())?,
        ReportFormat::Csv => write_folder(&out, &report.csv()?)?,
    }
    let answer = json!({
        "report": out, "format": format.as_str(), "from": report.from, "to": report.to,
        "doses_planned": report.doses_planned, "doses_recorded": report.doses_recorded,
    });
    session.output.answer(&answer, |text| {
        writeln!(
            text,
            "Wrote {}: {} to {}, {} of {} doses recorded. It is in the clear: give it to whom it is for.",
            out.display(),
            report.from,
            report.to,
            report.doses_recorded,
            report.doses_planned
        )
    })
}

/// Files of an older report between those of a new one would be taken for its own.
fn refuse_existing(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{} exists already: name a folder that does not exist yet with --out; nothing was changed",
        folder.display()
    )))
}

/// Writes a folder so that it is there whole or not at all.
pub fn write_folder(folder: &Path, files: &[ReportFile]) -> Result<(), Failure> {
    let mut beside = folder.as_os_str().to_owned();
    beside.push(".unfinished");
    let beside = PathBuf::from(beside);
    let written = std::fs::create_dir_all(&beside)
        .and_then(|()| files.iter().try_for_each(|file| std::fs::write(beside.join(&file.name), &file.bytes)))
        .and_then(|()| std::fs::rename(&beside, folder));
    written.map_err(|error| {
        let _ = std::fs::remove_dir_all(&beside);
        Failure::file(folder, "written", &error)
    })
}
