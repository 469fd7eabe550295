//! The phrases of real orders, each with what it means: the planned times, or the question that it leaves open.

use crate::support::{every, from_to, lasting, shown, span, time, times, timing, when, zone};
use homeline_model::{
    Bounds, DayOfWeek, Decimal, EventTiming, FhirDateTime, PeriodUnit, Repeat, TimePolicy, Timing, ZoneTable,
};
use homeline_schedule::{Precision, QuestionCode, Routine, Span, TimingExpansion, Zones, expand_timing};

fn expand_at(table: &ZoneTable, timing: &Timing, policy: TimePolicy, span: Span) -> TimingExpansion {
    expand_timing(timing, policy, None, Zones::at_home(table), &Routine::default(), span, 1000)
}

/// The planned starts, as the clock on the wall shows them.
fn starts(table: &ZoneTable, expansion: &TimingExpansion) -> Vec<String> {
    expansion.slots.iter().map(|slot| shown(table, slot.start())).collect()
}

/// Start of a span of some days, in New York.
fn week() -> Span {
    span("2026-11-23T00:00:00-05:00", "2026-11-30T00:00:00-05:00")
}

struct Phrase {
    words: &'static str,
    timing: Timing,
    policy: TimePolicy,
    span: Span,
    starts: &'static [&'static str],
}

