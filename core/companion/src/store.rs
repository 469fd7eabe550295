//! The owner of vault and plan, on a thread of its own.
//!
//! One way in for every journal entry: [`Store::record`] makes the entry, asks triage, makes the resources for the care
//! team, and commits entry, search index, advice and outbox in one transaction. What it returns is on disk.

use crate::access;
use crate::card::CardMemory;
use crate::care_plan::forget_old_stays;
use crate::error::{ErrorKind, HomelineError};
use crate::inbox::HandOver;
use crate::infusion::{self, Infusions};
use crate::infusions::run::{Recorded, recorded};
use crate::moment::{KnownZones, Moment};
use crate::order_history;
use crate::routine::{self, RoutineEvents};
use crate::texts::Texts;
use crate::triage;
use chrono::{DateTime, Duration, Utc};
use homeline_clinical::Language;
use homeline_model::{
    Advice, AttachmentId, Author, AuthorRole, CarePlan, DeviceClock, Entry, EntryBody, EntryId, InfusionId,
    OccurrenceId, OrderRef, PatientId, PersonId, Source, TimeBasis, Uuid, ZoneId,
};
use homeline_pump::{LinkId, PumpSession, VitalSession};
use homeline_schedule::Routine;
use homeline_vault::{NewOutboxItem, SealedAttachment, Vault, VaultError, WriteTx};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::{NoContext, Timestamp};

/// A jump of the wall clock against the monotonic one that is worth an entry.
const CLOCK_JUMP: Duration = Duration::seconds(60);

const PROFILE: &str = "profile";
const CLOCK: &str = "clock";
const FOLLOWED: &str = "travel.followed";
const ROUTINE: &str = "routine";
const LANGUAGE: &str = "language";

/// Who holds this phone, and which server it talks to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) role: AuthorRole,
    pub(crate) patient: Option<PatientId>,
    pub(crate) server: Option<String>,
    /// When this journal was begun.
    pub(crate) since: DateTime<Utc>,
    /// The server's bearer token, where it wants one.
    #[serde(default)]
    pub(crate) token: Option<String>,
    /// Which caregiver of the plan holds it, by the invitation; `None` goes by the name.
    #[serde(default)]
    pub(crate) person: Option<PersonId>,
    /// When the access of this phone ended, and what was mirrored was removed.
    #[serde(default)]
    pub(crate) ended: Option<DateTime<Utc>>,
    /// Since when the server shuts the record to this phone's sign-in.
    #[serde(default)]
    pub(crate) shut: Option<DateTime<Utc>>,
}

/// The two clocks when they were last read together, and across a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ClockReading {
    wall: DateTime<Utc>,
    monotonic_ms: u64,
}

pub(crate) struct Store {
    vault: Option<Arc<Vault>>,
    pub(crate) profile: Profile,
    plan: Option<Arc<CarePlan>>,
    clock: Option<ClockReading>,
    /// What triage remembers; read when it is first needed.
    triage: Option<triage::Memory>,
    /// Whose clock doses follow; `None` before the first plan.
    followed: Option<ZoneId>,
    /// The patient's own day.
    routine: Arc<Routine>,
    /// The session with the pump, once somebody asked to listen.
    pub(crate) pump: Option<PumpSession>,
    /// The sessions with devices for vital signs that are listened to.
    pub(crate) vital_sessions: BTreeMap<LinkId, VitalSession>,
    /// The emergency card beside the vault.
    pub(crate) card: CardMemory,
    /// What a locked phone would go on from, as last kept beside the vault.
    pub(crate) hand_over: HandOver,
    /// The language that somebody chose, as a BCP 47 tag; `None` is that of the plan.
    language: Option<String>,
    /// The mirror may hold what no journal entry was made of: a pull was cut short, now or before this start.
    pub(crate) unread: bool,
}

