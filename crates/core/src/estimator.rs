//! What a model is: two passes and a reduction.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::remembered::{Again, Last, NothingKept, Remembered};
use crate::source::BoxError;
use crate::state::{Group, Merge};
use crate::threads::Threads;

/// A model that folds chunks into an exact state and makes an estimate of the total.
///
/// The value itself is the configuration. It does not change during a run; serialized, it is the
/// identity of the model, so what is derived from other fields is `#[serde(skip)]`. A model does no
/// input or output, prints nothing and owns no threads.
///
/// # Contract
/// - Folding on is merging: `pass_one` adds to the state, and never reads what stands in it.
/// - A result depends on the data and the configuration alone, not on the order of chunks or on
///   threads. States made of [`FixedSums`](crate::FixedSums), [`ExactSum`](crate::ExactSum) and
///   counts give that for nothing.
/// - A state has one shape, from `init` on.
///
/// # Example
/// A complete model: the mean of a column, and its jackknife.
/// ```
/// use std::borrow::Cow;
/// use twoblade_core::{
///     BoxError, ExactSum, Footprint, LeaveOneOut, StreamingEstimator, Threads, group_fields,
/// };
///
/// #[derive(serde::Serialize)]
/// struct Mean;
///
/// #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
/// struct State {
///     count: u64,
///     sum: ExactSum,
/// }
/// group_fields!(State { count, sum });
///
/// impl StreamingEstimator for Mean {
///     const STATE_VERSION: u32 = 1;
///     type Chunk = Vec<f64>;
///     type State = State;
///     type Total = State;
///     type Estimate = f64;
///
///     fn name(&self) -> Cow<'static, str> {
///         "mean".into()
///     }
///     fn footprint(&self, _chunk_bytes: usize) -> Footprint {
///         Footprint { state: 16 + ExactSum::BYTES, ..Footprint::default() }
///     }
///     fn init(&self) -> State {
///         State::default()
///     }
///     fn pass_one(
///         &self,
///         chunk: &Vec<f64>,
///         state: &mut State,
///         _threads: &dyn Threads,
///     ) -> Result<(), BoxError> {
///         state.count += chunk.len() as u64;
///         chunk.iter().for_each(|&value| state.sum.add(value));
///         Ok(())
///     }
///     fn aggregate(&self, state: State) -> Result<State, BoxError> {
///         Ok(state)
///     }
///     fn finish(&self, total: &State) -> Result<f64, BoxError> {
///         self.pass_two(total, &self.init())
///     }
/// }
///
/// impl LeaveOneOut for Mean {
///     fn pass_two(&self, total: &State, held_out: &State) -> Result<f64, BoxError> {
///         let mut rest = total.clone();
///         twoblade_core::Group::remove(&mut rest, held_out);
///         Ok(rest.sum.value() / rest.count as f64)
///     }
/// }
/// ```
pub trait StreamingEstimator: Serialize + Sync {
    /// Raised whenever the meaning or the shape of the state changes.
    const STATE_VERSION: u32;
    /// What it reads.
    type Chunk;
    /// What it knows after some chunks.
    type State: Merge + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The state of everything, with whatever is computed once for all replicates.
    type Total: Sync;
    /// What it finds.
    type Estimate: Serialize + DeserializeOwned + Send;

    /// A short name for messages and files.
    fn name(&self) -> Cow<'static, str>;

    /// Whether its numbers may depend on the processor's instructions: they do where a library makes a
    /// product with whatever the processor has, and do not where all loops are plain or of our own (see
    /// [`Instructions`](crate::Instructions)). A state of a model that depends on them belongs to a run
    /// with the same ones.
    fn depends_on_instructions(&self) -> bool {
        true
    }

    /// Bytes that a run needs, from the configuration and the size of a chunk, before any data.
    fn footprint(&self, chunk_bytes: usize) -> Footprint;

    /// About how many nanoseconds of one core it takes to fold a chunk of so many bytes a second time, with
    /// what is remembered of it. A plan weighs it against the memory of states; nothing else depends on it.
    fn again_nanoseconds(&self, chunk_bytes: usize) -> u64 {
        chunk_bytes as u64
    }

