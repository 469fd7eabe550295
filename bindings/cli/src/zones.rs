//! Zone rules for a terminal: the tz database that comes with the program (newer than most hosts'), as transitions.

use chrono::{DateTime, Utc};
use homeline_companion::{PortError, ZoneRules};
use homeline_model::{ZoneId, ZoneTable, ZoneTransition};
use jiff::{Timestamp, tz::TimeZone};

/// Zones of this machine, or one that is told.
pub struct HostZones {
    /// `None` takes the machine's own zone.
    pub here: Option<ZoneId>,
}

fn fault(reason: impl Into<String>) -> PortError {
    PortError { port: "zone rules".to_owned(), reason: reason.into() }
}

/// Every change of a zone's clocks from `from` to `to`, whatever lies in between. Errors when nobody knows such a zone.
fn rules(zone: &ZoneId, from: Timestamp, to: Timestamp) -> Result<ZoneTable, jiff::Error> {
    let rules = TimeZone::get(zone.as_str())?;
    let transitions = rules
        .following(from)
        .take_while(|transition| transition.timestamp() < to)
        .map(|transition| ZoneTransition {
            at: transition.timestamp().as_second(),
            offset_seconds: transition.offset().seconds(),
        })
        .collect();
    Ok(ZoneTable {
        zone: zone.clone(),
        version: String::new(),
        initial_offset_seconds: rules.to_offset(from).seconds(),
        transitions,
    })
}

/// The rules of a zone up to `to`, from so long ago that every order that is in force began within them. `None` for a
/// zone without rules.
pub fn rules_until(zone: &ZoneId, to: DateTime<Utc>) -> Option<ZoneTable> {
    // Before 1900 most places had a mean time of their own; nobody's infusion began then.
    const FROM: i64 = -2_208_988_800;
    let to = Timestamp::from_second(to.timestamp()).unwrap_or(Timestamp::MAX);
    rules(zone, Timestamp::from_second(FROM).ok()?, to).ok()
}

impl ZoneRules for HostZones {
    fn current_zone(&self) -> Result<ZoneId, PortError> {
        if let Some(zone) = &self.here {
            return Ok(zone.clone());
        }
        // A machine without a zone of its own (a container) lives in UTC.
        Ok(TimeZone::system().iana_name().and_then(ZoneId::new).unwrap_or_else(ZoneId::utc))
    }

    fn table(&self, zone: &ZoneId, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<ZoneTable, PortError> {
        let stamp = |at: DateTime<Utc>| Timestamp::from_second(at.timestamp()).map_err(|e| fault(e.to_string()));
        rules(zone, stamp(from)?, stamp(to)?).map_err(|_| fault(format!("no rules for the zone {zone}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chicago_leaves_daylight_saving_time_on_the_first_of_november_2026() {
        let zone = ZoneId::new("America/Chicago").unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let table =
            HostZones { here: None }.table(&zone, at("2026-10-01T00:00:00Z"), at("2027-10-01T00:00:00Z")).unwrap();
        assert_eq!(table.offset_at(at("2026-11-01T06:59:59Z").timestamp()), -5 * 3600);
        assert_eq!(table.offset_at(at("2026-11-01T07:00:00Z").timestamp()), -6 * 3600);
        assert_eq!(table.transitions.len(), 2);
    }

    #[test]
    fn a_zone_that_does_not_exist_is_an_error_and_not_utc() {
        let zone = ZoneId::new("Mars/Olympus").unwrap();
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        assert!(HostZones { here: None }.table(&zone, now, now).is_err());
    }
}
