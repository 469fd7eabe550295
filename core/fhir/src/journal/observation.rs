//! Everything at home that is seen, felt or done: `Observation`, <https://hl7.org/fhir/R4/observation.html>.

use super::{
    administration, amount, caregiving, device_check, head, key_of, note, note_of, observed, of_amount, pump_event,
    vital, words,
};
use crate::datatype::{CodeableConcept, Coding, Identifier, Reference};
use crate::date_time;
use crate::fault::{Fault, at};
use crate::read::code;
use crate::resource::{Observation, ObservationComponent};
use crate::url;
use homeline_model::{
    Advice, AdviceLevel, AttachmentId, CarePlan, DailyCheck, Decimal, Entry, EntryBody, EntryId, EntryKind, Fluid,
    FluidDirection, Quantity, Question, Severity, SiteFinding, StepKey, Symptom, SymptomCourse,
};
use std::str::FromStr;

/// An observation with everything that is the same for every body.
pub(super) fn of_entry(entry: &Entry, plan: Option<&CarePlan>, key: &str, in_error: bool) -> Observation {
    Observation {
        identifier: vec![head::identifier(entry)],
        status: Some(if in_error { "entered-in-error" } else { "final" }.to_owned()),
        code: Some(observed(key)),
        subject: Some(Reference::to("Patient", &entry.patient)),
        effective_date_time: Some(date_time::of_happened(&entry.times.happened)),
        issued: Some(date_time::of_instant(entry.times.recorded_at)),
        based_on: entry.order.iter().map(|order| head::order_reference(order, plan)).collect(),
        performer: head::performer(entry, plan).into_iter().collect(),
        extension: vec![head::write(entry, plan)],
        ..Observation::with_id(entry.id.to_string())
    }
}

/// A component under one of our own codes.
pub(super) fn component(key: &str) -> ObservationComponent {
    component_coded(observed(key))
}

/// A component under any code.
pub(super) fn component_coded(code: CodeableConcept) -> ObservationComponent {
    ObservationComponent { code: Some(code), ..ObservationComponent::default() }
}

/// Adds text as a component; blank text is nothing.
pub(super) fn add_text(observation: &mut Observation, key: &str, text: &str) {
    if let Some(text) = words(text) {
        observation.component.push(ObservationComponent { value_string: Some(text), ..component(key) });
    }
}

/// Adds a quantity as a component.
pub(super) fn add_amount(observation: &mut Observation, code: CodeableConcept, amount: &Quantity) {
    let value_quantity = Some(of_amount(amount));
    observation.component.push(ObservationComponent { value_quantity, ..component_coded(code) });
}

/// The components under one of our codes, in their order.
pub(super) fn components<'a>(
    observation: &'a Observation,
    key: &str,
) -> impl Iterator<Item = &'a ObservationComponent> {
    observation
        .component
        .iter()
        .filter(move |found| found.code.as_ref().and_then(|concept| concept.code_in(url::OBSERVED)) == Some(key))
}

/// The first component under one of our codes.
pub(super) fn component_named<'a>(observation: &'a Observation, key: &str) -> Option<&'a ObservationComponent> {
    components(observation, key).next()
}

/// The texts under one of our codes, in their order.
pub(super) fn texts(observation: &Observation, key: &str) -> Vec<String> {
    components(observation, key).filter_map(|found| found.value_string.clone()).collect()
}

fn category(code: &str) -> Vec<CodeableConcept> {
    vec![CodeableConcept { coding: vec![Coding::new(url::OBSERVATION_CATEGORY, code)], ..CodeableConcept::default() }]
}

