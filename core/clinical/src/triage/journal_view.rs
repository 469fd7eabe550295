//! What the journal says, as rules ask for it: the entries of the last days in the order in which they happened, without
//! those that a later entry corrects.
//!
//! An entry that seems to lie in the future (the phone's clock went back) counts as one of now.

use super::rules::LONGEST_HOURS;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    Administration, AdministrationStatus, Entry, EntryBody, EntryId, PumpEvent, PumpEventKind, SiteFinding, StepKey,
    Symptom, Vital, VitalKind,
};
use std::collections::{BTreeMap, HashSet};

/// The journal as seen at one moment.
pub(super) struct JournalView<'a> {
    entries: Vec<&'a Entry>,
    now: DateTime<Utc>,
}

/// One dose or flush, from when to when; an end that is not known is open.
struct DoseSpan {
    start: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
}

/// What a question about the site was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer<'a> {
    /// Yes, in this entry.
    Yes(&'a Entry),
    /// No.
    No,
    /// Not asked or not answered.
    Unknown,
}

impl<'a> JournalView<'a> {
    pub fn new(entries: &'a [Entry], now: DateTime<Utc>) -> Self {
        let oldest = back(now, TimeDelta::hours(LONGEST_HOURS));
        let corrected: HashSet<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
        let mut entries: Vec<&Entry> = entries
            .iter()
            .filter(|entry| entry.times.happened.at >= oldest && !corrected.contains(&entry.id))
            .collect();
        entries.sort_by_key(|entry| entry.times.happened.at);
        Self { entries, now }
    }

    fn since(&self, span: TimeDelta) -> impl DoubleEndedIterator<Item = &'a Entry> {
        let oldest = back(self.now, span);
        let first = self.entries.partition_point(|entry| entry.times.happened.at < oldest);
        self.entries.iter().skip(first).copied()
    }

    pub fn symptoms(&self, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a Symptom)> {
        self.since(span).filter_map(|entry| {
            let EntryBody::Symptom(symptom) = &entry.body else { return None };
            symptom.present.then_some((entry, symptom))
        })
    }

    pub fn vitals(&self, kind: VitalKind, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a Vital)> {
        self.since(span).filter_map(move |entry| {
            let EntryBody::Vital(vital) = &entry.body else { return None };
            (vital.vital == kind).then_some((entry, vital))
        })
    }

    pub fn pump_events(&self, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a PumpEvent)> {
        self.since(span).filter_map(|entry| {
            let EntryBody::PumpEvent(event) = &entry.body else { return None };
            Some((entry, event))
        })
    }

    pub fn administrations(&self, span: TimeDelta) -> impl DoubleEndedIterator<Item = (&'a Entry, &'a Administration)> {
        self.since(span).filter_map(|entry| {
            let EntryBody::Administration(administration) = &entry.body else { return None };
            Some((entry, administration))
        })
    }

    /// Yes if any check in the span said so: a later "no" does not take it back. No if one denied it.
    pub fn finding(&self, key: &str, span: TimeDelta) -> Answer<'a> {
        let mut answer = Answer::Unknown;
        for entry in self.since(span) {
            let EntryBody::SiteCheck { findings, .. } = &entry.body else { continue };
            for SiteFinding { finding, present } in findings {
                if finding == key {
                    if *present {
                        return Answer::Yes(entry);
                    }
                    answer = Answer::No;
                }
            }
        }
        answer
    }

    /// Whether `at` lies in a dose or flush, or up to `minutes` after one. `None` when no dose at all is recorded in the
    /// day before: then nobody knows.
    pub fn near_dose(&self, at: DateTime<Utc>, minutes: i64) -> Option<bool> {
        let day_before = back(at, TimeDelta::hours(24));
        let spans = self.dose_spans();
        let near = spans.iter().any(|span| {
            let end = span.end.map(|end| forward(end, TimeDelta::minutes(minutes)));
            span.start <= at && end.is_none_or(|end| at <= end)
        });
        let recorded = spans.iter().any(|span| span.start <= at && span.end.is_none_or(|end| end >= day_before));
        (near || recorded).then_some(near)
    }

    fn dose_spans(&self) -> Vec<DoseSpan> {
        let mut spans = Vec::new();
        // Several statements about one occurrence are one dose; the last one tells whether it ended.
        let mut by_occurrence = BTreeMap::new();
        for entry in &self.entries {
            let at = entry.times.happened.at;
            match &entry.body {
                EntryBody::Administration(administration) => {
                    let Some(span) = dose_span(administration, at) else { continue };
                    match entry.occurrence {
                        Some(occurrence) => {
                            let known =
                                by_occurrence.entry(occurrence).or_insert(DoseSpan { start: span.start, end: None });
                            known.start = known.start.min(span.start);
                            known.end = span.end;
                        }
                        None => spans.push(span),
                    }
                }
                EntryBody::StepDone {
                    step: StepKey::Flush | StepKey::Lock | StepKey::Connect | StepKey::Infuse,
                    ..
                } => {
                    spans.push(DoseSpan { start: at, end: Some(at) });
                }
                EntryBody::PumpEvent(PumpEvent {
                    kind:
                        PumpEventKind::Started | PumpEventKind::Stopped | PumpEventKind::Completed | PumpEventKind::Progress,
                    ..
                }) => spans.push(DoseSpan { start: at, end: Some(at) }),
                EntryBody::StepDone { .. }
                | EntryBody::Symptom(_)
                | EntryBody::Vital(_)
                | EntryBody::SiteCheck { .. }
                | EntryBody::Note { .. }
                | EntryBody::Photo { .. }
                | EntryBody::Question(_)
                | EntryBody::Message(_)
                | EntryBody::PumpEvent(_)
                | EntryBody::Advice(_)
                | EntryBody::ClockJump { .. }
                | EntryBody::PlanChanged { .. } => {}
            }
        }
        spans.extend(by_occurrence.into_values());
        spans
    }
}

fn dose_span(administration: &Administration, at: DateTime<Utc>) -> Option<DoseSpan> {
    let start = administration.started_at.unwrap_or(at);
    match administration.status {
        AdministrationStatus::Skipped => None,
        AdministrationStatus::InProgress | AdministrationStatus::Unknown => {
            Some(DoseSpan { start, end: administration.ended_at })
        }
        AdministrationStatus::Completed | AdministrationStatus::Partial | AdministrationStatus::Stopped => {
            Some(DoseSpan { start, end: Some(administration.ended_at.unwrap_or(at)) })
        }
    }
}

pub(super) fn back(at: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
    at.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

fn forward(at: DateTime<Utc>, span: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
