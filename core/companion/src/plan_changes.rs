//! What a new plan changes, in words: what was, what is, and which bags to put aside.

use crate::texts::Texts;
use crate::words;
use chrono::Weekday;
use homeline_model::{CarePlan, DayOfWeek, Dosage, FlushPlan, Order, OrderStatus, PeriodUnit, Quantity, Timing};

/// What is another in the new plan, in words, one change each.
pub(crate) fn changes(texts: Texts, old: Option<&CarePlan>, new: &CarePlan) -> Vec<String> {
    let mut changes = Vec::new();
    for order in &new.orders {
        match old.and_then(|old| old.order(&order.id)) {
            Some(before) => changes.extend(order_changes(texts, before, order)),
            None => {
                let replaced = order.replaces.as_ref().filter(|_| is_in_force(order));
                let replaced = replaced.and_then(|id| old.and_then(|old| old.order(id)).or_else(|| new.order(id)));
                changes.push(match replaced {
                    Some(before) => texts
                        .fill("changes.new-for", &[("title", &title(texts, order)), ("before", &title(texts, before))]),
                    None => texts.fill("changes.new", &[("title", &title(texts, order))]),
                });
                changes.extend(replaced.and_then(|before| put_aside(texts, before)));
            }
        }
    }
    for order in old.iter().flat_map(|old| &old.orders) {
        if new.order(&order.id).is_none() {
            changes.push(texts.fill("changes.gone", &[("title", &title(texts, order))]));
        }
    }
    changes.extend(stays(texts, old, new));
    changes
}

/// The order's own name as it may be shown.
fn title(texts: Texts, order: &Order) -> String {
    words::as_written(texts, &order.title)
}

fn is_in_force(order: &Order) -> bool {
    matches!(order.status, OrderStatus::Active | OrderStatus::OnHold)
}

fn stays(texts: Texts, old: Option<&CarePlan>, new: &CarePlan) -> Vec<String> {
    let mut changes = Vec::new();
    for stay in &new.stays {
        let before = old.and_then(|old| old.stays.iter().find(|before| before.id == stay.id));
        match (before, stay.end) {
            (None, None) => changes.push(texts.say("changes.in-hospital")),
            (Some(before), Some(_)) if before.end.is_none() => changes.push(texts.say("changes.home-again")),
            (None, Some(_)) | (Some(_), _) => {}
        }
    }
    changes
}

fn order_changes(texts: Texts, before: &Order, after: &Order) -> Vec<String> {
    let title = title(texts, after);
    let of = |key| texts.fill(key, &[("title", &title)]);
    let mut changes = Vec::new();
    if before.status != after.status {
        changes.push(match after.status {
            OrderStatus::Active => of("changes.in-force"),
            OrderStatus::OnHold => of("changes.on-hold"),
            OrderStatus::Stopped | OrderStatus::Completed | OrderStatus::NotInForce => of("changes.ended"),
            OrderStatus::Unknown => of("changes.unknown"),
        });
        if is_in_force(before) && !is_in_force(after) {
            changes.extend(put_aside(texts, before));
        }
    }
    for (was, is, key) in [
        (before.title.clone(), after.title.clone(), "changes.name"),
        (each(texts, before, times), each(texts, after, times), "changes.times"),
        (each(texts, before, dose), each(texts, after, dose), "changes.dose"),
        (each(texts, before, rate), each(texts, after, rate), "changes.rate"),
        (amount(texts, before.volume.as_ref()), amount(texts, after.volume.as_ref()), "changes.volume"),
        (flushes(texts, &before.flush), flushes(texts, &after.flush), "changes.flushes"),
    ] {
        if was != is {
            changes.push(texts.fill(key, &[("title", &title), ("was", &was), ("is", &is)]));
        }
    }
    // What has no words of its own is told as well.
    let timing = |order: &Order| order.dosages.iter().map(|dosage| dosage.timing.clone()).collect::<Vec<_>>();
    if timing(before) != timing(after) && each(texts, before, times) == each(texts, after, times) {
        changes.push(of("changes.other-times"));
    }
    if before.steps != after.steps {
        changes.push(of("changes.steps"));
    }
    let drug = |order: &Order| order.medication.as_ref().map(|drug| (drug.name.clone(), drug.strength.clone()));
    let bag = |order: &Order| (drug(order), each(texts, order, dose), order.volume.clone());
    if is_in_force(before) && is_in_force(after) && bag(before) != bag(after) {
        changes.extend(put_aside(texts, before));
    }
    changes
}

