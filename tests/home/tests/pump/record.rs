use crate::phone::{Phone, SERIAL, start_time};
use chrono::Duration;
use homeline_home::{Fault, Program, PumpConfig};
use homeline_model::{Decimal, PumpEventKind, TimeBasis};
use homeline_pump::{LinkState, PumpSession, RecordRange};

/// A pump with a long history, on a link of small packets, that the phone does not know yet.
fn with_history(mtu: u16) -> Phone {
    let mut config = PumpConfig::new(SERIAL);
    config.mtu = mtu;
    config.reservoir_ml = Decimal::from(10_000);
    let mut phone = Phone::new(config);
    for _ in 0..60 {
        phone.pump.program(Program::constant(Decimal::from(120), Decimal::from(40)));
        phone.pump.press_start();
        phone.pump.advance(Duration::minutes(21));
        phone.clock.advance(Duration::minutes(21));
    }
    phone
}

fn sorted(mut records: Vec<u32>) -> Vec<u32> {
    records.sort_unstable();
    records
}

#[test]
fn a_long_history_comes_whole_and_in_order_over_the_smallest_packets() {
    let mut phone = with_history(23);
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Live);
    assert_eq!(phone.ledger().infusions.len(), 60);
    let records = phone.records();
    assert!(records.is_sorted() && records.len() > 300, "{}", records.len());
    assert!(phone.commits < records.len() / 20, "{} commits for {} records", phone.commits, records.len());
    assert_eq!(phone.pump.records(), usize::try_from(records.last().unwrap() - records[0] + 1).unwrap());
}

#[test]
fn a_link_cut_at_any_packet_of_the_report_loses_and_doubles_nothing() {
    let mut whole = with_history(23);
    whole.act(PumpSession::enrol);
    for packet in [0, 1, 2, 3, 7, 100, 101, 102, 103, 900] {
        let mut phone = with_history(23);
        phone.pump.fault(Fault::CutAfterStoredPackets(packet));
        phone.act(PumpSession::enrol);
        assert!(matches!(phone.state(), LinkState::Backoff { .. }), "packet {packet}: {:?}", phone.state());
        phone.pump.set_in_range(true);
        phone.pass(Duration::seconds(10));
        assert_eq!(phone.state(), LinkState::Live, "packet {packet}");
        assert_eq!(phone.records(), whole.records(), "packet {packet}");
    }
}

#[test]
fn a_link_cut_between_the_records_and_their_count_loses_and_doubles_nothing() {
    let mut whole = with_history(185);
    whole.act(PumpSession::enrol);
    let mut phone = with_history(185);
    phone.pump.fault(Fault::CutBeforeRecordAnswer);
    // The first answer of a connection is the count; the second ends the report.
    phone.act(PumpSession::enrol);
    phone.pass(Duration::seconds(10));
    phone.pump.fault(Fault::CutBeforeRecordAnswer);
    phone.pass_minutes(10);
    assert_eq!(phone.state(), LinkState::Live);
    assert_eq!(phone.records()[..whole.records().len()], whole.records());
}

#[test]
fn a_lost_packet_is_made_good_by_asking_again() {
    let mut whole = with_history(23);
    whole.act(PumpSession::enrol);
    for packet in [0, 1, 50, 333] {
        let mut phone = with_history(23);
        phone.pump.fault(Fault::LoseStoredPacket(packet));
        phone.act(PumpSession::enrol);
        // A lost first record shows only by the count, and comes after the others.
        assert_eq!(sorted(phone.records()), whole.records(), "packet {packet}");
        assert_eq!(phone.ledger(), whole.ledger());
        assert!(phone.status().holes.is_empty());
    }
}

#[test]
fn doubled_packets_are_harmless() {
    let mut whole = with_history(23);
    whole.act(PumpSession::enrol);
    let mut phone = with_history(23);
    phone.pump.fault(Fault::DoubleStoredPackets);
    phone.act(PumpSession::enrol);
    assert_eq!(sorted(phone.records()), whole.records());
    assert_eq!(phone.ledger(), whole.ledger());
}

#[test]
fn a_record_that_never_comes_is_a_hole_that_everybody_can_see() {
    let mut phone = with_history(23);
    phone.pump.fault(Fault::LoseRecordAlways(20));
    phone.act(PumpSession::enrol);
    assert_eq!(phone.state(), LinkState::Live);
    assert_eq!(phone.status().holes, [RecordRange { first: 20, last: 20 }]);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::RecordGap { from: 20, to: 20 }), 1);
    assert_eq!(phone.ledger().unknown.len(), 1);
    assert!(phone.records().contains(&21));
    // It is told once, also after the next looks and a restart.
    phone.pass_minutes(12);
    phone.restart_app();
    assert_eq!(phone.count(|kind| matches!(kind, PumpEventKind::RecordGap { .. })), 1);
}

#[test]
fn records_that_the_pump_overwrote_while_nobody_listened_are_a_hole() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(Program::constant(Decimal::from(10), Decimal::from(200)));
    phone.pump.press_start();
    phone.pass_minutes(11);
    let last = *phone.records().last().unwrap();
    phone.pump.set_in_range(false);
    phone.pump.shrink_record(5);
    phone.pass_minutes(120);
    phone.pump.set_in_range(true);
    phone.pass_minutes(2);
    let holes = phone.status().holes;
    assert_eq!(holes.len(), 1);
    assert_eq!(holes[0].first, last + 1);
    let ledger = phone.ledger();
    assert_eq!(ledger.infusions.len(), 1, "the counter went on: one infusion");
    assert_eq!(ledger.infusions[0].unknown.len(), 1, "with a stretch that is not known");
}

