//! Sums over individuals of packed genotypes times columns of signs, each times several sets of weights.

use std::iter::zip;
use std::ops::Range;

use twoblade_core::{Instructions, Threads};

use crate::chunk::{PER_BYTE, PackedChunk};
use crate::kernel::{Row, SIXTEEN, Signed, WIDTH, What, add_signed};
use crate::missing::missing;
use crate::runs::{RUN, by_run, runs};
use crate::sixteens::{sixteens, sixteens_bytes};

/// Columns of signs by individual, and weights that each of them is multiplied by: the columns are those of
/// the first weights, then those of the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signs {
    individuals: usize,
    /// Columns of signs.
    columns: usize,
    /// Of each sixteen individuals the signs in each column, a set bit for +1.
    words: Vec<u16>,
    weights: Vec<Vec<[f32; SIXTEEN]>>,
}

impl Signs {
    /// Columns in which a set bit is +1 and another -1; bit by bit, those of sixteen individuals.
    pub(crate) fn new(
        individuals: usize,
        columns: usize,
        word: impl Fn(usize, usize) -> u16,
    ) -> Self {
        let groups = individuals.div_ceil(SIXTEEN);
        let mut words = Vec::with_capacity(groups * columns);
        for group in 0..groups {
            words.extend((0..columns).map(|column| word(column, group)));
        }
        Self { individuals, columns, words, weights: Vec::new() }
    }

    /// Bytes of so many columns and sets of weights.
    pub(crate) fn bytes(individuals: usize, (columns, weights): (usize, usize)) -> usize {
        let groups = individuals.div_ceil(SIXTEEN);
        groups * (columns * size_of::<u16>() + weights * SIXTEEN * size_of::<f32>())
    }

    /// Columns of signs.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Adds all columns of signs times these weights, and says the number of the first.
    pub(crate) fn push(&mut self, weights: &[f64]) -> usize {
        let sixteen = |some: &[f64]| {
            let mut padded = [0.0; SIXTEEN];
            for (to, &weight) in zip(&mut padded, some) {
                #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
                let nearest = weight as f32;
                *to = nearest;
            }
            padded
        };
        self.weights.push(weights.chunks(SIXTEEN).map(sixteen).collect());
        self.width() - self.columns
    }

    /// How many numbers a row of sums has.
    pub(crate) fn width(&self) -> usize {
        self.columns * self.weights.len()
    }

    /// The sums of the columns.
    pub(crate) fn totals(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.width()];
        for (weights, sums) in zip(&self.weights, sums.chunks_exact_mut(self.columns.max(1))) {
            for (weights, signs) in zip(weights, self.words.chunks_exact(self.columns)) {
                for (sum, &signs) in zip(&mut *sums, signs) {
                    let signed = weights.iter().enumerate().map(|(at, &w)| sign(signs, at, w));
                    *sum += signed.map(f64::from).sum::<f64>();
                }
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
        let size = variants.len().div_ceil(WIDTH) * width;
        let partial = by_run(self.individuals, size, threads, &|individuals, sums| {
            for (variants, sums) in zip(variants.chunks(WIDTH), sums.chunks_exact_mut(width)) {
                if what == What::Missing {
                    self.pick(chunk, variants, &individuals, sums);
                } else {
                    self.add(instructions, chunk, (variants, what), &individuals, sums);
                }
            }
        });
        let mut sums = vec![0.0; variants.len() * width];
        for tile in partial.chunks_exact(size) {
            for (rows, tile) in zip(sums.chunks_mut(WIDTH * width), tile.chunks_exact(width)) {
                for (lane, row) in rows.chunks_exact_mut(width).enumerate() {
                    zip(row, tile).for_each(|(sum, lanes)| *sum += f64::from(lanes.0[lane]));
                }
            }
        }
        sums
    }

    /// Of all individuals.
    fn add(
        &self,
        instructions: Instructions,
        chunk: &PackedChunk,
        (variants, what): (&[usize], What),
        individuals: &Range<usize>,
        sums: &mut [Row],
    ) {
        let groups = individuals.start / SIXTEEN..individuals.end.div_ceil(SIXTEEN);
        let packed = variants.iter().map(|&variant| chunk.variant(variant));
        let counts = sixteens(packed, what, individuals);
        let weights: Vec<_> = self.weights.iter().map(|of| &of[groups.clone()]).collect();
        let signs = &self.words[groups.start * self.columns..groups.end * self.columns];
        let with = Signed { columns: self.columns, signs, weights: &weights };
        add_signed(instructions, &counts, with, sums);
    }

    /// Of those that are missing, who are few.
    fn pick(
        &self,
        chunk: &PackedChunk,
        variants: &[usize],
        individuals: &Range<usize>,
        sums: &mut [Row],
    ) {
        for (lane, &variant) in variants.iter().enumerate() {
            let packed = &chunk.variant(variant)[individuals.start / PER_BYTE..];
            for individual in missing(packed).take_while(|&at| at < individuals.len()) {
                let individual = individuals.start + individual;
                let (group, at) = (individual / SIXTEEN, individual % SIXTEEN);
                let signs = &self.words[group * self.columns..][..self.columns];
                let each = sums.chunks_exact_mut(self.columns);
                for (weights, sums) in zip(&self.weights, each) {
                    let weight = weights[group][at];
                    for (sums, &signs) in zip(sums, signs) {
                        sums.0[lane] += sign(signs, at, weight);
                    }
                }
            }
        }
    }
}

/// A weight with the sign of one of sixteen individuals.
fn sign(signs: u16, at: usize, weight: f32) -> f32 {
    let minus = u32::from(!signs >> at & 1);
    f32::from_bits(weight.to_bits() ^ minus << 31)
}

/// Bytes that [`Signs::sums`] holds beside what it returns, for chunks of so many variants.
pub(crate) fn scratch_bytes(
    (variants, individuals): (usize, usize),
    (columns, weights): (usize, usize),
) -> usize {
    if columns * weights == 0 {
        return 0;
    }
    let sums =
        runs(individuals) * variants.next_multiple_of(WIDTH) * columns * weights * size_of::<f32>();
    sums + sixteens_bytes(RUN.min(individuals)) + weights * size_of::<&[f32]>()
}
