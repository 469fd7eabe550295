//! One day, minute by minute: clock, pump, reminders, the patient's hands, the care team.

use super::PASSCODE;
use super::home::{Home, NotificationCentre};
use super::story::{Happening, Story};
use super::transcript::{Transcript, Voice};
use crate::commands::write_whole;
use crate::failure::Failure;
use crate::zones::HostZones;
use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use homeline_companion::{
    Config, Credentials, Homeline, JournalFilter, KeyProtection, NewProfile, Passcode, PumpStatus, RadioEvent,
    Recipient, ReportFormat, ZoneRules,
};
use homeline_home::care_team::CareTeam;
use homeline_home::{PumpConfig, SimulatedPump, StepClock};
use homeline_model::{AuthorRole, CarePlan, Decimal, EntryKind, Severity, ZoneTable};
use homeline_schedule::{AgendaItem, ItemState};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The day that every plan has a dose on.
const DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day of the calendar");
/// The patient gets up.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(6, 0, 0).expect("a time of the day");
/// The earliest end of the day, in hours after the morning; a dose that runs longer prolongs it.
const HOURS: i64 = 16;
/// How often the phone talks to the server by itself, in minutes.
const SYNC_EVERY: i64 = 30;
/// A picture of the skin around a line, drawn for the demonstration.
const SITE_PICTURE: &[u8] = include_bytes!("../../../../tests/home/pictures/site.png");

/// The one JSON object of the demonstration.
#[derive(Debug, Serialize)]
pub struct Summary {
    plan: String,
    occurrences: u64,
    administrations: u64,
    entries: u64,
    alarms: u64,
    messages_sent: u64,
    messages_received: u64,
    synced: u64,
    waiting: u64,
    /// The visit report.
    pub report: PathBuf,
    /// The day in words.
    pub transcript: PathBuf,
    /// The encrypted journal.
    pub vault: PathBuf,
}

#[derive(Default)]
struct Counts {
    messages_sent: u64,
    messages_received: u64,
    synced: u64,
    alarms: BTreeSet<(u32, DateTime<Utc>)>,
}

/// The day and everything in it.
pub struct Day {
    name: String,
    pub(super) homeline: Homeline,
    pub(super) home: Home,
    team: CareTeam,
    transcript: Transcript,
    zone: ZoneTable,
    pub(super) plan: CarePlan,
    pub(super) story: Story,
    pub(super) chances: fastrand::Rng,
    pub(super) seed: u64,
    counts: Counts,
    embedded: bool,
    listening: bool,
    pub(super) begins: DateTime<Utc>,
    pub(super) ends: DateTime<Utc>,
    last_sync: DateTime<Utc>,
    last_link: String,
    blocked_since: Option<DateTime<Utc>>,
    pub(super) announced: BTreeSet<String>,
    failing: bool,
    /// At this reading of the pump's counter the running program is through, in mL.
    pub(super) pump_full_at: Decimal,
    over: BTreeSet<(u32, DateTime<Utc>)>,
}

fn plan_of(json: &str) -> Result<CarePlan, Failure> {
    let imported = homeline_fhir::import_plan(json.as_bytes(), None);
    imported.map(|imported| imported.plan).map_err(|error| Failure::Failed(error.to_string()))
}

/// The clock of the simulated home in the morning of the day, where the patient lives.
pub fn clock_at_start(json: &str) -> Result<StepClock, Failure> {
    let plan = plan_of(json)?;
    let table = rules(&plan)?;
    let noon = Utc.from_utc_datetime(&DAY.and_time(NaiveTime::MIN)) + Duration::hours(12);
    let offset = Duration::seconds(i64::from(table.offset_at(noon.timestamp())));
    Ok(StepClock::at(Utc.from_utc_datetime(&(DAY.and_time(MORNING) - offset))))
}

fn rules(plan: &CarePlan) -> Result<ZoneTable, Failure> {
    let noon = Utc.from_utc_datetime(&DAY.and_time(NaiveTime::MIN));
    HostZones { here: None }
        .table(&plan.home_zone, noon - Duration::days(30), noon + Duration::days(30))
        .map_err(|error| Failure::Failed(error.to_string()))
}

