//! Models that learn chunk after chunk, in order.

use std::fmt;
use std::ops::ControlFlow;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use twoblade_core::{BlockSource, BoxError, OrderedEstimator};

use crate::ahead::{Ahead, Next, visit_in_order};
use crate::cancel::Cancel;
use crate::checkpoint::Checkpoint;
use crate::cover::Cover;
use crate::crew::guarded;
use crate::error::RunError;
use crate::identity::Identity;
use crate::observer::Progress;
use crate::part::Part;
use crate::pass::Pass;
use crate::plan::{Memory, Plan, Schedule, least};
use crate::process::resident_memory;
use crate::runner::{Clock, Runner, Stage};
use crate::state_error::StateError;
use crate::state_file::Header;

/// Chunks that one reader holds, if there is one: while one is learned from the next is being read.
const ONE_READER: usize = 2;

/// What epochs over a source give.
pub struct Learned<M: OrderedEstimator> {
    /// All that was learned.
    pub model: M::Model,
    /// What the model says in the end.
    pub estimate: M::Estimate,
    /// How long each epoch took; without those that a checkpoint had.
    pub stages: Vec<Stage>,
}

/// What a checkpoint holds beside its header, which says the epoch, the blocks of it that are done, and
/// their digests.
#[derive(Deserialize)]
struct Saved<Model> {
    /// Digests of the other blocks, of which earlier epochs know.
    others: Vec<u64>,
    model: Model,
}

/// The same, lent.
#[derive(Serialize)]
struct Saving<'a, Model> {
    others: &'a [u64],
    model: &'a Model,
}

/// Where the learning stands.
struct Course<'a, M: OrderedEstimator> {
    runner: &'a Runner<'a>,
    estimator: &'a M,
    plan: &'a Plan,
    identity: &'a Identity,
    checkpoint: Option<&'a Checkpoint>,
    model: M::Model,
    /// Visits that are over, in all epochs.
    done: u64,
    /// Of which those that a checkpoint has.
    saved: u64,
    /// Of all blocks that were ever read.
    digests: Vec<u64>,
    /// Chunks of this epoch that were learned from.
    steps: u64,
    clock: Clock,
    stages: Vec<Stage>,
}

