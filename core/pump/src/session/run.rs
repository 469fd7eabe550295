//! Dense readings of counter and rate, e.g. one a second, taken together: a run is one fact, and holds every reading.
//!
//! The fact is the last reading, with the series behind it. Nothing that the ledger needs lies inside of a run: it ends where the
//! counter falls, where the rate changes, where any other record comes, and where the clock's mapping changes. Runs end at
//! the same record numbers whenever they are fetched, except where a fetch itself ended.

use super::PumpSession;
use super::records::Dated;
use crate::profile::Counters;
use chrono::TimeDelta;
use homeline_model::{PumpEventKind, Sample, Samples, Series};
use rust_decimal::Decimal;

/// Readings further apart than this are facts of their own.
const DENSE: TimeDelta = TimeDelta::seconds(10);
/// The most records of a run: ten minutes of one a second. A run ends before each multiple of it.
const LONGEST: u32 = 600;

/// Readings that follow one another closely.
pub(super) struct Run {
    samples: Samples,
    last_volume: Option<Sample>,
    last_rate: Option<Sample>,
    /// The counter as it was told last, also by the run before.
    counter: Option<Decimal>,
    readings: u32,
    /// Of the last reading.
    record: u32,
    dated: Dated,
}

impl Run {
    /// A run of nothing yet, which goes on from the reading that is to come.
    fn before(record: u32, dated: &Dated, counter: Option<Decimal>) -> Self {
        Self {
            samples: Samples::default(),
            last_volume: None,
            last_rate: None,
            counter,
            readings: 0,
            record,
            dated: dated.clone(),
        }
    }

    /// Takes the reading when it goes on from the last one.
    fn take(&mut self, record: u32, counters: Counters, dated: &Dated) -> bool {
        let (Some(last_clock), Some(clock)) = (&self.dated.device_clock, &dated.device_clock) else { return false };
        let passed = clock.reading - last_clock.reading;
        let dense = passed >= TimeDelta::zero() && passed <= DENSE;
        let same_clock = last_clock.offset_ms == clock.offset_ms && self.dated.basis == dated.basis;
        if !dense || !same_clock || record / LONGEST != self.record / LONGEST {
            return false;
        }
        let (series, last, value, may_follow) = match (counters.volume_infused_ml, counters.rate_ml_h) {
            (Some(volume), _) => {
                let not_lower = self.counter.is_none_or(|counter| volume >= counter);
                (&mut self.samples.volume, &mut self.last_volume, volume, not_lower)
            }
            (None, Some(rate)) => {
                let the_same = self.last_rate.is_none_or(|last| rate == last.value);
                (&mut self.samples.rate, &mut self.last_rate, rate, the_same)
            }
            (None, None) => return false,
        };
        let next = Sample { record, reading: clock.reading, value };
        let taken = may_follow
            && match (series.as_mut(), *last) {
                (Some(series), Some(last)) => series.push(last, next),
                (Some(_) | None, _) => {
                    *series = Series::begin(next);
                    series.is_some()
                }
            };
        if taken {
            *last = Some(next);
            self.readings = self.readings.saturating_add(1);
            self.record = record;
            self.counter = counters.volume_infused_ml.or(self.counter);
            self.dated = dated.clone();
        }
        taken
    }
}

impl PumpSession {
    /// A reading of the record: a part of a run where readings are dense, and otherwise a fact of its own.
    pub(super) fn progress(&mut self, record: u32, counters: Counters, dated: Dated) {
        if self.run.as_mut().is_some_and(|run| run.take(record, counters, &dated)) {
            return;
        }
        let counter = self.run.as_ref().and_then(|run| run.counter);
        self.end_run();
        let fell = counters.volume_infused_ml.is_some_and(|volume| counter.is_some_and(|counter| volume < counter));
        let mut run = Run::before(record, &dated, counter.filter(|_| !fell));
        if run.take(record, counters, &dated) {
            self.run = Some(run);
        } else {
            // Without a clock there is no telling whether it is dense.
            self.fact(record, PumpEventKind::Progress, counters, dated);
        }
    }

