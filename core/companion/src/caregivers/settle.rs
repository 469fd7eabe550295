//! Two people, one dose: their lines stay, the dose counts once, and what does not fit is shown to be settled.

use crate::agenda;
use crate::error::HomelineError;
use crate::moment::Moment;
use crate::screen::{Action, Emphasis};
use crate::store::{Logged, Statement, Store};
use crate::texts::Texts;
use crate::words;
use chrono::{DateTime, Utc};
use homeline_model::{Caregiving, EntryBody, EntryId, OccurrenceId, Settlement, Symptom};
use homeline_schedule::AgendaItem;

/// The symptom word for "maybe given two times": the rule for it asks for a call.
const DOUBLE_DOSE: &str = "double-dose";

pub(super) fn settle(
    store: &mut Store,
    moment: &Moment,
    occurrence: OccurrenceId,
    outcome: Settlement,
) -> Result<Logged, HomelineError> {
    let plan = store.require_plan()?;
    let item = agenda::find(store, moment, &plan, occurrence)?;
    if !item.disagreement && !item.possible_double {
        return Err(HomelineError::input("dose", "nothing is to be settled", "Look at today's screen again."));
    }
    let of: Vec<EntryId> = item.standing_statements().map(|statement| statement.entry).collect();
    let order = item.occurrence.as_ref().map(|occurrence| occurrence.order.clone());
    let about = |body| {
        let mut statement = Statement::by_hand(body);
        statement.order.clone_from(&order);
        statement.occurrence = Some(occurrence);
        statement
    };
    let mut statements = vec![about(EntryBody::Caregiving(Caregiving::Settled { outcome, of }))];
    if outcome != Settlement::OneDose {
        // Given two times, or nobody can tell: that is a call, and triage says to whom.
        let symptom = DOUBLE_DOSE.to_owned();
        statements.push(about(EntryBody::Symptom(Symptom { symptom, present: true, severity: None, note: None })));
    }
    store.record_all(moment, statements, None, |_| Ok(()))
}

/// Carries out `dose.settle:<occurrence>:<outcome>`.
pub(crate) fn settle_action(
    store: &mut Store,
    moment: &Moment,
    occurrence: OccurrenceId,
    outcome: Option<&str>,
) -> Result<Logged, HomelineError> {
    let outcome = match outcome {
        Some("one-dose") => Settlement::OneDose,
        Some("two-doses") => Settlement::TwoDoses,
        Some("unknown") => Settlement::Unknown,
        Some(_) | None => {
            return Err(HomelineError::input(
                "action",
                "this is not an action of a row",
                "Take the id of a row's action.",
            ));
        }
    };
    settle(store, moment, occurrence, outcome)
}

/// What each person wrote about a dose, one a line, and what to do about it.
pub(crate) fn clash_lines(texts: Texts, item: &AgendaItem, clock: impl Fn(DateTime<Utc>) -> String) -> Vec<String> {
    if !item.disagreement && !item.possible_double {
        return Vec::new();
    }
    let mut lines: Vec<String> = item
        .standing_statements()
        .map(|statement| {
            let said = &statement.administration;
            let at = said.started_at.or(said.ended_at).unwrap_or(statement.happened_at);
            format!("{}: {} {}", statement.author.name, words::administration_status(texts, said.status), clock(at))
        })
        .collect();
    if item.possible_double {
        lines.push(texts.say("settle.maybe-twice"));
        lines.push(texts.say("settle.call"));
    } else {
        lines.push(texts.say("settle.two-things"));
    }
    lines
}

/// The ways to settle, as actions of the row.
pub(crate) fn settle_actions(texts: Texts, item: &AgendaItem, occurrence: OccurrenceId) -> Vec<Action> {
    if !item.disagreement && !item.possible_double {
        return Vec::new();
    }
    let action = |outcome: &str, label: &'static str| Action {
        id: format!("dose.settle:{occurrence}:{outcome}"),
        label: texts.say(label),
        emphasis: Emphasis::Attention,
    };
    vec![
        action("one-dose", "settle.one-dose"),
        action("two-doses", "settle.two-doses"),
        action("unknown", "settle.unknown"),
    ]
}
