//! Each call of the API by its name in a story, its answer as JSON.

use super::keys::{KeyState, MemoryKeys};
use super::radio::{Heard, SilentRadio};
use super::team::StoryBrowser;
use super::{radio, team};
use crate::phone::{Phone, at, plan};
use chrono::{DateTime, NaiveTime, Utc};
use homeline_companion::{
    ActionInput, Change, CheckIn, Clock, Config, Consent, Credentials, Homeline, HomelineError, Inbox, Invitation,
    JournalFilter, KeyProtection, LinkId, Logged, MessageSent, NewCaregiver, NewMessage, NewProfile, Passcode,
    PasscodeCost, PortError, Ports, ReportFormat, Work, reminder_words,
};
use homeline_model::{AuthorRole, EntryId, PersonId, Right, Severity, ZoneId};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Alarms that a phone holds; iOS keeps no more.
const BUDGET: u32 = 64;

/// A phone, and the journal that is open on it.
pub(super) struct World {
    phone: Phone,
    keys: Arc<MemoryKeys>,
    /// For a locked phone: they answer also when `keys` does not.
    locked_keys: Arc<MemoryKeys>,
    clock: Arc<MoodyClock>,
    browser: Arc<StoryBrowser>,
    homeline: RefCell<Option<Homeline>>,
    inbox: RefCell<Option<Inbox>>,
    /// What a caregiver's phone was given last.
    invitation: RefCell<Option<Invitation>>,
}

/// What a call answers. The outer error is the story's own fault.
type Answer = Result<Result<Value, HomelineError>, String>;

impl World {
    pub(super) fn new(zone: &str, now: &str) -> Self {
        let browser = Arc::new(StoryBrowser::default());
        let phone = Phone::new(zone, now).with_radio(Arc::new(SilentRadio)).with_browser(browser.clone());
        let clock = Arc::new(MoodyClock {
            inner: phone.ports().clock,
            throws: AtomicBool::new(false),
            panics: AtomicU32::new(0),
        });
        Self {
            phone,
            keys: Arc::new(MemoryKeys::new()),
            locked_keys: Arc::new(MemoryKeys::new()),
            clock,
            browser,
            homeline: RefCell::new(None),
            inbox: RefCell::new(None),
            invitation: RefCell::new(None),
        }
    }

    /// Makes one call.
    pub(super) async fn call(&self, name: &str, args: &Value) -> Answer {
        let args = Args(args.as_object().ok_or("args: an object")?);
        if let Some(verb) = name.strip_prefix("phone.") {
            return self.phone_call(verb, &args).map(Ok);
        }
        match name {
            "create" => return self.create(&args).await,
            "open" => return self.open(&args).await,
            "restore" => return self.restore(&args).await,
            "radio.play" => return self.play(&args).await,
            _ => {}
        }
        if let Some(name) = name.strip_prefix("inbox.") {
            return self.inbox_call(name, &args).await;
        }
        let homeline = self.homeline.borrow().clone().ok_or("no journal is open")?;
        self.open_call(&homeline, name, &args).await
    }

    fn phone_call(&self, verb: &str, args: &Args<'_>) -> Result<Value, String> {
        match verb {
            "pass" => self.phone.clock.advance(chrono::Duration::minutes(args.number("minutes")?)),
            "set" => self.phone.clock.set_wall(at(args.text("now")?)),
            "zone" => self.phone.clock.set_zone(ZoneId::new(args.text("zone")?).ok_or("zone: an IANA name")?),
            "keys" => self.keys.set(match args.text("are")? {
                "here" => KeyState::Here,
                "locked" => KeyState::Locked,
                "lost" => KeyState::Lost,
                other => return Err(format!("keys are not {other}")),
            }),
            "clock" => self.clock.throws.store(args.flag("throws"), Ordering::Relaxed),
            "ring" => {
                let rang = self.phone.centre.ring().into_iter().map(|alarm| {
                    let actions: Vec<_> = alarm.actions.iter().map(|action| json!({ "id": action.id })).collect();
                    json!({
                        "id": alarm.id, "sound": alarm.sound, "private": alarm.private,
                        "text": reminder_words(&alarm), "actions": actions,
                    })
                });
                return Ok(rang.collect());
            }
            "held" => return Ok(json!({ "alarms": self.phone.centre.held().len() })),
            "team_server" => return team::open().map_err(|error| error.to_string()),
            "browser" => self.browser.throws.store(args.flag("throws"), Ordering::Relaxed),
            "came_back" => return Ok(self.browser.came_back().ok_or("no page was opened")?.into()),
            "forget_alarms" => self.phone.centre.lose_everything(),
            "heard" => {
                let mut heard: Vec<_> = self.phone.ear.take().into_iter().map(change_word).collect();
                heard.sort_unstable();
                heard.dedup();
                return Ok(json!(heard));
            }
            other => return Err(format!("a phone does not {other}")),
        }
        Ok(Value::Null)
    }

