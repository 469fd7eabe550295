//! Early warning: the trends that the care plan asks for, as they stand, and the notices in the journal.
//!
//! What is watched and how is `homeline_clinical::trend`, pure; here it gets the part of the journal that the plan's trends
//! need and no more, and the steps of doses from the schedule. A notice is written down once: not while the same trend
//! stands in the journal at this level, for as many days as the plan says. Triage is asked before and apart from this.

use crate::access::Access;
use crate::agenda;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::infusions::pattern;
use crate::moment::Moment;
use crate::screen::{Emphasis, Row, Screen, Section};
use crate::store::Store;
use crate::texts::Texts;
use crate::words;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use homeline_clinical::trend::RULE_PREFIX;
use homeline_clinical::{
    DoseSteps, Language, Notice, TrendInput, TrendNeeds, Watched, is_trend, trend_faults, trend_from, trend_needs,
    trends,
};
use homeline_model::{
    Advice, AdviceLevel, CarePlan, Entry, EntryBody, EntryId, EntryKind, OccurrenceId, TrendLevel, TrendSeries,
};
use homeline_schedule::{ItemState, Span};
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

/// Trends and notices.
#[derive(Clone)]
pub struct Insight {
    pub(crate) inner: Arc<Inner>,
}

/// All trends of the plan as they stand now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrendReport {
    /// What the trends say, in the plan's order.
    pub notices: Vec<TrendNotice>,
    /// Trends that say nothing, and why; never that all is well.
    pub silent: Vec<SilentTrend>,
    /// Trends of the plan that are not watched, because they cannot be used.
    pub faults: Vec<TrendFault>,
}

/// One trend that speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrendNotice {
    /// The same facts have the same id, on every phone.
    pub id: EntryId,
    /// `trend/` and the plan's id of it.
    pub rule: String,
    /// What is watched.
    pub series: TrendSeries,
    /// `note` or `message-today`, as the plan says.
    pub level: AdviceLevel,
    /// Whom to tell, and what the team asked for; one action a line.
    pub text: Vec<String>,
    /// The data, and what it was held against.
    pub data: Vec<String>,
    /// The rule with its numbers, and which of them are not the plan's.
    pub how: Vec<String>,
    /// The method, by its source.
    pub source: String,
    /// Day of the newest value.
    pub last: NaiveDate,
}

/// One trend that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SilentTrend {
    /// `trend/` and the plan's id of it.
    pub rule: String,
    /// What is watched.
    pub series: TrendSeries,
    /// "Your team asked to be told when …".
    pub asked: String,
    /// Why it says nothing.
    pub why: Vec<String>,
}

/// One trend that is not watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrendFault {
    /// The plan's id of it, or the element that could not be read.
    pub trend: String,
    /// Why, and what to do.
    pub reason: String,
}

impl Insight {
    /// The plan's trends as they stand now. Empty when the plan asks for none.
    pub async fn trends(&self) -> Result<TrendReport, HomelineError> {
        self.inner.allowed(Access::See("insight"), |store, moment| report(store, moment)).await
    }

    /// The same as a screen.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner
            .allowed(Access::See("insight"), |store, moment| {
                let plan = store.require_plan()?;
                let mut screen = screen(&plan, &report(store, moment)?, moment);
                let rows = pattern::insight_rows(store, moment, &plan)?;
                if !rows.is_empty() {
                    let title = Some("The same alarm again and again: for your pharmacist".to_owned());
                    screen.sections.insert(0, Section { title, rows });
                }
                Ok(screen)
            })
            .await
    }
}

/// The notices among journal entries, for the visit report.
pub fn trend_notices(entries: &[Entry]) -> impl Iterator<Item = (&Entry, &Advice)> {
    entries.iter().filter_map(|entry| match &entry.body {
        EntryBody::Advice(advice) if is_trend(advice) => Some((entry, advice)),
        _ => None,
    })
}

