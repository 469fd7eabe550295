//! A phone in the simulated home: its folder, its clocks, its zone, its radio, and the real core on it.

use crate::notification_centre::NotificationCentre;
use chrono::{DateTime, Duration, Utc};
use homeline_companion::{
    BluetoothPort, BrowserPort, Change, ChangeObserver, Clock, Config, Credentials, Homeline, HomelineError,
    KeyProtection, KeyStore, KeyStoreError, LinkId, NewProfile, Passcode, PasscodeCost, PortError, Ports, RadioCommand,
    RadioEvent, ZoneRules,
};
use homeline_home::{PumpConfig, SimulatedPump, StepClock, plans};
use homeline_model::{AuthorRole, ZoneId, ZoneTable, ZoneTransition};
use jiff::{Timestamp, tz::TimeZone};
use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

pub(crate) const PASSCODE: &str = "four words on paper";

/// Runs a story to its end. The core needs no runtime of its caller: this one only polls.
pub fn play<T>(story: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without I/O needs nothing");
    tokio::task::LocalSet::new().block_on(&runtime, story)
}

/// The Bundle of a plan that ships with the simulated home.
pub fn plan(name: &str) -> Vec<u8> {
    plans::named(name).expect("a plan of the simulated home").as_bytes().to_vec()
}

/// An instant, RFC 3339.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The phone.
pub struct Phone {
    /// Wall clock, monotonic clock and zone.
    pub clock: StepClock,
    /// The pump in the same room, where there is one.
    pub pump: Option<Arc<Mutex<SimulatedPump>>>,
    /// What rings.
    pub centre: Arc<NotificationCentre>,
    /// What the shell was told.
    pub ear: Arc<Ear>,
    hold: Arc<Hold>,
    radio: Option<Arc<dyn BluetoothPort>>,
    browser: Option<Arc<dyn BrowserPort>>,
    put_forward: Arc<AtomicI32>,
    folder: TempDir,
    vault: PathBuf,
}

impl Phone {
    /// A new phone in a zone, at an instant.
    pub fn new(zone: &str, now: &str) -> Self {
        let clock = StepClock::at(at(now));
        clock.set_zone(ZoneId::new(zone).expect("a zone"));
        let folder = TempDir::new().expect("a temporary folder");
        let vault = folder.path().join("vault");
        let centre = Arc::new(NotificationCentre::new(clock.clone()));
        let (ear, hold, put_forward) = (Arc::default(), Arc::default(), Arc::default());
        Self { clock, pump: None, centre, ear, hold, radio: None, browser: None, put_forward, folder, vault }
    }

    /// With this radio.
    pub fn with_radio(mut self, radio: Arc<dyn BluetoothPort>) -> Self {
        self.radio = Some(radio);
        self
    }

    /// With this browser.
    pub fn with_browser(mut self, browser: Arc<dyn BrowserPort>) -> Self {
        self.browser = Some(browser);
        self
    }

    /// With a pump of this serial number in the room.
    pub fn beside_pump(mut self, serial: &str) -> Self {
        let mut pump = SimulatedPump::new(PumpConfig::new(serial), self.clock.now());
        pump.set_in_range(true);
        self.pump = Some(Arc::new(Mutex::new(pump)));
        self
    }

    /// The phone gets new zone rules: every clock of the world is put forward by so many seconds.
    pub fn put_clocks_forward(&self, seconds: i32) {
        self.put_forward.store(seconds, Ordering::Relaxed);
    }

    /// A folder that is gone after the story.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes the journal and takes in a plan that ships with the simulated home.
    pub async fn begin(&self, plan_name: &str) -> Homeline {
        self.begin_with(plan(plan_name)).await
    }

    /// Makes the patient's journal and takes in a Bundle.
    pub async fn begin_with(&self, bundle: Vec<u8>) -> Homeline {
        self.begin_as("Rosa Ibarra", AuthorRole::Patient, bundle).await
    }

    /// Makes the journal of somebody and takes in a Bundle.
    pub async fn begin_as(&self, name: &str, role: AuthorRole, bundle: Vec<u8>) -> Homeline {
        let profile = NewProfile { name: name.to_owned(), role };
        let created = Homeline::create(self.config(), self.ports(), profile, Some(Passcode::new(PASSCODE))).await;
        let homeline = created.expect("a new vault").homeline;
        homeline.plan().import(bundle).await.expect("a plan of the simulated home");
        homeline
    }

    /// Opens the journal.
    pub async fn open(&self) -> Homeline {
        self.try_open(PASSCODE).await.expect("a vault that was made before")
    }

    /// Tries to open the journal.
    pub async fn try_open(&self, passcode: &str) -> Result<Homeline, HomelineError> {
        Homeline::open(self.config(), self.ports(), Credentials::Passcode(Passcode::new(passcode))).await
    }

    /// The power goes: what is on disk at this instant is all that the phone has from now on. The old process keeps
    /// its own copy of the folder, as a ghost that nobody hears.
    pub fn lose_power(&mut self) {
        // Each time another folder: the ghost still has the files of the one before open.
        let mut after = self.vault.clone().into_os_string();
        after.push(".after-power-loss");
        let after = PathBuf::from(after);
        copy(&self.vault, &after).expect("files of the vault");
        self.vault = after;
    }

    /// The vault's folder.
    pub fn vault(&self) -> &Path {
        &self.vault
    }

