//! The words of the command line. Exit status: 0 is success, 2 is wrong use, 1 is anything else.

use chrono::{DateTime, FixedOffset, NaiveTime};
use clap::{Args, Parser, Subcommand, ValueEnum};
use homeline_model::{BalloonSize, EntryId, EventTiming, MessageTopic, PersonId, Right, ZoneId};
use homeline_pump::{Characteristic, machine_door};
use std::path::PathBuf;

/// The home-infusion companion in a terminal: care plan, reminders, encrypted treatment journal, pump, care team.
#[derive(Debug, Parser)]
#[command(name = "homeline", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "This program does not watch you. Nobody sees your entries right away.\n\
    For danger call the emergency number of your place.\n\n\
    The passcode is asked for, or read from --passcode-fd, or from the credential\n\
    `homeline-passcode` of the service manager ($CREDENTIALS_DIRECTORY).\n\
    It is never an argument.")]
pub struct Arguments {
    /// Folder of the vault.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "HOMELINE_VAULT",
        hide_env_values = true,
        help_heading = "For every command"
    )]
    pub vault: Option<PathBuf>,
    /// One JSON document on standard output instead of tables (contracts: docs/cli.md).
    #[arg(long, global = true, help_heading = "For every command")]
    pub json: bool,
    /// Read the passcode from this open file descriptor (one line).
    #[arg(long, global = true, value_name = "N", help_heading = "For every command")]
    pub passcode_fd: Option<i32>,
    /// Open with the printed recovery code instead of the passcode (asked for, or read from --passcode-fd).
    #[arg(long, global = true, help_heading = "For every command")]
    pub recovery: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new vault, and print its recovery code once.
    Init {
        /// Name that shall stand beside entries.
        #[arg(long)]
        name: String,
        /// Who holds this vault.
        #[arg(long, value_enum, default_value = "patient")]
        role: Role,
    },
    /// The care plan.
    #[command(subcommand)]
    Plan(PlanCommand),
    /// What is to be done today.
    Today,
    /// Carry out what a row of `homeline today` offers, e.g. to log what the pump says.
    Act {
        /// The row by its number in `homeline today`, or the id of an action.
        which: String,
        /// The row's last action instead of its first: leave what it suggests.
        #[arg(long)]
        no: bool,
        /// When it was, if not now or as suggested (RFC 3339).
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Record a dose: start, steps, finish, stop, skip.
    #[command(subcommand)]
    Dose(DoseCommand),
    /// Write something into the journal.
    #[command(subcommand)]
    Log(LogCommand),
    /// Forms: Homeline's own and those of your care team; half-filled ones are kept.
    #[command(subcommand)]
    Form(FormCommand),
    /// The site map: which sites were used when, and what each did.
    Sites,
    /// The emergency card, and the hand-over card for an emergency room.
    Card(CardArguments),
    /// The journal, newest first.
    Journal(JournalArguments),
    /// Search the journal for words.
    Search {
        /// All of these words must occur; the last may be only begun.
        #[arg(required = true)]
        words: Vec<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// The pumps of the plan, and what is known of them here (a terminal has no radio).
    Pump {
        /// A look at a device that cannot tell; without it the pumps are shown.
        #[command(subcommand)]
        command: Option<PumpCommand>,
    },
    /// Infusions as they went: planned and given, pauses, what pump and hand say.
    #[command(subcommand)]
    Infusion(InfusionCommand),
    /// Reminders as they are handed to the phone.
    #[command(visible_alias = "reminders")]
    Notifications {
        /// How many the platform can hold.
        #[arg(long, default_value_t = 64)]
        budget: u32,
        /// As of this time, if not now (RFC 3339, e.g. 2026-11-23T08:05:00-06:00).
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
    /// What should have been done and is not recorded, however long ago.
    Overdue,
    /// Trends that the care plan asks for: what they say, what is watched, what cannot be used.
    Insight,
    /// Journeys: what another zone does to the doses, and whose clock they follow.
    #[command(subcommand)]
    Travel(TravelCommand),
    /// The patient's own day, for orders that hang on meals or sleep.
    #[command(subcommand)]
    Routine(RoutineCommand),
    /// Messages with the care team.
    #[command(subcommand)]
    Message(MessageCommand),
    /// Caregivers: who may do what, inviting and revoking, asking one another.
    #[command(subcommand)]
    Caregiver(CaregiverCommand),
    /// Who saw and did what, and who gave which rights.
    Audit {
        /// Of so many days, 1 to 400.
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
    /// Send to and fetch from the care team's server.
    Sync(SyncArguments),
    /// Take an invitation of a care team: a link, or the text of a QR code.
    Enrol(EnrolArguments),
    /// Sign in at the care team's server, with the browser of this machine.
    SignIn(SignInArguments),
    /// The servers of care teams: which is in use, and where each sign-in stands.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Write the visit report.
    Report(ReportArguments),
    /// Take everything out in the clear: FHIR bundle, every journal entry, attachments.
    Export {
        /// A folder that does not exist yet.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Passcode, recovery code, verification.
    #[command(subcommand)]
    Security(SecurityCommand),
    /// A screen as the phones draw it: messages, reminders, settings and others.
    Screen {
        /// Which.
        #[arg(value_enum)]
        screen: ScreenName,
        /// Which entry, for `entry`.
        #[arg(required_if_eq("screen", "entry"))]
        entry: Option<EntryId>,
    },
    /// The language of screens and advice.
    Language {
        /// `en`, `es`, or `plan` for that of the care plan.
        language: String,
    },
    /// Instruments and CTCAE terms of the last days, for a clinician.
    Clinician,
    /// For machines: Bluetooth values of pumps and vital-sign devices, decoded as JSON.
    #[command(subcommand)]
    Gatt(GattCommand),
    /// Score an instrument: JSON on standard input to JSON. For clinicians and for machines.
    Score {
        /// Which.
        #[arg(value_enum)]
        instrument: Instrument,
    },
    /// What the rules say to FHIR Observations and QuestionnaireResponses on standard input. For machines.
    Triage {
        /// The care plan, a FHIR R4 Bundle.
        #[arg(long, value_name = "FILE")]
        plan: PathBuf,
        /// As of when (RFC 3339); the latest of the entries when left out.
        #[arg(long, value_name = "TIME")]
        now: Option<String>,
    },
    /// List the error-prone abbreviations in a text on standard input, each with the fix.
    LintText,
    /// For machines: the occurrences of a FHIR Timing, Dosage or MedicationRequest from standard input, as JSON.
    Timing(TimingArguments),
    /// Play a patient's whole day in a simulated home.
    #[cfg(feature = "demo")]
    Demo(DemoArguments),
}

/// Pumps, and devices that cannot tell.
#[derive(Debug, Subcommand)]
pub enum PumpCommand {
    /// Write down what was seen on a balloon, a bag, a syringe or a screen.
    CheckIn(CheckInArguments),
}

/// What was seen.
#[derive(Debug, Args)]
pub struct CheckInArguments {
    /// The dose, by its id in `homeline today --json`; the one that runs when left out.
    #[arg(long, value_name = "ID")]
    pub dose: Option<String>,
    /// How full the balloon looks.
    #[arg(long, value_enum)]
    pub balloon: Option<Balloon>,
    /// What is left, in mL.
    #[arg(long, value_name = "ML")]
    pub remaining: Option<String>,
    /// What went in by the screen, in mL.
    #[arg(long, value_name = "ML")]
    pub infused: Option<String>,
    /// Drops in a minute.
    #[arg(long, value_name = "N")]
    pub drops: Option<u32>,
    /// The rate on the screen, in mL/h.
    #[arg(long, value_name = "ML_PER_H")]
    pub rate: Option<String>,
    /// A picture of it (JPEG or PNG).
    #[arg(long, value_name = "FILE")]
    pub photo: Option<PathBuf>,
    /// Own words.
    #[arg(long)]
    pub note: Option<String>,
    /// When, if not now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

/// How full a balloon looks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Balloon {
    /// As it came.
    Full,
    /// A quarter is in.
    ThreeQuarters,
    /// Half is in.
    Half,
    /// Three quarters are in.
    Quarter,
    /// Nothing is left.
    Empty,
}

impl Balloon {
    /// The core's word.
    pub fn size(self) -> BalloonSize {
        match self {
            Self::Full => BalloonSize::Full,
            Self::ThreeQuarters => BalloonSize::ThreeQuarters,
            Self::Half => BalloonSize::Half,
            Self::Quarter => BalloonSize::Quarter,
            Self::Empty => BalloonSize::Empty,
        }
    }
}

/// Infusions as they went.
#[derive(Debug, Subcommand)]
pub enum InfusionCommand {
    /// All of the last days, newest first.
    List {
        /// Days back from today, with today: 1 to 400.
        #[arg(long, default_value_t = 7)]
        days: u32,
    },
    /// One of them.
    Show {
        /// Its id in `homeline infusion list --json`, or the beginning of it.
        infusion: String,
    },
}

/// An invitation.
#[derive(Debug, Args)]
pub struct EnrolArguments {
    /// The link, in quotes: it holds characters that a shell takes for its own.
    pub link: String,
    /// The server was looked at: do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// A sign-in.
#[derive(Debug, Args)]
pub struct SignInArguments {
    /// FHIR base of the server; the one in use when left out.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// The client id that the team gave for this program, with a new --server.
    #[arg(long, value_name = "ID")]
    pub client: Option<String>,
    /// FHIR id of the patient, where the server does not say it.
    #[arg(long, value_name = "ID")]
    pub patient: Option<String>,
    /// The port of this machine that the browser comes back to; any free one when left out.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Only print the address of the page.
    #[arg(long)]
    pub no_browser: bool,
}

/// The servers of care teams.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Show them.
    List,
    /// Send to this one from now on, and fetch from it.
    Use {
        /// Its FHIR base.
        server: String,
    },
    /// Sign out. The journal and what waits stay.
    SignOut {
        /// FHIR base of the server; the one in use when left out.
        server: Option<String>,
    },
}

/// An instrument that can be scored.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Instrument {
    /// National Early Warning Score 2.
    News2,
    /// PRO-CTCAE composite grade.
    ProCtcae,
    /// Visual infusion phlebitis score.
    Vip,
    /// CTCAE v5.0 grade of a fever.
    CtcaeFever,
}

/// The visit report.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Days back from today, with today: 1 to 400.
    #[arg(long, default_value_t = 7)]
    pub days: u32,
    /// As what.
    #[arg(long, value_enum, default_value = "html")]
    pub format: ReportFormat,
    /// The file to write, or the folder for CSV [default: report.html, report.pdf, report-csv, report.json].
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Show private entries too. The report says so.
    #[arg(long)]
    pub include_private: bool,
    /// Show what other helpers wrote in own words too. The report says so.
    #[arg(long)]
    pub include_helpers_notes: bool,
}

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// One self-contained page.
    Html,
    /// A4, tagged for screen readers.
    Pdf,
    /// A folder with one file for each table.
    Csv,
    /// A FHIR R4 document Bundle, JSON.
    Fhir,
}

impl From<ReportFormat> for homeline_companion::ReportFormat {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Html => Self::Html,
            ReportFormat::Pdf => Self::Pdf,
            ReportFormat::Csv => Self::Csv,
            ReportFormat::Fhir => Self::Fhir,
        }
    }
}

