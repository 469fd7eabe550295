//! The Insulin Delivery Service as a second protocol behind the same port.
//!
//! It tells delivery, annunciations as alarms, and the numbered history. Its amounts are insulin's, in international units:
//! they stay in the decoded values ([`crate::wire::insulin`]), for a ledger of millilitres has no place for them, and a
//! conversion by the concentration that somebody set at the pump would be an amount that nobody sent.
//!
//! It indicates what changed and keeps the bits of it set until they are reset. That would be a write, so we do not: its
//! status is read every half minute instead. Its clock is told by records alone, so no record is corrected by an offset.

use super::two_parts::{self, FirstPart};
use super::{Adapter, AdapterMemory, Ask, Heard, Record, Request, Subscription, Tested, fingerprint};
use crate::profile::{AlarmPriority, AlarmStatement, Counters, Delivery, DeliveryEvent, Statement};
use crate::radio::Characteristic;
use crate::wire::crc::Checksum;
use crate::wire::insulin::annunciation::{Annunciation, AnnunciationState, kind};
use crate::wire::insulin::features::Features;
use crate::wire::insulin::history::{self, HistoryEvent, HistoryRecord, ReferenceReason};
use crate::wire::insulin::protection::{Counter, Follows, Protection};
use crate::wire::insulin::record_access;
use crate::wire::insulin::status::{Changed, Operation, Status, Therapy};
use crate::wire::insulin::{ANNUNCIATION, FEATURES, HISTORY, RECORD_ACCESS, SERVICE, STATUS, STATUS_CHANGED};
use crate::wire::{Reader, WireError};
use chrono::TimeDelta;
use homeline_model::AlarmKind;

/// A pump of the Insulin Delivery Service.
#[derive(Debug, Default)]
pub struct InsulinAdapter {
    protection: Protection,
    /// Counters of what comes, one for each characteristic that [`Adapter::take`] opens; 0 is a free place.
    counters: [(u16, Counter); 4],
    /// Counter of what goes to the record access control point.
    requests: Counter,
    learnt: AdapterMemory,
}

const REQUIRED: [Characteristic; 6] =
    [Characteristic::SERIAL_NUMBER, FEATURES, STATUS, ANNUNCIATION, RECORD_ACCESS, HISTORY];

const fn listen(characteristic: Characteristic, indications: bool, courtesy: bool) -> Subscription {
    Subscription { characteristic, indications, courtesy }
}

const SUBSCRIPTIONS: [Subscription; 5] = [
    listen(HISTORY, false, false),
    listen(RECORD_ACCESS, true, false),
    listen(STATUS, true, false),
    listen(ANNUNCIATION, true, false),
    listen(STATUS_CHANGED, true, true),
];

const PRESENT: [Characteristic; 2] = [STATUS, ANNUNCIATION];

impl InsulinAdapter {
    /// For a model that sends another checksum than the standard's, or a placeholder where there is no protection.
    pub fn with_quirks(checksum: Checksum, placeholder: bool) -> Self {
        Self { protection: Protection { on: false, checksum, placeholder }, ..Self::default() }
    }

    /// Opens a value, and tells how it follows on the last one of its characteristic. One that is refused has used up a
    /// counter all the same.
    fn open<'a>(&mut self, characteristic: Characteristic, value: &'a [u8]) -> Result<(&'a [u8], Follows), WireError> {
        let opened = self.protection.open(value);
        let known = self.counters.iter_mut().find(|(known, _)| [0, characteristic.0].contains(known));
        let follows = match (known, &opened) {
            (Some((place, last)), Ok((_, Some(counter)))) => {
                *place = characteristic.0;
                last.see(*counter)
            }
            (Some((_, last)), Err(_)) => {
                last.skip();
                Follows::Next
            }
            (_, Ok(_)) | (None, Err(_)) => Follows::Next,
        };
        opened.map(|(body, _)| (body, follows))
    }

    fn record(&mut self, value: &[u8]) -> Result<Record, WireError> {
        let HistoryRecord { sequence, relative_offset, kind, event, data } =
            HistoryRecord::decode(value, self.protection)?;
        if let HistoryEvent::ReferenceTime { reason, at } = event {
            self.learnt.old_timeline = reason == ReferenceReason::TimeLost;
            self.learnt.reference = at;
        }
        let first = two_parts::join(&mut self.learnt.first_part, sequence, kind, relative_offset, data);
        let since = TimeDelta::seconds(i64::from(relative_offset));
        // Of an event that is not known, a counter may be left in its data, and is another every time.
        let known = if matches!(event, HistoryEvent::Other { .. }) { &[] } else { data };
        let head = sequence.to_le_bytes().into_iter().chain(kind.to_le_bytes()).chain(relative_offset.to_le_bytes());
        Ok(Record {
            number: sequence,
            reading: self.learnt.reference.and_then(|reference| reference.checked_add_signed(since)),
            current_timeline: !self.learnt.old_timeline,
            statement: Some(match first {
                Some(first) => whole(&first, &event),
                None => statement(&event),
            }),
            fingerprint: fingerprint(head.chain(known.iter().copied())),
        })
    }
}

