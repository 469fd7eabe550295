//! Homeline's own forms: the daily check, site, symptom, fluid, pain, mood, sites of a dose.
//!
//! They are R4 questionnaires in `data/forms`, so that one engine asks them and the care team's. What was answered does not
//! go back as a questionnaire: each answer becomes the entry that it is (a vital sign, a site check, a symptom), which
//! triage, report and the care team know how to read.

use crate::error::HomelineError;
use crate::store::Statement;
use crate::words;
use chrono::{DateTime, Utc};
use homeline_clinical::{Language, body_sites, check_vital, site_findings, symptom_words};
use homeline_fhir::Questionnaire;
use homeline_model::{
    AttachmentId, DailyCheck, Decimal, EntryBody, EntryId, Fluid, FluidDirection, FormAnswers, FormItem, FormValue,
    Quantity, Question, SiteFinding, Symptom, SymptomCourse, TimeBasis, Unit, Uuid, Vital, VitalKind,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The forms by id, in the order in which they are offered.
static FORMS: LazyLock<Vec<Questionnaire>> = LazyLock::new(|| {
    [
        include_str!("../../data/forms/check.json"),
        include_str!("../../data/forms/symptom.json"),
        include_str!("../../data/forms/site.json"),
        include_str!("../../data/forms/sites.json"),
        include_str!("../../data/forms/fluid.json"),
        include_str!("../../data/forms/pain.json"),
        include_str!("../../data/forms/mood.json"),
    ]
    .into_iter()
    .filter_map(read)
    .collect()
});

/// All own forms.
pub(super) fn forms() -> &'static [Questionnaire] {
    &FORMS
}

/// The own form of this name.
pub(super) fn form(id: &str) -> Option<&'static Questionnaire> {
    FORMS.iter().find(|form| form.id == id)
}

/// Reads an embedded form; the lists of symptoms, findings and body sites come from the clinic's data. `None` never
/// happens to a form that the tests have read.
fn read(json: &str) -> Option<Questionnaire> {
    let mut form: Value = serde_json::from_str(json).ok()?;
    let coded = |key: &str, words: &str| json!({ "valueCoding": { "system": homeline_fhir::url::OBSERVED, "code": key, "display": words } });
    for item in form.get_mut("item")?.as_array_mut()? {
        let link_id = item.get("linkId")?.as_str()?.to_owned();
        match link_id.as_str() {
            "symptom" => {
                let options = symptom_words().iter().map(|word| coded(&word.key, word.name(Language::English)));
                item["answerOption"] = options.collect();
            }
            "site" | "sites" => {
                let options = body_sites().iter().map(|site| coded(&site.key, site.name(Language::English)));
                item["answerOption"] = options.collect();
            }
            "findings" => {
                let questions = site_findings()
                    .iter()
                    .map(|word| json!({ "linkId": word.key, "text": word.name(Language::English), "type": "boolean" }));
                item["item"] = questions.collect();
            }
            _ => {}
        }
    }
    Questionnaire::read(&form.to_string()).ok()
}

/// What an own form checks beyond its questions, when one is answered.
pub(super) fn check(link_id: &str, value: &FormValue) -> Result<(), HomelineError> {
    match (link_id, value) {
        ("temperature", FormValue::Quantity(quantity)) => {
            Ok(check_vital(&Vital { vital: VitalKind::Temperature, value: quantity.clone() })?)
        }
        _ => Ok(()),
    }
}

/// What was answered, by question.
struct Answers<'a>(Vec<&'a FormItem>);

impl<'a> Answers<'a> {
    fn value(&self, link_id: &str) -> Option<&'a FormValue> {
        self.0.iter().find(|item| item.link_id == link_id)?.answers.first().map(|answer| &answer.value)
    }

    fn text(&self, link_id: &str) -> Option<String> {
        match self.value(link_id)? {
            FormValue::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn quantity(&self, link_id: &str) -> Option<Quantity> {
        match self.value(link_id)? {
            FormValue::Quantity(quantity) => Some(quantity.clone()),
            _ => None,
        }
    }

    /// The key of a choice, or own words.
    fn key(&self, link_id: &str) -> Option<String> {
        self.value(link_id).map(key_of)
    }

    fn coded<T: DeserializeOwned>(&self, link_id: &str) -> Option<T> {
        serde_json::from_value(Value::String(self.key(link_id)?)).ok()
    }

    fn instant(&self, link_id: &str) -> Option<DateTime<Utc>> {
        match self.value(link_id)? {
            FormValue::DateTime(text) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc)),
            _ => None,
        }
    }

    /// Findings that were answered, in the form's order.
    fn findings(&self) -> Vec<SiteFinding> {
        let keys = site_findings().iter().map(|word| word.key.as_str());
        keys.filter_map(|key| match self.value(key)? {
            FormValue::Boolean(present) => Some(SiteFinding { finding: key.to_owned(), present: *present }),
            _ => None,
        })
        .collect()
    }
}

fn key_of(value: &FormValue) -> String {
    match value {
        FormValue::Choice(choice) => choice.code.clone().unwrap_or_else(|| choice.words().to_owned()),
        other => other.to_string(),
    }
}