    fn ports(&self) -> Ports {
        Ports { clock: self.clock.clone(), key_store: self.keys.clone(), ..self.phone.ports() }
    }

    /// What a recording has, to whoever listens: the open journal, or the inbox of a locked one.
    async fn play(&self, args: &Args<'_>) -> Answer {
        let (homeline, inbox) = (self.homeline.borrow().clone(), self.inbox.borrow().clone());
        for heard in radio::part(args.text("recording")?, args.text("part")?)? {
            let result = match heard {
                Heard::Pass(minutes) => {
                    self.phone.clock.advance(chrono::Duration::minutes(minutes));
                    Ok(())
                }
                Heard::Events(events) => {
                    let events = events.iter().map(|event| radio::event(event).ok_or_else(|| format!("{event}")));
                    let events = events.collect::<Result<Vec<_>, _>>()?;
                    match (&inbox, &homeline) {
                        (Some(inbox), _) => inbox.radio_events(LinkId::pump(), events).await,
                        (None, Some(homeline)) => homeline.radio_events(LinkId::pump(), events).await,
                        (None, None) => return Err("nobody listens".to_owned()),
                    }
                }
            };
            if let Err(error) = result {
                return Ok(Err(error));
            }
        }
        Ok(Ok(Value::Null))
    }

    async fn inbox_call(&self, name: &str, args: &Args<'_>) -> Answer {
        if name == "open" {
            let folder = self.place(args.optional("folder").unwrap_or("vault"));
            let opened = Inbox::open(folder, self.ports(), self.locked_keys.clone()).await;
            return Ok(opened.map(|inbox| {
                *self.inbox.borrow_mut() = Some(inbox);
                Value::Null
            }));
        }
        let inbox = self.inbox.borrow().clone().ok_or("no inbox is open")?;
        Ok(match name {
            "listen" => inbox.listen().await.map(|()| Value::Null),
            "screen" => inbox.screen().await.map(as_json),
            "act" => inbox.act(args.text("action")?.to_owned()).await.map(|()| Value::Null),
            "close" => {
                self.inbox.borrow_mut().take();
                inbox.close().await.map(|()| Value::Null)
            }
            other => return Err(format!("an inbox has no {other}")),
        })
    }

    fn config(&self, args: &Args<'_>) -> Config {
        let folder = args.optional("folder").unwrap_or("vault");
        let protection = if args.flag("without_keys") { KeyProtection::PasscodeAlone } else { KeyProtection::Hardware };
        let mut config = Config::new(self.place(folder), protection);
        config.passcode_cost = PasscodeCost::MINIMUM;
        config
    }

    async fn create(&self, args: &Args<'_>) -> Answer {
        let role = match args.optional("role") {
            None | Some("patient") => AuthorRole::Patient,
            Some("caregiver") => AuthorRole::Caregiver,
            Some(other) => return Err(format!("nobody is {other}")),
        };
        let profile = NewProfile { name: args.optional("name").unwrap_or("Rosa Ibarra").to_owned(), role };
        let passcode = args.optional("passcode").map(|passcode| Passcode::new(passcode.to_owned()));
        let created = Homeline::create(self.config(args), self.ports(), profile, passcode).await;
        Ok(created.map(|created| {
            *self.homeline.borrow_mut() = Some(created.homeline);
            json!({ "recovery_code": created.recovery_code })
        }))
    }

