//! Counts of numbers in buckets whose width grows with the number: quantiles without the numbers.

use serde::{Deserialize, Serialize};
use twoblade_core::{Integers, merge_fields};

/// Bits of the fraction that tell buckets apart: 64 of them between a power of two and the next.
const BITS: u32 = 6;
/// Bits of the fraction of a double.
const FRACTION: u32 = 52;
/// Biased exponents of 2^-64, where narrow buckets begin, and of 2^64, where they end.
const FINE_LOW: u64 = 1023 - 64;
const FINE_HIGH: u64 = 1023 + 64;
/// Biased exponent of what is not finite.
const END: u64 = 2047;
/// Buckets of one sign: one a power of two, then 64 of them, then one again.
#[expect(clippy::cast_possible_truncation, reason = "about ten thousand")]
const SIDE: usize = (FINE_LOW + ((FINE_HIGH - FINE_LOW) << BITS) + (END - FINE_HIGH)) as usize;
/// Where zero is counted; below it the negative numbers, above it the positive ones.
const ZERO: usize = SIDE;

/// How many finite numbers there are in each of a fixed set of buckets.
///
/// Zero has a bucket of its own. Between 2^-64 and 2^64, of either sign, a bucket is 2^-6 of a power
/// of two wide: what stands for it, the harmonic mean of its ends, is at most
/// [`Quantile::ERROR`](super::Quantile::ERROR) away from anything in it, relative to that. Beyond, a bucket is a power of two, and the error up
/// to a third. A bucket contains the end that is nearer to zero. So an integer below 128 has a bucket
/// of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Buckets {
    counts: Integers,
}
merge_fields!(Buckets { counts });

impl Buckets {
    pub(super) fn new() -> Self {
        Self { counts: Integers::new(2 * SIDE + 1) }
    }

    /// Bytes in memory and saved.
    pub(super) fn bytes() -> usize {
        Integers::bytes(2 * SIDE + 1) + 16
    }

    /// Whether there are as many buckets as there have to be: what is loaded may be anything.
    pub(super) fn is_whole(&self) -> bool {
        self.counts.values().len() == 2 * SIDE + 1
    }

    /// Adds finite numbers.
    pub(super) fn add(&mut self, values: impl Iterator<Item = f64>) {
        let counts = self.counts.values_mut();
        for value in values {
            counts[place(value)] += 1;
        }
    }

    /// The bucket that holds the number of this rank, from 1.
    pub(super) fn at_rank(&self, rank: u64) -> Bucket {
        let mut below = 0;
        for (place, &count) in self.counts.values().iter().enumerate() {
            below += count.cast_unsigned();
            if below >= rank {
                return Bucket(place);
            }
        }
        Bucket(2 * SIDE)
    }

    /// How many numbers are in buckets `from..to`.
    pub(super) fn between(&self, from: Bucket, to: Bucket) -> u64 {
        let counts = self.counts.values().get(from.0..to.0).unwrap_or_default();
        counts.iter().map(|count| count.cast_unsigned()).sum()
    }
}

/// One of the buckets; they are in the order of what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bucket(usize);

impl Bucket {
    /// Before all others, and behind all others.
    pub(super) const FIRST: Self = Self(0);
    pub(super) const END: Self = Self(2 * SIDE + 1);

    /// The one that this finite number is counted in.
    pub(super) fn of(value: f64) -> Self {
        Self(place(value))
    }

    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The end towards lower numbers.
    pub(super) fn lower(self) -> f64 {
        if self.0 >= ZERO { magnitude(self.0.saturating_sub(ZERO + 1)) } else { -self.outer() }
    }

    /// What stands for everything in it.
    pub(super) fn middle(self) -> f64 {
        if self.0 == ZERO {
            return 0.0;
        }
        let (inner, outer) = (self.inner(), self.outer());
        let middle = harmonic(inner, outer);
        if self.0 < ZERO { -middle } else { middle }
    }

    /// What stands for the integers in it: themselves where there is one alone.
    pub(super) fn whole(self) -> f64 {
        let (inner, outer) = (self.inner().ceil(), self.outer().ceil() - 1.0);
        if self.0 == ZERO || inner > outer {
            return self.middle().round();
        }
        let middle = harmonic(inner, outer).round();
        if self.0 < ZERO { -middle } else { middle }
    }

