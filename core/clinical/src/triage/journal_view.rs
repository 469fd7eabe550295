//! What the journal says, as rules ask for it: the entries of the last days in the order in which they happened, without
//! those that a later entry corrects.
//!
//! An entry that seems to lie in the future (the phone's clock went back) counts as one of now.

use super::rules::LONGEST_HOURS;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{
    Administration, AdministrationStatus, DeviceCheck, Entry, EntryBody, EntryId, PumpEvent, PumpEventKind, Quantity,
    SiteFinding, StepKey, Symptom, Vital, VitalKind,
};
use std::collections::{BTreeMap, HashSet};

/// The journal as seen at one moment: what rules ask for, by kind, oldest first.
#[derive(Default)]
pub(super) struct JournalView<'a> {
    now: DateTime<Utc>,
    symptoms: Vec<(&'a Entry, &'a Symptom)>,
    vitals: Vec<(&'a Entry, &'a Vital)>,
    site_checks: Vec<(&'a Entry, &'a [SiteFinding])>,
    /// Catheter lengths outside of the skin.
    lengths: Vec<(&'a Entry, &'a Quantity)>,
    pump_events: Vec<(&'a Entry, &'a PumpEvent)>,
    device_checks: Vec<(&'a Entry, &'a DeviceCheck)>,
    administrations: Vec<(&'a Entry, &'a Administration)>,
    /// Doses and flushes, each from when to when.
    dose_spans: Vec<DoseSpan>,
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
        // One pass over what may be ten years: corrections are looked for in all of them, the rest only in the last days.
        let mut corrected: HashSet<EntryId> = HashSet::new();
        let mut recent: Vec<&Entry> = Vec::new();
        for entry in entries {
            if let Some(amended) = entry.amends {
                corrected.insert(amended);
            }
            if entry.times.happened.at >= oldest {
                recent.push(entry);
            }
        }
        recent.retain(|entry| !corrected.contains(&entry.id));
        recent.sort_by_key(|entry| entry.times.happened.at);
        let mut view = Self { now, dose_spans: dose_spans(&recent), ..Self::default() };
        for entry in recent {
            match &entry.body {
                EntryBody::Symptom(symptom) if symptom.present => view.symptoms.push((entry, symptom)),
                EntryBody::Vital(vital) => view.vitals.push((entry, vital)),
                EntryBody::SiteCheck { findings, length, .. } => {
                    view.site_checks.push((entry, findings));
                    view.lengths.extend(length.as_ref().map(|length| (entry, length)));
                }
                EntryBody::DeviceCheck(check) => view.device_checks.push((entry, check)),
                EntryBody::PumpEvent(event) => view.pump_events.push((entry, event)),
                EntryBody::Administration(administration) => view.administrations.push((entry, administration)),
                EntryBody::Symptom(_)
                | EntryBody::StepDone { .. }
                | EntryBody::Note { .. }
                | EntryBody::Photo { .. }
                | EntryBody::Question(_)
                | EntryBody::Message(_)
                | EntryBody::Advice(_)
                | EntryBody::ClockJump { .. }
                | EntryBody::PlanChanged { .. }
                | EntryBody::SymptomCourse(_)
                | EntryBody::SitesUsed { .. }
                | EntryBody::DailyCheck(_)
                | EntryBody::Fluid(_)
                | EntryBody::Mood { .. }
                | EntryBody::Form(_)
                | EntryBody::Caregiving(_) => {}
            }
        }
        view
    }

    /// The rows of the span.
    fn since<'v, T>(&self, rows: &'v [(&'a Entry, T)], span: TimeDelta) -> &'v [(&'a Entry, T)] {
        let oldest = back(self.now, span);
        let first = rows.partition_point(|(entry, _)| entry.times.happened.at < oldest);
        rows.get(first..).unwrap_or_default()
    }

    /// Symptoms said to be present.
    pub fn symptoms(&self, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a Symptom)> {
        self.since(&self.symptoms, span).iter().copied()
    }

    /// The catheter lengths of the last `span`.
    pub fn lengths(&self, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a Quantity)> {
        self.since(&self.lengths, span).iter().copied()
    }

    pub fn vitals(&self, kind: VitalKind, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a Vital)> {
        self.since(&self.vitals, span).iter().copied().filter(move |(_, vital)| vital.vital == kind)
    }

    pub fn pump_events(&self, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a PumpEvent)> {
        self.since(&self.pump_events, span).iter().copied()
    }

    pub fn device_checks(&self, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a DeviceCheck)> {
        self.since(&self.device_checks, span).iter().copied()
    }

    pub fn administrations(&self, span: TimeDelta) -> impl Iterator<Item = (&'a Entry, &'a Administration)> {
        self.since(&self.administrations, span).iter().copied()
    }

    /// Yes if any check in the span said so: a later "no" does not take it back. No if one denied it.
    pub fn finding(&self, key: &str, span: TimeDelta) -> Answer<'a> {
        let mut answer = Answer::Unknown;
        for (entry, findings) in self.since(&self.site_checks, span) {
            for SiteFinding { finding, present } in *findings {
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
        let spans = &self.dose_spans;
        let near = spans.iter().any(|span| {
            let end = span.end.map(|end| forward(end, TimeDelta::minutes(minutes)));
            span.start <= at && end.is_none_or(|end| at <= end)
        });
        let recorded = spans.iter().any(|span| span.start <= at && span.end.is_none_or(|end| end >= day_before));
        (near || recorded).then_some(near)
    }
}

fn dose_spans(entries: &[&Entry]) -> Vec<DoseSpan> {
    let mut spans = Vec::new();
    // Several statements about one occurrence are one dose; the last one tells whether it ended.
    let mut by_occurrence = BTreeMap::new();
    for entry in entries {
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
                step: StepKey::Flush | StepKey::Lock | StepKey::Connect | StepKey::Infuse, ..
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
            | EntryBody::DeviceCheck(_)
            | EntryBody::ClockJump { .. }
            | EntryBody::PlanChanged { .. }
            | EntryBody::SymptomCourse(_)
            | EntryBody::SitesUsed { .. }
            | EntryBody::DailyCheck(_)
            | EntryBody::Fluid(_)
            | EntryBody::Mood { .. }
            | EntryBody::Form(_)
            | EntryBody::Caregiving(_) => {}
        }
    }
    spans.extend(by_occurrence.into_values());
    spans
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
