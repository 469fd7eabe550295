//! What the journal shows over time: trends that the plan asks for, the site map, the clinician's view, and triage for
//! machines.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::journal::{Advice, AdviceLevel};
use crate::screen::Screen;
use crate::values::{Day, Timestamp};
pub use homeline_companion::{SilentTrend, TrendFault, TrendNotice, TrendReport, TriageAnswer};
use homeline_model::EntryId;
pub use homeline_model::TrendSeries;

/// What a trend watches.
#[uniffi::remote(Enum)]
pub enum TrendSeries {
    /// Body temperature: the highest reading of each day.
    Temperature,
    /// Heart rate: the middle reading of each day.
    Pulse,
    /// Body weight: the first reading of each day.
    Weight,
    /// Pain from 0 to 10: the highest of each day.
    Pain,
    /// How many signs at the site were answered with yes: the most of each day.
    SiteSigns,
    /// Visual infusion phlebitis score, 0 to 5: the highest of each day.
    Vip,
    /// How long each infusion of one order took, in minutes.
    InfusionTime,
    /// Occlusion alarms of the pump on each day on which the pump was heard.
    Occlusions,
    /// Symptoms of each day on which they were asked about: mild counts 1, moderate 2, severe 3.
    SymptomBurden,
    /// Percent of the steps of each day's recorded doses that nobody ticked.
    MissedSteps,
}

/// One trend that speaks.
#[uniffi::remote(Record)]
pub struct TrendNotice {
    /// The same facts have the same id, on every phone.
    pub id: EntryId,
    /// `trend/` and the plan's id of it.
    pub rule: String,
    /// What is watched.
    pub series: TrendSeries,
    /// `Note` or `MessageToday`, as the plan says.
    pub level: AdviceLevel,
    /// Whom to tell, and what the team asked for; one action a line.
    pub text: Vec<String>,
    /// The data, and what it was held against.
    pub data: Vec<String>,
    /// The rule with its numbers, and which of them are not the plan's.
    pub how: Vec<String>,
    /// The method, by its source.
    pub source: String,
    /// Day of the newest value.
    pub last: Day,
}

/// One trend that says nothing.
#[uniffi::remote(Record)]
pub struct SilentTrend {
    /// `trend/` and the plan's id of it.
    pub rule: String,
    /// What is watched.
    pub series: TrendSeries,
    /// What the team asked to be told, in words.
    pub asked: String,
    /// Why it says nothing.
    pub why: Vec<String>,
}

/// One trend that is not watched.
#[uniffi::remote(Record)]
pub struct TrendFault {
    /// The plan's id of it, or the element that could not be read.
    pub trend: String,
    /// Why, and what to do.
    pub reason: String,
}

/// All trends of the plan as they stand now.
#[uniffi::remote(Record)]
pub struct TrendReport {
    /// What the trends say, in the plan's order.
    pub notices: Vec<TrendNotice>,
    /// Trends that say nothing, and why; never that all is well.
    pub silent: Vec<SilentTrend>,
    /// Trends of the plan that are not watched, because they cannot be used.
    pub faults: Vec<TrendFault>,
}

/// What the rules say to resources.
#[uniffi::remote(Record)]
pub struct TriageAnswer {
    /// All advice, the most urgent first.
    pub advice: Vec<Advice>,
    /// Rules and limits of the plan that cannot be used, and what holds in their place.
    pub faults: Vec<String>,
    /// Resources and answers that no rule knows.
    pub passed_over: Vec<String>,
}

/// Triage of `entries` (FHIR R4 Observations, QuestionnaireResponses and journal entries of ours, as JSON) under the plan of
/// `bundle`, as of `now`; without it, as of the latest of them. It opens no vault and writes nothing.
///
/// Errors: `PlanRefused` for the bundle, `BadInput` for an entry that cannot be read, with its place.
#[uniffi::export]
pub async fn triage_of_fhir(
    bundle: Vec<u8>,
    entries: String,
    now: Option<Timestamp>,
) -> Result<TriageAnswer, HomelineError> {
    call(homeline_companion::triage_in_background(bundle, entries, now)).await
}

#[uniffi::export]
impl Homeline {
    /// The plan's trends as they stand now. Empty when the plan asks for none.
    pub async fn trends(&self) -> Result<TrendReport, HomelineError> {
        call(self.inner.insight().trends()).await
    }

    /// The same as a screen.
    pub async fn trends_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.insight().screen()).await
    }

    /// The places of the last 26 weeks, the one that was not used for the longest time first, and what was seen there. It is
    /// a record and no advice.
    pub async fn sites_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.sites().screen()).await
    }

    /// Instruments of the last eight days, for a nurse or a physician who holds the phone with the patient. Never a part of
    /// the patient's screens, and no verdict.
    pub async fn clinician_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.clinician().screen()).await
    }
}
