//! The runner itself.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

use twoblade_core::{
    BlockSource, Footprint, Jackknife, LeaveOneOut, Serial, StreamingEstimator, Threads,
};

use crate::cancel::Cancel;
use crate::crew::{Crew, guarded};
use crate::error::{Pass, RunError};
use crate::fold::{self, Folded};
use crate::observer::Observer;
use crate::plan::{Ask, Plan, Reuse, Schedule};
use crate::pool::{Lent, Places};
use crate::replicate;

/// Drives a model over a source, within a budget.
///
/// One thread, 4 GiB and [`Reuse::Auto`] until told otherwise. The settings change how long a run
/// takes and what it holds, never a bit of its result.
#[derive(Clone)]
pub struct Runner<'a> {
    threads: usize,
    memory: usize,
    reuse: Reuse,
    observer: Option<&'a dyn Observer>,
    cancel: Option<&'a Cancel>,
}

/// What one pass gives.
pub struct Run<M: StreamingEstimator> {
    /// The reduced state of everything.
    pub total: M::Total,
    /// The estimate from everything.
    pub estimate: M::Estimate,
    /// How long it took.
    pub stages: Vec<Stage>,
}

/// What two passes give.
pub struct Jackknifed<M: StreamingEstimator> {
    /// The reduced state of everything.
    pub total: M::Total,
    /// The estimate, and what it becomes without each block.
    pub jackknife: Jackknife<M::Estimate>,
    /// How long it took.
    pub stages: Vec<Stage>,
}

/// One part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Which pass.
    pub pass: Pass,
    /// How long it took.
    pub time: Duration,
}

