//! The full notification plan of a busy patient, 25 orders and ten years of journal: as the phone asks for it, with the
//! journal read, and the pure function alone.

use crate::arguments::Arguments;
use crate::contest::{Goal, Measure, Shown};
use crate::error::BenchError;
use crate::journal::present;
use crate::journals::Journals;
use chrono::TimeDelta;
use homeline_home::plans;
use homeline_model::{EntryKind, ZoneId, ZoneTable};
use homeline_schedule::{AgendaInput, Answers, NotificationSettings, Routine, Zones, notification_plan};
use homeline_vault::{Direction, TimelineQuery};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ORDERS: usize = 25;
/// What iOS holds.
const BUDGET: u32 = 64;

/// The vancomycin plan with 22 drugs three times a day beside it, the last of which must never stop.
fn busy_plan() -> Result<Vec<u8>, BenchError> {
    let mut bundle: Value = serde_json::from_str(plans::named("vancomycin-elastomeric").unwrap_or_default())?;
    let nothing = || BenchError::Nothing { operation: "the plan of 25 orders" };
    let entries = bundle["entry"].as_array_mut().ok_or_else(nothing)?;
    let is_order = |entry: &&Value| {
        ["MedicationRequest", "ServiceRequest"].iter().any(|kind| entry["resource"]["resourceType"] == *kind)
    };
    let known = entries.iter().filter(is_order).count();
    let drug = entries.iter().find(|entry| entry["resource"]["resourceType"] == "MedicationRequest");
    let drug = drug.cloned().ok_or_else(nothing)?;
    for number in known..ORDERS {
        let mut order = drug.clone();
        let resource = &mut order["resource"];
        resource["id"] = format!("busy-{number}").into();
        let repeat = &mut resource["dosageInstruction"][0]["timing"]["repeat"];
        repeat["frequency"] = 3.into();
        let minute = number * 2;
        repeat["timeOfDay"] = json!([6, 14, 22].map(|hour| format!("{hour:02}:{minute:02}:00")));
        if number + 1 == ORDERS {
            let must_not_stop = json!({
                "url": "https://homeline.example/fhir/StructureDefinition/must-not-stop", "valueBoolean": true});
            resource["extension"].as_array_mut().ok_or_else(nothing)?.push(must_not_stop);
        }
        entries.push(order);
    }
    Ok(bundle.to_string().into_bytes())
}

/// Both lines; the journal must be filled and closed.
pub(crate) fn measure(ten: &mut Journals, arguments: &Arguments) -> Result<Vec<Measure>, BenchError> {
    let query = TimelineQuery {
        kinds: vec![EntryKind::Administration, EntryKind::StepDone],
        from: Some(present() - TimeDelta::days(8)),
        direction: Direction::OldestFirst,
        limit: 500,
        ..TimelineQuery::default()
    };
    let entries = ten.vault()?.timeline(&query)?.entries;
    ten.close_vault()?;
    let homeline = ten.home.open()?;
    ten.home.wait(homeline.plan().import(busy_plan()?))?;
    let plan = ten.home.wait(homeline.plan().current())?;
    let plan = plan.filter(|plan| plan.orders.len() == ORDERS);
    let plan = plan.ok_or(BenchError::Nothing { operation: "the plan of 25 orders" })?;

    let line = |name: &str| {
        let goal = Goal::Within(Duration::from_millis(10));
        Measure::new(format!("notification plan of {ORDERS} orders, {name}"), goal, Shown::MinAndMedian)
    };
    let (mut api, mut pure) = (line("API"), line("the function alone"));
    let zone = ZoneTable::fixed(ZoneId::utc(), 0);
    let home = ZoneTable::fixed(plan.home_zone.clone(), -6 * 3600);
    let routine = Routine::default();
    let zones = Zones { here: &zone, home: &home };
    let input = AgendaInput { plan: &plan, entries: &entries, zones, routine: &routine, starts: &[] };
    for round in 0..=arguments.rounds {
        let begun = Instant::now();
        let shown = ten.home.wait(homeline.reminders().plan(BUDGET))?;
        let by_api = begun.elapsed();
        let begun = Instant::now();
        let alone = notification_plan(&input, &Answers::default(), &NotificationSettings::default(), present());
        let by_itself = begun.elapsed();
        if shown.notifications.len() != alone.notifications.len() || alone.notifications.len() < 64 {
            return Err(BenchError::Nothing { operation: "a full notification plan" });
        }
        if round > 0 {
            api.times[0].push(by_api);
            pure.times[0].push(by_itself);
        }
    }
    ten.home.wait(homeline.close())?;
    Ok(vec![api, pure])
}
