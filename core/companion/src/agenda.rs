//! What is to be done, and doing it.
//!
//! The agenda is computed anew from orders, journal and now, so that nothing can be stale. An action carries the
//! occurrence's id: a late tap, a double tap or a tap on another phone lands on the right dose, once.

use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::journal::{checked_text, time_shown};
use crate::moment::Moment;
use crate::ports::Change;
use crate::screen::{Action, Emphasis, Row, Screen, Section};
use crate::store::{Logged, Statement, Store};
use crate::triage::OpenAdvice;
use crate::words;
use chrono::{DateTime, Datelike, Duration, Utc};
use homeline_model::{
    Administration, AdministrationStatus, AdviceLevel, CarePlan, Decimal, Entry, EntryBody, EntryId, EntryKind,
    OccurrenceId, OrderId, Quantity, SkipDecision, StepKey, TimeBasis, TimePolicy,
};
use homeline_schedule::{AgendaInput, AgendaItem, AgendaKind, ItemState, Span, Zones};
use homeline_vault::{Direction, TimelineQuery};
use std::sync::Arc;

/// How far back a dose stays on today's screen while nobody has said what became of it.
const STILL_OPEN: Duration = Duration::hours(36);
/// How far around now an action finds its occurrence.
const ACTION_REACH: Duration = Duration::days(14);
/// How much later than now a time may be said to be: clocks differ a little.
const FUTURE_SLACK: Duration = Duration::minutes(2);

/// What a person adds to an action.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActionInput {
    /// When it was, if not now.
    pub at: Option<DateTime<Utc>>,
    /// Why stopped or left out, in own words.
    pub reason: Option<String>,
    /// How much went in, in mL.
    pub volume_ml: Option<Decimal>,
    /// Lot number from the label.
    pub lot: Option<String>,
    /// The care team said to leave it out.
    pub care_team_said: bool,
}

/// The agenda.
#[derive(Clone)]
pub struct Agenda {
    pub(crate) inner: Arc<Inner>,
}

impl Agenda {
    /// Today's screen.
    pub async fn today(&self) -> Result<Screen, HomelineError> {
        self.inner.with_store(|store, moment| today(store, moment)).await
    }

    /// The agenda's items between two instants, as the schedule sees them.
    pub async fn items(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<AgendaItem>, HomelineError> {
        if to <= from || to - from > Duration::days(400) {
            return Err(HomelineError::input(
                "to",
                "it must be after `from`, by at most 400 days",
                "Ask for a shorter span.",
            ));
        }
        self.inner.with_store(move |store, moment| Ok(view(store, moment, Span::new(from, to))?.agenda.items)).await
    }

    /// Carries out an action of a row. Doing it twice does it once: the second answer names the first one's entry.
    ///
    /// Errors: `BadInput` (not an action, a time that is not acceptable, a reason that is missing), `NotFound` (the dose
    /// is not in the plan any more).
    pub async fn act(&self, action: String, input: ActionInput) -> Result<Logged, HomelineError> {
        let logged = self.inner.with_store(move |store, moment| act(store, moment, &action, input)).await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }
}

/// The agenda with what it was made from.
pub(crate) struct View {
    pub(crate) plan: Arc<CarePlan>,
    pub(crate) agenda: homeline_schedule::Agenda,
}

/// The agenda over a span, from the plan and the journal.
pub(crate) fn view(store: &Store, moment: &Moment, span: Span) -> Result<View, HomelineError> {
    let plan = store.require_plan()?;
    let entries = dose_entries(store, span.from - Duration::days(8))?;
    let mut agenda = homeline_schedule::agenda(&input(&plan, &entries, moment), moment.now, span);
    // What was planned before this journal was begun is nobody's open duty here.
    let since = store.profile.since;
    agenda
        .items
        .retain(|item| item.start >= since || !item.statements.is_empty() || item.end.is_some_and(|end| end > since));
    Ok(View { plan, agenda })
}

/// What the schedule works with.
pub(crate) fn input<'a>(plan: &'a CarePlan, entries: &'a [Entry], moment: &'a Moment) -> AgendaInput<'a> {
    AgendaInput {
        plan,
        entries,
        zones: Zones { here: &moment.followed, home: &moment.home },
        routine: &moment.routine,
        starts: &[],
    }
}

