//! Sums over rows of numbers: products of columns, and projections.
//!
//! Each sum adds row after row, so its bits do not depend on how many of them go side by side.

use pulp::Simd;

use crate::pairs::pair;

/// So many components against as many others are summed at once where there are registers for it: each number is
/// then loaded once for several products. A single sum would wait for its last addition.
const MANY: usize = 4;
/// And so many components against `MANY`, where registers are few.
const FEW: usize = 2;
/// Projections that are summed at once: few registers hold the sums of so many.
const ALONG: usize = 8;
/// Registers that hold `MANY` times `MANY` sums, and what goes into them.
const REGISTERS: usize = 32;

/// Rows of numbers of some components, side by side. Each has so many that they fill vectors, or is followed by
/// something else that does, whatever it is: what that adds up to is looked at by nobody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    /// And as many numbers as a vector may reach beyond the last row.
    pub(crate) numbers: &'a [f64],
    pub(crate) count: usize,
    /// From one row to the next.
    pub(crate) stride: usize,
    pub(crate) components: usize,
    /// From one component to the next.
    pub(crate) apart: usize,
    /// Numbers of a component, in whole vectors.
    pub(crate) filled: usize,
}

impl Rows<'_> {
    /// Numbers of a row in whole vectors.
    pub(crate) fn width<S: Simd>(&self) -> usize {
        (self.components * self.apart).next_multiple_of(S::F64_LANES)
    }

    /// The vector of a row that begins with the number `first`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn vector<S: Simd>(&self, row: usize, first: usize) -> S::f64s {
        let numbers = &self.numbers[row * self.stride + first..][..S::F64_LANES];
        S::as_simd_f64s(numbers).0[0]
    }
}

/// For each pair of components k <= l adds a_k a_l to its `filled` sums for one row after the other.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
pub(crate) fn add_pairs<S: Simd>(simd: S, sums: &mut [f64], rows: Rows<'_>) {
    debug_assert!(rows.filled.is_multiple_of(S::F64_LANES));
    if S::REGISTER_COUNT < REGISTERS {
        all_pairs::<S, FEW>(simd, sums, rows);
    } else {
        all_pairs::<S, MANY>(simd, sums, rows);
    }
}

/// The same, of `K` components with others at a time.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn all_pairs<S: Simd, const K: usize>(simd: S, sums: &mut [f64], rows: Rows<'_>) {
    let components = rows.components;
    for k in (0..components).step_by(K) {
        let some = K.min(components - k);
        match some {
            1 => pairs::<S, 1, 1, true>(simd, sums, rows, (k, k)),
            2 => pairs::<S, 2, 2, true>(simd, sums, rows, (k, k)),
            3 => pairs::<S, 3, 3, true>(simd, sums, rows, (k, k)),
            _ => pairs::<S, MANY, MANY, true>(simd, sums, rows, (k, k)),
        }
        for l in (k + some..components).step_by(MANY) {
            match MANY.min(components - l) {
                1 => pairs::<S, K, 1, false>(simd, sums, rows, (k, l)),
                2 => pairs::<S, K, 2, false>(simd, sums, rows, (k, l)),
                3 => pairs::<S, K, 3, false>(simd, sums, rows, (k, l)),
                _ => pairs::<S, K, MANY, false>(simd, sums, rows, (k, l)),
            }
        }
    }
}

/// Pairs of `K` components from `k` on with `L` from `l` on; where these are the `SAME`, each pair once.
#[expect(clippy::needless_range_loop, reason = "a place is the same one of several arrays")]
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn pairs<S: Simd, const K: usize, const L: usize, const SAME: bool>(
    simd: S,
    sums: &mut [f64],
    rows: Rows<'_>,
    (k, l): (usize, usize),
) {
    let Rows { components, apart, filled, .. } = rows;
    // No closure here: it would be compiled for the least of machines.
    let mut places = [[0; L]; K];
    for x in 0..K {
        for y in 0..L {
            if !SAME || x <= y {
                places[x][y] = pair(k + x, l + y, components) * filled;
            }
        }
    }
    for at in 0..filled / S::F64_LANES {
        let first = at * S::F64_LANES;
        let mut some = [[simd.splat_f64s(0.0); L]; K];
        for x in 0..K {
            for y in 0..L {
                if !SAME || x <= y {
                    some[x][y] = S::as_simd_f64s(&sums[places[x][y]..][..filled]).0[at];
                }
            }
        }
        for row in 0..rows.count {
            let mut ys = [simd.splat_f64s(0.0); L];
            for y in 0..L {
                ys[y] = rows.vector::<S>(row, (l + y) * apart + first);
            }
            for x in 0..K {
                let of = rows.vector::<S>(row, (k + x) * apart + first);
                for y in 0..L {
                    if !SAME || x <= y {
                        some[x][y] = simd.add_f64s(some[x][y], simd.mul_f64s(of, ys[y]));
                    }
                }
            }
        }
        for x in 0..K {
            for y in 0..L {
                if !SAME || x <= y {
                    let to = &mut sums[places[x][y]..][..filled];
                    S::as_mut_simd_f64s(to).0[at] = some[x][y];
                }
            }
        }
    }
}