    /// The state of nothing.
    fn init(&self) -> Self::State;

    /// The state of nothing, in the memory of one that is no longer needed.
    ///
    /// # Contract
    /// To the bit what `init` returns. A model with a large state overrides this, so that memory is
    /// taken once and not for every block.
    fn reset(&self, state: Self::State) -> Self::State {
        drop(state);
        self.init()
    }

    /// Adds one chunk to the state.
    ///
    /// # Errors
    /// What is wrong with this chunk, or with the state after it (a guard that is exceeded).
    fn pass_one(
        &self,
        chunk: &Self::Chunk,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError>;

    /// The reduction: from the state of everything to the total.
    ///
    /// # Errors
    /// What is wrong with the whole (nothing polymorphic, a guard that is exceeded).
    fn aggregate(&self, state: Self::State) -> Result<Self::Total, BoxError>;

    /// The estimate from everything.
    ///
    /// # Errors
    /// Why there is no estimate (a singular system).
    fn finish(&self, total: &Self::Total) -> Result<Self::Estimate, BoxError>;
}

/// A model that can leave a block out again.
pub trait LeaveOneOut: StreamingEstimator<State: Group> {
    /// Whether [`without_last`](Self::without_last) is quicker than to fold the last chunk of a block and
    /// then to leave out the block: a model says so that has a large state, and need not put the last chunk
    /// into one.
    const TAKES_LAST: bool = false;

    /// The estimate from everything but the block whose pass-one state is `held_out`.
    ///
    /// # Contract
    /// To the bit: the same as `finish(aggregate(S - held_out))` for the state `S` behind `total`,
    /// and with `init()` the same as `finish(total)`. The simplest way to keep this is one private
    /// function that both call.
    ///
    /// # Errors
    /// Why there is no estimate without this block.
    fn pass_two(
        &self,
        total: &Self::Total,
        held_out: &Self::State,
    ) -> Result<Self::Estimate, BoxError>;

    /// The estimates from everything but one block each, of which the last chunk has not been folded: one for
    /// each of `blocks`, in their order.
    ///
    /// # Contract
    /// To the bit: the same as [`pass_two`](Self::pass_two) once the chunk has been folded into the rest of its
    /// block, or into the state of nothing. So it is unless a model overrides this.
    ///
    /// # Errors
    /// Of each block those of [`pass_one`](StreamingEstimator::pass_one) and of [`pass_two`](Self::pass_two).
    fn without_last(
        &self,
        total: &Self::Total,
        blocks: &[Last<'_, Self::State, Self::Chunk>],
        threads: &dyn Threads,
    ) -> Vec<Result<Self::Estimate, BoxError>> {
        let without = |&Last { rest, chunk }: &Last<'_, Self::State, Self::Chunk>| {
            let mut state = self.init();
            if let Some(rest) = rest {
                state.merge(rest);
            }
            self.pass_one_again(chunk, &mut state, threads)?;
            self.pass_two(total, &state)
        };
        blocks.iter().map(without).collect()
    }

    /// Adds chunks to the state, and gives what of each is better remembered than found out a second time.
    ///
    /// A runner calls this where chunks are read twice, if the model [takes the last](Self::TAKES_LAST) chunk
    /// and the plan has room for what every chunk leaves ([`Footprint::remembered`]). It hands over several
    /// chunks, of a block each, to a model that is quicker with them than one after the other
    /// ([`Footprint::further`]).
    ///
    /// # Contract
    /// To the bit: the state of [`pass_one`](StreamingEstimator::pass_one), of one chunk after the other. What is
    /// remembered stands in the order of the chunks, for each of them something or nothing.
    ///
    /// # Errors
    /// Those of [`pass_one`](StreamingEstimator::pass_one). A runner finds out itself of which chunk.
    fn pass_one_remembering(
        &self,
        chunks: &[&Self::Chunk],
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        let fold = |chunk: &&Self::Chunk| {
            self.pass_one(chunk, state, threads)?;
            Ok(Remembered::default())
        };
        chunks.iter().map(fold).collect()
    }

