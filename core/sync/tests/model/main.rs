//! Two to four phones, a server, and everything that can come between them, ten thousand times over.
//!
//! Each run is a script made from a seed: people write, correct and edit, the team changes orders, answers and deletes,
//! requests are lost, answered twice, cut, late or held up in a transaction, processes die between any two commits, clocks
//! are wrong, sign-ins are taken, the server is put back from a backup and speaks one of many dialects. Then everything is
//! well, and the phones exchange until nothing moves. The real push and pull work over a store in memory whose every
//! method is one commit, and over requests that wait until the script says what becomes of them; only reqwest is not there.
//!
//! What must hold in the end, whatever came before, is in `promises.rs`.
//!
//! Each of these was broken once to see that it is found, and within how many runs of the fixed seeds: see `docs/sync.md`.
//!
//! `HOMELINE_MODEL_RUNS=1000000` makes more runs, `HOMELINE_MODEL_SEED=7` begins elsewhere; a failure prints the seed and
//! the shortest script that still fails.

mod found;
mod phone;
mod promises;
mod script;
mod server;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use script::Script;
use world::World;

/// Runs that `tests/run` makes.
const RUNS: u64 = 10_000;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Lives a script; answers what did not hold.
fn lived(script: &Script) -> Vec<String> {
    let mut world = World::new(script);
    for step in &script.steps {
        world.take(*step);
    }
    let mut broken = world.settle();
    broken.extend(promises::broken(&world));
    broken
}

/// Lives the scripts of these seeds on all cores; answers the first seed that did not hold.
fn first_broken(seeds: std::ops::Range<u64>) -> Option<u64> {
    let (next, found) = (AtomicU64::new(seeds.start), AtomicU64::new(u64::MAX));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || seed > found.load(Ordering::Relaxed) {
                        return;
                    }
                    if !lived(&Script::of_seed(seed)).is_empty() {
                        found.fetch_min(seed, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Some(found.into_inner()).filter(|seed| *seed != u64::MAX)
}

#[test]
fn whatever_comes_between_phones_and_server_nothing_is_lost_nothing_is_there_twice_and_all_agree() {
    let from = setting("HOMELINE_MODEL_SEED", 0);
    let runs = setting("HOMELINE_MODEL_RUNS", RUNS);
    if let Some(seed) = first_broken(from..from + runs) {
        let script = Script::of_seed(seed).shrunk(|script| !lived(script).is_empty());
        panic!("seed {seed} does not hold:\n{}\n{script:#?}", lived(&script).join("\n"));
    }
}
