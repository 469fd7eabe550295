//! The pump: listening to it, never steering it.
//!
//! The session of `homeline-pump` decides; this page keeps its memory and its facts in one transaction, so that a fact is
//! in the journal once, however often the pump tells it and whenever the phone dies.

use crate::access::Access;
use crate::agenda;
use crate::card;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::inbox;
use crate::infusions::run::is_on_pump;
use crate::moment::{Moment, Platform};
use crate::ports::Change;
use crate::screen::{Action, Emphasis, Privacy, Row, Screen, Section};
use crate::store::{Statement, Store};
use crate::texts::Texts;
use crate::words;
use crate::worker::Worker;
use chrono::{DateTime, Duration, Utc};
use homeline_model::{
    AlarmKind, Author, AuthorRole, DeliveryDevice, EntryBody, EntryId, InfusionId, OccurrenceId, OrderRef,
    PumpEventKind, PumpProtocol, Source, Uuid,
};
use homeline_pump::{
    AlarmStatus, AllowedPump, Delivery, LinkId, LinkState, Now, Output, PumpFact, PumpSession, PumpStatus,
    RadioCommand, RadioEvent, SessionMemory, adapter,
};
use homeline_schedule::{ItemState, Span};
use homeline_vault::{ReadTx, VaultError, WriteTx};
use std::sync::Arc;

/// How far around now the running dose is looked for: a 46-hour pump may have been connected two days ago.
const RUNNING_REACH: Duration = Duration::days(8);

/// Begins the id of "I see it".
const SEEN: &str = "alarm.seen:";

/// The pump.
#[derive(Clone)]
pub struct Pump {
    pub(crate) inner: Arc<Inner>,
}

impl Pump {
    /// Pairs with the pump of this serial number, which the plan must name. The phone asks for the passkey that the pump
    /// shows.
    pub async fn enrol(&self, serial: String) -> Result<(), HomelineError> {
        self.drive(Access::Log, move |store, moment| {
            let mut session = new_session(store, moment, &serial)?;
            let output = session.enrol(now(moment));
            store.pump = Some(session);
            Ok(output)
        })
        .await
    }

    /// Listens to the pump of this serial number, which was enrolled before.
    pub async fn listen(&self, serial: String) -> Result<(), HomelineError> {
        self.drive(Access::Log, move |store, moment| {
            let mut session = new_session(store, moment, &serial)?;
            let output = session.start(now(moment));
            store.pump = Some(session);
            Ok(output)
        })
        .await
    }

    /// Something came from the radio. To be called for every event, in order.
    pub async fn radio_event(&self, event: RadioEvent) -> Result<(), HomelineError> {
        self.radio_events(vec![event]).await
    }

    /// Several things came from the radio at once, in order: a burst of notifications is handled in one go.
    pub async fn radio_events(&self, events: Vec<RadioEvent>) -> Result<(), HomelineError> {
        self.drive_all(Access::Log, move |store, moment| {
            let mut done = Done::default();
            for event in events {
                let output = session(store)?.handle(event, now(moment));
                let (commands, changed) = keep(store, moment, output)?;
                done.commands.extend(commands);
                done.changed |= changed;
            }
            Ok(done)
        })
        .await
    }

    /// A person saw the alarm. That silences nothing on the pump.
    pub async fn alarm_seen(&self, code: u32) -> Result<(), HomelineError> {
        self.drive(Access::Acknowledge, move |store, moment| Ok(session(store)?.alarm_seen(code, now(moment)))).await
    }

    /// Carries out an action of the pump's screen.
    pub async fn act(&self, action: String) -> Result<(), HomelineError> {
        let code = seen_alarm(&action)?;
        self.alarm_seen(code).await
    }

    /// Stops listening.
    pub async fn stop(&self) -> Result<(), HomelineError> {
        self.drive(Access::Log, move |store, moment| Ok(session(store)?.stop(now(moment)))).await
    }

    /// When the session wants to be woken with [`RadioEvent::Tick`], on the monotonic clock in milliseconds.
    pub async fn wake_at(&self) -> Result<Option<u64>, HomelineError> {
        self.inner.allowed(Access::Own, |store, _| Ok(store.pump.as_ref().and_then(PumpSession::wake_at))).await
    }

    /// What is known of the pump now, and how old it is; `None` when nobody listens.
    pub async fn status(&self) -> Result<Option<PumpStatus>, HomelineError> {
        self.inner
            .allowed(Access::See("pump"), |store, moment| {
                Ok(store.pump.as_ref().map(|session| session.status(now(moment))))
            })
            .await
    }

