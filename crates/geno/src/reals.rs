//! Sums over individuals of packed genotypes times columns of floats, by look-ups.
//!
//! The mirror of X U: a table for every four individuals holds, for all 256 combinations of their
//! genotypes, the sums of their floats, and a byte of each variant is looked up in it.

use std::iter::zip;
use std::ops::Range;

use twoblade_core::{Instructions, Threads, tiles};

use crate::chunk::{PER_BYTE, PackedChunk, code};
use crate::counts::LOW;
use crate::kernel::{FOUR, GROUP, Tables, WIDTH, What, add_looked_up, beside};

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
        // A tile is some individuals and one strip; tiles are added up in the order of individuals.
        let runs = self.individuals.div_ceil(INDIVIDUALS);
        let size = variants.len() * WIDTH;
        let mut partial = vec![0.0f32; width / WIDTH * runs * size];
        tiles(threads, &mut partial, size, &|tile, sums| {
            let (strip, first) = (tile / runs, tile % runs * INDIVIDUALS);
            let individuals = first..(first + INDIVIDUALS).min(self.individuals);
            let rows = &self.strips[strip * self.individuals..][individuals.clone()];
            let tile = Tile { chunk, variants, rows, individuals };
            match what {
                What::Genotypes => tile.look_up(instructions, [0.0, 1.0, 1.0, 2.0], sums),
                What::NoCopy => tile.look_up(instructions, [0.0, 0.0, 0.0, 1.0], sums),
                What::Missing => tile.pick(sums),
            }
        });
        let mut sums = vec![0.0; variants.len() * width];
        for (tile, partial) in partial.chunks_exact(size).enumerate() {
            let strip = tile / runs;
            let rows = sums.chunks_exact_mut(width);
            for (row, partial) in zip(rows, partial.chunks_exact(WIDTH)) {
                let row = &mut row[strip * WIDTH..][..WIDTH];
                zip(row, partial).for_each(|(sum, &x)| *sum += f64::from(x));
            }
        }
        sums
    }
}

/// Bytes that [`Floats::sums`] holds beside what it returns, for chunks of so many variants.
pub(crate) fn scratch_bytes((variants, individuals): (usize, usize), columns: usize) -> usize {
    if columns == 0 {
        return 0;
    }
    let runs = individuals.div_ceil(INDIVIDUALS);
    let of_tile = variants.next_multiple_of(FOUR) * (WIDTH * size_of::<f32>() + TABLES);
    let tables = (TABLES + 1) * 262 * WIDTH * size_of::<f32>();
    columns.div_ceil(WIDTH) * runs * variants * WIDTH * size_of::<f32>() + of_tile + tables
}

/// Some individuals of some variants.
struct Tile<'a> {
    chunk: &'a PackedChunk,
    variants: &'a [usize],
    /// Floats of each individual.
    rows: &'a [[f32; WIDTH]],
    individuals: Range<usize>,
}

impl Tile<'_> {
    /// Packed genotypes of a variant.
    fn packed(&self, variant: usize) -> &[u8] {
        let bytes = self.individuals.start / PER_BYTE..self.individuals.end.div_ceil(PER_BYTE);
        &self.chunk.variant(variant)[bytes]
    }

    /// Of all individuals; `counts` says how much a genotype counts, by code.
    fn look_up(&self, instructions: Instructions, counts: [f32; 4], out: &mut [f32]) {
        let fours = self.variants.len().div_ceil(FOUR);
        let mut sums = vec![[[0.0f32; WIDTH]; FOUR]; fours];
        let mut words = vec![0u32; fours * TABLES];
        let mut together = [0u32; TABLES];
        let mut tables = Tables::<f32>::default();
        let some = TABLES * GROUP;
        for (part, rows) in self.rows.chunks(some).enumerate() {
            let values = [counts; TABLES * GROUP];
            // Individuals beyond the last count nothing, whatever their bits are.
            tables.fill(instructions, &values[..rows.len()], rows.as_flattened(), (0, WIDTH));
            let bytes = part * TABLES..part * TABLES + rows.len().div_ceil(GROUP);
            for (four, variants) in self.variants.chunks(FOUR).enumerate() {
                let mut packed = [&[][..]; FOUR];
                zip(&mut packed, variants)
                    .for_each(|(to, &variant)| *to = &self.packed(variant)[bytes.clone()]);
                let some = &mut together[..bytes.len()];
                beside(instructions, packed, some);
                for (&word, of_table) in zip(&*some, words.chunks_exact_mut(fours)) {
                    of_table[four] = word;
                }
            }
            add_looked_up(instructions, &tables, &words, &mut sums);
        }
        out.copy_from_slice(&sums.as_flattened().as_flattened()[..out.len()]);
    }

    /// Of those that are missing, who are few.
    fn pick(&self, out: &mut [f32]) {
        const PER_WORD: usize = 32;
        out.fill(0.0);
        for (&variant, sums) in zip(self.variants, out.chunks_exact_mut(WIDTH)) {
            for (bytes, rows) in zip(self.packed(variant).chunks(8), self.rows.chunks(PER_WORD)) {
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

const _: () = assert!(code::MISSING == 0b01 && code::HOM_A2 == 0b11);
