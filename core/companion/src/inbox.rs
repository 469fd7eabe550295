//! A locked phone goes on listening: pump and devices for vital signs are heard while the journal cannot be opened.
//!
//! While Homeline is open it keeps beside the vault what a locked phone must know: which pump and which devices are listened to,
//! and the memory of their links, sealed under a secret that the key store gives out without anybody's presence. [`Inbox`]
//! runs the same sessions from there. What they give, facts and memory together, goes into the vault's inbox, sealed to a key that
//! only the open vault has; then the commands are given out, as ever. At the next opening everything is folded into the
//! journal in its order, and the sessions go on from the memory that came with it.
//!
//! * Nothing is doubled: facts have the same ids whenever they are told, and what was folded is marked in the same
//!   transaction. Nothing is lost: the memory moves only with its facts, and what it has not, the pump's record still has.
//! * A state that is older than the journal costs records that are fetched twice and kept once.
//! * A locked screen names no drug: it says that the pump has an alarm and of which kind, in our words and not in the
//!   pump's, which could name one.

use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::inbox_news;
use crate::moment::{Moment, Platform};
use crate::ports::{Change, KeyStore, Ports};
use crate::pump::{self, execute, link_words};
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::Store;
use crate::texts::Texts;
use crate::vital_devices;
use crate::worker::Worker;
use chrono::{DateTime, Utc};
use homeline_model::PumpProtocol;
use homeline_pump::{
    AllowedPump, LinkId, LinkState, Now, PumpFact, PumpSession, RadioCommand, RadioEvent, SessionMemory, VitalDevice,
    VitalFact, VitalSession, adapter,
};
use homeline_vault::{Parcel, Vault, VaultError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

/// A memory that only moved on in the record is kept for a locked phone after so long, in milliseconds: what is older costs records
/// that are fetched again, and a backfill must not wait for it.
const HAND_OVER_EVERY_MS: u64 = 60_000;
/// Facts that are folded in one transaction.
const FACTS_AT_ONCE: usize = 200;

/// What a locked phone must know to go on.
#[derive(Default, Serialize, Deserialize)]
struct LockedState {
    pump: Option<LockedPump>,
    vital_devices: Vec<VitalDevice>,
}

#[derive(Clone, Serialize, Deserialize)]
struct LockedPump {
    serial: String,
    #[serde(default)]
    protocol: PumpProtocol,
    memory: SessionMemory,
}

/// One item of the inbox: what one call gave, and when.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Item {
    Pump { heard_at: DateTime<Utc>, serial: String, facts: Vec<PumpFact>, memory: Option<Box<SessionMemory>> },
    Vital { heard_at: DateTime<Utc>, link: LinkId, facts: Vec<VitalFact>, device: Option<VitalDevice> },
}

/// What came while the phone was locked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folded {
    /// New entries of it in the journal.
    pub entries: usize,
    /// Files of it that could not be read whole. They are kept; the pump's record is asked again for what was in them.
    pub damaged: usize,
    /// Why the rest waits for the next opening; `None` when nothing waits.
    pub waits: Option<HomelineError>,
}

/// What was handed over to a locked phone last.
#[derive(Debug, Default)]
pub(crate) struct HandOver {
    last: Option<(SessionMemory, u64)>,
}

impl HandOver {
    /// Whether a locked phone should know of this memory now.
    pub(crate) fn is_behind(&mut self, memory: &SessionMemory, moment: &Moment) -> bool {
        let only_further = |last: &SessionMemory| {
            last.enrolment == memory.enrolment
                && last.epoch == memory.epoch
                && last.alarms == memory.alarms
                && last.link_up == memory.link_up
        };
        let fresh = self.last.as_ref().is_some_and(|(last, at)| {
            only_further(last) && moment.monotonic_ms.saturating_sub(*at) < HAND_OVER_EVERY_MS
        });
        if !fresh {
            self.last = Some((memory.clone(), moment.monotonic_ms));
        }
        !fresh
    }
}

