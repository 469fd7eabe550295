//! A whole session with a pump of another protocol: the Insulin Delivery Service behind the same port, protected end to end.
//! The pump here is a script of the service's tables; it checks the counters and checksums of what it is asked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use chrono::{DateTime, Duration, Utc};
use homeline_model::{AlarmKind, PumpEventKind, PumpProtocol, TimeBasis};
use homeline_pump::wire::crc::Checksum;
use homeline_pump::wire::insulin::protection::{Counter, Protection};
use homeline_pump::wire::insulin::{ANNUNCIATION, FEATURES, HISTORY, RECORD_ACCESS, SERVICE, STATUS, STATUS_CHANGED};
use homeline_pump::{
    AllowedPump, AttError, Characteristic, Delivery, LinkSecurity, LinkState, Now, PumpFact, PumpSession, RadioCommand,
    RadioEvent, Refusal, SessionMemory, adapter,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const SERIAL: &str = "IDS-7";
const ON: Protection = Protection { on: true, checksum: Checksum::Mcrf4xx, placeholder: false };
const RUNNING: [u8; 5] = [0x55, 0x96, 0xD2, 0xF4, 1];
const OCCLUSION: [u8; 6] = [1, 7, 0, 0x3C, 0, 0x33];
const NOTHING: [u8; 1] = [0];

/// What is wrong with the next value of a characteristic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    FlippedBit,
    SkippedCounter,
}

struct Pump {
    /// Type, seconds since the last reference time, data; the number is the place, from 1 on.
    history: Vec<(u16, u16, Vec<u8>)>,
    status: [u8; 5],
    annunciation: Vec<u8>,
    counters: BTreeMap<u16, Counter>,
    asked: Counter,
    harm: VecDeque<(Characteristic, Harm)>,
    /// Records that are lost on their way, once.
    lost: Vec<u32>,
    /// The link ends after this record, once.
    cut_after: Option<u32>,
    security: LinkSecurity,
}

impl Pump {
    fn new() -> Self {
        Self {
            history: Vec::new(),
            status: RUNNING,
            annunciation: NOTHING.to_vec(),
            counters: BTreeMap::new(),
            asked: Counter::default(),
            harm: VecDeque::new(),
            lost: Vec::new(),
            cut_after: None,
            security: LinkSecurity::Authenticated,
        }
    }

    fn happens(&mut self, kind: u16, seconds: u16, data: &[u8]) {
        self.history.push((kind, seconds, data.to_vec()));
    }

    fn seal(&mut self, characteristic: Characteristic, body: &[u8]) -> Vec<u8> {
        let counter = self.counters.entry(characteristic.0).or_default();
        let harm = self.harm.iter().position(|(harmed, _)| *harmed == characteristic);
        let harm = harm.and_then(|place| self.harm.remove(place)).map(|(_, harm)| harm);
        if harm == Some(Harm::SkippedCounter) {
            ON.seal(body, counter);
        }
        let mut value = ON.seal(body, counter);
        if harm == Some(Harm::FlippedBit) {
            value[0] ^= 4;
        }
        value
    }

    fn say(&mut self, characteristic: Characteristic, body: &[u8]) -> RadioEvent {
        RadioEvent::Value { characteristic, value: self.seal(characteristic, body) }
    }

    fn record(&self, number: u32) -> Vec<u8> {
        let (kind, seconds, data) = &self.history[usize::try_from(number - 1).unwrap()];
        let mut body = [kind.to_le_bytes().as_slice(), &number.to_le_bytes(), &seconds.to_le_bytes(), data].concat();
        body.extend(Checksum::Mcrf4xx.of(&body).to_le_bytes());
        body
    }

    fn read(&mut self, characteristic: Characteristic) -> RadioEvent {
        let value = match characteristic {
            Characteristic::SERIAL_NUMBER => SERIAL.into(),
            Characteristic::MODEL_NUMBER => b"Pen".to_vec(),
            Characteristic::FIRMWARE_REVISION => b"4.2".to_vec(),
            FEATURES => {
                let covered = [1, 100, 0, 0b11, 0, 0];
                [Checksum::Mcrf4xx.of(&covered).to_le_bytes().as_slice(), &covered].concat()
            }
            STATUS => self.seal(STATUS, &self.status.clone()),
            ANNUNCIATION => self.seal(ANNUNCIATION, &self.annunciation.clone()),
            other => panic!("{other:?} was read"),
        };
        RadioEvent::Read { characteristic, result: Ok(value) }
    }