    /// How far from zero it begins.
    fn inner(self) -> f64 {
        magnitude(self.side())
    }

    /// How far from zero it ends.
    fn outer(self) -> f64 {
        magnitude(self.side() + 1)
    }

    /// Its number among those of its sign, from zero outward.
    fn side(self) -> usize {
        if self.0 < ZERO { ZERO - 1 - self.0 } else { self.0.saturating_sub(ZERO + 1) }
    }
}

/// 2ab / (a + b), so that both ends are equally far in relative terms.
fn harmonic(a: f64, b: f64) -> f64 {
    if a == 0.0 { b / 2.0 } else { a * (b / (a / 2.0 + b / 2.0)) }
}

fn place(value: f64) -> usize {
    let bits = value.to_bits() & (u64::MAX >> 1);
    let (low, high) = (FINE_LOW << FRACTION, FINE_HIGH << FRACTION);
    let side = if bits >= low && bits < high {
        FINE_LOW + ((bits - low) >> (FRACTION - BITS))
    } else if bits < low {
        if bits == 0 {
            return ZERO;
        }
        bits >> FRACTION
    } else {
        FINE_LOW + ((FINE_HIGH - FINE_LOW) << BITS) + ((bits - high) >> FRACTION)
    };
    #[expect(clippy::cast_possible_truncation, reason = "below SIDE for what is finite")]
    let side = (side as usize).min(SIDE - 1);
    if value < 0.0 { ZERO - 1 - side } else { ZERO + 1 + side }
}

/// How far from zero the bucket of this number on its side begins; the largest double for the end.
fn magnitude(side: usize) -> f64 {
    let side = side as u64;
    let fine = (FINE_HIGH - FINE_LOW) << BITS;
    let bits = if side < FINE_LOW {
        side << FRACTION
    } else if side < FINE_LOW + fine {
        (FINE_LOW << FRACTION) + ((side - FINE_LOW) << (FRACTION - BITS))
    } else {
        (FINE_HIGH + side - FINE_LOW - fine) << FRACTION
    };
    f64::from_bits(bits).min(f64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Quantile;
    use super::*;

    #[test]
    fn small_integers_have_a_bucket_each() {
        for value in -127..=127 {
            let bucket = Bucket::of(f64::from(value));
            assert_eq!(bucket.whole().to_bits(), f64::from(value).to_bits());
            assert!(value == 127 || bucket < Bucket::of(f64::from(value + 1)));
        }
    }

    #[test]
    fn the_ends_of_doubles_have_buckets() {
        for value in [f64::MAX, f64::MIN_POSITIVE, 5e-324, 2f64.powi(64), 2f64.powi(-64)] {
            for value in [value, -value] {
                let bucket = Bucket::of(value);
                assert!(bucket.inner() <= value.abs() && value.abs() <= bucket.outer(), "{value}");
            }
        }
        assert_eq!(Bucket::of(-0.0), Bucket::of(0.0));
    }

    proptest! {
        #[test]
        fn a_bucket_stands_for_what_is_in_it(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_normal());
            let bucket = Bucket::of(value);
            prop_assert!(bucket.inner() <= value.abs() && value.abs() <= bucket.outer());
            let narrow = (2f64.powi(-64)..2f64.powi(64)).contains(&value.abs());
            // A third, and what rounding adds.
            let bound = if narrow { Quantile::ERROR } else { 1.0 / 3.0 + 1e-15 };
            prop_assert!((bucket.middle() - value).abs() <= bound * value.abs());
        }

        #[test]
        fn integers_stand_for_integers(value in any::<i32>()) {
            let value = f64::from(value);
            let whole = Bucket::of(value).whole();
            prop_assert!(whole.fract() == 0.0);
            prop_assert!((whole - value).abs() <= Quantile::ERROR * value.abs());
        }

        #[test]
        fn buckets_are_in_the_order_of_numbers(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite() && a < b);
            prop_assert!(Bucket::of(a) <= Bucket::of(b));
            prop_assert!(Bucket::of(a).lower() <= a);
        }
    }
}
