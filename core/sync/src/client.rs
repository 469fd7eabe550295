//! The one object that talks to the care team's server.

use std::time::Duration;

use crate::address::ServerAddress;
use crate::authorization::Authorization;
use crate::capability::{self, Capability};
use crate::error::SyncError;
use crate::pull::{self, PullPlan, PullReport};
use crate::push::{self, PushReport};
use crate::store::{MirrorStore, OutboxStore, ServerMemory};
use crate::transport::{Traffic, Transport};
use crate::trust::Trust;

/// Bounds of every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To make a connection.
    pub connect: Duration,
    /// For one request and its whole answer.
    pub request: Duration,
    /// Of one answer, unpacked.
    pub response_bytes: usize,
    /// Pages of one search.
    pub pages: usize,
    /// Rows asked for per page.
    pub page_rows: usize,
    /// Of a whole push, pull or sync: no request begins later. What is left goes on with the next run.
    pub run: Duration,
    /// Of a whole push, pull or sync, sent and received and unpacked: no request begins beyond.
    pub run_bytes: usize,
}

impl Default for Limits {
    /// 10 s to connect, 30 s per request (a bundle of 100 took a loaded server 5 s), 32 MiB, 2,000 pages of 200 rows. A
    /// run is bounded as by a person who looks at the screen; the background has less ([`Limits::background`]).
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_secs(30),
            response_bytes: 32 * 1024 * 1024,
            pages: 2_000,
            page_rows: 200,
            run: Duration::from_secs(30 * 60),
            run_bytes: 1024 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// For a run that the system started while nobody looks: iOS ends a background task after about 30 s, so that no
    /// request may begin after 15 s nor last longer than 10.
    pub fn background() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(10),
            run: Duration::from_secs(15),
            run_bytes: 16 * 1024 * 1024,
            ..Self::default()
        }
    }
}

/// How to reach a server.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Its FHIR base.
    pub address: ServerAddress,
    /// Whom to trust.
    pub trust: Trust,
    /// How to be let in.
    pub authorization: Authorization,
    /// Bounds.
    pub limits: Limits,
}

impl ClientConfig {
    /// A server of the public web, no sign-in, the usual bounds.
    pub fn new(address: ServerAddress) -> Self {
        Self { address, trust: Trust::default(), authorization: Authorization::default(), limits: Limits::default() }
    }
}

/// What a whole sync did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SyncReport {
    /// The sending half.
    pub push: PushReport,
    /// The receiving half.
    pub pull: PullReport,
    /// Bytes of both.
    pub traffic: Traffic,
}

impl SyncReport {
    /// The first cause that stopped either half.
    pub fn stopped(&self) -> Option<&SyncError> {
        self.push.stopped.as_ref().or(self.pull.stopped.as_ref())
    }
}

/// A client of one care-team server.
///
/// One push and one pull at a time: the traits of the store know no second writer. Its futures need a tokio runtime
/// with time and I/O enabled; a current-thread one is enough. Dropping a future between two awaits loses nothing:
/// what was answered is recorded, what was not is sent again.
pub struct CareTeamClient {
    transport: Transport,
}

impl CareTeamClient {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`SyncError::BadTrust`] or [`SyncError::BadToken`].
    pub fn new(config: ClientConfig) -> Result<Self, SyncError> {
        Ok(Self { transport: Transport::new(config.address, &config.trust, &config.authorization, config.limits)? })
    }

    /// A client whose requests a carrier takes to the server, without any network.
    #[cfg(feature = "testing")]
    pub fn carried(
        carrier: std::sync::Arc<dyn crate::testing::Carrier>,
        address: ServerAddress,
        limits: Limits,
    ) -> Self {
        Self { transport: Transport::carried(carrier, address, limits) }
    }

    /// Takes a new token into use.
    ///
    /// # Errors
    /// [`SyncError::BadToken`].
    pub fn set_authorization(&mut self, authorization: &Authorization) -> Result<(), SyncError> {
        self.transport.authorize(authorization)
    }

    /// The address of the server.
    pub fn address(&self) -> &ServerAddress {
        self.transport.address()
    }

    /// Asks the server what it is and offers.
    ///
    /// # Errors
    /// Any [`SyncError`] of a call; [`SyncError::NotFhir`] when the answer is no CapabilityStatement.
    pub async fn capability(&self) -> Result<Capability, SyncError> {
        capability::ask(&self.transport).await
    }

    /// Sends what waits, safety messages first. The report says how far it came; what was answered is already
    /// recorded. Only [`CareTeamClient::sync`] looks first whether the server was put back from a backup.
    pub async fn push<S>(&self, store: &S) -> PushReport
    where
        S: OutboxStore + ServerMemory + ?Sized,
    {
        self.transport.begin_run();
        push::run(&self.transport, store).await
    }

    /// Fetches what is new. The report says how far it came; what arrived is already applied.
    pub async fn pull<S>(&self, plan: &PullPlan, store: &S) -> PullReport
    where
        S: MirrorStore + ServerMemory + ?Sized,
    {
        self.transport.begin_run();
        pull::run(&self.transport, plan, store).await
    }

    /// Sends, then fetches. A send that got stuck does not keep a changed order from arriving; the fetch is left
    /// out only when the send found that it cannot succeed either.
    pub async fn sync<S>(&self, plan: &PullPlan, store: &S) -> SyncReport
    where
        S: OutboxStore + MirrorStore + ServerMemory + ?Sized,
    {
        self.transport.begin_run();
        if let Err(error) = self.prepare(plan, store).await {
            return SyncReport {
                push: PushReport { stopped: Some(error), ..PushReport::default() },
                ..SyncReport::default()
            };
        }
        let push = push::run(&self.transport, store).await;
        let hopeless = push.stopped.as_ref().is_some_and(|error| {
            let other = matches!(
                error,
                SyncError::NeedsSignIn | SyncError::Throttled { .. } | SyncError::RunSpent | SyncError::Store(_)
            );
            error.nothing_was_sent() || other
        });
        let pull = if hopeless { PullReport::default() } else { pull::run(&self.transport, plan, store).await };
        SyncReport { push, pull, traffic: self.transport.traffic() }
    }

    /// What has to be known before the first record goes out.
    async fn prepare<S>(&self, plan: &PullPlan, store: &S) -> Result<(), SyncError>
    where
        S: OutboxStore + MirrorStore + ServerMemory + ?Sized,
    {
        capability::learn(&self.transport, plan.is_full(), store).await?;
        if store.counts()?.waiting > 0 {
            pull::look_before_sending(&self.transport, plan, store).await?;
        }
        Ok(())
    }
}
