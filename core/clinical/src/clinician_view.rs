//! The instruments as a clinician reads them, from what the journal holds: scores with what is missing for them, raw signs,
//! the CTCAE terms to choose from. Nothing here is shown to a patient, and nothing here drives triage.

use crate::score::Graded;
use crate::score::ctcae::{CtcaeTerm, ctcae_terms_of};
use crate::score::ctcae_fever::{FeverGrade, ctcae_fever_grade};
use crate::score::infiltration::infiltration_signs;
use crate::score::ins_phlebitis::{InsPhlebitisSigns, ins_phlebitis};
use crate::score::news2::{News2, News2Input, Stated, news2};
use crate::score::pain::{PainBand, pain_band};
use crate::score::vip::{VipSigns, vip};
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{CarePlan, Decimal, Entry, EntryBody, EntryId, Quantity, SiteFinding, VitalKind};
use std::collections::HashSet;

/// NEWS2 is one moment: values further than this from the newest one do not belong to it. Our own choice.
const ONE_MOMENT: TimeDelta = TimeDelta::minutes(60);
/// For how long a symptom is offered for grading.
const SYMPTOM_DAYS: TimeDelta = TimeDelta::days(7);

/// What the instruments say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClinicianView {
    /// NEWS2 of the newest vital signs and the hour before them, and when that was; `None` without any of its values.
    pub news2: Option<(DateTime<Utc>, News2)>,
    /// The newest look at the site.
    pub site: Option<SiteView>,
    /// The newest pain, its band, and when.
    pub pain: Option<(DateTime<Utc>, Decimal, PainBand)>,
    /// The newest temperature as typed, its CTCAE grade, and when.
    pub fever: Option<(DateTime<Utc>, Quantity, FeverGrade)>,
    /// Symptoms of the last week, each with the CTCAE terms that it may point to.
    pub terms: Vec<(String, Vec<&'static CtcaeTerm>)>,
}

/// One look at the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteView {
    /// When.
    pub at: DateTime<Utc>,
    /// Visual infusion phlebitis score.
    pub vip: Graded,
    /// Phlebitis scale of the Infusion Nurses Society.
    pub ins_phlebitis: Graded,
    /// Signs of an infiltration, not scored.
    pub infiltration: [(&'static str, Option<bool>); 7],
}

/// Reads the instruments off the journal. Corrected entries do not count, and neither do those of the future.
pub fn clinician_view(plan: &CarePlan, entries: &[Entry], now: DateTime<Utc>) -> ClinicianView {
    let corrected: HashSet<EntryId> = entries.iter().filter_map(|entry| entry.amends).collect();
    let mut newest: Vec<&Entry> =
        entries.iter().filter(|entry| !corrected.contains(&entry.id) && entry.times.happened.at <= now).collect();
    newest.sort_by_key(|entry| std::cmp::Reverse(entry.times.happened.at));
    let vital = |kind: VitalKind| {
        newest.iter().find_map(|entry| {
            let EntryBody::Vital(vital) = &entry.body else { return None };
            (vital.vital == kind).then_some((entry.times.happened.at, &vital.value))
        })
    };
    let temperature = vital(VitalKind::Temperature);
    let fever = temperature.and_then(|(at, value)| Some((at, value.clone(), ctcae_fever_grade(value, None).ok()?)));
    let pain = vital(VitalKind::Pain).and_then(|(at, value)| Some((at, value.value, pain_band(value.value).ok()?)));
    let site = newest.iter().find_map(|entry| {
        let EntryBody::SiteCheck { findings, .. } = &entry.body else { return None };
        Some((entry.times.happened.at, findings.as_slice()))
    });
    let feverish = |at: DateTime<Utc>| {
        let near = temperature.filter(|(measured, _)| (*measured - at).abs() <= TimeDelta::hours(24));
        near.and_then(|(_, value)| ctcae_fever_grade(value, None).ok()).map(|grade| grade != FeverGrade::NoGrade)
    };
    let mut terms: Vec<(String, Vec<&'static CtcaeTerm>)> = Vec::new();
    for entry in newest.iter().filter(|entry| now - entry.times.happened.at <= SYMPTOM_DAYS) {
        let EntryBody::Symptom(symptom) = &entry.body else { continue };
        if symptom.present && !terms.iter().any(|(known, _)| *known == symptom.symptom) {
            terms.push((symptom.symptom.clone(), ctcae_terms_of(&symptom.symptom).collect()));
        }
    }
    ClinicianView {
        news2: news2_of(plan, &vital, now),
        site: site.map(|(at, findings)| site_view(at, findings, feverish(at))),
        pain,
        fever,
        terms,
    }
}

fn site_view(at: DateTime<Utc>, findings: &[SiteFinding], fever: Option<bool>) -> SiteView {
    SiteView {
        at,
        vip: vip(&VipSigns::of_site_check(findings, fever)),
        ins_phlebitis: ins_phlebitis(&InsPhlebitisSigns::of_site_check(findings)),
        infiltration: infiltration_signs(findings),
    }
}

/// Nobody writes down at home whether they breathe oxygen or are alert: those two are missing, and so is the total.
fn news2_of<'a>(
    plan: &CarePlan,
    vital: &impl Fn(VitalKind) -> Option<(DateTime<Utc>, &'a Quantity)>,
    now: DateTime<Utc>,
) -> Option<(DateTime<Utc>, News2)> {
    let kinds = [
        VitalKind::RespiratoryRate,
        VitalKind::OxygenSaturation,
        VitalKind::SystolicBloodPressure,
        VitalKind::Pulse,
        VitalKind::Temperature,
    ];
    let at = kinds.into_iter().filter_map(|kind| vital(kind).map(|(at, _)| at)).max()?;
    let of_moment = |kind: VitalKind| vital(kind).filter(|(measured, _)| at - *measured <= ONE_MOMENT);
    let whole = |kind: VitalKind| of_moment(kind).and_then(|(_, value)| u32::try_from(value.value.round()).ok());
    let temperature_c = of_moment(VitalKind::Temperature).and_then(|(_, value)| match value.unit.code.as_str() {
        "Cel" => Some(value.value),
        // The chart is in °C alone: moved by the definition, and rounded to its tenths by the score.
        "[degF]" => {
            value.value.checked_sub(Decimal::from(32))?.checked_mul(Decimal::from(5))?.checked_div(Decimal::from(9))
        }
        _ => None,
    });
    let years = plan.patient.birth_date.and_then(|born| now.date_naive().years_since(born));
    // R4's administrative gender decides who is asked; nobody else is taken to be pregnant.
    let may_be_pregnant =
        plan.patient.gender.as_deref() != Some("male") && years.is_none_or(|y| (16..=50).contains(&y));
    let input = News2Input {
        respiratory_rate: whole(VitalKind::RespiratoryRate),
        spo2: whole(VitalKind::OxygenSaturation),
        systolic: whole(VitalKind::SystolicBloodPressure),
        pulse: whole(VitalKind::Pulse),
        temperature_c,
        age_years: Stated::from(years.map(Decimal::from)),
        pregnant: if may_be_pregnant { Stated::Unknown } else { Stated::Is(false) },
        ..News2Input::default()
    };
    Some((at, news2(&input)))
}
