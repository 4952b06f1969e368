//! A sum of numbers and of their squares, across chunks exact.

use serde::{Deserialize, Serialize};
use twoblade_core::{ExactSum, group_fields};

use crate::spread::about_mean;

/// The sum of some numbers and that of their squares.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Moments {
    sum: ExactSum,
    squares: ExactSum,
}
group_fields!(Moments { sum, squares });

impl Moments {
    /// Bytes in memory and saved.
    pub(super) const BYTES: usize = 2 * ExactSum::BYTES;

    /// Of `ones` ones, everything else being 0.
    pub(super) fn of_ones(ones: u64) -> Self {
        Self { sum: ExactSum::from(ones as f64), squares: ExactSum::from(ones as f64) }
    }

    /// Adds the numbers of a chunk, which were summed as differences from one of them.
    ///
    /// sum x = n s + sum (x - s), and sum x^2 = n s^2 + 2 s sum (x - s) + sum (x - s)^2. What is added
    /// here is added exactly, so that the variance keeps the digits of the differences wherever the
    /// numbers are.
    pub(super) fn add(&mut self, count: u64, differences: &Differences) {
        let Differences { shift, sum, squares } = *differences;
        let count = count as f64;
        self.sum.add_product(count, shift);
        self.sum.add(sum);
        let shifts = count * shift;
        self.squares.add_product(shifts, shift);
        self.squares.add_product(count.mul_add(shift, -shifts), shift); // what `shifts` was rounded by
        self.squares.add_product(2.0 * shift, sum);
        self.squares.add(squares);
    }

    /// The mean of `count` numbers.
    pub(super) fn mean(&self, count: u64) -> f64 {
        self.sum.value() / count as f64
    }

    /// The variance over n of `count` numbers.
    pub(super) fn variance(&self, count: u64) -> f64 {
        about_mean(&self.sum, &self.squares, count) / count as f64
    }
}

/// Numbers of a chunk, summed as differences from one of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Differences {
    shift: f64,
    sum: f64,
    squares: f64,
}

impl Differences {
    /// From `shift`.
    pub(super) fn from(shift: f64) -> Self {
        Self { shift, sum: 0.0, squares: 0.0 }
    }

    /// Adds a number.
    pub(super) fn add(&mut self, value: f64) {
        let difference = value - self.shift;
        self.sum += difference;
        self.squares += difference * difference;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers far from 0 and close together: 3e8 + 1e-4 k for k = -2..=2, whose variance is 2e-8.
    #[test]
    fn numbers_that_are_close_together_keep_their_variance() {
        let mut moments = Moments::default();
        let values = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|k: f64| 3e8 + k * 2f64.powi(-13));
        for chunk in [&values[..2], &values[2..]] {
            let mut differences = Differences::from(chunk[0]);
            for &value in chunk {
                differences.add(value);
            }
            moments.add(chunk.len() as u64, &differences);
        }
        let expected = 2.0 * 2f64.powi(-26);
        assert!((moments.variance(5) - expected).abs() < 1e-13 * expected);
        assert!((moments.mean(5) - 3e8).abs() < 1e-7);
        assert!((Moments::of_ones(1).variance(4) - 3.0 / 16.0).abs() < 1e-16);
    }
}