impl Runner<'_> {
    /// How [`ordered`](Self::ordered) will go; reads no block.
    ///
    /// # Errors
    /// [`RunError::Budget`] if nothing fits.
    pub fn plan_ordered<M, S>(
        &self,
        estimator: &M,
        source: &S,
        epochs: u32,
    ) -> Result<Plan, RunError>
    where
        M: OrderedEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        Ok(self.plan_ahead(estimator, source, epochs)?.0)
    }

    /// Learns from all blocks in order, so many times over; as many blocks as there are
    /// [`threads`](Self::threads) are read at once, and their chunks are handed in order to the one
    /// thread that learns, the caller's.
    ///
    /// A [`checkpoint`](Self::checkpoint) is written between blocks, and when all epochs are over. Who
    /// asks for more epochs later goes on from there.
    ///
    /// # Errors
    /// What the plan, the source or the model has to say; [`RunError::Changed`] if a block is not what
    /// it was in an epoch before; [`RunError::State`] if checkpoints cannot be written, are of another
    /// run, or of more epochs.
    pub fn ordered<M, S>(
        &self,
        estimator: &M,
        source: &S,
        epochs: u32,
    ) -> Result<Learned<M>, RunError>
    where
        M: OrderedEstimator,
        S: BlockSource<Chunk = M::Chunk>,
        S::Chunk: Clone + Send,
    {
        let (plan, ahead) = self.plan_ahead(estimator, source, epochs)?;
        let identity = Identity::of_ordered(estimator, source);
        let identity = identity.map_err(|source| RunError::Identity {
            model: estimator.name().into_owned(),
            source,
        })?;
        let checkpoint = self.open_checkpoint(&identity)?;
        let start = checkpoint.as_ref().map(|checkpoint| start(checkpoint, epochs)).transpose()?;
        let (done, digests, model) = match start.flatten() {
            Some(start) => start,
            None => (0, Vec::new(), init(estimator)?),
        };
        let mut course = Course {
            runner: self,
            estimator,
            plan: &plan,
            identity: &identity,
            checkpoint: checkpoint.as_ref(),
            model,
            done,
            saved: done,
            digests,
            steps: 0,
            clock: Clock::start(),
            stages: Vec::new(),
        };
        course.resume();
        let visits = done..u64::from(epochs) * plan.blocks as u64;
        if visits.is_empty() || course.cancelled() {
            return course.finish(visits.end);
        }
        let failed = |visit: u64, source| {
            let (pass, block) = place(visit, plan.blocks);
            RunError::Read { model: plan.model.clone(), pass, block, blocks: plan.blocks, source }
        };
        visit_in_order(
            source,
            visits.clone(),
            ahead,
            &mut |visit, next| match next {
                Next::Chunk(chunk) => course.learn(visit, chunk),
                Next::End(digest) => course.end(visit, digest),
            },
            &failed,
        )?;
        course.finish(visits.end)
    }

    fn plan_ahead<M, S>(
        &self,
        estimator: &M,
        source: &S,
        epochs: u32,
    ) -> Result<(Plan, Ahead), RunError>
    where
        M: OrderedEstimator,
        S: BlockSource<Chunk = M::Chunk>,
    {
        let (blocks, chunk_bytes) = (source.blocks(), source.chunk_bytes());
        let footprint = estimator.footprint(chunk_bytes);
        let plan = |(ahead, reason): (Ahead, &'static str)| {
            let memory = Memory {
                states: footprint.state,
                chunks: ahead.held().saturating_mul(chunk_bytes),
                shared: footprint.shared,
                scratch: footprint.per_thread,
                remembered: 0,
            };
            let plan = Plan {
                model: estimator.name().into_owned(),
                blocks,
                chunks: source.chunks(),
                reads: epochs,
                schedule: Schedule::OneBlock(1),
                readers: ahead.readers,
                together: 1,
                reuse: None,
                memory,
                budget: self.budget(),
                reason,
            };
            (plan, ahead)
        };
        let readers = self.computing().min(blocks);
        let of_block = source.chunks().div_ceil(blocks.max(1) as u64).max(1);
        let of_block = usize::try_from(of_block).unwrap_or(usize::MAX);
        let whole = (2..=readers).rev().map(|readers| Ahead { readers, chunks: of_block });
        let one = |chunks| Ahead { readers: 1, chunks };
        let candidates = whole
            .map(|ahead| (ahead, "several blocks are read at once"))
            .chain([ONE_READER, 1].map(|chunks| (one(chunks), "one block is read ahead")))
            .chain([(one(0), "reading and learning take turns")]);
        let mut plans: Vec<_> = candidates.map(plan).collect();
        let fits = plans.iter().position(|(plan, _)| plan.memory.total() <= self.budget());
        match fits {
            Some(fits) => Ok(plans.swap_remove(fits)),
            None => Err(least(plans.into_iter().map(|(plan, _)| plan))),
        }
    }
}

fn init<M: OrderedEstimator>(estimator: &M) -> Result<M::Model, RunError> {
    let init = guarded(|| Ok(estimator.init()));
    init.map_err(|source| RunError::Solve { model: estimator.name().into_owned(), source })
}

/// What a checkpoint has: how many visits are over, digests, and the model.
fn start<Model: serde::de::DeserializeOwned>(
    checkpoint: &Checkpoint,
    epochs: u32,
) -> Result<Option<(u64, Vec<u64>, Model)>, StateError> {
    let Some((file, part)) = checkpoint.load_epoch::<Saved<Model>>()? else { return Ok(None) };
    let Part { header, payload: Saved { others, model } } = part;
    let Pass::Epoch(epoch) = header.pass else {
        let found = header.pass;
        return Err(StateError::OtherPass { file, found, expected: Pass::Epoch(0) });
    };
    let (done, blocks) = (header.cover.count(), header.identity.blocks);
    let known = done + others.len();
    if header.cover != Cover::from(0..done)
        || done == 0
        || known as u64 != if epoch == 0 { done as u64 } else { blocks }
    {
        return Err(StateError::Corrupt { file, what: "its blocks are not those of an epoch" });
    }
    let visits = u64::from(epoch) * blocks + done as u64;
    if visits > u64::from(epochs) * blocks {
        let differences = format!("it is of epoch {}, and {epochs} are asked for", epoch + 1);
        return Err(StateError::OtherRun { file, differences });
    }
    Ok(Some((visits, [header.digests, others].concat(), model)))
}

/// The epoch and the block of a visit.
fn place(visit: u64, blocks: usize) -> (Pass, usize) {
    let blocks = blocks.max(1) as u64;
    let epoch = u32::try_from(visit / blocks).expect("fewer than the epochs asked for");
    (Pass::Epoch(epoch), usize::try_from(visit % blocks).expect("below the number of blocks"))
}

