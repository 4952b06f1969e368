//! From rows to predictions.

use crate::encode::{Encoded, NOWHERE};

/// What has been fitted: it predicts rows that were turned into numbers by the features of its fit.
///
/// A prediction depends on its row alone, not on the rows beside it.
pub trait Predict {
    /// Numbers that come out for each row: 1 where the target is a number, in units of its column; where
    /// it is a class, a probability for each class, in their order and together 1.
    fn outputs(&self) -> usize;

    /// Whether it takes indicators as places too ([`Encoder::with_places`](crate::Encoder::with_places)).
    fn takes_places(&self) -> bool {
        false
    }

    /// Appends the predictions of all rows, one row after another.
    fn predict(&self, rows: &Encoded, into: &mut Vec<f64>);
}

/// A prediction that is linear in the features.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Linear {
    /// In units of the target, where every feature is 0 in units of its scale.
    pub constant: f64,
    /// In units of the target by units of the features' scales.
    pub weights: Vec<f64>,
}

impl Predict for Linear {
    fn outputs(&self) -> usize {
        1
    }

    fn takes_places(&self) -> bool {
        true
    }

    fn predict(&self, rows: &Encoded, into: &mut Vec<f64>) {
        let (count, begin) = (rows.rows.len(), into.len());
        into.resize(begin + count, self.constant);
        // Feature by feature, so that a sum has one order whatever the number of rows.
        for (at, column) in rows.numbers.chunks_exact(count.max(1)).enumerate() {
            let weight = self.weights[rows.columns.get(at).copied().unwrap_or(at)];
            let sums = into[begin..].iter_mut().zip(column);
            sums.for_each(|(sum, value)| *sum += weight * value);
        }
        for places in rows.terms() {
            for (sum, &place) in into[begin..].iter_mut().zip(places) {
                if place != NOWHERE {
                    *sum += self.weights[place as usize];
                }
            }
        }
    }
}

/// Probabilities of classes whose logarithms are linear in the features, but for what they share.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Logistic {
    /// One for two classes, the log odds of the second; else one for each class.
    pub outputs: Vec<Linear>,
}

impl Predict for Logistic {
    fn outputs(&self) -> usize {
        self.outputs.len().max(2)
    }

    fn takes_places(&self) -> bool {
        true
    }

    fn predict(&self, rows: &Encoded, into: &mut Vec<f64>) {
        let (count, classes, begin) = (rows.rows.len(), self.outputs(), into.len());
        into.resize(begin + count * classes, 0.0);
        let mut margins = Vec::with_capacity(count);
        for (output, linear) in self.outputs.iter().enumerate() {
            margins.clear();
            linear.predict(rows, &mut margins);
            // Of two classes the first has log odds of 0.
            let class = output + classes - self.outputs.len();
            let places = into[begin..].chunks_exact_mut(classes);
            places.zip(&margins).for_each(|(row, margin)| row[class] = *margin);
        }
        into[begin..].chunks_exact_mut(classes).for_each(shares);
    }
}

/// Exponentials divided by their sum, where the largest is exp(0).
fn shares(margins: &mut [f64]) {
    let largest = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for margin in margins.iter_mut() {
        *margin = libm::exp(*margin - largest);
    }
    let sum: f64 = margins.iter().sum();
    for size in margins {
        *size /= sum;
    }
}
