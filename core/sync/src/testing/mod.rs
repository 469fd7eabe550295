//! For tests of this crate and of its implementers: a store in memory, and the contract of every store.

mod contract;
mod memory_store;

pub use contract::{lost_records_contract, store_contract};
pub use memory_store::MemoryStore;