/// Statements about doses and steps, from an instant on. Of an order whose time counts from the last actual start the
/// statements before it too, as far as one of them can be that start.
pub(crate) fn dose_entries(store: &Store, from: DateTime<Utc>) -> Result<Vec<Entry>, HomelineError> {
    let counting: Vec<OrderId> = store
        .plan()
        .iter()
        .flat_map(|plan| &plan.orders)
        .filter(|order| order.time_policy == TimePolicy::ElapsedFromLastStart)
        .map(|order| order.id.clone())
        .collect();
    let mut query = TimelineQuery {
        kinds: vec![EntryKind::Administration, EntryKind::StepDone],
        from: Some(from),
        direction: Direction::OldestFirst,
        limit: 500,
        ..TimelineQuery::default()
    };
    Ok(store.vault()?.read(|tx| {
        let mut entries = Vec::new();
        for order in counting {
            let before = TimelineQuery {
                kinds: vec![EntryKind::Administration],
                order: Some(order),
                until: Some(from),
                ..TimelineQuery::default()
            };
            entries.extend(tx.timeline(&before)?.entries.into_iter().rev());
        }
        loop {
            let page = tx.timeline(&query)?;
            entries.extend(page.entries);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(entries),
            }
        }
    })?)
}

fn today(store: &mut Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let day = moment.local(moment.now).date_naive();
    let day_span = homeline_schedule::zone::day_span(&moment.here, day)
        .unwrap_or_else(|| Span::new(moment.now - Duration::hours(12), moment.now + Duration::hours(12)));
    let View { plan, agenda } = view(store, moment, Span::new(day_span.from - STILL_OPEN, day_span.to))?;

    let mut now_rows = Vec::new();
    let mut later_rows = Vec::new();
    let mut done_rows = Vec::new();
    for item in &agenda.items {
        let open = matches!(
            item.state,
            ItemState::Planned
                | ItemState::Due
                | ItemState::Late
                | ItemState::InProgress
                | ItemState::NotRecorded
                | ItemState::Unknown
        );
        if item.start < day_span.from && !open {
            continue;
        }
        let row = item_row(&plan, item, moment);
        match item.state {
            ItemState::Due | ItemState::Late | ItemState::InProgress | ItemState::NotRecorded | ItemState::Unknown => {
                now_rows.push(row);
            }
            ItemState::Planned => later_rows.push(row),
            ItemState::Completed | ItemState::Partial | ItemState::Stopped | ItemState::Skipped(_) => {
                done_rows.push(row)
            }
        }
    }
    let ask_rows = questions(&plan, &agenda.questions);
    let nothing_planned = [&now_rows, &later_rows, &done_rows, &ask_rows].iter().all(|rows| rows.is_empty());
    // Whom to call comes before everything else, and stays there until the team closes it.
    let call_rows: Vec<Row> = store
        .triage(moment)?
        .open()
        .iter()
        .filter(|open| open.advice.level > AdviceLevel::Note)
        .map(OpenAdvice::row)
        .collect();
    let mut sections = Vec::new();
    for (title, rows) in [
        ("Call", call_rows),
        ("Not as your team set it", not_followed(&plan)),
        ("Now", now_rows),
        ("Later today", later_rows),
        ("Done", done_rows),
        ("Ask your nurse", ask_rows),
    ] {
        if !rows.is_empty() {
            sections.push(Section { title: Some(title.to_owned()), rows });
        }
    }
    if nothing_planned {
        sections.push(Section { title: None, rows: vec![Row::new("nothing", "Nothing is planned for today.")] });
    }
    let mut footer = words::numbers_to_call(&plan);
    footer.push(words::NOT_WATCHED.to_owned());
    Ok(Screen {
        id: "today".to_owned(),
        title: format!("{}, {} {}", day.format("%A"), day.day(), day.format("%B %Y")),
        subtitle: Some(format!(
            "{} · {} · {}{}",
            plan.patient.name,
            plan.title,
            moment.local(moment.now).format("%H:%M"),
            words::away(&moment.here.zone, &moment.followed.zone, &plan.home_zone)
        )),
        sections,
        footer,
    })
}

