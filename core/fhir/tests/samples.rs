//! One JSON file for every resource type and body that we emit, for HL7's validator. Nothing is written unless
//! `HOMELINE_FHIR_SAMPLES` names a folder; the forms themselves are checked in any case.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use homeline_fhir::{ExportContext, NewConsent, consent_json, entry_to_resource, related_person_json};
use homeline_model::{AttachmentId, Caregiving, Entry, EntryBody, EntryId, PersonId, RequestOutcome, Right};
use std::collections::BTreeMap;

/// The smallest whole PNG: one grey pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0,
    1, 0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn emits_samples_for_the_validator() {
    let plan = support::plan("vancomycin-elastomeric");
    let large = vec![0x5a; 200_001];
    let photos = [(AttachmentId(support::uuid(900)), PNG), (AttachmentId(support::uuid(901)), large.as_slice())];
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (number, entry) in support::every_body(&plan).into_iter().enumerate() {
        let kind = entry.kind().as_str();
        let mut send = |name: &str, entry: &Entry, context: &ExportContext<'_>| {
            for resource in entry_to_resource(entry, context).unwrap() {
                let file = format!("{}-{number:02}-{kind}{name}.json", resource.resource_type);
                files.insert(file, resource.json);
            }
        };
        let context =
            ExportContext { plan: Some(&plan), care_team: Some("vanc-team"), photos: &photos, ..Default::default() };
        send("", &entry, &context);
        let moments = [(entry.id, support::moment())];
        send("-infusion", &entry, &ExportContext { infusion: &moments, ..context });
        // Without a plan, as before the first pull.
        send("-without-plan", &entry, &ExportContext::default());
        let mut correction = entry.clone();
        correction.id = EntryId(support::uuid(800 + u128::try_from(number).unwrap()));
        correction.amends = Some(entry.id);
        send("-correction", &correction, &ExportContext { amended: Some(&entry), ..context });
        for (name, outcome) in [("-done", RequestOutcome::Done), ("-refused", RequestOutcome::Refused)] {
            if let EntryBody::Caregiving(Caregiving::Asked(_)) = entry.body {
                send(name, &entry, &ExportContext { outcome: Some(outcome), ..context });
            }
        }
        if let EntryBody::Note { .. } = entry.body {
            // Blank text: FHIR has no empty strings.
            correction.body = EntryBody::Note { text: "  ".into() };
            send("-blank", &correction, &context);
        }
    }
    let (patient, person) = (&plan.patient.id, PersonId::new("vanc-caregiver").unwrap());
    let at = "2026-11-23T14:00:00Z".parse().unwrap();
    let given = NewConsent {
        id: support::uuid(950),
        patient,
        given_by: None,
        person: &person,
        name: "Tomas Ibarra",
        rights: &Right::ALL,
        until: Some("2026-12-24T12:00:00Z".parse().unwrap()),
        follows: None,
        at,
    };
    let before = given.id.to_string();
    let taken = NewConsent { id: support::uuid(951), rights: &[], follows: Some(&before), ..given.clone() };
    let by_caregiver = NewConsent { id: support::uuid(952), given_by: Some(&person), ..given.clone() };
    files.insert("Consent-given.json".into(), consent_json(&given).to_string());
    files.insert("Consent-taken.json".into(), consent_json(&taken).to_string());
    files.insert("Consent-by-caregiver.json".into(), consent_json(&by_caregiver).to_string());
    let invited = related_person_json(support::uuid(953), patient, "Lucia Ibarra", "daughter");
    files.insert("RelatedPerson-invited.json".into(), invited.to_string());
    for kind in [
        "MedicationAdministration",
        "Observation",
        "Communication",
        "DocumentReference",
        "Binary",
        "Provenance",
        "QuestionnaireResponse",
        "Task",
        "Consent",
        "RelatedPerson",
    ] {
        assert!(files.keys().any(|file| file.starts_with(kind)), "{kind} is not among the samples");
    }
    for (file, json) in &files {
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert!(file.starts_with(value["resourceType"].as_str().unwrap()));
        assert_eq!(blank_strings(&value), 0, "{file}");
    }
    if let Some(folder) = std::env::var_os("HOMELINE_FHIR_SAMPLES") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, json) in files {
            std::fs::write(folder.join(file), json).unwrap();
        }
    }
}

fn blank_strings(value: &serde_json::Value) -> usize {
    match value {
        serde_json::Value::String(text) => usize::from(text.trim().is_empty()),
        serde_json::Value::Array(items) => items.iter().map(blank_strings).sum(),
        serde_json::Value::Object(fields) => fields.values().map(blank_strings).sum(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => 0,
    }
}