impl ReportFormat {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Fhir => "fhir",
        }
    }

    /// What it is called where no name is given.
    pub fn usual_name(self) -> &'static str {
        match self {
            Self::Html => "report.html",
            Self::Pdf => "report.pdf",
            Self::Csv => "report-csv",
            Self::Fhir => "report.json",
        }
    }
}

/// Screens that have no command of their own, or one that does more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScreenName {
    /// One entry in full.
    Entry,
    /// The thread with the care team.
    Messages,
    /// The reminders to come.
    Reminders,
    /// Forms that can be chosen.
    Forms,
    /// Whose clock doses follow.
    Travel,
    /// How fresh it is.
    Sync,
    /// The first page of the visit report of the last seven days.
    Report,
    /// Devices for vital signs.
    Devices,
    /// Language, wishes, and what protects the journal.
    Settings,
}

/// Who holds the vault.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Role {
    /// The person who is treated.
    Patient,
    /// Somebody who helps.
    Caregiver,
}

/// The care plan.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Read a FHIR R4 Bundle from the care team (`-` is standard input).
    Import {
        /// The Bundle, JSON.
        file: PathBuf,
    },
    /// Show the plan.
    Show,
}

/// Which dose, by its number in `homeline today` or by the beginning of its id.
#[derive(Debug, Args)]
pub struct WhichDose {
    /// Number in `homeline today`, or the first characters of the dose's id; the one that is due when left out.
    pub dose: Option<String>,
}

