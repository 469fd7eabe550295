//! The raw signs of an infiltration or extravasation, as answered. They are not scored: the Infusion Nurses Society took
//! its infiltration scale out of the Standards in 2011, because it is not evidence-based. The nurse sees the signs.

use homeline_model::SiteFinding;

/// The findings that a nurse looks for, in the order in which they are shown.
pub const INFILTRATION_SIGNS: [&str; 7] =
    ["swelling", "tight-skin", "pale-skin", "cool-skin", "pain", "numbness", "leak"];

/// Each sign with its answer; `None` is not answered.
pub fn infiltration_signs(findings: &[SiteFinding]) -> [(&'static str, Option<bool>); 7] {
    INFILTRATION_SIGNS.map(|sign| (sign, super::answer_of(findings, sign)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symptoms::site_finding_key;

    #[test]
    fn every_sign_can_be_answered_and_silence_is_not_a_no() {
        for sign in INFILTRATION_SIGNS {
            assert_eq!(site_finding_key(sign).unwrap().key, sign);
        }
        let findings = [
            SiteFinding { finding: "cool-skin".into(), present: true },
            SiteFinding { finding: "leak".into(), present: false },
        ];
        let signs = infiltration_signs(&findings);
        assert!(signs.contains(&("cool-skin", Some(true))));
        assert!(signs.contains(&("leak", Some(false))));
        assert!(signs.contains(&("pain", None)));
    }
}
