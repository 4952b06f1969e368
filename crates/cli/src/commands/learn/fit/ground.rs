//! What a model is fitted to, and with what.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde::Serialize;
use twoblade::external::CountedSource;
use twoblade::learn::metrics::{By, Report as ScoreReport};
use twoblade::learn::{Features, Fitted, Folds, Predict, Report, Score};
use twoblade::runner::Runner;

use super::args::Args;
use crate::checkpoint::Checkpoint;

/// What a model is fitted to, and with what.
pub(crate) struct Ground<'a> {
    pub(crate) args: &'a Args,
    pub(crate) features: &'a Features,
    pub(crate) source: &'a CountedSource,
    pub(crate) runner: Runner<'a>,
    pub(crate) checkpoint: &'a Checkpoint,
    /// Where each stage saves what is done.
    pub(crate) stages: &'a [(&'static str, PathBuf)],
}

/// What a fit gives.
pub(crate) struct Found {
    pub(crate) fitted: Fitted,
    pub(crate) report: Report,
}

impl<'a> Ground<'a> {
    /// Bytes of linear predictors of so many outputs, one for each fold.
    pub(crate) fn linear(&self, outputs: usize) -> usize {
        self.args.metrics.cv * outputs * (2 + self.features.width()) * size_of::<f64>()
    }

    /// The runner of a stage.
    pub(crate) fn runner(&self, stage: &str) -> Runner<'a> {
        let folder = self.stages.iter().find(|(name, _)| *name == stage);
        self.checkpoint.saving(&self.runner, folder.map(|(_, folder)| folder.as_path()))
    }

    /// The folds of the cross-validation; one, if there is none.
    pub(crate) fn folds(&self) -> Result<Folds> {
        self.groups(self.args.metrics.cv.max(1))
    }

    /// So many groups of blocks.
    pub(crate) fn groups(&self, count: usize) -> Result<Folds> {
        let blocks = self.source.counted().blocks().len();
        ensure!(
            blocks >= count,
            "{blocks} blocks of rows cannot make {count} groups; give fewer (--cv, --jackknife), or \
             smaller blocks (--block-rows)"
        );
        Ok(Folds::new(count, self.source.counted().options().block_rows)?)
    }

    /// How well each fold is predicted by what was fitted without it, which takes so many bytes in all; from
    /// one more read.
    pub(crate) fn score<P>(&self, without: Vec<P>, held: usize) -> Result<ScoreReport>
    where
        P: Predict + Serialize + Sync,
    {
        Ok(self.runner("score").run(&self.scoring(without, held)?, self.source)?.estimate)
    }

    /// What scores each fold by what was fitted without it, which takes so many bytes.
    pub(crate) fn scoring<P: Predict>(&self, without: Vec<P>, held: usize) -> Result<Score<P>> {
        let folds = self.folds()?;
        Ok(Score::new(self.features, without, folds)?.by(By::Folds(folds.count()))?.holding(held))
    }
}
