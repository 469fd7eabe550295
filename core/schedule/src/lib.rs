//! When things are to be done: from an order's timing to occurrences, the agenda, the notification plan and the facts
//! about what was done.
//!
//! Pure: no clock, no I/O, no randomness. Time, zone rules and what was recorded are arguments, so that the same question
//! has the same answer on every phone and on every day. Nothing is chained from dose to dose and nothing is listed ahead:
//! any span of a ten-year-old order costs what it costs on the first day.
//!
//! Three promises hold everywhere. What has no single meaning is a [`Question`] for the care team and rings for nobody.
//! What falls on no instant is said ([`Skipped`]), never swallowed. Nothing is ever taken to be given that no person
//! recorded.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// A half-open stretch of time.
mod span;
/// What the clock on the wall means as an instant: the house rule for gaps, overlaps and missing days.
pub mod zone;

/// Hours that are counted from a start.
mod elapsed;
/// What an order leaves open.
mod question;
/// Reading a FHIR `Timing` into a rule, or into questions.
mod reading;
/// What repeats: frequency, period, days and times.
mod recurrence;
/// The patient's own day, for orders that hang on meals and sleep.
mod routine;
/// A timing as numbers, ready to be walked from any instant.
mod rule;
/// One planned moment of a timing, and its name.
mod slot;
/// Walking a rule, slot by slot.
mod walk;

/// When doses really started.
mod actual_start;
/// From orders to occurrences: sequences of dosages, orders that hang on orders.
mod expand;
/// One planned instance of an order.
mod occurrence;

/// Occurrences, visits and deliveries with their state now.
mod agenda;
/// One item of the agenda, and how far it is.
mod agenda_item;
/// When the next dose as needed is allowed.
mod as_needed;
/// The steps of an occurrence.
mod checklist;
/// Which version of each order people lived by, and when.
mod era;
/// Blood before a dose.
mod lab_first;
/// Which lines were used.
mod line_use;
/// Looks at what runs.
mod look;
/// What was not recorded, after any gap.
mod overdue;
/// What the journal says about an occurrence.
mod record;
/// When the next supply is to be asked for.
mod refill;
/// When a dose counts as on time.
mod window;

/// What a journey does to the doses.
mod travel;

/// What was planned and what was recorded.
mod adherence;
/// How a therapy without a break was interrupted.
mod continuity;

/// How far each alarm came.
mod alarm_ledger;
/// Who is on duty.
mod duty;
/// Which alarms the phone should hold.
mod notification;
/// From one plan of alarms to the next.
mod notification_diff;
/// Alarms of the pump that nobody has seen.
mod notification_pump_alarm;
/// The alarms of one agenda item.
mod notification_ring;
/// What alarms say.
mod notification_text;

pub use actual_start::{ActualStart, actual_starts};
pub use adherence::{Adherence, DoseCounts, DoseFact, OrderAdherence, adherence};
pub use agenda::{Agenda, AgendaInput, agenda};
pub use agenda_item::{AgendaItem, AgendaKind, ItemState, LabFirst, LeftOut, Punctuality};
pub use alarm_ledger::{AlarmState, MissingLink, NotificationPermission, alarm_state, missing_links};
pub use as_needed::{AsNeeded, AsNeededLimit, NextAllowed, as_needed, as_needed_reach};
pub use checklist::{AgendaStep, StepNote};
pub use continuity::{Continuity, Standstill, continuity};
pub use duty::{next_hours, on_duty, within_hours};
pub use era::pausing_stay;
pub use expand::{Expander, Expansion, MAX_OCCURRENCES, TimingExpansion, expand_dosage, expand_timing};
pub use look::is_planned_look;
pub use notification::{
    Answers, Audience, NotificationAction, NotificationKind, NotificationPlan, NotificationSettings,
    PlannedNotification, QuietHours, Snooze, Urgency, notification_plan,
};
pub use notification_diff::{HeldAlarm, NotificationChange, NotificationDiff, diff};
pub use notification_pump_alarm::PumpAlarm;
pub use notification_text::Text;
pub use occurrence::{Occurrence, SkipReason, Skipped};
pub use overdue::overdue;
pub use question::{Choice, Question, QuestionCode, questions_of_every_sort};
pub use reading::Reading;
pub use record::{Statement, same_person};
pub use routine::Routine;
pub use rule::Rule;
pub use slot::{EventName, Nominal, Precision, Slot};
pub use span::Span;
pub use travel::{OrderTravel, TravelDose, TravelPreview, travel_preview};
pub use walk::Walk;
pub use window::ItemWindow;
pub use zone::Zones;
