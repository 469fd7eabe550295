//! The acceptance list: each phrase in which home-infusion orders are written is one test, in the order of the list, with
//! what it means as planned times, or as the question that it leaves open.
//!
//! Orders say their times in the words of FHIR R4 `Timing`; what a patient reads is not tested here. Days are in New York,
//! the last week of November 2026 unless said.

use crate::support::{
    at, dosage, every, expander, from_to, lasting, order, order_id, patient, shown, span, time, times, timing, when,
    zone,
};
use PeriodUnit as U;
use QuestionCode as Q;
use homeline_model::{
    AsNeeded, Bounds, DayOfWeek, Decimal, Dosage, EventTiming, MaxDose, Order, OrderKind, OrderStatus, PeriodUnit,
    Quantity, RateProfile, RateStep, RelativeAnchor, RelativeLink, Repeat, TimePolicy, Timing,
};
use homeline_schedule::{Expansion, MAX_OCCURRENCES, Precision, QuestionCode, Routine, Span};

fn week() -> Span {
    span("2026-11-23T00:00:00-05:00", "2026-11-30T00:00:00-05:00")
}

fn day() -> Span {
    span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00")
}

fn expand_with(orders: &[Order], routine: &Routine, which: usize, span: Span) -> Expansion {
    let table = zone("America/New_York");
    expander(&patient(), orders, &table, routine).order(&orders[which], span, MAX_OCCURRENCES)
}

fn expand(order: Order, span: Span) -> Expansion {
    expand_with(&[order], &Routine::default(), 0, span)
}

/// An order with one dosage.
fn single(fill: impl FnOnce(&mut Repeat)) -> Order {
    order("order", vec![dosage(1, timing(fill))])
}

/// The planned starts, as the clock on the wall shows them. Nothing may be open.
fn starts(expansion: &Expansion) -> Vec<String> {
    assert!(expansion.questions.is_empty(), "{:?}", expansion.questions);
    let table = zone("America/New_York");
    expansion.occurrences.iter().map(|o| shown(&table, o.start)).collect()
}

fn ends(expansion: &Expansion) -> Vec<String> {
    let table = zone("America/New_York");
    expansion.occurrences.iter().filter_map(|o| o.end).map(|end| shown(&table, end)).collect()
}

/// What is open. Nothing may ring.
fn asked(expansion: &Expansion) -> Vec<(QuestionCode, Vec<&'static str>)> {
    assert!(expansion.occurrences.is_empty(), "{:?}", expansion.occurrences);
    expansion.questions.iter().map(|q| (q.code, q.choices.iter().map(|c| c.code).collect())).collect()
}

fn with_policy(policy: TimePolicy, order: Order) -> Order {
    Order { time_policy: policy, ..order }
}

/// "1.25 g IV every 12 hours over 90 minutes"
#[test]
fn row_01_every_12_hours_over_90_minutes() {
    let agreed = single(|r| {
        every(r, 2, 1, U::Day);
        r.time_of_day = times(&["20:00", "08:00"]);
        lasting(r, 90, U::Minute);
    });
    let found = expand(agreed, day());
    assert_eq!(starts(&found), ["2026-11-23T08:00-05:00", "2026-11-23T20:00-05:00"]);
    assert_eq!(ends(&found), ["2026-11-23T09:30-05:00", "2026-11-23T21:30-05:00"]);
    // Hours and times both stated are one meaning; the hours alone are none.
    let both = single(|r| {
        every(r, 1, 12, U::Hour);
        r.time_of_day = times(&["08:00", "20:00"]);
    });
    assert_eq!(starts(&expand(both, day())).len(), 2);
    let hours = expand(single(|r| every(r, 1, 12, U::Hour)), day());
    assert_eq!(asked(&hours), [(Q::AnchorTimeMissing, vec!["first-dose", "times-of-day"])]);
}

/// "Every 8 hours": counted from a first dose, or at three agreed times.
#[test]
fn row_02_every_8_hours_is_elapsed_from_a_first_dose_or_three_times_a_day() {
    let over_the_change = span("2026-10-31T20:00:00-04:00", "2026-11-01T20:00:00-05:00");
    let counted = single(|r| {
        every(r, 1, 8, U::Hour);
        r.bounds = Some(from_to("2026-10-31T22:00:00-04:00", None));
    });
    let counted = expand(with_policy(TimePolicy::Elapsed, counted), over_the_change);
    assert_eq!(starts(&counted), ["2026-10-31T22:00-04:00", "2026-11-01T05:00-05:00", "2026-11-01T13:00-05:00"]);
    let agreed = single(|r| {
        every(r, 3, 1, U::Day);
        r.time_of_day = times(&["06:00", "14:00", "22:00"]);
    });
    let agreed = expand(agreed, over_the_change);
    assert_eq!(starts(&agreed), ["2026-10-31T22:00-04:00", "2026-11-01T06:00-05:00", "2026-11-01T14:00-05:00"]);
    let open = expand(single(|r| every(r, 3, 1, U::Day)), day());
    assert_eq!(asked(&open), [(Q::TimesMissing, vec!["times-of-day", "first-dose"])]);
}

