//! What is wrong with a bundle refuses it; what is wrong with an order leaves the rest standing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use homeline_fhir::{EntryContext, resource_to_entry};
use homeline_fhir::{ImportError, ReadTiming, TimingError, import_plan, plan_from_resources, read_timing};
use homeline_model::{
    AdviceLevel, CarePlan, FlushPlan, PatientId, PumpProtocol, Recipient, Right, TimePolicy, Unreadable, ZoneId,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn broken(name: &str) -> Vec<u8> {
    support::plan_bytes(&format!("broken/{name}"))
}

fn refused(name: &str) -> ImportError {
    let expected = PatientId::new("vanc-patient").unwrap();
    import_plan(&broken(name), Some(&expected)).map(|plan| plan.plan.unreadable).unwrap_err()
}

/// The vancomycin plan, changed.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&support::plan_bytes("vancomycin-elastomeric")).unwrap();
    change(&mut bundle);
    serde_json::to_vec(&bundle).unwrap()
}

fn resource<'a>(bundle: &'a mut Value, kind: &str) -> &'a mut Value {
    let entries = bundle["entry"].as_array_mut().unwrap();
    entries.iter_mut().map(|entry| &mut entry["resource"]).find(|found| found["resourceType"] == kind).unwrap()
}

fn with_order(change: impl FnOnce(&mut Value)) -> CarePlan {
    import_plan(&changed(|bundle| change(resource(bundle, "MedicationRequest"))), None).unwrap().plan
}

/// The one fault that keeps the order out, and proof that the rest stands.
fn blocked(plan: &CarePlan) -> &Unreadable {
    let [fault] = plan.unreadable.as_slice() else { panic!("{:?}", plan.unreadable) };
    assert!(fault.blocks_order);
    assert_eq!(fault.resource, "MedicationRequest/vanc-order");
    assert_eq!(plan.order(&homeline_model::OrderId::new("vanc-order").unwrap()), None);
    assert_eq!(plan.orders.len(), 3);
    assert_eq!(plan.visits.len(), 2);
    fault
}

#[test]
fn a_consent_stands_above_the_extension_and_what_the_team_says_of_its_answers_is_read() {
    let bundle = changed(|bundle| {
        let team = resource(bundle, "CareTeam");
        team["extension"] = json!([{
            "url": "https://homeline.example/fhir/StructureDefinition/reply-time",
            "extension": [
                {"url": "recipient", "valueCode": "pharmacist"},
                {"url": "within", "valueDuration": {"value": 4, "system": "http://unitsofmeasure.org", "code": "h"}},
                {"url": "hours", "valueTiming": {"repeat": {
                    "frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "tue", "wed", "thu", "fri"],
                    "timeOfDay": ["08:00:00"], "duration": 9, "durationUnit": "h"}}}]}, {
            "url": "https://homeline.example/fhir/StructureDefinition/reply-time",
            "extension": [{"url": "recipient", "valueCode": "everybody"}]}]);
        let consent = json!({"resource": {
            "resourceType": "Consent", "id": "tomas-rights", "status": "active",
            "patient": {"reference": "Patient/vanc-patient"},
            "performer": [{"reference": "Patient/vanc-patient"}],
            "provision": {"type": "permit", "period": {"end": "2026-12-24"},
                "actor": [{"reference": {"reference": "RelatedPerson/vanc-caregiver"}}],
                "action": [{"coding": [{"system": "https://homeline.example/fhir/CodeSystem/right", "code": "see"}]}]}}});
        bundle["entry"].as_array_mut().unwrap().push(consent);
    });
    let plan = import_plan(&bundle, None).unwrap().plan;
    let [tomas] = plan.caregivers.as_slice() else { panic!("{:?}", plan.caregivers) };
    assert_eq!(tomas.rights, [Right::See]);
    assert_eq!(tomas.until, Some("2026-12-24T23:59:59Z".parse().unwrap()));
    let [reply] = plan.reply_times.as_slice() else { panic!("{:?}", plan.reply_times) };
    assert_eq!((reply.recipient, reply.within_minutes), (Recipient::Pharmacist, Some(240)));
    assert!(reply.hours.is_some());
    assert!(plan.unreadable.iter().any(|fault| fault.field == "extension[1].recipient"), "{:?}", plan.unreadable);
}

