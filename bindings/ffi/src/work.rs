//! Long pieces of work: how far one is, and taking it back.

use crate::crossing::Progress;
use crate::error::HomelineError;
use homeline_companion as companion;
use std::sync::Arc;

/// The handle of one long piece of work: made by the caller, lent to one call, and asked from any thread meanwhile. Neither
/// of its calls waits for anything.
#[derive(Default, uniffi::Object)]
pub struct Work {
    inner: companion::Work,
}

#[uniffi::export]
impl Work {
    /// A handle that was lent to nothing yet.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Takes the work back: it ends at its next part with an error of kind `Cancelled`, and leaves nothing half-done. Before
    /// it began, it never begins; after its end, nothing happens.
    pub fn cancel(&self) -> Result<(), HomelineError> {
        self.inner.cancel();
        Ok(())
    }

    /// How far it is.
    pub fn progress(&self) -> Result<Progress, HomelineError> {
        Ok(self.inner.progress())
    }
}

/// A call without a handle cannot be taken back.
pub(crate) fn of(work: Option<Arc<Work>>) -> companion::Work {
    work.map(|work| work.inner.clone()).unwrap_or_default()
}
