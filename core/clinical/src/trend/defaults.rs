//! The numbers that a plan may leave out, each with its source: `data/trends.json`. They turn nothing on.

use homeline_model::{Decimal, TrendRule, TrendSeries};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
pub(super) struct Defaults {
    pub windows: Windows,
    pub run: Sourced,
    pub ewma: Ewma,
    pub cusum: Cusum,
    series: Vec<SeriesRow>,
}

#[derive(Deserialize)]
pub(super) struct Windows {
    pub watch_days: u32,
    pub baseline_days: u32,
    pub least_values: u32,
    pub again_days: u32,
    pub source: String,
}

#[derive(Deserialize)]
pub(super) struct Sourced {
    pub source: String,
}

#[derive(Deserialize)]
pub(super) struct Ewma {
    pub weight: Decimal,
    pub limit: Decimal,
    pub source: String,
}

#[derive(Deserialize)]
pub(super) struct Cusum {
    pub slack: Decimal,
    pub limit: Decimal,
    pub source: String,
}

#[derive(Deserialize)]
struct SeriesRow {
    series: TrendSeries,
    source: String,
    units: Vec<UnitRow>,
}

/// One unit of a series.
#[derive(Debug, Deserialize)]
pub(super) struct UnitRow {
    /// UCUM code.
    pub code: String,
    /// As shown.
    pub display: String,
    /// The least standard deviation of a baseline, in this unit.
    least_spread: Option<Decimal>,
    /// The same as a percentage of the baseline's middle.
    least_spread_percent: Option<Decimal>,
}

impl UnitRow {
    /// The least standard deviation of a baseline with this middle; more than zero.
    pub fn least_spread(&self, middle: Decimal) -> Decimal {
        let of_middle = self.least_spread_percent.map(|percent| middle * percent / Decimal::ONE_HUNDRED);
        self.least_spread.or(of_middle).filter(|spread| *spread > Decimal::ZERO).unwrap_or(Decimal::ONE)
    }
}

static DEFAULTS: LazyLock<Defaults> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/trends.json")).expect("embedded, and read by the tests")
});

pub(super) fn defaults() -> &'static Defaults {
    &DEFAULTS
}

/// The units of a series, in the order of the file.
pub(super) fn units(series: TrendSeries) -> &'static [UnitRow] {
    DEFAULTS.series.iter().find(|row| row.series == series).map_or(&[], |row| row.units.as_slice())
}

/// Where the least spread of a series comes from.
pub(super) fn spread_source(series: TrendSeries) -> &'static str {
    DEFAULTS.series.iter().find(|row| row.series == series).map_or("", |row| row.source.as_str())
}

/// The windows of one rule in days and values, the plan's where it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RuleWindows {
    pub watch_days: u32,
    pub baseline_days: u32,
    pub least_values: u32,
}

pub(super) fn windows(rule: &TrendRule) -> RuleWindows {
    let usual = &DEFAULTS.windows;
    RuleWindows {
        watch_days: rule.watch_days.unwrap_or(usual.watch_days),
        baseline_days: rule.baseline_days.unwrap_or(usual.baseline_days),
        least_values: rule.least_values.unwrap_or(usual.least_values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vital_input::takes_unit;

    #[test]
    fn every_series_has_a_row_with_units_a_spread_and_a_source() {
        for series in [
            TrendSeries::Temperature,
            TrendSeries::Pulse,
            TrendSeries::Weight,
            TrendSeries::Pain,
            TrendSeries::SiteSigns,
            TrendSeries::Vip,
            TrendSeries::InfusionTime,
            TrendSeries::Occlusions,
            TrendSeries::SymptomBurden,
            TrendSeries::MissedSteps,
        ] {
            assert!(!units(series).is_empty(), "{series:?}");
            assert!(spread_source(series).len() > 10, "{series:?}");
            for unit in units(series) {
                assert!(unit.least_spread.is_some() != unit.least_spread_percent.is_some(), "{series:?} {}", unit.code);
                assert!(series.vital().is_none_or(|vital| takes_unit(vital, &unit.code)), "{series:?} {}", unit.code);
            }
        }
        let sources = [&DEFAULTS.windows.source, &DEFAULTS.run.source, &DEFAULTS.ewma.source, &DEFAULTS.cusum.source];
        assert!(sources.iter().all(|source| source.len() > 20));
    }
}
