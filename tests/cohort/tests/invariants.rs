//! A small cohort in seconds: not the figures, which move with every choice, but what must hold of any of them.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use homeline_cohort::{Asked, Complication, Plans, course, figures, listen};
use std::collections::BTreeSet;

#[test]
fn the_same_seed_gives_the_same_courses_and_another_one_gives_others() {
    let plans = Plans::shipped().unwrap();
    let line = Some(Complication::LineInfection);
    let journal = |seed, number| course(&plans, seed, number, line).entries;
    assert_eq!(journal(1, 3), journal(1, 3));
    assert_ne!(journal(1, 3), journal(2, 3));
    assert_ne!(journal(1, 3), journal(1, 4));
    let ids: BTreeSet<_> = journal(1, 3).iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), journal(1, 3).len());
}

#[test]
fn a_course_holds_the_noise_of_homes() {
    let plans = Plans::shipped().unwrap();
    let courses: Vec<_> = (0..40).map(|number| course(&plans, 5, number, None)).collect();
    let units = |course: &homeline_cohort::Course| -> BTreeSet<String> {
        let of = |entry: &homeline_model::Entry| match &entry.body {
            homeline_model::EntryBody::Vital(vital) if vital.vital == homeline_model::VitalKind::Temperature => {
                Some(vital.value.unit.code.clone())
            }
            _ => None,
        };
        course.entries.iter().filter_map(of).collect()
    };
    assert!(courses.iter().any(|course| units(course).len() == 1));
    assert!(courses.iter().any(|course| units(course).len() == 2), "bad or mixed units");
    let days = |course: &homeline_cohort::Course| -> BTreeSet<_> {
        let vitals = course.entries.iter().filter(|entry| entry.kind() == homeline_model::EntryKind::Vital);
        vitals.map(|entry| entry.times.happened.local().date_naive()).collect()
    };
    assert!(courses.iter().any(|course| days(course).len() < 26), "missing days");
    for course in &courses {
        assert!(course.entries.is_sorted_by_key(|entry| entry.times.recorded_at));
    }
}

#[test]
fn what_is_asked_together_finds_at_least_what_each_finds_and_lead_times_are_in_order() {
    let plans = Plans::shipped().unwrap();
    let lines = figures(&plans, 11, 6);
    assert_eq!(lines.len(), 18);
    for group in lines.chunks(3) {
        let [limits, trends, both] = group else { unreachable!("three ways") };
        let (complication, _) = limits.0;
        for (_, figures) in group {
            assert_eq!(figures.courses, 6);
            assert!(figures.lead_hours.is_sorted() && figures.found_before <= figures.found);
            assert!(figures.days_at_risk > 6.0 * 8.0);
        }
        assert!(both.1.found >= limits.1.found.max(trends.1.found), "{complication:?}");
        assert!(both.1.found_before >= limits.1.found_before.max(trends.1.found_before), "{complication:?}");
        assert_eq!(both.1.false_alerts, limits.1.false_alerts + trends.1.false_alerts, "{complication:?}");
        if complication.is_some() {
            // What nobody can overlook is a matter of the limits, unless their alert stands already from before the onset.
            assert!(limits.1.found >= 3, "{complication:?}: {}", limits.1.found);
        } else {
            assert_eq!((limits.1.found, trends.1.found), (0, 0));
        }
    }
}

#[test]
fn trends_find_what_grows_slowly_before_the_limits_do() {
    let plans = Plans::shipped().unwrap();
    let mut earlier = 0;
    for complication in [Complication::LineInfection, Complication::Occlusion, Complication::Reaction] {
        for number in 0..8 {
            let course = course(&plans, 12, number, Some(complication));
            let onset = course.injected.unwrap().onset;
            let begun = course.start + homeline_cohort::hours(onset);
            let heard = listen(&plans, &course);
            let first =
                |by| heard.alerts.iter().find(|alert| alert.by == by && alert.at >= begun).map(|alert| alert.at);
            earlier += u32::from(
                first(Asked::Trends).is_some_and(|trend| first(Asked::Limits).is_none_or(|limit| trend < limit)),
            );
        }
    }
    assert!(earlier >= 6, "{earlier} of 24");
}

#[test]
fn without_trends_in_the_plan_only_the_limits_speak() {
    let plans = Plans::shipped().unwrap().without_trends();
    for complication in Complication::ALL {
        let heard = listen(&plans, &course(&plans, 3, 1, Some(complication)));
        assert!(heard.alerts.iter().all(|alert| alert.by == Asked::Limits), "{complication:?}");
    }
}
