//! `homeline`: the terminal shell over the public API, and the door for machine checks.
//!
//! It holds no rule: it opens the vault, calls the core, and draws the core's screens as tables or JSON.

#![forbid(unsafe_code)]

mod arguments;
mod commands;
#[cfg(feature = "demo")]
mod demo;
mod failure;
mod host;
mod loopback;
mod output;
mod passcode;
mod zones;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&failure::Failure::Failed(format!("no runtime could be made: {error}"))),
    };
    match runtime.block_on(commands::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

#[expect(clippy::print_stderr, reason = "a terminal program says there what went wrong")]
fn report(failure: &failure::Failure) -> ExitCode {
    eprintln!("homeline: {failure}");
    ExitCode::from(failure.status())
}
