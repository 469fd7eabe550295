//! The visual infusion phlebitis score (Jackson 1998) from yes/no answers: the highest grade whose every sign is present.
//! For the nurse's view; the raw answers are kept beside it, and triage acts on them, not on the score.
//!
//! Six questions decide it: pain, redness, swelling, hard skin, a cord, fever; two more say where the pain is and whether
//! the signs spread. The score is Andrew Jackson's; only its signs are used here, in our own words.

use super::{Graded, graded};
use homeline_model::SiteFinding;
use serde::Deserialize;

/// The signs; `None` is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VipSigns {
    /// Pain near the site.
    pub pain: Option<bool>,
    /// Pain along the path of the catheter; it is also pain.
    pub path_pain: Option<bool>,
    /// Redness.
    #[serde(alias = "erythema")]
    pub redness: Option<bool>,
    /// Swelling.
    pub swelling: Option<bool>,
    /// Hard skin.
    #[serde(alias = "induration")]
    pub hardness: Option<bool>,
    /// A cord that can be felt.
    pub cord: Option<bool>,
    /// Fever.
    #[serde(alias = "pyrexia")]
    pub fever: Option<bool>,
    /// The signs are extensive.
    pub extensive: Option<bool>,
    /// Pus. It has no grade of its own; triage calls for it whatever the grade.
    pub pus: Option<bool>,
}

impl VipSigns {
    /// The signs as a site check answered them, with the fever that a temperature or a question told.
    pub fn of_site_check(findings: &[SiteFinding], fever: Option<bool>) -> Self {
        let answer = |key: &str| super::answer_of(findings, key);
        Self {
            pain: answer("pain"),
            path_pain: answer("path-pain"),
            redness: answer("redness"),
            swelling: answer("swelling"),
            hardness: answer("hardness"),
            cord: answer("cord"),
            fever,
            extensive: answer("spreading"),
            pus: answer("pus"),
        }
    }
}

/// Grades the signs, 0 to 5.
pub fn vip(signs: &VipSigns) -> Graded {
    let answers = [
        ("pain", signs.pain),
        ("path_pain", signs.path_pain),
        ("redness", signs.redness),
        ("swelling", signs.swelling),
        ("hardness", signs.hardness),
        ("cord", signs.cord),
        ("fever", signs.fever),
        ("extensive", signs.extensive),
    ];
    graded(&answers, |unanswered| grade(signs, unanswered))
}

fn grade(signs: &VipSigns, unanswered: bool) -> u8 {
    let yes = |answer: Option<bool>| answer.unwrap_or(unanswered);
    let path_pain = yes(signs.path_pain);
    let pain = yes(signs.pain) || path_pain;
    let (redness, swelling, hardness) = (yes(signs.redness), yes(signs.swelling), yes(signs.hardness));
    let three = path_pain && redness && hardness;
    let four = three && yes(signs.extensive) && yes(signs.cord);
    if four && yes(signs.fever) {
        5
    } else if four {
        4
    } else if three {
        3
    } else if u8::from(pain) + u8::from(redness) + u8::from(swelling) >= 2 {
        2
    } else {
        u8::from(pain || redness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(present: &[&str]) -> VipSigns {
        let has = |name: &str| Some(present.contains(&name));
        VipSigns {
            pain: has("pain"),
            path_pain: has("path_pain"),
            redness: has("redness"),
            swelling: has("swelling"),
            hardness: has("hardness"),
            cord: has("cord"),
            fever: has("fever"),
            extensive: has("extensive"),
            pus: has("pus"),
        }
    }

    #[test]
    fn each_grade_needs_every_one_of_its_signs() {
        for (present, grade) in [
            (&[] as &[&str], 0),
            (&["redness"], 1),
            (&["pain"], 1),
            (&["pain", "redness"], 2),
            (&["redness", "swelling"], 2),
            (&["pain", "redness", "swelling"], 2),
            (&["path_pain", "redness", "hardness"], 3),
            (&["path_pain", "redness", "hardness", "cord"], 3),
            (&["path_pain", "redness", "hardness", "extensive"], 3),
            (&["path_pain", "redness", "hardness", "extensive", "cord"], 4),
            (&["path_pain", "redness", "hardness", "extensive", "cord", "fever"], 5),
            (&["fever"], 0),
            (&["pain", "redness", "pus"], 2),
            (&["path_pain", "hardness", "extensive", "cord", "fever"], 1),
        ] {
            assert_eq!(vip(&signs(present)), Graded { grade, missing: vec![] }, "{present:?}");
        }
    }

    #[test]
    fn a_site_check_gives_the_grade() {
        let yes = |finding: &str| SiteFinding { finding: finding.into(), present: true };
        let check = ["path-pain", "redness", "hardness", "cord", "spreading"].map(yes);
        assert_eq!(vip(&VipSigns::of_site_check(&check, Some(true))).grade, 5);
        let without_temperature = vip(&VipSigns::of_site_check(&check, None));
        assert_eq!((without_temperature.grade, without_temperature.missing.contains(&"fever")), (4, true));
    }

    #[test]
    fn what_was_not_answered_is_named_and_the_grade_is_the_least() {
        let score = vip(&VipSigns { swelling: None, ..signs(&["redness"]) });
        assert_eq!(score, Graded { grade: 1, missing: vec!["swelling"] });
        let nothing = vip(&VipSigns::default());
        assert_eq!((nothing.grade, nothing.missing.len()), (0, 8));
        let top = signs(&["path_pain", "redness", "hardness", "extensive", "cord", "fever"]);
        assert_eq!(vip(&VipSigns { swelling: None, ..top }).missing, [""; 0], "it cannot rise above 5");
    }
}
