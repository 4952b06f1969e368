//! Where a row is.

use serde::{Deserialize, Serialize};

/// Where a row of a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, in the order in which the files were named, from 0.
    pub file: usize,
    /// What comes before it there: bytes of text (unpacked), or rows of Parquet.
    pub offset: u64,
    /// The line at which it begins, or the row of Parquet, from 1.
    pub line: u64,
}
