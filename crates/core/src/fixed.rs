//! Many exact sums of a known size.

use std::fmt;
use std::ops::Range;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::bytes;
use crate::grid::{Grid, Reach};
use crate::number::Number;
use crate::state::{Group, Merge};
use crate::strips::{Strip, Strips};
use crate::threads::Threads;

/// Many sums as 64-bit integers on a [`Grid`], with a guard that makes a wrong number impossible.
///
/// A contribution is rounded to the grid once, as it is added; from there on everything is integer
/// arithmetic, so merging in any order gives the same bits and removing undoes merging. Beside the
/// values goes the guard: for every chunk the largest size among its contributions, rounded up to
/// grid units, and these summed over the chunks. No partial sum can be larger than the guard, so
/// while it is below 2^62 no value has wrapped. [`check`](Self::check) refuses what is not.
///
/// ```
/// use twoblade_core::{FixedSums, Grid, Group, Merge};
///
/// let grid = Grid::for_guard(100.0);
/// let mut sums = FixedSums::new(2);
/// sums.add(grid, &[0.1, 7.0]);
/// let mut other = FixedSums::new(2);
/// other.add(grid, &[0.2, f64::NAN]); // a bad chunk …
/// sums.merge(&other);
/// assert!(sums.check().is_err());
/// sums.remove(&other); // … leaves no trace
/// assert!(sums.check().is_ok());
/// assert_eq!(sums.value(grid, 1), 7.0);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedSums {
    guard: u128,
    #[serde(with = "bytes")]
    values: Vec<i64>,
}

impl FixedSums {
    /// `len` sums, all zero.
    #[expect(
        clippy::slow_vector_initialization,
        reason = "zeros are written: memory that is read first is faulted in twice"
    )]
    pub fn new(len: usize) -> Self {
        let mut values = Vec::with_capacity(len);
        values.resize(len, 0);
        Self { guard: 0, values }
    }

    /// Makes all sums zero again, in place.
    pub fn clear(&mut self) {
        self.guard = 0;
        self.values.fill(0);
    }

    /// How many sums there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Bytes that `len` sums take, in memory and saved.
    pub fn bytes(len: usize) -> usize {
        // The guard, the lengths, and three bytes for the length of each saved piece.
        64 + len * size_of::<i64>() + 3 * (len / bytes::PIECE + 1)
    }

    /// Adds one chunk's contributions, one for every sum.
    ///
    /// # Panics
    /// If there are not as many contributions as sums.
    pub fn add<E: Number>(&mut self, grid: Grid, contributions: &[E]) {
        let reach = grid.add(contributions, &mut self.values);
        self.guard = self.guard.wrapping_add(reach.guard());
    }

    /// Adds chunks' contributions tile by tile, each tile on one thread.
    ///
    /// The sums are cut into tiles of `len` (the last may be shorter), and `fill` is called once
    /// for each, with its number and the place to add to. It adds to a place once for every chunk, and says
    /// [`again`](Tile::again) between two of them, in every tile.
    ///
    /// # Panics
    /// If `len` is 0.
    pub fn add_tiles(
        &mut self,
        grid: Grid,
        len: usize,
        threads: &dyn Threads,
        fill: &(dyn Fn(usize, &mut Tile<'_>) + Sync),
    ) {
        let tiles: Vec<Mutex<Tile<'_>>> = self
            .values
            .chunks_mut(len)
            .map(|values| {
                Mutex::new(Tile { grid, values, before: Vec::new(), reach: Reach::default() })
            })
            .collect();
        threads.each(tiles.len(), &|index| {
            let mut tile = tiles[index].lock().expect("a tile has one visitor");
            fill(index, &mut tile);
        });
        // Of each chunk the tile where it reaches furthest: as if the chunks had come alone.
        let mut all: Vec<Reach> = Vec::new();
        for tile in tiles {
            let Tile { before, reach, .. } = tile.into_inner().expect("a tile has one visitor");
            let reaches = before.into_iter().chain([reach]);
            all.resize(all.len().max(reaches.size_hint().0), Reach::default());
            all.iter_mut().zip(reaches).for_each(|(all, of_tile)| all.join(of_tile));
        }
        for reach in all {
            self.include(reach);
        }
    }

    /// The sum at `index`, rounded once to a double.
    ///
    /// # Panics
    /// If there is no such sum.
    pub fn value(&self, grid: Grid, index: usize) -> f64 {
        self.values[index] as f64 * grid.unit()
    }

    /// The sums of `range`, less those of `without`: subtracted as integers, rounded once each.
    ///
    /// # Panics
    /// If `range` is not inside both, or `out` has another length.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub fn read(&self, without: Option<&Self>, grid: Grid, range: Range<usize>, out: &mut [f64]) {
        let unit = grid.unit();
        let values = &self.values[range.clone()];
        assert_eq!(values.len(), out.len(), "a place for every value");
        if let Some(without) = without {
            let taken = &without.values[range];
            for ((out, &value), &taken) in out.iter_mut().zip(values).zip(taken) {
                *out = to_double(value.wrapping_sub(taken)) * unit;
            }
        } else {
            for (out, &value) in out.iter_mut().zip(values) {
                *out = to_double(value) * unit;
            }
        }
    }

    /// The sums from `first` on that `contributions` would be added to, less those of `without` and these
    /// contributions: what [`read`](Self::read) gives once they have been added to `without`. Says how far these
    /// reach.
    ///
    /// # Panics
    /// If these sums are not inside both, or there are not as many of `out`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub fn read_less<E: Number>(
        &self,
        without: Option<&Self>,
        (first, grid): (usize, Grid),
        contributions: &[E],
        out: &mut [f64],
    ) -> Reach {
        let places = first..first + contributions.len();
        let values = &self.values[places.clone()];
        assert_eq!(values.len(), out.len(), "a place for every value");
        let unit = grid.unit();
        let reach = Reach::of(contributions, grid.scale());
        if let Some(without) = without {
            let to = out.iter_mut().zip(values).zip(&without.values[places]);
            grid.each_rounded(reach, contributions, to, |((out, &value), &taken), rounded| {
                let value = value.wrapping_sub(taken.wrapping_add(rounded));
                *out = to_double(value) * unit;
            });
        } else {
            let to = out.iter_mut().zip(values);
            grid.each_rounded(reach, contributions, to, |(out, &value), rounded| {
                *out = to_double(value.wrapping_sub(rounded)) * unit;
            });
        }
        reach
    }

    /// The same of the rows `rows` of `strips`. `staged` is memory to be used.
    ///
    /// # Panics
    /// Those of [`read_less`](Self::read_less).
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub fn read_less_strips<E: Number, const W: usize>(
        &self,
        without: Option<&Self>,
        first: usize,
        (strips, rows): (&Strips<'_, E, W>, Range<usize>),
        staged: &mut Vec<E>,
        out: &mut [f64],
    ) -> Reach {
        let places = strips.stage(rows, staged);
        self.read_less(without, (first, strips.grid()), &staged[..places], out)
    }

    /// No sums, and the guard of these.
    #[must_use]
    pub fn guard_alone(&self) -> Self {
        Self { guard: self.guard, values: Vec::new() }
    }

    /// Adds to the guard how far the contributions of a chunk reach that are taken elsewhere.
    pub fn include(&mut self, reach: Reach) {
        self.guard = self.guard.wrapping_add(reach.guard());
    }

    /// Refuses sums that may have wrapped.
    ///
    /// # Errors
    /// [`GuardExceeded`] if the guard has reached 2^62 grid units.
    pub fn check(&self) -> Result<(), GuardExceeded> {
        check(self.guard)
    }

    /// [`check`](Self::check) for these sums less those of `without`.
    ///
    /// # Errors
    /// [`GuardExceeded`] if what is left of the guard has reached 2^62 grid units.
    pub fn check_without(&self, without: Option<&Self>) -> Result<(), GuardExceeded> {
        check(self.guard.wrapping_sub(without.map_or(0, |sums| sums.guard)))
    }
}

