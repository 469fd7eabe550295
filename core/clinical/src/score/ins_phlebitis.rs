//! The phlebitis scale of the Infusion Nurses Society, 0 to 4, from yes/no answers: the highest grade whose every sign is
//! present. For the nurse's view; triage acts on the answers, not on the grade.
//!
//! Source: Infusion Nurses Society, Infusion Therapy Standards of Practice (2011; named beside VIP in the 2021 edition,
//! standard 46). Only its signs are used here, in our own words.

use super::{Graded, graded};
use homeline_model::SiteFinding;
use serde::Deserialize;

/// The signs; `None` is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InsPhlebitisSigns {
    /// Pain at the site.
    pub pain: Option<bool>,
    /// Redness.
    #[serde(alias = "erythema")]
    pub redness: Option<bool>,
    /// Swelling.
    #[serde(alias = "edema")]
    pub swelling: Option<bool>,
    /// A red streak.
    pub streak: Option<bool>,
    /// A cord that can be felt.
    pub cord: Option<bool>,
    /// That cord is longer than 1 inch (2.5 cm).
    pub cord_over_one_inch: Option<bool>,
    /// Pus.
    pub pus: Option<bool>,
}

impl InsPhlebitisSigns {
    /// The signs as a site check answered them. How long a cord is, the check does not ask.
    pub fn of_site_check(findings: &[SiteFinding]) -> Self {
        let answer = |key: &str| super::answer_of(findings, key);
        Self {
            pain: super::either(answer("pain"), answer("path-pain")),
            redness: answer("redness"),
            swelling: answer("swelling"),
            streak: answer("streak"),
            cord: answer("cord"),
            cord_over_one_inch: None,
            pus: answer("pus"),
        }
    }
}

/// Grades the signs.
pub fn ins_phlebitis(signs: &InsPhlebitisSigns) -> Graded {
    let answers = [
        ("pain", signs.pain),
        ("redness", signs.redness),
        ("swelling", signs.swelling),
        ("streak", signs.streak),
        ("cord", signs.cord),
        ("cord_over_one_inch", signs.cord_over_one_inch),
        ("pus", signs.pus),
    ];
    graded(&answers, |unanswered| grade(signs, unanswered))
}

fn grade(signs: &InsPhlebitisSigns, unanswered: bool) -> u8 {
    let yes = |answer: Option<bool>| answer.unwrap_or(unanswered);
    let two = yes(signs.pain) && (yes(signs.redness) || yes(signs.swelling));
    let three = two && yes(signs.streak) && yes(signs.cord);
    if three && yes(signs.cord_over_one_inch) && yes(signs.pus) {
        4
    } else if three {
        3
    } else if two {
        2
    } else {
        u8::from(yes(signs.redness))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(present: &[&str]) -> InsPhlebitisSigns {
        let has = |name: &str| Some(present.contains(&name));
        InsPhlebitisSigns {
            pain: has("pain"),
            redness: has("redness"),
            swelling: has("swelling"),
            streak: has("streak"),
            cord: has("cord"),
            cord_over_one_inch: has("long"),
            pus: has("pus"),
        }
    }

    #[test]
    fn each_grade_needs_every_one_of_its_signs() {
        for (present, grade) in [
            (&[] as &[&str], 0),
            (&["pain"], 0),
            (&["redness"], 1),
            (&["pain", "redness"], 2),
            (&["pain", "swelling"], 2),
            (&["redness", "swelling"], 1),
            (&["pain", "redness", "streak"], 2),
            (&["pain", "redness", "streak", "cord"], 3),
            (&["pain", "redness", "streak", "cord", "pus"], 3),
            (&["pain", "redness", "streak", "cord", "long"], 3),
            (&["pain", "redness", "streak", "cord", "long", "pus"], 4),
            (&["pus"], 0),
        ] {
            assert_eq!(ins_phlebitis(&signs(present)), Graded { grade, missing: vec![] }, "{present:?}");
        }
    }

    #[test]
    fn what_the_site_check_does_not_ask_is_named_only_where_it_could_raise_the_grade() {
        let yes = |finding: &str| SiteFinding { finding: finding.into(), present: true };
        let no = |finding: &str| SiteFinding { finding: finding.into(), present: false };
        let cord = ["path-pain", "redness", "streak", "cord", "pus"].map(yes);
        let score = ins_phlebitis(&InsPhlebitisSigns::of_site_check(&cord));
        assert_eq!((score.grade, score.missing.contains(&"cord_over_one_inch")), (3, true));
        let clear = ["pain", "path-pain", "redness", "swelling", "streak", "cord", "pus"].map(no);
        let score = ins_phlebitis(&InsPhlebitisSigns::of_site_check(&clear));
        assert_eq!(score, Graded { grade: 0, missing: vec![] });
    }
}
