//! What the journal shows over time: trends that the plan asks for, the site map, the clinician's view, and triage for
//! machines.

use crate::call::call;
use crate::crossing::{Screen, TrendReport, TriageAnswer};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::Timestamp;

/// Triage of `entries` (FHIR R4 Observations, QuestionnaireResponses and journal entries of ours, as JSON) under the plan of
/// `bundle`, as of `now`; without it, as of the latest of them. It opens no vault and writes nothing.
///
/// Errors: `PlanRefused` for the bundle, `BadInput` for an entry that cannot be read, with its place.
#[uniffi::export]
pub async fn triage_of_fhir(
    bundle: Vec<u8>,
    entries: String,
    now: Option<Timestamp>,
) -> Result<TriageAnswer, HomelineError> {
    call(homeline_companion::triage_in_background(bundle, entries, now)).await
}

#[uniffi::export]
impl Homeline {
    /// The plan's trends as they stand now. Empty when the plan asks for none.
    pub async fn trends(&self) -> Result<TrendReport, HomelineError> {
        call(self.inner.insight().trends()).await
    }

    /// The same as a screen.
    pub async fn trends_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.insight().screen()).await
    }

    /// The places of the last 26 weeks, the one that was not used for the longest time first, and what was seen there. It is
    /// a record and no advice.
    pub async fn sites_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.sites().screen()).await
    }

    /// Instruments of the last eight days, for a nurse or a physician who holds the phone with the patient. Never a part of
    /// the patient's screens, and no verdict.
    pub async fn clinician_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.clinician().screen()).await
    }
}
