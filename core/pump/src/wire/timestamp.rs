//! Times on the air: Date Time (7 bytes, GATT Specification Supplement) and the elapsed-time stamp (9 bytes, Elapsed Time
//! Service 1.0 §3.1), which GHS observations carry too.
//!
//! A device's clock is read as it is. What it means on the phone's clock is decided by the session, which compares the
//! two clocks on every connection; a reading is never rewritten.

use super::{Fault, Reader, WireError};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// A stamp of the pump's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElapsedTime {
    /// Milliseconds since 2000-01-01T00:00 on that clock, or since the device was switched on when it counts ticks.
    pub milliseconds: u64,
    /// Microseconds beyond those milliseconds, for a clock of tenths of milliseconds.
    pub microseconds: u16,
    /// It counts ticks and knows no date.
    pub tick_counter: bool,
    /// It runs in UTC; otherwise in local time.
    pub utc: bool,
    /// Minutes east of UTC, where the device uses zone or summer time.
    pub offset_minutes: Option<i16>,
    /// It lies on the clock's present timeline: the clock was not set since. Without it, the reading cannot be compared
    /// with the clock of now.
    pub current_timeline: bool,
    /// What the clock was last set by.
    pub set_by: TimeSource,
}

/// What a clock was set by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the source of its name")]
pub enum TimeSource {
    Unknown,
    NetworkTimeProtocol,
    Gps,
    RadioSignal,
    Manual,
    AtomicClock,
    CellularNetwork,
    /// It was not set.
    NotSet,
    /// A source that the standard had not defined when this was written.
    Other(u8),
}

impl From<u8> for TimeSource {
    fn from(code: u8) -> Self {
        match code {
            0 => Self::Unknown,
            1 => Self::NetworkTimeProtocol,
            2 => Self::Gps,
            3 => Self::RadioSignal,
            4 => Self::Manual,
            5 => Self::AtomicClock,
            6 => Self::CellularNetwork,
            7 => Self::NotSet,
            other => Self::Other(other),
        }
    }
}

/// Milliseconds from 1970 to 2000, the epoch of the Elapsed Time Service.
const EPOCH_2000_MS: i64 = 946_684_800_000;

impl ElapsedTime {
    /// The clock's reading as a date, without a zone. A tick counter reads as if switched on at 2000-01-01.
    pub fn reading(&self) -> NaiveDateTime {
        // 48 bits of seconds reach beyond what a calendar date can hold; decoding refuses those.
        Self::date(self.milliseconds, self.microseconds).unwrap_or(NaiveDateTime::MAX)
    }

    fn date(milliseconds: u64, microseconds: u16) -> Option<NaiveDateTime> {
        let since_1970 = i64::try_from(milliseconds).ok()?.checked_add(EPOCH_2000_MS)?;
        let since = TimeDelta::try_milliseconds(since_1970)? + TimeDelta::microseconds(i64::from(microseconds));
        NaiveDateTime::default().checked_add_signed(since)
    }

    /// Reads the nine bytes.
    pub(crate) fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, WireError> {
        let at = reader.offset();
        let flags = reader.u8(field)?;
        let value = reader.u48(field)?;
        let set_by = TimeSource::from(reader.u8(field)?);
        let quarters = reader.i8(field)?;
        let (milliseconds, tenths) = match flags >> 2 & 0b11 {
            0 => (value * 1000, 0),
            1 => (value * 100, 0),
            2 => (value, 0),
            _ => (value / 10, value % 10),
        };
        let microseconds = u16::try_from(tenths * 100).unwrap_or(0);
        Self::date(milliseconds, microseconds).ok_or(WireError::at(field, at, Fault::Range))?;
        Ok(Self {
            milliseconds,
            microseconds,
            tick_counter: flags & 1 != 0,
            utc: flags & 1 << 1 != 0,
            offset_minutes: (flags & 1 << 4 != 0).then(|| i16::from(quarters) * 15),
            current_timeline: flags & 1 << 5 != 0,
            set_by,
        })
    }
}

/// What Current Elapsed Time (0x2BF2) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentElapsedTime {
    /// The clock.
    pub time: ElapsedTime,
    /// The pump asks that its clock be set. We never do: a person sets it at the pump.
    pub needs_setting: bool,
}

