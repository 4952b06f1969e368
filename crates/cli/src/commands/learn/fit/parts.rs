//! A fit in parts: pass one fits, pass two scores what was fitted without each fold.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use twoblade::core::StreamingEstimator as _;
use twoblade::learn::metrics::State as ScoreState;
use twoblade::runner::{Cover, Header, Identity, Part, Pass, Run, StateError};

use super::args::ModelKind;
use super::ground::{Found, Ground};
use super::learner::{self, Learner};
use super::{bayes, forest, ridge};

/// What parts of a fit do, whichever learner it is.
pub(crate) trait Parts {
    /// What makes another fit the same, and the bytes that one thread needs for pass one, and a state.
    fn plan(&self, ground: &Ground<'_>) -> Result<(Identity, usize, usize)>;

    /// Fits on some of the blocks.
    fn pass_one(&self, ground: &Ground<'_>, blocks: &Cover, out: &Path) -> Result<()>;

    /// Scores the rows of some of the blocks, from the state of all of them.
    fn pass_two(
        &self,
        ground: &Ground<'_>,
        identity: &Identity,
        total: &Path,
        which: (&Cover, &Path),
    ) -> Result<()>;

    /// What is kept, from the state of all blocks and the scores of all of them.
    fn finish(
        &self,
        ground: &Ground<'_>,
        identity: &Identity,
        total: &Path,
        scores: &[PathBuf],
    ) -> Result<Found>;
}

/// The parts of a kind of model.
pub(crate) fn parts(kind: ModelKind) -> Result<Box<dyn Parts>> {
    Ok(match kind {
        ModelKind::Ridge => Box::new(Of::<ridge::Ridged>(PhantomData)),
        ModelKind::Bayes => Box::new(Of::<bayes::Bayesian>(PhantomData)),
        ModelKind::Forest => Box::new(Of::<forest::Grown>(PhantomData)),
        ModelKind::Logistic | ModelKind::Linear => bail!(
            "--model {} learns from rows in their order, so its parts cannot be added; ridge, bayes and \
             forest are fitted in parts",
            kind.name()
        ),
    })
}

struct Of<L>(PhantomData<L>);

impl<L: Learner> Of<L> {
    /// The state of all blocks, reduced; and the digests of what was read.
    fn total(
        ground: &Ground<'_>,
        model: &L::Model,
        identity: &Identity,
        file: &Path,
    ) -> Result<(Run<L::Model>, Vec<u64>)> {
        let total = Part::load_of(file, identity, Pass::One)?;
        let digests = total.header().digests.clone();
        Ok((ground.runner.finish_one_pass(model, ground.source, (total, file))?, digests))
    }
}

impl<L: Learner> Parts for Of<L> {
    fn plan(&self, ground: &Ground<'_>) -> Result<(Identity, usize, usize)> {
        learner::plan::<L>(ground)
    }

    fn pass_one(&self, ground: &Ground<'_>, blocks: &Cover, out: &Path) -> Result<()> {
        let model = L::model(ground)?;
        Ok(ground.runner.pass_one(&model, ground.source, blocks)?.save(out)?)
    }

    fn pass_two(
        &self,
        ground: &Ground<'_>,
        identity: &Identity,
        total: &Path,
        (blocks, out): (&Cover, &Path),
    ) -> Result<()> {
        let model = L::model(ground)?;
        let (run, digests) = Self::total(ground, &model, identity, total)?;
        let Some(without) = L::without(ground, &model, &run.total)? else {
            bail!("{} scores its folds in pass one, and has no pass two", model.name());
        };
        let held = L::held(ground, &without);
        let score = ground.scoring(without, held)?;
        let part = ground.runner.pass_one(&score, ground.source, blocks)?;
        same(part.header(), &digests)?;
        Ok(part.as_second_pass(identity.clone()).save(out)?)
    }

    fn finish(
        &self,
        ground: &Ground<'_>,
        identity: &Identity,
        total: &Path,
        scores: &[PathBuf],
    ) -> Result<Found> {
        let model = L::model(ground)?;
        let (run, digests) = Self::total(ground, &model, identity, total)?;
        let Some(without) = L::without(ground, &model, &run.total)? else {
            ensure!(
                scores.is_empty(),
                "{} has one pass: finish PLAN TOTAL --out MODEL",
                model.name()
            );
            return L::found(ground, &model, run, None);
        };
        let part = together::<ScoreState>(identity, scores)?;
        same(part.header(), &digests)?;
        let held = L::held(ground, &without);
        let score = ground.scoring(without, held)?;
        let total = score.aggregate(part.into_payload()).map_err(anyhow::Error::from_boxed)?;
        let scores = score.finish(&total).map_err(anyhow::Error::from_boxed)?;
        L::found(ground, &model, run, Some(scores))
    }
}

/// The scores of all blocks.
fn together<S>(identity: &Identity, files: &[PathBuf]) -> Result<Part<S>>
where
    S: twoblade::core::Merge + Serialize + DeserializeOwned,
{
    let (first, others) = files
        .split_first()
        .context("the scores of pass two are needed: finish PLAN TOTAL SCORES… --out MODEL")?;
    let mut all = Part::load_of(first, identity, Pass::Two)?;
    for file in others {
        all.merge(&Part::load_of(file, identity, Pass::Two)?, file)?;
    }
    all.complete()?;
    Ok(all)
}

/// Refuses blocks that were other bytes in pass two than in pass one.
fn same(header: &Header, digests: &[u64]) -> Result<()> {
    for (block, &second) in header.cover.blocks().zip(&header.digests) {
        let first = digests[block];
        if first != second {
            return Err(StateError::Changed { block, first, second }.into());
        }
    }
    Ok(())
}
