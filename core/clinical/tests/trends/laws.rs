//! Laws that hold for any journal: each is tried on random ones, and a failure prints the journal that breaks it.

use crate::journal::{
    CUSUM, EWMA, OFFSET, RUN, infusion, morning, now, occluded, plan, pump, rule, site, symptom, vital,
};
use chrono::TimeDelta;
use homeline_clinical::{DoseSteps, Language, Notice, TrendInput, Watched, trends};
use homeline_model::{
    AdviceLevel, CarePlan, Decimal, Entry, EntryBody, EntryId, PumpEventKind, Quantity, Severity, TrendDirection,
    TrendLevel, TrendMethod, TrendRule, TrendSeries, Uuid, Vital, VitalKind,
};
use proptest::prelude::*;

const SERIES: [TrendSeries; 10] = [
    TrendSeries::Temperature,
    TrendSeries::Pulse,
    TrendSeries::Weight,
    TrendSeries::Pain,
    TrendSeries::SiteSigns,
    TrendSeries::Vip,
    TrendSeries::InfusionTime,
    TrendSeries::Occlusions,
    TrendSeries::SymptomBurden,
    TrendSeries::MissedSteps,
];

/// All series by all methods in both directions.
fn every_rule() -> Vec<TrendRule> {
    let mut rules = Vec::new();
    for series in SERIES {
        for (method, name) in [(RUN, "run"), (EWMA, "ewma"), (CUSUM, "cusum")] {
            for direction in [TrendDirection::Up, TrendDirection::Down] {
                let name = format!("{series:?}-{name}-{direction:?}");
                let level = if method == RUN { TrendLevel::Note } else { TrendLevel::MessageToday };
                rules.push(TrendRule { rule: name, direction, level, ..rule(series, method) });
            }
        }
    }
    rules
}

/// One entry of a likely kind with a value that trends look at.
fn one(days_ago: i64, kind: u8, step: i64) -> Entry {
    let decimal = |low: i64, scale: u32| Decimal::new(low + step, scale).to_string();
    let signs = ["redness", "pain", "swelling", "cord"];
    let (yes, no) = signs.split_at(usize::try_from(step / 3).unwrap().min(signs.len()));
    match kind {
        0 => vital(morning(days_ago), VitalKind::Temperature, &decimal(362, 1), "Cel"),
        1 => vital(morning(days_ago), VitalKind::Temperature, &decimal(970, 1), "[degF]"),
        2 => vital(morning(days_ago), VitalKind::Pulse, &decimal(62, 0), "/min"),
        3 => vital(morning(days_ago), VitalKind::Weight, &decimal(715, 1), "kg"),
        4 => vital(morning(days_ago), VitalKind::Pain, &(step / 3).to_string(), "{score}"),
        5 => site(days_ago, yes, no),
        6 => infusion(days_ago, "vanco", 85 + step),
        7 => pump(days_ago, u32::try_from(step).unwrap(), if step > 4 { occluded() } else { PumpEventKind::Progress }),
        _ => symptom(days_ago, "nausea", step > 6, (step > 12).then_some(Severity::Severe)),
    }
}

/// A journal of some weeks in which every series has a chance to move: values rise with time, and half of the entries are of
/// one kind.
fn journals() -> impl Strategy<Value = Vec<Entry>> {
    let entries = prop::collection::vec((0_i64..26, 0_u8..18, 0_i64..4, 0_i64..3), 0..120);
    (0_u8..9, entries).prop_map(|(most, drawn)| {
        let entries = drawn.into_iter().map(|(days_ago, kind, noise, slope)| {
            one(days_ago, if kind < 9 { kind } else { most }, noise + slope * (26 - days_ago) / 4)
        });
        // The same fact twice is one entry.
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_by_key(|entry| entry.id);
        entries.dedup_by_key(|entry| entry.id);
        entries
    })
}

fn doses() -> impl Strategy<Value = Vec<DoseSteps>> {
    prop::collection::vec((0_i64..26, 0_u32..20, 0_u32..25), 0..30).prop_map(|drawn| {
        let dose = |(days_ago, steps, done)| DoseSteps {
            day: now().date_naive() - TimeDelta::days(days_ago),
            at: morning(days_ago),
            steps,
            done,
        };
        drawn.into_iter().map(dose).collect()
    })
}

