//! Which firmware an adapter was tested with. A pump with another one is listened to: its link, its serial number and every
//! byte are checked as ever. But the person is told, for what the bytes mean may have changed with the firmware.

/// A model and the stretch of its firmware that was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tested {
    /// Model number as the pump says it.
    pub model: &'static str,
    /// The first firmware revision that was tested.
    pub from: &'static str,
    /// The first after it that was not.
    pub before: &'static str,
}

/// Whether this model with this firmware was tested. What a pump does not say, and a revision that is not numbers between
/// dots, was not.
pub fn is_tested(tested: &[Tested], model: Option<&str>, firmware: Option<&str>) -> bool {
    let (Some(model), Some(firmware)) = (model, firmware.and_then(revision)) else { return false };
    tested.iter().any(|one| {
        one.model == model
            && revision(one.from).is_some_and(|from| from <= firmware)
            && revision(one.before).is_some_and(|before| firmware < before)
    })
}

/// `1.10.2` as numbers, without zeros at its end, so that 1.0 is 1; `None` is not a revision of that form.
fn revision(text: &str) -> Option<Vec<u32>> {
    let mut numbers: Vec<u32> = text.trim().split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: [Tested; 1] = [Tested { model: "M", from: "1.2", before: "2.0" }];

    #[test]
    fn a_revision_is_compared_number_by_number() {
        for (firmware, expected) in [
            ("1.2", true),
            ("1.2.0", true),
            ("1.10", true),
            ("1.1.9", false),
            ("2", false),
            ("2.0", false),
            ("10", false),
        ] {
            assert_eq!(is_tested(&ONE, Some("M"), Some(firmware)), expected, "{firmware}");
        }
    }

    #[test]
    fn another_model_and_what_is_not_said_or_not_understood_was_not_tested() {
        for (model, firmware) in [
            (Some("N"), Some("1.3")),
            (None, Some("1.3")),
            (Some("M"), None),
            (Some("M"), Some("1.3b")),
            (Some("M"), Some("")),
        ] {
            assert!(!is_tested(&ONE, model, firmware), "{model:?} {firmware:?}");
        }
    }
}
