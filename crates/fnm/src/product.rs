//! Correlations of all lesions with a panel of voxels.

use std::iter::zip;

use pulp::{Simd, WithSimd};

use crate::wide::dispatch;

/// Voxels of a panel: with a few hundred time points it stays in the nearest cache while all lesions
/// are multiplied with it.
pub(crate) const PANEL: usize = 32;
/// Lesions that are multiplied at a time. Their sums with the voxels of a panel stay in registers.
pub(crate) const GROUP: usize = 6;

/// For all lesions and the voxels of a panel the sums over time of products of floats, in doubles:
/// `out[l * stride + v]`, also for the lesions that fill up the last group.
///
/// A product of floats is exact in a double, so it does not matter whether a machine rounds it before
/// it adds; and each sum goes over time in order. So every machine finds the same bits.
pub(crate) fn correlate(seeds: &[[f64; GROUP]], panel: &[[f64; PANEL]], out: (&mut [f64], usize)) {
    dispatch(Product { seeds, panel, out });
}

struct Product<'a> {
    /// Group by group, each time point by time point.
    seeds: &'a [[f64; GROUP]],
    panel: &'a [[f64; PANEL]],
    out: (&'a mut [f64], usize),
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { seeds, panel, out: (out, stride) } = self;
        let groups = seeds.chunks_exact(panel.len().max(1));
        for (seeds, out) in zip(groups, out.chunks_mut(GROUP * stride)) {
            // Sums, the samples that they take and a seed fill the registers there are.
            if S::REGISTER_COUNT >= 32 {
                group::<S, 4>(simd, seeds, panel, (out, stride));
            } else {
                group::<S, 2>(simd, seeds, panel, (out, stride));
            }
        }
    }
}

/// One group of lesions with `WIDE` vectors of voxels at a time.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
fn group<S: Simd, const WIDE: usize>(
    simd: S,
    seeds: &[[f64; GROUP]],
    panel: &[[f64; PANEL]],
    (out, stride): (&mut [f64], usize),
) {
    let voxels = WIDE * S::F64_LANES;
    for first in (0..PANEL).step_by(voxels) {
        let mut sums = [[simd.splat_f64s(0.0); WIDE]; GROUP];
        for (seeds, row) in zip(seeds, panel) {
            let (row, _) = S::as_simd_f64s(&row[first..first + voxels]);
            let row: &[_; WIDE] = row.try_into().expect("a panel is of whole vectors");
            for (sums, &seed) in zip(&mut sums, seeds) {
                let seed = simd.splat_f64s(seed);
                for (sum, &x) in zip(sums, row) {
                    *sum = simd.mul_add_e_f64s(seed, x, *sum);
                }
            }
        }
        // One by one: a copy of many would keep the sums in memory all the while.
        for lesion in 0..GROUP {
            let out = &mut out[lesion * stride + first..][..voxels];
            let (out, _) = S::as_mut_simd_f64s(out);
            for (out, sum) in zip(out, &sums[lesion]) {
                *out = *sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of so many lesions and time points, by each of this machine's instruction sets, and by the one
    /// that is chosen.
    fn products(
        seeds: &[[f64; GROUP]],
        panel: &[[f64; PANEL]],
        (lesions, stride): (usize, usize),
    ) -> Vec<(&'static str, Vec<f64>)> {
        let mut all = Vec::new();
        let mut of = |name, multiply: &dyn Fn(Product<'_>)| {
            // What stands there before does not count.
            let mut out = vec![f64::NAN; lesions.next_multiple_of(GROUP) * stride];
            multiply(Product { seeds, panel, out: (&mut out, stride) });
            all.push((name, out));
        };
        of("scalar", &|product| product.with_simd(pulp::Scalar::new()));
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(simd) = pulp::x86::V3::try_new() {
                of("v3", &|product| Simd::vectorize(simd, product));
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                of("v4", &|product| Simd::vectorize(simd, product));
            }
        }
        of("chosen", &|Product { seeds, panel, out }| correlate(seeds, panel, out));
        all
    }

    /// Numbers below 2^24 in size, of either sign: their products are exact, and so are sums of these in
    /// integers.
    fn numbers(count: usize) -> impl Strategy<Value = Vec<i32>> {
        let size = prop_oneof![Just(0), -16_777_215..=16_777_215, -9..=9];
        prop::collection::vec(size, count)
    }

    fn cases() -> impl Strategy<Value = (usize, usize, Vec<i32>, Vec<i32>)> {
        (1usize..15, 1usize..70).prop_flat_map(|(lesions, times)| {
            (Just(lesions), Just(times), numbers(lesions * times), numbers(PANEL * times))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_instruction_set_adds_over_time_in_order((lesions, times, seeds, panel) in cases()) {
            let mut groups = vec![[0.0; GROUP]; lesions.div_ceil(GROUP) * times];
            for (at, seed) in seeds.iter().enumerate() {
                let (l, t) = (at / times, at % times);
                groups[l / GROUP * times + t][l % GROUP] = f64::from(*seed);
            }
            let rows: Vec<[f64; PANEL]> =
                panel.as_chunks().0.iter().map(|row: &[i32; PANEL]| row.map(f64::from)).collect();
            let stride = 2 * PANEL;
            let found = products(&groups, &rows, (lesions, stride));
            for (l, v) in (0..lesions).flat_map(|l| (0..PANEL).map(move |v| (l, v))) {
                let (mut sum, mut exact, mut sizes) = (0.0, 0i128, 0.0);
                for t in 0..times {
                    let (seed, x) = (seeds[l * times + t], panel[t * PANEL + v]);
                    sum += f64::from(seed) * f64::from(x);
                    exact += i128::from(seed) * i128::from(x);
                    sizes += (f64::from(seed) * f64::from(x)).abs();
                }
                for (name, out) in &found {
                    let out = out[l * stride + v];
                    prop_assert_eq!(out.to_bits(), f64::to_bits(sum), "{}: {} for {}", name, out, sum);
                    // (T - 1) u of the sum of sizes, where products are exact (Higham 2002, 4.2).
                    let bound = times as f64 * f64::EPSILON / 2.0 * sizes;
                    prop_assert!((out - exact as f64).abs() <= bound, "{name}: {out} for {exact}");
                }
            }
        }
    }

    #[test]
    fn no_voxel_beside_the_panel_is_touched() {
        let (seeds, panel) = ([[1.0; GROUP]; 3], [[2.0; PANEL]; 3]);
        for (name, out) in products(&seeds, &panel, (GROUP, 2 * PANEL)) {
            for row in out.chunks_exact(2 * PANEL) {
                assert!(row[..PANEL].iter().all(|sum| sum.to_bits() == 6f64.to_bits()), "{name}");
                assert!(row[PANEL..].iter().all(|sum| sum.is_nan()), "{name}");
            }
        }
    }
}
