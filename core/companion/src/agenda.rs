//! What is to be done, and doing it.
//!
//! The agenda is computed anew from orders, journal and now, so that nothing can be stale. An action carries the
//! occurrence's id: a late tap, a double tap or a tap on another phone lands on the right dose, once.

use crate::access::Access;
use crate::alarms;
use crate::as_needed;
use crate::card;
use crate::caregivers;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::inbox_news;
use crate::infusions::{self, pattern, planned_look, suggestion};
use crate::insight;
use crate::journal::{checked_text, not_to_come};
use crate::messages;
use crate::moment::Moment;
use crate::plan_news;
use crate::plan_questions;
use crate::ports::{Change, NotificationPermission, PortError};
use crate::pump_alarms;
use crate::screen::{Action, Emphasis, Privacy, Row, Screen, Section};
use crate::store::{Logged, Statement, Store};
use crate::texts::{LANGUAGES, Texts};
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_clinical::Language;
use homeline_model::{
    Administration, AdministrationStatus, AdviceLevel, CarePlan, Decimal, Entry, EntryBody, EntryId, EntryKind,
    OccurrenceId, OrderId, OrderStatus, Quantity, SkipDecision, StepKey, TimeBasis, TimePolicy,
};
use homeline_schedule::{AgendaInput, AgendaItem, AgendaKind, AgendaStep, ItemState, Occurrence, Span, Zones};
use homeline_vault::{Direction, TimelineQuery};
use std::sync::{Arc, PoisonError};

/// The words of the section of today's screen that holds what is taken as needed.
const WHEN_NEEDED: &str = "today.when-needed";
/// How far back a dose stays on today's screen while nobody has said what became of it.
const STILL_OPEN: Duration = Duration::hours(36);
/// How far around now an action finds its occurrence.
const ACTION_REACH: Duration = Duration::days(14);
/// How far back what was not recorded is looked for: as far as the zone's rules reach.
const LONGEST_GAP: Duration = Duration::days(399);
/// How far back today's screen counts what was not recorded.
const SHOWN_GAP: Duration = Duration::days(14);
/// How long before its planned start something may be said about a dose: a step, or a dose that was given early.
pub(crate) const STATEMENTS_BEFORE: Duration = Duration::days(8);

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
    /// Today's screen. It asks the phone whether reminders can ring, so that a permission that is gone shows at once.
    pub async fn today(&self) -> Result<Screen, HomelineError> {
        let permission = self.inner.platform.run(|platform| Ok(alarms::permission(platform))).await?;
        let waits = self.inner.folded.lock().unwrap_or_else(PoisonError::into_inner).waits.clone();
        let shell = Shell { permission, waits };
        self.inner.allowed(Access::See("today"), move |store, moment| today(store, moment, &shell)).await
    }

    /// When today's screen is another without anybody doing anything: the next midnight here, or the next time at which a
    /// window opens or closes. A shell reads the screen again then.
    pub async fn changes_at(&self) -> Result<DateTime<Utc>, HomelineError> {
        self.inner.allowed(Access::See("today"), |store, moment| changes_at(store, moment)).await
    }

    /// Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded, as
    /// a screen; oldest first.
    pub async fn overdue(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("today"), |store, moment| overdue_screen(store, moment)).await
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
        self.inner
            .allowed(Access::See("today"), move |store, moment| {
                Ok(view(store, moment, Span::new(from, to))?.agenda.items)
            })
            .await
    }

    /// Carries out an action of a row. Doing it twice does it once: the second answer names the first one's entry. Leaving
    /// what a row suggests writes nothing: the answer then names the entry from which it was suggested.
    ///
    /// Actions of other screens come here too: of a question (`message.ask`), a draft, a request.
    ///
    /// Errors: `BadInput` (not an action, a time that is not acceptable, a reason that is missing), `NotFound` (the dose
    /// is not in the plan any more), `NotAllowed`.
    pub async fn act(&self, action: String, input: ActionInput) -> Result<Logged, HomelineError> {
        let access = access_of(&action);
        let is_message = action.starts_with("message.");
        let logged = self
            .inner
            .allowed(access, move |store, moment| {
                let logged = act(store, moment, &action, input)?;
                card::refresh(store, moment, true)?;
                Ok(logged)
            })
            .await?;
        self.inner.announce(if is_message { Change::Messages } else { Change::Journal });
        Ok(logged)
    }
}

