use crate::bench::{AirSpace, Device, Listener};
use homeline_companion::{VitalDeviceKind, VitalLink};
use homeline_end_to_end::phone::play;
use homeline_model::{EntryBody, EntryKind, Source, TimeBasis, VitalKind};
use serde_json::json;

#[test]
#[ignore = "needs controllers and two Bluetooth stacks: tests/run bluetooth"]
fn bursts_of_thermometer_cuff_oximeter_and_scale_become_entries_once_each() {
    play(async {
        let air = AirSpace::new();
        let phone = Listener::new(&air).await;
        // Minutes ago, and what was measured.
        let mut devices = Vec::new();
        for (kind, name, values) in [
            (VitalDeviceKind::Thermometer, "thermometer", json!([[0, 38.2], [4_320, 36.9], [2_880, 37.1]])),
            (VitalDeviceKind::Cuff, "cuff", json!([[0, 128, 82, 71]])),
            (VitalDeviceKind::Oximeter, "oximeter", json!([[0, 97, 72]])),
            // The second person on the scale is not the patient.
            (VitalDeviceKind::Scale, "scale", json!([[0, 71.5, 1], [10, 93.0, 2]])),
        ] {
            let mut device = Device::new(&air, name, &format!("keys-of-{name}"), "");
            device.act(&json!({"do": "measured", "values": values}));
            devices.push(device);
            let link = phone.homeline.vital_devices().add(kind, false).await.unwrap();
            if kind == VitalDeviceKind::Scale {
                phone.homeline.vital_devices().set_user(link, Some(1)).await.unwrap();
            }
        }
        // 3 temperatures, 2 pressures and a pulse, saturation and pulse, 1 weight.
        phone
            .until("all readings are in the journal", 90, async |phone| {
                phone.entries(EntryKind::Vital).await.len() == 9
            })
            .await;

        // Each device is waited for again, and sends all of it again.
        phone.listen_for(12).await;
        let entries = phone.entries(EntryKind::Vital).await;
        let mut vitals: Vec<(VitalKind, String)> = entries
            .iter()
            .map(|entry| match &entry.body {
                EntryBody::Vital(vital) => (vital.vital, vital.value.to_string()),
                other => panic!("no vital sign: {other:?}"),
            })
            .collect();
        vitals.sort_by_key(|(kind, value)| (format!("{kind:?}"), value.clone()));
        let expected = [
            (VitalKind::DiastolicBloodPressure, "82 mm[Hg]"),
            (VitalKind::OxygenSaturation, "97 %"),
            (VitalKind::Pulse, "71 /min"),
            (VitalKind::Pulse, "72 /min"),
            (VitalKind::SystolicBloodPressure, "128 mm[Hg]"),
            (VitalKind::Temperature, "36.9 Cel"),
            (VitalKind::Temperature, "37.1 Cel"),
            (VitalKind::Temperature, "38.2 Cel"),
            (VitalKind::Weight, "71.500 kg"),
        ]
        .map(|(kind, value)| (kind, value.to_owned()));
        assert_eq!(vitals, expected);
        assert!(entries.iter().all(|entry| entry.source == Source::VitalSignDevice));
        let stored = entries.iter().filter(|entry| entry.times.happened.basis == TimeBasis::DeviceClockRaw).count();
        assert!(stored >= 2, "stored readings are dated by the device, and say so");
        // A fever is spoken to as if it were typed.
        assert!(!phone.entries(EntryKind::Advice).await.is_empty());
        for (device, link) in phone.homeline.vital_devices().devices().await.unwrap() {
            assert!(!matches!(link, VitalLink::NotProtected | VitalLink::BondLost), "{:?} {link:?}", device.kind);
            assert_eq!(device.security, Some(homeline_pump::LinkSecurity::Authenticated));
        }
    });
}
