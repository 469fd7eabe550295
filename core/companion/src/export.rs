//! Everything out, for its owner: at any time, readable without Homeline.

use crate::access::Access;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::infusion::Infusions;
use crate::store::Store;
use homeline_fhir::{ExportContext, entry_to_resource};
use homeline_model::{Entry, EntryBody};
use homeline_vault::{Direction, TimelineQuery};
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
    /// `journal.ndjson` (each entry as it was written) and `attachments`. `progress` is told how many entries are done.
    pub async fn to_folder(
        &self,
        folder: PathBuf,
        progress: impl Fn(u64) + Send + 'static,
    ) -> Result<Exported, HomelineError> {
        self.inner.allowed(Access::Manage, move |store, _| to_folder(store, &folder, &progress)).await
    }
}

fn failed(error: &std::io::Error) -> HomelineError {
    let kind = if error.kind() == std::io::ErrorKind::StorageFull { ErrorKind::DiskFull } else { ErrorKind::Platform };
    HomelineError::new(
        kind,
        "export.file",
        format!("the export cannot be written ({})", error.kind()),
        "Give another folder.",
    )
}

fn to_folder(store: &Store, folder: &Path, progress: &dyn Fn(u64)) -> Result<Exported, HomelineError> {
    if folder.exists() {
        return Err(HomelineError::new(
            ErrorKind::AlreadyExists,
            "export.exists",
            "the folder for the export exists already",
            "Name one that does not exist yet: nothing is overwritten.",
        ));
    }
    // Written beside its place and moved there when whole, so that a half export is never taken for one.
    let mut unfinished = folder.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let result = write_all(store, &unfinished, progress).and_then(|exported| {
        std::fs::rename(&unfinished, folder).map_err(|error| failed(&error))?;
        Ok(exported)
    });
    if result.is_err() {
        let _ = std::fs::remove_dir_all(&unfinished);
    }
    result
}

fn write_all(store: &Store, folder: &Path, progress: &dyn Fn(u64)) -> Result<Exported, HomelineError> {
    let io = |error: std::io::Error| failed(&error);
    let attachments = folder.join("attachments");
    std::fs::create_dir_all(&attachments).map_err(io)?;
    let vault = store.vault()?;
    let plan = store.plan().cloned();
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
            let photo = attachment(store, entry, &attachments)?;
            if photo.is_some() {
                exported.attachments += 1;
            }
            let photos: Vec<_> = photo.iter().map(|(id, bytes)| (*id, bytes.as_slice())).collect();
            let moments: Vec<_> = match &plan {
                Some(plan) => {
                    infusions.moment(&vault, plan, entry)?.map(|moment| (entry.id, moment)).into_iter().collect()
                }
                None => Vec::new(),
            };
            let context = ExportContext {
                plan: plan.as_deref(),
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
        progress(exported.entries);
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
    store: &Store,
    entry: &Entry,
    folder: &Path,
) -> Result<Option<(homeline_model::AttachmentId, Vec<u8>)>, HomelineError> {
    let EntryBody::Photo { attachment, content_type, .. } = &entry.body else { return Ok(None) };
    let ending = if content_type == "image/png" { "png" } else { "jpg" };
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut store.vault()?.open_attachment(*attachment)?, &mut bytes)
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