/// What an entry says, before the store gives it an id and an author.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) body: EntryBody,
    pub(crate) source: Source,
    pub(crate) author: Option<Author>,
    pub(crate) happened_at: Option<(DateTime<Utc>, TimeBasis)>,
    /// When this phone took it in; `None` is now.
    pub(crate) recorded_at: Option<DateTime<Utc>>,
    pub(crate) device_clock: Option<DeviceClock>,
    pub(crate) order: Option<OrderRef>,
    pub(crate) occurrence: Option<OccurrenceId>,
    pub(crate) infusion: Option<InfusionId>,
    pub(crate) amends: Option<EntryId>,
    pub(crate) private: bool,
    /// `None` takes a fresh one. A given one makes the same fact the same entry, however often it arrives.
    pub(crate) id: Option<EntryId>,
}

impl Statement {
    pub(crate) fn by_hand(body: EntryBody) -> Self {
        Self {
            body,
            source: Source::ByHand,
            author: None,
            happened_at: None,
            recorded_at: None,
            device_clock: None,
            order: None,
            occurrence: None,
            infusion: None,
            amends: None,
            private: false,
            id: None,
        }
    }

    pub(crate) fn by_app(body: EntryBody) -> Self {
        Self { source: Source::App, author: Some(app()), ..Self::by_hand(body) }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// The entry, durable.
    pub entry: EntryId,
    /// What triage answers to it, highest first, then notices of trends that are new (their rule begins with `trend/`);
    /// empty when no rule speaks. It is never "all is well".
    pub advice: Vec<Advice>,
}

/// A version 7 UUID: the milliseconds of `now`, then chance.
pub(crate) fn fresh_entry_id(now: DateTime<Utc>) -> EntryId {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    EntryId(Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos())))
}

fn app() -> Author {
    Author { role: AuthorRole::App, person: None, name: "Homeline".to_owned() }
}

impl Store {
    /// Nothing but the vault and its holder.
    fn with(vault: Vault, profile: Profile) -> Self {
        Self {
            vault: Some(Arc::new(vault)),
            profile,
            plan: None,
            clock: None,
            triage: None,
            followed: None,
            routine: Arc::default(),
            pump: None,
            vital_sessions: BTreeMap::new(),
            card: CardMemory::default(),
            hand_over: HandOver::default(),
            language: None,
            unread: true,
        }
    }

    pub(crate) fn create(vault: Vault, profile: Profile) -> Result<Self, HomelineError> {
        let stored = profile.clone();
        vault.write(move |tx| tx.set_setting(PROFILE, &stored))?;
        Ok(Self::with(vault, profile))
    }

    pub(crate) fn open(vault: Vault) -> Result<Self, HomelineError> {
        let (profile, clock, followed, told, language) = vault.read(|tx| {
            let (profile, clock, followed) = (tx.setting(PROFILE)?, tx.setting(CLOCK)?, tx.setting(FOLLOWED)?);
            Ok((profile, clock, followed, tx.setting(ROUTINE)?, tx.setting(LANGUAGE)?))
        })?;
        let profile = profile.ok_or_else(|| {
            HomelineError::new(
                ErrorKind::Damaged,
                "vault.no-profile",
                "the vault was not finished when it was made",
                "Make a new one in another folder, or restore a backup.",
            )
        })?;
        let mut store = Self {
            clock,
            followed,
            routine: Arc::new(routine::of(told.unwrap_or_default())),
            language,
            ..Self::with(vault, profile)
        };
        store.reload_plan()?;
        Ok(store)
    }

    pub(crate) fn close(&mut self, now: DateTime<Utc>) -> Result<(), HomelineError> {
        let Some(vault) = self.vault.take() else { return Ok(()) };
        match Arc::try_unwrap(vault) {
            Ok(vault) => Ok(vault.close(now)?),
            // Somebody still reads: the last one to let go closes the file, and the head is sealed now.
            Err(shared) => Ok(shared.seal_head(now)?),
        }
    }

    pub(crate) fn vault(&self) -> Result<Arc<Vault>, HomelineError> {
        self.vault.clone().ok_or_else(HomelineError::closed)
    }

    pub(crate) fn plan(&self) -> Option<&Arc<CarePlan>> {
        self.plan.as_ref()
    }

