//! Entry → FHIR → Entry keeps everything that FHIR can hold.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use homeline_fhir::{EntryContext, ExportContext, OutgoingResource, entry_to_resource, resource_to_entry};
use homeline_model::{
    Administration, AdministrationStatus, AttachmentId, Author, AuthorRole, CarePlan, Decimal, DeviceCheck,
    DeviceClock, Entry, EntryBody, EntryId, EntryKind, EntryTimes, Fluid, FluidDirection, FormAnswer, FormAnswers,
    FormItem, FormValue, Happened, InfusionId, Message, MessageDirection, OccurrenceId, OrderId, OrderRef, PatientId,
    PersonId, PumpEvent, PumpEventKind, Quantity, Question, SiteFinding, Source, StepKey, Symptom, SymptomCourse,
    TimeBasis, Unit, Uuid, Vital, VitalKind, ZoneId,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn send(entry: &Entry, plan: Option<&CarePlan>) -> Vec<OutgoingResource> {
    let context = ExportContext { plan, care_team: Some("team"), ..ExportContext::default() };
    entry_to_resource(entry, &context).unwrap()
}

fn back(resources: &[OutgoingResource], entry: &Entry) -> Entry {
    let zone = ZoneId::utc();
    let context = EntryContext { patient: &entry.patient, zone: &zone };
    let mut found = resources.iter().filter_map(|resource| resource_to_entry(&resource.json, &context).unwrap());
    let one = found.next().unwrap();
    assert_eq!(found.next(), None, "one entry per send");
    one
}

#[test]
fn every_body_comes_back_from_fhir_as_it_was() {
    let plan = support::plan("vancomycin-elastomeric");
    let entries = support::every_body(&plan);
    let kinds: BTreeSet<EntryKind> = entries.iter().map(Entry::kind).collect();
    assert_eq!(kinds.len(), EntryKind::ALL.len(), "an entry of every kind");
    for entry in entries {
        let sent = send(&entry, Some(&plan));
        assert_eq!(back(&sent, &entry), entry, "{}", sent.first().unwrap().json);
    }
}

#[test]
fn an_entry_finds_its_id_again_on_a_server_that_gives_its_own() {
    let plan = support::plan("vancomycin-elastomeric");
    for entry in support::every_body(&plan) {
        for mut resource in send(&entry, Some(&plan)) {
            let mut json: serde_json::Value = serde_json::from_str(&resource.json).unwrap();
            json["id"] = "server-4711".into();
            resource.json = json.to_string();
            assert_eq!(back(&[resource], &entry).id, entry.id);
        }
    }
}

#[test]
fn a_private_entry_and_a_message_of_the_server_are_not_sent() {
    let plan = support::plan("vancomycin-elastomeric");
    let mut private = support::entry(1, &plan.patient.id, EntryBody::Note { text: "mine".into() });
    private.private = true;
    assert_eq!(send(&private, Some(&plan)), []);
    let theirs = Message {
        direction: MessageDirection::FromTeam,
        with: "Pharmacist".into(),
        person: None,
        text: "Yes".into(),
        in_response_to: None,
        communication: Some("msg-2".into()),
        acknowledges: Vec::new(),
        topic: None,
        urgent: false,
        attached: Vec::new(),
    };
    assert_eq!(send(&support::entry(2, &plan.patient.id, EntryBody::Message(theirs)), Some(&plan)), []);
}

#[test]
fn a_correction_is_a_new_resource_a_provenance_and_the_old_one_with_its_status_alone_changed() {
    let plan = support::plan("vancomycin-elastomeric");
    for old in support::every_body(&plan) {
        let mut new = old.clone();
        new.id = EntryId(support::uuid(700));
        new.amends = Some(old.id);
        let context = ExportContext { plan: Some(&plan), amended: Some(&old), ..ExportContext::default() };
        let sent = entry_to_resource(&new, &context).unwrap();
        let [written, corrected, provenance] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!((written.id, corrected.id), (new.id.0, old.id.0));
        let first: serde_json::Value = serde_json::from_str(
            &entry_to_resource(&old, &ExportContext { amended: None, ..context }).unwrap()[0].json,
        )
        .unwrap();
        let mut after: serde_json::Value = serde_json::from_str(&corrected.json).unwrap();
        assert_eq!(after["status"], "entered-in-error");
        after["status"] = first["status"].clone();
        assert_eq!(after, first);
        let provenance: serde_json::Value = serde_json::from_str(&provenance.json).unwrap();
        assert_eq!(provenance["entity"][0]["role"], "revision");
        assert_eq!(
            provenance["entity"][0]["what"]["reference"],
            format!("{}/{}", corrected.resource_type, corrected.id)
        );
        assert_eq!(provenance["target"][0]["reference"], format!("{}/{}", written.resource_type, written.id));
        // A replay must not make a second Provenance.
        assert_eq!(entry_to_resource(&new, &context).unwrap(), sent);
    }
}

#[test]
fn a_dose_names_the_order_in_the_version_of_then() {
    let plan = support::plan("vancomycin-elastomeric");
    let mut entry = support::entry(
        1,
        &plan.patient.id,
        EntryBody::Administration(Administration::new(AdministrationStatus::Completed)),
    );
    entry.order = Some(OrderRef { id: OrderId::new("vanc-order").unwrap(), version: Some("7".into()) });
    let json: serde_json::Value = serde_json::from_str(&send(&entry, Some(&plan))[0].json).unwrap();
    assert_eq!(json["request"]["reference"], "MedicationRequest/vanc-order/_history/7");
    // R4 mad-1: without a dose or a rate there is no dosage.
    assert_eq!(json.get("dosage"), None);
    assert_eq!(json["status"], "completed");
}

#[test]
fn each_state_of_a_dose_has_the_status_that_r4_gives_it() {
    let patient = PatientId::new("p1").unwrap();
    for (status, code) in [
        (AdministrationStatus::InProgress, "in-progress"),
        (AdministrationStatus::Completed, "completed"),
        (AdministrationStatus::Partial, "stopped"),
        (AdministrationStatus::Stopped, "stopped"),
        (AdministrationStatus::Skipped, "not-done"),
        (AdministrationStatus::Unknown, "unknown"),
    ] {
        let entry = support::entry(1, &patient, EntryBody::Administration(Administration::new(status)));
        let json: serde_json::Value = serde_json::from_str(&send(&entry, None)[0].json).unwrap();
        assert_eq!(json["status"], code);
    }
}

#[test]
fn each_vital_sign_has_its_loinc_code_and_keeps_the_unit_typed() {
    let patient = PatientId::new("p1").unwrap();
    for (vital, unit, pointer, code) in [
        (VitalKind::Temperature, "[degF]", "/code/coding/0/code", "8310-5"),
        (VitalKind::Pulse, "/min", "/code/coding/0/code", "8867-4"),
        (VitalKind::RespiratoryRate, "/min", "/code/coding/0/code", "9279-1"),
        (VitalKind::OxygenSaturation, "%", "/code/coding/0/code", "2708-6"),
        (VitalKind::Weight, "kg", "/code/coding/0/code", "29463-7"),
        (VitalKind::Pain, "{score}", "/code/coding/0/code", "72514-3"),
        (VitalKind::SystolicBloodPressure, "mm[Hg]", "/component/0/code/coding/0/code", "8480-6"),
        (VitalKind::DiastolicBloodPressure, "mm[Hg]", "/component/1/code/coding/0/code", "8462-4"),
    ] {
        let body = EntryBody::Vital(Vital { vital, value: support::quantity("98.60", unit) });
        let json: serde_json::Value =
            serde_json::from_str(&send(&support::entry(1, &patient, body), None)[0].json).unwrap();
        assert_eq!(json.pointer(pointer).unwrap(), code);
        let at = pointer.strip_suffix("/code/coding/0/code").unwrap();
        let value = json.pointer(&format!("{at}/valueQuantity")).unwrap();
        assert_eq!((value["value"].to_string().as_str(), value["code"].as_str()), ("98.60", Some(unit)));
    }
}

#[test]
fn a_small_picture_travels_inside_and_a_large_one_in_a_binary_of_its_own() {
    let patient = PatientId::new("p1").unwrap();
    let attachment = AttachmentId(support::uuid(9));
    let body = EntryBody::Photo { attachment, content_type: "image/jpeg".into(), caption: None };
    let entry = support::entry(1, &patient, body);
    let of_size = |size: usize| {
        let bytes = vec![0xff; size];
        let photos = [(attachment, bytes.as_slice())];
        let context = ExportContext { photos: &photos, ..ExportContext::default() };
        entry_to_resource(&entry, &context).unwrap()
    };
    let small = of_size(200_000);
    assert_eq!(small.iter().map(|r| r.resource_type.as_str()).collect::<Vec<_>>(), ["DocumentReference"]);
    assert!(small[0].json.contains("\"data\":"));
    let large = of_size(200_001);
    assert_eq!(large.iter().map(|r| r.resource_type.as_str()).collect::<Vec<_>>(), ["Binary", "DocumentReference"]);
    assert!(large[1].json.contains(&format!("\"url\":\"Binary/{attachment}\"")));
}

#[test]
fn a_large_picture_stands_once_among_the_resources_of_a_correction() {
    let patient = PatientId::new("p1").unwrap();
    let attachment = AttachmentId(support::uuid(9));
    let photo = |caption: &str| EntryBody::Photo {
        attachment,
        content_type: "image/jpeg".into(),
        caption: Some(caption.into()),
    };
    let old = support::entry(1, &patient, photo("left arm"));
    let mut new = support::entry(2, &patient, photo("right arm"));
    new.amends = Some(old.id);
    let bytes = vec![0xff; 300_000];
    let photos = [(attachment, bytes.as_slice())];
    let context = ExportContext { photos: &photos, amended: Some(&old), ..ExportContext::default() };
    let sent = entry_to_resource(&new, &context).unwrap();
    let kinds: Vec<&str> = sent.iter().map(|resource| resource.resource_type.as_str()).collect();
    assert_eq!(kinds, ["Binary", "DocumentReference", "DocumentReference", "Provenance"]);
}

#[test]
fn the_version_of_the_order_survives_a_server_that_takes_it_out_of_the_reference() {
    let plan = support::plan("vancomycin-elastomeric");
    for entry in support::every_body(&plan).into_iter().filter(|entry| entry.order.is_some()) {
        let mut sent = send(&entry, Some(&plan));
        for resource in &mut sent {
            let version = entry.order.as_ref().unwrap().version.as_deref().unwrap();
            resource.json = resource.json.replace(&format!("/_history/{version}"), "");
        }
        assert_eq!(back(&sent, &entry), entry);
    }
}

#[test]
fn a_text_that_fhir_cannot_hold_is_refused_and_control_characters_become_spaces() {
    let patient = PatientId::new("p1").unwrap();
    let long = support::entry(1, &patient, EntryBody::Note { text: "x".repeat(1_048_577) });
    let error = entry_to_resource(&long, &ExportContext::default()).unwrap_err();
    assert!(error.to_string().contains("1048577 bytes"), "{error}");
    let odd = support::entry(2, &patient, EntryBody::Note { text: "a\u{0}b\u{7}c\td".into() });
    assert_eq!(back(&send(&odd, None), &odd).body, EntryBody::Note { text: "a b c\td".into() });
    let mut far = support::entry(3, &patient, EntryBody::Note { text: "x".into() });
    far.times.happened.at = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    assert!(entry_to_resource(&far, &ExportContext::default()).is_err());
}

#[test]
fn a_clinicians_acknowledgement_names_the_advice_that_it_closes_and_nobody_at_home_can_send_one() {
    let patient = PatientId::new("p1").unwrap();
    let zone = ZoneId::utc();
    let context = EntryContext { patient: &patient, zone: &zone };
    let json = r#"{"resourceType": "Communication", "id": "ack-1", "status": "completed",
        "category": [{"coding": [{"system": "https://homeline.example/fhir/CodeSystem/communication-category",
            "code": "acknowledgement"}]}],
        "subject": {"reference": "Patient/p1"}, "sent": "2026-11-23T09:00:00-06:00",
        "sender": {"reference": "Practitioner/nurse"},
        "about": [{"reference": "Observation/6b1d0000-0000-4000-8000-000000000001"},
            {"reference": "Observation/77", "identifier": {"system": "https://homeline.example/fhir/sid/journal-entry",
                "value": "6b1d0000-0000-4000-8000-000000000002"}},
            {"reference": "Observation/78"}]}"#;
    let closes = |json: &str| match resource_to_entry(json, &context) {
        Ok(Some(entry)) => match entry.body {
            EntryBody::Message(message) => message.acknowledges.iter().map(ToString::to_string).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        },
        Ok(None) | Err(_) => Vec::new(),
    };
    assert_eq!(
        closes(json),
        ["6b1d0000-0000-4000-8000-000000000001", "6b1d0000-0000-4000-8000-000000000002"],
        "by id, and by identifier where the server gave another id"
    );
    for (what, with) in [
        ("acknowledgement", "reminder"),
        ("Practitioner/nurse", "Patient/p1"),
        ("Practitioner/nurse", "RelatedPerson/son"),
        ("\"completed\"", "\"entered-in-error\""),
    ] {
        assert_eq!(closes(&json.replace(what, with)), [""; 0], "{with}");
    }
}

