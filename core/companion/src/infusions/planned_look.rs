//! Looks that are planned at a device that cannot tell: when each counts, and what there should be to see by the order.
//!
//! What should be seen is the order's volume over its time or its rates, and nothing is added to it: warmth, cold and height
//! change how a balloon runs, and no number here knows them. Where the order says no volume there is nothing to expect.

use super::run::course;
use crate::texts::Texts;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{BalloonSize, CarePlan, Decimal, DeliveryMethod, Order, StepKey};
use homeline_schedule::{AgendaItem, AgendaStep};
use serde::Serialize;

/// A look that is planned while a dose runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedLook {
    /// When.
    pub at: DateTime<Utc>,
    /// A look from then on counts as this one.
    pub from: DateTime<Utc>,
    /// And before then; a later one counts too, as late, up to the time of the next.
    pub until: DateTime<Utc>,
    /// `planned`, `due`, `late`, `done` or `missed`.
    pub state: &'static str,
    /// When somebody looked.
    pub done_at: Option<DateTime<Utc>>,
    /// So much should be in by then, mL; `None` when the order does not say.
    pub expected_ml: Option<Decimal>,
    /// So much should be left, mL.
    pub left_ml: Option<Decimal>,
    /// How full a balloon should look, to the nearest quarter.
    pub balloon: Option<BalloonSize>,
    /// What should be seen, in words.
    pub words: Option<String>,
}

/// The planned looks of a dose that have a time, as far as it ran.
pub(super) fn of_item(texts: Texts, plan: &CarePlan, item: &AgendaItem, now: DateTime<Utc>) -> Vec<PlannedLook> {
    let order = item.occurrence.as_ref().and_then(|occurrence| plan.order(&occurrence.order.id));
    let looks = item.steps.iter().filter(|step| step.key == StepKey::MidCheck);
    let looks = looks.filter_map(|step| of_step(texts, order, step, item.ended_at.is_some(), now));
    looks.filter(|look| look.done_at.is_some() || item.ended_at.is_none_or(|ended| look.at <= ended)).collect()
}

fn of_step(
    texts: Texts,
    order: Option<&Order>,
    step: &AgendaStep,
    ended: bool,
    now: DateTime<Utc>,
) -> Option<PlannedLook> {
    let (at, window) = (step.at?, step.window?);
    let expected = order.and_then(|order| Expected::at(order, step));
    Some(PlannedLook {
        at,
        from: window.from,
        until: window.to,
        state: match step.done_at {
            Some(_) => "done",
            None if step.passed || ended => "missed",
            None if now < window.from => "planned",
            None if now < window.to => "due",
            None => "late",
        },
        done_at: step.done_at,
        expected_ml: expected.as_ref().map(|expected| expected.infused_ml),
        left_ml: expected.as_ref().map(|expected| expected.left_ml),
        balloon: expected.as_ref().and_then(|expected| expected.balloon),
        words: expected.as_ref().map(|expected| expected.words(texts)),
    })
}

/// What there should be to see, as words for the row of the dose; `None` when the order does not say enough.
pub(crate) fn words(texts: Texts, plan: &CarePlan, item: &AgendaItem, step: &AgendaStep) -> Option<String> {
    let order = plan.order(&item.occurrence.as_ref()?.order.id)?;
    Expected::at(order, step).map(|expected| expected.words(texts))
}

/// How such a look stands.
pub(super) fn state_words(texts: Texts, state: &str) -> String {
    texts.say(match state {
        "planned" => "look.planned",
        "due" => "look.due",
        "late" => "look.late",
        "done" => "look.done",
        _ => "look.missed",
    })
}

struct Expected {
    infused_ml: Decimal,
    left_ml: Decimal,
    balloon: Option<BalloonSize>,
}

impl Expected {
    fn at(order: &Order, step: &AgendaStep) -> Option<Self> {
        if step.key != StepKey::MidCheck || order.delivery.has_radio() {
            return None;
        }
        let (course, since) = (course(order)?, Duration::minutes(step.offset_minutes?));
        let infused = course.expected_ml(since)?;
        let shown = |volume: Decimal| volume.round_dp(1).normalize();
        let is_balloon = order.delivery == DeliveryMethod::Elastomeric;
        Some(Self {
            infused_ml: shown(infused),
            left_ml: shown(course.ordered_ml - infused),
            balloon: course.expected_balloon(since).filter(|_| is_balloon),
        })
    }

    fn words(&self, texts: Texts) -> String {
        let (infused, left) = (format!("{} mL", self.infused_ml), format!("{} mL", self.left_ml));
        let volume = texts.fill("look.volume", &[("infused", &infused), ("left", &left)]);
        let balloon = match self.balloon {
            Some(BalloonSize::Full) => "look.full",
            Some(BalloonSize::ThreeQuarters) => "look.three-quarters",
            Some(BalloonSize::Half) => "look.half",
            Some(BalloonSize::Quarter) => "look.quarter",
            Some(BalloonSize::Empty) => "look.empty",
            None => return volume,
        };
        format!("{volume} {}", texts.say(balloon))
    }
}