fn item_row(plan: &CarePlan, item: &AgendaItem, moment: &Moment) -> Row {
    let today = moment.local(moment.now).date_naive();
    let mut row = Row::new(item.id.clone(), words::as_written(&item.title));
    row.time = Some(time_shown(moment.local(item.start), today));
    row.state = Some(words::state(item, |at| time_shown(moment.local(at), today)));
    row.emphasis = match item.state {
        ItemState::Late | ItemState::Due | ItemState::InProgress | ItemState::Unknown => Emphasis::Attention,
        ItemState::NotRecorded => Emphasis::Attention,
        ItemState::Completed | ItemState::Skipped(_) => Emphasis::Quiet,
        ItemState::Planned | ItemState::Partial | ItemState::Stopped => Emphasis::Plain,
    };
    if item.must_not_stop {
        row.details.push("This infusion must not stop.".to_owned());
    }
    if item.too_close {
        row.details.push(
            "This is closer to the dose before than the plan allows. Ask your nurse before you start.".to_owned(),
        );
    }
    if item.disagreement {
        row.details.push("Two people recorded this dose differently. Look at the journal.".to_owned());
    }
    if let (Some(window), true) = (&item.window, matches!(item.state, ItemState::Due | ItemState::Planned)) {
        let until = time_shown(moment.local(window.closes), today);
        let source = if window.from_plan { "your plan" } else { "a usual default, not your plan" };
        row.details.push(format!("On time until {until} ({source})."));
    }
    row.private_title = Some(words::private_title(item.kind).to_owned());
    let open = matches!(
        item.state,
        ItemState::Planned
            | ItemState::Due
            | ItemState::Late
            | ItemState::NotRecorded
            | ItemState::Unknown
            | ItemState::InProgress
    );
    if open {
        row.details.extend(words::next_steps(item, |at| time_shown(moment.local(at), today)));
    }
    if let Some(occurrence) = item.occurrence.as_ref().filter(|_| open) {
        row.actions = actions(item, occurrence.id, plan);
    }
    row.with_spoken_sentence()
}

fn actions(item: &AgendaItem, occurrence: OccurrenceId, _plan: &CarePlan) -> Vec<Action> {
    let action = |verb: &str, label: &str, emphasis| Action {
        id: format!("{verb}:{occurrence}"),
        label: label.to_owned(),
        emphasis,
    };
    let mut actions = Vec::new();
    let long_running = item.end.is_some() && matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication);
    if let Some(step) = item.steps.iter().find(|step| step.done_at.is_none()) {
        actions.push(Action {
            id: format!("step.done:{occurrence}:{}:{}", step.index, words::step_code(step.key)),
            label: format!("Done: {}", words::step(step)),
            emphasis: Emphasis::Plain,
        });
    }
    if item.state == ItemState::InProgress {
        actions.push(action("dose.finish", "Finished", Emphasis::Attention));
        actions.push(action("dose.stop", "Stopped before the end", Emphasis::Plain));
    } else {
        if long_running {
            actions.push(action("dose.start", "Start", Emphasis::Attention));
        }
        actions.push(action("dose.finish", "Done", if long_running { Emphasis::Plain } else { Emphasis::Attention }));
        actions.push(action("dose.skip", "Leave out", Emphasis::Quiet));
    }
    actions
}

fn questions(plan: &CarePlan, questions: &[homeline_schedule::Question]) -> Vec<Row> {
    let title_of =
        |id: &OrderId| plan.order(id).map_or_else(|| id.to_string(), |order| words::as_written(&order.title));
    let mut rows: Vec<Row> = questions
        .iter()
        .map(|question| {
            let name = question.order.as_ref().map_or_else(|| "Your plan".to_owned(), title_of);
            let mut row = Row::new(format!("question/{}", question.path), format!("{name}: {}", question.code.text()));
            row.details.extend(question.choices.iter().map(|choice| format!("– {}", choice.text)));
            row.emphasis = Emphasis::Attention;
            row.with_spoken_sentence()
        })
        .collect();
    rows.extend(plan.unreadable.iter().filter(|unreadable| unreadable.blocks_order).map(|unreadable| {
        let mut row = Row::new(
            format!("unreadable/{}", unreadable.resource),
            format!("{}: this order could not be read", unreadable.resource),
        );
        row.details.push(format!("{}: {}", unreadable.field, unreadable.reason));
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    }));
    rows
}

