//! A week of a pump's counter, once a second: fetched, kept and reconciled through the public API with a real vault, beside the
//! same bytes as rows of plain SQLite.
//!
//! `cargo run --release -p homeline-bench --bin homeline-bench-telemetry` prints the table of `docs/performance.md`.

/// What stands in for a phone.
#[path = "../phone.rs"]
mod phone;
/// The pump.
mod pump;

use chrono::{DateTime, Duration, Utc};
use clap::Parser;
use homeline_companion::{
    BluetoothPort, Config, Credentials, Homeline, KeyProtection, LinkId, NewProfile, PortError, Ports, RadioCommand,
    RadioEvent,
};
use homeline_home::plans;
use homeline_model::{AuthorRole, EntryBody, Series};
use homeline_pump::{Characteristic, LedgerEvent, reconcile};
use homeline_vault::{Direction, MAX_PAGE, Protection, TimelineQuery, Unlock, Vault, VaultConfig};
use phone::Phone;
use pump::{Pump, asked_from};
use std::collections::VecDeque;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The goals: a week in so many seconds and bytes.
const SECONDS: f64 = 10.0;
const MEGABYTES: f64 = 40.0;
const SERIAL: &str = "SIM-IVIG-0304";

#[derive(Parser)]
struct Arguments {
    /// Records of the pump; a week of seconds has 604,800.
    #[arg(long, default_value_t = 604_800)]
    records: u32,
}

/// The radio of a phone: it keeps what the core asks of it.
#[derive(Default)]
struct Radio {
    asked: Mutex<VecDeque<RadioCommand>>,
}

impl BluetoothPort for Radio {
    fn execute(&self, _: &LinkId, command: RadioCommand) -> Result<(), PortError> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push_back(command);
        Ok(())
    }
}

