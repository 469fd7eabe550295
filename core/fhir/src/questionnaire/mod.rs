//! Questionnaires of the care team: shown, answered offline, and given back. Pure.
//!
//! A form is read once into a flat list of items ([`Questionnaire`]); what was answered so far is a [`Filling`], which a
//! phone keeps on disk after every answer. Everything that is shown follows from the two: which questions are open
//! (`enableWhen`), what is missing, what a score comes to.
//!
//! Three promises. A form that cannot be answered whole is refused with the element and the reason, before the first
//! question. Nothing loops: conditions that lean on each other in a circle are dropped, their questions are shown, and the
//! form says so. And "not answered" is never "no": a question without an answer is in no condition and in no sum.
//!
//! Source: R4 <https://hl7.org/fhir/R4/questionnaire.html>, HL7 SDC 3.0 for `calculatedExpression`, units and ranges
//! <https://hl7.org/fhir/uv/sdc/STU3/>.

mod answer;
mod condition;
mod filling;
mod layout;
mod read;
mod response;
mod score;

pub use answer::AnswerError;
pub use filling::{Filling, Place};
pub use layout::Shown;
pub use response::Unfinished;

use crate::fault::Fault;
use condition::Enabling;
use homeline_model::{Decimal, FormChoice, FormValue, Unit};
use score::Expression;

/// The most items of one form, and the most levels: far beyond any instrument, and small enough for a phone.
pub const MOST_ITEMS: usize = 2_000;
/// The most levels of groups and questions.
pub const MOST_LEVELS: usize = 20;
/// The most choices of one question.
pub const MOST_CHOICES: usize = 1_000;
/// The most answers of one filling.
pub const MOST_ANSWERS: usize = 5_000;
/// The most repetitions of one group.
pub const MOST_REPETITIONS: u32 = 100;
/// The longest answer in own words, in characters, where the form sets no limit.
pub const LONGEST_ANSWER: usize = 16_000;

/// A form as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Questionnaire {
    /// Its id on the care team's server.
    pub id: String,
    /// What a response names: `url|version`, else `Questionnaire/id`.
    pub canonical: String,
    /// Title as shown.
    pub title: String,
    /// What it is for, in the team's words.
    pub description: Option<String>,
    /// Groups and questions, each before what stands inside it.
    pub items: Vec<Item>,
    /// The items so that each comes after all that it hangs on.
    pub(crate) order: Vec<usize>,
    /// What of it is not followed, e.g. conditions in a circle. The form can be answered all the same.
    pub remarks: Vec<Fault>,
    /// Questions that are shown and cannot be answered here ([`ItemKind::NotHere`]), with the reason.
    pub not_here: Vec<Fault>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// Holds other items.
    Group,
    /// Words to read.
    Display,
    /// Yes or no.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number.
    Integer,
    /// A day, a month or a year.
    Date,
    /// A date, or an instant.
    DateTime,
    /// A time of the day.
    Time,
    /// One line.
    String,
    /// Several lines.
    Text,
    /// A web address.
    Url,
    /// One of the choices.
    Choice,
    /// One of the choices, or own words.
    OpenChoice,
    /// A number with a unit.
    Quantity,
    /// A file or a link to another record: it can be read here, and not answered.
    NotHere,
}

/// A choice, with the number that it counts for in a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The answer that it gives.
    pub value: FormValue,
    /// HL7's `ordinalValue`.
    pub ordinal: Option<Decimal>,
}