    async fn open(&self, args: &Args<'_>) -> Answer {
        let credentials = match (args.optional("passcode"), args.optional("recovery_code")) {
            (Some(passcode), None) => Credentials::Passcode(Passcode::new(passcode.to_owned())),
            (None, Some(code)) => Credentials::Recovery(code.to_owned()),
            (None, None) => Credentials::KeyStore,
            (Some(_), Some(_)) => return Err("one of passcode and recovery_code".to_owned()),
        };
        let opened = Homeline::open(self.config(args), self.ports(), credentials).await;
        Ok(opened.map(|homeline| {
            *self.homeline.borrow_mut() = Some(homeline);
            Value::Null
        }))
    }

    async fn restore(&self, args: &Args<'_>) -> Answer {
        let (backup, code) = (self.place(args.text("place")?), args.text("recovery_code")?.to_owned());
        let restored = Homeline::restore(self.config(args), self.ports(), backup, code, None).await;
        Ok(restored.map(|homeline| {
            *self.homeline.borrow_mut() = Some(homeline);
            Value::Null
        }))
    }

    /// Where a story lets something be written.
    fn place(&self, name: &str) -> PathBuf {
        self.phone.folder().join("story").join(name)
    }

    async fn open_call(&self, homeline: &Homeline, name: &str, args: &Args<'_>) -> Answer {
        let journal = homeline.journal();
        Ok(match name {
            "close" => homeline.close().await.map(|()| Value::Null),
            "panic" => {
                // No call of the core panics, so a port does it; in Kotlin and Swift the library does it on purpose.
                self.clock.panics.fetch_add(1, Ordering::Relaxed);
                homeline.agenda().today().await.map(as_json)
            }
            "plan.import" => {
                let bundle = match args.optional("bundle") {
                    Some(bundle) => bundle.as_bytes().to_vec(),
                    None => plan(args.text("plan")?),
                };
                homeline.plan().import(bundle).await.map(as_json)
            }
            "plan.screen" => homeline.plan().screen().await.map(as_json),
            "agenda.today" => homeline.agenda().today().await.map(as_json),
            "agenda.act" => homeline.agenda().act(args.text("action")?.to_owned(), args.input()?).await.map(logged),
            "journal.note" => journal.note(args.text("text")?.to_owned(), args.flag("private")).await.map(logged),
            "journal.question" => journal.question(args.text("text")?.to_owned()).await.map(logged),
            "journal.symptom" => {
                let severity = match args.optional("severity") {
                    None => None,
                    Some("mild") => Some(Severity::Mild),
                    Some("moderate") => Some(Severity::Moderate),
                    Some("severe") => Some(Severity::Severe),
                    Some(other) => return Err(format!("no severity is {other}")),
                };
                let symptom = args.text("symptom")?.to_owned();
                journal.symptom(symptom, !args.flag("absent"), severity, None).await.map(logged)
            }
            "journal.vital" => {
                journal.vital(args.text("text")?.to_owned()).await.map(|all| all.into_iter().map(logged).collect())
            }
            "journal.page" => {
                let place = match args.optional("after").map(str::parse).transpose() {
                    Ok(place) => place,
                    Err(error) => return Ok(Err(error)),
                };
                let size = u32::try_from(args.number("size").unwrap_or(50)).map_err(|_| "size: not below zero")?;
                journal.timeline(JournalFilter::default(), place, size).await.map(as_json)
            }
            "journal.search" => journal.search(args.text("words")?.to_owned(), 50).await.map(as_json),
            "journal.count" => journal.count().await.map(as_json),
            "messages.send" => {
                let NewMessage { to, text, .. } = args.message()?;
                homeline.messages().send(to, text).await.map(logged)
            }
            "messages.write" => homeline.messages().write(args.message()?).await.map(sent),
            "messages.compose" => homeline.messages().compose(args.message()?).await.map(as_json),
            "messages.keep_draft" => {
                let id = args.optional("id").map(str::parse::<EntryId>).transpose().map_err(|_| "id: of a draft")?;
                homeline.messages().keep_draft(id, args.message()?).await.map(as_json)
            }
            "messages.drafts" => homeline.messages().drafts().await.map(|drafts| {
                let drafts = drafts.into_iter().map(|draft| json!({ "id": draft.id, "message": draft.message }));
                drafts.collect()
            }),
            "messages.send_draft" => homeline.messages().send_draft(args.id("id")?).await.map(sent),
            "messages.discard_draft" => homeline.messages().discard_draft(args.id("id")?).await.map(|()| Value::Null),
            "messages.search" => homeline.messages().search(args.text("words")?.to_owned(), 50).await.map(as_json),
            "infusions.list" => homeline.infusions().list(args.small("days")?).await.map(as_json),
            "infusions.show" => homeline.infusions().show(args.text("id")?.to_owned()).await.map(as_json),
            "infusions.screen" => homeline.infusions().screen(args.small("days")?).await.map(as_json),
            "infusions.check_in" => {
                let rate = args.optional("rate_ml_h").map(str::parse).transpose().map_err(|_| "rate_ml_h: a number")?;
                let note = args.optional("note").map(str::to_owned);
                let seen = CheckIn { rate_ml_h: rate, note, ..CheckIn::default() };
                homeline
                    .infusions()
                    .check_in(None, seen, None)
                    .await
                    .map(|checked| json!({ "dose": checked.dose, "words": checked.words, "call": checked.call }))
            }
            "listen_while_locked" => homeline.listen_while_locked(self.locked_keys.clone()).await.map(|()| Value::Null),
            "folded" => {
                let folded = homeline.folded();
                let waits = folded.waits.map(|error| error.to_string());
                Ok(json!({ "entries": folded.entries, "damaged": folded.damaged, "waits": waits }))
            }
            "accounts.read_invitation" => {
                homeline.accounts().read_invitation(args.text("link")?.to_owned()).await.map(as_json)
            }
            "accounts.accept_invitation" => homeline.accounts().enrol(args.text("link")?.to_owned()).await.map(as_json),
            "accounts.list" => homeline.accounts().list().await.map(as_json),
            "accounts.begin_sign_in" => {
                homeline.accounts().begin_sign_in(None, args.text("redirect_uri")?.to_owned()).await.map(as_json)
            }
            "accounts.finish_sign_in" => {
                homeline.accounts().finish_sign_in(args.text("redirect")?.to_owned()).await.map(as_json)
            }
            "caregivers.invite" => {
                let invited = homeline.caregivers().invite(args.caregiver()?).await;
                invited.map(|invitation| {
                    *self.invitation.borrow_mut() = Some(invitation.clone());
                    as_json(invitation)
                })
            }
            "caregivers.invitation" => homeline.caregivers().invitation(args.person()?).await.map(as_json),
            "caregivers.set_rights" => {
                homeline.caregivers().set_rights(args.person()?, args.rights()?, None).await.map(|()| Value::Null)
            }
            "caregivers.join" => {
                let invitation = self.invitation.borrow().clone().ok_or("nobody was invited")?;
                homeline.caregivers().join(invitation, None).await.map(|()| Value::Null)
            }
            "caregivers.screen" => homeline.caregivers().screen().await.map(as_json),
            "pump.status" => homeline.pump().status().await.map(|status| {
                status.map_or(Value::Null, |status| {
                    json!({ "serial": status.serial, "alarms": status.alarms.len(), "live": status.current.is_some() })
                })
            }),
            "sync.send_again" => homeline.sync().send_again().await.map(as_json),
            "settings.chosen_language" => homeline.settings().language().await.map(as_json),
            "accounts.sign_out" => homeline.accounts().sign_out(None).await.map(as_json),
            "agenda.items" => {
                let (from, to) = (at(args.text("from")?), at(args.text("to")?));
                homeline.agenda().items(from, to).await.map(|items| {
                    let items = items.into_iter().map(|item| json!({ "id": item.id, "title": item.title }));
                    items.collect()
                })
            }
            "reminders.hand_over" => {
                let handed = homeline.reminders().hand_over(BUDGET).await;
                handed.map(|(added, removed)| json!({ "added": added, "removed": removed }))
            }
            "reminders.overdue" => homeline.reminders().overdue().await.map(as_json),
            "reminders.quiet_hours" => {
                let hours = (clock_time(args.text("from")?)?, clock_time(args.text("until")?)?);
                homeline.reminders().quiet_hours(Some(hours)).await.map(|()| Value::Null)
            }
            "reminders.answer" => {
                let answered = homeline.reminders().answer(args.text("action")?.to_owned(), args.input()?).await;
                answered.map(|written| written.map_or(Value::Null, logged))
            }
            "sync.enrol" => {
                let (server, patient) = (args.text("server")?.to_owned(), args.text("patient")?.to_owned());
                homeline.sync().enrol(server, patient, None).await.map(|()| Value::Null)
            }
            "sync.now" => homeline.sync().now().await.map(as_json),
            "sync.state" => homeline.sync().status().await.map(as_json),
            "card.screen" => homeline.card().screen(args.flag("hand_over")).await.map(as_json),
            "insight.screen" => homeline.insight().screen().await.map(as_json),
            "sites.screen" => homeline.sites().screen().await.map(as_json),
            "pump.enrol" => homeline.pump().enrol(args.text("serial")?.to_owned()).await.map(|()| Value::Null),
            "pump.listen" => homeline.pump().listen(args.text("serial")?.to_owned()).await.map(|()| Value::Null),
            "pump.screen" => homeline.pump().screen().await.map(as_json),
            "travel.state" => homeline.travel().state().await.map(as_json),
            "travel.preview" => {
                let zone = ZoneId::new(args.text("zone")?).ok_or("zone: an IANA name")?;
                homeline.travel().preview(zone, None, 1).await.map(as_json)
            }
            "travel.accept" => {
                let zone = ZoneId::new(args.text("zone")?).ok_or("zone: an IANA name")?;
                homeline.travel().accept(zone).await.map(|written| written.map_or(Value::Null, logged))
            }
            "report.write" => {
                let days = u32::try_from(args.number("days")?).map_err(|_| "days: not below zero")?;
                let format = match args.text("format")? {
                    "html" => ReportFormat::Html,
                    "pdf" => ReportFormat::Pdf,
                    "csv" => ReportFormat::Csv,
                    "fhir" => ReportFormat::Fhir,
                    other => return Err(format!("no report is {other}")),
                };
                let place = self.place(args.text("place")?);
                let written = homeline.report().write(days, Consent::default(), format, place, Work::default()).await;
                written.map(|written| {
                    json!({ "doses_planned": written.doses_planned, "doses_recorded": written.doses_recorded })
                })
            }
            "report.export" => {
                let place = self.place(args.text("place")?);
                homeline.export().to_folder(place, Work::default()).await.map(as_json)
            }
            "security.back_up" => {
                let place = self.place(args.text("place")?);
                homeline.security().back_up(place, Work::default()).await.map(|made| json!({ "entries": made.entries }))
            }
            "settings.language" => {
                homeline.settings().set_language(args.optional("tag").map(str::to_owned)).await.map(|()| Value::Null)
            }
            "settings.screen" => homeline.settings().screen().await.map(as_json),
            "reminders.screen" => homeline.reminders().screen(BUDGET).await.map(as_json),
            "messages.screen" => homeline.messages().threads().await.map(as_json),
            "sync.screen" => homeline.sync().screen().await.map(as_json),
            "travel.screen" => homeline.travel().screen().await.map(as_json),
            "forms.screen" => homeline.forms().screen().await.map(as_json),
            "forms.list" => homeline.forms().list().await.map(as_json),
            "security.verify" => homeline.security().verify().await.map(as_json),
            "security.set_passcode" => {
                let passcode = args.optional("passcode").map(|passcode| Passcode::new(passcode.to_owned()));
                homeline.security().set_passcode(passcode).await.map(|()| Value::Null)
            }
            "security.new_recovery_code" => homeline.security().new_recovery_code().await.map(as_json),
            other => return Err(format!("the API has no {other}")),
        })
    }
}

