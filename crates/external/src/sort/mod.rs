//! Sorting records of bytes that do not fit into memory.

mod arena;
mod by;
mod head;
mod keys;
mod merge;
mod shares;
mod sorter;
mod tree;

pub use by::By;
pub(crate) use keys::Keys;
pub use merge::Merge;
pub use sorter::Sorter;
