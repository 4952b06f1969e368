//! From the moments of classes to probabilities.

use libm::{exp, log};
use serde::{Deserialize, Serialize};

use super::{Class, Estimate};
use crate::encode::Encoded;
use crate::error::Error;
use crate::features::{Features, Scale};
use crate::predict::Predict;

/// What predicts a probability for each class.
///
/// A row so far from every class that no density is above 0, in doubles of logarithms, gets the priors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classifier {
    classes: Vec<Normal>,
}

/// A class that has rows, or nothing for one that has none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Normal {
    prior: f64,
    /// The logarithm of the prior and of the densities at the means, up to a term that all share.
    constant: f64,
    /// In units of the features' scales.
    means: Vec<f64>,
    /// 1 / (2 variance), in the same units.
    weights: Vec<f64>,
}

impl Estimate {
    /// What predicts rows that are turned into numbers by these features, those of the fit.
    ///
    /// # Errors
    /// [`Error::Options`] if they are not of this fit: another number of features.
    pub fn predictor(&self, features: &Features) -> Result<Classifier, Error> {
        let (scales, expected) = (features.scales(), features.width());
        for class in &self.classes {
            let found = class.means.len().max(class.variances.len());
            if class.prior > 0.0
                && (found != expected || class.means.len() != class.variances.len())
            {
                return Err(Error::Options(format!(
                    "class `{}` knows {found} features, and the table has {expected}",
                    class.name
                )));
            }
        }
        Ok(Classifier { classes: self.classes.iter().map(|it| Normal::of(it, &scales)).collect() })
    }
}

impl Normal {
    fn of(class: &Class, scales: &[Scale]) -> Self {
        if class.prior <= 0.0 {
            let (means, weights) = (Vec::new(), Vec::new());
            return Self { prior: 0.0, constant: f64::NEG_INFINITY, means, weights };
        }
        let (mut means, mut weights) = (Vec::new(), Vec::new());
        let mut constant = log(class.prior);
        for ((mean, variance), scale) in class.means.iter().zip(&class.variances).zip(scales) {
            constant -= 0.5 * log(*variance);
            means.push((mean - scale.mean) / scale.sd);
            weights.push((0.5 * scale.sd * scale.sd / variance).min(f64::MAX));
        }
        Self { prior: class.prior, constant, means, weights }
    }
}

impl Predict for Classifier {
    fn outputs(&self) -> usize {
        self.classes.len()
    }

    fn predict(&self, rows: &Encoded, into: &mut Vec<f64>) {
        let (count, classes, begin) = (rows.rows.len(), self.classes.len(), into.len());
        into.resize(begin + count * classes, 0.0);
        let places = &mut into[begin..];
        let mut logs = vec![0.0; count];
        for (class, normal) in self.classes.iter().enumerate() {
            logs.fill(normal.constant);
            // Feature by feature, so that a sum has one order whatever the number of rows.
            let columns = rows.numbers.chunks_exact(count.max(1));
            for ((column, mean), weight) in columns.zip(&normal.means).zip(&normal.weights) {
                for (log, value) in logs.iter_mut().zip(column) {
                    let difference = value - mean;
                    *log -= weight * (difference * difference);
                }
            }
            for (row, log) in logs.iter().enumerate() {
                places[row * classes + class] = *log;
            }
        }
        for row in places.chunks_exact_mut(classes) {
            let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if largest == f64::NEG_INFINITY {
                let priors = self.classes.iter().map(|class| class.prior);
                row.iter_mut().zip(priors).for_each(|(place, prior)| *place = prior);
                continue;
            }
            for place in row.iter_mut() {
                *place = exp(*place - largest);
            }
            let sum: f64 = row.iter().sum();
            for place in row {
                *place /= sum;
            }
        }
    }
}
