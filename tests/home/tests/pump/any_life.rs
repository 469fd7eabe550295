//! Any life gives the same ledger: out of reach, cut links, lost and doubled packets, the app killed, commits that fail, at
//! random times, beside a pump that runs, blocks, is mended and starts anew. proptest prints the case and its seed.

use crate::phone::{Phone, SERIAL};
use chrono::Duration;
use homeline_home::{Fault, Program, PumpConfig};
use homeline_model::Decimal;
use homeline_pump::{LedgerEvent, LinkState, PumpSession, reconcile};
use proptest::prelude::*;

/// What the pump does. The same list is lived by every phone.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Program(u32),
    Start,
    Stop,
    Block,
    Mend,
    /// A person sets the pump's clock, wrong by so many minutes.
    SetClock(i32),
    Wait(u32),
}

/// What goes wrong between pump and journal.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    Nothing,
    OutOfReach,
    InReach,
    Kill,
    /// The journal could not be written: the session is dropped and built from what was kept.
    FailedCommit,
    Cut(u32),
    CutBeforeAnswer,
    LoseStored(u32),
    DoubleStored,
    LoseLive,
    Garble,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        1 => (10_u32..60).prop_map(Deed::Program),
        3 => Just(Deed::Start),
        1 => Just(Deed::Stop),
        1 => Just(Deed::Block),
        2 => Just(Deed::Mend),
        1 => (-300_i32..300).prop_map(Deed::SetClock),
        4 => (1_u32..400).prop_map(Deed::Wait),
    ]
}

/// Most reports are of a few packets.
fn packet() -> impl Strategy<Value = u32> {
    prop_oneof![3 => 0_u32..4, 1 => 0_u32..40]
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        4 => Just(Mishap::Nothing),
        2 => Just(Mishap::OutOfReach),
        3 => Just(Mishap::InReach),
        1 => Just(Mishap::Kill),
        1 => Just(Mishap::FailedCommit),
        2 => packet().prop_map(Mishap::Cut),
        1 => Just(Mishap::CutBeforeAnswer),
        3 => packet().prop_map(Mishap::LoseStored),
        1 => Just(Mishap::DoubleStored),
        1 => Just(Mishap::LoseLive),
        1 => Just(Mishap::Garble),
    ]
}

fn life(mtu: u16, days: &[(Deed, Mishap)], mishaps: bool) -> Phone {
    let mut config = PumpConfig::new(SERIAL);
    config.mtu = mtu;
    let mut phone = Phone::live(config);
    for (deed, mishap) in days {
        match if mishaps { *mishap } else { Mishap::Nothing } {
            Mishap::Nothing => {}
            Mishap::OutOfReach => phone.pump.set_in_range(false),
            Mishap::InReach => phone.pump.set_in_range(true),
            Mishap::Kill => phone.restart_app(),
            Mishap::FailedCommit => phone.fail_next_commit = true,
            Mishap::Cut(packet) => phone.pump.fault(Fault::CutAfterStoredPackets(packet)),
            Mishap::CutBeforeAnswer => phone.pump.fault(Fault::CutBeforeRecordAnswer),
            Mishap::LoseStored(packet) => {
                // One that waits at a time: what is lost twice in a row is a hole, and has a test of its own.
                phone.pump.heal();
                phone.pump.fault(Fault::LoseStoredPacket(packet));
            }
            Mishap::DoubleStored => phone.pump.fault(Fault::DoubleStoredPackets),
            Mishap::LoseLive => phone.pump.fault(Fault::LoseLivePacket),
            Mishap::Garble => phone.pump.fault(Fault::GarbleLive),
        }
        match deed {
            Deed::Program(volume) => phone.pump.program(Program::constant(Decimal::from(300), Decimal::from(*volume))),
            Deed::Start => phone.pump.press_start(),
            Deed::Stop => phone.pump.press_stop(),
            Deed::Block => phone.pump.block_line(),
            Deed::Mend => phone.pump.open_line(),
            Deed::SetClock(minutes) => {
                let wrong = phone.clock.now() + Duration::minutes(i64::from(*minutes));
                phone.pump.set_pump_clock(wrong.naive_utc());
            }
            Deed::Wait(seconds) => phone.pass(Duration::seconds(i64::from(*seconds))),
        }
        phone.pass(Duration::seconds(2));
    }
    // Everything is well again for long enough to ask twice.
    phone.pump.heal();
    phone.pump.set_in_range(true);
    phone.fail_next_commit = false;
    phone.pass_minutes(12);
    phone
}