    /// The pump as a screen.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner
            .allowed(Access::See("pump"), |store, moment| {
                let status = store.pump.as_ref().map(|session| session.status(now(moment)));
                screen(store, status.as_ref(), moment)
            })
            .await
    }

    async fn drive(
        &self,
        access: Access,
        job: impl FnOnce(&mut Store, &Moment) -> Result<Output, HomelineError> + Send + 'static,
    ) -> Result<(), HomelineError> {
        self.drive_all(access, move |store, moment| {
            let output = job(store, moment)?;
            let (commands, changed) = keep(store, moment, output)?;
            Ok(Done { commands, changed })
        })
        .await
    }

    async fn drive_all(
        &self,
        access: Access,
        job: impl FnOnce(&mut Store, &Moment) -> Result<Done, HomelineError> + Send + 'static,
    ) -> Result<(), HomelineError> {
        let Done { commands, changed } = self
            .inner
            .allowed(access, move |store, moment| {
                let done = job(store, moment)?;
                if done.changed {
                    card::refresh(store, moment, false)?;
                }
                Ok(done)
            })
            .await?;
        if changed {
            self.inner.announce(Change::Pump);
        }
        execute(&self.inner.platform, LinkId::pump(), commands).await
    }
}

/// "I see it", of the alarm with this code.
/// The row of an alarm that is on, without its time and without what to do.
pub(crate) fn alarm_row(texts: Texts, alarm: &AlarmStatus, seen: impl Fn(DateTime<Utc>) -> String) -> Row {
    let mut row = Row::new(format!("alarm/{}", alarm.code), words::alarm_words(texts, &alarm.kind));
    row.state = Some(alarm.seen_at.map_or_else(|| texts.say("pump-alarm.not-seen"), seen));
    row.emphasis = Emphasis::Urgent;
    row.actions.push(Action {
        id: format!("{SEEN}{}", alarm.code),
        label: texts.say("action.alarm.seen"),
        emphasis: Emphasis::Attention,
    });
    row
}

/// The code of the alarm that an action is about.
pub(crate) fn seen_alarm(action: &str) -> Result<u32, HomelineError> {
    action.strip_prefix(SEEN).and_then(|code| code.parse().ok()).ok_or_else(|| {
        HomelineError::input("action", "this is not an action of the pump's screen", "Take the id of a row's action.")
    })
}

/// Hands the commands for one link to the radio.
pub(crate) async fn execute(
    platform: &Worker<Platform>,
    link: LinkId,
    commands: Vec<RadioCommand>,
) -> Result<(), HomelineError> {
    if commands.is_empty() {
        return Ok(());
    }
    platform
        .run(move |platform| {
            let radio = platform.ports.bluetooth.clone().ok_or_else(|| {
                HomelineError::new(
                    ErrorKind::Platform,
                    "platform.no-radio",
                    "this machine has no Bluetooth",
                    "Look at the device itself, and log what it shows.",
                )
            })?;
            for command in commands {
                radio.execute(&link, command)?;
            }
            Ok(())
        })
        .await
}

/// What is left to do after facts and memory are on disk.
#[derive(Default)]
struct Done {
    commands: Vec<RadioCommand>,
    changed: bool,
}

pub(crate) fn now(moment: &Moment) -> Now {
    Now { wall: moment.now, monotonic_ms: moment.monotonic_ms }
}

fn key(serial: &str) -> String {
    format!("pump/{serial}")
}

/// The back-off's jitter differs from phone to phone and start to start; it is no secret.
fn jitter_seed(moment: &Moment) -> u64 {
    moment.monotonic_ms ^ moment.now.timestamp_millis().unsigned_abs()
}

fn session(store: &mut Store) -> Result<&mut PumpSession, HomelineError> {
    store.pump.as_mut().ok_or_else(|| {
        HomelineError::new(ErrorKind::NotFound, "pump.none", "nobody listens to a pump", "Start listening first.")
    })
}

fn device(store: &Store, serial: &str) -> Result<DeliveryDevice, HomelineError> {
    let plan = store.require_plan()?;
    plan.delivery_devices.iter().find(|device| device.serial.as_deref() == Some(serial)).cloned().ok_or_else(|| {
        HomelineError::input(
            "serial",
            "the plan names no pump with this serial number",
            "Compare it with the label on the pump.",
        )
    })
}

/// What the pump of this serial number speaks, as the plan says.
pub(crate) fn protocol(store: &Store, serial: &str) -> PumpProtocol {
    device(store, serial).map(|device| device.protocol).unwrap_or_default()
}