/// Record a dose.
#[derive(Debug, Subcommand)]
pub enum DoseCommand {
    /// It starts now.
    Start {
        #[command(flatten)]
        which: WhichDose,
        /// Lot number from the label.
        #[arg(long)]
        lot: Option<String>,
        /// When it started, if not now (RFC 3339, e.g. 2026-11-23T08:05:00-06:00).
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// It was started although the order says to wait.
        #[arg(long)]
        anyway: bool,
    },
    /// A step is done.
    Step {
        /// `next`, or the key of the step that is next, e.g. `take-out`, `flush`.
        #[arg(default_value = "next")]
        step: String,
        #[command(flatten)]
        which: WhichDose,
    },
    /// All of it went in.
    Finish {
        #[command(flatten)]
        which: WhichDose,
        /// When it ended, if not now.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// It was given although the order says to wait.
        #[arg(long)]
        anyway: bool,
    },
    /// It was stopped, or only a part went in.
    Stop {
        #[command(flatten)]
        which: WhichDose,
        /// Why.
        #[arg(long)]
        reason: String,
        /// How much went in, in mL, if known.
        #[arg(long, value_name = "ML")]
        volume: Option<String>,
    },
    /// It is left out.
    Skip {
        #[command(flatten)]
        which: WhichDose,
        /// Why.
        #[arg(long)]
        reason: String,
        /// The care team said so.
        #[arg(long)]
        care_team_said: bool,
    },
}