    fn asked(&mut self, characteristic: Characteristic, value: &[u8]) -> Vec<RadioEvent> {
        assert_eq!(characteristic, RECORD_ACCESS, "nothing else is written");
        let (body, counter) = ON.open(value).expect("a request with its checksum");
        let mut expected = self.asked;
        assert_eq!(Some(ON.seal(body, &mut expected)), counter.map(|_| value.to_vec()), "the counter goes on by one");
        self.asked = expected;
        let written = RadioEvent::Written { characteristic, result: Ok(()) };
        let [opcode, 0x55, 0x0F, from @ ..] = body else { panic!("{body:?}") };
        let from = u32::from_le_bytes(from.try_into().unwrap()).max(1);
        let last = u32::try_from(self.history.len()).unwrap();
        let mut events = vec![written];
        match opcode {
            0x5A => {
                let count = (last + 1).saturating_sub(from);
                events.push(self.say(RECORD_ACCESS, &[&[0x66, 0x0F], count.to_le_bytes().as_slice()].concat()));
            }
            0x33 if from > last => events.push(self.say(RECORD_ACCESS, &[0x0F, 0x0F, 0x33, 6])),
            0x33 => {
                for number in from..=last {
                    if let Some(place) = self.lost.iter().position(|lost| *lost == number) {
                        self.lost.remove(place);
                        continue;
                    }
                    events.push(RadioEvent::Value { characteristic: HISTORY, value: self.record(number) });
                    if self.cut_after == Some(number) {
                        self.cut_after = None;
                        events.push(RadioEvent::Disconnected { reason: 8 });
                        return events;
                    }
                }
                events.push(self.say(RECORD_ACCESS, &[0x0F, 0x0F, 0x33, 0xF0]));
            }
            other => panic!("opcode {other:02X}"),
        }
        events
    }

    fn answer(&mut self, command: RadioCommand) -> Vec<RadioEvent> {
        let served = [STATUS_CHANGED, STATUS, ANNUNCIATION, FEATURES, RECORD_ACCESS, HISTORY];
        let about = [Characteristic::SERIAL_NUMBER, Characteristic::MODEL_NUMBER, Characteristic::FIRMWARE_REVISION];
        vec![match command {
            RadioCommand::Scan { service } => {
                assert_eq!(service, SERVICE);
                RadioEvent::Found { peripheral: "p".into() }
            }
            RadioCommand::Connect { .. } => {
                (self.counters, self.asked) = (BTreeMap::new(), Counter::default());
                RadioEvent::Connected { mtu: 23 }
            }
            RadioCommand::Secure => RadioEvent::Security(self.security),
            RadioCommand::RequestMtu { .. } => RadioEvent::MtuChanged { mtu: 23 },
            RadioCommand::Discover => {
                RadioEvent::Discovered { characteristics: [about.to_vec(), served.into()].concat() }
            }
            RadioCommand::Read { characteristic } => self.read(characteristic),
            RadioCommand::Subscribe { characteristic, .. } => RadioEvent::Subscribed { characteristic, result: Ok(()) },
            RadioCommand::Write(write) => return self.asked(write.characteristic(), write.value()),
            RadioCommand::StopScan => return vec![],
            RadioCommand::Disconnect => RadioEvent::Disconnected { reason: 0x16 },
        }]
    }
}

/// Phone and pump in one room.
struct Room {
    pump: Pump,
    session: PumpSession,
    facts: Vec<PumpFact>,
    memory: SessionMemory,
    milliseconds: i64,
}

impl Room {
    fn new(pump: Pump) -> Self {
        Self {
            pump,
            session: session(SessionMemory::default()),
            facts: vec![],
            memory: SessionMemory::default(),
            milliseconds: 0,
        }
    }

    fn now(&self) -> Now {
        let start: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
        Now {
            wall: start + Duration::milliseconds(self.milliseconds),
            monotonic_ms: 1_000_000 + u64::try_from(self.milliseconds).unwrap(),
        }
    }