#[test]
fn the_teams_own_rules_are_read_and_one_that_cannot_be_read_is_listed() {
    let rule = |parts: Value| json!({"url": "https://homeline.example/fhir/StructureDefinition/triage-rule", "extension": parts});
    let bundle = changed(|bundle| {
        let plan = resource(bundle, "CarePlan");
        let extensions = plan["extension"].as_array_mut().unwrap();
        extensions.push(rule(json!([{"url": "id", "valueCode": "E12"}, {"url": "level", "valueCode": "emergency"}])));
        extensions.push(rule(json!([{"url": "id", "valueCode": "team-1"}, {"url": "level", "valueCode": "note"},
            {"url": "hours", "valuePositiveInt": 48}, {"url": "when", "valueString": "{\"line\": \"central\"}"},
            {"url": "text", "valueString": "Rest."}])));
        extensions.push(rule(json!([{"url": "id", "valueCode": "N01"}, {"url": "level", "valueCode": "sometimes"}])));
        extensions.push(rule(json!([{"url": "level", "valueCode": "note"}])));
        extensions.push(rule(json!([{"url": "id", "valueCode": "N02"}, {"url": "hours", "valuePositiveInt": 0}])));
    });
    let plan = import_plan(&bundle, None).unwrap().plan;
    let [first, second] = plan.rules.as_slice() else { panic!("{:?}", plan.rules) };
    assert_eq!((first.id.as_str(), first.level, &first.when), ("E12", Some(AdviceLevel::Emergency), &None));
    assert_eq!((second.hours, second.text.as_deref()), (Some(48), Some("Rest.")));
    assert_eq!(plan.unreadable.len(), 3, "{:?}", plan.unreadable);
    assert!(plan.unreadable.iter().all(|fault| fault.resource.starts_with("CarePlan/") && !fault.blocks_order));
}

