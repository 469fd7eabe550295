//! From orders to occurrences: the dosages of an order in their sequence, and orders that hang on other orders.
//!
//! Dosages of one `sequence` run side by side; a higher sequence follows when the one before ends, and a dosage that names
//! its own start ends the sequence before it (R4 `Dosage.sequence`), so that loading and maintenance dose never overlap.
//! Everything is computed from the span asked for; nothing is chained from dose to dose, so one odd day shifts no other.

use crate::actual_start::{ActualStart, count_from};
use crate::occurrence::{Occurrence, SkipReason, Skipped};
use crate::question::{Question, QuestionCode};
use crate::reading::{Frame, Reading, own_start, read};
use crate::routine::Routine;
use crate::rule::{Moment, Recurrence, Rule};
use crate::slot::{Nominal, Precision, Slot};
use crate::span::Span;
use crate::walk::{MissingDay, collect};
use crate::zone::{Zones, date_of, instant_of};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    Dosage, FhirDateTime, OccurrenceId, Order, OrderId, OrderKind, OrderStatus, PatientId, RelativeAnchor,
    RelativeLink, TimePolicy, Timing,
};

/// A good limit for one call: ten years of a dose every 8 hours.
pub const MAX_OCCURRENCES: usize = 11_000;

/// Orders may hang on orders that hang on orders, so far.
const DEEPEST_LINK: u32 = 4;

/// What one call found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expansion {
    /// The occurrences that start in the span, by start.
    pub occurrences: Vec<Occurrence>,
    /// What the team must answer first; the dosages concerned ring for nobody.
    pub questions: Vec<Question>,
    /// What was left out, and why.
    pub skipped: Vec<Skipped>,
    /// `Some` when the limit cut the list: it is whole before this instant. Call again from here.
    pub next: Option<DateTime<Utc>>,
}

/// What one call found in a bare `Timing`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimingExpansion {
    /// The slots that start in the span, by start.
    pub slots: Vec<Slot>,
    /// What the team must answer first.
    pub questions: Vec<Question>,
    /// What was left out, and why.
    pub skipped: Vec<Skipped>,
    /// `Some` when the limit cut the list: it is whole before this instant. Call again from here.
    pub next: Option<DateTime<Utc>>,
}

/// Expands a bare `Timing`. `anchor` is used where the timing names no start of its own.
pub fn expand_timing(
    timing: &Timing,
    policy: TimePolicy,
    anchor: Option<FhirDateTime>,
    zones: Zones<'_>,
    routine: &Routine,
    span: Span,
    limit: usize,
) -> TimingExpansion {
    expand_reading(Rule::read(timing, policy, anchor, zones, routine), zones, span, limit)
}

/// Expands a bare `Dosage` for its times alone: no dose is asked for. One that is taken when needed has none.
pub fn expand_dosage(
    dosage: &Dosage,
    policy: TimePolicy,
    zones: Zones<'_>,
    routine: &Routine,
    span: Span,
    limit: usize,
) -> TimingExpansion {
    let reading = match &dosage.timing {
        _ if dosage.as_needed.is_some() => Reading::default(),
        None => Reading { rule: None, questions: vec![Question::about(QuestionCode::TimingMissing, "timing")] },
        Some(timing) => {
            let read = Rule::read(timing, policy, None, zones, routine);
            let questions = read.questions.into_iter().map(in_timing).collect();
            Reading { rule: read.rule.map(|rule| with_length_of_profile(rule, dosage)), questions }
        }
    };
    expand_reading(reading, zones, span, limit)
}

fn expand_reading(reading: Reading, zones: Zones<'_>, span: Span, limit: usize) -> TimingExpansion {
    let mut expansion = TimingExpansion { questions: reading.questions, ..TimingExpansion::default() };
    if let Some(rule) = &reading.rule {
        let found = collect(rule, zones, span, limit);
        expansion.next = found.next_unix.map(instant_of);
        expansion.skipped = found.missing.iter().filter_map(|missing| skipped(None, 1, *missing)).collect();
        expansion.slots = found.slots;
    }
    expansion
}

