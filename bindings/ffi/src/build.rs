//! Which build this library is.
//!
//! Generated code and library must be of one build: arguments are bytes in an agreed order, and a wrong order is read as
//! wrong data. uniffi's own checksums would find that, but they fail on some 32-bit ARM phones in 0.30 to 0.32 although
//! nothing is wrong, so they are left out (`uniffi.toml`), and the hand-written layers compare version and contract before
//! they open anything.

use crate::error::HomelineError;

/// Which build this library is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BuildInfo {
    /// The version of the whole workspace, e.g. `0.1.0`.
    pub version: String,
    /// The checksum of everything that crosses the border. Generated code of another one must not be used.
    pub contract: String,
}

/// Which build this library is. Its own form never changes, so that code of any other build can read it.
#[uniffi::export]
pub fn build_info() -> Result<BuildInfo, HomelineError> {
    let contract = env!("HOMELINE_CONTRACT").to_owned();
    Ok(BuildInfo { version: env!("CARGO_PKG_VERSION").to_owned(), contract })
}
