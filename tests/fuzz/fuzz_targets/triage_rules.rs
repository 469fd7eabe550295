//! Rule files from outside, and any journal under any plan: triage answers in order, and with its own answer as open
//! advice it never takes anything back.
#![no_main]

use chrono::{DateTime, TimeDelta, Utc};
use homeline_clinical::{Language, RuleSet, rule_faults, site_findings, symptom_words};
use homeline_model::{
    AccessDevice, AccessDeviceId, AccessDeviceKind, Administration, AdministrationStatus, AdviceLevel, AlarmKind,
    Author, AuthorRole, CarePlan, Comparison, Decimal, Entry, EntryBody, EntryId, EntryTimes, Happened, Patient,
    PatientId, PlanRule, PumpEvent, PumpEventKind, Quantity, Repeated, Severity, SiteFinding, SkipDecision, Source, Symptom,
    Threshold, TimeBasis, Uuid, Vital, VitalKind, ZoneId,
};
use libfuzzer_sys::{
    arbitrary::{Arbitrary, Result, Unstructured},
    fuzz_target,
};

const VITALS: [VitalKind; 9] = [
    VitalKind::Temperature,
    VitalKind::Pulse,
    VitalKind::SystolicBloodPressure,
    VitalKind::DiastolicBloodPressure,
    VitalKind::OxygenSaturation,
    VitalKind::RespiratoryRate,
    VitalKind::Weight,
    VitalKind::Glucose,
    VitalKind::Pain,
];
const UNITS: [&str; 10] = ["Cel", "[degF]", "kg", "[lb_av]", "/min", "%", "mg/dL", "mmol/L", "{score}", "K"];
const LEVELS: [AdviceLevel; 4] =
    [AdviceLevel::Note, AdviceLevel::MessageToday, AdviceLevel::CallNow, AdviceLevel::Emergency];
const LINES: [AccessDeviceKind; 5] = [
    AccessDeviceKind::Picc,
    AccessDeviceKind::Tunneled,
    AccessDeviceKind::Peripheral,
    AccessDeviceKind::Subcutaneous,
    AccessDeviceKind::Unknown,
];

fn quantity(input: &mut Unstructured<'_>) -> Result<Quantity> {
    let value = Decimal::try_from_i128_with_scale(i128::arbitrary(input)? >> 32, input.int_in_range(0..=28)?);
    Ok(Quantity::new(value.unwrap_or_default(), input.choose(&UNITS)?))
}

fn instant(input: &mut Unstructured<'_>) -> Result<DateTime<Utc>> {
    // Mostly the last days, sometimes any instant that there is.
    if input.ratio(9, 10)? {
        Ok(now() - TimeDelta::minutes(input.int_in_range(-1440..=20_000)?))
    } else {
        Ok(DateTime::from_timestamp(i64::arbitrary(input)?, 0).unwrap_or(DateTime::<Utc>::MIN_UTC))
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_438_800, 0).unwrap_or_default()
}

fn alarm(input: &mut Unstructured<'_>) -> Result<AlarmKind> {
    Ok(match input.int_in_range(0..=6)? {
        0 => AlarmKind::OcclusionDownstream,
        1 => AlarmKind::AirInLine,
        2 => AlarmKind::BatteryDepleted,
        3 => AlarmKind::ReservoirEmpty,
        4 => AlarmKind::SystemFault,
        5 => AlarmKind::InfusionComplete,
        _ => AlarmKind::Unknown(u32::arbitrary(input)?),
    })
}

fn body(input: &mut Unstructured<'_>) -> Result<EntryBody> {
    Ok(match input.int_in_range(0..=4)? {
        0 => EntryBody::Symptom(Symptom {
            symptom: input.choose(symptom_words())?.key.clone(),
            present: bool::arbitrary(input)?,
            severity: *input.choose(&[None, Some(Severity::Mild), Some(Severity::Severe)])?,
            note: None,
        }),
        1 => EntryBody::Vital(Vital { vital: *input.choose(&VITALS)?, value: quantity(input)? }),
        2 => {
            let mut findings = Vec::new();
            for _ in 0..input.int_in_range(0..=12)? {
                let finding = input.choose(site_findings())?.key.clone();
                findings.push(SiteFinding { finding, present: bool::arbitrary(input)? });
            }
            EntryBody::SiteCheck { findings, photos: vec![], site: None, length: None }
        }
        3 => EntryBody::PumpEvent(PumpEvent {
            serial: (*input.choose(&["A", "B"])?).into(),
            record: Option::arbitrary(input)?,
            epoch: input.int_in_range(0..=1)?,
            kind: match input.int_in_range(0..=4)? {
                0 => PumpEventKind::Started,
                1 => PumpEventKind::Completed,
                2 => PumpEventKind::Stopped,
                3 => PumpEventKind::AlarmRaised { alarm: alarm(input)?, text: String::arbitrary(input)? },
                _ => PumpEventKind::AlarmCleared { alarm: alarm(input)? },
            },
            volume_infused: None,
            rate: None,
            samples: None,
        }),
        _ => {
            let statuses = [
                AdministrationStatus::InProgress,
                AdministrationStatus::Completed,
                AdministrationStatus::Skipped,
                AdministrationStatus::Unknown,
            ];
            let mut administration = Administration::new(*input.choose(&statuses)?);
            administration.skip_decision =
                *input.choose(&[None, Some(SkipDecision::Home), Some(SkipDecision::Order)])?;
            if bool::arbitrary(input)? {
                administration.started_at = Some(instant(input)?);
                administration.ended_at = Some(instant(input)?);
            }
            EntryBody::Administration(administration)
        }
    })
}

