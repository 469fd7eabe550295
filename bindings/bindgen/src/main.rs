//! Writes the Kotlin and Swift sources from the built library: `bindings/generate.sh` calls it. `list LIBRARY` prints the
//! API instead, for `bindings/api`.
//!
//! The generator is a binary of its own, so that nothing of it is ever in the library that phones load.

/// The API as text.
mod listing;

use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [verb, library] if verb == "list" => std::io::stdout().write_all(listing::of_library(library)?.as_bytes())?,
        _ => uniffi::uniffi_bindgen_main(),
    }
    Ok(())
}
