//! What sync needs to keep, as traits: companion implements them over the vault.
//!
//! Every method returns when its effect is durable, and each is one transaction. They are synchronous: the network
//! thread has nothing else to do while the store answers. `testing` holds an implementation in memory and
//! the contract that every implementation has to pass.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::profile::ServerProfile;

/// The store could not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("store: {operation} failed: {reason}")]
pub struct StoreFault {
    /// What was tried, in the words of these traits.
    pub operation: &'static str,
    /// Why not; no personal data.
    pub reason: String,
}

/// Which queue a row stands in. All waiting rows of one resource stand in the same, or a newer one would overtake
/// an older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Goes first, whatever else waits: alarms, calls for help.
    Safety,
    /// Everything else.
    Routine,
}

/// One record that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Place in the outbox; later rows have greater ones.
    pub position: i64,
    /// FHIR resource type.
    pub resource_type: String,
    /// The resource's id, given at home.
    pub id: Uuid,
    /// The resource as JSON; these bytes are sent, each time the same.
    pub json: Vec<u8>,
    /// The queue.
    pub lane: Lane,
    /// When it was recorded as waiting.
    pub enqueued_at: DateTime<Utc>,
    /// `None` for facts that only this device writes (the rule): a plain PUT. `Some` for what others may change too.
    pub base: Option<Base>,
}

/// The state on the server that an edit began from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Sent as If-Match: the server must still hold this version.
    pub version: String,
    /// The resource as it was then. When the server holds another version now, the two edits are merged field by field
    /// ([`crate::merge`]); without it, or when both changed one field, the row is set aside as a conflict.
    pub json: Option<Vec<u8>>,
}

/// The server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The row.
    pub position: i64,
    /// The resource's id on the server: ours, but for servers that insist on their own.
    pub server_id: String,
    /// The version there, where the server told it.
    pub version_id: Option<String>,
    /// Server time of that version, where the server told it.
    pub last_updated: Option<DateTime<Utc>>,
}

/// Why a row was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParkReason {
    /// The server finds fault with the record.
    Refused,
    /// The row is larger than the server takes.
    TooLarge,
    /// Somebody changed the resource on the server since [`OutboxRow::base`].
    Conflict,
    /// The resource was deleted on the server; it is not brought back without a person's word.
    Gone,
    /// The server keeps no ids of ours, and this type has no identifier by which a repetition could be known.
    NeedsOurIds,
    /// This sign-in may not send records of this type.
    NotGranted,
    /// The row is not a resource of its type and id: a fault of this software.
    Malformed,
}

impl ParkReason {
    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::TooLarge => "too-large",
            Self::Conflict => "conflict",
            Self::Gone => "gone",
            Self::NeedsOurIds => "needs-our-ids",
            Self::NotGranted => "not-granted",
            Self::Malformed => "malformed",
        }
    }

    /// What a person can do, in plain words. The record itself stays in the journal in every case.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Refused => {
                "The care team's system did not accept this entry. It is kept here; tell your care team what it says."
            }
            Self::TooLarge => {
                "This entry is too large for the care team's system. It is kept here; show it at your next visit."
            }
            Self::Conflict => {
                "The care team changed this record meanwhile. Both are kept; ask your care team which one holds."
            }
            Self::Gone => "The care team removed this record. It is kept here; ask them before you send it again.",
            Self::NeedsOurIds => "The care team's system cannot take this kind of entry. It is kept here.",
            Self::NotGranted => {
                "Your sign-in does not let this kind of entry through to the care team. It is kept here; ask them to \
                 allow it, then sign in again."
            }
            Self::Malformed => {
                "This entry could not be prepared for sending. It is kept here; please report the fault."
            }
        }
    }
}

/// A row that was set aside; the others go on.
#[derive(Clone, PartialEq, Eq)]
pub struct Parked {
    /// The row.
    pub position: i64,
    /// Why.
    pub reason: ParkReason,
    /// HTTP status of the refusal, 0 when it was never sent.
    pub status: u16,
    /// The server's own words. May hold personal data: for the screen and the vault, never for a log.
    pub outcome: String,
}

impl std::fmt::Debug for Parked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parked")
            .field("position", &self.position)
            .field("reason", &self.reason)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// How the outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    /// Rows that wait, those of unknown outcome included, parked ones not.
    pub waiting: u64,
    /// Of these, rows that were sent without an answer: they may have arrived.
    pub unknown: u64,
    /// Rows set aside.
    pub parked: u64,
    /// When the longest waiting row was recorded.
    pub oldest_waiting: Option<DateTime<Utc>>,
}

