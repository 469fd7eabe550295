//! What holds for every rule: the number first, the plan wins, nothing open is lowered, nothing unreadable is silent.

use crate::journal::{journal, now, plan};
use homeline_clinical::{Language, RuleSet, alarm_steps, rule_faults, triage};
use homeline_model::{
    Advice, AdviceLevel, AlarmAdvice, AlarmKind, CarePlan, Comparison, EntryBody, Medication, Quantity, Repeated,
    Threshold, VitalKind,
};

fn ask(plan: &CarePlan, words: &str) -> Vec<Advice> {
    triage(plan, &journal(words), &[], now(), Language::English)
}

fn rules(advice: &[Advice]) -> Vec<&str> {
    advice.iter().map(|advice| advice.rule.as_str()).collect()
}

fn limit(rule: &str, vital: VitalKind, limits: &[(&str, &str)], level: AdviceLevel) -> Threshold {
    Threshold {
        rule: rule.into(),
        vital,
        comparison: Comparison::AtLeast,
        limits: limits.iter().map(|(value, unit)| Quantity::new(value.parse().unwrap(), unit)).collect(),
        level,
        repeated: None,
        text: None,
    }
}

#[test]
fn all_matches_are_listed_the_most_urgent_first_and_the_number_is_the_first_line() {
    let advice = ask(&plan("vancomycin picc"), "30 dressing-loose; 20 vital 38.2 C; 10 trouble-breathing; 5 rash");
    assert_eq!(rules(&advice), ["E01", "N01", "N08", "N09", "D01"]);
    let levels: Vec<AdviceLevel> = advice.iter().map(|advice| advice.level).collect();
    assert!(levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
    assert_eq!(advice[0].text[0], "911 (Ambulance): call now.");
    assert_eq!(advice[1].text[0], "555-0100 (Nurse on call): call now.");
    assert_eq!(advice[4].text[0], "555-0102 (Infusion office): call today, or send a message.");
    assert_eq!(advice[1].because, ["Temperature 38.2 °C (2026-11-23 12:40)"]);
}

#[test]
fn a_plan_without_numbers_is_answered_in_words_and_never_with_a_number_of_ours() {
    let mut plan = plan("vancomycin picc");
    plan.contacts.clear();
    let advice = ask(&plan, "20 vital 38.2 C; 10 trouble-breathing");
    assert_eq!(advice[0].text[0], "Call your emergency number now.");
    assert_eq!(advice[1].text[0], "Call your on-call nurse now.");
    assert!(!advice.iter().flat_map(|advice| &advice.text).any(|line| line.contains("911")));
}

#[test]
fn an_open_alert_is_neither_lowered_nor_dropped_by_what_comes_later() {
    let plan = plan("vancomycin picc");
    let first = ask(&plan, "90 vital 38.9 C");
    assert_eq!(rules(&first), ["N01"]);

    let later = triage(&plan, &journal("10 vital 36.8 C"), &first, now(), Language::English);
    assert_eq!(later, first);

    let mut urgent = first.clone();
    urgent[0].level = AdviceLevel::Emergency;
    urgent[0].text = vec!["Call.".into()];
    let again = triage(&plan, &journal("10 vital 38.5 C"), &urgent, now(), Language::English);
    assert_eq!(again[0].level, AdviceLevel::Emergency);
    assert_eq!(again[0].text, ["Call."]);
    assert_eq!(again[0].because.len(), 2, "old and new facts: {:?}", again[0].because);
}

#[test]
fn a_corrected_entry_no_longer_speaks() {
    let plan = plan("vancomycin picc");
    let mut entries = journal("20 vital 38.9 C; 5 vital 36.9 C");
    assert_eq!(rules(&triage(&plan, &entries, &[], now(), Language::English)), ["N01"]);
    entries[1].amends = Some(entries[0].id);
    assert!(triage(&plan, &entries, &[], now(), Language::English).is_empty());
}

/// CHOP oncology: one reading of 101.3 °F or more, or three of 100.4 to 101.2 °F within 24 hours, at least 2 hours apart.
#[test]
fn the_plan_replaces_the_fever_rule_by_repeated_readings() {
    let mut plan = plan("fu-46h port");
    let once = limit("N01", VitalKind::Temperature, &[("101.3", "[degF]"), ("38.5", "Cel")], AdviceLevel::CallNow);
    let often = Threshold {
        repeated: Some(Repeated { readings: 3, within_minutes: 24 * 60, apart_minutes: 120 }),
        ..limit("N01", VitalKind::Temperature, &[("100.4", "[degF]"), ("38.0", "Cel")], AdviceLevel::CallNow)
    };
    plan.thresholds = vec![once, often];

    // now() is 13:00: 08:00, 09:30, 11:00, 13:00.
    let two_count = "300 vital 100.4 F; 210 vital 100.6 F; 120 vital 101.0 F";
    assert!(ask(&plan, two_count).is_empty(), "08:00 and 11:00 count, 09:30 does not");
    let three_count = format!("{two_count}; 0 vital 100.5 F");
    assert_eq!(rules(&ask(&plan, &three_count)), ["N01"]);
    assert!(ask(&plan, "5 vital 101.2 F").is_empty());
    assert_eq!(rules(&ask(&plan, "5 vital 101.3 F")), ["N01"]);
    assert_eq!(rules(&ask(&plan, "5 vital 38.5 C")), ["N01"]);
    assert!(ask(&plan, "5 vital 38.4 C").is_empty());
    // Three within 24 hours: the first of these is a minute too old.
    assert!(ask(&plan, "1441 vital 100.4 F; 600 vital 100.4 F; 5 vital 100.4 F").is_empty());
    assert_eq!(rules(&ask(&plan, "1440 vital 100.4 F; 600 vital 100.4 F; 5 vital 100.4 F")), ["N01"]);
}

#[test]
fn the_plan_adds_limits_of_its_own_with_its_own_words() {
    let mut plan = plan("milrinone picc");
    let mut pulse = limit("team-pulse", VitalKind::Pulse, &[("120", "/min")], AdviceLevel::MessageToday);
    pulse.text = Some("Sit down.\nCount again in 5 minutes.".into());
    plan.thresholds = vec![pulse];
    assert!(ask(&plan, "5 vital pulse 119").is_empty());
    let advice = ask(&plan, "5 vital pulse 120");
    assert_eq!(rules(&advice), ["team-pulse"]);
    assert_eq!(
        advice[0].text,
        ["555-0102 (Infusion office): call today, or send a message.", "Sit down.", "Count again in 5 minutes.",]
    );
}

#[test]
fn the_most_urgent_of_several_limits_gives_the_level_and_the_words() {
    let mut plan = plan("milrinone picc");
    let mut fast = limit("team-pulse", VitalKind::Pulse, &[("120", "/min")], AdviceLevel::MessageToday);
    fast.text = Some("Rest.".into());
    let mut very_fast = limit("team-pulse", VitalKind::Pulse, &[("150", "/min")], AdviceLevel::Emergency);
    very_fast.text = Some("Lie down.".into());
    for thresholds in [vec![fast.clone(), very_fast.clone()], vec![very_fast, fast]] {
        plan.thresholds = thresholds;
        let advice = ask(&plan, "5 vital pulse 151");
        assert_eq!(
            (advice.len(), advice[0].level, advice[0].text[1].as_str()),
            (1, AdviceLevel::Emergency, "Lie down.")
        );
        assert_eq!(ask(&plan, "5 vital pulse 149")[0].text[1], "Rest.");
    }
    let urgent = plan.thresholds.iter_mut().find(|limit| limit.level == AdviceLevel::Emergency).unwrap();
    urgent.text = None;
    assert_ne!(ask(&plan, "5 vital pulse 151")[0].text[1], "Rest.", "words of the lesser limit");
}

#[test]
fn a_limit_in_the_other_unit_is_moved_exactly_and_never_rounded() {
    let mut plan = plan("vancomycin picc");
    plan.thresholds = vec![limit("N01", VitalKind::Temperature, &[("38.5", "Cel")], AdviceLevel::CallNow)];
    assert!(ask(&plan, "5 vital 101.2 F").is_empty(), "101.2 °F is 38.4 °C and a bit: it would round to 38.4");
    assert!(ask(&plan, "5 vital 101.29 F").is_empty(), "38.494 °C would round to 38.5");
    assert_eq!(rules(&ask(&plan, "5 vital 101.3 F")), ["N01"]);

    plan.thresholds = vec![limit("team-weight", VitalKind::Weight, &[("70.0", "kg")], AdviceLevel::MessageToday)];
    assert!(ask(&plan, "5 vital 154.3 lb").is_empty(), "69.989 kg");
    assert_eq!(rules(&ask(&plan, "5 vital 154.4 lb")), ["team-weight"], "70.035 kg");
}

#[test]
fn a_limit_that_cannot_be_compared_says_so_and_the_built_in_one_holds() {
    let mut plan = plan("tpn-cyc picc");
    plan.thresholds = vec![limit("N19", VitalKind::Glucose, &[("250", "mg/dL")], AdviceLevel::CallNow)];
    let advice = ask(&plan, "5 vital 9.0 mmol/L");
    assert_eq!((rules(&advice), advice[0].level), (vec!["N19"], AdviceLevel::MessageToday));
    assert!(advice[0].text.contains(&"The app can not read it.".to_owned()), "{:?}", advice[0].text);
    assert!(
        advice[0].because.iter().any(|fact| fact == "Your plan has no limit for this in mmol/L"),
        "{:?}",
        advice[0].because
    );

    let low = ask(&plan, "5 vital 3.8 mmol/L");
    assert_eq!((rules(&low), low[0].level), (vec!["N19"], AdviceLevel::CallNow), "the built-in limit in mmol/L");
}

#[test]
fn an_unreadable_limit_gives_way_to_the_built_in_rule_with_a_fault_for_the_banner() {
    let mut plan = plan("vancomycin picc");
    let broken = [
        limit("N01", VitalKind::Temperature, &[], AdviceLevel::Note),
        limit("N01", VitalKind::Temperature, &[("40", "K")], AdviceLevel::Note),
        Threshold {
            repeated: Some(Repeated { readings: 0, within_minutes: 60, apart_minutes: 0 }),
            ..limit("N01", VitalKind::Temperature, &[("40", "Cel")], AdviceLevel::Note)
        },
    ];
    for threshold in broken {
        plan.thresholds = vec![threshold.clone()];
        let advice = ask(&plan, "5 vital 38.0 C");
        assert_eq!((rules(&advice), advice[0].level), (vec!["N01"], AdviceLevel::CallNow), "{threshold:?}");
        let faults = rule_faults(&plan);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].reason.contains("the built-in rule is used"), "{}", faults[0].reason);
    }
    plan.thresholds = vec![limit("N01", VitalKind::Temperature, &[("38.5", "Cel")], AdviceLevel::CallNow)];
    assert_eq!(rule_faults(&plan), []);
}

