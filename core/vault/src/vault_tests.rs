use super::*;
use crate::connection::{Role, keyed};
use crate::phone::{Phone, bytes, config, device, entry_id, minutes, note, now};
use std::io::Write;
use std::process::Command;

fn filled(phone: &Phone, entries: u64) {
    let vault = phone.create();
    for number in 1..=entries {
        vault.append(&note(number, "the arm is warm"), vec![]).unwrap();
    }
    vault.close(now()).unwrap();
}

/// The database as somebody with the key may edit it.
fn with_the_key(phone: &Phone) -> Connection {
    let envelope = Envelope::read(&phone.dir()).unwrap();
    let keys = envelope.unlock(&phone.config().protection, Unlock::Hardware).unwrap();
    let connection = keyed(&phone.file(DATABASE), &keys[0].1, Role::Writer).unwrap();
    crate::connection::settle(&connection, Role::Writer).unwrap();
    connection
}

fn refused(phone: &Phone, unlock: Unlock<'_>) -> VaultError {
    let before = phone.bytes();
    let error = Vault::open(&phone.config(), unlock).unwrap_err();
    assert_eq!(phone.bytes(), before, "{error}: a file was touched");
    error
}

#[test]
fn a_second_creation_is_refused_and_touches_nothing() {
    let phone = Phone::new();
    filled(&phone, 3);
    let before = phone.bytes();
    let error = Vault::create(&phone.config(), None, device(1), now()).unwrap_err();
    assert_eq!(error, VaultError::AlreadyExists);
    assert_eq!(phone.bytes(), before);
}

#[test]
fn an_empty_or_absent_folder_is_missing_and_stays_as_it_is() {
    let phone = Phone::new();
    assert_eq!(phone.open().unwrap_err(), VaultError::Missing { what: DATABASE });
    assert!(!phone.dir().exists());
    std::fs::create_dir(phone.dir()).unwrap();
    assert_eq!(phone.open().unwrap_err(), VaultError::Missing { what: DATABASE });
    assert_eq!(std::fs::read_dir(phone.dir()).unwrap().count(), 0);
}

#[test]
fn a_database_without_its_envelope_and_an_envelope_without_its_database_are_never_recreated() {
    let phone = Phone::new();
    filled(&phone, 1);
    let database = std::fs::read(phone.file(DATABASE)).unwrap();
    std::fs::remove_file(phone.file(DATABASE)).unwrap();
    assert_eq!(refused(&phone, Unlock::Hardware), VaultError::Missing { what: DATABASE });
    let again = Vault::create(&phone.config(), None, device(1), now());
    assert_eq!(again.unwrap_err(), VaultError::AlreadyExists);
    std::fs::write(phone.file(DATABASE), database).unwrap();
    for name in [envelope::FILE, envelope::COPY] {
        std::fs::remove_file(phone.file(name)).unwrap();
    }
    assert_eq!(refused(&phone, Unlock::Hardware), VaultError::Missing { what: envelope::FILE });
}

#[test]
fn a_second_opening_is_its_own_error() {
    let phone = Phone::new();
    let vault = phone.create();
    assert_eq!(refused(&phone, Unlock::Hardware), VaultError::AlreadyOpen);
    drop(vault);
    assert!(phone.open().is_ok());
}

#[test]
fn a_wrong_passcode_a_locked_phone_and_a_lost_key_each_say_so() {
    let phone = Phone::new();
    let (right, wrong) = (Passcode::new("2580"), Passcode::new("2581"));
    let (vault, code) = phone.create_with(Some(&right));
    vault.append(&note(1, "n"), vec![]).unwrap();
    vault.close(now()).unwrap();
    assert_eq!(refused(&phone, Unlock::Passcode(&wrong)), VaultError::WrongPasscode);
    assert_eq!(refused(&phone, Unlock::Hardware), VaultError::PasscodeRequired);
    let other = RecoveryCode::random().unwrap();
    assert_eq!(refused(&phone, Unlock::Recovery(&other)), VaultError::WrongRecoveryCode);
    phone.keys.lock();
    assert_eq!(refused(&phone, Unlock::Passcode(&right)), VaultError::KeyUnavailable);
    phone.keys.invalidate();
    assert_eq!(refused(&phone, Unlock::Passcode(&right)), VaultError::KeyInvalidated);

    // A new key store on the same phone: the printed code opens, and a new passcode wraps anew.
    phone.keys.unlock();
    let vault = Vault::open(&phone.config(), Unlock::Recovery(&code)).unwrap();
    vault.set_passcode(Some(&wrong)).unwrap();
    drop(vault);
    assert_eq!(refused(&phone, Unlock::Passcode(&right)), VaultError::WrongPasscode);
    let vault = Vault::open(&phone.config(), Unlock::Passcode(&wrong)).unwrap();
    let newer = vault.new_recovery_code().unwrap();
    drop(vault);
    assert_eq!(refused(&phone, Unlock::Recovery(&code)), VaultError::WrongRecoveryCode);
    assert!(Vault::open(&phone.config(), Unlock::Recovery(&newer)).is_ok());
}