/// A key of ours is short and plain; a patient's own words are not.
fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The observation of an entry; `None` for bodies that are other resources.
pub(super) fn write(entry: &Entry, plan: Option<&CarePlan>, in_error: bool) -> Option<Observation> {
    let of_key = |key: &str| of_entry(entry, plan, key, in_error);
    let observation = match &entry.body {
        EntryBody::Administration(given) => administration::write_service(entry, given, plan, in_error),
        EntryBody::StepDone { step, note: text } => {
            let mut observation = of_key("step-done");
            observation.value_codeable_concept = Some(observed(&key_of(step)));
            observation.note = note(text.as_deref());
            observation
        }
        EntryBody::Symptom(symptom) => write_symptom(symptom, of_key("symptom")),
        EntryBody::Vital(vital) => {
            let mut observation = of_key("vital");
            observation.category = category(vital::category(vital.vital));
            vital::write(vital, &mut observation);
            observation
        }
        EntryBody::SymptomCourse(course) => write_course(entry, course, of_key("symptom-course")),
        EntryBody::SiteCheck { findings, photos, site, length } => {
            let mut observation = write_site_check(findings, photos, of_key("site-check"));
            observation.body_site = site.as_deref().and_then(site_concept);
            if let Some(length) = length {
                add_amount(&mut observation, observed(LENGTH), length);
            }
            observation
        }
        EntryBody::SitesUsed { sites } => {
            let mut observation = of_key("sites-used");
            observation.component.extend(sites.iter().filter_map(|site| {
                let value_codeable_concept = Some(site_concept(site)?);
                Some(ObservationComponent { value_codeable_concept, ..component("site") })
            }));
            observation
        }
        EntryBody::DailyCheck(check) => {
            let mut observation = of_key("daily-check");
            observation.category = category("survey");
            let answers = [
                ("feeling", check.feeling.as_ref().map(key_of)),
                ("site-look", check.site.as_ref().map(key_of)),
                ("doses-done", check.doses.as_ref().map(key_of)),
            ];
            for (key, answer) in answers {
                // What was not answered is no component.
                observation.component.extend(answer.map(|answer| ObservationComponent {
                    value_codeable_concept: Some(observed(&answer)),
                    ..component(key)
                }));
            }
            observation
        }
        EntryBody::Fluid(fluid) => {
            let mut observation = of_key(fluid_key(fluid.direction));
            observation.value_quantity = Some(of_amount(&fluid.volume));
            observation.component.extend(fluid.what.as_deref().and_then(words).map(|what| ObservationComponent {
                value_codeable_concept: Some(coded_or_told(&what)),
                ..component("fluid")
            }));
            observation
        }
        EntryBody::Mood { text } => {
            Observation { value_string: words(text), category: category("survey"), ..of_key("mood") }
        }
        EntryBody::Note { text } => Observation { value_string: words(text), ..of_key("note") },
        EntryBody::Question(question) => Observation { value_string: words(&question.text), ..of_key("question") },
        EntryBody::PumpEvent(event) => pump_event::write(event, of_key(pump_event::key(&event.kind)), plan),
        EntryBody::DeviceCheck(check) => device_check::write(check, of_key("device-check")),
        EntryBody::Advice(advice) => {
            let mut observation = of_key("advice");
            observation.value_codeable_concept = Some(observed(&key_of(&advice.level)));
            add_text(&mut observation, "rule", &advice.rule);
            advice.text.iter().for_each(|line| add_text(&mut observation, "text", line));
            advice.because.iter().for_each(|line| add_text(&mut observation, "because", line));
            add_text(&mut observation, "source", &advice.source);
            observation
        }
        EntryBody::ClockJump { by_ms } => {
            let jump = Quantity::new(Decimal::from(*by_ms), "ms");
            Observation { value_quantity: Some(of_amount(&jump)), ..of_key("clock-jump") }
        }
        EntryBody::PlanChanged { changes } => {
            let mut observation = of_key("plan-changed");
            changes.iter().for_each(|change| add_text(&mut observation, "change", change));
            observation
        }
        EntryBody::Caregiving(act) => {
            return caregiving::write(act, of_key("caregiving"), entry.times.happened.offset_seconds);
        }
        EntryBody::Photo { .. } | EntryBody::Message(_) | EntryBody::Form(_) => return None,
    };
    Some(observation)
}

/// The component that holds the length of the catheter outside.
const LENGTH: &str = "catheter-length";

/// A key of ours as a code, own words as words.
fn coded_or_told(text: &str) -> CodeableConcept {
    if is_key(text) { observed(text) } else { CodeableConcept::of_text(text) }
}

/// A place of the body.
fn site_concept(site: &str) -> Option<CodeableConcept> {
    words(site).map(|site| coded_or_told(&site))
}

/// The key or the words of such a concept.
fn key_or_words(concept: &CodeableConcept) -> Option<String> {
    concept.code_in(url::OBSERVED).map(str::to_owned).or_else(|| concept.text.clone())
}

fn fluid_key(direction: FluidDirection) -> &'static str {
    match direction {
        FluidDirection::In => "fluid-in",
        FluidDirection::Out => "fluid-out",
    }
}

fn write_course(entry: &Entry, course: &SymptomCourse, mut observation: Observation) -> Observation {
    observation.category = category("survey");
    observation.value_codeable_concept = words(&course.symptom).map(|symptom| coded_or_told(&symptom));
    observation.derived_from = vec![Reference {
        r#type: Some("Observation".to_owned()),
        identifier: Some(head::entry_identifier(course.of)),
        ..Reference::default()
    }];
    if let Some(ended) = course.ended_at {
        let value_date_time = Some(date_time::of_local(ended, entry.times.happened.offset_seconds));
        observation.component.push(ObservationComponent { value_date_time, ..component("ended") });
    }
    if let Some(action) = &course.action {
        add_text(&mut observation, "action", action);
    }
    observation
}