/// A session with the pump of this serial number, in the protocol that the plan names for it.
fn new_session(store: &Store, moment: &Moment, serial: &str) -> Result<PumpSession, HomelineError> {
    let protocol = device(store, serial)?.protocol;
    let memory = store.vault()?.read(|tx| memory(tx, serial))?;
    let allowed = AllowedPump { serial: serial.to_owned() };
    Ok(PumpSession::with_adapter(allowed, memory, jitter_seed(moment), adapter::of(protocol)))
}

/// Facts and memory to disk together; only then are the commands given out.
fn keep(store: &mut Store, moment: &Moment, output: Output) -> Result<(Vec<RadioCommand>, bool), HomelineError> {
    let Output { commands, facts, memory, status_changed } = output;
    if facts.is_empty() && memory.is_none() {
        return Ok((commands, status_changed));
    }
    let serial = session(store)?.serial().to_owned();
    let statements = statements(store, moment, &serial, facts, None)?;
    let worth_handing_over = memory.as_ref().is_some_and(|memory| store.hand_over.is_behind(memory, moment));
    let write_memory = move |tx: &mut WriteTx<'_>| match &memory {
        Some(memory) => put_memory(tx, &serial, memory),
        None => Ok(()),
    };
    let written = if statements.is_empty() {
        store.vault()?.write(write_memory).map_err(HomelineError::from)
    } else {
        store.record_all(moment, statements, None, write_memory).map(|_| ())
    };
    if let Err(error) = written {
        // The session is ahead of the disk: it is dropped, and the next one begins from what was kept.
        store.pump = None;
        return Err(error);
    }
    if worth_handing_over {
        // The facts are on disk; a locked phone that goes on from an older state fetches a few of them again.
        let _ = inbox::hand_over(store);
    }
    Ok((commands, status_changed))
}

/// Whether a fact is a person's word and not the pump's.
fn is_said_by_a_person(kind: &PumpEventKind) -> bool {
    match kind {
        PumpEventKind::AlarmSeen { .. } => true,
        PumpEventKind::Started
        | PumpEventKind::Stopped
        | PumpEventKind::Completed
        | PumpEventKind::LinkUp
        | PumpEventKind::LinkLost
        | PumpEventKind::RecordGap { .. }
        | PumpEventKind::AlarmRaised { .. }
        | PumpEventKind::AlarmCleared { .. }
        | PumpEventKind::Progress => false,
    }
}

/// Tells the session, where one listens to this pump and knows the alarm as not seen. Answers whether it did.
pub(crate) fn see(store: &mut Store, moment: &Moment, serial: &str, alarm: &AlarmKind) -> Result<bool, HomelineError> {
    let Some(session) = store.pump.as_mut().filter(|session| session.serial() == serial) else { return Ok(false) };
    let status = session.status(now(moment));
    let known = status.alarms.iter().find(|known| known.kind == *alarm && known.seen_at.is_none());
    let Some(code) = known.map(|known| known.code) else { return Ok(false) };
    let output = session.alarm_seen(code, now(moment));
    let told = !output.facts.is_empty();
    keep(store, moment, output)?;
    Ok(told)
}

/// The memory of the link to this pump.
pub(crate) fn memory(tx: &ReadTx<'_>, serial: &str) -> Result<SessionMemory, VaultError> {
    Ok(tx.setting(&key(serial))?.unwrap_or_default())
}

pub(crate) fn put_memory(tx: &mut WriteTx<'_>, serial: &str, memory: &SessionMemory) -> Result<(), VaultError> {
    tx.set_setting(&key(serial), memory)
}

/// Facts as statements for the journal, without those that are in it. `heard_at` is when this phone took them in, where that is
/// not now.
pub(crate) fn statements(
    store: &Store,
    moment: &Moment,
    serial: &str,
    facts: Vec<PumpFact>,
    heard_at: Option<DateTime<Utc>>,
) -> Result<Vec<Statement>, HomelineError> {
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    let vault = store.vault()?;
    let link = running_dose(store, moment, serial)?;
    let name = device(store, serial).map_or_else(|_| "Pump".to_owned(), |device| device.name);
    let mut statements = Vec::new();
    for fact in facts {
        let id = fact_id(&fact);
        if vault.read(|tx| tx.has_entry(id))? {
            continue;
        }
        let mut statement = Statement::by_hand(EntryBody::PumpEvent(fact.event));
        statement.id = Some(id);
        // That an alarm was seen, no pump tells: a person said so here.
        if !matches!(&statement.body, EntryBody::PumpEvent(event) if is_said_by_a_person(&event.kind)) {
            statement.source = Source::Pump;
            statement.author = Some(Author { role: AuthorRole::Device, person: None, name: name.clone() });
        }
        statement.happened_at = Some((fact.happened, fact.basis));
        statement.recorded_at = heard_at;
        statement.device_clock = fact.device_clock;
        if let Some((order, occurrence)) = &link {
            statement.order = Some(order.clone());
            statement.occurrence = Some(*occurrence);
            statement.infusion = Some(InfusionId::of(*occurrence));
        }
        statements.push(statement);
    }
    Ok(statements)
}

