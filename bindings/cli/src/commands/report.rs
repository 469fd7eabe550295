//! `homeline report`: the visit report as a page, a PDF, a folder of tables or a FHIR document.

use super::Session;
use crate::arguments::ReportArguments;
use crate::failure::Failure;
use homeline_companion::{Consent, Work};
use serde_json::json;
use std::path::PathBuf;

/// `homeline report`
pub async fn run(session: &Session, arguments: ReportArguments) -> Result<(), Failure> {
    let ReportArguments { days, format, out, include_private, include_helpers_notes } = arguments;
    let consent = Consent { private_entries: include_private, helpers_notes: include_helpers_notes };
    let out = out.unwrap_or_else(|| PathBuf::from(format.usual_name()));
    let (place, work) = (out.clone(), Work::default());
    let report = session
        .with_vault(async |homeline| {
            let written = homeline.report().write(days, consent, format.into(), place, work).await;
            written.map_err(|error| Failure::Failed(format!("{}: {error}", out.display())))
        })
        .await?;
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
