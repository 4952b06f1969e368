//! Doubles cut into digits, so that their sums and those of their squares are exact at full speed.
//!
//! A double is at most four digits of 21 bits, on grids that its greatest neighbour sets: adding and
//! subtracting a large number rounds to a grid, and what is left goes on to the next (the extraction of
//! Rump, Ogita and Oishi, SIAM J. Sci. Comput. 31:189, 2008). Digits, and products of two, are small
//! integers in units of their grid, so doubles add up a thousand of them without rounding, in any order
//! and with any instructions.

use std::iter::zip;

use pulp::{Arch, Simd, WithSimd};

/// Doubles that are summed at a time: 2^10 times four products below 2^40 in size are below 2^53.
pub(super) const RUN: usize = 1024;
const DIGITS: usize = 4;
const BITS: i32 = 21;
/// Different units of products of two digits.
const SQUARES: usize = 2 * DIGITS - 1;
/// Vectors of any instruction set are of so many doubles or a part of it.
const WIDE: usize = 8;
/// Biased exponents of 2^-400 and 2^400: the greatest double is to be between, so that no unit of a
/// product is below all doubles.
const MIDDLE: std::ops::Range<i32> = 1023 - 400..1023 + 400;

/// What some doubles and their squares add up to: exactly the sum of these.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    pub(super) values: [f64; DIGITS],
    pub(super) squares: [f64; SQUARES],
}

/// The least and the greatest of some doubles, 0 for either zero; `None` if there is none, or if one
/// is not finite.
pub(super) fn ends(values: &[f64]) -> Option<(f64, f64)> {
    Arch::new().dispatch(Ends(values))
}

/// Sums up to [`RUN`] doubles, none of which is greater than `size`; `None` if four digits do not hold
/// them, because some are far smaller than that.
pub(super) fn sums(values: &[f64], size: f64) -> Option<Sums> {
    debug_assert!(values.len() <= RUN);
    let biased = i32::from((size.to_bits() >> 52) as u16 & 0x7ff);
    // `size` is below 2^(biased - 1022), and the first digit in units of 2^20 less.
    let first = biased - 1022 - (BITS - 1);
    MIDDLE.contains(&biased).then(|| Arch::new().dispatch(Digits { values, first }))?
}

#[derive(Clone, Copy)]
struct Ends<'a>(&'a [f64]);

impl WithSimd for Ends<'_> {
    type Output = Option<(f64, f64)>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let (whole, tail) = self.0.as_chunks::<WIDE>();
        let mut last = [*self.0.first()?; WIDE];
        last[..tail.len()].copy_from_slice(tail);
        let mut least = simd.splat_f64s(f64::INFINITY);
        let mut greatest = simd.splat_f64s(f64::NEG_INFINITY);
        let zero = simd.splat_f64s(0.0);
        // 0 times what is not finite is NaN, and stays.
        let mut nothing = zero;
        for values in [whole.as_flattened(), &last] {
            let (vectors, _) = S::as_simd_f64s(values);
            for &x in vectors {
                least = simd.min_f64s(least, x);
                greatest = simd.max_f64s(greatest, x);
                nothing = simd.mul_add_e_f64s(x, zero, nothing);
            }
        }
        let finite = !simd.reduce_sum_f64s(nothing).is_nan();
        let ends = || (simd.reduce_min_f64s(least) + 0.0, simd.reduce_max_f64s(greatest) + 0.0);
        finite.then(ends)
    }
}

#[derive(Clone, Copy)]
struct Digits<'a> {
    values: &'a [f64],
    /// The exponent of the unit of the first digit.
    first: i32,
}

impl WithSimd for Digits<'_> {
    type Output = Option<Sums>;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) -> Option<Sums> {
        let Self { values, first } = self;
        let (whole, tail) = values.as_chunks::<WIDE>();
        let mut last = [0.0; WIDE];
        last[..tail.len()].copy_from_slice(tail);
        let zero = simd.splat_f64s(0.0);
        // Beside 1.5 * 2^52 units, units are all that a double has.
        let units = [0, 1, 2, 3].map(|place| first - BITS * place);
        let rounders = units.map(|unit| simd.splat_f64s(1.5 * power(unit + 52)));
        let (mut sums, mut squares, mut left) = ([zero; DIGITS], [zero; SQUARES], zero);
        for values in [whole.as_flattened(), &last] {
            let (vectors, _) = S::as_simd_f64s(values);
            for &x in vectors {
                let (mut rest, mut digits) = (x, [zero; DIGITS]);
                for (digit, &rounder) in zip(&mut digits, &rounders) {
                    *digit = simd.sub_f64s(simd.add_f64s(rest, rounder), rounder);
                    rest = simd.sub_f64s(rest, *digit);
                }
                left = simd.max_f64s(left, simd.abs_f64s(rest));
                for (sum, &digit) in zip(&mut sums, &digits) {
                    *sum = simd.add_f64s(*sum, digit);
                }
                for one in 0..DIGITS {
                    let (digit, twice) = (digits[one], simd.add_f64s(digits[one], digits[one]));
                    let square = &mut squares[2 * one];
                    *square = simd.mul_add_e_f64s(digit, digit, *square);
                    for other in one + 1..DIGITS {
                        let square = &mut squares[one + other];
                        *square = simd.mul_add_e_f64s(twice, digits[other], *square);
                    }
                }
            }
        }
        let whole = simd.reduce_max_f64s(left) == 0.0;
        whole.then(|| Sums {
            values: sums.map(|sum| simd.reduce_sum_f64s(sum)),
            squares: squares.map(|square| simd.reduce_sum_f64s(square)),
        })
    }
}

