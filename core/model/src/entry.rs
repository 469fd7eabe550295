//! The journal's one record type: an immutable entry. A correction is a new entry that amends the old.

use crate::administration::Administration;
use crate::advice::{Advice, AlarmKind};
use crate::caregiving::Caregiving;
use crate::form::{FormAnswers, FormValue};
use crate::id::{AttachmentId, EntryId, InfusionId, OccurrenceId, PatientId, PersonId};
use crate::messaging::{AttachedEntry, MessageTopic};
use crate::order::OrderRef;
use crate::quantity::Quantity;
use crate::samples::Samples;
use crate::step::StepKey;
use crate::time::EntryTimes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// In which part an author speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthorRole {
    /// The patient.
    Patient,
    /// Somebody who helps at home.
    Caregiver,
    /// Somebody of the care team.
    CareTeam,
    /// A device, e.g. the pump.
    Device,
    /// Homeline itself: clock jumps, advice given.
    App,
}

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// In which part.
    pub role: AuthorRole,
    /// Who, where the care team's server knows them.
    pub person: Option<PersonId>,
    /// Name as shown.
    pub name: String,
}

/// Where the fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A person wrote it down.
    ByHand,
    /// The pump said it.
    Pump,
    /// A vital-sign device said it.
    VitalSignDevice,
    /// It came from the care team's server.
    CareTeam,
    /// Homeline noticed it.
    App,
}

/// How strong a symptom is, in the patient's own rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Hardly there.
    Mild,
    /// It bothers.
    Moderate,
    /// It stops what one wants to do.
    Severe,
}

/// A side effect or other complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// Our key, e.g. `nausea`, `chills`, `trouble-breathing`, or the patient's own words when no key fits.
    pub symptom: String,
    /// `false` is an answer: "no chills". Not answered is no entry at all.
    pub present: bool,
    /// How strong; `None` is not said.
    pub severity: Option<Severity>,
    /// Own words.
    pub note: Option<String>,
}

/// How a complaint went on: a new fact about an earlier one, which stays as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SymptomCourse {
    /// The entry of the complaint.
    pub of: EntryId,
    /// The complaint, as that entry has it.
    pub symptom: String,
    /// When it was gone; `None` is not said, and not "still there".
    pub ended_at: Option<DateTime<Utc>>,
    /// What was done about it, in own words.
    pub action: Option<String>,
}

/// How one feels against the day before, in own rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feeling {
    /// Better than yesterday.
    Better,
    /// About the same.
    Same,
    /// Worse than yesterday.
    Worse,
}

/// What a look at the site showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteLook {
    /// Nothing new was seen. That is no "no" to any single question.
    NoChange,
    /// Something is different: what, is in a site check.
    Change,
    /// Nobody looked.
    NotLooked,
}

/// Whether the doses that were due are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DosesDone {
    /// All of them.
    All,
    /// Not all.
    NotAll,
    /// None was due yet.
    NoneDue,
}

/// The daily check: what of it is no vital sign, no site check and no question, which are entries of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyCheck {
    /// Against yesterday; `None` is not answered.
    pub feeling: Option<Feeling>,
    /// A look at the site; `None` is not answered.
    pub site: Option<SiteLook>,
    /// The doses; `None` is not answered.
    pub doses: Option<DosesDone>,
}

/// Into the body or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FluidDirection {
    /// Drunk, fed, infused.
    In,
    /// Urine, stool, vomit, drain.
    Out,
}

/// Fluid in or out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fluid {
    /// Which way.
    pub direction: FluidDirection,
    /// Key: `drink`, `tube-feed`, `infusion`, `urine`, `stool`, `vomit`, `drain`, `other`; `None` is not said.
    pub what: Option<String>,
    /// How much, in the unit typed: `mL`, `L`, `[foz_us]`, `[cup_us]`.
    pub volume: Quantity,
}

/// Which vital sign. LOINC codes are in the FHIR mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VitalKind {
    /// Body temperature: `Cel` or `[degF]`.
    Temperature,
    /// Heart rate, `/min`.
    Pulse,
    /// Systolic blood pressure, `mm[Hg]`.
    SystolicBloodPressure,
    /// Diastolic blood pressure, `mm[Hg]`.
    DiastolicBloodPressure,
    /// Oxygen saturation by pulse oximetry, `%`.
    OxygenSaturation,
    /// Breaths, `/min`.
    RespiratoryRate,
    /// Body weight, `kg` or `[lb_av]`.
    Weight,
    /// Blood glucose, `mg/dL` or `mmol/L`.
    Glucose,
    /// Pain from 0 to 10, `{score}`.
    Pain,
}

