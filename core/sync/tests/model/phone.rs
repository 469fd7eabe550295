//! A phone: a disk that survives, a process that may die between any two commits, and requests that wait for their fate.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, Utc};
use homeline_sync::testing::{Carried, Carrier, MemoryStore, Reply, ReplyLater};
use homeline_sync::{
    Ack, BatchLimits, CareTeamClient, GrantedScopes, KnownVersion, Limits, MirrorPage, MirrorStore, OutboxCounts,
    OutboxRow, OutboxStore, Parked, PullPlan, ResourceKey, ServerAddress, ServerMemory, ServerProfile, StoreFault,
    SyncError, SyncReport,
};
use uuid::Uuid;

use super::server::{BASE, PATIENT, TYPES};

/// Rows of a page: few, so that there are pages.
const PAGE_ROWS: usize = 3;

/// Commits until the process dies, when it is to die; the last one may still be made.
#[derive(Debug, Clone, Copy)]
pub struct Fuse {
    pub commits: u8,
    pub keeps_last: bool,
}

/// The disk as the process sees it: after its death nothing is written or read any more.
struct Disk {
    kept: MemoryStore,
    /// Commits that may still be made; negative: no end is near.
    left: AtomicI64,
    keeps_last: Mutex<bool>,
    is_dead: Mutex<bool>,
    /// Resources that were stored as news although the very same was there.
    stale_news: Mutex<Vec<ResourceKey>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    fn alive<T>(&self, read: impl FnOnce(&MemoryStore) -> Result<T, StoreFault>) -> Result<T, StoreFault> {
        if *locked(&self.is_dead) {
            return Err(StoreFault { operation: "any", reason: "the process is dead".to_owned() });
        }
        read(&self.kept)
    }

    fn commit(&self, write: impl FnOnce(&MemoryStore) -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        if left == 0 {
            let keeps_last = *locked(&self.keeps_last);
            if keeps_last && !*locked(&self.is_dead) {
                write(&self.kept)?;
            }
            *locked(&self.is_dead) = true;
            return Err(StoreFault { operation: "commit", reason: "the power went".to_owned() });
        }
        self.alive(write)
    }
}

impl OutboxStore for Disk {
    fn next_batch(
        &self,
        lane: homeline_sync::Lane,
        after: Option<i64>,
        limits: BatchLimits,
    ) -> Result<Vec<OutboxRow>, StoreFault> {
        self.alive(|kept| kept.next_batch(lane, after, limits))
    }
    fn mark_acked(&self, acks: &[Ack]) -> Result<(), StoreFault> {
        self.commit(|kept| kept.mark_acked(acks))
    }
    fn park(&self, parked: &[Parked]) -> Result<(), StoreFault> {
        self.commit(|kept| kept.park(parked))
    }
    fn mark_unknown(&self, positions: &[i64]) -> Result<(), StoreFault> {
        self.commit(|kept| kept.mark_unknown(positions))
    }
    fn server_id(&self, resource_type: &str, id: Uuid) -> Result<Option<String>, StoreFault> {
        self.alive(|kept| kept.server_id(resource_type, id))
    }
    fn counts(&self) -> Result<OutboxCounts, StoreFault> {
        self.alive(OutboxStore::counts)
    }
}

impl MirrorStore for Disk {
    fn cursor(&self, key: &str) -> Result<Option<DateTime<Utc>>, StoreFault> {
        self.alive(|kept| kept.cursor(key))
    }
    fn known(&self, keys: &[ResourceKey]) -> Result<Vec<Option<KnownVersion>>, StoreFault> {
        self.alive(|kept| kept.known(keys))
    }
    fn ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault> {
        self.alive(|kept| kept.ids(resource_type))
    }
    fn sent_ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault> {
        self.alive(|kept| kept.sent_ids(resource_type))
    }
    fn newest(&self) -> Result<Vec<(ResourceKey, KnownVersion)>, StoreFault> {
        self.alive(MirrorStore::newest)
    }
    fn apply(&self, page: &MirrorPage) -> Result<(), StoreFault> {
        if !page.resources.is_empty() {
            let held = self.kept.mirror();
            let stale = page.resources.iter().filter(|news| held.contains(news)).map(|news| news.key.clone());
            locked(&self.stale_news).extend(stale);
        }
        self.commit(|kept| kept.apply(page))
    }
}

impl ServerMemory for Disk {
    fn profile(&self, server: &str) -> Result<Option<ServerProfile>, StoreFault> {
        self.alive(|kept| kept.profile(server))
    }
    fn remember(&self, server: &str, profile: &ServerProfile) -> Result<(), StoreFault> {
        self.commit(|kept| kept.remember(server, profile))
    }
}

/// A request that waits, and the place for its answer.
pub struct Waiting {
    pub request: Carried,
    /// When the server began with it, if it has.
    pub stamp: Option<i64>,
    answer: Arc<Mutex<Option<Result<Reply, SyncError>>>>,
}

impl Waiting {
    pub fn end(self, answer: Result<Reply, SyncError>) {
        *locked(&self.answer) = Some(answer);
    }
}

/// Requests on their way out of the phone.
#[derive(Default)]
struct Mailbox(Mutex<VecDeque<Waiting>>);

