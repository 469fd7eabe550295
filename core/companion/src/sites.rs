//! The site map: which places were used when, and what each did there. It remembers; which place comes next is what the
//! patient was taught.

use crate::access::Access;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::screen::{Row, Screen, Section};
use crate::store::Store;
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_clinical::{body_site_name, body_sites};
use homeline_model::{Entry, EntryBody, EntryId, EntryKind, OccurrenceId};
use homeline_vault::{Direction, TimelineQuery};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// How far back the map reaches.
const REACH: Duration = Duration::days(26 * 7);
/// Uses of one place that are told one by one.
const TOLD: usize = 3;

/// The site map.
#[derive(Clone)]
pub struct Sites {
    pub(crate) inner: Arc<Inner>,
}

impl Sites {
    /// The places of the last 26 weeks, the one that was not used for the longest time first, then those that were never
    /// used. Each says when it was used and what was seen there. It is a record and no advice.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("sites"), |store, moment| screen(store, moment)).await
    }
}

/// One use of a place.
struct Use {
    at: DateTime<Utc>,
    dose: Option<OccurrenceId>,
}

/// One look at a place.
struct Look {
    at: DateTime<Utc>,
    dose: Option<OccurrenceId>,
    findings: Vec<String>,
}

fn entries(store: &Store, moment: &Moment) -> Result<Vec<Entry>, HomelineError> {
    let query = TimelineQuery {
        kinds: vec![EntryKind::SitesUsed, EntryKind::SiteCheck],
        from: Some(moment.now - REACH),
        direction: Direction::OldestFirst,
        ..TimelineQuery::default()
    };
    Ok(store.vault()?.read(|tx| tx.timeline_whole(query))?)
}

fn screen(store: &Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let (plan, texts) = (store.require_plan()?, moment.texts);
    let entries = entries(store, moment)?;
    let corrected: HashSet<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
    let mut uses: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    let mut looks: HashMap<String, Vec<Look>> = HashMap::new();
    for entry in entries.iter().filter(|entry| !corrected.contains(&entry.id)) {
        let (at, dose) = (entry.times.happened.at, entry.occurrence);
        match &entry.body {
            EntryBody::SitesUsed { sites } => {
                for site in sites {
                    uses.entry(site.clone()).or_default().push(Use { at, dose });
                }
            }
            EntryBody::SiteCheck { findings, site: Some(site), .. } => {
                let findings = findings.iter().map(|finding| {
                    let answer = texts.say(if finding.present { "journal.yes" } else { "journal.no" });
                    format!("{}: {answer}", words::finding_name(texts, &finding.finding))
                });
                let look = Look { at, dose, findings: findings.collect() };
                looks.entry(site.clone()).or_default().push(look);
            }
            _ => {}
        }
    }
    let mut used: Vec<(&String, &Vec<Use>)> = uses.iter().collect();
    used.sort_by_key(|(_, uses)| uses.last().map(|one| one.at));
    let rows = used
        .into_iter()
        .map(|(site, uses)| used_row(site, uses, looks.get(site).map_or(&[][..], Vec::as_slice), moment))
        .collect::<Vec<Row>>();
    let unused = body_sites()
        .iter()
        .filter(|site| !uses.contains_key(&site.key))
        .map(|site| Row::new(site.key.clone(), site.name(texts.language)))
        .collect::<Vec<Row>>();
    let mut sections = Vec::new();
    if !rows.is_empty() {
        sections.push(Section { title: Some(texts.say("sites.used")), rows });
    }
    sections.push(Section { title: Some(texts.say("sites.unused")), rows: unused });
    let mut footer = vec![texts.say("sites.record")];
    footer.extend(words::numbers_to_call(&plan));
    Ok(Screen { sections, footer, ..Screen::new("sites", texts.say("sites.title")) })
}

fn used_row(site: &str, uses: &[Use], looks: &[Look], moment: &Moment) -> Row {
    let (texts, today) = (moment.texts, moment.local(moment.now).date_naive());
    let mut row = Row::new(site, body_site_name(site, texts.language));
    row.state = uses.last().map(|last| {
        let days = (today - moment.local(last.at).date_naive()).num_days();
        match days {
            ..=0 => texts.say("sites.today"),
            1 => texts.say("sites.yesterday"),
            days => texts.fill("sites.days-ago", &[("days", &days)]),
        }
    });
    row.details.push(match uses.len() {
        1 => texts.say("sites.once"),
        times => texts.fill("sites.times", &[("times", &times)]),
    });
    for (index, one) in uses.iter().enumerate().rev().take(TOLD) {
        let next = uses.get(index + 1).map(|next| next.at);
        // A look belongs to the use by its dose, else to the last use before it.
        let seen: Vec<&Look> = looks
            .iter()
            .filter(|look| match (look.dose, one.dose) {
                (Some(looked), Some(used)) => looked == used,
                _ => look.at >= one.at && next.is_none_or(|next| look.at < next),
            })
            .collect();
        let when = moment.shown(one.at);
        let answers: Vec<&str> = seen.iter().flat_map(|look| look.findings.iter().map(String::as_str)).collect();
        row.details.push(if answers.is_empty() {
            texts.fill("sites.nothing", &[("time", &when)])
        } else {
            format!("{when}: {}", answers.join(", "))
        });
    }
    row.with_spoken_sentence()
}
