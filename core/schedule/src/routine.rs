//! The patient's own day: when meals and sleep fall, for orders that hang on them (`Timing.repeat.when`).

use chrono::NaiveTime;
use homeline_model::EventTiming;

/// The patient's own day. What is not in it is asked, never guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routine {
    /// Time by the clock of each event that the patient told: `Waking`, `BeforeSleep` (bedtime), `Breakfast`, `Lunch`,
    /// `Dinner`, and parts of the day such as `Morning`.
    pub events: Vec<(EventTiming, NaiveTime)>,
    /// When duties that have a day and no time ring. A display default, which the patient may move.
    pub day_duties_at: NaiveTime,
}

impl Default for Routine {
    fn default() -> Self {
        Self { events: Vec::new(), day_duties_at: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or(NaiveTime::MIN) }
    }
}

/// On which side of its event an order's `offset` lies (R4 `Timing.repeat.offset`: after, unless the code says before).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    At,
}

impl Routine {
    /// The time that the patient told for `event`.
    pub fn time_of(&self, event: EventTiming) -> Option<NaiveTime> {
        self.events.iter().find(|(known, _)| *known == event).map(|(_, time)| *time)
    }
}

/// The events of the routine that a code hangs on, and on which side. Codes for "a meal" are all three meals.
pub(crate) fn events_behind(code: EventTiming) -> (&'static [EventTiming], Side) {
    use EventTiming as E;
    const MEALS: &[E] = &[E::Breakfast, E::Lunch, E::Dinner];
    match code {
        E::Morning => (&[E::Morning], Side::At),
        E::EarlyMorning => (&[E::EarlyMorning], Side::At),
        E::LateMorning => (&[E::LateMorning], Side::At),
        E::Noon => (&[E::Noon], Side::At),
        E::Afternoon => (&[E::Afternoon], Side::At),
        E::EarlyAfternoon => (&[E::EarlyAfternoon], Side::At),
        E::LateAfternoon => (&[E::LateAfternoon], Side::At),
        E::Evening => (&[E::Evening], Side::At),
        E::EarlyEvening => (&[E::EarlyEvening], Side::At),
        E::LateEvening => (&[E::LateEvening], Side::At),
        E::Night => (&[E::Night], Side::At),
        E::AfterSleep | E::Waking => (&[E::Waking], Side::At),
        E::BeforeSleep => (&[E::BeforeSleep], Side::Before),
        E::Meal | E::AfterMeal => (MEALS, Side::At),
        E::BeforeMeal => (MEALS, Side::Before),
        E::Breakfast | E::AfterBreakfast => (&[E::Breakfast], Side::At),
        E::Lunch | E::AfterLunch => (&[E::Lunch], Side::At),
        E::Dinner | E::AfterDinner => (&[E::Dinner], Side::At),
        E::BeforeBreakfast => (&[E::Breakfast], Side::Before),
        E::BeforeLunch => (&[E::Lunch], Side::Before),
        E::BeforeDinner => (&[E::Dinner], Side::Before),
    }
}

/// The name of an event inside a slot's name: stable, because a dose before lunch stays the same dose when lunch moves.
pub(crate) fn event_name(event: EventTiming) -> &'static str {
    use EventTiming as E;
    match event {
        E::Morning => "MORN",
        E::EarlyMorning => "MORN.early",
        E::LateMorning => "MORN.late",
        E::Noon => "NOON",
        E::Afternoon => "AFT",
        E::EarlyAfternoon => "AFT.early",
        E::LateAfternoon => "AFT.late",
        E::Evening => "EVE",
        E::EarlyEvening => "EVE.early",
        E::LateEvening => "EVE.late",
        E::Night => "NIGHT",
        E::AfterSleep => "PHS",
        E::BeforeSleep => "HS",
        E::Waking => "WAKE",
        E::Meal => "C",
        E::Breakfast => "CM",
        E::Lunch => "CD",
        E::Dinner => "CV",
        E::BeforeMeal => "AC",
        E::BeforeBreakfast => "ACM",
        E::BeforeLunch => "ACD",
        E::BeforeDinner => "ACV",
        E::AfterMeal => "PC",
        E::AfterBreakfast => "PCM",
        E::AfterLunch => "PCD",
        E::AfterDinner => "PCV",
    }
}
