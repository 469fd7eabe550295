//! Sending what waits.
//!
//! Oldest first, the safety lane before the routine lane and again between any two routine batches. A batch goes as
//! one bundle (transaction, or batch, or one by one: what the server takes is found out and remembered). A refused
//! bundle is bisected, at most 2·log2 n requests for one bad row, until that row stands alone. It gets a second
//! chance after its neighbours, because it may have referred to one of them; refused again, it is set aside and
//! everything else goes on.
//!
//! Every answer is recorded before the next request, by the entry's place in the bundle. No answer means "unknown":
//! the rows go on waiting and are sent again with the same bytes under the same ids, which changes nothing if they
//! had arrived.

mod bundle;
mod forms;
mod inline;
mod row;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::error::SyncError;
use crate::outcome::Outcome;
use crate::profile::{BUNDLE_BYTES_PER_ROW, IdMode, ServerProfile, UploadMode};
use crate::store::{Ack, BatchLimits, Lane, OutboxRow, OutboxStore, ParkReason, Parked, ServerMemory};
use crate::transport::{Answer, Call, Transport};

use bundle::EntryAnswer;
pub(crate) use forms::encode;
use inline::BINARY;

/// How far a push came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PushReport {
    /// Rows the server has taken.
    pub acked: usize,
    /// Rows set aside.
    pub parked: usize,
    /// Rows sent without an answer.
    pub unknown: usize,
    /// Rows left waiting although the server answers: their type is not allowed, or the server is not done with them.
    pub held_back: usize,
    /// Types that this sign-in may not write.
    pub forbidden_types: BTreeSet<String>,
    /// Requests made.
    pub requests: usize,
    /// Why it ended early; `None` when it came to the end of the outbox.
    pub stopped: Option<SyncError>,
}

pub(crate) async fn run<S>(transport: &Transport, store: &S) -> PushReport
where
    S: OutboxStore + ServerMemory + ?Sized,
{
    let server = transport.address().as_str();
    let profile = match store.profile(server) {
        Ok(profile) => profile.unwrap_or_default(),
        Err(fault) => return PushReport { stopped: Some(fault.into()), ..PushReport::default() },
    };
    let mut run = Run {
        transport,
        store,
        learned: profile.clone(),
        proven: profile,
        report: PushReport::default(),
        sick_answers: 0,
        undecided: BTreeSet::new(),
        binaries: BTreeMap::new(),
    };
    transport.set_gzip(run.learned.gzip);
    let ended = run.everything().await;
    run.report.stopped = ended.err();
    run.report
}

/// A row that the server found fault with, waiting for its second chance.
struct Suspect {
    row: OutboxRow,
    status: u16,
    outcome: Outcome,
    reason: ParkReason,
    /// Rows acked when it was refused: unless there are more now, asking again is pointless.
    acked_before: usize,
}

/// What became of a bundle.
enum Sent {
    /// Every row has its answer.
    Settled,
    /// Refused, too large or too much for the server: try its halves.
    Split,
    /// The server does not take this kind of bundle; a plainer mode is set.
    Again,
}

/// Single rows in a row that the server failed on (500) before the fault is held to be the server's, not a row's.
const SICK_ROWS_TOLERATED: usize = 2;

pub(super) struct Run<'a, S: ?Sized> {
    transport: &'a Transport,
    store: &'a S,
    /// What this run found out so far.
    learned: ServerProfile,
    /// What is saved: only what rows were really accepted with.
    proven: ServerProfile,
    report: PushReport,
    sick_answers: usize,
    /// Resources with an older row that this run leaves waiting: a newer row must not overtake it, or the older one
    /// would undo it in the next run.
    undecided: BTreeSet<(String, Uuid)>,
    /// Pictures that the server refused, for the rows that show them.
    binaries: BTreeMap<Uuid, inline::Refused>,
}

