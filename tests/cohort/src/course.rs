//! One patient's course as journal entries: what a person measures and writes in the morning and in the evening, what the
//! doses took, what the pump said. With the noise of homes: a day has its own rise and fall, readings are forgotten, days
//! are missing, thermometers differ, some type °F and lb, some slip.

use crate::complication::{Complication, Injected};
use crate::noise::Noise;
use crate::plans::{Lived, Plans};
use chrono::{DateTime, FixedOffset, TimeDelta};
use homeline_clinical::DoseSteps;
use homeline_model::{
    Administration, AdministrationStatus, AlarmKind, Author, AuthorRole, Entry, EntryBody, EntryId, EntryTimes,
    Happened, OccurrenceId, OrderRef, PatientId, PumpEvent, PumpEventKind, Quantity, Severity, SiteFinding, Source,
    Symptom, TimeBasis, Uuid, Vital, VitalKind, ZoneId,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

/// How long a course without a complication is, in days.
const DAYS: u32 = 28;
/// A course ends so long after its complication is overt, in hours.
const AFTER_OVERT: f64 = 24.0;
/// Steps on a checklist.
const STEPS: u32 = 16;
/// UTC−6, without a change of clocks.
const OFFSET: i32 = -6 * 3600;

/// One course.
#[derive(Debug, Clone)]
pub struct Course {
    /// Under which plan.
    pub lived: Lived,
    /// What was injected; `None` in an uncomplicated course.
    pub injected: Option<Injected>,
    /// The journal, in the order in which it was written.
    pub entries: Vec<Entry>,
    /// The steps of its doses.
    pub steps: Vec<DoseSteps>,
    /// Its start.
    pub start: DateTime<FixedOffset>,
    /// How long it is, in days.
    pub days: f64,
}

/// What a patient brings along.
struct Person {
    temperature: f64,
    pulse: f64,
    weight: f64,
    fahrenheit: bool,
    both_units: bool,
    pounds: bool,
    minutes: f64,
    complaint: f64,
    ticks: f64,
    gap: Option<(u32, u32)>,
}

impl Person {
    fn draw(lived: Lived, noise: &mut Noise) -> Self {
        let gap_from = noise.between(3.0, 20.0);
        let gap = noise.chance(0.2).then(|| (whole(gap_from), whole(gap_from + noise.between(2.0, 5.0))));
        let american = noise.chance(0.4);
        Self {
            temperature: noise.bell(36.6, 0.2),
            pulse: noise.bell(74.0, 9.0),
            weight: noise.bell(74.0, 13.0).clamp(42.0, 140.0),
            fahrenheit: american,
            both_units: noise.chance(0.05),
            pounds: american,
            minutes: match lived {
                Lived::Balloon => 90.0 * noise.bell(1.0, 0.06),
                Lived::Nutrition => 720.0 * noise.bell(1.0, 0.01),
            },
            complaint: noise.between(0.02, 0.25),
            ticks: if noise.chance(0.3) { 0.0 } else { noise.between(0.85, 1.0) },
            gap,
        }
    }
}

fn whole(number: f64) -> u32 {
    u32::from_f64(number.floor()).unwrap_or_default()
}

/// Course `number` of the cohort of `seed`.
pub fn course(plans: &Plans, seed: u64, number: u64, complication: Option<Complication>) -> Course {
    // The same numbers of other complications are other people.
    let kind = complication.map_or(0, |kind| 1 + u64::try_from(kind.name().len()).unwrap_or_default());
    let mut noise = Noise::new(seed ^ (kind << 40), number);
    let lived = match complication {
        Some(kind) => kind.lived(number),
        None if number.is_multiple_of(2) => Lived::Balloon,
        None => Lived::Nutrition,
    };
    let injected = complication.map(|kind| Injected::draw(kind, &mut noise));
    let person = Person::draw(lived, &mut noise);
    let plan = plans.plan(lived);
    let start = DateTime::from_timestamp(1_790_000_000 / 86_400 * 86_400, 0).unwrap_or_default();
    let offset = FixedOffset::east_opt(OFFSET).unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc));
    // Midnight at the place.
    let start = start.with_timezone(&offset) + TimeDelta::seconds(i64::from(-OFFSET));
    let end = injected.map_or(24.0 * f64::from(DAYS), |injected| injected.overt + AFTER_OVERT);
    let mut writer = Writer {
        noise,
        person,
        injected,
        order: plan.orders.first().map(homeline_model::Order::reference),
        patient: plan.patient.id.clone(),
        start,
        record: 0,
        entries: Vec::new(),
        steps: Vec::new(),
    };
    for day in 0..=whole(end / 24.0) {
        writer.day(day, lived);
    }
    writer.overt();
    let until = start + hours(end);
    let mut entries = writer.entries;
    entries.retain(|entry| entry.times.happened.at <= until);
    entries.sort_by_key(|entry| (entry.times.recorded_at, entry.id));
    Course { lived, injected, entries, steps: writer.steps, start, days: end / 24.0 }
}

