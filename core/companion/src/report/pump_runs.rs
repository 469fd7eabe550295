//! What each pump's own record says about each infusion.

use super::document::moment_words;
use crate::moment::Moment;
use chrono::{DateTime, FixedOffset};
use homeline_model::{AlarmKind, CarePlan, Decimal, Entry, EntryBody, EntryId, Order, OrderId, PumpEvent, Quantity};
use homeline_pump::{Infusion, InfusionEnd, LedgerEvent, reconcile};
use std::collections::BTreeMap;

/// One run of a pump for one dose.
pub(crate) struct PumpRun {
    pub(crate) title: String,
    pub(crate) serial: String,
    pub(crate) started: Option<DateTime<FixedOffset>>,
    pub(crate) ended: Option<DateTime<FixedOffset>>,
    pub(crate) end: InfusionEnd,
    pub(crate) ordered: Option<Quantity>,
    pub(crate) certain_ml: Decimal,
    pub(crate) uncertain_ml: Option<Decimal>,
    pub(crate) interruptions: Vec<Interruption>,
    /// The entries that tell of it.
    pub(crate) entries: Vec<EntryId>,
}

/// A stretch in which nothing went in.
pub(crate) struct Interruption {
    pub(crate) from: DateTime<FixedOffset>,
    pub(crate) to: Option<DateTime<FixedOffset>>,
    pub(crate) alarm: Option<AlarmKind>,
}

impl PumpRun {
    /// How it ended, in words.
    pub(crate) fn end_words(&self) -> &'static str {
        match self.end {
            InfusionEnd::Completed => "complete",
            InfusionEnd::Stopped => "stopped",
            InfusionEnd::Running => "still running",
            InfusionEnd::Unknown => "end not known",
        }
    }

    /// From when to when, in words.
    pub(crate) fn span_words(&self) -> String {
        let started = self.started.map_or_else(|| "start not known".to_owned(), moment_words);
        match self.ended {
            Some(ended) => format!("{started} to {}", moment_words(ended)),
            None => format!("from {started}"),
        }
    }

    /// How much more may have gone in; `None` when all is told, or while it runs and the rest is still to come.
    pub(crate) fn not_certain_ml(&self) -> Option<Decimal> {
        self.uncertain_ml.filter(|uncertain| !uncertain.is_zero() && self.end != InfusionEnd::Running)
    }

    /// Minutes in which nothing went in, as far as the ends of the pauses are known.
    pub(crate) fn minutes_interrupted(&self) -> i64 {
        self.interruptions.iter().filter_map(Interruption::minutes).sum()
    }
}

impl Interruption {
    /// How long, in whole minutes; `None` while it has not ended.
    pub(crate) fn minutes(&self) -> Option<i64> {
        Some((self.to? - self.from).num_minutes())
    }
}

/// The record of each pump, reconciled as a whole: where one bag ends and the next begins, its own numbers say, and not
/// the dose that was tapped.
pub(crate) fn pump_runs(plan: &CarePlan, entries: &[Entry], moment: &Moment) -> Vec<PumpRun> {
    let mut of_pump: BTreeMap<&str, Vec<(&Entry, &PumpEvent)>> = BTreeMap::new();
    for entry in entries {
        if let EntryBody::PumpEvent(event) = &entry.body {
            of_pump.entry(event.serial.as_str()).or_default().push((entry, event));
        }
    }
    let mut runs = Vec::new();
    for (serial, told) in of_pump {
        let ledger = reconcile(told.iter().filter_map(|(entry, _)| LedgerEvent::from_entry(entry)));
        // Records come in order, and the entries of one infusion lie between its first and its last.
        let mut by_record: BTreeMap<(u32, u32), Vec<&Entry>> = BTreeMap::new();
        for (entry, event) in &told {
            if let Some(record) = event.record {
                by_record.entry((event.epoch, record)).or_default().push(entry);
            }
        }
        for infusion in ledger.infusions {
            let range = (infusion.epoch, infusion.first_record)..=(infusion.epoch, infusion.last_record);
            let told: Vec<&Entry> = by_record.range(range).flat_map(|(_, entries)| entries).copied().collect();
            runs.push(run(plan, serial, &told, &infusion, moment));
        }
    }
    runs.sort_by_key(|run| run.started);
    runs
}

fn run(plan: &CarePlan, serial: &str, told: &[&Entry], infusion: &Infusion, moment: &Moment) -> PumpRun {
    let order = order_of(plan, told);
    let ordered = order.and_then(|order| order.volume.clone());
    let ordered_ml = ordered.as_ref().filter(|volume| volume.unit.code == "mL").map(|volume| volume.value);
    let delivered = infusion.delivered(ordered_ml);
    // The clock of the place where it ran, also when the report is written elsewhere.
    let place = told.first().map(|entry| *entry.times.happened.local().offset());
    let local =
        |at: &homeline_pump::Moment| place.map_or_else(|| moment.local(at.at), |place| at.at.with_timezone(&place));
    PumpRun {
        title: order.map_or_else(|| "Not linked to a dose".to_owned(), |order| order.title.clone()),
        serial: serial.to_owned(),
        started: infusion.started.as_ref().map(local),
        ended: infusion.ended.as_ref().map(local),
        end: infusion.end,
        ordered,
        certain_ml: delivered.certain_ml.normalize(),
        uncertain_ml: delivered.uncertain_ml.map(|uncertain| uncertain.normalize()),
        interruptions: infusion
            .interruptions
            .iter()
            .map(|gap| Interruption {
                from: local(&gap.from),
                to: gap.to.as_ref().map(local),
                alarm: gap.alarm.clone(),
            })
            .collect(),
        entries: told.iter().map(|entry| entry.id).collect(),
    }
}

/// The order to which most of its records were linked when they arrived.
fn order_of<'a>(plan: &'a CarePlan, told: &[&Entry]) -> Option<&'a Order> {
    let mut counts: BTreeMap<&OrderId, usize> = BTreeMap::new();
    for order in told.iter().filter_map(|entry| entry.order.as_ref()) {
        *counts.entry(&order.id).or_default() += 1;
    }
    let (id, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    plan.order(id)
}
