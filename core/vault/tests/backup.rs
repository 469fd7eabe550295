//! Backups and attachments through the public API.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, outside of its `#[test]` function too"
)]

mod phone;

use homeline_model::AttachmentId;
use homeline_vault::{History, LongWork, MAX_ATTACHMENT_BYTES, RecoveryCode, Unlock, Vault, VaultError};
use phone::{Phone, device, note, now};
use std::io::Read;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

const PHOTO: AttachmentId = AttachmentId(Uuid::from_u128(7));

fn picture() -> Vec<u8> {
    (0..200_000u32).map(|i| u8::try_from(i * 31 % 253).unwrap()).collect()
}

fn filled(phone: &Phone) -> (Vault, RecoveryCode) {
    let (vault, code) = phone.create_with(None);
    for number in 1..=20 {
        vault.append(&note(number, "kept"), vec![]).unwrap();
    }
    let sealed = vault.seal_attachment(PHOTO, "image/jpeg", &mut picture().as_slice()).unwrap();
    vault.write(move |tx| tx.put_attachment(&sealed)).unwrap();
    (vault, code)
}

#[test]
fn a_backup_restores_on_another_phone_with_the_recovery_code() {
    let (old, new) = (Phone::new(), Phone::new());
    let (vault, code) = filled(&old);
    let file = old.outside("homeline.backup");
    assert_eq!(vault.backup_to(&file, now()).unwrap().entries, 20);
    vault.append(&note(21, "after the backup"), vec![]).unwrap();

    let typed = RecoveryCode::parse(&code.to_printed()).unwrap();
    let restored = Vault::restore(&file, &typed, &new.config(), None, device(2), now()).unwrap();
    assert_eq!((restored.device(), restored.history()), (device(2), History::Intact));
    assert_eq!(restored.open_attachment(PHOTO).unwrap().read_all().unwrap(), picture());
    restored.append(&note(22, "on the new phone"), vec![]).unwrap();
    restored.close(now()).unwrap();
    let restored = new.open().unwrap();
    assert_eq!((restored.history(), restored.verify().unwrap().entries), (History::Intact, 21));
    assert_eq!(restored.read(|r| r.verify_chain(device(1))).unwrap(), 20);
    drop(restored);
    assert!(Vault::open(&new.config(), Unlock::Recovery(&code)).is_ok());
    assert_eq!(vault.verify().unwrap().chain, 21, "the old phone goes on");
}

#[test]
fn a_backup_that_is_taken_back_at_any_part_leaves_the_older_one_and_nothing_else() {
    let phone = Phone::new();
    let (vault, _) = filled(&phone);
    let file = phone.outside("b");
    vault.backup_to(&file, now()).unwrap();
    let before = std::fs::read(&file).unwrap();
    let whole = LongWork::default();
    vault.backup_watched(&phone.outside("other"), now(), &whole).unwrap();
    let of = whole.progress().of.unwrap();
    assert_eq!(whole.progress().done, of, "packed once and read back once");
    let beside = || std::fs::read_dir(file.parent().unwrap()).unwrap().count();
    let there = beside();
    for stop_at in [0, 1, of / 2, of / 2 + 1, of] {
        // The work asks itself to end at that byte, as a finger on the screen might.
        let slot: Arc<OnceLock<LongWork>> = Arc::default();
        let (finger, taken_back) = (slot.clone(), move |done| done >= stop_at);
        let work = LongWork::watched(move |progress| {
            if taken_back(progress.done) {
                finger.get().unwrap().cancel();
            }
        });
        slot.set(work.clone()).unwrap_or_default();
        if stop_at == 0 {
            work.cancel();
        }
        assert!(
            matches!(vault.backup_watched(&file, now(), &work), Err(VaultError::Cancelled)),
            "stopped at {stop_at}"
        );
        assert_eq!((std::fs::read(&file).unwrap() == before, beside()), (true, there), "stopped at {stop_at}");
    }
    vault.append(&note(21, "the vault goes on"), vec![]).unwrap();
}

#[test]
fn a_verification_that_is_taken_back_says_so_and_the_vault_goes_on() {
    let phone = Phone::new();
    let (vault, _) = filled(&phone);
    let work = LongWork::default();
    work.cancel();
    assert!(matches!(vault.verify_watched(&work), Err(VaultError::Cancelled)));
    vault.append(&note(21, "after it"), vec![]).unwrap();
    let work = LongWork::default();
    assert_eq!(vault.verify_watched(&work).unwrap().entries, 21);
    assert_eq!((work.progress().done, work.progress().of), (3, Some(3)));
}

