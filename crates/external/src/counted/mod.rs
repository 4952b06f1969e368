//! A table counted once, and then read block by block.
//!
//! The counting read finds where each block begins and confirms the kinds of all columns; whoever comes
//! after it begins to read at any block.

mod bounds;
mod count;
mod extent;
mod found;
mod identity;
mod options;
mod recut;
mod rewritten;
mod saved;
mod source;
mod tally;
#[cfg(test)]
mod tests;

pub use found::{Block, Counted, CountedFile};
pub use options::CountOptions;
pub use source::CountedSource;
