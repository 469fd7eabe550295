//! For tests of this crate and of its implementers: a store in memory, the contract of every store, and a way to a server
//! without a network.

mod carrier;
mod contract;
mod memory_store;

pub use carrier::{Carried, Carrier, Reply, ReplyLater};
pub use contract::{lost_records_contract, store_contract};
pub use memory_store::MemoryStore;