/// The entries of a finished own form. `photo` is the picture that goes with it.
pub(super) fn statements(
    id: &str,
    form: &FormAnswers,
    photo: Option<AttachmentId>,
    now: DateTime<Utc>,
) -> Result<Vec<Statement>, HomelineError> {
    let answers = Answers(form.answered());
    let mut bodies: Vec<EntryBody> = Vec::new();
    match id {
        "check" => {
            let check = DailyCheck {
                feeling: answers.coded("feeling"),
                site: answers.coded("site-look"),
                doses: answers.coded("doses"),
            };
            let findings = answers.findings();
            bodies.extend(temperature(&answers));
            if !findings.is_empty() || photo.is_some() {
                let photos = photo.into_iter().collect();
                bodies.push(EntryBody::SiteCheck { findings, photos, site: None, length: None });
            }
            if check != (DailyCheck { feeling: None, site: None, doses: None }) {
                bodies.push(EntryBody::DailyCheck(check));
            }
            bodies.extend(answers.text("nurse").map(|text| EntryBody::Question(Question { text })));
        }
        "site" => {
            bodies.push(EntryBody::SiteCheck {
                findings: answers.findings(),
                photos: photo.into_iter().collect(),
                site: answers.key("site"),
                length: answers.quantity("length"),
            });
            bodies.extend(answers.text("note").map(|text| EntryBody::Note { text }));
        }
        "sites" => {
            let chosen = answers.0.iter().filter(|item| item.link_id == "sites").flat_map(|item| &item.answers);
            bodies.push(EntryBody::SitesUsed { sites: chosen.map(|answer| key_of(&answer.value)).collect() });
        }
        "fluid" => {
            let direction: Option<FluidDirection> = answers.coded("direction");
            if let (Some(direction), Some(volume)) = (direction, answers.quantity("volume")) {
                let what = answers.key("what-in").or_else(|| answers.key("what-out"));
                bodies.push(EntryBody::Fluid(Fluid { direction, what, volume }));
            }
        }
        "pain" => bodies.extend(pain(&answers)),
        "mood" => bodies.extend(answers.text("mood").map(|text| EntryBody::Mood { text })),
        "symptom" => return symptom(&answers, now),
        _ => {}
    }
    Ok(bodies.into_iter().map(Statement::by_hand).collect())
}

fn temperature(answers: &Answers<'_>) -> Option<EntryBody> {
    let value = answers.quantity("temperature")?;
    Some(EntryBody::Vital(Vital { vital: VitalKind::Temperature, value }))
}

/// The score is a vital sign; where it hurts, and own words, are a complaint beside it.
fn pain(answers: &Answers<'_>) -> Vec<EntryBody> {
    let Some(FormValue::Integer(score)) = answers.value("score") else { return Vec::new() };
    let value = Quantity { value: Decimal::from(*score), unit: Unit::with_display("{score}", "of 10") };
    let mut bodies = vec![EntryBody::Vital(Vital { vital: VitalKind::Pain, value })];
    let told: Vec<String> = [answers.text("where"), answers.text("note")].into_iter().flatten().collect();
    if !told.is_empty() {
        let symptom = "pain".to_owned();
        bodies.push(EntryBody::Symptom(Symptom {
            symptom,
            present: *score > 0,
            severity: None,
            note: Some(told.join(". ")),
        }));
    }
    bodies
}

/// The complaint, and beside it how it went on as far as that is known already.
fn symptom(answers: &Answers<'_>, now: DateTime<Utc>) -> Result<Vec<Statement>, HomelineError> {
    let symptom = words::symptom_key(&answers.key("symptom").unwrap_or_default())?;
    let (began, ended, action) = (answers.instant("began"), answers.instant("ended"), answers.text("action"));
    let began_at = began.unwrap_or(now);
    crate::journal::not_to_come("began", began_at, now)?;
    if let Some(ended) = ended {
        crate::journal::not_to_come("ended", ended, now)?;
        if ended < began_at {
            return Err(HomelineError::input("ended", "it is before the begin", "Correct one of the two times."));
        }
    }
    let of = EntryId(Uuid::new_v4());
    let mut complaint = Statement::by_hand(EntryBody::Symptom(Symptom {
        symptom: symptom.clone(),
        present: true,
        severity: answers.coded("severity"),
        note: answers.text("note"),
    }));
    complaint.id = Some(of);
    complaint.happened_at = began.map(|at| (at, TimeBasis::Typed));
    let mut statements = vec![complaint];
    if ended.is_some() || action.is_some() {
        let course = SymptomCourse { of, symptom, ended_at: ended, action };
        let mut went_on = Statement::by_hand(EntryBody::SymptomCourse(course));
        went_on.happened_at = ended.or(began).map(|at| (at, TimeBasis::Typed));
        statements.push(went_on);
    }
    Ok(statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_own_form_is_read_whole_and_offers_the_clinics_lists() {
        let ids: Vec<&str> = forms().iter().map(|form| form.id.as_str()).collect();
        assert_eq!(ids, ["check", "symptom", "site", "sites", "fluid", "pain", "mood"]);
        for form in forms() {
            assert!(form.remarks.is_empty(), "{}: {:?}", form.id, form.remarks);
        }
        let item = |id: &str, link: &str| form(id).and_then(|form| form.item(link)).cloned().expect(link);
        assert_eq!(item("symptom", "symptom").choices.len(), symptom_words().len());
        assert_eq!(item("site", "site").choices.len(), body_sites().len());
        for finding in site_findings() {
            assert_eq!(item("check", &finding.key).text.as_deref(), Some(finding.en.as_str()));
        }
    }

    #[test]
    fn no_question_of_ours_may_keep_a_daily_check_from_being_finished() {
        assert!(form("check").expect("it is there").items.iter().all(|item| !item.required));
    }
}
