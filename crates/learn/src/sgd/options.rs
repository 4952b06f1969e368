//! How to learn.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::folded::Folds;

/// How a linear model learns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// How far the first steps go, in units of standardized features. A coordinate's rate is this,
    /// divided by 1 plus the root of its summed squared gradients. Above 0.
    pub rate: f64,
    /// The penalty on absolute weights of standardized features, beside the mean loss of a row. 0 or
    /// more.
    pub l1: f64,
    /// The penalty on half of their squares, likewise.
    pub l2: f64,
    /// A model more without each of these folds, if there are any.
    pub folds: Option<Folds>,
}

impl Default for Options {
    fn default() -> Self {
        Self { rate: 0.2, l1: 0.0, l2: 0.0, folds: None }
    }
}

impl Options {
    pub(super) fn check(&self) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::Options(text));
        if !(self.rate > 0.0 && self.rate.is_finite()) {
            return refuse(format!("the rate is {}; expected a number above 0", self.rate));
        }
        for (name, penalty) in [("l1", self.l1), ("l2", self.l2)] {
            if !(0.0..f64::INFINITY).contains(&penalty) {
                return refuse(format!("the penalty {name} is {penalty}; expected 0 or more"));
            }
        }
        Ok(())
    }

    /// Models that are learned: one from everything, and one without each fold.
    pub(super) fn models(&self) -> usize {
        // With one fold there is nothing to learn from without it.
        1 + self.folds.map(Folds::count).filter(|&count| count > 1).unwrap_or(0)
    }
}
