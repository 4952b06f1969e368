//! A model and a source that count what is held.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize, Serializer};
use twoblade_core::{
    Again, BlockSource, BoxError, Fingerprint, Footprint, Group, Last, LeaveOneOut, Merge,
    OrderedEstimator, Remembered, StreamingEstimator, Threads,
};

/// How many of something there are, how many there ever were, and the most at a time.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    now: AtomicUsize,
    ever: AtomicUsize,
    peak: AtomicUsize,
}

impl Gauge {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.ever.fetch_add(1, Ordering::SeqCst);
        self.peak.fetch_max(now, Ordering::SeqCst);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    /// Counts while the guard lives.
    fn hold(&self) -> Held<'_> {
        self.enter();
        Held(self)
    }

    pub(crate) fn ever(&self) -> usize {
        self.ever.load(Ordering::SeqCst)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }
}

struct Held<'a>(&'a Gauge);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// What one run held.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// States, and the total, which is made from one.
    pub(crate) states: Arc<Gauge>,
    /// Visits to the source.
    pub(crate) visits: Gauge,
    /// Copies of chunks.
    pub(crate) copies: Arc<Gauge>,
    /// Calls of the two passes, or of learning.
    pub(crate) calls: Gauge,
    /// Chunks that they are given beside their first.
    pub(crate) further: Gauge,
    /// Chunks of which something is remembered.
    pub(crate) memories: Arc<Gauge>,
    /// Chunks that are kept.
    pub(crate) kept: Arc<Gauge>,
}

/// Counts as long as it lives.
#[derive(Debug, Default)]
struct Alive(Option<Arc<Gauge>>);

impl Alive {
    fn new(gauge: &Arc<Gauge>) -> Self {
        gauge.enter();
        Self(Some(Arc::clone(gauge)))
    }
}

impl Clone for Alive {
    fn clone(&self) -> Self {
        self.0.as_ref().map_or_else(Self::default, Self::new)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        if let Some(gauge) = &self.0 {
            gauge.leave();
        }
    }
}

/// A state, a total or a model that is counted. What is loaded is not: a runner holds what it made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Counted<T> {
    inner: T,
    #[serde(skip)]
    alive: Alive,
}

impl<T: Merge> Merge for Counted<T> {
    fn merge(&mut self, other: &Self) {
        self.inner.merge(&other.inner);
    }
}

impl<T: Group> Group for Counted<T> {
    fn remove(&mut self, other: &Self) {
        self.inner.remove(&other.inner);
    }
}

/// A model whose states are counted.
pub(crate) struct CountingModel<'a, M> {
    pub(crate) model: &'a M,
    pub(crate) tally: &'a Tally,
}

impl<M: Serialize> Serialize for CountingModel<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.model.serialize(serializer)
    }
}

impl<M: StreamingEstimator> StreamingEstimator for CountingModel<'_, M> {
    const STATE_VERSION: u32 = M::STATE_VERSION;
    type Chunk = M::Chunk;
    type State = Counted<M::State>;
    type Total = Counted<M::Total>;
    type Estimate = M::Estimate;

    fn name(&self) -> Cow<'static, str> {
        self.model.name()
    }

    fn depends_on_instructions(&self) -> bool {
        self.model.depends_on_instructions()
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        self.model.footprint(chunk_bytes)
    }

    fn again_nanoseconds(&self, chunk_bytes: usize) -> u64 {
        self.model.again_nanoseconds(chunk_bytes)
    }

    fn init(&self) -> Self::State {
        Counted { alive: Alive::new(&self.tally.states), inner: self.model.init() }
    }

    fn reset(&self, state: Self::State) -> Self::State {
        Counted { alive: state.alive, inner: self.model.reset(state.inner) }
    }

    fn pass_one(
        &self,
        chunk: &M::Chunk,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let _call = self.tally.calls.hold();
        self.model.pass_one(chunk, &mut state.inner, threads)
    }

    fn aggregate(&self, state: Self::State) -> Result<Self::Total, BoxError> {
        Ok(Counted { inner: self.model.aggregate(state.inner)?, alive: state.alive })
    }

    fn finish(&self, total: &Self::Total) -> Result<Self::Estimate, BoxError> {
        self.model.finish(&total.inner)
    }
}

