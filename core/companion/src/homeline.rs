//! `Homeline`: one patient's vault on one phone, open.
//!
//! Three threads stand behind it and nothing else: the store (owns plan and vault), the network (owns a runtime of its
//! own) and the platform (calls the ports). Every call hands a job to them and awaits the answer.

use crate::access::{self, Access};
use crate::agenda::Agenda;
use crate::card::Card;
use crate::care_plan::Plan;
use crate::caregivers::Caregivers;
use crate::clinician::Clinician;
use crate::error::{ErrorKind, HomelineError};
use crate::export::Export;
use crate::forms::Forms;
use crate::inbox::{self, Folded};
use crate::infusions::Infusions;
use crate::insight::Insight;
use crate::journal::Journal;
use crate::messages::Messages;
use crate::moment::{KnownZones, Moment, Platform};
use crate::network::Network;
use crate::ports::{Change, KeyStore, Ports};
use crate::pump::{self, Pump};
use crate::reminders::Reminders;
use crate::report::Report;
use crate::routine::RoutineOfDay;
use crate::security::{Security, long_enough};
use crate::settings::Settings;
use crate::sign_in::Accounts;
use crate::sites::Sites;
use crate::store::{Profile, Store};
use crate::sync::Sync;
use crate::travel::Travel;
use crate::vital_devices::VitalDevices;
use crate::work::Work;
use crate::worker::Worker;
use chrono::{DateTime, NaiveDate, Utc};
use homeline_model::{AuthorRole, DeviceId, Uuid, ZoneId};
use homeline_pump::{LinkId, RadioEvent};
use homeline_vault::{Passcode, PasscodeCost, Protection, RecoveryCode, Unlock, Vault, VaultConfig};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Where and how the vault is kept.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of this vault; private to the app.
    pub vault: PathBuf,
    /// How the data key is protected beside the recovery code.
    pub protection: KeyProtection,
    /// How dear one guess of the passcode is made. A phone takes the default; tests take the least that is allowed.
    pub passcode_cost: PasscodeCost,
}

/// What protects the data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyProtection {
    /// The phone's hardware key, with the passcode on top where one is set.
    Hardware,
    /// The passcode alone, as on a terminal: a copied file can be guessed at, so it should be a long one.
    PasscodeAlone,
}

impl Config {
    /// A vault in `folder` with the default cost of a passcode.
    pub fn new(folder: impl Into<PathBuf>, protection: KeyProtection) -> Self {
        Self { vault: folder.into(), protection, passcode_cost: PasscodeCost::default() }
    }

    fn vault_config(&self, ports: &Ports) -> VaultConfig {
        let protection = match self.protection {
            KeyProtection::Hardware => Protection::Hardware(ports.key_store.clone()),
            KeyProtection::PasscodeAlone => Protection::PasscodeAlone,
        };
        let mut config = VaultConfig::new(&self.vault, protection);
        config.passcode_cost = self.passcode_cost;
        config
    }
}

/// Who holds this phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProfile {
    /// Name as it shall stand beside entries.
    pub name: String,
    /// Patient or caregiver.
    pub role: AuthorRole,
}

/// What opens a vault.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// The phone's hardware key alone.
    KeyStore,
    /// The passcode (with the hardware key, where there is one).
    Passcode(Passcode),
    /// The printed recovery code.
    Recovery(String),
}