/// What of the team's own rules, limits and alarm steps cannot be used, and what holds in its place: never silently.
fn not_followed(plan: &CarePlan) -> Vec<Row> {
    let row = |id: String, title: String, reason: String| {
        let mut row = Row::new(id, title);
        row.details.push(reason);
        row.details.push("Tell your team.".to_owned());
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    };
    let of_rules = homeline_clinical::rule_faults(plan).into_iter().map(|fault| {
        let title = format!("A rule of your plan can not be used ({})", fault.rule);
        row(format!("rule/{}", fault.rule), title, fault.reason)
    });
    let of_elements = plan
        .unreadable
        .iter()
        .filter(|unreadable| !unreadable.blocks_order && unreadable.resource.starts_with("CarePlan/"))
        .map(|unreadable| {
            let title = "A part of your plan can not be read. The built-in rule is used.".to_owned();
            let reason = format!("{}: {}", unreadable.field, unreadable.reason);
            row(format!("unreadable/{}/{}", unreadable.resource, unreadable.field), title, reason)
        });
    of_rules.chain(of_elements).collect()
}

fn act(store: &mut Store, moment: &Moment, action: &str, input: ActionInput) -> Result<Logged, HomelineError> {
    let mut parts = action.split(':');
    let verb = parts.next().unwrap_or_default();
    let occurrence: OccurrenceId = parts.next().and_then(|id| id.parse().ok()).ok_or_else(|| {
        HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.")
    })?;
    let span = Span::new(moment.now - ACTION_REACH, moment.now + ACTION_REACH);
    let View { plan, agenda } = view(store, moment, span)?;
    let item =
        agenda.items.iter().find(|item| item.occurrence.as_ref().is_some_and(|o| o.id == occurrence)).ok_or_else(
            || {
                HomelineError::new(
                    ErrorKind::NotFound,
                    "agenda.occurrence",
                    "this dose is not in the plan of these two weeks any more",
                    "Look at today's screen again.",
                )
            },
        )?;
    let at = input.at.unwrap_or(moment.now);
    if at > moment.now + FUTURE_SLACK {
        return Err(HomelineError::input(
            "at",
            "the time is still to come",
            "Record what has happened, not what will.",
        ));
    }
    let medicine = matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication);
    if !medicine && matches!(verb, "dose.start" | "dose.stop") {
        return Err(HomelineError::input(
            "action",
            "only a medicine is started or stopped",
            "Record this as done, or leave it out.",
        ));
    }
    match verb {
        "step.done" => {
            let index = parts.next().and_then(|index| index.parse::<u32>().ok());
            let step = item.steps.iter().find(|step| Some(step.index) == index).ok_or_else(|| {
                HomelineError::input("action", "this dose has no such step", "Look at today's screen again.")
            })?;
            step_done(store, moment, item, step.key, step.done_at.is_some(), at, &input)
        }
        "step.take-out" => match item.steps.iter().find(|step| step.key == StepKey::TakeOut) {
            Some(step) => step_done(store, moment, item, step.key, step.done_at.is_some(), at, &input),
            None => Err(HomelineError::input(
                "action",
                "this dose has nothing to take out",
                "Look at today's screen again.",
            )),
        },
        "dose.start" => state(store, moment, &plan, item, AdministrationStatus::InProgress, at, &input),
        "dose.finish" => state(store, moment, &plan, item, AdministrationStatus::Completed, at, &input),
        "dose.stop" => {
            let status =
                if input.volume_ml.is_some() { AdministrationStatus::Partial } else { AdministrationStatus::Stopped };
            state(store, moment, &plan, item, status, at, &input)
        }
        "dose.skip" => state(store, moment, &plan, item, AdministrationStatus::Skipped, at, &input),
        _ => Err(HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.")),
    }
}