#[test]
fn a_newer_file_is_refused() {
    let phone = Phone::new();
    filled(&phone, 2);
    with_the_key(&phone).execute_batch("PRAGMA user_version = 99").unwrap();
    assert_eq!(
        refused(&phone, Unlock::Hardware),
        VaultError::NewerFile { found: 99, supported: crate::schema::VERSION }
    );
}

#[test]
fn a_file_that_is_no_database_or_was_cut_is_damaged_and_left_as_it_is() {
    let phone = Phone::new();
    filled(&phone, 30);
    let good = std::fs::read(phone.file(DATABASE)).unwrap();
    for bad in [vec![], b"not a database".to_vec(), vec![0; 8192], good[..1000].to_vec()] {
        std::fs::write(phone.file(DATABASE), &bad).unwrap();
        let error = refused(&phone, Unlock::Hardware);
        assert!(matches!(error, VaultError::Damaged { what: "the database", .. }), "{} bytes: {error}", bad.len());
    }
    std::fs::write(phone.file(DATABASE), &good[..good.len() - 4096]).unwrap();
    let found = phone.open().and_then(|vault| vault.verify());
    assert!(matches!(found, Err(VaultError::Damaged { .. })), "{found:?}");
}

#[test]
fn one_flipped_bit_in_any_page_is_found() {
    let phone = Phone::new();
    filled(&phone, 30);
    let good = std::fs::read(phone.file(DATABASE)).unwrap();
    let pages = good.len() / 4096;
    assert!(pages > 30);
    for page in 0..pages {
        // Somewhere else in each page: content, IV or MAC.
        let place = page * 4096 + (page * 1009 + 17) % 4096;
        let mut bad = good.clone();
        bad[place] ^= 1 << (page % 8);
        std::fs::write(phone.file(DATABASE), &bad).unwrap();
        let found = phone.open().and_then(|vault| vault.verify());
        // The last bytes of a page are padding behind the MAC; SQLCipher neither uses nor checks them.
        let padding = place % 4096 >= 4096 - 80 + 16 + 32;
        assert!(padding || matches!(found, Err(VaultError::Damaged { .. })), "page {page}, byte {place}: {found:?}");
    }
}

#[test]
fn the_files_show_nothing_of_what_is_in_them() {
    let phone = Phone::new();
    let vault = phone.create();
    for number in 1..=50 {
        vault.append(&note(number, "nausea and CHILLS"), vec![]).unwrap();
    }
    let wal = std::fs::read(phone.file("journal.db-wal")).unwrap();
    vault.close(now()).unwrap();
    let database = std::fs::read(phone.file(DATABASE)).unwrap();
    for file in [wal, database] {
        assert!(file.len() > 50_000);
        for word in [&b"nausea"[..], b"CHILLS", b"Rosa", b"CREATE TABLE", b"SQLite format 3"] {
            assert!(!file.windows(word.len()).any(|part| part == word));
        }
    }
}

#[test]
fn a_creation_that_was_cut_short_left_no_vault_and_is_begun_anew() {
    let phone = Phone::new();
    filled(&phone, 3);
    // As if the power had gone before the last step.
    std::fs::write(phone.file(CREATING), b"").unwrap();
    assert_eq!(phone.open().unwrap_err(), VaultError::Missing { what: DATABASE });
    let vault = phone.create();
    assert_eq!(vault.read(|r| r.entry_count()).unwrap(), 0);
    assert!(!phone.file(CREATING).exists());
}

fn copy_of(phone: &Phone) -> Vec<(String, Vec<u8>)> {
    bytes(&phone.dir())
}

fn put_back(phone: &Phone, files: &[(String, Vec<u8>)], only: &[&str]) {
    for (name, content) in files.iter().filter(|(name, _)| only.contains(&name.as_str())) {
        std::fs::write(phone.file(name), content).unwrap();
    }
}

