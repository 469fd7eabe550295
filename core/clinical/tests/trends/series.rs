use crate::journal::{
    CUSUM, EWMA, RUN, celsius, infusion, morning, notices, now, occluded, plan, pump, rule, site, speaks, symptom,
    temperatures, today, vital, watched_with,
};
use chrono::{NaiveDate, TimeDelta};
use homeline_clinical::DoseSteps;
use homeline_model::{
    Entry, OrderId, PumpEventKind, Quantity, Severity, TrendDirection, TrendMethod, TrendRule, TrendSeries, VitalKind,
};

fn numbers(entries: &[Entry], rule: TrendRule) -> String {
    let said = notices(&plan(vec![rule]), entries);
    said.first().map(|notice| notice.data.join(" ")).unwrap_or_default()
}

#[test]
fn the_temperature_of_a_day_is_its_highest_and_the_pulse_its_middle_and_the_weight_its_first() {
    let mut journal = temperatures("36.9 37.2 37.8");
    journal.push(vital(morning(0) + TimeDelta::hours(4), VitalKind::Temperature, "37.1", "Cel"));
    assert!(numbers(&journal, rule(TrendSeries::Temperature, RUN)).contains("36.9, 37.2, 37.8 °C"));

    let mut journal = Vec::new();
    for (days_ago, readings) in [(2, ["70", "71", "120"]), (1, ["60", "75", "76"]), (0, ["80", "79", "130"])] {
        for (reading, hour) in readings.iter().zip(0..) {
            journal.push(vital(morning(days_ago) + TimeDelta::hours(hour), VitalKind::Pulse, reading, "/min"));
        }
    }
    assert!(numbers(&journal, rule(TrendSeries::Pulse, RUN)).contains("71, 75, 80 per minute"));

    let mut journal = Vec::new();
    for (days_ago, [first, later]) in [(2, ["72.0", "75.0"]), (1, ["72.6", "73.0"]), (0, ["73.1", "71.0"])] {
        journal.push(vital(morning(days_ago) + TimeDelta::hours(9), VitalKind::Weight, later, "kg"));
        journal.push(vital(morning(days_ago), VitalKind::Weight, first, "kg"));
    }
    assert!(numbers(&journal, rule(TrendSeries::Weight, RUN)).contains("72.0, 72.6, 73.1 kg"));
}

#[test]
fn celsius_and_fahrenheit_are_never_mixed() {
    let mut journal = vec![celsius(2, "36.9")];
    journal.push(vital(morning(1), VitalKind::Temperature, "99.0", "[degF]"));
    journal.push(vital(morning(0), VitalKind::Temperature, "99.5", "[degF]"));
    assert!(!speaks(rule(TrendSeries::Temperature, RUN), &journal));
    journal.push(vital(morning(2), VitalKind::Temperature, "98.2", "[degF]"));
    let said = notices(&plan(vec![rule(TrendSeries::Temperature, RUN)]), &journal);
    assert_eq!(said.len(), 1, "one trend is told once");
    assert!(said[0].data[0].contains("98.2, 99.0, 99.5 °F"), "{:?}", said[0].data);
}

#[test]
fn a_value_that_cannot_be_right_or_has_a_foreign_unit_is_left_out() {
    let mut journal = temperatures("36.9 37.2 37.8");
    journal.push(vital(morning(1) + TimeDelta::hours(1), VitalKind::Temperature, "98.6", "Cel"));
    journal.push(vital(morning(1) + TimeDelta::hours(2), VitalKind::Temperature, "310.3", "K"));
    assert!(speaks(rule(TrendSeries::Temperature, RUN), &journal));
}

#[test]
fn a_private_reading_is_not_told_to_the_team() {
    let mut journal = temperatures("36.9 37.2 37.8");
    assert!(speaks(rule(TrendSeries::Temperature, RUN), &journal));
    journal[0].private = true;
    assert!(!speaks(rule(TrendSeries::Temperature, RUN), &journal));
}

#[test]
fn pain_and_site_signs_and_the_score_rise_by_what_was_answered() {
    let pain = |days_ago, value| vital(morning(days_ago), VitalKind::Pain, value, "{score}");
    assert!(speaks(rule(TrendSeries::Pain, RUN), &[pain(2, "1"), pain(1, "3"), pain(0, "4")]));

    let checks = [
        site(2, &[], &["pain", "redness", "swelling"]),
        site(1, &["redness"], &["pain", "swelling"]),
        site(0, &["redness", "pain"], &["swelling"]),
    ];
    assert!(speaks(rule(TrendSeries::SiteSigns, RUN), &checks));
    assert!(speaks(rule(TrendSeries::Vip, RUN), &checks));
    let unanswered = [site(2, &[], &["hardness"]), checks[1].clone(), checks[2].clone()];
    assert!(!speaks(rule(TrendSeries::Vip, RUN), &unanswered), "a score needs its answers");
    assert!(speaks(rule(TrendSeries::SiteSigns, RUN), &unanswered), "what was answered no is a zero");
    assert!(!speaks(rule(TrendSeries::SiteSigns, RUN), &checks[1..]), "what was not asked is no zero");
}

