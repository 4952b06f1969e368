//! A model and a source on which a law is tried, and learning without a runner.

use std::ops::ControlFlow;

use serde::Serialize;
use twoblade_core::{BlockSource, BoxError, OrderedEstimator};

use crate::broken::{Broken, Law};
use crate::subject::{is_large_enough, same_bytes};

/// How often a law goes over the source: what the second epoch does is not what the first does.
pub(super) const EPOCHS: u32 = 2;

/// A model, a source, and the law that is tried on them.
pub(super) struct Learning<'a, M, S> {
    pub(super) law: Law,
    pub(super) model: &'a M,
    pub(super) source: &'a S,
}

impl<'a, M, S> Learning<'a, M, S>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    /// Refuses a source on which a law would say little.
    pub(super) fn new(law: Law, model: &'a M, source: &'a S) -> Result<Self, Broken> {
        is_large_enough(law, source)?;
        Ok(Self { law, model, source })
    }

    /// Every block of every epoch.
    pub(super) fn visits(&self) -> impl Iterator<Item = (u32, usize)> + use<M, S> {
        let blocks = self.source.blocks();
        (0..EPOCHS).flat_map(move |epoch| (0..blocks).map(move |block| (epoch, block)))
    }

    /// Does something with every chunk of a block.
    pub(super) fn each_chunk(
        &self,
        block: usize,
        each: &mut dyn FnMut(&M::Chunk) -> Result<(), BoxError>,
    ) -> Result<(), Broken> {
        let mut refused = None;
        let read = self.source.visit(block, &mut |chunk| match each(chunk) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                refused = Some(error);
                ControlFlow::Break(())
            }
        });
        match refused.map_or(read.map(drop), Err) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.refused(format!("block {block}"), error)),
        }
    }

    /// Learns from a block.
    pub(super) fn learn(
        &self,
        (epoch, block): (u32, usize),
        model: &mut M::Model,
    ) -> Result<(), Broken> {
        self.each_chunk(block, &mut |chunk| self.model.learn(epoch, chunk, model))
    }

    /// What all epochs give without a runner, saved: the model, and what it says.
    pub(super) fn by_hand(&self) -> Result<(Vec<u8>, Vec<u8>), Broken> {
        let mut model = self.model.init();
        self.visits().try_for_each(|visit| self.learn(visit, &mut model))?;
        let estimate = self.model.finish(&model).map_err(|error| self.refused("finish", error))?;
        Ok((self.saved(&model)?, self.saved(&estimate)?))
    }

    /// A model or an estimate as bytes.
    pub(super) fn saved<T: Serialize>(&self, thing: &T) -> Result<Vec<u8>, Broken> {
        postcard::to_stdvec(thing).map_err(|error| self.refused("saving", error.into()))
    }

    /// Two models must be the same to the bit.
    pub(super) fn same(
        &self,
        case: impl Into<String>,
        left: &M::Model,
        right: &M::Model,
    ) -> Result<(), Broken> {
        same_bytes(self.law, case, &self.saved(left)?, &self.saved(right)?)
    }

    pub(super) fn refused(&self, case: impl Into<String>, error: BoxError) -> Broken {
        Broken::refused(self.law, case, error)
    }
}

/// Whatever else is learned in between, the same chunk makes the same of the same model.
///
/// # Errors
/// [`Broken`] with [`Law::LearningDependsOnTheModelAlone`].
pub fn learning_depends_on_the_model_alone<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let learning = Learning::new(Law::LearningDependsOnTheModelAlone, model, source)?;
    let mut learned = model.init();
    for (epoch, block) in learning.visits() {
        let mut chunk_of_block = 0;
        let mut broken = Ok(());
        learning.each_chunk(block, &mut |chunk| {
            let (mut one, mut other) = (learned.clone(), learned.clone());
            model.learn(epoch, chunk, &mut one)?;
            model.learn(epoch, chunk, &mut model.init())?;
            model.learn(epoch, chunk, &mut other)?;
            let case = format!("epoch {epoch}, block {block}, chunk {chunk_of_block}");
            if broken.is_ok() {
                broken = learning.same(case, &one, &other);
            }
            (learned, chunk_of_block) = (one, chunk_of_block + 1);
            Ok(())
        })?;
        broken?;
    }
    let mut again = model.init();
    learning.visits().try_for_each(|visit| learning.learn(visit, &mut again))?;
    learning.same("all epochs", &learned, &again)
}
