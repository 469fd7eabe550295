//! The power goes at 2 000 random moments for each way in which a disk may lose unsynced writes. The vault as shipped (WAL,
//! `synchronous=FULL`) must lose nothing that it acknowledged; on a disk that lies about its syncs it must lose
//! something, or this test would prove nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, outside of its `#[test]` function too"
)]

mod failing_disk;
mod phone;

use failing_disk::{Keeps, Random};
use homeline_vault::{Protection, Unlock, Vault, VaultConfig};
use phone::{FakeKeyStore, device, entry_id, note, now, outgoing};
use std::path::Path;
use std::sync::Arc;

const CRASHES: usize = 2_000;
const CRASHES_PER_VAULT: usize = 25;
const SEED: &str = "HOMELINE_POWER_SEED";

fn config(dir: &Path) -> VaultConfig {
    VaultConfig::new(dir, Protection::Hardware(Arc::new(FakeKeyStore::default())))
}

/// Appends until the disk dies; answers the last acknowledged entry. The vault is dropped while the disk is dead.
fn write_until_dead(vault: Vault, from: u64, random: &mut Random) -> u64 {
    let mut acknowledged = from;
    loop {
        let number = acknowledged + 1;
        let words = if random.below(8) == 0 { 4_000 } else { random.below(60) };
        let entry = note(number, &"word ".repeat(words));
        if vault.append(&entry, vec![outgoing(&entry)]).is_err() {
            return acknowledged;
        }
        acknowledged = number;
        // Checkpoints, so that the power also goes while the WAL is moved into the file.
        if random.below(10) == 0 && vault.verify().is_err() {
            return acknowledged;
        }
    }
}

#[derive(Debug, Default)]
struct Outcome {
    crashes: usize,
    lost: usize,
    entries: u64,
}

/// In memory where there is such a folder: the simulated disk decides what is durable, the real one need not.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn crash(keeps: Keeps, crashes: usize, lies: bool) -> Outcome {
    let seed: u64 = std::env::var(SEED).ok().and_then(|s| s.parse().ok()).unwrap_or(0x00C0_FFEE);
    println!("{keeps:?}: seed {seed} (set {SEED} for another)");
    let mut random = Random(seed | 1);
    let mut outcome = Outcome::default();
    while outcome.crashes < crashes {
        let folder = folder();
        let dir = folder.path().join("vault");
        let mut vault = Vault::create(&config(&dir), None, device(1), now()).unwrap().0;
        vault.close(now()).unwrap();
        failing_disk::watch(&dir, lies);
        vault = Vault::open(&config(&dir), Unlock::Hardware).unwrap();
        let mut written = 0;
        for _ in 0..CRASHES_PER_VAULT {
            failing_disk::die_after(&dir, 1 + random.below(100));
            let acknowledged = write_until_dead(vault, written, &mut random);
            failing_disk::die(&dir);
            failing_disk::come_back(&dir, keeps, &mut random);
            outcome.crashes += 1;

            let place = format!("{keeps:?}, seed {seed}, crash {}", outcome.crashes);
            vault = match Vault::open(&config(&dir), Unlock::Hardware) {
                Ok(vault) => vault,
                Err(_) if lies => {
                    outcome.lost += 1;
                    outcome.entries += acknowledged;
                    break;
                }
                Err(error) => panic!("{place}: {error}"),
            };
            let verified = match vault.verify() {
                Ok(verified) => verified,
                Err(_) if lies => {
                    outcome.lost += 1;
                    break;
                }
                Err(error) => panic!("{place}: {error}"),
            };
            if lies && verified.entries < acknowledged {
                outcome.lost += 1;
            } else {
                assert!(verified.entries >= acknowledged, "{place}: {} < {acknowledged}", verified.entries);
                assert!(verified.entries <= acknowledged + 1, "{place}: an entry that nobody wrote");
                let last = verified.entries;
                let (waiting, there) = vault
                    .read(|r| Ok((r.outbox_status()?.waiting, last == 0 || r.has_entry(entry_id(last))?)))
                    .unwrap();
                assert!(there && waiting == last, "{place}: an entry without its outbox row");
            }
            written = verified.entries;
        }
        outcome.entries += written;
        failing_disk::forget(&dir);
    }
    println!("{keeps:?}: {outcome:?}");
    outcome
}

fn nothing_acknowledged_is_lost(keeps: Keeps) {
    let outcome = crash(keeps, CRASHES, false);
    assert_eq!((outcome.crashes, outcome.lost), (CRASHES, 0));
    assert!(outcome.entries > 1_000, "the crashes fell while entries were written");
}

#[test]
fn nothing_acknowledged_is_lost_when_no_unsynced_write_survives() {
    nothing_acknowledged_is_lost(Keeps::Nothing);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_first_unsynced_writes_survive() {
    nothing_acknowledged_is_lost(Keeps::Prefix);
}

#[test]
fn nothing_acknowledged_is_lost_when_any_unsynced_writes_survive() {
    nothing_acknowledged_is_lost(Keeps::Subset);
}

#[test]
fn nothing_acknowledged_is_lost_when_unsynced_writes_survive_torn() {
    nothing_acknowledged_is_lost(Keeps::TornSubset);
}

#[test]
fn a_disk_that_lies_about_its_syncs_does_lose_entries_and_this_test_sees_it() {
    let outcome = crash(Keeps::Nothing, 200, true);
    assert!(outcome.lost > outcome.crashes / 10, "{outcome:?}");
}
