//! The pump profile over the Generic Health Sensor service.

use super::{Adapter, AdapterMemory, Ask, Heard, Record, Request, Subscription, Tested, fingerprint};
use crate::profile::{self, Statement};
use crate::radio::{Characteristic, GENERIC_HEALTH_SENSOR};
use crate::wire::features::Features;
use crate::wire::observation::Observation;
use crate::wire::segment::{Reassembly, Segment};
use crate::wire::{WireError, control_point, record_access, timestamp};

/// A pump of `docs/pump-profile.md`.
#[derive(Debug, Default)]
pub struct HealthSensorAdapter {
    live: Reassembly,
    stored: Reassembly,
}

/// What a pump of the profile must have.
const REQUIRED: [Characteristic; 7] = [
    Characteristic::SERIAL_NUMBER,
    Characteristic::FEATURES,
    Characteristic::LIVE,
    Characteristic::STORED,
    Characteristic::RECORD_ACCESS,
    Characteristic::CONTROL_POINT,
    Characteristic::ELAPSED_TIME,
];

const fn indicate(characteristic: Characteristic) -> Subscription {
    Subscription { characteristic, indications: true, courtesy: false }
}

const SUBSCRIPTIONS: [Subscription; 5] = [
    indicate(Characteristic::STORED),
    indicate(Characteristic::RECORD_ACCESS),
    indicate(Characteristic::CONTROL_POINT),
    indicate(Characteristic::LIVE),
    // A clock that is set while we listen is told at once.
    Subscription { courtesy: true, ..indicate(Characteristic::ELAPSED_TIME) },
];

/// Only simulated pumps speak the profile today: the one of `tests/home`, and the one of `tests/bluetooth`, which a host
/// that is not ours serves.
const TESTED: [Tested; 2] = [
    Tested { model: "Simulated", from: "1.0", before: "2.0" },
    Tested { model: "Bench pump", from: "2.0", before: "3.0" },
];

impl Adapter for HealthSensorAdapter {
    fn service(&self) -> u16 {
        GENERIC_HEALTH_SENSOR
    }

    fn required(&self) -> &'static [Characteristic] {
        &REQUIRED
    }

    fn tested_with(&self) -> &'static [Tested] {
        &TESTED
    }

    fn features(&self) -> Characteristic {
        Characteristic::FEATURES
    }

    fn subscriptions(&self) -> &'static [Subscription] {
        &SUBSCRIPTIONS
    }

    fn records(&self) -> Characteristic {
        Characteristic::STORED
    }

    fn clock(&self) -> Option<Characteristic> {
        Some(Characteristic::ELAPSED_TIME)
    }

    fn present(&self) -> &'static [Characteristic] {
        // It names its alarms and says its values when live values are asked for.
        &[]
    }

    fn report_tells_its_number(&self) -> bool {
        true
    }

    fn connected(&mut self) {
        *self = Self::default();
    }

    fn memory(&self) -> AdapterMemory {
        AdapterMemory::default()
    }

    fn restore(&mut self, _memory: AdapterMemory) {}

    fn request(&mut self, ask: Ask) -> Option<Request> {
        let (characteristic, value): (_, &[u8]) = match ask {
            Ask::CountRecords { from } => (Characteristic::RECORD_ACCESS, &record_access::count_from(from)),
            Ask::ReportRecords { from } => (Characteristic::RECORD_ACCESS, &record_access::report_from(from)),
            Ask::AbortReport => (Characteristic::RECORD_ACCESS, &record_access::ABORT),
            Ask::StartLive => (Characteristic::CONTROL_POINT, &control_point::START_LIVE),
        };
        Some(Request { characteristic, value: value.to_vec() })
    }

    fn take(
        &mut self,
        characteristic: Characteristic,
        value: &[u8],
        tell: &mut dyn FnMut(Heard),
    ) -> Result<(), WireError> {
        match characteristic {
            Characteristic::LIVE => {
                let (body, lost) = segment(self.live.feed(value)?);
                let statement = body.map(|body| profile::statement(&Observation::live(body)?)).transpose()?;
                lost.then(|| tell(Heard::LiveLost));
                if let Some(statement) = statement {
                    // The delivery status is the last of what is told at the beginning.
                    let last = matches!(statement, Statement::Delivery(_));
                    tell(Heard::Live(statement));
                    last.then(|| tell(Heard::AlarmsNamed));
                }
            }
            Characteristic::STORED => {
                let (body, lost) = segment(self.stored.feed(value)?);
                let record = body.map(record).transpose()?.flatten();
                lost.then(|| tell(Heard::RecordLost));
                record.into_iter().for_each(|record| tell(Heard::Recorded(record)));
            }
            Characteristic::RECORD_ACCESS => tell(Heard::Answer(record_access::decode(value)?)),
            Characteristic::CONTROL_POINT => tell(Heard::LiveAnswer(control_point::decode(value)?)),
            Characteristic::ELAPSED_TIME => tell(Heard::Clock(timestamp::current_elapsed_time(value)?)),
            Characteristic::FEATURES => {
                let pump = Features::decode(value)?.is_infusion_pump();
                (!pump).then(|| tell(Heard::NotAPump));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The whole body, when there is one, and whether another was lost.
fn segment(segment: Segment<&[u8]>) -> (Option<&[u8]>, bool) {
    match segment {
        Segment::Whole(body) => (Some(body), false),
        Segment::WholeAfterLoss(body) => (Some(body), true),
        Segment::More => (None, false),
        Segment::MoreAfterLoss | Segment::Lost => (None, true),
    }
}

fn record(body: &[u8]) -> Result<Option<Record>, WireError> {
    let observation = Observation::stored(body)?;
    let (Some(number), Some(time)) = (observation.record, observation.time) else { return Ok(None) };
    Ok(Some(Record {
        number,
        reading: (!time.tick_counter).then(|| time.reading()),
        current_timeline: time.current_timeline,
        statement: profile::statement(&observation).ok(),
        fingerprint: fingerprint_of(body, &observation),
    }))
}

/// The flag "current timeline" in the stamp is left out: it changes in every record when the pump's clock is set, and the
/// record is the same.
fn fingerprint_of(body: &[u8], observation: &Observation<'_>) -> u64 {
    const CURRENT_TIMELINE: u8 = 1 << 5;
    // Record number, class, length, flags, and the type where there is one; then the stamp begins with its flags.
    let stamp = 9 + if observation.code.is_some() { 4 } else { 0 };
    let without_timeline = |(place, byte): (usize, &u8)| if place == stamp { byte & !CURRENT_TIMELINE } else { *byte };
    fingerprint(body.iter().enumerate().map(without_timeline))
}
