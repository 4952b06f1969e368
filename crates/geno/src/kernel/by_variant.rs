//! Sums over individuals of what genotypes count times floats: a table for every two individuals holds
//! the sum for each of the 16 combinations of their genotypes.

use std::iter::zip;

use pulp::{Simd, WithSimd};
use twoblade_core::Instructions;

use super::wide::{Row, run_wide, vectors, vectors_mut};

/// Individuals of a word of packed genotypes: their tables, and no more, fit in a core's nearest cache.
const WORD: usize = 32;
/// Bytes of a word.
const BYTES: usize = WORD / 4;
/// Combinations of the genotypes of two individuals.
const WAYS: usize = 16;
/// Tables of a word.
const TABLES: usize = WORD / 2;

/// Adds to the sums of each variant those over some individuals, who have a row of floats each and lie in
/// the packed bytes of the variant. `values` says what a genotype counts, by code.
///
/// Thirty-two individuals are summed in two runs, of every other table, and both are added to what was
/// there.
pub(crate) fn add_by_variant(
    instructions: Instructions,
    values: [f32; 4],
    rows: &[Row],
    packed: &[&[u8]],
    sums: &mut [Row],
) {
    run_wide(instructions, ByVariant { values, rows, packed, sums });
}

struct ByVariant<'a> {
    values: [f32; 4],
    rows: &'a [Row],
    packed: &'a [&'a [u8]],
    sums: &'a mut [Row],
}

impl WithSimd for ByVariant<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { values, rows, packed, sums } = self;
        let mut tables = [[Row::default(); WAYS]; TABLES];
        for (word, rows) in rows.chunks(WORD).enumerate() {
            // Individuals beyond the last count nothing, whatever their bits are.
            let mut padded = [Row::default(); WORD];
            let rows: &[Row; WORD] = if let Ok(whole) = rows.try_into() {
                whole
            } else {
                padded[..rows.len()].copy_from_slice(rows);
                &padded
            };
            for (table, rows) in zip(&mut tables, rows.as_chunks().0) {
                fill(simd, values, rows, table);
            }
            for (packed, sums) in zip(packed, &mut *sums) {
                let word = read(&packed[word * BYTES..]);
                for (part, sum) in vectors_mut::<S>(sums).iter_mut().enumerate() {
                    let mut found = [simd.splat_f32s(0.0); 2];
                    for (at, table) in tables.iter().enumerate() {
                        let way = (word >> (4 * at) & 15) as usize;
                        let found = &mut found[at % 2];
                        *found = simd.add_f32s(*found, vectors::<S>(&table[way])[part]);
                    }
                    *sum = simd.add_f32s(*sum, simd.add_f32s(found[0], found[1]));
                }
            }
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn fill<S: Simd>(simd: S, values: [f32; 4], [a, b]: &[Row; 2], table: &mut [Row; WAYS]) {
    let values = values.map(|value| simd.splat_f32s(value));
    for (part, (&a, &b)) in zip(vectors::<S>(a), vectors::<S>(b)).enumerate() {
        let (a, b) = (values.map(|x| simd.mul_f32s(x, a)), values.map(|x| simd.mul_f32s(x, b)));
        for (way, to) in table.iter_mut().enumerate() {
            vectors_mut::<S>(to)[part] = simd.add_f32s(a[way % 4], b[way / 4]);
        }
    }
}

/// The first word of some bytes, of which there may be too few.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn read(bytes: &[u8]) -> u64 {
    if let Some(word) = bytes.first_chunk() {
        return u64::from_le_bytes(*word);
    }
    let mut word = [0; BYTES];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}
