//! Sums of many small numbers.

use serde::{Deserialize, Serialize};
use twoblade_core::{Group, Merge};

/// A sum of numbers from 0 to 2^20, each cut to a multiple of 2^-64, so that sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Total(u128);

/// The inverse of the unit.
const SCALE: f64 = 18_446_744_073_709_551_616.0;

impl Total {
    /// Bytes in memory and saved.
    pub(super) const BYTES: usize = 20;

    /// Adds a number; what is below 0 counts as 0.
    pub(super) fn add(&mut self, value: f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut, as said")]
        let units = (value * SCALE) as u128;
        self.0 = self.0.wrapping_add(units);
    }

    /// The sum, rounded once.
    pub(super) fn value(self) -> f64 {
        self.0 as f64 / SCALE
    }
}

impl Merge for Total {
    fn merge(&mut self, other: &Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

impl Group for Total {
    fn remove(&mut self, other: &Self) {
        self.0 = self.0.wrapping_sub(other.0);
    }
}
