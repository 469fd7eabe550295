//! The notification plan: which alarms the phone should hold now.
//!
//! A phone holds few alarms (64 on iOS) and drops the rest without a word. So the plan is one deterministic list within a
//! budget: the soonest first, with slots kept for safety alarms further out, an instant up to which nothing is left out,
//! and a last alarm at that instant that asks to open the app. It is made from the orders, the journal and the clock
//! alone, so that it comes out the same after a reboot, an update or a force-stop. Each dose rings once; what rings again
//! is a repeat, and says so.

use crate::agenda::{AgendaInput, agenda_in};
use crate::agenda_item::AgendaItem;
use crate::checklist::Detail;
use crate::notification_pump_alarm::{PumpAlarm, pump_alarm_rings};
use crate::notification_ring::Rings;
use crate::notification_text::Text;
use crate::span::Span;
use crate::zone::to_local;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use homeline_model::{CarePlan, OccurrenceId, Order, OrderStatus, PersonId};
use std::collections::HashSet;

/// Whose phone it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The patient's: every alarm.
    Patient,
    /// A caregiver's: only what nobody has answered.
    Caregiver,
}

/// The hours in which the phone makes no sound, by the clock of where it is. They may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// From (in).
    pub from: NaiveTime,
    /// To (out). The same as `from` is the whole day.
    pub to: NaiveTime,
}

impl QuietHours {
    /// Whether a time of the clock lies inside.
    pub fn hold(&self, time: NaiveTime) -> bool {
        if self.from < self.to { self.from <= time && time < self.to } else { time >= self.from || time < self.to }
    }
}

/// How the phone is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationSettings {
    /// How many alarms the platform holds.
    pub budget: usize,
    /// How many of them are kept for safety alarms that are further out than the rest.
    pub safety_slots: usize,
    /// Minutes after the first ring at which a dose rings again. What the plan says stands above it.
    pub repeat_minutes: Vec<u32>,
    /// Minutes after the first ring at which a caregiver's phone rings; `None` is never. What the plan says stands above it.
    pub escalate_after_minutes: Option<u32>,
    /// Minutes after the first ring at which the phone says to call the care team; `None` is never. What the plan says
    /// stands above it.
    pub team_after_minutes: Option<u32>,
    /// Whose phone it is.
    pub audience: Audience,
    /// Which caregiver's phone it is: it rings when they are on duty. `None` rings always.
    pub caregiver: Option<PersonId>,
    /// When it makes no sound. Safety alarms sound all the same.
    pub quiet_hours: Option<QuietHours>,
    /// Drugs may be named on the locked screen.
    pub names_on_lock_screen: bool,
    /// How many days ahead to plan at most.
    pub horizon_days: u32,
    /// Minutes before a visit.
    pub visit_lead_minutes: u32,
}

impl Default for NotificationSettings {
    /// The patient's phone, with the budget of iOS (64 pending local notifications).
    fn default() -> Self {
        Self {
            budget: 64,
            safety_slots: 8,
            repeat_minutes: vec![10, 30],
            escalate_after_minutes: Some(45),
            team_after_minutes: None,
            audience: Audience::Patient,
            caregiver: None,
            quiet_hours: None,
            names_on_lock_screen: false,
            horizon_days: 60,
            visit_lead_minutes: 60,
        }
    }
}

impl NotificationSettings {
    /// The same under a plan: who is told when, is the plan's to say.
    fn under(&self, plan: &CarePlan) -> Self {
        match &plan.escalation {
            None => self.clone(),
            Some(escalation) => Self {
                repeat_minutes: escalation.repeat_minutes.clone(),
                escalate_after_minutes: escalation.caregiver_minutes,
                team_after_minutes: escalation.team_minutes,
                ..self.clone()
            },
        }
    }
}

