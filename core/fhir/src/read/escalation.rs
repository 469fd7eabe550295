//! Who is told when nobody answers an alarm: our extension `escalation` on `CarePlan`, and who is on duty by
//! `CareTeam.participant`.

use super::Findings;
use super::flush_and_steps::minutes_of;
use super::people::until;
use super::timing::timing;
use crate::datatype::{Extension, Period, find, find_all, part, parts};
use crate::date_time;
use crate::fault::{Fault, at, extension, inside};
use crate::resource::CareTeamParticipant;
use chrono::{DateTime, Utc};
use homeline_model::{Duty, Escalation, FhirDateTime, PersonId};

/// The delays of the first `escalation` that can be read.
pub(crate) fn escalation(extensions: &[Extension], findings: &mut Findings) -> Option<Escalation> {
    find_all(extensions, "escalation").find_map(|(index, written)| {
        let read = delays(written, &at("", "extension", index));
        findings.may(read)
    })
}

fn delays(written: &Extension, path: &str) -> Result<Escalation, Fault> {
    let one = |name: &str| part(written, name).map(|found| minutes_of(found, &inside(path, name))).transpose();
    let repeats =
        parts(written, "repeatAfter").map(|(index, found)| minutes_of(found, &at(path, "repeatAfter", index)));
    let escalation = Escalation {
        repeat_minutes: repeats.collect::<Result<_, _>>()?,
        caregiver_minutes: one("caregiverAfter")?,
        team_minutes: one("teamAfter")?,
    };
    if escalation == Escalation::default() {
        return Err(Fault::missing(path, "after how long somebody is told"));
    }
    Ok(escalation)
}

/// When a participant who helps at home is the one whom alarms go to; `None` for everybody else.
pub(crate) fn duty(written: &CareTeamParticipant, path: &str, findings: &mut Findings) -> Option<Duty> {
    let person = PersonId::new(written.member.as_ref()?.id_of("RelatedPerson")?).ok()?;
    findings.unknown_extensions(&written.extension, &["duty"], path);
    let shifts = match find(&written.extension, "duty") {
        None => None,
        Some(found) => {
            let path = inside(&extension(path, "duty"), "valueTiming");
            let shifts = match &found.value_timing {
                Some(written) => timing(written, &path),
                None => Err(Fault::missing(path, "the shifts")),
            };
            // Shifts that cannot be read make nobody's phone silent: then the whole period counts.
            findings.may(shifts)
        }
    };
    let (from, until) = written.period.as_ref().map_or((None, None), |period| bounds(period, path, findings));
    Some(Duty { person, from, until, shifts })
}

fn bounds(period: &Period, path: &str, findings: &mut Findings) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let start = period.start.as_deref().and_then(|text| since(text, &inside(path, "period.start"), findings));
    let end = period.end.as_deref().and_then(|text| until(text, &inside(path, "period.end"), findings));
    (start, end)
}

/// The start of a period: a day counts from its first second, in UTC, because the resource names no zone.
pub(crate) fn since(text: &str, path: &str, findings: &mut Findings) -> Option<DateTime<Utc>> {
    match findings.may(date_time::date_time(text, path))? {
        FhirDateTime::Instant(instant) => Some(instant.with_timezone(&Utc)),
        FhirDateTime::Date(day) => day.and_hms_opt(0, 0, 0).map(|start| start.and_utc()),
    }
}
