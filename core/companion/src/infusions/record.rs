//! An infusion as data: what a shell draws its own picture from, and what a machine reads.

use super::Sources;
use super::planned_look::{self, PlannedLook};
use super::run::{Run, Told, item_of, planned_minutes, standing};
use super::said;
use crate::moment::Moment;
use crate::texts::Texts;
use crate::words::administration_status;
use chrono::{DateTime, NaiveDateTime, Utc};
use homeline_model::{
    Administration, AdministrationStatus, AlarmKind, CarePlan, Decimal, DeviceCheck, OccurrenceId, OrderId, Quantity,
    RateStep, TimeBasis,
};
use homeline_pump::{AgainstPlan, InfusionEnd};
use homeline_schedule::{AgendaItem, ItemState};
use serde::Serialize;
use std::collections::HashMap;

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedInfusion {
    /// When it was to start.
    pub start: Option<DateTime<Utc>>,
    /// For how long, in minutes.
    pub minutes: Option<u32>,
    /// How much of the mixture.
    pub volume: Option<Quantity>,
    /// How much of the drug.
    pub dose: Option<Quantity>,
    /// How fast, rung by rung; one rung where one rate is ordered.
    pub rates: Vec<RateStep>,
    /// Looks at a device that cannot tell, oldest first.
    pub looks: Vec<PlannedLook>,
}

/// The end against the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndAgainstPlan {
    /// `running`, `not-known`, `on-time`, `early`, `late` or `stopped`.
    pub state: &'static str,
    /// So many minutes early or late.
    pub minutes: Option<i64>,
    /// Beyond the plan's limit; `None` when the plan has none, or there is nothing to hold against it.
    pub beyond_limit: Option<bool>,
    /// In words.
    pub words: Option<String>,
}

/// From then on, this rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InfusionRate {
    /// From when.
    pub from: DateTime<Utc>,
    /// mL/h, as the pump says.
    pub rate_ml_h: Decimal,
}

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InfusionPause {
    /// When delivery stopped.
    pub from: DateTime<Utc>,
    /// What the pump's own clock said then.
    pub pump_clock: Option<NaiveDateTime>,
    /// When it went on; `None` while it has not.
    pub to: Option<DateTime<Utc>>,
    /// How long, in whole minutes.
    pub minutes: Option<i64>,
    /// The alarm that was on then; `None` is not known.
    pub alarm: Option<AlarmKind>,
}

/// One look at a device that cannot tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InfusionLook {
    /// When.
    pub at: DateTime<Utc>,
    /// What was seen.
    pub seen: DeviceCheck,
    /// No less than this was in by then, mL.
    pub least_ml: Option<Decimal>,
    /// No more than this was in by then, mL.
    pub most_ml: Option<Decimal>,
    /// So much should have been in by the order, mL.
    pub expected_ml: Option<Decimal>,
    /// Further from it than the plan's tolerance; `None` when the plan has none.
    pub beyond_tolerance: Option<bool>,
    /// In words, one thing a line.
    pub words: Vec<String>,
}

/// What a person wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GivenByHand {
    /// How far it is.
    pub status: AdministrationStatus,
    /// The same in words.
    pub status_words: String,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// How much went in.
    pub volume: Option<Quantity>,
    /// Why, in own words.
    pub reason: Option<String>,
}

