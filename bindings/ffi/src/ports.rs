//! What the platform lends: its clocks, zone rules and hardware keys, its radio, notification centre and browser, and an ear
//! for changes.
//!
//! Ports are synchronous (asynchronous foreign traits do not compile in Swift 6 mode with uniffi 0.32, mozilla/uniffi-rs#2929)
//! and are called on companion's own thread for them. An exception that no signature names arrives as an error like any other.

use crate::crossing::{Change, FiredNotification, NotificationPermission, Reminder};
use crate::radio::RadioCommand;
use crate::values::Timestamp;
use chrono::{DateTime, Utc};
use homeline_companion as companion;
use homeline_companion::LinkId;
use homeline_model::{ZoneId, ZoneTransition};
use std::sync::Arc;

/// A port that could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// It failed.
    #[error("{reason}")]
    Failed {
        /// Why, in a few words for a log: no names, drugs or words of the patient.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PortError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // The exception's own text may hold anything, so it stays on the other side.
        Self::Failed { reason: "the app's code threw an exception that the port does not name".to_owned() }
    }
}

/// The phone's clocks.
#[uniffi::export(foreign)]
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Result<Timestamp, PortError>;
    /// Milliseconds of a clock that is never set and counts through sleep, e.g. `SystemClock.elapsedRealtime()`.
    fn monotonic_ms(&self) -> Result<u64, PortError>;
}

/// From `at` on, a zone's clocks are `offset_seconds` east of UTC.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ZoneOffset {
    /// Unix seconds, UTC.
    pub at: i64,
    /// Seconds east of UTC.
    pub offset_seconds: i32,
}

/// One zone's rules over a span of time.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ZoneTable {
    /// The release of the zone data, e.g. `2026f`; empty when the platform does not say.
    pub version: String,
    /// The offset before the first transition, seconds east of UTC.
    pub initial_offset_seconds: i32,
    /// Ascending by `at`.
    pub transitions: Vec<ZoneOffset>,
}

/// The phone's zone and its rules. Phones know them best: tables that are built in age.
#[uniffi::export(foreign)]
pub trait ZoneRules: Send + Sync {
    /// The IANA name of the zone in which the phone is now, e.g. `America/Chicago`.
    fn current_zone(&self) -> Result<String, PortError>;
    /// The rules of a zone between two instants (Unix seconds, UTC).
    fn table(&self, zone: String, from: i64, to: i64) -> Result<ZoneTable, PortError>;
}

/// Why a hardware key did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum KeyStoreError {
    /// Not now: the phone is locked, or the key store does not answer. Nothing is lost.
    #[error("the key store does not answer now")]
    Unavailable,
    /// The key is gone for good, e.g. after the phone's screen lock was removed.
    #[error("the key is gone")]
    Invalidated,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyStoreError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // An exception that nobody foresaw is no proof that the key is gone.
        Self::Unavailable
    }
}

/// The phone's hardware-backed key store. The key never leaves it.
#[uniffi::export(foreign)]
pub trait KeyStore: Send + Sync {
    /// Encrypts a secret of at most 1 KiB under the hardware key, making that key when there is none.
    fn wrap(&self, secret: Vec<u8>) -> Result<Vec<u8>, KeyStoreError>;
    /// Decrypts what `wrap` answered.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, KeyStoreError>;
    /// A number kept where a restored backup of the app's files cannot set it back; 0 when it was never set.
    fn counter(&self) -> Result<u64, KeyStoreError>;
    /// Raises that number. It never goes down.
    fn set_counter(&self, value: u64) -> Result<(), KeyStoreError>;
}

/// The phone's radio.
#[uniffi::export(foreign)]
pub trait BluetoothPort: Send + Sync {
    /// Carries out one command on the link to one device; the radio holds a connection for each link. It returns at once;
    /// what comes of it goes to `Homeline.radio_events` with the same link. An error means that it was not begun.
    fn execute(&self, link: LinkId, command: RadioCommand) -> Result<(), PortError>;
}

