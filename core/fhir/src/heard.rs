//! What anybody observed: `Observation` and `QuestionnaireResponse` of any sender, with their times, as entries for the
//! rules. Journal entries of ours are read as what they are (`resource_to_entry`).
//!
//! Vital signs are known by LOINC; symptoms and site findings by our own keys (system `observed`, a `linkId`, or words),
//! which the caller knows: the list is the clinic's. What no rule can read is listed with its reason and is no entry.
//! A "no" is an answer; what was not answered gives nothing.

use crate::datatype::{CodeableConcept, Coding, Quantity, Reference};
use crate::fault::{Fault, at, inside, read_resource};
use crate::journal::{EntryContext, EntryError, resource_to_entry};
use crate::read::quantity::quantity;
use crate::resource::{
    Observation, ObservationComponent, QuestionnaireAnswer, QuestionnaireResponse, QuestionnaireResponseItem,
    ResourceHead,
};
use crate::{number, url};
use chrono::{DateTime, FixedOffset};
use homeline_model::{
    Author, AuthorRole, Entry, EntryBody, EntryId, EntryTimes, Happened, Quantity as Amount, Severity, SiteFinding,
    Source, Symptom, TimeBasis, Uuid, Vital, VitalKind,
};
use serde_json::Value;
use serde_json::value::RawValue;

/// What a key or a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A symptom, by its key.
    Symptom(String),
    /// A site finding, by its key.
    Finding(String),
    /// A vital sign.
    Vital(VitalKind),
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heard {
    /// In the order of the input.
    pub entries: Vec<Entry>,
    /// Resources and items that gave no entry, each with the reason.
    pub passed_over: Vec<Fault>,
}

/// LOINC codes of the vital signs that rules read.
const LOINC: &[(&str, VitalKind)] = &[
    ("8310-5", VitalKind::Temperature),
    ("8331-1", VitalKind::Temperature),
    ("8328-7", VitalKind::Temperature),
    ("8329-5", VitalKind::Temperature),
    ("8332-9", VitalKind::Temperature),
    ("8333-7", VitalKind::Temperature),
    ("75539-7", VitalKind::Temperature),
    ("8867-4", VitalKind::Pulse),
    ("8889-8", VitalKind::Pulse),
    ("8480-6", VitalKind::SystolicBloodPressure),
    ("8462-4", VitalKind::DiastolicBloodPressure),
    ("2708-6", VitalKind::OxygenSaturation),
    ("59408-5", VitalKind::OxygenSaturation),
    ("9279-1", VitalKind::RespiratoryRate),
    ("29463-7", VitalKind::Weight),
    ("3141-9", VitalKind::Weight),
    ("2339-0", VitalKind::Glucose),
    ("2345-7", VitalKind::Glucose),
    ("2340-8", VitalKind::Glucose),
    ("32016-8", VitalKind::Glucose),
    ("41653-7", VitalKind::Glucose),
    ("14743-9", VitalKind::Glucose),
    ("15074-8", VitalKind::Glucose),
    ("72514-3", VitalKind::Pain),
    ("38208-5", VitalKind::Pain),
];

/// Reads a resource, an array of resources, a Bundle, or one resource after another (NDJSON).
///
/// `meaning` says what a key or a name stands for. Errors, with the place in the input, when it is no JSON, or when a
/// resource that should give an entry cannot be read: nothing of it is guessed.
pub fn read_heard(
    json: &str,
    context: &EntryContext<'_>,
    meaning: impl Fn(&str) -> Option<Meaning>,
) -> Result<Heard, Fault> {
    let mut heard = Heard::default();
    let mut reader = Reader { context, meaning: &meaning, heard: &mut heard };
    for (index, value) in serde_json::Deserializer::from_str(json).into_iter::<Box<RawValue>>().enumerate() {
        let value = value.map_err(|error| {
            Fault::at("entries", format!("are not valid JSON at line {}, column {}", error.line(), error.column()))
        })?;
        let path = if index == 0 { "entries".to_owned() } else { format!("entries[{index}]") };
        reader.document(&value, &path)?;
    }
    Ok(heard)
}

