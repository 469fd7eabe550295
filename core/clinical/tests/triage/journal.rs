//! Plans and journals for the triage tests, written as words: `vancomycin picc` and `30 chills; 10 vital 38.0 C`.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use homeline_clinical::{parse_vital, symptom_key};
use homeline_model::{
    AccessDevice, AccessDeviceId, AccessDeviceKind, Administration, AdministrationStatus, AlarmKind, Author,
    AuthorRole, CarePlan, Contact, ContactPurpose, DeliveryDevice, DeliveryDeviceId, DeliveryMethod, DeviceCheck,
    Dosage, Entry, EntryBody, EntryId, EntryTimes, FlushPlan, Happened, Medication, OccurrenceId, Order, OrderId,
    OrderKind, OrderRef, OrderStatus, Patient, PatientId, PeriodUnit, PumpEvent, PumpEventKind, PumpProtocol, Quantity,
    Repeat, Severity, SiteFinding, SkipDecision, Source, StepKey, Symptom, TimeBasis, TimePolicy, Timing, Uuid, ZoneId,
};

pub fn now() -> DateTime<Utc> {
    "2026-11-23T13:00:00Z".parse().unwrap()
}

fn order() -> Order {
    Order {
        id: OrderId::new("o1").unwrap(),
        version: None,
        kind: OrderKind::Medication,
        status: OrderStatus::Active,
        title: "Ordered drug".into(),
        therapy: None,
        medication: Some(Medication { name: "drug".into(), rxnorm: None, form: None, strength: None, lot: None }),
        dosages: vec![],
        volume: None,
        dosing_weight: None,
        delivery: DeliveryMethod::AmbulatoryPump,
        delivery_device: Some(DeliveryDeviceId::new("pump").unwrap()),
        access_device: None,
        time_policy: TimePolicy::WallClock,
        window: None,
        time_critical: false,
        minimum_interval_minutes: None,
        steps: vec![],
        flush: FlushPlan::NotStated,
        storage: None,
        relative_to: None,
        early_end_percent: None,
        must_not_stop: false,
        line_care: None,
        hold_until_drawn: None,
        check_in_minutes: None,
        late_end_percent: None,
        check_in_tolerance_percent: None,
        dispensed: None,
        replaces: None,
        requester: None,
        authored_on: None,
        notes: vec![],
    }
}

fn for_hours(hours: u32) -> Dosage {
    let repeat = Repeat { duration: Some(hours.into()), duration_unit: Some(PeriodUnit::Hour), ..Repeat::default() };
    Dosage {
        sequence: 1,
        text: None,
        timing: Some(Timing { repeat: Some(repeat), ..Timing::default() }),
        as_needed: None,
        dose: None,
        rate: None,
        rate_profile: None,
        max_dose: None,
        route: None,
        site: None,
        instructions: vec![],
    }
}

