//! One patient's vault, open: one object with every call, because an object that crosses the border is a handle that
//! somebody must free. Its calls are sorted into files by part here, and into parts by the hand-written layers.

use crate::call::call;
use crate::crossing::KeyProtection;
use crate::error::HomelineError;
use crate::ports::Platform;
use homeline_companion as companion;
use homeline_model::AuthorRole;
use std::path::PathBuf;
use std::sync::Arc;

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
        let Config { folder, protection } = config;
        Self::new(folder, protection)
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
        let NewProfile { name, role } = profile;
        let role = match role {
            Role::Patient => AuthorRole::Patient,
            Role::Caregiver => AuthorRole::Caregiver,
        };
        Self { name, role }
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

/// One patient's journal, plan and pump on one phone.
#[derive(uniffi::Object)]
pub struct Homeline {
    pub(crate) inner: companion::Homeline,
}

/// Makes a new vault. Nothing is left behind when it fails.
///
/// Errors: `AlreadyExists`, `BadInput` (no name; weak passcode; passcode missing where it is the only protection),
/// `ReadOnly`, `DiskFull`, `KeyUnavailable`, `Platform`.
#[uniffi::export]
pub async fn create_homeline(
    config: Config,
    platform: Platform,
    profile: NewProfile,
    passcode: Option<String>,
) -> Result<Created, HomelineError> {
    let passcode = passcode.map(companion::Passcode::new);
    let created = companion::Homeline::create(config.into(), platform.into(), profile.into(), passcode);
    let companion::Created { homeline, recovery_code } = call(created).await?;
    Ok(Created { homeline: Arc::new(Homeline { inner: homeline }), recovery_code })
}

/// Whether a folder holds a vault, so that a first start can be told from any other.
#[uniffi::export]
pub async fn vault_exists(folder: String) -> Result<bool, HomelineError> {
    call(companion::Homeline::exists_in(PathBuf::from(folder))).await
}

#[uniffi::export]
impl Homeline {
    /// Opens a vault. A failure changes nothing in the file.
    ///
    /// Errors: `NotFound`, `WrongCredential`, `KeyUnavailable` (locked: later), `KeyLost` (ask for the recovery code),
    /// `AlreadyOpen`, `NewerFormat`, `Damaged`, `DiskFull`, `ReadOnly`, `Platform`.
    #[uniffi::constructor]
    pub async fn open(
        config: Config,
        platform: Platform,
        credentials: Credentials,
    ) -> Result<Arc<Self>, HomelineError> {
        let opened = companion::Homeline::open(config.into(), platform.into(), credentials.into());
        Ok(Arc::new(Self { inner: call(opened).await? }))
    }

    /// Finishes what was handed over, seals the journal's head and closes the file. Every call after it fails with `Closed`;
    /// a long piece of work that runs is taken back.
    pub async fn shut(&self) -> Result<(), HomelineError> {
        call(self.inner.close()).await
    }
}
