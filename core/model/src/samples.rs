//! Readings that a pump recorded densely, such as its counter once a second: one entry stands for some hundred of them, and
//! none is left out.
//!
//! A week of one reading a second would be 600,000 entries of 1.4 KB each. What changes from one reading to the next is
//! little and mostly the same, so a series keeps the first and then the steps, each with how often it repeats.

use chrono::{NaiveDateTime, TimeDelta};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Dense readings of one stretch of a pump's record. The entry's own number, time and values are those of the last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Samples {
    /// Volume infused so far, mL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Series>,
    /// Rate, mL/h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Series>,
}

/// One kind of reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Number of the first in the pump's record.
    pub first_record: u32,
    /// The pump's own clock at the first.
    pub from: NaiveDateTime,
    /// Digits behind the point, of all values.
    pub scale: u32,
    /// The first value, in units of its last digit.
    pub first: i64,
    /// Steps from one record number to the next, each with how often it comes.
    pub record_steps: Vec<(u32, u32)>,
    /// Steps of the clock, in milliseconds.
    pub time_steps: Vec<(i64, u32)>,
    /// Steps of the value, in units of its last digit.
    pub value_steps: Vec<(i64, u32)>,
}

/// One reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Its number in the pump's record.
    pub record: u32,
    /// The pump's own clock.
    pub reading: NaiveDateTime,
    /// Its value.
    pub value: Decimal,
}

impl Series {
    /// A series of one reading; `None` for a value with more digits than any pump sends.
    pub fn begin(sample: Sample) -> Option<Self> {
        Some(Self {
            first_record: sample.record,
            from: sample.reading,
            scale: sample.value.scale(),
            first: i64::try_from(sample.value.mantissa()).ok()?,
            record_steps: Vec::new(),
            time_steps: Vec::new(),
            value_steps: Vec::new(),
        })
    }

    /// Adds the reading after `last`, which must be the last one. Answers false, and adds nothing, when the two cannot be told by
    /// a step: another number of digits, a record number that does not grow.
    pub fn push(&mut self, last: Sample, next: Sample) -> bool {
        let mantissa = |sample: Sample| i64::try_from(sample.value.mantissa()).ok();
        let steps = || {
            let record = next.record.checked_sub(last.record).filter(|step| *step > 0)?;
            let value = mantissa(next)?.checked_sub(mantissa(last)?)?;
            let same_scale = next.value.scale() == self.scale && last.value.scale() == self.scale;
            same_scale.then_some((record, (next.reading - last.reading).num_milliseconds(), value))
        };
        let Some((record, time, value)) = steps() else { return false };
        repeat(&mut self.record_steps, record);
        repeat(&mut self.time_steps, time);
        repeat(&mut self.value_steps, value);
        true
    }

    /// How many readings.
    pub fn len(&self) -> usize {
        self.record_steps.iter().fold(1, |sum, (_, times)| sum + usize::try_from(*times).unwrap_or(usize::MAX))
    }

    /// Never: a series has its first reading.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The readings, first to last. It ends early where steps lead out of what numbers and dates can hold.
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        let steps = each(&self.record_steps).zip(each(&self.time_steps)).zip(each(&self.value_steps));
        let (mut record, mut reading, mut mantissa) = (self.first_record, self.from, self.first);
        let at = |record, reading, mantissa: i64| {
            let value = Decimal::try_from_i128_with_scale(i128::from(mantissa), self.scale).ok()?;
            Some(Sample { record, reading, value })
        };
        let rest = steps.map_while(move |((by, time), value)| {
            record = record.checked_add(by)?;
            reading = reading.checked_add_signed(TimeDelta::try_milliseconds(time)?)?;
            mantissa = mantissa.checked_add(value)?;
            at(record, reading, mantissa)
        });
        at(self.first_record, self.from, self.first).into_iter().chain(rest)
    }
}

fn repeat<T: PartialEq>(steps: &mut Vec<(T, u32)>, step: T) {
    match steps.last_mut() {
        Some((last, times)) if *last == step && *times < u32::MAX => *times += 1,
        _ => steps.push((step, 1)),
    }
}

fn each<T: Copy>(steps: &[(T, u32)]) -> impl Iterator<Item = T> + '_ {
    steps.iter().flat_map(|(step, times)| (0..*times).map(move |_| *step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(record: u32, seconds: i64, value: Decimal) -> Sample {
        let from: NaiveDateTime = "2026-11-23T08:00:00".parse().unwrap();
        Sample { record, reading: from + TimeDelta::seconds(seconds), value }
    }

    fn series(samples: &[Sample]) -> Series {
        let mut series = Series::begin(samples[0]).unwrap();
        assert!(samples.windows(2).all(|two| series.push(two[0], two[1])));
        series
    }

    #[test]
    fn an_hour_of_a_steady_counter_is_a_few_numbers() {
        let samples: Vec<Sample> =
            (0..3_600).map(|n| sample(n + 7, i64::from(n), Decimal::new(i64::from(n) * 4, 2))).collect();
        let series = series(&samples);
        assert!(serde_json::to_string(&series).unwrap().len() < 200);
        assert_eq!((series.len(), series.samples().eq(samples)), (3_600, true));
    }

    #[test]
    fn what_no_step_can_tell_is_not_taken() {
        let first = sample(1, 0, Decimal::new(10, 1));
        let mut series = Series::begin(first).unwrap();
        assert!(!series.push(first, sample(2, 1, Decimal::new(100, 2))), "another number of digits");
        assert!(!series.push(first, sample(1, 1, Decimal::new(11, 1))), "the same record");
        assert_eq!(series.samples().collect::<Vec<_>>(), [first]);
    }

    #[test]
    fn steps_that_lead_out_of_the_numbers_end_the_readings() {
        let mut series = Series::begin(sample(u32::MAX - 1, 0, Decimal::ONE)).unwrap();
        (series.record_steps, series.time_steps, series.value_steps) =
            (vec![(1, u32::MAX)], vec![(1, u32::MAX)], vec![(i64::MAX, u32::MAX)]);
        assert_eq!(series.samples().count(), 1);
    }

    proptest! {
        #[test]
        fn every_reading_comes_back_as_it_was(
            steps in proptest::collection::vec((1_u32..4, 0_i64..12, -3_i64..60), 0..200),
            first in 0_i64..1_000_000,
        ) {
            let mut samples = vec![sample(1, 0, Decimal::new(first, 3))];
            for (by, seconds, value) in steps {
                let last = samples[samples.len() - 1];
                let value = Decimal::new(i64::try_from(last.value.mantissa()).unwrap() + value, 3);
                let reading = last.reading + TimeDelta::seconds(seconds);
                samples.push(Sample { record: last.record + by, reading, value });
            }
            let json = serde_json::to_string(&series(&samples)).unwrap();
            let back: Series = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(back.len(), samples.len());
            prop_assert!(back.samples().eq(samples));
        }
    }
}
