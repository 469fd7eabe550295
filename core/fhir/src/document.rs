//! The visit report as a FHIR document: a Bundle whose first entry is a Composition,
//! <https://hl7.org/fhir/R4/documents.html>.
//!
//! The sections carry their text as a page does, and the journal entries behind it as the same resources that the care
//! team's server gets. The document stands alone: what it names and does not hold becomes a link to the server, or a
//! logical reference where no server is known.
//!
//! Codes: LOINC 51855-5 "Patient Note" is in R4's value set `c80-doc-typecodes`; the codes of sections are in
//! `doc-section-codes`. A section without a fitting code has none.

use crate::datatype::{CodeableConcept, Coding, HumanName, Identifier, Period, Reference};
use crate::journal::{ExportContext, entry_to_resource};
use crate::resource::{
    Bundle, BundleEntry, Composition, CompositionEvent, CompositionSection, Device, DeviceName, Narrative, Patient,
    RelatedPerson,
};
use crate::{date_time, url};
use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use homeline_model::{AttachmentId, Author, AuthorRole, CarePlan, Entry, EntryId, PersonId};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// What kind of section it is, as far as a code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionCode {
    /// LOINC 29549-3, medication administered.
    MedicationAdministered,
    /// LOINC 8716-3, vital signs.
    VitalSigns,
    /// LOINC 46264-8, history of medical device use.
    MedicalDevices,
}

impl SectionCode {
    fn loinc(self) -> &'static str {
        match self {
            Self::MedicationAdministered => "29549-3",
            Self::VitalSigns => "8716-3",
            Self::MedicalDevices => "46264-8",
        }
    }
}

/// One section of the report.
#[derive(Debug, Clone)]
pub struct DocumentSection {
    /// Heading.
    pub title: String,
    /// What kind of section; `None` is known by its heading alone.
    pub code: Option<SectionCode>,
    /// The text: XHTML that stands inside of a `div`.
    pub narrative: String,
    /// The journal's entries behind it. Those that are no resource are passed over: they stand in the text.
    pub entries: Vec<EntryId>,
}

/// A visit report.
#[derive(Debug, Clone)]
pub struct VisitDocument<'a> {
    /// The document's own id.
    pub id: Uuid,
    /// Its title.
    pub title: &'a str,
    /// When it was written.
    pub written_at: DateTime<FixedOffset>,
    /// The instants of its days: from, and until.
    pub period: (DateTime<Utc>, DateTime<Utc>),
    /// The plan: who the patient is, and the names of drugs.
    pub plan: &'a CarePlan,
    /// Who writes it.
    pub author: &'a Author,
    /// The base of the care team's server; `None` when there is none yet.
    pub server: Option<&'a str>,
    /// Its sections, in reading order.
    pub sections: Vec<DocumentSection>,
    /// The entries that sections name, with nothing that nobody agreed to show.
    pub entries: &'a [Entry],
    /// The opened pictures of these entries.
    pub photos: &'a [(AttachmentId, &'a [u8])],
}

