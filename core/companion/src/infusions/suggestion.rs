//! "The pump says it finished at 09:31. Log it?": rows that a person takes or leaves.
//!
//! Nothing is logged for anybody. A tap writes what the pump says with the pump's time, and names the pump as the source; a
//! "no" is kept. Which suggestions were left is told by dose and by what was suggested, so the same one never comes twice.

use super::run::{Run, Told, item_of};
use super::{recent_runs, recent_view};
use crate::agenda::{self, ActionInput};
use crate::error::{ErrorKind, HomelineError};
use crate::journal::not_to_come;
use crate::moment::Moment;
use crate::pump_alarms;
use crate::screen::{Action, Emphasis, Row};
use crate::store::{Logged, Statement, Store};
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{
    Administration, AdministrationStatus, Decimal, EntryBody, EntryId, InfusionId, OccurrenceId, Quantity, Source,
    TimeBasis,
};
use homeline_pump::Suggestion;
use homeline_schedule::AgendaItem;

/// The verb of an action that logs what is suggested.
pub(crate) const LOG: &str = "pump.log";
/// The verb of an action that leaves it.
pub(crate) const DISMISS: &str = "pump.dismiss";
const DISMISSED: &str = "pump.dismissed";
/// How long a "no" is kept: longer than a suggestion can be made.
const KEPT: Duration = Duration::days(60);

/// A suggestion that was left: which dose, what, and when.
type Dismissed = Vec<(OccurrenceId, String, DateTime<Utc>)>;

/// One suggestion about one dose.
struct Offer<'a> {
    run: &'a Run,
    occurrence: OccurrenceId,
    what: &'static str,
    at: DateTime<Utc>,
    basis: TimeBasis,
    time_is_sure: bool,
    volume_ml: Option<Decimal>,
    status: AdministrationStatus,
}

fn offer(run: &Run) -> Option<Offer<'_>> {
    let infusion = run.infusion.as_ref().filter(|_| run.told == Told::Pump)?;
    let occurrence = run.occurrence?;
    let basis = |moment: &Option<homeline_pump::Moment>| {
        moment.as_ref().map_or(TimeBasis::DeviceClockRaw, |moment| moment.basis)
    };
    let (what, status, at, basis, time_is_sure, volume_ml) = match infusion.suggestion(run.by_hand.as_ref())? {
        Suggestion::Started { at, time_is_sure } => {
            ("start", AdministrationStatus::InProgress, at, basis(&infusion.started), time_is_sure, None)
        }
        Suggestion::Completed { at, time_is_sure, volume_ml } => {
            ("finish", AdministrationStatus::Completed, at, basis(&infusion.ended), time_is_sure, volume_ml)
        }
        Suggestion::Stopped { at, time_is_sure, volume_ml } => {
            ("stop", AdministrationStatus::Stopped, at, basis(&infusion.ended), time_is_sure, volume_ml)
        }
    };
    Some(Offer { run, occurrence, what, at, basis, time_is_sure, volume_ml, status })
}

/// Rows for everything that the pump says and nobody has written down or left.
pub(crate) fn rows(store: &Store, moment: &Moment, runs: &[Run]) -> Result<Vec<Row>, HomelineError> {
    let left: Dismissed = store.vault()?.read(|tx| tx.setting(DISMISSED))?.unwrap_or_default();
    let is_left = |offer: &Offer<'_>| left.iter().any(|(id, what, _)| *id == offer.occurrence && what == offer.what);
    // While an alarm is on, the pump stands still and may go on: what became of the dose is not known yet.
    let alarms = pump_alarms::standing(&store.recent(moment)?, moment.now);
    let may_go_on = |offer: &Offer<'_>| {
        offer.status == AdministrationStatus::Stopped && alarms.iter().any(|alarm| alarm.serial == offer.run.serial)
    };
    let offers = runs.iter().filter_map(offer).filter(|offer| !is_left(offer) && !may_go_on(offer));
    Ok(offers.map(|offer| row(&offer, moment)).collect())
}

fn row(offer: &Offer<'_>, moment: &Moment) -> Row {
    let Offer { occurrence, what, .. } = offer;
    let time = moment.shown(offer.at);
    let texts = moment.texts;
    let key = match offer.status {
        AdministrationStatus::InProgress => "suggestion.started",
        AdministrationStatus::Completed => "suggestion.finished",
        AdministrationStatus::Stopped
        | AdministrationStatus::Partial
        | AdministrationStatus::Skipped
        | AdministrationStatus::Unknown => "suggestion.stopped",
    };
    let mut row = Row::new(format!("suggestion/{occurrence}/{what}"), texts.fill(key, &[("time", &time)]));
    row.details.push(words::as_written(texts, &offer.run.title));
    row.details.extend(
        offer
            .volume_ml
            .map(|volume| texts.fill("suggestion.counter", &[("volume", &format!("{} mL", volume.normalize()))])),
    );
    if offer.run.presumed {
        row.details.push(texts.say("suggestion.presumed"));
    }
    if !offer.time_is_sure {
        row.details.push(texts.say("suggestion.clock"));
    }
    row.emphasis = Emphasis::Attention;
    row.actions = vec![
        Action {
            id: format!("{LOG}:{occurrence}:{what}"),
            label: texts.say("suggestion.log"),
            emphasis: Emphasis::Attention,
        },
        Action {
            id: format!("{DISMISS}:{occurrence}:{what}"),
            label: texts.say("suggestion.no"),
            emphasis: Emphasis::Quiet,
        },
    ];
    row.private_title = Some(texts.say("private.device-has"));
    row.with_spoken_sentence()
}

