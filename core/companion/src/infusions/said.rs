//! An infusion in plain words: what went in, its end against the plan, and how pump and hand differ. What is not known is
//! said to be so.

use super::run::{Looking, Run, Told};
use crate::words;
use chrono::{DateTime, FixedOffset, Utc};
use homeline_model::{Administration, AdministrationStatus, Decimal};
use homeline_pump::{AgainstPlan, Infusion, InfusionEnd};

/// How the pump's record lies to what a person wrote down, one difference a line. Neither corrects the other.
pub(super) fn difference(
    infusion: &Infusion,
    by_hand: &Administration,
    clock: impl Fn(DateTime<Utc>) -> DateTime<FixedOffset>,
) -> Vec<String> {
    let difference = infusion.difference(by_hand);
    let mut lines = Vec::new();
    if !difference.is_any() {
        return lines;
    }
    let time = |at: DateTime<Utc>| clock(at).format("%H:%M").to_string();
    let mut times = |what: &str, minutes: Option<i64>, pump: Option<DateTime<Utc>>, hand: Option<DateTime<Utc>>| {
        if let (Some(minutes), Some(pump), Some(hand)) = (minutes.filter(|minutes| *minutes != 0), pump, hand) {
            let way = if minutes > 0 { "later" } else { "earlier" };
            let length = words::span(minutes.abs());
            lines.push(format!("{what}: by hand {}, by the pump {} ({length} {way}).", time(hand), time(pump)));
        }
    };
    let at = |moment: &Option<homeline_pump::Moment>| moment.as_ref().map(|moment| moment.at);
    times("Start", difference.start_minutes, at(&infusion.started), by_hand.started_at);
    times("End", difference.end_minutes, at(&infusion.ended), by_hand.ended_at);
    if let (Some(_), Some(counted), Some(written)) =
        (difference.volume_ml.filter(|volume| !volume.is_zero()), infusion.counter_ml, &by_hand.volume_given)
    {
        lines.push(format!("Volume: by hand {written}, by the pump {} mL.", counted.normalize()));
    }
    if difference.contradicts {
        let counted = infusion.counter_ml.map(|counted| format!(" {} mL", counted.normalize())).unwrap_or_default();
        lines.push(match (by_hand.status, infusion.end) {
            (AdministrationStatus::Skipped, _) => {
                format!("By hand it was left out. The pump says that{counted} went in.")
            }
            (_, InfusionEnd::Completed) => "By hand a part went in. The pump says that it was complete.".to_owned(),
            (_, InfusionEnd::Stopped | InfusionEnd::Running | InfusionEnd::Unknown) => {
                format!("By hand it is done. The pump says that it stopped before the end, after{counted}.")
            }
        });
    }
    lines
}

/// How looks at the device lie to what a person wrote down.
pub(super) fn difference_of_looks(run: &Run) -> Vec<String> {
    let Some(by_hand) = &run.by_hand else { return Vec::new() };
    let mut lines = Vec::new();
    let last = run.looks.iter().rev().find_map(|looking| looking.look.as_ref().map(|look| (looking, look)));
    let Some((looking, look)) = last else { return lines };
    let time = looking.at.format("%H:%M");
    let ordered = run.ordered.as_ref().and_then(super::run::in_ml);
    let ended = run.ended.is_some_and(|ended| looking.at >= ended);
    if by_hand.status == AdministrationStatus::Completed && ended && ordered.is_some_and(|all| look.most_ml < all) {
        lines.push(format!("By hand it is done. The look at {time} found something left."));
    }
    if by_hand.status == AdministrationStatus::Skipped && !look.least_ml.is_zero() {
        lines.push(format!("By hand it was left out. The look at {time} says that something went in."));
    }
    if let Some(written) = by_hand.volume_given.as_ref().and_then(super::run::in_ml)
        && ended
        && !(look.least_ml..=look.most_ml).contains(&written)
    {
        let range = between(look.least_ml, look.most_ml);
        lines.push(format!("Volume: by hand {} mL, by the look {range} mL.", written.normalize()));
    }
    lines
}

/// What went in, of what was ordered, with the part that is not certain.
pub(crate) fn went_in(run: &Run) -> String {
    // What a look proved goes on: between two looks nobody counts.
    let running = run.told == Told::Looks && run.end == InfusionEnd::Running;
    let mut said = match run.certain_ml {
        Some(certain) if running => format!("at least {certain} mL"),
        Some(certain) => format!("{certain} mL"),
        None => "not known".to_owned(),
    };
    if let Some(ordered) = &run.ordered {
        said.push_str(&format!(" of {ordered} ordered"));
    }
    if let Some(uncertain) = run.not_certain_ml() {
        said.push_str(&format!("; another {uncertain} mL is not certain"));
    }
    if !run.beyond_ordered_ml.is_zero() {
        said.push_str(&format!("; the counter says {} mL more than that", run.beyond_ordered_ml));
    }
    said
}

/// The end against the plan; `None` when there is nothing to say.
pub(crate) fn against_plan(run: &Run) -> Option<String> {
    let beyond = |beyond_limit: Option<bool>| match beyond_limit {
        Some(true) => ", beyond the plan's limit",
        Some(false) => ", within the plan's limit",
        None => "",
    };
    match run.against {
        AgainstPlan::Early { minutes, beyond_limit } => {
            Some(format!("{} earlier than planned{}", words::span(minutes), beyond(beyond_limit)))
        }
        AgainstPlan::Late { minutes, beyond_limit } => {
            Some(format!("{} later than planned{}", words::span(minutes), beyond(beyond_limit)))
        }
        AgainstPlan::OnTime => Some("in the planned time".to_owned()),
        AgainstPlan::Running | AgainstPlan::NotKnown | AgainstPlan::Stopped => None,
    }
}

/// By what it is known, in words.
pub(crate) fn known_by(run: &Run) -> String {
    match run.told {
        Told::Pump => format!("By the record of pump {}", run.serial),
        Told::Looks => "By looks at the device".to_owned(),
    }
}

/// One look: what was read, and how it lies to what is ordered.
pub(crate) fn look(looking: &Looking) -> Vec<String> {
    let mut lines = words::device_check(&looking.check);
    if let (Some(look), Some(against)) = (&looking.look, &looking.against) {
        lines.push(format!(
            "In by then: {} mL as read. By the order: {} mL.",
            between(look.least_ml, look.most_ml),
            against.expected_ml.round_dp(1).normalize()
        ));
        lines.push(match against.beyond_tolerance {
            Some(true) if against.more_ml > Decimal::ZERO => "It runs faster than your plan allows for.".to_owned(),
            Some(true) => "It runs slower than your plan allows for.".to_owned(),
            Some(false) => "That is within what your plan allows for.".to_owned(),
            None => "Your plan does not say how much difference matters. Not sure? Call your nurse.".to_owned(),
        });
    }
    lines
}

fn between(least: Decimal, most: Decimal) -> String {
    let shown = |volume: Decimal| volume.round_dp(1).normalize();
    if least == most { shown(least).to_string() } else { format!("{} to {}", shown(least), shown(most)) }
}
