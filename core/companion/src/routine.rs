//! The patient's own day: when meals and sleep are, for orders that hang on them. Until it is told, such an order is a
//! question and rings for nobody.

use crate::access::Access;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::ports::Change;
use chrono::NaiveTime;
use homeline_model::EventTiming;
use homeline_schedule::Routine;
use serde::Serialize;
use std::sync::Arc;

/// What was told, as it is kept.
pub(crate) type RoutineEvents = Vec<(EventTiming, NaiveTime)>;

/// The routine that what was told makes.
pub(crate) fn of(events: RoutineEvents) -> Routine {
    Routine { events, ..Routine::default() }
}

/// One event of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RoutineEvent {
    /// FHIR's code (`EventTiming`): `WAKE`, `CM` breakfast, `CD` lunch, `CV` dinner, `HS` bedtime, `MORN` and other parts of
    /// the day.
    pub event: EventTiming,
    /// When, by the clock on the wall.
    pub time: NaiveTime,
}

/// The patient's own day.
#[derive(Clone)]
pub struct RoutineOfDay {
    pub(crate) inner: Arc<Inner>,
}

impl RoutineOfDay {
    /// What was told, by time.
    pub async fn events(&self) -> Result<Vec<RoutineEvent>, HomelineError> {
        self.inner
            .allowed(Access::See("routine"), |store, _| {
                let told = store.routine().events.iter();
                let mut events: Vec<_> =
                    told.map(|(event, time)| RoutineEvent { event: *event, time: *time }).collect();
                events.sort_by_key(|event| event.time);
                Ok(events)
            })
            .await
    }

    /// Tells when an event of the day is; what was told before is replaced. Doses that hang on it move and keep their
    /// names.
    ///
    /// Errors: `BadInput` for a code that stands for several events or for a moment before or after one (`C`, `AC`, `PCM`).
    pub async fn set(&self, event: EventTiming, time: NaiveTime) -> Result<(), HomelineError> {
        if !is_event(event) {
            return Err(HomelineError::input(
                "event",
                "it is not one event of the day",
                "Tell the meal itself: breakfast, lunch or dinner; or waking, or bedtime.",
            ));
        }
        self.inner
            .allowed(Access::Manage, move |store, _| {
                let mut events = store.routine().events.clone();
                events.retain(|(known, _)| *known != event);
                events.push((event, time));
                store.keep_routine(events)
            })
            .await?;
        self.inner.announce(Change::Journal);
        Ok(())
    }
}

fn is_event(event: EventTiming) -> bool {
    use EventTiming as E;
    match event {
        E::Morning
        | E::EarlyMorning
        | E::LateMorning
        | E::Noon
        | E::Afternoon
        | E::EarlyAfternoon
        | E::LateAfternoon
        | E::Evening
        | E::EarlyEvening
        | E::LateEvening
        | E::Night
        | E::BeforeSleep
        | E::Waking
        | E::Breakfast
        | E::Lunch
        | E::Dinner => true,
        E::AfterSleep
        | E::Meal
        | E::BeforeMeal
        | E::BeforeBreakfast
        | E::BeforeLunch
        | E::BeforeDinner
        | E::AfterMeal
        | E::AfterBreakfast
        | E::AfterLunch
        | E::AfterDinner => false,
    }
}
