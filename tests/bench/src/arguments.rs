//! What can be chosen.

use clap::Parser;
use std::path::PathBuf;

/// Measures Homeline's journal beside plain SQLite and default SQLCipher.
#[derive(Debug, Parser)]
#[command(name = "homeline-bench")]
pub(crate) struct Arguments {
    /// Entries in ten years. With fewer than some thousands, 90 days may hold no dose, and the run says so and fails.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(2_000..=10_000_000))]
    pub(crate) entries: u32,
    /// How often each quick operation is measured; slow ones less.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(3..=100_000))]
    pub(crate) rounds: u32,
    /// Same seed, same journal.
    #[arg(long, default_value_t = 20_261_123)]
    pub(crate) seed: u64,
    /// Where the files lie while it runs: about 6 GB for a million entries. The system's temporary folder when not given.
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
}
