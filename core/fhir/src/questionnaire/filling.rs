//! What was answered so far, question by question.

use super::answer::AnswerError;
use super::{MOST_ANSWERS, MOST_REPETITIONS, Questionnaire};
use homeline_model::FormValue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A question, in one repetition of the groups that it stands in. As text `linkId`, or `linkId#0.2` inside repeating
/// groups, counted from 0 and outermost first; a `linkId` that holds a `#` itself gets one more at its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The question.
    pub link_id: String,
    /// Which repetition of each repeating group around it.
    pub at: Vec<u32>,
}

impl Place {
    /// The one place of a question in no repeating group.
    pub fn of(link_id: &str) -> Self {
        Self { link_id: link_id.to_owned(), at: Vec::new() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.link_id)?;
        if self.at.is_empty() && self.link_id.contains('#') {
            f.write_str("#")?;
        }
        for (index, repetition) in self.at.iter().enumerate() {
            write!(f, "{}{repetition}", if index == 0 { '#' } else { '.' })?;
        }
        Ok(())
    }
}

impl FromStr for Place {
    type Err = std::convert::Infallible;

    /// Never fails: what looks like no repetition is a part of the `linkId`, which may hold any letter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let repetitions = text.rsplit_once('#').and_then(|(link_id, at)| {
            let numbers = at.split('.').map(|number| number.parse().ok());
            let at: Option<Vec<u32>> = if at.is_empty() { Some(Vec::new()) } else { numbers.collect() };
            at.map(|at| Self { link_id: link_id.to_owned(), at })
        });
        Ok(repetitions.unwrap_or_else(|| Self::of(text)))
    }
}

impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The answers so far. What is not in it was not answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Filling {
    pub(crate) answers: BTreeMap<Place, Vec<FormValue>>,
}

impl Filling {
    /// Whether nothing was answered.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// The answers at a place.
    pub fn at(&self, place: &Place) -> &[FormValue] {
        self.answers.get(place).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Questionnaire {
    /// A fresh filling, with what the form starts with (`initial`, `initialSelected`).
    pub fn begin(&self) -> Filling {
        let mut filling = Filling::default();
        for item in self.items.iter().filter(|item| item.is_question() && !item.initial.is_empty()) {
            let at = vec![0; item.repeating.len()];
            filling.answers.insert(Place { link_id: item.link_id.clone(), at }, item.initial.clone());
        }
        filling
    }

    /// Answers one question with what a person typed or chose; no text at all takes the answer back. The filling is
    /// changed only when all of it is acceptable.
    pub fn answer(&self, filling: &mut Filling, place: &Place, typed: &[String]) -> Result<(), AnswerError> {
        let item = self.item(&place.link_id).ok_or_else(|| AnswerError::unknown(&place.link_id))?;
        if place.at.len() != item.repeating.len() || place.at.iter().any(|at| *at >= MOST_REPETITIONS) {
            return Err(AnswerError::at(
                item,
                "this repetition does not exist",
                "Take the places that the form shows.",
            ));
        }
        if !item.is_question() || item.read_only || item.is_calculated() {
            return Err(AnswerError::at(item, "it takes no answer", "Go on to the next question."));
        }
        let values = self.read_answers(item, typed)?;
        if values.is_empty() {
            filling.answers.remove(place);
            return Ok(());
        }
        let before = filling.answers.get(place).map_or(0, Vec::len);
        let all: usize = filling.answers.values().map(Vec::len).sum();
        if all - before + values.len() > MOST_ANSWERS {
            return Err(AnswerError::at(
                item,
                &format!("a form has at most {MOST_ANSWERS} answers"),
                "Send this one, and begin another.",
            ));
        }
        filling.answers.insert(place.clone(), values);
        Ok(())
    }

    /// Takes out of a kept filling what this version of the form does not ask any more. Answers the places that were left
    /// out.
    pub fn fit(&self, filling: &mut Filling) -> Vec<Place> {
        let fits = |place: &Place, values: &[FormValue]| {
            self.item(&place.link_id).is_some_and(|item| {
                item.is_question()
                    && place.at.len() == item.repeating.len()
                    && values.iter().all(|value| self.check(item, value).is_ok())
            })
        };
        let gone: Vec<Place> =
            filling.answers.iter().filter(|(place, values)| !fits(place, values)).map(|(p, _)| p.clone()).collect();
        for place in &gone {
            filling.answers.remove(place);
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_text_whatever_the_link_id_holds() {
        for (link_id, at) in [("1.1", vec![]), ("a#b", vec![]), ("a#b", vec![0, 12]), ("a#1", vec![]), ("#", vec![3])] {
            let place = Place { link_id: link_id.into(), at };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
    }
}