#[test]
fn a_changed_cut_or_foreign_backup_is_refused_and_leaves_no_vault() {
    let phone = Phone::new();
    let (vault, code) = filled(&phone);
    let file = phone.outside("b");
    vault.backup_to(&file, now()).unwrap();
    let good = std::fs::read(&file).unwrap();
    let target = Phone::new();
    let restore = |code: &RecoveryCode| Vault::restore(&file, code, &target.config(), None, device(2), now()).map(drop);

    let other = Phone::new().create_with(None).1;
    assert_eq!(restore(&other), Err(VaultError::WrongRecoveryCode));
    for (what, bad) in [
        ("cut", good[..good.len() - 100].to_vec()),
        ("a bit in the middle", flipped(&good, good.len() / 2)),
        ("a bit at the end", flipped(&good, good.len() - 1)),
        ("something behind", [good.as_slice(), b"x"].concat()),
        ("nothing", vec![]),
        ("another file", vec![b'x'; 10_000]),
    ] {
        std::fs::write(&file, bad).unwrap();
        assert_eq!(restore(&code), Err(VaultError::Damaged { what: "the backup", code: 0 }), "{what}");
        assert!(!Vault::exists(&target.dir()), "{what}");
    }
    std::fs::write(&file, &good).unwrap();
    assert_eq!(restore(&code), Ok(()), "what failed before is in nobody's way");
    assert_eq!(restore(&code), Err(VaultError::AlreadyExists));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(restore(&code), Err(VaultError::Missing { what: "the backup" }));
}

fn flipped(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut bad = bytes.to_vec();
    bad[place] ^= 1;
    bad
}

#[test]
fn a_backup_that_fails_leaves_the_older_one() {
    let phone = Phone::new();
    let (vault, _) = filled(&phone);
    let file = phone.outside("b");
    vault.backup_to(&file, now()).unwrap();
    let before = std::fs::read(&file).unwrap();
    for sealed in std::fs::read_dir(phone.file("attachments")).unwrap().flatten() {
        std::fs::remove_file(sealed.path()).unwrap();
    }
    assert!(vault.backup_to(&file, now()).is_err());
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(!phone.outside("b.part").exists());
}

#[test]
fn a_sealed_attachment_is_part_of_the_vault_only_with_its_row() {
    let phone = Phone::new();
    let (vault, _) = filled(&phone);
    let info = vault.read(|r| r.attachment(PHOTO)).unwrap().unwrap();
    assert_eq!((info.bytes, info.content_type.as_str()), (200_000, "image/jpeg"));
    let orphan = AttachmentId(Uuid::from_u128(8));
    vault.seal_attachment(orphan, "image/png", &mut &b"x"[..]).unwrap();
    assert_eq!(vault.open_attachment(orphan).unwrap_err(), VaultError::AttachmentMissing { id: orphan });
    let other = vault.seal_attachment(PHOTO, "image/png", &mut &b"another"[..]).unwrap();
    let taken = vault.write(move |tx| tx.put_attachment(&other));
    assert!(matches!(taken, Err(VaultError::BadValue { .. })), "{taken:?}");
}

#[test]
fn a_changed_attachment_is_noticed_at_its_chunk_and_a_huge_one_is_refused() {
    let phone = Phone::new();
    let (vault, _) = filled(&phone);
    let file = std::fs::read_dir(phone.file("attachments")).unwrap().flatten().next().unwrap().path();
    let good = std::fs::read(&file).unwrap();
    std::fs::write(&file, flipped(&good, 15 + 2 * (64 * 1024 + 16) + 5)).unwrap();
    let damaged = vault.open_attachment(PHOTO).unwrap().read_all();
    assert_eq!(damaged, Err(VaultError::AttachmentDamaged { id: PHOTO, chunk: 2 }));
    std::fs::remove_file(&file).unwrap();
    assert_eq!(vault.open_attachment(PHOTO).unwrap_err(), VaultError::AttachmentMissing { id: PHOTO });
    let huge =
        vault.seal_attachment(AttachmentId(Uuid::from_u128(9)), "image/png", &mut std::io::repeat(0).take(100 << 20));
    assert!(matches!(huge, Err(VaultError::TooLarge { limit: MAX_ATTACHMENT_BYTES, .. })));
    assert_eq!(std::fs::read_dir(phone.file("attachments")).unwrap().count(), 0, "nothing half-done stays");
}
