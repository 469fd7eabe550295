//! A look at a device that cannot tell: what was seen is written down, held against the order, and said in words.

use super::run::{in_ml, item_of};
use super::{recent_runs, recent_view, said};
use crate::error::{ErrorKind, HomelineError};
use crate::journal::{checked_text, not_to_come};
use crate::moment::Moment;
use crate::photo::without_metadata;
use crate::store::{Logged, Statement, Store, fresh_entry_id};
use crate::texts::Texts;
use crate::words;
use chrono::{DateTime, Utc};
use homeline_model::{
    AttachmentId, BalloonSize, CarePlan, Decimal, DeliveryMethod, DeviceCheck, EntryBody, InfusionId, OccurrenceId,
    Order, Quantity, StepKey, TimeBasis, Uuid,
};
use homeline_schedule::{AgendaItem, ItemState, is_planned_look};
use serde::Serialize;

/// More drops than any set lets through in a minute.
const MOST_DROPS: u32 = 1000;

/// What somebody saw. At least one thing of it, or a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckIn {
    /// How full the balloon looks.
    pub balloon: Option<BalloonSize>,
    /// What is left, mL.
    pub remaining_ml: Option<Decimal>,
    /// What went in, read off the screen, mL.
    pub infused_ml: Option<Decimal>,
    /// Drops in a minute.
    pub drops_per_minute: Option<u32>,
    /// The rate on the screen, mL/h.
    pub rate_ml_h: Option<Decimal>,
    /// Own words.
    pub note: Option<String>,
    /// When, if not now.
    pub at: Option<DateTime<Utc>>,
}

/// A look that is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedIn {
    /// The dose, as shown.
    pub dose: String,
    /// What was written, and what triage says to it.
    #[serde(flatten)]
    pub logged: Logged,
    /// So much should be in by the order, mL; `None` when start or order do not say enough.
    pub expected_ml: Option<Decimal>,
    /// No less than this is in as it was read, mL.
    pub least_ml: Option<Decimal>,
    /// No more than this is in as it was read, mL.
    pub most_ml: Option<Decimal>,
    /// Further from the order than the plan's tolerance; `None` when the plan has none.
    pub beyond_tolerance: Option<bool>,
    /// All of it in words, one thing a line.
    pub words: Vec<String>,
    /// Whom to call; empty when the plan's tolerance is not passed and no rule speaks.
    pub call: Vec<String>,
}

pub(super) fn write(
    store: &mut Store,
    moment: &Moment,
    dose: Option<OccurrenceId>,
    seen: CheckIn,
    photo: Option<&[u8]>,
) -> Result<CheckedIn, HomelineError> {
    let at = seen.at.unwrap_or(moment.now);
    not_to_come("at", at, moment.now)?;
    let view = recent_view(store, moment)?;
    let item = running(&view.agenda.items, dose)?;
    let of = item.occurrence.as_ref().ok_or_else(HomelineError::closed)?;
    if item.started_at.is_some_and(|started| at < started) {
        return Err(HomelineError::input("at", "it is before the start of the dose", "Give a later time."));
    }
    let order = view.plan.order(&of.order.id);
    let mut check = checked(&seen, order, photo.is_some())?;
    let picture = photo.map(without_metadata).transpose()?;
    let mut statements = Vec::new();
    let mut sealed = None;
    if let Some(picture) = &picture {
        let attachment = AttachmentId(Uuid::new_v4());
        let content_type = picture.content_type.to_owned();
        sealed = Some(store.vault()?.seal_attachment(attachment, &content_type, &mut picture.bytes.as_slice())?);
        check.photos.push(attachment);
        let caption = Some(moment.texts.say("check-in.caption"));
        statements.push(Statement::by_hand(EntryBody::Photo { attachment, content_type, caption }));
    }
    let entry = fresh_entry_id(moment.now);
    let look = Statement { id: Some(entry), ..Statement::by_hand(EntryBody::DeviceCheck(check)) };
    statements.push(look);
    if is_planned_look(&item.steps, at) {
        statements.push(Statement::by_hand(EntryBody::StepDone { step: StepKey::MidCheck, note: None }));
    }
    for statement in &mut statements {
        statement.order = Some(of.order.clone());
        statement.occurrence = Some(of.id);
        statement.infusion = Some(InfusionId::of(of.id));
        statement.happened_at = seen.at.map(|_| (at, TimeBasis::Typed));
    }
    let photo = check_photo(&statements).zip(picture.as_ref().map(|picture| picture.bytes.as_slice()));
    let logged =
        store.record_all(moment, statements, photo, move |tx| sealed.iter().try_for_each(|s| tx.put_attachment(s)))?;
    let logged = Logged { entry, ..logged };
    answer(store, moment, of.id, item, logged)
}

fn check_photo(statements: &[Statement]) -> Option<AttachmentId> {
    statements.first().and_then(|first| match &first.body {
        EntryBody::Photo { attachment, .. } => Some(*attachment),
        _ => None,
    })
}