impl<M: LeaveOneOut> LeaveOneOut for CountingModel<'_, M> {
    const TAKES_LAST: bool = M::TAKES_LAST;

    fn pass_two(
        &self,
        total: &Self::Total,
        held_out: &Self::State,
    ) -> Result<Self::Estimate, BoxError> {
        let _call = self.tally.calls.hold();
        self.model.pass_two(&total.inner, &held_out.inner)
    }

    fn without_last(
        &self,
        total: &Self::Total,
        blocks: &[Last<'_, Self::State, M::Chunk>],
        threads: &dyn Threads,
    ) -> Vec<Result<Self::Estimate, BoxError>> {
        let _call = self.tally.calls.hold();
        let _further = self.further(blocks);
        let blocks = blocks.iter().map(|&Last { rest, chunk }| Last {
            rest: rest.map(|rest| &rest.inner),
            chunk: uncounted(chunk),
        });
        self.model.without_last(&total.inner, &blocks.collect::<Vec<_>>(), threads)
    }

    fn pass_one_remembering(
        &self,
        chunks: &[&M::Chunk],
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        let _call = self.tally.calls.hold();
        let _further = self.further(chunks);
        let all = self.model.pass_one_remembering(chunks, &mut state.inner, threads)?;
        let counted = |inner| Counted { inner, alive: Alive::new(&self.tally.memories) };
        Ok(all.into_iter().map(counted).map(Remembered::new).collect())
    }

    fn pass_one_again(
        &self,
        chunk: Again<'_, M::Chunk>,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let _call = self.tally.calls.hold();
        self.model.pass_one_again(uncounted(chunk), &mut state.inner, threads)
    }

    fn pass_one_keeping(
        &self,
        chunk: &M::Chunk,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<Remembered, BoxError> {
        let _call = self.tally.calls.hold();
        let inner = self.model.pass_one_keeping(chunk, &mut state.inner, threads)?;
        Ok(Remembered::new(Counted { inner, alive: Alive::new(&self.tally.kept) }))
    }

    fn without_kept(
        &self,
        total: &Self::Total,
        kept: &Remembered,
        threads: &dyn Threads,
    ) -> Result<Self::Estimate, BoxError> {
        let _call = self.tally.calls.hold();
        self.model.without_kept(&total.inner, counted(kept), threads)
    }
}

impl<M> CountingModel<'_, M> {
    /// Counts those of some chunks that are given beside another, while this lives.
    fn further<T>(&self, chunks: &[T]) -> Vec<Held<'_>> {
        chunks.iter().skip(1).map(|_| self.tally.further.hold()).collect()
    }
}

/// The chunk with what the model inside remembers of it.
fn uncounted<C>(again: Again<'_, C>) -> Again<'_, C> {
    Again { remembered: counted(again.remembered), ..again }
}

/// What the model inside remembers.
fn counted(remembered: &Remembered) -> &Remembered {
    let counted = remembered.get::<Counted<Remembered>>();
    counted.map_or(Remembered::NOTHING, |counted| &counted.inner)
}

impl<M: OrderedEstimator> OrderedEstimator for CountingModel<'_, M> {
    const MODEL_VERSION: u32 = M::MODEL_VERSION;
    type Chunk = Copied<M::Chunk>;
    type Model = Counted<M::Model>;
    type Estimate = M::Estimate;

    fn name(&self) -> Cow<'static, str> {
        self.model.name()
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        self.model.footprint(chunk_bytes)
    }

    fn init(&self) -> Self::Model {
        Counted { alive: Alive::new(&self.tally.states), inner: self.model.init() }
    }

    fn learn(
        &self,
        epoch: u32,
        chunk: &Self::Chunk,
        model: &mut Self::Model,
    ) -> Result<(), BoxError> {
        let _call = self.tally.calls.hold();
        self.model.learn(epoch, &chunk.chunk, &mut model.inner)
    }

    fn finish(&self, model: &Self::Model) -> Result<Self::Estimate, BoxError> {
        self.model.finish(&model.inner)
    }
}

/// A chunk whose copies are counted. The first is the source's own.
pub(crate) struct Copied<C> {
    chunk: C,
    copies: Arc<Gauge>,
    _alive: Alive,
}

impl<C: Clone> Clone for Copied<C> {
    fn clone(&self) -> Self {
        let (chunk, copies) = (self.chunk.clone(), Arc::clone(&self.copies));
        Self { chunk, _alive: Alive::new(&copies), copies }
    }
}

/// A source whose visits are counted, and the copies of whose chunks are.
pub(crate) struct CopyingSource<'a, S> {
    pub(crate) source: &'a S,
    pub(crate) tally: &'a Tally,
}

impl<S> BlockSource for CopyingSource<'_, S>
where
    S: BlockSource,
    S::Chunk: Clone,
{
    type Chunk = Copied<S::Chunk>;

    fn blocks(&self) -> usize {
        self.source.blocks()
    }

    fn chunks(&self) -> u64 {
        self.source.chunks()
    }

    fn chunks_in(&self, block: usize) -> Option<u64> {
        self.source.chunks_in(block)
    }

    fn chunk_bytes(&self) -> usize {
        self.source.chunk_bytes()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.source.fingerprint()
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Self::Chunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let _visit = self.tally.visits.hold();
        self.source.visit(block, &mut |chunk| {
            let copies = Arc::clone(&self.tally.copies);
            visit(&Copied { chunk: chunk.clone(), copies, _alive: Alive::default() })
        })
    }
}

/// A source whose visits are counted.
pub(crate) struct CountingSource<'a, S> {
    pub(crate) source: &'a S,
    pub(crate) tally: &'a Tally,
}

impl<S: BlockSource> BlockSource for CountingSource<'_, S> {
    type Chunk = S::Chunk;

    fn blocks(&self) -> usize {
        self.source.blocks()
    }

    fn chunks(&self) -> u64 {
        self.source.chunks()
    }

    fn chunks_in(&self, block: usize) -> Option<u64> {
        self.source.chunks_in(block)
    }

    fn chunk_bytes(&self) -> usize {
        self.source.chunk_bytes()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.source.fingerprint()
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&S::Chunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let _visit = self.tally.visits.hold();
        self.source.visit(block, visit)
    }
}
