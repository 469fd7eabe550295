use super::*;
use crate::phone::{FakeKeyStore, Phone};
use std::fs::OpenOptions;
use std::sync::Arc;

/// A vault that has an inbox, closed.
fn locked() -> Phone {
    let phone = Phone::new();
    let vault = phone.create();
    vault.prepare_inbox(Some(&*phone.keys)).unwrap();
    drop(vault);
    phone
}

fn inbox(phone: &Phone) -> Inbox {
    Inbox::open(&phone.dir(), Some(&*phone.keys)).unwrap()
}

fn put(phone: &Phone, items: &[&str]) {
    let mut inbox = inbox(phone);
    items.iter().for_each(|item| inbox.append(item.as_bytes()).unwrap());
}

fn items(parcels: &[Parcel]) -> Vec<String> {
    parcels.iter().flat_map(|parcel| &parcel.items).map(|item| String::from_utf8(item.clone()).unwrap()).collect()
}

/// What companion does: each parcel's items and its mark in one transaction, then the file goes.
fn fold(vault: &Vault) -> Vec<String> {
    let parcels = vault.inbox().unwrap();
    let items = items(&parcels);
    for parcel in parcels {
        let marked = parcel.clone();
        vault.write(move |tx| marked.mark(tx, marked.items.len())).unwrap();
        vault.inbox_done(&parcel).unwrap();
    }
    items
}

fn files(phone: &Phone) -> Vec<String> {
    let names = fs::read_dir(phone.file(FOLDER)).unwrap();
    let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != KEY_FILE);
    names.sort();
    names
}

#[test]
fn what_came_while_locked_is_read_in_order_and_once() {
    let phone = locked();
    put(&phone, &["one", "two"]);
    put(&phone, &["three"]);
    put(&phone, &[]);
    let vault = phone.open().unwrap();
    assert_eq!(fold(&vault), ["one", "two", "three"]);
    assert_eq!(fold(&vault), [""; 0]);
    assert_eq!(files(&phone), [""; 0]);
}

#[test]
fn nothing_of_it_lies_in_the_clear_and_the_key_beside_the_vault_opens_nothing() {
    let phone = locked();
    put(&phone, &["a word of the patient"]);
    inbox(&phone).set_state(b"a word of the patient").unwrap();
    assert_eq!(files(&phone), [name(1), STATE_FILE.to_owned()]);
    for name in [KEY_FILE, STATE_FILE, &name(1)] {
        let bytes = fs::read(phone.file(FOLDER).join(name)).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"a word"), "{name}");
    }
    let file: KeyFile = serde_json::from_slice(&fs::read(phone.file(FOLDER).join(KEY_FILE)).unwrap()).unwrap();
    let not_the_private_key = <X25519 as Kem>::PrivateKey::from_bytes(&file.public_key).unwrap();
    let bytes = fs::read(phone.file(FOLDER).join(name(1))).unwrap();
    let opened = open_parcel(1, &bytes, &not_the_private_key, pre_shared(inbox(&phone).secret.as_ref()).as_ref());
    assert!(opened.damaged && opened.items.is_empty());
}

#[test]
fn a_process_that_ends_between_folding_and_removing_folds_nothing_twice() {
    let phone = locked();
    put(&phone, &["one", "two", "three"]);
    let vault = phone.open().unwrap();
    let parcels = vault.inbox().unwrap();
    let marked = parcels[0].clone();
    // Half of it, and the process ends.
    vault.write(move |tx| marked.mark(tx, 2)).unwrap();
    drop(vault);
    let vault = phone.open().unwrap();
    let parcels = vault.inbox().unwrap();
    assert_eq!(items(&parcels), ["three"]);
    // The rest, and it ends again, before the file is removed.
    let marked = parcels[0].clone();
    vault.write(move |tx| marked.mark(tx, 1)).unwrap();
    drop(vault);
    assert_eq!(files(&phone), [name(1)]);
    assert_eq!(fold(&phone.open().unwrap()), [""; 0]);
    assert_eq!(files(&phone), [""; 0]);
}

#[test]
fn an_old_file_that_is_put_back_is_known() {
    let phone = locked();
    put(&phone, &["one"]);
    let path = phone.file(FOLDER).join(name(1));
    let old = fs::read(&path).unwrap();
    assert_eq!(fold(&phone.open().unwrap()), ["one"]);
    // Under its own name, and under another one.
    for number in [1, 7] {
        fs::write(phone.file(FOLDER).join(name(number)), &old).unwrap();
        assert_eq!(fold(&phone.open().unwrap()), [""; 0]);
    }
    assert_eq!(files(&phone), [""; 0]);
}