fn check(guard: u128) -> Result<(), GuardExceeded> {
    if guard >> Grid::LIMIT_BITS == 0 { Ok(()) } else { Err(GuardExceeded { guard }) }
}

/// `value as f64`, written so that it vectorises on every machine: the high half, offset to be
/// positive, and the low half are put into the mantissas of two doubles by integer operations; one
/// addition rounds their sum, so the result is the nearest double.
#[inline(always)]
fn to_double(value: i64) -> f64 {
    // 2^84 + 2^63 for the high half (its unit is 2^32), 2^52 for the low half.
    const HIGH: u64 = 0x4530_0000_0000_0000;
    const LOW: u64 = 0x4330_0000_0000_0000;
    const OFFSET: f64 = f64::from_bits(0x4530_0000_8010_0000);
    let bits = value.cast_unsigned() ^ (1 << 63);
    let high = f64::from_bits((bits >> 32) | HIGH);
    let low = f64::from_bits((bits & 0xffff_ffff) | LOW);
    (high - OFFSET) + low
}

impl Merge for FixedSums {
    fn merge(&mut self, other: &Self) {
        assert_eq!(self.len(), other.len(), "states of one model have one shape");
        self.guard = self.guard.wrapping_add(other.guard);
        for (mine, theirs) in self.values.iter_mut().zip(&other.values) {
            *mine = mine.wrapping_add(*theirs);
        }
    }
}

impl Group for FixedSums {
    fn remove(&mut self, other: &Self) {
        assert_eq!(self.len(), other.len(), "states of one model have one shape");
        self.guard = self.guard.wrapping_sub(other.guard);
        for (mine, theirs) in self.values.iter_mut().zip(&other.values) {
            *mine = mine.wrapping_sub(*theirs);
        }
    }
}

impl fmt::Debug for FixedSums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedSums")
            .field("len", &self.len())
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

