//! Trends that the team asked to be told of: our extension `trend` on `CarePlan`, because R4 has no place for them.
//!
//! A trend is on only where it is read to the last part. One that cannot be read is left out and listed, and nothing takes
//! its place: there is no built-in trend.

use super::flush_and_steps::minutes_of;
use super::quantity::positive;
use super::{Findings, any_id, code_of};
use crate::datatype::{Extension, find_all, part, parts};
use crate::fault::{Fault, at, extension, inside};
use crate::number;
use homeline_model::{AdviceLevel, Decimal, OrderId, TrendLevel, TrendMethod, TrendRule, TrendSeries};
use serde::Deserialize;
use std::ops::RangeInclusive;

const MINUTES_A_DAY: u32 = 24 * 60;

/// All `trend` extensions. `known` are ids of trends that were read before.
pub(crate) fn trends(extensions: &[Extension], known: &[TrendRule], findings: &mut Findings) -> Vec<TrendRule> {
    let mut trends: Vec<TrendRule> = Vec::new();
    for (index, (_, written)) in find_all(extensions, "trend").enumerate() {
        let path = format!("{}[{index}]", extension("", "trend"));
        let read = trend(written, &path, findings).and_then(|trend| {
            if known.iter().chain(&trends).any(|other| other.rule == trend.rule) {
                Err(Fault::at(inside(&path, "rule"), "is the id of another trend too: ask the care team to rename one"))
            } else {
                Ok(trend)
            }
        });
        trends.extend(findings.may(read));
    }
    trends
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MethodCode {
    Run,
    Ewma,
    Cusum,
}

fn trend(written: &Extension, path: &str, findings: &mut Findings) -> Result<TrendRule, Fault> {
    let needed =
        |name: &str| part(written, name).ok_or_else(|| Fault::missing(inside(path, name), "this part of the trend"));
    let rule = needed("rule")?.value_code.clone().filter(|rule| !rule.trim().is_empty());
    let rule = rule.ok_or_else(|| Fault::missing(inside(path, "rule"), "the id of the trend"))?;
    let series: TrendSeries = code_of(needed("series")?, &inside(path, "series"), "series")?;
    let method = method(code_of(needed("method")?, &inside(path, "method"), "method")?, written, path)?;
    let mut change = Vec::new();
    for (index, least) in parts(written, "change") {
        let path = inside(&at(path, "change", index), "valueQuantity");
        match &least.value_quantity {
            Some(value) => change.push(positive(value, &path)?),
            None => return Err(Fault::missing(path, "the least change")),
        }
    }
    let text = part(written, "text").and_then(|part| part.value_string.as_deref());
    Ok(TrendRule {
        rule,
        series,
        method,
        direction: code_of(needed("direction")?, &inside(path, "direction"), "direction (`up` or `down`)")?,
        change,
        order: order(written, series, path)?,
        watch_days: days(written, "watch", 1..=28, path)?,
        baseline_days: days(written, "baseline", 1..=90, path)?,
        least_values: whole(written, "least", 3..=60, path)?,
        again_days: days(written, "again", 1..=90, path)?,
        level: level(needed("level")?, path)?,
        text: text.map(|text| findings.text(text, &inside(path, "text"))),
    })
}

/// The method with its numbers. A number of another method says that something else was meant.
fn method(code: MethodCode, written: &Extension, path: &str) -> Result<TrendMethod, Fault> {
    let (method, others): (TrendMethod, &[&str]) = match code {
        MethodCode::Run => {
            let days = whole(written, "days", 1..=14, path)?;
            let days = days.ok_or_else(|| Fault::missing(inside(path, "days"), "how many days in a row"))?;
            (TrendMethod::Run { days }, &["weight", "slack", "limit"])
        }
        MethodCode::Ewma => {
            let weight = decimal(written, "weight", Decimal::ONE, path)?;
            let limit = decimal(written, "limit", Decimal::TEN, path)?;
            (TrendMethod::Ewma { weight, limit }, &["days", "slack"])
        }
        MethodCode::Cusum => {
            let slack = decimal(written, "slack", Decimal::TEN, path)?;
            let limit = decimal(written, "limit", Decimal::from(20), path)?;
            (TrendMethod::Cusum { slack, limit }, &["days", "weight"])
        }
    };
    match others.iter().find(|name| part(written, name).is_some()) {
        Some(name) => Err(Fault::at(inside(path, name), "does not belong to this method: ask the care team")),
        None => Ok(method),
    }
}

fn order(written: &Extension, series: TrendSeries, path: &str) -> Result<Option<OrderId>, Fault> {
    let Some(found) = part(written, "order") else { return Ok(None) };
    let path = inside(path, "order");
    if series != TrendSeries::InfusionTime {
        return Err(Fault::at(path, "is only for the time of an infusion: ask the care team"));
    }
    match any_id(found.value_reference.as_ref()).and_then(|id| OrderId::new(id).ok()) {
        Some(id) => Ok(Some(id)),
        None => Err(Fault::missing(path, "a reference to the order")),
    }
}

/// `note` or `message-today`. What must be told sooner is no trend: it is a limit, and triage holds it.
fn level(found: &Extension, path: &str) -> Result<TrendLevel, Fault> {
    let path = inside(path, "level");
    match code_of(found, &path, "level of advice")? {
        AdviceLevel::Note => Ok(TrendLevel::Note),
        AdviceLevel::MessageToday => Ok(TrendLevel::MessageToday),
        AdviceLevel::CallNow | AdviceLevel::Emergency => Err(Fault::at(
            path,
            "is more urgent than a trend can be: ask the care team to send a limit (`threshold`) instead",
        )),
    }
}

/// A length of time in whole days.
fn days(written: &Extension, name: &str, range: RangeInclusive<u32>, path: &str) -> Result<Option<u32>, Fault> {
    let Some(found) = part(written, name) else { return Ok(None) };
    let path = inside(path, name);
    let minutes = minutes_of(found, &path)?;
    let days = minutes / MINUTES_A_DAY;
    if minutes % MINUTES_A_DAY == 0 && range.contains(&days) {
        Ok(Some(days))
    } else {
        let (least, most) = range.into_inner();
        Err(Fault::at(path, format!("must be from {least} to {most} whole days: ask the care team to correct it")))
    }
}

fn whole(written: &Extension, name: &str, range: RangeInclusive<u32>, path: &str) -> Result<Option<u32>, Fault> {
    let Some(found) = part(written, name) else { return Ok(None) };
    match found.value_positive_int.filter(|number| range.contains(number)) {
        Some(number) => Ok(Some(number)),
        None => {
            let (least, most) = range.into_inner();
            let reason = format!("must be a whole number from {least} to {most}: ask the care team to correct it");
            Err(Fault::at(inside(path, name), reason))
        }
    }
}

/// A number above 0 and at most `most`.
fn decimal(written: &Extension, name: &str, most: Decimal, path: &str) -> Result<Option<Decimal>, Fault> {
    let Some(found) = part(written, name) else { return Ok(None) };
    let path = inside(path, name);
    let Some(number) = &found.value_decimal else {
        return Err(Fault::missing(inside(&path, "valueDecimal"), "the number"));
    };
    let value = number::decimal(number, &path)?;
    if value > Decimal::ZERO && value <= most {
        Ok(Some(value))
    } else {
        Err(Fault::at(path, format!("must be above 0 and at most {most}: ask the care team to correct it")))
    }
}