/// For each projection adds q_i a_i to its row of sums, as wide as rows are in whole vectors, for one row after
/// the other.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
pub(crate) fn add_along<S: Simd>(simd: S, sums: &mut [f64], rows: Rows<'_>, basis: &[&[f64]]) {
    for (sums, q) in sums.chunks_mut(ALONG * rows.width::<S>()).zip(basis.chunks(ALONG)) {
        match q.len() {
            1 => along::<S, 1>(simd, sums, rows, q),
            2 => along::<S, 2>(simd, sums, rows, q),
            3 => along::<S, 3>(simd, sums, rows, q),
            4 => along::<S, 4>(simd, sums, rows, q),
            5 => along::<S, 5>(simd, sums, rows, q),
            6 => along::<S, 6>(simd, sums, rows, q),
            7 => along::<S, 7>(simd, sums, rows, q),
            _ => along::<S, ALONG>(simd, sums, rows, q),
        }
    }
}

/// `R` projections.
#[expect(clippy::needless_range_loop, reason = "a row is the same place of several slices")]
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn along<S: Simd, const R: usize>(simd: S, sums: &mut [f64], rows: Rows<'_>, basis: &[&[f64]]) {
    let width = rows.width::<S>();
    // Cut to the rows, so that a row of all is inside each.
    let mut q = [&[][..]; R];
    for r in 0..R {
        q[r] = &basis[r][..rows.count];
    }
    for at in 0..width / S::F64_LANES {
        let mut some = [simd.splat_f64s(0.0); R];
        for r in 0..R {
            some[r] = S::as_simd_f64s(&sums[r * width..][..width]).0[at];
        }
        for row in 0..rows.count {
            let x = rows.vector::<S>(row, at * S::F64_LANES);
            for r in 0..R {
                some[r] = simd.add_f64s(some[r], simd.mul_f64s(simd.splat_f64s(q[r][row]), x));
            }
        }
        for r in 0..R {
            S::as_mut_simd_f64s(&mut sums[r * width..][..width]).0[at] = some[r];
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::WithSimd;
    use twoblade_core::{Instructions, Random};
    use twoblade_geno::kernel::run_wide;

    use super::*;

    const ROWS: usize = 5;
    /// A vector may reach so far beyond the last row.
    const BEYOND: usize = 8;

    /// Components close to each other, or in places of their own.
    struct Both<'a> {
        numbers: &'a [f64],
        components: usize,
        probes: usize,
        close: bool,
        basis: &'a [&'a [f64]],
    }

    impl WithSimd for Both<'_> {
        /// Sums of pairs and of projections, without what fills them up.
        type Output = [Vec<f64>; 2];

        #[inline(always)]
        #[expect(
            clippy::inline_always,
            reason = "it is compiled for the instructions of its caller"
        )]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let Self { numbers, components, probes, close, basis } = self;
            let filled = probes.next_multiple_of(S::F64_LANES);
            let apart = if close { probes } else { filled };
            let stride = components * apart;
            let mut placed = vec![f64::NAN; ROWS * stride + BEYOND];
            for (at, numbers) in numbers.chunks_exact(probes).enumerate() {
                placed[at * apart..][..probes].copy_from_slice(numbers);
            }
            let rows = Rows { numbers: &placed, count: ROWS, stride, components, apart, filled };
            let mut pairs = vec![0.0; crate::pairs::pairs(components) * filled];
            add_pairs(simd, &mut pairs, rows);
            let width = rows.width::<S>();
            let mut along = vec![0.0; basis.len() * width];
            add_along(simd, &mut along, rows, basis);
            let pairs = pairs.chunks_exact(filled).flat_map(|sums| &sums[..probes]);
            let along = along
                .chunks_exact(width.max(1))
                .flat_map(|sums| (0..components).flat_map(move |k| &sums[k * apart..][..probes]));
            [pairs.copied().collect(), along.copied().collect()]
        }
    }

    /// Whatever stands beside the numbers, and however many components, probes and projections there are.
    #[test]
    fn sums_are_those_of_plain_loops_to_the_bit() {
        let random = Random::new(4, 0);
        for components in [1, 2, 3, 4, 5, 7, 8, 9, 12] {
            for (probes, projections) in [(1, 3), (4, 0), (7, 9), (8, 17), (10, 7), (19, 6)] {
                let row = components * probes;
                let number = |of: u32, at: usize| random.uniform(at as u64, of) - 0.5;
                let numbers: Vec<f64> = (0..ROWS * row).map(|at| number(0, at)).collect();
                let q: Vec<f64> = (0..ROWS * projections).map(|at| number(1, at)).collect();
                let basis: Vec<&[f64]> = q.chunks_exact(ROWS).collect();
                let mut pairs = Vec::new();
                for k in 0..components {
                    for (l, probe) in (k..components).flat_map(|l| (0..probes).map(move |b| (l, b)))
                    {
                        let of = |i: usize, c: usize| numbers[i * row + c * probes + probe];
                        pairs.push((0..ROWS).fold(0.0, |sum, i| sum + of(i, k) * of(i, l)));
                    }
                }
                let along = basis.iter().flat_map(|q| {
                    let of = |at: usize| {
                        (0..ROWS).fold(0.0, |sum, i| sum + q[i] * numbers[i * row + at])
                    };
                    (0..row).map(of).collect::<Vec<f64>>()
                });
                let expected = [pairs, along.collect()];
                for instructions in Instructions::ALL {
                    for close in [true, false] {
                        let (numbers, basis) = (&numbers[..], &basis[..]);
                        let both = Both { numbers, components, probes, close, basis };
                        let found = run_wide(instructions, both);
                        assert_eq!(
                            found, expected,
                            "{instructions}: {components} x {probes}, {projections}, {close}"
                        );
                    }
                }
            }
        }
    }
}
