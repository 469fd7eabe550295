//! What a new plan changes, in words: what was, what is, and which bags to put aside.

use crate::words;
use homeline_model::{
    CarePlan, DayOfWeek, Dosage, FlushPlan, Order, OrderStatus, PeriodUnit, Quantity, RateProfile, Timing,
};

/// What is another in the new plan, in words, one change each.
pub(crate) fn changes(old: Option<&CarePlan>, new: &CarePlan) -> Vec<String> {
    let mut changes = Vec::new();
    for order in &new.orders {
        match old.and_then(|old| old.order(&order.id)) {
            Some(before) => changes.extend(order_changes(before, order)),
            None => {
                let replaced = order.replaces.as_ref().filter(|_| is_in_force(order));
                let replaced = replaced.and_then(|id| old.and_then(|old| old.order(id)).or_else(|| new.order(id)));
                changes.push(match replaced {
                    Some(before) => format!("New: {}. It takes the place of {}.", title(order), title(before)),
                    None => format!("New: {}", title(order)),
                });
                changes.extend(replaced.and_then(put_aside));
            }
        }
    }
    for order in old.iter().flat_map(|old| &old.orders) {
        if new.order(&order.id).is_none() {
            changes.push(format!("Not in the plan any more: {}. Ask your nurse before the next dose.", title(order)));
        }
    }
    changes.extend(stays(old, new));
    changes
}

/// The order's own name as it may be shown.
fn title(order: &Order) -> String {
    words::as_written(&order.title)
}

fn is_in_force(order: &Order) -> bool {
    matches!(order.status, OrderStatus::Active | OrderStatus::OnHold)
}

fn stays(old: Option<&CarePlan>, new: &CarePlan) -> Vec<String> {
    let mut changes = Vec::new();
    for stay in &new.stays {
        let before = old.and_then(|old| old.stays.iter().find(|before| before.id == stay.id));
        match (before, stay.end) {
            (None, None) => changes.push(
                "In the hospital: the plan for home is paused, and nothing rings. It goes on with fresh orders of your \
                 care team."
                    .to_owned(),
            ),
            (Some(before), Some(_)) if before.end.is_none() => changes.push(
                "Home from the hospital: an order rings again when your care team has sent it anew. Call them before \
                 the next dose."
                    .to_owned(),
            ),
            (None, Some(_)) | (Some(_), _) => {}
        }
    }
    changes
}

fn order_changes(before: &Order, after: &Order) -> Vec<String> {
    let title = title(after);
    let mut changes = Vec::new();
    if before.status != after.status {
        changes.push(match after.status {
            OrderStatus::Active => format!("In force again: {title}"),
            OrderStatus::OnHold => {
                format!("On hold: {title}. Keep what is left of it apart until your care team says more.")
            }
            OrderStatus::Stopped | OrderStatus::Completed | OrderStatus::NotInForce => format!("Ended: {title}"),
            OrderStatus::Unknown => format!("Not certain whether in force: {title}. Ask your nurse."),
        });
        if is_in_force(before) && !is_in_force(after) {
            changes.extend(put_aside(before));
        }
    }
    for (was, is, what) in [
        (before.title.clone(), after.title.clone(), "name"),
        (each(before, times), each(after, times), "times"),
        (each(before, dose), each(after, dose), "dose"),
        (each(before, rate), each(after, rate), "rate"),
        (amount(before.volume.as_ref()), amount(after.volume.as_ref()), "volume"),
        (flushes(&before.flush), flushes(&after.flush), "flushes"),
    ] {
        if was != is {
            changes.push(format!("Changed {what}: {title}. Before: {was}. Now: {is}."));
        }
    }
    // What has no words of its own is told as well.
    let timing = |order: &Order| order.dosages.iter().map(|dosage| dosage.timing.clone()).collect::<Vec<_>>();
    if timing(before) != timing(after) && each(before, times) == each(after, times) {
        changes.push(format!("Changed times: {title}"));
    }
    if before.steps != after.steps {
        changes.push(format!("Changed steps: {title}"));
    }
    let drug = |order: &Order| order.medication.as_ref().map(|drug| (drug.name.clone(), drug.strength.clone()));
    let bag = |order: &Order| (drug(order), each(order, dose), order.volume.clone());
    if is_in_force(before) && is_in_force(after) && bag(before) != bag(after) {
        changes.extend(put_aside(before));
    }
    changes
}

