//! Tables read from files: typed, in order, by several threads, within a budget.

mod bounds;
mod columns;
mod cutter;
mod dialect;
mod field;
mod files;
mod gate;
mod length;
mod options;
mod packing;
mod parquet;
mod parse;
mod sample;
mod scan;
mod share;
mod table;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod value;

pub use dialect::Dialect;
pub use files::files;
pub use options::{BadRows, Header, Limits, MISSING, ReadOptions, Wanted};
pub use packing::{Format, Packing};
pub use scan::{Scan, Scanned};
pub(crate) use share::Share;
pub use table::Table;
pub use text::Text;
