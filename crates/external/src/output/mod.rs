//! Tables written to files, whole or not at all.

mod cells;
mod convert;
mod parquet;
mod sink;
mod table;
#[cfg(test)]
pub(crate) mod tests;

pub use cells::instant;
pub use convert::convert;
pub(crate) use parquet::WAITING;
pub(crate) use sink::{Nameless, begin, end};
pub use table::Output;
