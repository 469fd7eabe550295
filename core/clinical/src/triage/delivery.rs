//! Conditions on the delivery: alarms of the pump, what was said about doses, an end that came too early or too late.

use super::condition::{AlarmCondition, DoseCondition, EarlyEndCondition};
use super::evaluate::{Fact, Met, Scope, fact};
use super::journal_view::back;
use super::rules::LONGEST_HOURS;
use crate::texts::word;
use crate::therapies::order_in_group;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    AdministrationStatus, AdviceLevel, AlarmKind, BalloonSize, Decimal, DeviceCheck, Entry, Order, OrderStatus,
    PeriodUnit, PumpEventKind, Quantity, SkipDecision,
};
use std::collections::{HashMap, HashSet};

/// One kind of alarm on one pump: when it was raised, oldest first, and in which words.
struct SameAlarm<'a> {
    alarm: &'a AlarmKind,
    times: Vec<(&'a Entry, &'a str)>,
}

impl Scope<'_> {
    pub fn alarm(&self, condition: &AlarmCondition) -> Option<Met> {
        let span = self.span();
        let mut cleared: HashMap<(&str, &AlarmKind), DateTime<Utc>> = HashMap::new();
        if condition.standing {
            for (entry, event) in self.view.pump_events(span) {
                if let PumpEventKind::AlarmCleared { alarm } = &event.kind {
                    cleared.insert((&event.serial, alarm), entry.times.happened.at);
                }
            }
        }
        // By pump and kind, oldest first, so that a storm of alarms costs no more than its length.
        let mut raised: Vec<SameAlarm<'_>> = Vec::new();
        let mut place: HashMap<(&str, &AlarmKind), usize> = HashMap::new();
        let mut records = HashSet::new();
        for (entry, event) in self.view.pump_events(span) {
            let PumpEventKind::AlarmRaised { alarm, text } = &event.kind else { continue };
            let known = condition.kinds.contains(alarm);
            let unknown = condition.unknown_code && matches!(alarm, AlarmKind::Unknown(_));
            let key = (event.serial.as_str(), alarm);
            let stands = cleared.get(&key).is_none_or(|cleared| *cleared < entry.times.happened.at);
            // A record that came live and again from the pump's history is one alarm.
            let again = event.record.is_some_and(|record| !records.insert((&event.serial, event.epoch, record)));
            if (known || unknown) && stands && !again && (!condition.must_not_stop || self.must_not_stop(&event.serial))
            {
                let index = *place.entry(key).or_insert_with(|| {
                    raised.push(SameAlarm { alarm, times: Vec::new() });
                    raised.len() - 1
                });
                if let Some(same) = raised.get_mut(index) {
                    same.times.push((entry, text));
                }
            }
        }
        let within = if condition.minutes == 0 { span } else { TimeDelta::minutes(condition.minutes) };
        let name = word("fact.alarm", self.language);
        let mut met: Option<Met> = None;
        for SameAlarm { alarm, times } in &raised {
            let level = self.repeated_level(alarm, condition.times);
            for times in times.windows(condition.times.max(1)) {
                let (Some((first, _)), Some((last, _))) = (times.first(), times.last()) else { continue };
                if last.times.happened.at.signed_duration_since(first.times.happened.at) > within {
                    continue;
                }
                let found = met.get_or_insert(Met { level, facts: Vec::new() });
                found.level = found.level.max(level);
                found.facts.extend(times.iter().map(|(entry, text)| {
                    let says = if text.trim().is_empty() { alarm_name(alarm) } else { (*text).to_owned() };
                    fact(entry, &format!("{name}: {says}"))
                }));
            }
        }
        met
    }

    /// The plan may say how soon somebody must know when a taught remedy did not last.
    fn repeated_level(&self, alarm: &AlarmKind, times: usize) -> AdviceLevel {
        let taught = self.plan.alarm_advice.iter().find(|advice| &advice.alarm == alarm && times > 1);
        taught.map_or(self.rule.level, |advice| advice.if_repeated)
    }

    fn orders_of_pump(&self, serial: &str) -> Vec<&Order> {
        let device = self.plan.delivery_devices.iter().find(|device| device.serial.as_deref() == Some(serial));
        let Some(device) = device else { return Vec::new() };
        self.plan.orders.iter().filter(|order| order.delivery_device.as_ref() == Some(&device.id)).collect()
    }

    fn must_not_stop(&self, serial: &str) -> bool {
        let orders = self.orders_of_pump(serial);
        if orders.is_empty() {
            self.plan.orders.iter().any(|order| order.status != OrderStatus::NotInForce && must_not_stop(order))
        } else {
            orders.into_iter().any(must_not_stop)
        }
    }

    pub fn dose(&self, condition: &DoseCondition) -> Option<Met> {
        let facts = self
            .view
            .administrations(self.span())
            .filter(|(_, administration)| condition.status.contains(&administration.status))
            .filter(|(_, administration)| {
                let by_team =
                    matches!(administration.skip_decision, Some(SkipDecision::CareTeam | SkipDecision::Order));
                !(condition.not_decided_by_team && by_team)
            })
            .filter(|(entry, _)| {
                let order = entry.order.as_ref().and_then(|order| self.plan.order(&order.id));
                (!condition.critical || order.is_none_or(|order| order.time_critical || order.must_not_stop))
                    && (!condition.must_not_stop || order.is_some_and(must_not_stop))
                    && (condition.therapy.is_empty()
                        || order
                            .is_some_and(|order| condition.therapy.iter().any(|group| order_in_group(order, group))))
            })
            .map(|(entry, administration)| fact(entry, &word(status_key(administration.status), self.language)))
            .collect();
        self.facts(facts)
    }

    pub fn early_end(&self, condition: &EarlyEndCondition) -> Option<Met> {
        let facts = self.ends().into_iter().filter(|end| end.all_is_in).filter_map(|end| {
            let by_group = condition.therapy.iter().any(|group| order_in_group(end.order, group));
            if condition.only && !by_group {
                return None;
            }
            let percent = end.order.early_end_percent.or(by_group.then_some(condition.percent))?;
            let planned = planned_minutes(end.order)?;
            let least = part(planned, Decimal::from(100).checked_sub(Decimal::from(percent))?)?;
            let took = end.took()?;
            (took < least).then(|| self.end_fact(&end, "fact.early-end", took, planned))
        });
        self.facts(facts.collect())
    }

    pub fn late_end(&self) -> Option<Met> {
        let facts = self.ends().into_iter().filter_map(|end| {
            let percent = end.order.late_end_percent?;
            let planned = planned_minutes(end.order)?;
            let most = part(planned, Decimal::from(100).checked_add(Decimal::from(percent))?)?;
            let took = end.took()?;
            let key = if end.all_is_in { "fact.late-end" } else { "fact.not-empty" };
            (took > most).then(|| self.end_fact(&end, key, took, planned))
        });
        self.facts(facts.collect())
    }

    fn end_fact(&self, end: &End<'_>, key: &str, took: Decimal, planned: Decimal) -> Fact {
        let text = word(key, self.language)
            .replace("{took}", &hours_and_minutes(took))
            .replace("{planned}", &hours_and_minutes(planned));
        fact(end.entry, &text)
    }

    /// Every end within the rule's span, as a person, the pump or a look at the device told it, and every look that found
    /// something left.
    fn ends(&self) -> Vec<End<'_>> {
        let span = self.span();
        let order_of = |entry: &Entry| entry.order.as_ref().and_then(|order| self.plan.order(&order.id));
        let mut ends = Vec::new();
        for (entry, administration) in self.view.administrations(span) {
            if administration.status != AdministrationStatus::Completed {
                continue;
            }
            if let (Some(order), Some(start), Some(end)) =
                (order_of(entry), administration.started_at, administration.ended_at)
            {
                ends.push(End { entry, order, start, end, all_is_in: true });
            }
        }
        let mut started: Vec<(&str, DateTime<Utc>)> = Vec::new();
        for (entry, event) in self.view.pump_events(TimeDelta::hours(LONGEST_HOURS)) {
            let at = entry.times.happened.at;
            match event.kind {
                // A stop and a start in between belong to one infusion: its first start counts.
                PumpEventKind::Started => {
                    if !started.iter().any(|(serial, _)| *serial == event.serial) {
                        started.push((&event.serial, at));
                    }
                }
                PumpEventKind::Completed => {
                    let Some(index) = started.iter().position(|(serial, _)| *serial == event.serial) else { continue };
                    let (_, start) = started.swap_remove(index);
                    if at >= back(self.now, span) {
                        let orders = order_of(entry).map_or_else(|| self.orders_of_pump(&event.serial), |o| vec![o]);
                        let end_of = |order| End { entry, order, start, end: at, all_is_in: true };
                        ends.extend(orders.into_iter().map(end_of));
                    }
                }
                PumpEventKind::Stopped
                | PumpEventKind::LinkUp
                | PumpEventKind::LinkLost
                | PumpEventKind::RecordGap { .. }
                | PumpEventKind::AlarmRaised { .. }
                | PumpEventKind::AlarmCleared { .. }
                | PumpEventKind::AlarmSeen { .. }
                | PumpEventKind::Progress => {}
            }
        }
        for (entry, check) in self.view.device_checks(span) {
            let (Some(order), Some(occurrence)) = (order_of(entry), entry.occurrence) else { continue };
            let said = self.view.administrations(TimeDelta::hours(LONGEST_HOURS));
            let of_dose = said.filter(|(statement, _)| statement.occurrence == Some(occurrence));
            let start = of_dose.filter_map(|(_, administration)| administration.started_at).last();
            if let (Some(start), Some(all_is_in)) = (start, is_empty(check, order)) {
                ends.push(End { entry, order, start, end: entry.times.happened.at, all_is_in });
            }
        }
        ends
    }
}

