//! Thermometers, cuffs, oximeters and scales over the radio: what they measured becomes entries, once each.
//!
//! A device is one that a person added here; it is never taken up because it is near. Its sessions live as long as the app
//! listens; which devices there are is kept in the vault. A reading carries two times: when it came, and what the device's
//! own clock said. A device's clock is believed only where it says about the same as the phone's; otherwise its reading is
//! kept as it is and marked so.

use crate::access::Access;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::inbox;
use crate::moment::Moment;
use crate::ports::Change;
use crate::pump::execute;
use crate::screen::{Emphasis, Privacy, Row, Screen, Section};
use crate::store::{Statement, Store};
use crate::texts::Texts;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use homeline_model::{Author, AuthorRole, DeviceClock, EntryBody, EntryId, Source, TimeBasis, Uuid};
use homeline_pump::{
    LinkId, Now, RadioCommand, RadioEvent, VitalDevice, VitalDeviceKind, VitalFact, VitalLink, VitalOutput,
    VitalSession,
};
use homeline_vault::{VaultError, WriteTx};
use std::sync::Arc;

/// Where the devices are kept.
const DEVICES: &str = "vital-devices";
/// More devices than anybody has at home.
const MOST_DEVICES: usize = 16;
/// A device clock that is off by less than this is taken to tell the phone's time: readings are in seconds, and a person
/// sets such a clock to the minute.
const CLOCK_TOLERANCE: Duration = Duration::minutes(2);
/// The oldest stored reading that is taken: cuffs and scales keep some months.
const OLDEST: Duration = Duration::days(366);

/// Devices for vital signs.
#[derive(Clone)]
pub struct VitalDevices {
    pub(crate) inner: Arc<Inner>,
}

impl VitalDevices {
    /// Adds a device and looks for it. `without_screen` says that it can show no code, so that its link cannot be proven:
    /// the device is then marked for good. Answers with its id.
    ///
    /// Errors: `InvalidInput` when there are too many.
    pub async fn add(&self, kind: VitalDeviceKind, without_screen: bool) -> Result<LinkId, HomelineError> {
        let (link, commands) = self
            .inner
            .allowed(Access::Log, move |store, moment| {
                let mut devices = stored(store)?;
                if devices.len() >= MOST_DEVICES {
                    return Err(HomelineError::input("kind", "there are too many devices", "Remove one first."));
                }
                let id = format!("vital-{}", Uuid::new_v4());
                let device = VitalDevice {
                    id: id.clone(),
                    kind,
                    without_screen,
                    user: None,
                    peripheral: None,
                    security: None,
                    bond_lost: false,
                };
                devices.push(device.clone());
                store.vault()?.write(move |tx| tx.set_setting(DEVICES, &devices))?;
                let mut session = VitalSession::new(device);
                let output = session.start();
                let link = LinkId(id);
                store.vital_sessions.insert(link.clone(), session);
                let commands = keep(store, moment, &link, output)?;
                Ok((link, commands))
            })
            .await?;
        self.done(link.clone(), commands).await?;
        Ok(link)
    }

    /// Says under which number a shared device knows the patient; its readings of others are dropped. Until it is said,
    /// a device that tells persons apart gives nothing.
    pub async fn set_user(&self, link: LinkId, user: Option<u8>) -> Result<(), HomelineError> {
        self.change(link, move |devices, link| {
            if let Some(device) = devices.iter_mut().find(|device| device.id == link.0) {
                device.user = user;
            }
        })
        .await
    }

    /// Forgets a device. What it measured stays.
    pub async fn remove(&self, link: LinkId) -> Result<(), HomelineError> {
        self.change(link, |devices, link| devices.retain(|device| device.id != link.0)).await
    }

    /// Listens to all devices that were added.
    pub async fn listen(&self) -> Result<(), HomelineError> {
        let begun = self
            .inner
            .allowed(Access::Log, |store, moment| {
                let mut begun = Vec::new();
                for device in stored(store)? {
                    let link = LinkId(device.id.clone());
                    if device.bond_lost || store.vital_sessions.contains_key(&link) {
                        continue;
                    }
                    let mut session = VitalSession::new(device);
                    let output = session.start();
                    store.vital_sessions.insert(link.clone(), session);
                    let commands = keep(store, moment, &link, output)?;
                    begun.push((link, commands));
                }
                Ok(begun)
            })
            .await?;
        for (link, commands) in begun {
            self.done(link, commands).await?;
        }
        Ok(())
    }

    /// Pairs a device again, after its pairing was lost or refused.
    pub async fn pair_again(&self, link: LinkId) -> Result<(), HomelineError> {
        self.drive(link, |session, _| session.start()).await
    }

    /// Something came from the radio on this link. To be called for every event, in order.
    pub async fn radio_event(&self, link: LinkId, event: RadioEvent) -> Result<(), HomelineError> {
        self.drive(link, move |session, now| session.handle(event, now)).await
    }

