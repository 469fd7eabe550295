//! The emergency card, with and without unlocking.

use crate::call::call;
use crate::crossing::{LockedCard, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use std::path::PathBuf;

/// Reads the card beside a vault, without unlocking it; none when the patient did not choose so.
///
/// Errors: `Damaged`, `Platform`.
#[uniffi::export]
pub async fn read_locked_card(folder: String) -> Result<Option<LockedCard>, HomelineError> {
    call(LockedCard::read_in(PathBuf::from(folder))).await
}

/// What stands outside of the vault while the card may be seen without unlocking, in plain words. It is built in.
#[uniffi::export]
pub fn outside_the_vault() -> Result<Vec<String>, HomelineError> {
    Ok(homeline_companion::Card::outside_the_vault().iter().map(|line| (*line).to_owned()).collect())
}

#[uniffi::export]
impl Homeline {
    /// The card: for whoever helps first, or with `hand_over` for the emergency room.
    ///
    /// Errors: `NotFound` (no plan).
    pub async fn card(&self, hand_over: bool) -> Result<Screen, HomelineError> {
        call(self.inner.card().screen(hand_over)).await
    }

    /// The same as one self-contained HTML page that prints.
    pub async fn card_page(&self, hand_over: bool) -> Result<String, HomelineError> {
        call(self.inner.card().page(hand_over)).await
    }

    /// Lets the card be seen without unlocking, from now on: writes it in the clear beside the vault, see
    /// `outside_the_vault`. Answers with the path of the page.
    pub async fn allow_locked_card(&self) -> Result<String, HomelineError> {
        Ok(call(self.inner.card().allow_locked()).await?.to_string_lossy().into_owned())
    }

    /// Takes the card back: what lies beside the vault is removed first, then the choice is forgotten.
    pub async fn forbid_locked_card(&self) -> Result<(), HomelineError> {
        call(self.inner.card().forbid_locked()).await
    }

    /// Whether the card can be seen without unlocking. Off unless the patient chose it.
    pub async fn is_locked_card_allowed(&self) -> Result<bool, HomelineError> {
        call(self.inner.card().is_allowed_locked()).await
    }
}