impl Carrier for Mailbox {
    fn carry(&self, request: Carried) -> ReplyLater<'_> {
        let answer = Arc::new(Mutex::new(None));
        locked(&self.0).push_back(Waiting { request, stamp: None, answer: Arc::clone(&answer) });
        Box::pin(poll_fn(move |_| locked(&answer).take().map_or(Poll::Pending, Poll::Ready)))
    }
}

/// What a person wrote on this phone; on the disk with what waits to be sent.
#[derive(Debug, Clone)]
pub struct Written {
    pub resource_type: String,
    pub id: Uuid,
    /// 1, and one more with each correction.
    pub state: u64,
    /// The server finds fault with it.
    pub is_poison: bool,
}

pub struct Phone {
    pub number: usize,
    /// Its clock beside the server's, milliseconds.
    pub skew: i64,
    /// Its sign-in is taken.
    pub is_allowed: bool,
    pub journal: Vec<Written>,
    /// What each row of the outbox carries.
    pub rows: BTreeMap<i64, Uuid>,
    /// Values of its own field of the rights, by the position that carries them.
    pub rights: BTreeMap<i64, u64>,
    pub last_report: Option<SyncReport>,
    mailbox: Arc<Mailbox>,
    disk: Arc<Disk>,
    exchange: Option<Pin<Box<dyn Future<Output = SyncReport>>>>,
}

impl Phone {
    pub fn new(number: usize, skew: i64) -> Self {
        let disk = Disk {
            kept: MemoryStore::new(),
            left: AtomicI64::new(-1),
            keeps_last: Mutex::new(false),
            is_dead: Mutex::new(false),
            stale_news: Mutex::default(),
        };
        Self {
            number,
            skew,
            is_allowed: true,
            journal: Vec::new(),
            rows: BTreeMap::new(),
            rights: BTreeMap::new(),
            last_report: None,
            mailbox: Arc::default(),
            disk: Arc::new(disk),
            exchange: None,
        }
    }

    /// What is on the disk.
    pub fn kept(&self) -> &MemoryStore {
        &self.disk.kept
    }

    /// Resources that came as news although the very same was there.
    pub fn stale_news(&self) -> Vec<ResourceKey> {
        locked(&self.disk.stale_news).clone()
    }

    pub fn is_busy(&self) -> bool {
        self.exchange.is_some()
    }

    /// Begins an exchange, unless one is under way.
    pub fn begin(&mut self, is_full: bool) {
        if self.is_busy() {
            return;
        }
        self.last_report = None;
        let carrier: Arc<dyn Carrier> = Arc::clone(&self.mailbox) as Arc<dyn Carrier>;
        let address = ServerAddress::parse(BASE).expect("an address");
        let client = CareTeamClient::carried(carrier, address, Limits { page_rows: PAGE_ROWS, ..Limits::default() });
        let scopes: Vec<String> = TYPES.iter().map(|kind| format!("patient/{kind}.rs")).collect();
        let plan = PullPlan::for_patient(PATIENT).expect("an id").within(&GrantedScopes::parse(&scopes.join(" ")));
        let plan = if is_full { plan.full() } else { plan };
        let disk = Arc::clone(&self.disk);
        self.exchange = Some(Box::pin(async move { client.sync(&plan, &*disk).await }));
        self.go_on();
    }

    /// Lets the process run to its next request, its end or its death.
    fn go_on(&mut self) {
        let Some(exchange) = &mut self.exchange else { return };
        let ended = exchange.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if *locked(&self.disk.is_dead) {
            self.crash();
        } else if let Poll::Ready(report) = ended {
            self.last_report = Some(report);
            self.exchange = None;
        }
    }

    /// The process dies here; the next one finds what was committed.
    pub fn crash(&mut self) {
        self.exchange = None;
        locked(&self.mailbox.0).clear();
        *locked(&self.disk.is_dead) = false;
        self.disk.left.store(-1, Ordering::SeqCst);
    }

    pub fn light(&self, fuse: Fuse) {
        *locked(&self.disk.keeps_last) = fuse.keeps_last;
        self.disk.left.store(i64::from(fuse.commits), Ordering::SeqCst);
    }

    /// No end is near.
    pub fn put_out(&self) {
        self.disk.left.store(-1, Ordering::SeqCst);
    }

    /// The request that waits longest.
    pub fn take(&self) -> Option<Waiting> {
        locked(&self.mailbox.0).pop_front()
    }

    /// It goes on waiting.
    pub fn put_back(&self, waiting: Waiting) {
        locked(&self.mailbox.0).push_front(waiting);
    }

    /// Hands the answer over and lets the process run on.
    pub fn end(&mut self, waiting: Waiting, answer: Result<Reply, SyncError>) {
        waiting.end(answer);
        self.go_on();
    }

    /// The waiting row of a resource.
    pub fn waits(&self, id: Uuid) -> bool {
        let plenty = BatchLimits { rows: usize::MAX, bytes: usize::MAX };
        let mut after = None;
        for lane in [homeline_sync::Lane::Safety, homeline_sync::Lane::Routine] {
            loop {
                let batch = self.disk.kept.next_batch(lane, after, plenty).expect("a store in memory");
                if batch.iter().any(|row| row.id == id) {
                    return true;
                }
                let Some(last) = batch.last() else { break };
                after = Some(last.position);
            }
            after = None;
        }
        false
    }
}