/// A plan of one order, in words: a therapy key, a line, and what else the order says.
pub fn plan(words: &str) -> CarePlan {
    let mut order = order();
    let mut lines = Vec::new();
    let mut birth_date = None;
    for word in words.split_whitespace() {
        let kind = match word {
            "picc" => Some(AccessDeviceKind::Picc),
            "tunneled" => Some(AccessDeviceKind::Tunneled),
            "port" => Some(AccessDeviceKind::Port),
            "peripheral" => Some(AccessDeviceKind::Peripheral),
            "subcutaneous" => Some(AccessDeviceKind::Subcutaneous),
            "unknown-line" => Some(AccessDeviceKind::Unknown),
            _ => None,
        };
        if let Some(kind) = kind {
            lines.push(AccessDevice {
                id: AccessDeviceId::new("line").unwrap(),
                kind,
                name: "line".into(),
                inserted: None,
                removed: None,
                lumens: None,
                lumen_uses: vec![],
            });
        } else if word == "must-not-stop" {
            order.must_not_stop = true;
        } else if word == "elastomeric" {
            order.delivery = DeliveryMethod::Elastomeric;
        } else if word == "unknown-device" {
            order.delivery = DeliveryMethod::Unknown;
        } else if let Some(years) = word.strip_prefix("age=") {
            let years: i32 = years.parse().unwrap();
            // The birthday is today: the youngest that one is at this age.
            birth_date = Some(now().date_naive().with_year(now().year() - years).unwrap());
        } else if let Some(hours) = word.strip_prefix("hours=") {
            order.dosages.push(for_hours(hours.parse().unwrap()));
        } else if let Some(percent) = word.strip_prefix("early=") {
            order.early_end_percent = Some(percent.parse().unwrap());
        } else if let Some(percent) = word.strip_prefix("late=") {
            order.late_end_percent = Some(percent.parse().unwrap());
        } else {
            assert!(order.therapy.is_none(), "a second therapy: {word}");
            order.therapy = Some(word.into());
        }
    }
    let contact =
        |purpose, label: &str, phone: &str| Contact { purpose, label: label.into(), phone: phone.into(), hours: None };
    CarePlan {
        title: "plan".into(),
        patient: Patient {
            id: PatientId::new("p1").unwrap(),
            name: "Rosa".into(),
            birth_date,
            gender: None,
            language: None,
            allergies: vec![],
        },
        home_zone: ZoneId::utc(),
        orders: vec![order],
        access_devices: lines,
        delivery_devices: vec![DeliveryDevice {
            id: DeliveryDeviceId::new("pump").unwrap(),
            name: "pump".into(),
            method: DeliveryMethod::AmbulatoryPump,
            serial: Some("SIM-1".into()),
            manufacturer: None,
            model: None,
            protocol: PumpProtocol::default(),
            backup: false,
            patient_may_stop: None,
        }],
        visits: vec![],
        deliveries: vec![],
        care_team: vec![],
        caregivers: vec![],
        coverages: vec![],
        contacts: vec![
            contact(ContactPurpose::Emergency, "Ambulance", "911"),
            contact(ContactPurpose::OnCallNurse, "Nurse on call", "555-0100"),
            contact(ContactPurpose::Office, "Infusion office", "555-0102"),
        ],
        thresholds: vec![],
        rules: vec![],
        alarm_advice: vec![],
        escalation: None,
        duties: vec![],
        stays: vec![],
        versions: vec![],
        trends: vec![],
        reply_times: vec![],
        unreadable: vec![],
        kept: vec![],
    }
}

/// A journal in words: entries between semicolons, each with the minutes before [`now`] first.
pub fn journal(words: &str) -> Vec<Entry> {
    let parts = words.split(';').map(str::trim).filter(|part| !part.is_empty());
    let mut entries = Vec::new();
    for part in parts {
        let (minutes, what) = part.split_once(' ').unwrap_or_else(|| panic!("no minutes: {part}"));
        let minutes: i64 = minutes.parse().unwrap_or_else(|_| panic!("no minutes: {part}"));
        for mut body in bodies(what) {
            if let EntryBody::Administration(dose) = &mut body
                && dose.status == AdministrationStatus::Completed
            {
                dose.ended_at = Some(now() - TimeDelta::minutes(minutes));
            }
            entries.push(entry(entries.len(), minutes, body));
        }
    }
    entries
}

fn entry(index: usize, minutes: i64, body: EntryBody) -> Entry {
    let at = now() - TimeDelta::minutes(minutes);
    // A journal of these words is about one dose.
    let of_dose = matches!(body, EntryBody::DeviceCheck(_) | EntryBody::Administration(_));
    Entry {
        id: EntryId(Uuid::from_u128(index as u128 + 1)),
        patient: PatientId::new("p1").unwrap(),
        author: Author { role: AuthorRole::Patient, person: None, name: "Rosa".into() },
        source: Source::ByHand,
        times: EntryTimes {
            happened: Happened { at, zone: ZoneId::utc(), offset_seconds: 0, basis: TimeBasis::Typed },
            recorded_at: now(),
            device_clock: None,
        },
        order: Some(OrderRef { id: OrderId::new("o1").unwrap(), version: None }),
        occurrence: of_dose.then_some(OccurrenceId(Uuid::from_u128(7))),
        infusion: None,
        amends: None,
        private: false,
        body,
    }
}

