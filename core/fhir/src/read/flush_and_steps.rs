//! What our extensions say about an order: flush list, steps, storage, window, rate profile, relative link.

use super::quantity::{minutes, positive};
use super::{Findings, code_of};
use crate::datatype::{Extension, Quantity, find, find_all, part, parts};
use crate::fault::{Fault, at, extension, inside};
use homeline_model::{
    Flush, FlushPlan, OrderId, Quantity as Amount, RateProfile, RateStep, RelativeLink, Step, Storage, Window,
};

/// `flush` (in the order of the list) or `no-flush`; an order that says neither is "ask your nurse".
pub(crate) fn flush_plan(extensions: &[Extension], findings: &mut Findings) -> FlushPlan {
    let never = findings.must(super::yes_or_no(extensions, "no-flush", "")).flatten() == Some(true);
    let mut list = Vec::new();
    for (index, written) in find_all(extensions, "flush") {
        let path = at("", "extension", index);
        if let Some(flush) = findings.must(flush(written, &path)) {
            list.push(flush);
        }
    }
    if never && !list.is_empty() {
        findings.blocks.push(Fault::at(
            extension("", "no-flush"),
            "says never to flush, and a flush list is there as well: ask your nurse which one counts",
        ));
    }
    match (never, list.is_empty()) {
        (true, _) => FlushPlan::Never,
        (false, true) => FlushPlan::NotStated,
        (false, false) => FlushPlan::List(list),
    }
}

fn flush(written: &Extension, path: &str) -> Result<Flush, Fault> {
    let solution = part(written, "solution").and_then(|part| {
        part.value_string.as_deref().or_else(|| part.value_codeable_concept.as_ref().and_then(|code| code.words()))
    });
    let Some(solution) = solution.map(str::trim).filter(|words| !words.is_empty()) else {
        return Err(Fault::missing(inside(path, "solution"), "the solution of a flush"));
    };
    if solution.chars().count() > super::LONGEST_TEXT {
        return Err(Fault::at(inside(path, "solution"), "is too long for the name of a solution: ask the care team"));
    }
    let before = match part(written, "when").and_then(|part| part.value_code.as_deref()) {
        Some("before") => true,
        Some("after") => false,
        Some(_) | None => {
            return Err(Fault::at(inside(path, "when"), "must say `before` or `after` the drug: ask the care team"));
        }
    };
    let volume = part(written, "volume").map(|part| amount(part, &inside(path, "volume"))).transpose()?;
    let lock = part(written, "lock").and_then(|part| part.value_boolean).unwrap_or(false);
    Ok(Flush { solution: solution.to_owned(), volume, before, lock })
}

fn amount(written: &Extension, path: &str) -> Result<Amount, Fault> {
    match quantity_of(written) {
        Some(quantity) => positive(quantity, path),
        None => Err(Fault::missing(inside(path, "valueQuantity"), "the amount")),
    }
}

fn quantity_of(written: &Extension) -> Option<&Quantity> {
    written.value_quantity.as_ref().or(written.value_duration.as_ref())
}

/// The minutes that an extension holds as a Duration.
pub(crate) fn minutes_of(written: &Extension, path: &str) -> Result<u32, Fault> {
    match quantity_of(written) {
        Some(quantity) => minutes(quantity, path),
        None => Err(Fault::missing(inside(path, "valueDuration"), "the length of time")),
    }
}

/// An extension that holds a length of time.
pub(crate) fn length(extensions: &[Extension], name: &str) -> Result<Option<u32>, Fault> {
    find(extensions, name).map(|written| minutes_of(written, &extension("", name))).transpose()
}

/// An extension that holds an amount.
pub(crate) fn amount_named(extensions: &[Extension], name: &str) -> Result<Option<Amount>, Fault> {
    find(extensions, name).map(|written| amount(written, &extension("", name))).transpose()
}

/// `step`: the plan's own checklist.
pub(crate) fn steps(extensions: &[Extension], findings: &mut Findings) -> Vec<Step> {
    let mut steps = Vec::new();
    for (index, written) in find_all(extensions, "step") {
        let path = at("", "extension", index);
        let Some(key) = part(written, "key") else {
            findings.blocks.push(Fault::missing(inside(&path, "key"), "the key of a step"));
            continue;
        };
        let Some(key) = findings.must(code_of(key, &inside(&path, "key"), "step")) else { continue };
        let text = part(written, "text").and_then(|part| part.value_string.clone());
        let text = text.map(|text| findings.text(&text, &inside(&path, "text")));
        let offset = part(written, "offsetMinutes").map(|part| signed_minutes(part, &inside(&path, "offsetMinutes")));
        let offset_minutes = offset.and_then(|offset| findings.must(offset));
        steps.push(Step { key, text, offset_minutes });
    }
    steps
}

