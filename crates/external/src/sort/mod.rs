//! Sorting what does not fit into memory: records of bytes, and tables.

mod arena;
mod head;
mod merge;
mod shares;
mod sorter;
mod tree;

pub use merge::Merge;
pub use sorter::Sorter;
