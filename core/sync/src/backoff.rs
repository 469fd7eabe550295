//! How long to wait after failed tries. Pure: the jitter is an argument.

use std::time::Duration;

/// Wait after the first failure, before jitter.
const FIRST: Duration = Duration::from_secs(2);
/// No wait of our own is longer; a dose logged at home should not need hours once the network is back.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// A server may ask for more than [`LONGEST`], but not for a day.
const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);

/// The wait after the `attempt`-th failure in a row (1 is the first): 2 s, doubled each time, at most 15 min.
///
/// `jitter` from 0 to 1 spreads it between half of that and all of it, so that a whole clinic's phones do not come
/// back in the same second. What the server asked for (`Retry-After`) is never undercut, up to one hour.
pub fn delay(attempt: u32, at_least: Option<Duration>, jitter: f64) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST);
    let share = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 1.0 };
    let own = (doubled / 2) + (doubled / 2).mul_f64(share);
    own.max(at_least.unwrap_or_default().min(LONGEST_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = (1..=12).map(|attempt| delay(attempt, None, 1.0).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(delay(u32::MAX, None, 1.0).as_secs(), 900);
    }

    #[test]
    fn jitter_keeps_at_least_half() {
        assert_eq!(delay(3, None, 0.0), Duration::from_secs(4));
        assert_eq!(delay(3, None, 0.5), Duration::from_secs(6));
        assert_eq!(delay(3, None, f64::NAN), Duration::from_secs(8));
        assert_eq!(delay(3, None, -7.0), Duration::from_secs(4));
    }

    #[test]
    fn the_server_is_heard_within_an_hour() {
        assert_eq!(delay(1, Some(Duration::from_secs(120)), 0.3), Duration::from_secs(120));
        assert_eq!(delay(1, Some(Duration::from_secs(1)), 1.0), Duration::from_secs(2));
        assert_eq!(delay(1, Some(Duration::from_secs(86_400)), 0.3), Duration::from_secs(3600));
    }
}