/// What an action needs.
fn access_of(action: &str) -> Access {
    match action.split(['.', ':']).next() {
        Some("message") => Access::Message,
        Some("alarm") => Access::Acknowledge,
        // Whoever was asked may answer.
        Some("request") => Access::See("requests"),
        Some("plan") => Access::See("today"),
        Some(_) | None => Access::Log,
    }
}

/// Whether a section of today's screen holds what is taken as needed, in whatever language it is.
pub fn is_when_needed(section: &Section) -> bool {
    let said = |(tag, _)| Texts { language: Language::from_tag(tag) }.say(WHEN_NEEDED);
    section.title.as_ref().is_some_and(|title| LANGUAGES.into_iter().any(|language| said(language) == *title))
}

/// The agenda with what it was made from.
pub(crate) struct View {
    pub(crate) plan: Arc<CarePlan>,
    pub(crate) agenda: homeline_schedule::Agenda,
}

/// The agenda over a span, from the plan and the journal.
pub(crate) fn view(store: &Store, moment: &Moment, span: Span) -> Result<View, HomelineError> {
    view_of(store, moment, span, &dose_entries(store, span.from - STATEMENTS_BEFORE)?)
}

/// The agenda over a span, from the plan and these statements about doses and steps.
pub(crate) fn view_of(store: &Store, moment: &Moment, span: Span, entries: &[Entry]) -> Result<View, HomelineError> {
    let plan = store.require_plan()?;
    let mut agenda = homeline_schedule::agenda(&input(&plan, entries, moment), moment.now, span);
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
    let mut entries = Vec::new();
    for order in counting {
        let before = TimelineQuery {
            kinds: vec![EntryKind::Administration],
            order: Some(order),
            until: Some(from),
            ..TimelineQuery::default()
        };
        entries.extend(store.vault()?.timeline(&before)?.entries.into_iter().rev());
    }
    let about_doses = vec![EntryKind::Administration, EntryKind::StepDone, EntryKind::Caregiving];
    entries.extend(entries_of(store, about_doses, from)?);
    Ok(entries)
}

/// Entries of these kinds, from an instant on, oldest first.
pub(crate) fn entries_of(
    store: &Store,
    kinds: Vec<EntryKind>,
    from: DateTime<Utc>,
) -> Result<Vec<Entry>, HomelineError> {
    let query =
        TimelineQuery { kinds, from: Some(from), direction: Direction::OldestFirst, ..TimelineQuery::default() };
    Ok(store.vault()?.read(|tx| tx.timeline_whole(query))?)
}

/// Ordered duties of the past about which nobody recorded anything.
pub(crate) fn overdue(store: &Store, moment: &Moment) -> Result<Vec<AgendaItem>, HomelineError> {
    let plan = store.require_plan()?;
    let since = store.profile.since.max(moment.now - LONGEST_GAP);
    let entries = dose_entries(store, since - STATEMENTS_BEFORE)?;
    Ok(homeline_schedule::overdue(&input(&plan, &entries, moment), since, moment.now))
}

fn overdue_screen(store: &Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let plan = store.require_plan()?;
    let items = overdue(store, moment)?;
    let rows: Vec<Row> = items.iter().map(|item| item_row(&plan, item, moment)).collect();
    let title = match rows.len() {
        0 => moment.texts.say("overdue.none"),
        number => moment.texts.fill("overdue.some", &[("number", &number)]),
    };
    Ok(Screen {
        id: "overdue".to_owned(),
        title,
        subtitle: Some(plan.patient.name.clone()),
        sections: vec![Section { title: None, rows }],
        footer: words::numbers_to_call(&plan),
        privacy: Privacy::default(),
    })
}

