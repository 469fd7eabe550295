//! One item of the agenda, and how far it is.

use crate::checklist::AgendaStep;
use crate::occurrence::Occurrence;
use crate::record::Statement;
use crate::slot::Precision;
use crate::window::ItemWindow;
use chrono::{DateTime, Utc};
use homeline_model::{AdministrationStatus, OccurrenceId, Settlement, SkipDecision};

/// What kind of duty an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AgendaKind {
    /// A drug.
    Medication,
    /// A drug because another dose comes.
    Premedication,
    /// Dressing, connector, flush.
    LineCare,
    /// Blood to be drawn.
    Lab,
    /// Any other ordered duty.
    Service,
    /// A visit.
    Visit,
    /// A delivery.
    Delivery,
    /// What was dispensed ends soon: the next is to be asked for.
    RefillCheck,
}

/// How far an item is, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemState {
    /// Its window has not opened.
    Planned,
    /// Its window is open, and nothing is recorded.
    Due,
    /// Its window has closed, and nothing is recorded; it may still be done as the plan says.
    Late,
    /// It runs.
    InProgress,
    /// All of it went in.
    Completed,
    /// A part of it went in.
    Partial,
    /// It was stopped.
    Stopped,
    /// It was left out, and who decided that.
    Skipped(SkipDecision),
    /// Nothing was recorded and its time is over. Whether it was given is not known.
    NotRecorded,
    /// Somebody recorded that they do not know.
    Unknown,
}

impl ItemState {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Late => "late",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Stopped => "stopped",
            Self::Skipped(_) => "skipped",
            Self::NotRecorded => "not-recorded",
            Self::Unknown => "unknown",
        }
    }

    /// Nobody has said anything yet, and it may still be done.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Due | Self::Late)
    }
}

/// A start against its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Punctuality {
    /// Before the window opened.
    Early,
    /// Inside the window.
    OnTime,
    /// After the window closed.
    Late,
}

impl Punctuality {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::OnTime => "on-time",
            Self::Late => "late",
        }
    }
}

/// Why the plan itself leaves an item out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeftOut {
    /// The order is on hold.
    OnHold,
    /// The order was changed or ended while the dose was open, and the new version has no such dose.
    OrderChanged,
    /// The patient is in a hospital.
    HospitalStay,
    /// The stay in the hospital is over, and no fresh order has come.
    NoFreshOrder,
    /// The line was used since: it needs no flush of its own.
    LineUsed,
}

impl LeftOut {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnHold => "on-hold",
            Self::OrderChanged => "order-changed",
            Self::HospitalStay => "hospital-stay",
            Self::NoFreshOrder => "no-fresh-order",
            Self::LineUsed => "line-used",
        }
    }
}

/// Blood that must be drawn before a dose begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabFirst {
    /// The lab's occurrence.
    pub occurrence: OccurrenceId,
    /// Its title as shown.
    pub title: String,
}

/// One item of the agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaItem {
    /// The occurrence's id, `visit/<id>`, `delivery/<id>` or `refill/<order>`.
    pub id: String,
    /// What kind of duty.
    pub kind: AgendaKind,
    /// Title as shown.
    pub title: String,
    /// Planned start; for a dose that was taken as needed, when it was taken.
    pub start: DateTime<Utc>,
    /// Planned end.
    pub end: Option<DateTime<Utc>>,
    /// Whether the plan says a time or only a day.
    pub precision: Precision,
    /// The occurrence; `None` for visits, deliveries and refill checks.
    pub occurrence: Option<Occurrence>,
    /// How far it is.
    pub state: ItemState,
    /// How its start lies to its window; `None` when it has not started or has no window.
    pub punctuality: Option<Punctuality>,
    /// When it counts as on time.
    pub window: Option<ItemWindow>,
    /// What to do, in order.
    pub steps: Vec<AgendaStep>,
    /// Everything that was said about it, oldest first.
    pub statements: Vec<Statement>,
    /// Two people said how it ended, and not the same: show both.
    pub disagreement: bool,
    /// Two people gave it so far apart that it may have been given two times: to settle, never merged.
    pub possible_double: bool,
    /// How what two people wrote was settled.
    pub settled: Option<Settlement>,
    /// What a device says. To be confirmed by a person; never a state by itself.
    pub suggested: Option<AdministrationStatus>,
    /// When it started, as recorded.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, as recorded.
    pub ended_at: Option<DateTime<Utc>>,
    /// Closer to the one before than the plan allows (or at the same time): to ask, not to drop.
    pub too_close: bool,
    /// The dose before began so late that, by the plan's minimum interval, this one is not to begin before then.
    pub not_before: Option<DateTime<Utc>>,
    /// It must never stop.
    pub must_not_stop: bool,
    /// Late is a matter for a call.
    pub time_critical: bool,
    /// Taken when needed: it was never planned, and never rings.
    pub as_needed: bool,
    /// Why the plan leaves it out; its state is then [`ItemState::Skipped`] by the order, unless somebody recorded it.
    pub left_out: Option<LeftOut>,
    /// Not to be started before this blood is drawn.
    pub lab_first: Option<LabFirst>,
}

impl AgendaItem {
    /// A drug, planned or as needed.
    pub fn is_a_dose(&self) -> bool {
        matches!(self.kind, AgendaKind::Medication | AgendaKind::Premedication)
    }

    /// What was said about it and nothing has taken the place of, oldest first.
    pub fn standing_statements(&self) -> impl DoubleEndedIterator<Item = &Statement> {
        self.statements.iter().filter(|statement| !statement.superseded)
    }

    /// The latest of that.
    pub fn standing(&self) -> Option<&Statement> {
        self.standing_statements().next_back()
    }

    /// An item that hangs on no order.
    pub(crate) fn plain(id: String, kind: AgendaKind, title: &str, start: DateTime<Utc>, state: ItemState) -> Self {
        Self {
            id,
            kind,
            title: title.to_owned(),
            start,
            end: None,
            precision: Precision::Time,
            occurrence: None,
            state,
            punctuality: None,
            window: None,
            steps: Vec::new(),
            statements: Vec::new(),
            disagreement: false,
            possible_double: false,
            settled: None,
            suggested: None,
            started_at: None,
            ended_at: None,
            too_close: false,
            not_before: None,
            must_not_stop: false,
            time_critical: false,
            as_needed: false,
            left_out: None,
            lab_first: None,
        }
    }
}
