//! Ten years of a journal, made from a seed: 94 % pump events, 3 % doses, 2 % symptoms and notes of about 0.9 KB, 1 % messages
//! of about 5 KB. That is a continuous infusion whose pump reports every few minutes.

use crate::error::BenchError;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    Administration, AdministrationStatus, AlarmKind, Author, AuthorRole, DeviceClock, Entry, EntryBody, EntryId,
    EntryTimes, Happened, Message, MessageDirection, OccurrenceId, OrderId, OrderRef, PatientId, PumpEvent,
    PumpEventKind, Quantity, Severity, SiteFinding, Source, Symptom, TimeBasis, Uuid, Vital, VitalKind, ZoneId,
};
use rust_decimal::Decimal;

/// When the journal ends: the present of a run.
pub(crate) fn present() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_438_800, 0).expect("2026-11-23T13:00:00Z is an instant")
}

/// How long the whole journal is.
pub(crate) const TEN_YEARS: TimeDelta = TimeDelta::days(3_652);

const WORDS: u64 = 20_000;
const SYMPTOMS: [&str; 6] = ["nausea", "headache", "chills", "fatigue", "itching", "dizziness"];

/// Word `rank` of the vocabulary, the most frequent first.
pub(crate) fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 28] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su", "ta", "ve", "wi",
        "xo", "yu", "za", "ble", "cri", "dro", "flu", "gra", "pre", "sti",
    ];
    let mut text = String::new();
    // Three syllables at least, so that few words are the beginning of another.
    let mut rest = rank + 784;
    while rest > 0 {
        let syllable = usize::try_from(rest % 28).unwrap_or_default();
        text.push_str(SYLLABLES[syllable]);
        rest /= 28;
    }
    text
}

/// What a patient measured in the last weeks, three times a day: what the trends of the plan look at.
pub(crate) fn readings() -> Result<Vec<Entry>, BenchError> {
    let mut maker = JournalMaker::new(present() - TimeDelta::days(28), 28 * 12, 28)?;
    let mut entries = maker.next(28 * 12);
    for (entry, number) in entries.iter_mut().zip(0_i64..) {
        entry.source = Source::ByHand;
        entry.times.device_clock = None;
        entry.body = match number % 4 {
            0 => vital(VitalKind::Temperature, Decimal::new(980 + number % 13, 1), "[degF]"),
            1 => vital(VitalKind::Pulse, Decimal::from(70 + number % 9), "/min"),
            2 => vital(VitalKind::Weight, Decimal::new(1_600 + number % 17, 1), "[lb_av]"),
            _ => EntryBody::SiteCheck {
                findings: vec![SiteFinding { finding: "redness".to_owned(), present: number % 5 == 0 }],
                photos: Vec::new(),
                length: None,
                site: None,
            },
        };
    }
    Ok(entries)
}

fn vital(vital: VitalKind, value: Decimal, unit: &str) -> EntryBody {
    EntryBody::Vital(Vital { vital, value: Quantity::new(value, unit) })
}

/// Makes entries one after the other, without end; those of the span asked for come first.
pub(crate) struct JournalMaker {
    seed: u64,
    random: fastrand::Rng,
    begin: DateTime<Utc>,
    spacing: TimeDelta,
    made: i32,
    patient: PatientId,
    order: OrderRef,
}

impl JournalMaker {
    /// `entries` of them fill the time from `begin` to [`present`].
    pub(crate) fn new(begin: DateTime<Utc>, entries: u32, seed: u64) -> Result<Self, BenchError> {
        let spacing = TimeDelta::milliseconds((present() - begin).num_milliseconds() / i64::from(entries));
        Ok(Self {
            seed,
            random: fastrand::Rng::with_seed(seed),
            begin,
            spacing,
            made: 0,
            patient: PatientId::new("vanc-patient")?,
            order: OrderRef { id: OrderId::new("vanc-order")?, version: Some("1".to_owned()) },
        })
    }

    /// The next `count` entries.
    pub(crate) fn next(&mut self, count: usize) -> Vec<Entry> {
        (0..count).map(|_| self.entry()).collect()
    }

