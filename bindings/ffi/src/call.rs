//! How a call crosses the border: a panic on the way is an error like any other, and the process lives.
//!
//! A job that panics on one of companion's threads is answered there already. What is left is the little that runs where
//! the call is polled, and that a foreign caller would otherwise see as an exception without a kind.

use crate::error::{ErrorKind, HomelineError, Retry};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Awaits an answer of the core.
pub(crate) async fn call<T, E: Into<HomelineError>>(
    future: impl Future<Output = Result<T, E>>,
) -> Result<T, HomelineError> {
    let mut future = pin!(future);
    // A future that panicked is not polled again: its answer is the error.
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Ready(answer)) => Poll::Ready(answer.map_err(Into::into)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(Err(panicked())),
    })
    .await
}

fn panicked() -> HomelineError {
    HomelineError::Failed {
        kind: ErrorKind::Internal,
        code: "internal.panic".to_owned(),
        field: None,
        what: "something went wrong inside Homeline".to_owned(),
        remedy: "Nothing half-done was kept. Try again, and tell us if it happens again.".to_owned(),
        retry: Retry::Never,
    }
}

/// Panics, in a synchronous call. For the tests of a language layer: it must turn what arrives into its own error, and the
/// process must live. Changes nothing and reads nothing.
#[uniffi::export]
pub fn panic_on_purpose() -> Result<(), HomelineError> {
    purpose()
}

/// Panics, in an asynchronous call: answers with an error of kind `Internal`, code `internal.panic`. For tests, as
/// `panic_on_purpose`.
#[uniffi::export]
pub async fn panic_on_purpose_later() -> Result<(), HomelineError> {
    call(async { purpose() }).await
}

#[allow(clippy::panic, reason = "that is what it is for")]
fn purpose() -> Result<(), HomelineError> {
    panic!("on purpose")
}