fn bodies(what: &str) -> Vec<EntryBody> {
    let words: Vec<&str> = what.split_whitespace().collect();
    match words[..] {
        ["vital", ..] => {
            let typed = what.trim_start_matches("vital ");
            let vitals = parse_vital(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
            vitals.into_iter().map(EntryBody::Vital).collect()
        }
        ["site", ref answers @ ..] => {
            let findings = answers.iter().map(|answer| SiteFinding {
                finding: answer.trim_start_matches(['+', '-']).into(),
                present: answer.starts_with('+'),
            });
            vec![EntryBody::SiteCheck { findings: findings.collect(), photos: vec![], site: None, length: None }]
        }
        ["length", value, unit] => {
            let length = Some(Quantity::new(value.parse().unwrap(), unit));
            vec![EntryBody::SiteCheck { findings: vec![], photos: vec![], site: None, length }]
        }
        ["alarm", name] => {
            vec![pump(PumpEventKind::AlarmRaised { alarm: alarm(name), text: name.to_uppercase() })]
        }
        ["cleared", name] => vec![pump(PumpEventKind::AlarmCleared { alarm: alarm(name) })],
        ["pump", "started"] => vec![pump(PumpEventKind::Started)],
        ["pump", "stopped"] => vec![pump(PumpEventKind::Stopped)],
        ["pump", "completed"] => vec![pump(PumpEventKind::Completed)],
        ["check", balloon] => {
            let balloon = Some(serde_json::from_value(balloon.into()).unwrap());
            vec![EntryBody::DeviceCheck(DeviceCheck { balloon, ..DeviceCheck::default() })]
        }
        ["step", "flush"] => vec![EntryBody::StepDone { step: StepKey::Flush, note: None }],
        ["dose", status, ref rest @ ..] => vec![EntryBody::Administration(dose(status, rest))],
        ["no", key] => vec![symptom(key, false, None)],
        [key] => vec![symptom(key, true, None)],
        [key, severity] => {
            let severity: Severity = serde_json::from_value(severity.into()).unwrap();
            vec![symptom(key, true, Some(severity))]
        }
        _ => panic!("not understood: {what}"),
    }
}

fn symptom(key: &str, present: bool, severity: Option<Severity>) -> EntryBody {
    assert_eq!(symptom_key(key).unwrap().key, key);
    EntryBody::Symptom(Symptom { symptom: key.into(), present, severity, note: None })
}

fn alarm(name: &str) -> AlarmKind {
    if name == "unknown" { AlarmKind::Unknown(4711) } else { serde_json::from_value(name.into()).unwrap() }
}

fn pump(kind: PumpEventKind) -> EntryBody {
    let serial = "SIM-1".into();
    EntryBody::PumpEvent(PumpEvent {
        serial,
        record: None,
        epoch: 0,
        kind,
        volume_infused: None,
        rate: None,
        samples: None,
    })
}

fn dose(status: &str, rest: &[&str]) -> Administration {
    let status: AdministrationStatus = serde_json::from_value(status.into()).unwrap();
    let mut dose = Administration::new(status);
    for word in rest {
        match *word {
            "home" => dose.skip_decision = Some(SkipDecision::Home),
            "team" => dose.skip_decision = Some(SkipDecision::CareTeam),
            other => {
                let minutes: i64 = other.strip_prefix("from=").unwrap().parse().unwrap();
                dose.started_at = Some(now() - TimeDelta::minutes(minutes));
            }
        }
    }
    dose
}
