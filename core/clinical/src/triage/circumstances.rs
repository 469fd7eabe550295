//! Conditions on what the plan says: which line, which way of delivery, how old the patient is, how long a therapy runs.
//!
//! What the plan does not say keeps no rule silent: the condition is met, and a fact says what is not known.

use super::condition::{AgeCondition, LineKind, StartedCondition};
use super::evaluate::{Fact, Met, Scope};
use crate::texts::word;
use crate::therapies::order_in_group;
use chrono::{DateTime, NaiveDate, Utc};
use homeline_model::{AccessDeviceKind, Bounds, DeliveryMethod, FhirDateTime, Order, OrderStatus};

impl Scope<'_> {
    fn met_without_facts(&self) -> Met {
        Met { level: self.rule.level, facts: Vec::new() }
    }

    fn met_not_known(&self, key: &str) -> Met {
        let text = word(key, self.language);
        Met { level: self.rule.level, facts: vec![Fact { at: DateTime::<Utc>::MIN_UTC, text }] }
    }

    pub fn line(&self, kind: LineKind) -> Option<Met> {
        let today = self.now.date_naive();
        let fits = |device: AccessDeviceKind| match kind {
            LineKind::Central => device.is_central(),
            LineKind::Tunneled => (device != AccessDeviceKind::Unknown).then_some(device == AccessDeviceKind::Tunneled),
        };
        let in_place: Vec<Option<bool>> = self
            .plan
            .access_devices
            .iter()
            .filter(|device| device.removed.is_none_or(|removed| removed >= today))
            .map(|device| fits(device.kind))
            .collect();
        let met = Met { level: self.rule.level, facts: Vec::new() };
        if in_place.contains(&Some(true)) {
            return Some(met);
        }
        let unknown = in_place.contains(&None) || (in_place.is_empty() && self.some_order_needs_a_line());
        unknown.then(|| {
            let text = word("fact.line-unknown", self.language);
            Met { facts: vec![Fact { at: DateTime::<Utc>::MIN_UTC, text }], ..met }
        })
    }

    fn some_order_needs_a_line(&self) -> bool {
        self.plan.orders.iter().any(|order| {
            order.status == OrderStatus::Active
                && order.medication.is_some()
                && match order.delivery {
                    DeliveryMethod::IvPush
                    | DeliveryMethod::Gravity
                    | DeliveryMethod::Elastomeric
                    | DeliveryMethod::AmbulatoryPump
                    | DeliveryMethod::SyringeElectronic => true,
                    DeliveryMethod::SyringeMechanical
                    | DeliveryMethod::Injection
                    | DeliveryMethod::Intraspinal
                    | DeliveryMethod::Oral
                    | DeliveryMethod::Unknown => false,
                }
        })
    }

    pub fn device(&self, methods: &[DeliveryMethod]) -> Option<Met> {
        let mut in_force = self
            .plan
            .orders
            .iter()
            .filter(|order| order.status == OrderStatus::Active && order.medication.is_some())
            .map(|order| order.delivery);
        if in_force.clone().any(|method| methods.contains(&method)) {
            return Some(self.met_without_facts());
        }
        in_force.any(|method| method == DeliveryMethod::Unknown).then(|| self.met_not_known("fact.device-unknown"))
    }

    pub fn age(&self, condition: AgeCondition) -> Option<Met> {
        let Some(born) = self.plan.patient.birth_date else { return Some(self.met_not_known("fact.age-unknown")) };
        // A birth date in the future is a slip of the pen: nobody knows the age.
        let Some(years) = self.now.date_naive().years_since(born) else {
            return Some(self.met_not_known("fact.age-unknown"));
        };
        let fits = condition.from.is_none_or(|from| years >= from) && condition.below.is_none_or(|below| years < below);
        fits.then(|| self.met_without_facts())
    }

    pub fn started(&self, condition: &StartedCondition) -> Option<Met> {
        let orders = self.plan.orders.iter().filter(|order| {
            order.status != OrderStatus::NotInForce
                && (condition.therapy.is_empty() || condition.therapy.iter().any(|group| order_in_group(order, group)))
        });
        let mut not_known = false;
        for order in orders {
            let Some(start) = first_day(order) else {
                not_known = true;
                continue;
            };
            let day = self.now.date_naive().signed_duration_since(start).num_days();
            if condition.from_day.is_none_or(|from| day >= from) && condition.to_day.is_none_or(|to| day <= to) {
                return Some(self.met_without_facts());
            }
        }
        not_known.then(|| self.met_not_known("fact.start-unknown"))
    }
}

/// The first day of an order as far as the plan says it: its timing's start or first event, else when it was written.
fn first_day(order: &Order) -> Option<NaiveDate> {
    let of_timing = order.dosages.iter().filter_map(|dosage| {
        let timing = dosage.timing.as_ref()?;
        let bounds = timing.repeat.as_ref().and_then(|repeat| match &repeat.bounds {
            Some(Bounds::Period { start, .. }) => start.as_ref().map(FhirDateTime::date),
            Some(Bounds::Duration { .. } | Bounds::Range { .. }) | None => None,
        });
        bounds.into_iter().chain(timing.event.iter().map(FhirDateTime::date)).min()
    });
    of_timing.min().or_else(|| order.authored_on.map(|written| written.date_naive()))
}
