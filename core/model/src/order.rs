//! What is prescribed. An order is mirrored from the care team and read-only at home.

use crate::delivery_device::DeliveryMethod;
use crate::id::{AccessDeviceId, DeliveryDeviceId, OrderId, PersonId};
use crate::quantity::{Quantity, Ratio};
use crate::rate::RateProfile;
use crate::step::{FlushPlan, Step};
use crate::time::FhirDateTime;
use crate::timing::Timing;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What kind of duty the order makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderKind {
    /// A drug that goes in over time or by push (`MedicationRequest`).
    Medication,
    /// A drug given because another dose comes (`MedicationRequest` with a relative link).
    Premedication,
    /// Dressing, connector, idle flush (`ServiceRequest`).
    LineCare,
    /// Blood to be drawn (`ServiceRequest`).
    Lab,
    /// Any other duty (`ServiceRequest`).
    Service,
}

/// `MedicationRequest.status` and `ServiceRequest.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderStatus {
    /// In force.
    Active,
    /// Paused by the team (also `revoked` hold of a hospital stay).
    OnHold,
    /// Ended before its time.
    Stopped,
    /// Ended as planned.
    Completed,
    /// Not to be carried out: draft, cancelled, entered in error.
    NotInForce,
    /// The server does not know.
    Unknown,
}

/// Which version of which order an administration ran under.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderRef {
    /// The order.
    pub id: OrderId,
    /// `meta.versionId` then; `None` when the server gave none.
    pub version: Option<String>,
}

/// The drug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Medication {
    /// Name as ordered, as shown.
    pub name: String,
    /// RxNorm code, where given.
    pub rxnorm: Option<String>,
    /// Form as ordered, e.g. `solution for infusion`.
    pub form: Option<String>,
    /// Amount of drug per volume or per container, as ordered.
    pub strength: Option<Ratio>,
    /// Lot number of what was dispensed.
    pub lot: Option<String>,
}

/// How an order's times travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimePolicy {
    /// 08:00 wherever the patient is.
    WallClock,
    /// Every 8 hours; the sun does not matter. Counted from the planned first dose.
    Elapsed,
    /// Every 8 hours from when the dose before really started: a late dose moves the later ones.
    ElapsedFromLastStart,
    /// 08:00 in the home zone.
    HomeZone,
}

/// When a dose still counts as on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Minutes before the planned time.
    pub before_minutes: u32,
    /// Minutes after the planned time.
    pub after_minutes: u32,
    /// `true` when the plan states it; `false` for the cited default, which a screen must mark as such.
    pub from_plan: bool,
}

/// What an order of line care does, where the plan says so by a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LineCareKind {
    /// The dressing is changed.
    Dressing,
    /// The needleless connector is changed.
    Connector,
    /// The needle of a port is changed.
    PortNeedle,
    /// The line is flushed, whatever else was done.
    Flush,
    /// The line is flushed, unless a dose went through it since: that has flushed it.
    IdleFlush,
}

/// What was dispensed, and for how long it is meant to last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispensed {
    /// From when it is used.
    pub from: FhirDateTime,
    /// For so many days.
    pub days: u32,
    /// How many days before its end the next one is to be asked for, as the plan says.
    pub lead_days: Option<u32>,
}

/// Where the drug is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// In the team's words, e.g. `refrigerate`.
    pub text: String,
    /// Minutes to stand at room temperature before use, as the plan says.
    pub warm_up_minutes: Option<u32>,
}

/// Taken when needed: never reminded of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsNeeded {
    /// For what, in the order's words.
    pub reason: Option<String>,
}

/// The most of a drug in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaxDose {
    /// Amount, or times when its unit is `1`.
    pub amount: Quantity,
    /// In this stretch.
    pub period: Quantity,
}

/// Which moment of the other order a relative link counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelativeAnchor {
    /// Its planned start.
    Start,
    /// Its end.
    End,
}

/// "30 minutes before the infusion".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelativeLink {
    /// The other order.
    pub order: OrderId,
    /// From which of its moments.
    pub anchor: RelativeAnchor,
    /// Minutes; negative is before.
    pub offset_minutes: i32,
}

