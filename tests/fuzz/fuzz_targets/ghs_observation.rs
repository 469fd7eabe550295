//! A whole session with a radio that says anything at any time. The decoders alone have targets of their own, `wire_*`.
#![no_main]

use chrono::{DateTime, TimeDelta, Utc};
use homeline_pump::{
    AdapterState, AllowedPump, AllowedWrite, AttError, Characteristic, LedgerEvent, LinkSecurity, LinkState, Now,
    PumpSession, RadioCommand, RadioEvent, SessionMemory, reconcile,
};
use libfuzzer_sys::{
    arbitrary::{Arbitrary, Result, Unstructured},
    fuzz_target,
};

const CHARACTERISTICS: [Characteristic; 9] = [
    Characteristic::FEATURES,
    Characteristic::LIVE,
    Characteristic::STORED,
    Characteristic::RECORD_ACCESS,
    Characteristic::CONTROL_POINT,
    Characteristic::ELAPSED_TIME,
    Characteristic::BATTERY_LEVEL,
    Characteristic::SERIAL_NUMBER,
    Characteristic::TEMPERATURE,
];

fn answer<T>(value: T, input: &mut Unstructured<'_>) -> Result<std::result::Result<T, AttError>> {
    Ok(if input.ratio(1, 6)? { Err(AttError(u8::arbitrary(input)?)) } else { Ok(value) })
}

fn event(input: &mut Unstructured<'_>) -> Result<RadioEvent> {
    let characteristic = *input.choose(&CHARACTERISTICS)?;
    Ok(match input.int_in_range(0..=12)? {
        0 => RadioEvent::Adapter(*input.choose(&[AdapterState::On, AdapterState::Off, AdapterState::NotPermitted])?),
        1 => RadioEvent::Found { peripheral: (*input.choose(&["pump", "other"])?).into() },
        2 => RadioEvent::Connected { mtu: u16::arbitrary(input)? },
        3 => RadioEvent::MtuChanged { mtu: u16::arbitrary(input)? },
        4 => RadioEvent::Security(*input.choose(&[
            LinkSecurity::Authenticated,
            LinkSecurity::None,
            LinkSecurity::Encrypted,
            LinkSecurity::UnknownBonded,
        ])?),
        5 => RadioEvent::Discovered { characteristics: CHARACTERISTICS.to_vec() },
        6 => {
            // The one text that opens the door, so that the rooms behind it are entered too.
            let value = if characteristic == Characteristic::SERIAL_NUMBER && bool::arbitrary(input)? {
                b"SIM-1".to_vec()
            } else {
                Vec::arbitrary(input)?
            };
            RadioEvent::Read { characteristic, result: answer(value, input)? }
        }
        7 => RadioEvent::Written { characteristic, result: answer((), input)? },
        8 => RadioEvent::Subscribed { characteristic, result: answer((), input)? },
        9 => RadioEvent::Value { characteristic, value: Vec::arbitrary(input)? },
        10 => RadioEvent::Disconnected { reason: u8::arbitrary(input)? },
        11 => input.choose(&[RadioEvent::BondLost, RadioEvent::ServicesChanged])?.clone(),
        _ => RadioEvent::Tick,
    })
}

fn session(input: &mut Unstructured<'_>) -> Result<()> {
    let start: DateTime<Utc> = DateTime::from_timestamp(1_795_438_800, 0).unwrap_or_default();
    let mut elapsed_ms: u32 = 0;
    let mut session = PumpSession::new(AllowedPump { serial: "SIM-1".into() }, SessionMemory::default(), 1);
    let mut ledger = Vec::new();
    let now = |elapsed_ms: u32| Now {
        wall: start + TimeDelta::milliseconds(i64::from(elapsed_ms)),
        monotonic_ms: u64::from(elapsed_ms),
    };
    session.enrol(now(0));
    for _ in 0..input.int_in_range(0..=60)? {
        elapsed_ms = elapsed_ms.saturating_add(input.int_in_range(0..=400_000)?);
        let output = session.handle(event(input)?, now(elapsed_ms));
        for command in &output.commands {
            if let RadioCommand::Write(write) = command {
                let again = AllowedWrite::new(write.characteristic(), write.value());
                assert_eq!(again.as_ref(), Ok(write), "only what is on the allow-list is written");
            }
        }
        ledger.extend(output.facts.iter().filter_map(LedgerEvent::from_fact));
        let status = session.status(now(elapsed_ms));
        assert!(status.current.is_none() || status.state == LinkState::Live, "an old value is never shown as current");
    }
    let forward = reconcile(ledger.iter().cloned());
    let backward = reconcile(ledger.iter().rev().cloned());
    assert_eq!(forward, backward, "the order of arrival does not matter");
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    // Too few bytes for a story are no story.
    let _ = session(&mut Unstructured::new(bytes));
});
