//! What the ledger is made of: the pump's recorded facts, as the session gives them or as the journal kept them.

use super::Moment;
use crate::session::PumpFact;
use chrono::{DateTime, NaiveDateTime, Utc};
use homeline_model::{DeviceClock, Entry, EntryBody, PumpEvent, PumpEventKind, Quantity, TimeBasis};
use rust_decimal::Decimal;

/// One recorded fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEvent {
    /// The epoch of the record number.
    pub epoch: u32,
    /// The record number; of a gap, its first.
    pub record: u32,
    /// When, on the phone's clock.
    pub at: DateTime<Utc>,
    /// How that is known.
    pub basis: TimeBasis,
    /// What the pump's clock said.
    pub pump_clock: Option<NaiveDateTime>,
    /// What.
    pub kind: PumpEventKind,
    /// The counter then, mL.
    pub volume_ml: Option<Decimal>,
    /// The rate then, mL/h.
    pub rate_ml_h: Option<Decimal>,
}

impl LedgerEvent {
    /// A fact of the session; `None` when it is not of the pump's record (link up and lost, alarm seen).
    pub fn from_fact(fact: &PumpFact) -> Option<Self> {
        Self::new(&fact.event, fact.happened, fact.basis, fact.device_clock.as_ref())
    }

    /// A journal entry; `None` when it is not of the pump's record.
    pub fn from_entry(entry: &Entry) -> Option<Self> {
        let EntryBody::PumpEvent(event) = &entry.body else { return None };
        let happened = &entry.times.happened;
        Self::new(event, happened.at, happened.basis, entry.times.device_clock.as_ref())
    }

    fn new(event: &PumpEvent, at: DateTime<Utc>, basis: TimeBasis, clock: Option<&DeviceClock>) -> Option<Self> {
        let record = match &event.kind {
            PumpEventKind::RecordGap { from, .. } => *from,
            PumpEventKind::Started
            | PumpEventKind::Stopped
            | PumpEventKind::Completed
            | PumpEventKind::LinkUp
            | PumpEventKind::LinkLost
            | PumpEventKind::AlarmRaised { .. }
            | PumpEventKind::AlarmCleared { .. }
            | PumpEventKind::AlarmSeen { .. }
            | PumpEventKind::Progress => event.record?,
        };
        let in_unit = |quantity: &Option<Quantity>, code: &str| {
            quantity.as_ref().filter(|quantity| quantity.unit.code == code).map(|quantity| quantity.value)
        };
        Some(Self {
            epoch: event.epoch,
            record,
            at,
            basis,
            pump_clock: clock.map(|clock| clock.reading),
            kind: event.kind.clone(),
            volume_ml: in_unit(&event.volume_infused, "mL"),
            rate_ml_h: in_unit(&event.rate, "mL/h"),
        })
    }

    pub(super) fn moment(&self) -> Moment {
        Moment { at: self.at, basis: self.basis, pump_clock: self.pump_clock }
    }

    /// Which of two contradicting tellings of one record is kept: any rule will do that does not depend on the order.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        (self.at, self.pump_clock, self.volume_ml, self.rate_ml_h, format!("{:?}", self.kind))
    }
}