#[test]
fn what_was_noticed_in_an_infusion_goes_out_with_drug_lot_rate_step_site_and_minute() {
    let plan = support::plan("vancomycin-elastomeric");
    let moment = support::moment();
    let kinds = [EntryKind::Symptom, EntryKind::Vital, EntryKind::SiteCheck, EntryKind::Photo, EntryKind::Form];
    for entry in support::every_body(&plan).into_iter().filter(|entry| kinds.contains(&entry.kind())) {
        let moments = [(entry.id, moment.clone())];
        let context = ExportContext { plan: Some(&plan), infusion: &moments, ..ExportContext::default() };
        let sent = entry_to_resource(&entry, &context).unwrap();
        let json: serde_json::Value = serde_json::from_str(&sent[0].json).unwrap();
        let extensions = json["extension"].as_array().unwrap();
        let found = extensions.iter().find(|one| one["url"].as_str().unwrap().ends_with("/infusion-moment")).unwrap();
        let part = |name: &str| found["extension"].as_array().unwrap().iter().find(|part| part["url"] == name).unwrap();
        assert_eq!(part("sinceStart")["valueQuantity"]["value"], 30);
        assert_eq!(
            (part("lot")["valueString"].as_str(), part("rateStep")["valueInteger"].as_i64()),
            (Some("LOT-1"), Some(2))
        );
        assert_eq!(part("rate")["valueQuantity"]["value"], 60);
        assert_eq!(part("site")["valueString"], "left-thigh");
        if sent[0].resource_type == "Observation" {
            assert_eq!(json["partOf"][0]["identifier"]["value"], moment.administration.to_string());
        }
        assert_eq!(back(&sent, &entry), entry, "it is worked out anew here");
    }
}

