//! Hours that are counted from a start, and counted anew from each dose that really started, where the order says so.
//!
//! A dose keeps its number whatever happens to the times, so its name stays. What a late dose moves is the doses after it:
//! dose `n` starts `n - k` periods after the actual start of the last dose `k` before it that is known to have started.

/// Every so many seconds of elapsed time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Elapsed {
    /// Where dose 0 starts, in Unix seconds.
    anchor: i64,
    /// Seconds from one dose to the next, at least 1.
    pub period: i64,
    /// Ascending by number and by time.
    restarts: Vec<Restart>,
}

/// The doses after `number` count from `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Restart {
    number: i64,
    at: i64,
}

impl Elapsed {
    /// Counted from one instant alone.
    pub fn from(anchor: i64, period: i64) -> Self {
        Self { anchor, period: period.max(1), restarts: Vec::new() }
    }

    /// What the doses after restart `index - 1` count from; 0 is the anchor.
    fn base(&self, index: usize) -> Restart {
        let before = index.checked_sub(1).and_then(|before| self.restarts.get(before));
        before.copied().unwrap_or(Restart { number: 0, at: self.anchor })
    }

    /// The planned start of a dose; `None` beyond what can be counted.
    pub fn start_of(&self, number: i64) -> Option<i64> {
        let base = self.base(self.restarts.partition_point(|restart| restart.number < number));
        number.checked_sub(base.number)?.checked_mul(self.period)?.checked_add(base.at)
    }

    /// The start of the dose after `number`, which starts at `start`.
    #[inline]
    pub fn after(&self, number: i64, start: i64) -> Option<i64> {
        if self.restarts.is_empty() { start.checked_add(self.period) } else { self.start_of(number.checked_add(1)?) }
    }

    /// The first dose that is planned at or after an instant.
    pub fn first_from(&self, unix: i64) -> i64 {
        let index = self
            .restarts
            .partition_point(|restart| self.start_of(restart.number).is_some_and(|planned| planned < unix));
        let base = self.base(index);
        let distance = unix.saturating_sub(base.at).max(0);
        let number = base.number + distance / self.period + i64::from(distance % self.period > 0);
        // The dose that the base itself is was planned before: it is not one of those that count from it.
        if index == 0 { number } else { number.max(base.number + 1) }
    }

    /// The dose that was probably meant by a start at this instant.
    pub fn nearest_to(&self, unix: i64) -> i64 {
        let after = self.first_from(unix);
        let distance = |number: i64| self.start_of(number).map_or(i64::MAX, |start| (start - unix).saturating_abs());
        if after > 0 && distance(after - 1) <= distance(after) { after - 1 } else { after }
    }

    /// Dose `number` really started at `at`. Starts are told in the order of their times. One that would turn the order of
    /// doses round (written down for the wrong dose, or under a clock that was wrong) moves nothing.
    pub fn restart(&mut self, number: i64, at: i64) {
        let last = self.base(self.restarts.len());
        let in_order = number > last.number || (self.restarts.is_empty() && number == 0);
        let later = self.restarts.is_empty() || at > last.at;
        let keeps_order = self.start_of(number).is_some_and(|planned| at.saturating_add(self.period) > planned);
        if in_order && later && keeps_order {
            self.restarts.push(Restart { number, at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(elapsed: &Elapsed, numbers: std::ops::Range<i64>) -> Vec<i64> {
        numbers.map(|number| elapsed.start_of(number).unwrap()).collect()
    }

    #[test]
    fn a_late_dose_moves_the_ones_after_it_and_not_itself() {
        let mut elapsed = Elapsed::from(1_000, 100);
        elapsed.restart(2, 1_230);
        assert_eq!(starts(&elapsed, 0..5), [1_000, 1_100, 1_200, 1_330, 1_430]);
        elapsed.restart(4, 1_420);
        assert_eq!(starts(&elapsed, 2..7), [1_200, 1_330, 1_430, 1_520, 1_620]);
    }

    #[test]
    fn a_search_lands_on_the_first_dose_that_is_not_before_an_instant() {
        let mut elapsed = Elapsed::from(1_000, 100);
        for (number, at) in [(0, 1_007), (2, 1_230), (3, 1_290), (9, 2_050)] {
            elapsed.restart(number, at);
        }
        assert_eq!(elapsed.restarts.len(), 4);
        for unix in 900..2_600 {
            let slow = (0..).find(|number| elapsed.start_of(*number).unwrap() >= unix).unwrap();
            assert_eq!(elapsed.first_from(unix), slow, "{unix}");
        }
    }

    #[test]
    fn a_start_that_would_turn_the_order_round_moves_nothing() {
        let mut elapsed = Elapsed::from(1_000, 100);
        elapsed.restart(3, 1_310);
        let before = elapsed.clone();
        // More than a period early, before the start of an earlier dose, an earlier dose, the same dose again.
        for (number, at) in [(9, 1_700), (4, 1_300), (2, 1_320), (3, 1_330)] {
            elapsed.restart(number, at);
            assert_eq!(elapsed, before, "{number} at {at}");
        }
    }

    #[test]
    fn a_start_is_taken_for_the_dose_that_is_planned_nearest() {
        let elapsed = Elapsed::from(1_000, 100);
        let taken = |unix| elapsed.nearest_to(unix);
        assert_eq!([taken(0), taken(1_049), taken(1_051), taken(1_100)], [0, 0, 1, 1]);
    }
}