impl Radio {
    fn next(&self) -> Option<RadioCommand> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn is_asked(&self) -> bool {
        !self.asked.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { records } = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let folder = tempfile::tempdir()?;
    let vault = folder.path().join("vault");
    let (begun, pump) = ("2026-11-23T08:00:00Z".parse::<DateTime<Utc>>()?, Pump { serial: SERIAL, records });
    let (phone, radio) = (Phone::at(begun), Arc::<Radio>::default());
    let ports = || Ports { bluetooth: Some(radio.clone()), ..phone.ports() };
    let (before, after, took, entries_took) = runtime.block_on(async {
        let profile = NewProfile { name: "Rosa".to_owned(), role: AuthorRole::Patient };
        let config = Config::new(&vault, KeyProtection::Hardware);
        let homeline = Homeline::create(config.clone(), ports(), profile, None).await?.homeline;
        let plan = plans::named("ivig-ladder").unwrap_or_default();
        homeline.plan().import(plan.as_bytes().to_vec()).await?;
        phone.clock.advance(Duration::seconds(i64::from(records)));
        let before = today(&homeline).await?;
        let start = Instant::now();
        homeline.pump().enrol(SERIAL.to_owned()).await?;
        fetch(&homeline, &radio, &pump).await?;
        homeline.close().await?;
        let took = start.elapsed().as_secs_f64();
        let start = Instant::now();
        check(&vault, &phone, records)?;
        let entries_took = start.elapsed().as_secs_f64();
        let homeline = Homeline::open(config, ports(), Credentials::KeyStore).await?;
        let after = today(&homeline).await?;
        homeline.close().await?;
        Ok::<_, Box<dyn Error>>((before, after, took, entries_took))
    })?;
    let ours = bytes(&vault)?;
    let (plain_took, plain) = plain(&folder.path().join("plain.db"), records)?;
    let mut out = std::io::stdout();
    let goal = |met: bool| if met { "met" } else { "**missed**" };
    let whole = took + entries_took;
    writeln!(out, "{records} records, one a second\n")?;
    writeln!(out, "| | ours | plain SQLite, a row each | ours/plain | goal |\n|---|--:|--:|--:|---|")?;
    writeln!(
        out,
        "| fetched and kept | {took:.2} s | {plain_took:.2} s | {:.2} | |",
        took / plain_took.max(f64::MIN_POSITIVE)
    )?;
    writeln!(out, "| read back and reconciled | {entries_took:.2} s | – | – | |")?;
    writeln!(out, "| both | {whole:.2} s | – | – | {} ≤ {SECONDS} s |", goal(whole <= SECONDS))?;
    let (ours, plain) = (megabytes(ours), megabytes(plain));
    writeln!(
        out,
        "| on disk | {ours:.1} MB | {plain:.1} MB | {:.2} | {} ≤ {MEGABYTES} MB |",
        ours / plain,
        goal(ours <= MEGABYTES)
    )?;
    writeln!(out, "| today's view, after and before | {after:.2} ms | {before:.2} ms | {:.2} | |", after / before)?;
    Ok(())
}

/// Everything that the pump holds, through the public API.
async fn fetch(homeline: &Homeline, radio: &Radio, pump: &Pump) -> Result<(), Box<dyn Error>> {
    // So many packets come in one burst, as a phone hands them over.
    const BURST: u32 = 500;
    while let Some(command) = radio.next() {
        homeline.radio_events(LinkId::pump(), pump.answer(&command)).await?;
        let RadioCommand::Write(write) = &command else { continue };
        if write.characteristic() != Characteristic::RECORD_ACCESS || write.value().first() != Some(&7) {
            continue;
        }
        let from = asked_from(write);
        let mut next = from;
        while next < pump.records && !radio.is_asked() {
            let end = pump.records.min(next + BURST);
            homeline.radio_events(LinkId::pump(), (next..end).map(Pump::packet).collect()).await?;
            next = end;
        }
        if !radio.is_asked() {
            let value = [&[8, 0], (next - from).to_le_bytes().as_slice()].concat();
            let done = RadioEvent::Value { characteristic: Characteristic::RECORD_ACCESS, value };
            homeline.radio_events(LinkId::pump(), vec![done]).await?;
        }
    }
    Ok(())
}

/// The journal holds every reading, and the ledger what went in.
fn check(vault: &Path, phone: &Arc<Phone>, records: u32) -> Result<(), Box<dyn Error>> {
    let vault = Vault::open(&VaultConfig::new(vault, Protection::Hardware(phone.clone())), Unlock::Hardware)?;
    let mut query = TimelineQuery { direction: Direction::OldestFirst, limit: MAX_PAGE, ..TimelineQuery::default() };
    let (mut readings, mut events) = (0, Vec::new());
    loop {
        let page = vault.timeline(&query)?;
        for entry in &page.entries {
            if let EntryBody::PumpEvent(event) = &entry.body
                && event.record.is_some()
            {
                let series = event.samples.as_ref().and_then(|samples| samples.volume.as_ref());
                readings += series.map_or(1, Series::len);
            }
        }
        events.extend(page.entries.iter().filter_map(LedgerEvent::from_entry));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let ledger = reconcile(events);
    vault.close(phone.clock.now())?;
    let last = ledger.infusions.last().and_then(|infusion| infusion.counter_ml);
    let expected = rust_decimal::Decimal::new(i64::try_from(Pump::counter(records - 1))?, 3);
    if readings != usize::try_from(records)? || last != Some(expected) || !ledger.unknown.is_empty() {
        return Err(format!("the journal is not what the pump holds: {readings} readings, counter {last:?}").into());
    }
    Ok(())
}

/// The least of some looks at today's view, in milliseconds.
async fn today(homeline: &Homeline) -> Result<f64, Box<dyn Error>> {
    let mut least = f64::INFINITY;
    for _ in 0..30 {
        let begun = Instant::now();
        homeline.agenda().today().await?;
        least = least.min(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(least)
}

/// The same bytes as rows of plain SQLite, 6,000 in a durable transaction as on our side: seconds, and bytes on disk.
fn plain(path: &Path, records: u32) -> Result<(f64, u64), Box<dyn Error>> {
    let mut database = rusqlite::Connection::open(path)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE telemetry (record INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    )?;
    let begun = Instant::now();
    let mut next = 0;
    while next < records {
        let transaction = database.transaction()?;
        let end = records.min(next + 6_000);
        {
            let mut insert = transaction.prepare_cached("INSERT INTO telemetry VALUES (?1, ?2)")?;
            for n in next..end {
                insert.execute((n, Pump::record(n)))?;
            }
        }
        transaction.commit()?;
        next = end;
    }
    let took = begun.elapsed().as_secs_f64();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    drop(database);
    Ok((took, std::fs::metadata(path)?.len()))
}

/// What the journal takes on disk.
fn bytes(folder: &Path) -> Result<u64, Box<dyn Error>> {
    Ok(std::fs::metadata(folder.join("journal.db"))?.len())
}

fn megabytes(bytes: u64) -> f64 {
    // Sizes are far below 2^53.
    bytes as f64 / 1e6
}
