//! What a session over a radio link must do, requirement by requirement: one test each, in their order. They come from the
//! faults of real apps and phones (AndroidAPS, Loop, Tidepool, OpenMinimed, blessed-android, CoreBluetooth); what needs
//! more than one test has the others in `link.rs`, `record.rs` and `infusion.rs`.
//!
//! The tenth, events in two parts, is of the Insulin Delivery service, where one event is two records: `r10_…` in
//! `core/pump/tests/insulin_session.rs`. A record of the Generic Health Sensor service is whole or it is a hole.

use crate::phone::{Phone, SERIAL, start_time};
use chrono::Duration;
use homeline_home::{Fault, Pairing, Program, PumpConfig};
use homeline_model::{Decimal, PumpEventKind, TimeBasis};
use homeline_pump::{
    AdapterState, AllowedPump, AttError, Characteristic, Enrolment, LinkSecurity, LinkState, PumpSession, RadioCommand,
    RadioEvent, Refusal, SessionMemory,
};

fn is_operation(command: &RadioCommand) -> bool {
    match command {
        RadioCommand::RequestMtu { .. }
        | RadioCommand::Discover
        | RadioCommand::Read { .. }
        | RadioCommand::Write(_)
        | RadioCommand::Subscribe { .. } => true,
        RadioCommand::Scan { .. }
        | RadioCommand::StopScan
        | RadioCommand::Connect { .. }
        | RadioCommand::Secure
        | RadioCommand::Disconnect => false,
    }
}

fn running(phone: &mut Phone) {
    phone.pump.program(Program::constant(Decimal::from(100), Decimal::from(50)));
    phone.pump.press_start();
}

#[test]
fn r01_one_operation_is_in_flight_it_has_a_limit_and_changed_services_begin_anew_after_it() {
    // A radio that answers by hand: the second operation is never begun before the first is answered.
    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.pump.fault(Fault::Mute);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.asked.iter().filter(|command| is_operation(command)).count(), 1);
    phone.event(RadioEvent::MtuChanged { mtu: 23 });
    assert_eq!(phone.asked.iter().filter(|command| is_operation(command)).count(), 2);
    // The services change while they are looked for: the search is awaited, its answer is of yesterday, and they are
    // looked for again.
    phone.event(RadioEvent::ServicesChanged);
    assert_eq!(phone.asked.iter().filter(|command| **command == RadioCommand::Discover).count(), 1);
    phone.event(RadioEvent::Discovered { characteristics: Vec::new() });
    assert_eq!(phone.asked.iter().filter(|command| **command == RadioCommand::Discover).count(), 2);
    assert_eq!(phone.state(), LinkState::Discovering);
    // Never answered: the link is ended, and made again.
    phone.pass(Duration::seconds(31));
    assert!(phone.asked.contains(&RadioCommand::Disconnect));
    phone.pass(Duration::seconds(5));
    assert_eq!(phone.state(), LinkState::Live);
}

#[test]
fn r02_a_direct_connect_has_30_seconds_is_tried_again_and_becomes_a_wait_for_a_known_pump() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(3));
    assert_eq!(phone.state(), LinkState::Connecting);
    phone.pass(Duration::seconds(30));
    assert!(matches!(phone.state(), LinkState::Backoff { .. }), "{:?}", phone.state());
    assert_eq!(phone.asked.last(), Some(&RadioCommand::Disconnect), "the try is taken back");
    // Android's generic 133 is a failed try like any other.
    phone.pass(Duration::seconds(5));
    assert_eq!(phone.state(), LinkState::Connecting);
    phone.event(RadioEvent::Disconnected { reason: 133 });
    assert!(matches!(phone.state(), LinkState::Backoff { .. }));
    phone.pass_minutes(3);
    assert!(
        matches!(phone.asked.last(), Some(RadioCommand::Connect { patient_wait: true, .. })),
        "{:?}",
        phone.asked.last()
    );
    phone.pump.set_in_range(true);
    phone.pass(Duration::seconds(2));
    assert_eq!(phone.state(), LinkState::Live);
}

