//! Trends of the plan: read to the last part, or listed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use homeline_fhir::import_plan;
use homeline_model::{
    CarePlan, OrderId, Quantity, TrendDirection, TrendLevel, TrendMethod, TrendRule, TrendSeries, Unit,
};
use serde_json::{Value, json};

const BASE: &str = "https://homeline.example/fhir/StructureDefinition/";

/// The vancomycin plan with these trends and no others.
fn with(trends: &[Value]) -> CarePlan {
    let mut bundle: Value = serde_json::from_slice(&support::plan_bytes("vancomycin-elastomeric")).unwrap();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let plan = entries.iter_mut().map(|entry| &mut entry["resource"]).find(|one| one["resourceType"] == "CarePlan");
    let extensions = plan.unwrap()["extension"].as_array_mut().unwrap();
    extensions.retain(|extension| extension["url"] != format!("{BASE}trend"));
    extensions.extend(trends.iter().map(|parts| json!({"url": format!("{BASE}trend"), "extension": parts})));
    import_plan(&serde_json::to_vec(&bundle).unwrap(), None).unwrap().plan
}

fn parts(more: &[Value]) -> Value {
    let mut parts = vec![
        json!({"url": "rule", "valueCode": "fever-coming"}),
        json!({"url": "series", "valueCode": "temperature"}),
        json!({"url": "direction", "valueCode": "up"}),
        json!({"url": "level", "valueCode": "message-today"}),
    ];
    for part in more {
        parts.retain(|known| known["url"] != part["url"] || part["url"] == "change");
        parts.push(part.clone());
    }
    Value::Array(parts)
}

fn days(name: &str, value: u32, code: &str) -> Value {
    let unit = json!({"value": value, "unit": code, "system": "http://unitsofmeasure.org", "code": code});
    json!({"url": name, "valueDuration": unit})
}

fn ewma() -> Value {
    json!({"url": "method", "valueCode": "ewma"})
}

fn run(days: u32) -> [Value; 2] {
    [json!({"url": "method", "valueCode": "run"}), json!({"url": "days", "valuePositiveInt": days})]
}

#[test]
fn a_trend_is_read_with_all_its_parts() {
    let change = |value: f64, code: &str| {
        let quantity = json!({"value": value, "system": "http://unitsofmeasure.org", "code": code});
        json!({"url": "change", "valueQuantity": quantity})
    };
    let plan = with(&[parts(&[
        ewma(),
        json!({"url": "weight", "valueDecimal": 0.25}),
        json!({"url": "limit", "valueDecimal": 2.70}),
        change(0.3, "Cel"),
        change(0.5, "[degF]"),
        days("watch", 5, "d"),
        days("baseline", 3, "wk"),
        days("again", 4, "d"),
        json!({"url": "least", "valuePositiveInt": 6}),
        json!({"url": "text", "valueString": "Measure again at bedtime."}),
    ])]);
    assert_eq!(plan.unreadable, []);
    let quantity = |value: &str, code: &str, display: &str| Quantity {
        value: value.parse().unwrap(),
        unit: Unit::with_display(code, display),
    };
    assert_eq!(
        plan.trends,
        [TrendRule {
            rule: "fever-coming".into(),
            series: TrendSeries::Temperature,
            method: TrendMethod::Ewma { weight: Some("0.25".parse().unwrap()), limit: Some("2.7".parse().unwrap()) },
            direction: TrendDirection::Up,
            change: vec![quantity("0.3", "Cel", "°C"), quantity("0.5", "[degF]", "°F")],
            order: None,
            watch_days: Some(5),
            baseline_days: Some(21),
            least_values: Some(6),
            again_days: Some(4),
            level: TrendLevel::MessageToday,
            text: Some("Measure again at bedtime.".into()),
        }]
    );
    let json = serde_json::to_string(&plan.trends).unwrap();
    assert_eq!(serde_json::from_str::<Vec<TrendRule>>(&json).unwrap(), plan.trends, "{json}");
}

#[test]
fn what_is_left_out_stays_left_out_and_an_infusion_names_its_order() {
    let order = json!({"url": "order", "valueReference": {"reference": "MedicationRequest/vanc-order"}});
    let time = json!({"url": "series", "valueCode": "infusion-time"});
    let slow = parts(&[json!({"url": "method", "valueCode": "cusum"}), time, order]);
    let plan = with(&[slow]);
    assert_eq!(plan.unreadable, []);
    let trend = &plan.trends[0];
    assert_eq!(trend.method, TrendMethod::Cusum { slack: None, limit: None });
    assert_eq!(trend.order, Some(OrderId::new("vanc-order").unwrap()));
    assert!(trend.change.is_empty() && trend.watch_days.is_none() && trend.text.is_none());
}

#[test]
fn a_trend_that_cannot_be_read_is_listed_and_no_other_takes_its_place() {
    let bad = [
        (parts(&[json!({"url": "rule", "valueCode": " "}), ewma()]), "rule"),
        (parts(&[json!({"url": "series", "valueCode": "mood"}), ewma()]), "series"),
        (parts(&[]), "method"),
        (parts(&[json!({"url": "method", "valueCode": "magic"})]), "method"),
        (parts(&[json!({"url": "method", "valueCode": "run"})]), "days"),
        (parts(&run(15)), "days"),
        (parts(&[ewma(), json!({"url": "days", "valuePositiveInt": 2})]), "days"),
        (parts(&[ewma(), json!({"url": "weight", "valueDecimal": 1.5})]), "weight"),
        (parts(&[ewma(), json!({"url": "limit", "valueDecimal": 0})]), "limit"),
        (parts(&[ewma(), json!({"url": "limit", "valueString": "3"})]), "limit.valueDecimal"),
        (parts(&[ewma(), json!({"url": "direction", "valueCode": "sideways"})]), "direction"),
        (parts(&[ewma(), json!({"url": "level", "valueCode": "call-now"})]), "level"),
        (parts(&[ewma(), json!({"url": "level", "valueCode": "emergency"})]), "level"),
        (parts(&[ewma(), days("watch", 36, "h")]), "watch"),
        (parts(&[ewma(), days("baseline", 20, "wk")]), "baseline"),
        (parts(&[ewma(), json!({"url": "least", "valuePositiveInt": 2})]), "least"),
        (parts(&[ewma(), json!({"url": "change"})]), "change["),
        (
            parts(&[ewma(), json!({"url": "order", "valueReference": {"reference": "MedicationRequest/vanc-order"}})]),
            "order",
        ),
    ];
    for (trend, field) in bad {
        let good = parts(&[json!({"url": "rule", "valueCode": "other"}), ewma()]);
        let plan = with(&[trend, good]);
        let [fault] = plan.unreadable.as_slice() else { panic!("{field}: {:?}", plan.unreadable) };
        assert!(fault.field.contains(&format!(".{field}")), "{field}: {fault:?}");
        assert!(fault.resource == "CarePlan/vanc-plan" && !fault.blocks_order, "{fault:?}");
        assert_eq!(plan.trends.len(), 1, "{field}: the other one is on");
    }
}

#[test]
fn two_trends_of_one_id_are_one_and_a_finding() {
    let plan = with(&[parts(&run(2)), parts(&run(3))]);
    assert_eq!(plan.trends.len(), 1);
    assert!(plan.unreadable[0].reason.contains("another trend"), "{:?}", plan.unreadable);
    assert!(with(&[]).trends.is_empty(), "where the plan is silent nothing is watched");
}
