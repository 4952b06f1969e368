//! Where rows are cut into blocks and chunks.

use std::ops::Range;

use super::options::CountOptions;

/// Where blocks begin, and chunks within them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    block: u64,
    chunk: u64,
}

impl Bounds {
    pub(super) fn of(options: &CountOptions) -> Self {
        Self { block: options.block_rows, chunk: options.chunk_rows }
    }

    /// Blocks, each of one chunk.
    pub(super) fn blocks(options: &CountOptions) -> Self {
        Self { block: options.block_rows, chunk: options.block_rows }
    }

    /// How many blocks so many rows are.
    pub(super) fn count(self, rows: u64) -> u64 {
        rows.div_ceil(self.block)
    }

    /// How many chunks so many rows are.
    pub(super) fn chunks(self, rows: u64) -> u64 {
        rows / self.block * self.block.div_ceil(self.chunk)
            + (rows % self.block).div_ceil(self.chunk)
    }

    /// The rows of a block among so many.
    pub(super) fn rows(self, block: u64, rows: u64) -> Range<u64> {
        block * self.block..(block + 1).saturating_mul(self.block).min(rows)
    }

    /// Whether a block begins with this row.
    pub(super) fn begins(self, row: u64) -> bool {
        row.is_multiple_of(self.block)
    }

    /// The first end of a chunk behind this row.
    pub(super) fn end(self, row: u64) -> u64 {
        let within = row % self.block;
        let end = (within / self.chunk + 1).saturating_mul(self.chunk).min(self.block);
        (row - within).saturating_add(end)
    }

    /// So many rows from row `first` on, counted from there, cut where chunks end.
    pub(super) fn cut(self, first: u64, count: usize) -> impl Iterator<Item = Range<usize>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let begin = at;
            let end = self.end(first + begin as u64) - first;
            at = usize::try_from(end).map_or(count, |end| end.min(count));
            (begin < count).then_some(begin..at)
        })
    }
}
