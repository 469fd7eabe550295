//! `Device`: the line in the body, or the pump. <https://hl7.org/fhir/R4/device.html>

use super::{Findings, code, yes_or_no};
use crate::datatype::{find, find_all, part};
use crate::date_time;
use crate::fault::{Fault, at, extension, inside};
use crate::resource::Device;
use crate::url;
use homeline_model::{
    AccessDevice, AccessDeviceId, AccessDeviceKind, DeliveryDevice, DeliveryDeviceId, DeliveryMethod, LumenUse,
    PumpProtocol,
};

/// MDC_DEV_SPEC_PROFILE_INFUS.
const INFUSION_PUMP: &str = "528385";
/// MDC_DEV_SPEC_PROFILE_INSULIN_PUMP.
const INSULIN_PUMP: &str = "528403";

/// What a Device is at home.
pub(crate) enum Found {
    Access(AccessDevice),
    Delivery(DeliveryDevice),
}

/// Reads a device. `None` when its type is of neither list: it is kept, not shown.
pub(crate) fn device(written: &Device, findings: &mut Findings) -> Option<Found> {
    let known = ["placement", "lumen-count", "lumen", "backup", "patient-may-stop"];
    findings.unknown_extensions(&written.extension, &known, "");
    let id = written.id.clone().unwrap_or_default();
    let kind = written.r#type.as_ref();
    if let Some(text) = kind.and_then(|kind| kind.code_in(url::ACCESS_DEVICE_KIND)) {
        let kind = findings.may(code(text, "type", "kind of access device")).unwrap_or(AccessDeviceKind::Unknown);
        let id = findings.may(AccessDeviceId::new(id).map_err(|_| Fault::missing("id", "the id")))?;
        return Some(Found::Access(access(written, id, kind, findings)));
    }
    let text = kind.and_then(|kind| kind.code_in(url::DELIVERY_METHOD))?;
    let method = findings.may(code(text, "type", "way of delivery")).unwrap_or(DeliveryMethod::Unknown);
    let id = findings.may(DeliveryDeviceId::new(id).map_err(|_| Fault::missing("id", "the id")))?;
    Some(Found::Delivery(DeliveryDevice {
        id,
        name: name(written, findings),
        method,
        serial: written.serial_number.clone().filter(|serial| !serial.trim().is_empty()),
        manufacturer: written.manufacturer.clone(),
        model: written.model_number.clone(),
        protocol: protocol(written, findings),
        backup: findings.may(yes_or_no(&written.extension, "backup", "")).flatten() == Some(true),
        patient_may_stop: findings.may(yes_or_no(&written.extension, "patient-may-stop", "")).flatten(),
    }))
}

/// What a pump speaks: the specialisation of IEEE 11073-10101 that it is built to, which decides the Bluetooth service. A pump
/// without one is of our profile.
fn protocol(written: &Device, findings: &mut Findings) -> PumpProtocol {
    let mut known = Vec::new();
    for (index, one) in written.specialization.iter().enumerate() {
        match one.system_type.as_ref().and_then(|kind| kind.code_in(url::MDC)) {
            Some(INFUSION_PUMP) => known.push(PumpProtocol::HealthSensor),
            Some(INSULIN_PUMP) => known.push(PumpProtocol::InsulinDelivery),
            Some(_) | None => {
                let path = inside(&at("", "specialization", index), "systemType");
                findings.remarks.push(Fault::at(path, "is not a specialisation of a pump that is known: it is kept"));
            }
        }
    }
    known.into_iter().next().unwrap_or_default()
}

fn name(written: &Device, findings: &mut Findings) -> String {
    let of_kind = |kind: &str| written.device_name.iter().find(|name| name.r#type.as_deref() == Some(kind));
    let named =
        of_kind("user-friendly-name").or_else(|| of_kind("patient-reported-name")).or(written.device_name.first());
    match named.and_then(|named| named.name.as_deref()) {
        Some(name) => findings.text(name, "deviceName"),
        None => findings.words(written.r#type.as_ref(), "type").unwrap_or_default(),
    }
}

fn access(written: &Device, id: AccessDeviceId, kind: AccessDeviceKind, findings: &mut Findings) -> AccessDevice {
    let placed = find(&written.extension, "placement").and_then(|found| found.value_period.as_ref());
    let mut day = |text: Option<&String>, name: &str| {
        let path = inside(&extension("", "placement"), name);
        findings.may(date_time::date_time(text?, &path)).map(|read| read.date())
    };
    let inserted = day(placed.and_then(|placed| placed.start.as_ref()), "start");
    let removed = day(placed.and_then(|placed| placed.end.as_ref()), "end");
    let mut lumen_uses = Vec::new();
    for (index, found) in find_all(&written.extension, "lumen") {
        let text = |name: &str| part(found, name).and_then(|part| part.value_string.clone());
        match (text("name"), text("purpose")) {
            (Some(lumen), Some(purpose)) => lumen_uses.push(LumenUse { lumen, purpose }),
            _ => findings.remarks.push(Fault::missing(at("", "extension", index), "name or purpose of a lumen")),
        }
    }
    let lumens = find(&written.extension, "lumen-count").and_then(|found| found.value_positive_int);
    AccessDevice { id, kind, name: name(written, findings), inserted, removed, lumens, lumen_uses }
}