fn skipped(order: Option<&OrderId>, dosage_sequence: u32, missing: MissingDay) -> Option<Skipped> {
    Some(Skipped {
        order: order.cloned(),
        dosage_sequence,
        date: date_of(missing.day)?,
        reason: SkipReason::NoSuchDay,
        at: instant_of(missing.transition),
    })
}

/// Everything that the times of a patient's orders depend on.
#[derive(Debug, Clone, Copy)]
pub struct Expander<'a> {
    /// Whose orders: part of every occurrence's id.
    pub patient: &'a PatientId,
    /// All orders, because some hang on others.
    pub orders: &'a [Order],
    /// Zone rules that cover the spans asked for.
    pub zones: Zones<'a>,
    /// The patient's own day.
    pub routine: &'a Routine,
    /// Starts that were agreed for orders which name none.
    pub starts: &'a [(OrderId, FhirDateTime)],
    /// When doses really started, by time: [`crate::actual_starts`] of the journal, back to the last dose before the spans
    /// asked for. Only orders that count from it look at it.
    pub actual_starts: &'a [ActualStart],
}

/// One dosage with its rule.
struct Planned {
    index: usize,
    sequence: u32,
    /// Dosages of one sequence are told apart in the ids from the second on.
    twin: u32,
    rule: Rule,
}

/// The name of a slot, as the id has it.
fn slot_name(nominal: Nominal, twin: u32) -> String {
    match twin {
        0 => nominal.to_string(),
        twin => format!("{nominal}/{}", twin + 1),
    }
}

/// An occurrence with the moment that another order may hang on.
struct Keyed {
    key: i64,
    occurrence: Occurrence,
}

#[derive(Default)]
struct Found {
    keyed: Vec<Keyed>,
    questions: Vec<Question>,
    skipped: Vec<Skipped>,
    next: Option<i64>,
}

impl Found {
    fn asking(order: &Order, sequence: Option<u32>, code: QuestionCode, path: &str) -> Self {
        let mut found = Self::default();
        found.ask(order, sequence, code, path);
        found
    }

    fn ask(&mut self, order: &Order, sequence: Option<u32>, code: QuestionCode, path: &str) {
        let question = Question::about(code, path);
        self.questions.push(Question { order: Some(order.id.clone()), dosage_sequence: sequence, ..question });
    }

    fn cut_at(&mut self, next: Option<i64>) {
        self.next = self.next.into_iter().chain(next).min();
    }
}