/// One vital sign in the unit typed: it is never converted before it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vital {
    /// Which.
    pub vital: VitalKind,
    /// Value and unit as typed or as the device sent them.
    pub value: Quantity,
}

/// One yes/no finding at the site. Unanswered questions are not in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteFinding {
    /// Key, e.g. `redness`; the list is the clinical crate's `data/symptoms.json`.
    pub finding: String,
    /// Yes or no.
    pub present: bool,
}

/// A question to be asked at the next contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Own words.
    pub text: String,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageDirection {
    /// From home to the team.
    ToTeam,
    /// From the team.
    FromTeam,
}

/// A message (FHIR `Communication`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Which way.
    pub direction: MessageDirection,
    /// Name of the other side, as shown.
    pub with: String,
    /// Recipient or sender on the care team's server.
    pub person: Option<PersonId>,
    /// The text.
    pub text: String,
    /// The message that this one answers: the id of its `Communication`.
    pub in_response_to: Option<String>,
    /// The id of the `Communication` on the server, for messages from the team.
    pub communication: Option<String>,
    /// The advice that a clinician closes with this message. Nothing else closes advice; only messages from the team
    /// have any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledges: Vec<EntryId>,
    /// What it is about; `None` is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<MessageTopic>,
    /// The sender marked it as urgent. That makes nobody read it sooner: what is urgent is a call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// Entries that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<AttachedEntry>,
}

impl Message {
    /// Words alone.
    pub fn new(direction: MessageDirection, with: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            direction,
            with: with.into(),
            person: None,
            text: text.into(),
            in_response_to: None,
            communication: None,
            acknowledges: Vec::new(),
            topic: None,
            urgent: false,
            attached: Vec::new(),
        }
    }
}

/// What the pump did or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum PumpEventKind {
    /// Delivery started.
    Started,
    /// Delivery stopped.
    Stopped,
    /// Delivery is complete.
    Completed,
    /// The link came up.
    LinkUp,
    /// The link was lost: what the pump does now is not known.
    LinkLost,
    /// A stretch of the pump's record is missing and could not be fetched.
    RecordGap {
        /// First missing record.
        from: u32,
        /// Last missing record.
        to: u32,
    },
    /// An alarm was raised on the pump.
    AlarmRaised {
        /// Which.
        alarm: AlarmKind,
        /// The pump's own words.
        text: String,
    },
    /// The alarm was cleared on the pump.
    AlarmCleared {
        /// Which.
        alarm: AlarmKind,
    },
    /// A person at home saw the alarm. That silences nothing on the pump.
    AlarmSeen {
        /// Which.
        alarm: AlarmKind,
    },
    /// The counters as read: what went in so far.
    Progress,
}

/// One event of the pump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PumpEvent {
    /// Serial number of the pump.
    pub serial: String,
    /// The pump's own record number, where it has one.
    pub record: Option<u32>,
    /// How often the pump's record numbering had begun anew: numbers of two epochs are never compared.
    #[serde(default)]
    pub epoch: u32,
    /// What.
    #[serde(flatten)]
    pub kind: PumpEventKind,
    /// Volume infused so far by the pump's counter; `None` is not known.
    pub volume_infused: Option<Quantity>,
    /// Rate then; `None` is not known.
    pub rate: Option<Quantity>,
    /// Of [`PumpEventKind::Progress`]: the dense readings that this one is the last of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<Samples>,
}

/// How full a balloon looks, in the words that nurses teach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BalloonSize {
    /// As it came.
    Full,
    /// A quarter is in.
    ThreeQuarters,
    /// Half is in.
    Half,
    /// Three quarters are in.
    Quarter,
    /// Collapsed on its core.
    Empty,
}

