//! Observations of a generic health sensor, live and stored, of every class: what is read lies in the bytes that were sent, and
//! no part of it is read as the whole.
#![no_main]

use homeline_pump::profile;
use homeline_pump::vitals;
use homeline_pump::wire::observation::{Observation, Value};
use libfuzzer_sys::fuzz_target;

fn walk(value: &Value<'_>, size: usize) -> usize {
    let count = match value {
        Value::Bundle(members) => members.iter().map(|member| 1 + walk(&member.value, size)).sum(),
        Value::Compound(parts) => parts.iter().map(|(_, part)| 1 + walk(&part, size)).sum(),
        Value::Tlv(tlvs) => tlvs.iter().map(|tlv| tlv.value.len()).sum(),
        Value::Samples(samples) => samples.samples().map(<[u8]>::len).sum(),
        Value::States(states) => states.iter().count() / 8,
        Value::Discretes(codes) => codes.iter().count(),
        Value::Text(text) => text.len(),
        Value::Other { bytes, .. } => bytes.len(),
        Value::Numeric { .. } | Value::Discrete(_) => 1,
    };
    assert!(count <= size, "more than was sent");
    count
}

fn check(observation: &Observation<'_>, size: usize) {
    walk(&observation.value, size);
    for codes in [observation.supplemental, observation.derived_from, observation.member_of] {
        assert!(codes.iter().count() <= size);
    }
    let statement = profile::statement(observation);
    if observation.status.test_data() {
        assert_eq!(statement, Ok(profile::Statement::NotUsable));
    }
    for reading in vitals::of_observation(observation) {
        let doubted = !observation.status.usable();
        assert!(!doubted || reading.vitals().count() == 0, "a doubt of the sensor became clinical");
    }
}

fuzz_target!(|bytes: &[u8]| {
    // A length that fits is rare by chance, and without it nothing behind it is reached.
    let mut fitted = bytes.to_vec();
    if let (Ok([low, high]), Some(place)) = (u16::try_from(fitted.len()).map(u16::to_le_bytes), fitted.get_mut(1..3)) {
        place.copy_from_slice(&[low, high]);
    }
    for body in [bytes, &fitted] {
        if let Ok(observation) = Observation::live(body) {
            check(&observation, body.len());
            assert!((0..body.len()).all(|end| Observation::live(&body[..end]).is_err()), "a part is no whole");
        }
        let stored = [&[1, 2, 3, 4], body].concat();
        if let Ok(observation) = Observation::stored(&stored) {
            assert_eq!((observation.record, observation.time.is_some()), (Some(0x0403_0201), true));
            check(&observation, stored.len());
        }
    }
});
