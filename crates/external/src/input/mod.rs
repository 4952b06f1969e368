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
mod part;
mod place;
mod pool;
mod sample;
mod scan;
mod share;
mod table;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod value;

pub(crate) use self::parquet::ParquetFile;
pub use dialect::Dialect;
pub use files::files;
pub use options::{BadRows, Header, Limits, MISSING, ReadOptions, Wanted};
pub(crate) use packing::open;
pub use packing::{Format, Packing};
pub(crate) use part::{Part, Reading};
pub use place::Place;
pub use scan::{Scan, Scanned};
pub(crate) use share::Share;
pub(crate) use table::PIECE;
pub use table::Table;
pub use text::Text;