#[test]
fn a_fault_of_the_bundle_refuses_the_whole_and_names_the_remedy() {
    assert!(matches!(refused("not-utf-8"), ImportError::NotUtf8 { position } if position > 100));
    assert!(matches!(refused("broken-json"), ImportError::NotJson { line, .. } if line > 10));
    assert_eq!(refused("not-a-bundle"), ImportError::NotABundle { found: "`MedicationRequest`".into() });
    assert_eq!(refused("no-patient"), ImportError::NoPatient);
    assert_eq!(refused("two-patients"), ImportError::SeveralPatients { count: 2 });
    assert!(matches!(refused("another-patient"), ImportError::OtherPatient { .. }));
    assert!(
        matches!(refused("resource-without-id"), ImportError::WithoutId { resource_type, .. } if resource_type == "MedicationRequest")
    );
    assert_eq!(
        refused("order-of-another-patient"),
        ImportError::ForeignResource { resource: "MedicationRequest/vanc-order".into(), field: "subject".into() }
    );
    for bytes in [b"".as_slice(), b"[]", b"null", b"17", br#"{"resourceType": 5}"#, br#"{"entry": []}"#] {
        assert!(import_plan(bytes, None).is_err());
    }
    assert!(matches!(
        import_plan(br#"{"resourceType": "Bundle", "entry": {}}"#, None),
        Err(ImportError::BadBundle { field }) if field == "entry"
    ));
    let twice = changed(|bundle| {
        let first = bundle["entry"][0].clone();
        bundle["entry"].as_array_mut().unwrap().push(first);
    });
    assert!(matches!(import_plan(&twice, None), Err(ImportError::Repeated { .. })));
}

#[test]
fn the_words_of_a_refusal_hold_nothing_of_the_person() {
    for name in ["not-utf-8", "broken-json", "another-patient", "order-of-another-patient", "resource-without-id"] {
        let error = refused(name);
        for text in [error.to_string(), format!("{error:?}")] {
            for word in ["Rosa", "Ib", "vancomycin", "1968", "Cottonwood"] {
                assert!(!text.contains(word), "{name}: {text}");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    let bytes = [b"\xef\xbb\xbf".as_slice(), &support::plan_bytes("vancomycin-elastomeric")].concat();
    assert!(import_plan(&bytes, None).is_ok());
}

#[test]
fn broken_orders_are_listed_with_field_and_reason_and_never_scheduled() {
    for (name, field) in [
        ("order-without-dose", "dosageInstruction[0].doseAndRate.doseQuantity"),
        ("time-of-day-and-when", "dosageInstruction[0].timing.repeat.timeOfDay"),
        ("unknown-unit", "dosageInstruction[0].doseAndRate[0].doseQuantity.unit"),
    ] {
        let imported = import_plan(&broken(name), None).unwrap();
        let [fault] = imported.plan.unreadable.as_slice() else { panic!("{name}: {:?}", imported.plan.unreadable) };
        assert_eq!((fault.resource.as_str(), fault.field.as_str()), ("MedicationRequest/vanc-order", field), "{name}");
        assert!(fault.blocks_order && !fault.reason.is_empty(), "{name}");
        assert_eq!(imported.plan.orders.len(), 3, "{name}: the services stand");
        assert!(imported.resources.iter().any(|found| found.id == "vanc-order"), "{name}: kept raw");
    }
    let loose = import_plan(&broken("pre-medication-without-its-infusion"), None).unwrap().plan;
    assert_eq!(loose.orders, []);
    assert_eq!(loose.unreadable.len(), 2);
    assert!(loose.unreadable.iter().all(|fault| fault.field == "extension('relative-to').order" && fault.blocks_order));
}

#[test]
fn each_thing_that_an_order_may_not_leave_open_keeps_it_out() {
    let dosage = |change: fn(&mut Value)| with_order(|order| change(&mut order["dosageInstruction"][0]));
    let table: Vec<(CarePlan, &str)> = vec![
        (with_order(|order| order["status"] = json!("activ")), "status"),
        (with_order(|order| order["intent"] = json!("wish")), "intent"),
        (with_order(|order| order["doNotPerform"] = json!(true)), "doNotPerform"),
        (
            with_order(|order| order["modifierExtension"] = json!([{"url": "x", "valueBoolean": true}])),
            "modifierExtension",
        ),
        (with_order(|order| order["implicitRules"] = json!("https://x.example")), "implicitRules"),
        (with_order(|order| order["medicationReference"] = json!({"reference": "#other"})), "medicationReference"),
        (with_order(|order| order["dosageInstruction"] = json!([])), "dosageInstruction"),
        (with_order(|order| order["dosageInstruction"] = json!({})), "dosageInstruction"),
        (
            dosage(|d| d["doseAndRate"][0]["doseQuantity"]["value"] = json!(0)),
            "dosageInstruction[0].doseAndRate[0].doseQuantity.value",
        ),
        (
            dosage(|d| d["doseAndRate"][0]["doseQuantity"]["value"] = json!("1.25")),
            "dosageInstruction[0].doseAndRate[0].doseQuantity.value",
        ),
        (
            dosage(|d| {
                d["doseAndRate"][0] =
                    json!({"doseRange": {"low": {"value": 1, "unit": "g"}, "high": {"value": 2, "unit": "g"}}})
            }),
            "dosageInstruction[0].doseAndRate[0].doseRange",
        ),
        (
            dosage(|d| {
                let one = d["doseAndRate"][0].clone();
                d["doseAndRate"] = json!([one, one]);
            }),
            "dosageInstruction[0].doseAndRate",
        ),
        (dosage(|d| d["timing"]["repeat"]["offset"] = json!(30)), "dosageInstruction[0].timing.repeat.offset"),
        (
            dosage(|d| d["timing"]["repeat"]["durationUnit"] = Value::Null),
            "dosageInstruction[0].timing.repeat.duration",
        ),
        (dosage(|d| d["timing"]["repeat"]["period"] = json!(-1)), "dosageInstruction[0].timing.repeat.period"),
        (dosage(|d| d["timing"]["repeat"]["frequency"] = json!("2")), "dosageInstruction[0].timing.repeat.frequency"),
        (
            with_order(|order| {
                let url = "https://homeline.example/fhir/StructureDefinition/no-flush";
                order["extension"].as_array_mut().unwrap().push(json!({"url": url, "valueBoolean": true}));
            }),
            "extension('no-flush')",
        ),
    ];
    for (plan, field) in table {
        assert_eq!(blocked(&plan).field, field);
    }
}

#[test]
fn each_status_of_r4_means_what_the_clinic_means_by_it() {
    use homeline_model::OrderStatus;
    for (code, meaning) in [
        ("active", OrderStatus::Active),
        ("on-hold", OrderStatus::OnHold),
        ("stopped", OrderStatus::Stopped),
        ("completed", OrderStatus::Completed),
        ("cancelled", OrderStatus::NotInForce),
        ("draft", OrderStatus::NotInForce),
        ("entered-in-error", OrderStatus::NotInForce),
        ("unknown", OrderStatus::Unknown),
    ] {
        let plan = with_order(|order| order["status"] = json!(code));
        assert_eq!(plan.orders.first().unwrap().status, meaning, "{code}");
    }
    let proposal = with_order(|order| order["intent"] = json!("proposal"));
    assert_eq!(proposal.orders.first().unwrap().status, OrderStatus::NotInForce);
}

#[test]
fn a_limit_that_cannot_be_read_is_left_out_and_listed() {
    let bytes = changed(|bundle| {
        let limits = resource(bundle, "CarePlan")["extension"].as_array_mut().unwrap();
        let mut odd = limits[0].clone();
        odd["extension"].as_array_mut().unwrap().retain(|part| part["url"] != "limit");
        let mut strange = limits[0].clone();
        strange["extension"][2]["valueCode"] = json!("above");
        limits.extend([odd, strange]);
    });
    let plan = import_plan(&bytes, None).unwrap().plan;
    assert_eq!(plan.thresholds.len(), 1);
    let fields: Vec<&str> = plan.unreadable.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["extension[8].limit", "extension[9].comparison"]);
}

#[test]
fn a_visit_without_a_stated_kind_is_not_guessed() {
    use homeline_model::{VisitMode, VisitStatus};
    let visit = |change: fn(&mut Value)| {
        let bytes = changed(|bundle| change(resource(bundle, "Appointment")));
        import_plan(&bytes, None).unwrap().plan
    };
    let plan = visit(|visit| visit["extension"] = json!([]));
    assert_eq!(plan.visits.first().unwrap().mode, VisitMode::Unknown);
    let plan = visit(|visit| {
        let url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService";
        visit["extension"] =
            json!([{"url": url, "extension": [{"url": "addressUrl", "valueUrl": "https://visits.example/1"}]}]);
    });
    let video = plan.visits.first().unwrap();
    assert_eq!((video.mode, video.join_url.as_deref()), (VisitMode::Video, Some("https://visits.example/1")));
    let plan = visit(|visit| visit["status"] = json!("noshow"));
    assert_eq!(plan.visits.first().unwrap().status, VisitStatus::Cancelled);
    let plan = visit(|visit| visit["start"] = json!("2026-11-24"));
    assert_eq!((plan.visits.len(), plan.unreadable.first().unwrap().field.as_str()), (1, "start"));
}

#[test]
fn a_rate_profile_may_be_open_at_its_end_only() {
    let profile = |first: Value| {
        let rung = |rate: u32, duration: Value| {
            let mut parts = vec![json!({"url": "rate", "valueQuantity": {"value": rate, "unit": "mL/h"}})];
            if !duration.is_null() {
                parts.push(json!({"url": "duration", "valueDuration": duration}));
            }
            json!({"url": "step", "extension": parts})
        };
        let url = "https://homeline.example/fhir/StructureDefinition/rate-profile";
        let rungs = json!([rung(35, first), rung(70, Value::Null)]);
        with_order(|order| order["dosageInstruction"][0]["extension"] = json!([{"url": url, "extension": rungs}]))
    };
    let open_end = profile(json!({"value": 30, "unit": "min"}));
    let steps = &open_end.orders.first().unwrap().dosages.first().unwrap().rate_profile.as_ref().unwrap().steps;
    assert_eq!(steps.iter().map(|step| step.minutes).collect::<Vec<_>>(), [Some(30), None]);
    assert_eq!(blocked(&profile(Value::Null)).field, "dosageInstruction[0].extension('rate-profile')");
}

#[test]
fn a_rate_is_read_per_hour_and_never_calculated() {
    let per = |hours: u32| {
        with_order(|order| {
            let ratio =
                json!({"numerator": {"value": 250, "unit": "mL"}, "denominator": {"value": hours, "unit": "h"}});
            order["dosageInstruction"][0]["doseAndRate"][0]["rateRatio"] = ratio;
        })
    };
    let rate = per(1).orders.first().unwrap().dosages.first().unwrap().rate.clone().unwrap();
    assert_eq!((rate.value.to_string().as_str(), rate.unit.code.as_str()), ("250", "mL/h"));
    assert_eq!(blocked(&per(2)).field, "dosageInstruction[0].doseAndRate[0].rateRatio");
}

#[test]
fn a_service_with_the_id_of_a_drug_is_kept_out_so_that_doses_are_not_mixed_up() {
    let bytes = changed(|bundle| resource(bundle, "ServiceRequest")["id"] = json!("vanc-order"));
    let plan = import_plan(&bytes, None).unwrap().plan;
    let [fault] = plan.unreadable.as_slice() else { panic!("{:?}", plan.unreadable) };
    assert_eq!((fault.resource.as_str(), fault.field.as_str()), ("ServiceRequest/vanc-order", "id"));
    assert_eq!(plan.orders.iter().filter(|order| order.id.as_str() == "vanc-order").count(), 1);
}

#[test]
fn a_caregiver_who_is_no_longer_one_has_no_place_in_the_plan() {
    let plan = |change: fn(&mut Value)| {
        let bytes = changed(|bundle| change(resource(bundle, "RelatedPerson")));
        import_plan(&bytes, None).unwrap().plan
    };
    assert_eq!(plan(|person| person["active"] = json!(false)).caregivers, []);
    let until = plan(|person| person["period"] = json!({"end": "2026-12-31"}));
    let until = until.caregivers.first().unwrap().until.unwrap();
    assert_eq!(until.to_rfc3339(), "2026-12-31T23:59:59+00:00");
    let unknown = plan(|person| person["extension"][0]["valueCode"] = json!("everything"));
    assert_eq!(unknown.caregivers.first().unwrap().rights.len(), 3);
    assert_eq!(unknown.unreadable.len(), 1);
}

#[test]
fn orders_that_point_at_each_other_in_a_circle_are_both_kept_out() {
    let bytes = changed(|bundle| {
        let link = |target: &str| {
            json!({"url": "https://homeline.example/fhir/StructureDefinition/relative-to", "extension": [
                {"url": "order", "valueReference": {"reference": format!("MedicationRequest/{target}")}},
                {"url": "anchor", "valueCode": "start"}, {"url": "offsetMinutes", "valueInteger": -30}]})
        };
        let order = resource(bundle, "MedicationRequest");
        order["extension"].as_array_mut().unwrap().push(link("other"));
        let mut other = order.clone();
        other["id"] = json!("other");
        *other["extension"].as_array_mut().unwrap().last_mut().unwrap() = link("vanc-order");
        bundle["entry"].as_array_mut().unwrap().push(json!({"resource": other}));
    });
    let plan = import_plan(&bytes, None).unwrap().plan;
    assert_eq!(plan.unreadable.len(), 2);
    assert_eq!(plan.orders.len(), 3);
}

#[test]
fn a_plan_that_leaves_things_open_says_so_and_fills_nothing_in() {
    let plan = with_order(|order| order["extension"] = json!([]));
    assert_eq!(plan.unreadable, []);
    let order = plan.orders.first().unwrap();
    assert_eq!((&order.flush, order.window, &order.storage), (&FlushPlan::NotStated, None, &None));
    assert_eq!(order.minimum_interval_minutes, None);

    let no_zone = changed(|bundle| {
        resource(bundle, "Patient")["extension"] = json!([]);
        let order = resource(bundle, "MedicationRequest");
        for extension in order["extension"].as_array_mut().unwrap() {
            if extension["url"].as_str().unwrap().ends_with("time-policy") {
                extension["valueCode"] = json!("home-zone");
            }
        }
    });
    let plan = import_plan(&no_zone, None).unwrap().plan;
    let fields: Vec<(&str, bool)> = plan.unreadable.iter().map(|f| (f.field.as_str(), f.blocks_order)).collect();
    assert_eq!(fields, [("extension('home-zone')", false), ("extension('time-policy')", true)]);

    let nobody = changed(|bundle| resource(bundle, "CareTeam")["telecom"] = json!([]));
    let plan = import_plan(&nobody, None).unwrap().plan;
    assert!(plan.unreadable.iter().any(|fault| fault.resource == "CareTeam" && fault.reason.contains("on-call nurse")));
}

#[test]
fn without_a_stated_policy_hours_are_elapsed_time_and_clock_times_are_not() {
    let policy = |repeat: Value| {
        let plan = with_order(|order| {
            order["extension"] = json!([]);
            order["dosageInstruction"][0]["timing"] = json!({ "repeat": repeat });
        });
        plan.orders.first().unwrap().time_policy
    };
    assert_eq!(policy(json!({"frequency": 1, "period": 12, "periodUnit": "h"})), TimePolicy::Elapsed);
    assert_eq!(policy(json!({"period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]})), TimePolicy::WallClock);
}

#[test]
fn each_stated_policy_is_read_and_a_code_of_tomorrow_keeps_the_order_out() {
    let stated = |code: &str| {
        with_order(|order| {
            order["extension"] = json!([
                {"url": "https://homeline.example/fhir/StructureDefinition/time-policy", "valueCode": code}
            ]);
        })
    };
    for (code, policy) in [
        ("wall-clock", TimePolicy::WallClock),
        ("elapsed", TimePolicy::Elapsed),
        ("elapsed-from-last-start", TimePolicy::ElapsedFromLastStart),
        ("home-zone", TimePolicy::HomeZone),
    ] {
        assert_eq!(stated(code).orders.first().unwrap().time_policy, policy, "{code}");
    }
    assert!(stated("by-the-moon").unreadable.iter().any(|fault| fault.field == "extension('time-policy')"));
}

#[test]
fn dosages_with_one_number_are_numbered_by_their_place() {
    let plan = with_order(|order| {
        let mut second = order["dosageInstruction"][0].clone();
        second["timing"]["repeat"]["timeOfDay"] = json!(["14:00:00"]);
        order["dosageInstruction"].as_array_mut().unwrap().push(second);
    });
    let sequences: Vec<u32> = plan.orders.first().unwrap().dosages.iter().map(|dosage| dosage.sequence).collect();
    assert_eq!(sequences, [1, 2]);
}

#[test]
fn an_unknown_resource_is_kept_and_an_unknown_extension_of_ours_is_told() {
    let bytes = changed(|bundle| {
        let goal = json!({"resource": {"resourceType": "Goal", "id": "goal-1", "subject": {"reference": "Patient/vanc-patient"}}});
        bundle["entry"].as_array_mut().unwrap().push(goal);
        let url = "https://homeline.example/fhir/StructureDefinition/no-flsh";
        resource(bundle, "MedicationRequest")["extension"]
            .as_array_mut()
            .unwrap()
            .push(json!({"url": url, "valueBoolean": true}));
    });
    let imported = import_plan(&bytes, None).unwrap();
    assert_eq!(imported.plan.kept.len(), 1);
    assert!(imported.resources.iter().any(|found| found.resource_type == "Goal" && found.json.contains("goal-1")));
    let [told] = imported.plan.unreadable.as_slice() else { panic!("{:?}", imported.plan.unreadable) };
    assert_eq!((told.field.as_str(), told.blocks_order), ("extension('no-flsh')", false));
    assert_eq!(imported.plan.orders.len(), 4);
}

#[test]
fn a_text_that_is_too_long_is_cut_and_said_so() {
    let plan = with_order(|order| order["dosageInstruction"][0]["text"] = json!("ä".repeat(4_001)));
    let order = plan.orders.first().unwrap();
    assert_eq!(order.dosages.first().unwrap().text.as_ref().unwrap().chars().count(), 4_000);
    let [told] = plan.unreadable.as_slice() else { panic!("{:?}", plan.unreadable) };
    assert_eq!((told.field.as_str(), told.blocks_order), ("dosageInstruction[0].text", false));
}

#[test]
fn a_stranger_in_the_mirror_is_listed_and_takes_nothing_away() {
    let mut bundle: Value = serde_json::from_slice(&support::plan_bytes("vancomycin-elastomeric")).unwrap();
    resource(&mut bundle, "SupplyDelivery")["patient"] = json!({"reference": "Patient/somebody-else"});
    let texts: Vec<(String, String)> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["resource"]["resourceType"].as_str().unwrap().to_owned(), entry["resource"].to_string()))
        .collect();
    let mirror = texts.iter().map(|(kind, json)| (kind.as_str(), json.as_str()));
    let plan = plan_from_resources(mirror.clone(), &PatientId::new("vanc-patient").unwrap()).unwrap();
    assert_eq!((plan.orders.len(), plan.deliveries.len(), plan.unreadable.len()), (4, 1, 1));
    assert_eq!(plan.unreadable.first().unwrap().field, "patient");
    let nobody = PatientId::new("nobody").unwrap();
    assert_eq!(plan_from_resources(mirror, &nobody), Err(ImportError::NoPatient));
}

#[test]
fn the_timing_door_reads_a_timing_a_dosage_and_an_order() {
    let timing = json!({"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}});
    assert!(matches!(read_timing(&timing.to_string()), Ok(ReadTiming::Timing(_))));
    let dosage = json!({"timing": timing, "text": "every 8 hours"});
    assert!(matches!(read_timing(&dosage.to_string()), Ok(ReadTiming::Dosage(_))));
    let mut bundle: Value = serde_json::from_slice(&support::plan_bytes("vancomycin-elastomeric")).unwrap();
    let order = resource(&mut bundle, "MedicationRequest").clone();
    assert!(matches!(read_timing(&order.to_string()), Ok(ReadTiming::Order(_))));
    let service = resource(&mut bundle, "ServiceRequest").clone();
    assert!(matches!(read_timing(&service.to_string()), Ok(ReadTiming::Order(_))));

    let Err(TimingError::Unreadable { faults }) = read_timing(r#"{"repeat": {"duration": 1}}"#) else { panic!() };
    assert_eq!(faults.first().unwrap().field, "repeat.duration");
    assert!(matches!(read_timing("{\n  5"), Err(TimingError::NotJson { line: 2, .. })));
    for text in ["[]", "5", "{}", r#"{"resourceType": "Patient"}"#, r#"{"resourceType": 5}"#] {
        assert!(matches!(read_timing(text), Err(TimingError::Unreadable { .. })), "{text}");
    }
}

// ---- No input makes it panic, and nothing half-understood is scheduled.

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "Patient/vanc-patient",
            "Patient/x",
            "#drug",
            "urn:uuid:x",
            "active",
            "mL/h",
            "2026-11-23",
            "08:00:00",
            "é/_history/",
            "https://homeline.example/fhir/StructureDefinition/flush",
            "1e400",
            "-",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys = prop::sample::select(vec![
            "url",
            "extension",
            "value",
            "code",
            "repeat",
            "timing",
            "reference",
            "coding",
            "resourceType",
            "id",
            "valueQuantity",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..4)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), out))
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                places(field, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_plan_with_one_element_replaced_makes_it_panic(place in any::<prop::sample::Index>(), put in any_json(), plan in 0usize..8) {
        let names = ["vancomycin-elastomeric", "ceftriaxone-iv-push", "tpn-cycled", "ivig-ladder", "fluorouracil-46h",
            "milrinone-two-pumps", "scig-weekly", "hydromorphone-pca"];
        let mut bundle: Value = serde_json::from_slice(&support::plan_bytes(names[plan])).unwrap();
        let mut all = Vec::new();
        places(&bundle, "", &mut all);
        *bundle.pointer_mut(all[place.index(all.len())].as_str()).unwrap() = put;
        if let Ok(imported) = import_plan(&serde_json::to_vec(&bundle).unwrap(), None) {
            for fault in imported.plan.unreadable.iter().filter(|fault| fault.blocks_order) {
                let id = fault.resource.split('/').nth(1).unwrap_or_default();
                let scheduled = imported.plan.orders.iter().any(|order| order.id.as_str() == id);
                prop_assert!(!scheduled, "{} is scheduled although {}", fault.resource, fault.field);
            }
        }
    }

    #[test]
    fn no_json_makes_any_door_panic(put in any_json(), kind in prop::sample::select(vec!["MedicationRequest", "ServiceRequest",
        "Observation", "Communication", "MedicationAdministration", "DocumentReference", "Bundle", "Patient"])) {
        let patient = PatientId::new("p1").unwrap();
        let zone = ZoneId::utc();
        let mut text = put.to_string();
        for _ in 0..2 {
            let _ = import_plan(text.as_bytes(), None);
            let _ = read_timing(&text);
            let _ = resource_to_entry(&text, &EntryContext { patient: &patient, zone: &zone });
            let _ = plan_from_resources([(kind, text.as_str())], &patient);
            let mut value = put.clone();
            if let Some(object) = value.as_object_mut() {
                object.insert("resourceType".into(), kind.into());
                object.insert("subject".into(), json!({"reference": "Patient/p1"}));
            }
            text = value.to_string();
        }
    }

    #[test]
    fn no_bytes_make_the_import_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = import_plan(&bytes, None);
    }

    #[test]
    fn an_entry_with_one_element_replaced_is_read_or_refused(place in any::<prop::sample::Index>(), put in any_json(), number in any::<prop::sample::Index>()) {
        let plan = support::plan("vancomycin-elastomeric");
        let entries = support::every_body(&plan);
        let sent = homeline_fhir::entry_to_resource(number.get(&entries), &homeline_fhir::ExportContext::default()).unwrap();
        let mut value: Value = serde_json::from_str(&sent.first().unwrap().json).unwrap();
        let mut all = Vec::new();
        places(&value, "", &mut all);
        *value.pointer_mut(all[place.index(all.len())].as_str()).unwrap() = put;
        let zone = ZoneId::utc();
        let _ = resource_to_entry(&value.to_string(), &EntryContext { patient: &plan.patient.id, zone: &zone });
    }
}

fn minutes_of(value: u32) -> Value {
    json!({"value": value, "unit": "minutes", "system": "http://unitsofmeasure.org", "code": "min"})
}

fn ours(name: &str) -> String {
    format!("https://homeline.example/fhir/StructureDefinition/{name}")
}

fn plan_with(change: impl FnOnce(&mut Value)) -> CarePlan {
    import_plan(&changed(change), None).unwrap().plan
}

#[test]
fn escalation_and_shifts_are_read_and_a_delay_that_cannot_be_read_is_listed() {
    let delays = |after: Value| {
        json!({"url": ours("escalation"), "extension": [
            {"url": "repeatAfter", "valueDuration": minutes_of(10)}, {"url": "repeatAfter", "valueDuration": minutes_of(25)},
            {"url": "caregiverAfter", "valueDuration": after}]})
    };
    let plan = plan_with(|bundle| {
        resource(bundle, "CarePlan")["extension"] = json!([delays(minutes_of(40))]);
        resource(bundle, "CareTeam")["participant"].as_array_mut().unwrap().push(json!({
            "member": {"reference": "RelatedPerson/vanc-caregiver"}, "period": {"start": "2026-11-16"},
            "extension": [{"url": ours("duty"), "valueTiming": {"repeat": {
                "dayOfWeek": ["mon"], "timeOfDay": ["20:00:00"], "duration": 12, "durationUnit": "h"}}}]}));
    });
    let escalation = plan.escalation.unwrap();
    assert_eq!(
        (escalation.repeat_minutes, escalation.caregiver_minutes, escalation.team_minutes),
        (vec![10, 25], Some(40), None)
    );
    let [duty] = plan.duties.as_slice() else { panic!("{:?}", plan.duties) };
    assert_eq!(duty.person.as_str(), "vanc-caregiver");
    assert!(duty.shifts.is_some() && duty.from.is_some() && duty.until.is_none());

    let bad = plan_with(|bundle| {
        resource(bundle, "CarePlan")["extension"] = json!([delays(json!({"value": 1, "code": "mo"}))]);
    });
    assert_eq!(bad.escalation, None);
    assert!(
        bad.unreadable.iter().any(|u| u.field == "extension[0].caregiverAfter" && !u.blocks_order),
        "{:?}",
        bad.unreadable
    );
}

#[test]
fn a_stay_in_a_hospital_is_read_and_an_encounter_of_another_kind_or_a_plan_of_one_is_not() {
    let encounter = |status: &str, class: &str, period: Value| {
        let resource = json!({"resource": {
            "resourceType": "Encounter", "id": "e1", "status": status, "subject": {"reference": "Patient/vanc-patient"},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": class},
            "period": period, "serviceProvider": {"display": "General Hospital"}}});
        plan_with(|bundle| bundle["entry"].as_array_mut().unwrap().push(resource))
    };
    let both = json!({"start": "2026-11-23T10:00:00-06:00", "end": "2026-11-25T10:00:00-06:00"});
    let inside = encounter("in-progress", "IMP", both.clone());
    assert_eq!(inside.stays[0].end, None, "an end that is written while it lasts is a plan");
    assert_eq!(inside.stays[0].place.as_deref(), Some("General Hospital"));
    assert!(encounter("finished", "ACUTE", both.clone()).stays[0].end.is_some());
    for (status, class) in [("planned", "IMP"), ("cancelled", "IMP"), ("in-progress", "HH"), ("in-progress", "AMB")] {
        let plan = encounter(status, class, both.clone());
        assert_eq!(plan.stays, [], "{status} {class}");
        assert!(plan.unreadable.iter().all(|u| u.resource != "Encounter/e1"), "{status} {class}");
    }
    for (status, period) in
        [("in-progress", json!({})), ("resting", both), ("in-progress", json!({"start": "2026-11"}))]
    {
        let plan = encounter(status, "IMP", period);
        assert_eq!(plan.stays, []);
        assert!(plan.unreadable.iter().any(|u| u.resource == "Encounter/e1"), "{status}");
    }
}

#[test]
fn what_hangs_on_a_dose_is_read_the_lab_before_it_the_look_at_it_and_its_refill() {
    let plan = with_order(|order| {
        let extensions = order["extension"].as_array_mut().unwrap();
        extensions.push(
            json!({"url": ours("hold-until-drawn"), "valueReference": {"reference": "ServiceRequest/vanc-labs"}}),
        );
        extensions.push(json!({"url": ours("check-in"), "valueDuration": minutes_of(45)}));
        let days =
            |value: u32| json!({"value": value, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"});
        order["dispenseRequest"] = json!({
            "validityPeriod": {"start": "2026-11-16"}, "expectedSupplyDuration": days(14),
            "extension": [{"url": ours("refill-lead"), "valueDuration": days(6)}]});
    });
    let order = plan.order(&homeline_model::OrderId::new("vanc-order").unwrap()).unwrap();
    assert_eq!(order.hold_until_drawn.as_ref().map(|lab| lab.as_str()), Some("vanc-labs"));
    assert_eq!(order.check_in_minutes, Some(45));
    let dispensed = order.dispensed.as_ref().unwrap();
    assert_eq!((dispensed.days, dispensed.lead_days), (14, Some(6)));
    let wrong = with_order(|order| {
        let extension = json!({"url": ours("hold-until-drawn"), "valueReference": {"reference": "Device/vanc-picc"}});
        order["extension"].as_array_mut().unwrap().push(extension);
    });
    assert!(blocked(&wrong).reason.contains("a reference to a ServiceRequest"), "{:?}", wrong.unreadable);
}

#[test]
fn a_code_says_what_line_care_does() {
    use homeline_model::LineCareKind;
    let of = |code: &str| {
        let plan = plan_with(|bundle| {
            let entries = bundle["entry"].as_array_mut().unwrap().iter_mut().map(|entry| &mut entry["resource"]);
            let flush = entries.into_iter().find(|resource| resource["id"] == "vanc-flush").unwrap();
            flush["code"]["coding"] =
                json!([{"system": "https://homeline.example/fhir/CodeSystem/line-care", "code": code}]);
        });
        let order = plan.orders.iter().find(|order| order.id.as_str() == "vanc-flush").unwrap().line_care;
        (order, plan.unreadable.iter().any(|u| u.resource == "ServiceRequest/vanc-flush"))
    };
    assert_eq!(of("idle-flush"), (Some(LineCareKind::IdleFlush), false));
    assert_eq!(of("port-needle"), (Some(LineCareKind::PortNeedle), false));
    assert_eq!(of("rinse"), (None, true));
}

#[test]
fn a_pumps_specialisation_says_what_it_speaks_and_one_that_is_not_known_is_told() {
    let read = |codes: &[&str]| {
        let mut bundle: Value = serde_json::from_slice(&support::plan_bytes("ivig-ladder")).unwrap();
        let entries = bundle["entry"].as_array_mut().unwrap();
        let pump =
            entries.iter_mut().map(|entry| &mut entry["resource"]).find(|found| found["serialNumber"].is_string());
        pump.unwrap()["specialization"] = codes
            .iter()
            .map(|code| json!({"systemType": {"coding": [{"system": "urn:iso:std:iso:11073:10101", "code": code}]}}))
            .collect();
        let plan = import_plan(&serde_json::to_vec(&bundle).unwrap(), None).unwrap().plan;
        let pump = plan.delivery_devices.iter().find(|device| device.serial.is_some()).unwrap().protocol;
        (pump, plan.unreadable.iter().map(|fault| fault.field.clone()).collect::<Vec<_>>())
    };
    assert_eq!(read(&[]), (PumpProtocol::HealthSensor, vec![]));
    assert_eq!(read(&["528385"]), (PumpProtocol::HealthSensor, vec![]));
    assert_eq!(read(&["528403"]), (PumpProtocol::InsulinDelivery, vec![]));
    let told = vec!["specialization[0].systemType".to_owned()];
    assert_eq!(read(&["528391", "528403"]), (PumpProtocol::InsulinDelivery, told.clone()));
    assert_eq!(read(&["528391"]), (PumpProtocol::HealthSensor, told), "a blood pressure cuff");
}