/// The document as JSON. A private entry among the entries is in it: whoever lists it has the patient's consent.
pub fn visit_document(document: &VisitDocument<'_>) -> Result<String, serde_json::Error> {
    let mut parts = Parts::new(document.server);
    let patient = parts.add("Patient", document.plan.patient.id.as_str(), document.id, &patient(document.plan))?;
    let mut authors = vec![];
    match document.author.role {
        AuthorRole::Patient => authors.push(patient.clone()),
        AuthorRole::Caregiver => {
            if let Some(person) = &document.author.person {
                let helper = related_person(document, person);
                authors.push(parts.add("RelatedPerson", person.as_str(), document.id, &helper)?);
            }
        }
        AuthorRole::CareTeam | AuthorRole::Device | AuthorRole::App => {}
    }
    authors.push(parts.add("Device", "homeline", document.id, &program())?);

    let wanted: BTreeSet<EntryId> = document.sections.iter().flat_map(|section| section.entries.clone()).collect();
    let mut written: HashMap<EntryId, Reference> = HashMap::new();
    for entry in document.entries.iter().filter(|entry| wanted.contains(&entry.id)) {
        if let Some(reference) = entry_part(&mut parts, document, entry)? {
            written.insert(entry.id, reference);
        }
    }
    let composition = composition(document, patient, authors, &written);
    parts.first("Composition", &document.id.to_string(), &composition)?;
    let bundle = Bundle {
        r#type: Some("document".to_owned()),
        timestamp: Some(document.written_at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        identifier: Some(identifier(document.id)),
        entry: parts.into_entries(),
        ..Bundle::with_id(document.id.to_string())
    };
    serde_json::to_string(&bundle)
}

fn identifier(id: Uuid) -> Identifier {
    Identifier { system: Some(url::REPORT_ID.to_owned()), value: Some(id.to_string()), ..Identifier::default() }
}

fn composition(
    document: &VisitDocument<'_>,
    patient: Reference,
    authors: Vec<Reference>,
    written: &HashMap<EntryId, Reference>,
) -> Composition {
    let loinc = |code: &str| Coding::new(url::LOINC, code);
    let section = |section: &DocumentSection| CompositionSection {
        title: Some(section.title.clone()),
        code: section
            .code
            .map(|code| CodeableConcept { coding: vec![loinc(code.loinc())], ..CodeableConcept::default() }),
        text: Some(Narrative {
            // Most of it is in the entries as well, and not all: footnotes, counts and charts are text alone.
            status: Some("additional".to_owned()),
            div: Some(format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>", section.narrative)),
            ..Narrative::default()
        }),
        entry: section.entries.iter().filter_map(|entry| written.get(entry).cloned()).collect(),
        ..CompositionSection::default()
    };
    let (from, until) = document.period;
    Composition {
        identifier: Some(identifier(document.id)),
        status: Some("final".to_owned()),
        r#type: Some(CodeableConcept {
            coding: vec![Coding::with_display(url::LOINC, "51855-5", "Patient Note")],
            text: Some("Visit report".to_owned()),
            ..CodeableConcept::default()
        }),
        subject: Some(patient),
        date: Some(document.written_at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        title: Some(document.title.to_owned()),
        author: authors,
        event: vec![CompositionEvent {
            period: Some(Period {
                start: Some(date_time::of_instant(from)),
                end: Some(date_time::of_instant(until)),
                ..Period::default()
            }),
            ..CompositionEvent::default()
        }],
        section: document.sections.iter().map(section).collect(),
        ..Composition::with_id(document.id.to_string())
    }
}

fn patient(plan: &CarePlan) -> Patient {
    let patient = &plan.patient;
    Patient {
        name: vec![HumanName { text: Some(patient.name.clone()), ..HumanName::default() }],
        gender: patient.gender.clone(),
        birth_date: patient.birth_date.map(|born| born.to_string()),
        ..Patient::with_id(patient.id.as_str())
    }
}

fn related_person(document: &VisitDocument<'_>, person: &PersonId) -> RelatedPerson {
    RelatedPerson {
        patient: Some(Reference::to("Patient", &document.plan.patient.id)),
        name: vec![HumanName { text: Some(document.author.name.clone()), ..HumanName::default() }],
        ..RelatedPerson::with_id(person.as_str())
    }
}

/// Homeline itself: it put the document together.
fn program() -> Device {
    Device {
        device_name: vec![DeviceName {
            name: Some("Homeline".to_owned()),
            r#type: Some("other".to_owned()),
            ..DeviceName::default()
        }],
        ..Device::with_id("homeline")
    }
}

/// The resource of an entry; `None` for one that has none. An entry that FHIR cannot hold stands in the text alone.
fn entry_part(
    parts: &mut Parts<'_>,
    document: &VisitDocument<'_>,
    entry: &Entry,
) -> Result<Option<Reference>, serde_json::Error> {
    // The newest wording alone: what it corrects is no part of a report, and its reader has no use for the trace.
    let newest = Entry { amends: None, private: false, ..entry.clone() };
    let context = ExportContext { plan: Some(document.plan), photos: document.photos, ..ExportContext::default() };
    let Ok(outgoing) = entry_to_resource(&newest, &context) else { return Ok(None) };
    let mut picture = None;
    for resource in outgoing {
        let mut json: Value = serde_json::from_str(&resource.json)?;
        if resource.resource_type == "Binary" {
            picture = json.get("data").cloned();
            continue;
        }
        // A document holds its pictures: there is no server from which to fetch them.
        if let (Some(data), Some(attachment)) = (picture.take(), json.pointer_mut("/content/0/attachment")) {
            attachment["data"] = data;
            if let Value::Object(fields) = attachment {
                fields.remove("url");
            }
        }
        return parts.add(&resource.resource_type, &resource.id.to_string(), document.id, &json).map(Some);
    }
    Ok(None)
}

/// The parts of a document, each under its full URL.
struct Parts<'a> {
    server: Option<&'a str>,
    /// Full URLs by `Type/id`.
    urls: HashMap<String, String>,
    parts: Vec<(String, Value)>,
}

