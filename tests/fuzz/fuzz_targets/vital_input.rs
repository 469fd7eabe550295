//! What a person types as a vital sign, as a symptom, or as any text that the wording lint looks at.
#![no_main]

use homeline_clinical::{ClinicalError, check_vital, lint_text, parse_vital, site_finding_key, symptom_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|typed: &str| {
    match parse_vital(typed) {
        Ok(vitals) => {
            assert!((1..=2).contains(&vitals.len()));
            for vital in &vitals {
                assert_eq!(check_vital(vital), Ok(()), "what is read is plausible");
                assert!(!vital.value.unit.code.is_empty());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }

    if let Err(ClinicalError::UnknownSymptom { did_you_mean }) = symptom_key(typed) {
        assert!(did_you_mean.len() <= 5);
        assert!(did_you_mean.iter().all(|key| symptom_key(key).is_ok()), "what is suggested exists");
    }
    if let Err(ClinicalError::UnknownFinding { did_you_mean }) = site_finding_key(typed) {
        assert!(did_you_mean.iter().all(|key| site_finding_key(key).is_ok()), "what is suggested exists");
    }

    for finding in lint_text(typed) {
        assert_eq!(typed.get(finding.span.clone()), Some(finding.found.as_str()), "the span points at the offence");
        assert!(!finding.found.is_empty() && !finding.instead.is_empty());
    }
});