    /// Adds a chunk to the state that may have been read before, with what is remembered of it: in pass two,
    /// all but the last chunk of a block.
    ///
    /// # Contract
    /// To the bit: the state of [`pass_one`](StreamingEstimator::pass_one), whether something is remembered
    /// or not.
    ///
    /// # Errors
    /// Those of [`pass_one`](StreamingEstimator::pass_one).
    fn pass_one_again(
        &self,
        chunk: Again<'_, Self::Chunk>,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.pass_one(chunk.chunk, state, threads)
    }

    /// Adds a chunk to the state that is the whole of a block, and gives what [`without_kept`](Self::without_kept)
    /// needs of it.
    ///
    /// A runner calls this where blocks are kept and not read again, if each is one chunk, the model [takes the
    /// last](Self::TAKES_LAST), and says what it keeps ([`Footprint::kept`]): something shorter than a state, or
    /// quicker to make. Of other blocks it keeps the states.
    ///
    /// # Contract
    /// To the bit: the state of [`pass_one`](StreamingEstimator::pass_one).
    ///
    /// # Errors
    /// Those of [`pass_one`](StreamingEstimator::pass_one).
    fn pass_one_keeping(
        &self,
        chunk: &Self::Chunk,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<Remembered, BoxError> {
        let mut alone = self.init();
        self.pass_one(chunk, &mut alone, threads)?;
        state.merge(&alone);
        Ok(Remembered::new(alone))
    }

    /// The estimate from everything but a block of which this was [kept](Self::pass_one_keeping).
    ///
    /// # Contract
    /// To the bit: the same as [`pass_two`](Self::pass_two) of the state of the block.
    ///
    /// # Errors
    /// Those of [`pass_two`](Self::pass_two), or [`NothingKept`].
    fn without_kept(
        &self,
        total: &Self::Total,
        kept: &Remembered,
        _threads: &dyn Threads,
    ) -> Result<Self::Estimate, BoxError> {
        self.pass_two(total, kept.get::<Self::State>().ok_or(NothingKept)?)
    }
}

/// Bytes that a model needs beside the chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Footprint {
    /// One state, at most, in memory and saved.
    pub state: usize,
    /// What is there once for all threads: the configuration, and what a total holds beyond the
    /// state that it was made from.
    pub shared: usize,
    /// What each thread needs for itself while it folds a chunk or leaves a block out.
    pub per_thread: usize,
    /// What it may remember of each chunk from the first reading to the second, at most; 0 for a model
    /// that remembers nothing. A plan has room for it or not: a model must do without.
    pub remembered: usize,
    /// What each thread needs for every further chunk that a model is given at a time, of those that it is to
    /// [remember](LeaveOneOut::pass_one_remembering), and of those that it is to
    /// [leave out](LeaveOneOut::without_last); 0 for a model that is not quicker with several, and is given one.
    pub further: usize,
    /// What it keeps of a chunk that is the whole of a block, at most, so that the block is
    /// [left out](LeaveOneOut::without_kept) without being read again; 0 for a model of which states are kept.
    pub kept: usize,
}

impl Footprint {
    /// What several models need that share a read.
    pub fn together(of: &[Self]) -> Self {
        let list = Self { state: size_of::<Vec<u8>>(), ..Self::default() };
        let sum = of.iter().fold(list, |sum, of| Self {
            state: sum.state + of.state,
            shared: sum.shared + of.shared,
            per_thread: sum.per_thread.max(of.per_thread),
            further: sum.further.max(of.further),
            remembered: match of.remembered {
                0 => sum.remembered,
                bytes => sum.remembered + bytes + size_of::<Remembered>(),
            },
            kept: sum.kept + of.kept + size_of::<Remembered>(),
        });
        // States are kept of all of them, or of none.
        let kept = if of.iter().any(|of| of.kept == 0) { 0 } else { sum.kept };
        Self { kept, ..sum }
    }
}