fn phrase(words: &'static str, fill: impl FnOnce(&mut Repeat), span: Span, starts: &'static [&'static str]) -> Phrase {
    Phrase { words, timing: timing(fill), policy: TimePolicy::WallClock, span, starts }
}

fn phrases() -> Vec<Phrase> {
    use PeriodUnit as U;
    let two_days = span("2026-11-23T00:00:00-05:00", "2026-11-25T00:00:00-05:00");
    let quarter = span("2026-11-23T00:00:00-05:00", "2027-02-21T00:00:00-05:00");
    let mut table = vec![
        phrase(
            "1.25 g every 12 hours over 90 minutes, at 08:00 and 20:00",
            |r| {
                every(r, 2, 1, U::Day);
                r.time_of_day = times(&["20:00", "08:00"]);
                lasting(r, 90, U::Minute);
            },
            two_days,
            &["2026-11-23T08:00-05:00", "2026-11-23T20:00-05:00", "2026-11-24T08:00-05:00", "2026-11-24T20:00-05:00"],
        ),
        phrase(
            "every 12 hours at 08:00 and 20:00, the hours and the times both stated",
            |r| {
                every(r, 1, 12, U::Hour);
                r.time_of_day = times(&["08:00", "20:00"]);
            },
            span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00"),
            &["2026-11-23T08:00-05:00", "2026-11-23T20:00-05:00"],
        ),
        phrase(
            "every 8 hours at 06:00, 14:00 and 22:00",
            |r| {
                every(r, 3, 1, U::Day);
                r.time_of_day = times(&["06:00", "14:00", "22:00"]);
            },
            span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00"),
            &["2026-11-23T06:00-05:00", "2026-11-23T14:00-05:00", "2026-11-23T22:00-05:00"],
        ),
        phrase(
            "every 8 hours from the first dose: elapsed, over the night of the clock change",
            |r| {
                every(r, 1, 8, U::Hour);
                r.bounds = Some(from_to("2026-10-31T22:00:00-04:00", None));
            },
            span("2026-10-31T20:00:00-04:00", "2026-11-01T20:00:00-05:00"),
            &["2026-10-31T22:00-04:00", "2026-11-01T05:00-05:00", "2026-11-01T13:00-05:00"],
        ),
        phrase(
            "every 24 hours over 60 minutes for 6 weeks, by start and end",
            |r| {
                every(r, 1, 1, U::Day);
                r.time_of_day = times(&["09:00"]);
                r.bounds = Some(from_to("2026-10-14", Some("2026-11-24")));
            },
            week(),
            &["2026-11-23T09:00-05:00", "2026-11-24T09:00-05:00"],
        ),
        phrase(
            "every 6 hours: the daily bag change of the pump",
            |r| {
                every(r, 1, 1, U::Day);
                r.time_of_day = times(&["18:00"]);
                lasting(r, 24, U::Hour);
            },
            two_days,
            &["2026-11-23T18:00-05:00", "2026-11-24T18:00-05:00"],
        ),
        phrase(
            "Mondays, Wednesdays and Fridays",
            |r| {
                every(r, 1, 1, U::Day);
                r.day_of_week = vec![DayOfWeek::Fri, DayOfWeek::Mon, DayOfWeek::Wed];
                r.time_of_day = times(&["10:00"]);
            },
            week(),
            &["2026-11-23T10:00-05:00", "2026-11-25T10:00-05:00", "2026-11-27T10:00-05:00"],
        ),
        phrase(
            "3 times a week, on Mondays, Wednesdays and Fridays",
            |r| {
                every(r, 3, 1, U::Week);
                r.day_of_week = vec![DayOfWeek::Mon, DayOfWeek::Wed, DayOfWeek::Fri];
                r.time_of_day = times(&["10:00"]);
            },
            week(),
            &["2026-11-23T10:00-05:00", "2026-11-25T10:00-05:00", "2026-11-27T10:00-05:00"],
        ),
        phrase(
            "weekly subcutaneous immunoglobulin on Sundays: a day, and no time",
            |r| {
                every(r, 1, 1, U::Week);
                r.day_of_week = vec![DayOfWeek::Sun];
            },
            week(),
            &["2026-11-29T00:00-05:00"],
        ),
        phrase(
            "every 2 weeks on Tuesdays, from a Monday on",
            |r| {
                every(r, 1, 2, U::Week);
                r.day_of_week = vec![DayOfWeek::Tue];
                r.time_of_day = times(&["10:00"]);
                r.bounds = Some(from_to("2026-11-23", None));
            },
            span("2026-11-23T00:00:00-05:00", "2026-12-23T00:00:00-05:00"),
            &["2026-11-24T10:00-05:00", "2026-12-08T10:00-05:00", "2026-12-22T10:00-05:00"],
        ),
        phrase(
            "every 4 weeks: 28 days, not a month",
            |r| {
                every(r, 1, 4, U::Week);
                r.bounds = Some(from_to("2026-12-01T09:00:00-05:00", None));
            },
            quarter,
            &["2026-12-01T09:00-05:00", "2026-12-29T09:00-05:00", "2027-01-26T09:00-05:00"],
        ),
        phrase(
            "monthly from the 31st: the last day where the month is shorter",
            |r| {
                every(r, 1, 1, U::Month);
                r.bounds = Some(from_to("2027-01-31T09:00:00-05:00", None));
            },
            span("2027-01-01T00:00:00-05:00", "2027-04-30T23:00:00-04:00"),
            &["2027-01-31T09:00-05:00", "2027-02-28T09:00-05:00", "2027-03-31T09:00-04:00", "2027-04-30T09:00-04:00"],
        ),
        phrase(
            "46 hours every 14 days",
            |r| {
                every(r, 1, 14, U::Day);
                lasting(r, 46, U::Hour);
                r.bounds = Some(from_to("2026-11-23T13:30:00-05:00", None));
            },
            span("2026-11-23T00:00:00-05:00", "2026-12-22T00:00:00-05:00"),
            &["2026-11-23T13:30-05:00", "2026-12-07T13:30-05:00", "2026-12-21T13:30-05:00"],
        ),
        phrase(
            "cycled nutrition from 20:00 for 12 hours",
            |r| {
                every(r, 1, 1, U::Day);
                r.time_of_day = times(&["20:00"]);
                lasting(r, 12, U::Hour);
            },
            two_days,
            &["2026-11-23T20:00-05:00", "2026-11-24T20:00-05:00"],
        ),
        phrase(
            "2 consecutive days every 4 weeks",
            |r| {
                every(r, 1, 28, U::Day);
                r.days_of_cycle = vec![1, 2];
                r.time_of_day = times(&["09:00"]);
                r.bounds = Some(from_to("2026-11-23", None));
            },
            quarter,
            &[
                "2026-11-23T09:00-05:00",
                "2026-11-24T09:00-05:00",
                "2026-12-21T09:00-05:00",
                "2026-12-22T09:00-05:00",
                "2027-01-18T09:00-05:00",
                "2027-01-19T09:00-05:00",
                "2027-02-15T09:00-05:00",
                "2027-02-16T09:00-05:00",
            ],
        ),
        phrase(
            "daily for 5 days every 28 days",
            |r| {
                every(r, 1, 28, U::Day);
                r.days_of_cycle = vec![1, 2, 3, 4, 5];
                r.bounds = Some(from_to("2026-11-23T09:00:00-05:00", None));
            },
            week(),
            &[
                "2026-11-23T09:00-05:00",
                "2026-11-24T09:00-05:00",
                "2026-11-25T09:00-05:00",
                "2026-11-26T09:00-05:00",
                "2026-11-27T09:00-05:00",
            ],
        ),
        phrase(
            "loading dose: once, at the start",
            |r| {
                r.count = Some(1);
                r.bounds = Some(from_to("2026-11-24T11:00:00-05:00", None));
            },
            week(),
            &["2026-11-24T11:00-05:00"],
        ),
        phrase(
            "10 doses from the first",
            |r| {
                every(r, 2, 1, U::Day);
                r.time_of_day = times(&["08:00", "20:00"]);
                r.count = Some(10);
                r.bounds = Some(from_to("2026-11-19T12:00:00-05:00", None));
            },
            week(),
            &["2026-11-23T08:00-05:00", "2026-11-23T20:00-05:00", "2026-11-24T08:00-05:00"],
        ),
        phrase(
            "every other day from a day on",
            |r| {
                every(r, 1, 2, U::Day);
                r.time_of_day = times(&["09:00"]);
                r.bounds = Some(from_to("2026-11-20", None));
            },
            week(),
            &["2026-11-24T09:00-05:00", "2026-11-26T09:00-05:00", "2026-11-28T09:00-05:00"],
        ),
        phrase(
            "until the line is out: a start and no end",
            |r| {
                every(r, 1, 1, U::Day);
                r.time_of_day = times(&["09:00"]);
                r.bounds = Some(from_to("2026-11-28", None));
            },
            week(),
            &["2026-11-28T09:00-05:00", "2026-11-29T09:00-05:00"],
        ),
        phrase(
            "1.5 days between doses are 36 hours",
            |r| {
                every(r, 1, 1, U::Day);
                r.period = Some("1.5".parse().unwrap());
                r.bounds = Some(from_to("2026-11-23T09:00:00-05:00", None));
            },
            two_days,
            &["2026-11-23T09:00-05:00", "2026-11-24T21:00-05:00"],
        ),
    ];
    let mut listed = Timing { event: vec![when("2026-11-27T09:00:00-05:00"), when("2026-11-25")], ..Timing::default() };
    listed.repeat = Some(timing(|r| lasting(r, 30, U::Minute)).repeat.unwrap());
    table.push(Phrase {
        words: "weeks 0, 2 and 6 as listed days",
        timing: listed,
        policy: TimePolicy::WallClock,
        span: week(),
        starts: &["2026-11-25T00:00-05:00", "2026-11-27T09:00-05:00"],
    });
    let mut for_two_days = phrase(
        "for 2 days, counted from a single event",
        |r| {
            every(r, 1, 1, U::Day);
            r.time_of_day = times(&["09:00"]);
            r.bounds = Some(Bounds::Duration { value: Decimal::from(2), unit: U::Day });
        },
        week(),
        &["2026-11-25T09:00-05:00", "2026-11-26T09:00-05:00"],
    );
    for_two_days.timing.event = vec![when("2026-11-25")];
    table.push(for_two_days);
    table
}

#[test]
fn every_phrase_of_the_table_falls_where_a_nurse_expects_it() {
    let table = zone("America/New_York");
    for phrase in phrases() {
        let expansion = expand_at(&table, &phrase.timing, phrase.policy, phrase.span);
        assert_eq!(starts(&table, &expansion), phrase.starts, "{}: {:?}", phrase.words, expansion.questions);
        assert!(expansion.questions.is_empty(), "{}: {:?}", phrase.words, expansion.questions);
        assert_eq!((expansion.next, expansion.skipped.len()), (None, 0), "{}", phrase.words);
    }
}

#[test]
fn what_has_no_single_meaning_is_a_question_and_rings_for_nobody() {
    use PeriodUnit as U;
    use QuestionCode as Q;
    let table = zone("America/New_York");
    let open: Vec<(&str, Timing, Q, &str)> = vec![
        (
            "every 12 hours, no more",
            timing(|r| every(r, 1, 12, U::Hour)),
            Q::AnchorTimeMissing,
            "repeat.boundsPeriod.start",
        ),
        (
            "every 8 hours from a day without a time",
            timing(|r| {
                every(r, 1, 8, U::Hour);
                r.bounds = Some(from_to("2026-11-23", None));
            }),
            Q::AnchorTimeMissing,
            "repeat.boundsPeriod.start",
        ),
        ("3 times a week, days free", timing(|r| every(r, 3, 1, U::Week)), Q::DaysMissing, "repeat.dayOfWeek"),
        ("twice a day, no times", timing(|r| every(r, 2, 1, U::Day)), Q::TimesMissing, "repeat.timeOfDay"),
        ("daily, no time and no start", timing(|r| every(r, 1, 1, U::Day)), Q::TimesMissing, "repeat.timeOfDay"),
        (
            "twice a day, one time",
            timing(|r| {
                every(r, 2, 1, U::Day);
                r.time_of_day = times(&["08:00"]);
            }),
            Q::FrequencyMismatch,
            "repeat.frequency",
        ),
        (
            "once a week on two days",
            timing(|r| {
                every(r, 1, 1, U::Week);
                r.day_of_week = vec![DayOfWeek::Mon, DayOfWeek::Thu];
            }),
            Q::FrequencyMismatch,
            "repeat.frequency",
        ),
        (
            "every 4 to 6 hours",
            timing(|r| {
                every(r, 1, 4, U::Hour);
                r.period_max = Some(Decimal::from(6));
                r.bounds = Some(from_to("2026-11-23T08:00:00-05:00", None));
            }),
            Q::PeriodRange,
            "repeat.periodMax",
        ),
        (
            "3 to 5 doses",
            timing(|r| {
                every(r, 1, 1, U::Day);
                r.time_of_day = times(&["08:00"]);
                (r.count, r.count_max) = (Some(3), Some(5));
            }),
            Q::CountRange,
            "repeat.countMax",
        ),
        (
            "for 6 weeks from nobody knows when",
            timing(|r| {
                every(r, 1, 1, U::Day);
                r.time_of_day = times(&["08:00"]);
                r.bounds = Some(Bounds::Duration { value: Decimal::from(42), unit: U::Day });
            }),
            Q::AnchorMissing,
            "repeat.boundsDuration",
        ),
        (
            "every other day, no start",
            timing(|r| {
                every(r, 1, 2, U::Day);
                r.time_of_day = times(&["08:00"]);
            }),
            Q::AnchorMissing,
            "repeat.boundsPeriod.start",
        ),
        (
            "10 doses, no start",
            timing(|r| {
                r.time_of_day = times(&["08:00"]);
                r.count = Some(10);
            }),
            Q::AnchorMissing,
            "repeat.count",
        ),
        (
            "from a day on, nothing else",
            timing(|r| r.bounds = Some(from_to("2026-11-23", None))),
            Q::NoRecurrence,
            "repeat.period",
        ),
        ("BID", Timing { code: Some("BID".into()), ..Timing::default() }, Q::CodeOnly, "code"),
        ("nothing", Timing::default(), Q::TimingMissing, "repeat"),
        (
            "at a time and with a meal",
            timing(|r| {
                r.time_of_day = times(&["08:00"]);
                r.when = vec![EventTiming::Breakfast];
            }),
            Q::Contradiction,
            "repeat.timeOfDay",
        ),
        (
            "before lunch, who knows when",
            timing(|r| {
                r.when = vec![EventTiming::BeforeLunch];
                r.offset_minutes = Some(30);
            }),
            Q::RoutineMissing,
            "repeat.when",
        ),
        (
            "a duration without a unit",
            timing(|r| {
                r.time_of_day = times(&["08:00"]);
                r.duration = Some(Decimal::ONE);
            }),
            Q::Contradiction,
            "repeat.durationUnit",
        ),
        ("every 0 hours", timing(|r| every(r, 1, 0, U::Hour)), Q::ValueOutOfRange, "repeat.period"),
        (
            "every second day on Mondays",
            timing(|r| {
                every(r, 1, 2, U::Day);
                r.day_of_week = vec![DayOfWeek::Mon];
            }),
            Q::DaysAgainstPeriod,
            "repeat.dayOfWeek",
        ),
        (
            "day 30 of 28",
            timing(|r| {
                every(r, 1, 28, U::Day);
                r.days_of_cycle = vec![30];
                r.bounds = Some(from_to("2026-11-23", None));
            }),
            Q::ValueOutOfRange,
            "repeat.extension(timing-daysOfCycle)",
        ),
    ];
    for (words, timing, code, path) in open {
        let expansion = expand_at(&table, &timing, TimePolicy::WallClock, week());
        let asked: Vec<(Q, &str)> = expansion.questions.iter().map(|q| (q.code, q.path.as_str())).collect();
        assert_eq!(asked, [(code, path)], "{words}");
        assert!(expansion.slots.is_empty(), "{words} rings");
    }
}

#[test]
fn a_range_of_ends_is_asked_and_planned_up_to_the_earlier_one() {
    let table = zone("America/New_York");
    let timing = timing(|r| {
        r.time_of_day = times(&["09:00"]);
        r.bounds = Some(Bounds::Range { low: Some(Decimal::ONE), high: Some(Decimal::from(3)), unit: PeriodUnit::Day });
    });
    let timing = Timing { event: vec![when("2026-11-24")], ..timing };
    let expansion = expand_at(&table, &timing, TimePolicy::WallClock, week());
    assert_eq!(starts(&table, &expansion), ["2026-11-24T09:00-05:00"]);
    assert_eq!(expansion.questions[0].code, QuestionCode::EndRange);
    let choices: Vec<&str> = expansion.questions[0].choices.iter().map(|c| c.code).collect();
    assert_eq!(choices, ["shorter", "longer"]);
}

#[test]
fn meals_are_the_patients_own_and_the_dose_keeps_its_name_when_lunch_moves() {
    let table = zone("America/New_York");
    let timing = timing(|r| {
        r.when = vec![EventTiming::BeforeMeal, EventTiming::BeforeSleep];
        r.offset_minutes = Some(30);
    });
    let mut routine = Routine {
        events: vec![
            (EventTiming::Breakfast, time("07:30")),
            (EventTiming::Lunch, time("12:00")),
            (EventTiming::Dinner, time("18:15")),
            (EventTiming::BeforeSleep, time("22:00")),
        ],
        ..Routine::default()
    };
    let day = span("2026-11-23T00:00:00-05:00", "2026-11-24T00:00:00-05:00");
    let expand = |routine: &Routine| {
        expand_timing(&timing, TimePolicy::WallClock, None, Zones::at_home(&table), routine, day, 100)
    };
    let before = expand(&routine);
    assert_eq!(
        starts(&table, &before),
        ["2026-11-23T07:00-05:00", "2026-11-23T11:30-05:00", "2026-11-23T17:45-05:00", "2026-11-23T21:30-05:00"]
    );
    routine.events[1].1 = time("13:00");
    let after = expand(&routine);
    assert_eq!(shown(&table, after.slots[1].start()), "2026-11-23T12:30-05:00");
    assert_eq!(before.slots[1].nominal, after.slots[1].nominal);
    assert_eq!(before.slots[1].nominal.to_string(), "2026-11-23/CD");
}

#[test]
fn a_dose_of_12_hours_ends_12_hours_later_in_the_night_of_the_clock_change() {
    let table = zone("America/New_York");
    let timing = timing(|r| {
        every(r, 1, 1, PeriodUnit::Day);
        r.time_of_day = times(&["20:00"]);
        lasting(r, 12, PeriodUnit::Hour);
    });
    let night = span("2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00");
    let expansion = expand_at(&table, &timing, TimePolicy::WallClock, night);
    assert_eq!(shown(&table, expansion.slots[0].end().unwrap()), "2026-03-08T09:00-04:00");
    let night = span("2026-10-31T12:00:00-04:00", "2026-11-01T12:00:00-05:00");
    let expansion = expand_at(&table, &timing, TimePolicy::WallClock, night);
    assert_eq!(shown(&table, expansion.slots[0].end().unwrap()), "2026-11-01T07:00-05:00");
}

fn daily(texts: &[&str]) -> Timing {
    timing(|r| {
        every(r, u32::try_from(texts.len()).unwrap(), 1, PeriodUnit::Day);
        r.time_of_day = times(texts);
    })
}

#[test]
fn on_gap_and_overlap_days_each_dose_rings_once_at_the_documented_time() {
    let cases: [(&str, &[&str], Span, &[&str]); 5] = [
        (
            "America/New_York",
            &["02:30"],
            span("2026-03-07T12:00:00-05:00", "2026-03-09T12:00:00-04:00"),
            &["2026-03-08T03:30-04:00", "2026-03-09T02:30-04:00"],
        ),
        (
            "America/New_York",
            &["01:30"],
            span("2026-10-31T12:00:00-04:00", "2026-11-02T12:00:00-05:00"),
            &["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
        ),
        (
            "America/Sao_Paulo",
            &["00:00"],
            span("2018-11-03T00:00:00-03:00", "2018-11-06T00:00:00-02:00"),
            &["2018-11-03T00:00-03:00", "2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"],
        ),
        (
            "Australia/Lord_Howe",
            &["02:15"],
            span("2026-10-03T12:00:00+10:30", "2026-10-05T12:00:00+11:00"),
            &["2026-10-04T02:45+11:00", "2026-10-05T02:15+11:00"],
        ),
        (
            "Australia/Lord_Howe",
            &["01:45"],
            span("2026-04-04T12:00:00+11:00", "2026-04-06T12:00:00+10:30"),
            &["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
    ];
    for (name, texts, span, expected) in cases {
        let table = zone(name);
        let expansion = expand_at(&table, &daily(texts), TimePolicy::WallClock, span);
        assert_eq!(starts(&table, &expansion), expected, "{name} {texts:?}");
    }
}

#[test]
fn a_day_that_apia_left_out_is_skipped_and_said_so_and_shifts_no_other_dose() {
    let table = zone("Pacific/Apia");
    let days = span("2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00");
    let expansion = expand_at(&table, &daily(&["08:00", "20:00"]), TimePolicy::WallClock, days);
    assert_eq!(
        starts(&table, &expansion),
        ["2011-12-29T08:00-10:00", "2011-12-29T20:00-10:00", "2011-12-31T08:00+14:00", "2011-12-31T20:00+14:00"]
    );
    let said: Vec<(String, &str)> = expansion.skipped.iter().map(|s| (s.date.to_string(), s.reason.as_str())).collect();
    assert_eq!(said, [("2011-12-30".to_owned(), "no-such-day")]);
}

#[test]
fn wall_clock_travels_home_zone_stays_and_elapsed_counts_hours() {
    let (home, here) = (zone("America/New_York"), zone("Europe/Berlin"));
    let zones = Zones { here: &here, home: &home };
    let day = span("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
    let starts = |timing: &Timing, policy: TimePolicy, anchor: Option<FhirDateTime>, span: Span| -> Vec<String> {
        let expansion = expand_timing(timing, policy, anchor, zones, &Routine::default(), span, 100);
        assert!(expansion.questions.is_empty(), "{:?}", expansion.questions);
        expansion.slots.iter().map(|slot| shown(&here, slot.start())).collect()
    };
    let eight = daily(&["08:00"]);
    assert_eq!(starts(&eight, TimePolicy::WallClock, None, day), ["2026-11-23T08:00+01:00"]);
    assert_eq!(starts(&eight, TimePolicy::HomeZone, None, day), ["2026-11-23T14:00+01:00"]);
    // 08:00 of the summer in which it began: an hour earlier by the winter clock.
    let anchor = Some(when("2026-07-01"));
    assert_eq!(starts(&eight, TimePolicy::Elapsed, anchor, day), ["2026-11-23T13:00+01:00"]);
    let fold = span("2026-10-31T00:00:00Z", "2026-11-02T00:00:00Z");
    assert_eq!(starts(&eight, TimePolicy::HomeZone, None, fold), ["2026-10-31T13:00+01:00", "2026-11-01T14:00+01:00"]);
}

#[test]
fn the_name_of_a_dose_is_the_same_wherever_the_phone_is() {
    let (home, here) = (zone("America/New_York"), zone("Pacific/Apia"));
    let anchored = timing(|r| {
        every(r, 1, 2, PeriodUnit::Day);
        r.bounds = Some(from_to("2026-11-01T23:30:00-05:00", None));
    });
    for timing in [daily(&["08:00", "20:00"]), anchored] {
        let names = |zones: Zones<'_>, span: Span| -> Vec<String> {
            let found = expand_timing(&timing, TimePolicy::WallClock, None, zones, &Routine::default(), span, 100);
            found.slots.iter().map(|s| s.nominal.to_string()).collect()
        };
        let at_home = names(Zones::at_home(&home), span("2026-11-20T00:00:00-05:00", "2026-11-28T00:00:00-05:00"));
        let away = Zones { here: &here, home: &home };
        assert_eq!(at_home, names(away, span("2026-11-20T00:00:00+13:00", "2026-11-28T00:00:00+13:00")));
    }
}

#[test]
fn a_day_without_a_time_begins_at_the_first_instant_of_the_day() {
    let table = zone("America/Sao_Paulo");
    let timing = timing(|r| r.day_of_week = vec![DayOfWeek::Sun]);
    let week = span("2018-11-01T00:00:00-03:00", "2018-11-08T00:00:00-02:00");
    let expansion = expand_at(&table, &timing, TimePolicy::WallClock, week);
    assert_eq!(starts(&table, &expansion), ["2018-11-04T01:00-02:00"]);
    assert_eq!(expansion.slots[0].precision, Precision::Day);
}

#[test]
fn the_limit_cuts_the_list_and_says_where_to_go_on() {
    let table = zone("America/New_York");
    let timing = daily(&["02:10", "02:20", "03:05", "08:00"]);
    let days = span("2026-03-07T00:00:00-05:00", "2026-03-10T00:00:00-04:00");
    let whole = expand_at(&table, &timing, TimePolicy::WallClock, days);
    assert_eq!(whole.slots.len(), 12);
    for limit in 1..12 {
        let (mut from, mut found) = (days.from, Vec::new());
        loop {
            let part = expand_timing(
                &timing,
                TimePolicy::WallClock,
                None,
                Zones::at_home(&table),
                &Routine::default(),
                Span::new(from, days.to),
                limit,
            );
            found.extend(part.slots);
            match part.next {
                Some(next) => {
                    assert!(next > from, "limit {limit}: no progress at {from}");
                    from = next;
                }
                None => break,
            }
        }
        assert_eq!(found, whole.slots, "limit {limit}");
    }
}