    fn enrol(&mut self) {
        let output = self.session.enrol(self.now());
        self.play(output.commands);
    }

    /// Answers until nothing is asked any more.
    fn play(&mut self, commands: Vec<RadioCommand>) {
        let mut waiting: VecDeque<RadioEvent> = commands.into_iter().flat_map(|one| self.pump.answer(one)).collect();
        while let Some(event) = waiting.pop_front() {
            self.milliseconds += 1;
            let disconnected = matches!(event, RadioEvent::Disconnected { .. });
            let output = self.session.handle(event, self.now());
            self.facts.extend(output.facts);
            self.memory = output.memory.unwrap_or_else(|| self.memory.clone());
            if disconnected {
                waiting.clear();
            }
            waiting.extend(output.commands.into_iter().flat_map(|one| self.pump.answer(one)));
        }
    }

    fn hear(&mut self, event: RadioEvent) {
        let output = self.session.handle(event, self.now());
        self.facts.extend(output.facts);
        self.memory = output.memory.unwrap_or_else(|| self.memory.clone());
        self.play(output.commands);
    }

    /// Time passes until the session wants to be woken, so often.
    fn wake(&mut self, times: usize) {
        for _ in 0..times {
            let at = self.session.wake_at().expect("something is waited for");
            self.milliseconds = i64::try_from(at - 1_000_000).unwrap();
            self.hear(RadioEvent::Tick);
        }
    }

    /// The process ends, and another goes on from what was kept.
    fn restart(&mut self) {
        let kept = serde_json::to_string(&self.memory).unwrap();
        self.session = session(serde_json::from_str(&kept).unwrap());
        let output = self.session.start(self.now());
        self.facts.extend(output.facts);
        self.play(output.commands);
    }

    fn state(&self) -> LinkState {
        self.session.status(self.now()).state
    }

    fn story(&self) -> Vec<(u32, String)> {
        let word = |fact: &PumpFact| match &fact.event.kind {
            PumpEventKind::Started => "started".to_owned(),
            PumpEventKind::Stopped => "stopped".to_owned(),
            PumpEventKind::AlarmRaised { alarm, text } => format!("{alarm:?} on {text}"),
            PumpEventKind::AlarmCleared { alarm } => format!("{alarm:?} off"),
            other => format!("{other:?}"),
        };
        let at = |fact: &PumpFact| fact.happened.format(" %H:%M").to_string();
        let recorded = self.facts.iter().filter_map(|fact| Some((fact.event.record?, word(fact) + &at(fact))));
        let mut story: Vec<_> = recorded.collect();
        story.sort();
        story.dedup();
        story
    }
}

fn session(memory: SessionMemory) -> PumpSession {
    let allowed = AllowedPump { serial: SERIAL.into() };
    PumpSession::with_adapter(allowed, memory, 3, adapter::of(PumpProtocol::InsulinDelivery))
}

/// 08:00 is told, then a start, an occlusion in two records, a stop.
fn a_morning(pump: &mut Pump) {
    pump.happens(0x000F, 0, &[0x33, 0xEA, 7, 11, 23, 8, 0, 0, 0, 0]);
    pump.happens(0x0303, 60, &[0x33, 0x55]);
    pump.happens(0x033F, 1_800, &[0b11, 7, 0, 0x3C, 0, 0x33, 9, 0]);
    pump.happens(0x0356, 1_800, &[0b1, 12, 0]);
    pump.happens(0x0303, 1_800, &[0x55, 0x33]);
}

const A_MORNING: [(u32, &str); 3] =
    [(2, "started 08:01"), (3, "OcclusionDownstream on auxiliary information 9 08:30"), (5, "stopped 08:30")];

fn told(story: &[(u32, &str)]) -> Vec<(u32, String)> {
    story.iter().map(|(record, what)| (*record, (*what).to_owned())).collect()
}

