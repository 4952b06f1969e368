//! Sums over individuals of packed genotypes times columns of floats, by look-ups.
//!
//! The mirror of X U: a table for every two individuals holds, for all 16 combinations of their
//! genotypes, the sums of their floats, and four bits of each variant are looked up in it. Smaller tables
//! than those of X U, because a chunk may have few variants to look up.

use std::iter::zip;
use std::ops::Range;

use twoblade_core::{Instructions, Threads};

use crate::chunk::{PER_BYTE, PackedChunk};
use crate::kernel::{Row, WIDTH, What, add_by_variant};
use crate::missing::missing;
use crate::runs::{by_run, runs};

/// Columns of floats by individual, [`WIDTH`] of them side by side: strip after strip, row after row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floats {
    individuals: usize,
    columns: usize,
    strips: Vec<Row>,
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
        self.strips.resize(first + self.individuals, Row::default());
        for (row, &value) in zip(&mut self.strips[first..], values) {
            #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
            let nearest = value as f32;
            row.0[number % WIDTH] = nearest;
        }
        number
    }

    /// How many there are.
    pub(crate) fn columns(&self) -> usize {
        self.columns
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
                zip(&mut *sums, row.0).for_each(|(sum, x)| *sum += f64::from(x));
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
        let size = width / WIDTH * variants.len();
        let partial = by_run(self.individuals, size, threads, &|individuals, sums| {
            let bytes = individuals.start / PER_BYTE..individuals.end.div_ceil(PER_BYTE);
            let packed = |&variant: &usize| &chunk.variant(variant)[bytes.clone()];
            let packed: Vec<&[u8]> = variants.iter().map(packed).collect();
            let values = match what {
                What::Missing => return self.pick(&individuals, &packed, sums),
                What::Genotypes => [0.0, 1.0, 1.0, 2.0],
                What::NoCopy => [0.0, 0.0, 0.0, 1.0],
            };
            let strips = sums.chunks_exact_mut(packed.len());
            for (rows, sums) in zip(self.rows(&individuals), strips) {
                add_by_variant(instructions, values, rows, &packed, sums);
            }
        });
        let mut sums = vec![0.0; variants.len() * width];
        for tile in partial.chunks_exact(size) {
            for (strip, partial) in tile.chunks_exact(variants.len()).enumerate() {
                for (row, partial) in zip(sums.chunks_exact_mut(width), partial) {
                    let row = &mut row[strip * WIDTH..][..WIDTH];
                    zip(row, partial.0).for_each(|(sum, x)| *sum += f64::from(x));
                }
            }
        }
        sums
    }

    /// Of those that are missing, who are few.
    fn pick(&self, individuals: &Range<usize>, packed: &[&[u8]], sums: &mut [Row]) {
        let variants = packed.len();
        for (variant, packed) in packed.iter().enumerate() {
            let inside = missing(packed).take_while(|&at| at < individuals.len());
            for individual in inside {
                let strips = sums.chunks_exact_mut(variants);
                for (rows, sums) in zip(self.rows(individuals), strips) {
                    let row = &rows[individual].0;
                    zip(&mut sums[variant].0, row).for_each(|(sum, x)| *sum += x);
                }
            }
        }
    }

    /// The floats of some individuals, in each strip.
    fn rows(&self, individuals: &Range<usize>) -> impl Iterator<Item = &[Row]> {
        let strips = self.strips.chunks_exact(self.individuals.max(1));
        let individuals = individuals.clone();
        strips.map(move |strip| &strip[individuals.clone()])
    }
}

/// Bytes that [`Floats::sums`] holds beside what it returns, for chunks of so many variants.
pub(crate) fn scratch_bytes((variants, individuals): (usize, usize), columns: usize) -> usize {
    if columns == 0 {
        return 0;
    }
    let sums = columns.div_ceil(WIDTH) * runs(individuals) * variants * size_of::<Row>();
    sums + variants * size_of::<&[u8]>()
}