/// The local day of now.
fn day_of(moment: &Moment) -> Span {
    homeline_schedule::zone::day_span(&moment.here, moment.local(moment.now).date_naive())
        .unwrap_or_else(|| Span::new(moment.now - Duration::hours(12), moment.now + Duration::hours(12)))
}

fn changes_at(store: &Store, moment: &Moment) -> Result<DateTime<Utc>, HomelineError> {
    let day = day_of(moment);
    let items = view(store, moment, Span::new(day.from - STILL_OPEN, day.to))?.agenda.items;
    let times = items.iter().filter(|item| item.state.is_open()).flat_map(|item| {
        let window = item.window.map(|window| [window.opens, window.closes + Duration::seconds(1)]);
        window.into_iter().flatten().chain([item.start])
    });
    Ok(times.filter(|at| *at > moment.now).chain([day.to]).min().unwrap_or(day.to))
}

/// What today's screen tells beside plan and journal.
struct Shell {
    /// Whether reminders can ring; `None` where nobody can say.
    permission: Option<Result<NotificationPermission, PortError>>,
    /// Why a part of what came while the phone was locked waits.
    waits: Option<HomelineError>,
}

fn today(store: &mut Store, moment: &Moment, shell: &Shell) -> Result<Screen, HomelineError> {
    let day = moment.local(moment.now).date_naive();
    let day_span = day_of(moment);
    let shown = Span::new(day_span.from - STILL_OPEN, day_span.to);
    // From here on the last days are held in memory.
    store.triage(moment)?;
    let View { plan, agenda } = today_view(store, moment, shown)?;
    let runs = infusions::recent_runs(store, moment, &plan, &agenda.items)?;
    let mut pump_rows = suggestion::rows(store, moment, &runs)?;
    pump_rows.extend(pattern::rows(store, moment)?);

    let mut now_rows = Vec::new();
    let mut later_rows = Vec::new();
    let mut done_rows = Vec::new();
    for item in agenda.items.iter().filter(|item| shown.contains(item.start)) {
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
        let mut row = item_row(&plan, item, moment);
        differences(&mut row, item, &runs);
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
    let trend_rows = insight::today_rows(store, moment, &plan)?;
    let ask_rows = questions(&plan, &agenda.questions, moment.texts);
    let nothing_planned = [&now_rows, &later_rows, &done_rows, &ask_rows].iter().all(|rows| rows.is_empty());
    // Whom to call comes before everything else, and stays there until the team closes it.
    let call_rows: Vec<Row> = store
        .triage(moment)?
        .open()
        .iter()
        .filter(|open| open.advice.level > AdviceLevel::Note)
        .map(|open| open.row(moment.texts))
        .collect();
    let mut first_rows = as_needed::stay_row(&plan, moment).into_iter().collect::<Vec<Row>>();
    first_rows.extend(alarms::rows(store, moment, shell.permission.as_ref())?);
    first_rows.extend(inbox_news::rows(store, moment, shell.waits.as_ref())?);
    first_rows.extend(plan_news::rows(store, moment)?);
    first_rows.extend(before_row(&agenda.items, moment.texts, shown.from));
    let needed_rows = as_needed::rows(store, moment, &plan)?;
    let mut sections = Vec::new();
    let texts = moment.texts;
    for (title, rows) in [
        (texts.say("today.call"), call_rows),
        (texts.say("today.pump-alarms"), pump_alarms::rows(store, moment, &plan)?),
        (texts.say("today.first"), first_rows),
        (texts.say("today.pump-says"), pump_rows),
        (texts.say("today.not-followed"), not_followed(&plan, texts)),
        (texts.say("today.now"), now_rows),
        (texts.say("today.trends"), trend_rows),
        (texts.say("today.later"), later_rows),
        (texts.say(WHEN_NEEDED), needed_rows),
        (texts.say("today.done"), done_rows),
        (texts.say("today.ask"), ask_rows),
    ] {
        if !rows.is_empty() {
            sections.push(Section { title: Some(title), rows });
        }
    }
    if nothing_planned {
        sections.push(Section { title: None, rows: vec![Row::new("nothing", texts.say("today.nothing"))] });
    }
    let mut footer = words::numbers_to_call(&plan);
    footer.push(texts.say("not-watched"));
    Ok(Screen {
        id: "today".to_owned(),
        title: texts.weekday(day),
        subtitle: Some(format!(
            "{} · {} · {}{}",
            plan.patient.name,
            plan.title,
            moment.local(moment.now).format("%H:%M"),
            words::away(texts, &moment.here.zone, &moment.followed.zone, &plan.home_zone)
        )),
        sections,
        footer,
        privacy: Privacy::default(),
    })
}

/// The agenda that all of today's screen is made from, computed once: what is shown, the days before it in which something may
/// not be recorded, and those in which a dose may lie that a pump or a look tells of.
fn today_view(store: &Store, moment: &Moment, shown: Span) -> Result<View, HomelineError> {
    let gap = (store.profile.since < shown.from).then(|| shown.from - SHOWN_GAP);
    let told = infusions::reach(store, moment)?;
    let from = gap.into_iter().chain(told.map(|told| told.from)).fold(shown.from, DateTime::min);
    let to = told.map_or(shown.to, |told| told.to.max(shown.to));
    let whole = view(store, moment, Span::new(from, to))?;
    // More doses than one agenda holds: what is shown comes first.
    match whole.agenda.next {
        Some(next) if next < shown.to => view(store, moment, shown),
        Some(_) | None => Ok(whole),
    }
}

/// Doses that were not recorded before those that today's screen shows: how many, so that a gap is not forgotten.
fn before_row(items: &[AgendaItem], texts: Texts, before: DateTime<Utc>) -> Option<Row> {
    let gap = Span::new(before - SHOWN_GAP, before);
    let open = items
        .iter()
        .filter(|item| gap.contains(item.start) && item.is_a_dose() && item.state == ItemState::NotRecorded);
    let open = open.count();
    (open > 0).then(|| {
        let mut row = Row::new("overdue", texts.fill("agenda.overdue-before", &[("number", &open)]));
        row.details.push(texts.say("agenda.overdue-do"));
        row.emphasis = Emphasis::Attention;
        row.private_title = Some(texts.say("private.not-recorded"));
        row.with_spoken_sentence()
    })
}

/// What pump or eye say otherwise than hand, on the row of the dose.
fn differences(row: &mut Row, item: &AgendaItem, runs: &[infusions::run::Run]) {
    let id = item.occurrence.as_ref().map(|occurrence| occurrence.id);
    let of_dose = runs.iter().filter(|run| id.is_some() && run.occurrence == id && run.differs());
    let lines: Vec<String> = of_dose.flat_map(|run| run.difference.iter().cloned()).collect();
    if lines.is_empty() {
        return;
    }
    row.details.extend(lines);
    if row.emphasis != Emphasis::Urgent {
        row.emphasis = Emphasis::Attention;
    }
    *row = row.clone().with_spoken_sentence();
}

/// The dose as ordered for an occurrence.
pub(crate) fn dose_ordered(plan: &CarePlan, occurrence: &Occurrence) -> Option<Quantity> {
    let order = plan.order(&occurrence.order.id)?;
    order.dosages.get(occurrence.dosage_index).and_then(|dosage| dosage.dose.clone())
}

pub(crate) fn item_row(plan: &CarePlan, item: &AgendaItem, moment: &Moment) -> Row {
    let texts = moment.texts;
    let mut row = Row::new(item.id.clone(), words::as_written(texts, &item.title));
    row.time = Some(moment.shown(item.start));
    row.state = Some(words::state(texts, item, |at| moment.shown(at)));
    row.emphasis = match item.state {
        ItemState::Late | ItemState::Due | ItemState::InProgress | ItemState::Unknown => Emphasis::Attention,
        ItemState::NotRecorded => Emphasis::Attention,
        ItemState::Completed | ItemState::Skipped(_) => Emphasis::Quiet,
        ItemState::Planned | ItemState::Partial | ItemState::Stopped => Emphasis::Plain,
    };
    if item.must_not_stop {
        row.details.push(moment.texts.say("agenda.must-not-stop"));
    }
    if item.too_close {
        row.details.push(moment.texts.say("agenda.too-close"));
    }
    if let Some(lab) = &item.lab_first {
        row.details.push(moment.texts.fill("agenda.lab-first", &[("lab", &lab.title)]));
    }
    if let Some(at) = item.not_before.filter(|at| *at > moment.now) {
        row.details.push(texts.fill("agenda.not-before", &[("time", &moment.shown(at))]));
    }
    let ended = item.occurrence.as_ref().and_then(|occurrence| plan.order(&occurrence.order.id));
    let in_force = ended.is_some_and(|order| order.status == OrderStatus::Active);
    if item.state == ItemState::InProgress && item.occurrence.is_some() && !in_force {
        row.details.push(moment.texts.say("agenda.order-changed"));
        row.emphasis = Emphasis::Urgent;
    }
    let clashes = caregivers::clash_lines(texts, item, |at| moment.shown(at));
    if !clashes.is_empty() {
        row.emphasis = if item.possible_double { Emphasis::Urgent } else { Emphasis::Attention };
        row.details.extend(clashes);
    }
    if let (Some(window), true) = (&item.window, matches!(item.state, ItemState::Due | ItemState::Planned)) {
        let until = moment.shown(window.closes);
        let key = if window.from_plan { "agenda.on-time-plan" } else { "agenda.on-time-usual" };
        row.details.push(texts.fill(key, &[("time", &until)]));
    }
    row.private_title = Some(words::private_title(texts, item.kind));
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
        let expected = |step: &AgendaStep| planned_look::words(texts, plan, item, step);
        row.details.extend(words::next_steps(texts, item, |at| moment.shown(at), expected));
    }
    if let Some(occurrence) = &item.occurrence {
        row.actions = caregivers::settle_actions(texts, item, occurrence.id);
        if open {
            row.actions.extend(actions(item, occurrence.id, moment));
        }
    }
    row.with_spoken_sentence()
}

