//! Columns that do not fit into memory.

mod batches;
mod cache;
mod numbers;
mod pieces;

pub use batches::Batches;
pub use numbers::Numbers;
