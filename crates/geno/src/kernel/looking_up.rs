//! Sums over columns by look-ups: a table for every four columns holds the sum for each combination of their
//! genotypes.
#![expect(clippy::needless_range_loop, reason = "a lane is the same place of several arrays")]

use std::iter::zip;

use pulp::{Simd, WithSimd};
use twoblade_core::Instructions;

use super::ways::{FOUR, GROUP, KNOWN_PAIRS, MISSING_PAIRS, PAIR_CODES, PAIRS};
use super::{Loop, run, run_wide};
use crate::element::Element;

/// Numbers of a row of a table: a cache line of floats.
pub(crate) const WIDTH: usize = 16;
/// Combinations of four genotypes.
const WAYS: usize = PAIRS * PAIRS;
/// Rows of a table, and some that nobody looks at: the rows of known genotypes do not share places of the
/// nearest cache from table to table.
pub(crate) const TABLE_ROWS: usize = WAYS + 17;

/// The sums of four columns for every combination of genotypes, in [`WIDTH`] numbers each.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Table<E>([[E; WIDTH]; TABLE_ROWS]);

/// Tables of a run of columns.
#[derive(Debug, Default)]
pub(crate) struct Tables<E> {
    all: Vec<Table<E>>,
    /// How many of them are in use.
    used: usize,
    /// How many numbers of a row are.
    width: usize,
}

impl<E: Element> Tables<E> {
    /// Makes the tables of some columns: of each the values by code, and its row of `width` loadings, at most
    /// [`WIDTH`] (the others are nothing). `known` tells of which tables all genotypes are known.
    pub(crate) fn fill(
        &mut self,
        instructions: Instructions,
        values: &[[E; 4]],
        known: &[bool],
        (loadings, width): (&[E], usize),
    ) {
        self.used = values.len().div_ceil(GROUP);
        self.width = width;
        if self.all.len() < self.used {
            self.all.resize(self.used, Table([[E::default(); WIDTH]; TABLE_ROWS]));
        }
        let each = zip(values.chunks(GROUP), loadings.chunks(GROUP * width));
        for ((table, &known), (values, loadings)) in zip(zip(&mut self.all, known), each) {
            let mut padded = [([E::default(); 4], [E::default(); WIDTH]); GROUP];
            for (padded, (&values, loadings)) in
                zip(&mut padded, zip(values, loadings.chunks(width)))
            {
                padded.0 = values;
                match <&[E; WIDTH]>::try_from(loadings) {
                    Ok(whole) => padded.1 = *whole,
                    Err(_) => padded.1[..width].copy_from_slice(loadings),
                }
            }
            run_wide(instructions, Fill { table, known, columns: &padded });
        }
    }
}

struct Fill<'a, E> {
    table: &'a mut Table<E>,
    known: bool,
    columns: &'a [([E; 4], [E; WIDTH]); GROUP],
}

impl<E: Element> WithSimd for Fill<'_, E> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { table, known, columns: [a, b, c, d] } = self;
        let (known_rows, rest) = table.0.split_at_mut(KNOWN_PAIRS * KNOWN_PAIRS);
        let (missing, rest) = rest.split_at_mut(KNOWN_PAIRS * MISSING_PAIRS);
        for part in 0..E::vectors::<S>(&a.1).len() {
            let (low, high) = (of_pair(simd, [a, b], part), of_pair(simd, [c, d], part));
            let (known_low, low_missing) = low.split_at(KNOWN_PAIRS);
            let (known_high, high_missing) = high.split_at(KNOWN_PAIRS);
            all_sums(simd, (known_rows, part), known_low, known_high);
            if !known {
                all_sums(simd, (missing, part), low_missing, known_high);
                all_sums(simd, (rest, part), &low, high_missing);
            }
        }
    }
}

