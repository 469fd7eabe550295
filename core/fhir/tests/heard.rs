//! Observations and QuestionnaireResponses of any sender become entries; what no rule knows is listed; nothing is guessed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use homeline_fhir::{EntryContext, Heard, Meaning, read_heard};
use homeline_model::{EntryBody, PatientId, Severity, SiteFinding, VitalKind, ZoneId};
use serde_json::{Value, json};

fn meaning(name: &str) -> Option<Meaning> {
    match name {
        "symptom/chills" | "chills" | "Chills or shaking" => Some(Meaning::Symptom("chills".into())),
        "pain" => Some(Meaning::Symptom("pain".into())),
        "site/redness" | "redness" => Some(Meaning::Finding("redness".into())),
        "vital/pain" => Some(Meaning::Vital(VitalKind::Pain)),
        "vital/temperature" | "temperature" => Some(Meaning::Vital(VitalKind::Temperature)),
        _ => None,
    }
}

fn heard_of(text: &str) -> Result<Heard, String> {
    let (patient, zone) = (PatientId::new("p1").unwrap(), ZoneId::utc());
    read_heard(text, &EntryContext { patient: &patient, zone: &zone }, meaning).map_err(|fault| fault.to_string())
}

fn heard(resource: &Value) -> Heard {
    heard_of(&resource.to_string()).unwrap()
}