#[test]
fn r03_tries_go_on_without_an_end_and_bluetooth_off_or_forbidden_is_a_state() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.set_in_range(false);
    phone.pass_minutes(180);
    let tries = phone.asked.iter().filter(|command| matches!(command, RadioCommand::Connect { .. })).count();
    assert!(tries > 15, "{tries}");
    for state in [AdapterState::Off, AdapterState::NotPermitted] {
        phone.pump.set_radio_of_phone(state);
        phone.pass(Duration::seconds(1));
        assert_eq!(phone.state(), LinkState::BluetoothOff(state));
    }
    phone.pump.set_in_range(true);
    phone.pump.set_radio_of_phone(AdapterState::On);
    phone.pass(Duration::seconds(1));
    assert_eq!(phone.state(), LinkState::Live);
    // A minute of live values, and the next loss begins with the shortest pause.
    phone.pass_minutes(2);
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(1));
    assert_eq!(phone.state(), LinkState::Backoff { retry_in_s: 1 });
}

#[test]
fn r04_larger_packets_are_asked_for_once_a_connection_and_everything_works_at_23() {
    for silent in [false, true] {
        let mut config = PumpConfig::new(SERIAL);
        config.mtu = 23;
        let mut phone = Phone::new(config);
        if silent {
            phone.pump.fault(Fault::SilentAboutMtu);
        }
        running(&mut phone);
        phone.act(PumpSession::enrol);
        phone.pass(Duration::seconds(11));
        assert_eq!(phone.state(), LinkState::Live, "silent {silent}");
        let asked =
            phone.asked.iter().filter(|command| matches!(command, RadioCommand::RequestMtu { mtu: 517 })).count();
        assert_eq!(asked, 1);
        assert!(phone.status().current.unwrap().rate.is_some());
    }
}

#[test]
fn r05_protect_discover_identity_features_subscribe_clock_records_live_on_every_connection() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    running(&mut phone);
    phone.pass(Duration::seconds(20));
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(1));
    let first = phone.asked.len();
    phone.pump.set_in_range(true);
    phone.pass(Duration::seconds(5));
    let again: Vec<RadioCommand> =
        phone.asked[first..].iter().skip_while(|command| **command != RadioCommand::Secure).cloned().collect();
    let place = |wanted: &dyn Fn(&RadioCommand) -> bool| again.iter().position(wanted).expect("asked for");
    let read = |wanted| move |command: &RadioCommand| *command == RadioCommand::Read { characteristic: wanted };
    let write = |wanted: &'static [u8]| move |command: &RadioCommand| matches!(command, RadioCommand::Write(write) if write.value().starts_with(wanted));
    let steps = [
        place(&|command| *command == RadioCommand::Secure),
        place(&|command| *command == RadioCommand::Discover),
        place(&read(Characteristic::SERIAL_NUMBER)),
        place(&read(Characteristic::FEATURES)),
        place(&|command| matches!(command, RadioCommand::Subscribe { .. })),
        place(&read(Characteristic::ELAPSED_TIME)),
        place(&write(&[0x04])),
        place(&write(&[0x07])),
        place(&write(&[0x01])),
    ];
    assert!(steps.is_sorted(), "{steps:?} in {again:?}");
    let last_subscription = again.iter().rposition(|command| matches!(command, RadioCommand::Subscribe { .. }));
    assert!(last_subscription < Some(place(&write(&[0x04]))), "a control point that cannot answer is not written");
}

#[test]
fn r06_an_operation_refused_for_security_is_tried_once_more_after_bonding() {
    for code in [0x05, 0x08, 0x0F, 0x89] {
        let mut phone = Phone::new(PumpConfig::new(SERIAL));
        phone.pump.fault(Fault::Mute);
        phone.act(PumpSession::enrol);
        phone.event(RadioEvent::MtuChanged { mtu: 23 });
        phone.event(RadioEvent::Discovered { characteristics: all() });
        let serial = RadioCommand::Read { characteristic: Characteristic::SERIAL_NUMBER };
        assert_eq!(phone.asked.last(), Some(&serial));
        let refused =
            || RadioEvent::Read { characteristic: Characteristic::SERIAL_NUMBER, result: Err(AttError(code)) };
        phone.event(refused());
        assert_eq!(phone.asked.last(), Some(&serial), "protected, and tried again");
        assert_eq!(phone.asked.iter().filter(|command| **command == RadioCommand::Secure).count(), 2);
        phone.event(refused());
        assert_eq!(phone.state(), LinkState::Refused(Refusal::SecurityRepeats), "code {code:#x}");
    }
}