/// A look at a device that cannot tell by radio: what was seen, and nothing reckoned from it. At least one of the readings
/// is there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeviceCheck {
    /// How full the balloon looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balloon: Option<BalloonSize>,
    /// What is left, read off a scale or a screen, mL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_remaining: Option<Quantity>,
    /// What went in, read off a screen, mL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_infused: Option<Quantity>,
    /// Drops in the chamber, `/min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drip_rate: Option<Quantity>,
    /// The rate on the screen, `mL/h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Quantity>,
    /// Pictures of it; each is an entry of its own too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<AttachmentId>,
    /// Own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum EntryBody {
    /// A statement about a dose.
    Administration(Administration),
    /// A step was done.
    StepDone {
        /// Which.
        step: StepKey,
        /// Own words.
        note: Option<String>,
    },
    /// A complaint.
    Symptom(Symptom),
    /// A vital sign.
    Vital(Vital),
    /// How a complaint went on.
    SymptomCourse(SymptomCourse),
    /// The site was looked at.
    SiteCheck {
        /// What was answered.
        findings: Vec<SiteFinding>,
        /// Pictures of it.
        photos: Vec<AttachmentId>,
        /// Which site, as a body site key; `None` is the one there is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        site: Option<String>,
        /// The catheter from the skin to its hub, in `cm` or `[in_i]` as typed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length: Option<Quantity>,
    },
    /// Where the needles of a dose went in: body site keys.
    SitesUsed {
        /// At least one.
        sites: Vec<String>,
    },
    /// The daily check.
    DailyCheck(DailyCheck),
    /// Fluid in or out.
    Fluid(Fluid),
    /// Mood, in own words.
    Mood {
        /// The words.
        text: String,
    },
    /// A form of the care team was answered.
    Form(FormAnswers),
    /// Own words: how it felt.
    Note {
        /// The words.
        text: String,
    },
    /// A picture.
    Photo {
        /// The sealed picture.
        attachment: AttachmentId,
        /// MIME type, `image/jpeg` or `image/png`.
        content_type: String,
        /// What it shows, in own words.
        caption: Option<String>,
    },
    /// A question for the team.
    Question(Question),
    /// A message to or from the team.
    Message(Message),
    /// An event of the pump.
    PumpEvent(PumpEvent),
    /// A look at a device that cannot tell by radio.
    DeviceCheck(DeviceCheck),
    /// Advice that was given, so that it is never lowered unseen.
    Advice(Advice),
    /// The phone's clock jumped against the monotonic one.
    ClockJump {
        /// By how many milliseconds; negative is back.
        by_ms: i64,
    },
    /// The plan changed.
    PlanChanged {
        /// What changed, in words, one change each.
        changes: Vec<String>,
    },
    /// What people at home do for one another beside the doses.
    Caregiving(Caregiving),
}

/// The kind of an entry, for filters and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// What became of a dose.
    Administration,
    /// A step of a dose was done.
    StepDone,
    /// A complaint, or that it is not there.
    Symptom,
    /// A vital sign.
    Vital,
    /// A look at the site.
    SiteCheck,
    /// Own words.
    Note,
    /// A picture.
    Photo,
    /// A question for the team.
    Question,
    /// A message to or from the team.
    Message,
    /// What the pump told.
    PumpEvent,
    /// What triage said.
    Advice,
    /// The phone's clock jumped.
    ClockJump,
    /// The plan changed, or whose clock doses follow.
    PlanChanged,
    /// How a complaint went on.
    SymptomCourse,
    /// Which sites were used.
    SitesUsed,
    /// The daily check.
    DailyCheck,
    /// Fluid in or out.
    Fluid,
    /// Mood.
    Mood,
    /// An answered form of the care team.
    Form,
    /// Who helps and what they may do changed, or something was asked of them.
    Caregiving,
    /// A look at a device that cannot tell.
    DeviceCheck,
}

impl EntryKind {
    /// All kinds, in the order of the enum.
    pub const ALL: [Self; 21] = [
        Self::Administration,
        Self::StepDone,
        Self::Symptom,
        Self::Vital,
        Self::SiteCheck,
        Self::Note,
        Self::Photo,
        Self::Question,
        Self::Message,
        Self::PumpEvent,
        Self::Advice,
        Self::ClockJump,
        Self::PlanChanged,
        Self::SymptomCourse,
        Self::SitesUsed,
        Self::DailyCheck,
        Self::Fluid,
        Self::Mood,
        Self::Form,
        Self::Caregiving,
        Self::DeviceCheck,
    ];