impl Credentials {
    fn unlock<T>(self, with: impl FnOnce(Unlock<'_>) -> Result<T, HomelineError>) -> Result<T, HomelineError> {
        match self {
            Self::KeyStore => with(Unlock::Hardware),
            Self::Passcode(passcode) => with(Unlock::Passcode(&passcode)),
            Self::Recovery(text) => with(Unlock::Recovery(&RecoveryCode::parse(&text)?)),
        }
    }
}

/// A vault that was just made.
pub struct Created {
    /// It, open.
    pub homeline: Homeline,
    /// To be printed or written down now: it is not kept anywhere.
    pub recovery_code: String,
}

/// One patient's journal, plan and pump on one phone.
#[derive(Clone)]
pub struct Homeline {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Worker<Store>,
    pub(crate) network: Worker<Network>,
    pub(crate) platform: Worker<Platform>,
    pub(crate) protection: KeyProtection,
    /// The day and the zone of the last use case.
    day: Mutex<Option<(NaiveDate, ZoneId)>>,
    zones: Mutex<KnownZones>,
    announced: Arc<Mutex<Vec<Change>>>,
    pub(crate) folded: Mutex<Folded>,
    /// What long pieces of work run on.
    pub(crate) long: Worker<()>,
    /// The long pieces of work that run or wait.
    pub(crate) lent: Mutex<Vec<Work>>,
}

impl Homeline {
    /// Makes a new vault. Nothing is left behind when it fails.
    ///
    /// Errors: `AlreadyExists`, `BadInput` (no name, weak passcode, passcode missing where it is the only protection),
    /// `ReadOnly`, `DiskFull`, `KeyUnavailable`.
    pub async fn create(
        config: Config,
        ports: Ports,
        profile: NewProfile,
        passcode: Option<Passcode>,
    ) -> Result<Created, HomelineError> {
        let name = profile.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(HomelineError::input(
                "name",
                "the name must have 1 to 100 characters",
                "Give the name that shall stand beside entries.",
            ));
        }
        long_enough(passcode.as_ref(), config.protection)?;
        let platform = Worker::start("platform", {
            let ports = ports.clone();
            move || Platform::new(ports)
        })?;
        let moment = platform.run(|platform| platform.moment(&KnownZones::default())).await?;
        let vault_config = config.vault_config(&ports);
        let (store, recovery_code) = Worker::<()>::once("create", move || {
            let device = DeviceId(Uuid::new_v4());
            let (vault, code) = Vault::create(&vault_config, passcode.as_ref(), device, moment.now)?;
            let profile = Profile {
                name,
                role: profile.role,
                patient: None,
                server: None,
                since: moment.now,
                token: None,
                person: None,
                ended: None,
                shut: None,
            };
            // What fails here is mended at the next opening.
            let _ = vault.prepare_inbox(None);
            let store = Store::create(vault, profile)?;
            Ok((store, code.to_printed().to_string()))
        })
        .await?;
        let homeline = Self::start(platform, store, config.protection).await?;
        Ok(Created { homeline, recovery_code })
    }

    /// Opens a vault.
    ///
    /// Errors: `NotFound`, `WrongCredential`, `KeyUnavailable` (locked: later), `KeyLost` (ask for the recovery code),
    /// `AlreadyOpen`, `NewerFormat`, `Damaged`, `DiskFull`, `ReadOnly`. None of them changes the file.
    pub async fn open(config: Config, ports: Ports, credentials: Credentials) -> Result<Self, HomelineError> {
        let vault_config = config.vault_config(&ports);
        let platform = Worker::start("platform", move || Platform::new(ports))?;
        let (store, parcels) = Worker::<()>::once("open", move || {
            let vault = credentials.unlock(|unlock| Ok(Vault::open(&vault_config, unlock)?))?;
            let parcels = inbox::waiting(&vault);
            Ok((Store::open(vault)?, parcels))
        })
        .await?;
        let homeline = Self::start(platform, store, config.protection).await?;
        if !parcels.is_empty() {
            homeline.inner.fold(parcels).await;
        }
        Ok(homeline)
    }

    /// Lets a locked phone go on listening to pump and devices: see [`crate::Inbox`]. `key_store` is one whose key needs nobody's
    /// presence once the phone was unlocked since its start. To be called after every opening, and costs nothing when it was.
    ///
    /// Errors: `KeyUnavailable`, `DiskFull`, `ReadOnly`. Without it, the inbox takes nothing.
    pub async fn listen_while_locked(&self, key_store: Arc<dyn KeyStore>) -> Result<(), HomelineError> {
        self.inner
            .with_store(move |store, _| {
                store.vault()?.prepare_inbox(Some(&*key_store))?;
                inbox::hand_over(store)
            })
            .await
    }

