//! What the tests of the whole workspace share: genotypes in memory, a dense computation to check
//! against, and the reference data where they are there.

// The Rust of the book, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/write-a-model.md")]
mod write_a_model {}
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/laws.md")]
mod laws {}
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/tables.md")]
mod tables {}
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/learn.md")]
mod learn {}

pub mod dense;
pub mod dense_models;
pub mod memory;
pub mod reference;