    /// The plan, or the error that asks for one.
    pub(crate) fn require_plan(&self) -> Result<Arc<CarePlan>, HomelineError> {
        self.plan.clone().ok_or_else(|| {
            HomelineError::new(
                ErrorKind::NotFound,
                "plan.missing",
                "there is no care plan yet",
                "Import the plan of your care team, or sync with its server, first.",
            )
        })
    }

    pub(crate) fn replace_plan(&mut self, plan: Option<Arc<CarePlan>>) {
        self.plan = plan;
    }

    /// Whose clock doses follow.
    pub(crate) fn followed(&self) -> Option<&ZoneId> {
        self.followed.as_ref()
    }

    pub(crate) fn set_followed(&mut self, zone: Option<ZoneId>) {
        self.followed = zone;
    }

    pub(crate) fn put_followed(tx: &mut WriteTx<'_>, zone: &ZoneId) -> Result<(), VaultError> {
        tx.set_setting(FOLLOWED, zone)
    }

    pub(crate) fn known_zones(&self) -> KnownZones {
        KnownZones { home: self.plan.as_ref().map(|plan| plan.home_zone.clone()), followed: self.followed.clone() }
    }

    pub(crate) fn routine(&self) -> &Arc<Routine> {
        &self.routine
    }

    pub(crate) fn keep_routine(&mut self, events: RoutineEvents) -> Result<(), HomelineError> {
        let kept = events.clone();
        self.vault()?.write(move |tx| tx.set_setting(ROUTINE, &kept))?;
        self.routine = Arc::new(routine::of(events));
        Ok(())
    }

    /// The words of the chosen language, else of the plan's.
    pub(crate) fn texts(&self) -> Texts {
        let language = match (&self.language, &self.plan) {
            (Some(tag), _) => Language::from_tag(tag),
            (None, Some(plan)) => triage::language_of(plan),
            (None, None) => Language::English,
        };
        Texts { language }
    }

    /// The language that somebody chose.
    pub(crate) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    pub(crate) fn keep_language(&mut self, tag: Option<String>) -> Result<(), HomelineError> {
        let kept = tag.clone();
        self.vault()?.write(move |tx| match &kept {
            Some(tag) => tx.set_setting(LANGUAGE, tag),
            None => tx.remove_setting(LANGUAGE),
        })?;
        self.language = tag;
        Ok(())
    }

    pub(crate) fn put_profile(tx: &mut WriteTx<'_>, profile: &Profile) -> Result<(), VaultError> {
        tx.set_setting(PROFILE, profile)
    }

    /// Reads the typed plan anew from the mirrored resources.
    fn reload_plan(&mut self) -> Result<(), HomelineError> {
        let Some(patient) = self.profile.patient.clone() else { return Ok(()) };
        let resources = self.vault()?.read(|tx| {
            let mut resources = Vec::new();
            for (resource_type, _) in tx.mirror_types()? {
                resources.extend(tx.mirror_of_type(&resource_type)?);
            }
            Ok(resources)
        })?;
        if resources.is_empty() {
            return Ok(());
        }
        let mut plan = homeline_fhir::plan_from_resources(
            resources.iter().map(|row| (row.resource_type.as_str(), row.json.as_str())),
            &patient,
        )?;
        plan.versions = self.vault()?.read(order_history::load)?;
        forget_old_stays(&mut plan, self.profile.since);
        self.plan = Some(Arc::new(plan));
        Ok(())
    }

    pub(crate) fn set_profile(&mut self, profile: Profile) -> Result<(), HomelineError> {
        let stored = profile.clone();
        self.vault()?.write(move |tx| tx.set_setting(PROFILE, &stored))?;
        self.profile = profile;
        Ok(())
    }