#[test]
fn an_erased_record_is_a_new_epoch_and_is_not_merged_with_the_old() {
    for records_after in [0, 1, 40] {
        let mut phone = Phone::live(PumpConfig::new(SERIAL));
        phone.pump.program(Program::constant(Decimal::from(60), Decimal::from(20)));
        phone.pump.press_start();
        phone.pass_minutes(25);
        let before = phone.journal.len();
        phone.pump.set_in_range(false);
        phone.pass(Duration::seconds(1));
        phone.pump.erase_record();
        for _ in 0..records_after {
            phone.pump.program(Program::constant(Decimal::from(60), Decimal::from(20)));
            phone.pump.press_start();
            phone.pump.press_stop();
        }
        phone.pump.set_in_range(true);
        phone.pass_minutes(1);
        phone.pump.program(Program::constant(Decimal::from(600), Decimal::from(20)));
        phone.pump.press_start();
        phone.pass_minutes(10);
        assert_eq!(phone.state(), LinkState::Live);
        assert_eq!(phone.stored.epoch, 1, "after {records_after}");
        assert!(
            phone.journal[before..].iter().filter(|fact| fact.event.record.is_some()).all(|fact| fact.event.epoch == 1)
        );
        let ledger = phone.ledger();
        assert!(ledger.infusions.len() >= 2);
        assert_eq!(ledger.contradictions, 0);
        assert_eq!(ledger.infusions.last().unwrap().counter_ml, Some(Decimal::from(20)));
    }
}

#[test]
fn a_pump_clock_two_hours_off_is_shown_and_its_records_are_dated_right() {
    let mut config = PumpConfig::new(SERIAL);
    config.clock_offset = Duration::hours(2);
    let mut phone = Phone::live(config);
    phone.pump.program(Program::constant(Decimal::from(120), Decimal::from(40)));
    phone.pass_minutes(3);
    phone.pump.press_start();
    phone.pass_minutes(1);
    let clock = phone.status().clock.unwrap();
    assert!(clock.off);
    assert_eq!(clock.offset_ms / 1_000, -7_200);
    let started = phone.journal.iter().find(|fact| fact.event.kind == PumpEventKind::Started).unwrap();
    assert_eq!(started.happened, start_time() + Duration::minutes(3));
    assert_eq!(started.basis, TimeBasis::DeviceClockCorrected);
    let device = started.device_clock.clone().unwrap();
    assert_eq!(device.reading, (start_time() + Duration::minutes(123)).naive_utc(), "the reading is kept as it was");

    // A person mends the clock at the pump; what was recorded before is told with the old times, and says so.
    phone.pump.set_in_range(false);
    phone.pass_minutes(2);
    phone.pump.press_stop();
    phone.pass_minutes(1);
    phone.pump.set_pump_clock(phone.clock.now().naive_utc());
    phone.pump.press_start();
    phone.pump.set_in_range(true);
    phone.pass_minutes(2);
    assert!(!phone.status().clock.unwrap().off);
    let of = |kind: PumpEventKind| phone.journal.iter().rfind(|fact| fact.event.kind == kind).unwrap().clone();
    assert_eq!(of(PumpEventKind::Stopped).basis, TimeBasis::DeviceClockRaw);
    assert_eq!(of(PumpEventKind::Started).basis, TimeBasis::DeviceClockCorrected);
    let history = phone.journal.iter().find(|fact| fact.event.kind == PumpEventKind::Started).unwrap();
    assert_eq!(history.happened, start_time() + Duration::minutes(3), "history is not rewritten");
}

#[test]
fn a_drifting_clock_is_followed() {
    let mut config = PumpConfig::new(SERIAL);
    config.drift_ppm = 200;
    let mut phone = Phone::live(config);
    phone.pump.program(Program::constant(Decimal::from(10), Decimal::from(90)));
    phone.pass_minutes(360);
    phone.pump.press_start();
    phone.pass_minutes(1);
    let started = phone.journal.iter().find(|fact| fact.event.kind == PumpEventKind::Started).unwrap();
    let off = started.happened - (start_time() + Duration::minutes(360));
    assert!(off.num_milliseconds().abs() < 1_500, "{off}");
}

#[test]
fn the_phone_clock_set_back_changes_no_duration_and_no_time_out() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(Program::constant(Decimal::from(120), Decimal::from(40)));
    phone.pump.press_start();
    phone.pass_minutes(5);
    phone.clock.set_wall(start_time() - Duration::hours(5));
    phone.pass_minutes(20);
    assert_eq!(phone.state(), LinkState::Live);
    assert!(phone.status().current.is_some());
    let ledger = phone.ledger();
    let infusion = &ledger.infusions[0];
    let planned = homeline_pump::Planned { minutes: Some(20), early_end_percent: None, late_end_percent: None };
    assert_eq!(infusion.against(&planned), homeline_pump::AgainstPlan::OnTime);
}

#[test]
fn a_lost_live_packet_is_looked_up_in_the_record() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(Program::constant(Decimal::from(120), Decimal::from(40)));
    phone.pass(Duration::seconds(12));
    phone.pump.fault(Fault::LoseLivePacket);
    phone.pump.press_start();
    phone.pass_minutes(6);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::Started), 1);
}
