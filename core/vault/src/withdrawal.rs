//! The one exception to "nothing is removed": a caregiver's access was withdrawn, and what this phone held of others leaves
//! its disk. What this phone wrote itself stays, in its unbroken chain.
//!
//! SQLite leaves the bytes of a removed row in place until something else needs the room. They are encrypted, but this phone
//! has the key: so removed bytes are overwritten with zeros (`secure_delete`), and the log is written back.

use crate::error::{Doing, Result};
use crate::transaction::WriteTx;
use crate::vault::Vault;
use crate::writer::checkpoint;

/// Everything that was mirrored, planned from it, or begun and never sent. Own settings of the phone stay.
const MIRRORED: [&str; 4] = ["DELETE FROM mirror", "DELETE FROM cursor", "DELETE FROM alarm", "DELETE FROM draft"];
/// Settings that hold facts of the plan or of others.
const SETTINGS: &str = "DELETE FROM setting WHERE key LIKE 'plan.%' OR key LIKE 'triage.%' OR key LIKE 'reminders.%'
    OR key LIKE 'messages.%' OR key LIKE 'audit.%' OR key LIKE 'sync.%' OR key LIKE 'server/%'";
const DOING: &str = "removing what was mirrored";

impl Vault {
    /// Removes what others wrote and what the care team's server sent, and does `more` in the same transaction. Answers how
    /// many entries went.
    pub fn remove_mirrored(&self, more: impl FnOnce(&mut WriteTx<'_>) -> Result<()> + Send + 'static) -> Result<u64> {
        let removed = self.write(move |tx| {
            let removed = tx.remove_mirrored()?;
            more(tx)?;
            Ok(removed)
        })?;
        self.writer().direct(|connection| checkpoint(connection))?;
        Ok(removed)
    }
}

impl WriteTx<'_> {
    fn remove_mirrored(&mut self) -> Result<u64> {
        self.connection.pragma_update(None, "secure_delete", "ON").doing(DOING)?;
        let own = self.device.0.as_bytes().to_vec();
        let foreign = self.entries("SELECT json FROM entry WHERE device IS NULL OR device <> ?1", [&own])?;
        for entry in &foreign {
            let words = entry.search_text();
            if !words.is_empty() {
                // An index without content is told what it held.
                self.connection
                    .prepare_cached(
                        "INSERT INTO entry_fts (entry_fts, rowid, words)
                         SELECT 'delete', number, ?2 FROM entry WHERE id = ?1",
                    )
                    .and_then(|mut insert| insert.execute((entry.id.0.as_bytes(), words)))
                    .doing(DOING)?;
            }
        }
        // The trigger that keeps every entry is put back as it was, in the same transaction.
        let trigger: String = self
            .connection
            .query_row("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'entry_stays'", [], |row| {
                row.get(0)
            })
            .doing(DOING)?;
        self.connection.execute_batch("DROP TRIGGER entry_stays").doing(DOING)?;
        let removed =
            self.connection.execute("DELETE FROM entry WHERE device IS NULL OR device <> ?1", [&own]).doing(DOING)?;
        self.connection.execute_batch(&trigger).doing(DOING)?;
        for sql in MIRRORED.into_iter().chain([SETTINGS]) {
            self.connection.execute_batch(sql).doing(DOING)?;
        }
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use crate::mirror::MirrorRow;
    use crate::phone::{Phone, note, now};

    #[test]
    fn what_others_wrote_leaves_the_disk_and_what_this_phone_wrote_stays_in_its_chain() {
        let phone = Phone::new();
        let vault = phone.create();
        vault.append(&note(1, "mine about the arm"), vec![]).unwrap();
        vault
            .write(|tx| {
                tx.append_foreign(&note(2, "theirs about the arm"), None)?;
                tx.put_mirror(&MirrorRow {
                    resource_type: "Patient".into(),
                    id: "p".into(),
                    version_id: None,
                    last_updated: None,
                    json: "{}".into(),
                    deleted: false,
                    received_at: now(),
                })?;
                tx.set_cursor("Patient", "x", now())?;
                tx.set_setting("plan.versions", &1)?;
                tx.set_setting("profile", &1)
            })
            .unwrap();
        assert_eq!(vault.remove_mirrored(|tx| tx.set_setting("ended", &true)).unwrap(), 1);
        assert_eq!(vault.read(|tx| tx.entry_count()).unwrap(), 1);
        assert_eq!(vault.search("arm", 10).unwrap().len(), 1);
        assert_eq!(vault.search("theirs", 10).unwrap().len(), 0);
        let (types, cursor, versions, profile, ended) = vault
            .read(|tx| {
                Ok((
                    tx.mirror_types()?,
                    tx.cursor("Patient")?,
                    tx.setting::<i32>("plan.versions")?,
                    tx.setting::<i32>("profile")?,
                    tx.setting::<bool>("ended")?,
                ))
            })
            .unwrap();
        assert_eq!((types.len(), cursor, versions, profile, ended), (0, None, None, Some(1), Some(true)));
        // The chain goes on, and the trigger is back.
        vault.append(&note(3, "mine again"), vec![]).unwrap();
        assert_eq!(vault.verify().unwrap().chain, 2);
        assert!(vault.write(|tx| Ok(tx.connection.execute("DELETE FROM entry", []).is_err())).unwrap());
        vault.close(now()).unwrap();
        let again = phone.open().unwrap();
        assert_eq!(again.verify().unwrap().entries, 2);
    }
}
