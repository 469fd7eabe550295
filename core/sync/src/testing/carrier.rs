//! The way to a server without a network: for tests that live ten thousand days, and for fuzzing.
//!
//! Everything of sync but reqwest itself works above it: packing, the reading of heads, the account of how a call ended.

use std::future::Future;
use std::pin::Pin;

use chrono::{DateTime, Utc};

use crate::error::SyncError;

/// A request as it would go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// `GET`, `PUT` or `POST`.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// The version that the server must still hold, as an entity tag.
    pub if_match: Option<String>,
    /// Condition of a create.
    pub if_none_exist: Option<String>,
    /// The body is packed with gzip.
    pub is_packed: bool,
    /// The body, as it would be sent.
    pub body: Option<Vec<u8>>,
}

/// An answer as it would come back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<DateTime<Utc>>,
    /// The body, unpacked.
    pub body: Vec<u8>,
}

/// An answer that is still under way.
pub type ReplyLater<'a> = Pin<Box<dyn Future<Output = Result<Reply, SyncError>> + Send + 'a>>;

/// Takes requests to a server and brings the answers back.
pub trait Carrier: Send + Sync {
    /// # Errors
    /// What happened on the way: [`SyncError::Offline`] when nothing arrived, [`SyncError::Unanswered`] when nobody knows.
    fn carry(&self, request: Carried) -> ReplyLater<'_>;
}