/// An end, or a look at what should have ended.
struct End<'a> {
    entry: &'a Entry,
    order: &'a Order,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// Nothing is left.
    all_is_in: bool,
}

impl End<'_> {
    /// Minutes from the start.
    fn took(&self) -> Option<Decimal> {
        Decimal::from(self.end.signed_duration_since(self.start).num_seconds()).checked_div(Decimal::from(60))
    }
}

/// Whether a look found the device empty; `None` when it does not say.
fn is_empty(check: &DeviceCheck, order: &Order) -> Option<bool> {
    let left = check.volume_remaining.as_ref().map(|left| left.value.is_zero());
    let unit = |volume: &&Quantity| volume.unit.code == "mL";
    let infused = check.volume_infused.as_ref().filter(unit).zip(order.volume.as_ref().filter(unit));
    let infused = infused.map(|(infused, ordered)| infused.value >= ordered.value);
    left.or(infused).or(check.balloon.map(|size| size == BalloonSize::Empty))
}

/// So many percent of a length.
fn part(minutes: Decimal, percent: Decimal) -> Option<Decimal> {
    minutes.checked_mul(percent)?.checked_div(Decimal::from(100))
}

/// Whether a stop of the order is an emergency: the plan says so, or its therapy does.
fn must_not_stop(order: &Order) -> bool {
    order.must_not_stop || order_in_group(order, "must-not-stop")
}

