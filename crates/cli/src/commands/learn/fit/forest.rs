//! Trees that grow on chunks.

use anyhow::Result;
use twoblade::core::BlockSource;
use twoblade::learn::forest::{Forest, Options, Split};
use twoblade::learn::{Fitted, Predict, Report};

use super::ground::{Found, Ground};

/// One read in which the trees grow, and one that scores.
pub(crate) fn fit(ground: &Ground<'_>) -> Result<Found> {
    let (model, source) = (&ground.args.model, ground.source);
    let chunks = source.chunks();
    let usual = Options::of_chunks(chunks);
    let mut options = Options {
        seed: model.seed,
        trees: model.trees.unwrap_or(usual.trees),
        tried: model.tried,
        leaf_rows: model.leaf_rows,
        depth: model.depth,
        ..usual
    };
    options = options.within(model.max_leaves, chunks)?;
    let chunk_rows = source.counted().options().chunk_rows;
    let forest = Forest::new(ground.features.clone(), chunks, chunk_rows, options)?;
    let run = ground.runner("fit").run(&forest, source)?;
    let mut scores = None;
    if ground.args.metrics.cv > 0 {
        let jackknife = forest.without_each(&run.total, ground.folds()?)?;
        // A split and what a leaf predicts; all folds share their trees.
        let leaf = size_of::<Split>() + run.estimate.outputs() * size_of::<f64>();
        scores = Some(ground.score(jackknife.replicates, run.estimate.leaves() * leaf)?);
    }
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
