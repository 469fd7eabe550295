//! Sending to and fetching from the care team's server, and one true sentence about how fresh it is.

use crate::access::Access;
use crate::audit;
use crate::caregivers;
use crate::error::{ErrorKind, HomelineError};
use crate::homeline::Inner;
use crate::lost_records;
use crate::moment::Moment;
use crate::network::{Exchange, Network};
use crate::ports::Change;
use crate::screen::{Action, Emphasis, Row, Screen};
use crate::store::Store;
use crate::triage;
use crate::work::Work;
use chrono::{DateTime, Duration, Utc};
use homeline_fhir::{EntryContext, resource_to_entry};
use homeline_model::{Entry, EntryBody, EntryId, EntryKind, MessageDirection, PatientId, Uuid};
use homeline_sync::{FailureCause, LastTry, Retry, ServerAddress, SyncError, SyncReport, SyncStatus, backoff};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const LAST: &str = "sync.last";
/// Types in which journal entries and messages of others come.
const ENTRY_TYPES: [&str; 6] =
    ["MedicationAdministration", "Observation", "Communication", "DocumentReference", "QuestionnaireResponse", "Task"];

/// How the last try went, kept across restarts. Success and failure have each a time of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Last {
    complete_at: Option<DateTime<Utc>>,
    failed: Option<(DateTime<Utc>, FailureCause)>,
    /// Failures in a row.
    #[serde(default)]
    failures: u32,
    /// When to try again by itself.
    #[serde(default)]
    next_try: Option<DateTime<Utc>>,
}

/// What one exchange did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// Records that the care team's server took.
    pub sent: u64,
    /// Records that it refused for good: set aside, with the reason.
    pub set_aside: u64,
    /// Resources that came or changed.
    pub received: u64,
    /// Messages from the care team among them.
    pub messages: u64,
    /// Of what is kept from the server, records of home and team that cannot be read: kept as they came.
    pub unreadable: u64,
    /// What changed in the plan, in words.
    pub plan_changes: Vec<String>,
    /// The access of this phone has ended: what it held of others was removed.
    pub access_ended: bool,
    /// Why it stopped before its end; `None` when it did not.
    pub stopped: Option<String>,
    /// How fresh it is now.
    pub state: SyncState,
}

/// How fresh it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncState {
    /// One true sentence.
    pub sentence: String,
    /// Records that wait to be sent.
    pub waiting: u64,
    /// Of these, those whose last try ended without an answer.
    pub unknown: u64,
    /// Records that the server refused.
    pub set_aside: Vec<SetAside>,
    /// When to try again by itself after a failure: later each time, spread by chance, never before the server's own word.
    /// `None`: nothing is left to be tried, or a person has to do something first. Nothing polls: an exchange is begun by
    /// a new entry, by a person, by a wake-up of the system, or at this time.
    pub next_try: Option<DateTime<Utc>>,
}

/// A record that the server refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// Resource type.
    pub resource_type: String,
    /// The server's reason and what to do.
    pub reason: String,
}

/// Sync.
#[derive(Clone)]
pub struct Sync {
    pub(crate) inner: Arc<Inner>,
}

impl Sync {
    /// Uses this FHIR R4 server from now on, for this patient. `https`, or `http` on this machine only. The bearer token,
    /// where the server wants one, is kept in the vault.
    pub async fn enrol(&self, server: String, patient: String, token: Option<String>) -> Result<(), HomelineError> {
        let address = ServerAddress::parse(&server)?.as_str().to_owned();
        let patient = PatientId::new(patient).map_err(|error| {
            HomelineError::input("patient", error.to_string(), "Take the id that the team gave you.")
        })?;
        self.inner
            .allowed(Access::Own, move |store, _| {
                let mut profile = store.profile.clone();
                match &profile.patient {
                    Some(there) if *there != patient => {
                        return Err(HomelineError::new(
                            ErrorKind::PlanRefused,
                            "plan.other-patient",
                            "this vault belongs to another patient",
                            "Make a vault of its own for each patient.",
                        ));
                    }
                    Some(_) | None => {}
                }
                profile.patient = Some(patient);
                profile.server = Some(address);
                profile.token = token;
                store.set_profile(profile)
            })
            .await
    }