    /// When the sessions want to be woken with [`RadioEvent::Tick`], on the monotonic clock in milliseconds, each by its link.
    pub async fn wake_at(&self) -> Result<Vec<(LinkId, u64)>, HomelineError> {
        self.inner
            .allowed(Access::Own, |store, _| {
                let sessions = store.vital_sessions.iter();
                Ok(sessions.filter_map(|(link, session)| Some((link.clone(), session.wake_at()?))).collect())
            })
            .await
    }

    /// The devices, and how their links are.
    pub async fn devices(&self) -> Result<Vec<(VitalDevice, VitalLink)>, HomelineError> {
        self.inner
            .allowed(Access::See("devices"), |store, _| {
                let link_of = |device: &VitalDevice| {
                    let session = store.vital_sessions.get(&LinkId(device.id.clone()));
                    session.map_or(VitalLink::Off, VitalSession::link)
                };
                Ok(stored(store)?.into_iter().map(|device| (device.clone(), link_of(&device))).collect())
            })
            .await
    }

    /// The devices as a screen.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner
            .allowed(Access::See("devices"), |store, moment| {
                let texts = moment.texts;
                let mut rows = Vec::new();
                for device in stored(store)? {
                    let session = store.vital_sessions.get(&LinkId(device.id.clone()));
                    rows.push(row(texts, &device, session));
                }
                if rows.is_empty() {
                    rows.push(Row::new("none", texts.say("devices.none")));
                }
                Ok(Screen {
                    id: "vital-devices".to_owned(),
                    title: texts.say("devices.title"),
                    subtitle: None,
                    sections: vec![Section { title: None, rows }],
                    footer: Vec::new(),
                    privacy: Privacy::default(),
                })
            })
            .await
    }

    async fn change(
        &self,
        link: LinkId,
        change: impl FnOnce(&mut Vec<VitalDevice>, &LinkId) + Send + 'static,
    ) -> Result<(), HomelineError> {
        let of = link.clone();
        let commands = self
            .inner
            .allowed(Access::Log, move |store, _| {
                let mut devices = stored(store)?;
                if !devices.iter().any(|device| device.id == of.0) {
                    return Err(unknown());
                }
                change(&mut devices, &of);
                let kept = devices.clone();
                store.vault()?.write(move |tx| tx.set_setting(DEVICES, &devices))?;
                // The session goes on with the device as it is now, or ends with it.
                let stopped = store.vital_sessions.remove(&of).map(|mut session| session.stop());
                let mut commands = stopped.map(|output| output.commands).unwrap_or_default();
                if let Some(device) = kept.into_iter().find(|device| device.id == of.0) {
                    let mut session = VitalSession::new(device);
                    commands.extend(session.start().commands);
                    store.vital_sessions.insert(of, session);
                }
                Ok(commands)
            })
            .await?;
        self.done(link, commands).await
    }

    async fn drive(
        &self,
        link: LinkId,
        job: impl FnOnce(&mut VitalSession, Now) -> VitalOutput + Send + 'static,
    ) -> Result<(), HomelineError> {
        let of = link.clone();
        let commands = self
            .inner
            .allowed(Access::Log, move |store, moment| {
                let session = store.vital_sessions.get_mut(&of).ok_or_else(unknown)?;
                let output = job(session, Now { wall: moment.now, monotonic_ms: moment.monotonic_ms });
                keep(store, moment, &of, output)
            })
            .await?;
        self.done(link, commands).await
    }

    async fn done(&self, link: LinkId, commands: Vec<RadioCommand>) -> Result<(), HomelineError> {
        self.inner.announce(Change::VitalDevices);
        execute(&self.inner.platform, link, commands).await
    }
}

fn unknown() -> HomelineError {
    HomelineError::new(
        ErrorKind::NotFound,
        "vital-device.unknown",
        "there is no such device",
        "Take an id from the list of devices.",
    )
}

pub(crate) fn stored(store: &Store) -> Result<Vec<VitalDevice>, HomelineError> {
    Ok(store.vault()?.read(|tx| tx.setting(DEVICES))?.unwrap_or_default())
}

/// Entries and device to disk together; only then are the commands given out.
fn keep(
    store: &mut Store,
    moment: &Moment,
    link: &LinkId,
    output: VitalOutput,
) -> Result<Vec<RadioCommand>, HomelineError> {
    let VitalOutput { commands, facts, device, changed: _ } = output;
    let statements = statements(store, moment, link, facts, None)?;
    let worth_handing_over = device.is_some();
    let mut devices = stored(store)?;
    let write_device = move |tx: &mut WriteTx<'_>| match device {
        Some(device) => put_device(tx, &mut devices, device),
        None => Ok(()),
    };
    let written = if statements.is_empty() {
        store.vault()?.write(write_device).map_err(HomelineError::from)
    } else {
        store.record_all(moment, statements, None, write_device).map(|_| ())
    };
    if let Err(error) = written {
        // The session is ahead of the disk: it is dropped; the device sends its readings again.
        store.vital_sessions.remove(link);
        return Err(error);
    }
    if worth_handing_over {
        // A locked phone that goes on from an older state looks for the device as it knew it.
        let _ = inbox::hand_over(store);
    }
    Ok(commands)
}

