//! The ledger of alarms: planned, handed to the phone, listed by it as pending, fired, seen, acted upon; and which link of
//! that chain is missing.
//!
//! A phone that was asked to ring has not rung yet: permissions go, systems throttle, lists are cut. So each link is written
//! down when somebody knows of it, and a link that should be there and is not is a warning of its own. What nobody can know
//! (an alarm that was swiped away leaves no trace on some phones) is called "no proof", and not "did not ring".

use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::AlarmRecord;

/// Whether the phone lets Homeline ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotificationPermission {
    /// It rings, and on time.
    Granted,
    /// It rings, but maybe later than asked: exact alarms are not allowed.
    Inexact,
    /// It shows and does not sound.
    Silent,
    /// It may not.
    Denied,
    /// Nobody was asked yet.
    NotAsked,
}

impl NotificationPermission {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Inexact => "inexact",
            Self::Silent => "silent",
            Self::Denied => "denied",
            Self::NotAsked => "not-asked",
        }
    }

    /// The permission with this key.
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Granted, Self::Inexact, Self::Silent, Self::Denied, Self::NotAsked]
            .into_iter()
            .find(|p| p.as_str() == key)
    }
}

/// How far along the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AlarmState {
    /// Nobody handed it to a phone.
    Planned,
    /// The phone took it.
    Handed,
    /// The phone lists it.
    Pending,
    /// It rang.
    Fired,
    /// Somebody saw it.
    Seen,
    /// Somebody did something about it.
    Acted,
    /// Taken back before it rang.
    Withdrawn,
}

impl AlarmState {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Handed => "handed",
            Self::Pending => "pending",
            Self::Fired => "fired",
            Self::Seen => "seen",
            Self::Acted => "acted",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The furthest link that is known.
pub fn alarm_state(record: &AlarmRecord) -> AlarmState {
    let links = [
        (record.acted_at, AlarmState::Acted),
        (record.seen_at, AlarmState::Seen),
        (record.fired_at, AlarmState::Fired),
        (record.withdrawn_at, AlarmState::Withdrawn),
        (record.pending_at, AlarmState::Pending),
        (record.handed_at, AlarmState::Handed),
    ];
    links.into_iter().find(|(at, _)| at.is_some()).map_or(AlarmState::Planned, |(_, state)| state)
}

/// Which link is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MissingLink {
    /// It was planned, and no phone took it.
    NotHanded,
    /// The phone took it, and does not list it.
    NotPending,
    /// Its time is past, and the phone still lists it as to come.
    DidNotRing,
    /// Its time is past, the phone does not list it any more, and does not say that it rang.
    NoProof,
    /// It rang, and nobody saw it.
    NotSeen,
}

impl MissingLink {
    /// Kebab-case key, stable.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotHanded => "not-handed",
            Self::NotPending => "not-pending",
            Self::DidNotRing => "did-not-ring",
            Self::NoProof => "no-proof",
            Self::NotSeen => "not-seen",
        }
    }
}

/// A phone may ring so much later than asked.
const RINGS_WITHIN: TimeDelta = TimeDelta::minutes(2);
/// After so long somebody should have seen what rang.
const SEEN_WITHIN: TimeDelta = TimeDelta::minutes(60);
/// So long a missing link of the past is told.
const TOLD_FOR: TimeDelta = TimeDelta::hours(36);

/// The alarms with a missing link, as of the last look at the phone (`checked_at`; `None` when nobody has looked).
pub fn missing_links(
    records: &[AlarmRecord],
    checked_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<(MissingLink, AlarmRecord)> {
    let Some(checked_at) = checked_at else { return Vec::new() };
    let mut found: Vec<(MissingLink, AlarmRecord)> =
        records.iter().filter_map(|record| Some((missing_link(record, checked_at, now)?, record.clone()))).collect();
    found.sort_by(|(a, x), (b, y)| (a, x.fire_at, &x.id).cmp(&(b, y.fire_at, &y.id)));
    found
}

fn missing_link(record: &AlarmRecord, checked_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<MissingLink> {
    if record.acted_at.is_some() || record.seen_at.is_some() || now - record.fire_at > TOLD_FOR {
        return None;
    }
    // What was taken back in time is owed by nobody.
    if record.withdrawn_at.is_some_and(|at| at <= record.fire_at + RINGS_WITHIN) && record.fired_at.is_none() {
        return None;
    }
    if let Some(fired) = record.fired_at {
        return (now - fired >= SEEN_WITHIN).then_some(MissingLink::NotSeen);
    }
    if record.handed_at.is_none() {
        return Some(MissingLink::NotHanded);
    }
    if record.fire_at > checked_at {
        let listed = record.pending_at.is_some_and(|at| at >= checked_at);
        return (!listed).then_some(MissingLink::NotPending);
    }
    if checked_at - record.fire_at <= RINGS_WITHIN {
        return None;
    }
    let still_listed = record.pending_at.is_some_and(|at| at - record.fire_at > RINGS_WITHIN);
    Some(if still_listed { MissingLink::DidNotRing } else { MissingLink::NoProof })
}
