//! Each infusion as it went: by the pump's own record, or as people saw it on a device that cannot tell, with what was
//! written down by hand beside it.

use super::said;
use crate::moment::Moment;
use crate::report::moment_words;
use crate::texts::Texts;
use chrono::{DateTime, Duration, FixedOffset, Utc};
use homeline_model::{
    Administration, AdministrationStatus, AlarmKind, CarePlan, Decimal, DeviceCheck, Entry, EntryBody, EntryId,
    OccurrenceId, Order, OrderId, PeriodUnit, PumpEvent, Quantity, TimeBasis,
};
use homeline_pump::{
    AgainstPlan, Infusion, InfusionEnd, LedgerEvent, Look, LookAgainst, OrderedCourse, OrderedStep, Planned, RateFrom,
    reconcile, reconcile_looks,
};
use homeline_schedule::AgendaItem;
use std::collections::{BTreeMap, HashSet};

/// How far from its planned start a dose may be that the pump runs before anybody has said so.
const NEAR_DOSE: Duration = Duration::hours(12);
/// How far from each other the pump's start and the one that was written down may lie, of a run that names no dose.
const NEAR_START: Duration = Duration::hours(1);

/// By what an infusion is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// By the pump's record.
    Pump,
    /// By looks at the device.
    Looks,
}

/// One infusion.
pub(crate) struct Run {
    pub(crate) told: Told,
    pub(crate) title: String,
    pub(crate) order: Option<OrderId>,
    pub(crate) occurrence: Option<OccurrenceId>,
    /// The record names no dose: it is the one that was due then.
    pub(crate) presumed: bool,
    /// The pump's; empty for a device without one.
    pub(crate) serial: String,
    pub(crate) started: Option<DateTime<FixedOffset>>,
    pub(crate) ended: Option<DateTime<FixedOffset>>,
    pub(crate) end: InfusionEnd,
    pub(crate) against: AgainstPlan,
    pub(crate) ordered: Option<Quantity>,
    /// `None` when nothing told a volume: that is not known, and not zero.
    pub(crate) certain_ml: Option<Decimal>,
    pub(crate) uncertain_ml: Option<Decimal>,
    pub(crate) beyond_ordered_ml: Decimal,
    pub(crate) interruptions: Vec<Interruption>,
    pub(crate) looks: Vec<Looking>,
    /// Looks that say less than an earlier one, or records that were told twice with different contents.
    pub(crate) contradictions: usize,
    /// The last statement of a person.
    pub(crate) by_hand: Option<Administration>,
    /// How that lies to what pump or looks say, in words.
    pub(crate) difference: Vec<String>,
    /// The pump's ledger of it.
    pub(crate) infusion: Option<Infusion>,
    /// The entries that tell of it.
    pub(crate) entries: Vec<EntryId>,
}

/// A stretch in which nothing went in.
pub(crate) struct Interruption {
    pub(crate) from: DateTime<FixedOffset>,
    pub(crate) to: Option<DateTime<FixedOffset>>,
    pub(crate) alarm: Option<AlarmKind>,
}

/// One look at the device.
pub(crate) struct Looking {
    pub(crate) at: DateTime<FixedOffset>,
    pub(crate) check: DeviceCheck,
    /// As volumes; `None` when it says none, or the order states no volume.
    pub(crate) look: Option<Look>,
    /// Against what is ordered; `None` when the start or the order does not say enough.
    pub(crate) against: Option<LookAgainst>,
}

impl Run {
    /// How it ended, in words.
    pub(crate) fn end_words(&self, texts: Texts) -> String {
        texts.say(match self.end {
            InfusionEnd::Completed => "infusion.complete",
            InfusionEnd::Stopped => "infusion.stopped",
            InfusionEnd::Running => "infusion.running",
            InfusionEnd::Unknown => "infusion.end-unknown",
        })
    }

    /// From when to when, in the words of the report.
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

    /// The rates as they changed, by the pump.
    pub(crate) fn rates(&self) -> &[RateFrom] {
        self.infusion.as_ref().map_or(&[], |infusion| &infusion.rates)
    }

    /// Pump and hand, or looks and hand, do not say the same.
    pub(crate) fn differs(&self) -> bool {
        !self.difference.is_empty()
    }
}

impl Interruption {
    /// How long, in whole minutes; `None` while it has not ended.
    pub(crate) fn minutes(&self) -> Option<i64> {
        Some((self.to? - self.from).num_minutes())
    }
}

/// One infusion of a pump's record, with what its entries say of its dose: all of it that neither plan nor agenda changes.
#[derive(Clone)]
pub(crate) struct Recorded {
    serial: String,
    infusion: Infusion,
    /// The dose to which most of its records were linked when they arrived.
    linked: Option<OccurrenceId>,
    /// And their order.
    order: Option<OrderId>,
    /// The clock of the place where it ran.
    place: Option<FixedOffset>,
    entries: Vec<EntryId>,
}

