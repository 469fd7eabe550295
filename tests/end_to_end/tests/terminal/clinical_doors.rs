use homeline_end_to_end::phone::plan;
use homeline_end_to_end::terminal::{Answer, Terminal};
use serde_json::{Value, json};
use std::fs;

fn door(arguments: &[&str], input: &str) -> Answer {
    Terminal::new().run_with(arguments, input.as_bytes())
}

fn score(instrument: &str, input: &Value) -> Value {
    let answer = door(&["score", instrument], &input.to_string());
    assert_eq!(answer.status, 0, "{input}: {}", answer.error);
    answer.json()
}

#[test]
fn the_worked_examples_of_the_instruments_come_out_at_the_door() {
    let news2 = |rate: u32,
                 spo2: u32,
                 oxygen: bool,
                 systolic: u32,
                 pulse: u32,
                 level: &str,
                 celsius: &str,
                 scale: u32| {
        let celsius: Value = serde_json::from_str(celsius).unwrap();
        json!({"respiratory_rate": rate, "spo2": spo2, "spo2_scale": scale, "on_oxygen": oxygen, "systolic": systolic,
            "pulse": pulse, "consciousness": level, "temperature_c": celsius})
    };
    for (input, total) in [
        (news2(16, 98, false, 122, 72, "A", "36.8", 1), 0),
        (news2(11, 94, false, 110, 50, "A", "36.0", 1), 5),
        (news2(21, 95, false, 108, 104, "A", "38.0", 1), 5),
        (news2(25, 91, true, 90, 131, "C", "39.1", 1), 19),
        (news2(8, 83, true, 220, 40, "U", "35.0", 2), 20),
        (news2(20, 97, true, 140, 90, "A", "37.5", 2), 5),
    ] {
        let answer = score("news2", &input);
        assert_eq!((&answer["total"], &answer["missing"]), (&json!(total), &json!([])), "{input}");
    }
    let mut child = news2(16, 98, false, 122, 72, "A", "36.8", 1);
    child["age_years"] = json!(15);
    assert_eq!(score("news2", &child)["total"], Value::Null);
    let partial = score("news2", &json!({"pulse": 104}));
    assert_eq!((&partial["total"], &partial["parts"]["pulse"]), (&Value::Null, &json!(1)));
    assert_eq!(partial["missing"].as_array().unwrap().len(), 6);

    for (input, grade) in [
        (json!({"item": 9, "frequency": 3, "severity": 2}), json!(2)),
        (json!({"item": 10, "frequency": 0}), json!(0)),
        (json!({"item": 49, "frequency": 2, "severity": 3}), Value::Null),
        (json!({"item": 24, "present": true}), Value::Null),
        (json!({"severity": 3, "interference": 1}), json!(2)),
    ] {
        assert_eq!(score("pro-ctcae", &input), json!({"grade": grade}), "{input}");
    }
    let six = json!({"pain": true, "path_pain": false, "erythema": true, "swelling": false, "induration": false,
        "cord": false, "pyrexia": false, "extensive": false, "pus": true});
    assert_eq!(score("vip", &six), json!({"grade": 2, "missing": []}));
    assert_eq!(score("ctcae-fever", &json!({"temperature_f": 102.3})), json!({"grade": 2, "missing": []}));
    let long = score("ctcae-fever", &json!({"temperature_c": 40.1}));
    assert_eq!(long, json!({"grade": null, "missing": ["longer_than_24_h"]}));
}