impl Day {
    /// The morning: a new vault, enrolled with the team's server, which has the plan.
    #[expect(clippy::too_many_arguments, reason = "the parts of a home, handed over once")]
    pub async fn begin(
        name: &str,
        json: &str,
        clock: StepClock,
        team: CareTeam,
        folder: &Path,
        seed: u64,
        echo: bool,
        embedded: bool,
    ) -> Result<Self, Failure> {
        let plan = plan_of(json)?;
        let zone = rules(&plan)?;
        let begins = clock.now();
        let mut chances = fastrand::Rng::with_seed(seed);
        let pump = plan
            .delivery_devices
            .iter()
            .find(|device| device.method.has_radio() && !device.backup)
            .and_then(|device| device.serial.clone())
            .map(|serial| {
                let mut config = PumpConfig::new(&serial);
                config.seed = seed;
                let mut pump = SimulatedPump::new(config, begins);
                pump.set_in_range(true);
                Arc::new(Mutex::new(pump))
            });
        let home = Home { clock, pump, centre: NotificationCentre::default() };
        let config = Config::new(folder.join("vault"), KeyProtection::PasscodeAlone);
        let profile = NewProfile { name: plan.patient.name.clone(), role: AuthorRole::Patient };
        let created =
            Homeline::create(config, home.ports(&plan.home_zone), profile, Some(Passcode::new(PASSCODE))).await?;
        let story = Story::of(&mut chances);
        let mut day = Self {
            name: name.to_owned(),
            homeline: created.homeline,
            home,
            team,
            transcript: Transcript::new(echo),
            zone,
            plan,
            story,
            chances,
            seed,
            counts: Counts::default(),
            embedded,
            listening: false,
            begins,
            ends: begins + Duration::hours(HOURS),
            last_sync: begins,
            last_link: String::new(),
            blocked_since: None,
            announced: BTreeSet::new(),
            failing: false,
            pump_full_at: Decimal::ZERO,
            over: BTreeSet::new(),
        };
        day.enrol(json).await?;
        Ok(day)
    }

    async fn enrol(&mut self, json: &str) -> Result<(), Failure> {
        self.transcript.line(&format!("A day with Homeline: {}", self.name));
        let server = if self.embedded {
            "The care team's server is a small FHIR R4 subset inside this program; pump, clock and people are simulated."
        } else {
            "The care team's server is another FHIR R4 server; pump, clock and people are simulated."
        };
        self.transcript.line(server);
        self.team.put_plan(json)?;
        self.say(Voice::Homeline, "A new encrypted journal. Its recovery code was printed once.");
        let patient = self.plan.patient.id.to_string();
        self.homeline.sync().enrol(self.team.phone_url(), patient, None).await?;
        let synced = self.homeline.sync().now().await?;
        if let Some(reason) = synced.stopped {
            return Err(Failure::Failed(format!("the plan could not be fetched: {reason}")));
        }
        let plan = self.homeline.plan().current().await?;
        self.plan = plan.ok_or_else(|| Failure::Failed("the server holds no plan of this patient".to_owned()))?;
        self.say(Voice::CareTeam, &format!("Enrolled. The plan has arrived: {}.", self.plan.title));
        for change in &synced.plan_changes {
            self.say(Voice::Homeline, &format!("{change}."));
        }
        if let Some(serial) = self.serial() {
            self.homeline.pump().enrol(serial).await?;
            self.listening = true;
            self.pump_round().await?;
        }
        self.homeline.reminders().hand_over(64).await?;
        let today = self.homeline.agenda().today().await?;
        let mut planned: Vec<String> =
            today.rows().filter_map(|row| row.time.as_ref().map(|time| format!("{time} {}", row.title))).collect();
        planned.sort();
        self.say(Voice::Homeline, &format!("Today: {}.", planned.join("; ")));
        Ok(())
    }

    fn serial(&self) -> Option<String> {
        self.home.pump.as_ref()?;
        let device = self.plan.delivery_devices.iter().find(|device| device.method.has_radio() && !device.backup)?;
        device.serial.clone()
    }

    /// From morning to night.
    pub async fn live(&mut self) -> Result<(), Failure> {
        while self.now() < self.ends {
            self.home.clock.advance(Duration::minutes(1));
            if let Some(mut pump) = self.pump() {
                pump.advance(Duration::minutes(1));
            }
            self.pump_round().await?;
            self.ring();
            self.hands().await?;
            self.happenings().await?;
            if self.now() - self.last_sync >= Duration::minutes(SYNC_EVERY) {
                self.sync().await?;
            }
        }
        self.sync().await?;
        // A server may date a record a moment before it shows it: the last answers come with the next look.
        self.sync().await
    }

