//! PRO-CTCAE composite grades 0 to 3 from the patient's answers (Basch et al., Clinical Trials 2021;18:104-114). Numbers
//! only: the items' wording is under the NCI's terms and is loaded by a site that accepted them. The table with its source
//! is `data/pro_ctcae.json`.
//!
//! First attribute 0 gives grade 0. Any other missing attribute, and any item that asks only "present", gives no grade.
//! The composite describes; it never drives triage.

use crate::error::ClinicalError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The answers to one item, each 0 to 4. Without `item` the given attributes are taken as the item's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProCtcae {
    /// Term number, 1 to 80.
    pub item: Option<u8>,
    /// How often.
    pub frequency: Option<u8>,
    /// How severe at its worst.
    pub severity: Option<u8>,
    /// How much it interfered.
    pub interference: Option<u8>,
    /// How much of it; scored as interference.
    pub amount: Option<u8>,
    /// Whether it was there; has no grade.
    pub present: Option<bool>,
}

#[derive(Deserialize)]
struct Table {
    items: BTreeMap<String, Vec<u8>>,
    grades: Grades,
}

#[derive(Deserialize)]
struct Grades {
    frequency: String,
    severity: String,
    interference: String,
    #[serde(rename = "frequency,severity")]
    frequency_severity: Vec<String>,
    #[serde(rename = "frequency,interference")]
    frequency_interference: Vec<String>,
    #[serde(rename = "severity,interference")]
    severity_interference: Vec<String>,
    #[serde(rename = "frequency,severity,interference")]
    all_three: Vec<Vec<String>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/pro_ctcae.json")).expect("embedded, and read by the tests")
});

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    Frequency,
    Severity,
    Interference,
}

/// The composite grade; `None` is "no grade". Errors when an answer or the item number is out of range, or when an answer
/// is given that the item does not ask for.
pub fn pro_ctcae_grade(answers: &ProCtcae) -> Result<Option<u8>, ClinicalError> {
    let given = [
        ("frequency", answers.frequency),
        ("severity", answers.severity),
        ("interference", answers.interference),
        ("amount", answers.amount),
    ];
    for (field, answer) in given {
        if answer.is_some_and(|answer| answer > 4) {
            return Err(ClinicalError::AnswerOutOfRange { field, low: 0, high: 4 });
        }
    }
    if answers.interference.is_some() && answers.amount.is_some() {
        return Err(ClinicalError::AnswerNotAsked { field: "amount" });
    }
    let third = answers.interference.or(answers.amount);
    let attributes = match answers.item {
        Some(item) => match attributes_of(item)? {
            Some(attributes) => attributes,
            None => match given.iter().find(|(_, answer)| answer.is_some()) {
                Some((field, _)) => return Err(ClinicalError::AnswerNotAsked { field }),
                None => return Ok(None),
            },
        },
        None => [
            (answers.frequency.is_some(), Attribute::Frequency),
            (answers.severity.is_some(), Attribute::Severity),
            (third.is_some(), Attribute::Interference),
        ]
        .into_iter()
        .filter_map(|(given, attribute)| given.then_some(attribute))
        .collect(),
    };
    for (field, answer, attribute) in [
        ("frequency", answers.frequency, Attribute::Frequency),
        ("severity", answers.severity, Attribute::Severity),
        ("interference", third, Attribute::Interference),
    ] {
        if answer.is_some() && !attributes.contains(&attribute) {
            return Err(ClinicalError::AnswerNotAsked { field });
        }
    }
    let answer = |attribute: Attribute| match attribute {
        Attribute::Frequency => answers.frequency,
        Attribute::Severity => answers.severity,
        Attribute::Interference => third,
    };
    let Some(first) = attributes.first().copied() else { return Ok(None) };
    if answer(first) == Some(0) {
        return Ok(Some(0));
    }
    let Some(values) = attributes.iter().map(|attribute| answer(*attribute)).collect::<Option<Vec<u8>>>() else {
        return Ok(None);
    };
    Ok(grade(&attributes, &values))
}

/// `None`: the item asks only whether it was present.
fn attributes_of(item: u8) -> Result<Option<Vec<Attribute>>, ClinicalError> {
    let unknown = ClinicalError::AnswerOutOfRange { field: "item", low: 1, high: 80 };
    let (set, _) = TABLE.items.iter().find(|(_, items)| items.contains(&item)).ok_or(unknown)?;
    if set == "present" {
        return Ok(None);
    }
    let attribute = |name: &str| match name {
        "frequency" => Some(Attribute::Frequency),
        "severity" => Some(Attribute::Severity),
        "interference" => Some(Attribute::Interference),
        _ => None,
    };
    Ok(Some(set.split(',').filter_map(attribute).collect()))
}