#[test]
fn an_insulin_pump_is_connected_asked_heard_and_its_history_is_read() {
    let mut pump = Pump::new();
    a_morning(&mut pump);
    pump.annunciation = OCCLUSION.to_vec();
    let mut room = Room::new(pump);
    room.enrol();
    assert_eq!(room.state(), LinkState::Live);
    assert_eq!(room.story(), told(&A_MORNING));
    assert!(room.facts.iter().filter(|fact| fact.event.record.is_some()).all(|fact| {
        fact.basis == TimeBasis::DeviceClockRaw
            && fact.device_clock.as_ref().is_some_and(|clock| clock.offset_ms.is_none())
    }));
    let status = room.session.status(room.now());
    let current = status.current.unwrap();
    assert_eq!((current.delivery, current.rate, current.volume_infused), (Some(Delivery::Delivering), None, None));
    assert_eq!((status.firmware.as_deref(), status.firmware_tested), (Some("4.2"), Some(false)));
    let [alarm] = status.alarms.as_slice() else { panic!("{:?}", status.alarms) };
    assert_eq!((&alarm.kind, alarm.instance, alarm.raised_record), (&AlarmKind::OcclusionDownstream, Some(7), Some(3)));
    assert_eq!(alarm.text, "auxiliary information 9, 12", "both parts of its record");

    // A person mends it: what changed is indicated, the rest is read and fetched.
    room.pump.happens(0x033F, 2_460, &[0, 7, 0, 0x3C, 0, 0x55]);
    room.pump.annunciation = NOTHING.to_vec();
    room.pump.status = [0x3C, 0x96, 0xD2, 0xF4, 1];
    let changed = room.pump.say(STATUS_CHANGED, &[0b1000_1001, 0]);
    room.hear(changed);
    let status = room.session.status(room.now());
    assert_eq!(status.current.unwrap().delivery, Some(Delivery::NotDelivering));
    assert!(status.alarms.iter().all(|alarm| alarm.cleared_at.is_some()));
    assert_eq!(room.story().last(), Some(&(6, "OcclusionDownstream off 08:41".to_owned())));
}

#[test]
fn what_only_changes_are_told_of_is_asked_for_and_stays_current_until_it_is_silent() {
    let mut room = Room::new(Pump::new());
    room.enrol();
    room.wake(20);
    assert_eq!(room.state(), LinkState::Live);
    assert!(room.milliseconds > 200_000, "it was asked twenty times");
    let status = room.session.status(room.now());
    assert_eq!(status.current.and_then(|now| now.delivery), Some(Delivery::Delivering));
    let silent = Now { monotonic_ms: room.now().monotonic_ms + 90_000, ..room.now() };
    assert_eq!(room.session.status(silent).current, None, "what is old is not current");
}

#[test]
fn two_alarms_of_one_kind_are_two() {
    let mut pump = Pump::new();
    for instance in [7, 8] {
        pump.happens(0x033F, 60, &[0, instance, 0, 0x3C, 0, 0x33]);
    }
    pump.happens(0x033F, 90, &[0, 7, 0, 0x3C, 0, 0x55]);
    pump.annunciation = vec![1, 8, 0, 0x3C, 0, 0x33];
    let mut room = Room::new(pump);
    room.enrol();
    let alarms = room.session.status(room.now()).alarms;
    let on: Vec<_> = alarms.iter().filter(|alarm| alarm.cleared_at.is_none()).map(|alarm| alarm.instance).collect();
    assert_eq!((alarms.len(), on), (2, vec![Some(8)]));
}

#[test]
fn r10_lost_records_and_a_link_or_a_process_that_ends_between_two_parts_change_nothing() {
    for record in 1..=5 {
        let mut pump = Pump::new();
        a_morning(&mut pump);
        pump.lost = vec![record];
        let mut room = Room::new(pump);
        room.enrol();
        if record == 1 {
            // Without the very first one nothing says when the others were; told before it came, they stay undated.
            let numbers: Vec<u32> = room.story().into_iter().map(|(number, _)| number).collect();
            assert_eq!(numbers.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from([2, 3, 5]));
        } else {
            assert_eq!(room.story(), told(&A_MORNING), "record {record} lost once");
        }

        let mut pump = Pump::new();
        a_morning(&mut pump);
        pump.cut_after = Some(record);
        let mut room = Room::new(pump);
        room.enrol();
        assert!(matches!(room.state(), LinkState::Backoff { .. }));
        room.restart();
        assert_eq!((room.state(), room.story()), (LinkState::Live, told(&A_MORNING)), "cut after record {record}");
        let alarms = room.session.status(room.now()).alarms;
        assert_eq!(alarms[0].text, "auxiliary information 9, 12", "cut after record {record}");
    }
}