/// One `dosageInstruction`: how much, how fast, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dosage {
    /// Its place among the order's dosages; 1 when not given.
    pub sequence: u32,
    /// The order's own words.
    pub text: Option<String>,
    /// When.
    pub timing: Option<Timing>,
    /// Only when needed.
    pub as_needed: Option<AsNeeded>,
    /// How much of the drug; `None` is "ask your nurse" and is never scheduled for a medication.
    pub dose: Option<Quantity>,
    /// How fast, where one rate is ordered.
    pub rate: Option<Quantity>,
    /// Rate ladder or taper, where several are ordered.
    pub rate_profile: Option<RateProfile>,
    /// The most in a period.
    pub max_dose: Option<MaxDose>,
    /// Route as shown, e.g. `intravenous`.
    pub route: Option<String>,
    /// Body site as shown.
    pub site: Option<String>,
    /// Further instructions, as written.
    pub instructions: Vec<String>,
}

/// One prescribed medication, line-care action or lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Id on the care team's server.
    pub id: OrderId,
    /// `meta.versionId`.
    pub version: Option<String>,
    /// What kind of duty.
    pub kind: OrderKind,
    /// Whether it is in force.
    pub status: OrderStatus,
    /// Title as shown, e.g. `Vancomycin 1.25 g`.
    pub title: String,
    /// Therapy key of the clinical rules, e.g. `vancomycin`; `None` when the plan names none.
    pub therapy: Option<String>,
    /// The drug; `None` for services.
    pub medication: Option<Medication>,
    /// At least one for a scheduled order.
    pub dosages: Vec<Dosage>,
    /// Volume of the bag, balloon or syringe as ordered.
    pub volume: Option<Quantity>,
    /// The weight that the dose was reckoned with, as the team states it: for the hand-over card, never for arithmetic here.
    #[serde(default)]
    pub dosing_weight: Option<Quantity>,
    /// How it is delivered.
    pub delivery: DeliveryMethod,
    /// The pump, where one is named.
    pub delivery_device: Option<DeliveryDeviceId>,
    /// The line that it goes through.
    pub access_device: Option<AccessDeviceId>,
    /// How its times travel.
    pub time_policy: TimePolicy,
    /// When it still counts as on time, as the plan says.
    pub window: Option<Window>,
    /// The plan calls its time critical.
    pub time_critical: bool,
    /// Two doses are never closer than this, in minutes, as the plan says.
    pub minimum_interval_minutes: Option<u32>,
    /// The plan's own checklist; empty takes the composed one.
    pub steps: Vec<Step>,
    /// Flushes and locks.
    pub flush: FlushPlan,
    /// Where it is kept.
    pub storage: Option<Storage>,
    /// It hangs on another order.
    pub relative_to: Option<RelativeLink>,
    /// An end this many percent of the planned time too early is a matter for the team, as the plan says.
    pub early_end_percent: Option<u32>,
    /// An end this many percent of the planned time too late, or a device that is not empty then, is a matter for the
    /// team, as the plan says.
    #[serde(default)]
    pub late_end_percent: Option<u32>,
    /// A look at a device without a radio that finds this many percent of the ordered volume more or less gone than the
    /// order's time says is a matter for the team, as the plan says.
    #[serde(default)]
    pub check_in_tolerance_percent: Option<u32>,
    /// It must never stop: inotropes, prostacyclins.
    pub must_not_stop: bool,
    /// What it does to the line, for line care.
    #[serde(default)]
    pub line_care: Option<LineCareKind>,
    /// The lab order whose blood must be drawn before a dose of this one begins.
    #[serde(default)]
    pub hold_until_drawn: Option<OrderId>,
    /// While it runs, somebody looks at it every so many minutes, as the plan says.
    #[serde(default)]
    pub check_in_minutes: Option<u32>,
    /// What was dispensed.
    #[serde(default)]
    pub dispensed: Option<Dispensed>,
    /// The order that this one replaces.
    pub replaces: Option<OrderId>,
    /// Who ordered.
    pub requester: Option<PersonId>,
    /// When it was written.
    pub authored_on: Option<DateTime<Utc>>,
    /// Notes of the team.
    pub notes: Vec<String>,
}

/// One version of an order, and the time in which this journal's people lived by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderVersion {
    /// The order as it was.
    pub order: Order,
    /// When it arrived; `None` when it came with the first plan.
    pub from: Option<DateTime<Utc>>,
    /// When another version or none took its place; `None` for the present one.
    pub until: Option<DateTime<Utc>>,
}

impl Order {
    /// This version of this order.
    pub fn reference(&self) -> OrderRef {
        OrderRef { id: self.id.clone(), version: self.version.clone() }
    }
}
