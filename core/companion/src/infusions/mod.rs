//! Infusions as they went, for each order: planned and given, rates, pauses with their causes, the end against the plan, and
//! what is not known. What pump, eye and hand say stand side by side, and none corrects another.

mod check_in;
/// The same alarm again and again.
pub(crate) mod pattern;
/// Looks that are planned.
pub(crate) mod planned_look;
/// One infusion.
pub(crate) mod run;
/// In plain words.
pub(crate) mod said;
/// What the pump says and nobody has written down.
pub(crate) mod suggestion;

pub use check_in::{CheckIn, CheckedIn};
pub use planned_look::PlannedLook;
pub use record::{
    EndAgainstPlan, GivenByHand, InfusionLook, InfusionPause, InfusionRate, InfusionRecord, PlannedInfusion,
};

/// An infusion as data.
mod record;

use crate::access::Access;
use crate::agenda::{self, View};
use crate::card;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::ports::Change;
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::Store;
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{CarePlan, Entry, EntryKind, OccurrenceId};
use homeline_schedule::{AgendaItem, Span};
use run::Run;
use std::sync::Arc;

/// The most days that are looked back.
const MOST_DAYS: u32 = 400;
/// An infusion may have begun so long before the days that are asked for: a pump of 7 days, and a day.
const LONGEST: Duration = Duration::days(8);
/// What tells of an infusion beside what is written down about its dose.
const TELLING: [EntryKind; 2] = [EntryKind::PumpEvent, EntryKind::DeviceCheck];

/// Infusions.
#[derive(Clone)]
pub struct Infusions {
    pub(crate) inner: Arc<Inner>,
}

impl Infusions {
    /// The infusions of the last `days` days with today (1 to 400), newest first.
    pub async fn list(&self, days: u32) -> Result<Vec<InfusionRecord>, HomelineError> {
        self.inner.allowed(Access::See("infusions"), move |store, moment| records(store, moment, days)).await
    }

    /// One infusion of the last 400 days, by its id or the beginning of it (4 characters or more).
    ///
    /// Errors: `NotFound`.
    pub async fn show(&self, id: String) -> Result<InfusionRecord, HomelineError> {
        self.inner.allowed(Access::See("infusions"), move |store, moment| record_of(store, moment, &id)).await
    }

    /// The list as a screen.
    pub async fn screen(&self, days: u32) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("infusions"), move |store, moment| list_screen(store, moment, days)).await
    }

    /// One infusion as a screen.
    pub async fn screen_of(&self, id: String) -> Result<Screen, HomelineError> {
        self.inner
            .allowed(Access::See("infusions"), move |store, moment| {
                let record = record_of(store, moment, &id)?;
                Ok(record_screen(&record, &*store.require_plan()?, moment))
            })
            .await
    }

    /// Somebody looked at the device of a running dose, and wrote down what was seen. Without an occurrence it is the dose
    /// that runs. `photo` (JPEG or PNG, at most 20 MB) is kept beside it. The answer holds the look against the order, and says whom to call where the plan's tolerance is passed.
    ///
    /// Errors: `BadInput` (nothing was seen, a number that cannot be), `NotFound` (no dose runs, or several do).
    pub async fn check_in(
        &self,
        dose: Option<OccurrenceId>,
        seen: CheckIn,
        photo: Option<Vec<u8>>,
    ) -> Result<CheckedIn, HomelineError> {
        let checked = self
            .inner
            .allowed(Access::Log, move |store, moment| {
                let checked = check_in::write(store, moment, dose, seen, photo.as_deref())?;
                card::refresh(store, moment, true)?;
                Ok(checked)
            })
            .await?;
        self.inner.announce(Change::Journal);
        Ok(checked)
    }
}

/// What infusions are made from: the agenda of a span, and the journal's entries of pumps and looks.
struct Sources {
    plan: Arc<CarePlan>,
    items: Vec<AgendaItem>,
    entries: Vec<Entry>,
}

impl Sources {
    /// From an instant on, read from the journal.
    fn since(store: &Store, moment: &Moment, from: DateTime<Utc>) -> Result<Self, HomelineError> {
        let view = agenda::view(store, moment, Span::new(from - LONGEST, moment.now + Duration::days(1)))?;
        let entries = agenda::entries_of(store, TELLING.to_vec(), from - LONGEST)?;
        Ok(Self { plan: view.plan, items: view.agenda.items, entries })
    }

    fn runs(&self, moment: &Moment) -> Vec<Run> {
        run::runs(&self.plan, &self.items, &run::recorded(&self.entries), &self.entries, moment)
    }
}

/// The stretch in which the doses of recent infusions lie.
fn recent(moment: &Moment) -> Span {
    Span::new(moment.now - LONGEST, moment.now + Duration::days(1))
}

/// The agenda of the last days.
pub(crate) fn recent_view(store: &Store, moment: &Moment) -> Result<View, HomelineError> {
    agenda::view(store, moment, recent(moment))
}