impl Expander<'_> {
    /// The occurrences of an order that start in `span`: about `limit` at most, then [`Expansion::next`] says where to go
    /// on. An order that is not in force has none.
    pub fn order(&self, order: &Order, span: Span, limit: usize) -> Expansion {
        let mut found = self.keyed(order, RelativeAnchor::Start, span, limit, 0);
        found.keyed.sort_by(|a, b| {
            let place = |k: &Keyed| (k.occurrence.start, k.occurrence.dosage_sequence, k.occurrence.dosage_index);
            place(a).cmp(&place(b)).then_with(|| a.occurrence.slot.cmp(&b.occurrence.slot))
        });
        let next = found.next.map(instant_of);
        let before = |at: DateTime<Utc>| next.is_none_or(|next| at < next);
        Expansion {
            occurrences: found.keyed.into_iter().map(|k| k.occurrence).filter(|o| before(o.start)).collect(),
            questions: found.questions,
            skipped: found.skipped.into_iter().filter(|s| before(s.at)).collect(),
            next,
        }
    }

    /// The first start of an order after an instant.
    pub fn next_start(&self, order: &Order, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if order.relative_to.is_none() && order.status == OrderStatus::Active {
            let planned = self.plan(order, &mut Found::default());
            return planned.iter().filter_map(|planned| planned.rule.next_start(self.zones, after)).min();
        }
        let from = after.checked_add_signed(TimeDelta::nanoseconds(1))?;
        self.order(order, Span::new(from, DateTime::<Utc>::MAX_UTC), 1).occurrences.first().map(|o| o.start)
    }

    /// The usual distance between two doses of an order in seconds; `None` for single doses and lists.
    pub fn interval_seconds(&self, order: &Order) -> Option<i64> {
        if let Some(link) = &order.relative_to {
            let other = self.orders.iter().find(|o| o.id == link.order && o.relative_to.is_none())?;
            return self.interval_seconds(other);
        }
        self.plan(order, &mut Found::default()).iter().filter_map(|planned| planned.rule.interval_seconds()).min()
    }

    fn keyed(&self, order: &Order, anchor: RelativeAnchor, span: Span, limit: usize, depth: u32) -> Found {
        match order.status {
            OrderStatus::Active => {}
            OrderStatus::Unknown => return Found::asking(order, None, QuestionCode::StatusUnknown, "status"),
            OrderStatus::OnHold | OrderStatus::Stopped | OrderStatus::Completed | OrderStatus::NotInForce => {
                return Found::default();
            }
        }
        match &order.relative_to {
            Some(link) => self.linked(order, link, anchor, span, limit, depth),
            None => self.own(order, anchor, span, limit),
        }
    }

    /// The occurrences of an order with timings of its own.
    fn own(&self, order: &Order, anchor: RelativeAnchor, span: Span, limit: usize) -> Found {
        let mut found = Found::default();
        for planned in self.plan(order, &mut found) {
            let length = match (anchor, planned.rule.duration_seconds()) {
                (RelativeAnchor::Start, _) => 0,
                (RelativeAnchor::End, Some(length)) => length,
                (RelativeAnchor::End, None) => {
                    found.ask(order, Some(planned.sequence), QuestionCode::LinkEndMissing, "repeat.duration");
                    continue;
                }
            };
            let collected = collect(&planned.rule, self.zones, shifted(span, -length), limit);
            found.cut_at(collected.next_unix.map(|next| next.saturating_add(length)));
            found
                .skipped
                .extend(collected.missing.iter().filter_map(|m| skipped(Some(&order.id), planned.sequence, *m)));
            found.keyed.extend(collected.slots.into_iter().map(|slot| Keyed {
                key: slot.start_unix.saturating_add(length),
                occurrence: self.occurrence(order, &planned, slot),
            }));
        }
        found
    }

    fn occurrence(&self, order: &Order, planned: &Planned, slot: Slot) -> Occurrence {
        let name = slot_name(slot.nominal, planned.twin);
        Occurrence {
            id: OccurrenceId::new(self.patient, &order.id, planned.sequence, &name),
            order: order.reference(),
            dosage_sequence: planned.sequence,
            dosage_index: planned.index,
            slot: name,
            start: slot.start(),
            end: slot.end(),
            precision: slot.precision,
            moved_seconds: slot.moved_seconds,
            follows: None,
        }
    }

    /// The rules of an order's dosages, in their sequence.
    fn plan(&self, order: &Order, found: &mut Found) -> Vec<Planned> {
        let agreed = self.starts.iter().find(|(id, _)| *id == order.id).map(|(_, start)| *start);
        let agreed = agreed.map(|start| Moment::of(start, self.zones.home));
        let frame = Frame { policy: order.time_policy, anchor: agreed, zones: self.zones, routine: self.routine };
        let mut dosages: Vec<(usize, &Dosage)> =
            order.dosages.iter().enumerate().filter(|(_, dosage)| dosage.as_needed.is_none()).collect();
        dosages.sort_by_key(|(index, dosage)| (dosage.sequence, *index));
        if dosages.is_empty() && order.dosages.is_empty() {
            found.ask(order, None, QuestionCode::TimingMissing, "dosageInstruction");
        }
        let mut all: Vec<Planned> = Vec::new();
        // Where the sequence before ends: `None` before the first, `Some(None)` when nobody knows.
        let mut end_before: Option<Option<Moment>> = None;
        for group in dosages.chunk_by(|(_, a), (_, b)| a.sequence == b.sequence) {
            let begins = group.iter().filter_map(|(_, d)| own_start(d.timing.as_ref()?, &frame)).min();
            if let Some(begins) = begins {
                all.iter_mut().for_each(|planned| planned.rule.cut(begins));
            }
            let mut ends: Option<Moment> = None;
            let mut open_ended = false;
            for (twin, (index, dosage)) in (0_u32..).zip(group) {
                let anchor = match end_before {
                    None => agreed,
                    Some(end) => end,
                };
                match self.rule_of(order, dosage, &Frame { anchor, ..frame }, end_before.is_some()) {
                    Ok((rule, questions)) => {
                        ends = ends.max(rule.until);
                        open_ended |= rule.until.is_none();
                        found
                            .questions
                            .extend(questions.into_iter().map(|q| placed(in_timing(q), order, dosage, *index)));
                        all.push(Planned { index: *index, sequence: dosage.sequence, twin, rule });
                    }
                    Err(question) => {
                        open_ended = true;
                        found.questions.push(placed(question, order, dosage, *index));
                    }
                }
            }
            end_before = Some(ends.filter(|_| !open_ended));
        }
        if order.time_policy == TimePolicy::ElapsedFromLastStart {
            all.iter_mut().for_each(|planned| self.count_from_actual_starts(order, planned));
        }
        all
    }

    fn count_from_actual_starts(&self, order: &Order, planned: &mut Planned) {
        let (sequence, twin) = (planned.sequence, planned.twin);
        let id_of = |nominal: Nominal| OccurrenceId::new(self.patient, &order.id, sequence, &slot_name(nominal, twin));
        if let Recurrence::Elapsed(elapsed) = &mut planned.rule.recurrence {
            count_from(elapsed, self.actual_starts.iter().filter(|start| start.order == order.id), id_of);
        }
    }

    fn rule_of(
        &self,
        order: &Order,
        dosage: &Dosage,
        frame: &Frame<'_>,
        follows: bool,
    ) -> Result<(Rule, Vec<Question>), Question> {
        if dose_missing(order, dosage) {
            return Err(Question::about(QuestionCode::DoseMissing, "doseAndRate"));
        }
        let Some(timing) = &dosage.timing else {
            return Err(Question::about(QuestionCode::TimingMissing, "timing"));
        };
        if follows && frame.anchor.is_none() && own_start(timing, frame).is_none() {
            return Err(Question::about(QuestionCode::SequenceStartMissing, "timing.repeat.boundsPeriod.start"));
        }
        let reading = read(timing, frame);
        match reading.rule {
            Some(rule) => Ok((with_length_of_profile(rule, dosage), reading.questions)),
            None => Err(reading
                .questions
                .into_iter()
                .next()
                .map(in_timing)
                .unwrap_or_else(|| Question::about(QuestionCode::TimingMissing, "timing"))),
        }
    }

    /// The occurrences of an order that hangs on another: one for each dose of the other.
    fn linked(
        &self,
        order: &Order,
        link: &RelativeLink,
        anchor: RelativeAnchor,
        span: Span,
        limit: usize,
        depth: u32,
    ) -> Found {
        if depth >= DEEPEST_LINK {
            return Found::asking(order, None, QuestionCode::LinkRing, "relativeTo");
        }
        let Some(other) = self.orders.iter().find(|other| other.id == link.order) else {
            return Found::asking(order, None, QuestionCode::LinkMissing, "relativeTo");
        };
        let offset = i64::from(link.offset_minutes) * 60;
        let mut found = Found::default();
        for (index, dosage) in dosages_of_link(order) {
            let sequence = dosage.map_or(1, |dosage| dosage.sequence);
            if dosage.is_some_and(|dosage| dose_missing(order, dosage)) {
                found.ask(order, Some(sequence), QuestionCode::DoseMissing, "doseAndRate");
                continue;
            }
            let duration = dosage.and_then(duration_of);
            let length = match (anchor, duration) {
                (RelativeAnchor::Start, _) => 0,
                (RelativeAnchor::End, Some(length)) => length,
                (RelativeAnchor::End, None) => {
                    found.ask(order, Some(sequence), QuestionCode::LinkEndMissing, "repeat.duration");
                    continue;
                }
            };
            let shift = offset + length;
            let other_found = self.keyed(other, link.anchor, shifted(span, -shift), limit, depth + 1);
            found.cut_at(other_found.next.map(|next| next.saturating_add(shift)));
            found.skipped.extend(other_found.skipped.into_iter().map(|skipped| Skipped {
                order: Some(order.id.clone()),
                dosage_sequence: sequence,
                ..skipped
            }));
            // The other order's own questions are asked once, by the other order; here they only leave nothing to hang on.
            let ring = other_found.questions.iter().find(|q| q.code == QuestionCode::LinkRing);
            found.questions.extend(ring.map(|q| Question { order: Some(order.id.clone()), ..q.clone() }));
            if let Some(end) = other_found.questions.iter().find(|q| q.code == QuestionCode::LinkEndMissing) {
                found.questions.push(Question { order: Some(order.id.clone()), ..end.clone() });
            }
            let days_only = other_found.keyed.iter().any(|k| k.occurrence.precision == Precision::Day);
            if days_only {
                found.ask(order, Some(sequence), QuestionCode::TimesMissing, "relativeTo");
            }
            for Keyed { key, occurrence: of } in other_found.keyed {
                if of.precision == Precision::Day {
                    continue;
                }
                let start = key.saturating_add(offset);
                let slot = format!("{}/{}/{}", link.order, of.dosage_sequence, of.slot);
                let slot = if index == 0 { slot } else { format!("{slot}/{}", index + 1) };
                found.keyed.push(Keyed {
                    key: start.saturating_add(length),
                    occurrence: Occurrence {
                        id: OccurrenceId::new(self.patient, &order.id, sequence, &slot),
                        order: order.reference(),
                        dosage_sequence: sequence,
                        dosage_index: index,
                        slot,
                        start: instant_of(start),
                        end: duration.map(|duration| instant_of(start.saturating_add(duration))),
                        precision: Precision::Time,
                        moved_seconds: of.moved_seconds,
                        follows: Some(of.id),
                    },
                });
            }
        }
        found
    }
}

