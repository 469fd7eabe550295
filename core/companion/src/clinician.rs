//! What a clinician reads off the journal: instruments with what is missing for them, raw signs, CTCAE terms to choose
//! from. A screen of its own, never a part of the patient's screens, and no verdict.

use crate::access::Access;
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::Store;
use chrono::{DateTime, Utc};
use homeline_clinical::{
    ClinicianView, CtcaeTerm, FeverGrade, Language, NoTotal, PainBand, SiteView, clinician_view, site_findings,
    symptom_words,
};
use std::sync::Arc;

/// The clinician's view.
#[derive(Clone)]
pub struct Clinician {
    pub(crate) inner: Arc<Inner>,
}

impl Clinician {
    /// Instruments of the last eight days, for a nurse or a physician who holds the phone with the patient.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("clinician"), screen).await
    }
}

fn screen(store: &mut Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let plan = store.require_plan()?;
    let view = clinician_view(&plan, store.triage(moment)?.recent(), moment.now);
    let clock = |at: DateTime<Utc>| moment.shown(at);
    let mut sections = vec![Section { title: Some("Instruments".to_owned()), rows: instruments(&view, &clock) }];
    if let Some(site) = &view.site {
        sections.push(Section { title: Some("Site".to_owned()), rows: site_rows(site, &clock) });
    }
    if !view.terms.is_empty() {
        let rows = view.terms.iter().map(|(symptom, terms)| term_row(symptom, terms)).collect();
        sections.push(Section { title: Some("CTCAE v5.0 terms to choose from".to_owned()), rows });
    }
    Ok(Screen {
        id: "clinician".to_owned(),
        title: "For the clinician".to_owned(),
        subtitle: Some(plan.patient.name.clone()),
        sections,
        footer: vec!["Scores describe. Triage does not use them, and no total means that all is well.".to_owned()],
        privacy: Privacy::Covered,
    })
}

fn instruments(view: &ClinicianView, clock: &impl Fn(DateTime<Utc>) -> String) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some((at, score)) = &view.news2 {
        let mut row = Row::new("news2", "NEWS2 (Royal College of Physicians, 2017)");
        row.time = Some(clock(*at));
        row.state = Some(match (score.total, score.reason) {
            (Some(total), _) => total.to_string(),
            (None, Some(NoTotal::UnderSixteen)) => "no total: under 16 years".to_owned(),
            (None, Some(NoTotal::AgeUnknown)) => "no total: the age is not known".to_owned(),
            (None, Some(NoTotal::Pregnant)) => "no total: pregnancy".to_owned(),
            (None, Some(NoTotal::PregnancyUnknown)) => "no total: pregnancy is not known".to_owned(),
            (None, Some(NoTotal::InputMissing) | None) => "no total: an input is missing".to_owned(),
        });
        if !score.missing.is_empty() {
            row.details.push(format!("Missing: {}", score.missing.join(", ").replace('_', " ")));
        }
        rows.push(row.with_spoken_sentence());
    }
    if let Some((at, temperature, grade)) = &view.fever {
        let mut row = Row::new("ctcae-fever", format!("Temperature {temperature}"));
        row.time = Some(clock(*at));
        row.state = Some(match grade {
            FeverGrade::NoGrade => "CTCAE fever: below grade 1".to_owned(),
            FeverGrade::Grade(grade) => format!("CTCAE fever: grade {grade}"),
            FeverGrade::ThreeOrFour => "CTCAE fever: grade 3, or 4 if longer than 24 hours".to_owned(),
        });
        rows.push(row.with_spoken_sentence());
    }
    if let Some((at, rating, band)) = &view.pain {
        let mut row = Row::new("pain", format!("Pain {rating} of 10"));
        row.time = Some(clock(*at));
        let band = match band {
            PainBand::None => "none",
            PainBand::Mild => "mild (1 to 3)",
            PainBand::Moderate => "moderate (4 to 6)",
            PainBand::Severe => "severe (7 to 10)",
        };
        row.state = Some(band.to_owned());
        rows.push(row.with_spoken_sentence());
    }
    if rows.is_empty() {
        rows.push(Row::new("nothing", "No vital sign of the last days."));
    }
    rows
}

fn site_rows(site: &SiteView, clock: &impl Fn(DateTime<Utc>) -> String) -> Vec<Row> {
    let graded = |id: &str, title: &str, graded: &homeline_clinical::Graded| {
        let mut row = Row::new(id, title);
        row.time = Some(clock(site.at));
        let least = if graded.missing.is_empty() { "" } else { "at least " };
        row.state = Some(format!("{least}{}", graded.grade));
        if !graded.missing.is_empty() {
            row.details.push(format!("Not answered: {}", graded.missing.join(", ").replace('_', " ")));
        }
        row.with_spoken_sentence()
    };
    let mut signs = Row::new("infiltration", "Signs of infiltration, not scored");
    signs.time = Some(clock(site.at));
    signs.details.extend(site.infiltration.iter().map(|(sign, answer)| {
        let name =
            site_findings().iter().find(|word| word.key == *sign).map_or(*sign, |word| word.name(Language::English));
        let answer = match answer {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not answered",
        };
        format!("{name}: {answer}")
    }));
    vec![
        graded("vip", "Visual infusion phlebitis score (Jackson), 0 to 5", &site.vip),
        graded("ins-phlebitis", "INS phlebitis scale, 0 to 4", &site.ins_phlebitis),
        signs.with_spoken_sentence(),
    ]
}

fn term_row(symptom: &str, terms: &[&'static CtcaeTerm]) -> Row {
    let name =
        symptom_words().iter().find(|word| word.key == symptom).map_or(symptom, |word| word.name(Language::English));
    let mut row = Row::new(format!("term/{symptom}"), name);
    row.emphasis = Emphasis::Quiet;
    for term in terms {
        let grades = (1..).zip(&term.grades).filter_map(|(grade, text)| Some(format!("{grade}: {}", text.as_ref()?)));
        row.details.push(format!("{}. {}", term.term, grades.collect::<Vec<_>>().join(". ")));
    }
    if terms.is_empty() {
        row.details.push("No term of the list.".to_owned());
    }
    row.with_spoken_sentence()
}
