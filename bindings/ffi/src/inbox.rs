//! A locked phone goes on listening: pump and devices for vital signs are heard while the journal cannot be opened.

use crate::call::call;
use crate::crossing::Screen;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::ports::{ForeignKeys, KeyStore, Platform};
use crate::radio::{RadioEvent, heard};
use crate::values::Count;
use crate::vital_devices::WakeAt;
use homeline_companion as companion;
use homeline_companion::LinkId;
use std::sync::Arc;

/// What came while the phone was locked, and was folded into the journal when it was opened.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Folded {
    /// New entries of it in the journal.
    pub entries: Count,
    /// Files of it that could not be read whole. They are kept; the pump's record is asked again for what was in them.
    pub damaged: Count,
    /// Why the rest waits for the next opening, and what to do, in two plain sentences; none when nothing waits.
    pub waits: Option<String>,
}

impl From<companion::Folded> for Folded {
    fn from(folded: companion::Folded) -> Self {
        let companion::Folded { entries, damaged, waits } = folded;
        Self { entries, damaged, waits: waits.map(|error| HomelineError::from(error).to_string()) }
    }
}

/// The journal is locked, and this phone listens. Close it before the journal is opened, and open it after the journal was
/// closed: one of them is open. Nothing is lost or doubled on the way.
#[derive(uniffi::Object)]
pub struct Inbox {
    inner: companion::Inbox,
}

#[uniffi::export]
impl Inbox {
    /// Opens the inbox of the vault in `folder`, without anything that opens the vault. `key_store` is the one that
    /// `Homeline.listen_while_locked` was given; where it never was, nothing is listened to.
    ///
    /// Errors: `NotFound` (no vault), `AlreadyOpen`, `KeyUnavailable` (the phone was not unlocked since its start), `KeyLost`,
    /// `Damaged`.
    #[uniffi::constructor]
    pub async fn open(
        folder: String,
        platform: Platform,
        key_store: Arc<dyn KeyStore>,
    ) -> Result<Arc<Self>, HomelineError> {
        let keys = Arc::new(ForeignKeys(key_store));
        Ok(Arc::new(Self { inner: call(companion::Inbox::open(folder, platform.into(), keys)).await? }))
    }

    /// Listens to what was listened to when the journal was closed. Also after an error, which ends a session: it begins anew
    /// from what was kept.
    pub async fn listen(&self) -> Result<(), HomelineError> {
        call(self.inner.listen()).await
    }

    /// What happened on one link, in order, as `Homeline.radio_events`. Events of a link that nobody listens on are dropped.
    pub async fn radio_events(&self, link: LinkId, events: Vec<RadioEvent>) -> Result<(), HomelineError> {
        let events = events.into_iter().filter_map(heard).collect();
        call(self.inner.radio_events(link, events)).await
    }

    /// When each session wants to hear `RadioEvent.Tick`.
    pub async fn wake_at(&self) -> Result<Vec<WakeAt>, HomelineError> {
        Ok(call(self.inner.wake_at()).await?.into_iter().map(Into::into).collect())
    }

    /// What a locked phone may show: how the link is, and which alarms are on, in words that name no drug.
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.screen()).await
    }

    /// Carries out an action of that screen: a person saw an alarm. That silences nothing on the pump.
    ///
    /// Errors: `BadInput` (not an action).
    pub async fn act(&self, action: String) -> Result<(), HomelineError> {
        call(self.inner.act(action)).await
    }

    /// Lets go of the links and of the files, so that the journal can be opened.
    pub async fn shut(&self) -> Result<(), HomelineError> {
        call(self.inner.close()).await
    }
}

#[uniffi::export]
impl Homeline {
    /// Lets a locked phone go on listening to pump and devices: see `Inbox`. `key_store` is one whose key needs nobody's
    /// presence once the phone was unlocked since its start. To be called after every opening; it costs nothing when it was.
    ///
    /// Errors: `KeyUnavailable`, `DiskFull`, `ReadOnly`. Without it, the inbox takes nothing.
    pub async fn listen_while_locked(&self, key_store: Arc<dyn KeyStore>) -> Result<(), HomelineError> {
        call(self.inner.listen_while_locked(Arc::new(ForeignKeys(key_store)))).await
    }

    /// What came while the phone was locked and was folded into the journal when it was opened.
    pub async fn folded(&self) -> Result<Folded, HomelineError> {
        Ok(self.inner.folded().into())
    }
}
