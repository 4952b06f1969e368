//! The runner itself.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use twoblade_core::{
    BlockSource, Footprint, Jackknife, LeaveOneOut, Serial, StreamingEstimator, Threads,
};

use crate::cancel::Cancel;
use crate::checkpoint::Checkpoint;
use crate::cover::Cover;
use crate::crew::{Crew, guarded};
use crate::error::RunError;
use crate::fold::{self, Keeping, Saving};
use crate::held::Held;
use crate::identity::Identity;
use crate::memories::Memories;
use crate::observer::Observer;
use crate::part::Part;
use crate::pass::Pass;
use crate::plan::{Ask, Plan, Reuse, Schedule};
use crate::pool::{Lent, Places};
use crate::process;
use crate::replicate::{self, Size, Whole};
use crate::spill::Spill;
use crate::state_error::StateError;
use crate::state_file::Header;

/// Drives a model over a source, within a budget.
///
/// One thread, 4 GiB and [`Reuse::Auto`] until told otherwise. The settings change how long a run
/// takes and what it holds, never a bit of its result.
#[derive(Clone)]
pub struct Runner<'a> {
    threads: usize,
    memory: usize,
    reuse: Reuse,
    spill: Option<&'a Path>,
    checkpoint: Option<&'a Path>,
    interval: Duration,
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
    /// Bytes that the process read meanwhile, from the disk or its cache, where the kernel tells.
    pub bytes_read: Option<u64>,
    /// The most bytes of memory that the process had resident until then, where the kernel tells.
    pub peak_memory: Option<usize>,
}

/// When a stage began.
pub(crate) struct Clock {
    started: Instant,
    read: Option<u64>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), read: process::bytes_read() }
    }

    pub(crate) fn stop(&self, pass: Pass) -> Stage {
        let read = process::bytes_read().zip(self.read);
        Stage {
            pass,
            time: self.started.elapsed(),
            bytes_read: read.map(|(now, then)| now.saturating_sub(then)),
            peak_memory: process::peak_memory(),
        }
    }
}

