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
        (0_u8..6).prop_map(stored),
    ]
}

/// What the radio says: mostly what it would, and anything else in between.
#[derive(Debug, Clone)]
enum Said {
    /// The answer to the last command: the right one, or one with these bytes.
    Answer(Option<Vec<u8>>),
    /// A packet of the record.
    Stored(u8),
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
    prop_oneof![
        20 => Just(Said::Answer(None)),
        3 => (1_u8..9).prop_map(Said::Stored),
        1 => bytes().prop_map(|bytes| Said::Answer(Some(bytes))),
        1 => event.prop_map(Said::Event),
    ]
}

/// A whole stored observation: delivery started, under this number.
fn stored(record: u8) -> Vec<u8> {
    let mut packet = vec![0b11, record, 0, 0, 0, 2, 22, 0, 3, 0, 0x87, 0x0B, 1, 0];
    packet.extend([0x22, 0, 0, 0x97, 0x32, 0, 0, 4, 0]);
    packet.extend(197_288_u32.to_le_bytes());
    packet
}

/// What a pump in order has under this characteristic.
fn right(characteristic: Characteristic, written: &[u8], stored: u8) -> Vec<u8> {
    match (characteristic, written.first()) {
        (Characteristic::SERIAL_NUMBER, _) => SERIAL.into(),
        (Characteristic::FEATURES, _) => vec![1, 0, 1, 0x01, 0x10, 1],
        (Characteristic::ELAPSED_TIME, _) => vec![0x22, 0, 0, 0x97, 0x32, 0, 0, 4, 0, 0, 0],
        (Characteristic::CONTROL_POINT, _) => vec![0x80],
        (Characteristic::RECORD_ACCESS, Some(4)) => vec![5, 0, 9, 0, 0, 0],
        (Characteristic::RECORD_ACCESS, _) => vec![8, 0, stored, 0, 0, 0],
        _ => vec![50],
    }
}

/// What a radio would answer. A write is confirmed at one time and answered at another, in either order.
fn answer(command: Option<&RadioCommand>, value: Option<Vec<u8>>, confirm: bool, stored: u8) -> RadioEvent {
    let value = |characteristic, written: &[u8]| value.unwrap_or_else(|| right(characteristic, written, stored));
    match command {
        Some(RadioCommand::Scan { .. }) => RadioEvent::Found { peripheral: "p".into() },
        Some(RadioCommand::Connect { .. }) => RadioEvent::Connected { mtu: 23 },
        Some(RadioCommand::Secure) => RadioEvent::Security(LinkSecurity::Authenticated),
        Some(RadioCommand::RequestMtu { mtu }) => RadioEvent::MtuChanged { mtu: *mtu },
        Some(RadioCommand::Discover) => RadioEvent::Discovered { characteristics: all() },
        Some(RadioCommand::Read { characteristic }) => {
            RadioEvent::Read { characteristic: *characteristic, result: Ok(value(*characteristic, &[])) }
        }
        Some(RadioCommand::Write(write)) if confirm => {
            RadioEvent::Written { characteristic: write.characteristic(), result: Ok(()) }
        }
        Some(RadioCommand::Write(write)) => RadioEvent::Value {
            characteristic: write.characteristic(),
            value: value(write.characteristic(), write.value()),
        },
        Some(RadioCommand::Subscribe { characteristic, .. }) => {
            RadioEvent::Subscribed { characteristic: *characteristic, result: Ok(()) }
        }
        Some(RadioCommand::Disconnect) => RadioEvent::Disconnected { reason: 0x16 },
        Some(RadioCommand::StopScan) | None => RadioEvent::Tick,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_radio_says_nothing_is_heard_of_an_unproven_pump_and_nothing_old_is_current(
        events in proptest::collection::vec((said(), prop_oneof![9 => 0_u32..500, 1 => 0_u32..70_000]), 1..80),
    ) {
        let mut session = PumpSession::new(AllowedPump { serial: SERIAL.into() }, SessionMemory::default(), 3);
        let mut time = 0;
        let mut serial_said = false;
        let mut outputs = vec![session.enrol(now(0))];
        let mut last = outputs.last().and_then(|output| output.commands.last().cloned());
        let mut sent = 0;
        for (place, (said, passed)) in events.into_iter().enumerate() {
            time += passed;
            // A refusal or a lost bond is ended by a person, or there would be nothing more to see.
            if matches!(session.status(now(time)).state, LinkState::Refused(_) | LinkState::BondLost) {
                outputs.push(session.enrol(now(time)));
                last = outputs.last().and_then(|output| output.commands.last().cloned());
            }
            let event = match said {
                Said::Answer(value) => answer(last.as_ref(), value, place.is_multiple_of(2), sent),
                Said::Stored(record) => {
                    sent = sent.saturating_add(1);
                    RadioEvent::Value { characteristic: Characteristic::STORED, value: stored(record) }
                }
                Said::Event(event) => event,
            };
            if let RadioEvent::Read { characteristic: Characteristic::SERIAL_NUMBER, result: Ok(value) } = &event {
                serial_said |= value == SERIAL.as_bytes();
            }
            let output: Output = session.handle(event, now(time));
            last = output.commands.last().cloned().or(last);
            let begun = output.commands.iter().filter(|command| matches!(command,
                RadioCommand::RequestMtu { .. } | RadioCommand::Discover | RadioCommand::Read { .. } | RadioCommand::Write(_)
                    | RadioCommand::Subscribe { .. })).count();
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
        RadioEvent::MtuChanged { mtu: 185 },
        RadioEvent::Discovered { characteristics: all() },
        RadioEvent::Read { characteristic: Characteristic::SERIAL_NUMBER, result: Ok(SERIAL.into()) },
    ] {
        session.handle(event, now(1));
    }
    assert!(session.memory().enrolment.is_some());
    let other = PumpSession::new(AllowedPump { serial: "SIM-0043".into() }, session.memory().clone(), 3);
    assert_eq!(other.memory(), &SessionMemory::default());
}
