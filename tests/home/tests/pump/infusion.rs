use crate::phone::{Phone, SERIAL, shown, start_time};
use chrono::Duration;
use homeline_home::{Program, PumpConfig};
use homeline_model::{AlarmKind, Decimal, PumpEventKind};
use homeline_pump::{AgainstPlan, Delivery, InfusionEnd, LinkState, Planned, PumpSession};

fn vancomycin() -> Program {
    // 250 mL in 90 minutes, to the tenth of a millilitre per hour.
    Program::constant(ml("166.7"), Decimal::from(250))
}

fn ml(text: &str) -> Decimal {
    text.parse().expect("a number")
}

#[test]
fn ninety_minutes_with_an_occlusion_at_30_mended_at_42_are_told_as_they_were() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(vancomycin());
    phone.pump.press_start();
    phone.pass_minutes(30);
    let status = phone.status();
    let current = status.current.expect("live and fresh");
    assert_eq!(current.delivery, Some(Delivery::Delivering));
    assert_eq!(shown(current.rate.as_ref()).as_deref(), Some("166.7 mL/h"));
    assert_eq!(shown(current.volume_to_be_infused.as_ref()).as_deref(), Some("250.00 mL"));

    phone.pump.block_line();
    phone.pass_minutes(1);
    let status = phone.status();
    assert_eq!(status.alarms.len(), 1);
    assert_eq!(status.alarms[0].kind, AlarmKind::OcclusionDownstream);
    assert_eq!(status.alarms[0].text, "Downstream occlusion");
    assert!(status.alarms[0].raised_record.is_some() && status.alarms[0].cleared_at.is_none());
    assert_eq!(status.current.unwrap().delivery, Some(Delivery::NotDelivering));
    phone.act(|session, now| session.alarm_seen(196_940, now));
    assert!(phone.status().alarms[0].seen_at.is_some());
    assert!(phone.status().alarms[0].cleared_at.is_none(), "seen here is not cleared on the pump");

    phone.pass_minutes(11);
    phone.pump.open_line();
    phone.pump.press_start();
    phone.pass(Duration::seconds(5));
    assert!(phone.status().alarms[0].cleared_at.is_some());
    phone.pass_minutes(75);

    let ledger = phone.ledger();
    assert_eq!(ledger.infusions.len(), 1);
    let infusion = &ledger.infusions[0];
    assert_eq!(infusion.end, InfusionEnd::Completed);
    let delivered = infusion.delivered(Some(Decimal::from(250)));
    assert_eq!(delivered.certain_ml, ml("250.00"));
    assert_eq!(delivered.uncertain_ml, Some(Decimal::ZERO));
    assert_eq!(phone.pump.infused_ml(), Decimal::from(250), "and so it was");
    assert_eq!(infusion.interruptions.len(), 1);
    let pause = &infusion.interruptions[0];
    assert_eq!(pause.alarm, Some(AlarmKind::OcclusionDownstream));
    let minutes = |at: chrono::DateTime<chrono::Utc>| (at - start_time()).num_minutes();
    assert_eq!(minutes(pause.from.at), 30);
    assert_eq!(minutes(pause.to.as_ref().unwrap().at), 42);
    let planned = Planned { minutes: Some(90), early_end_percent: Some(10), late_end_percent: None };
    assert!(
        matches!(infusion.against(&planned), AgainstPlan::Late { minutes: 11 | 12, beyond_limit: None }),
        "{:?}",
        infusion.against(&planned)
    );
    // Each fact once: raised, seen, cleared.
    assert_eq!(
        phone.count(|kind| matches!(kind, PumpEventKind::AlarmRaised { alarm: AlarmKind::OcclusionDownstream, .. })),
        1
    );
    assert_eq!(phone.count(|kind| matches!(kind, PumpEventKind::AlarmSeen { .. })), 1);
    assert_eq!(
        phone.count(|kind| matches!(kind, PumpEventKind::AlarmCleared { alarm: AlarmKind::OcclusionDownstream })),
        1
    );
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::Completed), 1);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkUp), 1);
}

#[test]
fn ten_minutes_out_of_reach_are_filled_in_and_nothing_old_is_shown_meanwhile() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(vancomycin());
    phone.pump.press_start();
    phone.pass_minutes(20);
    phone.pump.set_in_range(false);
    phone.pass(Duration::seconds(1));
    let status = phone.status();
    assert!(status.current.is_none(), "comms lost never shows an old value as current");
    let known = status.last_known.expect("with its time");
    assert_eq!(shown(known.rate.as_ref()).as_deref(), Some("166.7 mL/h"));
    assert!(known.at <= phone.clock.now());

    // While nobody listens, the line blocks and is mended.
    phone.pass_minutes(2);
    phone.pump.block_line();
    phone.pass_minutes(3);
    phone.pump.open_line();
    phone.pump.press_start();
    phone.pass_minutes(5);
    let silent = phone.journal.len();
    phone.pump.set_in_range(true);
    phone.pass_minutes(2);
    assert_eq!(phone.state(), LinkState::Live);
    assert!(phone.journal.len() > silent);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkLost), 1);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkUp), 2);
    assert_eq!(phone.count(|kind| matches!(kind, PumpEventKind::RecordGap { .. })), 0);
    assert!(phone.status().alarms.iter().all(|alarm| alarm.cleared_at.is_some()), "both ends came from the record");
    phone.pass_minutes(80);

    let ledger = phone.ledger();
    assert_eq!(ledger.infusions.len(), 1);
    assert_eq!(ledger.infusions[0].interruptions.len(), 1);
    assert_eq!(ledger.infusions[0].delivered(Some(Decimal::from(250))).certain_ml, ml("250.00"));
    assert!(ledger.unknown.is_empty());
}

