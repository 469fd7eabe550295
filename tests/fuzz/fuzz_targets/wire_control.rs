//! What a device says of itself and answers to requests: features, record access, control point, security levels, range, texts.
#![no_main]

use homeline_pump::wire::device_information::{SystemId, UniqueDeviceIdentifier, text};
use homeline_pump::wire::features::Features;
use homeline_pump::wire::{control_point, record_access, security_levels, valid_range};
use libfuzzer_sys::fuzz_target;

/// No part of a value that is read whole is a value.
fn only_whole<T>(bytes: &[u8], decode: impl Fn(&[u8]) -> Option<T>) {
    if decode(bytes).is_some() {
        assert!((0..bytes.len()).all(|end| decode(&bytes[..end]).is_none()), "a part is no whole");
    }
}

fuzz_target!(|bytes: &[u8]| {
    only_whole(bytes, |bytes| {
        let features = Features::decode(bytes).ok()?;
        assert!(features.observation_types.len() * 4 + features.specializations.len() * 3 <= bytes.len());
        Some(())
    });
    only_whole(bytes, |bytes| record_access::decode(bytes).ok());
    only_whole(bytes, |bytes| control_point::decode(bytes).ok());
    only_whole(bytes, |bytes| valid_range::decode(bytes).ok());
    only_whole(bytes, |bytes| SystemId::decode(bytes).ok());
    only_whole(bytes, |bytes| {
        let udi = UniqueDeviceIdentifier::decode(bytes).ok()?;
        let texts = [udi.label, udi.device_identifier, udi.issuer, udi.authority];
        assert!(texts.iter().flatten().all(|text| !text.chars().any(char::is_control)));
        Some(())
    });
    if let Ok(levels) = security_levels::decode(bytes) {
        assert_eq!(levels.count() * 2, bytes.len());
    }
    if let Ok(text) = text(bytes, "serial number") {
        assert!(text.len() <= bytes.len() && !text.chars().any(char::is_control));
    }
});