    /// The night: report, counts, the vault closed.
    pub async fn finish(mut self, folder: &Path) -> Result<Summary, Failure> {
        let days = u32::try_from((self.local(self.now()).date_naive() - DAY).num_days() + 1).unwrap_or(1);
        let visit = self.homeline.report().visit(days).await?;
        self.say(
            Voice::Homeline,
            &format!(
                "The visit report is written: {} of {} doses recorded.",
                visit.doses_recorded, visit.doses_planned
            ),
        );
        let verified = self.homeline.security().verify().await?;
        if let Some(finding) = verified.findings.first() {
            return Err(Failure::Failed(format!("the journal does not verify: {finding}")));
        }
        self.say(Voice::Homeline, "The journal's chain verifies: nothing was changed and nothing is missing.");
        let state = self.homeline.sync().status().await?;
        let occurrences = self
            .items()
            .await?
            .iter()
            .filter(|item| item.occurrence.is_some() && item.start >= self.begins && item.start < self.ends)
            .count() as u64;
        let administrations = self.count(EntryKind::Administration).await?;
        let entries = self.homeline.journal().count().await?;
        let (report, transcript) = (folder.join("report.html"), folder.join("transcript.txt"));
        visit.write(ReportFormat::Html, &report)?;
        visit.write(ReportFormat::Pdf, &folder.join("report.pdf"))?;
        visit.write(ReportFormat::Fhir, &folder.join("report.json"))?;
        // A day that was played here before may have left one.
        let _ = std::fs::remove_dir_all(folder.join("report-csv"));
        visit.write(ReportFormat::Csv, &folder.join("report-csv"))?;
        write_whole(&transcript, self.transcript.text().as_bytes())?;
        self.homeline.close().await?;
        self.reopen_once(folder).await?;
        Ok(Summary {
            plan: self.name,
            occurrences,
            administrations,
            entries,
            alarms: self.counts.alarms.len() as u64,
            messages_sent: self.counts.messages_sent,
            messages_received: self.counts.messages_received,
            synced: self.counts.synced,
            waiting: state.waiting,
            report,
            transcript,
            vault: folder.join("vault"),
        })
    }

    /// What was written can be opened again with the passcode: the day's last proof.
    async fn reopen_once(&self, folder: &Path) -> Result<(), Failure> {
        let config = Config::new(folder.join("vault"), KeyProtection::PasscodeAlone);
        let ports = self.home.ports(&self.plan.home_zone);
        let again = Homeline::open(config, ports, Credentials::Passcode(Passcode::new(PASSCODE))).await?;
        Ok(again.close().await?)
    }

    /// The day went wrong: what is on disk stays, and the vault is closed.
    pub async fn abandon(&mut self) {
        // The failure that led here is the one to report.
        let _ = self.homeline.close().await;
    }

    async fn count(&self, kind: EntryKind) -> Result<u64, Failure> {
        let mut count = 0;
        let mut after = None;
        loop {
            let filter = JournalFilter { kinds: vec![kind], ..JournalFilter::default() };
            let page = self.homeline.journal().timeline(filter, after, 500).await?;
            count += page.rows.len() as u64;
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(count),
            }
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.home.clock.now()
    }