impl Default for Runner<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Runner<'a> {
    /// The budget of a runner that was given none.
    pub const DEFAULT_MEMORY: usize = 4 << 30;

    /// One thread, [`DEFAULT_MEMORY`](Self::DEFAULT_MEMORY), [`Reuse::Auto`].
    pub fn new() -> Self {
        let memory = Self::DEFAULT_MEMORY;
        Self { threads: 1, memory, reuse: Reuse::Auto, observer: None, cancel: None }
    }

    /// Computes on `threads` threads (at least one). Reading has threads of its own.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Holds at most `bytes` for states, chunks and what the model declares.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Where held-out states come from.
    #[must_use]
    pub fn reuse(mut self, reuse: Reuse) -> Self {
        self.reuse = reuse;
        self
    }

    /// Tells `observer` how far it is.
    #[must_use]
    pub fn observer(mut self, observer: &'a dyn Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Stops at the next chunk when `cancel` says so.
    #[must_use]
    pub fn cancel(mut self, cancel: &'a Cancel) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// How [`jackknife`](Self::jackknife) will go; reads no block.
    ///
    /// # Errors
    /// [`RunError::Budget`] if nothing fits, [`RunError::TooFewBlocks`].
    pub fn plan<M, S>(&self, model: &M, source: &S) -> Result<Plan, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        if source.blocks() < 2 {
            let model = model.name().into_owned();
            return Err(RunError::TooFewBlocks { model, blocks: source.blocks() });
        }
        self.ask(model, source, Some(self.reuse)).plan()
    }

    /// How models of one kind share reads: for each batch, which of them, and the plan of
    /// [`jackknife`](Self::jackknife) for the slice. Each batch is as long as the budget allows, so
    /// there is one if everything fits. Reads no block.
    ///
    /// # Errors
    /// [`RunError::Budget`] if one of them does not fit alone, [`RunError::TooFewBlocks`].
    pub fn batches<M, S>(
        &self,
        models: &[M],
        source: &S,
    ) -> Result<Vec<(Range<usize>, Plan)>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let chunk_bytes = source.chunk_bytes();
        let footprints: Vec<_> = models.iter().map(|model| model.footprint(chunk_bytes)).collect();
        let name = models.first().map_or(Cow::Borrowed("nothing"), M::name);
        self.batches_of(&name, &footprints, source)
    }

    /// The same from what the models need, without the models.
    ///
    /// # Errors
    /// Those of [`batches`](Self::batches).
    pub fn batches_of<S: BlockSource>(
        &self,
        name: &str,
        footprints: &[Footprint],
        source: &S,
    ) -> Result<Vec<(Range<usize>, Plan)>, RunError> {
        if source.blocks() < 2 {
            return Err(RunError::TooFewBlocks { model: name.to_owned(), blocks: source.blocks() });
        }
        let plan = |some: &[Footprint]| {
            let model =
                if some.len() == 1 { name.into() } else { format!("{name} x {}", some.len()) };
            self.ask_for(model, Footprint::together(some), source, Some(self.reuse)).plan()
        };
        let mut batches = Vec::new();
        let mut first = 0;
        while first < footprints.len() {
            let mut end = first + 1;
            let mut fits = plan(&footprints[first..end])?;
            // More models never need less.
            while let Some(Ok(more)) =
                (end < footprints.len()).then(|| plan(&footprints[first..=end]))
            {
                fits = more;
                end += 1;
            }
            batches.push((first..end, fits));
            first = end;
        }
        Ok(batches)
    }

    /// How [`run`](Self::run) will go; reads no block.
    ///
    /// # Errors
    /// [`RunError::Budget`] if nothing fits.
    pub fn plan_one_pass<M, S>(&self, model: &M, source: &S) -> Result<Plan, RunError>
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        self.ask(model, source, None).plan()
    }

    /// One pass: the total and the estimate.
    ///
    /// # Errors
    /// What the plan, the source or the model has to say.
    pub fn run<M, S>(&self, model: &M, source: &S) -> Result<Run<M>, RunError>
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let plan = self.plan_one_pass(model, source)?;
        let started = Instant::now();
        let threads = lend(plan.schedule)?;
        let crew = self.crew(&plan, Pass::One, plan.chunks);
        let size = (plan.schedule.in_flight(), plan.readers);
        let folded = fold::all(&crew, model, source, threads.as_ref(), size)?;
        let (total, estimate) = solve(model, folded.state)?;
        let stages = vec![Stage { pass: Pass::One, time: started.elapsed() }];
        Ok(Run { total, estimate, stages })
    }

    /// Two passes: the total, the estimate, and the estimate without each block.
    ///
    /// # Errors
    /// What the plan, the source or the model has to say.
    pub fn jackknife<M, S>(&self, model: &M, source: &S) -> Result<Jackknifed<M>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let plan = self.plan(model, source)?;
        let started = Instant::now();
        let threads = lend(plan.schedule)?;
        let threads = threads.as_ref();
        let size = (plan.schedule.in_flight(), plan.readers);
        let crew = self.crew(&plan, Pass::One, plan.chunks);
        let Folded { state, digests, kept } = if plan.reuse == Some(Reuse::Keep) {
            fold::keeping(&crew, model, source, threads, size)?
        } else {
            fold::all(&crew, model, source, threads, size)?
        };
        let (total, full) = solve(model, state)?;
        let one = Stage { pass: Pass::One, time: started.elapsed() };

        let started = Instant::now();
        let replicates = Places::new(plan.blocks);
        let sink = |block: usize, estimate: M::Estimate| replicates.set(block, estimate);
        if let Some(kept) = kept {
            let crew = self.crew(&plan, Pass::Two, plan.blocks as u64);
            let workers = plan.schedule.threads().min(plan.blocks);
            replicate::kept(&crew, model, &total, &kept, workers, &sink)?;
        } else {
            let crew = self.crew(&plan, Pass::Two, plan.chunks);
            let rest = (&total, digests.as_slice());
            replicate::recomputed(&crew, (model, source), rest, threads, size, &sink)?;
        }
        let jackknife = Jackknife { full, replicates: replicates.into_all() };
        let two = Stage { pass: Pass::Two, time: started.elapsed() };
        Ok(Jackknifed { total, jackknife, stages: vec![one, two] })
    }

    fn ask<M, S>(&self, model: &M, source: &S, reuse: Option<Reuse>) -> Ask
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let footprint = model.footprint(source.chunk_bytes());
        self.ask_for(model.name().into_owned(), footprint, source, reuse)
    }

    fn ask_for<S: BlockSource>(
        &self,
        model: String,
        footprint: Footprint,
        source: &S,
        reuse: Option<Reuse>,
    ) -> Ask {
        Ask {
            model,
            blocks: source.blocks(),
            chunks: source.chunks(),
            chunk_bytes: source.chunk_bytes(),
            footprint,
            threads: self.threads,
            budget: self.memory,
            reuse,
        }
    }

    fn crew<'c>(&'c self, plan: &'c Plan, pass: Pass, steps: u64) -> Crew<'c> {
        Crew {
            model: &plan.model,
            pass,
            blocks: plan.blocks,
            steps,
            observer: self.observer,
            cancel: self.cancel,
        }
    }
}

/// The threads that a model call may use inside one chunk.
fn lend(schedule: Schedule) -> Result<Box<dyn Threads>, RunError> {
    match schedule {
        Schedule::SeveralBlocks(_) | Schedule::OneBlock(1) => Ok(Box::new(Serial)),
        Schedule::OneBlock(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|error| RunError::Threads { threads, source: error.into() })?;
            Ok(Box::new(Lent(pool)))
        }
    }
}

fn solve<M: StreamingEstimator>(
    model: &M,
    state: M::State,
) -> Result<(M::Total, M::Estimate), RunError> {
    let solved = guarded(|| {
        let total = model.aggregate(state)?;
        let estimate = model.finish(&total)?;
        Ok((total, estimate))
    });
    solved.map_err(|source| RunError::Solve { model: model.name().into_owned(), source })
}

impl fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("threads", &self.threads)
            .field("memory", &self.memory)
            .field("reuse", &self.reuse)
            .finish_non_exhaustive()
    }
}

impl<M: StreamingEstimator> fmt::Debug for Run<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("stages", &self.stages).finish_non_exhaustive()
    }
}

impl<M: StreamingEstimator> fmt::Debug for Jackknifed<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jackknifed").field("stages", &self.stages).finish_non_exhaustive()
    }
}
