//! The steps of one occurrence: the plan's own checklist, else one composed from the order.
//!
//! The composed list follows the order of infusion teaching sheets (hands, surface, label, bag, hands again, hub, flush,
//! connect, infuse, disconnect, hub, flush, lock, clamp, dispose, log). It has no amounts of its own: flushes, rates and
//! lengths are the order's, and what the order does not say is "ask your nurse". A line that must not be flushed says so
//! where one would reach for the syringe.

use crate::look::{put_windows, usual_looks};
use crate::occurrence::Occurrence;
use crate::slot::Precision;
use crate::span::Span;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    AccessDevice, AccessDeviceKind, DeliveryMethod, Dosage, Flush, FlushPlan, LineCareKind, OccurrenceId, Order,
    OrderKind, Quantity, RateProfile, Step, StepKey,
};

/// What to mind about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepNote {
    /// Nothing.
    Plain,
    /// The order does not say what is needed: ask the nurse.
    AskYourNurse,
    /// Never flush this line: it would push the drug in at once.
    NeverFlush,
    /// The plan does not say when: the time is a usual one, and shown as such.
    UsualTime,
}

/// How much of a checklist is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Every step.
    Whole,
    /// Only the steps that ring: taking out, and looking at what runs.
    Alarms,
}

/// One step of an occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaStep {
    /// Its place in the list, from 0.
    pub index: u32,
    /// What it is.
    pub key: StepKey,
    /// The order's own words; `None` takes the words of the key.
    pub text: Option<String>,
    /// When, where it has a time.
    pub at: Option<DateTime<Utc>>,
    /// Minutes from the start of the occurrence, where it has a time; negative is before.
    pub offset_minutes: Option<i64>,
    /// What to flush or lock with, as ordered.
    pub flush: Option<Flush>,
    /// The rate, as ordered.
    pub rate: Option<Quantity>,
    /// For how many minutes, as ordered.
    pub minutes: Option<u32>,
    /// What to mind.
    pub note: StepNote,
    /// The dose of its own that this step is, for a pre-medication.
    pub follows: Option<OccurrenceId>,
    /// When a look at what runs still counts as this one.
    pub window: Option<Span>,
    /// When it was ticked off.
    pub done_at: Option<DateTime<Utc>>,
    /// Nobody ticked this look off, and the time of the next one has come: it cannot be done any more.
    pub passed: bool,
}

impl AgendaStep {
    /// Still to be done.
    pub fn is_open(&self) -> bool {
        self.done_at.is_none() && !self.passed
    }
}

/// What a checklist is composed from.
pub(crate) struct ChecklistInput<'a> {
    pub order: &'a Order,
    pub dosage: Option<&'a Dosage>,
    pub occurrence: &'a Occurrence,
    pub access: Option<&'a AccessDevice>,
    /// Pre-medication that hangs on this occurrence: title, start and id of each.
    pub premedications: &'a [(String, DateTime<Utc>, OccurrenceId)],
    /// When it really started: what comes after the start counts from there.
    pub started_at: Option<DateTime<Utc>>,
    pub detail: Detail,
}

/// A wild length must not make a list without end.
const MOST_CHECK_INS: usize = 60;

/// The steps of an occurrence, in their order.
pub(crate) fn checklist(input: &ChecklistInput<'_>) -> Vec<AgendaStep> {
    let mut list = Composer { input, steps: Vec::new() };
    match input.detail {
        Detail::Alarms => list.only_alarms(),
        Detail::Whole if input.order.steps.is_empty() => list.compose(),
        Detail::Whole => list.take_over(),
    }
    let mut steps = list.steps;
    put_windows(&mut steps, input.occurrence.end.map(|end| (end - input.occurrence.start).num_minutes()));
    for (index, step) in (0..).zip(&mut steps) {
        step.index = index;
    }
    steps
}

/// By which way the drug goes in, as far as the steps differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Line,
    UnderTheSkin,
    Injection,
    Mouth,
    /// The patient does not open this line.
    Closed,
    NotStated,
}

struct Composer<'a> {
    input: &'a ChecklistInput<'a>,
    steps: Vec<AgendaStep>,
}

