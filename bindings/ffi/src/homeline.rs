//! One patient's vault, open: one object with every call, because an object that crosses the border is a handle that
//! somebody must free. The hand-written layers sort the calls into parts.

use crate::error::{ErrorKind, HomelineError, Retry};
use crate::ports::Platform;
use crate::screen::{Row, Screen};
use homeline_companion as companion;
use homeline_model::Decimal;
use std::sync::Arc;
use std::time::SystemTime;

/// What protects the data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum KeyProtection {
    /// The phone's hardware key, with the passcode on top where one is set.
    Hardware,
    /// The passcode alone: a copied file can be guessed at, so it should be a long one.
    PasscodeAlone,
}

impl From<KeyProtection> for companion::KeyProtection {
    fn from(protection: KeyProtection) -> Self {
        match protection {
            KeyProtection::Hardware => Self::Hardware,
            KeyProtection::PasscodeAlone => Self::PasscodeAlone,
        }
    }
}

/// Where and how the vault is kept.
#[derive(Debug, Clone, uniffi::Record)]
pub struct Config {
    /// The folder of this vault; private to the app, and excluded from the phone's own backup.
    pub folder: String,
    /// How the data key is protected beside the recovery code.
    pub protection: KeyProtection,
}

impl From<Config> for companion::Config {
    fn from(config: Config) -> Self {
        Self::new(config.folder, config.protection.into())
    }
}

/// Who holds this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Role {
    /// The patient.
    Patient,
    /// Somebody who helps at home.
    Caregiver,
}

/// Who holds this phone.
#[derive(Debug, Clone, uniffi::Record)]
pub struct NewProfile {
    /// Name as it shall stand beside entries.
    pub name: String,
    /// Patient or caregiver.
    pub role: Role,
}

impl From<NewProfile> for companion::NewProfile {
    fn from(profile: NewProfile) -> Self {
        let role = match profile.role {
            Role::Patient => homeline_model::AuthorRole::Patient,
            Role::Caregiver => homeline_model::AuthorRole::Caregiver,
        };
        Self { name: profile.name, role }
    }
}

/// What opens a vault. It has no `Debug`: secrets are not for logs.
#[derive(Clone, uniffi::Enum)]
pub enum Credentials {
    /// The phone's hardware key alone.
    KeyStore,
    /// The passcode (with the hardware key, where there is one).
    Passcode {
        /// As typed.
        passcode: String,
    },
    /// The printed recovery code.
    Recovery {
        /// As typed; spaces, hyphens and case do not matter.
        code: String,
    },
}

impl From<Credentials> for companion::Credentials {
    fn from(credentials: Credentials) -> Self {
        match credentials {
            Credentials::KeyStore => Self::KeyStore,
            Credentials::Passcode { passcode } => Self::Passcode(companion::Passcode::new(passcode)),
            Credentials::Recovery { code } => Self::Recovery(code),
        }
    }
}

/// A vault that was just made.
#[derive(uniffi::Record)]
pub struct Created {
    /// It, open.
    pub homeline: Arc<Homeline>,
    /// To be printed or written down now: it is not kept anywhere.
    pub recovery_code: String,
}

/// An order, or part of one, that could not be understood. It is kept as received, never scheduled, and shown as "ask your
/// nurse".
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UnreadableOrder {
    /// Which resource, e.g. `MedicationRequest/abc`.
    pub resource: String,
    /// Which of its fields.
    pub field: String,
    /// Why.
    pub reason: String,
}

/// What became of a care plan that was taken over.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PlanImported {
    /// Orders that are now known.
    pub orders: u64,
    /// What was not understood.
    pub unreadable: Vec<UnreadableOrder>,
}

/// How soon somebody must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AdviceLevel {
    /// Note it for the next contact.
    Note,
    /// Write to the team today, or call in office hours.
    MessageToday,
    /// Call the on-call nurse now, day or night.
    CallNow,
    /// Call the emergency services.
    Emergency,
}

/// One answer of triage. Never a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Advice {
    /// The rule's id, e.g. `N01`, or the care plan's own id.
    pub rule: String,
    /// How soon.
    pub level: AdviceLevel,
    /// What to do, one action a line.
    pub text: Vec<String>,
    /// The facts that made the rule speak, in plain words.
    pub because: Vec<String>,
    /// Where the rule comes from.
    pub source: String,
}

/// What was written down.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Logged {
    /// The entry's id. It is on disk.
    pub entry: String,
    /// What triage answers to it, highest first; empty when no rule speaks. It is never "all is well".
    pub advice: Vec<Advice>,
}

/// What a person adds to an action.
#[derive(Debug, Clone, Default, PartialEq, uniffi::Record)]
pub struct ActionInput {
    /// When it was, if not now.
    #[uniffi(default = None)]
    pub at: Option<SystemTime>,
    /// Why stopped or left out, in own words.
    #[uniffi(default = None)]
    pub reason: Option<String>,
    /// How much went in, in mL, as typed with a decimal point.
    #[uniffi(default = None)]
    pub volume_ml: Option<String>,
    /// Lot number from the label.
    #[uniffi(default = None)]
    pub lot: Option<String>,
    /// The care team said to leave it out.
    #[uniffi(default = false)]
    pub care_team_said: bool,
}

impl TryFrom<ActionInput> for companion::ActionInput {
    type Error = HomelineError;