impl<M: OrderedEstimator> Course<'_, M> {
    /// Tells where it goes on.
    fn resume(&mut self) {
        if self.done == 0 {
            return;
        }
        let (pass, block) = place(self.done - 1, self.plan.blocks);
        if let Some(observer) = self.runner.watching() {
            observer.resumed(pass, &Cover::from(0..block + 1));
        }
        let share = u128::from(self.plan.chunks) * (block + 1) as u128 / self.plan.blocks as u128;
        let within = block + 1 < self.plan.blocks;
        self.steps = if within { u64::try_from(share).unwrap_or(self.plan.chunks) } else { 0 };
    }

    fn cancelled(&self) -> bool {
        self.runner.stopping().is_some_and(Cancel::is_cancelled)
    }

    fn learn(&mut self, visit: u64, chunk: &M::Chunk) -> Result<ControlFlow<()>, RunError> {
        // What is saved is made of whole blocks, so one that was begun is finished first.
        if self.checkpoint.is_none() && self.cancelled() {
            return Ok(ControlFlow::Break(()));
        }
        let (pass, block) = place(visit, self.plan.blocks);
        let Pass::Epoch(epoch) = pass else { unreachable!("a visit is of an epoch") };
        guarded(|| self.estimator.learn(epoch, chunk, &mut self.model))
            .map_err(|source| self.refused(pass, block, source))?;
        self.steps += 1;
        if let Some(observer) = self.runner.watching() {
            observer.progress(Progress { pass, done: self.steps, of: self.plan.chunks });
        }
        Ok(ControlFlow::Continue(()))
    }

    fn refused(&self, pass: Pass, block: usize, source: BoxError) -> RunError {
        let (model, blocks) = (self.plan.model.clone(), self.plan.blocks);
        RunError::Block { model, pass, block, blocks, source }
    }

    /// A block is done: it is compared with what it was before, and perhaps all is saved.
    fn end(&mut self, visit: u64, digest: u64) -> Result<ControlFlow<()>, RunError> {
        let (pass, block) = place(visit, self.plan.blocks);
        match self.digests.get(block) {
            None => self.digests.push(digest),
            Some(&first) if first != digest => {
                let model = self.plan.model.clone();
                return Err(RunError::Changed { model, block, first, second: digest });
            }
            Some(_) => {}
        }
        self.done = visit + 1;
        if block + 1 == self.plan.blocks {
            self.stages.push(self.clock.stop(pass));
            (self.clock, self.steps) = (Clock::start(), 0);
        }
        self.look_at_memory();
        if self.checkpoint.is_some_and(Checkpoint::due) {
            self.save()?;
        }
        Ok(if self.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn look_at_memory(&self) {
        let Some(observer) = self.runner.watching() else { return };
        let budget = self.plan.budget;
        if let Some(resident) = resident_memory().filter(|&bytes| bytes > budget) {
            observer.over_budget(resident, budget);
        }
    }

    /// Writes all that is not saved yet.
    fn save(&mut self) -> Result<(), StateError> {
        let Some(checkpoint) = self.checkpoint.filter(|_| self.done > self.saved) else {
            return Ok(());
        };
        let since = Instant::now();
        let (pass, block) = place(self.done - 1, self.plan.blocks);
        let (digests, others) = self.digests.split_at(block + 1);
        let header = Header {
            identity: self.identity.clone(),
            pass,
            cover: Cover::from(0..block + 1),
            digests: digests.to_vec(),
        };
        checkpoint.write(&header, &Saving { others, model: &self.model }, since)?;
        self.saved = self.done;
        Ok(())
    }

    /// After the last visit, or the last before somebody cancelled.
    fn finish(mut self, visits: u64) -> Result<Learned<M>, RunError> {
        self.save()?;
        if self.done < visits {
            let (pass, done) = place(self.done, self.plan.blocks);
            return Err(RunError::Cancelled { pass, done, of: self.plan.blocks });
        }
        let estimate = guarded(|| self.estimator.finish(&self.model));
        let estimate = estimate
            .map_err(|source| RunError::Solve { model: self.plan.model.clone(), source })?;
        Ok(Learned { model: self.model, estimate, stages: self.stages })
    }
}

impl<M: OrderedEstimator> fmt::Debug for Learned<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Learned").field("stages", &self.stages).finish_non_exhaustive()
    }
}
