//! The fold: events by epoch and number, one infusion after the other.

use super::{Infusion, InfusionEnd, Interruption, Ledger, LedgerEvent, Moment, RateFrom, UnknownStretch};
use crate::session::RecordRange;
use homeline_model::{AlarmKind, PumpEventKind};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The ledger of these events. The same for any order and any repetition of them.
pub fn reconcile(events: impl IntoIterator<Item = LedgerEvent>) -> Ledger {
    let mut records: BTreeMap<(u32, u32), LedgerEvent> = BTreeMap::new();
    let mut gaps: Vec<UnknownStretch> = Vec::new();
    let mut contradicting = std::collections::BTreeSet::new();
    for event in events {
        let key = (event.epoch, event.record);
        if let PumpEventKind::RecordGap { from, to } = event.kind {
            gaps.push(UnknownStretch { epoch: event.epoch, records: RecordRange { first: from, last: to.max(from) } });
            continue;
        }
        match records.entry(key) {
            Entry::Vacant(place) => {
                place.insert(event);
            }
            Entry::Occupied(mut place) => {
                if *place.get() != event {
                    contradicting.insert(key);
                    if event.rank() < place.get().rank() {
                        place.insert(event);
                    }
                }
            }
        }
    }
    let unknown = still_missing(gaps, &records);
    let mut fold = Fold::default();
    let mut stretches = unknown.iter().peekable();
    for event in records.values() {
        let before = |stretch: &UnknownStretch| (stretch.epoch, stretch.records.first) < (event.epoch, event.record);
        while let Some(stretch) = stretches.next_if(|stretch| before(stretch)) {
            fold.missing(*stretch);
        }
        fold.take(event);
    }
    for stretch in stretches {
        fold.missing(*stretch);
    }
    fold.close();
    Ledger { infusions: fold.done, unknown, contradictions: contradicting.len() }
}

/// The gaps without the records that were told by another slice of the history, sorted, each number once.
fn still_missing(mut gaps: Vec<UnknownStretch>, records: &BTreeMap<(u32, u32), LedgerEvent>) -> Vec<UnknownStretch> {
    gaps.sort_unstable();
    let mut missing: Vec<UnknownStretch> = Vec::new();
    for gap in gaps {
        let covered = missing.last().filter(|last| last.epoch == gap.epoch).map(|last| last.records.last);
        let mut first = match covered {
            Some(last) if last >= gap.records.first => match last.checked_add(1) {
                Some(next) => next,
                None => continue,
            },
            _ => gap.records.first,
        };
        let last = gap.records.last;
        if first > last {
            continue;
        }
        let told: Vec<u32> =
            records.range((gap.epoch, first)..=(gap.epoch, last)).map(|((_, record), _)| *record).collect();
        for record in told {
            if record > first {
                missing.push(UnknownStretch { epoch: gap.epoch, records: RecordRange { first, last: record - 1 } });
            }
            first = record.saturating_add(1);
        }
        if first <= last {
            push_joined(&mut missing, UnknownStretch { epoch: gap.epoch, records: RecordRange { first, last } });
        }
    }
    missing
}

/// Neighbours are one stretch, so that the way a gap was cut up does not show.
fn push_joined(missing: &mut Vec<UnknownStretch>, stretch: UnknownStretch) {
    match missing.last_mut() {
        Some(last)
            if last.epoch == stretch.epoch && last.records.last.checked_add(1) == Some(stretch.records.first) =>
        {
            last.records.last = stretch.records.last;
        }
        _ => missing.push(stretch),
    }
}

#[derive(Default)]
struct Fold {
    done: Vec<Infusion>,
    current: Option<Infusion>,
    /// Delivery is stopped since then, and whether it goes on is not known yet.
    paused: Option<Interruption>,
    /// Alarms that are on and stop delivery.
    alarms: Vec<AlarmKind>,
    /// Missing records since the last infusion ended: an infusion that begins here may have begun in them.
    missing_since: Vec<UnknownStretch>,
}