/// "Every 24 hours over 60 minutes for 6 weeks"
#[test]
fn row_03_daily_for_6_weeks_ends_after_42_days() {
    let course = single(|r| {
        every(r, 1, 1, U::Day);
        r.time_of_day = times(&["09:00"]);
        lasting(r, 60, U::Minute);
        r.bounds = Some(Bounds::Duration { value: Decimal::from(42), unit: U::Day });
    });
    assert_eq!(asked(&expand(course.clone(), week())), [(Q::AnchorMissing, vec!["start-day", "first-dose"])]);
    let (patient, routine, table) = (patient(), Routine::default(), zone("America/New_York"));
    let orders = [course];
    let agreed = [(order_id("order"), when("2026-10-14"))];
    let mut expander = expander(&patient, &orders, &table, &routine);
    expander.starts = &agreed;
    let found = expander.order(&orders[0], span("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"), MAX_OCCURRENCES);
    let all = starts(&found);
    assert_eq!(
        (all.len(), all[0].as_str(), all[41].as_str()),
        (42, "2026-10-14T09:00-04:00", "2026-11-24T09:00-05:00")
    );
}

/// "Every 4 or 6 hours by pump": the pump doses; the patient changes the bag.
#[test]
fn row_04_every_4_hours_by_pump_is_one_bag_a_day() {
    let bag = single(|r| {
        every(r, 1, 1, U::Day);
        r.time_of_day = times(&["18:00"]);
        lasting(r, 24, U::Hour);
    });
    assert_eq!(starts(&expand(bag, day())), ["2026-11-23T18:00-05:00"]);
}

/// "Continuous, a 24-hour bag every day": the next start is the swap.
#[test]
fn row_05_a_24_hour_bag_ends_where_the_next_one_starts() {
    let bag = single(|r| {
        every(r, 1, 1, U::Day);
        r.time_of_day = times(&["10:00"]);
        lasting(r, 24, U::Hour);
    });
    let found = expand(bag, week());
    assert_eq!(starts(&found)[1..], ends(&found)[..6]);
}

/// "Mondays, Wednesdays and Fridays"
#[test]
fn row_06_on_mondays_wednesdays_and_fridays() {
    for (frequency, unit) in [(1, U::Day), (3, U::Week)] {
        let found = expand(
            single(|r| {
                every(r, frequency, 1, unit);
                r.day_of_week = vec![DayOfWeek::Fri, DayOfWeek::Mon, DayOfWeek::Wed];
                r.time_of_day = times(&["10:00"]);
            }),
            week(),
        );
        assert_eq!(starts(&found), ["2026-11-23T10:00-05:00", "2026-11-25T10:00-05:00", "2026-11-27T10:00-05:00"]);
    }
}

/// "3 times a week", days free
#[test]
fn row_07_three_times_a_week_without_days_is_asked() {
    let open = expand(single(|r| every(r, 3, 1, U::Week)), week());
    assert_eq!(asked(&open), [(Q::DaysMissing, vec!["days-of-week", "start-day"])]);
    assert_eq!(open.questions[0].path, "dosageInstruction[0].timing.repeat.dayOfWeek");
}

/// "Weekly on Sunday" (subcutaneous immune globulin)
#[test]
fn row_08_weekly_on_sunday_is_a_day_without_a_time() {
    let weekly = single(|r| {
        every(r, 1, 1, U::Week);
        r.day_of_week = vec![DayOfWeek::Sun];
    });
    let found = expand(weekly, week());
    assert_eq!(starts(&found), ["2026-11-29T00:00-05:00"]);
    assert_eq!((found.occurrences[0].precision, found.occurrences[0].slot.as_str()), (Precision::Day, "2026-11-29"));
}