fn step_done(
    store: &mut Store,
    moment: &Moment,
    item: &AgendaItem,
    step: StepKey,
    done_before: bool,
    at: DateTime<Utc>,
    input: &ActionInput,
) -> Result<Logged, HomelineError> {
    let occurrence = item.occurrence.as_ref().ok_or_else(HomelineError::closed)?;
    if done_before {
        let earlier = store.vault()?.read(|tx| tx.entries_of_occurrence(occurrence.id))?;
        let same =
            earlier.iter().find(|entry| matches!(&entry.body, EntryBody::StepDone { step: done, .. } if *done == step));
        if let Some(entry) = same {
            return Ok(Logged { entry: entry.id, advice: Vec::new() });
        }
    }
    let mut statement = Statement::by_hand(EntryBody::StepDone { step, note: input.reason.clone() });
    statement.order = Some(occurrence.order.clone());
    statement.occurrence = Some(occurrence.id);
    statement.happened_at = input.at.map(|_| (at, TimeBasis::Typed));
    store.record(moment, statement)
}

fn state(
    store: &mut Store,
    moment: &Moment,
    plan: &CarePlan,
    item: &AgendaItem,
    status: AdministrationStatus,
    at: DateTime<Utc>,
    input: &ActionInput,
) -> Result<Logged, HomelineError> {
    let occurrence = item.occurrence.as_ref().ok_or_else(HomelineError::closed)?;
    let reason = input.reason.clone().map(|reason| checked_text("reason", reason)).transpose()?;
    let needs_reason =
        matches!(status, AdministrationStatus::Skipped | AdministrationStatus::Stopped | AdministrationStatus::Partial);
    if needs_reason && reason.is_none() {
        return Err(HomelineError::input("reason", "it is missing", "Say why in a few words: your team will ask."));
    }
    let current = item.statements.iter().rev().find(|statement| !statement.superseded);
    if let Some(current) = current
        && repeats(current.administration.status, status)
    {
        return Ok(Logged { entry: current.entry, advice: Vec::new() });
    }
    let mut administration = Administration::new(status);
    let starts = status == AdministrationStatus::InProgress;
    administration.started_at = if starts { Some(at) } else { item.started_at };
    if !starts && status != AdministrationStatus::Skipped {
        administration.ended_at = Some(at);
        if administration.started_at.is_some_and(|started| started > at) {
            return Err(HomelineError::input(
                "at",
                "the end is before the start",
                "Give a later time, or correct the start.",
            ));
        }
    }
    administration.volume_given = input.volume_ml.map(|volume| Quantity::new(volume, "mL"));
    administration.reason = reason;
    administration.lot = input.lot.clone();
    let order = plan.order(&occurrence.order.id);
    administration.dose_ordered =
        order.and_then(|o| o.dosages.get(occurrence.dosage_index)).and_then(|d| d.dose.clone());
    administration.skip_decision = (status == AdministrationStatus::Skipped).then_some(if input.care_team_said {
        SkipDecision::CareTeam
    } else {
        SkipDecision::Home
    });

    let amends: Option<EntryId> = current.map(|current| current.entry);
    let mut statement = Statement::by_hand(EntryBody::Administration(administration));
    statement.order = Some(occurrence.order.clone());
    statement.occurrence = Some(occurrence.id);
    statement.amends = amends;
    statement.happened_at = input.at.map(|_| (at, TimeBasis::Typed));
    store.record(moment, statement)
}

/// A second tap of the same button, or a start after the end: it changes nothing.
fn repeats(current: AdministrationStatus, asked: AdministrationStatus) -> bool {
    use AdministrationStatus as Status;
    match asked {
        Status::InProgress => {
            matches!(current, Status::InProgress | Status::Completed | Status::Partial | Status::Stopped)
        }
        Status::Completed | Status::Partial | Status::Stopped | Status::Skipped | Status::Unknown => current == asked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_after_the_end_starts_nothing_again() {
        use AdministrationStatus as Status;
        assert!(repeats(Status::Completed, Status::InProgress));
        assert!(repeats(Status::InProgress, Status::InProgress));
        assert!(!repeats(Status::Skipped, Status::InProgress), "left out first, then given after all");
        assert!(!repeats(Status::Completed, Status::Partial), "a correction");
    }
}