/// "Later", said about one dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snooze {
    /// Which.
    pub occurrence: OccurrenceId,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// What people answered to alarms.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers<'a> {
    /// Put off.
    pub snoozes: &'a [Snooze],
    /// Seen and taken over: no repeats, no escalation.
    pub acknowledged: &'a [OccurrenceId],
    /// Alarms that stand on a pump and that nobody has seen. One that was seen or mended is not given here, and rings no
    /// more.
    pub pump_alarms: &'a [PumpAlarm],
}

/// What an alarm is about. In the order in which one gives way to another at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotificationKind {
    /// It is time.
    Due,
    /// It was put off until now.
    Snoozed,
    /// A running infusion should be at its end.
    End,
    /// The window closes, and nothing is recorded.
    Overdue,
    /// Nobody has answered: call the care team.
    CallTeam,
    /// Nobody has answered: a caregiver's phone rings.
    Escalation,
    /// An alarm on the pump.
    PumpAlarm,
    /// Take it out of the refrigerator.
    TakeOut,
    /// Look at what runs: its device cannot call for it.
    CheckIn,
    /// It is time, again.
    Repeat,
    /// A visit is near.
    Visit,
    /// A delivery is expected.
    Delivery,
    /// What was dispensed ends soon.
    Refill,
    /// Open the app, so that it can plan on.
    OpenMe,
}

impl NotificationKind {
    /// Kebab-case key, stable: part of the id.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Snoozed => "snoozed",
            Self::End => "end",
            Self::Overdue => "overdue",
            Self::CallTeam => "call-team",
            Self::Escalation => "escalation",
            Self::PumpAlarm => "pump-alarm",
            Self::TakeOut => "take-out",
            Self::CheckIn => "check-in",
            Self::Repeat => "repeat",
            Self::Visit => "visit",
            Self::Delivery => "delivery",
            Self::Refill => "refill",
            Self::OpenMe => "open-me",
        }
    }
}

/// How urgent an alarm is, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Urgency {
    /// Something that must not stop, or an alarm that nobody answered. Never silenced.
    Safety,
    /// A dose.
    Dose,
    /// Everything else.
    Duty,
}

impl Urgency {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safety => "safety",
            Self::Dose => "dose",
            Self::Duty => "duty",
        }
    }
}

/// One button of an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationAction {
    /// What a tap sends, with the occurrence that it is about, e.g. `dose.start:<occurrence>`.
    pub id: String,
    /// Key of its label, e.g. `action.dose.start`.
    pub label_key: &'static str,
    /// The label that is shown; the key, until somebody says it in a language.
    pub label: String,
}

impl NotificationAction {
    pub(crate) fn new(id: String, label_key: &'static str) -> Self {
        Self { id, label_key, label: label_key.to_owned() }
    }
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedNotification {
    /// The same for the same alarm in every plan: a new plan with this id replaces the alarm.
    pub id: String,
    /// When it rings.
    pub fire_at: DateTime<Utc>,
    /// What about.
    pub kind: NotificationKind,
    /// How urgent.
    pub urgency: Urgency,
    /// Whether it makes a sound: within quiet hours only safety does.
    pub sound: bool,
    /// The agenda item; empty for [`NotificationKind::OpenMe`].
    pub item: String,
    /// The occurrence, so that a late tap lands on the right dose.
    pub occurrence: Option<OccurrenceId>,
    /// What it says.
    pub text: Text,
    /// What it says on a locked screen: no drug, no therapy.
    pub hidden_text: Text,
    /// Only `hidden_text` may be shown on a locked screen.
    pub private: bool,
    /// Its buttons.
    pub actions: Vec<NotificationAction>,
}

impl PlannedNotification {
    /// What it says and how, as one text: two alarms that differ in it are told apart by the phone's owner.
    pub fn content(&self) -> String {
        let actions: Vec<&str> = self.actions.iter().map(|action| action.id.as_str()).collect();
        let (text, hidden) = (&self.text.words, &self.hidden_text.words);
        format!("{text}\n{hidden}\n{} {} {}\n{}", self.urgency.as_str(), self.sound, self.private, actions.join(" "))
    }
}

/// The alarms that the phone should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationPlan {
    /// Not more than the budget, soonest first.
    pub notifications: Vec<PlannedNotification>,
    /// Every alarm before this instant is in the list.
    pub covered_until: DateTime<Utc>,
    /// Alarms that are known and did not fit.
    pub left_out: usize,
}

