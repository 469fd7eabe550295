//! Vital signs: LOINC codes and the units that R4's vital-sign profiles allow,
//! <https://hl7.org/fhir/R4/observation-vitalsigns.html>.

use super::observation::component_coded;
use super::{amount, key_of, observed, of_amount};
use crate::datatype::{CodeableConcept, Coding};
use crate::fault::Fault;
use crate::read::code;
use crate::resource::Observation;
use crate::url;
use homeline_model::{Vital, VitalKind};

/// The panel that R4 wants blood pressure in.
const BLOOD_PRESSURE: (&str, &str) = ("85354-9", "Blood pressure panel with all children optional");
const SYSTOLIC: (&str, &str) = ("8480-6", "Systolic blood pressure");
const DIASTOLIC: (&str, &str) = ("8462-4", "Diastolic blood pressure");

/// Code and words in LOINC, where the value's unit is one that goes with the code.
fn loinc(vital: &Vital) -> Option<(&'static str, &'static str)> {
    let unit = vital.value.unit.code.as_str();
    match vital.vital {
        VitalKind::Temperature => ["Cel", "[degF]"].contains(&unit).then_some(("8310-5", "Body temperature")),
        VitalKind::Pulse => (unit == "/min").then_some(("8867-4", "Heart rate")),
        VitalKind::SystolicBloodPressure => (unit == "mm[Hg]").then_some(SYSTOLIC),
        VitalKind::DiastolicBloodPressure => (unit == "mm[Hg]").then_some(DIASTOLIC),
        VitalKind::OxygenSaturation => (unit == "%").then_some(("2708-6", "Oxygen saturation in Arterial blood")),
        VitalKind::RespiratoryRate => (unit == "/min").then_some(("9279-1", "Respiratory rate")),
        VitalKind::Weight => ["kg", "g", "[lb_av]"].contains(&unit).then_some(("29463-7", "Body weight")),
        VitalKind::Glucose => match unit {
            "mg/dL" => Some(("2339-0", "Glucose [Mass/volume] in Blood")),
            "mmol/L" => Some(("15074-8", "Glucose [Moles/volume] in Blood")),
            _ => None,
        },
        VitalKind::Pain => {
            (unit == "{score}").then_some(("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported"))
        }
    }
}

/// HL7's category of the observation.
pub(super) fn category(vital: VitalKind) -> &'static str {
    match vital {
        VitalKind::Temperature
        | VitalKind::Pulse
        | VitalKind::SystolicBloodPressure
        | VitalKind::DiastolicBloodPressure
        | VitalKind::OxygenSaturation
        | VitalKind::RespiratoryRate
        | VitalKind::Weight => "vital-signs",
        VitalKind::Glucose => "laboratory",
        VitalKind::Pain => "survey",
    }
}

/// Writes code and value into an observation.
pub(super) fn write(vital: &Vital, observation: &mut Observation) {
    let own = observed(&key_of(&vital.vital));
    let quantity = Some(of_amount(&vital.value));
    let coded = |(code, display): (&str, &str)| Coding::with_display(url::LOINC, code, display);
    match (vital.vital, loinc(vital)) {
        (VitalKind::SystolicBloodPressure | VitalKind::DiastolicBloodPressure, Some(side)) => {
            observation.code =
                Some(CodeableConcept { coding: [vec![coded(BLOOD_PRESSURE)], own.coding].concat(), ..own });
            for one in [SYSTOLIC, DIASTOLIC] {
                let mut component =
                    component_coded(CodeableConcept { coding: vec![coded(one)], ..CodeableConcept::default() });
                if one == side {
                    component.value_quantity.clone_from(&quantity);
                } else {
                    // The panel wants both; the other one was not measured here.
                    component.data_absent_reason = Some(CodeableConcept {
                        coding: vec![Coding::with_display(url::ABSENT_REASON, "not-asked", "Not Asked")],
                        ..CodeableConcept::default()
                    });
                }
                observation.component.push(component);
            }
        }
        (_, Some(known)) => {
            observation.code = Some(CodeableConcept { coding: [vec![coded(known)], own.coding].concat(), ..own });
            observation.value_quantity = quantity;
        }
        (_, None) => {
            observation.code = Some(own);
            observation.value_quantity = quantity;
        }
    }
}

/// Reads it back.
pub(super) fn read(observation: &Observation) -> Result<Vital, Fault> {
    let key = observation.code.as_ref().and_then(|concept| concept.code_in(url::OBSERVED)).unwrap_or_default();
    let vital: VitalKind = code(key, "code", "vital sign")?;
    let in_panel = observation.component.iter().find_map(|component| component.value_quantity.as_ref());
    let quantity = observation.value_quantity.as_ref().or(in_panel);
    let quantity = quantity.ok_or_else(|| Fault::missing("valueQuantity", "the value"))?;
    Ok(Vital { vital, value: amount(quantity, "valueQuantity")? })
}
