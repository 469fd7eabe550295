use crate::journal::{CUSUM, EWMA, RUN, morning, notices, now, plan, rule, speaks, temperatures, vital, watched};
use homeline_clinical::{Language, TrendInput, is_trend, lint_text, trend_faults, trend_needs, trends, triage};
use homeline_model::{AdviceLevel, EntryKind, Quantity, TrendLevel, TrendMethod, TrendSeries, VitalKind};

#[test]
fn a_notice_says_who_asked_and_shows_its_data_and_its_rule() {
    let said = notices(&plan(vec![rule(TrendSeries::Temperature, RUN)]), &temperatures("36.9 37.2 37.8"));
    let [notice] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(
        notice.text,
        [
            "555-0102 (Infusion office): call today, or send a message.",
            "Your team asked to be told when your temperature rises 2 days in a row.",
            "Do you feel ill?",
            "Do not wait for this.",
            "Call your team.",
        ]
    );
    assert_eq!(notice.data, ["It did: 36.9, 37.2, 37.8 °C (2026-11-21 to 2026-11-23)."]);
    assert_eq!(notice.how, ["The rule: each value goes on from the one before."]);
    let advice = notice.advice();
    assert!(is_trend(&advice));
    assert_eq!((advice.rule.as_str(), advice.level), ("trend/asked", AdviceLevel::MessageToday));
    assert!(advice.source.contains("Nelson"), "{}", advice.source);
}

#[test]
fn a_drift_shows_the_usual_the_limit_and_which_numbers_are_not_the_plans() {
    let journal = temperatures("36.5 36.6 36.6 36.6 36.7 36.6 37.2 - 37.4");
    let mut drift = rule(TrendSeries::Temperature, EWMA);
    let said = notices(&plan(vec![drift.clone()]), &journal);
    let [notice] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(
        notice.data,
        [
            "It did: 36.6, 37.2, 37.4 °C (2026-11-20 to 2026-11-23; days with no value: 1).",
            "Your own usual before that: 36.6 °C, the middle of 5 values.",
        ]
    );
    let how = notice.how.join("\n");
    for part in ["running mean", "The limit is 36.85 °C", "weight 0.3", "limit 3", "baseline 14 d", "ASTM"] {
        assert!(how.contains(part), "{part}: {how}");
    }
    // What the plan says is not called a default.
    drift.method = TrendMethod::Ewma { weight: Some("0.3".parse().unwrap()), limit: Some(3.into()) };
    (drift.watch_days, drift.baseline_days, drift.least_values) = (Some(7), Some(14), Some(5));
    let how = notices(&plan(vec![drift]), &journal)[0].how.join("\n");
    assert!(!how.contains("weight 0.3") && !how.contains("baseline") && how.contains("spread"), "{how}");
}

#[test]
fn the_least_change_of_the_plan_counts_in_the_unit_typed_and_is_asked_for_where_it_is_not_there() {
    let mut asked = rule(TrendSeries::Temperature, RUN);
    asked.change = vec![Quantity::new("0.9".parse().unwrap(), "Cel")];
    let journal = temperatures("36.9 37.2 37.8");
    assert!(speaks(asked.clone(), &journal), "0.9 is 0.9");
    asked.change = vec![Quantity::new("0.91".parse().unwrap(), "Cel")];
    assert!(!speaks(asked.clone(), &journal));
    let fahrenheit: Vec<_> = [(2, "98.0"), (1, "99.0"), (0, "101.0")]
        .map(|(days_ago, value)| vital(morning(days_ago), VitalKind::Temperature, value, "[degF]"))
        .to_vec();
    let seen = watched(&plan(vec![asked]), &fahrenheit);
    assert!(seen[0].notices.is_empty());
    assert!(seen[0].silent[0].contains("does not say how much is much in °F"), "{:?}", seen[0].silent);
}

#[test]
fn the_teams_own_words_and_level_are_taken() {
    let mut asked = rule(TrendSeries::Temperature, RUN);
    asked.level = TrendLevel::Note;
    asked.text = Some("Take your temperature again at bedtime.".into());
    let said = notices(&plan(vec![asked]), &temperatures("36.9 37.2 37.8"));
    assert_eq!(said[0].text[0], "Tell your team at the next visit.");
    assert_eq!(said[0].text[2], "Take your temperature again at bedtime.");
    assert_eq!(said[0].advice().level, AdviceLevel::Note);
}

