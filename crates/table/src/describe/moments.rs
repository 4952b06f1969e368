//! Sums of numbers and of their squares, exact whatever the numbers are.

use serde::{Deserialize, Serialize};
use twoblade_core::{ExactSum, merge_fields};

use super::digits::{RUN, sums};

/// Below this, 2^31 squares fit into 128 bits.
const SMALL: u64 = 1 << 48;

/// The bits of the fraction of a double.
const FRACTION: u64 = (1 << 52) - 1;

/// Biased exponents of 2^-400 and 2^400: whatever is between is summed by exponents.
const MIDDLE: std::ops::Range<usize> = 1023 - 400..1023 + 400;

/// Number of finite values, their sum and that of their squares, exactly.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Moments {
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
}
merge_fields!(Moments { count, sum, squares });

impl Moments {
    /// Bytes in memory and saved.
    pub(super) const fn bytes() -> usize {
        16 + 2 * ExactSum::BYTES
    }

    /// How many finite values there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Adds up to [`RUN`] finite doubles, whose sizes are at most `size`.
    ///
    /// Exactly and at once by their [digits](super::digits), unless they are of too different sizes.
    pub(super) fn add_floats(&mut self, values: &[f64], size: f64) {
        self.count += values.len() as u64;
        if size == 0.0 {
            return;
        }
        match sums(values, size) {
            Some(sums) => {
                sums.values.iter().for_each(|&sum| self.sum.add(sum));
                sums.squares.iter().for_each(|&sum| self.squares.add(sum));
            }
            None => self.add_by_exponents(values),
        }
    }

    /// Adds finite doubles, fewer than 2^22 of them, to the sums alone.
    ///
    /// Their fractions are summed as integers, a sum for each exponent, and added to the sums once
    /// (the large superaccumulator of R. M. Neal, arXiv:1505.05571). Very large and very small ones,
    /// whose squares are near the ends of what a double can be, are added one by one.
    fn add_by_exponents(&mut self, values: &[f64]) {
        let mut lowest = MIDDLE.end;
        let mut highest = MIDDLE.start;
        for &value in values {
            let exponent = exponent(value);
            lowest = lowest.min(if value == 0.0 { lowest } else { exponent });
            highest = highest.max(exponent);
        }
        if lowest < MIDDLE.start || highest >= MIDDLE.end {
            for &value in values {
                self.sum.add(value);
                self.squares.add_product(value, value);
            }
            return;
        }
        if lowest > highest {
            return; // zeros
        }
        let mut sums = vec![(0i128, 0u128); highest - lowest + 1];
        for &value in values {
            let bits = value.to_bits();
            // A zero counts as no number; it has no leading one.
            let Some(place) = exponent(value).checked_sub(lowest) else { continue };
            let fraction = bits & FRACTION | (FRACTION + 1);
            let signed = fraction.cast_signed();
            let (sum, squares) = &mut sums[place];
            *sum += i128::from(if value < 0.0 { -signed } else { signed });
            *squares += u128::from(fraction) * u128::from(fraction);
        }
        for (place, &(sum, squares)) in sums.iter().enumerate() {
            if squares != 0 {
                let unit = power(lowest + place) / 2f64.powi(52);
                add_wide(&mut self.sum, sum.unsigned_abs(), sum < 0, unit, 1.0);
                add_wide(&mut self.squares, squares, false, unit, unit);
            }
        }
    }

    /// Adds up to [`RUN`] integers, whose sizes are at most `size`.
    ///
    /// As doubles where that is exact. Else they are summed as integers, which is, and added to the sums
    /// once.
    pub(super) fn add_integers(&mut self, values: &[i64], size: u64) {
        if size <= 1 << f64::MANTISSA_DIGITS {
            let mut run = [0.0; RUN];
            let run = &mut run[..values.len()];
            run.iter_mut().zip(values).for_each(|(to, &value)| *to = value as f64);
            return self.add_floats(run, size as f64);
        }
        self.count += values.len() as u64;
        let (mut sum, mut squares) = (0i128, 0u128);
        for &value in values {
            sum += i128::from(value);
            let size = value.unsigned_abs();
            if size < SMALL {
                squares += u128::from(size) * u128::from(size);
            } else {
                self.add_large_square(size);
            }
        }
        add_wide(&mut self.sum, sum.unsigned_abs(), sum < 0, 1.0, 1.0);
        add_wide(&mut self.squares, squares, false, 1.0, 1.0);
    }

    /// (2^32 h + l)^2, in products of doubles that are exact.
    fn add_large_square(&mut self, size: u64) {
        let low = (size & 0xffff_ffff) as f64;
        let high = (size >> 32 << 32) as f64;
        self.squares.add_product(high, high);
        self.squares.add_product(2.0 * high, low);
        self.squares.add_product(low, low);
    }