    /// Sends what waits, then fetches what is new. What could not be done stays for the next time; nothing is lost. A shell hands
    /// the reminders over after it ([`crate::Reminders::hand_over`]): what came may take an alarm back, or plan one.
    ///
    /// Errors only when it could not be tried: no server is known (`NotFound`). A network that is away is an answer
    /// (`stopped`), not an error.
    pub async fn now(&self) -> Result<Synced, HomelineError> {
        self.now_watched(Work::default()).await
    }

    /// The same as a long piece of work, which can be taken back: what was sent and fetched until then is kept.
    ///
    /// Errors: `Cancelled` as well.
    pub async fn now_watched(&self, work: Work) -> Result<Synced, HomelineError> {
        let lent = work.clone();
        let exchange = self
            .inner
            .allowed(Access::Own, |store, moment| {
                caregivers::refuse_when_ended(store)?;
                audit::tell_views(store, moment)?;
                let missing = || {
                    HomelineError::new(
                        ErrorKind::NotFound,
                        "sync.no-server",
                        "no server of a care team is known",
                        "Enrol with the address that your team gave you.",
                    )
                };
                Ok(Exchange {
                    work: lent,
                    vault: store.vault()?,
                    server: store.profile.server.clone().ok_or_else(missing)?,
                    patient: store.profile.patient.clone().ok_or_else(missing)?.to_string(),
                    token: store.profile.token.clone(),
                    now: moment.now,
                })
            })
            .await?;
        let exchanged = self.inner.network.run(move |network: &mut Network| network.exchange(exchange));
        let report = match self.inner.lend(&work, exchanged).await {
            Err(error) => {
                // What came until then is in the mirror, and no later pull brings it again.
                let unread = self.inner.allowed(Access::Own, |store, _| {
                    store.unread = true;
                    Ok(())
                });
                // Closed meanwhile: the next start reads it anyway.
                let _ = unread.await;
                return Err(error);
            }
            Ok(report) => report,
        };
        let synced = self.inner.allowed(Access::Own, move |store, moment| fold_in(store, moment, &report)).await?;
        self.inner.remember_zones().await?;
        self.inner.announce(Change::Sync);
        if synced.messages > 0 {
            self.inner.announce(Change::Messages);
        }
        if !synced.plan_changes.is_empty() {
            self.inner.announce(Change::Plan);
        }
        Ok(synced)
    }

    /// How fresh it is as a screen; the action `sync.now` stands for [`Sync::now`].
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::Own, |store, moment| screen(store, moment)).await
    }

    /// Lets everything that was set aside wait again, for a server that was mended. Answers how many records.
    pub async fn send_again(&self) -> Result<u64, HomelineError> {
        let again = self
            .inner
            .with_store(|store, _| {
                let vault = store.vault()?;
                Ok(vault.write(|tx| {
                    let parked = tx.outbox_parked()?;
                    for item in &parked {
                        tx.outbox_unpark(item.id)?;
                    }
                    Ok(parked.len() as u64)
                })?)
            })
            .await?;
        self.inner.announce(Change::Sync);
        Ok(again)
    }

    /// How fresh it is, without any network.
    pub async fn status(&self) -> Result<SyncState, HomelineError> {
        self.inner.allowed(Access::Own, |store, moment| state(store, moment)).await
    }
}

