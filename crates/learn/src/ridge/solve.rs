//! From a Gram matrix to coefficients.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::{Estimate, Fit};
use crate::error::Error;
use crate::features::{Features, Scale, Target};

/// The fit for each penalty. `gram` is of ones, features and target, in units of their scales.
pub(super) fn solve(
    gram: &DMatrix<f64>,
    features: &Features,
    penalties: &[f64],
) -> Result<Estimate, Error> {
    let (count, target) = (gram[(0, 0)], gram.ncols() - 1);
    if count < 2.0 {
        return Err(Error::TooFewRows { rows: rows(count) });
    }
    let mean = |column: usize| gram[(0, column)] / count;
    let about_means = |one: usize, other: usize| gram[(one, other)] - gram[(0, one)] * mean(other);
    let size = target - 1;
    let deviation: Vec<f64> = (1..=size)
        .map(|column| {
            let squares = about_means(column, column);
            // Below this it is rounding: the feature is constant.
            let least = count * f64::EPSILON * gram[(column, column)].max(1.0);
            if squares > least { (squares / count).sqrt() } else { 0.0 }
        })
        .collect();
    let by = |squares: f64, deviation: f64| if deviation > 0.0 { squares / deviation } else { 0.0 };
    let correlations = DMatrix::from_fn(size, size, |one, other| {
        by(by(about_means(one + 1, other + 1), deviation[one]), deviation[other])
    });
    let with_target =
        DVector::from_fn(size, |row, _| by(about_means(row + 1, target), deviation[row]));
    let eigen = SymmetricEigen::new(correlations);
    let turned = eigen.eigenvectors.transpose() * with_target;
    // Directions in which the features do not vary: their coefficient is 0, the shortest of all.
    let least = eigen.eigenvalues.max() * size as f64 * f64::EPSILON * 4.0;
    let scales = features.scales();
    let target_scale = target_scale(features);
    let fit = |&penalty: &f64| {
        let shrunk = DVector::from_fn(size, |place, _| {
            let value = eigen.eigenvalues[place];
            if value > least { turned[place] / (value + penalty) } else { 0.0 }
        });
        let standardized = &eigen.eigenvectors * shrunk;
        let mut intercept = mean(target);
        let mut coefficients = Vec::with_capacity(size);
        for (place, scale) in scales.iter().enumerate() {
            let scaled = by(standardized[place], deviation[place]);
            intercept -= scaled * (mean(place + 1) + scale.mean / scale.sd);
            coefficients.push(scaled * target_scale.sd / scale.sd);
        }
        let intercept = target_scale.mean + intercept * target_scale.sd;
        Fit { penalty, intercept, coefficients }
    };
    Ok(Estimate { rows: rows(count), fits: penalties.iter().map(fit).collect() })
}

/// The mean of (target - prediction)^2 over the rows of a Gram matrix: v' G v / n with v = 1 at the
/// target and minus the coefficients elsewhere.
pub(super) fn mean_squared_error(gram: &DMatrix<f64>, features: &Features, fit: &Fit) -> f64 {
    let target = target_scale(features);
    let scales = features.scales();
    let mut weights = DVector::zeros(gram.ncols());
    let moved: f64 = scales.iter().zip(&fit.coefficients).map(|(scale, by)| scale.mean * by).sum();
    weights[0] = -(fit.intercept + moved - target.mean) / target.sd;
    for (place, (scale, by)) in scales.iter().zip(&fit.coefficients).enumerate() {
        weights[place + 1] = -by * scale.sd / target.sd;
    }
    weights[gram.ncols() - 1] = 1.0;
    (weights.transpose() * gram * weights)[(0, 0)] / gram[(0, 0)] * target.sd * target.sd
}

fn target_scale(features: &Features) -> Scale {
    match &features.target {
        Target::Number { scale, .. } => *scale,
        Target::Class { .. } => Scale::ONE,
    }
}

/// The sum of ones, exact.
fn rows(count: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let rows = count.round() as u64;
    rows
}