fn grade(attributes: &[Attribute], values: &[u8]) -> Option<u8> {
    use Attribute::{Frequency, Interference, Severity};
    let grades = &TABLE.grades;
    match (attributes, values) {
        ([Frequency], [f]) => digit(&grades.frequency, *f),
        ([Severity], [s]) => digit(&grades.severity, *s),
        ([Interference], [i]) => digit(&grades.interference, *i),
        ([Frequency, Severity], [f, s]) => digit(row(&grades.frequency_severity, *f)?, *s),
        ([Frequency, Interference], [f, i]) => digit(row(&grades.frequency_interference, *f)?, *i),
        ([Severity, Interference], [s, i]) => digit(row(&grades.severity_interference, *s)?, *i),
        ([Frequency, Severity, Interference], [f, s, i]) => digit(row(row(&grades.all_three, *f)?, *s + 1)?, *i),
        (_, _) => None,
    }
}

/// The row of an answer from 1 on: the answer 0 was graded before.
fn row<T>(rows: &[T], answer: u8) -> Option<&T> {
    rows.get(usize::from(answer).checked_sub(1)?)
}

fn digit(grades: &str, answer: u8) -> Option<u8> {
    grades.as_bytes().get(usize::from(answer)).map(|digit| digit - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Basch 2021, all 179 combinations, one line each: attributes, answers, grade. Written out so that the table in use
    /// is held against the publication row by row.
    const COMBINATIONS: &str = include_str!("../../tests/pro_ctcae_combinations.csv");

    #[test]
    fn all_179_combinations_have_their_grade() {
        let mut seen = BTreeSet::new();
        for line in COMBINATIONS.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [f, s, i, grade] = fields[..] else { panic!("{line}") };
            let answers = ProCtcae {
                frequency: f.parse().ok(),
                severity: s.parse().ok(),
                interference: i.parse().ok(),
                ..ProCtcae::default()
            };
            assert_eq!(pro_ctcae_grade(&answers), Ok(grade.parse().ok()), "{line}");
            assert!(seen.insert(line), "{line} is there twice");
        }
        assert_eq!(seen.len(), 179);
    }

    #[test]
    fn every_item_from_1_to_80_has_one_set_of_attributes() {
        let items: Vec<u8> = TABLE.items.values().flatten().copied().collect();
        let unique: BTreeSet<u8> = items.iter().copied().collect();
        assert_eq!(items.len(), 80);
        assert_eq!(unique, (1..=80).collect());
    }

    #[test]
    fn worked_examples_with_item_numbers() {
        let of = |item, f: Option<u8>, s: Option<u8>, i: Option<u8>| {
            pro_ctcae_grade(&ProCtcae {
                item: Some(item),
                frequency: f,
                severity: s,
                interference: i,
                ..ProCtcae::default()
            })
        };
        assert_eq!(of(9, Some(3), Some(2), None), Ok(Some(2)), "nausea");
        assert_eq!(of(10, Some(0), None, None), Ok(Some(0)), "vomiting: never, and so not severe");
        assert_eq!(of(16, Some(3), None, None), Ok(Some(2)), "diarrhea");
        assert_eq!(of(74, Some(2), Some(3), None), Ok(Some(2)), "chills");
        assert_eq!(of(74, Some(3), Some(3), None), Ok(Some(3)), "chills");
        assert_eq!(of(53, None, Some(1), Some(3)), Ok(Some(2)), "fatigue");
        assert_eq!(of(53, None, Some(3), Some(1)), Ok(Some(2)), "fatigue");
        assert_eq!(of(48, Some(1), Some(2), Some(1)), Ok(Some(2)), "pain");
        assert_eq!(of(48, Some(4), Some(1), Some(2)), Ok(Some(2)), "pain");
        assert_eq!(of(48, Some(3), Some(0), Some(0)), Ok(Some(1)), "pain");
        assert_eq!(of(48, Some(1), Some(0), Some(0)), Ok(Some(0)), "pain");
        assert_eq!(of(49, Some(2), Some(3), None), Ok(None), "headache, interference missing");
        let rash = ProCtcae { item: Some(24), present: Some(true), ..ProCtcae::default() };
        assert_eq!(pro_ctcae_grade(&rash), Ok(None));
    }

    #[test]
    fn answers_out_of_range_or_not_asked_for_are_refused() {
        let base = ProCtcae::default();
        for wrong in [
            ProCtcae { frequency: Some(5), ..base },
            ProCtcae { item: Some(0), frequency: Some(1), ..base },
            ProCtcae { item: Some(81), frequency: Some(1), ..base },
            ProCtcae { item: Some(16), frequency: Some(1), severity: Some(1), ..base },
            ProCtcae { interference: Some(1), amount: Some(1), ..base },
            ProCtcae { item: Some(24), severity: Some(1), ..base },
        ] {
            assert!(pro_ctcae_grade(&wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(pro_ctcae_grade(&base), Ok(None));
        assert_eq!(pro_ctcae_grade(&ProCtcae { item: Some(27), amount: Some(3), ..base }), Ok(Some(2)));
    }
}
