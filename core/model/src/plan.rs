//! The care plan as imported.

use crate::access_device::AccessDevice;
use crate::advice::{AlarmAdvice, PlanRule, Threshold};
use crate::coverage::Coverage;
use crate::delivery_device::DeliveryDevice;
use crate::escalation::{Duty, Escalation};
use crate::id::OrderId;
use crate::messaging::ReplyTime;
use crate::order::{Order, OrderVersion};
use crate::person::{Caregiver, Contact, Patient, Practitioner};
use crate::stay::HospitalStay;
use crate::supply::Delivery;
use crate::trend::TrendRule;
use crate::visit::Visit;
use crate::zone::ZoneId;
use serde::{Deserialize, Serialize};

/// Something that could not be understood. It is kept raw, never scheduled, and shown as "ask your nurse".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Resource type and id, e.g. `MedicationRequest/vanco`.
    pub resource: String,
    /// The element, as a FHIRPath, e.g. `dosageInstruction[0].timing.repeat`.
    pub field: String,
    /// Why, in plain words, and what to do.
    pub reason: String,
    /// `true` when the whole order is left out of the schedule because of it.
    pub blocks_order: bool,
}

/// A resource of a type that Homeline does not read: kept as received, never dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptResource {
    /// Resource type.
    pub resource_type: String,
    /// Its id; empty when it has none.
    pub id: String,
}

/// Everything that the care team said, typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarePlan {
    /// Title as shown.
    pub title: String,
    /// Who is treated.
    pub patient: Patient,
    /// The zone in which the patient lives.
    pub home_zone: ZoneId,
    /// What is prescribed, in force or not.
    pub orders: Vec<Order>,
    /// Lines in the body.
    pub access_devices: Vec<AccessDevice>,
    /// Pumps and other ways of delivery.
    pub delivery_devices: Vec<DeliveryDevice>,
    /// Visits.
    pub visits: Vec<Visit>,
    /// Deliveries.
    pub deliveries: Vec<Delivery>,
    /// Who cares professionally.
    pub care_team: Vec<Practitioner>,
    /// Who helps at home.
    pub caregivers: Vec<Caregiver>,
    /// Insurance.
    pub coverages: Vec<Coverage>,
    /// Whom to call for what.
    pub contacts: Vec<Contact>,
    /// The team's own limits.
    pub thresholds: Vec<Threshold>,
    /// The team's own triage rules, and what it changes in the built-in ones.
    #[serde(default)]
    pub rules: Vec<PlanRule>,
    /// What to do about which alarm.
    pub alarm_advice: Vec<AlarmAdvice>,
    /// Who is told when nobody answers, as the plan says; `None` takes the stated default.
    #[serde(default)]
    pub escalation: Option<Escalation>,
    /// Which caregiver alarms go to, and when.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// Stays in a hospital.
    #[serde(default)]
    pub stays: Vec<HospitalStay>,
    /// Versions of orders that arrived after the first plan, and those that they took the place of. Kept by this phone,
    /// so that the past stays as it was ordered then.
    #[serde(default)]
    pub versions: Vec<OrderVersion>,
    /// Trends that the team asked to be told of; without one nothing is watched.
    #[serde(default)]
    pub trends: Vec<TrendRule>,
    /// When the team answers messages, as it says itself.
    #[serde(default)]
    pub reply_times: Vec<ReplyTime>,
    /// What could not be understood.
    pub unreadable: Vec<Unreadable>,
    /// What was kept without being read.
    pub kept: Vec<KeptResource>,
}

impl CarePlan {
    /// The order with this id.
    pub fn order(&self, id: &OrderId) -> Option<&Order> {
        self.orders.iter().find(|order| &order.id == id)
    }
}
