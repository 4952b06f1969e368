//! How long records and chunks are, from which follows what reading them holds.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use serde::{Deserialize, Serialize};
use twoblade_table::Kind;

use super::bounds::Bounds;

/// What no record and no chunk goes beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    /// Bytes of text of the longest record, with what ends it and what is left out beside it.
    pub(super) longest: usize,
    /// Of the shortest, without.
    pub(super) shortest: usize,
    /// Bytes of the longest batch that was read, in memory, without what vectors keep free.
    pub(super) batch: usize,
    /// Bytes of the longest chunk, likewise.
    pub(super) chunk: usize,
}

/// Measures batches as they come.
#[derive(Debug)]
pub(super) struct Measure {
    pub(super) extent: Extent,
    bounds: Bounds,
    /// Bytes of words, and rows, of the chunk that is not whole yet.
    words: usize,
    rows: usize,
}

/// What a buffer takes beyond what is in it, and what it is padded to.
const BUFFER: usize = 128;

/// Bytes of a row's fixed parts, times eight: a bit more for each column says whether it is missing.
pub(super) fn bits(kind: Kind) -> usize {
    1 + match kind {
        Kind::Integer | Kind::Float | Kind::Time => 64,
        Kind::Date | Kind::Category => 32,
        Kind::Boolean => 1,
    }
}

impl Measure {
    pub(super) fn new(bounds: Bounds) -> Self {
        let extent = Extent { longest: 0, shortest: usize::MAX, batch: 0, chunk: 0 };
        Self { extent, bounds, words: 0, rows: 0 }
    }

    /// Rows from row `first` of the table on.
    pub(super) fn add(&mut self, first: u64, batch: &RecordBatch) {
        let rows = batch.num_rows();
        self.extent.batch = self.extent.batch.max(fixed(batch, rows) + words(batch, 0..rows));
        for range in self.bounds.cut(first, rows) {
            self.words += words(batch, range.clone());
            self.rows += range.len();
            self.extent.chunk = self.extent.chunk.max(fixed(batch, self.rows) + self.words);
            let end = first + range.end as u64;
            if end == self.bounds.end(end - 1) {
                (self.words, self.rows) = (0, 0);
            }
        }
    }
}

/// Bytes of so many rows of these columns, but for the words.
fn fixed(batch: &RecordBatch, rows: usize) -> usize {
    let fixed = |array: &ArrayRef| {
        let kind = Kind::of(array.data_type()).expect("rows have types of kinds");
        (rows * bits(kind)).div_ceil(8) + 3 * BUFFER
    };
    batch.columns().iter().map(fixed).sum()
}

/// Bytes of the words of some rows.
fn words(batch: &RecordBatch, rows: Range<usize>) -> usize {
    let words = |array: &ArrayRef| {
        let ends = array.as_string_opt::<i32>()?.value_offsets();
        usize::try_from(ends[rows.end] - ends[rows.start]).ok()
    };
    batch.columns().iter().filter_map(words).sum()
}
