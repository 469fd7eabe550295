//! One thread that owns one thing and does jobs on it in order.
//!
//! The caller gets a future that only awaits an answer: no runtime is needed, and a caller who goes away does not undo a
//! job that was handed over. A job that panics answers with an error and the thread lives on, because one bad row must
//! not take the journal away from its owner.

use crate::error::{ErrorKind, HomelineError};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

struct Running<S> {
    jobs: mpsc::Sender<Job<S>>,
    thread: JoinHandle<()>,
}

pub(crate) struct Worker<S> {
    running: Mutex<Option<Running<S>>>,
}

impl<S: 'static> Worker<S> {
    /// Starts the thread. `begin` makes the state on the thread itself, so the state need not be `Send`.
    pub(crate) fn start(name: &str, begin: impl FnOnce() -> S + Send + 'static) -> Result<Self, HomelineError> {
        let (sender, jobs) = mpsc::channel::<Job<S>>();
        let handle = std::thread::Builder::new()
            .name(format!("homeline-{name}"))
            .spawn(move || {
                let mut state = begin();
                while let Ok(job) = jobs.recv() {
                    job(&mut state);
                }
            })
            .map_err(|error| {
                HomelineError::new(
                    ErrorKind::Platform,
                    "platform.thread",
                    format!("no thread could be started ({})", error.kind()),
                    "Close other apps and try again.",
                )
            })?;
        Ok(Self { running: Mutex::new(Some(Running { jobs: sender, thread: handle })) })
    }

    /// Hands over a job now; the future only awaits its answer.
    pub(crate) fn run<T: Send + 'static, J>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<T, HomelineError>> + Send + use<S, T, J>
    where
        J: FnOnce(&mut S) -> Result<T, HomelineError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job<S> = Box::new(move |state| {
            let result = catch_unwind(AssertUnwindSafe(|| job(state))).unwrap_or_else(|_| {
                Err(HomelineError::new(
                    ErrorKind::Internal,
                    "internal.panic",
                    "something went wrong inside Homeline",
                    "Nothing half-done was kept. Try again, and tell us if it happens again.",
                ))
            });
            // The caller may have gone away: the work is done all the same.
            let _ = answer.send(result);
        });
        let handed_over = match self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(running) => running.jobs.send(job).is_ok(),
            None => false,
        };
        async move {
            if !handed_over {
                return Err(HomelineError::closed());
            }
            answered.await.unwrap_or_else(|_| Err(HomelineError::closed()))
        }
    }

    /// One job on a thread of its own, which ends with it: for what needs no vault.
    pub(crate) async fn once<T: Send + 'static>(
        name: &str,
        job: impl FnOnce() -> Result<T, HomelineError> + Send + 'static,
    ) -> Result<T, HomelineError>
    where
        S: Default,
    {
        Self::start(name, S::default)?.run(move |_| job()).await
    }

    /// Lets the thread finish what was handed over, then ends it. Calls after that answer "closed".
    pub(crate) fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Running { jobs, thread }) = running {
            drop(jobs);
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl<S> Drop for Worker<S> {
    fn drop(&mut self) {
        // Without a join: the last owner may be the worker's own thread, or a garbage collector's.
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn a_job_that_panics_answers_and_the_next_job_runs() {
        let worker = Worker::start("test", || 1).unwrap();
        let error = block_on(worker.run(|_| -> Result<(), _> { panic!("on purpose") })).unwrap_err();
        assert_eq!(error.code, "internal.panic");
        assert_eq!(block_on(worker.run(|n| Ok(*n))).unwrap(), 1);
    }

    #[test]
    fn a_job_whose_caller_went_away_is_done_all_the_same() {
        let worker = Worker::start("test", || 1).unwrap();
        drop(worker.run(|n| {
            *n += 1;
            Ok(())
        }));
        assert_eq!(block_on(worker.run(|n| Ok(*n))).unwrap(), 2);
    }

    #[test]
    fn after_stop_every_call_answers_closed() {
        let worker = Worker::start("test", || 1).unwrap();
        worker.stop();
        assert_eq!(block_on(worker.run(|n| Ok(*n))).unwrap_err().kind, ErrorKind::Closed);
    }
}
