//! Zone rules as data: a table of transitions for one IANA zone, given by the phone through a port.
//!
//! Bundled zone tables age faster than phones (chrono-tz embeds 2025b, wrong since 2026-11-01 for several zones), so the
//! core takes a table and stores wall-clock intent with the zone's id, never only UTC.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of an IANA zone, e.g. `America/Chicago`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneId(String);

impl ZoneId {
    /// Takes a zone name. `None` unless it looks like one: ASCII letters, digits and `/ _ + -`, at most 64.
    pub fn new(name: &str) -> Option<Self> {
        let fits = (1..=64).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'+' | b'-'));
        fits.then(|| Self(name.to_owned()))
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ZoneId {
    type Error = &'static str;
    fn try_from(name: String) -> Result<Self, &'static str> {
        Self::new(&name).ok_or("a zone is an IANA name such as America/Chicago")
    }
}

impl From<ZoneId> for String {
    fn from(zone: ZoneId) -> Self {
        zone.0
    }
}

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// From `at` on, the zone's clocks are `offset_seconds` east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneTransition {
    /// Unix seconds, UTC.
    pub at: i64,
    /// Seconds east of UTC, −86,400 < x < 86,400.
    pub offset_seconds: i32,
}

/// One zone's rules over a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneTable {
    /// Which zone.
    pub zone: ZoneId,
    /// The release of the zone data, e.g. `2026f`; empty when the platform does not say.
    pub version: String,
    /// The offset before the first transition, seconds east of UTC.
    pub initial_offset_seconds: i32,
    /// Ascending by `at`.
    pub transitions: Vec<ZoneTransition>,
}

impl ZoneTable {
    /// A zone whose clocks never change.
    pub fn fixed(zone: ZoneId, offset_seconds: i32) -> Self {
        Self { zone, version: String::new(), initial_offset_seconds: offset_seconds, transitions: Vec::new() }
    }

    /// The offset in force at a UTC instant (Unix seconds), in seconds east.
    pub fn offset_at(&self, unix_seconds: i64) -> i32 {
        match self.transitions.partition_point(|t| t.at <= unix_seconds).checked_sub(1) {
            Some(last) => self.transitions[last].offset_seconds,
            None => self.initial_offset_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_changes_at_the_transition_and_not_a_second_before() {
        let table = ZoneTable {
            zone: ZoneId::new("America/New_York").unwrap(),
            version: "2026f".into(),
            initial_offset_seconds: -14_400,
            transitions: vec![ZoneTransition { at: 1_793_512_800, offset_seconds: -18_000 }],
        };
        assert_eq!(table.offset_at(1_793_512_799), -14_400);
        assert_eq!(table.offset_at(1_793_512_800), -18_000);
    }
}
