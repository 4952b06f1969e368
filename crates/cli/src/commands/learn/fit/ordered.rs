//! Linear and logistic regression, learned in the order of the rows.

use anyhow::Result;
use twoblade::learn::sgd::{Fit, Options, Sgd};
use twoblade::learn::{Coefficient, Coefficients, Features, Report, Target};

use super::ground::{Found, Ground};

/// A read for each epoch, in which the fits without a fold learn too, and one that scores.
pub(crate) fn fit(ground: &Ground<'_>) -> Result<Found> {
    let (features, model) = (ground.features, &ground.args.model);
    let cv = ground.args.metrics.cv;
    let folds = if cv > 0 { Some(ground.folds()?) } else { None };
    let options = Options { rate: model.rate, l1: model.l1, l2: model.l2, folds };
    let learner = Sgd::new(features.clone(), options)?;
    let learned = ground.runner("fit").ordered(&learner, ground.source, model.epochs)?.estimate;
    let mut scores = None;
    if cv > 0 {
        let without = learned.without.iter().map(|fit| fit.predictor(features)).collect();
        scores = Some(ground.score(without, ground.linear(learned.full.outputs.len()))?);
    }
    let report = Report {
        rows: learned.rows,
        dropped: learned.dropped,
        folds: cv,
        progressive_loss: Some(learned.progressive_loss),
        coefficients: coefficients(features, &learned.full),
        scores,
        ..Report::default()
    };
    Ok(Found { fitted: learned.full.predictor(features), report })
}

/// For each output; of two classes, for the second.
fn coefficients(features: &Features, fit: &Fit) -> Vec<Coefficients> {
    let class = |output: usize| match &features.target {
        Target::Number { .. } => None,
        Target::Class { classes, .. } if classes.len() == 2 => Some(classes[1].clone()),
        Target::Class { classes, .. } => Some(classes[output].clone()),
    };
    let named = |name: &str, value| Coefficient { name: name.to_owned(), value, se: None };
    let names = features.names();
    let of = |(place, output): (usize, &twoblade::learn::sgd::Output)| Coefficients {
        class: class(place),
        intercept: named("(intercept)", output.intercept),
        features: names
            .iter()
            .zip(&output.coefficients)
            .map(|(name, &value)| named(name, value))
            .collect(),
    };
    fit.outputs.iter().enumerate().map(of).collect()
}