/// One infusion. What is not known is `None`, and never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InfusionRecord {
    /// The dose's occurrence, with `/2`, `/3` for further runs of one dose; of a run without a dose `pump/…`.
    pub id: String,
    /// The dose.
    pub occurrence: Option<OccurrenceId>,
    /// The record names no dose: it is the one that was due then.
    pub presumed: bool,
    /// The order.
    pub order: Option<OrderId>,
    /// Title as shown.
    pub title: String,
    /// `pump`, `looks` or `by-hand`.
    pub source: &'static str,
    /// The same in words.
    pub known_by: String,
    /// The pump's serial number.
    pub serial: Option<String>,
    /// What was ordered.
    pub planned: PlannedInfusion,
    /// When it began, on the phone's clock.
    pub started: Option<DateTime<Utc>>,
    /// How that is known.
    pub started_basis: Option<TimeBasis>,
    /// What the pump's own clock said then.
    pub started_pump_clock: Option<NaiveDateTime>,
    /// When it ended, on the phone's clock.
    pub ended: Option<DateTime<Utc>>,
    /// How that is known.
    pub ended_basis: Option<TimeBasis>,
    /// What the pump's own clock said then.
    pub ended_pump_clock: Option<NaiveDateTime>,
    /// `completed`, `stopped`, `running` or `unknown`.
    pub end: &'static str,
    /// The same in words.
    pub end_words: String,
    /// The end against the plan.
    pub against_plan: EndAgainstPlan,
    /// Proven to have gone in, mL.
    pub certain_ml: Option<Decimal>,
    /// At most so much more may have gone in, mL.
    pub uncertain_ml: Option<Decimal>,
    /// The counter says so much more than was ordered, mL.
    pub beyond_ordered_ml: Decimal,
    /// What went in, in words.
    pub went_in: String,
    /// The rates as they changed.
    pub rates: Vec<InfusionRate>,
    /// The pauses.
    pub interruptions: Vec<InfusionPause>,
    /// Looks at the device.
    pub looks: Vec<InfusionLook>,
    /// What is missing, in words.
    pub unknown: Vec<String>,
    /// What a person wrote down.
    pub by_hand: Option<GivenByHand>,
    /// How that lies to what pump or looks say, in words.
    pub difference: Vec<String>,
}

/// Every infusion of the sources, newest first; those about which only a person told stand among them.
pub(super) fn all(sources: &Sources, moment: &Moment) -> Vec<InfusionRecord> {
    let mut of_dose: HashMap<OccurrenceId, u32> = HashMap::new();
    let (texts, runs) = (moment.texts, sources.runs(moment));
    let mut records: Vec<InfusionRecord> = runs
        .iter()
        .map(|run| {
            let id = match (run.occurrence, &run.infusion) {
                (Some(occurrence), _) => {
                    let number = of_dose.entry(occurrence).or_default();
                    *number += 1;
                    if *number == 1 { occurrence.to_string() } else { format!("{occurrence}/{number}") }
                }
                (None, infusion) => {
                    let (epoch, first) = infusion.as_ref().map_or((0, 0), |i| (i.epoch, i.first_record));
                    format!("pump/{}/{epoch}-{first}", run.serial)
                }
            };
            of_run(texts, id, run, sources, moment.now)
        })
        .collect();
    let told = sources.items.iter().filter(|item| item.is_a_dose() && item.end.is_some());
    records.extend(told.filter_map(|item| {
        let occurrence = item.occurrence.as_ref()?.id;
        let by_hand = standing(item).filter(|_| !of_dose.contains_key(&occurrence))?;
        (by_hand.status != AdministrationStatus::Skipped)
            .then(|| of_hand(texts, item, by_hand, &sources.plan, moment.now))
    }));
    records.sort_by_key(|record| std::cmp::Reverse(record.started.or(record.ended).or(record.planned.start)));
    records
}