#[test]
fn an_old_copy_that_was_put_back_is_noticed_readable_and_writable_only_after_a_person_accepts() {
    let phone = Phone::new();
    filled(&phone, 5);
    let old = copy_of(&phone);
    let vault = phone.open().unwrap();
    assert_eq!(vault.history(), History::Intact);
    for number in 6..=8 {
        vault.append(&note(number, "later"), vec![]).unwrap();
    }
    vault.close(now()).unwrap();
    let new = copy_of(&phone);

    put_back(&phone, &old, &[DATABASE]);
    let vault = phone.open().unwrap();
    assert_eq!(vault.history(), History::RolledBack { missing: 3 }, "only the database was put back");
    drop(vault);
    put_back(&phone, &new, &[DATABASE]);
    put_back(&phone, &old, &["head.json"]);
    let vault = phone.open().unwrap();
    assert_eq!(vault.history(), History::RolledBack { missing: 0 }, "only the seal was put back");
    drop(vault);
    put_back(&phone, &old, &[DATABASE, "head.json", envelope::FILE, envelope::COPY]);
    let vault = phone.open().unwrap();
    assert_eq!(vault.history(), History::RolledBack { missing: 0 }, "everything was put back");

    assert_eq!(vault.timeline(&TimelineQuery::default()).unwrap().entries.len(), 5);
    assert_eq!(vault.append(&note(9, "n"), vec![]), Err(VaultError::RolledBack { missing: 0 }));
    assert!(!vault.seal_head_if_due(now() + minutes(60)).unwrap(), "an old copy is not sealed as if it were new");
    vault.accept_history(device(2), now()).unwrap();
    assert_eq!((vault.history(), vault.device()), (History::Intact, device(2)));
    vault.append(&note(9, "n"), vec![]).unwrap();
    assert_eq!(vault.verify().unwrap(), Verified { entries: 6, chain: 1 });
    assert_eq!(vault.read(|r| r.verify_chain(device(1))).unwrap(), 5);
    vault.close(now()).unwrap();
    assert_eq!(phone.open().unwrap().history(), History::Intact);
}

#[test]
fn a_removed_seal_shows() {
    let phone = Phone::new();
    filled(&phone, 1);
    std::fs::remove_file(phone.file("head.json")).unwrap();
    assert_eq!(phone.open().unwrap().history(), History::RolledBack { missing: 0 });
}

#[test]
fn a_stop_between_seal_and_counter_is_no_rollback() {
    let phone = Phone::new();
    filled(&phone, 2);
    // The seal is one ahead of the counter: written, and then the process was killed.
    let vault = phone.open().unwrap();
    let head = vault.read(|r| r.head(device(1))).unwrap();
    let (key, dir) = (vault.key.clone(), phone.dir());
    drop(vault);
    let behind = phone.keys.clone();
    SealedHead::write(&dir, &[&key], &phone.config().protection, device(1), head, now()).unwrap();
    behind.set_back_by_one();
    assert_eq!(phone.open().unwrap().history(), History::Intact);
}

#[test]
fn the_head_is_sealed_every_quarter_of_an_hour_and_only_when_there_is_something_new() {
    let phone = Phone::new();
    let vault = phone.create();
    assert!(!vault.seal_head_if_due(now() + minutes(60)).unwrap(), "nothing new");
    vault.append(&note(1, "n"), vec![]).unwrap();
    assert!(!vault.seal_head_if_due(now() + minutes(14)).unwrap());
    assert!(vault.seal_head_if_due(now() + minutes(15)).unwrap());
    assert!(!vault.seal_head_if_due(now() + minutes(40)).unwrap());
    vault.append(&note(2, "n"), vec![]).unwrap();
    assert!(vault.seal_head_if_due(now() - minutes(60)).unwrap(), "the clock was set back");
}

#[test]
fn an_entry_changed_by_somebody_with_the_key_breaks_the_chain_there() {
    let phone = Phone::new();
    filled(&phone, 9);
    for (edit, broken) in [
        ("UPDATE entry SET json = replace(json, 'warm', 'cold') WHERE device_sequence = 4", 4),
        ("UPDATE entry SET hash = zeroblob(32) WHERE device_sequence = 3", 3),
        ("DELETE FROM entry WHERE device_sequence = 2", 2),
        ("UPDATE entry SET id = randomblob(16) WHERE device_sequence = 1", 1),
    ] {
        with_the_key(&phone)
            .execute_batch(&format!(
                "DROP TRIGGER IF EXISTS entry_stays; DROP TRIGGER IF EXISTS entry_is_immutable; {edit}"
            ))
            .unwrap();
        let vault = phone.open().unwrap();
        assert_eq!(vault.verify(), Err(VaultError::ChainBroken { sequence: broken }), "{edit}");
    }
}

