//! A long piece of work (verification, backup), seen from another thread: how far it is, and the way to take it back.
//!
//! Taking back is asked, not forced: the work looks at [`LongWork::check`] between its parts, and a statement that runs in
//! SQLite meanwhile is interrupted. Work that was taken back ends with [`VaultError::Cancelled`] and leaves nothing half-done.

use crate::error::{Result, VaultError};
use rusqlite::{Connection, InterruptHandle};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

type Told = Box<dyn Fn(Progress) + Send + Sync>;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Parts that are done; which parts, the work itself says (entries, bytes, …).
    pub done: u64,
    /// Of so many; `None` while that is not known.
    pub of: Option<u64>,
}

/// One long piece of work.
#[derive(Clone, Default)]
pub struct LongWork {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cancelled: AtomicBool,
    done: AtomicU64,
    of: AtomicU64,
    /// The statements that may run now, the innermost last.
    running: Mutex<Vec<InterruptHandle>>,
    told: Option<Told>,
}

impl LongWork {
    /// One that tells its progress, on its own thread, to `told`.
    pub fn watched(told: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { state: Arc::new(State { told: Some(Box::new(told)), ..State::default() }) }
    }

    /// Asks it to end. Asking again, or after its end, changes nothing.
    pub fn cancel(&self) {
        self.state.cancelled.store(true, Ordering::SeqCst);
        for handle in self.state.running.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            handle.interrupt();
        }
    }

    /// Whether it was asked to end.
    pub fn is_cancelled(&self) -> bool {
        self.state.cancelled.load(Ordering::SeqCst)
    }

    /// Ends it here when it was asked to.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(VaultError::Cancelled) } else { Ok(()) }
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let of = self.state.of.load(Ordering::Relaxed);
        Progress { done: self.state.done.load(Ordering::Relaxed), of: (of > 0).then_some(of) }
    }

    /// Says of how many parts it is.
    pub fn expect(&self, of: u64) {
        self.state.of.store(of, Ordering::Relaxed);
    }

    /// Says that so many more parts are done, and ends it here when it was asked to.
    pub fn advance(&self, by: u64) -> Result<()> {
        self.state.done.fetch_add(by, Ordering::Relaxed);
        if let Some(told) = &self.state.told {
            told(self.progress());
        }
        self.check()
    }

    /// Runs a part of it on a connection: a statement in it can be interrupted.
    pub(crate) fn on<T>(&self, connection: &Connection, part: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let running = || self.state.running.lock().unwrap_or_else(PoisonError::into_inner);
        running().push(connection.get_interrupt_handle());
        // Asked before the handle was there: nobody interrupts it any more.
        let done = self.check().and_then(|()| part(connection));
        running().pop();
        done.map_err(|error| if self.is_cancelled() { VaultError::Cancelled } else { error })
    }
}