impl<S> Run<'_, S>
where
    S: OutboxStore + ServerMemory + ?Sized,
{
    async fn everything(&mut self) -> Result<(), SyncError> {
        let mut after_safety = None;
        let mut after_routine = None;
        let mut safety_suspects = Vec::new();
        loop {
            let limits = BatchLimits {
                rows: self.learned.bundle_rows,
                bytes: self.learned.bundle_rows.saturating_mul(BUNDLE_BYTES_PER_ROW),
            };
            let safety = self.store.next_batch(Lane::Safety, after_safety, limits)?;
            if let Some(last) = safety.last() {
                after_safety = Some(last.position);
                // A safety message may refer to a record that still waits in the routine lane: decided at the end.
                let suspects = self.send(safety).await?;
                self.undecided.extend(suspects.iter().map(|suspect| resource_of(&suspect.row)));
                safety_suspects.extend(suspects);
                continue;
            }
            let routine = self.store.next_batch(Lane::Routine, after_routine, limits)?;
            let Some(last) = routine.last() else { break };
            after_routine = Some(last.position);
            let full = routine.len() >= limits.rows;
            let suspects = self.send(routine).await?;
            if suspects.is_empty() && full && self.learned.bundle_rows == limits.rows {
                self.learned.grow_bundles();
                self.save_profile()?;
            }
            self.second_chance(suspects).await?;
        }
        self.second_chance(safety_suspects).await?;
        self.leave_binaries()
    }

    /// Sends rows until each is acked, parked, held back or a suspect.
    async fn send(&mut self, rows: Vec<OutboxRow>) -> Result<Vec<Suspect>, SyncError> {
        let mut suspects = Vec::new();
        let (binaries, others): (Vec<_>, Vec<_>) =
            self.sendable(rows)?.into_iter().partition(|row| row.resource_type == BINARY);
        for row in binaries {
            self.send_binary(row).await?;
        }
        let mut together = Vec::with_capacity(others.len());
        for row in others {
            match self.carrying(row) {
                Ok(row) => together.push(row),
                Err(carrier) => suspects.extend(self.send_carrier(carrier).await?),
            }
        }
        let mut groups = vec![together];
        while let Some(mut group) = groups.pop() {
            if self.learned.upload == UploadMode::Single || self.learned.ids == IdMode::Servers || group.len() == 1 {
                for row in forms::references_first(group) {
                    suspects.extend(self.send_alone(row).await?);
                }
                continue;
            }
            if group.is_empty() {
                continue;
            }
            match self.send_bundle(&group, &mut suspects).await? {
                Sent::Settled => {}
                Sent::Again => groups.push(group),
                Sent::Split => {
                    let later = group.split_off(group.len().div_ceil(2));
                    groups.push(later);
                    groups.push(group);
                }
            }
        }
        Ok(suspects)
    }

    /// Sets rows aside that are not what they say, and leaves out types that may not be written.
    fn sendable(&mut self, rows: Vec<OutboxRow>) -> Result<Vec<OutboxRow>, SyncError> {
        let mut good = Vec::with_capacity(rows.len());
        for row in rows {
            if self.report.forbidden_types.contains(&row.resource_type) || self.undecided.contains(&resource_of(&row)) {
                self.hold_back(&row);
            } else if !self.may_write(&row) {
                self.park(&row, ParkReason::NotGranted, 0, &Outcome::default())?;
            } else if forms::is_well_formed(&row) {
                good.push(row);
            } else {
                self.park(&row, ParkReason::Malformed, 0, &Outcome::default())?;
            }
        }
        Ok(good)
    }

    /// Whether the sign-in lets records of this type through, as far as its scopes say.
    fn may_write(&self, row: &OutboxRow) -> bool {
        self.transport.scopes().is_none_or(|scopes| scopes.may_write(&row.resource_type))
    }

    async fn send_bundle(&mut self, rows: &[OutboxRow], suspects: &mut Vec<Suspect>) -> Result<Sent, SyncError> {
        let body = bundle::build(self.transport.address().as_str(), self.learned.upload, rows);
        let answer = match self.call(Call::post(self.transport.url("")?, body)).await {
            Ok(answer) => answer,
            Err(SyncError::Unanswered) => {
                self.mark_unknown(rows)?;
                // Perhaps it was too much at once; the next run asks for less.
                self.learned.halve_bundles();
                self.save_bundle_rows()?;
                return Err(SyncError::Unanswered);
            }
            // 500 can be one record that the server stumbles over.
            Err(SyncError::Unavailable { status: 500, .. }) => return Ok(Sent::Split),
            Err(other) => return Err(other),
        };
        match answer.status {
            403 | 404 | 405 | 501 => {
                self.learned.upload = self.learned.upload.plainer().unwrap_or(UploadMode::Single);
                Ok(Sent::Again)
            }
            413 => {
                self.learned.halve_bundles();
                self.save_bundle_rows()?;
                Ok(Sent::Split)
            }
            400..=499 => Ok(Sent::Split),
            _ => {
                let Some(answers) = bundle::read_answers(&answer.body, rows.len()) else {
                    // Perhaps carried out, perhaps not: whatever this was, it does not account for the rows.
                    self.mark_unknown(rows)?;
                    return Err(SyncError::NotFhir { status: answer.status, content_type: "JSON".into() });
                };
                self.settle(rows, answers, suspects).await?;
                Ok(Sent::Settled)
            }
        }
    }

    /// Accounts for each row by its place; rows that were not taken are tried alone.
    async fn settle(
        &mut self,
        rows: &[OutboxRow],
        answers: Vec<EntryAnswer>,
        suspects: &mut Vec<Suspect>,
    ) -> Result<(), SyncError> {
        let mut acks = Vec::new();
        let mut others = Vec::new();
        for (row, answer) in rows.iter().zip(answers) {
            if (200..300).contains(&answer.status) {
                self.learn_ids(row);
                acks.push(answer.into_ack(row));
            } else if answer.status == 401 {
                self.ack(&acks)?;
                return Err(SyncError::NeedsSignIn);
            } else {
                others.push(row.clone());
            }
        }
        self.ack(&acks)?;
        for row in others {
            suspects.extend(self.send_alone(row).await?);
        }
        Ok(())
    }

    /// Suspects are asked about once more if the server took anything since, and then set aside.
    async fn second_chance(&mut self, suspects: Vec<Suspect>) -> Result<(), SyncError> {
        for suspect in suspects {
            let suspect = if self.report.acked > suspect.acked_before {
                match self.send_alone(suspect.row).await? {
                    Some(still) => still,
                    None => continue,
                }
            } else {
                suspect
            };
            self.park(&suspect.row, suspect.reason, suspect.status, &suspect.outcome)?;
        }
        Ok(())
    }

    async fn call(&mut self, call: Call) -> Result<Answer, SyncError> {
        self.report.requests += 1;
        self.transport.call(call).await
    }

    fn ack(&mut self, acks: &[Ack]) -> Result<(), SyncError> {
        if acks.is_empty() {
            return Ok(());
        }
        self.store.mark_acked(acks)?;
        self.report.acked += acks.len();
        self.sick_answers = 0;
        self.save_profile()
    }

    /// A server that took this row under our id keeps such ids; that it took an edit of what it had itself says nothing.
    fn learn_ids(&mut self, row: &OutboxRow) {
        if self.learned.ids == IdMode::Unproven && row.base.is_none() {
            self.learned.ids = IdMode::Ours;
        }
    }

    fn park(&mut self, row: &OutboxRow, reason: ParkReason, status: u16, outcome: &Outcome) -> Result<(), SyncError> {
        self.store.park(&[Parked { position: row.position, reason, status, outcome: outcome.text() }])?;
        self.report.parked += 1;
        Ok(())
    }

    /// Leaves a row waiting for the next run.
    fn hold_back(&mut self, row: &OutboxRow) {
        self.undecided.insert(resource_of(row));
        self.report.held_back += 1;
    }

    fn mark_unknown(&mut self, rows: &[OutboxRow]) -> Result<(), SyncError> {
        let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
        self.store.mark_unknown(&positions)?;
        self.report.unknown += positions.len();
        Ok(())
    }

    /// Remembers how rows were accepted.
    fn save_profile(&mut self) -> Result<(), SyncError> {
        self.learned.gzip = self.transport.gzip();
        if self.proven != self.learned {
            self.proven = self.learned.clone();
            self.store.remember(self.transport.address().as_str(), &self.proven)?;
        }
        Ok(())
    }

    /// Remembers the size of bundles alone: a refusal proves nothing about the rest.
    fn save_bundle_rows(&mut self) -> Result<(), SyncError> {
        self.proven.bundle_rows = self.learned.bundle_rows;
        self.store.remember(self.transport.address().as_str(), &self.proven)?;
        Ok(())
    }
}

fn resource_of(row: &OutboxRow) -> (String, Uuid) {
    (row.resource_type.clone(), row.id)
}