fn read_course(observation: &Observation) -> Result<SymptomCourse, Fault> {
    let of = observation.derived_from.iter().find_map(|reference| reference.identifier.as_ref()?.value.as_deref());
    let of = of.and_then(|of| EntryId::from_str(of).ok());
    let ended = component_named(observation, "ended").and_then(|found| found.value_date_time.as_deref());
    Ok(SymptomCourse {
        of: of.ok_or_else(|| Fault::missing("derivedFrom", "the complaint that went on"))?,
        symptom: observation.value_codeable_concept.as_ref().and_then(key_or_words).unwrap_or_default(),
        ended_at: ended.map(|ended| date_time::instant(ended, "component('ended')")).transpose()?,
        action: texts(observation, "action").into_iter().next(),
    })
}

fn read_daily_check(observation: &Observation) -> Result<DailyCheck, Fault> {
    let answer = |key: &str| {
        component_named(observation, key)
            .and_then(|found| found.value_codeable_concept.as_ref()?.code_in(url::OBSERVED))
    };
    Ok(DailyCheck {
        feeling: answer("feeling").map(|key| code(key, "component('feeling')", "answer")).transpose()?,
        site: answer("site-look").map(|key| code(key, "component('site-look')", "answer")).transpose()?,
        doses: answer("doses-done").map(|key| code(key, "component('doses-done')", "answer")).transpose()?,
    })
}

fn read_fluid(observation: &Observation) -> Result<Fluid, Fault> {
    let key = observation.code.as_ref().and_then(|concept| concept.code_in(url::OBSERVED));
    let direction = match key {
        Some("fluid-in") => FluidDirection::In,
        Some("fluid-out") => FluidDirection::Out,
        Some(_) | None => return Err(Fault::at("code", "must say whether it went in or out")),
    };
    let volume = observation.value_quantity.as_ref().ok_or_else(|| Fault::missing("valueQuantity", "how much"))?;
    let what = component_named(observation, "fluid").and_then(|found| found.value_codeable_concept.as_ref());
    Ok(Fluid { direction, what: what.and_then(key_or_words), volume: amount(volume, "valueQuantity")? })
}

fn write_symptom(symptom: &Symptom, mut observation: Observation) -> Observation {
    observation.category = category("survey");
    observation.code = Some(if is_key(&symptom.symptom) {
        observed(&symptom.symptom)
    } else {
        let mut code = observed("symptom");
        code.text = words(&symptom.symptom);
        code
    });
    observation.value_boolean = Some(symptom.present);
    if let Some(severity) = &symptom.severity {
        let value = Some(observed(&key_of(severity)));
        observation.component.push(ObservationComponent { value_codeable_concept: value, ..component("severity") });
    }
    observation.note = note(symptom.note.as_deref());
    observation
}

fn write_site_check(findings: &[SiteFinding], photos: &[AttachmentId], mut observation: Observation) -> Observation {
    observation.category = category("exam");
    for finding in findings {
        let code = if is_key(&finding.finding) {
            observed(&finding.finding)
        } else {
            CodeableConcept { text: words(&finding.finding), ..CodeableConcept::default() }
        };
        let value_boolean = Some(finding.present);
        observation.component.push(ObservationComponent { value_boolean, ..component_coded(code) });
    }
    observation.derived_from = photos.iter().map(|photo| picture_reference(*photo)).collect();
    observation
}

/// A picture by its own identifier: its DocumentReference has the id of the entry that brought it.
pub(super) fn picture_reference(photo: AttachmentId) -> Reference {
    Reference {
        r#type: Some("DocumentReference".to_owned()),
        identifier: Some(picture_identifier(photo)),
        ..Reference::default()
    }
}

/// The identifier of a picture.
pub(super) fn picture_identifier(photo: AttachmentId) -> Identifier {
    Identifier { system: Some(url::ATTACHMENT_ID.to_owned()), value: Some(photo.to_string()), ..Identifier::default() }
}

/// The picture that an identifier names.
pub(super) fn picture_of(identifier: &Identifier) -> Option<AttachmentId> {
    let is_picture = identifier.system.as_deref() == Some(url::ATTACHMENT_ID);
    AttachmentId::from_str(identifier.value.as_deref().filter(|_| is_picture)?).ok()
}