#[test]
fn the_plan_says_how_urgent_a_second_alarm_is() {
    let mut plan = plan("vancomycin picc");
    plan.alarm_advice = vec![AlarmAdvice {
        alarm: AlarmKind::OcclusionDownstream,
        steps: vec!["Open the clamp.".into()],
        if_repeated: AdviceLevel::MessageToday,
    }];
    let twice = "20 alarm occlusion-downstream; 5 alarm occlusion-downstream";
    assert_eq!(ask(&plan, twice)[0].level, AdviceLevel::MessageToday);
    let both = format!("{twice}; 20 alarm air-in-line; 5 alarm air-in-line");
    assert_eq!(ask(&plan, &both)[0].level, AdviceLevel::CallNow, "the more urgent of two alarms");

    assert_eq!(
        alarm_steps(&plan, &AlarmKind::OcclusionDownstream, Language::English),
        ["Open the clamp.", "Always follow the pump's own screen and sound."]
    );
    let untaught = alarm_steps(&plan, &AlarmKind::AirInLine, Language::English);
    assert!(untaught.iter().any(|line| line.contains("555-0100")), "{untaught:?}");
}

#[test]
fn one_alarm_that_came_live_and_again_from_the_record_is_one_alarm() {
    let plan = plan("vancomycin picc");
    let mut entries = journal("20 alarm air-in-line; 18 alarm air-in-line");
    for entry in &mut entries {
        let EntryBody::PumpEvent(event) = &mut entry.body else { panic!() };
        event.record = Some(7);
    }
    assert!(triage(&plan, &entries, &[], now(), Language::English).is_empty());
    let EntryBody::PumpEvent(event) = &mut entries[1].body else { panic!() };
    event.epoch = 1;
    assert_eq!(rules(&triage(&plan, &entries, &[], now(), Language::English)), ["N11"]);
}