fn observation(code: Value, value: Value) -> Value {
    let mut observation = json!({"resourceType": "Observation", "status": "final", "code": code,
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-11-23T08:00:00-06:00"});
    observation.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    observation
}

fn loinc(code: &str) -> Value {
    json!({"coding": [{"system": "http://loinc.org", "code": code}]})
}

fn own(key: &str) -> Value {
    json!({"coding": [{"system": "https://homeline.example/fhir/CodeSystem/observed", "code": key}]})
}

#[test]
fn a_vital_sign_is_known_by_loinc_and_keeps_its_digits_and_its_unit() {
    let fever = json!({"valueQuantity": {"value": 38.0, "system": "http://unitsofmeasure.org", "code": "Cel"}});
    let text = observation(loinc("8310-5"), fever).to_string();
    assert!(text.contains("38.0"));
    let entry = heard_of(&text).unwrap().entries.remove(0);
    assert_eq!(entry.times.happened.local().to_rfc3339(), "2026-11-23T08:00:00-06:00");
    let EntryBody::Vital(vital) = entry.body else { panic!() };
    assert_eq!((vital.vital, vital.value.value.to_string()), (VitalKind::Temperature, "38.0".to_owned()));
    assert_eq!(vital.value.unit.code, "Cel");

    let panel = observation(
        loinc("85354-9"),
        json!({"component": [
            {"code": loinc("8480-6"), "valueQuantity": {"value": 118, "unit": "mmHg", "code": "mm[Hg]"}},
            {"code": loinc("8462-4"), "dataAbsentReason": own("not-asked")}]}),
    );
    let bodies: Vec<EntryBody> = heard(&panel).entries.into_iter().map(|entry| entry.body).collect();
    let [EntryBody::Vital(systolic)] = bodies.as_slice() else { panic!("{bodies:?}") };
    assert_eq!(systolic.vital, VitalKind::SystolicBloodPressure);
}

#[test]
fn a_symptom_is_known_by_key_or_by_words_and_a_no_is_an_answer() {
    for (code, value, expected) in [
        (own("chills"), json!({"valueBoolean": true}), Some((true, None))),
        (json!({"text": "Chills or shaking"}), json!({"valueBoolean": false}), Some((false, None))),
        (own("chills"), json!({"valueCodeableConcept": own("severe")}), Some((true, Some(Severity::Severe)))),
        (own("chills"), json!({}), Some((true, None))),
        (own("chills"), json!({"dataAbsentReason": own("not-asked")}), None),
    ] {
        let entries = heard(&observation(code, value.clone())).entries;
        let said = entries.first().map(|entry| match &entry.body {
            EntryBody::Symptom(symptom) => (symptom.present, symptom.severity),
            other => panic!("{other:?}"),
        });
        assert_eq!(said, expected, "{value}");
    }
}

#[test]
fn the_answers_of_a_questionnaire_become_entries_of_its_time() {
    let response = json!({"resourceType": "QuestionnaireResponse", "status": "completed",
        "authored": "2026-11-23T08:05:00-06:00", "item": [
        {"linkId": "group", "item": [
            {"linkId": "symptom/chills", "answer": [{"valueBoolean": true}]},
            {"linkId": "q7.redness", "answer": [{"valueCoding": {"code": "no"}}]},
            {"linkId": "pain", "answer": [{"valueInteger": 4}]}]},
        {"linkId": "9", "text": "temperature", "answer": [{"valueQuantity": {"value": 100.4, "code": "[degF]"}}]},
        {"linkId": "10", "text": "What else?", "answer": [{"valueCoding": {"code": "chills"}}]},
        {"linkId": "11", "text": "Anything else?", "answer": [{"valueString": "no"}]},
        {"linkId": "12", "text": "redness"}]});
    let heard = heard(&response);
    let said: Vec<String> = heard
        .entries
        .iter()
        .map(|entry| match &entry.body {
            EntryBody::Symptom(symptom) => format!("{} {}", symptom.symptom, symptom.present),
            EntryBody::Vital(vital) => format!("{:?} {}", vital.vital, vital.value.value),
            EntryBody::SiteCheck { findings, .. } => format!("{findings:?}"),
            other => panic!("{other:?}"),
        })
        .collect();
    let no_redness = vec![SiteFinding { finding: "redness".into(), present: false }];
    assert_eq!(said, ["chills true", "Pain 4", "Temperature 100.4", "chills true", &format!("{no_redness:?}")]);
    assert_eq!(heard.passed_over.len(), 1, "own words are no answer that a rule knows: {:?}", heard.passed_over);
}

#[test]
fn arrays_bundles_and_lines_hold_the_same_and_what_no_rule_knows_is_listed() {
    let one = observation(own("chills"), json!({"valueBoolean": true}));
    let other = observation(loinc("718-7"), json!({"valueQuantity": {"value": 12.1, "code": "g/dL"}}));
    let bundle =
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one}, {"resource": other}]});
    for text in [json!([one, other]).to_string(), bundle.to_string(), format!("{one}\n{other}\n")] {
        let heard = heard_of(&text).unwrap();
        assert_eq!((heard.entries.len(), heard.passed_over.len()), (1, 1), "{text}");
    }
    assert_eq!(heard_of("").unwrap(), Heard::default());
    let mistaken = observation(own("chills"), json!({"status": "entered-in-error", "valueBoolean": true}));
    assert_eq!(heard(&mistaken), Heard::default());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let temperature = |value: Value| observation(loinc("8310-5"), json!({"valueQuantity": value}));
    let mut without_time = observation(own("chills"), json!({"valueBoolean": true}));
    without_time.as_object_mut().unwrap().remove("effectiveDateTime");
    let mut a_day = without_time.clone();
    a_day["effectiveDateTime"] = json!("2026-11-23");
    let mut of_another = temperature(json!({"value": 38, "code": "Cel"}));
    of_another["subject"] = json!({"reference": "Patient/p2"});
    for (resource, place) in [
        (json!([temperature(json!({"value": 38}))]), "entries[0].valueQuantity"),
        (temperature(json!({"value": 311, "code": "K"})), "entries.valueQuantity.code"),
        (without_time, "entries.effectiveDateTime"),
        (a_day, "entries.effectiveDateTime"),
        (of_another, "entries.subject"),
        (json!({"status": "final"}), "entries.resourceType"),
        (json!({"resourceType": "Observation", "code": 7}), "entries.code"),
    ] {
        let error = heard_of(&resource.to_string()).unwrap_err();
        assert!(error.contains(place), "{error} should name {place}");
    }
    assert!(heard_of("{").unwrap_err().contains("line 1"));
    assert!(heard_of("7").is_err());
}