impl Adapter for InsulinAdapter {
    fn service(&self) -> u16 {
        SERVICE
    }

    fn required(&self) -> &'static [Characteristic] {
        &REQUIRED
    }

    fn tested_with(&self) -> &'static [Tested] {
        // No insulin pump was ever connected.
        &[]
    }

    fn features(&self) -> Characteristic {
        FEATURES
    }

    fn subscriptions(&self) -> &'static [Subscription] {
        &SUBSCRIPTIONS
    }

    fn records(&self) -> Characteristic {
        HISTORY
    }

    fn clock(&self) -> Option<Characteristic> {
        None
    }

    fn present(&self) -> &'static [Characteristic] {
        &PRESENT
    }

    fn report_tells_its_number(&self) -> bool {
        false
    }

    fn connected(&mut self) {
        self.counters = Default::default();
        self.requests = Counter::default();
    }

    fn memory(&self) -> AdapterMemory {
        self.learnt.clone()
    }

    fn restore(&mut self, memory: AdapterMemory) {
        self.learnt = memory;
    }

    fn request(&mut self, ask: Ask) -> Option<Request> {
        let request: &[u8] = match ask {
            Ask::CountRecords { from } => &record_access::count_from(from),
            Ask::ReportRecords { from } => &record_access::report_from(from),
            Ask::AbortReport => &record_access::ABORT,
            // It indicates what changes to whoever subscribed.
            Ask::StartLive => return None,
        };
        let value = self.protection.seal(request, &mut self.requests);
        Some(Request { characteristic: RECORD_ACCESS, value })
    }

    fn take(
        &mut self,
        characteristic: Characteristic,
        value: &[u8],
        tell: &mut dyn FnMut(Heard),
    ) -> Result<(), WireError> {
        if characteristic == FEATURES {
            self.protection.on = Features::decode(value, self.protection.checksum)?.protected();
        } else if characteristic == HISTORY {
            tell(Heard::Recorded(self.record(value)?));
        } else if [STATUS, STATUS_CHANGED, ANNUNCIATION, RECORD_ACCESS].contains(&characteristic) {
            let (body, follows) = self.open(characteristic, value)?;
            match follows {
                Follows::Next => {}
                Follows::Repeated => return Ok(()),
                // Values were lost, or the two sides count differently: a new connection begins both anew.
                Follows::Jumped => {
                    tell(Heard::OutOfStep);
                    return Ok(());
                }
            }
            match characteristic {
                STATUS => tell(Heard::Live(delivery(&Status::decode(body)?))),
                STATUS_CHANGED => {
                    let changed = Changed::decode(body)?;
                    changed.status().then(|| tell(Heard::ReadAgain(STATUS)));
                    changed.annunciation().then(|| tell(Heard::ReadAgain(ANNUNCIATION)));
                    changed.history().then(|| tell(Heard::RecordGrew));
                }
                ANNUNCIATION => {
                    tell(match Annunciation::decode(body)? {
                        Some(annunciation) => Heard::Live(alarm(&annunciation, String::new())),
                        None => Heard::NoAlarm,
                    });
                }
                _ => tell(Heard::Answer(record_access::decode(body)?)),
            }
        }
        Ok(())
    }
}

fn delivery(status: &Status) -> Statement {
    match (status.therapy, status.operation) {
        (Therapy::Undetermined, _) | (Therapy::Running, Operation::Undetermined) => Statement::Other(None),
        (Therapy::Running, Operation::Ready) => Statement::Delivery(Delivery::Delivering),
        (Therapy::Running | Therapy::Stopped | Therapy::Paused, _) => Statement::Delivery(Delivery::NotDelivering),
    }
}

