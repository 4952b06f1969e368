//! Contributions that lie in strips, for sums that lie in rows.

use std::ops::Range;

use crate::grid::{Grid, Reach};
use crate::number::Number;

/// Contributions that are put together before they are added, or those of a row, if these are more.
const STAGED: usize = 4096;
/// Widest strip whose memory is counted.
const WIDEST: usize = 64;

/// Contributions to some places of every row.
#[derive(Clone, Copy, Debug)]
pub struct Strip<'a, E, const W: usize> {
    /// The first of these places in a row.
    pub at: usize,
    /// How many.
    pub width: usize,
    /// The contributions of a row, and as many zeros as fill it up.
    pub rows: &'a [[E; W]],
}

/// Strips of one chunk's contributions to the rows of a tile.
#[derive(Clone, Copy, Debug)]
pub struct Strips<'a, E, const W: usize> {
    grid: Grid,
    stride: usize,
    all: &'a [Strip<'a, E, W>],
}

/// Bytes that are held while strips are added, of numbers of `number` bytes in rows of `stride` places.
pub fn staged_bytes(stride: usize, number: usize) -> usize {
    // And a strip that reaches beyond the last row.
    (STAGED.max(stride) + WIDEST) * number
}

impl<'a, E: Number, const W: usize> Strips<'a, E, W> {
    /// Of sums on `grid`, in rows of `stride` places.
    ///
    /// # Panics
    /// If a strip reaches beyond a row, or is wider than its rows, or if strips overlap, because then a
    /// place would be added to twice and the guard would not know.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub fn new(grid: Grid, stride: usize, strips: &'a [Strip<'a, E, W>]) -> Self {
        let mut end = 0;
        for strip in strips {
            assert!(strip.at >= end, "strips that ascend and do not overlap");
            end = strip.at + strip.width;
            assert!(strip.width <= W && end <= stride, "a strip within its row");
        }
        Self { grid, stride: stride.max(1), all: strips }
    }

    /// The grid of their sums.
    pub(crate) fn grid(&self) -> Grid {
        self.grid
    }

    /// Adds them to the sums of as many rows, and says how far they reach. They are put into `kept` as they lie in
    /// these rows, if it is given.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub(crate) fn add_to(&self, values: &mut [i64], mut kept: Option<&mut [E]>) -> Reach {
        let all = self.all.iter().map(|strip| strip.rows.len()).max().unwrap_or(0);
        // Some rows are put together first, so that the loop that adds is long.
        let some = (STAGED / self.stride).clamp(1, all.max(1));
        let (mut staged, mut reach) = (Vec::new(), Reach::default());
        let end = values.len().min(all * self.stride);
        for (block, values) in values[..end].chunks_mut(some * self.stride).enumerate() {
            self.stage(block * some..all.min((block + 1) * some), &mut staged);
            let contributions = &staged[..values.len()];
            reach.join(self.grid.add(contributions, values));
            if let Some(kept) = kept.as_deref_mut() {
                kept[block * some * self.stride..][..values.len()].copy_from_slice(contributions);
            }
        }
        reach
    }

    /// Puts some rows together as they lie in memory, and says how many places they have.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub(crate) fn stage(&self, rows: Range<usize>, staged: &mut Vec<E>) -> usize {
        let (places, none) = (rows.len() * self.stride, [E::default(); W]);
        // Places that no strip has stay zero from row to row: all rows have the same ones. A strip is copied
        // whole: the zeros that fill it up come to lie where the next one is copied to, or where nothing
        // is.
        staged.resize(places + W, E::default());
        for (at, row) in rows.enumerate() {
            for strip in self.all {
                let contributions = strip.rows.get(row).unwrap_or(&none);
                let to = at * self.stride + strip.at;
                staged[to..to + W].copy_from_slice(contributions);
            }
        }
        places
    }
}
