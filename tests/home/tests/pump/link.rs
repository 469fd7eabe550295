use crate::phone::{Phone, SERIAL};
use chrono::Duration;
use homeline_home::{Fault, Pairing, Program, PumpConfig};
use homeline_model::{Decimal, PumpEventKind};
use homeline_pump::{
    AdapterState, Characteristic, LinkSecurity, LinkState, PumpSession, RadioCommand, RadioEvent, Refusal,
};

#[test]
fn from_the_first_scan_to_live_in_the_order_that_is_promised() {
    let phone = Phone::live(PumpConfig::new(SERIAL));
    assert_eq!(
        phone.states,
        [
            LinkState::Scanning,
            LinkState::Connecting,
            LinkState::Securing,
            LinkState::Discovering,
            LinkState::Syncing,
            LinkState::Live,
        ]
    );
    let place = |wanted: &dyn Fn(&RadioCommand) -> bool| phone.asked.iter().position(wanted).unwrap();
    let secure = place(&|c| *c == RadioCommand::Secure);
    let discover = place(&|c| *c == RadioCommand::Discover);
    let serial = place(&|c| matches!(c, RadioCommand::Read { characteristic: Characteristic::SERIAL_NUMBER }));
    let last_subscription = phone.asked.iter().rposition(|c| matches!(c, RadioCommand::Subscribe { .. })).unwrap();
    let first_write = place(&|c| matches!(c, RadioCommand::Write(_)));
    assert!(secure < discover && discover < serial && serial < last_subscription && last_subscription < first_write);
    assert_eq!(phone.stored.enrolment.as_ref().unwrap().security, LinkSecurity::Authenticated);
    assert_eq!(phone.stored.enrolment.as_ref().unwrap().serial, SERIAL);
}

#[test]
fn every_write_of_a_whole_day_is_live_on_a_count_a_report_or_its_abort() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(Program::constant(Decimal::from(100), Decimal::from(50)));
    phone.pump.press_start();
    phone.pass_minutes(40);
    for command in &phone.asked {
        if let RadioCommand::Write(write) = command {
            let harmless = match write.characteristic() {
                Characteristic::CONTROL_POINT => write.value() == [1],
                Characteristic::RECORD_ACCESS => matches!(write.value(), [4 | 7, 3, 1, ..] | [3, 0]),
                _ => false,
            };
            assert!(harmless, "{write:?}");
        }
    }
}

#[test]
fn without_a_pairing_nothing_is_connected() {
    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.act(PumpSession::start);
    assert_eq!(phone.state(), LinkState::NotEnrolled);
    assert!(phone.asked.is_empty());
}

#[test]
fn just_works_is_refused_and_nothing_is_read() {
    let mut config = PumpConfig::new(SERIAL);
    config.pairing = Pairing::JustWorks;
    let mut phone = Phone::new(config);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Refused(Refusal::NotAuthenticated));
    assert!(!phone.asked.iter().any(|c| matches!(c, RadioCommand::Read { .. } | RadioCommand::Write(_))));
    assert_eq!(phone.asked.last(), Some(&RadioCommand::Disconnect));
    assert!(phone.stored.enrolment.is_none());
    phone.pass_minutes(30);
    assert_eq!(phone.state(), LinkState::Refused(Refusal::NotAuthenticated), "only a person ends a refusal");
}

#[test]
fn a_link_that_falls_back_to_just_works_after_the_pairing_is_refused() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(1));
    let connect = phone.asked.len();
    phone.pass(Duration::seconds(2));
    assert!(phone.asked[connect..].iter().any(|c| matches!(c, RadioCommand::Connect { .. })));
    phone.event(RadioEvent::Connected { mtu: 23 });
    phone.event(RadioEvent::Security(LinkSecurity::Encrypted));
    assert_eq!(phone.state(), LinkState::Refused(Refusal::NotAuthenticated));
}

#[test]
fn a_bond_of_unknown_kind_counts_only_after_an_authenticated_pairing() {
    let mut config = PumpConfig::new(SERIAL);
    config.pairing = Pairing::BondOnly;
    let mut phone = Phone::live(config);
    phone.restart_app();
    assert_eq!(phone.state(), LinkState::Live, "the pairing was seen to be authenticated");

    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.pump.set_in_range(false);
    phone.act(PumpSession::enrol);
    phone.event(RadioEvent::Found { peripheral: "x".into() });
    phone.event(RadioEvent::Connected { mtu: 23 });
    phone.event(RadioEvent::Security(LinkSecurity::UnknownBonded));
    assert_eq!(phone.state(), LinkState::Refused(Refusal::NotAuthenticated));
}

#[test]
fn another_serial_number_is_refused_before_anything_else_is_read() {
    let mut phone = Phone::new(PumpConfig::new("SIM-0043"));
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Refused(Refusal::WrongSerial));
    let reads: Vec<_> = phone.asked.iter().filter(|c| matches!(c, RadioCommand::Read { .. })).collect();
    assert_eq!(reads, [&RadioCommand::Read { characteristic: Characteristic::SERIAL_NUMBER }]);
    assert!(phone.journal.is_empty() && phone.stored.enrolment.is_none());
    // A second try passes over the one that was refused.
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Scanning);
}

#[test]
fn a_device_that_is_no_pump_or_lacks_a_part_of_the_profile_is_refused() {
    let mut config = PumpConfig::new(SERIAL);
    config.specialization = 0x1004;
    let mut phone = Phone::new(config);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Refused(Refusal::NotAPump));

    let mut config = PumpConfig::new(SERIAL);
    config.lacks = Some(0x2BDD);
    let mut phone = Phone::new(config);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Refused(Refusal::NotThisProfile { missing: Characteristic::STORED }));
}

