//! A learner whose states merge: fitted by one process, or in parts by several.

use anyhow::Result;
use serde::Serialize;
use twoblade::core::{BlockSource as _, StreamingEstimator};
use twoblade::learn::Predict;
use twoblade::learn::metrics::Report as ScoreReport;
use twoblade::runner::{Identity, Run};
use twoblade::table::Rows;

use super::ground::{Found, Ground};

/// A learner whose states merge.
pub(crate) trait Learner {
    /// What is fitted in one read, everything and everything but each fold.
    type Model: StreamingEstimator<Chunk = Rows>;
    /// What predicts a fold and was fitted without it.
    type Without: Predict + Serialize + Sync;

    /// The model.
    fn model(ground: &Ground<'_>) -> Result<Self::Model>;

    /// What was fitted without each fold, if one more read has to score it.
    fn without(
        ground: &Ground<'_>,
        model: &Self::Model,
        total: &<Self::Model as StreamingEstimator>::Total,
    ) -> Result<Option<Vec<Self::Without>>>;

    /// Bytes that these take together.
    fn held(ground: &Ground<'_>, without: &[Self::Without]) -> usize;

    /// What is kept.
    fn found(
        ground: &Ground<'_>,
        model: &Self::Model,
        run: Run<Self::Model>,
        scores: Option<ScoreReport>,
    ) -> Result<Found>;
}

/// Fits it: one read, and one that scores, where that is needed.
pub(crate) fn fit<L: Learner>(ground: &Ground<'_>) -> Result<Found> {
    let model = L::model(ground)?;
    let run = ground.runner("fit").run(&model, ground.source)?;
    let scores = match L::without(ground, &model, &run.total)? {
        Some(without) => {
            let held = L::held(ground, &without);
            Some(ground.score(without, held)?)
        }
        None => None,
    };
    L::found(ground, &model, run, scores)
}

/// What makes another fit the same, and the bytes that one thread needs for pass one, and a state.
pub(crate) fn plan<L: Learner>(ground: &Ground<'_>) -> Result<(Identity, usize, usize)> {
    let model = L::model(ground)?;
    let plan = ground.runner.clone().threads(1).plan_one_pass(&model, ground.source)?;
    let identity = Identity::of(&model, ground.source).map_err(anyhow::Error::from_boxed)?;
    let state = model.footprint(ground.source.chunk_bytes()).state;
    Ok((identity, plan.memory.total(), state))
}