fn all() -> Vec<Characteristic> {
    [0x2A25, 0x2BF3, 0x2B8B, 0x2BDD, 0x2A52, 0x2BF4, 0x2BF2].map(Characteristic).to_vec()
}

#[test]
fn r07_a_lost_bond_ends_all_tries_also_when_it_is_removed_while_nothing_is_connected() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(1));
    assert!(matches!(phone.state(), LinkState::Backoff { .. }));
    phone.event(RadioEvent::BondLost);
    assert_eq!(phone.state(), LinkState::BondLost);
    let asked = phone.asked.len();
    phone.pump.set_in_range(true);
    phone.pass_minutes(30);
    assert_eq!(phone.asked.len(), asked, "no try, and above all no pairing");
    phone.restart_app();
    assert_eq!(phone.state(), LinkState::BondLost);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Live, "a person with the passkey ends it");
}

#[test]
fn r08_answers_out_of_order_or_twice_change_nothing() {
    let mut quiet = Phone::live(PumpConfig::new(SERIAL));
    running(&mut quiet);
    quiet.pass_minutes(20);

    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.pump.fault(Fault::AnswerBeforeWritten);
    phone.act(PumpSession::enrol);
    running(&mut phone);
    for _ in 0..20 {
        phone.pass_minutes(1);
        // Late and repeated answers of control points, and a record that was told long ago.
        for (characteristic, value) in [
            (Characteristic::RECORD_ACCESS, vec![0x08, 0, 3, 0, 0, 0]),
            (Characteristic::RECORD_ACCESS, vec![0x06, 0, 0x07, 0x06]),
            (Characteristic::CONTROL_POINT, vec![0x81]),
        ] {
            phone.event(RadioEvent::Value { characteristic, value });
        }
    }
    assert_eq!(phone.state(), LinkState::Live);
    assert_eq!((phone.records(), phone.ledger()), (quiet.records(), quiet.ledger()));
}

#[test]
fn r09_what_a_report_does_not_bring_is_asked_for_again_and_then_shown() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    running(&mut phone);
    phone.pass_minutes(16);
    let last = *phone.records().last().unwrap();
    // The next record is counted by the pump and never comes: no later number shows that it is missing.
    phone.pump.fault(Fault::LoseRecordAlways(last + 1));
    phone.pump.press_stop();
    phone.pass_minutes(1);
    assert_eq!(phone.stored.contiguous_record, Some(last), "nothing is skipped in silence");
    assert_eq!(phone.status().not_handed_over, 1);
    phone.pump.press_start();
    phone.pass_minutes(1);
    assert_eq!(phone.status().holes, [homeline_pump::RecordRange { first: last + 1, last: last + 1 }]);
    assert_eq!(phone.status().not_handed_over, 0);
    assert_eq!(phone.stored.contiguous_record, Some(last + 2));
}

#[test]
fn r11_the_pumps_clock_is_never_written_and_one_that_is_set_while_we_listen_dates_nothing_wrong() {
    let mut config = PumpConfig::new(SERIAL);
    config.clock_offset = Duration::hours(2);
    let mut phone = Phone::live(config);
    phone.pass_minutes(1);
    assert!(phone.status().clock.unwrap().off);
    phone.pump.set_pump_clock(phone.clock.now().naive_utc());
    phone.pass(Duration::seconds(1));
    assert!(!phone.status().clock.unwrap().off, "it is told at once");
    running(&mut phone);
    phone.pass(Duration::seconds(2));
    let started = phone.journal.iter().find(|fact| fact.event.kind == PumpEventKind::Started).unwrap();
    assert!((started.happened - (start_time() + Duration::seconds(61))).num_seconds().abs() <= 1);
    assert_eq!(started.basis, TimeBasis::DeviceClockCorrected);
    let clock_written = phone
        .asked
        .iter()
        .any(|command| matches!(command, RadioCommand::Write(write) if write.characteristic() == Characteristic::ELAPSED_TIME));
    assert!(!clock_written);
    // The records of before are the same records, though each now says that its time is of an older timeline.
    phone.pass_minutes(10);
    assert_eq!(phone.stored.epoch, 0);
}

