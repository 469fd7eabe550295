//! The ledger of alarms: which link of the chain from plan to person is missing.

use crate::support::at;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::AlarmRecord;
use homeline_schedule::{AlarmState, MissingLink, alarm_state, missing_links};

fn eight() -> DateTime<Utc> {
    at("2026-11-23T08:00:00-05:00")
}

fn minutes(count: i64) -> DateTime<Utc> {
    eight() + TimeDelta::minutes(count)
}

fn planned() -> AlarmRecord {
    AlarmRecord {
        id: "dose/due".into(),
        fire_at: eight(),
        kind: "due".into(),
        occurrence: None,
        content: "It is time.".into(),
        planned_at: minutes(-60),
        handed_at: None,
        pending_at: None,
        fired_at: None,
        seen_at: None,
        acted_at: None,
        withdrawn_at: None,
    }
}

fn missing(record: AlarmRecord, checked: i64, now: i64) -> Option<MissingLink> {
    missing_links(&[record], Some(minutes(checked)), minutes(now)).first().map(|(link, _)| *link)
}

#[test]
fn each_link_is_a_state_and_the_furthest_one_counts() {
    let mut record = planned();
    assert_eq!(alarm_state(&record), AlarmState::Planned);
    let at = Some(minutes(0));
    record.handed_at = at;
    assert_eq!(alarm_state(&record), AlarmState::Handed);
    record.pending_at = at;
    assert_eq!(alarm_state(&record), AlarmState::Pending);
    record.fired_at = at;
    assert_eq!(alarm_state(&record), AlarmState::Fired);
    record.seen_at = at;
    assert_eq!(alarm_state(&record), AlarmState::Seen);
    record.acted_at = at;
    assert_eq!(alarm_state(&record), AlarmState::Acted);
    let withdrawn = AlarmRecord { handed_at: at, withdrawn_at: at, ..planned() };
    assert_eq!(alarm_state(&withdrawn), AlarmState::Withdrawn);
}

#[test]
fn an_alarm_that_the_phone_took_and_does_not_list_is_missed_before_its_time() {
    let handed = AlarmRecord { handed_at: Some(minutes(-50)), ..planned() };
    assert_eq!(missing(planned(), -50, -40), Some(MissingLink::NotHanded));
    assert_eq!(missing(handed.clone(), -50, -40), Some(MissingLink::NotPending));
    let listed = AlarmRecord { pending_at: Some(minutes(-50)), ..handed };
    assert_eq!(missing(listed.clone(), -50, -40), None);
    // Listed once, and gone at the next look.
    assert_eq!(missing(listed, -20, -19), Some(MissingLink::NotPending));
}

#[test]
fn an_alarm_whose_time_is_past_rang_did_not_or_has_no_proof() {
    let pending = AlarmRecord { handed_at: Some(minutes(-50)), pending_at: Some(minutes(-50)), ..planned() };
    assert_eq!(missing(pending.clone(), 1, 1), None, "two minutes late is in time");
    assert_eq!(missing(pending.clone(), 10, 10), Some(MissingLink::NoProof));
    let still = AlarmRecord { pending_at: Some(minutes(10)), ..pending.clone() };
    assert_eq!(missing(still, 10, 10), Some(MissingLink::DidNotRing));
    let rang = AlarmRecord { fired_at: Some(minutes(0)), ..pending.clone() };
    assert_eq!(missing(rang.clone(), 10, 10), None);
    assert_eq!(missing(rang.clone(), 60, 60), Some(MissingLink::NotSeen));
    assert_eq!(missing(AlarmRecord { seen_at: Some(minutes(30)), ..rang }, 60, 60), None);
    // Nobody owes an alarm that was taken back in time, and nothing is told of the day before yesterday.
    assert_eq!(missing(AlarmRecord { withdrawn_at: Some(minutes(-1)), ..pending.clone() }, 10, 10), None);
    assert_eq!(missing(pending, 48 * 60, 48 * 60), None);
    assert_eq!(missing_links(&[planned()], None, minutes(10)), [], "nobody has looked at the phone yet");
}