#[test]
fn a_door_refuses_what_it_cannot_read_in_one_line_that_names_the_field() {
    for (arguments, input, words) in [
        (&["score", "news2"][..], r#"{"pulse": "fast"}"#, "pulse"),
        (&["score", "news2"][..], r#"{"heart_rate": 80}"#, "heart_rate"),
        (&["score", "news2"][..], "{", "standard input"),
        (&["score", "pro-ctcae"][..], r#"{"item": 81, "frequency": 1}"#, "item"),
        (&["score", "pro-ctcae"][..], r#"{"item": 9, "interference": 1}"#, "interference"),
        (&["score", "vip"][..], r#"{"pain": 3}"#, "pain"),
        (&["score", "ctcae-fever"][..], "{}", "temperature_c"),
        (&["score", "ctcae-fever"][..], r#"{"temperature_c": 38, "temperature_f": 100.4}"#, "temperature_f"),
    ] {
        let answer = door(arguments, input);
        assert_eq!(answer.status, 1, "{input}: {answer:?}");
        assert!(answer.out.is_empty() && answer.error.lines().count() == 1, "{answer:?}");
        assert!(answer.error.contains(words), "`{words}` is missing in: {}", answer.error);
    }
    for wrong in [&["score"][..], &["score", "apgar"][..], &["triage"][..]] {
        assert_eq!(door(wrong, "{}").status, 2, "{wrong:?}");
    }
}

/// The vancomycin plan with another fever rule: once 101.3 °F or more, or three times 100.4 °F or more, 2 hours apart
/// within 24 hours (a children's hospital's rule for oncology).
fn plan_with_windowed_fever() -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(&plan("vancomycin-elastomeric")).unwrap();
    let extension = |name: &str| format!("https://homeline.example/fhir/StructureDefinition/{name}");
    let limit = |fahrenheit: &str, more: Value| {
        let value: Value = serde_json::from_str(fahrenheit).unwrap();
        let mut parts = json!([
            {"url": "rule", "valueCode": "N01"}, {"url": "vital", "valueCode": "temperature"},
            {"url": "comparison", "valueCode": "at-least"}, {"url": "level", "valueCode": "call-now"},
            {"url": "limit", "valueQuantity": {"value": value, "unit": "°F", "system": "http://unitsofmeasure.org",
                "code": "[degF]"}}]);
        parts.as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
        json!({"url": extension("threshold"), "extension": parts})
    };
    let hours = |hours: u32| json!({"value": hours, "unit": "h", "system": "http://unitsofmeasure.org", "code": "h"});
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        if resource["resourceType"] == "CarePlan" {
            resource["extension"] = json!([
                limit("101.3", json!([])),
                limit(
                    "100.4",
                    json!([{"url": "readings", "valuePositiveInt": 3},
                    {"url": "within", "valueDuration": hours(24)}, {"url": "apart", "valueDuration": hours(2)}])
                ),
            ]);
        }
    }
    serde_json::to_vec(&bundle).unwrap()
}

fn temperature(clock: &str, value: &str, code: &str) -> Value {
    let value: Value = serde_json::from_str(value).unwrap();
    json!({"resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5"}]},
        "effectiveDateTime": format!("2026-11-23T{clock}:00-06:00"),
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": code}})
}

fn rules(terminal: &Terminal, entries: &Value) -> Vec<String> {
    let answer = terminal.run_with(&["triage", "--plan", "plan.json"], entries.to_string().as_bytes());
    assert_eq!(answer.status, 0, "{}", answer.error);
    let advice = answer.json()["advice"].as_array().unwrap().clone();
    assert!(advice.iter().all(|advice| !advice["because"].as_array().unwrap().is_empty()), "{advice:?}");
    advice.iter().map(|advice| format!("{} {}", advice["rule"], advice["level"]).replace('"', "")).collect()
}

#[test]
fn triage_answers_with_the_rules_of_the_plan_and_their_windows() {
    let terminal = Terminal::new();
    fs::write(terminal.path("plan.json"), plan("vancomycin-elastomeric")).unwrap();
    for (value, code, speaks) in
        [("38.0", "Cel", true), ("37.9", "Cel", false), ("100.4", "[degF]", true), ("100.3", "[degF]", false)]
    {
        let said = rules(&terminal, &json!([temperature("08:00", value, code)]));
        assert_eq!(said, if speaks { vec!["N01 call-now"] } else { vec![] }, "{value} {code}");
    }
    let later = json!([temperature("08:00", "38.4", "Cel"), temperature("15:00", "36.8", "Cel")]);
    assert_eq!(rules(&terminal, &later), ["N01 call-now"], "no later value closes it");
    let chills = json!([temperature("08:00", "38.4", "Cel"),
        {"resourceType": "QuestionnaireResponse", "status": "completed", "authored": "2026-11-23T08:05:00-06:00",
            "item": [{"linkId": "symptom/trouble-breathing", "answer": [{"valueBoolean": true}]},
                {"linkId": "symptom/rash", "answer": [{"valueBoolean": false}]}]}]);
    assert_eq!(rules(&terminal, &chills), ["E01 emergency", "N01 call-now"]);

    fs::write(terminal.path("plan.json"), plan_with_windowed_fever()).unwrap();
    let mut readings = vec![
        temperature("08:00", "100.4", "[degF]"),
        temperature("09:30", "100.6", "[degF]"),
        temperature("11:00", "101.0", "[degF]"),
    ];
    assert_eq!(rules(&terminal, &json!(readings)), [""; 0], "09:30 lies too close to both");
    readings.push(temperature("13:00", "100.5", "[degF]"));
    assert_eq!(rules(&terminal, &json!(readings)), ["N01 call-now"]);
    assert_eq!(rules(&terminal, &json!([temperature("08:00", "101.3", "[degF]")])), ["N01 call-now"]);
}

#[test]
fn triage_refuses_an_entry_that_it_cannot_read_and_a_plan_that_is_none() {
    let terminal = Terminal::new();
    fs::write(terminal.path("plan.json"), plan("vancomycin-elastomeric")).unwrap();
    let kelvin = json!([temperature("08:00", "311", "K")]).to_string();
    let answer = terminal.run_with(&["triage", "--plan", "plan.json"], kelvin.as_bytes());
    assert_eq!((answer.status, answer.out.as_str()), (1, ""));
    assert!(answer.error.contains("entries[0].valueQuantity.code"), "{}", answer.error);
    let answer = terminal.run_with(&["triage", "--plan", "nowhere.json"], b"[]");
    assert_eq!(answer.status, 1, "{answer:?}");
    let answer = terminal.run_with(&["triage", "--plan", "plan.json", "--now", "today"], b"[]");
    assert_eq!(answer.status, 2, "{answer:?}");
}

#[test]
fn the_wording_lint_lists_each_offence_with_its_fix_and_its_place() {
    let answer = door(&["lint-text"], "Größe: Heparin 10U QD");
    assert_eq!(answer.status, 0, "{}", answer.error);
    let expected = json!({"findings": [{"found": "U", "instead": "units", "start": 17, "end": 18},
        {"found": "QD", "instead": "daily", "start": 19, "end": 21}]});
    assert_eq!(answer.json(), expected);
    assert_eq!(door(&["lint-text"], "Take 0.5 mg daily.").json(), json!({"findings": []}));
}
