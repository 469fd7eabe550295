//! A look at a device without a radio: an `Observation` with one component for each thing that was read.

use super::observation::{add_amount, add_text, component, component_named, picture_of, picture_reference, texts};
use super::pump_event::{CURRENT_RATE, VOLUME_INFUSED, VOLUME_REMAINING, with_mdc};
use super::{amount, key_of, observed};
use crate::fault::Fault;
use crate::read::code;
use crate::resource::{Observation, ObservationComponent};
use crate::url;
use homeline_model::{BalloonSize, DeviceCheck};

const BALLOON: &str = "balloon-size";
const REMAINING: &str = "volume-remaining";
const INFUSED: &str = "volume-infused";
const DRIPS: &str = "drip-rate";
const RATE: &str = "rate";
const NOTE: &str = "note";

/// Writes the look into an observation that has its key as code. What was not read is no component.
pub(super) fn write(check: &DeviceCheck, mut observation: Observation) -> Observation {
    observation.component.extend(check.balloon.map(|balloon| ObservationComponent {
        value_codeable_concept: Some(observed(&key_of(&balloon))),
        ..component(BALLOON)
    }));
    let readings = [
        (REMAINING, &check.volume_remaining, Some((VOLUME_REMAINING, "MDC_VOL_FLUID_TBI_REMAIN"))),
        (INFUSED, &check.volume_infused, Some((VOLUME_INFUSED, "MDC_VOL_FLUID_DELIV_TOTAL"))),
        (DRIPS, &check.drip_rate, None),
        (RATE, &check.rate, Some((CURRENT_RATE, "MDC_FLOW_FLUID_PUMP_CURRENT"))),
    ];
    for (key, reading, mdc) in readings {
        if let Some(reading) = reading {
            add_amount(&mut observation, with_mdc(observed(key), mdc), reading);
        }
    }
    if let Some(note) = &check.note {
        add_text(&mut observation, NOTE, note);
    }
    observation.derived_from = check.photos.iter().map(|photo| picture_reference(*photo)).collect();
    observation
}

/// Reads it back.
pub(super) fn read(observation: &Observation) -> Result<DeviceCheck, Fault> {
    let balloon = component_named(observation, BALLOON)
        .and_then(|found| found.value_codeable_concept.as_ref()?.code_in(url::OBSERVED))
        .map(|key| code::<BalloonSize>(key, "component('balloon-size')", "size of a balloon"))
        .transpose()?;
    let reading = |key: &str| {
        let found = component_named(observation, key).and_then(|found| found.value_quantity.as_ref());
        found.map(|quantity| amount(quantity, &format!("component('{key}')"))).transpose()
    };
    let photos = observation.derived_from.iter().filter_map(|reference| picture_of(reference.identifier.as_ref()?));
    Ok(DeviceCheck {
        balloon,
        volume_remaining: reading(REMAINING)?,
        volume_infused: reading(INFUSED)?,
        drip_rate: reading(DRIPS)?,
        rate: reading(RATE)?,
        photos: photos.collect(),
        note: texts(observation, NOTE).into_iter().next(),
    })
}