/// Doses of so long ago may still be open or running.
const LOOK_BACK: TimeDelta = TimeDelta::days(8);
/// The first look ahead; it widens until the budget is full.
const FIRST_LOOK_AHEAD: TimeDelta = TimeDelta::days(2);

/// The alarms that the phone should hold at `now`.
pub fn notification_plan(
    input: &AgendaInput<'_>,
    answers: &Answers<'_>,
    settings: &NotificationSettings,
    now: DateTime<Utc>,
) -> NotificationPlan {
    let settings = &settings.under(input.plan);
    let horizon = TimeDelta::days(i64::from(settings.horizon_days.clamp(1, 400)));
    let lead = TimeDelta::minutes(i64::from(settings.visit_lead_minutes)).max(longest_lead(&input.plan.orders));
    let mut ahead = FIRST_LOOK_AHEAD.min(horizon);
    loop {
        let end = later(now, ahead);
        let span = Span::new(later(now, -LOOK_BACK), later(end, lead));
        let agenda = agenda_in(input, now, span, Detail::Alarms, &|_| true);
        // An alarm may come before its dose: what lies beyond the agenda is covered only up to the longest lead.
        let known_until = agenda.next.map_or(end, |next| end.min(later(next, -lead))).max(now);
        let mut found = candidates(&agenda.items, answers, settings, input, now, known_until);
        if found.len() >= settings.budget || ahead >= horizon {
            let beyond = Span::new(known_until, later(now, horizon));
            found.extend(further_safety(input, answers, settings, now, beyond));
            return choose(input, found, known_until, settings, now);
        }
        ahead = (ahead * 4).min(horizon);
    }
}

/// The next safety alarms beyond what is known of the rest: only the orders that have any are walked so far.
fn further_safety(
    input: &AgendaInput<'_>,
    answers: &Answers<'_>,
    settings: &NotificationSettings,
    now: DateTime<Utc>,
    beyond: Span,
) -> Vec<PlannedNotification> {
    let plan = input.plan;
    let has_any = |order: &Order| order.must_not_stop || order.time_critical;
    if beyond.from >= beyond.to
        || !plan.orders.iter().any(|order| has_any(order) && order.status == OrderStatus::Active)
    {
        return Vec::new();
    }
    let span = Span::new(later(now, -LOOK_BACK), beyond.to);
    let agenda = agenda_in(input, now, span, Detail::Alarms, &has_any);
    let known_until = agenda.next.map_or(beyond.to, |next| next.min(beyond.to));
    let mut found = candidates(&agenda.items, answers, settings, input, now, known_until);
    found.retain(|n| n.urgency == Urgency::Safety && beyond.contains(n.fire_at));
    found.truncate(settings.safety_slots);
    found
}

fn longest_lead(orders: &[Order]) -> TimeDelta {
    let warm_up = orders.iter().filter_map(|o| o.storage.as_ref()?.warm_up_minutes).map(i64::from);
    let own = orders.iter().flat_map(|o| &o.steps).filter_map(|s| s.offset_minutes).map(|m| -i64::from(m));
    // A week is further ahead than any preparation; a wild value must not widen the agenda without bound.
    TimeDelta::minutes(warm_up.chain(own).max().unwrap_or(0).clamp(0, 7 * 24 * 60))
}