/// A vector of the sums of each of `high` and all of `low`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn all_sums<S: Simd, E: Element>(
    simd: S,
    (rows, part): (&mut [[E; WIDTH]], usize),
    low: &[E::Vector<S>],
    high: &[E::Vector<S>],
) {
    for (rows, &high) in zip(rows.chunks_exact_mut(low.len()), high) {
        for (row, &low) in zip(rows, low) {
            E::vectors_mut::<S>(row)[part] = E::sum(simd, low, high);
        }
    }
}

/// A vector of the sums of two columns, for every combination of genotypes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn of_pair<S: Simd, E: Element>(
    simd: S,
    pair: [&([E; 4], [E; WIDTH]); 2],
    part: usize,
) -> [E::Vector<S>; PAIRS] {
    // No closure here: it would be compiled for the least of machines.
    let [(values, row), (others, other)] = pair;
    let (row, other) = (E::vectors::<S>(row)[part], E::vectors::<S>(other)[part]);
    let mut products = [[row; 4], [other; 4]];
    for code in 0..4 {
        products[0][code] = E::times(simd, values[code], row);
        products[1][code] = E::times(simd, others[code], other);
    }
    let mut sums = [row; PAIRS];
    for (sum, [x, y]) in zip(&mut sums, PAIR_CODES) {
        *sum = E::sum(simd, products[0][x], products[1][y]);
    }
    sums
}

/// Adds what is found in the tables to the sums of each individual, table after table. A word says for
/// four individuals where to look: `words` has for each table a run of them, as many as `sums`.
pub(crate) fn add_looked_up<E: Element>(
    instructions: Instructions,
    tables: &Tables<E>,
    words: &[u32],
    sums: &mut [[[E; WIDTH]; FOUR]],
) {
    look_up::<E, true>(instructions, tables, words, sums);
}

/// Writes what is found there instead: the sums before mean nothing.
pub(crate) fn write_looked_up<E: Element>(
    instructions: Instructions,
    tables: &Tables<E>,
    words: &[u32],
    sums: &mut [[[E; WIDTH]; FOUR]],
) {
    look_up::<E, false>(instructions, tables, words, sums);
}

fn look_up<E: Element, const ADD: bool>(
    instructions: Instructions,
    Tables { all, used, width }: &Tables<E>,
    words: &[u32],
    sums: &mut [[[E; WIDTH]; FOUR]],
) {
    let tables = &all[..*used];
    // Of a narrow strip a part of each row: a processor takes two half lines at a time.
    match width {
        ..=4 => run(instructions, LookUp::<E, ADD, 4> { tables, words, sums }),
        5..=8 => run(instructions, LookUp::<E, ADD, 8> { tables, words, sums }),
        _ => run(instructions, LookUp::<E, ADD, WIDTH> { tables, words, sums }),
    }
}

/// Adds the first `LANES` numbers of rows; the other sums are nothing.
struct LookUp<'a, E, const ADD: bool, const LANES: usize> {
    tables: &'a [Table<E>],
    words: &'a [u32],
    sums: &'a mut [[[E; WIDTH]; FOUR]],
}

impl<E: Element, const ADD: bool, const LANES: usize> Loop for LookUp<'_, E, ADD, LANES> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn run(self) {
        let Self { tables, words, sums } = self;
        let length = sums.len();
        for (at, sums) in sums.iter_mut().enumerate() {
            let mut found = [[E::default(); LANES]; FOUR];
            for (table, words) in zip(tables, words.chunks_exact(length)) {
                let word = words[at];
                for individual in 0..FOUR {
                    let row = &table.0[(word >> (8 * individual)) as usize % WAYS];
                    for lane in 0..LANES {
                        found[individual][lane] = found[individual][lane] + row[lane];
                    }
                }
            }
            for individual in 0..FOUR {
                let sums = &mut sums[individual];
                if !ADD {
                    *sums = [E::default(); WIDTH];
                }
                for lane in 0..LANES {
                    sums[lane] = if ADD {
                        sums[lane] + found[individual][lane]
                    } else {
                        found[individual][lane]
                    };
                }
            }
        }
    }
}