/// The longest ordered duration among the order's dosages, in minutes.
fn planned_minutes(order: &Order) -> Option<Decimal> {
    let durations = order.dosages.iter().filter_map(|dosage| {
        let repeat = dosage.timing.as_ref()?.repeat.as_ref()?;
        let seconds = match repeat.duration_unit? {
            PeriodUnit::Second => 1,
            PeriodUnit::Minute => 60,
            PeriodUnit::Hour => 3600,
            PeriodUnit::Day => 86_400,
            PeriodUnit::Week => 604_800,
            PeriodUnit::Month | PeriodUnit::Year => return None,
        };
        repeat.duration?.checked_mul(Decimal::from(seconds))?.checked_div(Decimal::from(60))
    });
    durations.max()
}

fn hours_and_minutes(minutes: Decimal) -> String {
    let whole = minutes.trunc();
    let hours = (whole / Decimal::from(60)).trunc();
    let rest = (whole - hours * Decimal::from(60)).normalize();
    if rest.is_zero() { format!("{} h", hours.normalize()) } else { format!("{} h {rest} min", hours.normalize()) }
}

fn alarm_name(alarm: &AlarmKind) -> String {
    match alarm {
        AlarmKind::Unknown(code) => format!("#{code}"),
        AlarmKind::OcclusionDownstream
        | AlarmKind::OcclusionUpstream
        | AlarmKind::AirInLine
        | AlarmKind::BatteryLow
        | AlarmKind::BatteryDepleted
        | AlarmKind::ReservoirLow
        | AlarmKind::ReservoirEmpty
        | AlarmKind::InfusionComplete
        | AlarmKind::DoorOpen
        | AlarmKind::PumpStopped
        | AlarmKind::SystemFault => {
            let key = serde_json::to_value(alarm).ok();
            key.as_ref().and_then(|key| key.as_str()).unwrap_or_default().replace('-', " ")
        }
    }
}

fn status_key(status: AdministrationStatus) -> &'static str {
    match status {
        AdministrationStatus::InProgress => "fact.dose.in-progress",
        AdministrationStatus::Completed => "fact.dose.completed",
        AdministrationStatus::Partial => "fact.dose.partial",
        AdministrationStatus::Stopped => "fact.dose.stopped",
        AdministrationStatus::Skipped => "fact.dose.skipped",
        AdministrationStatus::Unknown => "fact.dose.unknown",
    }
}
