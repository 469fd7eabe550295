//! Thermometer, cuff, oximeter, scale and battery: a value that is read is read whole, and nothing of a demonstration, a test or
//! a doubt becomes clinical.
#![no_main]

use homeline_pump::vitals::Sensor;
use libfuzzer_sys::fuzz_target;

/// Flags that keep a value out of the journal.
const NOT_CLINICAL: [&str; 9] = [
    "intermediate",
    "fast",
    "slow",
    "demo-data",
    "test-data",
    "calibrating",
    "not-available",
    "questionable",
    "invalid",
];

fuzz_target!(|bytes: &[u8]| {
    for sensor in Sensor::ALL {
        let Ok(reading) = sensor.read(bytes) else { continue };
        for measurement in &reading.measurements {
            let doubted = measurement.flags.iter().any(|flag| NOT_CLINICAL.contains(flag));
            assert!(!doubted || measurement.vital().is_none(), "{measurement:?}");
            assert!(measurement.unit.is_some());
        }
        assert!(reading.measurements.len() <= 6);
        assert!(reading.at.is_none_or(|at| at.iso8601().is_some()));
        assert!((0..bytes.len()).all(|end| sensor.read(&bytes[..end]).is_err()), "a part is no whole");
        assert!(sensor.read(&[bytes, &[0]].concat()).is_err(), "nothing may follow");
    }
});
