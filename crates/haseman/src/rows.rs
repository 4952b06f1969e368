//! Sums over rows of numbers: products of columns, and projections.
//!
//! Each sum adds row after row, so its bits do not depend on how many of them go side by side.

use pulp::Simd;

/// Sums of so many columns or projections are made at once: one would wait for its last addition.
const SEVERAL: usize = 4;

/// For each pair of components k <= l adds a_k a_l to its sums, probe by probe, for one row of `a` after the
/// other. Components have so many probes that they are whole vectors.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
pub(crate) fn add_pairs<S: Simd>(
    simd: S,
    mut sums: &mut [f64],
    a: &[f64],
    (components, probes): (usize, usize),
) {
    debug_assert!(probes.is_multiple_of(S::F64_LANES));
    for k in 0..components {
        for l in (k..components).step_by(SEVERAL) {
            let some = SEVERAL.min(components - l);
            let here;
            (here, sums) = sums.split_at_mut(some * probes);
            let rows = Rows { a, row: components * probes };
            let of = (k * probes, l * probes, probes);
            match some {
                1 => pairs::<S, 1>(simd, here, rows, of),
                2 => pairs::<S, 2>(simd, here, rows, of),
                3 => pairs::<S, 3>(simd, here, rows, of),
                _ => pairs::<S, SEVERAL>(simd, here, rows, of),
            }
        }
    }
}

/// For each projection adds q_i a_i to its row of sums for one row of `a`, of `row` numbers, after the other.
/// Rows are whole vectors.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
pub(crate) fn add_along<S: Simd>(
    simd: S,
    sums: &mut [f64],
    (a, row): (&[f64], usize),
    basis: &[&[f64]],
) {
    debug_assert!(row.is_multiple_of(S::F64_LANES));
    let rows = Rows { a, row };
    for (sums, q) in sums.chunks_mut(SEVERAL * row).zip(basis.chunks(SEVERAL)) {
        match q.len() {
            1 => along::<S, 1>(simd, sums, rows, q),
            2 => along::<S, 2>(simd, sums, rows, q),
            3 => along::<S, 3>(simd, sums, rows, q),
            _ => along::<S, SEVERAL>(simd, sums, rows, q),
        }
    }
}

/// Rows of one width.
#[derive(Clone, Copy)]
struct Rows<'a> {
    a: &'a [f64],
    row: usize,
}

/// The component that begins at `k` in each row, and `R` others from `l` on.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn pairs<S: Simd, const R: usize>(
    simd: S,
    sums: &mut [f64],
    Rows { a, row }: Rows<'_>,
    (k, l, probes): (usize, usize, usize),
) {
    for at in 0..probes / S::F64_LANES {
        let mut some = [simd.splat_f64s(0.0); R];
        for r in 0..R {
            some[r] = S::as_simd_f64s(&sums[r * probes..][..probes]).0[at];
        }
        for a in a.chunks_exact(row) {
            let x = S::as_simd_f64s(&a[k..][..probes]).0[at];
            for r in 0..R {
                let y = S::as_simd_f64s(&a[l + r * probes..][..probes]).0[at];
                some[r] = simd.add_f64s(some[r], simd.mul_f64s(x, y));
            }
        }
        for r in 0..R {
            S::as_mut_simd_f64s(&mut sums[r * probes..][..probes]).0[at] = some[r];
        }
    }
}

/// `R` projections.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn along<S: Simd, const R: usize>(
    simd: S,
    sums: &mut [f64],
    Rows { a, row }: Rows<'_>,
    basis: &[&[f64]],
) {
    for at in 0..row / S::F64_LANES {
        let mut some = [simd.splat_f64s(0.0); R];
        for r in 0..R {
            some[r] = S::as_simd_f64s(&sums[r * row..][..row]).0[at];
        }
        for (i, a) in a.chunks_exact(row).enumerate() {
            let x = S::as_simd_f64s(a).0[at];
            for r in 0..R {
                some[r] = simd.add_f64s(some[r], simd.mul_f64s(simd.splat_f64s(basis[r][i]), x));
            }
        }
        for r in 0..R {
            S::as_mut_simd_f64s(&mut sums[r * row..][..row]).0[at] = some[r];
        }
    }
}