fn statement(event: &HistoryEvent<'_>) -> Statement {
    match event {
        HistoryEvent::TherapyChanged { to: Therapy::Running, .. } => {
            Statement::Event(DeliveryEvent::Started, Counters::default())
        }
        HistoryEvent::TherapyChanged { to: Therapy::Stopped | Therapy::Paused, .. } => {
            Statement::Event(DeliveryEvent::Stopped, Counters::default())
        }
        HistoryEvent::Annunciation { annunciation, auxiliary } => alarm(annunciation, words(auxiliary.iter())),
        HistoryEvent::Other { kind, .. } => Statement::Other(Some(u32::from(*kind))),
        HistoryEvent::TherapyChanged { to: Therapy::Undetermined, .. }
        | HistoryEvent::ReferenceTime { .. }
        | HistoryEvent::AnnunciationMore { .. }
        | HistoryEvent::OperationChanged { .. }
        | HistoryEvent::ReservoirRemaining(_)
        | HistoryEvent::BasalRateChanged { .. }
        | HistoryEvent::DailyTotals { .. } => Statement::Other(None),
    }
}

/// A record in two parts, whole. The alarm was told with the first, for an alarm does not wait for a part that may not come; told
/// again with all of its auxiliary information it is the same one. Its end is not told twice.
fn whole(first: &FirstPart, second: &HistoryEvent<'_>) -> Statement {
    let begin = match history::event(first.kind, &mut Reader::new(&first.data)).ok() {
        Some(HistoryEvent::Annunciation { annunciation, auxiliary }) if annunciation.active() => {
            Some((annunciation, auxiliary))
        }
        _ => None,
    };
    match (begin, second) {
        (Some((annunciation, auxiliary)), HistoryEvent::AnnunciationMore { auxiliary: more }) => {
            alarm(&annunciation, words(auxiliary.iter().chain(more.iter())))
        }
        _ => statement(second),
    }
}

/// Auxiliary information as the pump sends it: numbers whose meaning is the maker's.
fn words<'a>(auxiliary: impl Iterator<Item = &'a [u8; 2]>) -> String {
    let numbers: Vec<String> = auxiliary.map(|number| u16::from_le_bytes(*number).to_string()).collect();
    if numbers.is_empty() { String::new() } else { format!("auxiliary information {}", numbers.join(", ")) }
}

/// The service has no priority for an annunciation, and no words of the pump.
fn alarm(annunciation: &Annunciation, text: String) -> Statement {
    let alarm = AlarmStatement {
        code: u32::from(annunciation.kind),
        instance: Some(annunciation.instance),
        kind: alarm_kind(annunciation.kind),
        active: annunciation.active(),
        sound_paused: annunciation.state == Some(AnnunciationState::Snoozed),
        priority: AlarmPriority::Unknown,
        text,
    };
    Statement::Alarm(alarm, Counters::default())
}