/// The look as it stands in the ledger now.
fn answer(
    store: &mut Store,
    moment: &Moment,
    occurrence: OccurrenceId,
    item: &AgendaItem,
    logged: Logged,
) -> Result<CheckedIn, HomelineError> {
    let view = recent_view(store, moment)?;
    let runs = recent_runs(store, moment, &view.plan, &view.agenda.items)?;
    let run = runs.iter().find(|run| run.occurrence == Some(occurrence) && !run.looks.is_empty());
    let recent = store.recent(moment)?;
    let written = recent.iter().find(|entry| entry.id == logged.entry).map(|entry| entry.times.happened.at);
    let looking = run.and_then(|run| run.looks.iter().rev().find(|looking| Some(looking.at.to_utc()) == written));
    let against = looking.and_then(|looking| looking.against);
    let beyond = against.and_then(|against| against.beyond_tolerance);
    let look = looking.and_then(|looking| looking.look.as_ref());
    Ok(CheckedIn {
        dose: words::as_written(moment.texts, &item.title),
        expected_ml: against.map(|against| against.expected_ml.round_dp(1).normalize()),
        least_ml: look.map(|look| look.least_ml.normalize()),
        most_ml: look.map(|look| look.most_ml.normalize()),
        beyond_tolerance: beyond,
        words: looking.map(|looking| said::look(moment.texts, looking)).unwrap_or_default(),
        call: if beyond == Some(true) { call(moment.texts, &view.plan) } else { Vec::new() },
        logged,
    })
}

/// The number to call first, or all of them when the plan names no nurse.
fn call(texts: Texts, plan: &CarePlan) -> Vec<String> {
    let nurse = plan.contacts.iter().find(|contact| contact.purpose == homeline_model::ContactPurpose::OnCallNurse);
    match nurse {
        Some(nurse) => {
            vec![texts.fill("check-in.call-now", &[("phone", &nurse.phone), ("who", &nurse.label)])]
        }
        None => words::numbers_to_call(plan),
    }
}

/// The dose that is meant: the one that is named, else the only one that runs.
fn running(items: &[AgendaItem], dose: Option<OccurrenceId>) -> Result<&AgendaItem, HomelineError> {
    let not_found =
        |message: &str, remedy: &str| HomelineError::new(ErrorKind::NotFound, "check-in.dose", message, remedy);
    if let Some(dose) = dose {
        return item_of(items, dose)
            .ok_or_else(|| not_found("this dose is not of the last days", "Look at today's screen again."));
    }
    let mut running = items.iter().filter(|item| item.is_a_dose() && item.state == ItemState::InProgress);
    match (running.next(), running.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(not_found("several doses run", "Say which one was looked at.")),
        (None, _) => Err(not_found("no dose runs", "Record its start first.")),
    }
}

/// What was seen, in the bounds of what can be.
fn checked(seen: &CheckIn, order: Option<&Order>, has_photo: bool) -> Result<DeviceCheck, HomelineError> {
    let ordered = order.and_then(|order| order.volume.as_ref()).and_then(in_ml);
    let volume = |field: &'static str, value: Option<Decimal>| match value {
        Some(value) if value < Decimal::ZERO => {
            Err(HomelineError::input(field, "it is below zero", "Give what is on the scale or the screen."))
        }
        Some(value) if ordered.is_some_and(|ordered| value > ordered) => Err(HomelineError::input(
            field,
            "it is more than was ordered",
            "Read it again. Is it the right device? If so, call your nurse.",
        )),
        value => Ok(value.map(|value| Quantity::new(value, "mL"))),
    };
    if seen.balloon.is_some()
        && order.is_some_and(|order| !matches!(order.delivery, DeliveryMethod::Elastomeric | DeliveryMethod::Unknown))
    {
        return Err(HomelineError::input(
            "balloon",
            "this dose does not run from a balloon",
            "Say what is left, in mL.",
        ));
    }
    if seen.drops_per_minute.is_some_and(|drops| drops > MOST_DROPS) {
        return Err(HomelineError::input("drops", "it must be 0 to 1000 a minute", "Count the drops of one minute."));
    }
    let rate = seen.rate_ml_h.map(|rate| match rate < Decimal::ZERO {
        true => Err(HomelineError::input("rate", "it is below zero", "Give what is on the screen.")),
        false => Ok(Quantity::new(rate, "mL/h")),
    });
    let check = DeviceCheck {
        balloon: seen.balloon,
        volume_remaining: volume("remaining", seen.remaining_ml)?,
        volume_infused: volume("infused", seen.infused_ml)?,
        drip_rate: seen.drops_per_minute.map(|drops| Quantity::new(Decimal::from(drops), "/min")),
        rate: rate.transpose()?,
        photos: Vec::new(),
        note: seen.note.clone().map(|note| checked_text("note", note)).transpose()?,
    };
    if check == DeviceCheck::default() && !has_photo {
        return Err(HomelineError::input(
            "check-in",
            "nothing was seen",
            "Say how full the balloon is, what is left, the drops or what the screen shows, or add a picture.",
        ));
    }
    Ok(check)
}
