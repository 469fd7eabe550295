//! What holds for every rule: the number first, the plan wins, nothing open is lowered, nothing unreadable is silent.

use crate::journal::{journal, now, plan};
use homeline_clinical::{Language, RuleFault, RuleSet, alarm_steps, rule_faults, triage};
use homeline_model::{
    Advice, AdviceLevel, AlarmAdvice, AlarmKind, CarePlan, Comparison, EntryBody, FhirDateTime, Medication, PlanRule,
    Quantity, Repeated, Threshold, Timing, VitalKind,
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

fn plan_rule(id: &str, level: Option<AdviceLevel>, when: Option<&str>, text: Option<&str>) -> PlanRule {
    PlanRule { id: id.into(), level, hours: None, when: when.map(str::to_owned), text: text.map(str::to_owned) }
}

#[test]
fn the_plan_raises_a_built_in_rule_and_gives_it_its_own_words() {
    let mut plan = plan("fu-46h port hours=46 early=10");
    let early = "5 dose completed from=2400";
    // A rule of the plan that names no level keeps the one that is built in; one that names a level has it.
    for (level, expected) in [(None, AdviceLevel::Emergency), (Some(AdviceLevel::CallNow), AdviceLevel::CallNow)] {
        plan.rules = vec![plan_rule("E12", level, None, Some("Call the ward."))];
        assert_eq!(ask(&plan, early)[0].level, expected, "{level:?}");
    }
    plan.rules =
        vec![plan_rule("E12", Some(AdviceLevel::Emergency), None, Some("Go to the hospital.\nTake the pump."))];
    let advice = ask(&plan, early);
    assert_eq!((rules(&advice), advice[0].level), (vec!["E12"], AdviceLevel::Emergency));
    assert_eq!(advice[0].text, ["911 (Ambulance): call now.", "Go to the hospital.", "Take the pump."]);
    assert_eq!(advice[0].source, "care plan");
    assert_eq!(rule_faults(&plan), []);
}

#[test]
fn fluorouracil_that_is_done_early_is_an_emergency_and_another_infusion_is_a_call() {
    let level = |plan_words: &str, words: &str| {
        let advice = ask(&plan(plan_words), words);
        advice.iter().find(|advice| advice.rule == "E12").map(|advice| advice.level)
    };
    // 46 hours less the 10 percent of the built-in rule are 2484 minutes.
    assert_eq!(level("fu-46h port hours=46", "5 dose completed from=2488"), Some(AdviceLevel::Emergency));
    assert_eq!(level("fu-46h port hours=46", "5 dose completed from=2489"), None);
    assert_eq!(level("fu-46h port", "5 done-early"), Some(AdviceLevel::Emergency));
    let looked = "2000 dose in-progress from=2000; 5 check empty";
    assert_eq!(level("fu-46h port elastomeric hours=46", looked), Some(AdviceLevel::Emergency));
    assert_eq!(level("chemotherapy port hours=46", "5 dose completed from=2400"), Some(AdviceLevel::CallNow));
    assert_eq!(level("vancomycin picc hours=2 early=20", "5 dose completed from=100"), Some(AdviceLevel::CallNow));
    // The limit of another order makes no emergency of it in a plan that holds fluorouracil too.
    let mut both = plan("vancomycin picc hours=2 early=20");
    let mut other = plan("fu-46h port hours=46").orders.remove(0);
    other.id = homeline_model::OrderId::new("o2").unwrap();
    both.orders.push(other);
    let advice = ask(&both, "5 dose completed from=100");
    assert_eq!((rules(&advice), advice[0].level), (vec!["E12"], AdviceLevel::CallNow));
}

#[test]
fn the_plan_changes_when_a_rule_speaks_and_adds_rules_of_its_own() {
    let mut plan = plan("fu-46h port");
    let twice = r#"{"symptom": {"keys": ["vomiting"], "times": 2}}"#;
    plan.rules = vec![
        plan_rule("N14", None, Some(twice), None),
        plan_rule(
            "team-mouth",
            Some(AdviceLevel::MessageToday),
            Some(r#"{"symptom": {"keys": ["mouth-sores"]}}"#),
            Some("Rinse with salt water."),
        ),
    ];
    assert_eq!(rules(&ask(&plan, "30 vomiting; 5 vomiting")), ["N14"]);
    assert!(ask(&plan, "5 vomiting").is_empty());
    assert!(ask(&plan, "5 no-urine").is_empty(), "the plan's condition takes the place of the built-in one");
    let sores = ask(&plan, "5 mouth-sores");
    assert_eq!((rules(&sores), sores[0].level), (vec!["team-mouth"], AdviceLevel::MessageToday));
    assert_eq!(sores[0].text[1], "Rinse with salt water.");
    assert!(ask(&plan, "1441 mouth-sores").is_empty(), "24 hours where the plan says nothing else");
}

#[test]
fn a_plan_rule_that_cannot_be_read_leaves_the_stricter_default_and_a_fault_for_the_banner() {
    let mut plan = plan("vancomycin picc");
    for (broken, instead) in [
        (plan_rule("N07", Some(AdviceLevel::Note), Some("{"), None), "the built-in rule is used"),
        (plan_rule("N07", None, Some(r#"{"symptom": {"keys": ["no-such"]}}"#), None), "the built-in rule is used"),
        (plan_rule("N07", None, Some(r#"{"not": {"line": "central"}}"#), None), "the built-in rule is used"),
        (PlanRule { hours: Some(193), ..plan_rule("N07", None, None, None) }, "the built-in rule is used"),
        (plan_rule("team-1", Some(AdviceLevel::CallNow), None, Some("Call.")), "ask your team for this rule"),
        (plan_rule("team-1", None, Some(r#"{"line": "central"}"#), Some("Call.")), "ask your team for this rule"),
        (
            plan_rule("team-1", Some(AdviceLevel::Note), Some(r#"{"line": "central"}"#), None),
            "ask your team for this rule",
        ),
    ] {
        plan.rules = vec![broken.clone()];
        let advice = ask(&plan, "5 line-wont-flush");
        assert_eq!((rules(&advice), advice[0].level), (vec!["N07"], AdviceLevel::CallNow), "{broken:?}");
        let faults = rule_faults(&plan);
        let [RuleFault { rule, reason }] = faults.as_slice() else { panic!("{broken:?}: {faults:?}") };
        assert_eq!(rule, &broken.id);
        assert!(reason.ends_with(instead), "{reason}");
    }
    // What can be read of it is its level, and that is the stricter one.
    plan.rules = vec![plan_rule("N07", Some(AdviceLevel::Emergency), Some("{"), None)];
    assert_eq!(ask(&plan, "5 line-wont-flush")[0].level, AdviceLevel::Emergency);
}

#[test]
fn age_device_and_days_since_the_start_are_conditions_and_what_the_plan_does_not_say_meets_them() {
    let speaks = |plan: &CarePlan, when: &str| {
        let mut plan = plan.clone();
        let when = format!(r#"{{"all": [{when}, {{"symptom": {{"keys": ["tired"]}}}}]}}"#);
        plan.rules = vec![plan_rule("team", Some(AdviceLevel::Note), Some(&when), Some("Rest."))];
        assert_eq!(rule_faults(&plan), []);
        ask(&plan, "5 tired").first().map(|advice| advice.because.clone())
    };
    let adult = plan("vancomycin picc age=16");
    assert!(speaks(&adult, r#"{"age": {"below": 16}}"#).is_none());
    assert!(speaks(&adult, r#"{"age": {"from": 16, "below": 17}}"#).is_some());
    let ageless = speaks(&plan("vancomycin picc"), r#"{"age": {"below": 16}}"#).unwrap();
    assert_eq!(ageless[0], "Your plan does not say your age");

    assert!(speaks(&adult, r#"{"device": ["elastomeric"]}"#).is_none());
    assert!(speaks(&adult, r#"{"device": ["elastomeric", "ambulatory-pump"]}"#).is_some());

    let mut begun = plan("vancomycin picc hours=1");
    let day = |text: &str| FhirDateTime::Date(text.parse().unwrap());
    begun.orders[0].dosages[0].timing = Some(Timing { event: vec![day("2026-11-09")], ..Timing::default() });
    let started = |part: &str| speaks(&begun, &format!(r#"{{"started": {{"therapy": ["vancomycin"], {part}}}}}"#));
    assert!(started(r#""from_day": 14"#).is_some(), "now is the 23rd");
    assert!(started(r#""from_day": 15"#).is_none());
    assert!(started(r#""to_day": 14"#).is_some());
    assert!(started(r#""to_day": 13"#).is_none());
    assert!(speaks(&begun, r#"{"started": {"therapy": ["opioid"], "to_day": 100}}"#).is_none());
    let unknown = speaks(&adult, r#"{"started": {"from_day": 15}}"#).unwrap();
    assert_eq!(unknown[0], "Your plan does not say when it began");
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
}

#[test]
fn an_alarm_that_the_plan_does_not_teach_has_our_own_words_for_its_kind_with_the_plans_numbers() {
    let plan = plan("vancomycin picc");
    let air = alarm_steps(&plan, &AlarmKind::AirInLine, Language::English);
    assert_eq!(air[0], "Look for bubbles and for a loose joint.");
    assert!(air.contains(&"If you are not sure, call: 555-0100 (Nurse on call).".to_owned()), "{air:?}");
    let battery = alarm_steps(&plan, &AlarmKind::BatteryLow, Language::English);
    assert!(battery.iter().all(|line| !air.contains(line) || line.starts_with("Always")), "another kind, other words");
    let code = alarm_steps(&plan, &AlarmKind::Unknown(99), Language::English);
    assert!(code.contains(&"Do what its screen says.".to_owned()), "{code:?}");
    for steps in [&air, &battery, &code] {
        assert_eq!(steps.last().map(String::as_str), Some("Always follow the pump's own screen and sound."));
    }
    let spanish = alarm_steps(&plan, &AlarmKind::AirInLine, Language::Spanish);
    assert_eq!(spanish[0], "Busque burbujas y una conexión floja.");
    let other = alarm_steps(&plan, &AlarmKind::AirInLine, Language::from_tag("vi"));
    assert_eq!(other.last().map(String::as_str), Some("Xin yêu cầu thông dịch viên."));
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
fn advice_is_in_the_patients_language_or_english_with_the_ask_for_an_interpreter() {
    let plan = plan("vancomycin picc");
    let entries = journal("20 vital 38.2 C; 5 line-wont-flush");
    let spanish = triage(&plan, &entries, &[], now(), Language::Spanish);
    assert_eq!(spanish[0].text.first().map(String::as_str), Some("555-0100 (Nurse on call): llame ahora."));
    assert!(spanish[0].text.iter().any(|line| line == "No espere hasta mañana."));
    assert_eq!(spanish[0].because, ["Temperatura 38.2 °C (2026-11-23 12:40)"]);
    assert_eq!(spanish[1].text.last().map(String::as_str), Some("Vea si hay una pinza cerrada."));
    assert!(!spanish.iter().flat_map(|advice| &advice.text).any(|line| line == "Pida un intérprete."));
    for (tag, line) in [("xx", "Ask for an interpreter."), ("vi", "Xin yêu cầu thông dịch viên.")] {
        let other = triage(&plan, &entries, &[], now(), Language::from_tag(tag));
        assert!(other.iter().all(|advice| advice.text.last().map(String::as_str) == Some(line)), "{tag}");
        assert!(other[0].text.contains(&"Do not wait for morning.".to_owned()), "the rest is English");
    }
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
