//! The eight shipped plans say what their orders say.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use homeline_fhir::{import_plan, plan_from_resources};
use homeline_model::{
    AccessDeviceKind, AdviceLevel, AlarmKind, Bounds, Comparison, ContactPurpose, DayOfWeek, Decimal, DeliveryMethod,
    FhirDateTime, FlushPlan, Order, OrderKind, OrderStatus, PeriodUnit, RelativeAnchor, Right, StepKey, TimePolicy,
    VisitMode, VitalKind, Window,
};

/// Name, orders, home zone, way of delivery of the main order.
const PLANS: [(&str, usize, &str, DeliveryMethod); 8] = [
    ("vancomycin-elastomeric", 4, "America/Chicago", DeliveryMethod::Elastomeric),
    ("ceftriaxone-iv-push", 4, "America/New_York", DeliveryMethod::IvPush),
    ("tpn-cycled", 4, "America/Denver", DeliveryMethod::AmbulatoryPump),
    ("ivig-ladder", 6, "America/St_Johns", DeliveryMethod::AmbulatoryPump),
    ("fluorouracil-46h", 5, "America/Phoenix", DeliveryMethod::AmbulatoryPump),
    ("milrinone-two-pumps", 5, "America/Los_Angeles", DeliveryMethod::AmbulatoryPump),
    ("scig-weekly", 4, "America/Halifax", DeliveryMethod::SyringeMechanical),
    ("hydromorphone-pca", 6, "America/Anchorage", DeliveryMethod::AmbulatoryPump),
];