/// A device as it is now, in the place of how it was.
pub(crate) fn put_device(
    tx: &mut WriteTx<'_>,
    devices: &mut [VitalDevice],
    device: VitalDevice,
) -> Result<(), VaultError> {
    if let Some(known) = devices.iter_mut().find(|known| known.id == device.id) {
        *known = device;
    }
    tx.set_setting(DEVICES, &*devices)
}

/// Readings as statements for the journal, without those that are in it. `heard_at` is when this phone took them in, where that
/// is not now.
pub(crate) fn statements(
    store: &Store,
    moment: &Moment,
    link: &LinkId,
    facts: Vec<VitalFact>,
    heard_at: Option<DateTime<Utc>>,
) -> Result<Vec<Statement>, HomelineError> {
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    let vault = store.vault()?;
    let kind = stored(store)?.into_iter().find(|device| device.id == link.0).map(|device| device.kind);
    let mut statements = Vec::new();
    for fact in facts {
        let id = EntryId(Uuid::new_v5(&Uuid::NAMESPACE_OID, fact.identity.as_bytes()));
        if !vault.read(|tx| tx.has_entry(id))? {
            statements.extend(statement(moment, kind, id, fact).map(|one| Statement { recorded_at: heard_at, ..one }));
        }
    }
    Ok(statements)
}

fn statement(moment: &Moment, kind: Option<VitalDeviceKind>, id: EntryId, fact: VitalFact) -> Option<Statement> {
    let (happened, basis) = when(moment, &fact)?;
    let mut statement = Statement::by_hand(EntryBody::Vital(fact.vital));
    statement.id = Some(id);
    statement.source = Source::VitalSignDevice;
    // Who said it, for the record and for the team: in one language.
    let name = Texts::default().say(kind.map_or("devices.device", kind_key));
    statement.author = Some(Author { role: AuthorRole::Device, person: None, name });
    statement.happened_at = Some((happened, basis));
    statement.device_clock = fact.device_time.map(|reading| DeviceClock { reading, offset_ms: None });
    Some(statement)
}

/// When a reading was taken. The device's clock has no zone: it is read in the phone's, and what lies ahead of now or is
/// older than such devices keep is taken for what it is, a clock that is wrong.
fn when(moment: &Moment, fact: &VitalFact) -> Option<(DateTime<Utc>, TimeBasis)> {
    let Some(reading) = fact.device_time else { return Some((fact.received, TimeBasis::PhoneClock)) };
    let at = utc(moment, reading);
    let age = fact.received - at;
    if age.abs() <= CLOCK_TOLERANCE {
        // Just measured.
        Some((fact.received, TimeBasis::PhoneClock))
    } else if age > OLDEST {
        None
    } else if age < Duration::zero() {
        // The clock runs ahead: when it was is not known, only when it came.
        Some((fact.received, TimeBasis::PhoneClock))
    } else {
        Some((at, TimeBasis::DeviceClockRaw))
    }
}

/// A clock on the wall of this place, as an instant.
fn utc(moment: &Moment, reading: NaiveDateTime) -> DateTime<Utc> {
    let offset = moment.here.offset_at(reading.and_utc().timestamp());
    reading.and_utc() - Duration::seconds(i64::from(offset))
}

/// The text of the device's name.
fn kind_key(kind: VitalDeviceKind) -> &'static str {
    match kind {
        VitalDeviceKind::Thermometer => "devices.thermometer",
        VitalDeviceKind::Cuff => "devices.cuff",
        VitalDeviceKind::Oximeter => "devices.oximeter",
        VitalDeviceKind::Scale => "devices.scale",
    }
}

fn row(texts: Texts, device: &VitalDevice, session: Option<&VitalSession>) -> Row {
    let mut row = Row::new(device.id.clone(), texts.say(kind_key(device.kind)));
    let link = session.map_or(VitalLink::Off, VitalSession::link);
    row.state = Some(texts.say(match link {
        VitalLink::Off => "devices.off",
        VitalLink::BluetoothOff(_) => "devices.bluetooth-off",
        VitalLink::Scanning => "devices.scanning",
        VitalLink::Waiting => "devices.waiting",
        VitalLink::Securing => "devices.securing",
        VitalLink::Preparing | VitalLink::Receiving => "devices.reading",
        VitalLink::BondLost => "devices.bond-lost",
        VitalLink::NotProtected => "devices.not-protected",
        VitalLink::NotThisKind => "devices.not-this-kind",
    }));
    if matches!(link, VitalLink::BondLost | VitalLink::NotProtected | VitalLink::NotThisKind) {
        row.emphasis = Emphasis::Attention;
    }
    if device.without_screen {
        row.details.push(texts.say("devices.without-screen"));
    }
    let others = session.map_or(0, VitalSession::of_others);
    if others > 0 {
        row.details.push(texts.fill("devices.of-others", &[("number", &others)]));
    }
    let unreadable = session.map_or(0, VitalSession::unreadable);
    if unreadable > 0 {
        row.details.push(texts.fill("devices.unreadable", &[("number", &unreadable)]));
    }
    row.with_spoken_sentence()
}