/// Write something down.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// The daily check: temperature, site, how you feel, doses, anything for the nurse. A minute.
    Check(FormArguments),
    /// A look at the site: yes/no questions, a picture, the length of the catheter outside.
    Site(FormArguments),
    /// Where the needles of this dose went in, e.g. `left-thigh right-thigh`.
    Sites {
        /// Keys or names; `homeline sites` lists them.
        sites: Vec<String>,
        #[command(flatten)]
        form: FormArguments,
    },
    /// Fluid in or out, e.g. `in 250 mL --what drink`.
    Fluid {
        /// `in` or `out`, then how much with its unit.
        fluid: Vec<String>,
        /// What: drink, tube-feed, infusion; urine, stool, vomit, drain; other.
        #[arg(long)]
        what: Option<String>,
        #[command(flatten)]
        form: FormArguments,
    },
    /// Pain from 0 to 10.
    Pain {
        /// The number.
        score: Option<String>,
        /// Where it hurts.
        #[arg(long = "where")]
        place: Option<String>,
        #[command(flatten)]
        form: FormArguments,
    },
    /// Mood, in own words (`-` reads them from standard input).
    Mood {
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
        /// Stays at home: never sent.
        #[arg(long)]
        private: bool,
    },
    /// How a symptom went on; without a name it lists those that nobody said to be gone.
    Course {
        /// Number in the list, or the beginning of the entry's id.
        symptom: Option<String>,
        /// When it was gone: `now`, 14:05, `2026-11-23 14:05`.
        #[arg(long, value_name = "TIME")]
        ended: Option<String>,
        /// What you did about it.
        #[arg(long, value_name = "WORDS")]
        did: Option<String>,
    },
    /// A symptom, e.g. `chills`, `nausea`; asked for when left out.
    Symptom {
        /// Its key; `homeline log symptom list` lists them.
        symptom: Option<String>,
        /// When it began, if not now: 14:05, `2026-11-23 14:05`.
        #[arg(long, value_name = "TIME")]
        began: Option<String>,
        /// When it was gone, if it is.
        #[arg(long, value_name = "TIME")]
        ended: Option<String>,
        /// What you did about it.
        #[arg(long, value_name = "WORDS")]
        did: Option<String>,
        /// How strong.
        #[arg(long, value_enum)]
        severity: Option<SeverityArgument>,
        /// It is not there: an answer, not a silence.
        #[arg(long)]
        absent: bool,
        /// Own words.
        #[arg(long)]
        note: Option<String>,
    },
    /// A vital sign with its unit, e.g. `37.8 C`, `118/76 mmHg`, `72 kg`, `pain 3`.
    Vital {
        /// Value and unit.
        #[arg(required = true)]
        value: Vec<String>,
    },
    /// Own words (`-` reads them from standard input).
    Note {
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
        /// Stays at home: never sent.
        #[arg(long)]
        private: bool,
    },
    /// A picture, e.g. of the skin around the line. Place and camera data are taken out.
    Photo {
        /// JPEG or PNG.
        file: PathBuf,
        /// What it shows.
        #[arg(long)]
        caption: Option<String>,
    },
    /// A question for the next visit.
    Question {
        /// The words.
        #[arg(required = true)]
        words: Vec<String>,
    },
}

