//! A run in parts: by several processes, on several machines, with the same bits.

use std::path::Path;

use twoblade_core::{BlockSource, Jackknife, LeaveOneOut, StreamingEstimator};

use crate::cover::Cover;
use crate::error::RunError;
use crate::fold::Keeping;
use crate::part::Part;
use crate::pass::Pass;
use crate::plan::{Plan, Reuse};
use crate::replicate::Whole;
use crate::runner::{Jackknifed, Run, Runner, identity, solve};
use crate::state_error::StateError;

impl Runner<'_> {
    /// Pass one over some of the blocks. Parts of all blocks, [merged](Part::merge) in any order, are
    /// the state that a run of everything has.
    ///
    /// # Errors
    /// Those of [`run`](Self::run).
    ///
    /// # Panics
    /// If there is no such block.
    pub fn pass_one<M, S>(
        &self,
        model: &M,
        source: &S,
        blocks: &Cover,
    ) -> Result<Part<M::State>, RunError>
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        assert!(blocks.missing(source.blocks()).count() + blocks.count() == source.blocks());
        let plan = self.plan_one_pass(model, source)?;
        let identity = identity(model, source)?;
        let checkpoint = self.open_checkpoint(&identity)?;
        self.fold((model, source), &plan, blocks, (identity, checkpoint.as_ref()), &Keeping::Total)
    }

    /// How [`pass_two`](Self::pass_two) will go; reads no block.
    ///
    /// # Errors
    /// Those of [`plan`](Self::plan).
    pub fn plan_pass_two<M, S>(&self, model: &M, source: &S) -> Result<Plan, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let mut ask = self.ask_for_two(model, source, Reuse::Recompute)?;
        // Pass one was another process.
        ask.footprint.remembered = 0;
        ask.plan()
    }

    /// Pass two over some of the blocks, out of the state of all of them; `file` is where that came
    /// from. Parts of all blocks, [joined](Part::join) in any order, are for
    /// [`finish`](Self::finish).
    ///
    /// # Errors
    /// Those of [`jackknife`](Self::jackknife); [`StateError`] if the state is of another run or does
    /// not cover all blocks.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn pass_two<M, S>(
        &self,
        model: &M,
        source: &S,
        (total, file): (Part<M::State>, &Path),
        blocks: &Cover,
    ) -> Result<Part<Vec<M::Estimate>>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        assert!(blocks.missing(source.blocks()).count() + blocks.count() == source.blocks());
        let plan = self.plan_pass_two(model, source)?;
        let identity = identity(model, source)?;
        total.expect(file, &identity, Pass::One)?;
        total.complete()?;
        let checkpoint = self.open_checkpoint(&identity)?;
        let digests = total.header.digests;
        let (total, _) = solve(model, total.payload)?;
        let whole = Whole { total: &total, digests: &digests, held: None, memories: None };
        self.leave_out((model, source), &plan, blocks, &whole, (identity, checkpoint.as_ref()))
    }

    /// The result of a run of one pass, from the state of all blocks; `file` is where it came from. It
    /// has no stages: these were other processes'.
    ///
    /// # Errors
    /// [`StateError`] if the state is of another run or does not cover all blocks;
    /// [`RunError::Solve`].
    pub fn finish_one_pass<M, S>(
        &self,
        model: &M,
        source: &S,
        (total, file): (Part<M::State>, &Path),
    ) -> Result<Run<M>, RunError>
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        total.expect(file, &identity(model, source)?, Pass::One)?;
        total.complete()?;
        let (total, estimate) = solve(model, total.payload)?;
        Ok(Run { total, estimate, stages: Vec::new() })
    }

    /// The result of a run of two passes, from the state of all blocks and the estimates without each
    /// of them; with each the file that it came from. It has no stages: these were other processes'.
    ///
    /// # Errors
    /// [`StateError`] if one is of another run, does not cover all blocks, or was made of other bytes;
    /// [`RunError::Solve`].
    pub fn finish<M, S>(
        &self,
        model: &M,
        source: &S,
        (total, file): (Part<M::State>, &Path),
        (estimates, estimates_file): (Part<Vec<M::Estimate>>, &Path),
    ) -> Result<Jackknifed<M>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let identity = identity(model, source)?;
        total.expect(file, &identity, Pass::One)?;
        total.complete()?;
        estimates.expect(estimates_file, &identity, Pass::Two)?;
        estimates.complete()?;
        let digests = total.header.digests.iter().zip(&estimates.header.digests);
        for (block, (&first, &second)) in digests.enumerate() {
            if first != second {
                return Err(StateError::Changed { block, first, second }.into());
            }
        }
        let (total, full) = solve(model, total.payload)?;
        let jackknife = Jackknife { full, replicates: estimates.payload };
        Ok(Jackknifed { total, jackknife, stages: Vec::new() })
    }
}