impl Default for Runner<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Runner<'a> {
    /// The budget of a runner that was given none.
    pub const DEFAULT_MEMORY: usize = 4 << 30;

    /// Between two checkpoints of a runner that was told no other.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);

    /// One thread, [`DEFAULT_MEMORY`](Self::DEFAULT_MEMORY), [`Reuse::Auto`], no checkpoints.
    pub fn new() -> Self {
        Self {
            threads: 1,
            memory: Self::DEFAULT_MEMORY,
            reuse: Reuse::Auto,
            spill: None,
            checkpoint: None,
            interval: Self::DEFAULT_INTERVAL,
            observer: None,
            cancel: None,
        }
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

    /// Where [`Reuse::Spill`] writes; the folder of checkpoints if it is told of no other. No other run
    /// may use the folder at the same time.
    #[must_use]
    pub fn spill(mut self, folder: &'a Path) -> Self {
        self.spill = Some(folder);
        self
    }

    /// Saves what is done to a folder now and then, and goes on from what it finds there: a run that
    /// was killed ends with the bits of one that was not. The files stay when a run is done, so that
    /// nothing is lost before its result is safe: [`discard`](crate::discard) removes them.
    ///
    /// What another model, configuration, data or instruction set left there is refused. With
    /// checkpoints a [`cancel`](Self::cancel) waits for the end of the blocks under way, and what they
    /// gave is saved.
    #[must_use]
    pub fn checkpoint(mut self, folder: &'a Path) -> Self {
        self.checkpoint = Some(folder);
        self
    }

    /// How much time passes between two checkpoints, at least; and at least 40 times as long as the
    /// last one took. With an interval of 0 there is one after every block.
    #[must_use]
    pub fn checkpoint_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
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
        self.ask_for_two(model, source, self.reuse)?.plan()
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
        let need = |model: &M| (model.footprint(chunk_bytes), model.again_nanoseconds(chunk_bytes));
        let needs: Vec<_> = models.iter().map(need).collect();
        let name = models.first().map_or(Cow::Borrowed("nothing"), M::name);
        self.batches_that_need::<M, S>(&name, &needs, source)
    }

    /// The same from what models of the kind `M` need, without the models.
    ///
    /// # Errors
    /// Those of [`batches`](Self::batches).
    pub fn batches_of<M, S>(
        &self,
        name: &str,
        footprints: &[Footprint],
        source: &S,
    ) -> Result<Vec<(Range<usize>, Plan)>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let time = source.chunk_bytes() as u64;
        let needs: Vec<_> = footprints.iter().map(|&footprint| (footprint, time)).collect();
        self.batches_that_need::<M, S>(name, &needs, source)
    }

    /// The same, of models that need so much, and so many nanoseconds to fold a chunk again.
    fn batches_that_need<M, S>(
        &self,
        name: &str,
        needs: &[(Footprint, u64)],
        source: &S,
    ) -> Result<Vec<(Range<usize>, Plan)>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        if source.blocks() < 2 {
            return Err(RunError::TooFewBlocks { model: name.to_owned(), blocks: source.blocks() });
        }
        let plan = |some: &[(Footprint, u64)]| {
            let model =
                if some.len() == 1 { name.into() } else { format!("{name} x {}", some.len()) };
            let footprints: Vec<_> = some.iter().map(|need| need.0).collect();
            let need = (Footprint::together(&footprints), some.iter().map(|need| need.1).sum());
            self.ask_for(model, need, source, Some(self.reuse)).leaving_out::<M, S>(source).plan()
        };
        let mut batches = Vec::new();
        let mut first = 0;
        while first < needs.len() {
            let mut end = first + 1;
            let mut fits = plan(&needs[first..end])?;
            // More models never need less.
            while let Some(Ok(more)) = (end < needs.len()).then(|| plan(&needs[first..=end])) {
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
    /// What the plan, the source or the model has to say; [`RunError::State`] if checkpoints cannot be
    /// written, or are of another run.
    pub fn run<M, S>(&self, model: &M, source: &S) -> Result<Run<M>, RunError>
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let plan = self.plan_one_pass(model, source)?;
        let identity = identity(model, source)?;
        let checkpoint = self.open_checkpoint(&identity)?;
        let clock = Clock::start();
        let all = Cover::from(0..source.blocks());
        let part = self.fold(
            (model, source),
            &plan,
            &all,
            (identity, checkpoint.as_ref()),
            &Keeping::Total,
        )?;
        let (total, estimate) = solve(model, part.payload)?;
        Ok(Run { total, estimate, stages: vec![clock.stop(Pass::One)] })
    }

    /// Two passes: the total, the estimate, and the estimate without each block.
    ///
    /// # Errors
    /// Those of [`run`](Self::run); [`RunError::Changed`].
    pub fn jackknife<M, S>(&self, model: &M, source: &S) -> Result<Jackknifed<M>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let plan = self.plan(model, source)?;
        let identity = identity(model, source)?;
        let checkpoint = self.open_checkpoint(&identity)?;
        let held = match plan.reuse {
            Some(Reuse::Keep) if plan.memory.remembered == 0 => {
                Some(Held::Memory(Places::new(plan.blocks)))
            }
            Some(Reuse::Spill) => Some(Held::Disk(self.open_spill(&plan, &identity)?)),
            _ => None,
        };
        let keep = plan.reuse == Some(Reuse::Keep);
        let memories = (plan.memory.remembered > 0).then(|| Memories::new(plan.blocks, keep));
        let remember = memories.as_ref().map(|memories| {
            |of: &[(usize, &M::Chunk)], state: &mut M::State, threads: &dyn Threads| {
                memories.fold(model, of, state, threads)
            }
        });
        let keeping = match (&held, &remember) {
            (Some(held), _) => Keeping::States(held),
            (None, Some(remember)) => Keeping::Memories(remember),
            (None, None) => Keeping::Total,
        };
        let all = Cover::from(0..source.blocks());
        let saved = (identity, checkpoint.as_ref());
        let clock = Clock::start();
        let part = self.fold((model, source), &plan, &all, (saved.0.clone(), saved.1), &keeping)?;
        let digests = part.header.digests;
        let (total, full) = solve(model, part.payload)?;
        let one = clock.stop(Pass::One);
        let clock = Clock::start();
        let whole = Whole {
            total: &total,
            digests: &digests,
            held: held.as_ref(),
            memories: memories.as_ref(),
        };
        let replicates = self.leave_out((model, source), &plan, &all, &whole, saved)?.payload;
        if let Some(Held::Disk(spill)) = held {
            spill.remove(plan.blocks)?;
        }
        let jackknife = Jackknife { full, replicates };
        Ok(Jackknifed { total, jackknife, stages: vec![one, clock.stop(Pass::Two)] })
    }

    /// Pass one over some blocks, from what a checkpoint has of them.
    pub(crate) fn fold<M, S>(
        &self,
        (model, source): (&M, &S),
        plan: &Plan,
        wanted: &Cover,
        (identity, checkpoint): (Identity, Option<&Checkpoint>),
        keeping: &Keeping<'_, M>,
    ) -> Result<Part<M::State>, RunError>
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let start = self.start(Pass::One, wanted, checkpoint)?;
        let todo = rest(wanted, start.as_ref().map(Part::header));
        let threads = lend(plan.schedule)?;
        let crew = self.crew(plan, Pass::One, wanted, &todo);
        let (in_flight, readers) = (plan.schedule.in_flight(), plan.readers);
        let (threads, saving) = (threads.as_ref(), (Saving { checkpoint, start }, identity));
        let plainly = |chunks: &[(usize, &M::Chunk)], state: &mut M::State, of: &dyn Threads| {
            chunks.iter().try_for_each(|(_, chunk)| model.pass_one(chunk, state, of))
        };
        let folding = match keeping {
            Keeping::States(held) => {
                let of = (model, source);
                return fold::holding(&crew, of, threads, (in_flight, readers), saving, held);
            }
            Keeping::Memories(remembering) => *remembering,
            Keeping::Total => &plainly,
        };
        let size = (in_flight, readers, plan.together);
        fold::all(&crew, (model, source, folding), threads, size, saving)
    }

    /// Pass two over some blocks, from what a checkpoint has of them.
    pub(crate) fn leave_out<M, S>(
        &self,
        (model, source): (&M, &S),
        plan: &Plan,
        wanted: &Cover,
        whole: &Whole<'_, M>,
        (identity, checkpoint): (Identity, Option<&Checkpoint>),
    ) -> Result<Part<Vec<M::Estimate>>, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let start = self.start(Pass::Two, wanted, checkpoint)?;
        let todo = rest(wanted, start.as_ref().map(Part::header));
        let threads = lend(plan.schedule)?;
        let crew = self.crew(plan, Pass::Two, wanted, &todo);
        let workers = plan.schedule.threads().min(plan.blocks);
        let size = Size {
            in_flight: plan.schedule.in_flight(),
            visitors: plan.readers,
            workers,
            together: plan.together,
        };
        let saving = Saving { checkpoint, start };
        let nothing = Header::nothing(identity, Pass::Two);
        let of = (model, source);
        replicate::left_out(&crew, of, whole, threads.as_ref(), size, (saving, nothing))
    }

    pub(crate) fn open_checkpoint(
        &self,
        identity: &Identity,
    ) -> Result<Option<Checkpoint>, StateError> {
        let open = |folder| Checkpoint::open(folder, identity.clone(), self.interval);
        self.checkpoint.map(open).transpose()
    }

    /// How many threads compute.
    pub(crate) fn computing(&self) -> usize {
        self.threads
    }

    /// Bytes that are granted.
    pub(crate) fn budget(&self) -> usize {
        self.memory
    }

    /// Who wants to know.
    pub(crate) fn watching(&self) -> Option<&dyn Observer> {
        self.observer
    }

    /// Who may say that it is to stop.
    pub(crate) fn stopping(&self) -> Option<&Cancel> {
        self.cancel
    }

    fn open_spill(&self, plan: &Plan, identity: &Identity) -> Result<Spill, RunError> {
        let folder = self.spill.or(self.checkpoint);
        let folder = folder.ok_or_else(|| RunError::NoFolder { model: plan.model.clone() })?;
        Ok(Spill::open(folder, identity.clone())?)
    }

    /// What a checkpoint has of a pass.
    fn start<T: DeserializeOwned>(
        &self,
        pass: Pass,
        wanted: &Cover,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Option<Part<T>>, RunError> {
        let Some(checkpoint) = checkpoint else { return Ok(None) };
        let start = checkpoint.load(pass, wanted)?;
        if let (Some(observer), Some(Part { header, .. })) = (self.observer, &start) {
            observer.resumed(pass, &header.cover);
        }
        Ok(start)
    }

    fn ask<M, S>(&self, model: &M, source: &S, reuse: Option<Reuse>) -> Ask
    where
        M: StreamingEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let bytes = source.chunk_bytes();
        let need = (model.footprint(bytes), model.again_nanoseconds(bytes));
        self.ask_for(model.name().into_owned(), need, source, reuse)
    }

    /// What a plan of two passes is made from.
    pub(crate) fn ask_for_two<M, S>(
        &self,
        model: &M,
        source: &S,
        reuse: Reuse,
    ) -> Result<Ask, RunError>
    where
        M: LeaveOneOut,
        S: BlockSource<Chunk = M::Chunk>,
    {
        if source.blocks() < 2 {
            let model = model.name().into_owned();
            return Err(RunError::TooFewBlocks { model, blocks: source.blocks() });
        }
        Ok(self.ask(model, source, Some(reuse)).leaving_out::<M, S>(source))
    }

    fn ask_for<S: BlockSource>(
        &self,
        model: String,
        (footprint, again_nanoseconds): (Footprint, u64),
        source: &S,
        reuse: Option<Reuse>,
    ) -> Ask {
        Ask {
            model,
            blocks: source.blocks(),
            chunks: source.chunks(),
            chunk_bytes: source.chunk_bytes(),
            footprint,
            again_nanoseconds,
            in_one_chunk: false,
            one_by_one: self.checkpoint.is_some() && self.interval.is_zero(),
            threads: self.threads,
            budget: self.memory,
            reuse,
        }
    }

    fn crew<'c>(
        &'c self,
        plan: &'c Plan,
        pass: Pass,
        wanted: &Cover,
        todo: &'c [usize],
    ) -> Crew<'c> {
        let wanted = wanted.count();
        let steps = u128::from(plan.chunks) * wanted as u128 / plan.blocks.max(1) as u128;
        Crew {
            model: &plan.model,
            pass,
            blocks: plan.blocks,
            wanted,
            todo,
            steps: u64::try_from(steps).unwrap_or(plan.chunks),
            observer: self.observer,
            budget: self.memory,
            cancel: self.cancel,
            pause: None,
        }
    }
}

/// What is wanted and not done.
fn rest(wanted: &Cover, done: Option<&Header>) -> Vec<usize> {
    let is_done = |block: &usize| done.is_some_and(|header| header.cover.contains(*block));
    wanted.blocks().filter(|block| !is_done(block)).collect()
}

pub(crate) fn identity<M, S>(model: &M, source: &S) -> Result<Identity, RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let identity = Identity::of(model, source);
    identity.map_err(|source| RunError::Identity { model: model.name().into_owned(), source })
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

pub(crate) fn solve<M: StreamingEstimator>(
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