/// How a form is answered. Without any of these it is asked question by question, on a terminal.
#[derive(Debug, Args)]
pub struct FormArguments {
    /// Answer a question, e.g. `--set temperature="37.2 C"`; again for one that takes several answers.
    #[arg(long, value_name = "QUESTION=ANSWER")]
    pub set: Vec<String>,
    /// Answers as JSON, `{"question": "answer", "other": ["a", "b"]}` (`-` is standard input).
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// A picture that goes with a check of the site, JPEG or PNG.
    #[arg(long, value_name = "FILE")]
    pub photo: Option<PathBuf>,
    /// Keep the answers and finish later.
    #[arg(long)]
    pub draft: bool,
}

/// Forms.
#[derive(Debug, Subcommand)]
pub enum FormCommand {
    /// All forms, with their half-filled drafts.
    List,
    /// A form with its questions, and what is answered so far.
    Show {
        /// Its name in the list.
        form: String,
    },
    /// Answer a form; a draft goes on where it was left.
    Answer {
        /// Its name in the list.
        form: String,
        #[command(flatten)]
        answers: FormArguments,
    },
    /// Throw a half-filled form away.
    Discard {
        /// Its name in the list.
        form: String,
    },
}

/// The emergency card.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CardArguments {
    #[command(subcommand)]
    pub command: Option<CardCommand>,
    /// The hand-over card for an emergency room.
    #[arg(long)]
    pub er: bool,
    /// Write it as an HTML page that prints.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Show the card that lies beside the vault, without unlocking it.
    #[arg(long, conflicts_with = "out")]
    pub locked: bool,
}

/// Who may see the card.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Let it be seen without unlocking: a copy in the clear lies beside the vault from now on.
    AllowLocked,
    /// Take it back: the copy beside the vault is removed.
    ForbidLocked,
}

/// How strong a symptom is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SeverityArgument {
    /// Hardly there.
    Mild,
    /// It bothers.
    Moderate,
    /// It stops what one wants to do.
    Severe,
}

/// Which part of the journal.
#[derive(Debug, Args)]
pub struct JournalArguments {
    /// Only these kinds, e.g. `administration,vital,note`.
    #[arg(long, value_delimiter = ',')]
    pub kind: Vec<String>,
    /// Only this order.
    #[arg(long, value_name = "ID")]
    pub order: Option<String>,
    /// From this day on (YYYY-MM-DD).
    #[arg(long, value_name = "DAY")]
    pub from: Option<chrono::NaiveDate>,
    /// Until the end of this day (YYYY-MM-DD).
    #[arg(long, value_name = "DAY")]
    pub to: Option<chrono::NaiveDate>,
    /// At most so many.
    #[arg(long, default_value_t = 30)]
    pub limit: u32,
    /// Go on after this place (printed at the foot of a full page).
    #[arg(long, value_name = "PLACE")]
    pub after: Option<String>,
}