impl<'a> Parts<'a> {
    fn new(server: Option<&'a str>) -> Self {
        Self { server, urls: HashMap::new(), parts: Vec::new() }
    }

    /// Adds a resource and says how others name it. `space` makes a UUID of an id that is none.
    fn add(
        &mut self,
        kind: &str,
        id: &str,
        space: Uuid,
        resource: &impl serde::Serialize,
    ) -> Result<Reference, serde_json::Error> {
        let name = format!("{kind}/{id}");
        let uuid = Uuid::parse_str(id).unwrap_or_else(|_| Uuid::new_v5(&space, name.as_bytes()));
        let url = format!("urn:uuid:{uuid}");
        self.urls.insert(name, url.clone());
        self.parts.push((url.clone(), serde_json::to_value(resource)?));
        Ok(Reference { reference: Some(url), ..Reference::default() })
    }

    /// Puts a resource before all others.
    fn first(&mut self, kind: &str, id: &str, resource: &impl serde::Serialize) -> Result<(), serde_json::Error> {
        let url = format!("urn:uuid:{id}");
        self.urls.insert(format!("{kind}/{id}"), url.clone());
        self.parts.insert(0, (url, serde_json::to_value(resource)?));
        Ok(())
    }

    fn into_entries(self) -> Vec<BundleEntry> {
        let Self { server, urls, parts } = self;
        parts
            .into_iter()
            .map(|(full_url, mut resource)| {
                stand_alone(&mut resource, &urls, server);
                BundleEntry { full_url: Some(full_url), resource: Some(resource), ..BundleEntry::default() }
            })
            .collect()
    }
}

/// Makes every reference one that can be followed, or one that says that it cannot.
fn stand_alone(value: &mut Value, urls: &HashMap<String, String>, server: Option<&str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("reference").cloned() {
                let current = reference.split_once("/_history/").map_or(reference.as_str(), |(current, _)| current);
                let absolute = reference.starts_with('#') || reference.contains(':');
                match (urls.get(current), server) {
                    _ if absolute => {}
                    (Some(url), _) => {
                        fields.insert("reference".to_owned(), url.clone().into());
                    }
                    (None, Some(server)) => {
                        let server = server.trim_end_matches('/');
                        fields.insert("reference".to_owned(), format!("{server}/{reference}").into());
                    }
                    (None, None) => {
                        fields.remove("reference");
                        if let Some((kind, id)) = current.split_once('/') {
                            fields.insert("type".to_owned(), kind.into());
                            fields.entry("identifier").or_insert_with(|| serde_json::json!({ "value": id }));
                        }
                    }
                }
            }
            fields.values_mut().for_each(|value| stand_alone(value, urls, server));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| stand_alone(value, urls, server)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_document_holds_is_named_by_its_full_url_and_what_it_does_not_hold_by_the_server() {
        let urls = HashMap::from([("Patient/p1".to_owned(), "urn:uuid:1".to_owned())]);
        let resource = || {
            json!({ "subject": { "reference": "Patient/p1/_history/3" },
                    "basedOn": [{ "reference": "MedicationRequest/vanco/_history/2", "display": "Vancomycin" }],
                    "part": { "reference": "#inside" }, "other": { "reference": "https://elsewhere.example/Patient/p1" } })
        };
        let mut with_server = resource();
        stand_alone(&mut with_server, &urls, Some("https://fhir.example.org/r4/"));
        assert_eq!(with_server["subject"]["reference"], "urn:uuid:1");
        assert_eq!(
            with_server["basedOn"][0]["reference"],
            "https://fhir.example.org/r4/MedicationRequest/vanco/_history/2"
        );
        assert_eq!(with_server["part"]["reference"], "#inside");
        assert_eq!(with_server["other"]["reference"], "https://elsewhere.example/Patient/p1");
        let mut alone = resource();
        stand_alone(&mut alone, &urls, None);
        assert_eq!(
            alone["basedOn"][0],
            json!({ "type": "MedicationRequest", "identifier": { "value": "vanco" }, "display": "Vancomycin" })
        );
    }
}