#[test]
fn a_write_that_was_cut_short_leaves_what_was_acknowledged() {
    let phone = locked();
    put(&phone, &["one", "two"]);
    let path = phone.file(FOLDER).join(name(1));
    let whole = fs::read(&path).unwrap();
    let vault = phone.open().unwrap();
    let first = HEADER + 8 + "one".len() + 16;
    for end in 0..whole.len() {
        fs::write(&path, &whole[..end]).unwrap();
        let parcels = vault.inbox().unwrap();
        let expected: &[&str] = if end >= first { &["one"] } else { &[] };
        assert_eq!(items(&parcels), expected, "cut off at {end}");
        assert!(parcels.iter().all(|parcel| !parcel.damaged), "cut off at {end}");
    }
    // Room that the disk gave and nobody wrote.
    fs::write(&path, [&whole[..first], &[0; 64]].concat()).unwrap();
    assert_eq!(items(&vault.inbox().unwrap()), ["one"]);
}

#[test]
fn any_bad_byte_is_found_and_what_stood_before_it_is_kept() {
    let phone = locked();
    put(&phone, &["one", "two"]);
    let folder = phone.file(FOLDER);
    let whole = fs::read(folder.join(name(1))).unwrap();
    let first = HEADER + 8 + "one".len() + 16;
    let vault = phone.open().unwrap();
    for place in 0..whole.len() {
        let mut bad = whole.clone();
        bad[place] ^= 0x10;
        fs::write(folder.join(name(1)), &bad).unwrap();
        let parcels = vault.inbox().unwrap();
        assert!(parcels[0].damaged, "byte {place}");
        let expected: &[&str] = if place >= first { &["one"] } else { &[] };
        assert_eq!(items(&parcels), expected, "byte {place}");
        vault.inbox_done(&parcels[0]).unwrap();
        assert_eq!(files(&phone), ["0000000001.damaged"], "it is kept");
        fs::remove_file(folder.join("0000000001.damaged")).unwrap();
    }
}

#[test]
fn items_cannot_be_swapped_repeated_or_left_out() {
    let phone = locked();
    put(&phone, &["one", "two"]);
    let path = phone.file(FOLDER).join(name(1));
    let whole = fs::read(&path).unwrap();
    let (header, frames) = whole.split_at(HEADER);
    let (one, two) = frames.split_at(frames.len() / 2);
    let vault = phone.open().unwrap();
    for (frames, expected) in
        [([two, one].concat(), &[][..]), (two.to_vec(), &[]), ([one, one, two].concat(), &["one"])]
    {
        fs::write(&path, [header, &frames].concat()).unwrap();
        let parcels = vault.inbox().unwrap();
        assert_eq!((items(&parcels), parcels[0].damaged), (told(expected), true));
        fs::write(&path, &whole).unwrap();
    }
}

