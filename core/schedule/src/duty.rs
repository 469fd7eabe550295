//! Who is on duty: the caregivers to whom alarms go at an instant, as the plan says.
//!
//! Only a caregiver who may acknowledge alarms is called. When the plan puts nobody on duty at that instant, everybody who
//! may is called: an alarm that goes to nobody is the harm, one that goes to two is not.

use crate::expand::expand_timing;
use crate::routine::Routine;
use crate::slot::Slot;
use crate::span::Span;
use crate::zone::Zones;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{CarePlan, Caregiver, Duty, FhirDateTime, Right, TimePolicy, Timing};

/// The longest shift.
const LONGEST_SHIFT: TimeDelta = TimeDelta::days(31);
/// Shifts that may have begun within the longest one; more are a slip of the pen.
const MOST_SHIFTS: usize = 1_000;
/// How far ahead the next hours are looked for: a week of hours has one, and a public holiday may take it.
const NEXT_HOURS: TimeDelta = TimeDelta::days(14);

/// The caregivers whose phones ring at `at`, in the order of the plan.
pub fn on_duty<'a>(plan: &'a CarePlan, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> Vec<&'a Caregiver> {
    let may = |caregiver: &&Caregiver| caregiver.holds(Right::Acknowledge, at);
    let all: Vec<&Caregiver> = plan.caregivers.iter().filter(may).collect();
    let has_duty = |caregiver: &&Caregiver| {
        plan.duties.iter().any(|duty| duty.person == caregiver.id && covers(duty, zones, routine, at))
    };
    let on_duty: Vec<&Caregiver> = all.iter().copied().filter(has_duty).collect();
    if on_duty.is_empty() { all } else { on_duty }
}

/// Whether an instant lies in hours that a timing gives: each slot with its duration, by the clock of the home. Hours that
/// cannot be read are `None`.
pub fn within_hours(hours: &Timing, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> Option<bool> {
    let slots = slots_around(hours, None, zones, routine, at, TimeDelta::zero())?;
    let holds = |slot: &Slot| slot.start() <= at && slot.end().is_some_and(|end| at < end);
    Some(slots.iter().any(holds))
}

/// When hours that a timing gives begin next after an instant; `None` when that cannot be read, or not within a fortnight.
pub fn next_hours(hours: &Timing, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let slots = slots_around(hours, None, zones, routine, at, NEXT_HOURS)?;
    slots.iter().map(Slot::start).filter(|begins| *begins > at).min()
}

fn covers(duty: &Duty, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> bool {
    let inside = duty.from.is_none_or(|from| from <= at) && duty.until.is_none_or(|until| at <= until);
    inside && duty.shifts.as_ref().is_none_or(|shifts| in_a_shift(shifts, duty, zones, routine, at))
}

/// Shifts are by the clock of the home, wherever a phone is.
fn in_a_shift(shifts: &Timing, duty: &Duty, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> bool {
    let anchor = duty.from.map(|from| FhirDateTime::Instant(from.fixed_offset()));
    // A shift without a length lasts to nobody knows when: then it counts, because nobody on duty would be worse. So do
    // shifts that cannot be read.
    let lasts = |slot: &Slot| slot.start() <= at && slot.end().is_none_or(|end| at < end);
    slots_around(shifts, anchor, zones, routine, at, TimeDelta::zero()).is_none_or(|slots| slots.iter().any(lasts))
}

/// The slots that may hold `at`, and those that begin within `ahead` after it. `None` when the timing is a question.
fn slots_around(
    timing: &Timing,
    anchor: Option<FhirDateTime>,
    zones: Zones<'_>,
    routine: &Routine,
    at: DateTime<Utc>,
    ahead: TimeDelta,
) -> Option<Vec<Slot>> {
    let from = at.checked_sub_signed(LONGEST_SHIFT).unwrap_or(at);
    let to = at.checked_add_signed(ahead + TimeDelta::seconds(1)).unwrap_or(at);
    let found = expand_timing(timing, TimePolicy::HomeZone, anchor, zones, routine, Span::new(from, to), MOST_SHIFTS);
    found.questions.is_empty().then_some(found.slots)
}