/// Keeps what a locked phone must know, where it may listen at all.
pub(crate) fn hand_over(store: &Store) -> Result<(), HomelineError> {
    let pump = store.pump.as_ref().filter(|session| session.is_wanted()).map(|session| LockedPump {
        serial: session.serial().to_owned(),
        protocol: pump::protocol(store, session.serial()),
        memory: session.memory().clone(),
    });
    let listened = |device: &VitalDevice| store.vital_sessions.contains_key(&LinkId(device.id.clone()));
    let vital_devices = vital_devices::stored(store)?.into_iter().filter(listened).collect();
    Ok(store.vault()?.set_inbox_state(&json(&LockedState { pump, vital_devices })?)?)
}

/// Ends listening before the journal is closed, and says what the radio must do for it. That a link ended is told by whoever
/// listens next.
pub(crate) fn let_go(store: &mut Store, now: Now) -> Commands {
    // Without it a locked phone goes on from an older state, and fetches more records than it must.
    let _ = hand_over(store);
    ended(&mut store.pump, &mut store.vital_sessions, now)
}

fn ended(pump: &mut Option<PumpSession>, vital_sessions: &mut BTreeMap<LinkId, VitalSession>, now: Now) -> Commands {
    let pump = pump.take().map(|mut session| (LinkId::pump(), session.stop(now).commands));
    let devices = std::mem::take(vital_sessions).into_iter().map(|(link, mut one)| (link, one.stop().commands));
    pump.into_iter().chain(devices).collect()
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, HomelineError> {
    serde_json::to_vec(value).map_err(|_| VaultError::BadValue { field: "inbox item" }.into())
}

/// What waits in the inbox. An inbox that cannot be looked into or mended now keeps nobody from the journal.
pub(crate) fn waiting(vault: &Vault) -> Vec<Parcel> {
    let parcels = vault.inbox().unwrap_or_default();
    if parcels.is_empty() {
        let _ = vault.prepare_inbox(None);
    }
    parcels
}

impl Inner {
    /// Folds parcels into the journal, one after the other. What fails waits for the next opening.
    pub(crate) async fn fold(&self, parcels: Vec<Parcel>) {
        let folded = self.with_store(move |store, moment| Ok(fold_all(store, moment, parcels))).await;
        let folded = folded.unwrap_or_else(|error| Folded { waits: Some(error), ..Folded::default() });
        if folded.entries > 0 {
            self.announce(Change::Pump);
            self.announce(Change::Journal);
        }
        *self.folded.lock().unwrap_or_else(PoisonError::into_inner) = folded;
    }
}

fn fold_all(store: &mut Store, moment: &Moment, parcels: Vec<Parcel>) -> Folded {
    let mut folded = Folded::default();
    for parcel in parcels {
        let result = fold(store, moment, &parcel, &mut folded.entries).and_then(|()| {
            let vault = store.vault()?;
            if parcel.damaged {
                inbox_news::found_damaged(&vault, moment.now)?;
            }
            Ok(vault.inbox_done(&parcel)?)
        });
        if let Err(error) = result {
            // In order: what came later waits behind it.
            folded.waits = Some(error);
            return folded;
        }
        folded.damaged += usize::from(parcel.damaged);
    }
    folded
}

/// Folds one parcel, some items in each transaction, with the mark that they are folded.
fn fold(store: &mut Store, moment: &Moment, parcel: &Parcel, entries: &mut usize) -> Result<(), HomelineError> {
    let mut items = parcel.items.iter().enumerate().peekable();
    while items.peek().is_some() {
        let mut statements = Vec::new();
        let mut memories: BTreeMap<String, SessionMemory> = BTreeMap::new();
        let mut devices = Vec::new();
        let mut done = 0;
        while statements.len() < FACTS_AT_ONCE
            && let Some((place, item)) = items.next()
        {
            done = place + 1;
            match serde_json::from_slice(item) {
                Ok(Item::Pump { heard_at, serial, facts, memory }) => {
                    statements.extend(pump::statements(store, moment, &serial, facts, Some(heard_at))?);
                    if let Some(memory) = memory {
                        let known = match memories.remove(&serial) {
                            Some(known) => known,
                            None => store.vault()?.read(|tx| pump::memory(tx, &serial))?,
                        };
                        memories.insert(serial, known.after(*memory));
                    }
                }
                Ok(Item::Vital { heard_at, link, facts, device }) => {
                    statements.extend(vital_devices::statements(store, moment, &link, facts, Some(heard_at))?);
                    devices.extend(device);
                }
                // Sealed by this phone and not understood: by a newer Homeline, before it was set back.
                Err(_) => {
                    return Err(HomelineError::new(
                        ErrorKind::NewerFormat,
                        "inbox.newer",
                        "what came while the phone was locked was written by a newer Homeline",
                        "Update the app; it is kept until then.",
                    ));
                }
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        statements.retain(|statement| seen.insert(statement.id));
        let count = statements.len();
        let mut known_devices = vital_devices::stored(store)?;
        let parcel = parcel.clone();
        let more = move |tx: &mut homeline_vault::WriteTx<'_>| {
            for (serial, memory) in &memories {
                pump::put_memory(tx, serial, memory)?;
            }
            for device in devices {
                vital_devices::put_device(tx, &mut known_devices, device)?;
            }
            parcel.mark(tx, done)
        };
        if statements.is_empty() {
            store.vault()?.write(more)?;
        } else {
            store.record_all(moment, statements, None, more)?;
        }
        *entries += count;
    }
    Ok(())
}

/// The journal is locked, and this phone listens. Close it before the journal is opened, and open it after the journal was
/// closed: one of them is open.
#[derive(Clone)]
pub struct Inbox {
    locked: Arc<Worker<Locked>>,
    platform: Arc<Worker<Platform>>,
}

struct Locked {
    inbox: homeline_vault::Inbox,
    state: LockedState,
    /// How the state was last kept beside the vault.
    hand_over: Option<u64>,
    pump: Option<PumpSession>,
    vital_sessions: BTreeMap<LinkId, VitalSession>,
}

/// What is for the radio, by link.
pub(crate) type Commands = Vec<(LinkId, Vec<RadioCommand>)>;

impl Inbox {
    /// Opens the inbox of the vault in `folder`, without anything that opens the vault. `key_store` is the one that
    /// [`crate::Homeline::listen_while_locked`] was given; where it never was, nothing is listened to.
    ///
    /// Errors: `NotFound` (no vault), `AlreadyOpen`, `KeyUnavailable` (the phone was not unlocked since its start), `KeyLost`,
    /// `Damaged`.
    pub async fn open(
        folder: impl Into<PathBuf>,
        ports: Ports,
        key_store: Arc<dyn KeyStore>,
    ) -> Result<Self, HomelineError> {
        let folder = folder.into();
        let platform = Worker::start("platform", move || Platform::new(ports))?;
        let locked = Worker::<()>::once("open", move || {
            let inbox = homeline_vault::Inbox::open(&folder, Some(&*key_store))?;
            // A state that cannot be read is none: nothing is listened to until the journal was open.
            let state = inbox.state()?.and_then(|state| serde_json::from_slice(&state).ok()).unwrap_or_default();
            Ok(Locked { inbox, state, hand_over: None, pump: None, vital_sessions: BTreeMap::new() })
        })
        .await?;
        Ok(Self { locked: Arc::new(Worker::start("inbox", move || locked)?), platform: Arc::new(platform) })
    }

    /// Listens to what was listened to when the journal was closed. Also after an error, which ends a session: it begins anew
    /// from what was kept.
    pub async fn listen(&self) -> Result<(), HomelineError> {
        self.drive(|locked, now| locked.listen(now)).await
    }

    /// What happened on a link, in order. Events of a link that nobody listens on are dropped.
    pub async fn radio_events(&self, link: LinkId, events: Vec<RadioEvent>) -> Result<(), HomelineError> {
        self.drive(move |locked, now| {
            let mut commands = Commands::new();
            for event in events {
                commands.extend(locked.event(&link, event, now)?);
            }
            Ok(commands)
        })
        .await
    }

    /// When the sessions want to be woken with [`RadioEvent::Tick`], on the monotonic clock in milliseconds, each by its link.
    pub async fn wake_at(&self) -> Result<Vec<(LinkId, u64)>, HomelineError> {
        self.locked
            .run(|locked| {
                let pump = locked.pump.iter().map(|session| (LinkId::pump(), session.wake_at()));
                let devices = locked.vital_sessions.iter().map(|(link, session)| (link.clone(), session.wake_at()));
                Ok(pump.chain(devices).filter_map(|(link, at)| Some((link, at?))).collect())
            })
            .await
    }

    /// What a locked phone may show: how the link is, and which alarms are on, in words that name no drug.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        let now = self.now().await?;
        self.locked.run(move |locked| Ok(locked.screen(now))).await
    }

    /// Carries out an action of the screen: a person saw an alarm. That silences nothing on the pump.
    pub async fn act(&self, action: String) -> Result<(), HomelineError> {
        let code = pump::seen_alarm(&action)?;
        self.drive(move |locked, now| {
            let Some(session) = &mut locked.pump else { return Ok(Commands::new()) };
            let output = session.alarm_seen(code, now);
            locked.keep_pump(output, now)
        })
        .await
    }

    /// Lets go of the links and of the files, so that the journal can be opened.
    pub async fn close(&self) -> Result<(), HomelineError> {
        let now = self.now().await?;
        let (kept, commands) = self
            .locked
            .run(move |locked| {
                let kept = locked.keep_state();
                Ok((kept, ended(&mut locked.pump, &mut locked.vital_sessions, now)))
            })
            .await?;
        for (link, commands) in commands {
            // A radio that does not answer keeps nobody from opening the journal.
            let _ = execute(&self.platform, link, commands).await;
        }
        self.locked.stop();
        self.platform.stop();
        kept
    }

    async fn now(&self) -> Result<Now, HomelineError> {
        self.platform
            .run(|platform| {
                let clock = &platform.ports.clock;
                Ok(Now { wall: clock.now()?, monotonic_ms: clock.monotonic_ms()? })
            })
            .await
    }

    async fn drive(
        &self,
        job: impl FnOnce(&mut Locked, Now) -> Result<Commands, HomelineError> + Send + 'static,
    ) -> Result<(), HomelineError> {
        let now = self.now().await?;
        let commands = self.locked.run(move |locked| job(locked, now)).await?;
        for (link, commands) in commands {
            execute(&self.platform, link, commands).await?;
        }
        Ok(())
    }
}

impl Locked {
    fn listen(&mut self, now: Now) -> Result<Commands, HomelineError> {
        let mut commands = Commands::new();
        if self.pump.is_none()
            && let Some(LockedPump { serial, protocol, memory }) = self.state.pump.clone()
        {
            let seed = now.monotonic_ms ^ now.wall.timestamp_millis().unsigned_abs();
            let mut session = PumpSession::with_adapter(AllowedPump { serial }, memory, seed, adapter::of(protocol));
            let output = session.start(now);
            self.pump = Some(session);
            commands.extend(self.keep_pump(output, now)?);
        }
        for device in self.state.vital_devices.clone() {
            let link = LinkId(device.id.clone());
            if !device.bond_lost && !self.vital_sessions.contains_key(&link) {
                let mut session = VitalSession::new(device);
                let output = session.start();
                self.vital_sessions.insert(link.clone(), session);
                commands.extend(self.keep_vital(link, output, now)?);
            }
        }
        Ok(commands)
    }

    fn event(&mut self, link: &LinkId, event: RadioEvent, now: Now) -> Result<Commands, HomelineError> {
        if *link == LinkId::pump() {
            let Some(session) = &mut self.pump else { return Ok(Commands::new()) };
            let output = session.handle(event, now);
            return self.keep_pump(output, now);
        }
        let Some(session) = self.vital_sessions.get_mut(link) else { return Ok(Commands::new()) };
        let output = session.handle(event, now);
        self.keep_vital(link.clone(), output, now)
    }

    /// Facts and memory into the inbox together; only then are the commands given out.
    fn keep_pump(&mut self, output: homeline_pump::Output, now: Now) -> Result<Commands, HomelineError> {
        let homeline_pump::Output { commands, facts, memory, status_changed: _ } = output;
        if !facts.is_empty() || memory.is_some() {
            let serial = self.pump.as_ref().map(|session| session.serial().to_owned()).unwrap_or_default();
            let protocol = self.state.pump.as_ref().map(|pump| pump.protocol).unwrap_or_default();
            let item =
                Item::Pump { heard_at: now.wall, serial: serial.clone(), facts, memory: memory.clone().map(Box::new) };
            if let Err(error) = self.append(&item) {
                // The session is ahead of the disk: the next one begins from what was kept.
                self.pump = None;
                return Err(error);
            }
            if let Some(memory) = memory {
                self.state.pump = Some(LockedPump { serial, protocol, memory });
                self.keep_state_if_due(now);
            }
        }
        Ok(vec![(LinkId::pump(), commands)])
    }

    fn keep_vital(
        &mut self,
        link: LinkId,
        output: homeline_pump::VitalOutput,
        now: Now,
    ) -> Result<Commands, HomelineError> {
        let homeline_pump::VitalOutput { commands, facts, device, changed: _ } = output;
        if !facts.is_empty() || device.is_some() {
            let item = Item::Vital { heard_at: now.wall, link: link.clone(), facts, device: device.clone() };
            if let Err(error) = self.append(&item) {
                // The device sends its readings again.
                self.vital_sessions.remove(&link);
                return Err(error);
            }
            if let Some(device) = device
                && let Some(known) = self.state.vital_devices.iter_mut().find(|known| known.id == device.id)
            {
                *known = device;
                self.keep_state_if_due(now);
            }
        }
        Ok(vec![(link, commands)])
    }

    fn append(&mut self, item: &Item) -> Result<(), HomelineError> {
        Ok(self.inbox.append(&json(item)?)?)
    }

    fn keep_state(&self) -> Result<(), HomelineError> {
        Ok(self.inbox.set_state(&json(&self.state)?)?)
    }

    fn keep_state_if_due(&mut self, now: Now) {
        let fresh = self.hand_over.is_some_and(|at| now.monotonic_ms.saturating_sub(at) < HAND_OVER_EVERY_MS);
        if !fresh && self.keep_state().is_ok() {
            self.hand_over = Some(now.monotonic_ms);
        }
    }

    fn screen(&self, now: Now) -> Screen {
        let mut sections = Vec::new();
        if let Some(session) = &self.pump {
            let status = session.status(now);
            let alarms: Vec<Row> = status
                .alarms
                .iter()
                .filter(|alarm| alarm.cleared_at.is_none())
                .map(|alarm| {
                    let mut row = pump::alarm_row(Texts::default(), alarm, |_| "seen".to_owned());
                    row.details.push("Go to the pump. Unlock the phone for what to do.".to_owned());
                    row.with_spoken_sentence()
                })
                .collect();
            if !alarms.is_empty() {
                sections.push(Section { title: Some("Alarms on the pump".to_owned()), rows: alarms });
            }
            let mut link = Row::new("link", link_words(Texts::default(), &status.state));
            if status.state != LinkState::Live {
                link.emphasis = Emphasis::Attention;
                link.details.push("What the pump does now is not known here. Look at the pump.".to_owned());
            }
            sections.push(Section { title: Some("Pump".to_owned()), rows: vec![link.with_spoken_sentence()] });
        }
        Screen {
            id: "locked".to_owned(),
            privacy: Privacy::Locked,
            title: "Homeline is locked".to_owned(),
            subtitle: None,
            sections,
            footer: Vec::new(),
        }
    }
}
