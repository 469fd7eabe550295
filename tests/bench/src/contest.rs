//! The three, side by side: they take turns in every round, each round begun by another, and must answer alike.

use crate::error::BenchError;
use std::time::{Duration, Instant};

/// What a measure is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// At most so many times plain SQLite's.
    Ratio(f64),
    /// At most so long.
    Within(Duration),
    /// Nothing; the figure is for the record.
    None,
}

/// Which two figures stand for all samples.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shown {
    /// The least and the median: what the code costs, and what it cost on this machine then.
    MinAndMedian,
    /// The median and the 99th percentile: what a person waits, and waits at worst.
    MedianAndP99,
}

impl Shown {
    /// Name and percentile of both.
    pub(crate) fn percentiles(self) -> [(&'static str, usize); 2] {
        match self {
            Self::MinAndMedian => [("min", 0), ("median", 50)],
            Self::MedianAndP99 => [("p50", 50), ("p99", 99)],
        }
    }
}

/// The times of one operation.
#[derive(Debug)]
pub(crate) struct Measure {
    /// What was done.
    pub(crate) operation: String,
    /// What it is held against.
    pub(crate) goal: Goal,
    /// What is printed.
    pub(crate) shown: Shown,
    /// Ours, plain, default SQLCipher. Empty where there is nothing to compare with.
    pub(crate) times: [Vec<Duration>; 3],
}

impl Measure {
    /// Without samples yet.
    pub(crate) fn new(operation: impl Into<String>, goal: Goal, shown: Shown) -> Self {
        Self { operation: operation.into(), goal, shown, times: Default::default() }
    }

    /// Adds one round.
    pub(crate) fn add(&mut self, round: [Duration; 3]) {
        for (times, time) in self.times.iter_mut().zip(round) {
            times.push(time);
        }
    }

    /// A percentile of one contestant; `None` when it did not take part.
    pub(crate) fn percentile(&self, contestant: usize, percent: usize) -> Option<Duration> {
        let mut sorted = self.times.get(contestant)?.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len().checked_sub(1)? * percent / 100).copied()
    }
}

/// Whose turn it is: in round 1 the second begins, and so on.
pub(crate) fn turns(round: usize, contestants: usize) -> impl Iterator<Item = usize> {
    (0..contestants).map(move |turn| (turn + round) % contestants)
}

/// One contestant's work; gets the round, answers a checksum of what it found.
pub(crate) type Work<'a> = &'a mut dyn FnMut(usize) -> Result<u64, BenchError>;

/// Runs all three `rounds` times, after one round that warms the caches and is not counted.
pub(crate) fn contest(mut measure: Measure, rounds: u32, work: [Work<'_>; 3]) -> Result<Measure, BenchError> {
    for round in 0..=usize::try_from(rounds).unwrap_or(usize::MAX - 1) {
        let mut times = [Duration::ZERO; 3];
        let mut answers = [0; 3];
        for turn in turns(round, 3) {
            let begun = Instant::now();
            answers[turn] = work[turn](round)?;
            times[turn] = begun.elapsed();
        }
        let [ours, plain, peer] = answers;
        if ours != plain || ours != peer {
            return Err(BenchError::Differ { operation: measure.operation, ours, plain, peer });
        }
        if round > 0 {
            measure.add(times);
        }
    }
    Ok(measure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contestants_who_answer_differently_are_found_out() {
        let (mut one, mut two, mut three) = (|_| Ok(1), |_| Ok(1), |round: usize| Ok(if round == 2 { 3 } else { 1 }));
        let measure = Measure::new("counting", Goal::None, Shown::MinAndMedian);
        let result = contest(measure, 3, [&mut one, &mut two, &mut three]);
        assert!(matches!(result, Err(BenchError::Differ { ours: 1, plain: 1, peer: 3, .. })));
    }

    #[test]
    fn every_contestant_begins_as_often_as_the_others() {
        let first: Vec<usize> = (0..6).filter_map(|round| turns(round, 3).next()).collect();
        assert_eq!(first, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn percentiles_are_samples() {
        let mut measure = Measure::new("waiting", Goal::None, Shown::MedianAndP99);
        for ms in (1..=100).rev() {
            measure.add([Duration::from_millis(ms); 3]);
        }
        assert_eq!(measure.percentile(0, 0), Some(Duration::from_millis(1)));
        assert_eq!(measure.percentile(2, 50), Some(Duration::from_millis(50)));
        assert_eq!(measure.percentile(1, 99), Some(Duration::from_millis(99)));
        assert_eq!(Measure::new("nothing", Goal::None, Shown::MinAndMedian).percentile(0, 50), None);
    }
}