    fn entry(&mut self) -> Entry {
        let jitter = self.random.i64(0..self.spacing.num_milliseconds().max(1));
        let at = self.begin + self.spacing * self.made + TimeDelta::milliseconds(jitter);
        self.made += 1;
        let lot = self.random.u32(0..100);
        let (role, name, source, body) = match lot {
            0..94 => (AuthorRole::Device, "Pump", Source::Pump, EntryBody::PumpEvent(self.pump_event())),
            94..97 => (AuthorRole::Patient, "Rosa", Source::ByHand, EntryBody::Administration(self.dose(at))),
            97 => (AuthorRole::Patient, "Rosa", Source::ByHand, self.symptom()),
            98 => (AuthorRole::Patient, "Rosa", Source::ByHand, EntryBody::Note { text: self.text(120) }),
            _ => (AuthorRole::CareTeam, "Nurse Kim", Source::CareTeam, self.message()),
        };
        let dose = (94..97).contains(&lot);
        Entry {
            id: self.id(at, &body),
            patient: self.patient.clone(),
            author: Author { role, person: None, name: name.to_owned() },
            source,
            times: EntryTimes {
                happened: Happened {
                    at,
                    zone: ZoneId::new("America/Chicago").unwrap_or_else(ZoneId::utc),
                    offset_seconds: -6 * 3600,
                    basis: TimeBasis::PhoneClock,
                },
                recorded_at: at + TimeDelta::seconds(2),
                device_clock: (lot < 94)
                    .then(|| DeviceClock { reading: at.naive_utc() - TimeDelta::hours(6), offset_ms: Some(-1_250) }),
            },
            order: (lot < 97).then(|| self.order.clone()),
            occurrence: dose.then(|| OccurrenceId(self.uuid())),
            infusion: None,
            amends: None,
            private: false,
            body,
        }
    }

    fn pump_event(&mut self) -> PumpEvent {
        let alarm = self.random.u32(0..200) == 0;
        let kind = if alarm {
            let text = "OCCLUSION DOWNSTREAM".to_owned();
            PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream, text }
        } else {
            PumpEventKind::Progress
        };
        PumpEvent {
            serial: "HL-000417".to_owned(),
            record: u32::try_from(self.made).ok(),
            epoch: 0,
            kind,
            volume_infused: Some(Quantity::new(Decimal::new(self.random.i64(0..2_500), 1), "mL")),
            rate: Some(Quantity::new(Decimal::new(125, 0), "mL/h")),
            samples: None,
        }
    }

    fn dose(&mut self, at: DateTime<Utc>) -> Administration {
        let status = match self.random.u32(0..20) {
            0 => AdministrationStatus::Skipped,
            1 => AdministrationStatus::Partial,
            _ => AdministrationStatus::Completed,
        };
        Administration {
            started_at: Some(at - TimeDelta::hours(2)),
            ended_at: Some(at),
            volume_given: Some(Quantity::new(Decimal::new(250, 0), "mL")),
            dose_ordered: Some(Quantity::new(Decimal::new(1_250, 0), "mg")),
            lot: Some(format!("L{:06}", self.random.u32(0..1_000_000))),
            site: Some("left upper arm".to_owned()),
            ..Administration::new(status)
        }
    }

    fn symptom(&mut self) -> EntryBody {
        EntryBody::Symptom(Symptom {
            symptom: SYMPTOMS[self.random.usize(0..SYMPTOMS.len())].to_owned(),
            present: true,
            severity: Some(Severity::Moderate),
            note: Some(self.text(120)),
        })
    }

    fn message(&mut self) -> EntryBody {
        EntryBody::Message(Message {
            direction: MessageDirection::FromTeam,
            with: "Nurse Kim".to_owned(),
            person: None,
            text: self.text(780),
            in_response_to: None,
            communication: None,
            acknowledges: Vec::new(),
            topic: None,
            urgent: false,
            attached: Vec::new(),
        })
    }

    /// Words with the long tail of a language: word of rank r comes about as often as 1/√r.
    fn text(&mut self, words: u32) -> String {
        let mut text = String::new();
        for _ in 0..words {
            let drawn = self.random.u64(0..WORDS);
            text.push_str(&word(drawn * drawn / WORDS));
            text.push(' ');
        }
        text
    }

    /// As the app names entries.
    fn id(&mut self, at: DateTime<Utc>, body: &EntryBody) -> EntryId {
        if let EntryBody::PumpEvent(event) = body
            && let Some(record) = event.record
        {
            let fact = format!("{}/{record}", self.seed);
            return EntryId::of_pump_record(&event.serial, event.epoch, record, &fact);
        }
        let milliseconds = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        let mut chance = [0; 10];
        self.random.fill(&mut chance);
        EntryId(uuid::Builder::from_unix_timestamp_millis(milliseconds, &chance).into_uuid())
    }

    fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.u128(..).to_le_bytes()).into_uuid()
    }
}