/// The phone's notification centre.
#[uniffi::export(foreign)]
pub trait NotificationPort: Send + Sync {
    /// Takes the difference between two plans: adds first, then removes by id, so that a failure in between rings twice and
    /// never not at all.
    fn apply(&self, add: Vec<Reminder>, remove: Vec<String>) -> Result<(), PortError>;
    /// The ids of the alarms that the phone itself lists as to come. After a force-stop that may be none.
    fn pending(&self) -> Result<Vec<String>, PortError>;
    /// The alarms that rang, as far as the phone knows, also those that were told before.
    fn fired(&self) -> Result<Vec<FiredNotification>, PortError>;
    /// Whether the phone lets Homeline ring.
    fn permission(&self) -> Result<NotificationPermission, PortError>;
}

/// The system's browser, for sign-in pages: a custom tab or `ASWebAuthenticationSession`, never a web view, which could read
/// the password.
#[uniffi::export(foreign)]
pub trait BrowserPort: Send + Sync {
    /// Opens a page, and returns at once. Where it sends the browser in the end begins with `redirect_uri`: that whole address
    /// goes to `Homeline.finish_sign_in`, also after the app was killed in between. An error means that nothing was opened.
    fn open_page(&self, address: String, redirect_uri: String) -> Result<(), PortError>;
}

/// The shell's ear. Changes that follow one another quickly are announced once.
#[uniffi::export(foreign)]
pub trait ChangeObserver: Send + Sync {
    /// Something changed, and is on disk: read the screens that show it again. Called on the thread of the ports: hand over
    /// to your own, and return at once.
    fn changed(&self, change: Change) -> Result<(), PortError>;
}

/// Everything that the platform lends.
#[derive(Clone, uniffi::Record)]
pub struct Platform {
    /// Wall and monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// Zone rules.
    pub zones: Arc<dyn ZoneRules>,
    /// Hardware keys.
    pub key_store: Arc<dyn KeyStore>,
    /// Radio; none on a machine without one.
    #[uniffi(default = None)]
    pub bluetooth: Option<Arc<dyn BluetoothPort>>,
    /// Notification centre; none where reminders are only shown.
    #[uniffi(default = None)]
    pub notifications: Option<Arc<dyn NotificationPort>>,
    /// The system's browser; none where the app opens the address of a sign-in page itself.
    #[uniffi(default = None)]
    pub browser: Option<Arc<dyn BrowserPort>>,
    /// Who is told of changes.
    #[uniffi(default = None)]
    pub observer: Option<Arc<dyn ChangeObserver>>,
}

impl From<Platform> for companion::Ports {
    fn from(platform: Platform) -> Self {
        let Platform { clock, zones, key_store, bluetooth, notifications, browser, observer } = platform;
        Self {
            clock: Arc::new(ForeignClock(clock)),
            zones: Arc::new(ForeignZones(zones)),
            key_store: Arc::new(ForeignKeys(key_store)),
            bluetooth: bluetooth.map(|port| Arc::new(ForeignRadio(port)) as Arc<dyn companion::BluetoothPort>),
            notifications: notifications
                .map(|port| Arc::new(ForeignNotifications(port)) as Arc<dyn companion::NotificationPort>),
            browser: browser.map(|port| Arc::new(ForeignBrowser(port)) as Arc<dyn companion::BrowserPort>),
            observer: observer.map(|port| Arc::new(ForeignObserver(port)) as Arc<dyn companion::ChangeObserver>),
        }
    }
}

fn failed(port: &str, error: PortError) -> companion::PortError {
    let PortError::Failed { reason } = error;
    companion::PortError { port: port.to_owned(), reason }
}

fn impossible(port: &str, reason: &str) -> companion::PortError {
    companion::PortError { port: port.to_owned(), reason: reason.to_owned() }
}

struct ForeignClock(Arc<dyn Clock>);

impl companion::Clock for ForeignClock {
    fn now(&self) -> Result<DateTime<Utc>, companion::PortError> {
        self.0.now().map_err(|error| failed("clock", error))
    }

    fn monotonic_ms(&self) -> Result<u64, companion::PortError> {
        self.0.monotonic_ms().map_err(|error| failed("clock", error))
    }
}