/// Journeys.
#[derive(Debug, Subcommand)]
pub enum TravelCommand {
    /// Whose clock doses follow, and where this machine is.
    Show,
    /// The next doses by the clock of another zone. Changes nothing.
    Preview {
        /// IANA zone, e.g. Europe/Berlin; this machine's own when left out.
        #[arg(value_parser = zone)]
        zone: Option<ZoneId>,
        /// From when on, if not now (RFC 3339, e.g. 2026-12-20T12:00:00+01:00).
        #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
        at: Option<DateTime<FixedOffset>>,
        /// Doses of each order, 1 to 50.
        #[arg(long, default_value_t = 4)]
        doses: u32,
    },
    /// From now on doses follow the clock of this zone. Home stays what the plan says.
    Accept {
        /// IANA zone, e.g. Europe/Berlin; this machine's own when left out.
        #[arg(value_parser = zone)]
        zone: Option<ZoneId>,
    },
}

/// The patient's own day.
#[derive(Debug, Subcommand)]
pub enum RoutineCommand {
    /// What was told.
    Show,
    /// Tell when an event of the day is.
    Set {
        /// `waking`, `breakfast`, `lunch`, `dinner`, `bedtime`, or another code of FHIR's for an event, e.g. MORN.
        #[arg(value_parser = event)]
        event: EventTiming,
        /// When, by the clock on the wall, e.g. 07:30.
        #[arg(value_parser = time_of_day)]
        time: NaiveTime,
    },
}

/// Messages with the care team.
#[derive(Debug, Subcommand)]
pub enum MessageCommand {
    /// Write to the pharmacist or the nurse.
    Send(MessageArguments),
    /// What to know before one waits for an answer to these words: nothing is written.
    Check(MessageArguments),
    /// All threads, newest first: how far each came, and drafts.
    Threads,
    /// One thread, oldest first.
    Show {
        /// Its id, from `message threads --json`: the part after `thread/`.
        #[arg(value_parser = entry)]
        thread: EntryId,
    },
    /// Messages that were begun and not sent.
    #[command(subcommand)]
    Draft(DraftCommand),
    /// Search the messages for words.
    Search {
        /// All of these words must occur; the last may be only begun.
        #[arg(required = true)]
        words: Vec<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// All messages, newest first.
    List,
}

/// What a message carries.
#[derive(Debug, Args)]
pub struct MessageArguments {
    /// To whom.
    #[arg(value_enum)]
    pub to: RecipientArgument,
    /// The words.
    #[arg(required = true)]
    pub words: Vec<String>,
    /// What it is about.
    #[arg(long, value_parser = topic)]
    pub topic: Option<MessageTopic>,
    /// Marked as urgent. That makes nobody read it sooner.
    #[arg(long)]
    pub urgent: bool,
    /// Go on with this thread.
    #[arg(long, value_name = "THREAD", value_parser = entry)]
    pub reply: Option<EntryId>,
    /// Send the last alarm, the last infusion and how it felt with it.
    #[arg(long)]
    pub with_latest: bool,
    /// Send this entry of the journal with it. Repeat it for each.
    #[arg(long, value_name = "ENTRY", value_parser = entry)]
    pub attach: Vec<EntryId>,
}

/// Messages that were begun and not sent.
#[derive(Debug, Subcommand)]
pub enum DraftCommand {
    /// Keep what is written so far.
    Keep {
        /// The draft to go on with; a new one when left out.
        #[arg(long, value_parser = entry)]
        id: Option<EntryId>,
        /// The message.
        #[command(flatten)]
        message: MessageArguments,
    },
    /// All drafts, newest first.
    List,
    /// Send one. A second time it is the same message.
    Send {
        /// Its id.
        #[arg(value_parser = entry)]
        id: EntryId,
    },
    /// Throw one away.
    Discard {
        /// Its id.
        #[arg(value_parser = entry)]
        id: EntryId,
    },
}

fn entry(text: &str) -> Result<EntryId, &'static str> {
    text.parse().map_err(|_| "an id is a UUID")
}

fn topic(text: &str) -> Result<MessageTopic, &'static str> {
    serde_json::from_value(text.into())
        .map_err(|_| "it must be medicine, symptom, line, pump, supplies, visit or other")
}

