//! Long pieces of work: report, export, verification, backup, sync. The caller makes a [`Work`], lends it to the call, and
//! asks it from anywhere how far it is, or takes the work back.
//!
//! What was taken back answers with an error of kind `Cancelled` and leaves nothing half-done. Such work has a thread of its
//! own, so that a screen is drawn and a dose recorded meanwhile, and closing takes it back.

use crate::error::HomelineError;
use crate::homeline::Inner;
pub use homeline_vault::Progress;
use homeline_vault::{LongWork, VaultError};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::task::Poll;
use tokio::sync::Notify;

/// The handle of one long piece of work.
#[derive(Clone, Default)]
pub struct Work {
    pub(crate) of_vault: LongWork,
    taken_back: Arc<Notify>,
}

impl Work {
    /// One that tells its progress, on its own thread, to `told`.
    pub fn watched(told: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { of_vault: LongWork::watched(told), taken_back: Arc::default() }
    }

    /// Takes the work back: it ends at its next part. Before it began, it never begins; after its end, nothing happens.
    pub fn cancel(&self) {
        self.of_vault.cancel();
        self.taken_back.notify_one();
    }

    /// Whether it was taken back.
    pub fn is_cancelled(&self) -> bool {
        self.of_vault.is_cancelled()
    }

    /// How far it is. Which parts are counted, the call says that it was lent to.
    pub fn progress(&self) -> Progress {
        self.of_vault.progress()
    }

    pub(crate) fn check(&self) -> Result<(), HomelineError> {
        Ok(self.of_vault.check()?)
    }

    pub(crate) fn advance(&self, by: u64) -> Result<(), HomelineError> {
        Ok(self.of_vault.advance(by)?)
    }

    /// Runs `job` until it ends or the work is taken back, whichever comes first.
    pub(crate) async fn race<T>(&self, job: impl Future<Output = T>) -> Result<T, HomelineError> {
        self.check()?;
        let (mut job, mut taken_back) = (pin!(job), pin!(self.taken_back.notified()));
        poll_fn(|context| match (job.as_mut().poll(context), taken_back.as_mut().poll(context)) {
            (Poll::Ready(done), _) => Poll::Ready(Ok(done)),
            (Poll::Pending, Poll::Ready(())) => Poll::Ready(Err(VaultError::Cancelled.into())),
            (Poll::Pending, Poll::Pending) => Poll::Pending,
        })
        .await
    }
}

impl Inner {
    /// Lends `work` to a job, so that closing can take it back.
    pub(crate) async fn lend<T>(
        &self,
        work: &Work,
        job: impl Future<Output = Result<T, HomelineError>>,
    ) -> Result<T, HomelineError> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).push(work.clone());
        let _until_the_end = Lent { inner: self, work };
        job.await
    }

    /// A job of its own thread, beside everything else.
    pub(crate) async fn long<T: Send + 'static>(
        &self,
        work: &Work,
        job: impl FnOnce(&Work) -> Result<T, HomelineError> + Send + 'static,
    ) -> Result<T, HomelineError> {
        let own = work.clone();
        self.lend(
            work,
            self.long.run(move |()| {
                own.check()?;
                job(&own)
            }),
        )
        .await
    }

    /// Asks everything that runs to end.
    pub(crate) fn take_back_all(&self) {
        for work in self.lent.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            work.cancel();
        }
    }
}

/// Work that was lent to a job; given back also when the caller goes away before its end.
struct Lent<'a> {
    inner: &'a Inner,
    work: &'a Work,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut lent = self.inner.lent.lock().unwrap_or_else(PoisonError::into_inner);
        lent.retain(|other| !Arc::ptr_eq(&other.taken_back, &self.work.taken_back));
    }
}