impl Composer<'_> {
    fn way(&self) -> Way {
        let access = self.input.access.map(|device| device.kind);
        match (self.input.order.delivery, access) {
            (DeliveryMethod::Oral, _) => Way::Mouth,
            (DeliveryMethod::Injection, _) => Way::Injection,
            (DeliveryMethod::Intraspinal, _) | (_, Some(AccessDeviceKind::Intraspinal)) => Way::Closed,
            (_, Some(AccessDeviceKind::Subcutaneous)) | (DeliveryMethod::SyringeMechanical, None) => Way::UnderTheSkin,
            (DeliveryMethod::Unknown, None | Some(AccessDeviceKind::Unknown)) => Way::NotStated,
            (
                DeliveryMethod::IvPush
                | DeliveryMethod::Gravity
                | DeliveryMethod::Elastomeric
                | DeliveryMethod::AmbulatoryPump
                | DeliveryMethod::SyringeMechanical
                | DeliveryMethod::SyringeElectronic
                | DeliveryMethod::Unknown,
                _,
            ) => Way::Line,
        }
    }

    fn add(&mut self, key: StepKey) -> &mut AgendaStep {
        let index = self.steps.len();
        self.steps.push(AgendaStep {
            index: 0,
            key,
            text: None,
            at: None,
            offset_minutes: None,
            flush: None,
            rate: None,
            minutes: None,
            note: StepNote::Plain,
            follows: None,
            window: None,
            done_at: None,
            passed: false,
        });
        &mut self.steps[index]
    }

    fn add_all(&mut self, keys: &[StepKey]) {
        for key in keys {
            self.add(*key);
        }
    }

    fn add_at(&mut self, key: StepKey, offset_minutes: i64) -> &mut AgendaStep {
        let at = self.moment(offset_minutes);
        let step = self.add(key);
        step.offset_minutes = Some(offset_minutes);
        step.at = at;
        step
    }

    /// When a step with this offset is: before the start by the plan, after it by the real start, once there is one.
    fn moment(&self, offset_minutes: i64) -> Option<DateTime<Utc>> {
        let occurrence = self.input.occurrence;
        let started = self.input.started_at.filter(|_| offset_minutes >= 0);
        let timed = started.is_some() || occurrence.precision == Precision::Time;
        let start = started.unwrap_or(occurrence.start);
        start.checked_add_signed(TimeDelta::minutes(offset_minutes)).filter(|_| timed)
    }

    /// Of the plan's own list or the composed one, the steps that ring.
    fn only_alarms(&mut self) {
        let own = &self.input.order.steps;
        let listed = |key: StepKey| own.iter().find(|step| step.key == key);
        match listed(StepKey::TakeOut) {
            Some(Step { offset_minutes: Some(offset), .. }) => {
                self.add_at(StepKey::TakeOut, i64::from(*offset));
            }
            Some(_) => self.take_out(),
            None if own.is_empty() && self.is_a_dose() => self.take_out(),
            None => {}
        }
        if self.input.started_at.is_some() && (own.is_empty() || listed(StepKey::MidCheck).is_some()) {
            self.check_ins();
        }
    }

    fn is_a_dose(&self) -> bool {
        matches!(self.input.order.kind, OrderKind::Medication | OrderKind::Premedication)
    }

    /// Looking at the patient, the site and the device while it runs: as often as the plan says. A device without a radio
    /// cannot call for it, so it has times of its own, also where the plan names none.
    fn check_ins(&mut self) {
        let order = self.input.order;
        let minutes = self.input.occurrence.end.map(|end| (end - self.input.occurrence.start).num_minutes());
        let silent = matches!(
            order.delivery,
            DeliveryMethod::Elastomeric
                | DeliveryMethod::Gravity
                | DeliveryMethod::SyringeMechanical
                | DeliveryMethod::SyringeElectronic
        );
        let times = match (order.check_in_minutes.map(i64::from).filter(|every| *every > 0), minutes) {
            (Some(every), Some(length)) => {
                let times = std::iter::successors(Some(every), |at| at.checked_add(every));
                times.take_while(|at| *at < length).take(MOST_CHECK_INS).collect()
            }
            (None, Some(length)) if silent && length > 1 => usual_looks(length, MOST_CHECK_INS),
            (Some(_), None) | (None, _) => {
                self.add(StepKey::MidCheck);
                return;
            }
        };
        let note = if order.check_in_minutes.is_some() { StepNote::Plain } else { StepNote::UsualTime };
        for at in times {
            self.add_at(StepKey::MidCheck, at).note = note;
        }
    }

    fn compose(&mut self) {
        let kind = self.input.order.kind;
        match kind {
            OrderKind::Medication | OrderKind::Premedication => self.compose_dose(),
            OrderKind::LineCare => self.compose_line_care(),
            OrderKind::Lab | OrderKind::Service => {
                self.add(StepKey::Other).text = Some(self.input.order.title.clone());
                self.add(StepKey::Log);
            }
        }
    }

    fn compose_line_care(&mut self) {
        use StepKey as K;
        self.add_all(&[K::WashHands, K::PrepareSurface, K::Gather]);
        match self.input.order.line_care {
            Some(LineCareKind::Dressing) => self.add_all(&[K::ChangeDressing]),
            Some(LineCareKind::Connector) => self.add_all(&[K::ChangeConnector, K::ScrubHub]),
            Some(LineCareKind::PortNeedle) => self.add_all(&[K::RemoveNeedle, K::WashHands, K::InsertNeedle]),
            Some(LineCareKind::Flush | LineCareKind::IdleFlush) => self.add_all(&[K::ScrubHub]),
            None => self.add(K::Other).text = Some(self.input.order.title.clone()),
        }
        match self.input.order.line_care {
            Some(LineCareKind::Flush | LineCareKind::IdleFlush) => {
                self.flushes_or_ask(true);
                self.flushes(false);
                self.add(K::Clamp);
            }
            Some(LineCareKind::Dressing | LineCareKind::Connector | LineCareKind::PortNeedle) | None => {
                self.flushes(true);
                self.flushes(false);
            }
        }
        self.add_all(&[K::Dispose, K::Log]);
    }

    fn compose_dose(&mut self) {
        use StepKey as K;
        self.take_out();
        self.premedicate();
        let before = [K::WashHands, K::PrepareSurface, K::Gather, K::CheckLabel];
        match self.way() {
            Way::Mouth => self.add_all(&[K::WashHands, K::CheckLabel, K::Log]),
            Way::Closed => {
                self.add_all(&[K::WashHands, K::CheckLabel]);
                self.infuse();
                self.check_ins();
                self.add(K::Log);
            }
            Way::NotStated => {
                self.add_all(&before);
                self.add(K::Other).note = StepNote::AskYourNurse;
                self.infuse();
                self.add_all(&[K::Dispose, K::Log]);
            }
            Way::Injection => {
                self.add_all(&before);
                self.add_all(&[K::WashHands, K::InsertNeedle, K::RemoveNeedle, K::Dispose, K::Log]);
            }
            Way::UnderTheSkin => {
                self.add_all(&before);
                self.add_all(&[K::WashHands, K::InsertNeedle]);
                self.infuse();
                self.check_ins();
                self.add_all(&[K::RemoveNeedle, K::Dispose, K::Log]);
            }
            Way::Line => {
                self.add_all(&before);
                self.add_all(&[K::CheckBag, K::WashHands, K::ScrubHub]);
                self.flushes_or_ask(true);
                self.add(K::Connect);
                self.infuse();
                self.check_ins();
                self.add_all(&[K::Disconnect, K::ScrubHub]);
                self.flushes_or_ask(false);
                self.add_all(&[K::Clamp, K::Dispose, K::Log]);
            }
        }
    }

    fn take_out(&mut self) {
        let warm_up = self.input.order.storage.as_ref().and_then(|storage| storage.warm_up_minutes);
        if let Some(minutes) = warm_up {
            self.add_at(StepKey::TakeOut, -i64::from(minutes)).minutes = Some(minutes);
        }
    }

    fn premedicate(&mut self) {
        for (title, at, id) in self.input.premedications {
            let offset = (*at - self.input.occurrence.start).num_minutes();
            let step = self.add_at(StepKey::Premedicate, offset);
            step.text = Some(title.clone());
            step.follows = Some(*id);
        }
    }

    /// The flushes of the list on one side of the drug; locks come after it, last.
    fn flushes(&mut self, before: bool) {
        let FlushPlan::List(flushes) = &self.input.order.flush else { return };
        for flush in flushes.iter().filter(|flush| flush.before == before) {
            self.flush(flush);
        }
    }

    fn flush(&mut self, flush: &Flush) {
        let step = self.add(if flush.lock { StepKey::Lock } else { StepKey::Flush });
        step.note = if flush.volume.is_some() { StepNote::Plain } else { StepNote::AskYourNurse };
        step.flush = Some(flush.clone());
    }

    fn flushes_or_ask(&mut self, before: bool) {
        match &self.input.order.flush {
            FlushPlan::NotStated => self.add(StepKey::Flush).note = StepNote::AskYourNurse,
            FlushPlan::Never => self.add(StepKey::Flush).note = StepNote::NeverFlush,
            FlushPlan::List(_) => self.flushes(before),
        }
    }

    /// Starting, and each rung of the rate ladder with the minute at which it begins.
    fn infuse(&mut self) {
        let dosage = self.input.dosage;
        if let Some(profile) = dosage.and_then(|dosage| dosage.rate_profile.as_ref()) {
            self.rungs(profile);
            return;
        }
        let rate = dosage.and_then(|dosage| dosage.rate.clone());
        let minutes = self.input.occurrence.end.map(|end| (end - self.input.occurrence.start).num_minutes());
        let step = self.add_at(StepKey::Infuse, 0);
        step.minutes = minutes.and_then(|minutes| u32::try_from(minutes).ok());
        // Neither how fast nor how long: nobody can start that.
        step.note = if rate.is_none() && step.minutes.is_none() { StepNote::AskYourNurse } else { StepNote::Plain };
        step.rate = rate;
    }

    fn rungs(&mut self, profile: &RateProfile) {
        // A rung after one without an end has no known minute.
        let mut offset = Some(0_i64);
        for rung in &profile.steps {
            let step = match offset {
                Some(minutes) => self.add_at(StepKey::Infuse, minutes),
                None => self.add(StepKey::Infuse),
            };
            step.rate = Some(rung.rate.clone());
            step.minutes = rung.minutes;
            offset = offset.zip(rung.minutes).map(|(offset, minutes)| offset + i64::from(minutes));
        }
    }

    /// The plan's own list wins, word for word. What the order says elsewhere is put to its steps: flushes to the flush
    /// steps in turn, the rungs to "infuse", the warm-up time to "take out".
    fn take_over(&mut self) {
        let order = self.input.order;
        let listed = match &order.flush {
            FlushPlan::List(flushes) => flushes.as_slice(),
            FlushPlan::NotStated | FlushPlan::Never => &[],
        };
        let mut flushes = listed.iter().filter(|flush| !flush.lock);
        let mut locks = listed.iter().filter(|flush| flush.lock);
        for own in &order.steps {
            let first = self.steps.len();
            let untimed = own.offset_minutes.is_none();
            if own.key == StepKey::TakeOut && untimed {
                self.take_out();
            } else if own.key == StepKey::Infuse {
                self.infuse();
            } else if own.key == StepKey::MidCheck && untimed {
                self.check_ins();
            } else if own.key == StepKey::Premedicate && untimed {
                self.premedicate();
            } else if own.key == StepKey::Flush {
                self.put_flush(own, flushes.next());
            } else if own.key == StepKey::Lock {
                self.put_flush(own, locks.next());
            }
            if self.steps.len() == first {
                self.add(own.key);
            }
            self.put_own(first, own);
        }
    }

    fn put_flush(&mut self, own: &Step, ordered: Option<&Flush>) {
        if let Some(flush) = ordered {
            self.flush(flush);
            return;
        }
        self.add(own.key).note = match self.input.order.flush {
            FlushPlan::Never => StepNote::NeverFlush,
            // The plan's own words say it all.
            FlushPlan::NotStated | FlushPlan::List(_) if own.text.is_some() => StepNote::Plain,
            FlushPlan::NotStated | FlushPlan::List(_) => StepNote::AskYourNurse,
        };
    }

    fn put_own(&mut self, first: usize, own: &Step) {
        let at = own.offset_minutes.map(|offset| (i64::from(offset), self.moment(i64::from(offset))));
        if let Some(step) = self.steps.get_mut(first) {
            if own.text.is_some() {
                step.text.clone_from(&own.text);
            }
            if let Some((offset, at)) = at {
                step.offset_minutes = Some(offset);
                step.at = at;
            }
        }
    }
}
