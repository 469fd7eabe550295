//! When the team answers messages: our extension `reply-time` on `CareTeam`. There is no default: what the team does not
//! say is told as not known.

use super::flush_and_steps::minutes_of;
use super::timing::timing;
use super::{Findings, code_of};
use crate::datatype::{Extension, find_all, part};
use crate::fault::{Fault, at, inside};
use homeline_model::ReplyTime;

/// The times that can be read.
pub(crate) fn reply_times(extensions: &[Extension], findings: &mut Findings) -> Vec<ReplyTime> {
    let mut read = Vec::new();
    for (index, written) in find_all(extensions, "reply-time") {
        read.extend(findings.may(reply_time(written, &at("", "extension", index))));
    }
    read
}

fn reply_time(written: &Extension, path: &str) -> Result<ReplyTime, Fault> {
    let who = part(written, "recipient").ok_or_else(|| Fault::missing(inside(path, "recipient"), "who answers"))?;
    let within = part(written, "within").map(|found| minutes_of(found, &inside(path, "within"))).transpose()?;
    let hours = part(written, "hours").map(|found| {
        let path = inside(path, "hours.valueTiming");
        let written = found.value_timing.as_ref().ok_or_else(|| Fault::missing(path.clone(), "the hours"))?;
        timing(written, &path)
    });
    Ok(ReplyTime {
        recipient: code_of(who, &inside(path, "recipient"), "recipient of messages")?,
        within_minutes: within,
        hours: hours.transpose()?,
    })
}
