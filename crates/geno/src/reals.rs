//! Sums over individuals of packed genotypes times columns of floats, by look-ups.
//!
//! The mirror of X U: a table for every four individuals holds, for all 256 combinations of their
//! genotypes, the sums of their floats, and a byte of each variant is looked up in it.

use std::iter::zip;
use std::ops::Range;

use twoblade_core::{Instructions, Threads, tiles};

use crate::chunk::{PER_BYTE, PackedChunk, code};
use crate::counts::LOW;
use crate::kernel::{FOUR, GROUP, Tables, WIDTH, What, add_looked_up_by_variant};

/// Individuals whose floats are summed before they are added to a double.
const INDIVIDUALS: usize = 4096;
/// Tables that are looked up in together.
const TABLES: usize = 16;

/// Columns of floats by individual, [`WIDTH`] of them side by side: strip after strip, row after row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floats {
    individuals: usize,
    columns: usize,
    strips: Vec<[f32; WIDTH]>,
}

impl Floats {
    pub(crate) fn new(individuals: usize) -> Self {
        Self { individuals, columns: 0, strips: Vec::new() }
    }

    /// Bytes of so many columns.
    pub(crate) fn bytes(individuals: usize, columns: usize) -> usize {
        individuals * columns.next_multiple_of(WIDTH) * size_of::<f32>()
    }

    /// Takes memory for so many columns at once.
    pub(crate) fn reserve(&mut self, columns: usize) {
        self.strips.reserve_exact(self.individuals * columns.div_ceil(WIDTH));
    }

    /// Adds a column, and says its number.
    pub(crate) fn push(&mut self, values: &[f64]) -> usize {
        let number = self.columns;
        self.columns += 1;
        let first = number / WIDTH * self.individuals;
        self.strips.resize(first + self.individuals, [0.0; WIDTH]);
        for (row, &value) in zip(&mut self.strips[first..], values) {
            #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
            let nearest = value as f32;
            row[number % WIDTH] = nearest;
        }
        number
    }

    /// How many numbers a row of sums has: the columns, filled up to whole strips.
    pub(crate) fn width(&self) -> usize {
        self.columns.next_multiple_of(WIDTH)
    }

    /// The sums of the columns.
    pub(crate) fn totals(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.width()];
        let strips = self.strips.chunks_exact(self.individuals.max(1));
        for (sums, rows) in zip(sums.chunks_exact_mut(WIDTH), strips) {
            for row in rows {
                zip(&mut *sums, row).for_each(|(sum, &x)| *sum += f64::from(x));
            }
        }
        sums
    }

    /// For each of these variants a row of [`width`](Self::width) sums over individuals of what its
    /// genotypes count.
    pub(crate) fn sums(
        &self,
        instructions: Instructions,
        chunk: &PackedChunk,
        (variants, what): (&[usize], What),
        threads: &dyn Threads,
    ) -> Vec<f64> {
        let width = self.width();
        if width == 0 || variants.is_empty() {
            return Vec::new();
        }
        // A tile is some individuals; tiles are added up in their order.
        let runs = self.individuals.div_ceil(INDIVIDUALS);
        let fours = variants.len().div_ceil(FOUR);
        let size = width / WIDTH * fours;
        let mut partial = vec![[[0.0f32; WIDTH]; FOUR]; runs * size];
        tiles(threads, &mut partial, size, &|tile, sums| {
            let first = tile * INDIVIDUALS;
            let individuals = first..(first + INDIVIDUALS).min(self.individuals);
            let bytes = first / PER_BYTE..individuals.end.div_ceil(PER_BYTE);
            let packed = |&variant: &usize| &chunk.variant(variant)[bytes.clone()];
            let packed: Vec<&[u8]> = variants.iter().map(packed).collect();
            match what {
                What::Genotypes => {
                    self.look_up(instructions, individuals, [0.0, 1.0, 1.0, 2.0], &packed, sums);
                }
                What::NoCopy => {
                    self.look_up(instructions, individuals, [0.0, 0.0, 0.0, 1.0], &packed, sums);
                }
                What::Missing => self.pick(&individuals, &packed, sums),
            }
        });
        let mut sums = vec![0.0; variants.len() * width];
        for tile in partial.chunks_exact(size) {
            for (strip, partial) in tile.chunks_exact(fours).enumerate() {
                let rows = sums.chunks_exact_mut(width);
                for (row, partial) in zip(rows, partial.as_flattened()) {
                    let row = &mut row[strip * WIDTH..][..WIDTH];
                    zip(row, partial).for_each(|(sum, &x)| *sum += f64::from(x));
                }
            }
        }
        sums
    }

    /// The floats of some individuals, in each strip.
    fn rows(&self, individuals: &Range<usize>) -> impl Iterator<Item = &[[f32; WIDTH]]> {
        let strips = self.strips.chunks_exact(self.individuals.max(1));
        let individuals = individuals.clone();
        strips.map(move |strip| &strip[individuals.clone()])
    }

    /// Of all individuals; `counts` says how much a genotype counts, by code.
    fn look_up(
        &self,
        instructions: Instructions,
        individuals: Range<usize>,
        counts: [f32; 4],
        packed: &[&[u8]],
        sums: &mut [[[f32; WIDTH]; FOUR]],
    ) {
        let fours = packed.len().div_ceil(FOUR);
        let values = [counts; TABLES * GROUP];
        let mut tables = Tables::<f32>::default();
        for (rows, sums) in zip(self.rows(&individuals), sums.chunks_exact_mut(fours)) {
            for (part, rows) in rows.chunks(TABLES * GROUP).enumerate() {
                // Individuals beyond the last count nothing, whatever their bits are.
                let values = &values[..rows.len()];
                tables.fill(instructions, values, rows.as_flattened(), (0, WIDTH));
                add_looked_up_by_variant(instructions, &tables, (packed, part * TABLES), sums);
            }
        }
    }

    /// Of those that are missing, who are few.
    fn pick(
        &self,
        individuals: &Range<usize>,
        packed: &[&[u8]],
        sums: &mut [[[f32; WIDTH]; FOUR]],
    ) {
        const PER_WORD: usize = 32;
        let fours = packed.len().div_ceil(FOUR);
        for (rows, sums) in zip(self.rows(individuals), sums.chunks_exact_mut(fours)) {
            for (packed, sums) in zip(packed, sums.as_flattened_mut()) {
                for (bytes, rows) in zip(packed.chunks(8), rows.chunks(PER_WORD)) {
                    let mut word = [0; 8];
                    word[..bytes.len()].copy_from_slice(bytes);
                    let word = u64::from_le_bytes(word);
                    let mut missing = word & !(word >> 1) & LOW;
                    while missing != 0 {
                        if let Some(row) = rows.get(missing.trailing_zeros() as usize / 2) {
                            zip(&mut *sums, row).for_each(|(sum, x)| *sum += x);
                        }
                        missing &= missing - 1;
                    }
                }
            }
        }
    }
}

/// Bytes that [`Floats::sums`] holds beside what it returns, for chunks of so many variants.
pub(crate) fn scratch_bytes((variants, individuals): (usize, usize), columns: usize) -> usize {
    if columns == 0 {
        return 0;
    }
    let runs = individuals.div_ceil(INDIVIDUALS);
    let variants = variants.next_multiple_of(FOUR);
    let tables = (TABLES + 1) * 262 * WIDTH * size_of::<f32>();
    let sums = columns.div_ceil(WIDTH) * runs * variants * WIDTH * size_of::<f32>();
    sums + tables + variants * size_of::<&[u8]>()
}

const _: () = assert!(code::MISSING == 0b01 && code::HOM_A2 == 0b11);
