//! Interoperability with stock SQLCipher, which has OpenSSL below it: our file opens there, its file opens here.
//!
//! `HOMELINE_STOCK_SQLCIPHER_PYTHON` names a Python with `sqlcipher3-wheels` 0.5.7; without it the test says that it was skipped.

use crate::connection::{Role, keyed};
use crate::envelope::{Envelope, Unlock};
use crate::phone::{Phone, note, now};
use crate::secret::DataKey;
use std::io::Write;
use std::path::Path;
use std::process::Command;

const PYTHON: &str = "HOMELINE_STOCK_SQLCIPHER_PYTHON";

/// What the script printed, `None` when it was skipped.
fn stock(action: &str, file: &Path, key: &DataKey) -> Option<String> {
    let Ok(python) = std::env::var(PYTHON) else {
        // Not `eprintln!`, which a passing test swallows.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {PYTHON} is not set, stock SQLCipher was not asked");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stock/stock_sqlcipher.py");
    let done = Command::new(python).arg(script).arg(action).arg(file).arg(key.raw_key().as_str()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(String::from_utf8(done.stdout).unwrap())
}

#[test]
fn stock_sqlcipher_opens_our_file_and_finds_every_page_whole() {
    let phone = Phone::new();
    let vault = phone.create();
    for number in 1..=100 {
        vault.append(&note(number, if number % 2 == 0 { "nausea" } else { "fine" }), vec![]).unwrap();
    }
    vault.close(now()).unwrap();
    let envelope = Envelope::read(&phone.dir()).unwrap();
    let key = envelope.unlock(&phone.config().protection, Unlock::Hardware).unwrap().remove(0).1;
    let Some(told) = stock("read", &phone.file("journal.db"), &key) else { return };
    for line in ["provider openssl", "version 4.", "integrity ok", "bad_pages 0", "entries 100", "found 50"] {
        assert!(told.contains(line), "{line} is not in: {told}");
    }
    assert!(told.contains(&serde_json::to_string(&note(1, "fine")).unwrap()), "{told}");
    assert_eq!(phone.open().unwrap().verify().unwrap().chain, 100, "it is ours as before");
}

#[test]
fn we_open_a_file_that_stock_sqlcipher_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("theirs.db");
    let key = DataKey::random().unwrap();
    if stock("write", &file, &key).is_none() {
        return;
    }
    let ours = keyed(&file, &key, Role::Writer).unwrap();
    let sum = |sql: &str| ours.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(sum("SELECT sum(number) FROM theirs WHERE words LIKE 'word %'"), 500 * 501 / 2);
    assert_eq!(sum("PRAGMA user_version"), 7);
    assert!(!ours.prepare("PRAGMA cipher_integrity_check").unwrap().exists([]).unwrap());
    drop(ours);
    assert!(keyed(&file, &DataKey::random().unwrap(), Role::Writer).is_err());
}