/// Reads Current Elapsed Time: the stamp, clock status, clock capabilities.
pub fn current_elapsed_time(value: &[u8]) -> Result<CurrentElapsedTime, WireError> {
    let mut reader = Reader::new(value);
    let time = ElapsedTime::read(&mut reader, "current elapsed time")?;
    let status = reader.u8("clock status")?;
    let _capabilities = reader.u8("clock capabilities")?;
    reader.end("clock capabilities")?;
    Ok(CurrentElapsedTime { time, needs_setting: status & 1 != 0 })
}

impl Reader<'_> {
    /// Reads a Date Time. A year, month or day of 0 is "not known" and gives `None`; a date that does not exist is refused.
    pub(crate) fn date_time(&mut self, field: &'static str) -> Result<Option<NaiveDateTime>, WireError> {
        let at = self.offset();
        let year = self.u16(field)?;
        let [month, day, hour, minute, second] = self.array(field)?;
        if year == 0 || month == 0 || day == 0 {
            return Ok(None);
        }
        NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
            .filter(|_| (1582..=9999).contains(&year))
            .and_then(|date| date.and_hms_opt(u32::from(hour), u32::from(minute), u32::from(second)))
            .map(Some)
            .ok_or(WireError::at(field, at, Fault::Value { value: u64::from(year) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> ElapsedTime {
        ElapsedTime::read(&mut Reader::new(bytes), "timestamp").unwrap()
    }

    #[test]
    fn seconds_since_2000_read_as_a_date() {
        // 2026-11-23T08:00:00 is 848,736,000 s after 2000-01-01.
        let [a, b, c, d, ..] = 848_736_000_u64.to_le_bytes();
        let stamp = read(&[0b11_0010, a, b, c, d, 0, 0, 4, 0xEC]);
        assert_eq!(stamp.reading().to_string(), "2026-11-23 08:00:00");
        assert!(stamp.utc && stamp.current_timeline && !stamp.tick_counter);
        assert_eq!(stamp.offset_minutes, Some(-300));
    }

    #[test]
    fn each_resolution_reads_as_milliseconds() {
        for (resolution, milliseconds) in [(0, 20_000), (1, 2_000), (2, 20), (3, 2)] {
            assert_eq!(read(&[resolution << 2, 20, 0, 0, 0, 0, 0, 0, 0]).milliseconds, milliseconds);
        }
    }

    #[test]
    fn a_clock_of_tenths_of_milliseconds_keeps_them() {
        let stamp = read(&[0b10_1110, 0xD7, 0x2E, 0, 0, 0, 0, 1, 0]);
        assert_eq!((stamp.milliseconds, stamp.microseconds), (1_199, 100));
        assert_eq!(stamp.reading().to_string(), "2000-01-01 00:00:01.199100");
        assert_eq!(stamp.set_by, TimeSource::NetworkTimeProtocol);
    }

    #[test]
    fn a_time_that_no_calendar_holds_is_refused() {
        let bytes = [0b10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0];
        let refused = ElapsedTime::read(&mut Reader::new(&bytes), "timestamp");
        assert_eq!(refused, Err(WireError::at("timestamp", 0, Fault::Range)));
    }

    #[test]
    fn a_stamp_of_the_old_timeline_says_so() {
        assert!(!read(&[0b00_0010, 1, 0, 0, 0, 0, 0, 0, 0]).current_timeline);
    }

    #[test]
    fn a_date_time_with_a_zero_is_not_known_and_one_that_does_not_exist_is_refused() {
        let date_time = |bytes: [u8; 7]| Reader::new(&bytes).date_time("time");
        assert_eq!(date_time([0xEA, 7, 11, 23, 8, 30, 5]).unwrap().unwrap().to_string(), "2026-11-23 08:30:05");
        assert_eq!(date_time([0, 0, 11, 23, 8, 30, 5]), Ok(None));
        assert!(date_time([0xEA, 7, 2, 30, 8, 30, 5]).is_err());
        assert!(date_time([0xEA, 7, 2, 3, 24, 0, 0]).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..16)) {
            if let Ok(time) = current_elapsed_time(&bytes) {
                let _ = time.time.reading();
            }
            let _ = Reader::new(&bytes).date_time("time");
        }
    }
}