/// Which bags to put aside, by what is on their label.
fn put_aside(texts: Texts, order: &Order) -> Option<String> {
    order.medication.as_ref()?;
    let volume = order.volume.as_ref().map(|volume| format!(", {volume}")).unwrap_or_default();
    let what = format!("{}{volume}", title(texts, order));
    Some(texts.fill("changes.put-aside", &[("what", &what)]))
}

fn each(texts: Texts, order: &Order, words: impl Fn(Texts, &Dosage) -> String) -> String {
    let all: Vec<String> = order.dosages.iter().map(|dosage| words(texts, dosage)).collect();
    if all.is_empty() { texts.say("changes.not-stated") } else { all.join("; ") }
}

fn amount(texts: Texts, quantity: Option<&Quantity>) -> String {
    quantity.map_or_else(|| texts.say("changes.not-stated"), ToString::to_string)
}

fn dose(texts: Texts, dosage: &Dosage) -> String {
    amount(texts, dosage.dose.as_ref())
}

fn rate(texts: Texts, dosage: &Dosage) -> String {
    match &dosage.rate_profile {
        Some(profile) => words::ladder(texts, profile),
        None => amount(texts, dosage.rate.as_ref()),
    }
}

fn flushes(texts: Texts, flush: &FlushPlan) -> String {
    words::flush_plan(texts, flush).trim_end_matches('.').to_owned()
}

/// When, in words.
fn times(texts: Texts, dosage: &Dosage) -> String {
    match &dosage.timing {
        Some(timing) => timing_words(texts, timing),
        None if dosage.as_needed.is_some() => texts.say("timing.as-needed"),
        None => texts.say("changes.not-stated"),
    }
}

fn timing_words(texts: Texts, timing: &Timing) -> String {
    let mut parts = Vec::new();
    let Some(repeat) = &timing.repeat else {
        return match timing.event.len() {
            0 => texts.say("changes.not-stated"),
            1 => texts.say("timing.once"),
            number => texts.fill("timing.number", &[("number", &number)]),
        };
    };
    if let (Some(period), Some(unit)) = (repeat.period, repeat.period_unit) {
        let often = repeat.frequency.unwrap_or(1);
        let every = texts.fill("timing.every", &[("number", &period.normalize()), ("unit", &unit_words(texts, unit))]);
        parts.push(match often {
            1 => every,
            often => texts.fill("timing.often", &[("number", &often), ("every", &every)]),
        });
    }
    if !repeat.day_of_week.is_empty() {
        let days = repeat.day_of_week.iter().map(|day| texts.weekday_name(day_of_week(*day)));
        parts.push(texts.fill("timing.on", &[("days", &listed(texts, days))]));
    }
    if !repeat.time_of_day.is_empty() {
        let times = repeat.time_of_day.iter().map(|time| time.format("%H:%M").to_string());
        parts.push(texts.fill("timing.at", &[("times", &listed(texts, times))]));
    }
    if let (Some(duration), Some(unit)) = (repeat.duration, repeat.duration_unit) {
        let words = [("number", &duration.normalize() as &dyn std::fmt::Display), ("unit", &unit_words(texts, unit))];
        parts.push(texts.fill("timing.during", &words));
    }
    if parts.is_empty() { texts.say("timing.as-plan") } else { parts.join(" ") }
}

fn listed(texts: Texts, words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    words::listed(texts, &words)
}

fn unit_words(texts: Texts, unit: PeriodUnit) -> String {
    texts.say(match unit {
        PeriodUnit::Second => "unit.seconds",
        PeriodUnit::Minute => "unit.minutes",
        PeriodUnit::Hour => "unit.hours",
        PeriodUnit::Day => "unit.days",
        PeriodUnit::Week => "unit.weeks",
        PeriodUnit::Month => "unit.months",
        PeriodUnit::Year => "unit.years",
    })
}

fn day_of_week(day: DayOfWeek) -> Weekday {
    match day {
        DayOfWeek::Mon => Weekday::Mon,
        DayOfWeek::Tue => Weekday::Tue,
        DayOfWeek::Wed => Weekday::Wed,
        DayOfWeek::Thu => Weekday::Thu,
        DayOfWeek::Fri => Weekday::Fri,
        DayOfWeek::Sat => Weekday::Sat,
        DayOfWeek::Sun => Weekday::Sun,
    }
}
