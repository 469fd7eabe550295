//! The care plan, and the patient's own day that some orders hang on.

use crate::call::call;
use crate::crossing::{PlanImported, RoutineEvent, Screen};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::values::TimeOfDay;
use crate::work::{self, Work};
use homeline_model::EventTiming;
use std::sync::Arc;

#[uniffi::export]
impl Homeline {
    /// Takes over a care plan: a FHIR R4 Bundle as JSON, at most 32 MiB. All of it in one transaction.
    ///
    /// `work` counts two parts: read, written.
    ///
    /// Errors: `PlanRefused` (not JSON, too large, the plan of another patient) refuses it as a whole; `Cancelled`.
    #[uniffi::method(default(work = None))]
    pub async fn import_plan(&self, bundle: Vec<u8>, work: Option<Arc<Work>>) -> Result<PlanImported, HomelineError> {
        call(self.inner.plan().import_watched(bundle, work::of(work))).await
    }

    /// The plan as a screen: orders, line, pumps, visits, deliveries.
    ///
    /// Errors: `NotFound` before the first import.
    pub async fn plan_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.plan().screen()).await
    }

    /// What the patient told of the own day, by time.
    pub async fn routine(&self) -> Result<Vec<RoutineEvent>, HomelineError> {
        call(self.inner.routine().events()).await
    }

    /// Tells when an event of the day is; what was told before is replaced. Doses that hang on it move and keep their names.
    ///
    /// Errors: `BadInput` for a code that stands for several events or for a moment before or after one (`C`, `AC`, `PCM`).
    pub async fn set_routine(&self, event: EventTiming, time: TimeOfDay) -> Result<(), HomelineError> {
        call(self.inner.routine().set(event, time)).await
    }
}