#[test]
fn a_message_of_the_team_becomes_the_same_entry_at_every_pull() {
    let patient = PatientId::new("p1").unwrap();
    let zone = ZoneId::new("America/Chicago").unwrap();
    let context = EntryContext { patient: &patient, zone: &zone };
    let json = r#"{"resourceType": "Communication", "id": "msg-2", "meta": {"lastUpdated": "2026-11-23T15:00:09Z"},
        "status": "completed", "subject": {"reference": "Patient/p1"}, "sent": "2026-11-23T09:00:00-06:00",
        "sender": {"reference": "Practitioner/pharmacist", "display": "Night pharmacist"},
        "inResponseTo": [{"reference": "Communication/6b1d0000-0000-4000-8000-000000000001"}],
        "payload": [{"contentString": "Yes, start at nine."}]}"#;
    let entry = resource_to_entry(json, &context).unwrap().unwrap();
    assert_eq!(resource_to_entry(json, &context).unwrap().unwrap(), entry);
    assert_eq!(entry.times.happened.local().to_rfc3339(), "2026-11-23T09:00:00-06:00");
    let EntryBody::Message(message) = &entry.body else { panic!("{entry:?}") };
    assert_eq!((message.text.as_str(), message.with.as_str()), ("Yes, start at nine.", "Night pharmacist"));
    assert_eq!(message.communication.as_deref(), Some("msg-2"));
    assert_eq!(message.in_response_to.as_deref(), Some("6b1d0000-0000-4000-8000-000000000001"));

    let without_subject = json.replace(r#""subject": {"reference""#, r#""recipient": [{"reference""#);
    let without_subject = without_subject.replace(r#"p1"}, "sent""#, r#"p1"}], "sent""#);
    assert_eq!(resource_to_entry(&without_subject, &context).unwrap().unwrap(), entry);
    let of_patient = json.replace("Practitioner/pharmacist", "Patient/p1");
    assert_eq!(resource_to_entry(&of_patient, &context).unwrap(), None);
    let mistake = json.replace("\"completed\"", "\"entered-in-error\"");
    assert_eq!(resource_to_entry(&mistake, &context).unwrap(), None);
    let of_other = json.replace("Patient/p1", "Patient/p2");
    assert!(resource_to_entry(&of_other, &context).is_err());
}

// ---- The same as a law, over generated entries.

/// FHIR has no blank strings, so the generator has none.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9äßñ€😀\"\\\\<&\n\t][a-zA-Z0-9 äßñ€😀\"\\\\<&.,\n\t-]{0,30}".prop_map(|text| format!("x{text}"))
}

