//! A model and a source that do what a test tells them.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use serde::{Serialize, Serializer};
use twoblade_core::{
    BlockSource, BoxError, Fingerprint, Footprint, LeaveOneOut, StreamingEstimator, Threads,
};
use twoblade_runner::{Plan, Reuse, RunError, Runner};

type Hook<'a, T> = Box<dyn Fn(&T, &mut State, &dyn Threads) -> Result<(), BoxError> + Sync + 'a>;

/// Chunks and their sum; a vector, so that a test can give it another shape.
pub(crate) type State = Vec<u64>;

/// Chunk `index` of block `block`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) block: usize,
    pub(crate) index: usize,
}

impl Piece {
    pub(crate) fn value(self) -> u64 {
        (self.block * 1000 + self.index + 1) as u64
    }
}

/// Sums its chunks, unless a hook says otherwise.
pub(crate) struct Model<'a> {
    pub(crate) init: Box<dyn Fn() -> State + Sync + 'a>,
    /// After a chunk has been added.
    pub(crate) one: Hook<'a, Piece>,
    pub(crate) aggregate: Box<dyn Fn() -> Result<(), BoxError> + Sync + 'a>,
    pub(crate) finish: Box<dyn Fn() -> Result<(), BoxError> + Sync + 'a>,
    /// With the sum of the block that is left out.
    pub(crate) two: Box<dyn Fn(u64) -> Result<(), BoxError> + Sync + 'a>,
}

impl Default for Model<'_> {
    fn default() -> Self {
        Self {
            init: Box::new(|| vec![0, 0]),
            one: Box::new(|_, _, _| Ok(())),
            aggregate: Box::new(|| Ok(())),
            finish: Box::new(|| Ok(())),
            two: Box::new(|_| Ok(())),
        }
    }
}

impl Serialize for Model<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

pub(crate) const FOOTPRINT: Footprint =
    Footprint { state: 1000, shared: 10, per_thread: 1, remembered: 0, further: 0, kept: 0 };

impl StreamingEstimator for Model<'_> {
    const STATE_VERSION: u32 = 1;
    type Chunk = Piece;
    type State = State;
    type Total = State;
    type Estimate = Vec<u64>;

    fn name(&self) -> Cow<'static, str> {
        "toy".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        FOOTPRINT
    }

    fn init(&self) -> State {
        (self.init)()
    }

    fn pass_one(
        &self,
        chunk: &Piece,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        state[0] += 1;
        state[1] += chunk.value();
        (self.one)(chunk, state, threads)
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        (self.aggregate)()?;
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Vec<u64>, BoxError> {
        (self.finish)()?;
        Ok(total.clone())
    }
}

impl LeaveOneOut for Model<'_> {
    fn pass_two(&self, total: &State, held_out: &State) -> Result<Vec<u64>, BoxError> {
        (self.two)(held_out[1])?;
        Ok(total.iter().zip(held_out).map(|(all, held_out)| all - held_out).collect())
    }
}

/// A model of a test that sums as [`Model`] does, which is its `inner`: by a method `fold` of its own. And what it needs.
macro_rules! sums_as_the_rig {
    ($model:ident, $needs:expr) => {
        impl serde::Serialize for $model<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.inner.serialize(serializer)
            }
        }

        impl StreamingEstimator for $model<'_> {
            const STATE_VERSION: u32 = 1;
            type Chunk = Piece;
            type State = State;
            type Total = State;
            type Estimate = Vec<u64>;

            fn name(&self) -> std::borrow::Cow<'static, str> {
                self.inner.name()
            }

            fn footprint(&self, _chunk_bytes: usize) -> Footprint {
                let needs: fn(&Self) -> Footprint = $needs;
                needs(self)
            }

            fn init(&self) -> State {
                self.inner.init()
            }

            fn pass_one(
                &self,
                chunk: &Piece,
                state: &mut State,
                threads: &dyn Threads,
            ) -> Result<(), BoxError> {
                self.fold(chunk, state, threads)
            }

            fn aggregate(&self, state: State) -> Result<State, BoxError> {
                self.inner.aggregate(state)
            }

            fn finish(&self, total: &State) -> Result<Vec<u64>, BoxError> {
                self.inner.finish(total)
            }
        }
    };
}
pub(crate) use sums_as_the_rig;

