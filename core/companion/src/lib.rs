//! The use cases, and the one public API that every shell stands on.
//!
//! [`Homeline`] is one patient's vault on one phone, open. Its parts are the use cases; what they show are screen models
//! ([`Screen`]), decided here once for terminal, Android and iOS. Everything that touches the disk is `async`, only awaits
//! a channel and needs no runtime of the caller. Platform services come in through [`ports`]. No rule of the clinic lives
//! here: schedule, triage and pump session are crates of their own, and pure.
//!
//! In reading order:

#![forbid(unsafe_code)]

/// What is to be done, and doing it.
mod agenda;
/// The emergency card.
mod card;
/// The care plan.
mod care_plan;
/// Who may do what, and who helps whom.
mod caregivers;
/// What a clinician reads off the journal.
mod clinician;
/// The one public error.
mod error;
/// Everything out.
mod export;
/// What a form asks with.
pub mod form;
/// Asking, keeping what is half filled, writing what was answered.
mod forms;
/// The handle, opening and closing.
mod homeline;
/// A locked phone goes on listening.
mod inbox;
/// What of that is not in the journal.
mod inbox_news;
/// Infusions as they went.
mod infusions;
/// Trends, and notices of them.
mod insight;
/// The journal.
mod journal;
/// Messages.
mod messages;
/// What the platform lends.
pub mod ports;
/// The pump.
mod pump;
/// Reminders.
mod reminders;
/// The visit report.
mod report;
/// The patient's own day.
mod routine;
/// What every shell draws.
pub mod screen;
/// Passcode, recovery code, verification.
mod security;
/// Language, wishes, and what protects the journal.
mod settings;
/// Accounts at care-team servers.
mod sign_in;
/// Which sites were used when, and what each did.
mod sites;
/// The care team's server.
mod sync;
/// Journeys.
mod travel;

/// The symptoms that can be logged.
mod symptoms;
/// Triage for machines.
mod triage_door;
/// Devices for vital signs.
mod vital_devices;

mod access;
mod account;
mod alarms;
mod as_needed;
mod audit;
mod entry_screen;
mod infusion;
mod lost_records;
mod moment;
mod network;
mod order_history;
mod outbox;
mod photo;
mod plan_changes;
mod plan_news;
/// What the plan leaves open.
mod plan_questions;
mod pump_alarms;
mod store;
mod texts;
mod triage;
mod whole_file;
mod words;
mod work;
mod worker;

pub use agenda::{ActionInput, Agenda, is_when_needed};
pub use card::{Card, LockedCard};
pub use care_plan::{LARGEST_BUNDLE, Plan, PlanImported};
pub use caregivers::{Caregivers, Invitation, NewCaregiver, SCOPES_FOR_REQUESTS, SCOPES_FOR_RIGHTS};
pub use clinician::Clinician;
pub use error::{ErrorKind, HomelineError, Retry};
pub use export::{Export, Exported};
pub use form::{Choice, Form, FormListed, FormQuestion, QuestionKind};
pub use forms::Forms;
pub use homeline::{Config, Created, Credentials, Homeline, KeyProtection, NewProfile};
pub use inbox::{Folded, Inbox};
pub use infusions::{
    CheckIn, CheckedIn, EndAgainstPlan, GivenByHand, InfusionLook, InfusionPause, InfusionRate, InfusionRecord,
    Infusions, PlannedInfusion, PlannedLook,
};
pub use insight::{Insight, SilentTrend, TrendFault, TrendNotice, TrendReport, trend_notices};
pub use journal::{Journal, JournalFilter, JournalPage, LARGEST_PAGE, LONGEST_TEXT, Place};
pub use messages::{MessageDraft, MessageSent, Messages, NewMessage, Recipient};
pub use ports::{
    BluetoothPort, BrowserPort, Change, ChangeObserver, Clock, FiredNotification, KeyStore, NotificationPermission,
    NotificationPort, PortError, Ports, ZoneRules,
};
pub use pump::Pump;
pub use reminders::{Alarm, Overdue, Reminder, ReminderPlan, Reminders, reminder_words};
pub use report::{Consent, Report, ReportFile, ReportFormat, ReportWritten, VisitReport};
pub use routine::{RoutineEvent, RoutineOfDay};
pub use screen::{Action, Emphasis, Privacy, Row, Screen, Section};
pub use security::{BackedUp, Security, VerificationReport};
pub use settings::Settings;
pub use sign_in::{AccountState, Accounts, SIGN_IN_SCOPES, SignInPage, SignInState, TeamInvitation};
pub use sites::Sites;
pub use store::Logged;
pub use symptoms::{SymptomChoice, symptoms};
pub use sync::{SetAside, Sync, SyncState, Synced};
pub use texts::LANGUAGES;
pub use travel::{Journey, JourneyDose, JourneyOrder, Travel, TravelState};
pub use triage_door::{TriageAnswer, triage_in_background, triage_of_fhir};
pub use vital_devices::VitalDevices;
pub use words::step_words;
pub use work::{Progress, Work};

pub use homeline_pump::{
    AdapterState, AlarmPriority, AlarmStatus, AttError, Characteristic, ClockStatus, Delivery, LinkId, LinkSecurity,
    LinkState, PumpStatus, RadioCommand, RadioEvent, Readings, RecordRange, Refusal, VitalDevice, VitalDeviceKind,
    VitalLink,
};
pub use homeline_schedule::{
    AgendaItem, AgendaKind, AgendaStep, ItemState, ItemWindow, LabFirst, LeftOut, Occurrence, PlannedNotification,
    Precision, Punctuality, Span, Statement, StepNote,
};
pub use homeline_vault::{KeyStoreError, Passcode, PasscodeCost};
