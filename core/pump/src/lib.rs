//! Bluetooth wire formats, the pump session and delivery reconciliation. Pure, sans-I/O.
//!
//! The radio belongs to the phone. Bytes, link events and the time come in; commands for the radio, facts for the
//! journal and a live state go out. There is no code path that programs a pump: the only way to make a write command
//! is [`AllowedWrite`], and it knows four harmless ones.
//!
//! Two rules carry the crate. **Live values are for now, records are for history**: what the pump says live feeds
//! [`PumpStatus`] alone, and the journal is fed from the pump's numbered record, so that nothing can be stored twice
//! and a lost link leaves a hole that is fetched later or shown. **Unknown is a value**: not-a-number, a silent link and
//! a missing record are states, never a zero and never the last value shown as current.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// Bytes into meaning: the formats of the Bluetooth SIG and of IEEE 11073. Decoders only.
pub mod wire;

/// Units, and the codes of vital signs.
pub mod nomenclature;

/// Which IEEE 11073-10101 codes mean what on a pump.
pub mod profile;

/// What thermometers, cuffs, oximeters and scales say, as vital signs of the journal.
pub mod vitals;

/// The port behind which a pump's protocol lies, and the two that are in the tree.
pub mod adapter;

/// What the phone's radio is asked, and what it answers.
pub mod radio;

/// The link to one pump: a state machine.
pub mod session;

/// The link to one device for vital signs.
pub mod vital_session;

/// From records to infusions: what went in, when, and what is not known.
pub mod ledger;

/// Bytes decoded for anyone who wants to check us.
pub mod machine_door;

pub use ledger::{
    AgainstPlan, Delivered, Difference, Infusion, InfusionEnd, Interruption, Ledger, LedgerEvent, Look, LookAgainst,
    Looked, Moment, OrderedCourse, OrderedStep, Planned, RateFrom, Suggestion, UnknownStretch, reconcile,
    reconcile_looks,
};
pub use profile::{AlarmPriority, Delivery};
pub use radio::{
    AdapterState, AllowedWrite, AttError, Characteristic, LinkId, LinkSecurity, RadioCommand, RadioEvent, WriteRefused,
};
pub use session::{
    AlarmStatus, AllowedPump, ClockMapping, ClockStatus, Enrolment, LinkState, Now, Output, PumpFact, PumpSession,
    PumpStatus, Readings, RecordRange, Refusal, SessionMemory,
};
pub use vital_session::{VitalDevice, VitalDeviceKind, VitalFact, VitalLink, VitalOutput, VitalSession};