    pub(super) fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        let offset = FixedOffset::east_opt(self.zone.offset_at(at.timestamp()))
            .unwrap_or(FixedOffset::east_opt(0).expect("zero is within a day"));
        at.with_timezone(&offset)
    }

    pub(super) fn say(&mut self, voice: Voice, text: &str) {
        let at = self.local(self.now());
        self.transcript.say(at, voice, text);
    }

    pub(super) fn pump(&self) -> Option<MutexGuard<'_, SimulatedPump>> {
        self.home.pump.as_ref().map(|pump| pump.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) async fn items(&self) -> Result<Vec<AgendaItem>, Failure> {
        let from = self.begins - Duration::hours(36);
        Ok(self.homeline.agenda().items(from, self.ends.max(self.now()) + Duration::hours(2)).await?)
    }

    // ---- the pump ------------------------------------------------------------------------------

    /// Carries events from the air to the session until both are quiet, and tells what is new.
    async fn pump_round(&mut self) -> Result<(), Failure> {
        if !self.listening {
            return Ok(());
        }
        let due = self.homeline.pump().wake_at().await?.is_some_and(|at| at <= self.home.clock.monotonic_ms());
        if due {
            self.homeline.pump().radio_event(RadioEvent::Tick).await?;
        }
        loop {
            let events = self.pump().map(|mut pump| pump.take_events()).unwrap_or_default();
            if events.is_empty() {
                break;
            }
            self.homeline.pump().radio_events(events).await?;
        }
        if let Some(status) = self.homeline.pump().status().await? {
            self.tell_pump(&status).await?;
        }
        Ok(())
    }

    async fn tell_pump(&mut self, status: &PumpStatus) -> Result<(), Failure> {
        let heard = status.current.is_some();
        let link = if heard { "heard" } else { "not heard" };
        if self.last_link != link {
            match (heard, self.last_link.is_empty()) {
                (true, true) => self.say(Voice::Homeline, "The pump is paired and can be heard."),
                (true, false) => {
                    self.say(Voice::Homeline, "The pump is heard again; its record was fetched, nothing is missing.")
                }
                (false, false) => self.say(
                    Voice::Homeline,
                    "The pump is out of reach. What it does now is not known here: look at the pump.",
                ),
                (false, true) => {}
            }
            if heard || !self.last_link.is_empty() {
                link.clone_into(&mut self.last_link);
            }
        }
        let mut seen = Vec::new();
        for alarm in &status.alarms {
            if self.counts.alarms.insert((alarm.code, alarm.raised_at)) {
                self.transcript.say(self.local(self.now()), Voice::Pump, &format!("ALARM: {}", alarm.text));
                let advice = self.plan.alarm_advice.iter().find(|advice| advice.alarm == alarm.kind);
                let steps = advice.map(|advice| advice.steps.join(" ")).unwrap_or_default();
                self.say(
                    Voice::Homeline,
                    &format!("Pump alarm. {steps} Always follow the pump's own screen and sound."),
                );
            }
            if alarm.cleared_at.is_some() && self.over.insert((alarm.code, alarm.raised_at)) {
                self.transcript.say(self.local(self.now()), Voice::Pump, &format!("Over: {}.", alarm.text));
            }
            if alarm.seen_at.is_none()
                && alarm.cleared_at.is_none()
                && self.now() - alarm.raised_at >= Duration::minutes(1)
            {
                seen.push(alarm.code);
            }
        }
        for code in seen {
            self.say(Voice::Patient, "Sees the alarm and looks at the line.");
            self.homeline.pump().alarm_seen(code).await?;
        }
        Ok(())
    }

    // ---- reminders -----------------------------------------------------------------------------

    fn ring(&mut self) {
        for reminder in self.home.centre.ring(self.now()) {
            let text = homeline_companion::reminder_words(&reminder);
            self.say(Voice::Reminder, &text);
        }
    }

    // ---- what else happens ---------------------------------------------------------------------

    async fn happenings(&mut self) -> Result<(), Failure> {
        for happening in self.story.due(self.now()) {
            self.happen(happening).await?;
        }
        // A blocked line is found and opened some minutes after the alarm.
        if self.blocked_since.is_some_and(|since| self.now() - since >= Duration::minutes(12)) {
            self.blocked_since = None;
            if let Some(mut pump) = self.pump() {
                pump.open_line();
                pump.press_start();
            }
            self.say(Voice::Patient, "Finds the closed clamp, opens it, and starts the pump again.");
        }
        Ok(())
    }

    async fn happen(&mut self, happening: Happening) -> Result<(), Failure> {
        let journal = self.homeline.journal();
        match happening {
            Happening::Temperature(text) => {
                let logged = journal.vital(text.clone()).await?;
                self.say(Voice::Patient, &format!("Logs a temperature: {text}."));
                for logged in &logged {
                    self.tell_advice(logged);
                }
            }
            Happening::Feeling(text) => {
                let logged = journal.note(text.to_owned(), false).await?;
                self.say(Voice::Patient, &format!("Writes: “{text}”"));
                self.tell_advice(&logged);
            }
            Happening::Symptom(key, severity) => {
                let logged = journal.symptom(key.to_owned(), true, Some(severity), None).await?;
                let word = match severity {
                    Severity::Mild => "mild",
                    Severity::Moderate => "moderate",
                    Severity::Severe => "severe",
                };
                self.say(Voice::Patient, &format!("Logs a symptom: {key}, {word}."));
                self.tell_advice(&logged);
            }
            Happening::SitePicture => {
                journal.photo(SITE_PICTURE.to_vec(), Some("Skin around the line".to_owned())).await?;
                self.say(
                    Voice::Patient,
                    "Takes a picture of the skin around the line. It is sealed without place and camera data.",
                );
            }
            Happening::DailyCheck(temperature, question) => self.daily_check(temperature, question).await?,
            Happening::Message(text) => {
                self.homeline.messages().send(Recipient::Pharmacist, text.to_owned()).await?;
                self.counts.messages_sent += 1;
                self.say(Voice::Patient, &format!("Writes to the pharmacist: “{text}”"));
                self.sync().await?;
            }
            Happening::Answer(text) => {
                let pharmacist =
                    self.plan.care_team.iter().find(|person| person.role.to_lowercase().contains("pharmac"));
                let sender = pharmacist.map(|person| format!("Practitioner/{}", person.id)).unwrap_or_default();
                let patient = self.plan.patient.id.to_string();
                if self.team.answer(&patient, &sender, text, self.now())? {
                    self.say(Voice::CareTeam, "The pharmacist answers.");
                }
                self.sync().await?;
            }
            Happening::LineBlocked => {
                if self.block_line() {
                    self.blocked_since = Some(self.now());
                } else if self.items().await?.iter().any(|item| item.state == ItemState::InProgress) {
                    self.say(
                        Voice::Patient,
                        "Looks at the device by hand, as it has no radio: it runs, nothing leaks.",
                    );
                    journal.note("Checked the device: it runs, nothing leaks.".to_owned(), false).await?;
                }
            }
            Happening::PumpOutOfReach | Happening::PumpInReach => {
                let near = matches!(happening, Happening::PumpInReach);
                if let Some(mut pump) = self.pump() {
                    pump.set_in_range(near);
                }
            }
            Happening::NetworkLost => {
                if self.team.lose_network()? {
                    self.say(Voice::Network, "Lost.");
                } else {
                    self.say(Voice::Network, "Stays up: this server cannot be cut off from here.");
                }
            }
            Happening::NetworkBack => {
                self.team.regain_network()?;
                self.say(Voice::Network, "Back.");
                self.sync().await?;
            }
        }
        Ok(())
    }

    /// The five questions of the daily check, as a phone asks them.
    async fn daily_check(&mut self, temperature: String, question: &str) -> Result<(), Failure> {
        let open = |item: &AgendaItem| {
            item.occurrence.is_some()
                && item.start <= self.now()
                && matches!(
                    item.state,
                    ItemState::Due | ItemState::Late | ItemState::InProgress | ItemState::NotRecorded
                )
        };
        let doses = if self.items().await?.iter().any(open) { "not-all" } else { "all" };
        let answers = [
            ("temperature", temperature.as_str()),
            ("site-look", "no-change"),
            ("feeling", "same"),
            ("doses", doses),
            ("nurse", question),
        ];
        let answers = answers.map(|(question, answer)| (question.to_owned(), vec![answer.to_owned()]));
        self.homeline.forms().answer("check".to_owned(), answers.to_vec()).await?;
        let logged = self.homeline.forms().finish("check".to_owned(), None).await?;
        let dose = if doses == "all" { "all doses done" } else { "not all doses done" };
        self.say(
            Voice::Patient,
            &format!(
                "Does the daily check: {temperature}, nothing new at the site, about the same as yesterday, {dose}. For \
                 the nurse: “{question}”"
            ),
        );
        self.tell_advice(&logged);
        Ok(())
    }

    /// A clamp closes. `false` when no pump delivers that could notice.
    fn block_line(&self) -> bool {
        match self.pump() {
            Some(mut pump) if pump.is_delivering() => {
                pump.block_line();
                true
            }
            Some(_) | None => false,
        }
    }

    async fn sync(&mut self) -> Result<(), Failure> {
        self.last_sync = self.now();
        let synced = self.homeline.sync().now().await?;
        self.counts.synced += synced.sent;
        self.counts.messages_received += synced.messages;
        if synced.messages > 0 {
            let rows = self.homeline.messages().list(u32::try_from(synced.messages).unwrap_or(1)).await?;
            for row in rows.iter().rev() {
                let from = row.state.clone().unwrap_or_default();
                self.say(Voice::CareTeam, &format!("Message {from}: “{}”", row.title));
            }
        }
        for change in &synced.plan_changes {
            self.say(Voice::CareTeam, &format!("{change}."));
        }
        // Told when it fails, and when it is whole again: not every half hour.
        let failing = synced.stopped.is_some();
        if failing || self.failing {
            self.say(Voice::Homeline, &synced.state.sentence);
        }
        self.failing = failing;
        if synced.set_aside > 0 {
            for aside in &synced.state.set_aside {
                self.say(Voice::Homeline, &format!("Set aside: {}: {}", aside.resource_type, aside.reason));
            }
        }
        Ok(())
    }
}