/// One item of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its `linkId`, unique in the form.
    pub link_id: String,
    /// Number or letter before the words.
    pub prefix: Option<String>,
    /// The words.
    pub text: Option<String>,
    /// What is asked for.
    pub kind: ItemKind,
    /// It must be answered when it is open.
    pub required: bool,
    /// It may have several answers, or the group may come several times.
    pub repeats: bool,
    /// It cannot be changed by hand.
    pub read_only: bool,
    /// It is not shown; what it starts with and what is reckoned goes back with the form.
    pub hidden: bool,
    /// Lowest value.
    pub lowest: Option<FormValue>,
    /// Highest value.
    pub highest: Option<FormValue>,
    /// Longest text, in characters.
    pub longest: Option<usize>,
    /// Digits after the point.
    pub decimal_places: Option<u32>,
    /// Fewest answers where it repeats.
    pub fewest: Option<usize>,
    /// Most answers where it repeats.
    pub most: Option<usize>,
    /// The choices, in order.
    pub choices: Vec<Choice>,
    /// The units that may be typed; empty is any unit that we know.
    pub units: Vec<Unit>,
    /// The level, from 0.
    pub level: usize,
    /// The item that it stands in.
    pub(crate) parent: Option<usize>,
    /// The repeating groups that it stands in, outermost first.
    pub(crate) repeating: Vec<usize>,
    /// When it is asked.
    pub(crate) enabling: Enabling,
    /// What it starts with.
    pub(crate) initial: Vec<FormValue>,
    /// How its value is reckoned.
    pub(crate) expression: Option<Expression>,
}

impl Item {
    /// Whether it takes answers at all.
    pub fn is_question(&self) -> bool {
        !matches!(self.kind, ItemKind::Group | ItemKind::Display | ItemKind::NotHere)
    }

    /// Whether its value is reckoned from other answers.
    pub fn is_calculated(&self) -> bool {
        self.expression.is_some()
    }

    /// The words that name it in an error.
    pub fn words(&self) -> &str {
        self.text.as_deref().unwrap_or(&self.link_id)
    }
}

impl Questionnaire {
    /// The item with this `linkId`.
    pub fn item(&self, link_id: &str) -> Option<&Item> {
        self.index(link_id).and_then(|index| self.items.get(index))
    }

    pub(crate) fn index(&self, link_id: &str) -> Option<usize> {
        self.items.iter().position(|item| item.link_id == link_id)
    }

    /// The number that a value counts for: a choice by its `ordinalValue`, a number by itself.
    pub(crate) fn number_of(item: &Item, value: &FormValue) -> Option<Decimal> {
        match value {
            FormValue::Decimal(value) => Some(*value),
            FormValue::Integer(value) => Some(Decimal::from(*value)),
            FormValue::Quantity(quantity) => Some(quantity.value),
            FormValue::Choice(_) => Self::ordinal_of(item, value),
            FormValue::Boolean(_)
            | FormValue::Date(_)
            | FormValue::DateTime(_)
            | FormValue::Time(_)
            | FormValue::Text(_)
            | FormValue::Url(_) => None,
        }
    }

    pub(crate) fn ordinal_of(item: &Item, value: &FormValue) -> Option<Decimal> {
        item.choices.iter().find(|choice| same(&choice.value, value)).and_then(|choice| choice.ordinal)
    }
}

/// Whether two values are the same answer. Codings are compared by system and code, quantities in one unit only.
pub(crate) fn same(a: &FormValue, b: &FormValue) -> bool {
    match (a, b) {
        (FormValue::Choice(a), FormValue::Choice(b)) => same_choice(a, b),
        // An option may be a plain text or a coding with the same words.
        (FormValue::Quantity(a), FormValue::Quantity(b)) => a.unit.code == b.unit.code && a.value == b.value,
        (FormValue::Decimal(a), FormValue::Integer(b)) | (FormValue::Integer(b), FormValue::Decimal(a)) => {
            *a == Decimal::from(*b)
        }
        (a, b) => a == b,
    }
}

fn same_choice(a: &FormChoice, b: &FormChoice) -> bool {
    match (&a.code, &b.code) {
        // A system that one side left out decides nothing.
        (Some(left), Some(right)) => {
            left == right && (a.system == b.system || a.system.is_none() || b.system.is_none())
        }
        (None, None) => a.display == b.display,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