#[test]
fn a_record_that_came_twice_does_not_stand_in_for_one_that_was_lost() {
    let days = [
        (Deed::Program(11), Mishap::OutOfReach),
        (Deed::Start, Mishap::LoseStored(0)),
        (Deed::Stop, Mishap::DoubleStored),
        (Deed::Stop, Mishap::InReach),
    ];
    let (quiet, phone) = (life(185, &days, false), life(185, &days, true));
    assert_eq!(phone.ledger(), quiet.ledger());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_goes_wrong_between_pump_and_journal_the_ledger_is_the_undisturbed_one(
        days in proptest::collection::vec((deed(), mishap()), 4..24), mtu in prop_oneof![Just(23_u16), Just(185)],
        slices in any::<Vec<prop::sample::Index>>(),
    ) {
        let (quiet, phone) = (life(185, &days, false), life(mtu, &days, true));
        prop_assert_eq!(phone.state(), LinkState::Live);
        prop_assert!(phone.status().holes.is_empty(), "{:?}", phone.status().holes);
        prop_assert_eq!((phone.stored.epoch, quiet.stored.epoch), (0, 0), "no record was erased");
        let volumes = |phone: &Phone| {
            let infusions = phone.ledger().infusions;
            infusions.into_iter().map(|one| (one.first_record, one.last_record, one.end, one.counter_ml, one.interruptions.len()))
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(volumes(&phone), volumes(&quiet));
        let mut records = phone.records();
        records.sort_unstable();
        prop_assert_eq!(records, quiet.records());

        // Any slices of what the journal holds, in any order and with any overlap, and the whole of it at the end.
        let mut events: Vec<LedgerEvent> = Vec::new();
        for slice in slices.chunks_exact(2) {
            let (a, b) = (slice[0].index(phone.journal.len()), slice[1].index(phone.journal.len()));
            events.extend(phone.journal[a.min(b)..=a.max(b)].iter().rev().filter_map(LedgerEvent::from_fact));
        }
        events.extend(phone.journal.iter().filter_map(LedgerEvent::from_fact));
        prop_assert_eq!(reconcile(events), phone.ledger());

        for infusion in phone.ledger().infusions {
            let ordered = Decimal::from(40);
            let delivered = infusion.delivered(Some(ordered));
            let uncertain = delivered.uncertain_ml.unwrap_or_default();
            prop_assert!(delivered.certain_ml >= Decimal::ZERO && delivered.certain_ml + uncertain <= ordered);
        }
    }
}

#[test]
fn a_commit_that_fails_in_the_middle_of_a_backfill_loses_and_doubles_nothing() {
    let mut phone = Phone::new(PumpConfig::new(SERIAL));
    phone.pump.program(Program::constant(Decimal::from(300), Decimal::from(200)));
    phone.pump.press_start();
    phone.pass_minutes(40);
    phone.fail_next_commit = true;
    phone.act(PumpSession::enrol);
    phone.pass_minutes(1);
    // What was not written is as if it had never been: also the pairing, which a person makes again.
    if phone.state() == LinkState::NotEnrolled {
        phone.act(PumpSession::enrol);
    }
    phone.pass_minutes(1);
    assert_eq!(phone.state(), LinkState::Live);
    let records = phone.records();
    assert!(
        records.windows(2).all(|pair| pair[1] == pair[0] + 1) && records.len() == phone.pump.records(),
        "{records:?}"
    );
}
