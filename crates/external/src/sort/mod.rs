//! Sorting records of bytes that do not fit into memory.

mod arena;
mod head;
mod merge;
mod shares;
mod sorter;
mod tree;

pub use merge::Merge;
pub use sorter::Sorter;