/// Reads an observation of another phone.
pub(super) fn read(observation: &Observation, kind: EntryKind) -> Result<EntryBody, Fault> {
    let text = || observation.value_string.clone().unwrap_or_default();
    let value = observation.value_codeable_concept.as_ref().and_then(|concept| concept.code_in(url::OBSERVED));
    let body = match kind {
        EntryKind::Administration => administration::read_service(observation)?,
        EntryKind::StepDone => EntryBody::StepDone {
            step: code::<StepKey>(value.unwrap_or_default(), "valueCodeableConcept", "step")?,
            note: note_of(&observation.note),
        },
        EntryKind::Symptom => EntryBody::Symptom(read_symptom(observation)?),
        EntryKind::Vital => EntryBody::Vital(vital::read(observation)?),
        EntryKind::SymptomCourse => EntryBody::SymptomCourse(read_course(observation)?),
        EntryKind::SiteCheck => read_site_check(observation)?,
        EntryKind::SitesUsed => EntryBody::SitesUsed {
            sites: components(observation, "site")
                .filter_map(|found| found.value_codeable_concept.as_ref().and_then(key_or_words))
                .collect(),
        },
        EntryKind::DailyCheck => EntryBody::DailyCheck(read_daily_check(observation)?),
        EntryKind::Fluid => EntryBody::Fluid(read_fluid(observation)?),
        EntryKind::Mood => EntryBody::Mood { text: text() },
        EntryKind::Note => EntryBody::Note { text: text() },
        EntryKind::Question => EntryBody::Question(Question { text: text() }),
        EntryKind::PumpEvent => EntryBody::PumpEvent(pump_event::read(observation)?),
        EntryKind::DeviceCheck => EntryBody::DeviceCheck(device_check::read(observation)?),
        EntryKind::Advice => EntryBody::Advice(Advice {
            rule: texts(observation, "rule").concat(),
            level: code::<AdviceLevel>(value.unwrap_or_default(), "valueCodeableConcept", "level of advice")?,
            text: texts(observation, "text"),
            because: texts(observation, "because"),
            source: texts(observation, "source").concat(),
        }),
        EntryKind::ClockJump => {
            let jump =
                observation.value_quantity.as_ref().ok_or_else(|| Fault::missing("valueQuantity", "the jump"))?;
            let by_ms = i64::try_from(amount(jump, "valueQuantity")?.value.normalize());
            EntryBody::ClockJump { by_ms: by_ms.map_err(|_| Fault::at("valueQuantity", "must be whole milliseconds"))? }
        }
        EntryKind::PlanChanged => EntryBody::PlanChanged { changes: texts(observation, "change") },
        EntryKind::Caregiving => EntryBody::Caregiving(caregiving::read(observation)?),
        EntryKind::Photo | EntryKind::Message | EntryKind::Form => {
            return Err(Fault::at(
                "extension('journal-entry').kind",
                "is no kind of entry that an Observation carries",
            ));
        }
    };
    Ok(body)
}

fn read_symptom(observation: &Observation) -> Result<Symptom, Fault> {
    let concept = observation.code.as_ref().ok_or_else(|| Fault::missing("code", "the symptom"))?;
    let symptom = match concept.code_in(url::OBSERVED) {
        Some("symptom") | None => concept.text.clone().unwrap_or_default(),
        Some(key) => key.to_owned(),
    };
    let severity = component_named(observation, "severity")
        .and_then(|found| found.value_codeable_concept.as_ref()?.code_in(url::OBSERVED))
        .map(|key| code::<Severity>(key, "component('severity')", "severity"))
        .transpose()?;
    Ok(Symptom {
        symptom,
        present: observation.value_boolean.ok_or_else(|| Fault::missing("valueBoolean", "yes or no"))?,
        severity,
        note: note_of(&observation.note),
    })
}

fn read_site_check(observation: &Observation) -> Result<EntryBody, Fault> {
    let mut findings = Vec::new();
    for (index, found) in observation.component.iter().enumerate() {
        let path = at("", "component", index);
        let concept = found.code.as_ref().ok_or_else(|| Fault::missing(path.clone(), "the finding"))?;
        if concept.code_in(url::OBSERVED) == Some(LENGTH) {
            continue;
        }
        let finding = concept.code_in(url::OBSERVED).or(concept.text.as_deref()).unwrap_or_default().to_owned();
        let present = found.value_boolean.ok_or_else(|| Fault::missing(path, "yes or no"))?;
        findings.push(SiteFinding { finding, present });
    }
    let photos = observation.derived_from.iter().filter_map(|reference| picture_of(reference.identifier.as_ref()?));
    let length = component_named(observation, LENGTH).and_then(|found| found.value_quantity.as_ref());
    Ok(EntryBody::SiteCheck {
        findings,
        photos: photos.collect(),
        site: observation.body_site.as_ref().and_then(key_or_words),
        length: length.map(|length| amount(length, "component('catheter-length')")).transpose()?,
    })
}
