//! What the pump's record tells beside what a person wrote down.
//!
//! Both are kept, and neither corrects the other: the difference is shown. Where the pump knows what nobody has written
//! down yet, that is a suggestion ("the pump says it finished at 09:31: log it?"), which a person takes or leaves. Nothing is
//! ever logged for somebody.

use super::{Infusion, InfusionEnd};
use chrono::{DateTime, Utc};
use homeline_model::{Administration, AdministrationStatus, TimeBasis};
use rust_decimal::Decimal;

/// How far the pump's record lies from what was written down. Every value that one of the two does not know is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Difference {
    /// The pump started so many whole minutes after what was written; negative is before.
    pub start_minutes: Option<i64>,
    /// The pump ended so many whole minutes after what was written; negative is before.
    pub end_minutes: Option<i64>,
    /// The pump's counter says so much more than was written, mL; negative is less.
    pub volume_ml: Option<Decimal>,
    /// The two exclude each other: left out by hand and delivered by the pump, or complete by hand and stopped by the pump
    /// before its end, or the other way round.
    pub contradicts: bool,
}

impl Difference {
    /// Whether there is anything to show. Less than a minute is the time that a tap takes.
    pub fn is_any(&self) -> bool {
        let minutes = |minutes: Option<i64>| minutes.is_some_and(|minutes| minutes != 0);
        minutes(self.start_minutes)
            || minutes(self.end_minutes)
            || self.volume_ml.is_some_and(|volume| !volume.is_zero())
            || self.contradicts
    }
}

/// What a person could write down, because the pump says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// It started.
    Started {
        /// When, on the phone's clock.
        at: DateTime<Utc>,
        /// The pump's clock could be compared with the phone's; otherwise the time is its raw reading, and is to be asked for.
        time_is_sure: bool,
    },
    /// All of it is in.
    Completed {
        /// When, on the phone's clock.
        at: DateTime<Utc>,
        /// As for a start.
        time_is_sure: bool,
        /// The pump's counter, mL.
        volume_ml: Option<Decimal>,
    },
    /// It was stopped before its end.
    Stopped {
        /// When, on the phone's clock.
        at: DateTime<Utc>,
        /// As for a start.
        time_is_sure: bool,
        /// The pump's counter, mL.
        volume_ml: Option<Decimal>,
    },
}

impl Infusion {
    /// How far this infusion lies from what was written down about its dose.
    pub fn difference(&self, by_hand: &Administration) -> Difference {
        use AdministrationStatus as Status;
        let minutes = |pump: Option<&super::Moment>, hand: Option<DateTime<Utc>>| {
            // A raw reading of the pump's clock is no time to hold a person's against.
            let pump = pump.filter(|moment| moment.basis != TimeBasis::DeviceClockRaw)?;
            Some(pump.at.signed_duration_since(hand?).num_minutes())
        };
        let written_ml =
            by_hand.volume_given.as_ref().filter(|volume| volume.unit.code == "mL").map(|volume| volume.value);
        let counted_ml = self.counter_ml.filter(|_| self.counter_is_final);
        let something_went_in = self.counter_ml.is_some_and(|counter| !counter.is_zero());
        let contradicts = match by_hand.status {
            Status::Skipped => something_went_in,
            Status::Completed => self.end == InfusionEnd::Stopped,
            Status::Stopped | Status::Partial => self.end == InfusionEnd::Completed,
            Status::InProgress | Status::Unknown => false,
        };
        Difference {
            start_minutes: minutes(self.started.as_ref(), by_hand.started_at),
            end_minutes: minutes(self.ended.as_ref(), by_hand.ended_at),
            volume_ml: counted_ml.zip(written_ml).map(|(counted, written)| counted - written),
            contradicts,
        }
    }

