//! The pump profile over the Generic Health Sensor service.

use super::{Adapter, Ask, Heard, Record, Request};
use crate::profile;
use crate::radio::{Characteristic, GENERIC_HEALTH_SENSOR};
use crate::wire::observation::Observation;
use crate::wire::segment::{Reassembly, Segment};
use crate::wire::{WireError, control_point, record_access};

/// A pump of `docs/pump-profile.md`.
#[derive(Debug, Default)]
pub struct HealthSensorAdapter {
    live: Reassembly,
    stored: Reassembly,
}

/// What a pump of the profile must have.
pub(crate) const REQUIRED: [Characteristic; 7] = [
    Characteristic::SERIAL_NUMBER,
    Characteristic::FEATURES,
    Characteristic::LIVE,
    Characteristic::STORED,
    Characteristic::RECORD_ACCESS,
    Characteristic::CONTROL_POINT,
    Characteristic::ELAPSED_TIME,
];

impl Adapter for HealthSensorAdapter {
    fn service(&self) -> u16 {
        GENERIC_HEALTH_SENSOR
    }

    fn required(&self) -> &'static [Characteristic] {
        &REQUIRED
    }

    fn connected(&mut self) {
        *self = Self::default();
    }

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
                statement.into_iter().for_each(|statement| tell(Heard::Live(statement)));
            }
            Characteristic::STORED => {
                let (body, lost) = segment(self.stored.feed(value)?);
                let record = body.map(record).transpose()?.flatten();
                lost.then(|| tell(Heard::RecordLost));
                record.into_iter().for_each(|record| tell(Heard::Recorded(record)));
            }
            Characteristic::RECORD_ACCESS => tell(Heard::Answer(record_access::decode(value)?)),
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
        statement: profile::statement(&observation)?,
    }))
}
