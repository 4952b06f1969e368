//! What columns take in memory, however few their rows are.

use crate::error::Error;
use crate::input::{Format, Limits, Share, Table};
use crate::output::WAITING;

/// Of Parquet each column has a page, a packer or unpacker, and buffers. Measured, of 100 to 1600 columns:
/// 110 KiB to read one and 170 KiB to write it.
const READ: usize = 128 << 10;
const WRITTEN: usize = 192 << 10;
/// However little memory there is, so much of it may go to columns.
const LEAST: usize = 20 << 20;

/// What it takes to read some of a table's columns.
pub(crate) fn reading(table: &Table, columns: usize) -> usize {
    if table.dialect().is_some() { 0 } else { columns * READ }
}

/// What it takes to write some files of so many columns at once. What one of them has waiting is not counted.
pub(crate) fn writing(format: Format, columns: usize, files: usize) -> usize {
    if format != Format::Parquet {
        return 0;
    }
    files * columns * WRITTEN + files.saturating_sub(1) * WAITING
}

/// Reading has its share of what is left of the memory when columns have theirs, which is at most half.
pub(crate) fn beside(
    held: usize,
    parts: usize,
    columns: usize,
    limits: &Limits,
) -> Result<Share, Error> {
    let memory = limits.memory;
    if held > (memory / 2).max(LEAST) {
        return Err(Error::ManyColumns { columns, held, memory });
    }
    Ok(Share { held, parts })
}