fn maybe_text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0u32..20).prop_map(|(number, scale)| Decimal::new(number, scale))
}

fn amount() -> impl Strategy<Value = Quantity> {
    let known = prop::sample::select(vec!["mL", "mL/h", "mg", "ug", "[iU]", "Cel", "{bag}", "/min"]);
    (decimal(), prop_oneof![known.prop_map(str::to_owned), Just("K".to_owned())]).prop_map(|(value, code)| {
        let unit = homeline_fhir::unit::by_code(&code).unwrap_or_else(|| Unit::ucum(&code));
        Quantity { value, unit }
    })
}

fn instant() -> impl Strategy<Value = chrono::DateTime<chrono::Utc>> {
    (-2_000_000_000i64..10_000_000_000, 0u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| chrono::DateTime::from_timestamp(seconds, nanos).unwrap())
}

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn fhir_id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9.-]{1,64}".prop_filter("dots alone are no path", |id| !id.chars().all(|c| c == '.'))
}

fn body() -> impl Strategy<Value = EntryBody> {
    let statuses = vec![
        AdministrationStatus::InProgress,
        AdministrationStatus::Completed,
        AdministrationStatus::Partial,
        AdministrationStatus::Stopped,
        AdministrationStatus::Skipped,
        AdministrationStatus::Unknown,
    ];
    let times = (proptest::option::of(instant()), proptest::option::of(instant()));
    let amounts = (proptest::option::of(amount()), proptest::option::of(amount()));
    let given = (prop::sample::select(statuses), times, amounts, maybe_text(), maybe_text(), maybe_text()).prop_map(
        |(status, (started_at, ended_at), (volume_given, dose_ordered), reason, lot, site)| {
            let rest = Administration::new(status);
            // The text of a CodeableConcept is trimmed when it is read.
            let reason = reason.map(|reason| reason.trim().to_owned());
            let site = site.map(|site| site.trim().to_owned());
            EntryBody::Administration(Administration {
                started_at,
                ended_at,
                volume_given,
                dose_ordered,
                reason,
                lot,
                site,
                ..rest
            })
        },
    );
    let kinds = vec![VitalKind::Temperature, VitalKind::SystolicBloodPressure, VitalKind::Glucose, VitalKind::Pain];
    let vital =
        (prop::sample::select(kinds), amount()).prop_map(|(vital, value)| EntryBody::Vital(Vital { vital, value }));
    let symptom = (text(), any::<bool>(), maybe_text())
        .prop_map(|(symptom, present, note)| EntryBody::Symptom(Symptom { symptom, present, severity: None, note }));
    let findings = prop::collection::vec((text(), any::<bool>()), 0..4);
    let site = (findings, prop::collection::vec(id(), 0..3), maybe_text(), proptest::option::of(amount())).prop_map(
        |(findings, photos, site, length)| EntryBody::SiteCheck {
            findings: findings.into_iter().map(|(finding, present)| SiteFinding { finding, present }).collect(),
            photos: photos.into_iter().map(AttachmentId).collect(),
            site,
            length,
        },
    );
    let course =
        (id(), text(), proptest::option::of(instant()), maybe_text()).prop_map(|(of, symptom, ended_at, action)| {
            EntryBody::SymptomCourse(SymptomCourse { of: EntryId(of), symptom, ended_at, action })
        });
    let fluid = (any::<bool>(), maybe_text(), amount()).prop_map(|(drunk, what, volume)| {
        let direction = if drunk { FluidDirection::In } else { FluidDirection::Out };
        EntryBody::Fluid(Fluid { direction, what, volume })
    });
    let form = (text(), text(), text(), decimal(), any::<i32>()).prop_map(|(title, link_id, words, number, whole)| {
        let answer = |value| FormAnswer { value, items: Vec::new() };
        let values = [FormValue::Text(words), FormValue::Decimal(number), FormValue::Integer(whole)];
        let item = FormItem { link_id, text: None, answers: values.map(answer).into(), items: Vec::new() };
        EntryBody::Form(FormAnswers { questionnaire: "Questionnaire/a".into(), title, items: vec![item] })
    });
    let message = (text(), text(), proptest::option::of(fhir_id()), proptest::option::of(fhir_id())).prop_map(
        |(with, text, person, answered)| {
            EntryBody::Message(Message {
                direction: MessageDirection::ToTeam,
                with: with.trim().to_owned(),
                person: person.map(|id| PersonId::new(id).unwrap()),
                text,
                in_response_to: answered,
                communication: None,
                acknowledges: Vec::new(),
                topic: None,
                urgent: false,
                attached: Vec::new(),
            })
        },
    );
    let pump = (text(), any::<Option<u32>>(), any::<u32>(), any::<(u32, u32)>(), proptest::option::of(amount()))
        .prop_map(|(serial, record, epoch, (from, to), volume_infused)| {
            let kind = PumpEventKind::RecordGap { from, to };
            EntryBody::PumpEvent(PumpEvent { serial, record, epoch, kind, volume_infused, rate: None, samples: None })
        });
    prop_oneof![
        given,
        vital,
        symptom,
        site,
        course,
        fluid,
        form,
        message,
        pump,
        text().prop_map(|text| EntryBody::Note { text }),
        text().prop_map(|text| EntryBody::Mood { text }),
        (proptest::option::of(amount()), maybe_text()).prop_map(|(volume_remaining, note)| {
            EntryBody::DeviceCheck(DeviceCheck { volume_remaining, note, ..DeviceCheck::default() })
        }),
        prop::collection::vec(text(), 1..4).prop_map(|sites| EntryBody::SitesUsed { sites }),
        text().prop_map(|text| EntryBody::Question(Question { text })),
        maybe_text().prop_map(|note| EntryBody::StepDone { step: StepKey::Flush, note }),
        any::<i64>().prop_map(|by_ms| EntryBody::ClockJump { by_ms }),
        prop::collection::vec(text(), 0..3).prop_map(|changes| EntryBody::PlanChanged { changes }),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    let offsets = -86_399i32..86_400;
    let clock = proptest::option::of((instant(), proptest::option::of(any::<i64>())));
    let links = (proptest::option::of(id()), proptest::option::of(id()), proptest::option::of(id()));
    let order = proptest::option::of((fhir_id(), proptest::option::of(fhir_id())));
    (id(), fhir_id(), (instant(), instant(), offsets), clock, links, order, text(), body()).prop_map(
        |(id, patient, (at, recorded_at, offset_seconds), clock, (occurrence, infusion, amends), order, name, body)| {
            Entry {
                id: EntryId(id),
                patient: PatientId::new(patient).unwrap(),
                author: Author { role: AuthorRole::Caregiver, person: None, name: name.trim().to_owned() },
                source: Source::ByHand,
                times: EntryTimes {
                    happened: Happened {
                        at,
                        zone: ZoneId::new("Asia/Kolkata").unwrap(),
                        offset_seconds,
                        basis: TimeBasis::Typed,
                    },
                    recorded_at,
                    device_clock: clock
                        .map(|(reading, offset_ms)| DeviceClock { reading: reading.naive_utc(), offset_ms }),
                },
                order: order.map(|(id, version)| OrderRef { id: OrderId::new(id).unwrap(), version }),
                occurrence: occurrence.map(OccurrenceId),
                infusion: infusion.map(InfusionId),
                amends: amends.map(EntryId),
                private: false,
                body,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_entry_comes_back_from_fhir_as_it_was(entry in entry()) {
        let sent = send(&entry, None);
        prop_assert_eq!(back(&sent, &entry), entry);
    }
}
