//! What goes with a message, so that whoever answers need not ask: the last alarm, the last infusion, how it felt.

use crate::error::{ErrorKind, HomelineError};
use crate::moment::Moment;
use crate::store::Store;
use crate::words;
use chrono::Duration;
use homeline_fhir::entry_resource_type;
use homeline_model::{
    AttachedEntry, CarePlan, Entry, EntryBody, EntryId, EntryKind, OrderKind, PumpEventKind, Symptom,
};
use homeline_vault::{Direction, TimelineQuery};

/// How far back an alarm is the last one.
const ALARM: Duration = Duration::hours(24);
/// How far back an infusion is the last one: a pump of 7 days, and a day.
const INFUSION: Duration = Duration::days(8);
/// How far back a complaint or a vital sign goes with it.
const FELT: Duration = Duration::hours(24);
/// At most so many complaints and vital signs, the newest first.
const MOST_FELT: usize = 10;
/// At most so many entries are chosen by hand.
const MOST_CHOSEN: usize = 20;

/// The last alarm of the pump, the last infusion, and what was felt and measured in the last day.
pub(super) fn latest(store: &Store, moment: &Moment, plan: &CarePlan) -> Result<Vec<AttachedEntry>, HomelineError> {
    let newest = |kinds: &[EntryKind], back: Duration| -> Result<Vec<Entry>, HomelineError> {
        let query = TimelineQuery {
            kinds: kinds.to_vec(),
            from: Some(moment.now - back),
            direction: Direction::NewestFirst,
            limit: 200,
            ..TimelineQuery::default()
        };
        let entries = store.vault()?.timeline(&query)?.entries;
        let amended: Vec<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
        Ok(entries.into_iter().filter(|entry| !entry.private && !amended.contains(&entry.id)).collect())
    };
    let is_alarm = |entry: &Entry| matches!(&entry.body, EntryBody::PumpEvent(event) if matches!(event.kind, PumpEventKind::AlarmRaised { .. }));
    let is_drug = |entry: &Entry| {
        let order = entry.order.as_ref().and_then(|order| plan.order(&order.id));
        order.is_some_and(|order| order.kind == OrderKind::Medication)
    };
    let mut found: Vec<Entry> = Vec::new();
    found.extend(newest(&[EntryKind::PumpEvent], ALARM)?.into_iter().find(is_alarm));
    found.extend(newest(&[EntryKind::Administration], INFUSION)?.into_iter().find(is_drug));
    let felt = newest(&[EntryKind::Symptom, EntryKind::Vital, EntryKind::SiteCheck], FELT)?;
    let is_told = |entry: &Entry| !matches!(&entry.body, EntryBody::Symptom(Symptom { present: false, .. }));
    found.extend(felt.into_iter().filter(is_told).take(MOST_FELT));
    Ok(found.iter().map(|entry| attach(moment, plan, entry)).collect())
}

/// Entries that were chosen by hand. What stays at home stays there.
pub(super) fn chosen(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    ids: &[EntryId],
) -> Result<Vec<AttachedEntry>, HomelineError> {
    if ids.len() > MOST_CHOSEN {
        return Err(HomelineError::input(
            "attach",
            format!("there are more than {MOST_CHOSEN} entries"),
            "Choose those that matter most.",
        ));
    }
    ids.iter()
        .map(|id| {
            let entry = store.vault()?.read(|tx| tx.entry(*id))?.ok_or_else(|| {
                HomelineError::new(
                    ErrorKind::NotFound,
                    "message.attach",
                    "there is no such entry in the journal",
                    "Take one that is listed.",
                )
            })?;
            if entry.private {
                return Err(HomelineError::input(
                    "attach",
                    "this entry stays at home",
                    "Write down again what your team may read.",
                ));
            }
            Ok(attach(moment, plan, &entry))
        })
        .collect()
}

fn attach(moment: &Moment, plan: &CarePlan, entry: &Entry) -> AttachedEntry {
    let said = words::entry(moment.texts, Some(plan), entry);
    let time = moment.shown_with_day(entry.times.happened.at);
    let state = said.state.map(|state| format!(" ({state})")).unwrap_or_default();
    AttachedEntry {
        entry: entry.id,
        resource_type: entry_resource_type(entry, Some(plan)).to_owned(),
        text: format!("{time} {}{state}", said.title),
    }
}