/// Caregivers.
#[derive(Debug, Subcommand)]
pub enum CaregiverCommand {
    /// Who may do what, until when, and how far the server knows it.
    List,
    /// Invite somebody: prints what their phone needs.
    Invite {
        /// Their name.
        #[arg(long)]
        name: String,
        /// What they are to the patient, e.g. daughter.
        #[arg(long)]
        relationship: String,
        /// What they may do: see, log, acknowledge, message, manage. Repeat it for each, or part them with commas.
        #[arg(long = "right", value_parser = right, required = true, value_delimiter = ',')]
        rights: Vec<Right>,
        /// Until when (RFC 3339); until it is taken back when left out.
        #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
        until: Option<DateTime<FixedOffset>>,
    },
    /// What the phone of somebody needs who is in the plan already.
    Invitation {
        /// Their id, from `caregiver list --json`: the part after `caregiver/`.
        #[arg(value_parser = person)]
        person: PersonId,
    },
    /// Give somebody these rights in place of those that they have.
    Rights {
        /// Their id.
        #[arg(value_parser = person)]
        person: PersonId,
        /// What they may do.
        #[arg(long = "right", value_parser = right, required = true, value_delimiter = ',')]
        rights: Vec<Right>,
        /// Until when (RFC 3339).
        #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
        until: Option<DateTime<FixedOffset>>,
    },
    /// Take all rights away.
    Revoke {
        /// Their id.
        #[arg(value_parser = person)]
        person: PersonId,
    },
    /// Make this vault the one of a caregiver who was invited (`init --role caregiver` first).
    Join {
        /// The file of the invitation, as `caregiver invite --json` printed it; `-` is standard input.
        #[arg(value_name = "FILE")]
        invitation: PathBuf,
    },
    /// Ask somebody at home for something.
    Ask {
        /// Which caregiver; the patient when left out.
        #[arg(long, value_parser = person)]
        to: Option<PersonId>,
        /// Until when (RFC 3339): without an answer by then it is unknown.
        #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
        due: DateTime<FixedOffset>,
        /// What for.
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Requests of the last two weeks, and what became of each.
    Requests,
    /// Say that what this vault's holder was asked for is done.
    Done {
        /// The request, from `caregiver requests --json`: the part after `request/`.
        #[arg(value_parser = entry)]
        request: EntryId,
    },
    /// Say that it will not be done.
    Refuse {
        /// The request.
        #[arg(value_parser = entry)]
        request: EntryId,
        /// Why, in own words.
        #[arg(long)]
        reason: Option<String>,
    },
}

fn person(text: &str) -> Result<PersonId, &'static str> {
    PersonId::new(text).map_err(|_| "an id has 1 to 64 letters, digits, `-` and `.`")
}

fn right(text: &str) -> Result<Right, &'static str> {
    serde_json::from_value(text.into()).map_err(|_| "a right is see, log, acknowledge, message or manage")
}

/// To whom a message goes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RecipientArgument {
    /// The infusion pharmacist.
    Pharmacist,
    /// The infusion nurse.
    Nurse,
}

/// Send and fetch.
#[derive(Debug, Args)]
pub struct SyncArguments {
    /// Say how fresh it is, without any network.
    #[arg(long)]
    pub status: bool,
    /// Use this FHIR R4 server from now on (https, or http on this machine).
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Which patient's plan to fetch at the first time.
    #[arg(long, value_name = "ID")]
    pub patient: Option<String>,
    /// Send what was set aside once more, after the care team's system was mended.
    #[arg(long)]
    pub again: bool,
}

/// Passcode, recovery code, verification.
#[derive(Debug, Subcommand)]
pub enum SecurityCommand {
    /// Verify the journal's chain and the file.
    Verify,
    /// Set another passcode.
    Passcode {
        /// Read the new passcode from this open file descriptor (one line); asked for when left out.
        #[arg(long, value_name = "N")]
        new_passcode_fd: Option<i32>,
    },
    /// Make a new recovery code; the old one is void.
    RecoveryCode,
    /// Write an encrypted backup. It opens with the recovery code of now.
    Backup {
        /// The file. An older backup there is replaced when the new one was read back whole.
        file: PathBuf,
    },
    /// Make the vault anew from a backup, in a folder that holds none.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Read the new passcode from this open file descriptor (one line); asked for when left out. The recovery code is
        /// asked for, or read as `--passcode-fd` says.
        #[arg(long, value_name = "N")]
        new_passcode_fd: Option<i32>,
    },
    /// Give the vault a new data key, after a key may have been seen. Makes a new recovery code and takes a new passcode.
    NewDataKey {
        /// Read the new passcode from this open file descriptor (one line); asked for when left out.
        #[arg(long, value_name = "N")]
        new_passcode_fd: Option<i32>,
    },
}

