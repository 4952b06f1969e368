//! The grid of a sum: integers that stand for multiples of a power of two.

use serde::{Deserialize, Serialize};

use crate::number::Number;

/// 1.5 x 2^52: adding it to a double below 2^51 in size rounds that double to an integer (ties to
/// even) and leaves the integer in the low bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
const ROUNDING_BITS: i64 = ROUNDING.to_bits().cast_signed();
/// Up to here the addition above is right.
const FAST: f64 = 2_251_799_813_685_248.0;

/// Multiples of 2^-q, the unit in which a [`FixedSums`](crate::FixedSums) counts.
///
/// A model fixes its grid when it is built, from shapes alone and by exponent arithmetic (no
/// logarithm of a library), so every machine agrees on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    q: i16,
}

impl Grid {
    /// Sums whose guard passes 2^62 grid units are refused.
    pub const LIMIT_BITS: u32 = 62;
    /// Room left above the guard that a model expects.
    pub const HEADROOM_BITS: u32 = 8;

    /// Steps of 2^-`q`, with `q` cut to -900..=900 so that the unit and its inverse are doubles.
    pub fn new(q: i16) -> Self {
        Self { q: q.clamp(-900, 900) }
    }

    /// The finest grid on which a guard of `expected` leaves 2^8 of room below the limit.
    ///
    /// `expected` is in the units of the sum: the number of chunks times the largest contribution
    /// that a chunk is expected to make. What is not a positive finite number counts as 1.
    pub fn for_guard(expected: f64) -> Self {
        let expected = if expected.is_finite() && expected > 0.0 { expected } else { 1.0 };
        // The exponent of a normal double; a subnormal counts as the smallest normal one.
        let biased = (expected.to_bits() >> 52).max(1) as i32;
        let room = (Self::LIMIT_BITS - Self::HEADROOM_BITS).cast_signed();
        #[expect(clippy::cast_possible_truncation, reason = "at most eleven bits")]
        let q = (room - (biased - 1022)) as i16;
        Self::new(q)
    }

    /// The unit, 2^-q.
    #[inline]
    pub fn unit(self) -> f64 {
        power_of_two(-self.q)
    }

    /// Grid units in 1, 2^q.
    #[inline]
    pub fn scale(self) -> f64 {
        power_of_two(self.q)
    }

    /// Rounds each contribution to the grid (ties to even) and adds it to the value at its place.
    ///
    /// Returns what the guard has to know of them.
    ///
    /// # Panics
    /// If the two slices differ in length.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub(crate) fn add<E: Number>(self, contributions: &[E], values: &mut [i64]) -> Reach {
        assert_eq!(contributions.len(), values.len(), "a contribution for every value");
        let reach = Reach::of(contributions, self.scale());
        self.each_rounded(reach, contributions, values, |value, rounded| {
            *value = value.wrapping_add(rounded);
        });
        reach
    }

    /// Calls `take` with each of `to` and the contribution at its place, rounded to the grid.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub(crate) fn each_rounded<E: Number, T>(
        self,
        reach: Reach,
        contributions: &[E],
        to: impl IntoIterator<Item = T>,
        mut take: impl FnMut(T, i64),
    ) {
        let scale = self.scale();
        if reach.largest < FAST && !reach.not_finite {
            for (to, &contribution) in to.into_iter().zip(contributions) {
                let rounded = (contribution.into() * scale + ROUNDING).to_bits().cast_signed();
                take(to, rounded.wrapping_sub(ROUNDING_BITS));
            }
        } else {
            for (to, &contribution) in to.into_iter().zip(contributions) {
                let rounded = (contribution.into() * scale).round_ties_even();
                // Saturates, and makes zero of a NaN: the guard refuses such a sum anyway, and
                // the same integer is taken out again when the block is removed.
                #[expect(clippy::cast_possible_truncation, reason = "saturation is meant")]
                let rounded = rounded as i64;
                take(to, rounded);
            }
        }
    }
}

/// How far some contributions of one chunk reach: the largest in grid units, and whether all were finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    largest: f64,
    not_finite: bool,
}

impl Reach {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    pub(crate) fn of<E: Number>(contributions: &[E], scale: f64) -> Self {
        let (largest, finite) = E::largest(contributions);
        // A power of two: the same as scaling each of them.
        Self { largest: largest * scale, not_finite: !finite }
    }

    fn include(&mut self, largest: f64, poison: f64) {
        if largest > self.largest {
            self.largest = largest;
        }
        self.not_finite |= poison.is_nan();
    }

    /// The larger of two, of different places and one chunk.
    pub fn join(&mut self, other: Self) {
        self.include(other.largest, if other.not_finite { f64::NAN } else { 0.0 });
    }

    /// What one chunk adds to the guard: rounded up, and 2^64 for what no integer can hold.
    pub(crate) fn guard(self) -> u128 {
        const BEYOND: u128 = 1 << 64;
        if self.not_finite || self.largest >= 18_446_744_073_709_551_616.0 {
            return BEYOND;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative and below 2^64"
        )]
        let units = self.largest.ceil() as u64;
        u128::from(units)
    }
}

/// 2^`exponent` for a normal result.
fn power_of_two(exponent: i16) -> f64 {
    let biased = u64::try_from(i32::from(exponent) + 1023).expect("a normal exponent");
    f64::from_bits(biased << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expected_guard_leaves_eight_bits_of_room() {
        for (expected, q) in [(1.0, 53), (1.5, 53), (2.0, 52), (0.25, 55), (f64::NAN, 53)] {
            assert_eq!(Grid::for_guard(expected), Grid::new(q), "for {expected}");
        }
        assert_eq!(Grid::for_guard(f64::MAX), Grid::new(-900));
        assert_eq!(Grid::for_guard(f64::MIN_POSITIVE), Grid::new(900));
    }

    #[test]
    fn the_fast_and_the_slow_way_round_alike() {
        let grid = Grid::new(1);
        let contributions = [0.25, 0.75, 1.25, -0.25, -0.75, -1.25, 0.5, 3.0, 0.26, -0.24];
        let mut fast = [0i64; 10];
        let _ = grid.add(&contributions, &mut fast);
        assert_eq!(fast, [0, 2, 2, 0, -2, -2, 1, 6, 1, 0]);
        // One large neighbour sends all of them the slow way.
        let mut with_large = contributions.to_vec();
        with_large.push(FAST);
        let mut slow = vec![0i64; 11];
        let _ = grid.add(&with_large, &mut slow);
        assert_eq!(slow[..10], fast);
        assert_eq!(slow[10], 1 << 52);
    }

    #[test]
    fn what_is_not_finite_passes_every_limit() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for length in [1, 8, 9] {
                for at in 0..length {
                    let mut contributions = vec![1.0; length];
                    contributions[at] = bad;
                    let reach = Grid::new(0).add(&contributions, &mut vec![0; length]);
                    assert_eq!(reach.guard(), 1 << 64, "{bad} at {at} of {length}");
                }
            }
        }
        assert_eq!(Grid::new(0).add(&[1e300], &mut [0]).guard(), 1 << 64);
        assert_eq!(Grid::new(900).add(&[1e300], &mut [0]).guard(), 1 << 64);
        assert_eq!(Grid::new(0).add(&[-2.5, 1.0], &mut [0, 0]).guard(), 3);
    }
}
