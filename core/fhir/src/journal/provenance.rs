//! Which entry corrects which: `Provenance` with `entity.role` `revision`,
//! <https://hl7.org/fhir/R4/provenance.html>. The corrected resource keeps everything but its status.

use super::head;
use crate::datatype::{CodeableConcept, Coding, Reference};
use crate::date_time;
use crate::resource::{Provenance, ProvenanceAgent, ProvenanceEntity};
use crate::url;
use homeline_model::{AuthorRole, CarePlan, Entry, EntryId};
use uuid::Uuid;

/// A caregiver acts for the patient.
fn acts_for(entry: &Entry) -> Option<Reference> {
    (entry.author.role == AuthorRole::Caregiver).then(|| Reference::to("Patient", &entry.patient))
}

/// The Provenance of an amendment. `written` is the type of the new resource; `old_type` that of the corrected one,
/// where it is known.
pub(super) fn write(
    entry: &Entry,
    amends: EntryId,
    written: &str,
    old_type: Option<&str>,
    plan: Option<&CarePlan>,
) -> (Uuid, Provenance) {
    // R4 gives a Provenance no identifier, so its id must be the same at every replay.
    let id = Uuid::new_v5(&entry.id.0, b"provenance");
    let who = head::author(entry, plan).unwrap_or_else(|| Reference::default().named("Homeline"));
    let what = Reference {
        identifier: Some(head::entry_identifier(amends)),
        ..old_type.map(|kind| Reference::to(kind, amends)).unwrap_or_default()
    };
    let provenance = Provenance {
        target: vec![Reference::to(written, entry.id)],
        occurred_date_time: Some(date_time::of_happened(&entry.times.happened)),
        recorded: Some(date_time::of_instant(entry.times.recorded_at)),
        agent: vec![ProvenanceAgent {
            r#type: Some(CodeableConcept {
                coding: vec![Coding::with_display(url::PROVENANCE_PART, "author", "Author")],
                ..CodeableConcept::default()
            }),
            who: Some(who),
            on_behalf_of: acts_for(entry),
            ..ProvenanceAgent::default()
        }],
        entity: vec![ProvenanceEntity {
            role: Some("revision".to_owned()),
            what: Some(what),
            ..ProvenanceEntity::default()
        }],
        ..Provenance::with_id(id.to_string())
    };
    (id, provenance)
}