/// Takes what the exchange brought into journal and plan.
fn fold_in(store: &mut Store, moment: &Moment, report: &SyncReport) -> Result<Synced, HomelineError> {
    let vault = store.vault()?;
    let mut last: Last = vault.read(|tx| tx.setting(LAST))?.unwrap_or_default();
    match report.stopped() {
        Some(error) => {
            last.failed = Some((moment.now, FailureCause::from(error)));
            last.failures = last.failures.saturating_add(1);
            last.next_try = next_try(error, last.failures, moment.now);
        }
        None => last = Last { complete_at: Some(moment.now), ..Last::default() },
    }
    vault.write(move |tx| tx.set_setting(LAST, &last))?;
    lost_records::send_again(store, moment)?;
    let came = report.pull.new_or_changed + report.pull.deleted > 0;
    let (taken, plan_changes) =
        if came || store.unread { take_what_came(store, moment)? } else { (Taken::default(), Vec::new()) };
    let was_shut = caregivers::note_access(store, moment, report.pull.stopped.as_ref())?;
    let access_ended = was_shut || caregivers::end_if_withdrawn(store, moment)?;
    Ok(Synced {
        access_ended,
        sent: report.push.acked as u64,
        set_aside: report.push.parked as u64,
        received: report.pull.new_or_changed as u64,
        messages: taken.messages,
        unreadable: taken.unreadable,
        plan_changes,
        stopped: report.stopped().map(SyncError::to_string),
        state: state(store, moment)?,
    })
}

/// Takes what is mirrored into journal and plan. It is all there once it returns.
fn take_what_came(store: &mut Store, moment: &Moment) -> Result<(Taken, Vec<String>), HomelineError> {
    let taken = take_entries(store, moment)?;
    let plan_changes = store.take_plan_from_mirror(moment)?;
    store.unread = false;
    Ok((taken, plan_changes))
}