/// Blocks of so many chunks each.
pub(crate) struct Source<'a> {
    pub(crate) sizes: Vec<usize>,
    /// How many chunks it says that a block of so many has, if it says so at all.
    pub(crate) says: Option<fn(usize) -> usize>,
    /// Before a chunk is lent.
    pub(crate) chunk: Box<dyn Fn(Piece) -> Result<(), BoxError> + Sync + 'a>,
    /// The digest of a block, and of which visit to this source.
    pub(crate) digest: Box<dyn Fn(usize, usize) -> u64 + Sync + 'a>,
    pub(crate) visits: AtomicUsize,
}

impl Source<'_> {
    pub(crate) fn new(sizes: impl Into<Vec<usize>>) -> Self {
        Self {
            sizes: sizes.into(),
            says: None,
            chunk: Box::new(|_| Ok(())),
            digest: Box::new(|block, _| block as u64),
            visits: AtomicUsize::new(0),
        }
    }

    pub(crate) fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

pub(crate) const CHUNK_BYTES: usize = 100;

impl BlockSource for Source<'_> {
    type Chunk = Piece;

    fn blocks(&self) -> usize {
        self.sizes.len()
    }

    fn chunks(&self) -> u64 {
        self.sizes.iter().sum::<usize>() as u64
    }

    fn chunks_in(&self, block: usize) -> Option<u64> {
        self.says.map(|says| says(self.sizes[block]) as u64)
    }

    fn chunk_bytes(&self) -> usize {
        CHUNK_BYTES
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([0; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Piece) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let visits = self.visits.fetch_add(1, Ordering::SeqCst);
        for index in 0..self.sizes[block] {
            let piece = Piece { block, index };
            (self.chunk)(piece)?;
            if visit(&piece).is_break() {
                break;
            }
        }
        Ok((self.digest)(block, visits))
    }
}

/// Every plan that some budget leads to, with the runner that makes it: several blocks at once or
/// one, with readers ahead or without.
pub(crate) fn every_plan(
    threads: usize,
    reuse: Reuse,
    source: &Source<'_>,
) -> Vec<(Runner<'static>, Plan)> {
    let mut plans = Vec::new();
    let mut budget = usize::MAX;
    let model = Model::default();
    while let Ok(plan) =
        Runner::new().threads(threads).reuse(reuse).memory(budget).plan(&model, source)
    {
        budget = plan.memory.total() - 1;
        let runner = Runner::new().threads(threads).reuse(reuse).memory(plan.memory.total());
        plans.push((runner, plan));
    }
    assert!(plans.len() > 1, "{plans:?}");
    plans
}

/// Plans of 1 and 3 threads, keeping and recomputing.
pub(crate) fn some_plans(source: &Source<'_>) -> Vec<(Runner<'static>, Plan)> {
    let mut plans = Vec::new();
    for threads in [1, 3] {
        for reuse in [Reuse::Keep, Reuse::Recompute] {
            plans.extend(every_plan(threads, reuse, source));
        }
    }
    plans
}

/// The smallest plan: one thread, one reader, so that blocks are done one after the other.
pub(crate) fn in_order(reuse: Reuse, source: &Source<'_>) -> Runner<'static> {
    let (runner, plan) = every_plan(1, reuse, source).pop().unwrap();
    assert_eq!(plan.readers, 1);
    runner
}

/// An error and its causes, one after the other.
pub(crate) fn chain(error: &RunError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Something that happens once, and is waited for.
#[derive(Default)]
pub(crate) struct Event {
    happened: Mutex<bool>,
    changed: Condvar,
}

impl Event {
    pub(crate) fn happen(&self) {
        *self.happened.lock().unwrap() = true;
        self.changed.notify_all();
    }

    /// Waits; if it never happens, says so after a minute instead of hanging.
    pub(crate) fn wait(&self) {
        let happened = self.happened.lock().unwrap();
        let (_happened, waited) = self
            .changed
            .wait_timeout_while(happened, Duration::from_secs(60), |happened| !*happened)
            .unwrap();
        assert!(!waited.timed_out(), "waited in vain");
    }
}
