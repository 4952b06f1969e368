//! Typed runs of rows: what a table is to everything that reads one.
//!
//! Columns are Arrow arrays. No file format is known here.

pub mod describe;
mod error;
mod kind;
mod rows;
mod schema;

/// The Arrow that [`Rows`] are made of.
pub use arrow_array;
pub use describe::Describe;
pub use error::Error;
pub use kind::Kind;
pub use rows::Rows;
pub use schema::{Column, Schema};