/// The longest offset that makes sense: ten years, in minutes.
const LONGEST_OFFSET: i32 = 10 * 366 * 24 * 60;

fn signed_minutes(written: &Extension, path: &str) -> Result<i32, Fault> {
    written
        .value_integer
        .and_then(|minutes| i32::try_from(minutes).ok())
        .filter(|minutes| (-LONGEST_OFFSET..=LONGEST_OFFSET).contains(minutes))
        .ok_or_else(|| Fault::at(path, "must be a whole number of minutes: ask the care team to correct it"))
}

/// `storage`: where the drug is kept, and how long it stands before use.
pub(crate) fn storage(extensions: &[Extension], findings: &mut Findings) -> Option<Storage> {
    let written = find(extensions, "storage")?;
    let path = extension("", "storage");
    let text = part(written, "text").and_then(|part| part.value_string.as_deref()).unwrap_or_default();
    let text = findings.text(text, &inside(&path, "text"));
    if text.is_empty() {
        findings.remarks.push(Fault::missing(inside(&path, "text"), "where the drug is kept"));
    }
    let warm_up = part(written, "warmUp").map(|part| minutes_of(part, &inside(&path, "warmUp")));
    let warm_up_minutes = warm_up.and_then(|read| findings.must(read));
    Some(Storage { text, warm_up_minutes })
}

/// `window`: how early and how late a dose still counts as on time.
pub(crate) fn window(extensions: &[Extension]) -> Result<Option<Window>, Fault> {
    let Some(written) = find(extensions, "window") else { return Ok(None) };
    let path = extension("", "window");
    let side = |name: &str| match part(written, name) {
        Some(part) => minutes_of(part, &inside(&path, name)),
        None => Err(Fault::missing(inside(&path, name), "a side of the window")),
    };
    Ok(Some(Window { before_minutes: side("before")?, after_minutes: side("after")?, from_plan: true }))
}

/// `relative-to`: "30 minutes before the infusion".
pub(crate) fn relative_link(extensions: &[Extension]) -> Result<Option<RelativeLink>, Fault> {
    let Some(written) = find(extensions, "relative-to") else { return Ok(None) };
    let path = extension("", "relative-to");
    let field = |name: &str| inside(&path, name);
    let target = part(written, "order").and_then(|part| super::any_id(part.value_reference.as_ref()));
    let order = target
        .and_then(|id| OrderId::new(id).ok())
        .ok_or_else(|| Fault::missing(field("order"), "a reference to the other order"))?;
    let anchor = part(written, "anchor").ok_or_else(|| Fault::missing(field("anchor"), "`start` or `end`"))?;
    let anchor = code_of(anchor, &field("anchor"), "anchor (`start` or `end`)")?;
    let offset = part(written, "offsetMinutes").ok_or_else(|| Fault::missing(field("offsetMinutes"), "the offset"))?;
    Ok(Some(RelativeLink { order, anchor, offset_minutes: signed_minutes(offset, &field("offsetMinutes"))? }))
}

/// `rate-profile` of a dosage: ladder or taper. Only the last rung may be open ("to the end").
pub(crate) fn rate_profile(extensions: &[Extension], path: &str) -> Result<Option<RateProfile>, Fault> {
    let Some(written) = find(extensions, "rate-profile") else { return Ok(None) };
    let path = extension(path, "rate-profile");
    let mut steps = Vec::new();
    for (index, rung) in parts(written, "step") {
        let path = at(&path, "step", index);
        let rate = part(rung, "rate").ok_or_else(|| Fault::missing(inside(&path, "rate"), "the rate of a rung"))?;
        let rate = amount(rate, &inside(&path, "rate"))?;
        let minutes = part(rung, "duration").map(|part| minutes_of(part, &inside(&path, "duration"))).transpose()?;
        if minutes == Some(0) {
            return Err(Fault::at(
                inside(&path, "duration"),
                "must be more than zero: ask the care team to correct it",
            ));
        }
        steps.push(RateStep { rate, minutes });
    }
    let Some((_, before_last)) = steps.split_last() else {
        return Err(Fault::missing(inside(&path, "step"), "the first rung"));
    };
    if before_last.iter().any(|step| step.minutes.is_none()) {
        return Err(Fault::at(path, "has an open rung before the last one: ask the care team how long it takes"));
    }
    let total = part(written, "totalVolume");
    let total_volume = total.map(|part| amount(part, &inside(&path, "totalVolume"))).transpose()?;
    Ok(Some(RateProfile { steps, total_volume }))
}
