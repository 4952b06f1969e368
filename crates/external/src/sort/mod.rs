//! Sorting what does not fit into memory: records of bytes, and tables.

mod arena;
mod by;
mod head;
mod keys;
mod merge;
mod order;
mod room;
mod shares;
mod sorter;
mod table;
mod tree;

pub use by::By;
pub(crate) use keys::Keys;
pub use merge::Merge;
pub use room::room;
pub use sorter::Sorter;
pub use table::{Moved, shuffle, sort};