/// The infusions of the pumps' records. The record of each pump is reconciled as a whole: where one bag ends and the next
/// begins, its own numbers say, and not the dose that was tapped.
pub(crate) fn recorded(entries: &[Entry]) -> Vec<Recorded> {
    let mut of_pump: BTreeMap<&str, Vec<(&Entry, &PumpEvent)>> = BTreeMap::new();
    for entry in entries {
        if let EntryBody::PumpEvent(event) = &entry.body {
            of_pump.entry(event.serial.as_str()).or_default().push((entry, event));
        }
    }
    let mut found = Vec::new();
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
            found.push(Recorded {
                serial: serial.to_owned(),
                linked: most(told.iter().filter_map(|entry| entry.occurrence)),
                order: most(told.iter().filter_map(|entry| entry.order.as_ref().map(|order| &order.id))).cloned(),
                place: told.first().map(|entry| *entry.times.happened.local().offset()),
                entries: told.iter().map(|entry| entry.id).collect(),
                infusion,
            });
        }
    }
    found
}

/// All infusions that pumps or looks tell of, oldest first: what is [`recorded`] of the same entries, and their looks.
pub(crate) fn runs(
    plan: &CarePlan,
    items: &[AgendaItem],
    recorded: &[Recorded],
    entries: &[Entry],
    moment: &Moment,
) -> Vec<Run> {
    let mut runs = of_pumps(plan, items, recorded, moment);
    runs.extend(of_looks(plan, items, entries, moment));
    runs.sort_by_key(|run| run.started);
    runs
}

fn of_pumps(plan: &CarePlan, items: &[AgendaItem], recorded: &[Recorded], moment: &Moment) -> Vec<Run> {
    let mut taken: HashSet<OccurrenceId> = recorded.iter().filter_map(|recorded| recorded.linked).collect();
    let mut runs = Vec::new();
    for recorded in recorded {
        let near = || near_dose(plan, items, &recorded.serial, &recorded.infusion, &taken);
        let dose = recorded.linked.or_else(near);
        taken.extend(dose);
        let item = dose.and_then(|id| item_of(items, id));
        let presumed = recorded.linked.is_none() && item.is_some_and(|item| item.statements.is_empty());
        runs.push(of_pump_run(plan, item, recorded, presumed, moment));
    }
    runs
}

fn of_pump_run(
    plan: &CarePlan,
    item: Option<&AgendaItem>,
    recorded: &Recorded,
    presumed: bool,
    moment: &Moment,
) -> Run {
    let Recorded { infusion, place, .. } = recorded;
    let occurrence = item.and_then(|item| item.occurrence.as_ref()).map(|of| of.id).or(recorded.linked);
    let order = (recorded.order.as_ref())
        .or_else(|| item.and_then(|item| item.occurrence.as_ref()).map(|occurrence| &occurrence.order.id))
        .and_then(|id| plan.order(id));
    let ordered = order.and_then(|order| order.volume.clone());
    let delivered = infusion.delivered(ordered.as_ref().and_then(in_ml));
    // The clock of the place where it ran, also when the report is written elsewhere.
    let clock = |at: DateTime<Utc>| place.map_or_else(|| moment.local(at), |place| at.with_timezone(&place));
    let local = |at: &homeline_pump::Moment| clock(at.at);
    let by_hand = item.and_then(standing);
    Run {
        told: Told::Pump,
        title: order.map_or_else(|| moment.texts.say("infusion.not-linked"), |order| order.title.clone()),
        order: order.map(|order| order.id.clone()),
        occurrence,
        presumed,
        serial: recorded.serial.clone(),
        started: infusion.started.as_ref().map(local),
        ended: infusion.ended.as_ref().map(local),
        end: infusion.end,
        against: infusion.against(&planned(order)),
        ordered,
        certain_ml: infusion.counter_ml.map(|_| delivered.certain_ml.normalize()),
        uncertain_ml: delivered.uncertain_ml.map(|uncertain| uncertain.normalize()),
        beyond_ordered_ml: delivered.beyond_ordered_ml.normalize(),
        interruptions: infusion
            .interruptions
            .iter()
            .map(|gap| Interruption {
                from: local(&gap.from),
                to: gap.to.as_ref().map(local),
                alarm: gap.alarm.clone(),
            })
            .collect(),
        looks: Vec::new(),
        contradictions: 0,
        difference: by_hand.map(|by_hand| said::difference(moment.texts, infusion, by_hand, clock)).unwrap_or_default(),
        by_hand: by_hand.cloned(),
        infusion: Some(infusion.clone()),
        entries: recorded.entries.clone(),
    }
}