    /// The kind as stored and as in JSON, e.g. `step-done`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administration => "administration",
            Self::StepDone => "step-done",
            Self::Symptom => "symptom",
            Self::Vital => "vital",
            Self::SiteCheck => "site-check",
            Self::Note => "note",
            Self::Photo => "photo",
            Self::Question => "question",
            Self::Message => "message",
            Self::PumpEvent => "pump-event",
            Self::Advice => "advice",
            Self::ClockJump => "clock-jump",
            Self::PlanChanged => "plan-changed",
            Self::SymptomCourse => "symptom-course",
            Self::SitesUsed => "sites-used",
            Self::DailyCheck => "daily-check",
            Self::Fluid => "fluid",
            Self::Mood => "mood",
            Self::Form => "form",
            Self::Caregiving => "caregiving",
            Self::DeviceCheck => "device-check",
        }
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One immutable record in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id; also the id of the FHIR resource that carries it.
    pub id: EntryId,
    /// Whose journal.
    pub patient: PatientId,
    /// Who says it.
    pub author: Author,
    /// Where it comes from.
    pub source: Source,
    /// Its three times.
    pub times: EntryTimes,
    /// The order that it belongs to, in the version of then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderRef>,
    /// The occurrence that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<OccurrenceId>,
    /// The infusion that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infusion: Option<InfusionId>,
    /// The entry that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<EntryId>,
    /// Stays at home: never sent, never in a report without consent.
    #[serde(default)]
    pub private: bool,
    /// What it says.
    pub body: EntryBody,
}

impl Entry {
    /// Its kind.
    pub fn kind(&self) -> EntryKind {
        match &self.body {
            EntryBody::Administration(_) => EntryKind::Administration,
            EntryBody::StepDone { .. } => EntryKind::StepDone,
            EntryBody::Symptom(_) => EntryKind::Symptom,
            EntryBody::Vital(_) => EntryKind::Vital,
            EntryBody::SiteCheck { .. } => EntryKind::SiteCheck,
            EntryBody::Note { .. } => EntryKind::Note,
            EntryBody::Photo { .. } => EntryKind::Photo,
            EntryBody::Question(_) => EntryKind::Question,
            EntryBody::Message(_) => EntryKind::Message,
            EntryBody::PumpEvent(_) => EntryKind::PumpEvent,
            EntryBody::Advice(_) => EntryKind::Advice,
            EntryBody::ClockJump { .. } => EntryKind::ClockJump,
            EntryBody::PlanChanged { .. } => EntryKind::PlanChanged,
            EntryBody::SymptomCourse(_) => EntryKind::SymptomCourse,
            EntryBody::SitesUsed { .. } => EntryKind::SitesUsed,
            EntryBody::DailyCheck(_) => EntryKind::DailyCheck,
            EntryBody::Fluid(_) => EntryKind::Fluid,
            EntryBody::Mood { .. } => EntryKind::Mood,
            EntryBody::Form(_) => EntryKind::Form,
            EntryBody::Caregiving(_) => EntryKind::Caregiving,
            EntryBody::DeviceCheck(_) => EntryKind::DeviceCheck,
        }
    }

    /// The words that full-text search finds it by; empty when it has none.
    pub fn search_text(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        let told: Vec<String>;
        match &self.body {
            EntryBody::Administration(administration) => words.extend(administration.reason.as_deref()),
            EntryBody::StepDone { note, .. } => words.extend(note.as_deref()),
            EntryBody::Symptom(symptom) => {
                words.push(&symptom.symptom);
                words.extend(symptom.note.as_deref());
            }
            EntryBody::SymptomCourse(course) => {
                words.push(&course.symptom);
                words.extend(course.action.as_deref());
            }
            EntryBody::Vital(_) | EntryBody::DailyCheck(_) | EntryBody::ClockJump { .. } => {}
            EntryBody::SitesUsed { sites } => words.extend(sites.iter().map(String::as_str)),
            EntryBody::Fluid(fluid) => words.extend(fluid.what.as_deref()),
            EntryBody::Mood { text } => words.push(text),
            EntryBody::Form(form) => {
                words.push(&form.title);
                // A "no" is not what a person looks for; a choice, a number or own words are.
                let values = form.answered().into_iter().flat_map(|item| &item.answers).map(|answer| &answer.value);
                told =
                    values.filter(|value| !matches!(value, FormValue::Boolean(_))).map(ToString::to_string).collect();
                words.extend(told.iter().map(String::as_str));
            }
            EntryBody::SiteCheck { findings, site, .. } => {
                words.extend(site.as_deref());
                words.extend(findings.iter().filter(|f| f.present).map(|f| f.finding.as_str()));
            }
            EntryBody::Note { text } => words.push(text),
            EntryBody::Photo { caption, .. } => words.extend(caption.as_deref()),
            EntryBody::Question(question) => words.push(&question.text),
            EntryBody::Message(message) => {
                words.extend([message.with.as_str(), message.text.as_str()]);
                words.extend(message.attached.iter().map(|attached| attached.text.as_str()));
            }
            EntryBody::PumpEvent(event) => {
                if let PumpEventKind::AlarmRaised { text, .. } = &event.kind {
                    words.push(text);
                }
            }
            EntryBody::DeviceCheck(check) => words.extend(check.note.as_deref()),
            EntryBody::Advice(advice) => words.extend(advice.because.iter().map(String::as_str)),
            EntryBody::PlanChanged { changes } => words.extend(changes.iter().map(String::as_str)),
            EntryBody::Caregiving(act) => match act {
                Caregiving::Asked(request) => words.extend([request.name.as_str(), request.text.as_str()]),
                Caregiving::Answered { note, .. } => words.extend(note.as_deref()),
                Caregiving::AlarmTaken | Caregiving::Viewed { .. } | Caregiving::Settled { .. } => {}
            },
        }
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Happened, TimeBasis};
    use crate::zone::ZoneId;

