//! Who saw and did what. What people did stands in the journal with their names; what a caregiver's phone showed is noted
//! here and becomes one entry before each sync, so that the patient's phone can tell it too.
//!
//! A look is noted by part and not by line: what was on a screen is known, what was read is not.

use crate::error::HomelineError;
use crate::journal;
use crate::moment::Moment;
use crate::screen::{Privacy, Row, Screen, Section};
use crate::store::{Statement, Store};
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_fhir::rights_given;
use homeline_model::{AuthorRole, Caregiving, EntryBody, EntryKind};
use homeline_vault::{Direction, TimelineQuery};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const VIEWS: &str = "audit.views";
/// A look that follows another one more closely is not written down again.
const APART: Duration = Duration::minutes(10);
/// The most rows of an audit.
const MOST_ROWS: u32 = 500;

/// Looks that no entry tells yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Views {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    parts: BTreeSet<String>,
}

/// A caregiver's phone shows a part of the record. A look that cannot be noted is not shown as an error: the next one is
/// noted, and nothing of the patient's is lost by it.
pub(crate) fn looked(store: &Store, moment: &Moment, part: &str) {
    let note = || -> Result<(), HomelineError> {
        let vault = store.vault()?;
        let now = moment.now;
        let before: Option<Views> = vault.read(|tx| tx.setting(VIEWS))?;
        let mut views = before.clone().unwrap_or_else(|| Views { from: now, until: now, parts: BTreeSet::new() });
        let is_new = views.parts.insert(part.to_owned());
        if before.is_some() && !is_new && now - views.until < APART {
            return Ok(());
        }
        views.until = views.until.max(now);
        Ok(vault.write(move |tx| tx.set_setting(VIEWS, &views))?)
    };
    // Nothing to do about a full disk here: the use case itself tells it.
    let _ = note();
}

/// The looks since the last sync become one entry.
pub(crate) fn tell_views(store: &mut Store, moment: &Moment) -> Result<(), HomelineError> {
    let Some(views) = store.vault()?.read(|tx| tx.setting::<Views>(VIEWS))? else { return Ok(()) };
    if store.plan().is_none() {
        return Ok(());
    }
    let parts = views.parts.into_iter().collect();
    let viewed = Caregiving::Viewed { from: views.from, until: views.until, parts };
    let statement = Statement::by_hand(EntryBody::Caregiving(viewed));
    store.record_all(moment, vec![statement], None, |tx| tx.remove_setting(VIEWS)).map(|_| ())
}

/// Who saw and did what in the last days, newest first, and what rights were given and taken.
pub(crate) fn screen(store: &Store, moment: &Moment, days: u32) -> Result<Screen, HomelineError> {
    let plan = store.require_plan()?;
    let from = moment.now - Duration::days(i64::from(days));
    let texts = moment.texts;
    let vault = store.vault()?;
    let page = vault.timeline(&TimelineQuery {
        kinds: EntryKind::ALL.to_vec(),
        from: Some(from),
        direction: Direction::NewestFirst,
        limit: MOST_ROWS,
        ..TimelineQuery::default()
    })?;
    let by_people = page.entries.iter().filter(|entry| match entry.author.role {
        AuthorRole::Patient | AuthorRole::Caregiver | AuthorRole::CareTeam => true,
        AuthorRole::Device | AuthorRole::App => false,
    });
    let acts: Vec<Row> = by_people
        .map(|entry| {
            let mut row = journal::row(moment, Some(&plan), entry, None);
            let (did, by) = (row.title, texts.fill("journal.by", &[("name", &entry.author.name)]));
            row.title =
                if entry.author.name.is_empty() { texts.say("audit.unknown") } else { entry.author.name.clone() };
            row.details.retain(|line| *line != by);
            row.details.insert(0, did);
            row.actions.clear();
            row.private_title = Some(texts.say("private.audit"));
            row.with_spoken_sentence()
        })
        .collect();
    let mut given: Vec<(DateTime<Utc>, Row)> = Vec::new();
    for consent in vault.read(|tx| tx.mirror_of_type("Consent"))?.iter().filter(|row| !row.deleted) {
        for right in rights_given(&consent.json) {
            let Some(at) = right.at.filter(|at| *at >= from) else { continue };
            let name = |id: &homeline_model::PersonId| {
                let known = plan.caregivers.iter().find(|caregiver| caregiver.id == *id);
                known.map_or_else(|| id.to_string(), |caregiver| caregiver.name.clone())
            };
            let by = right.given_by.as_ref().map_or_else(|| plan.patient.name.clone(), &name);
            let mut row = Row::new(format!("consent/{}", consent.id), by);
            row.time = Some(moment.shown(at));
            let whom = name(&right.person);
            row.details.push(match right.rights.as_slice() {
                [] => texts.fill("audit.took", &[("whom", &whom)]),
                rights => texts.fill("audit.gave", &[("whom", &whom), ("rights", &words::rights(texts, rights))]),
            });
            row.private_title = Some(texts.say("private.audit"));
            given.push((at, row.with_spoken_sentence()));
        }
    }
    given.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let given: Vec<Row> = given.into_iter().map(|(_, row)| row).collect();
    let mut sections = Vec::new();
    for (title, rows) in [("audit.rights", given), ("audit.done", acts)] {
        if !rows.is_empty() {
            sections.push(Section { title: Some(texts.say(title)), rows });
        }
    }
    let mut footer = vec![texts.say("audit.looks")];
    if page.next.is_some() {
        footer.insert(0, texts.fill("audit.newest", &[("number", &MOST_ROWS)]));
    }
    Ok(Screen {
        privacy: Privacy::default(),
        id: "audit".to_owned(),
        title: texts.say("audit.title"),
        subtitle: Some(plan.patient.name.clone()),
        sections,
        footer,
    })
}