#[test]
fn a_damaged_value_is_read_again_and_three_in_a_row_end_the_trust() {
    let mut pump = Pump::new();
    pump.harm.push_back((STATUS, Harm::FlippedBit));
    let mut room = Room::new(pump);
    room.enrol();
    let status = room.session.status(room.now());
    assert!(!status.untrusted && status.current.is_some(), "read again at once");

    room.pump.harm.extend([(STATUS, Harm::FlippedBit); 2]);
    room.pump.harm.extend([(ANNUNCIATION, Harm::FlippedBit); 2]);
    room.wake(1);
    let status = room.session.status(room.now());
    assert!(status.untrusted && status.current.is_none());
    room.wake(1);
    assert!(!room.session.status(room.now()).untrusted, "a good value ends it");
}

#[test]
fn a_counter_that_jumps_ends_the_connection_and_the_next_begins_anew() {
    let mut room = Room::new(Pump::new());
    room.enrol();
    room.pump.harm.push_back((STATUS, Harm::SkippedCounter));
    room.wake(1);
    assert!(matches!(room.state(), LinkState::Backoff { .. }));
    room.wake(1);
    assert_eq!(room.state(), LinkState::Live);
    assert_eq!(room.memory.epoch, 0);
}

#[test]
fn a_request_whose_counter_the_pump_refuses_ends_the_connection() {
    let mut room = Room::new(Pump::new());
    room.enrol();
    room.pump.happens(0x000F, 0, &[0x33, 0xEA, 7, 11, 23, 8, 0, 0, 0, 0]);
    let output = room.session.handle(room.pump.say(STATUS_CHANGED, &[0x80, 0]), room.now());
    assert!(matches!(output.commands.as_slice(), [RadioCommand::Write(_)]), "{:?}", output.commands);
    let output = room
        .session
        .handle(RadioEvent::Written { characteristic: RECORD_ACCESS, result: Err(AttError(0x82)) }, room.now());
    assert_eq!(output.commands, [RadioCommand::Disconnect]);
}

#[test]
fn just_works_is_refused_before_anything_is_read() {
    let mut pump = Pump::new();
    pump.security = LinkSecurity::Encrypted;
    let mut room = Room::new(pump);
    room.enrol();
    assert_eq!(room.state(), LinkState::Refused(Refusal::NotAuthenticated));
    assert!(room.facts.is_empty());
}

#[test]
fn after_a_lost_clock_records_stand_raw_until_it_is_told_again() {
    let mut pump = Pump::new();
    pump.happens(0x000F, 0, &[0x55, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    pump.happens(0x0303, 60, &[0x33, 0x55]);
    pump.happens(0x000F, 0, &[0x33, 0xEA, 7, 11, 23, 8, 0, 0, 0, 0]);
    pump.happens(0x0303, 120, &[0x55, 0x33]);
    let mut room = Room::new(pump);
    room.enrol();
    assert_eq!(room.story(), told(&[(2, "started 09:00"), (4, "stopped 08:02")]));
    let undated = room.facts.iter().find(|fact| fact.event.record == Some(2)).unwrap();
    assert_eq!((undated.basis, &undated.device_clock), (TimeBasis::DeviceClockRaw, &None));
}

#[test]
fn a_pump_that_the_plan_calls_another_protocol_now_is_enrolled_and_counted_anew() {
    let mut pump = Pump::new();
    a_morning(&mut pump);
    let mut room = Room::new(pump);
    room.enrol();
    let memory = room.session.memory().clone();
    assert!(memory.contiguous_record.is_some());
    let allowed = || AllowedPump { serial: SERIAL.into() };
    let again = PumpSession::with_adapter(allowed(), memory.clone(), 3, adapter::of(PumpProtocol::InsulinDelivery));
    assert_eq!(again.memory(), &memory, "the same protocol goes on");
    let mut another = PumpSession::with_adapter(allowed(), memory.clone(), 3, adapter::of(PumpProtocol::HealthSensor));
    assert_eq!((another.memory().epoch, another.memory().contiguous_record), (memory.epoch + 1, None));
    another.start(room.now());
    assert_eq!(another.status(room.now()).state, LinkState::NotEnrolled);
}
