//! Sums over individuals of what genotypes count times weights times signs: for every four individuals,
//! and sixteen variants side by side, a table holds the sum for each of the 16 ways their signs can be.

use std::iter::zip;

use pulp::{Simd, WithSimd};
use twoblade_core::Instructions;

use super::WIDTH;
use super::wide::{Row, run_wide, vectors, vectors_mut};

/// Individuals whose signs in one column are a word, a set bit for +1.
pub(crate) const SIXTEEN: usize = 16;
/// Individuals of a table.
const FOUR: usize = 4;
/// Ways the signs of four individuals can be.
const WAYS: usize = 1 << FOUR;

/// What is multiplied, of some individuals: sixteen at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// How many columns of signs.
    pub(crate) columns: usize,
    /// Of each sixteen the signs in each column.
    pub(crate) signs: &'a [u16],
    /// For each set of weights, those of each sixteen.
    pub(crate) weights: &'a [&'a [[f32; SIXTEEN]]],
}

/// Adds to the sums, for each set of weights and each column of signs a row of sixteen variants. Of each
/// sixteen individuals `counts` has, variant by variant, what their genotypes count, in two bits each.
///
/// The sums of four individuals are added in pairs, those of two such fours, those of four, and then to
/// what was there.
pub(crate) fn add_signed(
    instructions: Instructions,
    counts: &[[u32; WIDTH]],
    with: Signed<'_>,
    sums: &mut [Row],
) {
    run_wide(instructions, Adding { counts, with, sums });
}

struct Adding<'a> {
    counts: &'a [[u32; WIDTH]],
    with: Signed<'a>,
    sums: &'a mut [Row],
}

impl WithSimd for Adding<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { counts, with: Signed { columns, signs, weights }, sums } = self;
        let mut copies = [Row::default(); SIXTEEN];
        let mut tables = [[Row::default(); WAYS]; SIXTEEN / FOUR];
        for (group, (counts, signs)) in zip(counts, signs.chunks_exact(columns)).enumerate() {
            to_floats(simd, counts, &mut copies);
            for (weights, sums) in zip(weights, sums.chunks_exact_mut(columns)) {
                let fours = zip(copies.as_chunks().0, weights[group].as_chunks().0);
                for (table, (copies, weights)) in zip(&mut tables, fours) {
                    fill(simd, copies, weights, table);
                }
                for (sums, &signs) in zip(sums, signs) {
                    let row = |four: usize| {
                        let way = usize::from(signs >> (FOUR * four)) % WAYS;
                        vectors::<S>(&tables[four][way])
                    };
                    let (a, b, c, d) = (row(0), row(1), row(2), row(3));
                    for (part, sum) in vectors_mut::<S>(sums).iter_mut().enumerate() {
                        let first = simd.add_f32s(a[part], b[part]);
                        let last = simd.add_f32s(c[part], d[part]);
                        *sum = simd.add_f32s(*sum, simd.add_f32s(first, last));
                    }
                }
            }
        }
    }
}

/// What sixteen individuals count, a row each.
#[inline(always)]
fn to_floats<S: Simd>(simd: S, counts: &[u32; WIDTH], copies: &mut [Row; SIXTEEN]) {
    // A small whole number in the last bits of 2^23 is that number more.
    const LARGE: u32 = 0x4b00_0000;
    let (three, large) = (simd.splat_u32s(3), simd.splat_u32s(LARGE));
    let none = simd.transmute_f32s_u32s(large);
    for (shift, copies) in (0..).step_by(2).zip(copies) {
        let shift = simd.splat_u32s(shift);
        for (to, &counts) in zip(vectors_mut::<S>(copies), S::as_simd_u32s(counts).0) {
            let count = simd.and_u32s(simd.wrapping_dyn_shr_u32s(counts, shift), three);
            *to = simd.sub_f32s(simd.transmute_f32s_u32s(simd.or_u32s(count, large)), none);
        }
    }
}

/// For each way that the signs of four individuals can be, the sums of their weighted counts.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn fill<S: Simd>(simd: S, copies: &[Row; FOUR], weights: &[f32; FOUR], table: &mut [Row; WAYS]) {
    let [a, b, c, d] = copies.each_ref().map(vectors::<S>);
    let [p, q, r, s] = weights.map(|weight| simd.splat_f32s(weight));
    for part in 0..a.len() {
        let low = ways(simd, simd.mul_f32s(a[part], p), simd.mul_f32s(b[part], q));
        let high = ways(simd, simd.mul_f32s(c[part], r), simd.mul_f32s(d[part], s));
        for (way, to) in table.iter_mut().enumerate() {
            vectors_mut::<S>(to)[part] = simd.add_f32s(low[way % 4], high[way / 4]);
        }
    }
}

/// -a - b, a - b, b - a and a + b.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn ways<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> [S::f32s; 4] {
    let (sum, difference) = (simd.add_f32s(a, b), simd.sub_f32s(a, b));
    [simd.neg_f32s(sum), difference, simd.neg_f32s(difference), sum]
}
