//! Products of columns with each other.

use std::iter::zip;

use pulp::{Arch, Simd, WithSimd};

/// Partial sums of a product: one over every eighth row.
const LANES: usize = 8;
/// Columns that others are multiplied with at a time.
const WIDE: usize = 4;

/// Adds the upper triangle of U'U to `sums`, column by column; U has these columns, of one length.
///
/// A product is eight sums, each over every eighth row in order, added in a fixed order at the end; no
/// multiplication is fused with an addition. So every machine finds the same bits.
pub(crate) fn add_gram(columns: &[&[f64]], sums: &mut [f64]) {
    Arch::new().dispatch(Gram { columns, sums });
}

struct Gram<'a> {
    columns: &'a [&'a [f64]],
    sums: &'a mut [f64],
}

/// A column: eight rows at a time, the last filled up with zeros.
#[derive(Clone, Copy)]
struct Column<'a> {
    groups: &'a [[f64; LANES]],
    last: [f64; LANES],
}

impl<'a> Column<'a> {
    fn new(values: &'a [f64]) -> Self {
        let (groups, tail) = values.as_chunks();
        let mut last = [0.0; LANES];
        last[..tail.len()].copy_from_slice(tail);
        Self { groups, last }
    }
}

impl<'a> WithSimd for Gram<'a> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { columns, sums } = self;
        let width = columns.len();
        let new = |values: &&'a [f64]| Column::new(values);
        // What fills up the last tile is not written.
        let more = columns.last().into_iter().cycle().take(WIDE - 1);
        let columns: Vec<_> = columns.iter().chain(more).map(new).collect();
        // As many sums as registers hold, beside what they take.
        if S::REGISTER_COUNT >= 32 {
            triangle::<S, 4>(simd, &columns, width, sums);
        } else {
            triangle::<S, 2>(simd, &columns, width, sums);
        }
    }
}

/// All products, of `HIGH` columns with [`WIDE`] others at a time.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn triangle<S: Simd, const HIGH: usize>(
    simd: S,
    columns: &[Column<'_>],
    width: usize,
    sums: &mut [f64],
) {
    for first in (0..width).step_by(HIGH) {
        let left: &[_; HIGH] = columns[first..].first_chunk().expect("filled up");
        for second in (first / WIDE * WIDE..width).step_by(WIDE) {
            let right: &[_; WIDE] = columns[second..].first_chunk().expect("filled up");
            let mut lanes = [[[0.0; LANES]; WIDE]; HIGH];
            for from in (0..LANES).step_by(S::F64_LANES) {
                tile(simd, left, right, from, &mut lanes);
            }
            for (row, lanes) in zip(first.., &lanes) {
                for (column, [a, b, c, d, e, f, g, h]) in zip(second..width, lanes) {
                    if row <= column {
                        let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
                        sums[column * (column + 1) / 2 + row] += sum;
                    }
                }
            }
        }
    }
}

/// The lanes of one vector, the first of which is `from`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn tile<S: Simd, const HIGH: usize>(
    simd: S,
    left: &[Column<'_>; HIGH],
    right: &[Column<'_>; WIDE],
    from: usize,
    lanes: &mut [[[f64; LANES]; WIDE]; HIGH],
) {
    let mut sums = [[simd.splat_f64s(0.0); WIDE]; HIGH];
    let count = left[0].groups.len();
    let (mut lefts, mut rights) = ([left[0].groups; HIGH], [left[0].groups; WIDE]);
    for (groups, column) in zip(&mut lefts, left) {
        *groups = &column.groups[..count];
    }
    for (groups, column) in zip(&mut rights, right) {
        *groups = &column.groups[..count];
    }
    for group in 0..count {
        let (mut x, mut y) = ([simd.splat_f64s(0.0); HIGH], [simd.splat_f64s(0.0); WIDE]);
        for (x, groups) in zip(&mut x, &lefts) {
            *x = vector::<S>(&groups[group], from);
        }
        for (y, groups) in zip(&mut y, &rights) {
            *y = vector::<S>(&groups[group], from);
        }
        add(simd, &x, &y, &mut sums);
    }
    let (mut x, mut y) = ([simd.splat_f64s(0.0); HIGH], [simd.splat_f64s(0.0); WIDE]);
    for (x, column) in zip(&mut x, left) {
        *x = vector::<S>(&column.last, from);
    }
    for (y, column) in zip(&mut y, right) {
        *y = vector::<S>(&column.last, from);
    }
    add(simd, &x, &y, &mut sums);
    for row in 0..HIGH {
        for column in 0..WIDE {
            let place = &mut lanes[row][column][from..from + S::F64_LANES];
            S::as_mut_simd_f64s(place).0[0] = sums[row][column];
        }
    }
}

/// Some of eight rows.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn vector<S: Simd>(group: &[f64; LANES], from: usize) -> S::f64s {
    S::as_simd_f64s(&group[from..from + S::F64_LANES]).0[0]
}

