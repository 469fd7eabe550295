//! An infusion in plain words: what went in, its end against the plan, and how pump and hand differ. What is not known is
//! said to be so.

use super::run::{Looking, Run, Told};
use crate::texts::Texts;
use crate::words;
use chrono::{DateTime, FixedOffset, Utc};
use homeline_model::{Administration, AdministrationStatus, Decimal};
use homeline_pump::{AgainstPlan, Infusion, InfusionEnd};

/// How the pump's record lies to what a person wrote down, one difference a line. Neither corrects the other.
pub(super) fn difference(
    texts: Texts,
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
    let mut times =
        |what: &'static str, minutes: Option<i64>, pump: Option<DateTime<Utc>>, hand: Option<DateTime<Utc>>| {
            if let (Some(minutes), Some(pump), Some(hand)) = (minutes.filter(|minutes| *minutes != 0), pump, hand) {
                let key = if minutes > 0 { "infusion.later" } else { "infusion.earlier" };
                let (what, span) = (texts.say(what), words::span(texts, minutes.abs()));
                let (hand, pump) = (time(hand), time(pump));
                lines.push(texts.fill(key, &[("what", &what), ("hand", &hand), ("pump", &pump), ("span", &span)]));
            }
        };
    let at = |moment: &Option<homeline_pump::Moment>| moment.as_ref().map(|moment| moment.at);
    times("infusion.start", difference.start_minutes, at(&infusion.started), by_hand.started_at);
    times("infusion.end", difference.end_minutes, at(&infusion.ended), by_hand.ended_at);
    if let (Some(_), Some(counted), Some(written)) =
        (difference.volume_ml.filter(|volume| !volume.is_zero()), infusion.counter_ml, &by_hand.volume_given)
    {
        lines.push(texts.fill("infusion.volumes", &[("hand", written), ("pump", &ml(counted.normalize()))]));
    }
    if difference.contradicts {
        let (counted, not_counted) = match (by_hand.status, infusion.end) {
            (AdministrationStatus::Skipped, _) => ("infusion.left-out-but", "infusion.left-out-but-some"),
            (_, InfusionEnd::Completed) => ("infusion.part-but-complete", "infusion.part-but-complete"),
            (_, InfusionEnd::Stopped | InfusionEnd::Running | InfusionEnd::Unknown) => {
                ("infusion.done-but-stopped", "infusion.done-but-stopped-some")
            }
        };
        lines.push(match infusion.counter_ml {
            Some(volume) => texts.fill(counted, &[("volume", &ml(volume.normalize()))]),
            None => texts.say(not_counted),
        });
    }
    lines
}

/// How looks at the device lie to what a person wrote down.
pub(super) fn difference_of_looks(texts: Texts, run: &Run) -> Vec<String> {
    let Some(by_hand) = &run.by_hand else { return Vec::new() };
    let mut lines = Vec::new();
    let last = run.looks.iter().rev().find_map(|looking| looking.look.as_ref().map(|look| (looking, look)));
    let Some((looking, look)) = last else { return lines };
    let time = looking.at.format("%H:%M");
    let ordered = run.ordered.as_ref().and_then(super::run::in_ml);
    let ended = run.ended.is_some_and(|ended| looking.at >= ended);
    if by_hand.status == AdministrationStatus::Completed && ended && ordered.is_some_and(|all| look.most_ml < all) {
        lines.push(texts.fill("infusion.done-but-left", &[("time", &time)]));
    }
    if by_hand.status == AdministrationStatus::Skipped && !look.least_ml.is_zero() {
        lines.push(texts.fill("infusion.left-out-but-look", &[("time", &time)]));
    }
    if let Some(written) = by_hand.volume_given.as_ref().and_then(super::run::in_ml)
        && ended
        && !(look.least_ml..=look.most_ml).contains(&written)
    {
        let range = between(texts, look.least_ml, look.most_ml);
        let (hand, look) = (ml(written.normalize()), format!("{range} mL"));
        lines.push(texts.fill("infusion.volumes-look", &[("hand", &hand), ("look", &look)]));
    }
    lines
}

/// What went in, of what was ordered, with the part that is not certain.
pub(crate) fn went_in(texts: Texts, run: &Run) -> String {
    // What a look proved goes on: between two looks nobody counts.
    let running = run.told == Told::Looks && run.end == InfusionEnd::Running;
    let mut said = match run.certain_ml {
        Some(certain) if running => texts.fill("infusion.at-least", &[("volume", &ml(certain))]),
        Some(certain) => ml(certain),
        None => texts.say("infusion.not-known"),
    };
    if let Some(ordered) = &run.ordered {
        said = texts.fill("infusion.of-ordered", &[("volume", &said), ("ordered", ordered)]);
    }
    if let Some(uncertain) = run.not_certain_ml() {
        said = texts.fill("infusion.not-certain", &[("said", &said), ("volume", &ml(uncertain))]);
    }
    if !run.beyond_ordered_ml.is_zero() {
        said = texts.fill("infusion.beyond", &[("said", &said), ("volume", &ml(run.beyond_ordered_ml))]);
    }
    said
}

/// The end against the plan; `None` when there is nothing to say.
pub(crate) fn against_plan(texts: Texts, run: &Run) -> Option<String> {
    let (minutes, beyond_limit, [plain, beyond, within]) = match run.against {
        AgainstPlan::Early { minutes, beyond_limit } => {
            (minutes, beyond_limit, ["infusion.early", "infusion.early-beyond", "infusion.early-within"])
        }
        AgainstPlan::Late { minutes, beyond_limit } => {
            (minutes, beyond_limit, ["infusion.late", "infusion.late-beyond", "infusion.late-within"])
        }
        AgainstPlan::OnTime => return Some(texts.say("infusion.on-time")),
        AgainstPlan::Running | AgainstPlan::NotKnown | AgainstPlan::Stopped => return None,
    };
    let key = match beyond_limit {
        Some(true) => beyond,
        Some(false) => within,
        None => plain,
    };
    Some(texts.fill(key, &[("span", &words::span(texts, minutes))]))
}

/// By what it is known, in words.
pub(crate) fn known_by(texts: Texts, run: &Run) -> String {
    match run.told {
        Told::Pump => texts.fill("infusion.by-pump", &[("serial", &run.serial)]),
        Told::Looks => texts.say("infusion.by-looks"),
    }
}

/// One look: what was read, and how it lies to what is ordered.
pub(crate) fn look(texts: Texts, looking: &Looking) -> Vec<String> {
    let mut lines = words::device_check(texts, &looking.check);
    if let (Some(look), Some(against)) = (&looking.look, &looking.against) {
        let read = format!("{} mL", between(texts, look.least_ml, look.most_ml));
        let ordered = ml(against.expected_ml.round_dp(1).normalize());
        lines.push(texts.fill("infusion.in-by-then", &[("read", &read), ("ordered", &ordered)]));
        lines.push(texts.say(match against.beyond_tolerance {
            Some(true) if against.more_ml > Decimal::ZERO => "infusion.faster",
            Some(true) => "infusion.slower",
            Some(false) => "infusion.within",
            None => "infusion.not-said",
        }));
    }
    lines
}

fn between(texts: Texts, least: Decimal, most: Decimal) -> String {
    let shown = |volume: Decimal| volume.round_dp(1).normalize();
    if least == most {
        return shown(least).to_string();
    }
    texts.fill("infusion.between", &[("least", &shown(least)), ("most", &shown(most))])
}

fn ml(volume: Decimal) -> String {
    format!("{volume} mL")
}