fn report(store: &Store, moment: &Moment) -> Result<TrendReport, HomelineError> {
    let plan = store.require_plan()?;
    let mut report = TrendReport { notices: Vec::new(), silent: Vec::new(), faults: faults(&plan) };
    for watched in watch(store, moment, &plan, &[])? {
        if watched.notices.is_empty() {
            report.silent.push(SilentTrend {
                rule: format!("{RULE_PREFIX}{}", watched.rule),
                series: watched.series,
                asked: watched.asked,
                why: watched.silent,
            });
        }
        report.notices.extend(watched.notices.into_iter().map(|notice| TrendNotice {
            id: notice.id,
            rule: notice.key(),
            series: notice.series,
            level: notice.level.into(),
            text: notice.text,
            data: notice.data,
            how: notice.how,
            source: notice.source,
            last: notice.last,
        }));
    }
    Ok(report)
}

/// Trends that could not be read, and trends that were read and cannot be used.
fn faults(plan: &CarePlan) -> Vec<TrendFault> {
    let unusable = trend_faults(plan).into_iter().map(|fault| TrendFault { trend: fault.rule, reason: fault.reason });
    let of_trends = plan.unreadable.iter().filter(|unreadable| unreadable.field.starts_with("extension('trend')"));
    let unreadable = of_trends.map(|unreadable| TrendFault {
        trend: format!("{} {}", unreadable.resource, unreadable.field),
        reason: unreadable.reason.clone(),
    });
    unusable.chain(unreadable).collect()
}

/// What the trends say that is not in the journal yet, after `new` entries that are about to be written.
pub(crate) fn unrecorded(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    new: &[Entry],
) -> Result<Vec<Notice>, HomelineError> {
    let Some(needs) = trend_needs(plan) else { return Ok(Vec::new()) };
    if !new.iter().any(|entry| concerns(&needs, entry.kind())) {
        return Ok(Vec::new());
    }
    let mut notices: Vec<Notice> =
        watch(store, moment, plan, new)?.into_iter().flat_map(|watched| watched.notices).collect();
    let Some(longest) = notices.iter().map(|notice| notice.again_days).max() else { return Ok(notices) };
    let since = moment.now - Duration::days(i64::from(longest));
    let stands = agenda::entries_of(store, vec![EntryKind::Advice], since)?;
    notices.retain(|notice| {
        let from = moment.now - Duration::days(i64::from(notice.again_days));
        !trend_notices(&stands).any(|(entry, advice)| {
            entry.id == notice.id
                || (advice.rule == notice.key()
                    && advice.level >= notice.level.into()
                    && entry.times.happened.at > from)
        })
    });
    let vault = store.vault()?;
    let known = vault.read(|tx| {
        let known = notices.iter().map(|notice| Ok((notice.id, tx.has_entry(notice.id)?)));
        known.collect::<Result<Vec<_>, homeline_vault::VaultError>>()
    })?;
    notices.retain(|notice| !known.contains(&(notice.id, true)));
    Ok(notices)
}

/// Whether an entry of this kind can change what the trends say.
fn concerns(needs: &TrendNeeds, kind: EntryKind) -> bool {
    let steps = needs.steps && matches!(kind, EntryKind::Administration | EntryKind::StepDone);
    steps || needs.kinds.contains(&kind)
}

/// The plan's trends, with the journal and what is about to be written.
fn watch(store: &Store, moment: &Moment, plan: &CarePlan, new: &[Entry]) -> Result<Vec<Watched>, HomelineError> {
    let Some(needs) = trend_needs(plan) else { return Ok(Vec::new()) };
    let now = moment.local(moment.now);
    let from = trend_from(&needs, now.date_naive());
    // A day more, for a place whose clock is ahead of this one.
    let from = from.and_time(chrono::NaiveTime::MIN).and_utc() - Duration::days(1);
    let mut entries =
        if needs.kinds.is_empty() { Vec::new() } else { agenda::entries_of(store, needs.kinds.clone(), from)? };
    entries.extend(new.iter().cloned());
    let doses = if needs.steps { dose_steps(store, moment, plan, new, from)? } else { Vec::new() };
    Ok(trends(&TrendInput { plan, entries: &entries, doses: &doses, now }, Language::English))
}

