//! A learner that keeps its rows apart by fold, so that one read serves every fit without a fold.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use twoblade_core::{
    BoxError, Footprint, Group, Jackknife, LeaveOneOut, Merge, StreamingEstimator, Threads,
};
use twoblade_table::Rows;

use crate::error::Error;

/// Which fold a row belongs to: its block modulo their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Folds {
    /// How many folds there are, 1 at least; with one there is nothing to leave out.
    count: usize,
    /// Rows of a block.
    block_rows: u64,
}

impl Folds {
    /// So many folds of blocks of so many rows.
    ///
    /// # Errors
    /// [`Error::Options`] if one of them is 0.
    pub fn new(count: usize, block_rows: u64) -> Result<Self, Error> {
        if count == 0 || block_rows == 0 {
            return Err(Error::Options(format!(
                "{count} folds of blocks of {block_rows} rows; expected 1 or more of both"
            )));
        }
        Ok(Self { count, block_rows })
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }

    /// The fold of a row, by its index in the whole table.
    ///
    /// # Panics
    /// Never: a fold is below their number.
    pub fn of(self, row: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "below their number")]
        let fold = (row / self.block_rows % self.count as u64) as usize;
        fold
    }
}

/// A learner over rows that is fitted on everything and on everything but each fold, from one read:
/// a state is one of the learner's for each fold.
///
/// The estimate is that of everything; [`FoldedTotal::jackknife`] has the others. Leaving a block out is
/// leaving it out of the estimate of everything.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Folded<M> {
    model: M,
    folds: Folds,
}

/// What is known after all rows.
pub struct FoldedTotal<M: StreamingEstimator> {
    states: Vec<M::State>,
    all: M::Total,
}

impl<M: StreamingEstimator> fmt::Debug for FoldedTotal<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoldedTotal").field("folds", &self.states.len()).finish_non_exhaustive()
    }
}

impl<M> Folded<M> {
    /// Of this learner, with these folds.
    pub fn new(model: M, folds: Folds) -> Self {
        Self { model, folds }
    }

    /// The learner.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The folds.
    pub fn folds(&self) -> Folds {
        self.folds
    }
}

impl<M: LeaveOneOut> FoldedTotal<M> {
    /// The state of each fold.
    pub fn states(&self) -> &[M::State] {
        &self.states
    }

    /// The state of everything, reduced.
    pub fn all(&self) -> &M::Total {
        &self.all
    }

    /// The states of fewer folds, of which each is several of these: fold i of `count` is every fold
    /// whose number is i modulo `count`, and so again the rows whose block is.
    ///
    /// # Panics
    /// Unless `count` divides the number of folds.
    pub fn coarser(&self, model: &Folded<M>, count: usize) -> Vec<M::State> {
        assert_eq!(self.states.len() % count, 0, "{count} folds of {}", self.states.len());
        let fold = |first| together(&model.model, self.states.iter().skip(first).step_by(count));
        (0..count).map(fold).collect()
    }

    /// The estimate of everything, and what it becomes without each fold.
    ///
    /// # Errors
    /// Why there is no estimate.
    pub fn jackknife(&self, model: &Folded<M>) -> Result<Jackknife<M::Estimate>, BoxError> {
        let without = |state| model.model.pass_two(&self.all, state);
        Ok(Jackknife {
            full: model.model.finish(&self.all)?,
            replicates: self.states.iter().map(without).collect::<Result<_, _>>()?,
        })
    }
}

/// States as one.
fn together<'a, M>(model: &M, states: impl IntoIterator<Item = &'a M::State>) -> M::State
where
    M: StreamingEstimator<State: 'a>,
{
    let mut all = model.init();
    states.into_iter().for_each(|state| all.merge(state));
    all
}

impl<M> StreamingEstimator for Folded<M>
where
    M: LeaveOneOut<Chunk = Rows> + StreamingEstimator<Total: Send>,
    M::State: Group,
{
    const STATE_VERSION: u32 = M::STATE_VERSION;
    type Chunk = Rows;
    type State = Vec<M::State>;
    type Total = FoldedTotal<M>;
    type Estimate = M::Estimate;

    fn name(&self) -> Cow<'static, str> {
        self.model.name()
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        let of = self.model.footprint(chunk_bytes);
        let state = self.folds.count * of.state + size_of::<Vec<M::State>>();
        // Beside the states of the folds there is what they are together, once reduced; to leave a
        // block out, a thread puts that block's states together.
        let (shared, per_thread) = (of.shared + of.state, of.per_thread + of.state);
        Footprint { state, shared, per_thread, ..Footprint::default() }
    }

    fn init(&self) -> Self::State {
        (0..self.folds.count).map(|_| self.model.init()).collect()
    }

    fn reset(&self, state: Self::State) -> Self::State {
        state.into_iter().map(|state| self.model.reset(state)).collect()
    }

    fn pass_one(
        &self,
        chunk: &Rows,
        state: &mut Self::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        // A chunk lies in one block.
        self.model.pass_one(chunk, &mut state[self.folds.of(chunk.first())], threads)
    }

    fn aggregate(&self, states: Self::State) -> Result<Self::Total, BoxError> {
        let all = self.model.aggregate(together(&self.model, &states))?;
        Ok(FoldedTotal { states, all })
    }

    fn finish(&self, total: &Self::Total) -> Result<M::Estimate, BoxError> {
        self.model.finish(&total.all)
    }
}

impl<M> LeaveOneOut for Folded<M>
where
    M: LeaveOneOut<Chunk = Rows> + StreamingEstimator<Total: Send>,
    M::State: Group,
{
    fn pass_two(
        &self,
        total: &Self::Total,
        held_out: &Self::State,
    ) -> Result<M::Estimate, BoxError> {
        self.model.pass_two(&total.all, &together(&self.model, held_out))
    }
}
