//! What is learned, in the units of the columns.

use serde::{Deserialize, Serialize};

use crate::features::{Features, Target};
use crate::predict::{Linear, Logistic};
use crate::saved::Fitted;

/// What was learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Rows without missing values.
    pub rows: u64,
    /// Rows that were left out for one.
    pub dropped: u64,
    /// The mean loss of the rows of the first epoch, each predicted before anything was learned from
    /// it: log loss in nats, or squared error in squared units of the target.
    pub progressive_loss: f64,
    /// Learned from everything.
    pub full: Fit,
    /// Learned without each fold, if there are folds.
    pub without: Vec<Fit>,
}

/// A linear function of the features for each output, in the units of their columns.
///
/// A number has one output, itself. Two classes have one, the log odds of the second class. More
/// classes have one each, whose exponentials are as their probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// For each output.
    pub outputs: Vec<Output>,
}

/// A linear function of the features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Where all features are 0.
    pub intercept: f64,
    /// By unit of each feature, in the order of [`Features::names`](crate::Features::names).
    pub coefficients: Vec<f64>,
}

impl Fit {
    /// What predicts rows that are turned into numbers by these features, those of the fit.
    pub fn predictor(&self, features: &Features) -> Fitted {
        let scales = features.scales();
        let linear = |output: &Output| {
            let terms = || scales.iter().zip(&output.coefficients);
            let moved: f64 = terms().map(|(scale, by)| scale.mean * by).sum();
            let weights = terms().map(|(scale, by)| scale.sd * by).collect();
            Linear { constant: output.intercept + moved, weights }
        };
        let mut outputs: Vec<Linear> = self.outputs.iter().map(linear).collect();
        match features.target {
            Target::Number { .. } => Fitted::Linear(outputs.swap_remove(0)),
            Target::Class { .. } => Fitted::Logistic(Logistic { outputs }),
        }
    }
}
