//! From the pump's records to infusions: what went in, at which rate, when it paused, and what is not known.
//!
//! It is one pure fold over a **set** of events, keyed by epoch and record number: any slice of the history, in any order,
//! with any overlap, gives the same ledger as the whole of it once told. The pump's own counter is the only measure
//! of volume; a rate is never multiplied by a time here, for a counter proves delivery and a rate only promises it.
//!
//! Delivered is [`Delivered::certain_ml`], within zero and what was ordered, plus the part that may have gone in unseen.
//! What the counter says beyond the order is shown beside it and not cut away.
//!
//! Records that are missing are an [`UnknownStretch`]. A counter that goes on after one proves the volume; that it is the
//! same infusion is then presumed, and the stretch stays in the infusion for all to see.
//!
//! [`Delivered::certain_ml`]: crate::ledger::Delivered::certain_ml
//! [`UnknownStretch`]: crate::ledger::UnknownStretch

/// The pump's record beside what a person wrote down.
mod beside;
/// The events, from facts or from journal entries.
mod event;
/// The fold.
mod fold;
/// What people saw of a device that cannot tell.
mod looks;

pub use beside::{Difference, Suggestion};
pub use event::LedgerEvent;
pub use fold::reconcile;
pub use looks::{Look, LookAgainst, Looked, OrderedCourse, OrderedStep, reconcile_looks};

use crate::session::RecordRange;
use chrono::{DateTime, NaiveDateTime, Utc};
use homeline_model::{AlarmKind, TimeBasis};
use rust_decimal::Decimal;

/// A moment of an infusion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// On the phone's clock.
    pub at: DateTime<Utc>,
    /// How that is known.
    pub basis: TimeBasis,
    /// What the pump's clock said.
    pub pump_clock: Option<NaiveDateTime>,
}

/// How an infusion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InfusionEnd {
    /// The pump says that all is in.
    Completed,
    /// It was stopped and not started again.
    Stopped,
    /// It has not ended as far as the records go.
    Running,
    /// Its end lies in a stretch that is not known.
    Unknown,
}

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// When delivery stopped.
    pub from: Moment,
    /// When it went on; `None` while it has not.
    pub to: Option<Moment>,
    /// The alarm that was on then, if one was.
    pub alarm: Option<AlarmKind>,
}

/// From then on, this rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateFrom {
    /// From when.
    pub from: Moment,
    /// mL/h, as the pump says.
    pub rate_ml_h: Decimal,
}

/// Records that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownStretch {
    /// The epoch of the numbers.
    pub epoch: u32,
    /// The numbers.
    pub records: RecordRange,
}

/// One delivery by the pump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Infusion {
    /// The epoch of its record numbers.
    pub epoch: u32,
    /// Its first record.
    pub first_record: u32,
    /// Its last record so far.
    pub last_record: u32,
    /// When it began; `None` when that lies in a stretch that is not known.
    pub started: Option<Moment>,
    /// When it ended; `None` while it has not, or when that is not known.
    pub ended: Option<Moment>,
    /// How it ended.
    pub end: InfusionEnd,
    /// The highest counter of it, mL; `None` when the pump told none.
    pub counter_ml: Option<Decimal>,
    /// Its pauses, in their order. The final stop is its end and not a pause.
    pub interruptions: Vec<Interruption>,
    /// Its rates as they changed.
    pub rates: Vec<RateFrom>,
    /// Records that are missing inside of it.
    pub unknown: Vec<UnknownStretch>,
    /// After its last counter records are missing, or it goes on: more may have gone in than is told.
    pub counter_is_final: bool,
}

/// How much went in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Proven by the counter, within zero and the ordered volume. mL.
    pub certain_ml: Decimal,
    /// At most so much more may have gone in; `None` when there is no ordered volume to bound it. mL.
    pub uncertain_ml: Option<Decimal>,
    /// The counter says so much more than was ordered. mL.
    pub beyond_ordered_ml: Decimal,
}

/// What was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planned {
    /// For how long, in minutes; `None` is not stated.
    pub minutes: Option<u32>,
    /// An end this many percent of the planned time too early is a matter for the team, as the plan says; `None` is not
    /// stated, and nothing takes its place.
    pub early_end_percent: Option<u32>,
    /// The same for an end too late.
    pub late_end_percent: Option<u32>,
}

/// The end against the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgainstPlan {
    /// It has not ended.
    Running,
    /// Start, end or plan is not known.
    NotKnown,
    /// It completed in the planned time, to the minute.
    OnTime,
    /// It completed early.
    Early {
        /// By so many whole minutes.
        minutes: i64,
        /// Beyond the plan's limit; `None` when the plan has none.
        beyond_limit: Option<bool>,
    },
    /// It completed late.
    Late {
        /// By so many whole minutes.
        minutes: i64,
        /// Beyond the plan's limit; `None` when the plan has none.
        beyond_limit: Option<bool>,
    },
    /// It was stopped before all was in.
    Stopped,
}

/// All infusions of one pump.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// In the order of the records.
    pub infusions: Vec<Infusion>,
    /// Everything that is missing, in an infusion or not.
    pub unknown: Vec<UnknownStretch>,
    /// Records that were told twice with different contents. The ledger then keeps one of them, the same one always.
    pub contradictions: usize,
}

impl Infusion {
    /// How much went in, of what was ordered (mL).
    pub fn delivered(&self, ordered_ml: Option<Decimal>) -> Delivered {
        let counter = self.counter_ml.unwrap_or_default().max(Decimal::ZERO);
        let Some(ordered) = ordered_ml else {
            let uncertain_ml = (self.counter_is_final && self.counter_ml.is_some()).then_some(Decimal::ZERO);
            return Delivered { certain_ml: counter, uncertain_ml, beyond_ordered_ml: Decimal::ZERO };
        };
        let ordered = ordered.max(Decimal::ZERO);
        let certain_ml = counter.min(ordered);
        let open = !self.counter_is_final || self.counter_ml.is_none();
        Delivered {
            certain_ml,
            uncertain_ml: Some(if open { ordered - certain_ml } else { Decimal::ZERO }),
            beyond_ordered_ml: counter - certain_ml,
        }
    }

    /// The end against the plan. The time is measured on the pump's own clock where both moments have it: a phone clock that
    /// was set in between changes nothing.
    pub fn against(&self, planned: &Planned) -> AgainstPlan {
        match self.end {
            InfusionEnd::Running => return AgainstPlan::Running,
            InfusionEnd::Unknown => return AgainstPlan::NotKnown,
            InfusionEnd::Stopped => return AgainstPlan::Stopped,
            InfusionEnd::Completed => {}
        }
        let (Some(started), Some(ended), Some(planned_minutes)) = (&self.started, &self.ended, planned.minutes) else {
            return AgainstPlan::NotKnown;
        };
        let took = match (started.basis == ended.basis, started.pump_clock, ended.pump_clock) {
            (true, Some(from), Some(to)) => to.signed_duration_since(from),
            _ => ended.at.signed_duration_since(started.at),
        };
        let early_s = i64::from(planned_minutes) * 60 - took.num_seconds();
        let minutes = early_s.abs() / 60;
        let beyond = |percent: u32| early_s.abs() * 100 > i64::from(planned_minutes) * 60 * i64::from(percent);
        if minutes == 0 {
            AgainstPlan::OnTime
        } else if early_s > 0 {
            AgainstPlan::Early { minutes, beyond_limit: planned.early_end_percent.map(beyond) }
        } else {
            AgainstPlan::Late { minutes, beyond_limit: planned.late_end_percent.map(beyond) }
        }
    }
}
