use super::*;
use crate::phone::{Phone, entry_id, note, now};
use crate::{Appended, VaultError};
use homeline_model::AttachmentId;
use std::io::Read;
use uuid::Uuid;

const PHOTO: AttachmentId = AttachmentId(Uuid::from_u128(7));

fn filled(phone: &Phone, passcode: Option<&Passcode>) {
    let (vault, _) = phone.create_with(passcode);
    for number in 1..=20 {
        vault.append(&note(number, "before the rotation"), vec![]).unwrap();
    }
    let sealed = vault.seal_attachment(PHOTO, "image/png", &mut &[9u8; 100_000][..]).unwrap();
    vault.write(move |tx| tx.put_attachment(&sealed)).unwrap();
    vault.close(now()).unwrap();
}

fn whole(vault: &Vault) {
    assert_eq!(vault.verify().unwrap().chain, 20);
    assert_eq!(vault.search("rotation", 100).unwrap().len(), 20);
    assert_eq!(vault.history(), History::Intact);
    let mut photo = Vec::new();
    vault.open_attachment(PHOTO).unwrap().read_to_end(&mut photo).unwrap();
    assert_eq!(photo, [9; 100_000]);
}

#[test]
fn everything_is_there_under_the_new_key_and_the_old_one_opens_nothing() {
    let phone = Phone::new();
    filled(&phone, None);
    let before = std::fs::read(phone.file(DATABASE)).unwrap();
    let old = Envelope::read(&phone.dir()).unwrap().unlock(&phone.config().protection, Unlock::Hardware).unwrap();
    let code = Vault::rotate(&phone.config(), Unlock::Hardware, None, now()).unwrap();
    assert_ne!(before[..16], std::fs::read(phone.file(DATABASE)).unwrap()[..16], "the salt is new");
    assert!(matches!(
        crate::connection::keyed(&phone.file(DATABASE), &old[0].1, crate::connection::Role::Reader),
        Err(VaultError::Damaged { .. })
    ));
    let vault = phone.open().unwrap();
    whole(&vault);
    assert_eq!(vault.append(&note(21, "after"), vec![]), Ok(Appended::New));
    vault.close(now()).unwrap();
    assert!(Vault::open(&phone.config(), Unlock::Recovery(&code)).is_ok());
}

#[test]
fn a_stop_at_any_step_leaves_a_vault_that_opens_whole() {
    use Step::{Begun, BothKeysListed, Copied, Done, HeadSealedForBoth, OldFileClosed, OldKeyForgotten, Renamed};
    let passcode = Passcode::new("the same before and after");
    for stop in [Begun, Copied, HeadSealedForBoth, BothKeysListed, OldFileClosed, Renamed, OldKeyForgotten, Done] {
        let phone = Phone::new();
        filled(&phone, Some(&passcode));
        let unlock = Unlock::Passcode(&passcode);
        let mut reached = |step| if step == stop { Err(VaultError::Closed) } else { Ok(()) };
        let stopped = rotate(&phone.config(), unlock, Some(&passcode), now(), &mut reached);
        assert!(matches!(stopped, Err(VaultError::Closed)), "{stop:?}");

        let vault = Vault::open(&phone.config(), unlock).unwrap_or_else(|e| panic!("{stop:?}: {e}"));
        whole(&vault);
        vault.append(&note(21, "life goes on"), vec![]).unwrap();
        vault.close(now()).unwrap();
        assert!(!phone.file("journal.db.part").exists(), "{stop:?}");
        let keys = Envelope::read(&phone.dir()).unwrap().unlock(&phone.config().protection, unlock).unwrap();
        assert_eq!(keys.len(), 1, "{stop:?}: the key that does not fit is forgotten");
        let vault = Vault::open(&phone.config(), unlock).unwrap();
        assert_eq!(vault.read(|r| r.entry(entry_id(21))).unwrap(), Some(note(21, "life goes on")));
    }
}

#[test]
fn a_rotation_of_an_open_vault_or_with_a_wrong_passcode_touches_nothing() {
    let phone = Phone::new();
    let (right, wrong) = (Passcode::new("right"), Passcode::new("wrong"));
    filled(&phone, Some(&right));
    let before = phone.bytes();
    let error = Vault::rotate(&phone.config(), Unlock::Passcode(&wrong), Some(&wrong), now()).unwrap_err();
    assert_eq!(error, VaultError::WrongPasscode);
    assert_eq!(phone.bytes(), before);
    let vault = Vault::open(&phone.config(), Unlock::Passcode(&right)).unwrap();
    let error = Vault::rotate(&phone.config(), Unlock::Passcode(&right), None, now()).unwrap_err();
    assert_eq!(error, VaultError::AlreadyOpen);
    drop(vault);
}
