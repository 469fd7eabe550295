//! What outlives the process: kept by companion, in the same transaction as the facts that belong to it.
//!
//! It is small, and all of it: the machine is rebuilt from it after the system killed the app, on the other phone after a
//! restore, and after a commit that failed (then from the last one that did not). Records that were fetched and not yet
//! committed are fetched again; their identities are the same, so nothing is stored twice.

use crate::adapter::AdapterMemory;
use crate::profile::AlarmPriority;
use crate::radio::LinkSecurity;
use chrono::{DateTime, Utc};
use homeline_model::AlarmKind;
use serde::{Deserialize, Serialize};

/// Memory of the link to one pump. `default()` is "never enrolled".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionMemory {
    /// The pump that this phone was paired with.
    pub enrolment: Option<Enrolment>,
    /// How often the pump's record numbering began anew. Records of two epochs are never merged.
    pub epoch: u32,
    /// Every record up to here is in the journal, or is in `holes`.
    pub contiguous_record: Option<u32>,
    /// Fingerprint of that record: another one under the same number is a new epoch.
    pub fingerprint: Option<u64>,
    /// Stretches of this epoch that could not be fetched.
    pub holes: Vec<RecordRange>,
    /// How the pump's clock lies to the phone's.
    pub clock: Option<ClockMapping>,
    /// Alarms that are on, and the last few that were.
    pub alarms: Vec<AlarmStatus>,
    /// The link was up when this was written: if the process ended then, the loss is told at the next start.
    pub link_up: bool,
    /// What the adapter learnt from the records up to `contiguous_record`.
    #[serde(default)]
    pub adapter: AdapterMemory,
}

/// The pairing with one pump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Serial number that the pump itself said over the protected link.
    pub serial: String,
    /// The platform's name of it.
    pub peripheral: String,
    /// How the pairing was protected, as the platform could tell then.
    pub security: LinkSecurity,
    /// When.
    pub enrolled_at: DateTime<Utc>,
    /// The bond is gone: nothing happens until a person pairs again.
    pub bond_lost: bool,
    /// Model number that the pump said; another one later is another device.
    #[serde(default)]
    pub model: Option<String>,
    /// Firmware revision as last read.
    #[serde(default)]
    pub firmware: Option<String>,
    /// Pairs of security mode and level that the pump demands (LE GATT Security Levels), where it says so: the record of the
    /// enrolment for systems that hide how a link is protected.
    #[serde(default)]
    pub demands: Vec<[u8; 2]>,
    /// The service by which it is heard; `None` is that of an enrolment from before this was kept.
    #[serde(default)]
    pub service: Option<u16>,
}

/// A stretch of record numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordRange {
    /// First.
    pub first: u32,
    /// Last.
    pub last: u32,
}

/// The pump's clock against the phone's, from one reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockMapping {
    /// Phone clock minus pump clock, in milliseconds.
    pub offset_ms: i64,
    /// How far the pump's clock is wrong, as far as can be told: its own zone taken out.
    pub error_ms: i64,
    /// When they were compared, on the phone's clock.
    pub compared_at: DateTime<Utc>,
    /// The pump asks that its clock be set, at the pump, by a person.
    pub needs_setting: bool,
}

/// One alarm with its three facts: raised on the pump, seen here, cleared on the pump. None of them implies another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmStatus {
    /// The condition's IEEE 11073-10101 code.
    pub code: u32,
    /// Which one of several with this code, where the pump tells them apart.
    #[serde(default)]
    pub instance: Option<u16>,
    /// Which.
    pub kind: AlarmKind,
    /// The pump's own words.
    pub text: String,
    /// How urgent the pump calls it.
    pub priority: AlarmPriority,
    /// When it was raised on the pump.
    pub raised_at: DateTime<Utc>,
    /// The record that says so; `None` while it was only heard live.
    pub raised_record: Option<u32>,
    /// When a person saw it here. That silences nothing on the pump.
    pub seen_at: Option<DateTime<Utc>>,
    /// When it was cleared on the pump.
    pub cleared_at: Option<DateTime<Utc>>,
}

impl SessionMemory {
    /// Of the alarms that are over, the last few stay.
    const ENDED_ALARMS: usize = 20;
    /// More holes than this are one long one: a list has a bound, and so much is lost anyway.
    const HOLES: usize = 500;

    pub(super) fn open_alarm(&mut self, code: u32, instance: Option<u16>) -> Option<&mut AlarmStatus> {
        self.alarms
            .iter_mut()
            .find(|alarm| alarm.code == code && alarm.instance == instance && alarm.cleared_at.is_none())
    }

    /// An alarm that was heard live and is over, and whose record is not known yet.
    pub(super) fn heard_alarm(&mut self, code: u32, instance: Option<u16>) -> Option<&mut AlarmStatus> {
        self.alarms
            .iter_mut()
            .find(|alarm| alarm.code == code && alarm.instance == instance && alarm.raised_record.is_none())
    }