/// When to try again by itself, if that can help.
fn next_try(error: &SyncError, failures: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if matches!(error, SyncError::RunSpent) {
        // Nothing failed: as soon as the system lets us.
        return Some(now);
    }
    let Retry::Later { at_least } = error.retry() else { return None };
    let (chance, _) = Uuid::new_v4().as_u64_pair();
    // The upper 32 bits, as a share of all that they can be: every one of them fits into an f64.
    let jitter = f64::from(u32::try_from(chance >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    let wait = Duration::from_std(backoff::delay(failures, at_least, jitter)).ok()?;
    now.checked_add_signed(wait)
}

/// What came of the mirrored resources.
#[derive(Default)]
struct Taken {
    messages: u64,
    unreadable: u64,
}

/// Entries of other phones and messages of the team become entries here, once each.
fn take_entries(store: &mut Store, moment: &Moment) -> Result<Taken, HomelineError> {
    let Some(patient) = store.profile.patient.clone() else { return Ok(Taken::default()) };
    let mut taken = Taken::default();
    let vault = store.vault()?;
    let context = EntryContext { patient: &patient, zone: &moment.here.zone };
    let mut arrived: Vec<Entry> = Vec::new();
    for resource_type in ENTRY_TYPES {
        for row in vault.read(|tx| tx.mirror_of_type(resource_type))? {
            let mut entry = match resource_to_entry(&row.json, &context) {
                Ok(Some(entry)) => entry,
                Ok(None) => continue,
                Err(_) => {
                    // It stays in the mirror as it came, is counted, and holds up nothing.
                    taken.unreadable += 1;
                    continue;
                }
            };
            name_the_sender(store, &mut entry);
            if entry.kind() == EntryKind::Message {
                // A message carries no zone: it is read where the phone is.
                let happened = &mut entry.times.happened;
                happened.offset_seconds = moment.here.offset_at(happened.at.timestamp());
            }
            if !vault.read(|tx| tx.has_entry(entry.id))? {
                arrived.push(entry);
            }
        }
    }
    taken.messages = arrived.iter().filter(|entry| is_from_team(entry)).count() as u64;
    let ids: Vec<EntryId> = arrived.iter().map(|entry| entry.id).collect();
    if !arrived.is_empty() {
        // Advice of another phone opens here too, and an acknowledgement of the team closes it.
        let written = arrived.clone();
        let open = store.triage(moment)?.open_after(&written);
        let new_open = open.clone();
        vault.write(move |tx| {
            if let Some(open) = &new_open {
                triage::put_open(tx, open)?;
            }
            let known: std::collections::HashSet<EntryId> = arrived.iter().map(|entry| entry.id).collect();
            for mut entry in arrived {
                // The amended entry may live on a server that withheld it: the correction is kept all the same.
                if let Some(amended) = entry.amends
                    && !known.contains(&amended)
                    && !tx.has_entry(amended)?
                {
                    entry.amends = None;
                }
                tx.append_foreign(&entry, None)?;
            }
            Ok(())
        })?;
        store.triage(moment)?.written(&written, open);
        if store.plan().is_some() {
            caregivers::close_answered(store, moment, &ids)?;
        }
    }
    Ok(taken)
}

fn is_from_team(entry: &Entry) -> bool {
    matches!(&entry.body, EntryBody::Message(message) if message.direction == MessageDirection::FromTeam)
}

/// A message names its sender by id; the plan knows the name.
fn name_the_sender(store: &Store, entry: &mut Entry) {
    let EntryBody::Message(message) = &mut entry.body else { return };
    if message.direction != MessageDirection::FromTeam {
        return;
    }
    let known = message
        .person
        .as_ref()
        .and_then(|id| store.plan().and_then(|plan| plan.care_team.iter().find(|person| person.id == *id)));
    if let Some(person) = known {
        message.with.clone_from(&person.name);
        entry.author.name.clone_from(&person.name);
    }
}

fn screen(store: &Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let (texts, state) = (moment.texts, state(store, moment)?);
    let mut screen = Screen::new("sync", texts.say("sync.title"));
    let mut row = Row::new("state", state.sentence);
    match &store.profile.server {
        Some(server) => {
            row.details.push(server.clone());
            row.actions.push(Action::new("sync.now", texts.say("sync.now")));
        }
        None => row.details.push(texts.say("settings.no-server")),
    }
    if state.waiting > 0 {
        row.details.push(texts.fill("sync.waiting", &[("number", &state.waiting)]));
    }
    screen.add(None, vec![row.with_spoken_sentence()]);
    let refused = state.set_aside.into_iter().enumerate().map(|(index, refused)| {
        let mut row = Row::new(format!("set-aside/{index}"), refused.resource_type);
        row.details.push(refused.reason);
        row.emphasis = Emphasis::Attention;
        row.with_spoken_sentence()
    });
    screen.add(Some(texts.say("sync.set-aside")), refused.collect());
    Ok(screen)
}

fn state(store: &Store, moment: &Moment) -> Result<SyncState, HomelineError> {
    let (last, status, parked) = store
        .vault()?
        .read(|tx| Ok((tx.setting::<Last>(LAST)?.unwrap_or_default(), tx.outbox_status()?, tx.outbox_parked()?)))?;
    let local = |at: DateTime<Utc>| moment.local(at).naive_local();
    let last_try = match (&last.failed, last.complete_at) {
        (Some((at, cause)), _) => LastTry::Failed { at: local(*at), cause: *cause },
        (None, Some(at)) => LastTry::Succeeded { at: local(at) },
        (None, None) => LastTry::Never,
    };
    let sentence = SyncStatus {
        // A record that was left waiting by an exchange that came to its end is not with the care team.
        up_to: match (last.complete_at, status.oldest_waiting) {
            (Some(complete), Some(oldest)) => Some(local(complete.min(oldest))),
            (complete, _) => complete.map(local),
        },
        waiting: status.waiting,
        unknown: status.unknown,
        parked: status.parked,
        last_try,
        now: local(moment.now),
    }
    .sentence();
    let set_aside = parked
        .into_iter()
        .map(|item| SetAside { resource_type: item.resource_type, reason: item.reason.unwrap_or_default() })
        .collect();
    Ok(SyncState { sentence, waiting: status.waiting, unknown: status.unknown, set_aside, next_try: last.next_try })
}