fn actions(item: &AgendaItem, occurrence: OccurrenceId, moment: &Moment) -> Vec<Action> {
    let texts = moment.texts;
    let action = |verb: &str, label: &'static str, emphasis| Action {
        id: format!("{verb}:{occurrence}"),
        label: texts.say(label),
        emphasis,
    };
    let mut actions = Vec::new();
    let long_running = item.end.is_some() && matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication);
    if let Some(step) = item.steps.iter().find(|step| step.is_open()) {
        actions.push(Action {
            id: format!("step.done:{occurrence}:{}:{}", step.index, words::step_code(step.key)),
            label: texts.fill("agenda.done-step", &[("step", &words::step(texts, step))]),
            emphasis: Emphasis::Plain,
        });
    }
    let waits = item.lab_first.is_some() || item.not_before.is_some_and(|at| at > moment.now);
    if item.state != ItemState::InProgress && waits {
        let verb = if long_running { "start" } else { "finish" };
        actions.push(Action {
            id: format!("dose.insist:{occurrence}:{verb}"),
            label: texts.say("agenda.insist"),
            emphasis: Emphasis::Quiet,
        });
        actions.push(action("dose.skip", "agenda.leave-out", Emphasis::Quiet));
    } else if item.state == ItemState::InProgress {
        actions.push(action("dose.finish", "agenda.finished", Emphasis::Attention));
        actions.push(action("dose.stop", "agenda.stopped", Emphasis::Plain));
    } else {
        if long_running {
            actions.push(action("dose.start", "agenda.start", Emphasis::Attention));
        }
        actions.push(action(
            "dose.finish",
            "agenda.done",
            if long_running { Emphasis::Plain } else { Emphasis::Attention },
        ));
        actions.push(action("dose.skip", "agenda.leave-out", Emphasis::Quiet));
    }
    actions
}

