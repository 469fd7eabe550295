//! The three rules, on one series: run rule, EWMA and CUSUM.
//!
//! * **Run rule**: each of the last n days (or infusions) lies beyond the one before, with no day missing between. Nelson
//!   1984, test 3.
//! * **EWMA**: z₀ = 0, zᵢ = λ·uᵢ + (1 − λ)·zᵢ₋₁; it speaks when z is above L·√(λ / (2 − λ)). Roberts 1959; NIST 6.3.2.4.
//! * **CUSUM**: S₀ = 0, Sᵢ = max(0, Sᵢ₋₁ + uᵢ − k); it speaks when S is above h. Page 1954; NIST 6.3.2.3.
//!
//! u is the distance from the patient's own baseline in standard deviations. The baseline is robust: median, and 1.4826
//! times the median absolute deviation (Hampel 1974), so that one slip of the finger moves neither. And u is cut so that one
//! value alone never makes a chart speak: a second one has to agree (after Lucas and Crosier, Technometrics 24 (1982)).
//!
//! Days that are missing are passed over: they move no statistic. A chart whose newest value is older than yesterday says
//! nothing about today.

use super::defaults::{RuleWindows, UnitRow, defaults};
use super::series::Point;
use chrono::{NaiveDate, TimeDelta};
use homeline_model::{Decimal, TrendDirection, TrendMethod};
use rust_decimal::prelude::ToPrimitive;

/// From a median absolute deviation to a standard deviation, for bell-shaped values.
const MAD_TO_DEVIATION: f64 = 1.4826;
/// Guards "above the limit" against the last bit of a float.
const HAIR: f64 = 1e-9;

/// What a patient's own values were before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Baseline {
    /// Their median.
    pub middle: Decimal,
    /// Their robust standard deviation, not less than the unit's least spread.
    pub deviation: f64,
    /// How many there are.
    pub values: usize,
}

/// A chart that speaks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Signal<'a> {
    /// The values that are shown, oldest first.
    pub points: &'a [Point],
    /// What they are held against; `None` for a run.
    pub baseline: Option<Baseline>,
    /// From where the change is counted.
    pub from: Decimal,
    /// The statistic and its limit: in the unit for EWMA, in standard deviations for CUSUM, `None` for a run.
    pub statistic: Option<(f64, f64)>,
}

impl Signal<'_> {
    /// How far the newest value lies from where the change is counted.
    pub fn change(&self) -> Decimal {
        self.points.last().map_or(Decimal::ZERO, |last| (last.value - self.from).abs())
    }
}

/// Why a chart says nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Silent {
    /// Too few values yet.
    TooFew {
        /// Values there are.
        have: usize,
        /// Values it takes.
        need: usize,
    },
    /// The newest value is older than yesterday.
    NothingNew,
    /// The rule is not met.
    NotMet(Option<Baseline>),
}

/// A rule as the chart needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chart<'a> {
    pub method: TrendMethod,
    pub direction: TrendDirection,
    pub windows: RuleWindows,
    pub unit: &'a UnitRow,
    /// Points are days, and not infusions.
    pub daily: bool,
}