fn entries(input: &mut Unstructured<'_>) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for index in 0..input.int_in_range(0..=24_u8)? {
        let amends = if input.ratio(1, 8)? { entries.first().map(|entry| entry.id) } else { None };
        entries.push(Entry {
            id: EntryId(Uuid::from_u128(u128::from(index))),
            patient: PatientId::new("p").expect("a FHIR id"),
            author: Author { role: AuthorRole::Patient, person: None, name: String::new() },
            source: Source::ByHand,
            times: EntryTimes {
                happened: Happened {
                    at: instant(input)?,
                    zone: ZoneId::utc(),
                    offset_seconds: i32::arbitrary(input)?,
                    basis: TimeBasis::Typed,
                },
                recorded_at: now(),
                device_clock: None,
            },
            order: None,
            occurrence: None,
            infusion: None,
            amends,
            private: false,
            body: body(input)?,
        });
    }
    Ok(entries)
}

fn plan(input: &mut Unstructured<'_>) -> Result<CarePlan> {
    let mut thresholds = Vec::new();
    for _ in 0..input.int_in_range(0..=4)? {
        let mut limits = Vec::new();
        for _ in 0..input.int_in_range(0..=2)? {
            limits.push(quantity(input)?);
        }
        let repeated = if bool::arbitrary(input)? {
            let [readings, within_minutes, apart_minutes] = <[u32; 3]>::arbitrary(input)?;
            Some(Repeated { readings, within_minutes, apart_minutes })
        } else {
            None
        };
        thresholds.push(Threshold {
            rule: (*input.choose(&["N01", "N19", "team-1", ""])?).into(),
            vital: *input.choose(&VITALS)?,
            comparison: *input.choose(&[Comparison::AtLeast, Comparison::AtMost])?,
            limits,
            level: *input.choose(&LEVELS)?,
            repeated,
            text: Option::arbitrary(input)?,
        });
    }
    let mut rules = Vec::new();
    for _ in 0..input.int_in_range(0..=2)? {
        let level = if bool::arbitrary(input)? { Some(*input.choose(&LEVELS)?) } else { None };
        rules.push(PlanRule {
            id: (*input.choose(&["N01", "E12", "team-2", ""])?).into(),
            level,
            hours: Option::arbitrary(input)?,
            when: Option::arbitrary(input)?,
            text: Option::arbitrary(input)?,
        });
    }
    let line = AccessDevice {
        id: AccessDeviceId::new("line").expect("a FHIR id"),
        kind: *input.choose(&LINES)?,
        name: String::new(),
        inserted: None,
        removed: None,
        lumens: None,
        lumen_uses: vec![],
    };
    Ok(CarePlan {
        title: String::new(),
        patient: Patient {
            id: PatientId::new("p").expect("a FHIR id"),
            name: String::new(),
            birth_date: None,
            gender: None,
            language: None,
            allergies: vec![],
        },
        home_zone: ZoneId::utc(),
        orders: vec![],
        access_devices: vec![line],
        delivery_devices: vec![],
        visits: vec![],
        deliveries: vec![],
        care_team: vec![],
        caregivers: vec![],
        coverages: vec![],
        contacts: vec![],
        thresholds,
        rules,
        alarm_advice: vec![],
        escalation: None,
        duties: vec![],
        stays: vec![],
        versions: vec![],
        trends: vec![],
        reply_times: vec![],
        unreadable: vec![],
        kept: vec![],
    })
}

fn ask(rules: &RuleSet, input: &mut Unstructured<'_>) -> Result<()> {
    let plan = plan(input)?;
    let entries = entries(input)?;
    let language = *input.choose(&[Language::English, Language::Spanish, Language::Other(None)])?;
    let _ = rule_faults(&plan);
    let first = rules.triage(&plan, &entries, &[], now(), language);
    assert!(first.is_sorted_by(|a, b| a.level >= b.level), "the most urgent first");
    assert!(first.iter().all(|advice| !advice.text.is_empty()), "whom to call is always said");

    let later_entries = self::entries(input)?;
    let later = rules.triage(&plan, &later_entries, &first, now() + TimeDelta::hours(30), language);
    for open in &first {
        let still = later.iter().find(|advice| advice.rule == open.rule).expect("open advice stays");
        assert!(still.level >= open.level, "open advice is never lowered");
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let text = std::str::from_utf8(bytes).ok();
    let from_outside = text.and_then(|text| RuleSet::read(text).ok());
    let rules = from_outside.as_ref().unwrap_or(RuleSet::built_in());
    // Too few bytes for a journal is no journal.
    let _ = ask(rules, &mut Unstructured::new(bytes));
});