fn seen(plan: &CarePlan, entries: &[Entry], doses: &[DoseSteps]) -> Vec<Watched> {
    trends(&TrendInput { plan, entries, doses, now: now() }, Language::English)
}

fn said(plan: &CarePlan, entries: &[Entry], doses: &[DoseSteps]) -> Vec<Notice> {
    seen(plan, entries, doses).into_iter().flat_map(|watched| watched.notices).collect()
}

#[test]
fn the_random_journals_make_every_series_speak_now_and_then() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let plan = plan(every_rule());
    let mut spoke = std::collections::BTreeSet::new();
    for _ in 0..400 {
        let (entries, doses) =
            (journals().new_tree(&mut runner).unwrap().current(), doses().new_tree(&mut runner).unwrap().current());
        spoke.extend(said(&plan, &entries, &doses).into_iter().map(|notice| notice.series));
    }
    assert_eq!(spoke.len(), SERIES.len(), "{spoke:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn where_the_plan_is_silent_there_is_no_notice(entries in journals(), doses in doses(), kept in 0_usize..60) {
        prop_assert!(seen(&plan(vec![]), &entries, &doses).is_empty());
        // Of all rules only one: it says what it says among the others, and nothing else speaks.
        let all = every_rule();
        let only = all[kept].clone();
        let expected: Vec<Notice> =
            said(&plan(all), &entries, &doses).into_iter().filter(|notice| notice.rule == only.rule).collect();
        prop_assert_eq!(said(&plan(vec![only]), &entries, &doses), expected);
    }

    #[test]
    fn no_notice_is_more_urgent_than_the_plan_says(entries in journals(), doses in doses()) {
        for notice in said(&plan(every_rule()), &entries, &doses) {
            let level = if notice.rule.contains("-run-") { AdviceLevel::Note } else { AdviceLevel::MessageToday };
            prop_assert_eq!(notice.advice().level, level);
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter(entries in journals(), doses in doses(), seed in any::<u64>()) {
        let plan = plan(every_rule());
        let mut random = seed;
        let mut draw = |_: &Entry| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            random
        };
        let mut shuffled = entries.clone();
        shuffled.sort_by_cached_key(&mut draw);
        let mut turned = doses.clone();
        turned.reverse();
        prop_assert_eq!(seen(&plan, &entries, &doses), seen(&plan, &shuffled, &turned));
    }

    #[test]
    fn an_entry_that_is_corrected_does_not_count(entries in journals(), which in any::<prop::sample::Index>(), by in 0_i64..20) {
        prop_assume!(!entries.is_empty());
        let plan = plan(every_rule());
        let wrong = which.get(&entries).clone();
        let others: Vec<Entry> = entries.iter().filter(|entry| entry.id != wrong.id).cloned().collect();
        // What was meant, written later as a correction, or written so from the start.
        let mut meant = wrong.clone();
        meant.id = EntryId(Uuid::from_u128(99));
        if let EntryBody::Vital(vital) = &mut meant.body {
            vital.value.value += Decimal::new(by, 1);
        }
        let mut corrected = [others.as_slice(), std::slice::from_ref(&wrong), std::slice::from_ref(&meant)].concat();
        corrected.last_mut().unwrap().amends = Some(wrong.id);
        let from_the_start = [others.as_slice(), std::slice::from_ref(&meant)].concat();
        prop_assert_eq!(seen(&plan, &corrected, &[]), seen(&plan, &from_the_start, &[]));
    }

    #[test]
    fn an_unrelated_entry_changes_nothing(entries in journals(), doses in doses(), days_ago in 0_i64..26) {
        let plan = plan(every_rule());
        let unrelated = [
            crate::journal::entry(morning(days_ago), EntryBody::Note { text: "Slept well.".into() }),
            vital(morning(days_ago), VitalKind::Glucose, "110", "mg/dL"),
            vital(morning(days_ago), VitalKind::SystolicBloodPressure, "118", "mm[Hg]"),
        ];
        let more = [entries.as_slice(), &unrelated].concat();
        prop_assert_eq!(seen(&plan, &entries, &doses), seen(&plan, &more, &doses));
    }

    #[test]
    fn a_course_that_lies_elsewhere_in_time_says_the_same(
        entries in journals(), days in -3_000_i64..3_000, hours in -11_i32..12,
    ) {
        let plan = plan(every_rule());
        // By whole days, and to a place where the clock shows the same.
        let by = TimeDelta::days(days) - TimeDelta::hours(hours.into());
        let moved: Vec<Entry> = entries
            .iter()
            .cloned()
            .map(|mut entry| {
                entry.times.happened.at += by;
                entry.times.recorded_at += by;
                entry.times.happened.offset_seconds = OFFSET + hours * 3600;
                if let EntryBody::Administration(administration) = &mut entry.body {
                    administration.started_at = administration.started_at.map(|at| at + by);
                    administration.ended_at = administration.ended_at.map(|at| at + by);
                }
                entry
            })
            .collect();
        let there = chrono::FixedOffset::east_opt(OFFSET + hours * 3600).unwrap();
        let input = TrendInput { plan: &plan, entries: &moved, doses: &[], now: (now() + by).with_timezone(&there) };
        let (here, elsewhere) = (seen(&plan, &entries, &[]), trends(&input, Language::English));
        let shape = |seen: &[Watched]| -> Vec<(String, Vec<String>, usize)> {
            let of = |watched: &Watched| {
                let days = |line: &String| line.split(" (").next().unwrap_or_default().to_owned();
                let data = watched.notices.iter().flat_map(|notice| notice.data.iter().map(days)).collect();
                (watched.rule.clone(), data, watched.silent.len())
            };
            seen.iter().map(of).collect()
        };
        prop_assert_eq!(shape(&here), shape(&elsewhere));
    }

    #[test]
    fn wild_values_times_and_rules_do_not_panic(
        wild in prop::collection::vec((any::<i64>(), 0_u32..29, any::<i64>(), any::<i32>(), 0_u8..12), 0..40),
        numbers in prop::collection::vec(any::<u32>(), 6),
        now_at in any::<i64>(),
    ) {
        let kinds = [VitalKind::Temperature, VitalKind::Pulse, VitalKind::Weight, VitalKind::Pain];
        let units = ["Cel", "[degF]", "/min", "kg", "[lb_av]", "{score}", "", "K"];
        let instant = |seconds: i64| {
            chrono::DateTime::from_timestamp(seconds % 8_000_000_000_000, 0).unwrap_or_default()
        };
        let entries: Vec<Entry> = wild
            .into_iter()
            .map(|(value, scale, at, offset, kind)| {
                let kind = usize::from(kind);
                let value = Decimal::from_i128_with_scale(value.into(), scale);
                let vital = Vital { vital: kinds[kind % 4], value: Quantity::new(value, units[kind % 8]) };
                let mut entry = match kind {
                    8 => infusion(0, "vanco", at % 1_000_000),
                    9 => pump(0, offset.unsigned_abs() % 1_000, occluded()),
                    _ => crate::journal::entry(instant(at), EntryBody::Vital(vital)),
                };
                entry.times.happened.offset_seconds = offset;
                entry
            })
            .collect();
        let mut rules = every_rule();
        for (rule, number) in rules.iter_mut().zip(numbers.iter().cycle()) {
            rule.method = match rule.method {
                TrendMethod::Run { .. } => TrendMethod::Run { days: *number },
                other => other,
            };
            rule.watch_days = (number % 3 == 0).then_some(*number);
            rule.baseline_days = (number % 5 == 0).then_some(*number);
            rule.least_values = (number % 7 == 0).then_some(*number);
            rule.change = vec![Quantity::new(Decimal::MAX, "Cel"), Quantity::new(Decimal::MAX, "%")];
        }
        rules.extend(every_rule());
        let now = instant(now_at).fixed_offset();
        let plan = plan(rules);
        trends(&TrendInput { plan: &plan, entries: &entries, doses: &[], now }, Language::English);
    }
}