fn alarm_kind(code: u16) -> AlarmKind {
    match code {
        // The set between pump and skin is all the line there is.
        kind::OCCLUSION => AlarmKind::OcclusionDownstream,
        kind::RESERVOIR_EMPTY => AlarmKind::ReservoirEmpty,
        kind::RESERVOIR_LOW => AlarmKind::ReservoirLow,
        kind::BATTERY_EMPTY => AlarmKind::BatteryDepleted,
        kind::BATTERY_LOW => AlarmKind::BatteryLow,
        kind::SYSTEM | kind::MECHANICAL => AlarmKind::SystemFault,
        other => AlarmKind::Unknown(u32::from(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: Protection = Protection { on: true, checksum: Checksum::Mcrf4xx, placeholder: false };
    const RUNNING: [u8; 5] = [0x55, 0x96, 0xD2, 0xF4, 1];

    fn protected() -> InsulinAdapter {
        let covered = [1, 100, 0, 0b11, 0, 0];
        let value = [Checksum::Mcrf4xx.of(&covered).to_le_bytes().as_slice(), &covered].concat();
        let mut adapter = InsulinAdapter::default();
        adapter.take(FEATURES, &value, &mut |_| {}).unwrap();
        adapter
    }

    fn hear(
        adapter: &mut InsulinAdapter,
        characteristic: Characteristic,
        value: &[u8],
    ) -> Result<Vec<Heard>, WireError> {
        let mut told = Vec::new();
        adapter.take(characteristic, value, &mut |heard| told.push(heard)).map(|()| told)
    }

    #[test]
    fn with_protection_on_an_unprotected_value_is_refused_and_a_repeated_one_is_dropped() {
        let mut adapter = protected();
        assert!(hear(&mut adapter, STATUS, &RUNNING).is_err());
        let mut counter = Counter::default();
        let [first, second, _, fourth] = [(); 4].map(|()| ON.seal(&RUNNING, &mut counter));
        let delivers = vec![Heard::Live(Statement::Delivery(Delivery::Delivering))];
        assert_eq!(hear(&mut adapter, STATUS, &first), Ok(delivers.clone()));
        assert_eq!(hear(&mut adapter, STATUS, &first), Ok(vec![]), "a repeat");
        assert_eq!(hear(&mut adapter, STATUS, &second), Ok(delivers.clone()));
        assert_eq!(hear(&mut adapter, STATUS, &fourth), Ok(vec![Heard::OutOfStep]), "a jump");
        adapter.connected();
        assert_eq!(hear(&mut adapter, STATUS, &first), Ok(delivers), "counters begin anew");
    }

    #[test]
    fn requests_carry_a_counter_and_a_checksum_where_values_do() {
        let mut adapter = protected();
        for counter in [1, 2] {
            let request = adapter.request(Ask::CountRecords { from: 7 }).unwrap();
            let expected = [0x5A, 0x55, 0x0F, 7, 0, 0, 0].as_slice();
            assert_eq!(ON.open(&request.value), Ok((expected, Some(counter))));
        }
        assert_eq!(adapter.request(Ask::StartLive), None);
    }

    #[test]
    fn a_lost_clock_makes_later_records_undated_until_the_next_reference() {
        let mut adapter = InsulinAdapter::default();
        let mut record = |kind: u16, data: &[u8]| {
            let value = [kind.to_le_bytes().as_slice(), &[1, 0, 0, 0, 60, 0], data].concat();
            match hear(&mut adapter, HISTORY, &value).unwrap().remove(0) {
                Heard::Recorded(record) => (record.reading.map(|at| at.to_string()), record.current_timeline),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(record(0x0303, &[0x33, 0x55]), (None, true));
        record(0x000F, &[0x33, 0xEA, 7, 11, 23, 8, 0, 0, 0, 0]);
        assert_eq!(record(0x0303, &[0x33, 0x55]), (Some("2026-11-23 08:01:00".to_owned()), true));
        record(0x000F, &[0x55, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(record(0x0303, &[0x33, 0x55]), (None, false));
    }

    #[test]
    fn what_changed_says_what_to_read() {
        let told = hear(&mut InsulinAdapter::default(), STATUS_CHANGED, &[0b1000_1001, 0]).unwrap();
        assert_eq!(told, [Heard::ReadAgain(STATUS), Heard::ReadAgain(ANNUNCIATION), Heard::RecordGrew]);
    }

    #[test]
    fn a_kind_of_annunciation_that_nobody_defined_is_an_unknown_alarm_with_its_number() {
        let told = hear(&mut InsulinAdapter::default(), ANNUNCIATION, &[1, 7, 0, 0x01, 0xF0, 0x33]).unwrap();
        let [Heard::Live(Statement::Alarm(alarm, _))] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((alarm.code, &alarm.kind, alarm.active), (0xF001, &AlarmKind::Unknown(0xF001), true));
    }

    #[test]
    fn a_pump_that_prepares_or_cannot_say_does_not_count_as_delivering() {
        let says = |therapy, operation| delivery(&Status::decode(&[therapy, operation, 0, 0, 1]).unwrap());
        assert_eq!(says(0x55, 0x96), Statement::Delivery(Delivery::Delivering));
        for (therapy, operation) in [(0x55, 0x5A), (0x33, 0x96), (0x3C, 0x96), (0x55, 0x33)] {
            assert_eq!(says(therapy, operation), Statement::Delivery(Delivery::NotDelivering));
        }
        for (therapy, operation) in [(0x0F, 0x96), (0x55, 0x0F)] {
            assert_eq!(says(therapy, operation), Statement::Other(None));
        }
    }
}
