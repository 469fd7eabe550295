//! What a journey does to the doses, before it is accepted.

use crate::support::{
    at, author, dosage, every, from_to, order, order_id, patient, plan, shown, statement, times, timing, zone,
};
use homeline_model::{AdministrationStatus, AuthorRole, Entry, OccurrenceId, Order, PeriodUnit, TimePolicy};
use homeline_schedule::{AgendaInput, OrderTravel, Precision, Routine, TravelPreview, Zones, travel_preview};

fn at_times(policy: TimePolicy, texts: &[&str]) -> Order {
    let timing = timing(|r| {
        every(r, u32::try_from(texts.len()).unwrap(), 1, PeriodUnit::Day);
        r.time_of_day = times(texts);
    });
    Order { time_policy: policy, ..order("order", vec![dosage(1, timing)]) }
}

/// From New York to `there`, at noon of 23 November in New York.
fn preview(order: Order, entries: &[Entry], there: &str, doses: usize) -> TravelPreview {
    let (home, there) = (zone("America/New_York"), zone(there));
    let (plan, routine) = (plan(vec![order]), Routine::default());
    let input = AgendaInput { plan: &plan, entries, zones: Zones::at_home(&home), routine: &routine, starts: &[] };
    travel_preview(&input, &there, at("2026-11-23T12:00:00-05:00"), doses)
}

fn both_clocks(travel: &OrderTravel, there: &str) -> Vec<(String, String)> {
    let (home, there) = (zone("America/New_York"), zone(there));
    travel.doses.iter().map(|dose| (shown(&home, dose.now.unwrap()), shown(&there, dose.there.unwrap()))).collect()
}

#[test]
fn a_dose_by_the_wall_clock_moves_and_one_by_home_or_by_hours_stays() {
    let found = preview(at_times(TimePolicy::WallClock, &["08:00", "20:00"]), &[], "Europe/Berlin", 3);
    let travel = &found.orders[0];
    assert!(travel.moves());
    assert_eq!(
        both_clocks(travel, "Europe/Berlin"),
        [
            ("2026-11-23T20:00-05:00".into(), "2026-11-23T20:00+01:00".into()),
            ("2026-11-24T08:00-05:00".into(), "2026-11-24T08:00+01:00".into()),
            ("2026-11-24T20:00-05:00".into(), "2026-11-24T20:00+01:00".into()),
        ]
    );
    let home = preview(at_times(TimePolicy::HomeZone, &["08:00", "20:00"]), &[], "Europe/Berlin", 2);
    assert!(!home.orders[0].moves());
    assert_eq!(both_clocks(&home.orders[0], "Europe/Berlin")[0].1, "2026-11-24T02:00+01:00");
    let eight_hours = timing(|r| {
        every(r, 1, 8, PeriodUnit::Hour);
        r.bounds = Some(from_to("2026-11-20T06:00:00-05:00", None));
    });
    let counted = Order { time_policy: TimePolicy::Elapsed, ..order("order", vec![dosage(1, eight_hours)]) };
    let counted = preview(counted, &[], "Europe/Berlin", 4);
    assert!(!counted.orders[0].moves() && counted.orders[0].doses.len() == 4);
}

#[test]
fn a_dose_that_comes_too_close_to_the_one_before_is_flagged_and_kept() {
    let mut twice = at_times(TimePolicy::WallClock, &["08:00", "20:00"]);
    twice.minimum_interval_minutes = Some(8 * 60);
    // 20:00 in Berlin is 14:00 in New York: six hours after the dose of 08:00.
    let found = preview(twice.clone(), &[], "Europe/Berlin", 2);
    let doses = &found.orders[0].doses;
    assert_eq!((doses[0].minutes_after_previous, doses[0].too_close), (Some(6 * 60), true));
    assert_eq!((doses[1].minutes_after_previous, doses[1].too_close), (Some(12 * 60), false));
    // The dose of the morning really started two hours late: four hours.
    let id = OccurrenceId::new(&patient(), &order_id("order"), 1, "2026-11-23T08:00");
    let rosa = author(AuthorRole::Patient, "Rosa");
    let late = "2026-11-23T10:00:00-05:00";
    let entries = [statement(1, id, rosa, late, AdministrationStatus::Completed, Some(late))];
    let found = preview(twice, &entries, "Europe/Berlin", 2);
    assert_eq!(found.orders[0].doses[0].minutes_after_previous, Some(4 * 60));
}

