//! Records that the server had taken and lost, because it was put back from a backup, wait to be sent again.
//!
//! The network thread notes whose records they are, in the transaction in which the loss was found. The store makes the
//! resources anew from the entries, and lets them wait in the transaction that takes the note away.

use crate::error::HomelineError;
use crate::moment::Moment;
use crate::store::{Outgoing, Store};
use homeline_model::{AttachmentId, EntryBody, EntryId};
use homeline_vault::{Vault, VaultError, WriteTx};
use std::collections::BTreeSet;
use std::io::Read;

const LOST: &str = "sync.lost";

/// Notes entries whose records were lost.
pub(crate) fn note(tx: &mut WriteTx<'_>, entries: &[EntryId]) -> Result<(), VaultError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut noted: BTreeSet<EntryId> = tx.setting(LOST)?.unwrap_or_default();
    noted.extend(entries);
    tx.set_setting(LOST, &noted)
}

/// Lets the noted ones wait again. Answers how many entries.
pub(crate) fn send_again(store: &mut Store, moment: &Moment) -> Result<u64, HomelineError> {
    let vault = store.vault()?;
    let noted: BTreeSet<EntryId> = vault.read(|tx| tx.setting(LOST))?.unwrap_or_default();
    if noted.is_empty() {
        return Ok(0);
    }
    let mut outgoing = Outgoing::new(store.require_plan()?, moment.now);
    let mut waiting = Vec::new();
    for id in &noted {
        let Some(entry) = vault.read(|tx| tx.entry(*id))? else { continue };
        let picture = match &entry.body {
            EntryBody::Photo { attachment, .. } => picture(&vault, *attachment)?,
            _ => None,
        };
        waiting.extend(outgoing.items(&vault, &entry, picture.as_ref().map(|(id, bytes)| (*id, bytes.as_slice())))?);
    }
    vault.write(move |tx| {
        for item in &waiting {
            tx.enqueue(item)?;
        }
        tx.remove_setting(LOST)
    })?;
    Ok(noted.len() as u64)
}

/// `None` where the sealed file is not there any more: then only the description goes out.
fn picture(vault: &Vault, id: AttachmentId) -> Result<Option<(AttachmentId, Vec<u8>)>, HomelineError> {
    if vault.read(|tx| tx.attachment(id))?.is_none() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    match vault.open_attachment(id).map(|mut reader| reader.read_to_end(&mut bytes)) {
        Ok(Ok(_)) => Ok(Some((id, bytes))),
        Ok(Err(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