#[test]
fn infusions_are_held_against_those_of_the_same_order() {
    let mut journal: Vec<Entry> = (1..10).map(|days_ago| infusion(days_ago, "vanco", 90 + days_ago % 3)).collect();
    journal.extend((0..10).map(|days_ago| infusion(days_ago, "cef", 30)));
    let mut slow = rule(TrendSeries::InfusionTime, EWMA);
    slow.change = vec![Quantity::new(15.into(), "%")];
    assert!(!speaks(slow.clone(), &journal));
    journal.retain(|entry| {
        !(entry.order.as_ref().is_some_and(|o| o.id.as_str() == "vanco") && entry.times.happened.at > morning(3))
    });
    journal.extend([infusion(2, "vanco", 108), infusion(1, "vanco", 112), infusion(0, "vanco", 118)]);
    let said = notices(&plan(vec![slow.clone()]), &journal);
    assert_eq!(said.iter().map(|notice| notice.key()).collect::<Vec<_>>(), ["trend/asked/vanco"]);
    slow.order = Some(OrderId::new("cef").unwrap());
    assert!(!speaks(slow.clone(), &journal), "only the order that the plan names");
    slow.order = None;
    slow.direction = TrendDirection::Down;
    assert!(!speaks(slow, &journal));
}

#[test]
fn two_people_who_record_one_dose_make_one_infusion() {
    let mut journal = vec![infusion(2, "vanco", 90), infusion(1, "vanco", 95)];
    let mut other = infusion(1, "vanco", 99);
    other.times.recorded_at += TimeDelta::minutes(5);
    journal.push(other);
    assert!(!speaks(rule(TrendSeries::InfusionTime, RUN), &journal), "90, 99: one rise");
    journal.push(infusion(0, "vanco", 110));
    assert!(numbers(&journal, rule(TrendSeries::InfusionTime, RUN)).contains("90, 99, 110 min"));
}

#[test]
fn a_day_without_the_pump_is_not_a_day_without_occlusions() {
    let quiet = |days_ago, record| pump(days_ago, record, PumpEventKind::Progress);
    let mut journal = vec![pump(1, 10, occluded()), pump(0, 20, occluded()), pump(0, 25, occluded())];
    assert!(!speaks(rule(TrendSeries::Occlusions, RUN), &journal), "the day before was not heard");
    journal.push(quiet(2, 1));
    assert!(speaks(rule(TrendSeries::Occlusions, RUN), &journal));
    let mut twice = vec![quiet(2, 1), pump(1, 10, occluded()), pump(0, 20, occluded())];
    let mut again = pump(0, 20, occluded());
    again.id = homeline_model::EntryId(homeline_model::Uuid::from_u128(7));
    twice.push(again);
    assert!(!speaks(rule(TrendSeries::Occlusions, RUN), &twice), "one record of the pump is one alarm");
}

#[test]
fn symptoms_add_up_by_their_strength_and_no_is_an_answer() {
    let journal = [
        symptom(2, "nausea", false, None),
        symptom(1, "nausea", true, Some(Severity::Mild)),
        symptom(0, "nausea", true, Some(Severity::Moderate)),
        symptom(0, "headache", true, None),
    ];
    assert!(numbers(&journal, rule(TrendSeries::SymptomBurden, RUN)).contains("0, 1, 3 points"));
    assert!(!speaks(rule(TrendSeries::SymptomBurden, RUN), &journal[1..]), "silence is no answer");
}

fn steps(days_ago: i64, steps: u32, done: u32) -> DoseSteps {
    DoseSteps { day: today() - TimeDelta::days(days_ago), at: morning(days_ago), steps, done }
}

#[test]
fn missed_steps_are_those_of_doses_that_somebody_recorded() {
    let plan = plan(vec![rule(TrendSeries::MissedSteps, RUN)]);
    let says = |doses: &[DoseSteps]| !watched_with(&plan, &[], doses)[0].notices.is_empty();
    assert!(says(&[steps(2, 12, 12), steps(1, 12, 10), steps(0, 12, 6)]));
    assert!(!says(&[steps(2, 12, 6), steps(1, 12, 10), steps(0, 12, 12)]));
    assert!(!says(&[steps(1, 12, 10), steps(0, 0, 0), steps(0, 12, 6)]), "a dose without steps is no value");
}

#[test]
fn an_entry_from_the_future_counts_as_one_of_today() {
    let mut journal = temperatures("36.9 37.2");
    journal.push(vital((now() + TimeDelta::days(5)).to_utc(), VitalKind::Temperature, "37.8", "Cel"));
    assert!(!speaks(rule(TrendSeries::Temperature, RUN), &journal), "two days are no two rises");
    journal.push(celsius(2, "36.5"));
    assert!(speaks(rule(TrendSeries::Temperature, RUN), &journal));
}

#[test]
fn a_day_is_one_of_the_clock_of_the_place() {
    // 23:30 on three evenings: the next day already in UTC.
    let late = |days_ago| (now() - TimeDelta::days(days_ago) - TimeDelta::minutes(-210)).to_utc();
    let journal: Vec<Entry> = [(3, "36.9"), (2, "37.2"), (1, "37.8")]
        .map(|(days_ago, value)| vital(late(days_ago), VitalKind::Temperature, value, "Cel"))
        .to_vec();
    let said = notices(&plan(vec![rule(TrendSeries::Temperature, RUN)]), &journal);
    assert_eq!(said[0].last, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
}

#[test]
fn weekly_infusions_have_windows_that_the_plan_widens() {
    let journal: Vec<Entry> = [35, 28, 21, 14, 7, 0]
        .iter()
        .zip([60, 61, 60, 70, 80, 90])
        .map(|(days_ago, minutes)| infusion(*days_ago, "scig", minutes))
        .collect();
    assert!(!speaks(rule(TrendSeries::InfusionTime, CUSUM), &journal));
    let mut wide = rule(TrendSeries::InfusionTime, TrendMethod::Cusum { slack: None, limit: None });
    (wide.watch_days, wide.baseline_days, wide.least_values) = (Some(21), Some(60), Some(3));
    assert!(speaks(wide, &journal));
}