/// Bluetooth values.
#[derive(Debug, Subcommand)]
pub enum GattCommand {
    /// Decode values of one characteristic.
    Decode {
        /// The characteristic, e.g. 2A1C.
        #[arg(long, value_name = "UUID", value_parser = observed)]
        uuid: Characteristic,
        /// A value in hexadecimal digits. Repeat it for each, in their order: of 2B8B and 2BDD they are segments.
        #[arg(long, required = true, value_name = "HEX")]
        hex: Vec<String>,
        /// Each value ends with its E2E-CRC: check it, and refuse a wrong one.
        #[arg(long)]
        crc: bool,
    },
    /// The E2E-CRC of a value, as its two bytes are sent.
    Crc {
        /// The value in hexadecimal digits.
        #[arg(long, value_name = "HEX")]
        hex: String,
    },
}

/// A characteristic that is decoded: its 16-bit number, or the whole UUID.
fn observed(text: &str) -> Result<Characteristic, String> {
    let text = text.to_ascii_lowercase();
    let known = |characteristic: &Characteristic| {
        let short = format!("{:04x}", characteristic.0);
        text == short || text.strip_prefix("0x") == Some(&short) || text == characteristic.uuid128()
    };
    machine_door::characteristics().find(known).ok_or_else(|| {
        let all: Vec<String> =
            machine_door::characteristics().map(|characteristic| format!("{characteristic:?}")).collect();
        format!("it must be one of {}", all.join(" "))
    })
}

/// A timing, held against a span.
#[derive(Debug, Args)]
pub struct TimingArguments {
    /// IANA zone in which the patient is and lives, e.g. America/Chicago.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub zone: ZoneId,
    /// The first instant of the span (RFC 3339, e.g. 2026-11-23T00:00:00-06:00).
    #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
    pub from: DateTime<FixedOffset>,
    /// The first instant after it.
    #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
    pub to: DateTime<FixedOffset>,
    /// A time of the patient's own day, for orders that hang on it: an event or its FHIR code, and a time, e.g. CM=07:30.
    /// Repeat it for each event.
    #[arg(long, value_name = "EVENT=TIME", value_parser = event_of_day)]
    pub routine: Vec<(EventTiming, NaiveTime)>,
}

fn zone(text: &str) -> Result<ZoneId, &'static str> {
    ZoneId::try_from(text.to_owned())
}

/// A word or FHIR's own code for an event of the day.
fn event(text: &str) -> Result<EventTiming, &'static str> {
    match text {
        "waking" => Ok(EventTiming::Waking),
        "breakfast" => Ok(EventTiming::Breakfast),
        "lunch" => Ok(EventTiming::Lunch),
        "dinner" => Ok(EventTiming::Dinner),
        "bedtime" => Ok(EventTiming::BeforeSleep),
        code => serde_json::from_value(code.into())
            .map_err(|_| "an event is waking, breakfast, lunch, dinner, bedtime or a code of FHIR's such as MORN"),
    }
}

fn time_of_day(text: &str) -> Result<NaiveTime, &'static str> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "a time is hours and minutes, e.g. 07:30")
}

/// `CM=07:30`
fn event_of_day(text: &str) -> Result<(EventTiming, NaiveTime), &'static str> {
    let (code, time) = text.split_once('=').ok_or("it must read EVENT=TIME, e.g. CM=07:30")?;
    Ok((event(code)?, time_of_day(time)?))
}

/// The demonstration.
#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Which plan to live.
    #[arg(long, value_name = "NAME", default_value = "ivig-ladder")]
    pub plan: String,
    /// Another FHIR R4 server than the embedded one.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// A folder for the vault, the report and the transcript; a fresh one when left out.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The day is the same for the same seed.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}