impl Chart<'_> {
    /// Holds the rule against the points, which are in order.
    pub fn read<'p>(&self, points: &'p [Point], today: NaiveDate) -> Result<Signal<'p>, Silent> {
        let watch_from = days_before(today, self.windows.watch_days.saturating_sub(1));
        let oldest = days_before(watch_from, self.windows.baseline_days);
        let points = after(points, |point| point.day < oldest);
        let newest_allowed = if self.daily { days_before(today, 1) } else { watch_from };
        if points.last().is_some_and(|last| last.day < newest_allowed) {
            return Err(Silent::NothingNew);
        }
        match self.method {
            TrendMethod::Run { days } => self.run(points, days),
            TrendMethod::Ewma { weight, limit } => {
                let usual = &defaults().ewma;
                let weight = float(weight.unwrap_or(usual.weight));
                let limit = float(limit.unwrap_or(usual.limit)) * (weight / (2.0 - weight)).sqrt();
                let (baseline, watched) = self.baseline(points, watch_from)?;
                let mean = self
                    .distances(&baseline, watched, limit / weight)
                    .fold(0.0, |mean, distance| weight * distance + (1.0 - weight) * mean);
                let in_unit = |deviations: f64| float(baseline.middle) + self.sign() * deviations * baseline.deviation;
                self.speak(baseline, watched, mean > limit + HAIR, (in_unit(mean), in_unit(limit)))
            }
            TrendMethod::Cusum { slack, limit } => {
                let usual = &defaults().cusum;
                let slack = float(slack.unwrap_or(usual.slack));
                let limit = float(limit.unwrap_or(usual.limit));
                let (baseline, watched) = self.baseline(points, watch_from)?;
                let sum = self
                    .distances(&baseline, watched, limit + slack)
                    .fold(0.0, |sum: f64, distance| (sum + distance - slack).max(0.0));
                self.speak(baseline, watched, sum > limit + HAIR, (sum, limit))
            }
        }
    }

    fn sign(&self) -> f64 {
        match self.direction {
            TrendDirection::Up => 1.0,
            TrendDirection::Down => -1.0,
        }
    }

    fn beyond(&self, value: Decimal, other: Decimal) -> bool {
        match self.direction {
            TrendDirection::Up => value > other,
            TrendDirection::Down => value < other,
        }
    }

    /// The longest run at the end, when it is long enough.
    fn run<'p>(&self, points: &'p [Point], wanted: u32) -> Result<Signal<'p>, Silent> {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        if points.len() <= wanted {
            return Err(Silent::TooFew { have: points.len(), need: wanted.saturating_add(1) });
        }
        let follows = |pair: &[Point]| match pair {
            [before, after] => {
                let next_day = before.day.succ_opt() == Some(after.day);
                self.beyond(after.value, before.value) && (next_day || !self.daily)
            }
            _ => false,
        };
        let steps = points.windows(2).rev().take_while(|pair| follows(pair)).count();
        let run = points.get(points.len() - 1 - steps..).unwrap_or_default();
        match run.first() {
            Some(first) if steps >= wanted => {
                Ok(Signal { points: run, baseline: None, from: first.value, statistic: None })
            }
            Some(_) | None => Err(Silent::NotMet(None)),
        }
    }

    /// Splits the points into the patient's own baseline and what is held against it: the last days, or, early in a
    /// course, whatever comes after the first values that a baseline needs.
    fn baseline<'p>(&self, points: &'p [Point], watch_from: NaiveDate) -> Result<(Baseline, &'p [Point]), Silent> {
        let least = usize::try_from(self.windows.least_values).unwrap_or(usize::MAX).max(1);
        let before = points.iter().filter(|point| point.day < watch_from).count();
        let (own, watched) = points.split_at(before.max(least).min(points.len()));
        if watched.is_empty() || own.len() < least {
            return Err(Silent::TooFew { have: points.len(), need: least.saturating_add(1) });
        }
        let values: Vec<Decimal> = own.iter().map(|point| point.value).collect();
        let middle = median(&values);
        let deviations: Vec<Decimal> = values.iter().map(|value| (*value - middle).abs()).collect();
        let deviation = float(median(&deviations)) * MAD_TO_DEVIATION;
        let deviation = deviation.max(float(self.unit.least_spread(middle)));
        Ok((Baseline { middle, deviation, values: own.len() }, watched))
    }

    /// Distances from the baseline towards the side that is watched, in standard deviations, none beyond `most`.
    fn distances<'p>(&self, baseline: &Baseline, watched: &'p [Point], most: f64) -> impl Iterator<Item = f64> + 'p {
        let (middle, sign, deviation) = (float(baseline.middle), self.sign(), baseline.deviation);
        watched.iter().map(move |point| (sign * (float(point.value) - middle) / deviation).clamp(-most, most))
    }

    fn speak<'p>(
        &self,
        baseline: Baseline,
        points: &'p [Point],
        above: bool,
        statistic: (f64, f64),
    ) -> Result<Signal<'p>, Silent> {
        // Whoever is back at the baseline is not told of what is over.
        let still = points.last().is_some_and(|last| self.beyond(last.value, baseline.middle));
        if above && still {
            Ok(Signal { points, baseline: Some(baseline), from: baseline.middle, statistic: Some(statistic) })
        } else {
            Err(Silent::NotMet(Some(baseline)))
        }
    }
}

/// The median; of an even number the mean of the two in the middle. Zero of nothing.
pub(super) fn median(values: &[Decimal]) -> Decimal {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 {
        return upper;
    }
    let lower = (sorted.len() / 2).checked_sub(1).and_then(|index| sorted.get(index)).copied().unwrap_or_default();
    (lower + upper) / Decimal::TWO
}

fn after(points: &[Point], skip: impl Fn(&Point) -> bool) -> &[Point] {
    let start = points.iter().take_while(|point| skip(point)).count();
    points.get(start..).unwrap_or_default()
}

pub(super) fn days_before(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_sub_signed(TimeDelta::days(i64::from(days))).unwrap_or(NaiveDate::MIN)
}

/// Statistics are floats; every value and limit that a person reads is the decimal that was typed.
pub(super) fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
