//! What to know before one waits for an answer: words and times that ask for a call, and when the team answers.
//!
//! Nothing of it has a default. What the team has not said is told as not known.

use super::{NewMessage, Recipient, attached, person_of, require_person};
use crate::agenda;
use crate::error::HomelineError;
use crate::moment::Moment;
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::Store;
use crate::texts::Texts;
use crate::triage::language_of;
use crate::words;
use chrono::{DateTime, Duration, Utc};
use homeline_clinical::do_not_wait;
use homeline_model::{Advice, AdviceLevel, CarePlan, ContactPurpose};
use homeline_schedule::{Span, Zones, next_hours, within_hours};

/// How far ahead a dose is looked for that may come before the answer.
const DOSE_AHEAD: Duration = Duration::days(2);

/// What to know before waiting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wait {
    /// The language of the phone.
    texts: Texts,
    /// Words of the message ask for a call.
    pub(super) call: Option<Advice>,
    /// A time asks for one: messages are not read now, or a dose comes first.
    pub(super) times: Vec<String>,
    /// When an answer can be expected.
    pub(super) reply: Vec<String>,
    /// The number for what cannot wait.
    pub(super) number: String,
}

impl Wait {
    /// One a line, what asks for a call first.
    pub(super) fn lines(self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(call) = self.call {
            lines.extend(call.text);
            lines.push(self.texts.fill("wait.you-wrote", &[("what", &call.because.join(", "))]));
        }
        lines.extend(self.times);
        lines.extend(self.reply);
        lines.push(self.number);
        lines
    }
}

pub(super) fn before_waiting(
    store: &Store,
    moment: &Moment,
    plan: &CarePlan,
    message: &NewMessage,
) -> Result<Wait, HomelineError> {
    let expected = expected(moment, plan, message.to);
    let texts = moment.texts;
    let mut times = Vec::new();
    if let Hours::Closed { again } = &expected.hours {
        times.push(match again {
            Some(at) => texts.fill("wait.read-again", &[("time", &moment.shown_with_day(*at))]),
            None => texts.say("wait.nobody-reads"),
        });
        times.push(texts.say("wait.cannot-wait"));
    }
    if let Some(answer) = expected.at
        && let Some(dose) = next_dose(store, moment)?.filter(|dose| *dose <= answer)
    {
        times.push(texts.fill("wait.next-dose", &[("time", &moment.shown_with_day(dose))]));
        times.push(texts.say("wait.about-dose"));
    }
    let number = plan.contacts.iter().find(|contact| contact.purpose == ContactPurpose::OnCallNurse);
    Ok(Wait {
        texts,
        call: do_not_wait(&message.text, plan, language_of(plan)),
        times,
        reply: reply_lines(store, moment, plan, message.to),
        number: match number {
            Some(contact) => texts.fill("wait.number", &[("phone", &contact.phone), ("who", &contact.label)]),
            None => texts.say("wait.no-number"),
        },
    })
}

/// Whether messages are read now.
enum Hours {
    /// The team has not said, or it cannot be read.
    NotSaid,
    Open,
    Closed {
        again: Option<DateTime<Utc>>,
    },
}

struct Expected {
    hours: Hours,
    /// The latest instant of an answer, as the team says.
    at: Option<DateTime<Utc>>,
}

fn expected(moment: &Moment, plan: &CarePlan, to: Recipient) -> Expected {
    let Some(said) = plan.reply_times.iter().find(|said| said.recipient == to) else {
        return Expected { hours: Hours::NotSaid, at: None };
    };
    let zones = Zones { here: &moment.followed, home: &moment.home };
    let hours = said.hours.as_ref().map_or(Hours::NotSaid, |hours| {
        match within_hours(hours, zones, &moment.routine, moment.now) {
            Some(true) => Hours::Open,
            Some(false) => Hours::Closed { again: next_hours(hours, zones, &moment.routine, moment.now) },
            None => Hours::NotSaid,
        }
    });
    let begins = match &hours {
        Hours::Closed { again } => *again,
        Hours::NotSaid | Hours::Open => Some(moment.now),
    };
    let within = said.within_minutes.map(|minutes| Duration::minutes(i64::from(minutes)));
    Expected { hours, at: begins.zip(within).and_then(|(begins, within)| begins.checked_add_signed(within)) }
}