fn of_run(texts: Texts, id: String, run: &Run, sources: &Sources, now: DateTime<Utc>) -> InfusionRecord {
    let item = run.occurrence.and_then(|occurrence| item_of(&sources.items, occurrence));
    let infusion = run.infusion.as_ref();
    let moment = |get: fn(&homeline_pump::Infusion) -> &Option<homeline_pump::Moment>| {
        infusion.and_then(|infusion| get(infusion).clone())
    };
    let (began, finished) = (moment(|infusion| &infusion.started), moment(|infusion| &infusion.ended));
    let typed = |at: Option<DateTime<Utc>>| at.map(|_| TimeBasis::Typed);
    let (started, ended) = (run.started.map(|at| at.to_utc()), run.ended.map(|at| at.to_utc()));
    let mut unknown: Vec<String> = infusion
        .iter()
        .flat_map(|infusion| &infusion.unknown)
        .map(|stretch| {
            let (from, to) = (stretch.records.first, stretch.records.last);
            texts.fill("infusion.records-missing", &[("from", &from), ("to", &to)])
        })
        .collect();
    if run.presumed {
        unknown.push(texts.say("infusion.presumed"));
    }
    if run.contradictions > 0 {
        unknown.push(texts.fill("infusion.contradict", &[("number", &run.contradictions)]));
    }
    InfusionRecord {
        id,
        occurrence: run.occurrence,
        presumed: run.presumed,
        order: run.order.clone(),
        title: run.title.clone(),
        source: match run.told {
            Told::Pump => "pump",
            Told::Looks => "looks",
        },
        known_by: said::known_by(texts, run),
        serial: (run.told == Told::Pump).then(|| run.serial.clone()),
        planned: planned(texts, &sources.plan, run.order.as_ref(), item, now),
        started,
        started_basis: began.as_ref().map(|began| began.basis).or(typed(started)),
        started_pump_clock: began.and_then(|began| began.pump_clock),
        ended,
        ended_basis: finished.as_ref().map(|finished| finished.basis).or(typed(ended)),
        ended_pump_clock: finished.and_then(|finished| finished.pump_clock),
        end: end_key(run.end),
        end_words: run.end_words(texts),
        against_plan: against(texts, run),
        certain_ml: run.certain_ml,
        uncertain_ml: run.uncertain_ml,
        beyond_ordered_ml: run.beyond_ordered_ml,
        went_in: said::went_in(texts, run),
        rates: run.rates().iter().map(|rate| InfusionRate { from: rate.from.at, rate_ml_h: rate.rate_ml_h }).collect(),
        interruptions: infusion
            .iter()
            .flat_map(|infusion| &infusion.interruptions)
            .map(|pause| InfusionPause {
                from: pause.from.at,
                pump_clock: pause.from.pump_clock,
                to: pause.to.as_ref().map(|to| to.at),
                minutes: pause.to.as_ref().map(|to| to.at.signed_duration_since(pause.from.at).num_minutes()),
                alarm: pause.alarm.clone(),
            })
            .collect(),
        looks: run
            .looks
            .iter()
            .map(|looking| InfusionLook {
                at: looking.at.to_utc(),
                seen: looking.check.clone(),
                least_ml: looking.look.as_ref().map(|look| look.least_ml.normalize()),
                most_ml: looking.look.as_ref().map(|look| look.most_ml.normalize()),
                expected_ml: looking.against.map(|against| against.expected_ml.round_dp(1).normalize()),
                beyond_tolerance: looking.against.and_then(|against| against.beyond_tolerance),
                words: said::look(texts, looking),
            })
            .collect(),
        unknown,
        by_hand: run.by_hand.as_ref().map(|by_hand| hand(texts, by_hand, item)),
        difference: run.difference.clone(),
    }
}