fn questions(plan: &CarePlan, questions: &[homeline_schedule::Question], texts: Texts) -> Vec<Row> {
    let title_of =
        |id: &OrderId| plan.order(id).map_or_else(|| id.to_string(), |order| words::as_written(texts, &order.title));
    let mut rows: Vec<Row> = questions
        .iter()
        .map(|question| {
            let name = question.order.as_ref().map_or_else(|| texts.say("agenda.your-plan"), title_of);
            let mut row = Row::new(
                format!("question/{}", question.path),
                format!("{name}: {}", plan_questions::words(texts, question.code)),
            );
            row.details
                .extend(question.choices.iter().map(|choice| format!("– {}", plan_questions::choice(texts, choice))));
            row.emphasis = Emphasis::Attention;
            row.with_spoken_sentence()
        })
        .collect();
    rows.extend(homeline_clinical::trend_faults(plan).into_iter().map(|fault| {
        let mut row =
            Row::new(format!("trend/{}", fault.rule), texts.fill("agenda.trend-fault", &[("rule", &fault.rule)]));
        row.details.push(fault.reason);
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    }));
    rows.extend(plan.unreadable.iter().filter(|unreadable| unreadable.blocks_order).map(|unreadable| {
        let mut row = Row::new(
            format!("unreadable/{}", unreadable.resource),
            texts.fill("agenda.unreadable", &[("resource", &unreadable.resource)]),
        );
        row.details.push(format!("{}: {}", unreadable.field, unreadable.reason));
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    }));
    rows
}