fn fact_id(fact: &PumpFact) -> EntryId {
    match fact.event.record {
        Some(record) => EntryId::of_pump_record(&fact.event.serial, fact.event.epoch, record, &fact.identity),
        None => EntryId(Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("pump-fact|{}", fact.identity).as_bytes())),
    }
}

/// The dose that runs on this pump as far as anybody recorded.
fn running_dose(
    store: &Store,
    moment: &Moment,
    serial: &str,
) -> Result<Option<(OrderRef, OccurrenceId)>, HomelineError> {
    let span = Span::new(moment.now - RUNNING_REACH, moment.now + Duration::days(1));
    let view = agenda::view(store, moment, span)?;
    let on_this_pump = |order: &homeline_model::Order| is_on_pump(&view.plan, order, serial);
    Ok(view
        .agenda
        .items
        .iter()
        .filter(|item| item.state == ItemState::InProgress)
        .filter_map(|item| item.occurrence.as_ref().map(|occurrence| (item, occurrence)))
        .filter(|(_, occurrence)| view.plan.order(&occurrence.order.id).is_some_and(on_this_pump))
        // The bag before may not be recorded as done yet: the pump has the one that was started last.
        .max_by_key(|(item, _)| item.started_at)
        .map(|(_, occurrence)| (occurrence.order.clone(), occurrence.id)))
}

fn screen(store: &Store, status: Option<&PumpStatus>, moment: &Moment) -> Result<Screen, HomelineError> {
    let plan = store.require_plan()?;
    let texts = moment.texts;
    let clock = |at| moment.shown(at);
    let mut sections = Vec::new();
    match status {
        None => {
            let mut rows: Vec<Row> = plan
                .delivery_devices
                .iter()
                .map(|device| {
                    let mut row = Row::new(device.id.to_string(), device.name.clone());
                    row.details
                        .extend(device.serial.as_ref().map(|serial| texts.fill("plan.serial", &[("serial", serial)])));
                    let key = if device.method.has_radio() { "pump.not-listening" } else { "pump.no-radio" };
                    row.state = Some(texts.say(key));
                    if !device.method.has_radio() {
                        row.details.push(texts.say("pump.no-radio-do"));
                    }
                    row.with_spoken_sentence()
                })
                .collect();
            if rows.is_empty() {
                rows.push(Row::new("no-pump", texts.say("pump.none-in-plan")));
            }
            sections.push(Section { title: None, rows });
        }
        Some(status) => {
            let alarms: Vec<Row> = status
                .alarms
                .iter()
                .filter(|alarm| alarm.cleared_at.is_none())
                .map(|alarm| {
                    let mut row = alarm_row(texts, alarm, |at| texts.fill("pump-alarm.seen", &[("time", &clock(at))]));
                    row.time = Some(clock(alarm.raised_at));
                    row.details.extend(homeline_clinical::alarm_steps(&plan, &alarm.kind, moment.texts.language));
                    row.with_spoken_sentence()
                })
                .collect();
            if !alarms.is_empty() {
                sections.push(Section { title: Some(texts.say("today.pump-alarms")), rows: alarms });
            }
            sections.push(Section { title: Some(texts.say("today.now")), rows: readings(texts, status, &clock) });
        }
    }
    Ok(Screen {
        id: "pump".to_owned(),
        title: texts.say("pump.title"),
        subtitle: status.map(|status| texts.fill("plan.serial", &[("serial", &status.serial)])),
        sections,
        footer: words::numbers_to_call(&plan),
        privacy: Privacy::default(),
    })
}

