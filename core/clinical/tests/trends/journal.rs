//! Plans and journals for the trend tests. A journal is days before [`today`], each with what happened.

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use homeline_clinical::{DoseSteps, Language, Notice, TrendInput, Watched, trends};
use homeline_model::{
    Administration, AdministrationStatus, AlarmKind, Author, AuthorRole, CarePlan, Contact, ContactPurpose, Decimal,
    Entry, EntryBody, EntryId, EntryTimes, Happened, OccurrenceId, OrderId, OrderRef, Patient, PatientId, PumpEvent,
    PumpEventKind, Quantity, Severity, SiteFinding, Source, Symptom, TimeBasis, TrendDirection, TrendLevel,
    TrendMethod, TrendRule, TrendSeries, Uuid, Vital, VitalKind, ZoneId,
};

pub const OFFSET: i32 = -6 * 3600;

pub fn zone() -> FixedOffset {
    FixedOffset::east_opt(OFFSET).unwrap()
}

pub fn today() -> NaiveDate {
    "2026-11-23".parse().unwrap()
}

/// 20:00 on the clock of the place.
pub fn now() -> DateTime<FixedOffset> {
    today().and_hms_opt(20, 0, 0).unwrap().and_local_timezone(zone()).unwrap()
}

/// 08:00 so many days ago.
pub fn morning(days_ago: i64) -> DateTime<Utc> {
    (now() - TimeDelta::days(days_ago) - TimeDelta::hours(12)).to_utc()
}

pub fn rule(series: TrendSeries, method: TrendMethod) -> TrendRule {
    TrendRule {
        rule: "asked".into(),
        series,
        method,
        direction: TrendDirection::Up,
        change: vec![],
        order: None,
        watch_days: None,
        baseline_days: None,
        least_values: None,
        again_days: None,
        level: TrendLevel::MessageToday,
        text: None,
    }
}

pub const RUN: TrendMethod = TrendMethod::Run { days: 2 };
pub const EWMA: TrendMethod = TrendMethod::Ewma { weight: None, limit: None };
pub const CUSUM: TrendMethod = TrendMethod::Cusum { slack: None, limit: None };

pub fn plan(rules: Vec<TrendRule>) -> CarePlan {
    CarePlan {
        title: "plan".into(),
        patient: Patient {
            id: PatientId::new("p1").unwrap(),
            name: "Rosa".into(),
            birth_date: None,
            gender: None,
            language: None,
            allergies: vec![],
        },
        home_zone: ZoneId::utc(),
        orders: vec![],
        access_devices: vec![],
        delivery_devices: vec![],
        visits: vec![],
        deliveries: vec![],
        care_team: vec![],
        caregivers: vec![],
        coverages: vec![],
        contacts: vec![Contact {
            purpose: ContactPurpose::Office,
            label: "Infusion office".into(),
            phone: "555-0102".into(),
            hours: None,
        }],
        thresholds: vec![],
        rules: vec![],
        alarm_advice: vec![],
        escalation: None,
        duties: vec![],
        stays: vec![],
        versions: vec![],
        trends: rules,
        reply_times: Vec::new(),
        unreadable: vec![],
        kept: vec![],
    }
}

pub fn entry(at: DateTime<Utc>, body: EntryBody) -> Entry {
    // The same words give the same id, so that a shuffled journal is the same journal.
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{at}{body:?}").as_bytes());
    Entry {
        id: EntryId(id),
        patient: PatientId::new("p1").unwrap(),
        author: Author { role: AuthorRole::Patient, person: None, name: "Rosa".into() },
        source: Source::ByHand,
        times: EntryTimes {
            happened: Happened { at, zone: ZoneId::utc(), offset_seconds: OFFSET, basis: TimeBasis::PhoneClock },
            recorded_at: at,
            device_clock: None,
        },
        order: None,
        occurrence: None,
        infusion: None,
        amends: None,
        private: false,
        body,
    }
}

pub fn vital(at: DateTime<Utc>, vital: VitalKind, value: &str, unit: &str) -> Entry {
    let value = Quantity::new(value.parse::<Decimal>().unwrap(), unit);
    entry(at, EntryBody::Vital(Vital { vital, value }))
}

pub fn celsius(days_ago: i64, value: &str) -> Entry {
    vital(morning(days_ago), VitalKind::Temperature, value, "Cel")
}

/// Temperatures of the last days, the last one of today; a dash is a day without a reading.
pub fn temperatures(values: &str) -> Vec<Entry> {
    let values: Vec<&str> = values.split_whitespace().collect();
    let days = values.iter().rev().zip(0..).filter(|(value, _)| **value != "-");
    days.map(|(value, days_ago)| celsius(days_ago, value)).collect()
}

pub fn site(days_ago: i64, yes: &[&str], no: &[&str]) -> Entry {
    let finding = |present| move |key: &&str| SiteFinding { finding: (*key).to_owned(), present };
    let findings = yes.iter().map(finding(true)).chain(no.iter().map(finding(false))).collect();
    entry(morning(days_ago), EntryBody::SiteCheck { findings, photos: vec![], length: None, site: None })
}

pub fn symptom(days_ago: i64, key: &str, present: bool, severity: Option<Severity>) -> Entry {
    entry(morning(days_ago), EntryBody::Symptom(Symptom { symptom: key.to_owned(), present, severity, note: None }))
}

pub fn infusion(days_ago: i64, order: &str, minutes: i64) -> Entry {
    let start = morning(days_ago);
    let mut administration = Administration::new(AdministrationStatus::Completed);
    administration.started_at = Some(start);
    administration.ended_at = Some(start + TimeDelta::minutes(minutes));
    let mut made = entry(start + TimeDelta::minutes(minutes), EntryBody::Administration(administration));
    made.order = Some(OrderRef { id: OrderId::new(order).unwrap(), version: None });
    let name = format!("{order}{days_ago}");
    made.occurrence = Some(OccurrenceId(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())));
    made
}

pub fn pump(days_ago: i64, record: u32, kind: PumpEventKind) -> Entry {
    let event = PumpEvent {
        serial: "SIM-1".into(),
        record: Some(record),
        epoch: 0,
        kind,
        volume_infused: None,
        rate: None,
        samples: None,
    };
    entry(morning(days_ago) + TimeDelta::minutes(record.into()), EntryBody::PumpEvent(event))
}

pub fn occluded() -> PumpEventKind {
    PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream, text: String::new() }
}

pub fn watched(plan: &CarePlan, entries: &[Entry]) -> Vec<Watched> {
    watched_with(plan, entries, &[])
}

pub fn watched_with(plan: &CarePlan, entries: &[Entry], doses: &[DoseSteps]) -> Vec<Watched> {
    trends(&TrendInput { plan, entries, doses, now: now() }, Language::English)
}

pub fn notices(plan: &CarePlan, entries: &[Entry]) -> Vec<Notice> {
    watched(plan, entries).into_iter().flat_map(|watched| watched.notices).collect()
}

/// What one rule says to a journal.
pub fn speaks(rule: TrendRule, entries: &[Entry]) -> bool {
    !notices(&plan(vec![rule]), entries).is_empty()
}