/// When an answer of that part of the team can be expected, in words.
pub(super) fn reply_lines(_store: &Store, moment: &Moment, plan: &CarePlan, to: Recipient) -> Vec<String> {
    if person_of(plan, to).is_none() {
        return Vec::new();
    }
    let texts = moment.texts;
    let (not_said, within, within_by) = match to {
        Recipient::Pharmacist => ("wait.pharmacist-not-said", "wait.pharmacist-within", "wait.pharmacist-within-by"),
        Recipient::Nurse => ("wait.nurse-not-said", "wait.nurse-within", "wait.nurse-within-by"),
    };
    let said = plan.reply_times.iter().find(|said| said.recipient == to).and_then(|said| said.within_minutes);
    let Some(minutes) = said else {
        return vec![texts.say(not_said)];
    };
    let length = match (minutes / 60, minutes % 60) {
        (0, minutes) => texts.fill("span.in-minutes", &[("minutes", &minutes)]),
        (1, 0) => texts.say("span.one-hour"),
        (hours, 0) => texts.fill("span.in-hours", &[("hours", &hours)]),
        (hours, minutes) => texts.fill("span.hours", &[("hours", &hours), ("minutes", &minutes)]),
    };
    vec![match expected(moment, plan, to).at {
        Some(at) => texts.fill(within_by, &[("span", &length), ("time", &moment.shown_with_day(at))]),
        None => texts.fill(within, &[("span", &length)]),
    }]
}

/// The start of the next dose that nobody has recorded.
fn next_dose(store: &Store, moment: &Moment) -> Result<Option<DateTime<Utc>>, HomelineError> {
    let span = Span::new(moment.now - Duration::hours(2), moment.now + DOSE_AHEAD);
    let items = agenda::view(store, moment, span)?.agenda.items;
    let open = items.iter().filter(|item| item.is_a_dose() && item.state.is_open() && item.left_out.is_none());
    Ok(open.map(|item| item.start).min())
}

pub(super) fn compose(store: &Store, moment: &Moment, message: &NewMessage) -> Result<Screen, HomelineError> {
    let (plan, texts) = (store.require_plan()?, moment.texts);
    let person = require_person(&plan, message.to)?;
    let wait = before_waiting(store, moment, &plan, message)?;
    let mut sections = Vec::new();
    if let Some(call) = &wait.call {
        let mut lines = call.text.iter().cloned();
        let mut row = Row::new("call", lines.next().unwrap_or_default());
        row.details.extend(lines);
        row.details.push(texts.fill("wait.you-wrote", &[("what", &call.because.join(", "))]));
        row.emphasis = if call.level >= AdviceLevel::CallNow { Emphasis::Urgent } else { Emphasis::Attention };
        sections.push(Section { title: Some(texts.say("wait.do-not-wait")), rows: vec![row.with_spoken_sentence()] });
    }
    let rows = |id: &str, lines: &[String], emphasis| -> Vec<Row> {
        let row = |(number, line): (usize, &String)| {
            let mut row = Row::new(format!("{id}/{number}"), line.clone());
            row.emphasis = emphasis;
            row
        };
        lines.iter().enumerate().map(row).collect()
    };
    let mut before = rows("time", &wait.times, Emphasis::Attention);
    before.extend(rows("reply", &wait.reply, Emphasis::Plain));
    before.extend(rows("number", std::slice::from_ref(&wait.number), Emphasis::Plain));
    sections.push(Section { title: Some(texts.say("wait.before")), rows: before });
    let goes_with: Vec<Row> = attached(store, moment, &plan, message)?
        .into_iter()
        .map(|attached| Row::new(attached.entry.to_string(), attached.text))
        .collect();
    if !goes_with.is_empty() {
        sections.push(Section { title: Some(texts.say("wait.goes-with")), rows: goes_with });
    }
    let mut footer = words::numbers_to_call(&plan);
    footer.push(moment.texts.say("not-watched"));
    Ok(Screen {
        privacy: Privacy::default(),
        id: "compose".to_owned(),
        title: texts.fill("wait.to", &[("name", &person.name), ("role", &person.role.to_lowercase())]),
        subtitle: Some(plan.patient.name.clone()),
        sections,
        footer,
    })
}
