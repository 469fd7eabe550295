//! What holds for the session whatever a radio says: random events, bytes and times. proptest prints the case and its seed.

use chrono::{DateTime, Duration, Utc};
use homeline_pump::{
    AdapterState, AllowedPump, AttError, Characteristic, LinkSecurity, LinkState, Now, Output, PumpSession,
    RadioCommand, RadioEvent, SessionMemory,
};
use proptest::prelude::*;

const SERIAL: &str = "SIM-0042";

fn now(milliseconds: u32) -> Now {
    let start: DateTime<Utc> = DateTime::from_timestamp(1_795_438_800, 0).expect("a date that exists");
    Now {
        wall: start + Duration::milliseconds(i64::from(milliseconds)),
        monotonic_ms: 1_000_000 + u64::from(milliseconds),
    }
}

fn characteristic() -> impl Strategy<Value = Characteristic> {
    prop_oneof![
        Just(Characteristic::FEATURES),
        Just(Characteristic::LIVE),
        Just(Characteristic::STORED),
        Just(Characteristic::RECORD_ACCESS),
        Just(Characteristic::CONTROL_POINT),
        Just(Characteristic::ELAPSED_TIME),
        Just(Characteristic::BATTERY_LEVEL),
        Just(Characteristic::SERIAL_NUMBER),
    ]
}

fn all() -> Vec<Characteristic> {
    [0x2A25, 0x2BF3, 0x2B8B, 0x2BDD, 0x2A52, 0x2BF4, 0x2BF2, 0x2A19].map(Characteristic).to_vec()
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        Just(SERIAL.as_bytes().to_vec()),
        Just(b"SIM-9999".to_vec()),
        // Features of a pump, a clock, answers of the control points, one whole stored start of delivery.
        Just(vec![1, 0, 1, 0x01, 0x10, 1]),
        Just(vec![0x22, 0, 0, 0x97, 0x32, 0, 0, 4, 0, 0, 0]),
        Just(vec![0x80]),
        (0_u8..3).prop_map(|count| vec![5, 0, count, 0, 0, 0]),
        (0_u8..3).prop_map(|count| vec![8, 0, count, 0, 0, 0]),
        Just(vec![6, 0, 7, 6]),
        (0_u8..6).prop_map(|record| {
            let mut packet = vec![0b11, record, 0, 0, 0, 2, 22, 0, 3, 0, 0x87, 0x0B, 1, 0];
            packet.extend([0x22, 0, 0, 0x97, 0x32, 0, 0, 4, 0]);
            packet.extend(197_288_u32.to_le_bytes());
            packet
        }),
    ]
}

/// What the radio says: mostly what it would, and anything else in between.
#[derive(Debug, Clone)]
enum Said {
    /// The answer to the last command, with these bytes.
    Answer(Vec<u8>),
    Event(RadioEvent),
}

fn said() -> impl Strategy<Value = Said> {
    let event = prop_oneof![
        Just(RadioEvent::Adapter(AdapterState::Off)),
        Just(RadioEvent::Adapter(AdapterState::On)),
        Just(RadioEvent::Found { peripheral: "p".into() }),
        Just(RadioEvent::Connected { mtu: 23 }),
        Just(RadioEvent::Security(LinkSecurity::Encrypted)),
        Just(RadioEvent::Security(LinkSecurity::Authenticated)),
        Just(RadioEvent::BondLost),
        Just(RadioEvent::Discovered { characteristics: all() }),
        Just(RadioEvent::ServicesChanged),
        (characteristic(), any::<u8>())
            .prop_map(|(c, error)| RadioEvent::Read { characteristic: c, result: Err(AttError(error)) }),
        (characteristic(), any::<u8>())
            .prop_map(|(c, error)| RadioEvent::Written { characteristic: c, result: Err(AttError(error)) }),
        (characteristic(), bytes()).prop_map(|(characteristic, value)| RadioEvent::Value { characteristic, value }),
        (characteristic(), bytes())
            .prop_map(|(characteristic, value)| RadioEvent::Read { characteristic, result: Ok(value) }),
        any::<u8>().prop_map(|reason| RadioEvent::Disconnected { reason }),
        Just(RadioEvent::Tick),
    ];
    prop_oneof![6 => bytes().prop_map(Said::Answer), 2 => event.prop_map(Said::Event)]
}

