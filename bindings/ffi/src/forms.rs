//! Forms: Homeline's own (daily check, site check and others) and the care team's questionnaires.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::journal::Logged;
use crate::screen::Screen;
pub use homeline_companion::form::Choice;
pub use homeline_companion::{Form, FormListed, FormQuestion, QuestionKind};

/// What a question asks for.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Record)]
pub struct Choice {
    /// Handed back as the answer.
    pub value: String,
    /// The words.
    pub label: String,
}

/// One question as it stands now.
#[uniffi::remote(Record)]
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
    /// Lowest value, as the form writes it.
    pub lowest: Option<String>,
    /// Highest value, as the form writes it.
    pub highest: Option<String>,
    /// Longest answer, in characters.
    pub longest: Option<u32>,
    /// The answers so far, in words. Empty is "not answered", which is never "no".
    pub answers: Vec<String>,
}

/// A form as it stands now.
#[uniffi::remote(Record)]
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
    /// When it was begun, as shown; none when nothing is saved yet.
    pub begun: Option<String>,
    /// The numbers to call, before anything is asked.
    pub call: Vec<String>,
    /// What of the form is not followed, or was left out of an older draft.
    pub remarks: Vec<String>,
}

/// A form that can be chosen.
#[uniffi::remote(Record)]
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
    /// Why it cannot be answered here; none when it can.
    pub refused: Option<String>,
}

/// What was typed or chosen at one question.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FormAnswer {
    /// The question's id.
    pub question: String,
    /// What was typed, or the `value` of choices; none takes the answer back.
    pub answers: Vec<String>,
}

#[uniffi::export]
impl Homeline {
    /// Every form that can be chosen: Homeline's own, then the care team's, with their drafts.
    pub async fn forms(&self) -> Result<Vec<FormListed>, HomelineError> {
        call(self.inner.forms().list()).await
    }

    /// The same as a screen; an action `form.open:<id>` stands for `open_form`.
    pub async fn forms_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.forms().screen()).await
    }

    /// A form as it stands: where a draft left off, else as it begins. `id` is that of `forms`, e.g. `check`.
    ///
    /// Errors: `NotFound`; `BadInput` with code `form.refused` for a form that cannot be answered whole here.
    pub async fn open_form(&self, id: String) -> Result<Form, HomelineError> {
        call(self.inner.forms().open(id)).await
    }

    /// Answers questions. On disk when it returns, as a draft. All of them, or none when one cannot be taken.
    ///
    /// Errors: `BadInput` with the question as `field`.
    pub async fn answer_form(&self, id: String, answers: Vec<FormAnswer>) -> Result<Form, HomelineError> {
        let answers = answers.into_iter().map(|FormAnswer { question, answers }| (question, answers)).collect();
        call(self.inner.forms().answer(id, answers)).await
    }

    /// Throws a half-filled form away. One that is not there is fine.
    pub async fn discard_form(&self, id: String) -> Result<(), HomelineError> {
        call(self.inner.forms().discard(id)).await
    }

    /// Finishes a form: its answers become entries, and the draft goes. `photo` (JPEG or PNG, at most 20 MB) goes with the
    /// daily check and the site check. When something is missing nothing is written and the draft stays.
    ///
    /// Errors: `BadInput` with the first question that is open as `field`.
    pub async fn finish_form(&self, id: String, photo: Option<Vec<u8>>) -> Result<Logged, HomelineError> {
        call(self.inner.forms().finish(id, photo)).await
    }
}
