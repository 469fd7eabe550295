//! Measures the decoders of `core/pump`: nanoseconds and allocations for each observation, on the bytes that a device sends.
//!
//! * **a segmented observation**: what a pump sends live, cut into packets of the smallest link (MTU 23);
//! * **stored records**: ten thousand numbered values, each in one packet of a usual link (MTU 247) and cut for the smallest;
//! * **vital signs**: one value of each service, beside `bluetooth-sig` (PyPI), the one published decoder that knows them. It
//!   hands health observations back as the bytes they were, so there the comparison is of nothing.
//!
//! The peer runs in the same run, in a Python of its own (`--peer`). Whether it reads the same is told too: a decoder that is
//! quick and wrong is no peer. No Rust crate that reads these formats was found on crates.io.
//!
//! `cargo run --release -p homeline-bench --bin homeline-bench-decoding -- --peer python3`

/// What the peer takes for the same values.
mod peer;
/// The bytes.
mod samples;

use clap::Parser;
use homeline_pump::profile;
use homeline_pump::wire::observation::Observation;
use homeline_pump::wire::segment::{Reassembly, Segment};
use std::hint::black_box;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Measures Homeline's Bluetooth decoders.
#[derive(Debug, Parser)]
#[command(name = "homeline-bench-decoding")]
struct Arguments {
    /// Stored records in a report.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    records: u32,
    /// How often everything is measured.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(3..=100_000))]
    rounds: u32,
    /// A Python with `bluetooth-sig`; without it the peer's columns stay empty.
    #[arg(long, value_name = "PYTHON")]
    peer: Option<PathBuf>,
}

/// The goal of the project for one observation, in nanoseconds.
const GOAL_NS: f64 = 300.0;

/// What is decoded in one go.
struct Work<'a> {
    name: String,
    observations: u32,
    /// The goal is one for numbers: the words of an alarm are kept.
    is_number: bool,
    decode: Box<dyn FnMut() -> u32 + 'a>,
}

/// What one observation costs.
struct Cost {
    /// The least and the median, in nanoseconds.
    ns: [f64; 2],
    allocations: f64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be told when stderr is gone.
            let _ = writeln!(std::io::stderr(), "homeline-bench-decoding: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), std::io::Error> {
    let mut out = std::io::stdout();
    if cfg!(debug_assertions) {
        writeln!(out, "not optimised: build with --release before you quote a figure")?;
    }
    writeln!(out, "{} records, {} rounds\n", arguments.records, arguments.rounds)?;
    writeln!(out, "| observation | | ours, ns | allocations | goal |\n|---|---|--:|--:|---|")?;

    let one_packet = samples::stored(arguments.records, 247);
    let smallest = samples::stored(arguments.records, 23);
    let report_of = |what: &str, packets| {
        report(format!("stored record, {} of them, {what} each", arguments.records), arguments.records, packets)
    };
    let works = [
        health_observation("live rate, one packet", &samples::live(), true),
        health_observation("live rate with its time, two segments", &samples::live_with_time(), true),
        health_observation("alarm of seven parts, six segments", &samples::alarm(), false),
        report_of("one packet", &one_packet),
        report_of("two segments", &smallest),
    ];
    for mut work in works {
        let cost = measure(&mut work, arguments.rounds)?;
        let met = if cost.ns[1] <= GOAL_NS && cost.allocations == 0.0 { "met" } else { "**missed**" };
        let goal = if work.is_number { format!("{met} ≤ {GOAL_NS} ns, 0") } else { String::new() };
        for (shown, ns) in ["min", "median"].into_iter().zip(cost.ns) {
            writeln!(out, "| {} | {shown} | {ns:.0} | {} | {goal} |", work.name, cost.allocations)?;
        }
    }

    let titles = "vital sign | | ours, ns | allocations | bluetooth-sig, ns | its ratio | what bluetooth-sig reads";
    writeln!(out, "\n| {titles} |\n|---|---|--:|--:|--:|--:|---|")?;
    let peers = match &arguments.peer {
        Some(python) => peer::measure(python, arguments.rounds)?,
        None => Vec::new(),
    };
    for (place, (name, sensor, value)) in samples::vital_signs().into_iter().enumerate() {
        let decode = || u32::from(sensor.read(black_box(&value)).is_ok());
        let mut work = Work { name: name.to_owned(), observations: 1, is_number: true, decode: Box::new(decode) };
        let ours = measure(&mut work, arguments.rounds)?;
        for (row, shown) in ["min", "median"].into_iter().enumerate() {
            let (ns, peer) = (ours.ns[row], peers.get(place));
            let theirs = peer.map_or("–".to_owned(), |peer| format!("{:.0}", peer.ns[row]));
            let ratio = peer.map_or("–".to_owned(), |peer| format!("{:.0}", peer.ns[row] / ns));
            let reads = peer.map_or("–", |peer| &peer.reads);
            writeln!(out, "| {name} | {shown} | {ns:.0} | {} | {theirs} | {ratio} | {reads} |", ours.allocations)?;
        }
    }
    Ok(())
}

fn health_observation<'a>(name: &str, body: &[u8], is_number: bool) -> Work<'a> {
    const SMALLEST_MTU: usize = 23;
    let packets = samples::segments(body, SMALLEST_MTU, &mut 0);
    let mut reassembly = Reassembly::default();
    let decode = move || {
        let mut read = 0;
        for packet in &packets {
            if let Ok(Segment::Whole(body)) = reassembly.feed(black_box(packet)) {
                let statement = Observation::live(body).and_then(|observation| profile::statement(&observation));
                read += u32::from(black_box(statement).is_ok());
            }
        }
        read
    };
    Work { name: name.to_owned(), observations: 1, is_number, decode: Box::new(decode) }
}

fn report<'a>(name: String, observations: u32, packets: &'a [Vec<u8>]) -> Work<'a> {
    let mut reassembly = Reassembly::default();
    let decode = move || {
        let mut read = 0;
        for packet in packets {
            if let Ok(Segment::Whole(body)) = reassembly.feed(black_box(packet)) {
                let statement = Observation::stored(body).and_then(|observation| profile::statement(&observation));
                read += u32::from(black_box(statement).is_ok());
            }
        }
        read
    };
    Work { name, observations, is_number: true, decode: Box::new(decode) }
}

/// A clock reads to some dozen nanoseconds, so one sample is at least so many observations.
const AT_LEAST: u32 = 1_000;

fn measure(work: &mut Work<'_>, rounds: u32) -> Result<Cost, std::io::Error> {
    // What is allocated once for a link is allocated here.
    if (work.decode)() != work.observations {
        return Err(std::io::Error::other(format!("{}: not everything was read", work.name)));
    }
    let allocations = allocation_counter::measure(|| {
        black_box((work.decode)());
    });
    let repeats = AT_LEAST.div_ceil(work.observations);
    let each = f64::from(work.observations) * f64::from(repeats);
    let mut samples: Vec<Duration> = (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..repeats {
                black_box((work.decode)());
            }
            begun.elapsed()
        })
        .collect();
    samples.sort_unstable();
    let ns = |sample: Option<&Duration>| sample.map_or(f64::NAN, |time| time.as_secs_f64() * 1e9 / each);
    // Counts of a bench are far below 2^53.
    let allocated = allocations.count_total as f64 / f64::from(work.observations);
    Ok(Cost { ns: [ns(samples.first()), ns(samples.get(samples.len() / 2))], allocations: allocated })
}