#[test]
fn a_running_infusion_is_certain_up_to_its_counter_and_uncertain_up_to_the_order() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(vancomycin());
    phone.pump.press_start();
    phone.pass_minutes(31);
    let ledger = phone.ledger();
    let infusion = &ledger.infusions[0];
    assert_eq!(infusion.end, InfusionEnd::Running);
    let delivered = infusion.delivered(Some(Decimal::from(250)));
    assert!(delivered.certain_ml > ml("80") && delivered.certain_ml <= phone.pump.infused_ml());
    assert_eq!(delivered.certain_ml + delivered.uncertain_ml.unwrap(), Decimal::from(250));
}

#[test]
fn the_app_killed_at_any_minute_loses_and_doubles_nothing() {
    let whole = {
        let mut phone = Phone::live(PumpConfig::new(SERIAL));
        run_with(&mut phone, None);
        phone
    };
    for minute in [1, 17, 31, 36, 44, 90] {
        let mut phone = Phone::live(PumpConfig::new(SERIAL));
        run_with(&mut phone, Some(minute));
        assert_eq!(phone.ledger(), whole.ledger(), "killed at minute {minute}");
        assert_eq!(phone.records(), whole.records(), "killed at minute {minute}");
    }

    fn run_with(phone: &mut Phone, killed_at: Option<i64>) {
        phone.pump.program(vancomycin());
        phone.pump.press_start();
        for minute in 0..110 {
            if Some(minute) == killed_at {
                phone.restart_app();
            }
            match minute {
                30 => phone.pump.block_line(),
                42 => {
                    phone.pump.open_line();
                    phone.pump.press_start();
                }
                _ => {}
            }
            phone.pass_minutes(1);
        }
    }
}

#[test]
fn a_commit_that_failed_is_made_good_from_the_stored_memory() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(vancomycin());
    phone.pump.press_start();
    phone.pass_minutes(12);
    // The disk is full: facts and memory of these minutes are lost with the session.
    let (journal, stored) = (phone.journal.clone(), phone.stored.clone());
    phone.pass_minutes(12);
    let told = phone.records();
    phone.journal = journal;
    phone.stored = stored;
    phone.restart_app();
    phone.pass_minutes(1);
    assert_eq!(phone.records()[..told.len()], told);
}

#[test]
fn two_infusions_on_one_pump_are_two() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    for _ in 0..2 {
        phone.pump.program(Program::constant(Decimal::from(120), Decimal::from(60)));
        phone.pump.press_start();
        phone.pass_minutes(40);
    }
    let ledger = phone.ledger();
    assert_eq!(ledger.infusions.len(), 2);
    for infusion in &ledger.infusions {
        assert_eq!(infusion.delivered(Some(Decimal::from(60))).certain_ml, ml("60"));
        assert_eq!(
            infusion.against(&Planned { minutes: Some(30), early_end_percent: None, late_end_percent: None }),
            AgainstPlan::OnTime
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let day = || {
        let mut phone = Phone::live(PumpConfig::new(SERIAL));
        phone.pump.program(vancomycin());
        phone.pump.press_start();
        phone.pass_minutes(20);
        phone.pump.set_in_range(false);
        phone.pass_minutes(10);
        phone.pump.set_in_range(true);
        phone.pass_minutes(20);
        (phone.journal, phone.asked, phone.states)
    };
    assert_eq!(day(), day());
}

#[test]
fn a_stop_in_the_middle_keeps_what_was_given_and_is_not_called_complete() {
    let mut phone = Phone::live(PumpConfig::new(SERIAL));
    phone.pump.program(vancomycin());
    phone.pump.press_start();
    phone.pass_minutes(30);
    phone.pump.press_stop();
    phone.pass_minutes(1);
    let ledger = phone.ledger();
    let infusion = &ledger.infusions[0];
    assert_eq!(infusion.end, InfusionEnd::Stopped);
    let delivered = infusion.delivered(Some(Decimal::from(250)));
    assert_eq!(delivered.certain_ml, ml("83.35"));
    assert_eq!(delivered.uncertain_ml, Some(Decimal::ZERO), "the counter at the stop is the last word");
    phone.act(PumpSession::stop);
    assert_eq!(phone.state(), LinkState::Off);
    assert_eq!(phone.count(|kind| *kind == PumpEventKind::LinkLost), 1);
}