#[test]
fn r12_what_cannot_be_read_is_dropped_and_three_in_a_row_end_the_trust_until_one_is_good() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    running(&mut phone);
    phone.pass(Duration::seconds(20));
    let garbage = || RadioEvent::Value { characteristic: Characteristic::LIVE, value: vec![0b11, 1, 2, 3] };
    phone.event(garbage());
    phone.event(garbage());
    assert!(!phone.status().untrusted && phone.status().current.is_some());
    phone.event(garbage());
    assert!(phone.status().untrusted && phone.status().current.is_none());
    phone.pass(Duration::seconds(20));
    assert!(!phone.status().untrusted && phone.status().current.is_some());
}

#[test]
fn r13_every_reading_has_its_age_and_an_old_one_is_never_current() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    running(&mut phone);
    phone.pass(Duration::seconds(15));
    let heard = phone.status().current.unwrap().at;
    phone.pump.fault(Fault::Mute);
    while phone.count(|kind| *kind == PumpEventKind::LinkLost) == 0 {
        let rate = phone.status().current.and_then(|current| current.rate);
        assert!(rate.is_none() || phone.clock.now() - heard < Duration::seconds(90), "an old rate as a new one");
        phone.pass(Duration::seconds(1));
        assert!(phone.clock.now() - heard < Duration::seconds(95), "a silent link is ended");
    }
    phone.pass_minutes(1);
    let heard = phone.status().current.unwrap().at;
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(2));
    let status = phone.status();
    assert!(status.current.is_none());
    assert!(status.last_known.is_some_and(|known| known.at >= heard && known.at < phone.clock.now()));
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkLost), 2, "events of the link, no alarms of the pump");
    assert_eq!(phone.count(|kind| matches!(kind, PumpEventKind::AlarmRaised { .. })), 0);
}

#[test]
fn r14_an_alarm_is_one_and_only_the_pump_ends_it() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    running(&mut phone);
    phone.pass_minutes(1);
    phone.pump.block_line();
    phone.pass_minutes(8);
    let on = |phone: &Phone| phone.status().alarms.iter().filter(|alarm| alarm.cleared_at.is_none()).count();
    assert_eq!(on(&phone), 1);
    // Seen here, out of reach, killed and restored: it is on until the pump says otherwise.
    phone.act(|session, now| session.alarm_seen(196_940, now));
    phone.pump.set_in_range(false);
    phone.pass_minutes(3);
    assert_eq!(on(&phone), 1);
    phone.restart_app();
    assert_eq!(on(&phone), 1);
    phone.pump.set_in_range(true);
    phone.pass_minutes(2);
    assert_eq!((phone.state(), on(&phone)), (LinkState::Live, 1), "the pump names it again");
    phone.pump.open_line();
    phone.pump.press_start();
    phone.pass_minutes(1);
    assert_eq!(on(&phone), 0);
    assert_eq!(phone.count(|kind| matches!(kind, PumpEventKind::AlarmRaised { .. })), 1);
    assert_eq!(phone.count(|kind| matches!(kind, PumpEventKind::AlarmCleared { .. })), 1);
}

#[test]
fn r15_a_machine_that_the_system_killed_is_whole_again_from_what_was_kept() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    running(&mut phone);
    phone.pass_minutes(7);
    // What is kept goes through JSON, as on the disk.
    let kept: SessionMemory = serde_json::from_str(&serde_json::to_string(&phone.stored).unwrap()).unwrap();
    assert_eq!(kept, phone.stored);
    // The system brings the app back because the link is up: the connection may already be there.
    phone.session = PumpSession::new(AllowedPump { serial: SERIAL.into() }, kept, 9);
    phone.act(PumpSession::start);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkLost), 1, "nobody listened in between, and it is said");
    phone.event(RadioEvent::Connected { mtu: 185 });
    phone.pass_minutes(2);
    assert_eq!(phone.state(), LinkState::Live);
    let records = phone.records();
    assert!(records.windows(2).all(|pair| pair[1] == pair[0] + 1), "{records:?}");
}