/// How much one batch may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// Rows at most.
    pub rows: usize,
    /// Bytes of JSON at most, unless the first row alone has more.
    pub bytes: usize,
}

/// The records that wait to be sent.
pub trait OutboxStore {
    /// The next rows of a lane behind `after`, in the order of their positions: neither acked nor parked, each
    /// resource at most once (the batch ends before a second row of one), and at least one row if there is any.
    ///
    /// What is returned is frozen: a later edit of the resource becomes a row of its own.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn next_batch(&self, lane: Lane, after: Option<i64>, limits: BatchLimits) -> Result<Vec<OutboxRow>, StoreFault>;

    /// The server has these; an ack for a row that is acked or parked already changes nothing else.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn mark_acked(&self, acks: &[Ack]) -> Result<(), StoreFault>;

    /// Sets rows aside.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn park(&self, parked: &[Parked]) -> Result<(), StoreFault>;

    /// These were sent and no answer came. They go on waiting.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn mark_unknown(&self, positions: &[i64]) -> Result<(), StoreFault>;

    /// Under which id the server keeps a resource, from earlier acks; `None` for one that it lost.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn server_id(&self, resource_type: &str, id: Uuid) -> Result<Option<String>, StoreFault>;

    /// How the outbox stands.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn counts(&self) -> Result<OutboxCounts, StoreFault>;
}

/// Type and id of a resource on the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceKey {
    /// FHIR resource type.
    pub resource_type: String,
    /// Id on the server.
    pub id: String,
}

/// Which version of a resource is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownVersion {
    /// `meta.versionId`: a number on most servers, a UUID on some.
    pub version_id: Option<String>,
    /// `meta.lastUpdated`, server time.
    pub last_updated: Option<DateTime<Utc>>,
}

/// One resource as the server sent it.
#[derive(Clone, PartialEq, Eq)]
pub struct MirroredResource {
    /// Type and id.
    pub key: ResourceKey,
    /// Its version.
    pub version: KnownVersion,
    /// The JSON exactly as received.
    pub json: String,
}

impl std::fmt::Debug for MirroredResource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MirroredResource")
            .field("key", &self.key)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What one page of a pull changes: all of it or nothing.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct MirrorPage {
    /// New or changed resources. One resource appears at most once.
    pub resources: Vec<MirroredResource>,
    /// JSON of entries without readable type or id, as received; kept, not understood. The overlap brings them again:
    /// equal text is the same entry.
    pub unreadable: Vec<String>,
    /// Resources that are no longer on the server.
    pub deletions: Vec<ResourceKey>,
    /// Records of ours, by their id on the server, that it had taken and lost, because it was put back from a backup:
    /// the store lets them wait in the outbox again.
    pub lost: Vec<ResourceKey>,
    /// Cursors to save with the rows: key and server time.
    pub cursors: Vec<(String, DateTime<Utc>)>,
}

impl std::fmt::Debug for MirrorPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MirrorPage")
            .field("resources", &self.resources)
            .field("unreadable", &self.unreadable.len())
            .field("deletions", &self.deletions)
            .field("lost", &self.lost)
            .field("cursors", &self.cursors)
            .finish()
    }
}

/// The copy of what the care team's server holds.
pub trait MirrorStore {
    /// A saved cursor. The key is opaque; it holds the server's address, so that another server starts afresh.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn cursor(&self, key: &str) -> Result<Option<DateTime<Utc>>, StoreFault>;

    /// The versions known of these, in the same order. A resource that this device sent is known with the version
    /// of its ack, so that our own writes do not come back as news.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn known(&self, keys: &[ResourceKey]) -> Result<Vec<Option<KnownVersion>>, StoreFault>;

    /// Ids of the mirrored resources of a type.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault>;

    /// Ids on the server of the records of a type that this device sent and the server took, and that are not lost.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn sent_ids(&self, resource_type: &str) -> Result<Vec<String>, StoreFault>;

    /// The mirrored resource with the latest server time, and the record of ours that was acked last: the first to be
    /// missing when a server was put back from a backup.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn newest(&self) -> Result<Vec<(ResourceKey, KnownVersion)>, StoreFault>;

    /// Rows, deletions, lost records and cursors in one transaction.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn apply(&self, page: &MirrorPage) -> Result<(), StoreFault>;
}

/// What was learned about servers.
pub trait ServerMemory {
    /// What is remembered under this address.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn profile(&self, server: &str) -> Result<Option<ServerProfile>, StoreFault>;

    /// Remembers it in place of what was.
    ///
    /// # Errors
    /// [`StoreFault`].
    fn remember(&self, server: &str, profile: &ServerProfile) -> Result<(), StoreFault>;
}