/// The stretch whose agenda today's screen needs to know of infusions; `None` when no pump and no look tells of any.
pub(crate) fn reach(store: &Store, moment: &Moment) -> Result<Option<Span>, HomelineError> {
    let told = store.recent(moment)?.iter().any(|entry| TELLING.contains(&entry.kind()));
    Ok(told.then(|| recent(moment)))
}

/// The infusions of these items of the agenda, from what is held in memory: today's screen costs the same however long the
/// journal is, and nothing is copied or reconciled again of a pump that tells something every second.
pub(crate) fn recent_runs(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    items: &[AgendaItem],
) -> Result<Vec<Run>, HomelineError> {
    Ok(run::runs(plan, items, &store.recorded(moment)?, &store.recent(moment)?, moment))
}

fn records(store: &Store, moment: &Moment, days: u32) -> Result<Vec<InfusionRecord>, HomelineError> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(HomelineError::input("days", "it must be 1 to 400", "Give another number of days."));
    }
    let from = moment.local(moment.now).date_naive() - Duration::days(i64::from(days) - 1);
    let from = homeline_schedule::zone::day_span(&moment.here, from).map_or(moment.now, |span| span.from);
    let sources = Sources::since(store, moment, from)?;
    let mut records = record::all(&sources, moment);
    // What has ended before these days is not of them.
    records.retain(|record| record.ended.or(record.started).is_none_or(|at| at >= from));
    Ok(records)
}

fn record_of(store: &Store, moment: &Moment, id: &str) -> Result<InfusionRecord, HomelineError> {
    let is_it = |record: &InfusionRecord| record.id == id || (id.len() >= 4 && record.id.starts_with(id));
    records(store, moment, MOST_DAYS)?.into_iter().find(is_it).ok_or_else(|| {
        HomelineError::new(
            ErrorKind::NotFound,
            "infusion.none",
            "there is no infusion with this id",
            "Take an id of the list of infusions.",
        )
    })
}

fn list_screen(store: &Store, moment: &Moment, days: u32) -> Result<Screen, HomelineError> {
    let plan = store.require_plan()?;
    let rows: Vec<Row> = records(store, moment, days)?.iter().map(|record| row(record, moment)).collect();
    let texts = moment.texts;
    let title = texts.say(if rows.is_empty() { "infusions.none" } else { "infusions.title" });
    Ok(Screen {
        id: "infusions".to_owned(),
        privacy: Privacy::default(),
        title,
        subtitle: Some(texts.fill("infusions.days", &[("patient", &plan.patient.name), ("days", &days)])),
        sections: vec![Section { title: None, rows }],
        footer: words::numbers_to_call(&plan),
    })
}

fn row(record: &InfusionRecord, moment: &Moment) -> Row {
    let mut row = Row::new(record.id.clone(), words::as_written(moment.texts, &record.title));
    row.time = record.started.map(|at| moment.shown(at));
    row.state = Some(record.end_words.clone());
    row.details.push(format!("{}: {}", record.known_by, record.went_in));
    row.details.extend(record.against_plan.words.clone());
    row.details.extend(record.difference.iter().cloned());
    let last_look = record.looks.iter().rev().find(|look| look.beyond_tolerance.is_some());
    let looks_off = last_look.is_some_and(|look| look.beyond_tolerance == Some(true));
    row.details.extend(last_look.filter(|_| looks_off).and_then(|look| look.words.last().cloned()));
    let urgent = record.against_plan.beyond_limit == Some(true) || looks_off;
    row.emphasis = match (urgent, record.difference.is_empty()) {
        (true, _) => Emphasis::Urgent,
        (false, false) => Emphasis::Attention,
        (false, true) => Emphasis::Plain,
    };
    row.private_title = Some(moment.texts.say("private.infusion"));
    row.with_spoken_sentence()
}