/// "Every 4 weeks", "every 8 weeks": 28 and 56 days, no month
#[test]
fn row_09_every_4_weeks_is_28_days_and_no_month() {
    let quarter = span("2026-11-23T00:00:00-05:00", "2027-02-21T00:00:00-05:00");
    let every_weeks = |weeks| {
        single(|r| {
            every(r, 1, weeks, U::Week);
            r.bounds = Some(from_to("2026-12-01T09:00:00-05:00", None));
        })
    };
    let expected = ["2026-12-01T09:00-05:00", "2026-12-29T09:00-05:00", "2027-01-26T09:00-05:00"];
    assert_eq!(starts(&expand(every_weeks(4), quarter)), expected);
    assert_eq!(starts(&expand(every_weeks(8), quarter)), [expected[0], expected[2]]);
}

/// "Weeks 0, 2 and 6, then every 8 weeks"
#[test]
fn row_10_weeks_0_2_and_6_then_every_8_weeks() {
    let event = ["2026-01-05T10:00:00-05:00", "2026-01-19T10:00:00-05:00", "2026-02-16T10:00:00-05:00"];
    let induction = Timing { event: event.map(when).into(), ..Timing::default() };
    let maintenance = timing(|r| {
        every(r, 1, 8, U::Week);
        r.bounds = Some(from_to("2026-04-13T10:00:00-04:00", None));
    });
    let infliximab = order("order", vec![dosage(1, induction), dosage(2, maintenance)]);
    let found = expand(infliximab, span("2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"));
    let sequences: Vec<u32> = found.occurrences.iter().map(|o| o.dosage_sequence).collect();
    assert_eq!(
        starts(&found),
        [
            "2026-01-05T10:00-05:00",
            "2026-01-19T10:00-05:00",
            "2026-02-16T10:00-05:00",
            "2026-04-13T10:00-04:00",
            "2026-06-08T10:00-04:00"
        ]
    );
    assert_eq!(sequences, [1, 1, 1, 2, 2]);
}

/// "46 hours every 14 days": the end is in absolute time.
#[test]
fn row_11_46_hours_every_14_days_over_the_clock_change() {
    let pump = single(|r| {
        every(r, 1, 14, U::Day);
        lasting(r, 46, U::Hour);
        r.bounds = Some(from_to("2026-10-17T13:30:00-04:00", None));
    });
    let found = expand(pump, span("2026-10-17T00:00:00Z", "2026-11-15T00:00:00Z"));
    assert_eq!(starts(&found), ["2026-10-17T13:30-04:00", "2026-10-31T13:30-04:00", "2026-11-14T13:30-05:00"]);
    assert_eq!(ends(&found)[..2], ["2026-10-19T11:30-04:00", "2026-11-02T10:30-05:00"]);
}

/// "Cycled, 20:00 to 08:00": 12 hours elapsed, also in the night of a clock change
#[test]
fn row_12_cycled_nutrition_runs_12_hours_and_not_until_8_o_clock() {
    let cycled = single(|r| {
        every(r, 1, 1, U::Day);
        r.time_of_day = times(&["20:00"]);
        lasting(r, 12, U::Hour);
    });
    let found = expand(cycled, span("2026-10-31T00:00:00-04:00", "2026-11-02T00:00:00-05:00"));
    assert_eq!(starts(&found), ["2026-10-31T20:00-04:00", "2026-11-01T20:00-05:00"]);
    assert_eq!(ends(&found), ["2026-11-01T07:00-05:00", "2026-11-02T08:00-05:00"]);
}

fn with_profile(minutes: &[Option<u32>], timing: Timing) -> Dosage {
    let rate = Quantity::new("60".parse().unwrap(), "mL/h");
    let steps = minutes.iter().map(|minutes| RateStep { rate: rate.clone(), minutes: *minutes }).collect();
    Dosage { rate_profile: Some(RateProfile { steps, total_volume: None }), ..dosage(1, timing) }
}

/// "Nutrition with 1 hour up and 1 hour down": the rungs say how long it takes.
#[test]
fn row_13_a_taper_takes_as_long_as_its_rungs() {
    let evening = || timing(|r| r.time_of_day = times(&["20:00"]));
    let taper = with_profile(&[Some(60), Some(600), Some(60)], evening());
    let found = expand(order("order", vec![taper]), day());
    assert_eq!(
        (starts(&found), ends(&found)),
        (vec!["2026-11-23T20:00-05:00".into()], vec!["2026-11-24T08:00-05:00".into()])
    );
}