fn told(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

#[test]
fn the_inbox_of_another_vault_is_set_aside_and_the_next_item_is_ours_again() {
    let (phone, other) = (locked(), locked());
    put(&other, &["not ours"]);
    for name in [KEY_FILE, &name(1)] {
        fs::copy(other.file(FOLDER).join(name), phone.file(FOLDER).join(name)).unwrap();
    }
    put(&phone, &["sealed to the key of another"]);
    let vault = phone.open().unwrap();
    let parcels = vault.inbox().unwrap();
    assert_eq!((parcels.len(), items(&parcels)), (2, vec![]));
    assert!(parcels.iter().all(|parcel| parcel.damaged));
    vault.prepare_inbox(Some(&*phone.keys)).unwrap();
    drop(vault);
    put(&phone, &["ours"]);
    assert_eq!(fold(&phone.open().unwrap()), ["ours"]);
}

#[test]
fn what_was_sealed_without_the_inbox_secret_is_not_taken() {
    let phone = locked();
    let mut forged = inbox(&phone);
    forged.secret = None;
    forged.append(b"by whoever can write here").unwrap();
    drop(forged);
    let parcels = phone.open().unwrap().inbox().unwrap();
    assert!(parcels[0].damaged && parcels[0].items.is_empty());
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let phone = locked();
    let mut inbox = inbox(&phone);
    inbox.append(b"one").unwrap();
    // A disk that is full: every write to this device fails so.
    let full = OpenOptions::new().write(true).open("/dev/full");
    if let (Ok(full), Some(segment)) = (full, &mut inbox.open) {
        segment.file = full;
        assert_eq!(inbox.append(b"two"), Err(VaultError::DiskFull { room_made: false }));
    }
    inbox.append(b"three").unwrap();
    drop(inbox);
    assert_eq!(fold(&phone.open().unwrap()), ["one", "three"]);
}

#[test]
fn vault_and_inbox_are_not_open_together() {
    let phone = locked();
    let open = inbox(&phone);
    assert_eq!(phone.open().unwrap_err(), VaultError::AlreadyOpen);
    drop(open);
    let vault = phone.open().unwrap();
    let refused = Inbox::open(&phone.dir(), Some(&*phone.keys)).unwrap_err();
    assert_eq!(refused, VaultError::AlreadyOpen);
    drop(vault);
}

#[test]
fn before_the_first_unlocking_since_the_start_and_without_an_inbox_it_says_so() {
    let phone = locked();
    phone.keys.lock();
    assert_eq!(Inbox::open(&phone.dir(), Some(&*phone.keys)).unwrap_err(), VaultError::KeyUnavailable);
    phone.keys.unlock();
    assert_eq!(Inbox::open(&phone.dir(), None).unwrap_err(), VaultError::KeyUnavailable);
    let never = Phone::new();
    drop(never.create());
    let missing = Inbox::open(&never.dir(), None).unwrap_err();
    assert!(matches!(missing, VaultError::Missing { .. }), "{missing:?}");
}

#[test]
fn the_state_is_read_back_while_locked_and_a_changed_one_is_none() {
    let phone = locked();
    let vault = phone.open().unwrap();
    vault.set_inbox_state(b"by the vault").unwrap();
    drop(vault);
    let inbox = inbox(&phone);
    assert_eq!(inbox.state().unwrap().unwrap().as_slice(), b"by the vault");
    inbox.set_state(b"by the inbox").unwrap();
    assert_eq!(inbox.state().unwrap().unwrap().as_slice(), b"by the inbox");
    let path = phone.file(FOLDER).join(STATE_FILE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[20] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(inbox.state().unwrap(), None);
}

#[test]
fn without_a_key_store_it_takes_items_and_keeps_no_state() {
    let phone = Phone::new();
    let vault = phone.create();
    vault.prepare_inbox(None).unwrap();
    vault.set_inbox_state(b"nobody could unwrap it").unwrap();
    drop(vault);
    let mut inbox = Inbox::open(&phone.dir(), None).unwrap();
    assert_eq!(inbox.state().unwrap(), None);
    inbox.append(b"one").unwrap();
    drop(inbox);
    let vault = phone.open().unwrap();
    assert_eq!(fold(&vault), ["one"]);
}

#[test]
fn a_key_store_that_lost_its_key_gets_another_secret_and_nothing_waits_then() {
    let phone = locked();
    put(&phone, &["one"]);
    let vault = phone.open().unwrap();
    let other: Arc<FakeKeyStore> = Arc::default();
    let lost = Lost(other);
    vault.prepare_inbox(Some(&lost)).unwrap();
    assert_eq!(fold(&vault), ["one"], "what waits is folded first");
    vault.prepare_inbox(Some(&lost)).unwrap();
    drop(vault);
    let mut inbox = Inbox::open(&phone.dir(), Some(&lost)).unwrap();
    inbox.append(b"two").unwrap();
    drop(inbox);
    assert_eq!(fold(&phone.open().unwrap()), ["two"]);
}

/// Another phone's key store: what the first one wrapped, it opens to something else.
struct Lost(Arc<FakeKeyStore>);

impl KeyStore for Lost {
    fn wrap(&self, secret: &[u8]) -> std::result::Result<Vec<u8>, crate::KeyStoreError> {
        Ok(secret.iter().map(|byte| byte ^ 1).collect())
    }
    fn unwrap(&self, wrapped: &[u8]) -> std::result::Result<Vec<u8>, crate::KeyStoreError> {
        Ok(wrapped.iter().map(|byte| byte ^ 1).collect())
    }
    fn counter(&self) -> std::result::Result<u64, crate::KeyStoreError> {
        self.0.counter()
    }
    fn set_counter(&self, value: u64) -> std::result::Result<(), crate::KeyStoreError> {
        self.0.set_counter(value)
    }
}
