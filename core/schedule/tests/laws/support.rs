//! Builders and the zone fixture.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use homeline_model::{
    Administration, AdministrationStatus, Author, AuthorRole, CarePlan, Decimal, DeliveryMethod, Dosage, Entry,
    EntryBody, EntryId, EntryTimes, FhirDateTime, FlushPlan, Happened, OccurrenceId, Order, OrderId, OrderKind,
    OrderStatus, Patient, PatientId, PeriodUnit, Quantity, Repeat, Source, TimeBasis, TimePolicy, Timing, Uuid, ZoneId,
    ZoneTable, ZoneTransition,
};
use homeline_schedule::zone::to_local;
use homeline_schedule::{Expander, Routine, Span, Zones};

/// Zone tables of the tz database named in its first line, so that no test depends on the host.
pub const ZONE_FIXTURE: &str = include_str!("zones.txt");

pub fn zone(name: &str) -> ZoneTable {
    let mut table: Option<ZoneTable> = None;
    for line in ZONE_FIXTURE.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["zone", this, initial] => {
                if table.is_some() {
                    break;
                }
                if *this == name {
                    let zone = ZoneId::new(this).unwrap();
                    table = Some(ZoneTable::fixed(zone, initial.parse().unwrap()));
                }
            }
            [at, offset] => {
                if let Some(table) = &mut table {
                    let transition =
                        ZoneTransition { at: at.parse().unwrap(), offset_seconds: offset.parse().unwrap() };
                    table.transitions.push(transition);
                }
            }
            other => panic!("line of the zone fixture: {other:?}"),
        }
    }
    table.unwrap_or_else(|| panic!("{name} is not in the zone fixture"))
}

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap_or_else(|e| panic!("{text}: {e}")).to_utc()
}

pub fn span(from: &str, to: &str) -> Span {
    Span::new(at(from), at(to))
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

/// A FHIR `dateTime` as it is written.
pub fn when(text: &str) -> FhirDateTime {
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => FhirDateTime::Instant(instant),
        Err(_) => FhirDateTime::Date(date(text)),
    }
}

/// The local time of an instant, for people: `2026-11-23T08:00-05:00`.
pub fn shown(table: &ZoneTable, at: DateTime<Utc>) -> String {
    let offset = table.offset_at(at.timestamp());
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!("{}{sign}{:02}:{:02}", to_local(table, at).format("%Y-%m-%dT%H:%M"), minutes / 60, minutes % 60)
}

pub fn timing(fill: impl FnOnce(&mut Repeat)) -> Timing {
    let mut repeat = Repeat::default();
    fill(&mut repeat);
    Timing { event: Vec::new(), repeat: Some(repeat), code: None }
}

/// `frequency` times per `period`.
pub fn every(repeat: &mut Repeat, frequency: u32, period: u32, unit: PeriodUnit) {
    repeat.frequency = Some(frequency);
    repeat.period = Some(Decimal::from(period));
    repeat.period_unit = Some(unit);
}

pub fn lasting(repeat: &mut Repeat, value: u32, unit: PeriodUnit) {
    repeat.duration = Some(Decimal::from(value));
    repeat.duration_unit = Some(unit);
}

pub fn times(texts: &[&str]) -> Vec<NaiveTime> {
    texts.iter().map(|text| time(text)).collect()
}

pub fn from_to(start: &str, end: Option<&str>) -> homeline_model::Bounds {
    homeline_model::Bounds::Period { start: Some(when(start)), end: end.map(when) }
}

pub fn patient() -> PatientId {
    PatientId::new("rosa").unwrap()
}

pub fn order_id(text: &str) -> OrderId {
    OrderId::new(text).unwrap()
}

pub fn dosage(sequence: u32, timing: Timing) -> Dosage {
    Dosage {
        sequence,
        text: None,
        timing: Some(timing),
        as_needed: None,
        dose: Some(Quantity::new("1.25".parse().unwrap(), "g")),
        rate: None,
        rate_profile: None,
        max_dose: None,
        route: None,
        site: None,
        instructions: Vec::new(),
    }
}

pub fn order(id: &str, dosages: Vec<Dosage>) -> Order {
    Order {
        id: order_id(id),
        version: Some("1".into()),
        kind: OrderKind::Medication,
        status: OrderStatus::Active,
        title: format!("Title of {id}"),
        therapy: None,
        medication: None,
        dosages,
        volume: None,
        dosing_weight: None,
        delivery: DeliveryMethod::Elastomeric,
        delivery_device: None,
        access_device: None,
        time_policy: TimePolicy::WallClock,
        window: None,
        time_critical: false,
        minimum_interval_minutes: None,
        steps: Vec::new(),
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
        notes: Vec::new(),
    }
}

/// 08:00 and 20:00 every day, 90 minutes each.
pub fn twice_daily() -> Timing {
    timing(|r| {
        every(r, 2, 1, PeriodUnit::Day);
        r.time_of_day = times(&["08:00", "20:00"]);
        lasting(r, 90, PeriodUnit::Minute);
    })
}

pub fn plan(orders: Vec<Order>) -> CarePlan {
    CarePlan {
        title: "Plan".into(),
        patient: Patient {
            id: patient(),
            name: "Rosa".into(),
            birth_date: None,
            gender: None,
            language: None,
            allergies: Vec::new(),
        },
        home_zone: ZoneId::new("America/New_York").unwrap(),
        orders,
        access_devices: Vec::new(),
        delivery_devices: Vec::new(),
        visits: Vec::new(),
        deliveries: Vec::new(),
        care_team: Vec::new(),
        caregivers: Vec::new(),
        coverages: Vec::new(),
        contacts: Vec::new(),
        thresholds: Vec::new(),
        rules: Vec::new(),
        alarm_advice: Vec::new(),
        escalation: None,
        duties: Vec::new(),
        stays: Vec::new(),
        versions: Vec::new(),
        trends: Vec::new(),
        reply_times: Vec::new(),
        unreadable: Vec::new(),
        kept: Vec::new(),
    }
}

pub fn expander<'a>(
    patient: &'a PatientId,
    orders: &'a [Order],
    table: &'a ZoneTable,
    routine: &'a Routine,
) -> Expander<'a> {
    Expander { patient, orders, zones: Zones::at_home(table), routine, starts: &[], actual_starts: &[] }
}

pub fn author(role: AuthorRole, name: &str) -> Author {
    Author { role, person: None, name: name.into() }
}

/// A statement of `author` about an occurrence, recorded at `recorded`.
pub fn statement(
    number: u128,
    occurrence: OccurrenceId,
    author: Author,
    recorded: &str,
    status: AdministrationStatus,
    started: Option<&str>,
) -> Entry {
    let mut administration = Administration::new(status);
    administration.started_at = started.map(at);
    let source = if author.role == AuthorRole::Device { Source::Pump } else { Source::ByHand };
    entry(number, occurrence, author, source, recorded, EntryBody::Administration(administration))
}

pub fn entry(
    number: u128,
    occurrence: OccurrenceId,
    author: Author,
    source: Source,
    recorded: &str,
    body: EntryBody,
) -> Entry {
    let recorded_at = at(recorded);
    Entry {
        id: EntryId(Uuid::from_u128(number)),
        patient: patient(),
        author,
        source,
        times: EntryTimes {
            happened: Happened {
                at: recorded_at,
                zone: ZoneId::utc(),
                offset_seconds: 0,
                basis: TimeBasis::PhoneClock,
            },
            recorded_at,
            device_clock: None,
        },
        order: None,
        occurrence: Some(occurrence),
        infusion: None,
        amends: None,
        private: false,
        body,
    }
}