/// Writes down what the pump says about a dose. A second tap answers as the first.
pub(crate) fn log(
    store: &mut Store,
    moment: &Moment,
    occurrence: OccurrenceId,
    what: &str,
    input: &ActionInput,
) -> Result<Logged, HomelineError> {
    let view = recent_view(store, moment)?;
    let runs = recent_runs(store, moment, &view.plan, &view.agenda.items)?;
    let items = &view.agenda.items;
    let wanted = |offer: &Offer<'_>| offer.occurrence == occurrence && offer.what == what;
    let Some(offer) = runs.iter().filter_map(offer).find(wanted) else {
        return Ok(Logged { entry: said_before(items, occurrence, what)?, advice: Vec::new() });
    };
    let (at, basis) = match input.at {
        Some(at) => (at, TimeBasis::Typed),
        None if offer.time_is_sure => (offer.at, offer.basis),
        None => {
            return Err(HomelineError::input(
                "at",
                "the pump's clock can not be compared with the phone's",
                "Say when it really was.",
            ));
        }
    };
    not_to_come("at", at, moment.now)?;
    let item = item_of(items, occurrence).ok_or_else(gone)?;
    let of = item.occurrence.as_ref().ok_or_else(gone)?;
    let mut administration = Administration::new(offer.status);
    let begun = offer.run.infusion.as_ref().and_then(|infusion| infusion.started.as_ref());
    let begun = begun.filter(|started| started.basis != TimeBasis::DeviceClockRaw).map(|started| started.at);
    if offer.status == AdministrationStatus::InProgress {
        administration.started_at = Some(at);
    } else {
        administration.started_at = item.started_at.or(begun).filter(|started| *started <= at);
        administration.ended_at = Some(at);
        administration.volume_given = offer.volume_ml.map(|volume| Quantity::new(volume.normalize(), "mL"));
    }
    if offer.status == AdministrationStatus::Stopped {
        administration.reason = Some(moment.texts.say("suggestion.reason"));
    }
    administration.dose_ordered = agenda::dose_ordered(&view.plan, of);
    let mut statement = Statement::by_hand(EntryBody::Administration(administration));
    // A person says it; that it is so, the pump told.
    statement.source = Source::Pump;
    statement.order = Some(of.order.clone());
    statement.occurrence = Some(occurrence);
    statement.infusion = Some(InfusionId::of(occurrence));
    statement.amends = item.standing().map(|standing| standing.entry);
    statement.happened_at = Some((at, basis));
    store.record(moment, statement)
}

/// The entry that says already what is asked for.
fn said_before(items: &[AgendaItem], occurrence: OccurrenceId, what: &str) -> Result<EntryId, HomelineError> {
    use AdministrationStatus as Status;
    let same = |status: Status| match what {
        "start" => status == Status::InProgress,
        "finish" => status == Status::Completed,
        "stop" => matches!(status, Status::Stopped | Status::Partial),
        _ => false,
    };
    let said = item_of(items, occurrence).into_iter().flat_map(|item| item.statements.iter().rev());
    said.into_iter().find(|said| same(said.administration.status)).map(|said| said.entry).ok_or_else(gone)
}

fn gone() -> HomelineError {
    HomelineError::new(
        ErrorKind::NotFound,
        "infusion.suggestion",
        "the pump does not say that any more",
        "Look at today's screen again.",
    )
}

/// Leaves a suggestion: it does not come again. Nothing is written into the journal; the answer names the newest record of
/// the pump that it was made from.
pub(crate) fn dismiss(
    store: &mut Store,
    moment: &Moment,
    occurrence: OccurrenceId,
    what: &str,
) -> Result<Logged, HomelineError> {
    let view = recent_view(store, moment)?;
    let runs = recent_runs(store, moment, &view.plan, &view.agenda.items)?;
    let of_dose = runs.iter().filter(|run| run.occurrence == Some(occurrence));
    let entry = of_dose.filter_map(|run| run.entries.last().copied()).next_back().ok_or_else(gone)?;
    let vault = store.vault()?;
    let mut left: Dismissed = vault.read(|tx| tx.setting(DISMISSED))?.unwrap_or_default();
    left.retain(|(id, of, at)| !(*id == occurrence && of == what) && *at > moment.now - KEPT);
    left.push((occurrence, what.to_owned(), moment.now));
    vault.write(move |tx| tx.set_setting(DISMISSED, &left))?;
    Ok(Logged { entry, advice: Vec::new() })
}
