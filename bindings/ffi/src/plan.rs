//! The care plan, and the patient's own day that some orders hang on.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::screen::Screen;
use crate::values::TimeOfDay;
use crate::work::{self, Work};
pub use homeline_companion::{PlanImported, RoutineEvent};
use homeline_model::EventTiming;
pub use homeline_model::{KeptResource, Unreadable};
use std::sync::Arc;

/// An order, or part of one, that could not be understood. It is kept as received, and shown as "ask your nurse".
#[uniffi::remote(Record)]
#[uniffi(name = "UnreadableOrder")]
pub struct Unreadable {
    /// Resource type and id, e.g. `MedicationRequest/vanco`.
    pub resource: String,
    /// The element, as a FHIRPath, e.g. `dosageInstruction[0].timing.repeat`.
    pub field: String,
    /// Why, in plain words, and what to do.
    pub reason: String,
    /// The whole order is left out of the schedule because of it.
    pub blocks_order: bool,
}

/// A resource of a type that Homeline does not read: kept as received, never dropped.
#[uniffi::remote(Record)]
pub struct KeptResource {
    /// Resource type.
    pub resource_type: String,
    /// Its id; empty when it has none.
    pub id: String,
}

/// What became of a care plan that was taken over.
#[uniffi::remote(Record)]
pub struct PlanImported {
    /// Orders that are now known.
    pub orders: u64,
    /// What could not be understood: kept, listed, never scheduled.
    pub unreadable: Vec<Unreadable>,
    /// What is kept without being read.
    pub kept: Vec<KeptResource>,
    /// What changed, in words.
    pub changes: Vec<String>,
}

/// One event of the patient's own day.
#[uniffi::remote(Record)]
pub struct RoutineEvent {
    /// Which.
    pub event: EventTiming,
    /// When, by the clock on the wall.
    pub time: TimeOfDay,
}

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
