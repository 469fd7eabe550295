//! What went in through a device that cannot tell: a balloon, a bag on a hook, a spring. People look at it now and then, and
//! each look says between which two volumes the truth lies.
//!
//! It is one pure fold over a **set** of looks, as the ledger of a pump is over its records: any order of them gives the
//! same answer. What is certain is the most that any look proves; nothing is drawn between two looks, for a balloon's flow
//! changes with its temperature and its height above the body, and nobody saw it. Delivered is within zero and what was
//! ordered, plus the part that may have gone in unseen.
//!
//! A balloon is read in quarters, so what it says is half a quarter wide to each side. A scale and a screen are taken at
//! their word.

use super::Delivered;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{BalloonSize, DeviceCheck, Quantity};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// One look, as volumes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// When.
    pub at: DateTime<Utc>,
    /// What was in by then as it was read, mL.
    pub read_ml: Decimal,
    /// No less than this was in, mL.
    pub least_ml: Decimal,
    /// No more than this was in, mL.
    pub most_ml: Decimal,
}

impl Look {
    /// From what was seen of a device that held `ordered_ml`. What was read off a screen counts before what is left on a scale,
    /// and that before the size of the balloon. `None` when no volume was seen: a drip rate promises one and proves none.
    pub fn of(check: &DeviceCheck, at: DateTime<Utc>, ordered_ml: Decimal) -> Option<Self> {
        let ordered = ordered_ml.max(Decimal::ZERO);
        let ml = |volume: &Option<Quantity>| volume.as_ref().filter(|v| v.unit.code == "mL").map(|v| v.value);
        let exact = ml(&check.volume_infused).or(ml(&check.volume_remaining).map(|left| ordered - left));
        let within = |volume: Decimal| volume.clamp(Decimal::ZERO, ordered);
        if let Some(read) = exact.map(within) {
            return Some(Self { at, read_ml: read, least_ml: read, most_ml: read });
        }
        let eighths = match check.balloon? {
            BalloonSize::Full => 0,
            BalloonSize::ThreeQuarters => 2,
            BalloonSize::Half => 4,
            BalloonSize::Quarter => 6,
            BalloonSize::Empty => 8,
        };
        let part = |eighths: i64| within(ordered * Decimal::from(eighths) / Decimal::from(8));
        Some(Self { at, read_ml: part(eighths), least_ml: part(eighths - 1), most_ml: part(eighths + 1) })
    }
}

/// What looks at one device say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// How much went in.
    pub delivered: Delivered,
    /// Looks that say less than an earlier one proved: somebody read it wrong, or another device was looked at.
    pub contradictions: usize,
}

/// What went in of `ordered_ml`, as looks tell it. `ended` is when a person said that it was over; before that, and after
/// it without a look, the rest may have gone in unseen.
pub fn reconcile_looks(
    looks: impl IntoIterator<Item = Look>,
    ordered_ml: Decimal,
    ended: Option<DateTime<Utc>>,
) -> Looked {
    let ordered = ordered_ml.max(Decimal::ZERO);
    let mut looks: Vec<Look> = looks.into_iter().collect();
    looks.sort();
    looks.dedup();
    let mut certain = Decimal::ZERO;
    let mut most = ordered;
    let mut contradictions = 0;
    for look in &looks {
        contradictions += usize::from(look.most_ml < certain);
        certain = certain.max(look.least_ml.clamp(Decimal::ZERO, ordered));
        if ended.is_some_and(|ended| look.at >= ended) {
            most = most.min(look.most_ml.clamp(Decimal::ZERO, ordered));
        }
    }
    let uncertain_ml = Some((most - certain).max(Decimal::ZERO));
    Looked {
        delivered: Delivered { certain_ml: certain, uncertain_ml, beyond_ordered_ml: Decimal::ZERO },
        contradictions,
    }
}

/// One rung of what is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderedStep {
    /// mL/h.
    pub rate_ml_h: Decimal,
    /// For so many minutes; `None` is to the end.
    pub minutes: Option<u32>,
}

/// How an infusion is to run, as ordered: to hold a look against, and never to set anything by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderedCourse {
    /// mL in the device.
    pub ordered_ml: Decimal,
    /// For how long, in minutes.
    pub minutes: Option<u32>,
    /// The ordered rates; empty takes the volume over the time.
    pub steps: Vec<OrderedStep>,
}