/// "Immune globulin by step rates": the last rung may be open, and then nobody knows the end.
#[test]
fn row_14_a_ladder_with_an_open_last_rung_has_no_end() {
    let morning = || timing(|r| r.time_of_day = times(&["10:00"]));
    let ladder = with_profile(&[Some(30), Some(30), None], morning());
    let found = expand(order("order", vec![ladder]), day());
    assert_eq!((starts(&found).len(), ends(&found).len()), (1, 0));
    // What the order itself says about the length counts.
    let stated = with_profile(
        &[Some(30), None],
        timing(|r| {
            r.time_of_day = times(&["10:00"]);
            lasting(r, 4, U::Hour);
        }),
    );
    assert_eq!(ends(&expand(order("order", vec![stated]), day())), ["2026-11-23T14:00-05:00"]);
}

/// "Daily for 5 days every 28 days"
#[test]
fn row_15_five_days_of_each_cycle_of_28() {
    let cycle = single(|r| {
        every(r, 1, 28, U::Day);
        r.days_of_cycle = vec![1, 2, 3, 4, 5];
        r.bounds = Some(from_to("2026-11-23T09:00:00-05:00", None));
    });
    let found = expand(cycle, span("2026-11-23T00:00:00-05:00", "2026-12-23T00:00:00-05:00"));
    let days: Vec<String> = starts(&found).iter().map(|start| start.chars().skip(5).take(5).collect()).collect();
    assert_eq!(days, ["11-23", "11-24", "11-25", "11-26", "11-27", "12-21", "12-22"]);
    // The same cycle as a list of days.
    let listed = Timing { event: ["2026-11-23", "2026-11-24", "2026-12-21"].map(when).into(), ..Timing::default() };
    assert_eq!(starts(&expand(order("order", vec![dosage(1, listed)]), week())).len(), 2);
}

/// "2 consecutive days every 4 weeks"
#[test]
fn row_16_two_days_in_a_row_every_4_weeks() {
    let cycle = single(|r| {
        every(r, 1, 4, U::Week);
        r.days_of_cycle = vec![1, 2];
        r.time_of_day = times(&["09:00"]);
        r.bounds = Some(from_to("2026-11-23", None));
    });
    let found = expand(cycle, span("2026-11-23T00:00:00-05:00", "2027-01-01T00:00:00-05:00"));
    assert_eq!(
        starts(&found),
        ["2026-11-23T09:00-05:00", "2026-11-24T09:00-05:00", "2026-12-21T09:00-05:00", "2026-12-22T09:00-05:00"]
    );
}

/// "When needed for nausea, every 6 hours, at most 4 a day": a limit and never a reminder.
#[test]
fn row_17_when_needed_is_never_planned_and_never_asked() {
    let mut nausea = dosage(1, timing(|r| every(r, 1, 6, U::Hour)));
    nausea.as_needed = Some(AsNeeded { reason: Some("nausea".into()) });
    nausea.max_dose =
        Some(MaxDose { amount: Quantity::new(Decimal::from(4), "1"), period: Quantity::new(Decimal::ONE, "d") });
    assert_eq!(expand(order("order", vec![nausea]), week()), Expansion::default());
}

/// "PCA 0.2 mg on demand, lock 10 minutes": the pump's program, never a reminder.
#[test]
fn row_18_a_demand_dose_of_a_pump_is_never_planned() {
    let mut demand = dosage(1, Timing::default());
    demand.timing = None;
    demand.as_needed = Some(AsNeeded { reason: None });
    assert_eq!(expand(order("order", vec![demand]), week()), Expansion::default());
}

/// "A loading dose, then maintenance"
#[test]
fn row_19_one_loading_dose_and_then_maintenance() {
    let loading = timing(|r| {
        r.count = Some(1);
        r.bounds = Some(from_to("2026-11-23T11:00:00-05:00", None));
    });
    let maintenance = timing(|r| {
        every(r, 1, 1, U::Day);
        r.time_of_day = times(&["08:00"]);
        r.bounds = Some(from_to("2026-11-24", None));
    });
    let found = expand(order("order", vec![dosage(1, loading), dosage(2, maintenance)]), week());
    let sequences: Vec<u32> = found.occurrences.iter().map(|o| o.dosage_sequence).collect();
    assert_eq!(starts(&found)[..2], ["2026-11-23T11:00-05:00", "2026-11-24T08:00-05:00"]);
    assert_eq!(sequences, [1, 2, 2, 2, 2, 2, 2]);
}