#[test]
fn r16_the_same_calls_at_the_same_times_give_the_same_commands_and_facts() {
    let day = || {
        let mut phone = Phone::live(PumpConfig::new(SERIAL));
        running(&mut phone);
        phone.pass_minutes(5);
        phone.pump.set_in_range(false);
        phone.pass_minutes(2);
        phone.pump.set_in_range(true);
        phone.pass_minutes(5);
        (phone.asked, phone.journal)
    };
    assert_eq!(day(), day());
}

#[test]
fn a_phone_that_hides_how_it_paired_is_enrolled_on_the_word_of_the_person_and_never_without() {
    let enrolled = |security| {
        let mut phone = Phone::new(PumpConfig::new(SERIAL));
        phone.pump.set_in_range(false);
        phone.act(PumpSession::enrol);
        phone.event(RadioEvent::Found { peripheral: "x".into() });
        phone.event(RadioEvent::Connected { mtu: 185 });
        phone.event(RadioEvent::Security(security));
        phone.event(RadioEvent::MtuChanged { mtu: 185 });
        phone.event(RadioEvent::Discovered { characteristics: all() });
        phone.event(RadioEvent::Read { characteristic: Characteristic::SERIAL_NUMBER, result: Ok(SERIAL.into()) });
        phone
    };
    assert_eq!(enrolled(LinkSecurity::UnknownBonded).state(), LinkState::Refused(Refusal::NotAuthenticated));
    let phone = enrolled(LinkSecurity::CodeTyped);
    let enrolment = phone.session.memory().enrolment.as_ref().unwrap();
    assert_eq!(enrolment.security, LinkSecurity::CodeTyped, "and that is what is kept");
    // Later the system says no more than that there is a bond.
    let mut later = Phone::new(PumpConfig::new(SERIAL));
    later.stored = phone.session.memory().clone();
    later.pump.set_in_range(false);
    later.restart_app();
    later.event(RadioEvent::Connected { mtu: 185 });
    later.event(RadioEvent::Security(LinkSecurity::UnknownBonded));
    assert_eq!(later.state(), LinkState::Discovering);
}

#[test]
fn the_enrolment_keeps_model_firmware_and_what_the_pump_demands_and_another_model_is_refused() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    let kept = phone.stored.enrolment.clone().unwrap();
    let Enrolment { model, firmware, demands, .. } = kept;
    assert_eq!((model.as_deref(), firmware.as_deref()), (Some("Simulated"), Some("1.0")));
    assert_eq!(demands, [[1, 4]], "mode 1 level 4");
    phone.pump.rename_model("Counterfeit");
    phone.restart_app();
    assert_eq!(phone.state(), LinkState::Refused(Refusal::AnotherModel));
}

#[test]
fn a_log_of_the_session_and_of_its_refusals_names_no_device_and_no_value() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    running(&mut phone);
    phone.pass_minutes(6);
    let mut logged = format!("{:?}", phone.session);
    for refusal in [Refusal::WrongSerial, Refusal::NotAuthenticated, Refusal::NotAPump, Refusal::AnotherModel] {
        logged.push_str(&format!("{refusal} {refusal:?}"));
    }
    for secret in [SERIAL, "C0:FF:EE", "Simulated", "mL"] {
        assert!(!logged.contains(secret), "{secret} in {logged}");
    }
}

#[test]
fn nothing_is_read_of_a_pump_that_anybody_could_have_paired_with() {
    let mut config = PumpConfig::new(SERIAL);
    config.pairing = Pairing::JustWorks;
    let mut phone = Phone::new(config);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.asked.iter().filter(|command| is_operation(command)).count(), 0);
}
