//! What a clinician reads off a journal.

use crate::journal::{journal, now, plan};
use homeline_clinical::{ClinicianView, FeverGrade, NoTotal, PainBand, clinician_view};

fn view(plan_words: &str, words: &str) -> ClinicianView {
    clinician_view(&plan(plan_words), &journal(words), now())
}

#[test]
fn news2_takes_values_of_one_moment_and_names_what_nobody_measures_at_home() {
    let words =
        "90 vital pulse 140; 20 vital pulse 104; 15 vital breaths 21; 10 vital 97 %; 5 vital 108/70; 3 vital 38.0 C";
    let (at, score) = view("vancomycin picc age=40", words).news2.unwrap();
    assert_eq!(now() - at, chrono::TimeDelta::minutes(3));
    assert_eq!((score.total, score.parts.pulse, score.parts.systolic), (None, Some(1), Some(1)));
    assert_eq!((score.parts.respiratory_rate, score.parts.temperature_c), (Some(2), Some(0)));
    assert_eq!(score.missing, ["on_oxygen", "consciousness"]);

    let apart = view("vancomycin picc age=40", "90 vital pulse 104; 3 vital 38.0 C").news2.unwrap().1;
    assert_eq!(apart.parts.pulse, None, "an hour and a half before is another moment");
    let fahrenheit = view("vancomycin picc age=40", "3 vital 100.6 F").news2.unwrap().1;
    assert_eq!(fahrenheit.parts.temperature_c, Some(1), "100.6 °F is 38.1 °C");
    assert!(view("vancomycin picc age=40", "5 nausea").news2.is_none());
}

#[test]
fn news2_has_no_total_for_a_child_and_where_age_or_pregnancy_is_not_known() {
    let reason = |plan_words: &str| view(plan_words, "3 vital 38.0 C").news2.unwrap().1.reason;
    assert_eq!(reason("vancomycin picc age=15"), Some(NoTotal::UnderSixteen));
    assert_eq!(reason("vancomycin picc"), Some(NoTotal::AgeUnknown));
    assert_eq!(reason("vancomycin picc age=40"), Some(NoTotal::PregnancyUnknown));
    assert_eq!(reason("vancomycin picc age=70"), Some(NoTotal::InputMissing));
    let mut of_a_man = plan("vancomycin picc age=40");
    of_a_man.patient.gender = Some("male".into());
    let score = clinician_view(&of_a_man, &journal("3 vital 38.0 C"), now()).news2.unwrap().1;
    assert_eq!(score.reason, Some(NoTotal::InputMissing));
}

#[test]
fn the_newest_site_check_gives_both_phlebitis_grades_and_the_raw_signs() {
    let words = "600 site +pus; 30 vital 38.4 C; 20 site +path-pain +redness +hardness +cord +streak +spreading -leak";
    let site = view("vancomycin picc", words).site.unwrap();
    assert_eq!((site.vip.grade, site.ins_phlebitis.grade), (5, 3), "the fever is that of the same day");
    assert!(site.infiltration.contains(&("leak", Some(false))) && site.infiltration.contains(&("swelling", None)));
    let old_fever = view("vancomycin picc", &words.replace("30 vital", "1500 vital")).site.unwrap();
    assert_eq!((old_fever.vip.grade, old_fever.vip.missing.contains(&"fever")), (4, true));
}

#[test]
fn pain_fever_and_terms_come_from_the_newest_entries_that_stand() {
    let words =
        "9000 vital pain 9; 60 vital pain 4; 50 vital 102.3 F; 10 nausea; 9 nausea; 5 no chills; 11000 headache";
    let seen = view("vancomycin picc", words);
    assert_eq!(seen.pain.map(|(_, rating, band)| (rating.to_string(), band)), Some(("4".into(), PainBand::Moderate)));
    assert_eq!(
        seen.fever.map(|(_, value, grade)| (value.unit.code, grade)),
        Some(("[degF]".into(), FeverGrade::Grade(2)))
    );
    let terms: Vec<(&str, &str)> =
        seen.terms.iter().map(|(symptom, terms)| (symptom.as_str(), terms[0].term.as_str())).collect();
    assert_eq!(terms, [("nausea", "Nausea")], "a week, once each, and only what is there");

    let mut corrected = journal("20 vital pain 9; 5 vital pain 2");
    corrected[1].amends = Some(corrected[0].id);
    corrected[1].times.happened.at = corrected[0].times.happened.at - chrono::TimeDelta::minutes(5);
    let seen = clinician_view(&plan("vancomycin picc"), &corrected, now());
    assert_eq!(seen.pain.map(|(_, _, band)| band), Some(PainBand::Mild));
}
