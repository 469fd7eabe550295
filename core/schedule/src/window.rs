//! When a dose still counts as on time: the plan's own window, else a cited default that is marked as one.
//!
//! The defaults are for showing and counting only; they allow nothing. Sources: CMS and ISMP acute-care guidelines for
//! timely administration of scheduled medications (2011) for the hospital rule; patient information of subcutaneous
//! immunoglobulin for its flexible days; INS practice for the rest. A plan's window replaces all of it.

use crate::slot::Precision;
use crate::zone::day_span;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{Order, OrderKind, Window, ZoneTable};

/// The window of one occurrence, as instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemWindow {
    /// On time from here on; a start before is early.
    pub opens: DateTime<Utc>,
    /// On time up to here, inclusive; a start after is late.
    pub closes: DateTime<Utc>,
    /// `false`: a default, which a screen must mark as such.
    pub from_plan: bool,
    /// Where it comes from, kebab-case: `plan`, `hospital-rule-daily`, `therapy-scig`…
    pub source: &'static str,
}

/// Minutes to each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Minutes(u32),
    /// Up to the end of the local day, from its beginning.
    SameDay,
    /// Lateness is no matter of minutes here: no window is shown.
    Unstated,
}

const HOURS: u32 = 60;
const DAYS: u32 = 24 * HOURS;

/// Therapies whose usual practice is not the hospital rule, by the clinical rules' therapy key.
const BY_THERAPY: &[(&[&str], Width, &str)] = &[
    (&["scig"], Width::Minutes(2 * DAYS), "therapy-scig"),
    (
        &[
            "ivig",
            "infliximab",
            "vedolizumab",
            "natalizumab",
            "ustekinumab-iv",
            "risankizumab-iv",
            "tocilizumab",
            "abatacept",
            "belimumab",
            "ocrelizumab",
            "ert",
        ],
        Width::Minutes(3 * DAYS),
        "therapy-long-cycle",
    ),
    (&["tpn", "tpn-cyc"], Width::Minutes(2 * HOURS), "therapy-parenteral-nutrition"),
    (&["fu-46h", "fluorouracil"], Width::Unstated, "therapy-fluorouracil"),
    (&["milrinone", "dobutamine", "pph-prostacyclin"], Width::Minutes(0), "must-not-stop"),
    (&["factor"], Width::SameDay, "therapy-factor"),
];

/// The window of an occurrence of `order` that is planned at `start`. `interval_seconds` is the order's usual distance
/// between doses. `None` when no window is stated and no default fits.
pub(crate) fn window(
    order: &Order,
    interval_seconds: Option<i64>,
    start: DateTime<Utc>,
    precision: Precision,
    zone: &ZoneTable,
) -> Option<ItemWindow> {
    let day = day_span(zone, crate::zone::local_date(zone, start));
    // A duty that has a day and no time may be done at any time of it.
    let (first, last) = match (precision, day) {
        (Precision::Day, Some(day)) => (day.from, day.to - TimeDelta::seconds(1)),
        _ => (start, start),
    };
    if let Some(Window { before_minutes, after_minutes, from_plan }) = order.window {
        let source = if from_plan { "plan" } else { "default" };
        return Some(ItemWindow {
            opens: moved(first, -i64::from(before_minutes)),
            closes: moved(last, i64::from(after_minutes)),
            from_plan,
            source,
        });
    }
    let (width, source) = default_width(order, interval_seconds);
    let (opens, closes) = match (width, precision, day) {
        (Width::Unstated, _, _) => return None,
        (Width::SameDay, _, Some(day)) => (day.from, day.to - TimeDelta::seconds(1)),
        (Width::Minutes(minutes), Precision::Day, _) if minutes < DAYS => (first, last),
        (Width::Minutes(minutes), _, _) => (moved(first, -i64::from(minutes)), moved(last, i64::from(minutes))),
        (Width::SameDay, _, None) => (first, last),
    };
    Some(ItemWindow { opens, closes, from_plan: false, source })
}

fn default_width(order: &Order, interval_seconds: Option<i64>) -> (Width, &'static str) {
    if order.must_not_stop {
        return (Width::Minutes(0), "must-not-stop");
    }
    if order.time_critical {
        return (Width::Minutes(30), "hospital-rule-time-critical");
    }
    let therapy = order.therapy.as_ref().map(|key| key.replace('_', "-"));
    let of_therapy =
        BY_THERAPY.iter().find(|(keys, _, _)| therapy.as_ref().is_some_and(|t| keys.contains(&t.as_str())));
    if let Some((_, width, source)) = of_therapy
        && order.kind == OrderKind::Medication
    {
        return (*width, source);
    }
    if order.kind == OrderKind::Premedication {
        return (Width::Minutes(30), "hospital-rule-time-critical");
    }
    const HOUR: i64 = 3_600;
    match interval_seconds {
        Some(interval) if interval < 4 * HOUR => (Width::Minutes(30), "hospital-rule-time-critical"),
        Some(interval) if interval < 24 * HOUR => (Width::Minutes(HOURS), "hospital-rule-more-than-daily"),
        Some(_) | None => (Width::Minutes(2 * HOURS), "hospital-rule-daily"),
    }
}

fn moved(at: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::minutes(minutes)).unwrap_or(at)
}
