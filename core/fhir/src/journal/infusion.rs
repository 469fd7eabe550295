//! The extension `infusion-moment`: where in an infusion something was noticed. It is written for the care team and not
//! read back: at home it is worked out anew from what is recorded about the dose.

use super::{head, of_amount};
use crate::datatype::{Extension, Reference};
use crate::date_time;
use homeline_model::{InfusionMoment, Quantity};

/// The extension.
pub(super) fn write(moment: &InfusionMoment) -> Extension {
    let minutes = Quantity::new(moment.minute.into(), "min");
    let mut parts = vec![
        Extension::quantity("sinceStart", of_amount(&minutes)),
        Extension::date_time("started", date_time::of_instant(moment.started_at)),
    ];
    parts.extend(moment.ended_at.map(|at| Extension::date_time("ended", date_time::of_instant(at))));
    parts.extend(head::text_part("title", Some(&moment.title)));
    parts.extend(head::text_part("lot", moment.lot.as_deref()));
    parts.extend(moment.sites.iter().filter_map(|site| head::text_part("site", Some(site))));
    if let Some(rung) = &moment.rung {
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        parts.push(Extension::integer("rateStep", number(rung.number)));
        parts.push(Extension::integer("rateSteps", number(rung.of)));
        parts.push(Extension::quantity("rate", of_amount(&rung.rate)));
    }
    Extension::of_parts("infusion-moment", parts)
}

/// The dose, by its entry's own identifier: its resource may have another id on the server, or be on its way.
pub(super) fn dose(moment: &InfusionMoment) -> Reference {
    Reference {
        r#type: Some("MedicationAdministration".to_owned()),
        identifier: Some(head::entry_identifier(moment.administration)),
        ..Reference::default()
    }
}
