//! The least and the greatest.

use serde::{Deserialize, Serialize};
use twoblade_core::Merge;

/// Least and greatest of some whole numbers, or of doubles by their place in the order.
///
/// There is no taking out again: what was hidden behind an extreme is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extremes {
    least: i64,
    greatest: i64,
}

impl Extremes {
    pub(super) fn new() -> Self {
        Self { least: i64::MAX, greatest: i64::MIN }
    }

    pub(super) fn add(&mut self, values: impl Iterator<Item = i64>) {
        for value in values {
            self.least = self.least.min(value);
            self.greatest = self.greatest.max(value);
        }
    }

    /// Both, if there was anything.
    pub(super) fn both(&self) -> Option<(i64, i64)> {
        (self.least <= self.greatest).then_some((self.least, self.greatest))
    }
}

impl Merge for Extremes {
    fn merge(&mut self, other: &Self) {
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
    }
}

/// The place of a double in the order of all, -0 before 0.
pub(super) fn order(value: f64) -> i64 {
    fold(value.to_bits().cast_signed())
}

/// The double of this place.
pub(super) fn float(order: i64) -> f64 {
    f64::from_bits(fold(order).cast_unsigned())
}

/// Turns the order of negative numbers round, and back.
fn fold(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn doubles_are_in_order(a in any::<f64>(), b in any::<f64>()) {
            prop_assert_eq!(float(order(a)).to_bits(), a.to_bits());
            prop_assert_eq!(order(a).cmp(&order(b)), a.total_cmp(&b));
        }
    }
}