/// The dosages of an order that hangs on another; a service without any is carried out once.
fn dosages_of_link(order: &Order) -> Vec<(usize, Option<&Dosage>)> {
    if order.dosages.is_empty() {
        return vec![(0, None)];
    }
    order.dosages.iter().enumerate().filter(|(_, d)| d.as_needed.is_none()).map(|(i, d)| (i, Some(d))).collect()
}

fn duration_of(dosage: &Dosage) -> Option<i64> {
    let timing = dosage.timing.as_ref().and_then(|timing| timing.repeat.as_ref());
    let stated = timing
        .and_then(|repeat| crate::reading::seconds(repeat.duration?, repeat.duration_unit?, "repeat.duration").ok());
    stated.or_else(|| length_of_profile(dosage))
}

fn with_length_of_profile(rule: Rule, dosage: &Dosage) -> Rule {
    Rule { duration: rule.duration.or_else(|| length_of_profile(dosage)), ..rule }
}

/// How long all rungs of a rate profile take, when each says how long: a taper has no other length.
fn length_of_profile(dosage: &Dosage) -> Option<i64> {
    let steps = &dosage.rate_profile.as_ref()?.steps;
    let minutes = steps.iter().map(|step| step.minutes.map(i64::from)).sum::<Option<i64>>()?;
    (minutes > 0).then_some(minutes * 60)
}

/// "Ask your nurse": a drug without a stated dose or rate is never scheduled.
fn dose_missing(order: &Order, dosage: &Dosage) -> bool {
    let drug = match order.kind {
        OrderKind::Medication | OrderKind::Premedication => true,
        OrderKind::LineCare | OrderKind::Lab | OrderKind::Service => false,
    };
    drug && dosage.dose.is_none() && dosage.rate.is_none() && dosage.rate_profile.is_none()
}

fn in_timing(question: Question) -> Question {
    Question { path: format!("timing.{}", question.path), ..question }
}

fn placed(question: Question, order: &Order, dosage: &Dosage, index: usize) -> Question {
    Question {
        order: Some(order.id.clone()),
        dosage_sequence: Some(dosage.sequence),
        path: format!("dosageInstruction[{index}].{}", question.path),
        ..question
    }
}

fn shifted(span: Span, seconds: i64) -> Span {
    let shift = |at: DateTime<Utc>| {
        let end = if seconds < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        at.checked_add_signed(TimeDelta::seconds(seconds)).unwrap_or(end)
    };
    Span::new(shift(span.from), shift(span.to))
}