#[test]
fn a_lost_bond_stops_everything_until_a_person_pairs_again() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.forget_bond();
    phone.pass_minutes(2);
    assert_eq!(phone.state(), LinkState::BondLost);
    let asked = phone.asked.len();
    phone.pass_minutes(60);
    assert_eq!(phone.asked.len(), asked, "no loop of tries");
    phone.restart_app();
    assert_eq!(phone.state(), LinkState::BondLost, "also after a restart");
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Live);
    assert!(!phone.stored.enrolment.as_ref().unwrap().bond_lost);
}

#[test]
fn a_link_that_is_refused_for_its_key_while_being_protected_is_a_lost_bond() {
    for reason in [0x05, 0x06, 0x3D] {
        let mut phone = Phone::live(PumpConfig::new(SERIAL));
        phone.pump.set_in_range(false);
        phone.pass(Duration::seconds(4));
        phone.event(RadioEvent::Connected { mtu: 23 });
        phone.event(RadioEvent::Disconnected { reason });
        assert_eq!(phone.state(), LinkState::BondLost, "reason {reason:#x}");
    }
}

#[test]
fn a_wrong_passkey_is_tried_again_by_a_person_and_not_called_a_lost_bond() {
    let mut config = PumpConfig::new(SERIAL);
    config.pairing = Pairing::WrongPasskey;
    let mut phone = Phone::new(config);
    phone.act(PumpSession::enrol);
    assert!(matches!(phone.state(), LinkState::Backoff { .. }));
    assert!(phone.stored.enrolment.is_none());
}

#[test]
fn an_operation_that_is_never_answered_ends_the_link_and_it_comes_back() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(1));
    phone.pump.fault(Fault::Mute);
    phone.pump.set_in_range(true);
    phone.pass(Duration::seconds(20));
    assert!(matches!(phone.state(), LinkState::Discovering), "{:?}", phone.state());
    phone.pass(Duration::seconds(25));
    assert_eq!(phone.state(), LinkState::Live, "{:?}", phone.states);
}

#[test]
fn a_link_that_falls_silent_is_no_live_data_after_90_seconds_and_then_made_anew() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pass(Duration::seconds(30));
    assert!(phone.status().current.is_some());
    phone.pump.fault(Fault::Mute);
    // The battery is still told: that is no reason to call the rate current, or the link live.
    phone.pass(Duration::seconds(91));
    assert!(phone.status().current.is_none(), "the last rate is never shown as current");
    phone.pass(Duration::seconds(5));
    assert_eq!(phone.state(), LinkState::Live);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkLost), 1);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkUp), 2);
}

#[test]
fn no_link_is_tried_again_after_1_2_4_up_to_60_seconds_without_an_end() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pass_minutes(2);
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(1));
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let LinkState::Backoff { retry_in_s } = phone.state() else { panic!("{:?}", phone.state()) };
        pauses.push(retry_in_s);
        // The pause, then an attempt that the radio gives up at once.
        phone.pass(Duration::seconds(i64::try_from(retry_in_s).unwrap()));
        assert_eq!(phone.state(), LinkState::Connecting);
        phone.event(RadioEvent::Disconnected { reason: 0x3E });
    }
    for (pause, expected) in pauses.iter().zip([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]) {
        let (pause, expected) = (f64::from(u32::try_from(*pause).unwrap()), f64::from(expected));
        assert!((pause - expected).abs() <= expected * 0.1 + 1.0, "{pauses:?}");
    }
    let waits = phone.asked.iter().filter(|c| matches!(c, RadioCommand::Connect { patient_wait: true, .. })).count();
    assert!(waits > 0, "a known pump is waited for");
}

#[test]
fn encryption_that_is_asked_for_is_given_once_and_then_it_is_a_refusal() {
    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.pump.fault(Fault::AskForSecurityOnce);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Live);
    assert_eq!(phone.asked.iter().filter(|c| **c == RadioCommand::Secure).count(), 2);

    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.pump.fault(Fault::AskForSecurityAlways);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Refused(Refusal::SecurityRepeats));
}

#[test]
fn an_answer_that_comes_before_its_write_is_confirmed_is_understood() {
    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.pump.program(Program::constant(Decimal::from(100), Decimal::from(50)));
    phone.pump.press_start();
    phone.pump.fault(Fault::AnswerBeforeWritten);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Live, "{:?}", phone.states);
}

#[test]
fn bluetooth_off_is_a_state_and_no_error() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.set_radio_of_phone(AdapterState::Off);
    phone.pass(Duration::seconds(1));
    assert_eq!(phone.state(), LinkState::BluetoothOff(AdapterState::Off));
    assert!(phone.status().current.is_none());
    phone.pass_minutes(5);
    phone.pump.set_radio_of_phone(AdapterState::On);
    phone.pass(Duration::seconds(1));
    assert_eq!(phone.state(), LinkState::Live);
}

#[test]
fn changed_services_are_found_anew() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.event(RadioEvent::ServicesChanged);
    assert_eq!(phone.state(), LinkState::Live);
    assert_eq!(phone.asked.iter().filter(|c| **c == RadioCommand::Discover).count(), 2);
}

#[test]
fn test_data_is_never_shown_and_three_unreadable_values_end_the_trust() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.fault(Fault::TestData);
    phone.pump.program(Program::constant(Decimal::from(100), Decimal::from(50)));
    phone.pass(Duration::seconds(60));
    let rate = phone.status().last_known.unwrap().volume_to_be_infused;
    assert_eq!(rate, None, "a demonstration is not a delivery");

    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.fault(Fault::GarbleLive);
    phone.pass(Duration::seconds(30));
    let status = phone.status();
    assert!(status.untrusted);
    assert!(status.current.is_none());
}
