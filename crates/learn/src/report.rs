//! What a fit has found, for people to read.

use serde::{Deserialize, Serialize};
use twoblade_core::Measure;

use crate::metrics;

/// What a fit has found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Rows that it was made of.
    pub rows: u64,
    /// Rows that were left out for a missing value.
    pub dropped: u64,
    /// Folds of the cross-validation; 0 if there was none.
    pub folds: usize,
    /// The penalties that were tried, in the order in which they were given.
    pub path: Vec<Point>,
    /// Which of them the fit has.
    pub chosen: Option<usize>,
    /// The mean loss of the rows of the first epoch, each predicted before anything was learned from it,
    /// of models that learn in order: log loss in nats, or squared error in squared units of the target.
    pub progressive_loss: Option<f64>,
    /// Trees and leaves, of a forest.
    pub trees: Option<(u64, u64)>,
    /// How well each fold is predicted by a fit without it, and all of them together.
    pub scores: Option<metrics::Report>,
    /// What the prediction is made of, where it is linear: a list for each class that has one, or one list.
    pub coefficients: Vec<Coefficients>,
}

/// A penalty, and how well it predicts the rows of each fold, fitted without them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The penalty on squared coefficients of standardized features.
    pub penalty: f64,
    /// The mean squared error in each fold, in squared units of the target.
    pub mean_squared_error: Vec<f64>,
}

/// What a linear prediction is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coefficients {
    /// The class that it speaks for; `None` where the target is a number.
    pub class: Option<String>,
    /// Where all features are 0, in units of the target (of log odds, for a class).
    pub intercept: Coefficient,
    /// Of each feature, in units of the target by units of the column.
    pub features: Vec<Coefficient>,
}

/// A coefficient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    /// The feature's name.
    pub name: String,
    /// What it is.
    pub value: f64,
    /// Its standard error by the jackknife over groups of blocks, where there is one.
    pub se: Option<f64>,
}

impl Coefficients {
    /// The intercept, and those of the features.
    pub fn all(&self) -> impl Iterator<Item = &Coefficient> {
        std::iter::once(&self.intercept).chain(&self.features)
    }
}

impl Coefficient {
    /// With its jackknife standard error.
    pub fn measured(name: impl Into<String>, measure: Measure) -> Self {
        Self { name: name.into(), value: measure.value, se: Some(measure.se) }
    }
}

impl Point {
    /// The mean over folds; NaN without folds.
    pub fn mean(&self) -> f64 {
        self.mean_squared_error.iter().sum::<f64>() / self.mean_squared_error.len() as f64
    }

    /// The standard error of that mean, from the spread over folds; NaN for fewer than two folds.
    pub fn standard_error(&self) -> f64 {
        let (mean, count) = (self.mean(), self.mean_squared_error.len() as f64);
        let squares = self.mean_squared_error.iter().map(|error| (error - mean).powi(2));
        (squares.sum::<f64>() / (count - 1.0) / count).sqrt()
    }
}