impl OrderedCourse {
    /// What should be in so long after the start, mL; `None` when the order does not say.
    pub fn expected_ml(&self, since_start: Duration) -> Option<Decimal> {
        let ordered = self.ordered_ml.max(Decimal::ZERO);
        let seconds = since_start.num_seconds().max(0);
        if self.steps.is_empty() {
            let whole = i64::from(self.minutes.filter(|minutes| *minutes > 0)?) * 60;
            return ordered.checked_mul(Decimal::from(seconds.min(whole)))?.checked_div(Decimal::from(whole));
        }
        let (mut left, mut expected) = (seconds, Decimal::ZERO);
        for step in &self.steps {
            let length = step.minutes.map_or(left, |minutes| (i64::from(minutes) * 60).min(left));
            let by_step = step.rate_ml_h.checked_mul(Decimal::from(length))?.checked_div(Decimal::from(3600))?;
            expected = expected.checked_add(by_step)?;
            left -= length;
        }
        Some(expected.clamp(Decimal::ZERO, ordered))
    }

    /// How full a balloon should look by then, to the nearest quarter; `None` when the order does not say.
    pub fn expected_balloon(&self, since_start: Duration) -> Option<BalloonSize> {
        let left = self.ordered_ml.max(Decimal::ZERO) - self.expected_ml(since_start)?;
        // The border between two quarters lies half way, at an odd eighth.
        let eighths = left.checked_mul(Decimal::from(8))?.checked_div(self.ordered_ml)?.floor().to_u8()?;
        Some(match eighths {
            0 => BalloonSize::Empty,
            1 | 2 => BalloonSize::Quarter,
            3 | 4 => BalloonSize::Half,
            5 | 6 => BalloonSize::ThreeQuarters,
            _ => BalloonSize::Full,
        })
    }

    /// A look held against what is ordered. `None` when the order does not say enough.
    pub fn against(&self, look: &Look, started: DateTime<Utc>, tolerance_percent: Option<u32>) -> Option<LookAgainst> {
        let expected_ml = self.expected_ml(look.at.signed_duration_since(started))?;
        let more_ml = look.read_ml - expected_ml;
        let beyond = |percent: u32| more_ml.abs() * Decimal::from(100) > self.ordered_ml * Decimal::from(percent);
        Some(LookAgainst { expected_ml, more_ml, beyond_tolerance: tolerance_percent.map(beyond) })
    }
}

