//! What is asked of everybody.

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Every 8 hours of elapsed time, from 2026-01-01T06:00Z, 1,095 times.
    EightHours,
    /// 06:00, 14:00 and 22:00 in New York, from 2026-01-01, 1,095 times.
    ThreeTimesADay,
    /// 08:00 and 20:00 in New York since 2016-11-27: the first one after 2026-11-23T17:00Z.
    NextAfterTenYears,
    /// The same, from the order as it is kept: read, then asked.
    NextFromTheOrder,
}

impl Case {
    /// In the order of the table.
    pub const ALL: [Self; 4] =
        [Self::EightHours, Self::ThreeTimesADay, Self::NextAfterTenYears, Self::NextFromTheOrder];

    /// As a peer is asked.
    pub fn key(self) -> &'static str {
        match self {
            Self::EightHours => "eight-hours",
            Self::ThreeTimesADay => "three-times-a-day",
            Self::NextAfterTenYears => "next",
            Self::NextFromTheOrder => "next-from-the-order",
        }
    }

    /// For the table.
    pub fn words(self) -> &'static str {
        match self {
            Self::EightHours => "every 8 h × 1,095, per occurrence",
            Self::ThreeTimesADay => "06:00, 14:00, 22:00 in New York × 1,095, per occurrence",
            Self::NextAfterTenYears => "next dose of a ten-year-old order, rule at hand",
            Self::NextFromTheOrder => "next dose of a ten-year-old order, rule read first",
        }
    }

    /// Occurrences in one answer.
    pub fn occurrences(self) -> u32 {
        match self {
            Self::EightHours | Self::ThreeTimesADay => 1_095,
            Self::NextAfterTenYears | Self::NextFromTheOrder => 1,
        }
    }

    /// The goal: how many times faster than the fastest peer, or at most so many nanoseconds.
    pub fn goal(self) -> Goal {
        match self {
            Self::EightHours | Self::ThreeTimesADay => Goal::Ratio(15.0),
            Self::NextAfterTenYears | Self::NextFromTheOrder => Goal::Nanoseconds(500.0),
        }
    }
}

/// What a figure is held against.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// The fastest peer takes at least so many times as long.
    Ratio(f64),
    /// At most so long.
    Nanoseconds(f64),
}