/// The dose that a pump runs although its record names none: the one of this pump that was written down to have begun then,
/// else the nearest one about which nothing is written.
fn near_dose(
    plan: &CarePlan,
    items: &[AgendaItem],
    serial: &str,
    infusion: &Infusion,
    taken: &HashSet<OccurrenceId>,
) -> Option<OccurrenceId> {
    let started = infusion.started.as_ref().filter(|started| started.basis != TimeBasis::DeviceClockRaw)?.at;
    let near = items.iter().filter(|item| item.is_a_dose()).filter_map(|item| {
        let occurrence = item.occurrence.as_ref().filter(|occurrence| !taken.contains(&occurrence.id))?;
        let order = plan.order(&occurrence.order.id)?;
        let (from, reach) = match item.started_at {
            Some(written) => (written, NEAR_START),
            None if item.statements.is_empty() => (item.start, NEAR_DOSE),
            None => return None,
        };
        let away = from.signed_duration_since(started).abs();
        let open = item.started_at.is_none();
        (is_on_pump(plan, order, serial) && away <= reach).then_some(((open, away), occurrence.id))
    });
    near.min_by_key(|(away, _)| *away).map(|(_, id)| id)
}

/// Whether an order runs on the pump of this serial number, as the plan says.
pub(crate) fn is_on_pump(plan: &CarePlan, order: &Order, serial: &str) -> bool {
    let named = order.delivery_device.as_ref().and_then(|id| plan.delivery_devices.iter().find(|d| d.id == *id));
    match named {
        Some(device) => device.serial.as_deref() == Some(serial),
        None => order.delivery.has_radio(),
    }
}

fn of_looks(plan: &CarePlan, items: &[AgendaItem], entries: &[Entry], moment: &Moment) -> Vec<Run> {
    let amended: HashSet<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
    let mut of_dose: BTreeMap<OccurrenceId, Vec<(&Entry, &DeviceCheck)>> = BTreeMap::new();
    for entry in entries {
        if let (EntryBody::DeviceCheck(check), Some(occurrence)) = (&entry.body, entry.occurrence)
            && !amended.contains(&entry.id)
        {
            of_dose.entry(occurrence).or_default().push((entry, check));
        }
    }
    of_dose.into_iter().map(|(occurrence, told)| of_looks_run(plan, items, occurrence, &told, moment)).collect()
}

fn of_looks_run(
    plan: &CarePlan,
    items: &[AgendaItem],
    occurrence: OccurrenceId,
    told: &[(&Entry, &DeviceCheck)],
    moment: &Moment,
) -> Run {
    let item = item_of(items, occurrence);
    let order = told.iter().find_map(|(entry, _)| entry.order.as_ref()).and_then(|order| plan.order(&order.id));
    let ordered = order.and_then(|order| order.volume.clone());
    let ordered_ml = ordered.as_ref().and_then(in_ml);
    let (started, ended) = (item.and_then(|item| item.started_at), item.and_then(|item| item.ended_at));
    let course = order.and_then(course);
    let tolerance = order.and_then(|order| order.check_in_tolerance_percent);
    let mut looks: Vec<Looking> = told
        .iter()
        .map(|(entry, check)| {
            let look = ordered_ml.and_then(|ordered| Look::of(check, entry.times.happened.at, ordered));
            let against = look.as_ref().zip(started).zip(course.as_ref());
            Looking {
                at: entry.times.happened.local(),
                check: (*check).clone(),
                against: against.and_then(|((look, started), course)| course.against(look, started, tolerance)),
                look,
            }
        })
        .collect();
    looks.sort_by_key(|looking| looking.at);
    let seen: Vec<Look> = looks.iter().filter_map(|looking| looking.look.clone()).collect();
    let looked = ordered_ml.filter(|_| !seen.is_empty()).map(|ordered| reconcile_looks(seen, ordered, ended));
    let by_hand = item.and_then(standing);
    let end = match by_hand.map(|by_hand| by_hand.status) {
        Some(AdministrationStatus::Completed) => InfusionEnd::Completed,
        Some(AdministrationStatus::Stopped | AdministrationStatus::Partial) => InfusionEnd::Stopped,
        Some(AdministrationStatus::InProgress) => InfusionEnd::Running,
        Some(AdministrationStatus::Skipped | AdministrationStatus::Unknown) | None => InfusionEnd::Unknown,
    };
    let place = told.first().map(|(entry, _)| *entry.times.happened.local().offset());
    let local = |at: DateTime<Utc>| place.map_or_else(|| moment.local(at), |place| at.with_timezone(&place));
    let delivered = looked.as_ref().map(|looked| &looked.delivered);
    let mut run = Run {
        told: Told::Looks,
        title: order.map_or_else(|| moment.texts.say("infusion.not-linked"), |order| order.title.clone()),
        order: order.map(|order| order.id.clone()),
        occurrence: Some(occurrence),
        presumed: false,
        serial: String::new(),
        started: started.map(local),
        ended: ended.map(local),
        end,
        against: against_by_hand(end, started, ended, &planned(order)),
        ordered,
        certain_ml: delivered.map(|delivered| delivered.certain_ml.normalize()),
        uncertain_ml: delivered.and_then(|delivered| delivered.uncertain_ml).map(|uncertain| uncertain.normalize()),
        beyond_ordered_ml: Decimal::ZERO,
        interruptions: Vec::new(),
        looks,
        contradictions: looked.as_ref().map_or(0, |looked| looked.contradictions),
        by_hand: by_hand.cloned(),
        difference: Vec::new(),
        infusion: None,
        entries: told.iter().map(|(entry, _)| entry.id).collect(),
    };
    run.difference = said::difference_of_looks(moment.texts, &run);
    run
}

