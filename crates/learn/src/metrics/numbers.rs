//! How far predicted numbers are off.

use serde::{Deserialize, Serialize};
use twoblade_core::{ExactSum, group_fields};

use crate::spread::about_mean;

/// How far predicted numbers are off, in the units of the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// Rows that were predicted.
    pub rows: u64,
    /// The mean of (target - prediction)^2.
    pub mean_squared_error: f64,
    /// Its root.
    pub root_mean_squared_error: f64,
    /// The mean of |target - prediction|.
    pub mean_absolute_error: f64,
    /// 1 - sum (target - prediction)^2 / sum (target - mean)^2, with the mean of these rows; NaN where
    /// the target is the same in all of them.
    pub r_squared: f64,
    /// Of the target.
    pub mean_target: f64,
    /// Of the prediction.
    pub mean_prediction: f64,
}

/// Sums over predicted rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    rows: u64,
    squared: ExactSum,
    absolute: ExactSum,
    target: ExactSum,
    target_squared: ExactSum,
    prediction: ExactSum,
}
group_fields!(Sums { rows, squared, absolute, target, target_squared, prediction });

impl Sums {
    /// Bytes in memory and saved.
    pub(super) const BYTES: usize = 16 + 5 * ExactSum::BYTES;

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn add(&mut self, target: f64, prediction: f64) {
        let error = target - prediction;
        self.rows += 1;
        self.squared.add_product(error, error);
        self.absolute.add(error.abs());
        self.target.add(target);
        self.target_squared.add_product(target, target);
        self.prediction.add(prediction);
    }

    pub(super) fn scores(&self) -> Numbers {
        let count = self.rows as f64;
        let mean = self.target.value() / count;
        let spread = about_mean(&self.target, &self.target_squared, self.rows);
        let errors = self.squared.value();
        let mean_squared_error = errors / count;
        Numbers {
            rows: self.rows,
            mean_squared_error,
            root_mean_squared_error: mean_squared_error.sqrt(),
            mean_absolute_error: self.absolute.value() / count,
            r_squared: if spread > 0.0 { 1.0 - errors / spread } else { f64::NAN },
            mean_target: mean,
            mean_prediction: self.prediction.value() / count,
        }
    }
}