/// A run of sums that one thread adds to.
#[derive(Debug)]
pub struct Tile<'a> {
    grid: Grid,
    values: &'a mut [i64],
    /// Of the chunks before the last [`again`](Self::again).
    before: Vec<Reach>,
    reach: Reach,
}

impl Tile<'_> {
    /// Adds contributions to the places from `at` on.
    ///
    /// Between two calls of [`again`](Self::again), add to every place at most once.
    ///
    /// # Panics
    /// If they reach beyond the tile.
    pub fn add<E: Number>(&mut self, at: usize, contributions: &[E]) {
        let values = &mut self.values[at..at + contributions.len()];
        self.reach.join(self.grid.add(contributions, values));
    }

    /// Adds strips of contributions, row by row of all of them: a row of a strip goes to its places in
    /// the row of the tile, and rows of the tile are `stride` places long. What is added to a place is put at its
    /// place in `kept`, if that is given: [`FixedSums::read_less`] takes it out again.
    ///
    /// # Panics
    /// If a strip reaches beyond a row or the tile, or is wider than its rows, or if strips overlap,
    /// because then a place would be added to twice and the guard would not know; or if `kept` is shorter than what
    /// is added.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub fn add_strips<E: Number, const W: usize>(
        &mut self,
        stride: usize,
        strips: &[Strip<'_, E, W>],
        kept: Option<&mut [E]>,
    ) {
        let of = Strips::new(self.grid, stride, strips);
        self.reach.join(of.add_to(self.values, kept));
    }

    /// Says that what follows is of the next chunk: places added to before may be added to again.
    pub fn again(&mut self) {
        self.before.push(std::mem::take(&mut self.reach));
    }
}

/// A fixed-point sum may have left the range in which it is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardExceeded {
    /// The sum of the largest contributions, in grid units; 2^64 stands for one that was not
    /// finite or beyond all integers.
    pub guard: u128,
}

impl fmt::Display for GuardExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::BITS - self.guard.leading_zeros();
        let limit = Grid::LIMIT_BITS;
        write!(
            f,
            "contributions reach 2^{bits} grid units and at most 2^{limit} can be summed exactly"
        )?;
        if self.guard >> 64 != 0 {
            f.write_str(" (one is not finite, or very large)")?;
        }
        Ok(())
    }
}

impl std::error::Error for GuardExceeded {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::Serial;

    #[test]
    fn to_double_is_the_conversion_of_the_language() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for shift in 0..64 {
            for _ in 0..100 {
                bits = bits.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
                let value = bits.cast_signed() >> shift;
                assert_eq!(to_double(value).to_bits(), (value as f64).to_bits(), "{value}");
            }
        }
        for value in [0, 1, -1, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1, -(1 << 32), 1 << 31] {
            assert_eq!(to_double(value).to_bits(), (value as f64).to_bits(), "{value}");
        }
    }

    #[test]
    fn the_guard_of_a_chunk_is_its_largest_tile() {
        let grid = Grid::new(0);
        let mut sums = FixedSums::new(5);
        sums.add_tiles(grid, 2, &Serial, &|index, tile| {
            let value = [3.0, -9.0, 1.0][index];
            tile.add(0, &[value]);
        });
        assert_eq!(sums.values, [3, 0, -9, 0, 1]);
        assert_eq!(sums.guard, 9);
    }

    #[test]
    fn strips_are_added_to_their_places_in_each_row() {
        let mut sums = FixedSums::new(8);
        sums.add_tiles(Grid::new(0), 8, &Serial, &|_, tile| {
            let rows = [[1.0f32, -2.0], [3.0, 4.0]];
            let narrow = [[7.0f32, 0.0], [5.0, 0.0]];
            let strips = [
                Strip { at: 0, width: 1, rows: &narrow[..] },
                Strip { at: 1, width: 2, rows: &rows[..] },
            ];
            tile.add_strips(4, &strips, None);
        });
        assert_eq!(sums.values, [7, 1, -2, 0, 5, 3, 4, 0]);
        assert_eq!(sums.guard, 7);
    }

    #[test]
    fn a_place_added_to_again_counts_again() {
        let mut sums = FixedSums::new(1);
        sums.add_tiles(Grid::new(0), 1, &Serial, &|_, tile| {
            tile.add(0, &[5.0]);
            tile.again();
            tile.add(0, &[4.0]);
        });
        assert_eq!((sums.values[0], sums.guard), (9, 9));
    }

    #[test]
    fn an_exceeded_guard_says_by_how_much() {
        let mut sums = FixedSums::new(1);
        sums.add(Grid::new(61), &[1.0]);
        assert_eq!(sums.check(), Ok(()));
        sums.add(Grid::new(61), &[-1.0]);
        let text = sums.check().unwrap_err().to_string();
        assert_eq!(
            text,
            "contributions reach 2^63 grid units and at most 2^62 can be summed exactly"
        );
        sums.add(Grid::new(61), &[f64::NAN]);
        assert!(
            sums.check().unwrap_err().to_string().ends_with("(one is not finite, or very large)")
        );
    }
}