/// "Steroid taper": each step for its days, one after the other
#[test]
fn row_20_each_step_of_a_taper_follows_the_one_before() {
    let step = |days: u32, start: Option<&str>| {
        let event = start.map(when).into_iter().collect();
        let step = timing(|r| {
            every(r, 1, 1, U::Day);
            r.time_of_day = times(&["08:00"]);
            r.bounds = Some(Bounds::Duration { value: Decimal::from(days), unit: U::Day });
        });
        Timing { event, ..step }
    };
    let taper = vec![dosage(1, step(3, Some("2026-11-23"))), dosage(2, step(2, None)), dosage(3, step(1, None))];
    let found = expand(order("order", taper), span("2026-11-01T00:00:00Z", "2027-01-01T00:00:00Z"));
    let sequences: Vec<u32> = found.occurrences.iter().map(|o| o.dosage_sequence).collect();
    assert_eq!((starts(&found).len(), sequences), (6, vec![1, 1, 1, 2, 2, 3]));
}

/// "Until the count is above 0.5", "until the line is out": a start and no end. Only a new order stops it.
#[test]
fn row_21_until_something_happens_has_no_end_of_its_own() {
    let endless = || {
        single(|r| {
            every(r, 1, 1, U::Day);
            r.time_of_day = times(&["09:00"]);
            r.bounds = Some(from_to("2026-11-28", None));
        })
    };
    assert_eq!(starts(&expand(endless(), week())), ["2026-11-28T09:00-05:00", "2026-11-29T09:00-05:00"]);
    let later = span("2036-11-28T00:00:00-05:00", "2036-11-29T00:00:00-05:00");
    assert_eq!(starts(&expand(endless(), later)).len(), 1);
    assert_eq!(expand(Order { status: OrderStatus::Stopped, ..endless() }, week()), Expansion::default());
}

/// "Hold if systolic pressure is below 90, call first": words for the nurse, nothing that we decide.
#[test]
fn row_22_a_condition_in_words_changes_no_time() {
    let plain = dosage(1, timing(|r| r.time_of_day = times(&["09:00"])));
    let mut conditional = plain.clone();
    conditional.instructions = vec!["Hold if the upper blood pressure is below 90. Call first.".into()];
    let (plain, conditional) =
        (expand(order("order", vec![plain]), week()), expand(order("order", vec![conditional]), week()));
    assert_eq!((plain.occurrences, plain.questions), (conditional.occurrences, conditional.questions));
}

/// "30 minutes before the infusion", "1 hour after its end"
#[test]
fn row_23_before_and_after_another_order_follows_that_order() {
    let infusion = order(
        "ivig",
        vec![dosage(
            1,
            timing(|r| {
                r.time_of_day = times(&["10:00"]);
                lasting(r, 4, U::Hour);
            }),
        )],
    );
    let linked = |anchor, offset_minutes| Order {
        kind: OrderKind::Premedication,
        relative_to: Some(RelativeLink { order: order_id("ivig"), anchor, offset_minutes }),
        ..order("premedication", vec![dosage(1, Timing::default())])
    };
    for (anchor, offset, expected) in
        [(RelativeAnchor::Start, -30, "2026-11-23T09:30-05:00"), (RelativeAnchor::End, 60, "2026-11-23T15:00-05:00")]
    {
        let orders = [infusion.clone(), linked(anchor, offset)];
        let found = expand_with(&orders, &Routine::default(), 1, day());
        assert_eq!(starts(&found), [expected]);
        assert!(found.occurrences[0].follows.is_some());
    }
}

/// "With meals", "30 minutes before each meal", "at bedtime": by the patient's own day
#[test]
fn row_24_with_meals_follows_the_patients_own_day() {
    let before_meals = || {
        single(|r| {
            r.when = vec![EventTiming::BeforeMeal];
            r.offset_minutes = Some(30);
        })
    };
    assert_eq!(asked(&expand(before_meals(), day())), [(Q::RoutineMissing, vec!["routine", "times-of-day"])]);
    let routine = Routine {
        events: vec![
            (EventTiming::Breakfast, time("07:30")),
            (EventTiming::Lunch, time("12:00")),
            (EventTiming::Dinner, time("18:15")),
            (EventTiming::BeforeSleep, time("22:00")),
        ],
        ..Routine::default()
    };
    let found = expand_with(&[before_meals()], &routine, 0, day());
    assert_eq!(starts(&found), ["2026-11-23T07:00-05:00", "2026-11-23T11:30-05:00", "2026-11-23T17:45-05:00"]);
    let with = |when: EventTiming| expand_with(&[single(|r| r.when = vec![when])], &routine, 0, day());
    assert_eq!(starts(&with(EventTiming::Lunch)), ["2026-11-23T12:00-05:00"]);
    assert_eq!(starts(&with(EventTiming::BeforeSleep)), ["2026-11-23T22:00-05:00"]);
    // "After dinner" without minutes is no time.
    assert_eq!(asked(&with(EventTiming::AfterDinner)), [(Q::MealOffsetMissing, vec!["minutes", "times-of-day"])]);
}

