//! Whether a condition is met, and by which facts.

use super::condition::{
    AlarmCondition, Condition, DoseCondition, EarlyEndCondition, FindingCondition, LineKind, RiseCondition,
    SymptomCondition, VitalCondition,
};
use super::journal_view::{Answer, JournalView};
use super::plan_limits;
use super::rules::Rule;
use crate::language::Language;
use crate::symptoms::{site_findings, symptom_words};
use crate::texts::word;
use crate::therapies::{order_in_group, plan_in_group};
use crate::vital_input::{unit_display, vital_name};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    AccessDeviceKind, AdministrationStatus, AdviceLevel, AlarmKind, CarePlan, Decimal, DeliveryMethod, Entry, Order,
    OrderStatus, PeriodUnit, PumpEvent, PumpEventKind, SkipDecision, Vital,
};

/// One fact that made a rule speak, in plain words with the local time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fact {
    pub at: DateTime<Utc>,
    pub text: String,
}

/// A condition that is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    pub level: AdviceLevel,
    pub facts: Vec<Fact>,
}

/// Everything that a condition is held against.
pub(super) struct Scope<'a> {
    pub plan: &'a CarePlan,
    pub view: &'a JournalView<'a>,
    pub now: DateTime<Utc>,
    pub language: Language,
    pub rule: &'a Rule,
}

