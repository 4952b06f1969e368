//! What the tests of the whole workspace share: genotypes in memory, a dense computation to check
//! against, and the reference data where they are there.

pub mod dense;
pub mod memory;
pub mod reference;