fn as_json(answer: impl serde::Serialize) -> Value {
    serde_json::to_value(answer).expect("an answer of the API is plain data")
}

fn logged(logged: Logged) -> Value {
    json!({ "entry": logged.entry.to_string(), "advice": logged.advice })
}

fn sent(sent: MessageSent) -> Value {
    json!({ "logged": logged(sent.logged), "before_you_wait": sent.before_you_wait })
}

/// The error as a story sees it.
pub(super) fn error_as_json(error: &HomelineError) -> Value {
    json!({ "kind": error.kind, "code": error.code, "field": error.field, "retry": error.retry() })
}

fn change_word(change: Change) -> &'static str {
    match change {
        Change::Plan => "plan",
        Change::Journal => "journal",
        Change::Messages => "messages",
        Change::Pump => "pump",
        Change::VitalDevices => "vital-devices",
        Change::Sync => "sync",
        Change::Day => "day",
    }
}

fn clock_time(text: &str) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|error| format!("{text}: {error}"))
}

struct Args<'a>(&'a Map<String, Value>);

impl<'a> Args<'a> {
    fn optional(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        self.optional(name).ok_or_else(|| format!("{name}: a text"))
    }

    fn number(&self, name: &str) -> Result<i64, String> {
        self.0.get(name).and_then(Value::as_i64).ok_or_else(|| format!("{name}: a whole number"))
    }