/// 2^exponent, which is to be the exponent of a normal double.
fn power(exponent: i32) -> f64 {
    f64::from_bits(u64::from((exponent + 1023).unsigned_abs()) << 52)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    use twoblade_core::ExactSum;

    /// By each of this machine's instruction sets, and by the one that is chosen.
    fn by_all<W: WithSimd + Copy>(what: W) -> Vec<W::Output> {
        let mut all = vec![what.with_simd(pulp::Scalar::new()), Arch::new().dispatch(what)];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(pulp::x86::V3::try_new().map(|simd| Simd::vectorize(simd, what)));
            all.extend(pulp::x86::V4::try_new().map(|simd| Simd::vectorize(simd, what)));
        }
        all
    }

    /// Numbers within 2^-25 and 2^5 with all their bits, decimals, whole ones, and the largest digits.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-24i32..5, 0.5..1.0).prop_map(|(power, x)| x * 2f64.powi(power)),
            (-40_000..40_000).prop_map(|x| f64::from(x) / 1e4),
            (-9i32..9).prop_map(f64::from),
            Just(-32.0),
            Just(32.0 - 2f64.powi(-48)),
            Just(-0.0),
        ]
    }

    proptest! {
        #[test]
        fn sums_are_exact_by_every_instruction_set(
            run in prop_oneof![
                prop::collection::vec(value(), 1..70),
                value().prop_map(|x| vec![x; RUN]),
                value().prop_map(|x| [x, -x].repeat(RUN / 2)),
            ],
            power in -390i32..390,
        ) {
            let values: Vec<f64> = run.iter().map(|x| x * 2f64.powi(power)).collect();
            let (mut plain, mut squares) = (ExactSum::default(), ExactSum::default());
            for &value in &values {
                plain.add(value);
                squares.add_product(value, value);
            }
            let size = values.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
            let biased = i32::try_from(size.to_bits() >> 52).unwrap();
            if MIDDLE.contains(&biased) {
                let first = biased - 1022 - (BITS - 1);
                for found in by_all(Digits { values: &values, first }) {
                    let Sums { values, squares: found } = found.expect("within 2^30, and 53 bits");
                    let sum = |sums: &[f64]| {
                        let mut all = ExactSum::default();
                        for &sum in sums {
                            all.add(sum);
                        }
                        all
                    };
                    prop_assert_eq!(sum(&values), plain.clone());
                    prop_assert_eq!(sum(&found), squares.clone());
                }
            }
        }

        #[test]
        fn what_four_digits_do_not_hold_is_none(small in 31i32..300, place in 0usize..40) {
            let mut values = vec![1.0; 40];
            // With its last bit at 2^(-52 - small): below 2^-83 from 31 on.
            values[place] = (1.0 + f64::EPSILON) * 2f64.powi(-small);
            values[39 - place] = 1.0;
            for found in by_all(Digits { values: &values, first: 1 - (BITS - 1) }) {
                prop_assert!(found.is_none());
            }
            values[place] = (1.0 + f64::EPSILON) * 2f64.powi(-30);
            prop_assert!(sums(&values, 1.0).is_some());
        }

        #[test]
        fn ends_are_the_least_and_the_greatest(
            mut values in prop::collection::vec(any::<f64>(), 0..40), zero in any::<bool>(),
        ) {
            if zero {
                values.push(-0.0);
            }
            let expected = values.iter().all(|x| x.is_finite()).then(|| {
                let least = values.iter().copied().reduce(f64::min)?;
                Some((least + 0.0, values.iter().copied().reduce(f64::max)? + 0.0))
            });
            let bits = |ends: (f64, f64)| (ends.0.to_bits(), ends.1.to_bits());
            for found in by_all(Ends(&values)) {
                prop_assert_eq!(found.map(bits), expected.flatten().map(bits));
            }
        }
    }

    #[test]
    fn what_is_not_finite_has_no_ends() {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for place in 0..20 {
                let mut values = [1.0; 20];
                values[place] = wrong;
                assert!(by_all(Ends(&values)).iter().all(Option::is_none), "{wrong} at {place}");
            }
        }
    }

    #[test]
    fn sizes_beyond_the_middle_are_none() {
        for size in [0.0, 2f64.powi(-401), 2f64.powi(400), f64::MAX, 5e-324] {
            assert!(sums(&[size], size).is_none(), "{size}");
        }
        assert!(sums(&[2f64.powi(-400)], 2f64.powi(-400)).is_some());
    }
}
