//! Everything out, for its owner: at any time, readable without Homeline.

use crate::access::Access;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::infusion::Infusions;
use crate::whole_file;
use crate::work::Work;
use homeline_fhir::{ExportContext, entry_to_resource};
use homeline_model::{CarePlan, Entry, EntryBody};
use homeline_vault::{Direction, TimelineQuery, Vault};
use serde::Serialize;
use serde_json::value::RawValue;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Entries in `journal.ndjson`, private ones with them.
    pub entries: u64,
    /// Resources in `bundle.json`: the care team's as received, and home's own.
    pub resources: u64,
    /// Files in `attachments`.
    pub attachments: u64,
}

/// Export.
#[derive(Clone)]
pub struct Export {
    pub(crate) inner: Arc<Inner>,
}

impl Export {
    /// Writes everything, in the clear, into a folder that does not exist yet: `bundle.json` (FHIR R4 collection),
    /// `journal.ndjson` (each entry as it was written) and `attachments`. `work` counts entries.
    ///
    /// Errors: `AlreadyExists`, `DiskFull`, `Platform`, `Cancelled`.
    pub async fn to_folder(&self, folder: PathBuf, work: Work) -> Result<Exported, HomelineError> {
        let (vault, plan) =
            self.inner.allowed(Access::Manage, |store, _| Ok((store.vault()?, store.plan().cloned()))).await?;
        let job = move |work: &Work| {
            whole_file::folder(WHAT, &folder, |unfinished| write_all(&vault, plan.as_deref(), unfinished, work))
        };
        self.inner.long(&work, job).await
    }
}

const WHAT: &str = "the export";

fn failed(error: &std::io::Error) -> HomelineError {
    whole_file::failed(WHAT, error)
}

fn write_all(vault: &Vault, plan: Option<&CarePlan>, folder: &Path, work: &Work) -> Result<Exported, HomelineError> {
    let io = |error: std::io::Error| failed(&error);
    let attachments = folder.join("attachments");
    std::fs::create_dir_all(&attachments).map_err(io)?;
    work.of_vault.expect(vault.read(|tx| tx.entry_count())?);
    let mut journal = BufWriter::new(std::fs::File::create(folder.join("journal.ndjson")).map_err(io)?);
    let mut bundle = BundleWriter::begin(folder)?;
    let mut exported = Exported { entries: 0, resources: 0, attachments: 0 };

    for (resource_type, _) in vault.read(|tx| tx.mirror_types())? {
        for row in vault.read(|tx| tx.mirror_of_type(&resource_type))? {
            bundle.add(&row.json)?;
        }
    }
    let mut infusions = Infusions::default();
    let mut query = TimelineQuery { direction: Direction::OldestFirst, limit: 500, ..TimelineQuery::default() };
    loop {
        let page = vault.timeline(&query)?;
        for entry in &page.entries {
            serde_json::to_writer(&mut journal, entry).map_err(|error| failed(&error.into()))?;
            journal.write_all(b"\n").map_err(io)?;
            let photo = attachment(vault, entry, &attachments)?;
            if photo.is_some() {
                exported.attachments += 1;
            }
            let photos: Vec<_> = photo.iter().map(|(id, bytes)| (*id, bytes.as_slice())).collect();
            let moments: Vec<_> = match plan {
                Some(plan) => {
                    infusions.moment(vault, plan, entry)?.map(|moment| (entry.id, moment)).into_iter().collect()
                }
                None => Vec::new(),
            };
            let context = ExportContext {
                plan,
                care_team: None,
                amended: None,
                photos: &photos,
                infusion: &moments,
                outcome: None,
            };
            let resources = entry_to_resource(entry, &context).map_err(|error| {
                HomelineError::new(ErrorKind::Internal, "fhir.export", error.to_string(), "Nothing half-done was kept.")
            })?;
            for resource in resources {
                bundle.add(&resource.json)?;
            }
            exported.entries += 1;
        }
        work.advance(page.entries.len() as u64)?;
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    journal.flush().map_err(io)?;
    exported.resources = bundle.finish()?;
    Ok(exported)
}

fn attachment(
    vault: &Vault,
    entry: &Entry,
    folder: &Path,
) -> Result<Option<(homeline_model::AttachmentId, Vec<u8>)>, HomelineError> {
    let EntryBody::Photo { attachment, content_type, .. } = &entry.body else { return Ok(None) };
    let ending = if content_type == "image/png" { "png" } else { "jpg" };
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut vault.open_attachment(*attachment)?, &mut bytes)
        .and_then(|_| std::fs::write(folder.join(format!("{attachment}.{ending}")), &bytes))
        .map_err(|error| failed(&error))?;
    Ok(Some((*attachment, bytes)))
}

/// A Bundle written entry by entry, because ten years do not fit into memory.
struct BundleWriter {
    out: BufWriter<std::fs::File>,
    count: u64,
}

impl BundleWriter {
    fn begin(folder: &Path) -> Result<Self, HomelineError> {
        let file = std::fs::File::create(folder.join("bundle.json")).map_err(|error| failed(&error))?;
        let mut out = BufWriter::new(file);
        out.write_all(br#"{"resourceType":"Bundle","type":"collection","entry":["#).map_err(|error| failed(&error))?;
        Ok(Self { out, count: 0 })
    }

    fn add(&mut self, resource: &str) -> Result<(), HomelineError> {
        // Kept resources stand in the mirror byte for byte; one that is not JSON was never let in.
        let Ok(raw) = serde_json::from_str::<&RawValue>(resource) else { return Ok(()) };
        let comma = if self.count == 0 { "\n" } else { ",\n" };
        write!(self.out, "{comma}{{\"resource\":{raw}}}").map_err(|error| failed(&error))?;
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<u64, HomelineError> {
        self.out.write_all(b"\n]}\n").and_then(|()| self.out.flush()).map_err(|error| failed(&error))?;
        Ok(self.count)
    }
}