impl Fold {
    fn take(&mut self, event: &LedgerEvent) {
        if self.current.as_ref().is_some_and(|current| current.epoch != event.epoch) {
            self.close();
            self.alarms.clear();
        }
        if self.belongs_to_another(event) {
            self.close();
        }
        match &event.kind {
            PumpEventKind::Started => {
                let begun = self.current.is_none();
                let infusion = self.infusion(event);
                if begun {
                    infusion.started = Some(event.moment());
                }
                if let Some(mut pause) = self.paused.take() {
                    pause.to = Some(event.moment());
                    self.infusion(event).interruptions.push(pause);
                }
            }
            PumpEventKind::Stopped => {
                let alarm = self.alarms.last().cloned();
                self.infusion(event);
                self.paused.get_or_insert(Interruption { from: event.moment(), to: None, alarm });
            }
            PumpEventKind::Completed => {
                let infusion = self.infusion(event);
                if infusion.end != InfusionEnd::Completed {
                    infusion.end = InfusionEnd::Completed;
                    infusion.ended = Some(event.moment());
                }
                self.paused = None;
            }
            PumpEventKind::AlarmRaised { alarm, .. } => {
                if stops_delivery(alarm) {
                    self.alarms.push(alarm.clone());
                    if let Some(pause) = &mut self.paused {
                        pause.alarm.get_or_insert(alarm.clone());
                    }
                }
            }
            PumpEventKind::AlarmCleared { alarm } => self.alarms.retain(|on| on != alarm),
            PumpEventKind::Progress => {
                // A counter above zero proves an infusion, even when its start was missed.
                if event.volume_ml.is_some_and(|volume| !volume.is_zero()) {
                    self.infusion(event);
                }
            }
            PumpEventKind::LinkUp
            | PumpEventKind::LinkLost
            | PumpEventKind::RecordGap { .. }
            | PumpEventKind::AlarmSeen { .. } => {}
        }
        self.count(event);
    }

    /// Whether the event tells of another infusion than the current one: its counter is lower, or it starts after an end.
    fn belongs_to_another(&self, event: &LedgerEvent) -> bool {
        let Some(current) = &self.current else { return false };
        let counter_fell = match (current.counter_ml, event.volume_ml) {
            (Some(counter), Some(volume)) => volume < counter,
            _ => false,
        };
        counter_fell || (event.kind == PumpEventKind::Started && current.end == InfusionEnd::Completed)
    }

    fn infusion(&mut self, event: &LedgerEvent) -> &mut Infusion {
        let unknown = core::mem::take(&mut self.missing_since);
        let infusion = self.current.get_or_insert_with(|| Infusion {
            epoch: event.epoch,
            first_record: event.record,
            last_record: event.record,
            started: None,
            ended: None,
            end: InfusionEnd::Running,
            counter_ml: None,
            interruptions: Vec::new(),
            rates: Vec::new(),
            unknown: Vec::new(),
            counter_is_final: false,
        });
        // An infusion whose start was told has nothing missing before it.
        if infusion.started.is_none() && event.kind != PumpEventKind::Started {
            infusion.unknown.extend(unknown.into_iter().filter(|stretch| stretch.epoch == event.epoch));
        }
        infusion
    }

    fn count(&mut self, event: &LedgerEvent) {
        let Some(current) = &mut self.current else { return };
        current.last_record = event.record;
        if let Some(volume) = event.volume_ml {
            current.counter_ml = Some(current.counter_ml.map_or(volume, |counter| counter.max(volume)));
            current.counter_is_final = true;
        } else {
            // Something happened after the last counter: what went in until then is not told.
            let quiet = self.paused.is_some() || current.end == InfusionEnd::Completed;
            current.counter_is_final &= quiet;
        }
        if let Some(rate) = event.rate_ml_h
            && current.rates.last().is_none_or(|last| last.rate_ml_h != rate)
        {
            let from: Moment = event.moment();
            current.rates.push(RateFrom { from, rate_ml_h: rate });
        }
    }

    fn missing(&mut self, stretch: UnknownStretch) {
        match &mut self.current {
            Some(current) if current.epoch == stretch.epoch && current.end != InfusionEnd::Completed => {
                current.unknown.push(stretch);
                current.counter_is_final = false;
            }
            _ => self.missing_since.push(stretch),
        }
    }

    fn close(&mut self) {
        let pause = self.paused.take();
        let Some(mut infusion) = self.current.take() else { return };
        if infusion.end == InfusionEnd::Running {
            let missing_at_end = !infusion.counter_is_final && !infusion.unknown.is_empty();
            match pause {
                Some(pause) => {
                    infusion.end = InfusionEnd::Stopped;
                    infusion.ended = Some(pause.from);
                }
                None if missing_at_end => infusion.end = InfusionEnd::Unknown,
                None => {}
            }
        }
        // While it runs, more goes in than is told.
        infusion.counter_is_final &= infusion.end != InfusionEnd::Running;
        self.done.push(infusion);
    }
}

/// Alarms that go with a stop of delivery; the others are warnings.
fn stops_delivery(alarm: &AlarmKind) -> bool {
    match alarm {
        AlarmKind::BatteryLow | AlarmKind::ReservoirLow | AlarmKind::InfusionComplete => false,
        AlarmKind::OcclusionDownstream
        | AlarmKind::OcclusionUpstream
        | AlarmKind::AirInLine
        | AlarmKind::BatteryDepleted
        | AlarmKind::ReservoirEmpty
        | AlarmKind::DoorOpen
        | AlarmKind::PumpStopped
        | AlarmKind::SystemFault
        | AlarmKind::Unknown(_) => true,
    }
}