    /// What was taken together becomes a fact.
    pub(super) fn end_run(&mut self) {
        let Some(Run { samples, last_volume, last_rate, readings, record, dated, .. }) = self.run.take() else {
            return;
        };
        let value = |last: Option<Sample>| last.map(|sample| sample.value);
        let counters = Counters { volume_infused_ml: value(last_volume), rate_ml_h: value(last_rate) };
        let mut fact = self.recorded_fact(record, PumpEventKind::Progress, counters, dated);
        fact.event.samples = (readings > 1).then_some(samples);
        self.staged.push(fact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{LedgerEvent, reconcile};
    use crate::session::{AllowedPump, PumpFact, SessionMemory};
    use chrono::NaiveDateTime;
    use homeline_model::{DeviceClock, TimeBasis};

    /// What a session makes of readings `(record, second, counter in 0.01 mL)`, a rate where the counter is `None`.
    fn facts(readings: &[(u32, i64, Option<i64>)]) -> Vec<PumpFact> {
        let mut session = PumpSession::new(AllowedPump { serial: "S".into() }, SessionMemory::default(), 1);
        let from: NaiveDateTime = "2026-11-23T08:00:00".parse().unwrap();
        for (record, second, counter) in readings {
            let reading = from + TimeDelta::seconds(*second);
            let counters = match counter {
                Some(hundredths) => Counters { volume_infused_ml: Some(Decimal::new(*hundredths, 2)), rate_ml_h: None },
                None => Counters { volume_infused_ml: None, rate_ml_h: Some(Decimal::from(150)) },
            };
            let dated = Dated {
                happened: reading.and_utc(),
                basis: TimeBasis::DeviceClockCorrected,
                device_clock: Some(DeviceClock { reading, offset_ms: Some(0) }),
            };
            session.progress(*record, counters, dated);
        }
        session.end_run();
        session.staged
    }

    fn lengths(readings: &[(u32, i64, Option<i64>)]) -> Vec<usize> {
        let length = |fact: &PumpFact| {
            fact.event
                .samples
                .as_ref()
                .map_or(1, |samples| [&samples.volume, &samples.rate].into_iter().flatten().map(Series::len).sum())
        };
        facts(readings).iter().map(length).collect()
    }

    #[test]
    fn an_hour_of_one_reading_a_second_is_seven_facts_and_each_reading_is_in_one() {
        let readings: Vec<_> = (1..=3_600_u32).map(|n| (n, i64::from(n), Some(i64::from(n) * 4))).collect();
        assert_eq!(lengths(&readings), [599, 600, 600, 600, 600, 600, 1]);
        let kept: Vec<(u32, Decimal)> = facts(&readings)
            .iter()
            .flat_map(|fact| match &fact.event.samples {
                Some(samples) => samples.volume.iter().flat_map(|s| s.samples().map(|s| (s.record, s.value))).collect(),
                None => vec![(fact.event.record.unwrap(), fact.event.volume_infused.clone().unwrap().value)],
            })
            .collect();
        assert!(kept.iter().copied().eq((1..=3_600).map(|n| (n, Decimal::new(i64::from(n) * 4, 2)))));
    }

    #[test]
    fn a_run_ends_where_the_ledger_must_look() {
        assert_eq!(lengths(&[(1, 0, Some(10)), (2, 1, Some(20)), (3, 2, Some(5)), (4, 3, Some(9))]), [2, 2], "it fell");
        assert_eq!(lengths(&[(1, 0, Some(10)), (2, 900, Some(20)), (3, 1_800, Some(30))]), [1, 1, 1], "not dense");
        assert_eq!(lengths(&[(1, 5, Some(10)), (2, 0, Some(20))]), [1, 1], "the clock went back");
        assert_eq!(lengths(&[(1, 0, Some(10)), (2, 0, None), (3, 1, Some(20)), (4, 1, None)]), [4], "both kinds");
    }

    #[test]
    fn the_ledger_of_runs_is_the_ledger_of_single_readings() {
        let readings: Vec<_> =
            (0..2_000_u32).map(|n| (n + 1, i64::from(n), (n % 7 != 0).then(|| i64::from(n % 900) * 4))).collect();
        let single: Vec<PumpFact> = readings.iter().flat_map(|one| facts(&[*one])).collect();
        let delivered = |facts: Vec<PumpFact>| {
            let ledger = reconcile(facts.iter().filter_map(LedgerEvent::from_fact));
            let infusions = ledger.infusions.iter();
            infusions.map(|i| (i.counter_ml, i.end, i.rates.len(), i.last_record)).collect::<Vec<_>>()
        };
        assert_eq!(delivered(facts(&readings)), delivered(single));
    }
}