struct Reader<'a, M> {
    context: &'a EntryContext<'a>,
    meaning: &'a M,
    heard: &'a mut Heard,
}

/// When something was observed, and in which resource.
struct Observed<'a> {
    path: &'a str,
    at: DateTime<FixedOffset>,
}

impl<M: Fn(&str) -> Option<Meaning>> Reader<'_, M> {
    fn document(&mut self, raw: &RawValue, path: &str) -> Result<(), Fault> {
        if let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            for (index, one) in list.into_iter().enumerate() {
                self.document(one, &format!("{path}[{index}]"))?;
            }
            return Ok(());
        }
        let head: ResourceHead = serde_json::from_str(raw.get()).unwrap_or_default();
        if head.resource_type.as_deref() == Some("Bundle") {
            let bundle: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            for (index, entry) in bundle.get("entry").and_then(Value::as_array).into_iter().flatten().enumerate() {
                if let Some(resource) = entry.get("resource") {
                    self.resource(&resource.to_string(), &at(path, "entry", index))?;
                }
            }
            return Ok(());
        }
        self.resource(raw.get(), path)
    }

    fn resource(&mut self, json: &str, path: &str) -> Result<(), Fault> {
        let placed = |fault: Fault| Fault::at(inside(path, &fault.field), fault.reason);
        match resource_to_entry(json, self.context) {
            Ok(Some(entry)) => {
                self.heard.entries.push(entry);
                return Ok(());
            }
            Ok(None) => {}
            Err(EntryError::Unreadable(fault)) => return Err(placed(fault)),
            Err(EntryError::OtherPatient) => {
                return Err(Fault::at(inside(path, "subject"), "points to another patient than the plan's"));
            }
            Err(EntryError::NotJson { .. }) => return Err(Fault::at(path, "is not a FHIR resource")),
        }
        let head: ResourceHead = serde_json::from_str(json).unwrap_or_default();
        match head.resource_type.as_deref() {
            Some("Observation") => self.observation(&read_resource(json).map_err(placed)?, path),
            Some("QuestionnaireResponse") => self.response(&read_resource(json).map_err(placed)?, path),
            Some(other) => {
                let plain: String = other.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
                self.pass_over(path, &format!("a {plain} that is no journal entry is not read"));
                Ok(())
            }
            None => Err(Fault::at(inside(path, "resourceType"), "is missing: each entry is a FHIR resource")),
        }
    }

    /// What is about somebody else is not judged by this plan. A subject that is not named is the plan's patient.
    fn of_patient(&self, subject: Option<&Reference>, path: &str) -> Result<(), Fault> {
        match subject.and_then(Reference::target) {
            Some(("Patient", id)) if id != self.context.patient.as_str() => {
                Err(Fault::at(inside(path, "subject"), "points to another patient than the plan's"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn pass_over(&mut self, path: &str, reason: &str) {
        self.heard.passed_over.push(Fault::at(path, reason));
    }

    fn push(&mut self, observed: &Observed<'_>, part: &str, body: EntryBody) {
        let name = format!("https://homeline.example/heard/{}/{part}", observed.path);
        let times = EntryTimes {
            happened: Happened {
                at: observed.at.to_utc(),
                zone: self.context.zone.clone(),
                offset_seconds: observed.at.offset().local_minus_utc(),
                basis: TimeBasis::Typed,
            },
            recorded_at: observed.at.to_utc(),
            device_clock: None,
        };
        self.heard.entries.push(Entry {
            id: EntryId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())),
            patient: self.context.patient.clone(),
            author: Author { role: AuthorRole::Patient, person: None, name: String::new() },
            source: Source::ByHand,
            times,
            order: None,
            occurrence: None,
            infusion: None,
            amends: None,
            private: false,
            body,
        });
    }

    fn observation(&mut self, observation: &Observation, path: &str) -> Result<(), Fault> {
        if is_void(observation.status.as_deref()) {
            return Ok(());
        }
        self.of_patient(observation.subject.as_ref(), path)?;
        let period = observation.effective_period.as_ref().and_then(|period| period.start.as_deref());
        let when = observation.effective_date_time.as_deref().or(period).or(observation.issued.as_deref());
        let observed = Observed { path, at: instant(when, &inside(path, "effectiveDateTime"))? };
        let mut findings = Vec::new();
        let mut understood = false;
        for (index, component) in observation.component.iter().enumerate() {
            let path = at(path, "component", index);
            understood |= self.component(component, &observed, &path, &mut findings)?;
        }
        match self.meaning_of(observation.code.as_ref()) {
            Some(Meaning::Vital(vital)) => {
                understood = true;
                if let Some(value) = &observation.value_quantity {
                    let value = quantity(value, &inside(path, "valueQuantity"))?;
                    self.push(&observed, "value", EntryBody::Vital(Vital { vital, value }));
                } else if let Some(value) = observation.value_integer {
                    let value = plain_number(vital, value.into(), &inside(path, "valueInteger"))?;
                    self.push(&observed, "value", EntryBody::Vital(Vital { vital, value }));
                }
            }
            Some(Meaning::Symptom(symptom)) => {
                understood = true;
                let said = answer(observation.value_boolean, observation.value_codeable_concept.as_ref());
                let severity = observation.component.iter().find_map(|component| {
                    let concept = component.value_codeable_concept.as_ref()?;
                    concept.coding.iter().filter_map(|coding| coding.code.as_deref()).find_map(severity_of)
                });
                // An observation of a symptom with no value says that it was seen, unless it says that it was not asked.
                let (present, of_value) = match said {
                    Some(said) => said,
                    None if observation.data_absent_reason.is_some() => return Ok(()),
                    None => (true, None),
                };
                let severity = severity.or(of_value);
                let body = EntryBody::Symptom(Symptom { symptom, present, severity, note: None });
                self.push(&observed, "symptom", body);
            }
            Some(Meaning::Finding(finding)) => {
                understood = true;
                let said = answer(observation.value_boolean, observation.value_codeable_concept.as_ref());
                if observation.data_absent_reason.is_none() {
                    findings.push(SiteFinding { finding, present: said.is_none_or(|(present, _)| present) });
                }
            }
            None => {}
        }
        if !findings.is_empty() {
            self.push(
                &observed,
                "site",
                EntryBody::SiteCheck { findings, photos: Vec::new(), site: None, length: None },
            );
        }
        if !understood {
            self.pass_over(&inside(path, "code"), "is no vital sign, symptom or site finding that rules know");
        }
        Ok(())
    }

    /// Whether rules know the component.
    fn component(
        &mut self,
        component: &ObservationComponent,
        observed: &Observed<'_>,
        path: &str,
        findings: &mut Vec<SiteFinding>,
    ) -> Result<bool, Fault> {
        match self.meaning_of(component.code.as_ref()) {
            Some(Meaning::Vital(vital)) => {
                if let Some(value) = &component.value_quantity {
                    let value = quantity(value, &inside(path, "valueQuantity"))?;
                    self.push(observed, path, EntryBody::Vital(Vital { vital, value }));
                }
            }
            Some(Meaning::Finding(finding)) => {
                let said = answer(component.value_boolean, component.value_codeable_concept.as_ref());
                findings.extend(said.map(|(present, _)| SiteFinding { finding, present }));
            }
            Some(Meaning::Symptom(symptom)) => {
                if let Some((present, severity)) =
                    answer(component.value_boolean, component.value_codeable_concept.as_ref())
                {
                    let body = EntryBody::Symptom(Symptom { symptom, present, severity, note: None });
                    self.push(observed, path, body);
                }
            }
            None => return Ok(false),
        }
        Ok(true)
    }

    fn meaning_of(&self, concept: Option<&CodeableConcept>) -> Option<Meaning> {
        let concept = concept?;
        let by_loinc = |coding: &Coding| {
            let code = coding.code.as_deref().filter(|_| coding.system.as_deref() == Some(url::LOINC))?;
            LOINC.iter().find(|(known, _)| *known == code).map(|(_, vital)| Meaning::Vital(*vital))
        };
        concept
            .coding
            .iter()
            .find_map(by_loinc)
            .or_else(|| (self.meaning)(concept.code_in(url::OBSERVED)?))
            .or_else(|| (self.meaning)(concept.words()?))
    }

    fn response(&mut self, response: &QuestionnaireResponse, path: &str) -> Result<(), Fault> {
        if is_void(response.status.as_deref()) {
            return Ok(());
        }
        self.of_patient(response.subject.as_ref(), path)?;
        let observed = Observed { path, at: instant(response.authored.as_deref(), &inside(path, "authored"))? };
        let mut findings = Vec::new();
        self.items(&response.item, &observed, path, &mut findings)?;
        if !findings.is_empty() {
            self.push(
                &observed,
                "site",
                EntryBody::SiteCheck { findings, photos: Vec::new(), site: None, length: None },
            );
        }
        Ok(())
    }

    fn items(
        &mut self,
        items: &[QuestionnaireResponseItem],
        observed: &Observed<'_>,
        path: &str,
        findings: &mut Vec<SiteFinding>,
    ) -> Result<(), Fault> {
        for (index, item) in items.iter().enumerate() {
            let path = at(path, "item", index);
            for (index, answer) in item.answer.iter().enumerate() {
                let path = at(&path, "answer", index);
                self.item_answer(item, answer, observed, &path, findings)?;
                self.items(&answer.item, observed, &path, findings)?;
            }
            self.items(&item.item, observed, &path, findings)?;
        }
        Ok(())
    }

    fn item_answer(
        &mut self,
        item: &QuestionnaireResponseItem,
        answer: &QuestionnaireAnswer,
        observed: &Observed<'_>,
        path: &str,
        findings: &mut Vec<SiteFinding>,
    ) -> Result<(), Fault> {
        // "symptom/chills" says it all; a bare last part, or the words of the question, may do too.
        let link = item.link_id.as_deref().unwrap_or_default();
        let last = link.rsplit(['/', '#', '.']).next().unwrap_or_default();
        let is_number =
            answer.value_quantity.is_some() || answer.value_integer.is_some() || answer.value_decimal.is_some();
        // "pain" is a symptom, a finding and a vital sign: a number is the vital sign.
        let asked = Some(format!("vital/{last}"))
            .filter(|_| is_number)
            .and_then(|name| (self.meaning)(&name))
            .or_else(|| (self.meaning)(link))
            .or_else(|| (self.meaning)(last))
            .or_else(|| (self.meaning)(item.text.as_deref()?));
        let chosen = answer.value_coding.as_ref();
        let said = said(answer.value_boolean, chosen);
        match (asked, said) {
            (Some(Meaning::Symptom(symptom)), Some((present, severity))) => {
                let body = EntryBody::Symptom(Symptom { symptom, present, severity, note: None });
                self.push(observed, path, body);
            }
            (Some(Meaning::Finding(finding)), Some((present, _))) => findings.push(SiteFinding { finding, present }),
            (Some(Meaning::Vital(vital)), _) => {
                let value = match (&answer.value_quantity, &answer.value_integer, &answer.value_decimal) {
                    (Some(value), _, _) => self.vital_quantity(vital, value, &inside(path, "valueQuantity"))?,
                    (None, Some(value), _) => plain_number(vital, (*value).into(), &inside(path, "valueInteger"))?,
                    (None, None, Some(value)) => {
                        let path = inside(path, "valueDecimal");
                        plain_number(vital, number::decimal(value, &path)?, &path)?
                    }
                    (None, None, None) => {
                        self.pass_over(path, "has no number for a vital sign");
                        return Ok(());
                    }
                };
                self.push(observed, path, EntryBody::Vital(Vital { vital, value }));
            }
            // "Which of these do you have?": what was chosen is there.
            (None | Some(_), _) => match chosen.and_then(|coding| self.meaning_of_choice(coding)) {
                Some(Meaning::Symptom(symptom)) => {
                    let body = EntryBody::Symptom(Symptom { symptom, present: true, severity: None, note: None });
                    self.push(observed, path, body);
                }
                Some(Meaning::Finding(finding)) => findings.push(SiteFinding { finding, present: true }),
                Some(Meaning::Vital(_)) | None => {
                    self.pass_over(path, "answers nothing that rules know");
                }
            },
        }
        Ok(())
    }

    fn meaning_of_choice(&self, coding: &Coding) -> Option<Meaning> {
        let by_key = coding.code.as_deref().and_then(|code| (self.meaning)(code));
        by_key.or_else(|| (self.meaning)(coding.display.as_deref()?))
    }

    /// A quantity; one without any unit is taken only where the vital sign has just one.
    fn vital_quantity(&self, vital: VitalKind, value: &Quantity, path: &str) -> Result<Amount, Fault> {
        match (&value.value, &value.unit, &value.code) {
            (Some(number), None, None) => plain_number(vital, number::decimal(number, path)?, path),
            (_, _, _) => quantity(value, path),
        }
    }
}

/// What was entered by mistake, or never done, says nothing.
fn is_void(status: Option<&str>) -> bool {
    matches!(status, Some("entered-in-error" | "cancelled"))
}

fn instant(text: Option<&str>, path: &str) -> Result<DateTime<FixedOffset>, Fault> {
    let text = text.ok_or_else(|| Fault::at(path, "is missing: rules need to know when it was"))?;
    DateTime::parse_from_rfc3339(text)
        .map_err(|_| Fault::at(path, "must be an instant with its offset, such as 2026-11-23T08:00:00-06:00"))
}

/// A number without a unit, where the vital sign has only one.
fn plain_number(vital: VitalKind, value: homeline_model::Decimal, path: &str) -> Result<Amount, Fault> {
    let code = match vital {
        VitalKind::Pain => "{score}",
        VitalKind::Pulse | VitalKind::RespiratoryRate => "/min",
        VitalKind::SystolicBloodPressure | VitalKind::DiastolicBloodPressure => "mm[Hg]",
        VitalKind::OxygenSaturation => "%",
        VitalKind::Temperature | VitalKind::Weight | VitalKind::Glucose => {
            return Err(Fault::at(path, "needs its unit: this vital sign has more than one"));
        }
    };
    Ok(Amount::new(value, code))
}

fn severity_of(code: &str) -> Option<Severity> {
    match code {
        "mild" => Some(Severity::Mild),
        "moderate" => Some(Severity::Moderate),
        "severe" => Some(Severity::Severe),
        _ => None,
    }
}

/// Yes or no with the severity, as a boolean or a code says it; `None` is not answered.
fn answer(boolean: Option<bool>, concept: Option<&CodeableConcept>) -> Option<(bool, Option<Severity>)> {
    let coded = concept.into_iter().flat_map(|concept| &concept.coding).find_map(|coding| said(None, Some(coding)));
    boolean.map(|present| (present, None)).or(coded)
}

fn said(boolean: Option<bool>, coding: Option<&Coding>) -> Option<(bool, Option<Severity>)> {
    if let Some(present) = boolean {
        return Some((present, None));
    }
    // HL7's yes/no codes (v2-0136) and our own words.
    match coding?.code.as_deref()? {
        "Y" | "yes" | "present" => Some((true, None)),
        "N" | "no" | "none" | "absent" => Some((false, None)),
        code => severity_of(code).map(|severity| (true, Some(severity))),
    }
}
