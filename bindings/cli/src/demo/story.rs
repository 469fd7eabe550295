//! What happens beside the doses, placed around the day's main dose.

use chrono::{DateTime, Duration, Utc};
use homeline_model::Severity;

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A temperature is taken: as typed.
    Temperature(String),
    /// Own words.
    Feeling(&'static str),
    /// A symptom by key.
    Symptom(&'static str, Severity),
    /// A picture of the site.
    SitePicture,
    /// The daily check: temperature as typed, and a question for the nurse.
    DailyCheck(String, &'static str),
    /// A message to the pharmacist.
    Message(&'static str),
    /// The pharmacist's answer.
    Answer(&'static str),
    /// The line is blocked.
    LineBlocked,
    /// The phone is carried away from the pump.
    PumpOutOfReach,
    /// And back.
    PumpInReach,
    /// The network goes.
    NetworkLost,
    /// And comes back.
    NetworkBack,
}

/// The day's happenings.
pub struct Story {
    waiting: Vec<(DateTime<Utc>, Happening)>,
    begun: bool,
    tenths: u32,
    block_percent: i32,
}

impl Story {
    /// Chances are drawn once, in one order.
    pub fn of(chances: &mut fastrand::Rng) -> Self {
        Self { waiting: Vec::new(), begun: false, tenths: chances.u32(0..8), block_percent: chances.i32(24..=36) }
    }

    /// The main dose begins and takes `length`. `false` when another was the main one.
    pub fn begin_main(&mut self, at: DateTime<Utc>, length: Duration) -> bool {
        if std::mem::replace(&mut self.begun, true) {
            return false;
        }
        // A dose of minutes has its story within the hour, one of days within a waking day.
        let length = length.clamp(Duration::minutes(60), Duration::hours(11));
        let part = |percent: i32| at + length * percent / 100;
        let after = |minutes: i64| at + Duration::minutes(minutes);
        self.waiting = vec![
            (after(2), Happening::Temperature(format!("36.{} C", 4 + self.tenths % 5))),
            (after(4), Happening::Message("May I take my usual allergy pill today?")),
            (after(11), Happening::Answer("Yes, that is fine with this infusion. Call us if you get a rash.")),
            (part(self.block_percent), Happening::LineBlocked),
            (part(45), Happening::SitePicture),
            (part(50), Happening::NetworkLost),
            (part(55), Happening::Feeling("A bit tired, otherwise well. Read a book.")),
            (part(62), Happening::PumpOutOfReach),
            (part(62) + Duration::minutes(9), Happening::PumpInReach),
            (part(75), Happening::Symptom("headache", Severity::Mild)),
            (part(80), Happening::Temperature(format!("36.{} C", 6 + self.tenths % 4))),
            (part(100).max(part(50) + Duration::hours(3)), Happening::NetworkBack),
            (
                part(100) + Duration::minutes(40),
                Happening::DailyCheck(
                    format!("36.{} C", 5 + self.tenths % 5),
                    "Can the next dose start an hour later?",
                ),
            ),
        ];
        self.waiting.sort_by_key(|(at, _)| *at);
        true
    }

    /// Takes out what is due.
    pub fn due(&mut self, now: DateTime<Utc>) -> Vec<Happening> {
        let due = self.waiting.iter().take_while(|(at, _)| *at <= now).count();
        self.waiting.drain(..due).map(|(_, happening)| happening).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_story_and_nothing_happens_twice() {
        let at = "2026-11-23T14:00:00Z".parse().unwrap();
        let told = || {
            let mut story = Story::of(&mut fastrand::Rng::with_seed(7));
            assert!(story.begin_main(at, Duration::minutes(90)));
            assert!(!story.begin_main(at, Duration::minutes(90)));
            let all = story.due(at + Duration::days(2));
            assert!(story.due(at + Duration::days(3)).is_empty());
            all
        };
        assert_eq!(told(), told());
        assert_eq!(told().len(), 13);
    }
}