pub(crate) fn later(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    let end = if by < TimeDelta::zero() { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
    at.checked_add_signed(by).unwrap_or(end)
}

fn candidates(
    items: &[AgendaItem],
    answers: &Answers<'_>,
    settings: &NotificationSettings,
    input: &AgendaInput<'_>,
    now: DateTime<Utc>,
    known_until: DateTime<Utc>,
) -> Vec<PlannedNotification> {
    let mut found = Vec::new();
    for item in items {
        let rings = Rings { item, answers, settings, input };
        found.extend(rings.all().into_iter().filter(|n| n.fire_at > now && n.fire_at < known_until));
    }
    for alarm in answers.pump_alarms {
        let rings = pump_alarm_rings(alarm, settings, input);
        found.extend(rings.into_iter().filter(|n| n.fire_at > now && n.fire_at < known_until));
    }
    found.sort_by(|a, b| order_of(a).cmp(&order_of(b)));
    // Two alarms of one dose at one instant are one ring: the first kind says it.
    let mut rung: HashSet<(String, DateTime<Utc>)> = HashSet::new();
    found.retain(|n| rung.insert((n.item.clone(), n.fire_at)));
    found
}

fn order_of(n: &PlannedNotification) -> (DateTime<Utc>, Urgency, NotificationKind, &str) {
    (n.fire_at, n.urgency, n.kind, &n.id)
}

/// Fits the candidates (soonest first) into the budget.
fn choose(
    input: &AgendaInput<'_>,
    candidates: Vec<PlannedNotification>,
    known_until: DateTime<Utc>,
    settings: &NotificationSettings,
    now: DateTime<Utc>,
) -> NotificationPlan {
    // The last slot asks to open the app; a budget of one is better spent on the dose itself.
    let with_open_me = settings.budget >= 2;
    let slots = settings.budget - usize::from(with_open_me);
    let mut chosen = vec![false; candidates.len()];
    let safety = candidates.iter().enumerate().filter(|(_, n)| n.urgency == Urgency::Safety).map(|(index, _)| index);
    for index in safety.take(settings.safety_slots.min(slots)) {
        chosen[index] = true;
    }
    let free = slots - chosen.iter().filter(|taken| **taken).count();
    for taken in chosen.iter_mut().filter(|taken| !**taken).take(free) {
        *taken = true;
    }
    let first_left_out = chosen.iter().zip(&candidates).find(|(taken, _)| !**taken).map(|(_, n)| n.fire_at);
    let covered_until = first_left_out.map_or(known_until, |at| at.min(known_until));
    let left_out = chosen.iter().filter(|taken| !**taken).count();
    let mut notifications: Vec<PlannedNotification> =
        candidates.into_iter().zip(chosen).filter(|(_, taken)| *taken).map(|(n, _)| n).collect();
    if with_open_me && covered_until > now {
        notifications.push(open_me(input, settings, covered_until));
        notifications.sort_by(|a, b| order_of(a).cmp(&order_of(b)));
    }
    NotificationPlan { notifications, covered_until, left_out }
}

/// Whether an alarm makes a sound. Safety always does.
pub(crate) fn sounds(
    settings: &NotificationSettings,
    input: &AgendaInput<'_>,
    urgency: Urgency,
    at: DateTime<Utc>,
) -> bool {
    let quiet = settings.quiet_hours.is_some_and(|hours| hours.hold(to_local(input.zones.here, at).time()));
    urgency == Urgency::Safety || !quiet
}

fn open_me(input: &AgendaInput<'_>, settings: &NotificationSettings, at: DateTime<Utc>) -> PlannedNotification {
    let text = Text::new("notification.open-me", Vec::new(), false);
    PlannedNotification {
        id: "open-me".to_owned(),
        fire_at: at,
        kind: NotificationKind::OpenMe,
        urgency: Urgency::Dose,
        sound: sounds(settings, input, Urgency::Dose, at),
        item: String::new(),
        occurrence: None,
        hidden_text: text.clone(),
        private: false,
        text,
        actions: vec![NotificationAction::new("app.open".to_owned(), "action.app.open")],
    }
}
