use super::*;
use crate::key_store::KeyStoreError;
use crate::phone::FakeKeyStore;
use std::sync::Arc;

const CHEAP: PasscodeCost = PasscodeCost::MINIMUM;

fn hardware() -> (Arc<FakeKeyStore>, Protection) {
    let store = Arc::new(FakeKeyStore::default());
    (store.clone(), Protection::Hardware(store))
}

fn record(protection: &Protection, passcode: Option<&Passcode>) -> (KeyRecord, DataKey, RecoveryCode) {
    let (key, code) = (DataKey::random().unwrap(), RecoveryCode::random().unwrap());
    (KeyRecord::new(&key, protection, passcode, CHEAP, &code).unwrap(), key, code)
}

fn opens(record: &KeyRecord, protection: &Protection, unlock: Unlock<'_>, key: &DataKey) -> Result<()> {
    record.open(protection, unlock).map(|open| assert_eq!(open.to_bytes(), key.to_bytes()))
}

#[test]
fn with_a_passcode_the_hardware_alone_opens_nothing_and_the_passcode_needs_the_hardware() {
    let (store, protection) = hardware();
    let (right, wrong) = (Passcode::new("right"), Passcode::new("wrong"));
    let (record, key, code) = record(&protection, Some(&right));
    assert_eq!(opens(&record, &protection, Unlock::Passcode(&right), &key), Ok(()));
    assert_eq!(opens(&record, &protection, Unlock::Recovery(&code), &key), Ok(()));
    assert_eq!(opens(&record, &protection, Unlock::Hardware, &key), Err(VaultError::PasscodeRequired));
    assert_eq!(opens(&record, &protection, Unlock::Passcode(&wrong), &key), Err(VaultError::WrongPasscode));
    let other = RecoveryCode::random().unwrap();
    assert_eq!(opens(&record, &protection, Unlock::Recovery(&other), &key), Err(VaultError::WrongRecoveryCode));
    assert_eq!(
        opens(&record, &Protection::PasscodeAlone, Unlock::Passcode(&right), &key),
        Err(VaultError::KeyUnavailable),
        "the copied file on another machine"
    );
    store.lock();
    assert_eq!(opens(&record, &protection, Unlock::Passcode(&right), &key), Err(VaultError::KeyUnavailable));
    store.invalidate();
    assert_eq!(opens(&record, &protection, Unlock::Passcode(&right), &key), Err(VaultError::KeyInvalidated));
    assert_eq!(opens(&record, &protection, Unlock::Recovery(&code), &key), Ok(()), "the printed code helps");
}

#[test]
fn a_passcode_change_and_a_new_code_shut_the_old_ones_out() {
    let (_, protection) = hardware();
    let (old, new) = (Passcode::new("old"), Passcode::new("new"));
    let (mut record, key, old_code) = record(&protection, Some(&old));
    record.set_passcode(&key, &protection, Some(&new), CHEAP).unwrap();
    assert_eq!(opens(&record, &protection, Unlock::Passcode(&old), &key), Err(VaultError::WrongPasscode));
    assert_eq!(opens(&record, &protection, Unlock::Passcode(&new), &key), Ok(()));
    record.set_passcode(&key, &protection, None, CHEAP).unwrap();
    assert_eq!(opens(&record, &protection, Unlock::Hardware, &key), Ok(()));
    assert_eq!(opens(&record, &protection, Unlock::Passcode(&new), &key), Err(VaultError::NoPasscodeSet));
    let new_code = RecoveryCode::random().unwrap();
    record.set_recovery(&key, &new_code).unwrap();
    assert_eq!(opens(&record, &protection, Unlock::Recovery(&old_code), &key), Err(VaultError::WrongRecoveryCode));
    assert_eq!(opens(&record, &protection, Unlock::Recovery(&new_code), &key), Ok(()));
}

