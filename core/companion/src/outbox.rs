//! From an entry to what waits for the care team: FHIR resources in the lane that fits.

use crate::error::{ErrorKind, HomelineError};
use chrono::{DateTime, Utc};
use homeline_fhir::{ExportContext, entry_to_resource};
use homeline_model::{
    AdviceLevel, AttachmentId, CarePlan, Caregiving, Entry, EntryBody, EntryId, InfusionMoment, PumpEventKind,
};
use homeline_vault::{Lane, NewOutboxItem};

/// The resources of one entry. `amended` is the entry that it corrects; `photo` its opened picture; `infusion` where in a
/// dose they were noticed.
pub(crate) fn items(
    entry: &Entry,
    amended: Option<&Entry>,
    photo: Option<(AttachmentId, &[u8])>,
    infusion: &[(EntryId, InfusionMoment)],
    plan: &CarePlan,
    now: DateTime<Utc>,
) -> Result<Vec<NewOutboxItem>, HomelineError> {
    let photos: Vec<(AttachmentId, &[u8])> = photo.into_iter().collect();
    let context =
        ExportContext { plan: Some(plan), care_team: None, amended, photos: &photos, infusion, outcome: None };
    let resources = entry_to_resource(entry, &context).map_err(|error| {
        HomelineError::new(ErrorKind::Internal, "fhir.export", error.to_string(), "Nothing half-done was kept.")
    })?;
    Ok(resources
        .into_iter()
        .map(|resource| NewOutboxItem {
            lane: lane(entry),
            entry: Some(entry.id),
            resource_type: resource.resource_type,
            resource_id: resource.id.to_string(),
            payload: resource.json,
            queued_at: now,
        })
        .collect())
}

/// What somebody must see soon does not wait behind pictures: messages, advice to call, pump alarms.
fn lane(entry: &Entry) -> Lane {
    match &entry.body {
        EntryBody::Message(_) => Lane::Safety,
        EntryBody::Advice(advice) if advice.level >= AdviceLevel::CallNow => Lane::Safety,
        EntryBody::PumpEvent(event) if matches!(event.kind, PumpEventKind::AlarmRaised { .. }) => Lane::Safety,
        EntryBody::Administration(_)
        | EntryBody::StepDone { .. }
        | EntryBody::Symptom(_)
        | EntryBody::Vital(_)
        | EntryBody::SiteCheck { .. }
        | EntryBody::Note { .. }
        | EntryBody::Photo { .. }
        | EntryBody::Question(_)
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
        | EntryBody::Form(_) => Lane::Ordinary,
        // Whoever was asked, and whoever rings at night, waits for it.
        EntryBody::Caregiving(act) => match act {
            Caregiving::AlarmTaken
            | Caregiving::Asked(_)
            | Caregiving::Answered { .. }
            | Caregiving::Settled { .. } => Lane::Safety,
            Caregiving::Viewed { .. } => Lane::Ordinary,
        },
    }
}