/// A length of time.
pub fn hours(hours: f64) -> TimeDelta {
    TimeDelta::seconds(i64::from_f64((hours * 3600.0).round()).unwrap_or_default())
}

struct Writer {
    noise: Noise,
    person: Person,
    injected: Option<Injected>,
    order: Option<OrderRef>,
    patient: PatientId,
    start: DateTime<FixedOffset>,
    record: u32,
    entries: Vec<Entry>,
    steps: Vec<DoseSteps>,
}

impl Writer {
    fn effect(&self, of: fn(&Injected, f64) -> f64, hour: f64) -> f64 {
        self.injected.as_ref().map_or(0.0, |injected| of(injected, hour))
    }

    fn day(&mut self, day: u32, lived: Lived) {
        let midnight = 24.0 * f64::from(day);
        let gap = self.person.gap.is_some_and(|(from, to)| (from..to).contains(&day));
        // What makes one day warmer, faster or heavier than another.
        let (warm, fast, heavy) = (self.noise.bell(0.0, 0.08), self.noise.bell(0.0, 2.5), self.noise.bell(0.0, 0.3));
        let forgotten = gap || self.noise.chance(0.06);
        if !forgotten {
            let morning = midnight + self.noise.between(6.8, 8.6);
            self.measure(morning, warm, fast, heavy, lived);
            self.look_and_answer(morning + 0.2);
            if self.noise.chance(0.65) {
                let evening = midnight + self.noise.between(18.0, 21.5);
                self.temperature(evening, warm);
            }
        }
        let doses: &[f64] = match lived {
            Lived::Balloon => &[8.0, 20.0],
            Lived::Nutrition => &[20.0],
        };
        for dose in doses {
            let late = self.noise.between(-0.4, 0.8);
            self.dose(day, midnight + dose + late, forgotten, lived);
        }
    }

    fn measure(&mut self, hour: f64, warm: f64, fast: f64, heavy: f64, lived: Lived) {
        if self.noise.chance(0.85) {
            self.temperature(hour, warm);
        }
        if self.noise.chance(0.7) {
            let busy = if self.noise.chance(0.1) { self.noise.between(6.0, 25.0) } else { 0.0 };
            let pulse =
                self.person.pulse + fast + busy + self.effect(Injected::pulse, hour) + self.noise.bell(0.0, 2.5);
            self.vital(hour + 0.02, VitalKind::Pulse, pulse, 0, "/min");
        }
        let weighs = if lived == Lived::Nutrition { 0.85 } else { 0.3 };
        if self.noise.chance(weighs) {
            let clothes = if self.noise.chance(0.08) { self.noise.between(0.4, 1.2) } else { 0.0 };
            let mut weight = self.person.weight + heavy + clothes + self.effect(Injected::weight, hour);
            if self.noise.chance(0.004) {
                // Two digits in the wrong order.
                weight += 9.0;
            }
            let (value, unit) = if self.person.pounds { (weight / 0.453_592_37, "[lb_av]") } else { (weight, "kg") };
            self.vital(hour + 0.04, VitalKind::Weight, value, 1, unit);
        }
    }

    /// A body is coolest before dawn and half a degree warmer in the late afternoon (Mackowiak 1992).
    fn temperature(&mut self, hour: f64, warm: f64) {
        let clock = (hour % 24.0 - 17.0) / 24.0 * std::f64::consts::TAU;
        let mut celsius = self.person.temperature + 0.25 * clock.cos() + warm + self.noise.bell(0.0, 0.15);
        celsius += self.effect(Injected::temperature, hour);
        if self.noise.chance(0.004) {
            // A slip of the finger that is still a temperature.
            celsius += if self.noise.chance(0.5) { 1.0 } else { -1.0 };
        }
        let fahrenheit = self.person.fahrenheit ^ (self.person.both_units && self.noise.chance(0.5));
        if self.noise.chance(0.006) {
            // The number of one unit under the name of the other, as a device may send it.
            let wrong = if fahrenheit { (celsius, "[degF]") } else { (celsius * 1.8 + 32.0, "Cel") };
            self.vital(hour, VitalKind::Temperature, wrong.0, 1, wrong.1);
        } else if fahrenheit {
            self.vital(hour, VitalKind::Temperature, celsius * 1.8 + 32.0, 1, "[degF]");
        } else {
            self.vital(hour, VitalKind::Temperature, celsius, 1, "Cel");
        }
    }

    fn vital(&mut self, hour: f64, vital: VitalKind, value: f64, digits: u32, unit: &str) {
        let value = Decimal::from_f64(value).unwrap_or_default().round_dp(digits);
        self.write(hour, EntryBody::Vital(Vital { vital, value: Quantity::new(value, unit) }));
    }