    fn small(&self, name: &str) -> Result<u32, String> {
        u32::try_from(self.number(name)?).map_err(|_| format!("{name}: not below zero"))
    }

    fn id(&self, name: &str) -> Result<EntryId, String> {
        self.text(name)?.parse().map_err(|_| format!("{name}: an id"))
    }

    fn person(&self) -> Result<PersonId, String> {
        PersonId::new(self.text("person")?).map_err(|error| error.to_string())
    }

    fn rights(&self) -> Result<Vec<Right>, String> {
        let rights = self.0.get("rights").cloned().unwrap_or_default();
        serde_json::from_value(rights).map_err(|error| format!("rights: {error}"))
    }

    fn caregiver(&self) -> Result<NewCaregiver, String> {
        let (name, relationship) = (self.text("name")?.to_owned(), self.text("relationship")?.to_owned());
        Ok(NewCaregiver { name, relationship, rights: self.rights()?, until: None })
    }

    /// The fields are named as those of the record.
    fn message(&self) -> Result<NewMessage, String> {
        serde_json::from_value(Value::Object(self.0.clone())).map_err(|error| error.to_string())
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn input(&self) -> Result<ActionInput, String> {
        let at = self.optional("at").map(str::parse::<DateTime<Utc>>).transpose();
        let volume = self.optional("volume_ml").map(str::parse).transpose();
        Ok(ActionInput {
            at: at.map_err(|error| format!("at: {error}"))?,
            reason: self.optional("reason").map(str::to_owned),
            volume_ml: volume.map_err(|_| "volume_ml: a number")?,
            ..ActionInput::default()
        })
    }
}

/// A clock that can fail as the app's own code can.
struct MoodyClock {
    inner: Arc<dyn Clock>,
    throws: AtomicBool,
    /// So many readings panic.
    panics: AtomicU32,
}

#[expect(clippy::panic, reason = "the stories look at what becomes of a panic")]
impl Clock for MoodyClock {
    fn now(&self) -> Result<DateTime<Utc>, PortError> {
        let fewer = |panics: u32| panics.checked_sub(1);
        if self.panics.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok() {
            panic!("on purpose");
        }
        if self.throws.load(Ordering::Relaxed) {
            return Err(PortError { port: "clock".to_owned(), reason: "it stands".to_owned() });
        }
        self.inner.now()
    }

    fn monotonic_ms(&self) -> Result<u64, PortError> {
        self.inner.monotonic_ms()
    }
}