fn of_hand(
    texts: Texts,
    item: &AgendaItem,
    by_hand: &Administration,
    plan: &CarePlan,
    now: DateTime<Utc>,
) -> InfusionRecord {
    let occurrence = item.occurrence.as_ref();
    let (started, ended) = (item.started_at, item.ended_at);
    let end = match item.state {
        ItemState::Completed => InfusionEnd::Completed,
        ItemState::Partial | ItemState::Stopped => InfusionEnd::Stopped,
        ItemState::InProgress => InfusionEnd::Running,
        ItemState::Planned
        | ItemState::Due
        | ItemState::Late
        | ItemState::Skipped(_)
        | ItemState::NotRecorded
        | ItemState::Unknown => InfusionEnd::Unknown,
    };
    let volume = by_hand.volume_given.as_ref();
    InfusionRecord {
        id: item.id.clone(),
        occurrence: occurrence.map(|occurrence| occurrence.id),
        presumed: false,
        order: occurrence.map(|occurrence| occurrence.order.id.clone()),
        title: item.title.clone(),
        source: "by-hand",
        known_by: texts.say("infusion.by-hand"),
        serial: None,
        planned: planned(texts, plan, occurrence.map(|occurrence| &occurrence.order.id), Some(item), now),
        started,
        started_basis: started.map(|_| TimeBasis::Typed),
        started_pump_clock: None,
        ended,
        ended_basis: ended.map(|_| TimeBasis::Typed),
        ended_pump_clock: None,
        end: end_key(end),
        end_words: administration_status(texts, by_hand.status),
        against_plan: EndAgainstPlan { state: "not-known", minutes: None, beyond_limit: None, words: None },
        // A person's word is kept as that: nothing measured it.
        certain_ml: None,
        uncertain_ml: None,
        beyond_ordered_ml: Decimal::ZERO,
        went_in: match volume {
            Some(volume) => texts.fill("infusion.by-hand-volume", &[("volume", volume)]),
            None => texts.say("infusion.not-measured"),
        },
        rates: Vec::new(),
        interruptions: Vec::new(),
        looks: Vec::new(),
        unknown: Vec::new(),
        by_hand: Some(hand(texts, by_hand, Some(item))),
        difference: Vec::new(),
    }
}

fn planned(
    texts: Texts,
    plan: &CarePlan,
    order: Option<&OrderId>,
    item: Option<&AgendaItem>,
    now: DateTime<Utc>,
) -> PlannedInfusion {
    let order = order.and_then(|id| plan.order(id));
    let place = item.and_then(|item| item.occurrence.as_ref()).map_or(0, |occurrence| occurrence.dosage_index);
    let dosage = order.and_then(|order| order.dosages.get(place));
    let ladder = dosage.and_then(|dosage| dosage.rate_profile.as_ref()).map(|profile| profile.steps.clone());
    let single = || dosage.and_then(|dosage| dosage.rate.clone()).map(|rate| vec![RateStep { rate, minutes: None }]);
    PlannedInfusion {
        start: item.filter(|item| !item.as_needed).map(|item| item.start),
        minutes: order.and_then(planned_minutes),
        volume: order.and_then(|order| order.volume.clone()),
        dose: dosage.and_then(|dosage| dosage.dose.clone()),
        rates: ladder.or_else(single).unwrap_or_default(),
        looks: item.map(|item| planned_look::of_item(texts, plan, item, now)).unwrap_or_default(),
    }
}

fn hand(texts: Texts, by_hand: &Administration, item: Option<&AgendaItem>) -> GivenByHand {
    GivenByHand {
        status: by_hand.status,
        status_words: administration_status(texts, by_hand.status),
        started: by_hand.started_at.or(item.and_then(|item| item.started_at)),
        ended: by_hand.ended_at,
        volume: by_hand.volume_given.clone(),
        reason: by_hand.reason.clone(),
    }
}

fn against(texts: Texts, run: &Run) -> EndAgainstPlan {
    let (state, minutes, beyond_limit) = match run.against {
        AgainstPlan::Running => ("running", None, None),
        AgainstPlan::NotKnown => ("not-known", None, None),
        AgainstPlan::OnTime => ("on-time", None, None),
        AgainstPlan::Early { minutes, beyond_limit } => ("early", Some(minutes), beyond_limit),
        AgainstPlan::Late { minutes, beyond_limit } => ("late", Some(minutes), beyond_limit),
        AgainstPlan::Stopped => ("stopped", None, None),
    };
    EndAgainstPlan { state, minutes, beyond_limit, words: said::against_plan(texts, run) }
}

fn end_key(end: InfusionEnd) -> &'static str {
    match end {
        InfusionEnd::Completed => "completed",
        InfusionEnd::Stopped => "stopped",
        InfusionEnd::Running => "running",
        InfusionEnd::Unknown => "unknown",
    }
}