/// What a look says against what is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookAgainst {
    /// So much should be in, mL.
    pub expected_ml: Decimal,
    /// So much more is in as it was read; negative is less. mL.
    pub more_ml: Decimal,
    /// Further apart than the plan allows; `None` when the plan says nothing of it.
    pub beyond_tolerance: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_438_800, 0).unwrap() + Duration::minutes(minute)
    }

    fn ml(value: i64) -> Decimal {
        Decimal::from(value)
    }

    fn balloon(size: BalloonSize) -> DeviceCheck {
        DeviceCheck { balloon: Some(size), ..DeviceCheck::default() }
    }

    fn left(volume: i64) -> DeviceCheck {
        DeviceCheck { volume_remaining: Some(Quantity::new(ml(volume), "mL")), ..DeviceCheck::default() }
    }

    #[test]
    fn a_balloon_is_read_half_a_quarter_wide_and_a_scale_to_the_drop() {
        let half = Look::of(&balloon(BalloonSize::Half), at(0), ml(80)).unwrap();
        assert_eq!((half.least_ml, half.read_ml, half.most_ml), (ml(30), ml(40), ml(50)));
        let full = Look::of(&balloon(BalloonSize::Full), at(0), ml(80)).unwrap();
        assert_eq!((full.least_ml, full.most_ml), (ml(0), ml(10)));
        let empty = Look::of(&balloon(BalloonSize::Empty), at(0), ml(80)).unwrap();
        assert_eq!((empty.least_ml, empty.most_ml), (ml(70), ml(80)));
        let scale = Look::of(&DeviceCheck { balloon: Some(BalloonSize::Full), ..left(61) }, at(0), ml(80)).unwrap();
        assert_eq!((scale.least_ml, scale.most_ml), (ml(19), ml(19)));
        let drops = DeviceCheck { drip_rate: Some(Quantity::new(ml(40), "/min")), ..DeviceCheck::default() };
        assert_eq!(Look::of(&drops, at(0), ml(80)), None, "a rate proves no volume");
    }

    #[test]
    fn a_balloon_is_expected_at_its_nearest_quarter() {
        let course = OrderedCourse { ordered_ml: ml(80), minutes: Some(80), steps: Vec::new() };
        use BalloonSize as B;
        for (minute, expected) in [
            (0, B::Full),
            (10, B::Full),
            (11, B::ThreeQuarters),
            (30, B::ThreeQuarters),
            (31, B::Half),
            (50, B::Half),
            (51, B::Quarter),
            (70, B::Quarter),
            (71, B::Empty),
            (90, B::Empty),
        ] {
            assert_eq!(course.expected_balloon(Duration::minutes(minute)), Some(expected), "{minute}");
        }
        let nothing_said = OrderedCourse { minutes: None, ..course };
        assert_eq!(nothing_said.expected_balloon(Duration::minutes(10)), None);
        assert_eq!(
            OrderedCourse { minutes: Some(80), ..OrderedCourse::default() }.expected_balloon(Duration::minutes(1)),
            None
        );
    }

    #[test]
    fn nothing_is_taken_to_be_in_that_nobody_saw() {
        let looks = [Look::of(&balloon(BalloonSize::Half), at(60), ml(80)).unwrap()];
        let running = reconcile_looks(looks.clone(), ml(80), None).delivered;
        assert_eq!((running.certain_ml, running.uncertain_ml), (ml(30), Some(ml(50))));
        let said_over = reconcile_looks(looks.clone(), ml(80), Some(at(120))).delivered;
        assert_eq!(said_over, running, "that it is over is no look at it");
        let last = Look::of(&left(8), at(121), ml(80)).unwrap();
        let seen = reconcile_looks(looks.into_iter().chain([last]), ml(80), Some(at(120))).delivered;
        assert_eq!((seen.certain_ml, seen.uncertain_ml), (ml(72), Some(ml(0))));
        let nobody = reconcile_looks([], ml(80), None).delivered;
        assert_eq!((nobody.certain_ml, nobody.uncertain_ml), (ml(0), Some(ml(80))));
    }

    #[test]
    fn a_balloon_that_grew_is_a_contradiction_and_lowers_nothing() {
        let looks = [(0, BalloonSize::Quarter), (60, BalloonSize::Full)]
            .map(|(minute, size)| Look::of(&balloon(size), at(minute), ml(80)).unwrap());
        let looked = reconcile_looks(looks, ml(80), None);
        assert_eq!((looked.contradictions, looked.delivered.certain_ml), (1, ml(50)));
    }

    #[test]
    fn what_should_be_in_follows_the_ordered_rates_or_the_volume_over_the_time() {
        let plain = OrderedCourse { ordered_ml: ml(92), minutes: Some(46 * 60), steps: vec![] };
        assert_eq!(plain.expected_ml(Duration::hours(23)), Some(ml(46)));
        assert_eq!(plain.expected_ml(Duration::hours(100)), Some(ml(92)));
        assert_eq!(plain.expected_ml(Duration::hours(-1)), Some(ml(0)));
        let step = |rate, minutes| OrderedStep { rate_ml_h: ml(rate), minutes };
        let ladder = OrderedCourse { steps: vec![step(20, Some(60)), step(40, None)], ..plain.clone() };
        assert_eq!(ladder.expected_ml(Duration::minutes(90)), Some(ml(40)));
        assert_eq!(OrderedCourse { minutes: None, ..plain }.expected_ml(Duration::hours(1)), None);
    }

    #[test]
    fn a_look_is_beyond_the_plans_tolerance_just_past_it_and_never_without_one() {
        let course = OrderedCourse { ordered_ml: ml(100), minutes: Some(100), steps: vec![] };
        let against = |left_ml, tolerance| {
            let look = Look::of(&left(left_ml), at(50), ml(100)).unwrap();
            let against = course.against(&look, at(0), tolerance).unwrap();
            (against.more_ml, against.beyond_tolerance)
        };
        assert_eq!(against(40, Some(10)), (ml(10), Some(false)));
        assert_eq!(against(39, Some(10)), (ml(11), Some(true)));
        assert_eq!(against(61, Some(10)), (ml(-11), Some(true)));
        assert_eq!(against(0, None), (ml(50), None));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_order_and_repetition_of_looks_is_one_ledger_within_what_was_ordered(
            seen in proptest::collection::vec((0_i64..600, 0_u8..5, proptest::option::of(-20_i64..150)), 0..12),
            shift in 0_usize..12,
            ended in proptest::option::of(0_i64..600),
        ) {
            let sizes = [BalloonSize::Full, BalloonSize::ThreeQuarters, BalloonSize::Half, BalloonSize::Quarter, BalloonSize::Empty];
            let looks: Vec<Look> = seen.iter().map(|(minute, size, volume)| {
                let check = volume.map_or_else(|| balloon(sizes[usize::from(*size)]), left);
                Look::of(&check, at(*minute), ml(100)).unwrap()
            }).collect();
            let ended = ended.map(at);
            let first = reconcile_looks(looks.clone(), ml(100), ended);
            let mut other = looks.clone();
            other.reverse();
            if !other.is_empty() {
                let places = shift % other.len();
                other.rotate_left(places);
            }
            other.extend(looks);
            prop_assert_eq!(&reconcile_looks(other, ml(100), ended), &first);
            let Delivered { certain_ml, uncertain_ml, .. } = first.delivered;
            let uncertain = uncertain_ml.unwrap();
            prop_assert!(certain_ml >= ml(0) && uncertain >= ml(0) && certain_ml + uncertain <= ml(100));
        }
    }
}