struct ForeignZones(Arc<dyn ZoneRules>);

impl companion::ZoneRules for ForeignZones {
    fn current_zone(&self) -> Result<ZoneId, companion::PortError> {
        let name = self.0.current_zone().map_err(|error| failed("zone rules", error))?;
        ZoneId::new(&name).ok_or_else(|| impossible("zone rules", "the current zone has no IANA name"))
    }

    fn table(
        &self,
        zone: &ZoneId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<homeline_model::ZoneTable, companion::PortError> {
        let table = self
            .0
            .table(zone.as_str().to_owned(), from.timestamp(), to.timestamp())
            .map_err(|error| failed("zone rules", error))?;
        if !table.transitions.is_sorted_by_key(|transition| transition.at) {
            return Err(impossible("zone rules", "the transitions are not in order of time"));
        }
        let transitions = table.transitions.into_iter();
        Ok(homeline_model::ZoneTable {
            zone: zone.clone(),
            version: table.version,
            initial_offset_seconds: table.initial_offset_seconds,
            transitions: transitions
                .map(|transition| ZoneTransition { at: transition.at, offset_seconds: transition.offset_seconds })
                .collect(),
        })
    }
}

pub(crate) struct ForeignKeys(pub(crate) Arc<dyn KeyStore>);

fn key_error(error: KeyStoreError) -> companion::KeyStoreError {
    match error {
        KeyStoreError::Unavailable => companion::KeyStoreError::Unavailable,
        KeyStoreError::Invalidated => companion::KeyStoreError::Invalidated,
    }
}

impl companion::KeyStore for ForeignKeys {
    fn wrap(&self, secret: &[u8]) -> Result<Vec<u8>, companion::KeyStoreError> {
        self.0.wrap(secret.to_vec()).map_err(key_error)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Vec<u8>, companion::KeyStoreError> {
        self.0.unwrap(wrapped.to_vec()).map_err(key_error)
    }

    fn counter(&self) -> Result<u64, companion::KeyStoreError> {
        self.0.counter().map_err(key_error)
    }

    fn set_counter(&self, value: u64) -> Result<(), companion::KeyStoreError> {
        self.0.set_counter(value).map_err(key_error)
    }
}

struct ForeignRadio(Arc<dyn BluetoothPort>);

impl companion::BluetoothPort for ForeignRadio {
    fn execute(&self, link: &LinkId, command: companion::RadioCommand) -> Result<(), companion::PortError> {
        self.0.execute(link.clone(), command.into()).map_err(|error| failed("Bluetooth", error))
    }
}

struct ForeignNotifications(Arc<dyn NotificationPort>);

impl companion::NotificationPort for ForeignNotifications {
    fn apply(&self, add: Vec<companion::PlannedNotification>, remove: Vec<String>) -> Result<(), companion::PortError> {
        let add = add.iter().map(Reminder::of).collect();
        self.0.apply(add, remove).map_err(|error| failed("notification centre", error))
    }

    fn pending(&self) -> Result<Vec<String>, companion::PortError> {
        self.0.pending().map_err(|error| failed("notification centre", error))
    }

    fn fired(&self) -> Result<Vec<FiredNotification>, companion::PortError> {
        self.0.fired().map_err(|error| failed("notification centre", error))
    }

    fn permission(&self) -> Result<NotificationPermission, companion::PortError> {
        self.0.permission().map_err(|error| failed("notification centre", error))
    }
}

struct ForeignBrowser(Arc<dyn BrowserPort>);

impl companion::BrowserPort for ForeignBrowser {
    fn open(&self, address: &str, redirect_uri: &str) -> Result<(), companion::PortError> {
        self.0.open_page(address.to_owned(), redirect_uri.to_owned()).map_err(|error| failed("browser", error))
    }
}

struct ForeignObserver(Arc<dyn ChangeObserver>);

impl companion::ChangeObserver for ForeignObserver {
    fn changed(&self, change: Change) -> Result<(), companion::PortError> {
        self.0.changed(change).map_err(|error| failed("observer", error))
    }
}
