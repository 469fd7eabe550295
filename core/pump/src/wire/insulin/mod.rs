//! The Insulin Delivery Service (Bluetooth SIG IDS 1.0), the one adopted standard service for a pump.
//!
//! Its words are insulin's: international units, basal, bolus. Its codes are chosen so that two flipped bits do not make
//! one of another, so a state that is not in the tables is refused and never "something new". Only what listens is here:
//! the Command Control Point (0x2B25) and its data (0x2B26), with which such a pump is steered, are not known to this
//! code at all.
//!
//! What the tables of bluetooth.com's implementers agree on is read; parts of the Status Reader and of the history whose
//! layout we could not confirm in two independent sources are carried raw, with their number.

/// What a person must be told.
pub mod annunciation;
/// What the pump can do.
pub mod features;
/// The numbered history.
pub mod history;
/// Checksum and counter of each value.
pub mod protection;
/// Requests to the history, and their answers.
pub mod record_access;
/// Therapy, operation, reservoir.
pub mod status;
/// Questions about the present state, and their answers.
pub mod status_reader;

use crate::radio::Characteristic;

/// Insulin Delivery Service.
pub const SERVICE: u16 = 0x183A;
/// IDD Status Changed.
pub const STATUS_CHANGED: Characteristic = Characteristic(0x2B20);
/// IDD Status.
pub const STATUS: Characteristic = Characteristic(0x2B21);
/// IDD Annunciation Status.
pub const ANNUNCIATION: Characteristic = Characteristic(0x2B22);
/// IDD Features.
pub const FEATURES: Characteristic = Characteristic(0x2B23);
/// IDD Status Reader Control Point.
pub const STATUS_READER: Characteristic = Characteristic(0x2B24);
/// IDD Record Access Control Point.
pub const RECORD_ACCESS: Characteristic = Characteristic(0x2B27);
/// IDD History Data.
pub const HISTORY: Characteristic = Characteristic(0x2B28);