    /// Compares the two clocks; a jump is an entry of its own, and no other time is rewritten for it.
    pub(crate) fn notice_clock(&mut self, moment: &Moment) -> Result<(), HomelineError> {
        let reading = ClockReading { wall: moment.now, monotonic_ms: moment.monotonic_ms };
        let jump = self.clock.and_then(|last| {
            // A monotonic clock that starts anew says that the phone was restarted: nothing can be compared.
            let passed = reading.monotonic_ms.checked_sub(last.monotonic_ms)?;
            let passed = Duration::milliseconds(i64::try_from(passed).ok()?);
            let jump = (reading.wall - last.wall) - passed;
            (jump.abs() >= CLOCK_JUMP).then_some(jump)
        });
        self.clock = Some(reading);
        if let Some(jump) = jump {
            self.vault()?.write(move |tx| tx.set_setting(CLOCK, &reading))?;
            if self.profile.patient.is_some() {
                let body = EntryBody::ClockJump { by_ms: jump.num_milliseconds() };
                self.record(moment, Statement::by_app(body))?;
            }
        }
        Ok(())
    }

    /// Writes one statement into the journal.
    pub(crate) fn record(&mut self, moment: &Moment, statement: Statement) -> Result<Logged, HomelineError> {
        self.record_all(moment, vec![statement], None, |_| Ok(()))
    }

    /// Writes a picture with its sealed file.
    pub(crate) fn record_photo(
        &mut self,
        moment: &Moment,
        statement: Statement,
        sealed: SealedAttachment,
        bytes: &[u8],
    ) -> Result<Logged, HomelineError> {
        let photo = (sealed.info().id, bytes);
        self.record_all(moment, vec![statement], Some(photo), move |tx| tx.put_attachment(&sealed))
    }

    /// Writes statements, the advice that they give rise to, what waits for the care team, and what `more` writes: all in
    /// one transaction. Answers with the first entry and what triage says to all of them.
    pub(crate) fn record_all(
        &mut self,
        moment: &Moment,
        statements: Vec<Statement>,
        photo: Option<(AttachmentId, &[u8])>,
        more: impl FnOnce(&mut WriteTx<'_>) -> Result<(), VaultError> + Send + 'static,
    ) -> Result<Logged, HomelineError> {
        let plan = self.require_plan()?;
        let vault = self.vault()?;
        let mut entries: Vec<Entry> = Vec::with_capacity(statements.len());
        for mut statement in statements {
            infusion::link(&vault, &plan, moment.now, &mut statement)?;
            entries.push(self.entry(moment, &plan, statement));
        }
        let Some(first) = entries.first().map(|entry| entry.id) else {
            return Err(HomelineError::input("entry", "there is nothing to write", "Write at least one word."));
        };
        let answer = if triage::speaks_to(&entries) {
            self.triage(moment)?.answer(&plan, &entries, moment)
        } else {
            triage::Answer::default()
        };
        // Advice tells what made it speak: to what stays at home it stays at home too.
        let private = entries.iter().all(|entry| entry.private);
        for advice in answer.unrecorded {
            let mut statement = Statement { private, ..Statement::by_app(EntryBody::Advice(advice)) };
            statement.occurrence = entries[0].occurrence;
            statement.order = entries[0].order.clone();
            entries.push(self.entry(moment, &plan, statement));
        }
        let notices = crate::insight::unrecorded(self, moment, &plan, &entries)?;
        let mut spoken = answer.spoken;
        for notice in notices {
            spoken.push(notice.advice());
            let mut statement = Statement::by_app(EntryBody::Advice(notice.advice()));
            statement.id = Some(notice.id);
            entries.push(self.entry(moment, &plan, statement));
        }
        let mut outbox: Vec<NewOutboxItem> = Vec::new();
        let mut outgoing = Outgoing::new(Arc::clone(&plan), moment.now);
        for entry in &entries {
            let photo = photo.filter(|_| entry.id == first);
            outbox.extend(outgoing.items(&vault, entry, photo)?);
        }
        let written = entries.clone();
        let open = self.triage(moment)?.open_after(&entries);
        let new_open = open.clone();
        vault.write(move |tx| {
            for entry in &entries {
                tx.append(entry)?;
            }
            for item in &outbox {
                tx.enqueue(item)?;
            }
            if let Some(open) = &new_open {
                triage::put_open(tx, open)?;
            }
            more(tx)
        })?;
        self.triage(moment)?.written(&written, open);
        vault.seal_head_if_due(moment.now)?;
        Ok(Logged { entry: first, advice: spoken })
    }

    fn entry(&self, moment: &Moment, plan: &CarePlan, statement: Statement) -> Entry {
        let mut times = match statement.happened_at {
            Some((at, basis)) => moment.times(at, basis),
            None => moment.times_now(),
        };
        times.device_clock = statement.device_clock;
        times.recorded_at = statement.recorded_at.unwrap_or(times.recorded_at);
        Entry {
            id: statement.id.unwrap_or_else(|| fresh_entry_id(moment.now)),
            patient: plan.patient.id.clone(),
            author: statement.author.unwrap_or_else(|| self.author(plan)),
            source: statement.source,
            times,
            order: statement.order,
            occurrence: statement.occurrence,
            infusion: statement.infusion,
            amends: statement.amends,
            private: statement.private,
            body: statement.body,
        }
    }

    /// Who holds this phone, as an author.
    pub(crate) fn author(&self, plan: &CarePlan) -> Author {
        let person = match self.profile.role {
            AuthorRole::Caregiver => self
                .profile
                .person
                .clone()
                .or_else(|| access::holder(&self.profile, plan).map(|holder| holder.id.clone())),
            AuthorRole::Patient | AuthorRole::CareTeam | AuthorRole::Device | AuthorRole::App => None,
        };
        Author { role: self.profile.role, person, name: self.profile.name.clone() }
    }

    /// Forgets what triage remembers: the journal is another.
    pub(crate) fn forget_triage(&mut self) {
        self.triage = None;
    }

    /// The entries of the last days that rules, alarms and infusions are read from, out of memory where they are held.
    pub(crate) fn recent(&self, moment: &Moment) -> Result<Cow<'_, [Entry]>, HomelineError> {
        match self.triage.as_ref().filter(|memory| memory.fits(moment)) {
            Some(memory) => Ok(Cow::Borrowed(memory.recent())),
            None => Ok(Cow::Owned(triage::Memory::load(&*self.vault()?, moment)?.into_recent())),
        }
    }

