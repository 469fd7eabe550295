//! What Homeline needs from the platform. The shell lends it; the core decides.
//!
//! Every port is synchronous and every call returns a `Result`: a shell that fails must not take the core with it.
//! Ports are called on one thread of their own, never with a lock held, so a slow port delays answers but never a durable
//! write. The key store alone is called by the vault itself, on the thread that owns it, when the vault is opened and when
//! the head of the journal is sealed.

use chrono::{DateTime, Utc};
use homeline_model::{ZoneId, ZoneTable};
use homeline_pump::{LinkId, RadioCommand};
use homeline_schedule::PlannedNotification;
use std::sync::Arc;

pub use homeline_schedule::NotificationPermission;
pub use homeline_vault::{KeyStore, KeyStoreError};

/// A port that could not do what was asked. `reason` is for a log: no names, drugs or words of the patient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the phone's {port} did not answer: {reason}")]
pub struct PortError {
    /// Which port, e.g. `clock`.
    pub port: String,
    /// Why, in a few words.
    pub reason: String,
}

/// The phone's clocks.
pub trait Clock: Send + Sync {
    /// The wall clock, UTC.
    fn now(&self) -> Result<DateTime<Utc>, PortError>;
    /// Milliseconds of a clock that is never set (since boot or any other fixed moment), counting through sleep.
    fn monotonic_ms(&self) -> Result<u64, PortError>;
}

/// The phone's zone and its rules. Phones know them best: tables that are built in age.
pub trait ZoneRules: Send + Sync {
    /// The zone in which the phone is now.
    fn current_zone(&self) -> Result<ZoneId, PortError>;
    /// The rules of a zone between two instants.
    fn table(&self, zone: &ZoneId, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<ZoneTable, PortError>;
}

/// The phone's radio, shaped like `BluetoothGatt` and CoreBluetooth: a command now, its events later through
/// [`crate::Homeline::radio_events`], with the link that they are from.
pub trait BluetoothPort: Send + Sync {
    /// Carries out one command on the link to one device; the radio holds a connection for each link. An error means that it
    /// was not begun.
    fn execute(&self, link: &LinkId, command: RadioCommand) -> Result<(), PortError>;
}

/// The phone's notification centre.
pub trait NotificationPort: Send + Sync {
    /// Hands over the difference between two plans: adds first, then removes, so that a failure in between rings twice
    /// and never not at all.
    fn apply(&self, add: Vec<PlannedNotification>, remove: Vec<String>) -> Result<(), PortError>;
    /// The ids of the alarms that the phone itself lists as to come. After a force-stop that may be none.
    fn pending(&self) -> Result<Vec<String>, PortError>;
    /// The alarms that rang, as far as the phone knows, also those that were told before.
    fn fired(&self) -> Result<Vec<FiredNotification>, PortError>;
    /// Whether the phone lets Homeline ring.
    fn permission(&self) -> Result<NotificationPermission, PortError>;
}

/// The system's browser, for sign-in pages: a custom tab or `ASWebAuthenticationSession`, never a web view, which could
/// read the password.
pub trait BrowserPort: Send + Sync {
    /// Opens a page. Where it sends the browser in the end begins with `redirect_uri`: that whole address comes back
    /// through [`crate::Accounts::finish_sign_in`]. An error means that nothing was opened.
    fn open(&self, address: &str, redirect_uri: &str) -> Result<(), PortError>;
}

/// An alarm that rang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiredNotification {
    /// Its id.
    pub id: String,
    /// When it rang, by the phone's clock.
    pub at: DateTime<Utc>,
}

/// What changed, announced after it is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The care plan.
    Plan,
    /// The journal, and with it the agenda.
    Journal,
    /// Messages.
    Messages,
    /// The pump's state.
    Pump,
    /// The devices for vital signs.
    VitalDevices,
    /// What the care team has and has not.
    Sync,
    /// Another day has begun where the phone is, or the phone is in another zone: every screen with a time is another.
    Day,
}

/// The shell's ear. Changes that follow one another quickly are announced once.
pub trait ChangeObserver: Send + Sync {
    /// Something changed; read the screen again.
    fn changed(&self, change: Change) -> Result<(), PortError>;
}

/// Everything that the platform lends.
#[derive(Clone)]
pub struct Ports {
    /// Wall and monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// Zone rules.
    pub zones: Arc<dyn ZoneRules>,
    /// Hardware keys.
    pub key_store: Arc<dyn KeyStore>,
    /// Radio; `None` on a machine without one.
    pub bluetooth: Option<Arc<dyn BluetoothPort>>,
    /// Notification centre; `None` where reminders are only shown.
    pub notifications: Option<Arc<dyn NotificationPort>>,
    /// Browser; `None` where the shell shows the address of a sign-in page itself.
    pub browser: Option<Arc<dyn BrowserPort>>,
    /// Who is told of changes.
    pub observer: Option<Arc<dyn ChangeObserver>>,
}