/// Adds the product of each with each.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn add<S: Simd, const HIGH: usize>(
    simd: S,
    left: &[S::f64s; HIGH],
    right: &[S::f64s; WIDE],
    sums: &mut [[S::f64s; WIDE]; HIGH],
) {
    for (sums, &x) in zip(sums, left) {
        for (sum, &y) in zip(sums, right) {
            *sum = simd.add_f64s(*sum, simd.mul_f64s(x, y));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By each of this machine's instruction sets, and by the one that is chosen.
    fn by_all(columns: &[&[f64]], before: f64) -> Vec<Vec<f64>> {
        let mut all = Vec::new();
        let mut of = |multiply: &dyn Fn(Gram<'_>)| {
            let mut sums = vec![before; columns.len() * (columns.len() + 1) / 2];
            multiply(Gram { columns, sums: &mut sums });
            all.push(sums);
        };
        of(&|gram| gram.with_simd(pulp::Scalar::new()));
        of(&|Gram { columns, sums }| add_gram(columns, sums));
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(simd) = pulp::x86::V3::try_new() {
                of(&|gram| Simd::vectorize(simd, gram));
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                of(&|gram| Simd::vectorize(simd, gram));
            }
        }
        all
    }

    fn cases() -> impl Strategy<Value = Vec<Vec<f64>>> {
        (1usize..14, 1usize..60).prop_flat_map(|(width, rows)| {
            prop::collection::vec(prop::collection::vec(-1e3..1e3, rows), width)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_instruction_set_adds_in_one_order(columns in cases()) {
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let found = by_all(&columns, 3.0);
            for (column, place) in (0..columns.len()).flat_map(|c| (0..=c).map(move |r| (c, r))) {
                let at = column * (column + 1) / 2 + place;
                let products = zip(columns[column], columns[place]).map(|(x, y)| x * y);
                let mut lanes = [0.0; LANES];
                products.clone().enumerate().for_each(|(row, xy)| lanes[row % LANES] += xy);
                let [a, b, c, d, e, f, g, h] = lanes;
                let sum: f64 = 3.0 + (((a + b) + (c + d)) + ((e + f) + (g + h)));
                for found in &found {
                    prop_assert_eq!(found[at].to_bits(), sum.to_bits(), "{} and {}", place, column);
                }
                // And that is the product: n u of the sum of sizes (Higham 2002, 4.2), and what the plain
                // sum rounds.
                let sizes: f64 = products.clone().map(f64::abs).sum();
                let plain = 3.0 + products.clone().sum::<f64>();
                let bound = 2.0 * (columns[0].len() + 2) as f64 * f64::EPSILON * (sizes + 3.0);
                prop_assert!((sum - plain).abs() <= bound, "{sum} {plain}");
            }
        }
    }

    #[test]
    fn no_rows_add_nothing() {
        assert!(
            by_all(&[&[], &[]], 1.5).iter().flatten().all(|sum| sum.to_bits() == 1.5f64.to_bits())
        );
    }
}
