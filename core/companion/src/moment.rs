//! Now, here: the one reading of clock and zone that a use case works with from its first line to its last.

use crate::error::HomelineError;
use crate::ports::Ports;
use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use homeline_model::{EntryTimes, Happened, TimeBasis, ZoneId, ZoneTable};
use std::collections::HashMap;
use std::sync::Arc;

/// How far the zone rules reach on either side of now: a year of history in the report, a year of plan.
const RULES_REACH: Duration = Duration::days(400);

/// Now, here.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) now: DateTime<Utc>,
    pub(crate) monotonic_ms: u64,
    /// Where the phone is.
    pub(crate) here: Arc<ZoneTable>,
    /// Where the patient lives, once a plan says so.
    pub(crate) home: Arc<ZoneTable>,
}

impl Moment {
    /// The clock on the wall at an instant.
    pub(crate) fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        fixed(self.here.offset_at(at.timestamp())).from_utc_datetime(&at.naive_utc())
    }

    /// `14:05` (today) or `2026-11-23 14:05` as an instant, by the clock of the place.
    pub(crate) fn by_the_clock(&self, text: &str) -> Option<DateTime<Utc>> {
        let text = text.trim();
        let local = match NaiveTime::parse_from_str(text, "%H:%M") {
            Ok(time) => self.local(self.now).date_naive().and_time(time),
            Err(_) => ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
                .into_iter()
                .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?,
        };
        homeline_schedule::zone::to_instant(&self.here, local).instant()
    }

    /// Something that happens now.
    pub(crate) fn times_now(&self) -> EntryTimes {
        self.times(self.now, TimeBasis::PhoneClock)
    }

    /// Something that happened at `at`.
    pub(crate) fn times(&self, at: DateTime<Utc>, basis: TimeBasis) -> EntryTimes {
        let happened =
            Happened { at, zone: self.here.zone.clone(), offset_seconds: self.here.offset_at(at.timestamp()), basis };
        EntryTimes { happened, recorded_at: self.now, device_clock: None }
    }
}

fn fixed(offset_seconds: i32) -> FixedOffset {
    FixedOffset::east_opt(offset_seconds).unwrap_or_else(|| Utc.fix())
}

/// The owner of the ports: lives on the ports' own thread and keeps the zone tables that it has asked for.
pub(crate) struct Platform {
    pub(crate) ports: Ports,
    tables: HashMap<ZoneId, Arc<ZoneTable>>,
    valid_until: DateTime<Utc>,
}

impl Platform {
    pub(crate) fn new(ports: Ports) -> Self {
        Self { ports, tables: HashMap::new(), valid_until: DateTime::<Utc>::MIN_UTC }
    }

    pub(crate) fn moment(&mut self, home: Option<&ZoneId>) -> Result<Moment, HomelineError> {
        let now = self.ports.clock.now()?;
        let monotonic_ms = self.ports.clock.monotonic_ms()?;
        // A day's slack on both sides keeps tables for a day and notices a clock that was set back.
        if now > self.valid_until || now < self.valid_until - Duration::days(2) {
            self.tables.clear();
            self.valid_until = now + Duration::days(1);
        }
        let here_zone = self.ports.zones.current_zone()?;
        let here = self.table(&here_zone, now)?;
        let home = match home {
            Some(zone) => self.table(zone, now)?,
            None => here.clone(),
        };
        Ok(Moment { now, monotonic_ms, here, home })
    }

    /// The same at another instant, for a question about the past or the future. No table is kept for it.
    pub(crate) fn moment_as_of(&mut self, home: Option<&ZoneId>, now: DateTime<Utc>) -> Result<Moment, HomelineError> {
        let zones = self.ports.zones.clone();
        let table = |zone: &ZoneId| -> Result<Arc<ZoneTable>, HomelineError> {
            Ok(Arc::new(zones.table(zone, now - RULES_REACH, now + RULES_REACH)?))
        };
        let here = table(&self.ports.zones.current_zone()?)?;
        let home = home.map(&table).transpose()?.unwrap_or_else(|| here.clone());
        Ok(Moment { now, monotonic_ms: self.ports.clock.monotonic_ms()?, here, home })
    }

    fn table(&mut self, zone: &ZoneId, now: DateTime<Utc>) -> Result<Arc<ZoneTable>, HomelineError> {
        if let Some(table) = self.tables.get(zone) {
            return Ok(table.clone());
        }
        let table = Arc::new(self.ports.zones.table(zone, now - RULES_REACH, now + RULES_REACH)?);
        self.tables.insert(zone.clone(), table.clone());
        Ok(table)
    }
}