    /// The look at the site, and the questions about the day.
    fn look_and_answer(&mut self, hour: f64) {
        let signs = self.effect(Injected::signs, hour);
        if self.noise.chance(0.8) {
            let findings = ["redness", "pain", "swelling", "hardness", "cord"]
                .into_iter()
                .zip(1_u32..)
                .map(|(finding, place)| {
                    let grown = signs >= f64::from(place) - 0.3;
                    // Now and then a site is a little red or sore, and now and then a sign is not seen.
                    let present = if grown { self.noise.chance(0.9) } else { self.noise.chance(0.008) };
                    SiteFinding { finding: finding.to_owned(), present }
                })
                .collect();
            self.write(hour, EntryBody::SiteCheck { findings, photos: Vec::new(), length: None, site: None });
        }
        if self.noise.chance(0.75) {
            let complaint = self.effect(Injected::complaint, hour);
            for (symptom, part) in [("tired", 0.45), ("nausea", 0.3), ("headache", 0.25)] {
                let points = complaint * part + self.noise.bell(0.0, 0.25);
                let severity = match points {
                    points if points >= 2.2 => Some(Severity::Severe),
                    points if points >= 1.3 => Some(Severity::Moderate),
                    points if points >= 0.5 => Some(Severity::Mild),
                    _ => self.noise.chance(self.person.complaint).then_some(Severity::Mild),
                };
                let present = severity.is_some();
                self.write(
                    hour + 0.05,
                    EntryBody::Symptom(Symptom { symptom: symptom.to_owned(), present, severity, note: None }),
                );
            }
        }
    }

    fn dose(&mut self, day: u32, hour: f64, forgotten: bool, lived: Lived) {
        let slower = 1.0 + self.effect(Injected::slower, hour);
        let spread = if lived == Lived::Balloon { 0.05 } else { 0.008 };
        // A pump that is blocked stops and starts; a balloon only gets slower.
        let of_line = if lived == Lived::Balloon { slower } else { 1.0 + 0.1 * (slower - 1.0) };
        let minutes = self.person.minutes * of_line * self.noise.bell(1.0, spread);
        let end = hour + minutes / 60.0;
        if lived == Lived::Nutrition {
            self.pump(hour, PumpEventKind::Started);
            let alarms = self.noise.count(0.06 + self.effect(Injected::alarms, hour));
            for _ in 0..alarms {
                let at = self.noise.between(hour, end);
                let alarm = AlarmKind::OcclusionDownstream;
                self.pump(at, PumpEventKind::AlarmRaised { alarm: alarm.clone(), text: String::new() });
                self.pump(at + 0.05, PumpEventKind::AlarmCleared { alarm });
            }
            self.pump(end, PumpEventKind::Completed);
        }
        if forgotten && self.noise.chance(0.5) || self.noise.chance(0.04) {
            return;
        }
        let mut administration = Administration::new(AdministrationStatus::Completed);
        administration.started_at = Some((self.start + hours(hour)).to_utc());
        administration.ended_at = Some((self.start + hours(end)).to_utc());
        let occurrence = OccurrenceId(Uuid::from_u128(self.noise.id()));
        self.write(end, EntryBody::Administration(administration));
        if let Some(entry) = self.entries.last_mut() {
            entry.order.clone_from(&self.order);
            entry.occurrence = Some(occurrence);
        }
        let at = self.start + hours(hour);
        let ticks = self.person.ticks;
        let done = (0..STEPS).filter(|_| self.noise.chance(ticks)).count();
        let day = self.start.date_naive() + TimeDelta::days(i64::from(day));
        let done = u32::try_from(done).unwrap_or(STEPS);
        self.steps.push(DoseSteps { day, at: at.to_utc(), steps: STEPS, done });
    }

    fn pump(&mut self, hour: f64, kind: PumpEventKind) {
        self.record += 1;
        let record = Some(self.record);
        let event = PumpEvent {
            serial: "HL-000417".to_owned(),
            record,
            epoch: 0,
            kind,
            volume_infused: None,
            rate: None,
            samples: None,
        };
        self.write(hour, EntryBody::PumpEvent(event));
    }

    /// Nobody overlooks it any more: it is felt, measured and written down, whatever else was forgotten.
    fn overt(&mut self) {
        let Some(injected) = self.injected else { return };
        let symptom = injected.overt_symptom().to_owned();
        let severity = Some(Severity::Moderate);
        self.write(injected.overt, EntryBody::Symptom(Symptom { symptom, present: true, severity, note: None }));
        if injected.kind == Complication::LineInfection {
            self.temperature(injected.overt + 0.05, 0.0);
        }
    }

    fn write(&mut self, hour: f64, body: EntryBody) {
        let at = (self.start + hours(hour)).to_utc();
        let id = EntryId(Uuid::from_u128(self.noise.id()));
        self.entries.push(Entry {
            id,
            patient: self.patient.clone(),
            author: Author { role: AuthorRole::Patient, person: None, name: "Simulated".to_owned() },
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
        });
    }
}