#[test]
fn an_order_without_a_therapy_key_is_known_by_its_drug() {
    let mut plan = plan("picc");
    plan.orders[0].medication =
        Some(Medication { name: "Vancomycin 5 mg/mL".into(), rxnorm: None, form: None, strength: None, lot: None });
    assert_eq!(rules(&ask(&plan, "5 flushing")), ["N09"]);
}

#[test]
fn a_missing_translation_is_english_with_the_ask_for_an_interpreter() {
    let plan = plan("vancomycin picc");
    let entries = journal("20 vital 38.2 C; 5 line-wont-flush");
    let spanish = triage(&plan, &entries, &[], now(), Language::Spanish);
    assert_eq!(spanish[0].text.first().map(String::as_str), Some("555-0100 (Nurse on call): llame ahora."));
    assert!(spanish[0].text.iter().any(|line| line == "No espere hasta mañana."));
    assert_eq!(spanish[0].because, ["Temperatura 38.2 °C (2026-11-23 12:40)"]);
    assert_eq!(spanish[1].text.last().map(String::as_str), Some("Pida un intérprete."));
    let other = triage(&plan, &entries, &[], now(), Language::Other);
    assert!(other.iter().all(|advice| advice.text.last().map(String::as_str) == Some("Ask for an interpreter.")));
}