/// The steps of every dose that somebody recorded as given.
fn dose_steps(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    new: &[Entry],
    from: DateTime<Utc>,
) -> Result<Vec<DoseSteps>, HomelineError> {
    let mut entries = agenda::dose_entries(store, from)?;
    let by_home = |entry: &Entry| matches!(entry.kind(), EntryKind::Administration | EntryKind::StepDone);
    entries.extend(new.iter().filter(|entry| by_home(entry)).cloned());
    let private: HashSet<OccurrenceId> =
        entries.iter().filter(|entry| entry.private).filter_map(|entry| entry.occurrence).collect();
    let agenda =
        homeline_schedule::agenda(&agenda::input(plan, &entries, moment), moment.now, Span::new(from, moment.now));
    let given = agenda.items.iter().filter(|item| {
        item.state == ItemState::Completed
            && item.occurrence.as_ref().is_some_and(|occurrence| !private.contains(&occurrence.id))
    });
    let of_dose = |item: &homeline_schedule::AgendaItem| {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        DoseSteps {
            day: moment.local(item.start).date_naive(),
            at: item.start,
            steps: count(item.steps.len()),
            done: count(item.steps.iter().filter(|step| step.done_at.is_some()).count()),
        }
    };
    Ok(given.map(of_dose).collect())
}

/// What speaks now, for today's screen.
pub(crate) fn today_rows(store: &Store, moment: &Moment, plan: &CarePlan) -> Result<Vec<Row>, HomelineError> {
    let watched = watch(store, moment, plan, &[])?;
    Ok(watched
        .iter()
        .flat_map(|watched| &watched.notices)
        .map(|notice| row(&notice.advice(), notice.level, moment.texts))
        .collect())
}

fn row(advice: &Advice, level: TrendLevel, texts: Texts) -> Row {
    let mut lines = advice.text.iter();
    let call = lines.next();
    let mut row = Row::new(advice.rule.clone(), lines.next().cloned().unwrap_or_default());
    row.state = Some(words::advice_level(texts, level.into()));
    row.details = call.into_iter().chain(lines).chain(&advice.because).cloned().collect();
    row.details.push(advice.source.clone());
    row.emphasis = match level {
        TrendLevel::MessageToday => Emphasis::Attention,
        TrendLevel::Note => Emphasis::Plain,
    };
    row.private_title = Some(texts.say("private.trend"));
    row.with_spoken_sentence()
}

fn screen(plan: &CarePlan, report: &TrendReport, moment: &Moment) -> Screen {
    let texts = moment.texts;
    let notice_row = |notice: &TrendNotice| {
        let level = if notice.level == AdviceLevel::MessageToday { TrendLevel::MessageToday } else { TrendLevel::Note };
        let advice = Advice {
            rule: notice.rule.clone(),
            level: notice.level,
            text: notice.text.clone(),
            because: notice.data.iter().chain(&notice.how).cloned().collect(),
            source: notice.source.clone(),
        };
        row(&advice, level, texts)
    };
    let silent_row = |silent: &SilentTrend| {
        let mut row = Row::new(silent.rule.clone(), silent.asked.clone());
        row.details.clone_from(&silent.why);
        row.emphasis = Emphasis::Quiet;
        row.with_spoken_sentence()
    };
    let fault_row = |fault: &TrendFault| {
        let mut row = Row::new(format!("fault/{}", fault.trend), fault.trend.clone());
        row.details.push(fault.reason.clone());
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    };
    let mut sections = Vec::new();
    for (title, rows) in [
        ("today.trends", report.notices.iter().map(notice_row).collect::<Vec<_>>()),
        ("insight.watched", report.silent.iter().map(silent_row).collect()),
        ("insight.not-watched", report.faults.iter().map(fault_row).collect()),
    ] {
        if !rows.is_empty() {
            sections.push(Section { title: Some(texts.say(title)), rows });
        }
    }
    if sections.is_empty() {
        let none = Row::new("nothing", texts.say("insight.none"));
        sections.push(Section { title: None, rows: vec![none] });
    }
    let mut footer = vec![texts.say("insight.call")];
    footer.extend(words::numbers_to_call(plan));
    footer.push(texts.say("not-watched"));
    Screen { sections, footer, ..Screen::new("insight", texts.say("insight.title")) }
}
