use crate::bench::{AirSpace, Device, Listener, SERIAL};
use homeline_end_to_end::phone::play;
use homeline_model::{AlarmKind, Decimal, PumpEventKind, TimeBasis};
use homeline_pump::{Delivery, InfusionEnd, LinkState};
use serde_json::json;

/// Records that the pump holds before the phone knows it.
const HISTORY: u32 = 1_100;

#[test]
#[ignore = "needs controllers and two Bluetooth stacks: tests/run bluetooth"]
fn a_pump_is_paired_read_and_heard_through_every_trouble_and_the_ledger_is_right() {
    play(async {
        let air = AirSpace::new();
        let mut pump = Device::new(&air, "pump", "keys", SERIAL);
        pump.act(&json!({"do": "history", "records": HISTORY}));
        // The first link is cut inside of an observation, the second between the records and the answer that counts them.
        pump.act(&json!({"do": "cut", "after_packets": 601, "before_answer": true}));
        let phone = Listener::new(&air).await;
        phone.homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone.until("paired with the passkey", 30, async |phone| phone.status().await.firmware.is_some()).await;
        phone
            .until("the link was cut in the middle of an observation", 60, async |phone| {
                matches!(phone.state().await, LinkState::Backoff { .. })
            })
            .await;
        phone
            .until("the record is read and it is live", 120, async |phone| phone.state().await == LinkState::Live)
            .await;
        let records = |events: &[(homeline_model::Entry, homeline_model::PumpEvent)]| {
            let mut numbers: Vec<u32> = events.iter().filter_map(|(_, event)| event.record).collect();
            numbers.sort_unstable();
            numbers
        };
        assert!(records(&phone.pump_events().await) == (1..=HISTORY).collect::<Vec<_>>(), "each record once");
        assert_eq!(phone.ledger().await.infusions.len(), 100);

        // A run: it delivers, blocks, and is mended.
        pump.act(&json!({"do": "program", "ml": 100}));
        pump.act(&json!({"do": "start"}));
        pump.act(&json!({"do": "infuse", "ml": 30}));
        phone
            .until("it delivers", 20, async |phone| {
                let current = phone.status().await.current;
                current.is_some_and(|now| {
                    now.delivery == Some(Delivery::Delivering)
                        && now.volume_infused.is_some_and(|v| v.value == Decimal::from(30))
                })
            })
            .await;
        pump.act(&json!({"do": "occlude"}));
        let occluded = async |phone: &Listener| {
            let alarms = phone.status().await.alarms;
            alarms.iter().any(|alarm| alarm.kind == AlarmKind::OcclusionDownstream && alarm.cleared_at.is_none())
        };
        phone.until("the occlusion is heard", 20, occluded).await;
        phone.homeline.pump().alarm_seen(196_940).await.unwrap();
        pump.act(&json!({"do": "start"}));
        phone.until("it is mended", 20, async |phone| !occluded(phone).await).await;

        // The pump loses its power and comes back with its record and its bond.
        pump.act(&json!({"do": "infuse", "ml": 20}));
        phone
            .until("the counter is told", 20, async |phone| {
                phone
                    .told(|event| event.volume_infused.as_ref().is_some_and(|volume| volume.value == Decimal::from(50)))
                    .await
            })
            .await;
        pump.kill();
        phone.until("the silence is noticed", 60, async |phone| phone.status().await.current.is_none()).await;
        let mut pump = Device::new(&air, "pump", "keys", SERIAL);
        phone
            .until("it is heard again without a new pairing", 90, async |phone| phone.state().await == LinkState::Live)
            .await;
        assert_eq!(
            phone.count(|kind| *kind == PumpEventKind::LinkLost).await,
            1,
            "one loss: the cuts came before it was live"
        );

        // Its clock runs two hours ahead, and is mended while the phone listens.
        pump.act(&json!({"do": "clock", "ahead_s": 7_200}));
        phone
            .until("the wrong clock is seen", 20, async |phone| {
                phone.status().await.clock.is_some_and(|clock| clock.off)
            })
            .await;
        pump.act(&json!({"do": "infuse", "ml": 10}));
        let last = u32::try_from(pump.act(&json!({"do": "state"}))["last"].as_u64().unwrap()).unwrap();
        // The counter alone is no event: the record is fetched with the next one that is.
        pump.act(&json!({"do": "start"}));
        phone
            .until("a record under the wrong clock is told", 20, async |phone| {
                phone.told(|event| event.record == Some(last)).await
            })
            .await;
        pump.act(&json!({"do": "clock", "ahead_s": 0}));
        phone
            .until("the mended clock is seen", 20, async |phone| {
                phone.status().await.clock.is_some_and(|clock| !clock.off)
            })
            .await;
        pump.act(&json!({"do": "complete"}));
        phone
            .until("it is complete", 20, async |phone| {
                phone.told(|event| event.kind == PumpEventKind::Completed && event.record > Some(last)).await
            })
            .await;

        // Journal and ledger at the end.
        let events = phone.pump_events().await;
        let last = u32::try_from(pump.act(&json!({"do": "state"}))["last"].as_u64().unwrap()).unwrap();
        assert!(records(&events) == (1..=last).collect::<Vec<_>>(), "each record once");
        let (under_wrong_clock, _) = events.iter().find(|(_, event)| event.record == Some(last - 2)).unwrap();
        assert_eq!(under_wrong_clock.times.happened.basis, TimeBasis::DeviceClockCorrected);
        let off = under_wrong_clock.times.recorded_at - under_wrong_clock.times.happened.at;
        assert!(off.num_seconds().abs() < 60, "dated right in spite of the pump's clock: {off}");
        let reading = under_wrong_clock.times.device_clock.as_ref().unwrap().reading;
        assert!(
            (reading - under_wrong_clock.times.happened.at.naive_utc()).num_minutes() >= 119,
            "and its reading is kept"
        );
        let ledger = phone.ledger().await;
        assert_eq!((ledger.infusions.len(), ledger.unknown.len(), ledger.contradictions), (101, 0, 0));
        let run = ledger.infusions.last().unwrap();
        assert_eq!((run.end, run.counter_ml), (InfusionEnd::Completed, Some(Decimal::from(100))));
        let delivered = run.delivered(Some(Decimal::from(100)));
        assert_eq!((delivered.certain_ml, delivered.uncertain_ml), (Decimal::from(100), Some(Decimal::ZERO)));
        assert_eq!(run.interruptions.len(), 1);
        assert_eq!(run.interruptions[0].alarm, Some(AlarmKind::OcclusionDownstream));
        let one =
            |wanted: &dyn Fn(&PumpEventKind) -> bool| events.iter().filter(|(_, event)| wanted(&event.kind)).count();
        assert_eq!(one(&|kind| matches!(kind, PumpEventKind::AlarmRaised { .. })), 1);
        assert_eq!(one(&|kind| matches!(kind, PumpEventKind::AlarmSeen { .. })), 1);
        assert_eq!(one(&|kind| matches!(kind, PumpEventKind::AlarmCleared { .. })), 1);
        assert_eq!(one(&|kind| matches!(kind, PumpEventKind::RecordGap { .. })), 0);
        assert!(phone.homeline.security().verify().await.unwrap().findings.is_empty());
    });
}