/// Which bags to put aside, by what is on their label.
fn put_aside(order: &Order) -> Option<String> {
    order.medication.as_ref()?;
    let volume = order.volume.as_ref().map(|volume| format!(", {volume}")).unwrap_or_default();
    Some(format!(
        "Put aside what is left of {}{volume}. Do not use it. Ask your pharmacist what to do with it.",
        title(order)
    ))
}

fn each(order: &Order, words: impl Fn(&Dosage) -> String) -> String {
    let all: Vec<String> = order.dosages.iter().map(words).collect();
    if all.is_empty() { "not stated".to_owned() } else { all.join("; ") }
}

fn amount(quantity: Option<&Quantity>) -> String {
    quantity.map_or_else(|| "not stated".to_owned(), ToString::to_string)
}

fn dose(dosage: &Dosage) -> String {
    amount(dosage.dose.as_ref())
}

fn rate(dosage: &Dosage) -> String {
    let rung = |profile: &RateProfile| -> String {
        let rungs = profile.steps.iter().map(|step| match step.minutes {
            Some(minutes) => format!("{} for {minutes} min", step.rate),
            None => format!("{} to the end", step.rate),
        });
        rungs.collect::<Vec<_>>().join(", then ")
    };
    match &dosage.rate_profile {
        Some(profile) => rung(profile),
        None => amount(dosage.rate.as_ref()),
    }
}

fn flushes(flush: &FlushPlan) -> String {
    words::flush_plan(flush).trim_end_matches('.').to_owned()
}

/// When, in words.
fn times(dosage: &Dosage) -> String {
    match &dosage.timing {
        Some(timing) => timing_words(timing),
        None if dosage.as_needed.is_some() => "as needed".to_owned(),
        None => "not stated".to_owned(),
    }
}

fn timing_words(timing: &Timing) -> String {
    let mut parts = Vec::new();
    let Some(repeat) = &timing.repeat else {
        return match timing.event.len() {
            0 => "not stated".to_owned(),
            1 => "once".to_owned(),
            number => format!("{number} times"),
        };
    };
    if let (Some(period), Some(unit)) = (repeat.period, repeat.period_unit) {
        let often = repeat.frequency.unwrap_or(1);
        let every = format!("every {} {}", period.normalize(), unit_words(unit));
        parts.push(if often == 1 { every } else { format!("{often} times {every}") });
    }
    if !repeat.day_of_week.is_empty() {
        parts.push(format!("on {}", listed(repeat.day_of_week.iter().map(|day| day_words(*day).to_owned()))));
    }
    if !repeat.time_of_day.is_empty() {
        parts.push(format!("at {}", listed(repeat.time_of_day.iter().map(|time| time.format("%H:%M").to_string()))));
    }
    if let (Some(duration), Some(unit)) = (repeat.duration, repeat.duration_unit) {
        parts.push(format!("for {} {}", duration.normalize(), unit_words(unit)));
    }
    if parts.is_empty() { "as the plan says".to_owned() } else { parts.join(" ") }
}

fn listed(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        all => all.concat(),
    }
}

fn unit_words(unit: PeriodUnit) -> &'static str {
    match unit {
        PeriodUnit::Second => "seconds",
        PeriodUnit::Minute => "minutes",
        PeriodUnit::Hour => "hours",
        PeriodUnit::Day => "days",
        PeriodUnit::Week => "weeks",
        PeriodUnit::Month => "months",
        PeriodUnit::Year => "years",
    }
}

fn day_words(day: DayOfWeek) -> &'static str {
    match day {
        DayOfWeek::Mon => "Monday",
        DayOfWeek::Tue => "Tuesday",
        DayOfWeek::Wed => "Wednesday",
        DayOfWeek::Thu => "Thursday",
        DayOfWeek::Fri => "Friday",
        DayOfWeek::Sat => "Saturday",
        DayOfWeek::Sun => "Sunday",
    }
}