#[test]
fn a_terminal_needs_a_passcode() {
    let code = RecoveryCode::random().unwrap();
    let key = DataKey::random().unwrap();
    let none = KeyRecord::new(&key, &Protection::PasscodeAlone, None, CHEAP, &code);
    assert!(matches!(none, Err(VaultError::PasscodeRequired)));
    let passcode = Passcode::new("long enough");
    let (record, key, _) = record(&Protection::PasscodeAlone, Some(&passcode));
    assert_eq!(opens(&record, &Protection::PasscodeAlone, Unlock::Passcode(&passcode), &key), Ok(()));
    let cheap = PasscodeCost { passes: 1, ..CHEAP };
    let error = KeyRecord::new(&key, &Protection::PasscodeAlone, Some(&passcode), cheap, &code).unwrap_err();
    assert_eq!(error, VaultError::PasscodeCost { field: "passes", found: 1, minimum: 2 });
}

#[test]
fn a_lowered_cost_or_another_salt_in_the_file_opens_nothing() {
    let passcode = Passcode::new("p");
    let protection = Protection::PasscodeAlone;
    let (mut record, _, _) = record(&protection, Some(&passcode));
    for wrap in &mut record.wraps {
        if let Wrap::Passcode { cost, .. } = wrap {
            cost.memory_kib = 8;
        }
    }
    assert!(matches!(
        record.open(&protection, Unlock::Passcode(&passcode)),
        Err(VaultError::PasscodeCost { field: "memory_kib", .. })
    ));
}

#[test]
fn one_damaged_missing_or_half_written_copy_locks_nobody_out_and_two_are_an_error() {
    let (_, protection) = hardware();
    let (record, _, _) = record(&protection, None);
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Envelope::read(dir.path()).unwrap_err(), VaultError::Missing { what: FILE });
    let mut envelope = Envelope::new(record);
    envelope.write(dir.path()).unwrap();
    let good = std::fs::read(dir.path().join(FILE)).unwrap();
    for name in [FILE, COPY] {
        let path = dir.path().join(name);
        for place in (0..good.len()).step_by(37) {
            let mut bad = good.clone();
            bad[place] ^= 4;
            std::fs::write(&path, &bad).unwrap();
            assert_eq!(Envelope::read(dir.path()).unwrap().generation, 1, "{name}, byte {place}");
        }
        std::fs::write(&path, &good[..good.len() / 2]).unwrap();
        assert!(Envelope::read(dir.path()).is_ok());
        std::fs::remove_file(&path).unwrap();
        assert!(Envelope::read(dir.path()).is_ok());
        std::fs::write(&path, &good).unwrap();
    }
    for name in [FILE, COPY] {
        std::fs::write(dir.path().join(name), b"{}").unwrap();
    }
    assert_eq!(Envelope::read(dir.path()).unwrap_err(), VaultError::Damaged { what: "the envelope", code: 0 });
}

#[test]
fn the_newest_copy_counts_and_a_newer_format_is_refused() {
    let (_, protection) = hardware();
    let (record, _, _) = record(&protection, None);
    let dir = tempfile::tempdir().unwrap();
    let mut envelope = Envelope::new(record);
    envelope.write(dir.path()).unwrap();
    let first = std::fs::read(dir.path().join(COPY)).unwrap();
    envelope.write(dir.path()).unwrap();
    // The power went between the two copies.
    std::fs::write(dir.path().join(COPY), first).unwrap();
    assert_eq!(Envelope::read(dir.path()).unwrap().generation, 2);
    envelope.version = 2;
    envelope.write(dir.path()).unwrap();
    assert_eq!(Envelope::read(dir.path()).unwrap_err(), VaultError::NewerFile { found: 2, supported: 1 });
}

#[test]
fn the_envelope_holds_no_secret_in_the_clear() {
    let store = Arc::new(FakeKeyStore::default());
    let protection = Protection::Hardware(store);
    let (record, key, code) = record(&protection, Some(&Passcode::new("hunter2")));
    let text = serde_json::to_string(&record).unwrap();
    assert!(!text.contains("hunter2"));
    assert!(!text.contains(&hex::encode(&key.to_bytes()[..32])));
    assert!(!text.contains(code.to_printed().as_str()));
    assert_eq!(VaultError::from(KeyStoreError::Unavailable), VaultError::KeyUnavailable);
}