/// What a radio would answer.
fn answer(command: Option<&RadioCommand>, value: Vec<u8>) -> RadioEvent {
    match command {
        Some(RadioCommand::Scan { .. }) => RadioEvent::Found { peripheral: "p".into() },
        Some(RadioCommand::Connect { .. }) => RadioEvent::Connected { mtu: 23 },
        Some(RadioCommand::Secure) => RadioEvent::Security(LinkSecurity::Authenticated),
        Some(RadioCommand::Discover) => RadioEvent::Discovered { characteristics: all() },
        Some(RadioCommand::Read { characteristic }) => {
            RadioEvent::Read { characteristic: *characteristic, result: Ok(value) }
        }
        Some(RadioCommand::Write(write)) if value.len().is_multiple_of(2) => {
            RadioEvent::Written { characteristic: write.characteristic(), result: Ok(()) }
        }
        Some(RadioCommand::Write(write)) => RadioEvent::Value { characteristic: write.characteristic(), value },
        Some(RadioCommand::Subscribe { characteristic, .. }) => {
            RadioEvent::Subscribed { characteristic: *characteristic, result: Ok(()) }
        }
        Some(RadioCommand::Disconnect) => RadioEvent::Disconnected { reason: 0x16 },
        Some(RadioCommand::StopScan) | None => RadioEvent::Tick,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_the_radio_says_nothing_is_heard_of_an_unproven_pump_and_nothing_old_is_current(
        events in proptest::collection::vec((said(), 0_u32..20_000), 1..120),
    ) {
        let mut session = PumpSession::new(AllowedPump { serial: SERIAL.into() }, SessionMemory::default(), 3);
        let mut time = 0;
        let mut last = None;
        let mut serial_said = false;
        let mut outputs = vec![session.enrol(now(0))];
        for (said, passed) in events {
            time += passed;
            let event = match said {
                Said::Answer(value) => answer(last.as_ref(), value),
                Said::Event(event) => event,
            };
            if let RadioEvent::Read { characteristic: Characteristic::SERIAL_NUMBER, result: Ok(value) } = &event {
                serial_said |= value == SERIAL.as_bytes();
            }
            let output: Output = session.handle(event, now(time));
            last = output.commands.last().cloned().or(last);
            let begun = output.commands.iter().filter(|command| matches!(command,
                RadioCommand::Discover | RadioCommand::Read { .. } | RadioCommand::Write(_) | RadioCommand::Subscribe { .. })).count();
            prop_assert!(begun <= 1, "one operation at a time: {:?}", output.commands);
            let status = session.status(now(time));
            prop_assert!(status.current.is_none() || status.state == LinkState::Live);
            if !serial_said {
                prop_assert!(output.facts.is_empty() && session.memory().enrolment.is_none() && status.last_known.is_none());
            }
            outputs.push(output);
        }
        // One identity is one fact, and the memory that was handed over last is the memory, unless a report runs.
        let mut facts = std::collections::BTreeMap::new();
        for fact in outputs.iter().flat_map(|output| &output.facts) {
            if let Some(known) = facts.insert(fact.identity.clone(), fact.event.clone()) {
                prop_assert_eq!(known, fact.event.clone());
            }
        }
        let stopped = session.stop(now(time));
        let kept = stopped.memory.or_else(|| outputs.iter().rev().find_map(|output| output.memory.clone()));
        prop_assert_eq!(&kept.unwrap_or_default(), session.memory());
        prop_assert_eq!(session.wake_at(), None);
    }
}

#[test]
fn another_serial_number_in_the_plan_forgets_the_old_pump() {
    let mut session = PumpSession::new(AllowedPump { serial: SERIAL.into() }, SessionMemory::default(), 3);
    session.enrol(now(0));
    for event in [
        RadioEvent::Found { peripheral: "p".into() },
        RadioEvent::Connected { mtu: 23 },
        RadioEvent::Security(LinkSecurity::Authenticated),
        RadioEvent::Discovered { characteristics: all() },
        RadioEvent::Read { characteristic: Characteristic::SERIAL_NUMBER, result: Ok(SERIAL.into()) },
    ] {
        session.handle(event, now(1));
    }
    assert!(session.memory().enrolment.is_some());
    let other = PumpSession::new(AllowedPump { serial: "SIM-0043".into() }, session.memory().clone(), 3);
    assert_eq!(other.memory(), &SessionMemory::default());
}
