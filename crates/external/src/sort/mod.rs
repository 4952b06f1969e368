//! Sorting what does not fit into memory: records of bytes, and tables.

mod arena;
mod by;
mod head;
mod keys;
mod merge;
mod shares;
mod sorter;
mod table;
mod tree;

pub use by::By;
pub(crate) use keys::Keys;
pub use merge::Merge;
pub use sorter::Sorter;
pub use table::{Moved, room, shuffle, sort};
