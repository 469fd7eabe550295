//! The vault: the journal and everything beside it, encrypted on this phone. The only crate that names rusqlite.
//!
//! What it promises: a call that returns has its bytes on disk; an entry, its search words and what is to be sent about it are kept
//! together or not at all; nothing recorded is changed or removed; a vault that does not open stays as it is and says why.
//!
//! A vault is a folder:
//!
//! | file | what |
//! |---|---|
//! | `journal.db` (`-wal`, `-shm`) | SQLCipher 4 database, raw key, HMAC-SHA256, WAL |
//! | `envelope.json`, `envelope.copy.json` | the data key, wrapped by hardware, passcode and recovery code |
//! | `head.json` | the sealed end of the hash chain |
//! | `attachments/` | sealed photos, with random names |
//! | `inbox/` | what came while the vault was locked, sealed to its public key |
//! | `reserve` | disk space that is given back on a full disk |
//! | `lock` | who has it open |
//!
//! It does not interpret what entries say: it keeps [`homeline_model::Entry`] as JSON with indexed columns.
//!
//! In reading order:

/// The ledger of alarms.
mod alarm;
/// Photos.
mod attachment;
/// One encrypted file for another phone.
mod backup;
/// Space to give back.
mod ballast;
/// The hash chain of entries.
mod chain;
/// One keyed connection.
mod connection;
/// Small files that survive a power cut whole.
mod durable_file;
/// The data key, wrapped.
mod envelope;
/// One enum, one variant for each thing that a person can act on.
mod error;
/// A verified copy under another key.
mod export;
/// Bytes as hex in JSON.
mod hex;
/// What is written while the vault is locked.
mod inbox;
/// Append and look up entries.
mod journal;
/// The port to the platform's key store.
mod key_store;
/// One owner at a time.
mod lock;
/// A long piece of work, seen from another thread.
mod long_work;
/// From every released version to the present one.
mod migration;
/// What the server sent.
mod mirror;
/// What waits for the server.
mod outbox;
/// Argon2id with a floor.
mod passcode;
/// SQLCipher's cryptography, by ring and RustCrypto. The foreign functions.
mod provider;
/// The connections that read.
mod readers;
/// The printed code.
mod recovery;
/// A new data key for an old journal.
mod rotation;
/// Tables and pragmas, each with its reason.
pub mod schema;
/// The sealed head.
mod seal;
/// Key newtypes, sub-keys, sealing of small secrets.
mod secret;
/// Settings and drafts.
mod setting;
/// Chunked sealing of long contents.
mod stream;
/// Pages and search.
mod timeline;
/// What callers hold while they read or write.
mod transaction;
/// The vault itself.
mod vault;

#[cfg(test)]
mod stock_tests;
#[cfg(test)]
extern crate self as homeline_vault;
/// The phone of the integration tests, for the tests of what is not public.
#[cfg(test)]
#[path = "../tests/phone/mod.rs"]
mod phone;
/// What leaves the disk when access is withdrawn.
mod withdrawal;
/// The thread that writes.
mod writer;

pub use attachment::{AttachmentInfo, AttachmentReader, MAX_ATTACHMENT_BYTES, SealedAttachment};
pub use chain::ChainLink;
pub use envelope::Unlock;
pub use error::{Result, VaultError};
pub use inbox::{Inbox, Parcel};
pub use journal::{AdministrationRow, Appended, MAX_ENTRY_BYTES};
pub use key_store::{KeyStore, KeyStoreError, Protection};
pub use long_work::{LongWork, Progress};
pub use mirror::MirrorRow;
pub use outbox::{Lane, NewOutboxItem, OutboxId, OutboxItem, OutboxState, OutboxStatus};
pub use passcode::PasscodeCost;
pub use provider::homeline_sqlcipher_provider_setup;
pub use recovery::RecoveryCode;
pub use seal::History;
pub use secret::Passcode;
pub use timeline::{Direction, MAX_PAGE, PageKey, TimelinePage, TimelineQuery};
pub use transaction::{ReadTx, WriteTx};
pub use vault::{Vault, VaultConfig, Verified};
