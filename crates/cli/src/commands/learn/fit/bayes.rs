//! Gaussian naive Bayes.

use anyhow::Result;
use twoblade::learn::bayes::{Bayes, State};
use twoblade::learn::{Fitted, Folded, Report};

use super::ground::{Found, Ground};

/// One read for everything and every fold, and one that scores.
pub(crate) fn fit(ground: &Ground<'_>) -> Result<Found> {
    let features = ground.features;
    let bayes = Bayes::new(features.clone())?.smoothing(ground.args.model.smoothing)?;
    let model = Folded::new(bayes, ground.folds()?);
    let run = ground.runner("fit").run(&model, ground.source)?;
    let mut scores = None;
    if ground.args.metrics.cv > 0 {
        let jackknife = run.total.jackknife(&model).map_err(anyhow::Error::from_boxed)?;
        let without = jackknife.replicates.iter().map(|fit| fit.predictor(features));
        let without = without.collect::<Result<Vec<_>, _>>()?;
        // A mean and a variance.
        let held = 2 * ground.linear(run.estimate.classes.len());
        scores = Some(ground.score(without, held)?);
    }
    let report = Report {
        rows: run.estimate.rows,
        dropped: run.total.states().iter().map(State::dropped).sum(),
        folds: ground.args.metrics.cv,
        scores,
        ..Report::default()
    };
    Ok(Found { fitted: Fitted::Bayes(run.estimate.predictor(features)?), report })
}
