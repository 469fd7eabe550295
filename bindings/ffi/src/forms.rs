//! Forms: Homeline's own (daily check, site check and others) and the care team's questionnaires.

use crate::call::call;
use crate::crossing::{Form, FormListed, Logged, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;

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