fn record_screen(record: &InfusionRecord, plan: &CarePlan, moment: &Moment) -> Screen {
    let texts = moment.texts;
    let clock = |at: DateTime<Utc>| moment.shown(at);
    let line = |id: &str, title: String, state: Option<String>| {
        let mut row = Row::new(id, title);
        row.state = Some(state.unwrap_or_else(|| texts.say("infusion.not-known")));
        row
    };
    let planned = &record.planned;
    let mut plan_rows = vec![
        line("planned-start", texts.say("infusion.start"), planned.start.map(clock)),
        line(
            "planned-length",
            texts.say("infusion.length"),
            planned.minutes.map(|minutes| words::span(moment.texts, i64::from(minutes))),
        ),
        line("planned-volume", texts.say("infusion.volume"), planned.volume.as_ref().map(ToString::to_string)),
    ];
    for (place, step) in planned.rates.iter().enumerate() {
        let rate = words::rung(texts, step);
        plan_rows.push(line(&format!("planned-rate/{place}"), texts.say("infusion.rate"), Some(rate)));
    }
    let planned_looks = planned.looks.iter().enumerate().map(|(place, look)| {
        let state = match (look.state, look.done_at) {
            ("done", Some(at)) => texts.fill("look.done-at", &[("time", &clock(at))]),
            (state, _) => planned_look::state_words(texts, state),
        };
        let mut row = line(&format!("planned-look/{place}"), texts.say("infusion.look"), Some(state));
        row.time = Some(clock(look.at));
        row.details.push(texts.fill("look.counts", &[("from", &clock(look.from)), ("until", &clock(look.until))]));
        row.details.extend(look.words.clone());
        if matches!(look.state, "due" | "late") {
            row.emphasis = Emphasis::Attention;
        }
        row
    });
    plan_rows.extend(planned_looks);
    let mut start = line("started", texts.say("infusion.start"), record.started.map(clock));
    start.details.extend(
        record.started_pump_clock.map(|at| texts.fill("infusion.pump-clock", &[("time", &at.format("%H:%M"))])),
    );
    let mut end = line("ended", texts.say("infusion.end"), record.ended.map(clock));
    if record.ended.is_none() {
        end.state = Some(record.end_words.clone());
    }
    end.details.extend(record.against_plan.words.clone());
    end.details
        .extend(record.ended_pump_clock.map(|at| texts.fill("infusion.pump-clock", &[("time", &at.format("%H:%M"))])));
    if record.against_plan.beyond_limit == Some(true) {
        end.emphasis = Emphasis::Urgent;
    }
    let mut went_in = line("went-in", texts.say("infusion.went-in"), Some(record.went_in.clone()));
    went_in.details.push(format!("{}.", record.known_by));
    went_in.details.extend(record.unknown.iter().cloned());
    let given = vec![start, end, went_in];
    let rates = record.rates.iter().enumerate().map(|(place, rate)| {
        let mut row = line(
            &format!("rate/{place}"),
            texts.say("infusion.rate"),
            Some(format!("{} mL/h", rate.rate_ml_h.normalize())),
        );
        row.time = Some(clock(rate.from));
        row
    });
    let pauses = record.interruptions.iter().enumerate().map(|(place, pause)| {
        let cause = match &pause.alarm {
            Some(alarm) => words::alarm_words(texts, alarm),
            None => texts.say("infusion.cause-unknown"),
        };
        let length = match pause.minutes {
            Some(minutes) => words::span(texts, minutes),
            None => texts.say("infusion.end-unknown"),
        };
        let mut row = line(&format!("pause/{place}"), words::capitalised(&cause), Some(length));
        row.time = Some(clock(pause.from));
        row.details
            .extend(pause.pump_clock.map(|at| texts.fill("infusion.pump-clock", &[("time", &at.format("%H:%M"))])));
        row
    });
    let looks = record.looks.iter().enumerate().map(|(place, look)| {
        let mut row = Row::new(format!("look/{place}"), texts.say("infusion.look"));
        row.time = Some(clock(look.at));
        row.details.clone_from(&look.words);
        if look.beyond_tolerance == Some(true) {
            row.emphasis = Emphasis::Urgent;
        }
        row
    });
    let by_hand = record.by_hand.iter().map(|by_hand| {
        let mut row = line("by-hand", texts.say("infusion.written-down"), Some(by_hand.status_words.clone()));
        row.details.extend(by_hand.started.map(|at| texts.fill("infusion.start-at", &[("time", &clock(at))])));
        row.details.extend(by_hand.ended.map(|at| texts.fill("infusion.end-at", &[("time", &clock(at))])));
        row.details
            .extend(by_hand.volume.as_ref().map(|volume| texts.fill("administration.went-in", &[("volume", volume)])));
        row.details.extend(by_hand.reason.clone());
        row
    });
    let differences = record.difference.iter().enumerate().map(|(place, difference)| {
        let mut row = Row::new(format!("difference/{place}"), difference.clone());
        row.emphasis = Emphasis::Attention;
        row
    });
    let mut sections = Vec::new();
    for (title, rows) in [
        ("infusion.planned", plan_rows),
        ("infusion.given", given),
        ("infusion.rates", rates.collect()),
        ("infusion.pauses", pauses.collect()),
        ("infusion.looks", looks.collect()),
        ("infusion.hand", by_hand.collect()),
        ("infusion.not-same", differences.collect()),
    ] {
        let rows: Vec<Row> = rows.into_iter().map(Row::with_spoken_sentence).collect();
        if !rows.is_empty() {
            sections.push(Section { title: Some(texts.say(title)), rows });
        }
    }
    Screen {
        id: "infusion".to_owned(),
        privacy: Privacy::default(),
        title: words::as_written(moment.texts, &record.title),
        subtitle: Some(record.known_by.clone()),
        sections,
        footer: words::numbers_to_call(plan),
    }
}