/// "Flush every 24 hours when idle": a duty of its own, which a use of the line satisfies (that is the agenda's)
#[test]
fn row_25_the_idle_flush_is_a_duty_of_each_day_without_a_drugs_dose() {
    let mut flush = single(|r| {
        every(r, 1, 1, U::Day);
        r.time_of_day = times(&["09:00"]);
    });
    flush.kind = OrderKind::LineCare;
    flush.dosages[0].dose = None;
    assert_eq!(starts(&expand(flush, week())).len(), 7);
}

/// "Once"
#[test]
fn row_26_one_time_is_one_event_or_a_count_of_one() {
    let event = Timing { event: vec![when("2026-11-24T11:00:00-05:00")], ..Timing::default() };
    let counted = timing(|r| {
        r.count = Some(1);
        r.bounds = Some(from_to("2026-11-24T11:00:00-05:00", None));
    });
    for once in [event, counted] {
        let found = expand(order("order", vec![dosage(1, once)]), span("2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"));
        assert_eq!(starts(&found), ["2026-11-24T11:00-05:00"]);
    }
}

/// "Every other day": from an anchor, whatever the weekday
#[test]
fn row_27_every_other_day_counts_from_its_anchor() {
    let alternate = |start: Option<&str>| {
        single(|r| {
            every(r, 1, 2, U::Day);
            r.time_of_day = times(&["09:00"]);
            r.bounds = start.map(|start| from_to(start, None));
        })
    };
    let found = expand(alternate(Some("2026-11-20")), week());
    assert_eq!(starts(&found), ["2026-11-24T09:00-05:00", "2026-11-26T09:00-05:00", "2026-11-28T09:00-05:00"]);
    assert_eq!(asked(&expand(alternate(None), week())), [(Q::AnchorMissing, vec!["start-day", "first-dose"])]);
}

/// "Blood on the first Tuesday of the month": no Timing says that; the team sends the days.
#[test]
fn row_28_the_first_tuesday_of_the_month_comes_as_days() {
    let days = Timing { event: ["2026-12-01", "2027-01-05", "2027-02-02"].map(when).into(), ..Timing::default() };
    let mut lab = order("order", vec![dosage(1, days)]);
    lab.kind = OrderKind::Lab;
    lab.dosages[0].dose = None;
    let found = expand(lab, span("2026-11-23T00:00:00-05:00", "2027-03-01T00:00:00-05:00"));
    assert_eq!(starts(&found), ["2026-12-01T00:00-05:00", "2027-01-05T00:00-05:00", "2027-02-02T00:00-05:00"]);
    assert!(found.occurrences.iter().all(|o| o.precision == Precision::Day));
    // A month with a weekday could mean several things.
    let monthly = single(|r| {
        every(r, 1, 1, U::Month);
        r.day_of_week = vec![DayOfWeek::Tue];
        r.bounds = Some(from_to("2026-12-01", None));
    });
    assert_eq!(asked(&expand(monthly, week())), [(Q::DaysAgainstPeriod, vec!["days-of-week", "start-day"])]);
}

/// "The order is changed": the old one plans nothing more, the new one has doses of its own.
#[test]
fn row_29_a_new_order_plans_from_its_start_and_the_old_one_no_more() {
    let daily = |id: &str, start: &str| {
        let timing = timing(|r| {
            every(r, 1, 1, U::Day);
            r.time_of_day = times(&["09:00"]);
            r.bounds = Some(from_to(start, None));
        });
        order(id, vec![dosage(1, timing)])
    };
    let old = daily("old", "2026-11-01");
    let planned = expand(old.clone(), week());
    let new = Order { replaces: Some(order_id("old")), ..daily("new", "2026-11-26") };
    assert_eq!(expand(Order { status: OrderStatus::Stopped, ..old }, week()), Expansion::default());
    let found = expand(new, week());
    assert_eq!(starts(&found).len(), 4);
    assert!(found.occurrences.iter().all(|o| o.start >= at("2026-11-26T00:00:00-05:00")));
    assert!(found.occurrences.iter().all(|o| planned.occurrences.iter().all(|old| old.id != o.id)));
}
