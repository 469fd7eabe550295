//! Looks at what runs: when a device that tells nothing by itself is looked at, when a look counts for its time, and which of
//! the planned ones a look is.
//!
//! A balloon, a bag on a hook and a syringe driver have no alarm that could be heard. So somebody looks after a quarter of
//! the time, half way and near the end, where what is in can be held against what should be; and in a long infusion every
//! morning and every evening, as teaching sheets for fluorouracil balloons say. The plan's own interval replaces all of it.

use crate::checklist::AgendaStep;
use crate::span::Span;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::StepKey;

/// For a device that tells nothing by itself: no two looks are further apart, so that one falls into every morning and
/// every evening.
const FURTHEST_APART: i64 = 12 * 60;
/// The last look comes a tenth of the length before the end, and no more than so many minutes.
const LAST_LOOK: i64 = 60;
/// A look counts for its time up to half the way to its neighbours, and no more than so many minutes to each side.
const LOOK_WINDOW: i64 = 2 * 60;

/// The minutes after the start at which a device that tells nothing is looked at, where the plan does not say: after a quarter,
/// half way, near the end, and so often in between that no stretch is long.
pub(crate) fn usual_looks(length: i64, most: usize) -> Vec<i64> {
    let mut looks = Vec::new();
    let mut from = 0;
    for to in [length / 4, length / 2, length - (length / 10).clamp(1, LAST_LOOK)] {
        let pieces = (to - from).div_euclid(FURTHEST_APART) + i64::from((to - from).rem_euclid(FURTHEST_APART) > 0);
        looks.extend((1..=pieces).take(most).map(|piece| from + (to - from) * piece / pieces));
        from = to;
    }
    looks.retain(|at| (1..length).contains(at));
    looks.dedup();
    looks.truncate(most);
    looks
}

/// When each look counts. A look belongs to one time at most: windows do not overlap.
pub(crate) fn put_windows(steps: &mut [AgendaStep], length: Option<i64>) {
    let mut places: Vec<(i64, usize)> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.key == StepKey::MidCheck && step.at.is_some())
        .filter_map(|(place, step)| step.offset_minutes.map(|offset| (offset, place)))
        .collect();
    places.sort_unstable();
    for (number, (offset, place)) in places.iter().enumerate() {
        let neighbour = |number: Option<usize>| number.and_then(|number| places.get(number)).map(|(offset, _)| *offset);
        let before = neighbour(number.checked_sub(1)).unwrap_or(0);
        let after = neighbour(number.checked_add(1)).or(length);
        // Half minutes are no matter to an eye, but two windows must meet.
        let half = |minutes: i64| TimeDelta::seconds((minutes.max(0) * 30).min(LOOK_WINDOW * 60));
        let opens = half(offset - before);
        let closes = after.map_or(TimeDelta::minutes(LOOK_WINDOW), |after| half(after - offset));
        if let Some(step) = steps.get_mut(*place) {
            step.window =
                step.at.and_then(|at| Some(Span::new(at.checked_sub_signed(opens)?, at.checked_add_signed(closes)?)));
        }
    }
}

/// The planned look that a look at `at` is: the one whose window it falls into, else the one before, done late. Its place in
/// the list; `None` is a look ahead of all of them.
fn planned_look(steps: &[AgendaStep], at: DateTime<Utc>) -> Option<usize> {
    let looks = || steps.iter().enumerate().filter(|(_, step)| step.key == StepKey::MidCheck);
    let within = looks().find(|(_, step)| step.window.is_some_and(|window| window.contains(at)));
    let late = || looks().filter(|(_, step)| step.at.is_some_and(|due| due <= at)).max_by_key(|(_, step)| step.at);
    let untimed = || looks().find(|(_, step)| step.at.is_none() && step.done_at.is_none());
    within.or_else(late).or_else(untimed).map(|(place, _)| place)
}

/// Whether a look at `at` does one of the planned looks that nobody has done.
pub fn is_planned_look(steps: &[AgendaStep], at: DateTime<Utc>) -> bool {
    planned_look(steps, at).and_then(|place| steps.get(place)).is_some_and(|step| step.done_at.is_none())
}

/// Ticks off what was done. The n-th "flush" that was ticked off is the n-th flush of the list; a look is the one of its time,
/// and two people who looked then looked at one and the same.
pub(crate) fn tick_off(steps: &mut [AgendaStep], done: impl Iterator<Item = (StepKey, DateTime<Utc>)>) {
    for (key, at) in done {
        let of_its_time = (key == StepKey::MidCheck).then(|| planned_look(steps, at)).flatten();
        let step = match of_its_time {
            Some(place) => steps.get_mut(place),
            None => steps.iter_mut().find(|step| step.key == key && step.done_at.is_none()),
        };
        if let Some(step) = step {
            step.done_at.get_or_insert(at);
        }
    }
}

/// Lets go of looks whose time is over at `now`: the time of a later one has come.
pub(crate) fn let_pass(steps: &mut [AgendaStep], now: DateTime<Utc>) {
    let come = steps.iter().filter(|step| step.key == StepKey::MidCheck).filter_map(|step| step.window);
    let latest = come.map(|window| window.from).filter(|from| *from <= now).max();
    for step in steps.iter_mut().filter(|step| step.key == StepKey::MidCheck && step.done_at.is_none()) {
        step.passed = step.window.zip(latest).is_some_and(|(window, latest)| window.from < latest);
    }
}
