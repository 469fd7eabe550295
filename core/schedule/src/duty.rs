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
use homeline_model::{CarePlan, Caregiver, Duty, Right, TimePolicy, Timing};

/// The longest shift.
const LONGEST_SHIFT: TimeDelta = TimeDelta::days(31);
/// Shifts that may have begun within the longest one; more are a slip of the pen.
const MOST_SHIFTS: usize = 1_000;

/// The caregivers whose phones ring at `at`, in the order of the plan.
pub fn on_duty<'a>(plan: &'a CarePlan, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> Vec<&'a Caregiver> {
    let may = |caregiver: &&Caregiver| {
        caregiver.rights.contains(&Right::Acknowledge) && caregiver.until.is_none_or(|until| at <= until)
    };
    let all: Vec<&Caregiver> = plan.caregivers.iter().filter(may).collect();
    let has_duty = |caregiver: &&Caregiver| {
        plan.duties.iter().any(|duty| duty.person == caregiver.id && covers(duty, zones, routine, at))
    };
    let on_duty: Vec<&Caregiver> = all.iter().copied().filter(has_duty).collect();
    if on_duty.is_empty() { all } else { on_duty }
}

fn covers(duty: &Duty, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> bool {
    let inside = duty.from.is_none_or(|from| from <= at) && duty.until.is_none_or(|until| at <= until);
    inside && duty.shifts.as_ref().is_none_or(|shifts| in_a_shift(shifts, duty, zones, routine, at))
}

/// Shifts are by the clock of the home, wherever a phone is.
fn in_a_shift(shifts: &Timing, duty: &Duty, zones: Zones<'_>, routine: &Routine, at: DateTime<Utc>) -> bool {
    let from = at.checked_sub_signed(LONGEST_SHIFT).unwrap_or(at);
    let to = at.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(at);
    let anchor = duty.from.map(|from| homeline_model::FhirDateTime::Instant(from.fixed_offset()));
    let found = expand_timing(shifts, TimePolicy::HomeZone, anchor, zones, routine, Span::new(from, to), MOST_SHIFTS);
    // A shift without a length lasts to nobody knows when: then it counts, because nobody on duty would be worse.
    let lasts = |slot: &Slot| slot.end().is_none_or(|end| at < end);
    found.slots.iter().any(lasts) || !found.questions.is_empty()
}
