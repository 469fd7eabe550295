//! Making a vault, and taking everything out of it.

use super::Session;
use crate::arguments::Role;
use crate::failure::Failure;
use crate::{host, passcode};
use homeline_companion::{Homeline, NewProfile, Work};
use homeline_model::AuthorRole;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::PathBuf;

/// `homeline init`
pub async fn init(session: &Session, name: String, role: Role) -> Result<(), Failure> {
    let config = session.config()?;
    let folder = config.vault.clone();
    if Homeline::exists(&folder) {
        return Err(Failure::Failed(format!(
            "there is a vault in {} already: open it, or name another folder with --vault; nothing was changed",
            folder.display()
        )));
    }
    let passcode = passcode::read(session.passcode_fd(), "New passcode", true)?;
    let role = match role {
        Role::Patient => AuthorRole::Patient,
        Role::Caregiver => AuthorRole::Caregiver,
    };
    let created = Homeline::create(config, host::ports(), NewProfile { name, role }, Some(passcode)).await?;
    created.homeline.close().await?;
    let answer = json!({ "vault": folder, "recovery_code": created.recovery_code, "protection": "passcode-alone" });
    session.output.answer(&answer, |out| {
        writeln!(out, "Made a vault in {}.", folder.display())?;
        writeln!(out)?;
        writeln!(out, "Recovery code (write it on paper now, it is kept nowhere):")?;
        writeln!(out)?;
        writeln!(out, "    {}", created.recovery_code)?;
        writeln!(out)?;
        writeln!(
            out,
            "On this terminal the passcode alone protects the vault: there is no hardware key. Take a long one."
        )?;
        writeln!(out, "Next: `homeline plan import FILE` or `homeline sync --server URL --patient ID`.")
    })
}

/// `homeline export`
pub async fn export(session: &Session, out: PathBuf) -> Result<(), Failure> {
    let folder = out.clone();
    let exported = session
        .with_vault(async |homeline| {
            let bar = ProgressBar::new(homeline.journal().count().await?);
            bar.set_style(
                ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.set_message("Exporting");
            let told = bar.clone();
            let work = Work::watched(move |progress| told.set_position(progress.done));
            let exported = homeline.export().to_folder(folder, work).await;
            bar.finish_and_clear();
            Ok(exported?)
        })
        .await?;
    session.output.answer(&exported, |text| {
        writeln!(
            text,
            "Wrote {}: {} entries, {} FHIR resources, {} attachments. They are in the clear: keep the folder to yourself.",
            out.display(),
            exported.entries,
            exported.resources,
            exported.attachments
        )
    })
}

/// Writes a file so that it is there whole or not at all.
pub fn write_whole(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".unfinished");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path)).map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        Failure::file(path, "written", &error)
    })
}