#[test]
fn an_entry_of_the_future_counts_as_now() {
    assert_eq!(rules(&ask(&plan("vancomycin picc"), "-600 vital 38.2 C")), ["N01"]);
}

#[test]
fn the_order_of_the_journal_does_not_matter() {
    let plan = plan("tpn-cyc tunneled");
    let mut entries = journal("1440 vital 60.0 kg; 30 chills; 20 vital 38.2 C; 10 confusion; 5 vital 61.5 kg");
    let forward = triage(&plan, &entries, &[], now(), Language::English);
    entries.reverse();
    assert_eq!(triage(&plan, &entries, &[], now(), Language::English), forward);
    assert!(forward.len() >= 4);
}

#[test]
fn a_rule_file_from_outside_is_laid_over_the_built_in_rules() {
    let file = r#"{"version":"site-1","rules":[{"id":"N01","level":"emergency","hours":24,"source":"site policy",
        "when":{"vital":{"kind":"temperature","is":"at-least","limits":{"Cel":"39.0"}}}}]}"#;
    let set = RuleSet::read(file).unwrap();
    let plan = plan("vancomycin picc");
    let ask = |words: &str| set.triage(&plan, &journal(words), &[], now(), Language::English);
    assert!(ask("5 vital 38.9 C").is_empty());
    assert_eq!(ask("5 vital 39.0 C")[0].level, AdviceLevel::Emergency);
    assert_eq!(rules(&ask("5 rash")), ["N08", "N09"]);
}