/// What of the team's own rules, limits and alarm steps cannot be used, and what holds in its place: never silently.
fn not_followed(plan: &CarePlan, texts: Texts) -> Vec<Row> {
    let row = |id: String, title: String, reason: String| {
        let mut row = Row::new(id, title);
        row.details.push(reason);
        row.details.push(texts.say("agenda.tell-team"));
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    };
    let of_rules = homeline_clinical::rule_faults(plan).into_iter().map(|fault| {
        let title = texts.fill("agenda.rule-fault", &[("rule", &fault.rule)]);
        row(format!("rule/{}", fault.rule), title, fault.reason)
    });
    let of_elements = plan
        .unreadable
        .iter()
        .filter(|unreadable| !unreadable.blocks_order && unreadable.resource.starts_with("CarePlan/"))
        .map(|unreadable| {
            let title = texts.say("agenda.part-fault");
            let reason = format!("{}: {}", unreadable.field, unreadable.reason);
            row(format!("unreadable/{}/{}", unreadable.resource, unreadable.field), title, reason)
        });
    of_rules.chain(of_elements).collect()
}

fn act(store: &mut Store, moment: &Moment, action: &str, input: ActionInput) -> Result<Logged, HomelineError> {
    if let Some(done) = act_on_pump(store, moment, action, &input)? {
        return Ok(done);
    }
    let mut parts = action.split(':');
    let verb = parts.next().unwrap_or_default();
    if verb.starts_with("message.") {
        return messages::act(store, moment, verb, &mut parts);
    }
    if verb == "plan.read" {
        return plan_news::read(store, parts.next().unwrap_or_default());
    }
    if matches!(verb, "request.done" | "request.refuse") {
        return caregivers::answer_action(store, moment, verb, parts.next().unwrap_or_default(), input.reason);
    }
    let occurrence: OccurrenceId = parts.next().and_then(|id| id.parse().ok()).ok_or_else(|| {
        HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.")
    })?;
    let plan = store.require_plan()?;
    let item = &find(store, moment, &plan, occurrence)?;
    let at = input.at.unwrap_or(moment.now);
    not_to_come("at", at, moment.now)?;
    let medicine = matches!(item.kind, AgendaKind::Medication | AgendaKind::Premedication);
    if !medicine && matches!(verb, "dose.start" | "dose.stop") {
        return Err(HomelineError::input(
            "action",
            "only a medicine can start or stop",
            "Record this as done, or leave it out.",
        ));
    }
    let insists = verb == "dose.insist";
    let verb = match verb {
        "dose.insist" => match parts.next() {
            Some("start") => "dose.start",
            Some("finish") | None => "dose.finish",
            Some(_) => "",
        },
        verb => verb,
    };
    // A tablet does not run: started is taken.
    let verb = if verb == "dose.start" && as_needed::is_momentary(&plan, item) { "dose.finish" } else { verb };
    let mut input = input;
    if matches!(verb, "dose.start" | "dose.finish") {
        let wait = as_needed::order_says_wait(store, moment, &plan, item, at)?;
        match wait {
            Some(wait) if !insists => return Err(wait.into_error(&plan)),
            // Whoever insists has done it: it is recorded, with what the order said.
            Some(wait) => input.reason = input.reason.or(Some(wait.recorded())),
            None => {}
        }
    }
    match verb {
        "dose.settle" => caregivers::settle_action(store, moment, occurrence, parts.next()),
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

/// Actions of rows about pumps: an alarm that was seen, a suggestion that is taken, a question that is asked. `None` for
/// every other action.
fn act_on_pump(
    store: &mut Store,
    moment: &Moment,
    action: &str,
    input: &ActionInput,
) -> Result<Option<Logged>, HomelineError> {
    let not_an_action =
        || HomelineError::input("action", "this is not an action of a row", "Take the id of a row's action.");
    let Some((verb, rest)) = action.split_once(':') else { return Ok(None) };
    match verb {
        pump_alarms::SEEN => {
            let raised: EntryId = rest.parse().map_err(|_| not_an_action())?;
            pump_alarms::seen(store, moment, raised).map(Some)
        }
        suggestion::LOG => {
            let (occurrence, what) = rest.split_once(':').ok_or_else(not_an_action)?;
            let occurrence = occurrence.parse().map_err(|_| not_an_action())?;
            suggestion::log(store, moment, occurrence, what, input).map(Some)
        }
        suggestion::DISMISS => {
            let (occurrence, what) = rest.split_once(':').ok_or_else(not_an_action)?;
            let occurrence = occurrence.parse().map_err(|_| not_an_action())?;
            suggestion::dismiss(store, moment, occurrence, what).map(Some)
        }
        pattern::ASK => pattern::ask(store, moment, rest).map(Some),
        pattern::LEAVE => pattern::leave(store, moment, rest).map(Some),
        _ => Ok(None),
    }
}

/// The item of an occurrence, wherever it is: around now, among what is taken as needed, or in the past after a gap.
pub(crate) fn find(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    occurrence: OccurrenceId,
) -> Result<AgendaItem, HomelineError> {
    let is_it = |item: &AgendaItem| item.occurrence.as_ref().is_some_and(|o| o.id == occurrence);
    let near = Span::new(moment.now - ACTION_REACH, moment.now + ACTION_REACH);
    if let Some(item) = view(store, moment, near)?.agenda.items.into_iter().find(is_it) {
        return Ok(item);
    }
    if let Some(item) = as_needed::all(store, plan, moment.now)?.into_iter().map(|n| n.item).find(is_it) {
        return Ok(item);
    }
    let past = Span::new(moment.now - LONGEST_GAP, near.from);
    view(store, moment, past)?.agenda.items.into_iter().find(is_it).ok_or_else(|| {
        HomelineError::new(
            ErrorKind::NotFound,
            "agenda.occurrence",
            "this dose is not in the plan any more",
            "Look at today's screen again.",
        )
    })
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
    // What stands is not said again; only what one wrote oneself is amended. What another person wrote stays theirs.
    let author = store.author(plan);
    let own = item.standing_statements().rfind(|statement| homeline_schedule::same_person(&statement.author, &author));
    if let Some(current) = own.or_else(|| item.standing())
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
    administration.dose_ordered = dose_ordered(plan, occurrence);
    administration.skip_decision = (status == AdministrationStatus::Skipped).then_some(if input.care_team_said {
        SkipDecision::CareTeam
    } else {
        SkipDecision::Home
    });

    let amends: Option<EntryId> = own.map(|own| own.entry);
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