    /// The memory after a time in which another session went on from a copy of it, which may have been older: on a locked
    /// phone, where this one cannot be read. What is further in the record stays; what a person saw stays seen; a pairing that
    /// was lost is lost. The memory of another pairing is of no use.
    #[must_use]
    pub fn after(self, other: Self) -> Self {
        let pairing = |memory: &Self| memory.enrolment.as_ref().map(|enrolment| enrolment.enrolled_at);
        if pairing(&self) != pairing(&other) {
            return self;
        }
        let link_up = other.link_up;
        let further = (other.epoch, other.contiguous_record) >= (self.epoch, self.contiguous_record);
        let (mut memory, behind) = if further { (other, self) } else { (self, other) };
        for alarm in memory.alarms.iter_mut().filter(|alarm| alarm.seen_at.is_none()) {
            let same = |one: &&AlarmStatus| {
                one.code == alarm.code && one.instance == alarm.instance && one.raised_record == alarm.raised_record
            };
            alarm.seen_at = behind.alarms.iter().find(same).and_then(|one| one.seen_at);
        }
        if let (Some(enrolment), Some(of_behind)) = (&mut memory.enrolment, &behind.enrolment) {
            enrolment.bond_lost |= of_behind.bond_lost;
        }
        memory.link_up = link_up;
        memory
    }

    pub(super) fn forget_old_alarms(&mut self) {
        let mut ended = self.alarms.iter().filter(|alarm| alarm.cleared_at.is_some()).count();
        self.alarms.retain(|alarm| {
            let forget = alarm.cleared_at.is_some() && ended > Self::ENDED_ALARMS;
            ended -= usize::from(forget);
            !forget
        });
    }

    pub(super) fn add_hole(&mut self, hole: RecordRange) {
        let full = self.holes.len() >= Self::HOLES;
        match self.holes.last_mut() {
            Some(last) if full || last.last.checked_add(1) == Some(hole.first) => {
                last.last = hole.last;
            }
            _ => self.holes.push(hole),
        }
    }

    pub(super) fn new_epoch(&mut self) {
        self.epoch = self.epoch.saturating_add(1);
        self.contiguous_record = None;
        self.fingerprint = None;
        self.holes.clear();
        self.adapter = AdapterMemory::default();
        // Their numbers were of the old epoch: those that are over are in the journal; whether the others are still on, the
        // pump says anew.
        self.alarms.retain(|alarm| alarm.cleared_at.is_none());
        for alarm in &mut self.alarms {
            alarm.raised_record = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back_from_json_as_it_was() {
        let mut memory = SessionMemory { contiguous_record: Some(7), ..SessionMemory::default() };
        memory.enrolment = Some(Enrolment {
            serial: "SIM-1".into(),
            peripheral: "a".into(),
            security: LinkSecurity::Authenticated,
            enrolled_at: "2026-11-23T08:00:00Z".parse().unwrap(),
            bond_lost: false,
            model: Some("M".into()),
            firmware: None,
            demands: vec![[1, 4]],
            service: Some(0x1840),
        });
        memory.add_hole(RecordRange { first: 3, last: 4 });
        let json = serde_json::to_string(&memory).unwrap();
        assert_eq!(serde_json::from_str::<SessionMemory>(&json).unwrap(), memory);
    }

    fn paired(record: u32, seen: bool) -> SessionMemory {
        let at: DateTime<Utc> = "2026-11-23T08:00:00Z".parse().unwrap();
        SessionMemory {
            contiguous_record: Some(record),
            enrolment: Some(Enrolment {
                serial: "SIM-1".into(),
                peripheral: "a".into(),
                security: LinkSecurity::Authenticated,
                enrolled_at: at,
                bond_lost: false,
                model: None,
                firmware: None,
                demands: vec![],
                service: None,
            }),
            alarms: vec![AlarmStatus {
                code: 196_940,
                instance: None,
                kind: AlarmKind::OcclusionDownstream,
                text: String::new(),
                priority: AlarmPriority::High,
                raised_at: at,
                raised_record: Some(3),
                seen_at: seen.then_some(at),
                cleared_at: None,
            }],
            ..SessionMemory::default()
        }
    }

    #[test]
    fn what_is_further_in_the_record_stays_and_what_was_seen_stays_seen() {
        for (kept, other) in [(5, 9), (9, 5), (5, 5)] {
            for seen in [(true, false), (false, true)] {
                let memory = paired(kept, seen.0).after(SessionMemory { link_up: true, ..paired(other, seen.1) });
                assert_eq!((memory.contiguous_record, memory.link_up), (Some(kept.max(other)), true));
                assert!(memory.alarms[0].seen_at.is_some());
            }
        }
        let mut new_epoch = paired(0, false);
        new_epoch.epoch = 1;
        assert_eq!(paired(5, false).after(new_epoch).epoch, 1);
        let mut paired_again = paired(9, false);
        paired_again.enrolment.as_mut().unwrap().enrolled_at += chrono::Duration::seconds(1);
        assert_eq!(paired(5, false).after(paired_again).contiguous_record, Some(5), "of another pairing");
    }

    #[test]
    fn holes_have_a_bound_and_neighbours_are_one() {
        let mut memory = SessionMemory::default();
        memory.add_hole(RecordRange { first: 3, last: 4 });
        memory.add_hole(RecordRange { first: 5, last: 5 });
        assert_eq!(memory.holes, [RecordRange { first: 3, last: 5 }]);
        for n in 10..5_000 {
            memory.add_hole(RecordRange { first: n * 2, last: n * 2 });
        }
        assert_eq!(memory.holes.len(), SessionMemory::HOLES);
        assert_eq!(memory.holes.last().unwrap().last, 9_998);
    }
}