    fn entry(body: EntryBody) -> Entry {
        let at = "2026-11-23T13:00:00Z".parse().unwrap();
        Entry {
            id: EntryId(uuid::Uuid::from_u128(1)),
            patient: PatientId::new("p1").unwrap(),
            author: Author { role: AuthorRole::Patient, person: None, name: "Rosa".into() },
            source: Source::ByHand,
            times: EntryTimes {
                happened: Happened { at, zone: ZoneId::utc(), offset_seconds: 0, basis: TimeBasis::PhoneClock },
                recorded_at: at,
                device_clock: None,
            },
            order: None,
            occurrence: None,
            infusion: None,
            amends: None,
            private: false,
            body,
        }
    }

    #[test]
    fn every_body_comes_back_from_json_as_it_was() {
        let bodies = [
            EntryBody::Note { text: "Arm feels fine".into() },
            EntryBody::Vital(Vital {
                vital: VitalKind::Temperature,
                value: Quantity::new("37.80".parse().unwrap(), "Cel"),
            }),
            EntryBody::DeviceCheck(DeviceCheck {
                balloon: Some(BalloonSize::ThreeQuarters),
                volume_remaining: Some(Quantity::new("61.50".parse().unwrap(), "mL")),
                ..DeviceCheck::default()
            }),
            EntryBody::PumpEvent(PumpEvent {
                serial: "SIM-1".into(),
                record: Some(7),
                epoch: 0,
                kind: PumpEventKind::AlarmRaised { alarm: AlarmKind::Unknown(4711), text: "E-11".into() },
                volume_infused: Some(Quantity::new("12.50".parse().unwrap(), "mL")),
                rate: None,
                samples: None,
            }),
            EntryBody::PumpEvent(PumpEvent {
                serial: "SIM-1".into(),
                record: None,
                epoch: 1,
                kind: PumpEventKind::RecordGap { from: 3, to: 9 },
                volume_infused: None,
                rate: None,
                samples: None,
            }),
        ];
        for body in bodies {
            let entry = entry(body);
            let json = serde_json::to_string(&entry).unwrap();
            let back: Entry = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{e}: {json}"));
            assert_eq!(back, entry, "{json}");
            assert!(json.contains(&format!("\"kind\":\"{}\"", entry.kind().as_str())), "{json}");
        }
    }

    #[test]
    fn a_finding_answered_no_is_not_found_by_search() {
        let findings = vec![
            SiteFinding { finding: "redness".into(), present: false },
            SiteFinding { finding: "swelling".into(), present: true },
        ];
        let check = EntryBody::SiteCheck { findings, photos: vec![], site: None, length: None };
        assert_eq!(entry(check).search_text(), "swelling");
    }

    #[test]
    fn a_site_check_that_was_written_before_sites_and_lengths_were_known_still_reads() {
        let json = r#"{"kind":"site-check","findings":[{"finding":"redness","present":true}],"photos":[]}"#;
        let body: EntryBody = serde_json::from_str(json).unwrap();
        let EntryBody::SiteCheck { site, length, .. } = &body else { panic!("{body:?}") };
        assert_eq!((site, length), (&None, &None));
        assert_eq!(serde_json::to_string(&body).unwrap(), json, "and its hash stays the same");
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
