//! A model of some of the individuals of a chunk.

use std::borrow::Cow;

use serde::Serialize;
use thiserror::Error;
use twoblade_core::{
    Again, BoxError, Footprint, Group, Last, LeaveOneOut, Remembered, StreamingEstimator, Threads,
    tiles,
};

use crate::chunk::{PackedChunk, stride};
use crate::selection::Selection;

/// Variants whose individuals one thread takes out at a time.
const VARIANTS: usize = 32;

/// A model of some of the individuals that a source lends: it sees chunks of these alone, so it finds
/// to the bit what it finds in a run of its own. Several such models, one for each set of individuals
/// that have a phenotype, are a slice, and the slice is a model: one read serves all.
#[derive(Clone, Debug, Serialize)]
pub struct Among<M> {
    model: M,
    /// Whom it is about, for messages.
    #[serde(skip)]
    about: String,
    /// The model's own identity holds who it is.
    #[serde(skip)]
    selection: Selection,
}

/// What a model of some individuals has to say.
#[derive(Debug, Error)]
#[error("{about}")]
#[non_exhaustive]
pub struct AmongError {
    /// Whom the model is about.
    pub about: String,
    /// What is wrong.
    pub source: BoxError,
}

impl<M> Among<M> {
    /// A model of those individuals of a chunk that `selection` lets stay; `about` stands before its
    /// errors.
    pub fn new(model: M, about: impl Into<String>, selection: Selection) -> Self {
        Self { model, about: about.into(), selection }
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The model, to be changed.
    pub fn model_mut(&mut self) -> &mut M {
        &mut self.model
    }

    /// Whom it is about.
    pub fn about(&self) -> &str {
        &self.about
    }

    fn named<T>(&self, result: Result<T, BoxError>) -> Result<T, BoxError> {
        let named = |source| AmongError { about: self.about.clone(), source }.into();
        result.map_err(named)
    }

    /// The chunk without the others; itself, if there are none.
    fn taken<'a>(&self, chunk: &'a PackedChunk, threads: &dyn Threads) -> Cow<'a, PackedChunk> {
        let selection = &self.selection;
        if selection.is_all() {
            return Cow::Borrowed(chunk);
        }
        let stride = stride(selection.kept()).max(1);
        let mut taken = PackedChunk::new(selection.kept());
        let bytes = taken.refill(chunk.first(), chunk.variants());
        tiles(threads, bytes, VARIANTS * stride, &|tile, bytes| {
            for (variant, to) in (tile * VARIANTS..).zip(bytes.chunks_exact_mut(stride)) {
                selection.compact(chunk.variant(variant), to);
            }
        });
        Cow::Owned(taken)
    }
}

impl<M: StreamingEstimator<Chunk = PackedChunk>> StreamingEstimator for Among<M> {
    const STATE_VERSION: u32 = M::STATE_VERSION;
    type Chunk = PackedChunk;
    type State = M::State;
    type Total = M::Total;
    type Estimate = M::Estimate;

    fn name(&self) -> Cow<'static, str> {
        self.model.name()
    }

    fn depends_on_instructions(&self) -> bool {
        self.model.depends_on_instructions()
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        let mut footprint = self.model.footprint(chunk_bytes);
        footprint.shared += self.selection.bytes();
        if !self.selection.is_all() {
            footprint.per_thread += chunk_bytes;
        }
        footprint
    }

    fn again_nanoseconds(&self, chunk_bytes: usize) -> u64 {
        self.model.again_nanoseconds(chunk_bytes)
    }

    fn init(&self) -> M::State {
        self.model.init()
    }

    fn reset(&self, state: M::State) -> M::State {
        self.model.reset(state)
    }

    fn pass_one(
        &self,
        chunk: &PackedChunk,
        state: &mut M::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.named(self.model.pass_one(&self.taken(chunk, threads), state, threads))
    }

    fn aggregate(&self, state: M::State) -> Result<M::Total, BoxError> {
        self.named(self.model.aggregate(state))
    }

    fn finish(&self, total: &M::Total) -> Result<M::Estimate, BoxError> {
        self.named(self.model.finish(total))
    }
}

impl<M> LeaveOneOut for Among<M>
where
    M: LeaveOneOut + StreamingEstimator<Chunk = PackedChunk>,
    M::State: Group,
{
    const TAKES_LAST: bool = M::TAKES_LAST;

    fn pass_two(&self, total: &M::Total, held_out: &M::State) -> Result<M::Estimate, BoxError> {
        self.named(self.model.pass_two(total, held_out))
    }

    fn without_last(
        &self,
        total: &M::Total,
        blocks: &[Last<'_, M::State, PackedChunk>],
        threads: &dyn Threads,
    ) -> Vec<Result<M::Estimate, BoxError>> {
        let some = |blocks: &[Last<'_, M::State, PackedChunk>]| {
            let estimates = self.model.without_last(total, blocks, threads);
            estimates.into_iter().map(|estimate| self.named(estimate)).collect::<Vec<_>>()
        };
        if self.selection.is_all() {
            return some(blocks);
        }
        // One copy of a chunk at a time.
        let one = |block: &Last<'_, M::State, PackedChunk>| {
            let taken = self.taken(block.chunk.chunk, threads);
            some(&[Last { chunk: block.chunk.with(&taken), ..*block }])
        };
        blocks.iter().flat_map(one).collect()
    }

    fn pass_one_remembering(
        &self,
        chunks: &[&PackedChunk],
        state: &mut M::State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        let mut some = |chunks: &[&PackedChunk]| {
            self.named(self.model.pass_one_remembering(chunks, state, threads))
        };
        if self.selection.is_all() {
            return some(chunks);
        }
        let mut all = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            all.extend(some(&[&*self.taken(chunk, threads)])?);
        }
        Ok(all)
    }

    fn pass_one_again(
        &self,
        chunk: Again<'_, PackedChunk>,
        state: &mut M::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let taken = self.taken(chunk.chunk, threads);
        self.named(self.model.pass_one_again(chunk.with(&taken), state, threads))
    }

    fn pass_one_keeping(
        &self,
        chunk: &PackedChunk,
        state: &mut M::State,
        threads: &dyn Threads,
    ) -> Result<Remembered, BoxError> {
        self.named(self.model.pass_one_keeping(&self.taken(chunk, threads), state, threads))
    }

    fn without_kept(
        &self,
        total: &M::Total,
        kept: &Remembered,
        threads: &dyn Threads,
    ) -> Result<M::Estimate, BoxError> {
        self.named(self.model.without_kept(total, kept, threads))
    }
}