    /// Mean; NaN where there is nothing.
    pub(super) fn mean(&self) -> f64 {
        self.sum.value() / self.count as f64
    }

    /// Standard deviation over n - 1; NaN where there are fewer than two.
    ///
    /// With m the mean as a double: sum (x - m)^2 = sum x^2 - 2 m sum x + n m^2, combined exactly and
    /// rounded once, so nothing cancels. It is too large by n (mean - m)^2, far below its last bit
    /// unless all values are nearly one.
    pub(super) fn deviation(&self) -> f64 {
        if self.count < 2 {
            return f64::NAN;
        }
        let (count, mean) = (self.count as f64, self.mean());
        let mut squares = self.squares.clone();
        squares.add_scaled(&self.sum, -2.0 * mean);
        let mut square = ExactSum::default();
        square.add_product(mean, mean);
        squares.add_scaled(&square, count);
        // n (mean - m)^2, for values that are nearly one: the rest of the mean is known exactly too.
        let mut rest = self.sum.clone();
        let mut rounded = ExactSum::default();
        rounded.add(mean);
        rest.add_scaled(&rounded, -count);
        let rest = rest.value();
        squares.add_product(-rest, rest / count);
        (squares.value().max(0.0) / (count - 1.0)).sqrt()
    }
}

/// The biased exponent of a double.
fn exponent(value: f64) -> usize {
    usize::from((value.to_bits() >> 52) as u16 & 0x7ff)
}

/// The power of two of this biased exponent.
fn power(exponent: usize) -> f64 {
    f64::from_bits((exponent as u64) << 52)
}

/// Adds an integer times two powers of two, in pieces that are doubles exactly.
fn add_wide(sum: &mut ExactSum, size: u128, negative: bool, unit: f64, other: f64) {
    let unit = if negative { -unit } else { unit };
    for piece in 0..3 {
        #[expect(clippy::cast_possible_truncation, reason = "masked to 48 bits")]
        let part = (size >> (48 * piece)) as u64 & (SMALL - 1);
        if part != 0 {
            sum.add_product(part as f64 * unit, power(1023 + 48 * piece) * other);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against the same in 256 bits: n times the sum of squared deviations times n is an integer.
        #[test]
        fn integers_of_any_size_are_summed_exactly(
            values in prop::collection::vec(
                prop_oneof![any::<i64>(), -1000i64..1000, Just(i64::MIN), Just(i64::MAX)], 2..40)
        ) {
            let mut moments = Moments::default();
            let size = values.iter().map(|value| value.unsigned_abs()).max().unwrap();
            moments.add_integers(&values, size);
            let sum: i128 = values.iter().map(|&value| i128::from(value)).sum();
            let mean = sum as f64 / values.len() as f64;
            prop_assert!((moments.mean() - mean).abs() <= 1e-15 * mean.abs());
            // Deviations as integers over n: |n x - sum| < 2^76, exact; their squares as doubles.
            let count = values.len() as i128;
            let squares: f64 = values
                .iter()
                .map(|&value| ((count * i128::from(value) - sum) as f64).powi(2))
                .sum();
            let n = count as f64;
            let deviation = (squares / (n * n) / (n - 1.0)).sqrt();
            // Forty roundings of 1e-16 in the reference.
            prop_assert!((moments.deviation() - deviation).abs() <= 1e-14 * deviation);
        }
    }

    proptest! {
        /// To the bit: one at a time leads past the sums by exponents wherever it can.
        #[test]
        fn floats_are_summed_as_if_one_by_one(
            values in prop::collection::vec(
                prop_oneof![
                    (-500i32..500, -1.0..1.0).prop_map(|(power, x)| x * 2f64.powi(power)),
                    -1.0..1.0,
                    Just(0.0),
                ],
                1..60,
            ),
            same in any::<bool>(),
        ) {
            let values: Vec<f64> =
                values.into_iter().filter(|x: &f64| !same || x.abs() > 2f64.powi(-390)).collect();
            let mut moments = Moments::default();
            let size = values.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
            moments.add_floats(&values, size);
            let mut plain = Moments { count: values.len() as u64, ..Moments::default() };
            for &value in &values {
                plain.sum.add(value);
                plain.squares.add_product(value, value);
            }
            let bits = |sum: &ExactSum| sum.value().to_bits();
            prop_assert_eq!(bits(&moments.sum), bits(&plain.sum));
            prop_assert_eq!(bits(&moments.squares), bits(&plain.squares));
        }
    }

    #[test]
    fn values_that_are_one_have_no_deviation() {
        let mut moments = Moments::default();
        moments.add_floats(&[0.1; 7], 0.1);
        assert!(moments.deviation() < 1e-17, "{}", moments.deviation());
        assert!((moments.mean() - 0.1).abs() < 1e-16);
    }
}
