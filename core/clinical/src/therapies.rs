//! Groups of therapies that share a rule, e.g. `chemotherapy`. An order belongs to a group by the plan's therapy key or,
//! where the plan names none, by a word of the ordered drug.

use homeline_model::{CarePlan, Order, OrderStatus};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct TherapyFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    group: String,
    keys: Vec<String>,
    drugs: Vec<String>,
}

static THERAPIES: LazyLock<TherapyFile> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/therapies.json")).expect("embedded, and read by the tests")
});

/// Whether a group of this name exists.
pub(crate) fn is_group(name: &str) -> bool {
    THERAPIES.groups.iter().any(|group| group.group == name)
}

/// Whether the order belongs to the group.
pub(crate) fn order_in_group(order: &Order, name: &str) -> bool {
    let Some(group) = THERAPIES.groups.iter().find(|group| group.group == name) else { return false };
    if let Some(therapy) = &order.therapy {
        let key = therapy.trim().to_lowercase().replace(['_', ' '], "-");
        if group.keys.contains(&key) {
            return true;
        }
    }
    let drug = order.medication.as_ref().map(|medication| medication.name.as_str()).unwrap_or_default();
    let words = format!("{} {}", order.title, drug).to_lowercase();
    group.drugs.iter().any(|drug| words.contains(drug.as_str()))
}

/// Whether the patient is or was on a therapy of the group under this plan. Ended orders count: some reactions come late.
pub(crate) fn plan_in_group(plan: &CarePlan, name: &str) -> bool {
    plan.orders.iter().any(|order| order.status != OrderStatus::NotInForce && order_in_group(order, name))
}
