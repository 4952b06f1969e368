//! Sums over individuals of what genotypes count times a few columns of floats, of sixteen variants side by
//! side: one by one, without a table.

use std::iter::zip;

use pulp::{Simd, WithSimd};
use twoblade_core::Instructions;

use super::WIDTH;
use super::signed::{SIXTEEN, to_floats};
use super::wide::{Row, run_wide, vectors, vectors_mut};

/// Adds to the sums, for each of the first columns of floats a row of sixteen variants: of each sixteen
/// individuals `counts` has, variant by variant, what their genotypes count, and `rows` their floats.
///
/// Every other individual of sixteen is added to one sum and the others to another, and both to what was
/// there.
pub(crate) fn add_few(
    instructions: Instructions,
    counts: &[[u32; WIDTH]],
    rows: &[Row],
    sums: &mut [Row],
) {
    run_wide(instructions, Few { counts, rows, sums });
}

struct Few<'a> {
    counts: &'a [[u32; WIDTH]],
    rows: &'a [Row],
    sums: &'a mut [Row],
}

impl WithSimd for Few<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { counts, rows, sums } = self;
        let mut copies = [Row::default(); SIXTEEN];
        let mut last = [Row::default(); SIXTEEN];
        let (whole, rest) = rows.as_chunks();
        last[..rest.len()].copy_from_slice(rest);
        for (counts, rows) in zip(counts, whole.iter().chain([&last])) {
            to_floats(simd, counts, &mut copies);
            for (column, sums) in sums.iter_mut().enumerate() {
                let column = column % WIDTH;
                for (part, sum) in vectors_mut::<S>(sums).iter_mut().enumerate() {
                    let value = |at: usize| {
                        let value = simd.splat_f32s(rows[at].0[column]);
                        simd.mul_f32s(vectors::<S>(&copies[at])[part], value)
                    };
                    let (mut even, mut odd) = (value(0), value(1));
                    for at in (2..SIXTEEN).step_by(2) {
                        even = simd.add_f32s(even, value(at));
                        odd = simd.add_f32s(odd, value(at + 1));
                    }
                    *sum = simd.add_f32s(*sum, simd.add_f32s(even, odd));
                }
            }
        }
    }
}
