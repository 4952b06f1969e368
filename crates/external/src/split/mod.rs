//! Splitting a table into parts.

mod fractions;
mod strata;
mod table;

pub use fractions::Fractions;
pub use table::{Parts, SplitOptions, split};