fn main_order(name: &str) -> Order {
    support::plan(name).orders.into_iter().next().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// What the flush list is, in its order: solution, millilitres, before the drug, lock.
fn flushes(order: &Order) -> Vec<(String, String, bool, bool)> {
    let FlushPlan::List(list) = &order.flush else { panic!("{:?}", order.flush) };
    list.iter()
        .map(|flush| {
            let volume = flush.volume.as_ref().unwrap();
            assert_eq!(volume.unit.code, "mL");
            (flush.solution.clone(), volume.value.to_string(), flush.before, flush.lock)
        })
        .collect()
}

#[test]
fn every_shipped_plan_is_read_to_the_last_element() {
    for (name, orders, zone, delivery) in PLANS {
        let bytes = support::plan_bytes(name);
        let imported = import_plan(&bytes, None).unwrap_or_else(|error| panic!("{name}: {error}"));
        let plan = &imported.plan;
        assert_eq!(plan.unreadable, [], "{name}");
        assert_eq!(plan.kept, [], "{name}");
        assert_eq!(plan.orders.len(), orders, "{name}");
        assert_eq!(plan.home_zone.as_str(), zone, "{name}");
        let main = plan.orders.first().unwrap();
        assert_eq!((main.status, main.delivery), (OrderStatus::Active, delivery), "{name}");
        assert!(main.therapy.is_some() && main.window.is_some() && main.volume.is_some(), "{name}");
        assert!(main.storage.is_some() && main.flush != FlushPlan::NotStated, "{name}");
        for purpose in
            [ContactPurpose::OnCallNurse, ContactPurpose::Pharmacist, ContactPurpose::Emergency, ContactPurpose::Office]
        {
            assert!(plan.contacts.iter().any(|contact| contact.purpose == purpose), "{name}: {purpose:?}");
        }
        for kind in [OrderKind::Lab, OrderKind::LineCare] {
            assert!(plan.orders.iter().any(|order| order.kind == kind), "{name}: {kind:?}");
        }
        assert!(!plan.visits.is_empty() && !plan.deliveries.is_empty() && !plan.coverages.is_empty(), "{name}");
        assert!(!plan.access_devices.is_empty() && !plan.thresholds.is_empty(), "{name}");
        assert!(plan.care_team.len() >= 3 && plan.care_team.iter().all(|one| one.role != "Care team"), "{name}");
        assert!(plan.caregivers.iter().all(|caregiver| !caregiver.rights.is_empty()), "{name}");
        let device = main.access_device.as_ref();
        assert!(plan.access_devices.iter().any(|access| Some(&access.id) == device), "{name}");

        // The mirror holds each resource as it came, and gives the same plan again.
        let text = String::from_utf8(bytes).unwrap();
        let entries: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(imported.resources.len(), entries["entry"].as_array().unwrap().len(), "{name}");
        assert!(imported.resources.iter().all(|resource| text.contains(&resource.json)), "{name}");
        let mirror = imported.resources.iter().map(|found| (found.resource_type.as_str(), found.json.as_str()));
        assert_eq!(&plan_from_resources(mirror, &plan.patient.id).unwrap(), plan, "{name}");
    }
}

/// Reads a resource into its typed view and writes it again.
fn written_again<T: serde::Serialize + serde::de::DeserializeOwned>(json: &str) -> serde_json::Value {
    serde_json::to_value(serde_json::from_str::<T>(json).unwrap()).unwrap()
}

#[test]
fn the_typed_view_of_a_resource_loses_nothing_of_it() {
    use homeline_fhir::resource as r4;
    let mut seen = std::collections::BTreeSet::new();
    for (name, ..) in PLANS {
        for found in import_plan(&support::plan_bytes(name), None).unwrap().resources {
            let json = found.json.as_str();
            let again = match found.resource_type.as_str() {
                "AllergyIntolerance" => written_again::<r4::AllergyIntolerance>(json),
                "Appointment" => written_again::<r4::Appointment>(json),
                "CarePlan" => written_again::<r4::CarePlan>(json),
                "CareTeam" => written_again::<r4::CareTeam>(json),
                "Consent" => written_again::<r4::Consent>(json),
                "Coverage" => written_again::<r4::Coverage>(json),
                "Device" => written_again::<r4::Device>(json),
                "MedicationRequest" => written_again::<r4::MedicationRequest>(json),
                "Organization" => written_again::<r4::Organization>(json),
                "Patient" => written_again::<r4::Patient>(json),
                "Practitioner" => written_again::<r4::Practitioner>(json),
                "RelatedPerson" => written_again::<r4::RelatedPerson>(json),
                "ServiceRequest" => written_again::<r4::ServiceRequest>(json),
                "SupplyDelivery" => written_again::<r4::SupplyDelivery>(json),
                other => panic!("{other} has no typed view"),
            };
            assert_eq!(
                again,
                serde_json::from_str::<serde_json::Value>(json).unwrap(),
                "{}/{}",
                found.resource_type,
                found.id
            );
            seen.insert(found.resource_type);
        }
    }
    assert_eq!(seen.len(), 14);
    // Decimals and elements that nobody named come back with every digit.
    let odd =
        r#"{"resourceType":"ServiceRequest","id":"x","quantityQuantity":{"value":1.0500e0},"_status":{"id":"a"}}"#;
    let again = serde_json::to_string(&serde_json::from_str::<r4::ServiceRequest>(odd).unwrap()).unwrap();
    assert!(again.contains("1.0500e0") || again.contains("1.0500"), "{again}");
    assert!(again.contains("\"_status\":{\"id\":\"a\"}"), "{again}");
}

#[test]
fn the_words_of_the_shipped_plans_hold_no_error_prone_abbreviation() {
    let banned = [
        "5-FU", " QD", " qd", "q.d.", " U ", " IU", " cc ", "µg", " SC ", " HS", " D/C", " MS ", "MSO4", "@", " .5",
        ".0 mg",
    ];
    for (name, ..) in PLANS {
        let text = String::from_utf8(support::plan_bytes(name)).unwrap();
        for word in banned {
            assert!(!text.contains(word), "{name} holds {word:?}");
        }
    }
}

#[test]
fn vancomycin_runs_for_90_minutes_at_8_and_20_with_its_flush_list_in_order() {
    let plan = support::plan("vancomycin-elastomeric");
    let order = plan.orders.first().unwrap();
    assert_eq!(order.title, "vancomycin 1.25 g");
    assert_eq!((order.version.as_deref(), order.therapy.as_deref()), (Some("1"), Some("vancomycin")));
    let dosage = order.dosages.first().unwrap();
    let repeat = dosage.timing.as_ref().unwrap().repeat.as_ref().unwrap();
    let times: Vec<String> = repeat.time_of_day.iter().map(ToString::to_string).collect();
    assert_eq!(times, ["08:00:00", "20:00:00"]);
    assert_eq!((repeat.duration, repeat.duration_unit), (Some(decimal("90")), Some(PeriodUnit::Minute)));
    assert_eq!(
        repeat.bounds,
        Some(Bounds::Period {
            start: Some(FhirDateTime::Date("2026-11-16".parse().unwrap())),
            end: Some(FhirDateTime::Date("2026-12-27".parse().unwrap())),
        })
    );
    let dose = dosage.dose.as_ref().unwrap();
    assert_eq!((dose.value.to_string().as_str(), dose.unit.code.as_str()), ("1.25", "g"));
    assert_eq!(order.volume.as_ref().unwrap().value, decimal("250"));
    assert_eq!(order.window, Some(Window { before_minutes: 60, after_minutes: 60, from_plan: true }));
    assert_eq!((order.minimum_interval_minutes, order.time_policy), (Some(480), TimePolicy::WallClock));
    assert_eq!(order.storage.as_ref().unwrap().warm_up_minutes, Some(120));
    assert_eq!(
        flushes(order),
        [
            ("sodium chloride 0.9%".into(), "10".into(), true, false),
            ("sodium chloride 0.9%".into(), "10".into(), false, false),
            ("heparin 10 units/mL".into(), "5".into(), false, true),
        ]
    );
    let medication = order.medication.as_ref().unwrap();
    assert_eq!(medication.rxnorm.as_deref(), Some("11124"));
    assert_eq!(medication.strength.as_ref().unwrap().denominator.value, decimal("250"));
    assert_eq!(plan.patient.allergies, ["penicillin"]);
    let caregiver = plan.caregivers.first().unwrap();
    assert_eq!(caregiver.rights, [Right::See, Right::Log, Right::Acknowledge, Right::Message]);
    assert_eq!(plan.access_devices.first().unwrap().kind, AccessDeviceKind::Picc);
    let lab = plan.orders.iter().find(|order| order.kind == OrderKind::Lab).unwrap();
    assert!(lab.time_critical);
    let repeat = lab.dosages.first().unwrap().timing.as_ref().unwrap().repeat.as_ref().unwrap();
    assert_eq!(repeat.day_of_week, [DayOfWeek::Mon]);
    let flush = plan.orders.iter().find(|order| order.title.starts_with("Flush")).unwrap();
    assert!(flush.dosages.first().unwrap().as_needed.is_some());
    let video = plan.visits.iter().find(|visit| visit.mode == VisitMode::Video).unwrap();
    assert_eq!(video.join_url.as_deref(), Some("https://visits.careteam.example/join/vanc"));
    assert_eq!(video.with, ["Milan Petrov"]);
    assert!(plan.deliveries.iter().any(|delivery| delivery.cold_chain));
    let fever = plan.thresholds.first().unwrap();
    assert_eq!(
        (fever.rule.as_str(), fever.vital, fever.comparison),
        ("N01", VitalKind::Temperature, Comparison::AtLeast)
    );
    let limits: Vec<String> = fever.limits.iter().map(|limit| format!("{} {}", limit.value, limit.unit.code)).collect();
    assert_eq!(limits, ["38 Cel", "100.4 [degF]"]);
}

#[test]
fn ceftriaxone_is_pushed_over_four_minutes_through_a_line_without_heparin() {
    let order = main_order("ceftriaxone-iv-push");
    let repeat = order.dosages.first().unwrap().timing.as_ref().unwrap().repeat.clone().unwrap();
    assert_eq!((repeat.duration, repeat.duration_max), (Some(decimal("4")), Some(decimal("5"))));
    assert!(flushes(&order).iter().all(|(solution, ..)| !solution.contains("heparin")));
    assert_eq!(order.delivery_device, None);
}

/// Σ rate × time in millilitres, where every rung has a time.
fn delivered(order: &Order) -> (Decimal, Decimal, u32) {
    let profile = order.dosages.first().unwrap().rate_profile.as_ref().unwrap();
    let total = profile.steps.iter().map(|step| {
        assert_eq!(step.rate.unit.code, "mL/h");
        step.rate.value * Decimal::from(step.minutes.unwrap()) / Decimal::from(60)
    });
    let minutes = profile.steps.iter().map(|step| step.minutes.unwrap()).sum();
    (total.sum(), profile.total_volume.as_ref().unwrap().value, minutes)
}

#[test]
fn the_taper_of_parenteral_nutrition_delivers_the_bag_in_twelve_hours() {
    let plan = support::plan("tpn-cycled");
    let order = plan.orders.first().unwrap();
    let (sum, total, minutes) = delivered(order);
    assert_eq!((sum, total, minutes), (decimal("1980"), decimal("1980"), 720));
    assert_eq!(order.volume.as_ref().unwrap().value, total);
    assert_eq!(order.steps.len(), 22);
    let take_out = order.steps.first().unwrap();
    assert_eq!((take_out.key, take_out.offset_minutes), (StepKey::TakeOut, Some(-120)));
    let glucose: Vec<_> = plan.thresholds.iter().filter(|found| found.rule == "N19").collect();
    assert_eq!(glucose.len(), 2);
    assert_eq!(glucose.first().unwrap().repeated.map(|repeated| repeated.readings), Some(2));
    assert_eq!(plan.alarm_advice.len(), 5);
    assert_eq!(plan.access_devices.first().unwrap().lumen_uses.len(), 2);
}

#[test]
fn the_ladder_of_immune_globulin_delivers_its_volume_and_the_pre_medication_comes_half_an_hour_before() {
    let plan = support::plan("ivig-ladder");
    let order = plan.orders.first().unwrap();
    let (sum, total, minutes) = delivered(order);
    assert_eq!((sum, total, minutes), (decimal("400"), decimal("400"), 165));
    let repeat = order.dosages.first().unwrap().timing.as_ref().unwrap().repeat.as_ref().unwrap();
    assert_eq!(
        (repeat.duration, repeat.period, repeat.period_unit),
        (Some(decimal("165")), Some(decimal("4")), Some(PeriodUnit::Week))
    );
    let before: Vec<&Order> = plan.orders.iter().filter(|order| order.kind == OrderKind::Premedication).collect();
    assert_eq!(before.len(), 2);
    for order_before in before {
        let link = order_before.relative_to.as_ref().unwrap();
        assert_eq!((&link.order, link.anchor, link.offset_minutes), (&order.id, RelativeAnchor::Start, -30));
        assert_eq!(order_before.delivery, DeliveryMethod::Oral);
    }
}

#[test]
fn fluorouracil_has_an_early_end_limit_and_its_rate_fills_46_hours() {
    let plan = support::plan("fluorouracil-46h");
    let order = plan.orders.first().unwrap();
    assert_eq!(order.early_end_percent, Some(10));
    let rate = order.dosages.first().unwrap().rate.as_ref().unwrap().value;
    assert_eq!(rate * decimal("46"), order.volume.as_ref().unwrap().value);
    let nausea = plan.orders.iter().find(|order| order.title.starts_with("ondansetron")).unwrap();
    let dosage = nausea.dosages.first().unwrap();
    assert_eq!(dosage.as_needed.as_ref().unwrap().reason.as_deref(), Some("nausea"));
    assert_eq!(dosage.max_dose.as_ref().unwrap().amount.value, decimal("24"));
    assert!(plan.alarm_advice.iter().any(|advice| advice.alarm == AlarmKind::ReservoirEmpty));
}

#[test]
fn milrinone_is_never_flushed_never_stops_and_has_a_backup_pump() {
    let plan = support::plan("milrinone-two-pumps");
    let order = plan.orders.first().unwrap();
    assert_eq!(order.flush, FlushPlan::Never);
    assert!(order.must_not_stop && order.time_critical);
    let pumps: Vec<(Option<&str>, bool, Option<bool>)> =
        plan.delivery_devices.iter().map(|pump| (pump.serial.as_deref(), pump.backup, pump.patient_may_stop)).collect();
    assert_eq!(pumps, [(Some("SIM-MIL-0501"), false, Some(false)), (Some("SIM-MIL-0502"), true, Some(false))]);
    let stopped = plan.alarm_advice.iter().find(|advice| advice.alarm == AlarmKind::PumpStopped).unwrap();
    assert_eq!(stopped.if_repeated, AdviceLevel::Emergency);
    // The other lumen is flushed: that is an order of its own.
    let other = plan.orders.iter().find(|order| order.title.starts_with("Flush")).unwrap();
    assert_eq!(flushes(other).len(), 2);
}

#[test]
fn subcutaneous_immune_globulin_comes_on_monday_with_a_window_of_two_days() {
    let order = main_order("scig-weekly");
    let repeat = order.dosages.first().unwrap().timing.as_ref().unwrap().repeat.clone().unwrap();
    assert_eq!(repeat.day_of_week, [DayOfWeek::Mon]);
    assert_eq!(order.window.unwrap().before_minutes, 2 * 24 * 60);
    assert!(order.steps.iter().any(|step| step.key == StepKey::InsertNeedle));
}

#[test]
fn the_pain_pump_has_an_hourly_limit_and_naloxone_is_at_hand() {
    let plan = support::plan("hydromorphone-pca");
    let dosage = plan.orders.first().unwrap().dosages.first().unwrap().clone();
    let most = dosage.max_dose.unwrap();
    assert_eq!((most.amount.value, most.period.unit.code.as_str()), (decimal("1.3"), "h"));
    assert!(plan.orders.iter().any(|order| order.title.starts_with("naloxone")));
    assert!(plan.thresholds.iter().any(|found| found.rule == "E05" && found.level == AdviceLevel::Emergency));
}
