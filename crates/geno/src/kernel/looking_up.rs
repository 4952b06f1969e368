//! Sums over columns by look-ups: a table for every three columns holds the sum for each of the 64
//! combinations of their genotypes. (Of four columns there would be 256: no quicker to look up in, because
//! they fit no near cache, and four times as dear to make.)
#![expect(clippy::needless_range_loop, reason = "a lane is the same place of several arrays")]

use std::iter::zip;

use twoblade_core::Instructions;

use super::{Loop, run};
use crate::element::Element;

/// Columns of a table: the codes of three genotypes are six bits of a byte.
pub(crate) const GROUP: usize = 3;
/// Numbers of a row of a table: a cache line of floats.
pub(crate) const WIDTH: usize = 16;
/// Individuals whose bytes are a word: the sums of so many stay in registers.
pub(crate) const FOUR: usize = 4;
/// Combinations of three genotypes.
const WAYS: usize = 64;
/// Rows of a table, and one that nobody looks at: an odd number of cache lines, so that the rows
/// that occur most often do not share places of the nearest cache from table to table.
const ROWS: usize = WAYS + 1;

/// The sums of three columns for every combination of genotypes, in [`WIDTH`] numbers each.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Table<E>([[E; WIDTH]; ROWS]);

/// Tables of a run of columns, and for all individuals the bytes to look up in them.
#[derive(Debug, Default)]
pub(crate) struct Tables<E> {
    tables: Vec<Table<E>>,
    /// How many of them are in use.
    used: usize,
}

impl<E: Element> Tables<E> {
    /// Makes the tables of some columns: of each the values by code, and its row of `stride` loadings,
    /// of which [`WIDTH`] from `first` on count (fewer, if there are fewer: the others are nothing).
    pub(crate) fn fill(
        &mut self,
        instructions: Instructions,
        values: &[[E; 4]],
        loadings: &[E],
        (first, stride): (usize, usize),
    ) {
        self.used = values.len().div_ceil(GROUP);
        if self.tables.len() < self.used {
            self.tables.resize(self.used, Table([[E::default(); WIDTH]; ROWS]));
        }
        let width = WIDTH.min(stride - first);
        let each = zip(values.chunks(GROUP), loadings.chunks(GROUP * stride));
        for (table, (values, loadings)) in zip(&mut self.tables, each) {
            let mut padded = [([E::default(); 4], [E::default(); WIDTH]); GROUP];
            for (padded, (&values, loadings)) in
                zip(&mut padded, zip(values, loadings.chunks(stride)))
            {
                padded.0 = values;
                padded.1[..width].copy_from_slice(&loadings[first..first + width]);
            }
            run(instructions, Fill { table, columns: &padded });
        }
    }
}

struct Fill<'a, E> {
    table: &'a mut Table<E>,
    columns: &'a [([E; 4], [E; WIDTH]); GROUP],
}

impl<E: Element> Loop for Fill<'_, E> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        let Self { table, columns: [a, b, c] } = self;
        let mut low = [[E::default(); WIDTH]; 16];
        for (code, low) in low.iter_mut().enumerate() {
            let (x, y) = (a.0[code & 3], b.0[code >> 2]);
            for lane in 0..WIDTH {
                low[lane] = x * a.1[lane] + y * b.1[lane];
            }
        }
        let mut high = [[E::default(); WIDTH]; 4];
        for (code, high) in high.iter_mut().enumerate() {
            for lane in 0..WIDTH {
                high[lane] = c.0[code] * c.1[lane];
            }
        }
        for (code, row) in table.0[..WAYS].iter_mut().enumerate() {
            let (low, high) = (&low[code & 15], &high[code >> 4]);
            for lane in 0..WIDTH {
                row[lane] = low[lane] + high[lane];
            }
        }
    }
}

/// From the packed genotypes of three columns (of which all but the first may be empty) the bytes of a
/// table, four individuals a word.
///
/// A byte of each column is a row of a 4 x 4 matrix of codes, whose last row is 0, and which is transposed.
pub(crate) fn interleave(instructions: Instructions, columns: [&[u8]; GROUP], words: &mut [u32]) {
    run(instructions, Interleave { columns, words });
}

struct Interleave<'a> {
    columns: [&'a [u8]; GROUP],
    words: &'a mut [u32],
}

impl Loop for Interleave<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        let Self { columns, words } = self;
        let length = words.len();
        // Columns that are not there have any codes: their values are nothing.
        let there = columns.map(|column| if column.is_empty() { columns[0] } else { column });
        let [a, b, c] = there.map(|column| &column[..length]);
        for at in 0..length {
            let [a, b, c] = [a[at], b[at], c[at]].map(u32::from);
            let word = a | b << 8 | c << 16;
            let swap = (word ^ word >> 6) & 0x00cc_00cc;
            let word = word ^ swap ^ swap << 6;
            let swap = (word ^ word >> 12) & 0x0000_f0f0;
            words[at] = word ^ swap ^ swap << 12;
        }
    }
}

/// Adds what is found in the tables to the sums of each individual, table after table. A word says for
/// four individuals where to look: `words` has for each table a run of them, as many as `sums`.
pub(crate) fn add_looked_up<E: Element>(
    instructions: Instructions,
    tables: &Tables<E>,
    words: &[u32],
    sums: &mut [[[E; WIDTH]; FOUR]],
) {
    let tables = &tables.tables[..tables.used];
    run(instructions, LookUp::<E, true> { tables, words, sums });
}

/// Writes what is found there instead: the sums before mean nothing.
pub(crate) fn write_looked_up<E: Element>(
    instructions: Instructions,
    tables: &Tables<E>,
    words: &[u32],
    sums: &mut [[[E; WIDTH]; FOUR]],
) {
    let tables = &tables.tables[..tables.used];
    run(instructions, LookUp::<E, false> { tables, words, sums });
}

struct LookUp<'a, E, const ADD: bool> {
    tables: &'a [Table<E>],
    words: &'a [u32],
    sums: &'a mut [[[E; WIDTH]; FOUR]],
}

impl<E: Element, const ADD: bool> Loop for LookUp<'_, E, ADD> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        let Self { tables, words, sums } = self;
        let length = sums.len();
        for (at, sums) in sums.iter_mut().enumerate() {
            let mut found = [[E::default(); WIDTH]; FOUR];
            for (table, words) in zip(tables, words.chunks_exact(length)) {
                let word = words[at];
                for individual in 0..FOUR {
                    let row = &table.0[(word >> (8 * individual)) as usize % WAYS];
                    for lane in 0..WIDTH {
                        found[individual][lane] = found[individual][lane] + row[lane];
                    }
                }
            }
            if ADD {
                for individual in 0..FOUR {
                    for lane in 0..WIDTH {
                        sums[individual][lane] = sums[individual][lane] + found[individual][lane];
                    }
                }
            } else {
                *sums = found;
            }
        }
    }
}
