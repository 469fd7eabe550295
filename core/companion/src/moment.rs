//! Now, here: the one reading of clock and zone that a use case works with from its first line to its last.

use crate::error::HomelineError;
use crate::ports::Ports;
use crate::texts::Texts;
use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use homeline_model::{EntryTimes, Happened, TimeBasis, ZoneId, ZoneTable};
use homeline_schedule::Routine;
use std::collections::HashMap;
use std::sync::Arc;

/// How far the zone rules reach back. An order's start is what its times count from, and the clock of that day counts:
/// rules that began later would read a start in summer by the clock of winter.
const RULES_BACK: Duration = Duration::days(30 * 366);
/// How far they reach ahead: a year of plan.
const RULES_AHEAD: Duration = Duration::days(400);

/// Now, here.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    pub(crate) now: DateTime<Utc>,
    pub(crate) monotonic_ms: u64,
    /// Where the phone is: what its clock shows.
    pub(crate) here: Arc<ZoneTable>,
    /// Where doses by the clock on the wall are planned: where the phone was when the plan came, and from then on where a
    /// journey was accepted.
    pub(crate) followed: Arc<ZoneTable>,
    /// Where the patient lives, once a plan says so.
    pub(crate) home: Arc<ZoneTable>,
    /// The patient's own day.
    pub(crate) routine: Arc<Routine>,
    /// The words of the language that is read here.
    pub(crate) texts: Texts,
}

/// The zones that plan and journal name.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownZones {
    /// Where the patient lives, as the plan says.
    pub(crate) home: Option<ZoneId>,
    /// Whose clock doses follow; `None` before the first plan.
    pub(crate) followed: Option<ZoneId>,
}

impl Moment {
    /// The clock on the wall at an instant.
    pub(crate) fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        fixed(self.here.offset_at(at.timestamp())).from_utc_datetime(&at.naive_utc())
    }

    /// An instant as the clock on the wall shows it: `14:05` today, `Mon 23 Nov 14:05` on any other day.
    pub(crate) fn shown(&self, at: DateTime<Utc>) -> String {
        self.texts.time(self.local(at), self.local(self.now).date_naive())
    }

    /// The same with its day, also today.
    pub(crate) fn shown_with_day(&self, at: DateTime<Utc>) -> String {
        self.texts.day_and_time(self.local(at))
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

    /// Asks for all zone rules anew: the phone's may have changed.
    pub(crate) fn forget_zone_rules(&mut self) {
        self.tables.clear();
    }

    pub(crate) fn moment(&mut self, known: &KnownZones) -> Result<Moment, HomelineError> {
        let now = self.ports.clock.now()?;
        let monotonic_ms = self.ports.clock.monotonic_ms()?;
        // A day's slack on both sides keeps tables for a day and notices a clock that was set back.
        if now > self.valid_until || now < self.valid_until - Duration::days(2) {
            self.tables.clear();
            self.valid_until = now + Duration::days(1);
        }
        let here_zone = self.ports.zones.current_zone()?;
        let here = self.table(&here_zone, now)?;
        let mut known_or_here = |zone: &Option<ZoneId>| match zone {
            Some(zone) => self.table(zone, now),
            None => Ok(here.clone()),
        };
        let (home, followed) = (known_or_here(&known.home)?, known_or_here(&known.followed)?);
        Ok(Moment { now, monotonic_ms, here, followed, home, routine: Arc::default(), texts: Texts::default() })
    }

    /// The same at another instant, for a question about the past or the future. No table is kept for it.
    pub(crate) fn moment_as_of(&mut self, known: &KnownZones, now: DateTime<Utc>) -> Result<Moment, HomelineError> {
        let zones = self.ports.zones.clone();
        let table = |zone: &ZoneId| -> Result<Arc<ZoneTable>, HomelineError> {
            Ok(Arc::new(zones.table(zone, now - RULES_BACK, now + RULES_AHEAD)?))
        };
        let here = table(&self.ports.zones.current_zone()?)?;
        let known_or_here = |zone: &Option<ZoneId>| zone.as_ref().map_or_else(|| Ok(here.clone()), &table);
        let (home, followed) = (known_or_here(&known.home)?, known_or_here(&known.followed)?);
        let monotonic_ms = self.ports.clock.monotonic_ms()?;
        Ok(Moment { now, monotonic_ms, here, followed, home, routine: Arc::default(), texts: Texts::default() })
    }

    /// The rules of any zone, as far as schedules need them.
    pub(crate) fn table(&mut self, zone: &ZoneId, now: DateTime<Utc>) -> Result<Arc<ZoneTable>, HomelineError> {
        if let Some(table) = self.tables.get(zone) {
            return Ok(table.clone());
        }
        let table = Arc::new(self.ports.zones.table(zone, now - RULES_BACK, now + RULES_AHEAD)?);
        self.tables.insert(zone.clone(), table.clone());
        Ok(table)
    }
}