    /// The infusions of the pumps' records of the last days, reconciled once for as long as nothing comes to them.
    pub(crate) fn recorded(&self, moment: &Moment) -> Result<Cow<'_, [Recorded]>, HomelineError> {
        match self.triage.as_ref().filter(|memory| memory.fits(moment)) {
            Some(memory) => Ok(Cow::Borrowed(memory.recorded())),
            None => Ok(Cow::Owned(recorded(&self.recent(moment)?))),
        }
    }

    /// What triage remembers, read anew when the clock has gone on or back.
    pub(crate) fn triage(&mut self, moment: &Moment) -> Result<&mut triage::Memory, HomelineError> {
        let memory = match self.triage.take().filter(|memory| memory.fits(moment)) {
            Some(memory) => memory,
            None => triage::Memory::load(&*self.vault()?, moment)?,
        };
        Ok(self.triage.insert(memory))
    }
}

/// Makes what goes out of entries, one after the other.
pub(crate) struct Outgoing {
    plan: Arc<CarePlan>,
    now: DateTime<Utc>,
    infusions: Infusions,
}

impl Outgoing {
    pub(crate) fn new(plan: Arc<CarePlan>, now: DateTime<Utc>) -> Self {
        Self { plan, now, infusions: Infusions::default() }
    }

    /// The resources of one entry, with where in its dose it was noticed.
    pub(crate) fn items(
        &mut self,
        vault: &Vault,
        entry: &Entry,
        photo: Option<(AttachmentId, &[u8])>,
    ) -> Result<Vec<NewOutboxItem>, HomelineError> {
        let amended = match entry.amends {
            Some(id) => vault.read(|tx| tx.entry(id))?,
            None => None,
        };
        let mut moments = Vec::new();
        for noticed in [Some(entry), amended.as_ref()].into_iter().flatten() {
            moments.extend(self.infusions.moment(vault, &self.plan, noticed)?.map(|moment| (noticed.id, moment)));
        }
        crate::outbox::items(entry, amended.as_ref(), photo, &moments, &self.plan, self.now)
    }
}