fn readings(texts: Texts, status: &PumpStatus, clock: &impl Fn(DateTime<Utc>) -> String) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut link = Row::new("link", link_words(texts, &status.state));
    link.details.extend(status.last_heard.map(|at| texts.fill("pump.last-heard", &[("time", &clock(at))])));
    if status.current.is_none() {
        link.emphasis = Emphasis::Attention;
        link.details.push(texts.say("pump.look"));
    }
    if status.untrusted {
        link.details.push(texts.say("pump.untrusted"));
    }
    rows.push(link.with_spoken_sentence());
    if status.firmware_tested == Some(false) {
        let mut row = Row::new("firmware", texts.say("pump.not-tested"));
        row.state = status.firmware.as_ref().map(|firmware| texts.fill("pump.version", &[("version", firmware)]));
        row.emphasis = Emphasis::Attention;
        row.details.push(texts.say("pump.compare"));
        rows.push(row.with_spoken_sentence());
    }
    let (readings, old) = match (&status.current, &status.last_known) {
        (Some(readings), _) => (Some(readings), None),
        (None, Some(readings)) => (Some(readings), Some(clock(readings.at))),
        (None, None) => (None, None),
    };
    let Some(readings) = readings else { return rows };
    let mut add = |id: &str, title: &'static str, value: Option<String>| {
        if let Some(value) = value {
            let mut row = Row::new(id, texts.say(title));
            row.state = Some(match &old {
                Some(at) => texts.fill("pump.not-now", &[("value", &value), ("time", at)]),
                None => value,
            });
            row.emphasis = if old.is_some() { Emphasis::Quiet } else { Emphasis::Plain };
            rows.push(row.with_spoken_sentence());
        }
    };
    add("delivery", "pump.delivery", readings.delivery.map(|delivery| delivery_words(texts, delivery)));
    add("rate", "infusion.rate", readings.rate.as_ref().map(ToString::to_string));
    add("infused", "pump.infused", readings.volume_infused.as_ref().map(ToString::to_string));
    add("remaining", "pump.remaining", readings.volume_remaining.as_ref().map(ToString::to_string));
    add("time", "pump.time-left", readings.time_remaining_s.map(|s| format!("{} min", s.div_ceil(60))));
    add("battery", "pump.battery", readings.battery_percent.map(|percent| format!("{percent} %")));
    if status.clock.as_ref().is_some_and(|clock| clock.needs_setting) {
        let mut row = Row::new("clock-needs-setting", texts.say("pump.clock-needs-setting"));
        row.emphasis = Emphasis::Attention;
        row.details.push(texts.say("pump.clock-ask"));
        rows.push(row.with_spoken_sentence());
    }
    if status.not_handed_over > 0 {
        let mut row =
            Row::new("not-handed-over", texts.fill("pump.not-handed-over", &[("number", &status.not_handed_over)]));
        row.emphasis = Emphasis::Attention;
        row.details.push(texts.say("pump.asked-again"));
        rows.push(row.with_spoken_sentence());
    }
    if let Some(drift) = status.clock.as_ref().filter(|drift| drift.off) {
        let mut row = Row::new("clock", texts.say("pump.clock-off"));
        row.state = Some(format!("{} min", drift.error_ms.abs() / 60_000));
        row.emphasis = Emphasis::Attention;
        rows.push(row.with_spoken_sentence());
    }
    for hole in &status.holes {
        let mut row = Row::new(
            format!("hole/{}", hole.first),
            texts.fill("pump.hole", &[("from", &hole.first), ("to", &hole.last)]),
        );
        row.emphasis = Emphasis::Attention;
        rows.push(row.with_spoken_sentence());
    }
    rows
}

fn delivery_words(texts: Texts, delivery: Delivery) -> String {
    texts.say(match delivery {
        Delivery::Delivering => "pump.delivering",
        Delivery::NotDelivering => "pump.not-delivering",
        Delivery::Transitioning => "pump.changing",
    })
}

pub(crate) fn link_words(texts: Texts, state: &LinkState) -> String {
    texts.say(match state {
        LinkState::Off => "pump.link-off",
        LinkState::NotEnrolled => "pump.link-not-enrolled",
        LinkState::BluetoothOff(_) => "pump.link-bluetooth-off",
        LinkState::Scanning => "pump.link-scanning",
        LinkState::Connecting => "pump.link-connecting",
        LinkState::Securing => "pump.link-securing",
        LinkState::Discovering | LinkState::Syncing => "pump.link-syncing",
        LinkState::Live => "pump.link-live",
        LinkState::Backoff { retry_in_s } => {
            return texts.fill("pump.link-backoff", &[("seconds", retry_in_s)]);
        }
        LinkState::BondLost => "pump.link-bond-lost",
        LinkState::Refused(reason) => return texts.fill("pump.link-refused", &[("reason", reason)]),
    })
}