#[test]
fn silence_is_explained_and_never_called_good() {
    for (values, words) in [
        ("", "There is no value yet."),
        ("36.9 37.2", "It has 2 values so far. It needs 3."),
        ("36.9 37.2 37.1", "It did not happen."),
        ("36.9 37.2 37.8 - - -", "no new value"),
    ] {
        let seen = watched(&plan(vec![rule(TrendSeries::Temperature, RUN)]), &temperatures(values));
        assert!(seen[0].silent[0].contains(words), "{values}: {:?}", seen[0].silent);
    }
    let seen =
        watched(&plan(vec![rule(TrendSeries::Temperature, CUSUM)]), &temperatures("36.6 36.6 36.5 36.6 36.7 36.6"));
    assert_eq!(seen[0].silent, ["It did not happen. Your own usual is 36.6 °C."]);
}

#[test]
fn spanish_has_all_the_words_and_another_language_gets_english_with_an_interpreter() {
    let plan = plan(vec![rule(TrendSeries::Temperature, EWMA)]);
    let entries = temperatures("36.5 36.6 36.6 36.6 36.7 36.6 37.2 37.4");
    let input = TrendInput { plan: &plan, entries: &entries, doses: &[], now: now() };
    let spanish = &trends(&input, Language::Spanish)[0].notices[0];
    assert!(spanish.text[1].starts_with("Su equipo pidió que le avisen cuando su temperatura sube"), "{spanish:?}");
    assert!(!spanish.text.iter().any(|line| line.contains("intérprete")));
    let other = &trends(&input, Language::Other(None))[0].notices[0];
    assert!(other.text.iter().any(|line| line == "Ask for an interpreter."), "{other:?}");
}

#[test]
fn no_word_of_a_notice_diagnoses_promises_or_is_error_prone() {
    let journal = temperatures("36.5 36.6 36.6 36.6 36.7 36.6 37.2 37.4 37.9");
    for method in [RUN, EWMA, CUSUM] {
        let said = notices(&plan(vec![rule(TrendSeries::Temperature, method)]), &journal);
        let advice = said[0].advice();
        for line in advice.text.iter().chain(&advice.because) {
            assert_eq!(lint_text(line), [], "{line}");
            let lower = line.to_lowercase();
            assert!(!["safe", "normal", "infection", "diagnos"].iter().any(|word| lower.contains(word)), "{line}");
        }
    }
}

#[test]
fn triage_answers_as_if_there_were_no_trends() {
    let journal = temperatures("36.9 37.2 38.4");
    let with = plan(vec![rule(TrendSeries::Temperature, RUN)]);
    let without = plan(vec![]);
    let answer = |plan| triage(plan, &journal, &[], now().to_utc(), Language::English);
    assert_eq!(answer(&with), answer(&without));
    assert!(notices(&without, &journal).is_empty());
}

#[test]
fn a_trend_that_cannot_be_used_is_listed_and_not_watched() {
    let broken = |change: fn(&mut homeline_model::TrendRule)| {
        let mut broken = rule(TrendSeries::Temperature, RUN);
        change(&mut broken);
        broken
    };
    for rule in [
        broken(|rule| rule.rule = String::new()),
        broken(|rule| rule.method = TrendMethod::Run { days: 0 }),
        broken(|rule| rule.method = TrendMethod::Run { days: u32::MAX }),
        broken(|rule| rule.method = TrendMethod::Ewma { weight: Some(0.into()), limit: None }),
        broken(|rule| rule.method = TrendMethod::Ewma { weight: Some(2.into()), limit: None }),
        broken(|rule| rule.method = TrendMethod::Cusum { slack: None, limit: Some((-1).into()) }),
        broken(|rule| rule.watch_days = Some(0)),
        broken(|rule| rule.baseline_days = Some(4_000)),
        broken(|rule| rule.least_values = Some(1)),
        broken(|rule| rule.change = vec![Quantity::new(1.into(), "kg")]),
        broken(|rule| rule.change = vec![Quantity::new(0.into(), "Cel")]),
    ] {
        let plan = plan(vec![rule]);
        assert_eq!(trend_faults(&plan).len(), 1, "{:?}", plan.trends);
        assert!(watched(&plan, &temperatures("36.9 37.2 37.8")).is_empty());
        assert_eq!(trend_needs(&plan), None);
    }
    assert_eq!(trend_faults(&plan(vec![rule(TrendSeries::Temperature, RUN)])), []);
}

#[test]
fn a_plan_says_what_its_trends_need_to_see() {
    assert_eq!(trend_needs(&plan(vec![])), None);
    let mut long = rule(TrendSeries::SiteSigns, EWMA);
    long.baseline_days = Some(60);
    let needs = trend_needs(&plan(vec![rule(TrendSeries::Temperature, RUN), long])).unwrap();
    assert_eq!((needs.days, needs.kinds, needs.steps), (67, vec![EntryKind::Vital, EntryKind::SiteCheck], false));
}
