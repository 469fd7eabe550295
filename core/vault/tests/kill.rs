//! A process that writes is killed at random moments, 200 times. Whatever it had been told is kept must be there, once, in an
//! unbroken chain, in a file that passes every check.
//!
//! The child is this test binary itself, started again with `HOMELINE_KILL_DIR` set. It writes a line for each acknowledged
//! append; the parent reads lines and kills it between two of them, or in the middle of the next.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, outside of its `#[test]` function too"
)]

mod phone;

use homeline_vault::{Appended, History, Protection, Unlock, Vault, VaultConfig};
use phone::{FakeKeyStore, device, entry_id, note, now, outgoing};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

const KILLS: u64 = 200;
/// A new vault after so many, so that checking the whole file after every kill stays cheap.
const KILLS_PER_VAULT: u64 = 25;
const DIR: &str = "HOMELINE_KILL_DIR";
const FROM: &str = "HOMELINE_KILL_FROM";
const SEED: &str = "HOMELINE_KILL_SEED";

fn config(dir: &Path) -> VaultConfig {
    // Its counter starts at 0 in each process, so a seal is never behind it.
    VaultConfig::new(dir, Protection::Hardware(Arc::new(FakeKeyStore::default())))
}

/// xorshift64*: the same moments again from the same seed, as far as the machine allows.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}

#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let mut number: u64 = std::env::var(FROM).unwrap().parse().unwrap();
    let vault = Vault::open(&config(Path::new(&dir)), Unlock::Hardware).unwrap();
    let mut out = std::io::stderr();
    loop {
        // Sizes from one page to many, and now and then a seal, so that kills fall everywhere.
        let words = if number.is_multiple_of(9) { 6_000 } else { number % 50 };
        let entry = note(number, &"word ".repeat(usize::try_from(words).unwrap()));
        assert_eq!(vault.append(&entry, vec![outgoing(&entry)]).unwrap(), Appended::New);
        // One write: a line cut short by the kill would be another number.
        out.write_all(format!("kept {number}\n").as_bytes()).unwrap();
        if number.is_multiple_of(7) {
            vault.seal_head(now()).unwrap();
        }
        number += 1;
    }
}

/// Started with its lines on a channel.
fn start(dir: &Path, from: u64) -> (Child, Receiver<u64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_writes_until_it_is_killed", "--nocapture"])
        .env(DIR, dir)
        .env(FROM, from.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (to, kept) = channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            match line.strip_prefix("kept ") {
                Some(number) => to.send(number.parse().unwrap()).unwrap_or_default(),
                None => assert!(!line.contains("panicked"), "the child failed: {line}"),
            }
        }
    });
    (child, kept)
}

#[test]
fn two_hundred_kills_lose_nothing_that_was_acknowledged() {
    if std::env::var(DIR).is_ok() {
        return;
    }
    let seed: u64 = std::env::var(SEED).ok().and_then(|s| s.parse().ok()).unwrap_or(0x0BAD_CAFE);
    println!("seed {seed} (set {SEED} for another)");
    let mut random = Random(seed | 1);
    let (mut total, mut unacknowledged) = (0, 0);
    for round in 0..KILLS / KILLS_PER_VAULT {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("vault");
        Vault::create(&config(&dir), None, device(1), now()).unwrap().0.close(now()).unwrap();
        let mut written = 0;
        for kill in 0..KILLS_PER_VAULT {
            let (mut child, kept) = start(&dir, written + 1);
            let mut acknowledged = written;
            for _ in 0..random.below(12) {
                acknowledged = kept.recv_timeout(Duration::from_secs(30)).expect("the child writes");
            }
            // Somewhere inside the next append, which takes about as long as an fsync.
            match kept.recv_timeout(Duration::from_micros(random.below(6_000))) {
                Ok(number) => acknowledged = number,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the child ended by itself"),
            }
            child.kill().unwrap();
            child.wait().unwrap();
            // What it still had written to the pipe counts: it was told before it died.
            acknowledged = kept.into_iter().last().unwrap_or(acknowledged);

            let vault = Vault::open(&config(&dir), Unlock::Hardware).unwrap();
            assert_eq!(vault.history(), History::Intact, "the seal is never ahead of what is on disk");
            let verified = vault.verify().unwrap_or_else(|e| panic!("seed {seed}, round {round}, kill {kill}: {e}"));
            written = verified.entries;
            assert!(written >= acknowledged, "seed {seed}, round {round}, kill {kill}: {written} < {acknowledged}");
            assert!(written <= acknowledged + 1, "more than the one append that was under way");
            assert_eq!(verified.chain, written);
            let (waiting, all_there) = vault
                .read(|r| {
                    let mut all = true;
                    for number in 1..=written {
                        all &= r.has_entry(entry_id(number))? && r.outbox_of_entry(entry_id(number))?.len() == 1;
                    }
                    Ok((r.outbox_status()?.waiting, all))
                })
                .unwrap();
            assert!(all_there && waiting == written, "each entry once, each with its outbox row");
            unacknowledged += written - acknowledged;
            vault.close(now()).unwrap();
        }
        total += written;
    }
    println!("{KILLS} kills, {total} entries, {unacknowledged} written but not yet acknowledged, 0 lost");
}
