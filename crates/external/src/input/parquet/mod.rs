//! Tables read from Parquet.
//!
//! The bytes are anybody's: what the reader of Parquet says of them is an error here, and so is a
//! panic in it.

mod rows;
mod source;
mod widen;

pub(crate) use rows::ParquetRows;
pub(crate) use source::ParquetFile;