    /// What came while the phone was locked and was folded into the journal when it was opened.
    pub fn folded(&self) -> Folded {
        self.inner.folded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a vault from a backup in the folder of `config`, which holds none, and opens it. It opens with the recovery code
    /// of the time of the backup, which stays its code; `passcode` is the one from now on. This phone gets a chain of its own
    /// in the journal, because the old one may still write.
    ///
    /// Errors: `NotFound` (no backup), `WrongCredential`, `AlreadyExists`, `BadInput` (weak passcode, or none where it is the
    /// only protection), `Damaged`, `NewerFormat`, `DiskFull`, `ReadOnly`, `KeyUnavailable`. Nothing half-done stays.
    pub async fn restore(
        config: Config,
        ports: Ports,
        backup: PathBuf,
        recovery_code: String,
        passcode: Option<Passcode>,
    ) -> Result<Self, HomelineError> {
        long_enough(passcode.as_ref(), config.protection)?;
        let vault_config = config.vault_config(&ports);
        let platform = Worker::start("platform", move || Platform::new(ports))?;
        let moment = platform.run(|platform| platform.moment(&KnownZones::default())).await?;
        let store = Worker::<()>::once("restore", move || {
            let code = RecoveryCode::parse(&recovery_code)?;
            let device = DeviceId(Uuid::new_v4());
            Store::open(Vault::restore(&backup, &code, &vault_config, passcode.as_ref(), device, moment.now)?)
        })
        .await?;
        Self::start(platform, store, config.protection).await
    }

    /// Gives a closed vault a new data key: after a phone was lost, or a key may have been seen. Everything is copied and
    /// verified first, so it takes room for a second copy and some seconds. Answers the new recovery code; the old one, and
    /// the old passcode, open nothing any more. A backup that was made before opens with the old code.
    ///
    /// Errors: as [`Homeline::open`], and `BadInput` (weak passcode, or none where it is the only protection).
    pub async fn new_data_key(
        config: Config,
        ports: Ports,
        credentials: Credentials,
        passcode: Option<Passcode>,
    ) -> Result<String, HomelineError> {
        long_enough(passcode.as_ref(), config.protection)?;
        let vault_config = config.vault_config(&ports);
        let platform = Worker::start("platform", move || Platform::new(ports))?;
        let now = platform.run(|platform| platform.moment(&KnownZones::default())).await?.now;
        Worker::<()>::once("new-key", move || {
            let code =
                credentials.unlock(|unlock| Ok(Vault::rotate(&vault_config, unlock, passcode.as_ref(), now)?))?;
            Ok(code.to_printed().to_string())
        })
        .await
    }

    async fn start(platform: Worker<Platform>, store: Store, protection: KeyProtection) -> Result<Self, HomelineError> {
        let zones = store.known_zones();
        let inner = Inner {
            store: Worker::start("store", move || store)?,
            network: Worker::start("network", Network::new)?,
            platform,
            protection,
            day: Mutex::default(),
            zones: Mutex::new(zones),
            announced: Arc::default(),
            folded: Mutex::default(),
            long: Worker::start("long", || ())?,
            lent: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether a folder holds a vault.
    pub fn exists(folder: &std::path::Path) -> bool {
        Vault::exists(folder)
    }

    /// The same for a caller that must not wait for a disk.
    pub async fn exists_in(folder: PathBuf) -> Result<bool, HomelineError> {
        Worker::<()>::once("look", move || Ok(Self::exists(&folder))).await
    }

    /// Finishes what was handed over, lets go of the links to pump and devices, seals the journal's head, and closes the file;
    /// a long piece of work is taken back. Calls after that answer `Closed`.
    pub async fn close(&self) -> Result<(), HomelineError> {
        let moment = self.inner.moment().await?;
        self.inner.take_back_all();
        let now = pump::now(&moment);
        for (link, commands) in self.inner.store.run(move |store| Ok(inbox::let_go(store, now))).await? {
            // A radio that does not answer keeps nobody from closing the journal.
            let _ = pump::execute(&self.inner.platform, link, commands).await;
        }
        // Whoever awaits this is not held up by what still ends: threads are waited for on a thread.
        let inner = self.inner.clone();
        let ended = move || {
            inner.network.stop();
            inner.long.stop();
            Ok(inner)
        };
        let inner = Worker::<()>::once("close", ended).await?;
        let closed = inner.store.run(move |store| store.close(moment.now)).await;
        let ended = move || {
            inner.store.stop();
            inner.platform.stop();
            Ok(())
        };
        Worker::<()>::once("close", ended).await?;
        closed
    }

    /// The care plan.
    pub fn plan(&self) -> Plan {
        Plan { inner: self.inner.clone() }
    }

    /// What is to be done, and doing it.
    pub fn agenda(&self) -> Agenda {
        Agenda { inner: self.inner.clone() }
    }

    /// Journeys: whose clock doses follow.
    pub fn travel(&self) -> Travel {
        Travel { inner: self.inner.clone() }
    }

    /// The patient's own day: meals and sleep.
    pub fn routine(&self) -> RoutineOfDay {
        RoutineOfDay { inner: self.inner.clone() }
    }

    /// The journal.
    pub fn journal(&self) -> Journal {
        Journal { inner: self.inner.clone() }
    }

    /// The pump.
    pub fn pump(&self) -> Pump {
        Pump { inner: self.inner.clone() }
    }

    /// Infusions as they went, and looks at devices that cannot tell.
    pub fn infusions(&self) -> Infusions {
        Infusions { inner: self.inner.clone() }
    }

    /// Devices for vital signs.
    pub fn vital_devices(&self) -> VitalDevices {
        VitalDevices { inner: self.inner.clone() }
    }

    /// The one door for the radio: what happened on a link, in order. Events of a link that nobody listens on are dropped,
    /// as they are of a device that was just removed.
    pub async fn radio_events(&self, link: LinkId, events: Vec<RadioEvent>) -> Result<(), HomelineError> {
        let none = |error: &HomelineError| error.kind == ErrorKind::NotFound;
        if link == LinkId::pump() {
            return self
                .pump()
                .radio_events(events)
                .await
                .or_else(|error| if none(&error) { Ok(()) } else { Err(error) });
        }
        for event in events {
            match self.vital_devices().radio_event(link.clone(), event).await {
                Err(error) if !none(&error) => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Messages to and from the care team.
    pub fn messages(&self) -> Messages {
        Messages { inner: self.inner.clone() }
    }

    /// Caregivers: rights, requests, audit.
    pub fn caregivers(&self) -> Caregivers {
        Caregivers { inner: self.inner.clone() }
    }

    /// The clinician's view.
    pub fn clinician(&self) -> Clinician {
        Clinician { inner: self.inner.clone() }
    }

    /// Reminders.
    pub fn reminders(&self) -> Reminders {
        Reminders { inner: self.inner.clone() }
    }

    /// Sending to and fetching from the care team's server.
    pub fn sync(&self) -> Sync {
        Sync { inner: self.inner.clone() }
    }

    /// Accounts at care-team servers: invitations, sign-in.
    pub fn accounts(&self) -> Accounts {
        Accounts { inner: self.inner.clone() }
    }

    /// Trends that the plan asks for.
    pub fn insight(&self) -> Insight {
        Insight { inner: self.inner.clone() }
    }

    /// The visit report.
    pub fn report(&self) -> Report {
        Report { inner: self.inner.clone() }
    }

    /// Everything out, for its owner.
    pub fn export(&self) -> Export {
        Export { inner: self.inner.clone() }
    }

    /// Forms: Homeline's own, and the care team's.
    pub fn forms(&self) -> Forms {
        Forms { inner: self.inner.clone() }
    }

    /// Which sites were used when, and what each did.
    pub fn sites(&self) -> Sites {
        Sites { inner: self.inner.clone() }
    }

    /// Language, wishes, and what protects the journal, on one screen.
    pub fn settings(&self) -> Settings {
        Settings { inner: self.inner.clone() }
    }

    /// The emergency card.
    pub fn card(&self) -> Card {
        Card { inner: self.inner.clone() }
    }

    /// Passcode, recovery code, verification.
    pub fn security(&self) -> Security {
        Security { inner: self.inner.clone() }
    }
}

impl Inner {
    /// Reads clock and zones once.
    pub(crate) async fn moment(&self) -> Result<Moment, HomelineError> {
        let zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.platform.run(move |platform| platform.moment(&zones)).await
    }

    /// One use case that nobody has given a right yet: for who may manage only.
    pub(crate) async fn with_store<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store, &Moment) -> Result<T, HomelineError> + Send + 'static,
    ) -> Result<T, HomelineError> {
        self.allowed(Access::Manage, job).await
    }

    /// One use case on the store's thread, at one moment, by somebody who may. Every public call comes through here or
    /// through [`Inner::allowed_as_of`].
    pub(crate) async fn allowed<T: Send + 'static>(
        &self,
        access: Access,
        job: impl FnOnce(&mut Store, &Moment) -> Result<T, HomelineError> + Send + 'static,
    ) -> Result<T, HomelineError> {
        let mut moment = self.moment().await?;
        self.notice_day(&moment);
        self.store
            .run(move |store| {
                access::check(store, &moment, access)?;
                moment.routine = store.routine().clone();
                moment.texts = store.texts();
                store.notice_clock(&moment)?;
                job(store, &moment)
            })
            .await
    }

    /// One question on the store's thread, as it would be answered at another instant. It writes nothing.
    pub(crate) async fn allowed_as_of<T: Send + 'static>(
        &self,
        access: Access,
        now: DateTime<Utc>,
        question: impl FnOnce(&Store, &Moment) -> Result<T, HomelineError> + Send + 'static,
    ) -> Result<T, HomelineError> {
        let zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Who may what is a matter of now, whatever the instant that is asked about.
        let present = self.moment().await?;
        let mut moment = self.platform.run(move |platform| platform.moment_as_of(&zones, now)).await?;
        self.store
            .run(move |store| {
                access::check(store, &present, access)?;
                moment.routine = store.routine().clone();
                moment.texts = store.texts();
                question(store, &moment)
            })
            .await
    }

    /// Keeps the zones of plan and journal at hand after one of them changed.
    pub(crate) async fn remember_zones(&self) -> Result<(), HomelineError> {
        let zones = self.store.run(|store| Ok(store.known_zones())).await?;
        *self.zones.lock().unwrap_or_else(PoisonError::into_inner) = zones;
        Ok(())
    }

    /// Announces another day, and another zone, when a use case is the first to meet it.
    fn notice_day(&self, moment: &Moment) {
        let today = (moment.local(moment.now).date_naive(), moment.here.zone.clone());
        let before = self.day.lock().unwrap_or_else(PoisonError::into_inner).replace(today.clone());
        if before.is_some_and(|before| before != today) {
            self.announce(Change::Day);
        }
    }

    /// Tells the observer on the platform's thread, once for changes that follow one another quickly.
    pub(crate) fn announce(&self, change: Change) {
        let first = {
            let mut waiting = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.contains(&change) {
                return;
            }
            waiting.push(change);
            waiting.len() == 1
        };
        if first {
            let announced = self.announced.clone();
            // Nobody awaits the answer: an observer that fails has only itself to blame.
            drop(self.platform.run(move |platform| {
                let waiting = std::mem::take(&mut *announced.lock().unwrap_or_else(PoisonError::into_inner));
                if let Some(observer) = &platform.ports.observer {
                    for change in waiting {
                        observer.changed(change)?;
                    }
                }
                Ok(())
            }));
        }
    }
}