/// The end against the plan, of an infusion whose times people wrote down.
fn against_by_hand(
    end: InfusionEnd,
    started: Option<DateTime<Utc>>,
    ended: Option<DateTime<Utc>>,
    planned: &Planned,
) -> AgainstPlan {
    let typed = |at: DateTime<Utc>| homeline_pump::Moment { at, basis: TimeBasis::Typed, pump_clock: None };
    let by_hand = Infusion {
        epoch: 0,
        first_record: 0,
        last_record: 0,
        started: started.map(typed),
        ended: ended.map(typed),
        end,
        counter_ml: None,
        interruptions: Vec::new(),
        rates: Vec::new(),
        unknown: Vec::new(),
        counter_is_final: false,
    };
    by_hand.against(planned)
}

/// What stands of what people said about a dose.
pub(crate) fn standing(item: &AgendaItem) -> Option<&Administration> {
    item.standing().map(|statement| &statement.administration)
}

/// The item of an occurrence.
pub(crate) fn item_of(items: &[AgendaItem], occurrence: OccurrenceId) -> Option<&AgendaItem> {
    items.iter().find(|item| item.occurrence.as_ref().is_some_and(|of| of.id == occurrence))
}

fn planned(order: Option<&Order>) -> Planned {
    Planned {
        minutes: order.and_then(planned_minutes),
        early_end_percent: order.and_then(|order| order.early_end_percent),
        late_end_percent: order.and_then(|order| order.late_end_percent),
    }
}

/// The ordered length: the longest of its dosages, in whole minutes.
pub(crate) fn planned_minutes(order: &Order) -> Option<u32> {
    let lengths = order.dosages.iter().filter_map(|dosage| {
        let repeat = dosage.timing.as_ref()?.repeat.as_ref()?;
        let minutes = match repeat.duration_unit? {
            PeriodUnit::Second => repeat.duration?.checked_div(Decimal::from(60))?,
            PeriodUnit::Minute => repeat.duration?,
            PeriodUnit::Hour => repeat.duration?.checked_mul(Decimal::from(60))?,
            PeriodUnit::Day => repeat.duration?.checked_mul(Decimal::from(1440))?,
            PeriodUnit::Week => repeat.duration?.checked_mul(Decimal::from(10_080))?,
            PeriodUnit::Month | PeriodUnit::Year => return None,
        };
        u32::try_from(minutes.round()).ok()
    });
    lengths.max()
}

/// How the order says that it is to run; `None` without a volume in mL.
pub(crate) fn course(order: &Order) -> Option<OrderedCourse> {
    let ordered_ml = order.volume.as_ref().and_then(in_ml)?;
    let in_ml_h = |rate: &Quantity| (rate.unit.code == "mL/h").then_some(rate.value);
    let profile = order.dosages.iter().find_map(|dosage| dosage.rate_profile.as_ref());
    let steps: Option<Vec<OrderedStep>> = profile.and_then(|profile| {
        let step = |step: &homeline_model::RateStep| {
            Some(OrderedStep { rate_ml_h: in_ml_h(&step.rate)?, minutes: step.minutes })
        };
        profile.steps.iter().map(step).collect()
    });
    Some(OrderedCourse { ordered_ml, minutes: planned_minutes(order), steps: steps.unwrap_or_default() })
}

pub(crate) fn in_ml(volume: &Quantity) -> Option<Decimal> {
    match volume.unit.code.as_str() {
        "mL" => Some(volume.value),
        "L" => volume.value.checked_mul(Decimal::from(1000)),
        _ => None,
    }
}

/// What occurs most often.
fn most<T: Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(value, _)| value)
}