    /// What a person could write down next; `by_hand` is the last statement about the dose, if there is one. `None` when
    /// there is nothing new, or when a person has said how it ended: that is theirs, and a difference is shown instead.
    pub fn suggestion(&self, by_hand: Option<&Administration>) -> Option<Suggestion> {
        use AdministrationStatus as Status;
        let open = match by_hand.map(|statement| statement.status) {
            None | Some(Status::Unknown | Status::InProgress) => true,
            Some(Status::Completed | Status::Partial | Status::Stopped | Status::Skipped) => false,
        };
        if !open {
            return None;
        }
        let sure = |moment: &super::Moment| moment.basis != TimeBasis::DeviceClockRaw;
        let volume_ml = self.counter_ml.filter(|_| self.counter_is_final);
        match (self.end, &self.ended) {
            (InfusionEnd::Completed, Some(ended)) => {
                Some(Suggestion::Completed { at: ended.at, time_is_sure: sure(ended), volume_ml })
            }
            (InfusionEnd::Stopped, Some(ended)) => {
                Some(Suggestion::Stopped { at: ended.at, time_is_sure: sure(ended), volume_ml })
            }
            (InfusionEnd::Running | InfusionEnd::Unknown | InfusionEnd::Completed | InfusionEnd::Stopped, _) => {
                let started = self.started.as_ref()?;
                let is_new = by_hand.is_none_or(|statement| statement.status == Status::Unknown);
                is_new.then(|| Suggestion::Started { at: started.at, time_is_sure: sure(started) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{LedgerEvent, reconcile};
    use chrono::Duration;
    use homeline_model::{PumpEventKind, Quantity};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_438_800, 0).unwrap() + Duration::minutes(minute)
    }

    fn infusion(basis: TimeBasis, last: PumpEventKind, volume: i64) -> Infusion {
        let event = |record, minute, kind, volume: i64| LedgerEvent {
            epoch: 0,
            record,
            at: at(minute),
            basis,
            pump_clock: None,
            kind,
            volume_ml: Some(Decimal::from(volume)),
            rate_ml_h: None,
        };
        let ledger = reconcile([event(1, 0, PumpEventKind::Started, 0), event(2, 91, last, volume)]);
        ledger.infusions.into_iter().next().unwrap()
    }

    fn by_hand(status: AdministrationStatus) -> Administration {
        Administration::new(status)
    }

    #[test]
    fn an_end_that_nobody_wrote_down_is_suggested_and_never_taken_as_written() {
        let done = infusion(TimeBasis::DeviceClockCorrected, PumpEventKind::Completed, 100);
        let expected = Suggestion::Completed { at: at(91), time_is_sure: true, volume_ml: Some(Decimal::from(100)) };
        assert_eq!(done.suggestion(None), Some(expected.clone()));
        assert_eq!(done.suggestion(Some(&by_hand(AdministrationStatus::InProgress))), Some(expected));
        for said in [
            AdministrationStatus::Completed,
            AdministrationStatus::Partial,
            AdministrationStatus::Stopped,
            AdministrationStatus::Skipped,
        ] {
            assert_eq!(done.suggestion(Some(&by_hand(said))), None, "{said:?}: a person has said it");
        }
    }

    #[test]
    fn a_start_is_suggested_once_and_a_stop_with_what_went_in() {
        let runs = infusion(TimeBasis::DeviceClockCorrected, PumpEventKind::Progress, 40);
        assert_eq!(runs.suggestion(None), Some(Suggestion::Started { at: at(0), time_is_sure: true }));
        assert_eq!(runs.suggestion(Some(&by_hand(AdministrationStatus::InProgress))), None);
        let stopped = infusion(TimeBasis::DeviceClockCorrected, PumpEventKind::Stopped, 40);
        let suggestion = stopped.suggestion(Some(&by_hand(AdministrationStatus::InProgress)));
        assert_eq!(
            suggestion,
            Some(Suggestion::Stopped { at: at(91), time_is_sure: true, volume_ml: Some(Decimal::from(40)) })
        );
    }

    #[test]
    fn a_raw_reading_of_the_pumps_clock_is_suggested_as_unsure_and_compared_with_nothing() {
        let done = infusion(TimeBasis::DeviceClockRaw, PumpEventKind::Completed, 100);
        assert!(matches!(done.suggestion(None), Some(Suggestion::Completed { time_is_sure: false, .. })));
        let written = Administration { ended_at: Some(at(0)), ..by_hand(AdministrationStatus::Completed) };
        assert_eq!(done.difference(&written), Difference::default());
    }

    #[test]
    fn both_are_kept_and_the_difference_is_told() {
        let done = infusion(TimeBasis::DeviceClockCorrected, PumpEventKind::Completed, 100);
        let written = Administration {
            started_at: Some(at(2)),
            ended_at: Some(at(80)),
            volume_given: Some(Quantity::new(Decimal::from(120), "mL")),
            ..by_hand(AdministrationStatus::Completed)
        };
        let difference = done.difference(&written);
        assert_eq!((difference.start_minutes, difference.end_minutes), (Some(-2), Some(11)));
        assert_eq!((difference.volume_ml, difference.contradicts), (Some(Decimal::from(-20)), false));
        assert!(difference.is_any());
        let same = Administration { started_at: Some(at(0)), ended_at: Some(at(91)), ..written };
        assert!(!Difference { volume_ml: None, ..done.difference(&same) }.is_any());
    }

    #[test]
    fn left_out_by_hand_and_delivered_by_the_pump_exclude_each_other() {
        let done = infusion(TimeBasis::DeviceClockCorrected, PumpEventKind::Completed, 100);
        let stopped = infusion(TimeBasis::DeviceClockCorrected, PumpEventKind::Stopped, 40);
        for (infusion, status, contradicts) in [
            (&done, AdministrationStatus::Skipped, true),
            (&done, AdministrationStatus::Stopped, true),
            (&done, AdministrationStatus::Completed, false),
            (&stopped, AdministrationStatus::Completed, true),
            (&stopped, AdministrationStatus::Partial, false),
            (&stopped, AdministrationStatus::InProgress, false),
        ] {
            assert_eq!(infusion.difference(&by_hand(status)).contradicts, contradicts, "{status:?}");
        }
    }
}