#[test]
fn going_west_a_dose_that_was_given_does_not_come_again() {
    let id = OccurrenceId::new(&patient(), &order_id("order"), 1, "2026-11-23T08:00");
    let rosa = author(AuthorRole::Patient, "Rosa");
    let given = "2026-11-23T08:05:00-05:00";
    let entries = [statement(1, id, rosa, given, AdministrationStatus::Completed, Some(given))];
    // Noon in New York is 10:00 in Vancouver, which has stayed on summer time since 2026.
    let morning = at_times(TimePolicy::WallClock, &["08:00", "11:00"]);
    let found = preview(morning.clone(), &entries, "America/Vancouver", 3);
    assert!(found.orders[0].doses.iter().all(|dose| dose.occurrence != id));
    // The dose of 11:00 was not recorded: by the clock of Vancouver it is still to come.
    let names = |slot: &str| OccurrenceId::new(&patient(), &order_id("order"), 1, slot);
    let open = &found.orders[0].doses[0];
    assert_eq!((open.occurrence, open.already_past), (names("2026-11-23T11:00"), false));
    assert_eq!(open.there, Some(at("2026-11-23T11:00:00-07:00")));
}

#[test]
fn going_east_a_dose_whose_time_is_over_there_is_said() {
    let found = preview(at_times(TimePolicy::WallClock, &["14:00"]), &[], "Europe/Berlin", 2);
    let dose = &found.orders[0].doses[0];
    // 14:00 of that day: still to come in New York, over since four hours in Berlin.
    assert_eq!((dose.now, dose.already_past), (Some(at("2026-11-23T14:00:00-05:00")), true));
    assert!(!found.orders[0].doses[1].already_past);
}

#[test]
fn a_day_that_the_other_zone_does_not_have_has_no_time_there() {
    let (home, there) = (zone("America/New_York"), zone("Pacific/Apia"));
    let (plan, routine) = (plan(vec![at_times(TimePolicy::WallClock, &["08:00"])]), Routine::default());
    let input = AgendaInput { plan: &plan, entries: &[], zones: Zones::at_home(&home), routine: &routine, starts: &[] };
    let found = travel_preview(&input, &there, at("2011-12-29T12:00:00-05:00"), 3);
    let missing: Vec<_> = found.orders[0].doses.iter().filter(|dose| dose.there.is_none()).collect();
    assert_eq!((missing.len(), missing[0].now), (1, Some(at("2011-12-30T08:00:00-05:00"))));
    assert_eq!(found.skipped.len(), 1);
}

#[test]
fn an_order_of_days_and_one_with_long_pauses_show_their_next_doses() {
    let weekly = timing(|r| {
        every(r, 1, 26, PeriodUnit::Week);
        r.bounds = Some(from_to("2016-12-01", None));
    });
    let found = preview(order("order", vec![dosage(1, weekly)]), &[], "Pacific/Apia", 2);
    let doses = &found.orders[0].doses;
    assert_eq!((doses.len(), doses[0].precision), (2, Precision::Day));
    let listed = homeline_model::Timing {
        event: ["2026-11-25T09:00:00-05:00", "2027-11-25T09:00:00-05:00"].map(crate::support::when).into(),
        ..homeline_model::Timing::default()
    };
    let found = preview(order("order", vec![dosage(1, listed)]), &[], "Europe/Berlin", 5);
    assert_eq!((found.orders[0].doses.len(), found.orders[0].moves()), (2, false));
}

#[test]
fn nothing_that_is_open_or_ended_travels() {
    let open = order("order", vec![dosage(1, timing(|r| every(r, 3, 1, PeriodUnit::Week)))]);
    let found = preview(open, &[], "Europe/Berlin", 3);
    assert_eq!((found.orders.len(), found.questions.len()), (0, 1));
    let stopped = Order { status: homeline_model::OrderStatus::Stopped, ..at_times(TimePolicy::WallClock, &["08:00"]) };
    assert_eq!(preview(stopped, &[], "Europe/Berlin", 3), TravelPreview::default());
}
