//! The home, its server, and one step after another.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use homeline_sync::testing::Carried;
use homeline_sync::{Base, Lane, OutboxRow, SyncError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::phone::{Phone, Waiting, Written};
use super::script::{Fate, Kind, Script, Step};
use super::server::{BASE, PATIENT, POISON, Records, Server, unpacked};

/// Server time at the beginning.
const MORNING: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;
/// A server that still answers has ended every transaction within this time: less than the overlap of a pull.
const LONGEST_TRANSACTION: i64 = 9 * MINUTE;
/// Exchanges of each phone until everything has reached everybody, deletions too.
const ROUNDS: u32 = 4;
pub const RIGHTS: Uuid = Uuid::from_u128(0x7191_0000);

pub struct World {
    pub server: Server,
    pub phones: Vec<Phone>,
    /// Requests that their phone has given up on, and that are still under way: of which phone, since when.
    late: Vec<(Carried, i64)>,
    backups: Vec<Records>,
    /// Entries of the home that the team deleted, by their home id.
    pub deleted: BTreeSet<String>,
    pub was_restored: bool,
    /// It failed on a request (500), perhaps because of one record.
    pub was_sick: bool,
    /// The newest state of each home entry that was ever sent, by home id.
    newest_sent: BTreeMap<String, u64>,
    orders: u64,
}

impl World {
    pub fn new(script: &Script) -> Self {
        let mut server = Server::new(script.dialect, MORNING);
        // One of each type stays for good: an empty answer means lost rights, and removes nothing.
        for kind in super::server::TYPES {
            let id = if kind == "Patient" { PATIENT.to_owned() } else { format!("first-{}", kind.to_lowercase()) };
            server.put_by_team(&json!({"resourceType": kind, "id": id}));
        }
        server.put_by_team(&json!({"resourceType": "Consent", "id": RIGHTS.to_string(), "shared": 0}));
        server.clock += 20 * MINUTE;
        let phones =
            script.skews.iter().enumerate().map(|(number, minutes)| Phone::new(number, minutes * MINUTE)).collect();
        let backups = vec![server.records.clone()];
        Self {
            server,
            phones,
            late: Vec::new(),
            backups,
            deleted: BTreeSet::new(),
            was_restored: false,
            was_sick: false,
            newest_sent: BTreeMap::new(),
            orders: 0,
        }
    }

    /// Does one step; one that does not fit now is none.
    pub fn take(&mut self, step: Step) {
        match step {
            Step::Write { phone, kind } => self.write(phone, kind),
            Step::Correct { phone, which } => self.correct(phone, which),
            Step::EditRights { phone, own } => self.edit_rights(phone, own),
            Step::Begin { phone, full } => {
                if let Some(phone) = self.phones.get_mut(phone) {
                    phone.begin(full);
                }
            }
            Step::Deliver { phone, fate } => self.deliver(phone, fate),
            Step::Late => {
                if !self.late.is_empty() {
                    let (request, since) = self.late.remove(0);
                    self.arrive_late(&request, since);
                }
            }
            Step::Crash { phone } => {
                if let Some(phone) = self.phones.get_mut(phone) {
                    phone.crash();
                }
            }
            Step::Fuse { phone, fuse } => {
                if let Some(phone) = self.phones.get_mut(phone) {
                    phone.light(fuse);
                }
            }
            Step::Pass { minutes } => self.pass(minutes),
            Step::Order => {
                self.orders += 1;
                let id = format!("order-{}", self.orders % 3);
                self.server.put_by_team(&json!({"resourceType": "MedicationRequest", "id": id, "state": self.orders}));
            }
            Step::Answer => {
                self.orders += 1;
                let id = format!("answer-{}", self.orders);
                self.server.put_by_team(&json!({"resourceType": "Communication", "id": id, "state": self.orders}));
            }
            Step::TeamDeletes { which } => self.team_deletes(which),
            Step::Backup => self.backups.push(self.server.records.clone()),
            Step::Restore { which } => self.restore(which),
            Step::Access { phone, allowed } => {
                if let Some(phone) = self.phones.get_mut(phone) {
                    phone.is_allowed = allowed;
                }
            }
        }
    }

    fn pass(&mut self, minutes: u16) {
        self.server.clock += i64::from(minutes) * MINUTE;
        let oldest = self.server.clock - LONGEST_TRANSACTION;
        // The server ends what it has begun.
        for request in std::mem::take(&mut self.late) {
            if request.1 < oldest { self.arrive_late(&request.0, request.1) } else { self.late.push(request) }
        }
        for phone in 0..self.phones.len() {
            let Some(waiting) = self.phones.get(phone).and_then(Phone::take) else { continue };
            match waiting.stamp {
                Some(stamp) if stamp < oldest => self.carry_out(phone, waiting),
                _ => self.phones[phone].put_back(waiting),
            }
        }
    }

    fn write(&mut self, number: usize, kind: Kind) {
        let Some(phone) = self.phones.get_mut(number) else { return };
        let id = Uuid::from_u128((number as u128 + 1) << 64 | phone.journal.len() as u128);
        let (resource_type, lane) = kind.sent_as();
        let is_poison = kind == Kind::Poison;
        phone.journal.push(Written { resource_type: resource_type.to_owned(), id, state: 1, is_poison });
        let mut resource = self.entry(number, resource_type, id, 1);
        if is_poison {
            resource[POISON] = json!(true);
        }
        self.enqueue(number, &resource, lane, None);
    }

    fn entry(&self, number: usize, resource_type: &str, id: Uuid, state: u64) -> Value {
        let skew = self.phones.get(number).map_or(0, |phone| phone.skew);
        json!({
            "resourceType": resource_type, "id": id, "state": state, "by": number,
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": format!("urn:uuid:{id}")}],
            "recorded": super::server::instant(self.server.clock + skew),
        })
    }

    fn enqueue(&mut self, number: usize, resource: &Value, lane: Lane, base: Option<Base>) -> i64 {
        let text = |name: &str| resource[name].as_str().expect("an entry has it");
        let id = text("id").parse().expect("a UUID");
        let row = OutboxRow {
            position: 0,
            resource_type: text("resourceType").to_owned(),
            id,
            json: resource.to_string().into_bytes(),
            lane,
            enqueued_at: DateTime::UNIX_EPOCH,
            base,
        };
        let phone = &mut self.phones[number];
        let position = phone.kept().enqueue(row);
        phone.rows.insert(position, id);
        position
    }

    /// The next state of an entry of this phone's own, and the entry that corrects it.
    fn correct(&mut self, number: usize, which: u8) {
        let Some(phone) = self.phones.get_mut(number) else { return };
        let count = phone.journal.len();
        let Some(old) = phone.journal.get_mut(usize::from(which) % count.max(1)) else { return };
        if old.resource_type == "Communication" || old.is_poison {
            return;
        }
        old.state += 1;
        let (resource_type, id, state) = (old.resource_type.clone(), old.id, old.state);
        let resource = self.entry(number, &resource_type, id, state);
        let lane = if resource_type == "Task" { Lane::Safety } else { Lane::Routine };
        self.enqueue(number, &resource, lane, None);
    }

    /// What two phones may both edit: from the state that this phone knows.
    fn edit_rights(&mut self, number: usize, own: bool) {
        let Some(phone) = self.phones.get(number) else { return };
        if phone.waits(RIGHTS) {
            return;
        }
        let mirror = phone.kept().mirror();
        let Some(held) = mirror.iter().find(|held| held.key.id == RIGHTS.to_string()) else { return };
        let Some(version) = held.version.version_id.clone() else { return };
        let mut resource: Value = serde_json::from_str(&held.json).expect("the server's JSON");
        let field = if own { format!("phone{number}") } else { "shared".to_owned() };
        let value = resource[&field].as_u64().unwrap_or(0) * 10 + number as u64 + 1;
        resource[&field] = json!(value);
        let base = Base { version, json: Some(held.json.clone().into_bytes()) };
        let position = self.enqueue(number, &resource, Lane::Routine, Some(base));
        if own {
            self.phones[number].rights.insert(position, value);
        }
    }

    fn deliver(&mut self, number: usize, fate: Fate) {
        let Some(phone) = self.phones.get_mut(number) else { return };
        let Some(mut waiting) = phone.take() else { return };
        if !phone.is_allowed {
            phone.end(waiting, Err(SyncError::NeedsSignIn));
            return;
        }
        match fate {
            Fate::Answered => self.carry_out(number, waiting),
            Fate::Begun => {
                waiting.stamp = waiting.stamp.or(Some(self.server.clock));
                phone.put_back(waiting);
            }
            Fate::RequestLost => phone.end(waiting, Err(SyncError::Offline)),
            Fate::AnswerLost => {
                let stamp = waiting.stamp.unwrap_or(self.server.clock);
                self.note_sent(&waiting.request);
                self.server.answer(&waiting.request, stamp);
                self.phones[number].end(waiting, Err(SyncError::Unanswered));
            }
            Fate::AnswerCut => {
                let stamp = waiting.stamp.unwrap_or(self.server.clock);
                self.note_sent(&waiting.request);
                let mut reply = self.server.answer(&waiting.request, stamp);
                reply.body.truncate(reply.body.len() / 2);
                self.phones[number].end(waiting, Ok(reply));
            }
            Fate::Twice => {
                self.note_sent(&waiting.request);
                self.server.answer(&waiting.request, self.server.clock);
                self.carry_out(number, waiting);
            }
            Fate::Late => {
                self.note_sent(&waiting.request);
                let stamp = waiting.stamp.unwrap_or(self.server.clock);
                self.late.push((waiting.request.clone(), stamp));
                self.phones[number].end(waiting, Err(SyncError::Unanswered));
            }
            Fate::Sick(status) => {
                self.was_sick |= status == 500;
                phone.end(waiting, Err(sick(status)));
            }
        }
    }

    fn carry_out(&mut self, number: usize, waiting: Waiting) {
        self.note_sent(&waiting.request);
        let stamp = waiting.stamp.unwrap_or(self.server.clock);
        let reply = self.server.answer(&waiting.request, stamp);
        self.phones[number].end(waiting, Ok(reply));
    }

    /// A request that comes when its phone has given up on it. R4 has no condition by which a plain PUT could be kept from
    /// undoing what came after it, so one that would do that is left out: the limit of what is promised.
    fn arrive_late(&mut self, request: &Carried, since: i64) {
        let undoes = entries_of(request).iter().any(|resource| {
            let own = home_id(resource);
            let state = resource["state"].as_u64().unwrap_or(0);
            self.newest_sent.get(&own).is_some_and(|newest| *newest > state)
                || self.deleted.contains(&own)
                || resource["id"] == RIGHTS.to_string()
        });
        if !undoes {
            self.server.answer(request, since);
        }
    }

    fn note_sent(&mut self, request: &Carried) {
        for resource in entries_of(request) {
            let newest = self.newest_sent.entry(home_id(&resource)).or_default();
            *newest = (*newest).max(resource["state"].as_u64().unwrap_or(0));
        }
    }

    fn team_deletes(&mut self, which: u8) {
        let rows: Vec<(String, String)> = self
            .server
            .all()
            .filter(|((_, id), ..)| *id != PATIENT && !id.starts_with("first-") && *id != RIGHTS.to_string())
            .map(|(key, ..)| key.clone())
            .collect();
        let Some(key) = rows.get(usize::from(which) % rows.len().max(1)) else { return };
        let own = self.server.content(key).map(home_id).unwrap_or_default();
        self.deleted.insert(own);
        self.server.delete_by_team(key);
    }

    /// The server is put back from a backup. It is away meanwhile: whatever was under way has no answer and never arrives.
    fn restore(&mut self, which: u8) {
        self.late.clear();
        for phone in &mut self.phones {
            while let Some(waiting) = phone.take() {
                phone.end(waiting, Err(SyncError::Unanswered));
            }
        }
        let which = usize::from(which) % self.backups.len();
        // A later backup is of a time that no longer was.
        self.backups.truncate(which + 1);
        let handed_out = self.server.records.clone();
        self.server.records = self.backups[which].clone();
        self.server.records.keep_handing_out(&handed_out);
        self.was_restored = true;
        self.server.clock += MINUTE;
    }

    /// Everything is well from now on: the phones exchange until nothing moves any more. Answers what stopped them.
    pub fn settle(&mut self) -> Vec<String> {
        for request in std::mem::take(&mut self.late) {
            self.arrive_late(&request.0, request.1);
        }
        // What the server has begun ends first: no transaction lasts as long as an overlap.
        for number in 0..self.phones.len() {
            self.phones[number].put_out();
            self.finish(number);
        }
        let mut trouble = Vec::new();
        for round in 0..ROUNDS {
            trouble.clear();
            // Where no history tells of deletions, ids are compared weekly.
            self.server.clock += if round < ROUNDS / 2 { 30 * MINUTE } else { 8 * 24 * 60 * MINUTE };
            // A server that tells no time of its own tells it by what is new.
            self.server
                .put_by_team(&json!({"resourceType": "MedicationRequest", "id": "order-of-the-week", "state": round}));
            for number in 0..self.phones.len() {
                let phone = &mut self.phones[number];
                phone.is_allowed = true;
                phone.begin(false);
                if !self.finish(number) {
                    trouble.push(format!("phone {number} does not come to an end"));
                }
                let report = self.phones[number].last_report.take();
                if let Some(error) = report.as_ref().and_then(homeline_sync::SyncReport::stopped) {
                    trouble.push(format!("phone {number} was stopped: {error}"));
                }
            }
        }
        trouble
    }

    /// Answers requests until the exchange ends.
    fn finish(&mut self, number: usize) -> bool {
        for _ in 0..2_000 {
            let Some(waiting) = self.phones[number].take() else { return !self.phones[number].is_busy() };
            self.carry_out(number, waiting);
        }
        false
    }
}

fn sick(status: u16) -> SyncError {
    match status {
        429 => SyncError::Throttled { retry_after: None },
        401 => SyncError::NeedsSignIn,
        _ => SyncError::Unavailable { status, retry_after: None },
    }
}

/// The resources that a request writes.
fn entries_of(request: &Carried) -> Vec<Value> {
    let Some(body) = request.body.as_ref().map(|body| unpacked(body, request.is_packed)) else { return Vec::new() };
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return Vec::new() };
    if request.url.trim_end_matches('/') != BASE {
        return vec![body];
    }
    let entries = body["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().filter_map(|entry| entry.get("resource").cloned()).collect()
}

/// The id that the home gave, whatever the server calls it.
pub fn home_id(resource: &Value) -> String {
    let given = resource["identifier"][0]["value"].as_str().and_then(|value| value.strip_prefix("urn:uuid:"));
    given.or(resource["id"].as_str()).unwrap_or_default().to_owned()
}