    fn try_from(input: ActionInput) -> Result<Self, HomelineError> {
        let volume_ml = input.volume_ml.map(|text| text.trim().parse::<Decimal>()).transpose();
        let volume_ml = volume_ml.map_err(|_| HomelineError::Failed {
            kind: ErrorKind::BadInput,
            code: "input.refused".to_owned(),
            field: Some("volume_ml".to_owned()),
            what: "it is not a number".to_owned(),
            remedy: "Write digits with a decimal point, e.g. 12.5.".to_owned(),
            retry: Retry::AfterRemedy,
        })?;
        Ok(Self {
            at: input.at.map(Into::into),
            reason: input.reason,
            volume_ml,
            lot: input.lot,
            care_team_said: input.care_team_said,
        })
    }
}

/// One page of the journal, newest first.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TimelinePage {
    /// As shown.
    pub rows: Vec<Row>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// One patient's journal, plan and pump on one phone.
#[derive(uniffi::Object)]
pub struct Homeline {
    inner: companion::Homeline,
}

/// Makes a new vault. Nothing is left behind when it fails.
#[uniffi::export]
pub async fn create_homeline(
    config: Config,
    platform: Platform,
    profile: NewProfile,
    passcode: Option<String>,
) -> Result<Created, HomelineError> {
    let passcode = passcode.map(companion::Passcode::new);
    let created = companion::Homeline::create(config.into(), platform.into(), profile.into(), passcode).await?;
    Ok(Created { homeline: Arc::new(Homeline { inner: created.homeline }), recovery_code: created.recovery_code })
}

#[uniffi::export]
impl Homeline {
    /// Opens a vault. A failure changes nothing in the file.
    #[uniffi::constructor]
    pub async fn open(
        config: Config,
        platform: Platform,
        credentials: Credentials,
    ) -> Result<Arc<Self>, HomelineError> {
        let inner = companion::Homeline::open(config.into(), platform.into(), credentials.into()).await?;
        Ok(Arc::new(Self { inner }))
    }

    /// Finishes what was handed over, seals the journal's head and closes the file. Every call after it fails with `Closed`.
    pub async fn shut(&self) -> Result<(), HomelineError> {
        Ok(self.inner.close().await?)
    }

    /// Takes over a care plan: a FHIR R4 Bundle as JSON. The plan of another patient is refused as a whole.
    pub async fn import_plan(&self, bundle: Vec<u8>) -> Result<PlanImported, HomelineError> {
        Ok(self.inner.plan().import(bundle).await?.into())
    }

    /// What is to be done today, and how far it is.
    pub async fn today(&self) -> Result<Screen, HomelineError> {
        Ok(self.inner.agenda().today().await?.into())
    }

    /// Does what the button with this id stands for. Doing it twice does it once: the second answer names the first one's
    /// entry.
    pub async fn act(&self, action: String, input: ActionInput) -> Result<Logged, HomelineError> {
        Ok(self.inner.agenda().act(action, input.try_into()?).await?.into())
    }

    /// Writes own words into the journal. `private` stays at home: it is never sent.
    pub async fn note(&self, text: String, private: bool) -> Result<Logged, HomelineError> {
        Ok(self.inner.journal().note(text, private).await?.into())
    }

    /// One page of the journal, newest first; `place` is where the page before it ended, `size` 1 to 500.
    pub async fn timeline(&self, place: Option<String>, size: u32) -> Result<TimelinePage, HomelineError> {
        let place = place.map(|place| place.parse()).transpose()?;
        Ok(self.inner.journal().timeline(companion::JournalFilter::default(), place, size).await?.into())
    }
}

impl From<companion::JournalPage> for TimelinePage {
    fn from(page: companion::JournalPage) -> Self {
        Self { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next.map(|place| place.to_string()) }
    }
}

impl From<companion::PlanImported> for PlanImported {
    fn from(imported: companion::PlanImported) -> Self {
        let unreadable = imported.unreadable.into_iter();
        Self {
            orders: imported.orders,
            unreadable: unreadable
                .map(|part| UnreadableOrder { resource: part.resource, field: part.field, reason: part.reason })
                .collect(),
        }
    }
}

impl From<companion::Logged> for Logged {
    fn from(logged: companion::Logged) -> Self {
        Self { entry: logged.entry.to_string(), advice: logged.advice.into_iter().map(Into::into).collect() }
    }
}

impl From<homeline_model::Advice> for Advice {
    fn from(advice: homeline_model::Advice) -> Self {
        let level = match advice.level {
            homeline_model::AdviceLevel::Note => AdviceLevel::Note,
            homeline_model::AdviceLevel::MessageToday => AdviceLevel::MessageToday,
            homeline_model::AdviceLevel::CallNow => AdviceLevel::CallNow,
            homeline_model::AdviceLevel::Emergency => AdviceLevel::Emergency,
        };
        Self { rule: advice.rule, level, text: advice.text, because: advice.because, source: advice.source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_keeps_the_digits_as_typed() {
        let input = ActionInput { volume_ml: Some(" 12.50 ".to_owned()), ..ActionInput::default() };
        let taken = companion::ActionInput::try_from(input).unwrap();
        assert_eq!(taken.volume_ml.unwrap().to_string(), "12.50");
    }

    #[test]
    fn a_volume_that_is_no_number_is_refused_by_name() {
        let input = ActionInput { volume_ml: Some("half".to_owned()), ..ActionInput::default() };
        let HomelineError::Failed { kind, field, .. } = companion::ActionInput::try_from(input).unwrap_err();
        assert_eq!((kind, field.as_deref()), (ErrorKind::BadInput, Some("volume_ml")));
    }
}
