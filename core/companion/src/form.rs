//! Forms as data: what every shell asks with. One model for Homeline's own forms and for the care team's questionnaires;
//! terminal and phones draw the questions and hand back what was typed or chosen, and none of them holds a rule.

use serde::Serialize;

/// What a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// A heading for the questions below it.
    Group,
    /// Words to read.
    Display,
    /// Yes or no.
    YesNo,
    /// A number.
    Number,
    /// A whole number.
    WholeNumber,
    /// A date: `2026-11-23`, `2026-11` or `2026`.
    Date,
    /// A date and time: `2026-11-23 14:05`, by the clock of the place.
    DateTime,
    /// A time: `14:05`.
    Time,
    /// One line of own words.
    Line,
    /// Own words.
    Text,
    /// A web address.
    WebAddress,
    /// One of the choices, or several where it repeats.
    Choice,
    /// One of the choices, or own words.
    ChoiceOrWords,
    /// A number with one of the units.
    Amount,
    /// It cannot be answered in this program.
    NotHere,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Handed back as the answer.
    pub value: String,
    /// The words.
    pub label: String,
}

/// One question as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormQuestion {
    /// Handed back with the answer.
    pub id: String,
    /// How deep it stands, from 0.
    pub level: u32,
    /// The words; empty where the form has none.
    pub text: String,
    /// Further words, e.g. what is recorded already.
    pub help: Option<String>,
    /// What it asks for.
    pub kind: QuestionKind,
    /// The form cannot be finished without it.
    pub required: bool,
    /// It takes several answers; a group may come again under the next number.
    pub repeats: bool,
    /// It cannot be answered by hand: read only, or reckoned from other answers.
    pub read_only: bool,
    /// The choices.
    pub choices: Vec<Choice>,
    /// The units that may be typed; empty is any.
    pub units: Vec<String>,
    /// Lowest value.
    pub lowest: Option<String>,
    /// Highest value.
    pub highest: Option<String>,
    /// Longest answer, in characters.
    pub longest: Option<u32>,
    /// The answers so far, in words. Empty is "not answered", which is never "no".
    pub answers: Vec<String>,
}

impl FormQuestion {
    /// Whether a person can answer it here.
    pub fn takes_answer(&self) -> bool {
        !self.read_only && !matches!(self.kind, QuestionKind::Group | QuestionKind::Display | QuestionKind::NotHere)
    }
}

/// A form as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Form {
    /// Which form.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Under the heading.
    pub description: Option<String>,
    /// The questions that are open now, in order.
    pub questions: Vec<FormQuestion>,
    /// What is still missing, in words, in order; empty when it can be finished.
    pub missing: Vec<String>,
    /// When it was begun, as shown; `None` when nothing is saved yet.
    pub begun: Option<String>,
    /// The numbers to call, before anything is asked.
    pub call: Vec<String>,
    /// What of the form is not followed, or was left out of an older draft.
    pub remarks: Vec<String>,
}

/// A form that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormListed {
    /// Which.
    pub id: String,
    /// Its title.
    pub title: String,
    /// It comes from the care team.
    pub from_team: bool,
    /// When its half-filled draft was saved, as shown.
    pub draft: Option<String>,
    /// When it was answered last, as shown.
    pub answered: Option<String>,
    /// Why it cannot be answered here; `None` when it can.
    pub refused: Option<String>,
}
