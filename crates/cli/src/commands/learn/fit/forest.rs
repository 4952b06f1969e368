//! Trees that grow on chunks.

use anyhow::Result;
use twoblade::core::BlockSource;
use twoblade::learn::forest::{Estimate, Forest, Options, State};
use twoblade::learn::metrics::Report as ScoreReport;
use twoblade::learn::{Fitted, Report};
use twoblade::runner::Run;

use super::ground::{Found, Ground};
use super::learner::Learner;

/// One read in which the trees grow, and one that scores.
pub(crate) struct Grown;

impl Learner for Grown {
    type Model = Forest;
    type Without = Estimate;

    fn model(ground: &Ground<'_>) -> Result<Forest> {
        let (model, source) = (&ground.args.model, ground.source);
        let chunks = source.chunks();
        let usual = Options::of_chunks(chunks);
        let options = Options {
            seed: model.seed,
            trees: model.trees.unwrap_or(usual.trees),
            tried: model.tried,
            leaf_rows: model.leaf_rows,
            depth: model.depth,
            ..usual
        };
        let options = options.within(model.max_leaves, chunks)?;
        let chunk_rows = source.counted().options().chunk_rows;
        Ok(Forest::new(ground.features.clone(), chunks, chunk_rows, options)?)
    }

    fn without(
        ground: &Ground<'_>,
        model: &Forest,
        total: &State,
    ) -> Result<Option<Vec<Estimate>>> {
        if ground.args.metrics.cv == 0 {
            return Ok(None);
        }
        Ok(Some(model.without_each(total, ground.folds()?)?.replicates))
    }

    /// They share their trees, and each has those of all folds but one.
    fn held(_: &Ground<'_>, without: &[Estimate]) -> usize {
        let largest = without.iter().map(Estimate::bytes).max().unwrap_or(0);
        largest + largest / without.len().saturating_sub(1).max(1)
    }

    fn found(
        ground: &Ground<'_>,
        _: &Forest,
        run: Run<Forest>,
        scores: Option<ScoreReport>,
    ) -> Result<Found> {
        let report = Report {
            rows: run.estimate.rows,
            dropped: run.estimate.dropped,
            folds: ground.args.metrics.cv,
            trees: Some((run.estimate.trees() as u64, run.estimate.leaves() as u64)),
            scores,
            ..Report::default()
        };
        Ok(Found { fitted: Fitted::Forest(run.estimate), report })
    }
}