#[test]
fn a_vault_that_was_dropped_without_closing_has_everything() {
    let phone = Phone::new();
    let vault = phone.create();
    vault.append(&note(1, "n"), vec![]).unwrap();
    drop(vault);
    assert!(!phone.file("journal.db-wal").exists(), "the WAL is in the file");
    assert_eq!(phone.open().unwrap().verify().unwrap().chain, 1);
}

/// A small file system of its own; `None` where the test may not mount one.
struct Mount(PathBuf);

impl Mount {
    fn new(phone: &Phone, options: &str) -> Option<Self> {
        let at = phone.outside("mounted");
        std::fs::create_dir(&at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&at).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Self(at));
        }
        // Not `eprintln!`, which a passing test swallows.
        let _ = writeln!(std::io::stderr(), "SKIPPED: mounting a small file system needs root");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_loses_nothing_acknowledged_and_the_reserve_takes_one_more_dose() {
    let phone = Phone::new();
    let Some(mount) = Mount::new(&phone, "size=9m") else { return };
    let config = config(&mount.0.join("vault"), phone.keys.clone());
    let (vault, _) = Vault::create(&config, None, device(1), now()).unwrap();
    let long = "word ".repeat(20_000);
    let mut acknowledged = 0;
    let full = loop {
        match vault.write({
            let entry = note(acknowledged + 1, &long);
            move |tx| tx.append(&entry)
        }) {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(full, VaultError::DiskFull { room_made: true });
    assert!(acknowledged > 3);
    vault.append(&note(acknowledged + 1, "this dose"), vec![]).unwrap();
    assert_eq!(vault.read(|r| r.entry_count()).unwrap(), acknowledged + 1);

    // Until even the reserve is gone.
    let mut number = acknowledged + 2;
    while vault.append(&note(number, &long), vec![]).is_ok() {
        number += 1;
    }
    assert_eq!(vault.append(&note(number, &long), vec![]), Err(VaultError::DiskFull { room_made: false }));
    assert_eq!(vault.read(|r| r.entry_count()).unwrap(), number - 1);
    drop(vault);
    let moved = phone.outside("roomy");
    std::fs::create_dir(&moved).unwrap();
    for file in std::fs::read_dir(&config.dir).unwrap().flatten() {
        if file.file_type().unwrap().is_file() {
            std::fs::copy(file.path(), moved.join(file.file_name())).unwrap();
        }
    }
    let vault = Vault::open(&crate::phone::config(&moved, phone.keys.clone()), Unlock::Hardware).unwrap();
    assert_eq!(vault.verify().unwrap().chain, number - 1);
    assert!(vault.read(|r| r.has_entry(entry_id(acknowledged + 1))).unwrap());
}

#[test]
fn a_read_only_folder_is_its_own_error() {
    let phone = Phone::new();
    let Some(mount) = Mount::new(&phone, "size=9m") else { return };
    let config = config(&mount.0.join("vault"), phone.keys.clone());
    Vault::create(&config, None, device(1), now()).unwrap().0.close(now()).unwrap();
    let before = bytes(&config.dir);
    let remounted = Command::new("mount").args(["-o", "remount,ro"]).arg(&mount.0).output().unwrap();
    assert!(remounted.status.success());
    assert_eq!(Vault::open(&config, Unlock::Hardware).unwrap_err(), VaultError::ReadOnly);
    assert_eq!(bytes(&config.dir), before);
    let other = crate::phone::config(&mount.0.join("other"), phone.keys.clone());
    assert_eq!(Vault::create(&other, None, device(1), now()).unwrap_err(), VaultError::ReadOnly);
}

#[test]
fn a_terminal_without_key_store_opens_with_its_passcode_and_says_what_protects_it() {
    let phone = Phone::new();
    let config = VaultConfig { protection: Protection::PasscodeAlone, ..phone.config() };
    let passcode = Passcode::new("a long one");
    let none = Vault::create(&config, None, device(1), now()).unwrap_err();
    assert_eq!(none, VaultError::PasscodeRequired);
    let (vault, _) = Vault::create(&config, Some(&passcode), device(1), now()).unwrap();
    vault.append(&note(1, "n"), vec![]).unwrap();
    assert_eq!(vault.set_passcode(None), Err(VaultError::PasscodeRequired));
    vault.close(now()).unwrap();
    let vault = Vault::open(&config, Unlock::Passcode(&passcode)).unwrap();
    assert_eq!(vault.history(), History::Intact);
    assert!(config.protection.summary().contains("passcode alone"));
}
