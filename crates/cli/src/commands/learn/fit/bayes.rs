//! Gaussian naive Bayes.

use anyhow::Result;
use twoblade::learn::bayes::{Bayes, Classifier, State};
use twoblade::learn::metrics::Report as ScoreReport;
use twoblade::learn::{Fitted, Folded, FoldedTotal, Predict, Report};
use twoblade::runner::Run;

use super::ground::{Found, Ground};
use super::learner::Learner;

/// One read for everything and every fold, and one that scores.
pub(crate) struct Bayesian;

impl Learner for Bayesian {
    type Model = Folded<Bayes>;
    type Without = Classifier;

    fn model(ground: &Ground<'_>) -> Result<Folded<Bayes>> {
        let bayes = Bayes::new(ground.features.clone())?.smoothing(ground.args.model.smoothing)?;
        Ok(Folded::new(bayes, ground.folds()?))
    }

    fn without(
        ground: &Ground<'_>,
        model: &Folded<Bayes>,
        total: &FoldedTotal<Bayes>,
    ) -> Result<Option<Vec<Classifier>>> {
        if ground.args.metrics.cv == 0 {
            return Ok(None);
        }
        let jackknife = total.jackknife(model).map_err(anyhow::Error::from_boxed)?;
        let without = jackknife.replicates.iter().map(|fit| fit.predictor(ground.features));
        Ok(Some(without.collect::<Result<Vec<_>, _>>()?))
    }

    /// A mean and a variance.
    fn held(ground: &Ground<'_>, without: &[Classifier]) -> usize {
        2 * ground.linear(without.first().map_or(0, Classifier::outputs))
    }

    fn found(
        ground: &Ground<'_>,
        _: &Folded<Bayes>,
        run: Run<Folded<Bayes>>,
        scores: Option<ScoreReport>,
    ) -> Result<Found> {
        let report = Report {
            rows: run.estimate.rows,
            dropped: run.total.states().iter().map(State::dropped).sum(),
            folds: ground.args.metrics.cv,
            scores,
            ..Report::default()
        };
        Ok(Found { fitted: Fitted::Bayes(run.estimate.predictor(ground.features)?), report })
    }
}
