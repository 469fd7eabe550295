use crate::bench::{AirSpace, Device, Listener, SERIAL};
use homeline_end_to_end::phone::play;
use homeline_pump::{LinkState, Refusal};
use serde_json::json;

#[test]
#[ignore = "needs controllers and two Bluetooth stacks: tests/run bluetooth"]
fn a_link_that_anybody_could_make_another_pump_and_a_lost_bond_are_refused() {
    play(async {
        let air = AirSpace::new();
        let phone = Listener::new(&air).await;
        let mut pump = Device::new(&air, "pump", "keys", SERIAL);
        pump.act(&json!({"do": "history", "records": 20}));

        // Pairing without a passkey: the stack below calls the link encrypted and the server would answer; the core does not.
        phone.person(None);
        phone.homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone
            .until("Just Works is refused", 40, async |phone| {
                phone.state().await == LinkState::Refused(Refusal::NotAuthenticated)
            })
            .await;
        assert!(phone.pump_events().await.is_empty(), "nothing of it was read");
        pump.act(&json!({"do": "forget"}));
        pump.kill();
        phone.forget_in_settings();
        phone.person(Some(123_456));

        // Another pump in the room, properly paired: its serial number is not the plan's.
        let other = Device::new(&air, "pump", "keys-of-another", "SIM-OTHER");
        phone.homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone
            .until("another serial number is refused", 40, async |phone| {
                phone.state().await == LinkState::Refused(Refusal::WrongSerial)
            })
            .await;
        assert!(phone.pump_events().await.is_empty());
        other.kill();
        phone.forget_in_settings();

        // The right one, which then forgets the phone.
        let mut pump = Device::new(&air, "pump", "keys", SERIAL);
        phone.homeline.pump().stop().await.unwrap();
        phone.listen_for(1).await;
        phone.homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone.until("the right one is live", 60, async |phone| phone.state().await == LinkState::Live).await;
        let events = phone.pump_events().await.len();
        pump.act(&json!({"do": "forget"}));
        phone.until("the lost bond is seen", 60, async |phone| phone.state().await == LinkState::BondLost).await;
        phone.listen_for(5).await;
        assert_eq!(phone.state().await, LinkState::BondLost, "no silent pairing");
        assert_eq!(phone.pump_events().await.len(), events + 1, "the loss of the link, and no more");
        phone.homeline.pump().enrol(SERIAL.to_owned()).await.unwrap();
        phone
            .until("a person with the passkey pairs it again", 60, async |phone| phone.state().await == LinkState::Live)
            .await;
    });
}