    /// The platform as the core sees it.
    pub fn ports(&self) -> Ports {
        Ports {
            clock: Arc::new(PhoneClock { clock: self.clock.clone(), hold: self.hold.clone() }),
            zones: Arc::new(PhoneZones { clock: self.clock.clone(), put_forward: self.put_forward.clone() }),
            key_store: Arc::new(NoKeyStore),
            bluetooth: match &self.pump {
                Some(pump) => Some(Arc::new(Air(pump.clone()))),
                None => self.radio.clone(),
            },
            notifications: Some(self.centre.clone()),
            browser: self.browser.clone(),
            observer: Some(self.ear.clone()),
        }
    }

    /// How this phone keeps its vault.
    pub fn config(&self) -> Config {
        let mut config = Config::new(&self.vault, KeyProtection::PasscodeAlone);
        config.passcode_cost = PasscodeCost::MINIMUM;
        config
    }

    /// The reading of the clock after `readings` more ones waits until the sender is used: everything that the core
    /// wants from the platform queues up behind it.
    pub fn hold_clock_after(&self, readings: usize) -> Sender<()> {
        let (release, wait) = channel();
        *self.hold.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((readings, wait));
        release
    }

    /// Time passes for phone and pump, minute by minute, and the radio is listened to.
    pub async fn pass(&self, homeline: &Homeline, minutes: i64) {
        for _ in 0..minutes {
            self.clock.advance(Duration::minutes(1));
            if let Some(mut pump) = self.pump() {
                pump.advance(Duration::minutes(1));
            }
            self.listen(homeline).await;
        }
    }

    /// Carries what the radio says to the core until both are quiet.
    pub async fn listen(&self, homeline: &Homeline) {
        let due = homeline.pump().wake_at().await.expect("an open journal");
        if due.is_some_and(|due| due <= self.clock.monotonic_ms()) {
            homeline.pump().radio_event(RadioEvent::Tick).await.expect("a session");
        }
        loop {
            let events = self.pump().map(|mut pump| pump.take_events()).unwrap_or_default();
            if events.is_empty() {
                return;
            }
            for event in events {
                homeline.pump().radio_event(event).await.expect("a session");
            }
        }
    }

    /// The pump, for a moment.
    pub fn pump(&self) -> Option<MutexGuard<'_, SimulatedPump>> {
        self.pump.as_ref().map(|pump| pump.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Copies a folder, in depth.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.file_type()?.is_dir() {
            copy(&item.path(), &target)?;
        } else {
            fs::copy(item.path(), &target)?;
        }
    }
    Ok(())
}

/// A reading of the clock that waits.
#[derive(Default)]
struct Hold(Mutex<Option<(usize, Receiver<()>)>>);

impl Hold {
    fn wait(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.take() {
            Some((0, release)) => {
                drop(held);
                // A story that ended lets go as well.
                let _ = release.recv();
            }
            Some((more, release)) => *held = Some((more - 1, release)),
            None => {}
        }
    }
}

struct PhoneClock {
    clock: StepClock,
    hold: Arc<Hold>,
}

impl Clock for PhoneClock {
    fn now(&self) -> Result<DateTime<Utc>, PortError> {
        self.hold.wait();
        Ok(self.clock.now())
    }
    fn monotonic_ms(&self) -> Result<u64, PortError> {
        Ok(self.clock.monotonic_ms())
    }
}

struct PhoneZones {
    clock: StepClock,
    put_forward: Arc<AtomicI32>,
}

impl ZoneRules for PhoneZones {
    fn current_zone(&self) -> Result<ZoneId, PortError> {
        Ok(self.clock.zone())
    }
    fn table(&self, zone: &ZoneId, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<ZoneTable, PortError> {
        let fault = |error: jiff::Error| PortError { port: "zone rules".to_owned(), reason: error.to_string() };
        let rules = TimeZone::get(zone.as_str()).map_err(fault)?;
        let from = Timestamp::from_second(from.timestamp()).map_err(fault)?;
        let to = Timestamp::from_second(to.timestamp()).map_err(fault)?;
        let transitions = rules.following(from).take_while(|transition| transition.timestamp() < to);
        let put_forward = self.put_forward.load(Ordering::Relaxed);
        let transitions = transitions.map(|transition| ZoneTransition {
            at: transition.timestamp().as_second(),
            offset_seconds: transition.offset().seconds() + put_forward,
        });
        Ok(ZoneTable {
            zone: zone.clone(),
            version: String::new(),
            initial_offset_seconds: rules.to_offset(from).seconds() + put_forward,
            transitions: transitions.collect(),
        })
    }
}

/// The air between phone and pump.
struct Air(Arc<Mutex<SimulatedPump>>);

impl BluetoothPort for Air {
    fn execute(&self, _link: &LinkId, command: RadioCommand) -> Result<(), PortError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).execute(command);
        Ok(())
    }
}

/// The passcode protects alone in these stories; hardware keys have tests of their own in the vault.
struct NoKeyStore;

impl KeyStore for NoKeyStore {
    fn wrap(&self, _secret: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
    fn unwrap(&self, _wrapped: &[u8]) -> Result<Vec<u8>, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
    fn counter(&self) -> Result<u64, KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
    fn set_counter(&self, _value: u64) -> Result<(), KeyStoreError> {
        Err(KeyStoreError::Unavailable)
    }
}

/// Writes down what the shell was told.
#[derive(Default)]
pub struct Ear(Mutex<Vec<Change>>);

impl Ear {
    /// What was told since the last time.
    pub fn take(&self) -> Vec<Change> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ChangeObserver for Ear {
    fn changed(&self, change: Change) -> Result<(), PortError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(change);
        Ok(())
    }
}