impl Scope<'_> {
    fn span(&self) -> TimeDelta {
        TimeDelta::hours(self.rule.hours)
    }

    fn facts(&self, facts: Vec<Fact>) -> Option<Met> {
        (!facts.is_empty()).then_some(Met { level: self.rule.level, facts })
    }

    /// `None`: not met.
    pub fn met(&self, condition: &Condition) -> Option<Met> {
        match condition {
            Condition::All(parts) => {
                let mut all = Met { level: self.rule.level, facts: Vec::new() };
                for part in parts {
                    let met = self.met(part)?;
                    all.level = all.level.max(met.level);
                    all.facts.extend(met.facts);
                }
                Some(all)
            }
            Condition::Any(parts) => {
                let met: Vec<Met> = parts.iter().filter_map(|part| self.met(part)).collect();
                let level = met.iter().map(|met| met.level).max()?;
                Some(Met { level, facts: met.into_iter().flat_map(|met| met.facts).collect() })
            }
            Condition::Therapy(groups) => groups
                .iter()
                .any(|group| plan_in_group(self.plan, group))
                .then(|| Met { level: self.rule.level, facts: Vec::new() }),
            Condition::Line(kind) => self.line(*kind),
            Condition::Symptom(symptom) => self.symptom(symptom),
            Condition::Finding(finding) => self.finding(finding),
            Condition::Vital(vital) => self.vital(vital),
            Condition::Rise(rise) => self.rise(rise),
            Condition::Alarm(alarm) => self.alarm(alarm),
            Condition::Dose(dose) => self.dose(dose),
            Condition::EarlyEnd(early) => self.early_end(early),
        }
    }

    fn line(&self, kind: LineKind) -> Option<Met> {
        let today = self.now.date_naive();
        let fits = |device: AccessDeviceKind| match kind {
            LineKind::Central => device.is_central(),
            LineKind::Tunneled => (device != AccessDeviceKind::Unknown).then_some(device == AccessDeviceKind::Tunneled),
        };
        let in_place: Vec<Option<bool>> = self
            .plan
            .access_devices
            .iter()
            .filter(|device| device.removed.is_none_or(|removed| removed >= today))
            .map(|device| fits(device.kind))
            .collect();
        let met = Met { level: self.rule.level, facts: Vec::new() };
        if in_place.contains(&Some(true)) {
            return Some(met);
        }
        let unknown = in_place.contains(&None) || (in_place.is_empty() && self.some_order_needs_a_line());
        unknown.then(|| {
            let text = word("fact.line-unknown", self.language);
            Met { facts: vec![Fact { at: DateTime::<Utc>::MIN_UTC, text }], ..met }
        })
    }

    fn some_order_needs_a_line(&self) -> bool {
        self.plan.orders.iter().any(|order| {
            order.status == OrderStatus::Active
                && order.medication.is_some()
                && match order.delivery {
                    DeliveryMethod::IvPush
                    | DeliveryMethod::Gravity
                    | DeliveryMethod::Elastomeric
                    | DeliveryMethod::AmbulatoryPump
                    | DeliveryMethod::SyringeElectronic => true,
                    DeliveryMethod::SyringeMechanical
                    | DeliveryMethod::Injection
                    | DeliveryMethod::Intraspinal
                    | DeliveryMethod::Oral
                    | DeliveryMethod::Unknown => false,
                }
        })
    }

    fn symptom(&self, condition: &SymptomCondition) -> Option<Met> {
        let facts: Vec<Fact> = self
            .view
            .symptoms(self.span())
            .filter(|(_, symptom)| condition.keys.contains(&symptom.symptom))
            .filter(|(_, symptom)| condition.severity.is_none_or(|least| symptom.severity >= Some(least)))
            .filter(|(entry, _)| condition.near_dose_minutes.is_none_or(|minutes| self.near_dose(entry, minutes)))
            .map(|(entry, symptom)| {
                let name = symptom_words().iter().find(|word| word.key == symptom.symptom);
                let name = name.map_or(symptom.symptom.as_str(), |word| word.name(self.language));
                fact(entry, name)
            })
            .collect();
        (facts.len() >= condition.times).then(|| self.facts(facts))?
    }

    fn near_dose(&self, entry: &Entry, minutes: i64) -> bool {
        let at = entry.times.happened.at;
        self.view.near_dose(at, minutes).unwrap_or_else(|| self.line(LineKind::Central).is_some())
    }

    fn finding(&self, condition: &FindingCondition) -> Option<Met> {
        let span = self.span();
        let all_no = |keys: &[String]| keys.iter().all(|key| self.view.finding(key, span) == Answer::No);
        if !all_no(&condition.others_all_no)
            || (!condition.unless_all_no.is_empty() && all_no(&condition.unless_all_no))
        {
            return None;
        }
        let site = word("fact.site", self.language);
        let facts = condition
            .keys
            .iter()
            .filter_map(|key| {
                let Answer::Yes(entry) = self.view.finding(key, span) else { return None };
                let name = site_findings().iter().find(|word| &word.key == key)?.name(self.language);
                Some(fact(entry, &format!("{site}: {name}")))
            })
            .collect();
        self.facts(facts)
    }

    fn vital(&self, condition: &VitalCondition) -> Option<Met> {
        let hits: Vec<(&Entry, &Vital)> = self
            .view
            .vitals(condition.kind, self.span())
            .filter(|(_, vital)| {
                let limit = condition.limits.get(&vital.value.unit.code);
                limit.is_some_and(|limit| condition.is.holds(vital.value.value, *limit))
                    && !plan_limits::replaces(self.plan, &self.rule.id, condition.kind, &vital.value)
            })
            .collect();
        let times = hits.iter().map(|(entry, _)| entry.times.happened.at);
        if !spaced_readings(times, condition.readings, condition.apart_minutes) {
            return None;
        }
        self.facts(hits.iter().map(|(entry, vital)| vital_fact(entry, vital, self.language)).collect())
    }

    fn rise(&self, condition: &RiseCondition) -> Option<Met> {
        let span = TimeDelta::hours(condition.hours);
        let readings: Vec<(&Entry, &Vital)> = self.view.vitals(condition.kind, span).collect();
        let (last_entry, last) = readings.last()?;
        let risen = readings.iter().find(|(_, earlier)| rose(earlier, last, condition).unwrap_or(false))?;
        self.facts(vec![vital_fact(risen.0, risen.1, self.language), vital_fact(last_entry, last, self.language)])
    }

    fn alarm(&self, condition: &AlarmCondition) -> Option<Met> {
        let span = self.span();
        let mut raised: Vec<(&Entry, &PumpEvent, &AlarmKind, &str)> = Vec::new();
        for (entry, event) in self.view.pump_events(span) {
            let PumpEventKind::AlarmRaised { alarm, text } = &event.kind else { continue };
            let known = condition.kinds.contains(alarm);
            let unknown = condition.unknown_code && matches!(alarm, AlarmKind::Unknown(_));
            // A record that came live and again from the pump's history is one alarm.
            let again = event.record.is_some()
                && raised.iter().any(|(_, other, ..)| {
                    other.record == event.record && other.epoch == event.epoch && other.serial == event.serial
                });
            if (known || unknown)
                && !again
                && (!condition.standing || self.stands(entry, event, alarm))
                && (!condition.must_not_stop || self.must_not_stop(&event.serial))
            {
                raised.push((entry, event, alarm, text));
            }
        }
        let within = if condition.minutes == 0 { span } else { TimeDelta::minutes(condition.minutes) };
        let name = word("fact.alarm", self.language);
        let mut met: Option<Met> = None;
        for (entry, event, alarm, _) in &raised {
            let same: Vec<_> = raised
                .iter()
                .filter(|(other, other_event, other_alarm, _)| {
                    let after = other.times.happened.at.signed_duration_since(entry.times.happened.at);
                    other_alarm == alarm
                        && other_event.serial == event.serial
                        && after >= TimeDelta::zero()
                        && after <= within
                })
                .collect();
            if same.len() < condition.times {
                continue;
            }
            let level = self.repeated_level(alarm, condition.times);
            let found = met.get_or_insert(Met { level, facts: Vec::new() });
            found.level = found.level.max(level);
            found.facts.extend(same.iter().map(|(entry, _, alarm, text)| {
                let says = if text.trim().is_empty() { alarm_name(alarm) } else { (*text).to_owned() };
                fact(entry, &format!("{name}: {says}"))
            }));
        }
        met
    }

    /// The plan may say how soon somebody must know when a taught remedy did not last.
    fn repeated_level(&self, alarm: &AlarmKind, times: usize) -> AdviceLevel {
        let taught = self.plan.alarm_advice.iter().find(|advice| &advice.alarm == alarm && times > 1);
        taught.map_or(self.rule.level, |advice| advice.if_repeated)
    }

    fn stands(&self, raised: &Entry, event: &PumpEvent, alarm: &AlarmKind) -> bool {
        !self.view.pump_events(self.span()).any(|(entry, other)| {
            entry.times.happened.at >= raised.times.happened.at
                && other.serial == event.serial
                && matches!(&other.kind, PumpEventKind::AlarmCleared { alarm: cleared } if cleared == alarm)
        })
    }

    fn orders_of_pump(&self, serial: &str) -> Vec<&Order> {
        let device = self.plan.delivery_devices.iter().find(|device| device.serial.as_deref() == Some(serial));
        let Some(device) = device else { return Vec::new() };
        self.plan.orders.iter().filter(|order| order.delivery_device.as_ref() == Some(&device.id)).collect()
    }

    fn must_not_stop(&self, serial: &str) -> bool {
        let holds = |order: &Order| order.must_not_stop || order_in_group(order, "must-not-stop");
        let orders = self.orders_of_pump(serial);
        if orders.is_empty() {
            self.plan.orders.iter().any(|order| order.status != OrderStatus::NotInForce && holds(order))
        } else {
            orders.into_iter().any(holds)
        }
    }

    fn dose(&self, condition: &DoseCondition) -> Option<Met> {
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
                !condition.critical || order.is_none_or(|order| order.time_critical || order.must_not_stop)
            })
            .map(|(entry, administration)| fact(entry, &word(status_key(administration.status), self.language)))
            .collect();
        self.facts(facts)
    }

    fn early_end(&self, condition: &EarlyEndCondition) -> Option<Met> {
        let span = self.span();
        let mut facts = Vec::new();
        for (entry, administration) in self.view.administrations(span) {
            if administration.status != AdministrationStatus::Completed {
                continue;
            }
            let order = entry.order.as_ref().and_then(|order| self.plan.order(&order.id));
            if let (Some(order), Some(start), Some(end)) = (order, administration.started_at, administration.ended_at) {
                facts.extend(self.ended_early(entry, order, start, end, condition));
            }
        }
        let mut started: Vec<(&str, DateTime<Utc>)> = Vec::new();
        for (entry, event) in self.view.pump_events(TimeDelta::hours(super::rules::LONGEST_HOURS)) {
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
                    if at >= super::journal_view::back(self.now, span) {
                        let order = entry.order.as_ref().and_then(|order| self.plan.order(&order.id));
                        let orders = order.map_or_else(|| self.orders_of_pump(&event.serial), |order| vec![order]);
                        facts.extend(
                            orders.into_iter().filter_map(|order| self.ended_early(entry, order, start, at, condition)),
                        );
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
        self.facts(facts)
    }

    fn ended_early(
        &self,
        entry: &Entry,
        order: &Order,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        condition: &EarlyEndCondition,
    ) -> Option<Fact> {
        let by_group = condition.therapy.iter().any(|group| order_in_group(order, group));
        let percent = order.early_end_percent.or(by_group.then_some(condition.percent))?;
        let planned = planned_minutes(order)?;
        let took = Decimal::from(end.signed_duration_since(start).num_seconds()).checked_div(Decimal::from(60))?;
        let hundred = Decimal::from(100);
        let least = planned.checked_mul(hundred.checked_sub(Decimal::from(percent))?)?.checked_div(hundred)?;
        (took < least).then(|| {
            let text = word("fact.early-end", self.language)
                .replace("{took}", &hours_and_minutes(took))
                .replace("{planned}", &hours_and_minutes(planned));
            fact(entry, &text)
        })
    }
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

/// Whether `later` lies above `earlier` by the condition's amount or more. Pounds and kilograms meet in kilograms, by
/// definition and without rounding.
fn rose(earlier: &Vital, later: &Vital, condition: &RiseCondition) -> Option<bool> {
    let (from, to) = (&earlier.value, &later.value);
    if from.unit.code == to.unit.code {
        return Some(to.value.checked_sub(from.value)? >= *condition.by.get(&to.unit.code)?);
    }
    let kilograms = |value: Decimal, code: &str| match code {
        "kg" => Some(value),
        "[lb_av]" => value.checked_mul(plan_limits::kilograms_per_pound()),
        _ => None,
    };
    let rise = kilograms(to.value, &to.unit.code)?.checked_sub(kilograms(from.value, &from.unit.code)?)?;
    Some(rise >= *condition.by.get("kg")?)
}

/// Whether `wanted` of the ascending instants are each at least `apart_minutes` after the one counted before.
pub(super) fn spaced_readings(
    instants: impl Iterator<Item = DateTime<Utc>>,
    wanted: usize,
    apart_minutes: i64,
) -> bool {
    let apart = TimeDelta::minutes(apart_minutes);
    let mut last: Option<DateTime<Utc>> = None;
    let mut counted = 0;
    for at in instants {
        if last.is_none_or(|last| at.signed_duration_since(last) >= apart) {
            counted += 1;
            last = Some(at);
        }
    }
    counted >= wanted
}

pub(super) fn vital_fact(entry: &Entry, vital: &Vital, language: Language) -> Fact {
    let unit = unit_display(vital.vital, &vital.value.unit.code);
    fact(entry, &format!("{} {} {unit}", vital_name(vital.vital, language), vital.value.value))
}

fn fact(entry: &Entry, text: &str) -> Fact {
    let happened = &entry.times.happened;
    Fact { at: happened.at, text: format!("{text} ({})", happened.local().format("%Y-%m-%d %H:%M")) }
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
