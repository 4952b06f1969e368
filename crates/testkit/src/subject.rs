//! A model and a source on which a law is tried.

use std::ops::ControlFlow;

use serde::Serialize;
use twoblade_core::{
    BlockSource, BoxError, Jackknife, LeaveOneOut, Serial, StreamingEstimator, Threads,
};

use crate::broken::{Broken, Finding, Law};
use crate::singled::Singled;

/// Fewer blocks than this and a law says little.
const BLOCKS: usize = 7;
/// Fewer chunks in a block than this and a law says little.
const CHUNKS: usize = 3;

/// Something saved, or why there is nothing to save.
pub(crate) type Saved = Result<Vec<u8>, BoxError>;

/// A model, a source, and the law that is tried on them.
pub(crate) struct Subject<'a, M, S> {
    pub(crate) law: Law,
    pub(crate) model: &'a M,
    pub(crate) source: &'a S,
}

/// Refuses a source on which a law would say little.
pub(crate) fn is_large_enough<S: BlockSource>(law: Law, source: &S) -> Result<(), Broken> {
    let vacuous = |what| Err(Broken::vacuous(law, what));
    if source.blocks() < BLOCKS {
        return vacuous(format!("{} blocks where {BLOCKS} are needed", source.blocks()));
    }
    let mut all = 0;
    for block in 0..source.blocks() {
        let mut chunks = 0;
        let read = source.visit(block, &mut |_| {
            chunks += 1;
            ControlFlow::Continue(())
        });
        read.map_err(|error| Broken::refused(law, format!("block {block}"), error))?;
        if chunks < CHUNKS {
            return vacuous(format!("block {block} has {chunks} chunks where {CHUNKS} are needed"));
        }
        all += chunks as u64;
    }
    if all != source.chunks() {
        let promised = source.chunks();
        return vacuous(format!("the source has {all} chunks and speaks of {promised}"));
    }
    Ok(())
}

/// Two saved things must be the same.
pub(crate) fn same_bytes(
    law: Law,
    case: impl Into<String>,
    left: &[u8],
    right: &[u8],
) -> Result<(), Broken> {
    if left == right {
        return Ok(());
    }
    let common = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    let finding = Finding::Bytes { at: common, left: left.len(), right: right.len() };
    Err(Broken { law, case: case.into(), finding })
}

impl<'a, M, S> Subject<'a, M, S>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    /// Refuses a source on which a law would say little.
    pub(crate) fn new(law: Law, model: &'a M, source: &'a S) -> Result<Self, Broken> {
        is_large_enough(law, source)?;
        Ok(Self { law, model, source })
    }

    /// The same source with each chunk a block of its own.
    pub(crate) fn singled(&self) -> Result<Singled<'a, S>, Broken> {
        Singled::new(self.source).map_err(|error| self.refused("every chunk a block", error))
    }

    /// All blocks.
    pub(crate) fn blocks(&self) -> std::ops::Range<usize> {
        0..self.source.blocks()
    }

    /// Does something with every chunk of a block.
    fn each_chunk(
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

    /// Folds a block into a state.
    pub(crate) fn fold(
        &self,
        block: usize,
        state: &mut M::State,
        threads: &dyn Threads,
    ) -> Result<(), Broken> {
        self.each_chunk(block, &mut |chunk| self.model.pass_one(chunk, state, threads))
    }

    /// The state of some blocks, folded one after the other.
    pub(crate) fn state_of(
        &self,
        blocks: impl IntoIterator<Item = usize>,
    ) -> Result<M::State, Broken> {
        let mut state = self.model.init();
        blocks.into_iter().try_for_each(|block| self.fold(block, &mut state, &Serial))?;
        Ok(state)
    }

    /// A state a chunk, each folded from `init`.
    pub(crate) fn chunk_states(&self, block: usize) -> Result<Vec<M::State>, Broken> {
        let mut states = Vec::new();
        self.each_chunk(block, &mut |chunk| {
            let mut state = self.model.init();
            self.model.pass_one(chunk, &mut state, &Serial)?;
            states.push(state);
            Ok(())
        })?;
        Ok(states)
    }

    /// The reduction.
    pub(crate) fn total(&self, state: M::State) -> Result<M::Total, Broken> {
        self.model.aggregate(state).map_err(|error| self.refused("aggregate", error))
    }

    fn finish(&self, total: &M::Total) -> Result<M::Estimate, Broken> {
        self.model.finish(total).map_err(|error| self.refused("finish", error))
    }

    /// The estimate from a state, saved; not every state has one.
    pub(crate) fn estimate(&self, state: M::State) -> Saved {
        let total = self.model.aggregate(state)?;
        Ok(postcard::to_stdvec(&self.model.finish(&total)?)?)
    }

    /// A state or an estimate as bytes.
    pub(crate) fn saved<T: Serialize>(&self, thing: &T) -> Result<Vec<u8>, Broken> {
        postcard::to_stdvec(thing).map_err(|error| self.refused("saving", error.into()))
    }

    /// A state from bytes.
    pub(crate) fn loaded(&self, bytes: &[u8]) -> Result<M::State, Broken> {
        postcard::from_bytes(bytes).map_err(|error| self.refused("loading", error.into()))
    }

    /// Two states must be the same to the bit, and so must what they lead to.
    pub(crate) fn same(
        &self,
        case: impl Into<String>,
        left: M::State,
        right: M::State,
    ) -> Result<(), Broken> {
        let case = case.into();
        self.same_bytes(&case, &self.saved(&left)?, &self.saved(&right)?)?;
        let (left, right) = (self.estimate(left), self.estimate(right));
        self.same_saved(format!("{case}, estimates"), left, right)
    }

    /// Two estimates must be the same to the bit, or both be missing.
    pub(crate) fn same_saved(
        &self,
        case: impl Into<String>,
        left: Saved,
        right: Saved,
    ) -> Result<(), Broken> {
        match (left, right) {
            (Ok(left), Ok(right)) => self.same_bytes(case, &left, &right),
            (Err(_), Err(_)) => Ok(()),
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => {
                Err(self.broken(case, Finding::OneRefused(error)))
            }
        }
    }

    /// Two saved things must be the same.
    pub(crate) fn same_bytes(
        &self,
        case: impl Into<String>,
        left: &[u8],
        right: &[u8],
    ) -> Result<(), Broken> {
        same_bytes(self.law, case, left, right)
    }

    pub(crate) fn broken(&self, case: impl Into<String>, finding: Finding) -> Broken {
        Broken { law: self.law, case: case.into(), finding }
    }

    pub(crate) fn refused(&self, case: impl Into<String>, error: BoxError) -> Broken {
        Broken::refused(self.law, case, error)
    }

    pub(crate) fn vacuous(&self, what: String) -> Broken {
        Broken::vacuous(self.law, what)
    }
}

impl<M, S> Subject<'_, M, S>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    /// The jackknife without a runner, saved.
    pub(crate) fn by_hand(&self) -> Result<Jackknife<Vec<u8>>, Broken> {
        let whole = self.state_of(self.blocks())?;
        let total = self.total(whole)?;
        let full = self.saved(&self.finish(&total)?)?;
        let replicate = |block| {
            let held_out = self.state_of([block])?;
            let estimate = self.model.pass_two(&total, &held_out);
            self.saved(&estimate.map_err(|error| self.refused(format!("block {block}"), error))?)
        };
        let replicates = self.blocks().map(replicate).collect::<Result<_, _>>()?;
        Ok(Jackknife { full, replicates })
    }
}
