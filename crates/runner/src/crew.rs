//! The threads that visit blocks.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Instant;

use twoblade_core::{BlockSource, BoxError};

use crate::cancel::Cancel;
use crate::error::{Panicked, RunError};
use crate::observer::{Observer, Progress};
use crate::pass::Pass;
use crate::process::resident_memory;

/// One pass over some blocks: each visitor takes the next block until none is left, one fails, or
/// somebody cancels.
pub(crate) struct Crew<'a> {
    pub(crate) model: &'a str,
    pub(crate) pass: Pass,
    /// Of the source.
    pub(crate) blocks: usize,
    /// How many of them the pass is over.
    pub(crate) wanted: usize,
    /// Those that are not done yet, in order.
    pub(crate) todo: &'a [usize],
    /// What the observer counts, over all that are wanted.
    pub(crate) steps: u64,
    pub(crate) observer: Option<&'a dyn Observer>,
    /// Bytes beyond which the observer is told.
    pub(crate) budget: usize,
    pub(crate) cancel: Option<&'a Cancel>,
    /// Where the work stops now and then, to be saved.
    pub(crate) pause: Option<Pause<'a>>,
}

/// Moments at which nobody is inside a block.
#[derive(Clone, Copy)]
pub(crate) struct Pause<'a> {
    /// Whether it is time for one.
    pub(crate) due: &'a (dyn Fn() -> bool + Sync),
    /// What is done then, told since when work has waited for it; and once more at the end of the work,
    /// unless that failed.
    pub(crate) save: &'a (dyn Fn(Instant) -> Result<(), RunError> + Sync),
}

/// Where a pass stands.
pub(crate) struct Shift<'a> {
    crew: &'a Crew<'a>,
    next: AtomicUsize,
    finished: AtomicUsize,
    steps: AtomicU64,
    /// The first block that failed so far.
    failed: AtomicUsize,
    failure: Mutex<Option<(usize, RunError)>>,
    gate: Mutex<Gate>,
    opened: Condvar,
}

/// Who is inside a block; closed, nobody else goes in.
#[derive(Default)]
struct Gate {
    inside: usize,
    /// Since when, if it is.
    closed: Option<Instant>,
}

impl Crew<'_> {
    /// Calls `work` once for every block, from `visitors` threads.
    ///
    /// Of several failures the one of the first block is returned, on any number of threads: when a
    /// block fails, those before it are still done.
    pub(crate) fn work(
        &self,
        visitors: usize,
        work: &(dyn Fn(&Shift<'_>, usize) -> Result<(), RunError> + Sync),
    ) -> Result<(), RunError> {
        let each = |shift: &Shift<'_>, blocks: &[usize]| {
            for &block in blocks {
                shift.ended(block, work(shift, block));
            }
        };
        self.work_together((visitors, 1), &each)
    }

    /// The same, of some blocks at a time: `work` says how each of them [ended](Shift::ended).
    pub(crate) fn work_together(
        &self,
        (visitors, together): (usize, usize),
        work: &(dyn Fn(&Shift<'_>, &[usize]) + Sync),
    ) -> Result<(), RunError> {
        let before = self.wanted - self.todo.len();
        let share = u128::from(self.steps) * before as u128 / self.wanted.max(1) as u128;
        let shift = Shift {
            crew: self,
            next: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            steps: AtomicU64::new(u64::try_from(share).unwrap_or(self.steps)),
            failed: AtomicUsize::new(usize::MAX),
            failure: Mutex::new(None),
            gate: Mutex::default(),
            opened: Condvar::new(),
        };
        std::thread::scope(|scope| {
            for _ in 1..visitors {
                let spawned =
                    Builder::new().spawn_scoped(scope, || shift.visit_all(together, work));
                if let Err(error) = spawned {
                    // As the first failure of all: nobody takes another block.
                    shift.fail(0, RunError::Threads { threads: visitors, source: error.into() });
                    return;
                }
            }
            shift.visit_all(together, work);
        });
        if let Some((_, error)) = shift.failure.into_inner().unwrap_or_else(PoisonError::into_inner)
        {
            return Err(error);
        }
        if let Some(pause) = self.pause {
            (pause.save)(Instant::now())?;
        }
        let done = before + shift.finished.into_inner();
        if done < self.wanted {
            return Err(RunError::Cancelled { pass: self.pass, done, of: self.wanted });
        }
        Ok(())
    }

    /// Says that there is no result from all blocks together.
    pub(crate) fn solve_error(&self, source: BoxError) -> RunError {
        RunError::Solve { model: self.model.to_owned(), source }
    }

    fn cancelled(&self) -> bool {
        self.cancel.is_some_and(Cancel::is_cancelled)
    }
}

impl Shift<'_> {
    fn visit_all(&self, together: usize, work: &(dyn Fn(&Self, &[usize]) + Sync)) {
        let todo = self.crew.todo;
        loop {
            self.enter();
            let next = self.next.fetch_add(together, Ordering::Relaxed).min(todo.len());
            let blocks = &todo[next..todo.len().min(next + together)];
            if blocks.first().is_none_or(|&block| self.stopping(block)) {
                self.leave();
                break;
            }
            work(self, blocks);
            self.look_at_memory();
            self.leave();
        }
    }

    /// Says how the work on a block ended.
    pub(crate) fn ended(&self, block: usize, work: Result<(), RunError>) {
        match work {
            // A visit that was broken off is not a block done.
            Ok(()) if self.breaking(block) => {}
            Ok(()) => {
                self.finished.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => self.fail(block, error),
        }
    }

    /// Waits while somebody saves.
    fn enter(&self) {
        if self.crew.pause.is_none() {
            return;
        }
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        while gate.closed.is_some() {
            gate = self.opened.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
        gate.inside += 1;
    }

    /// Closes the gate if it is time to save; the last one inside saves, and opens it.
    fn leave(&self) {
        let Some(pause) = self.crew.pause else { return };
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        gate.inside -= 1;
        if gate.closed.is_none() && (pause.due)() {
            gate.closed = Some(Instant::now());
        }
        if let Some(since) = gate.closed.filter(|_| gate.inside == 0) {
            // What failed may have left anything in a state.
            if self.failed.load(Ordering::Relaxed) == usize::MAX
                && let Err(error) = (pause.save)(since)
            {
                self.fail(0, error);
            }
            gate.closed = None;
            self.opened.notify_all();
        }
    }

    /// Whether no other block is to be begun: somebody cancelled, or a block before this one failed.
    fn stopping(&self, block: usize) -> bool {
        self.failed.load(Ordering::Relaxed) < block || self.crew.cancelled()
    }

    /// Whether a block is to be broken off. What is saved is made of whole blocks, so a cancelled one
    /// is finished first.
    pub(crate) fn breaking(&self, block: usize) -> bool {
        let cancelled = self.crew.pause.is_none() && self.crew.cancelled();
        cancelled || self.failed.load(Ordering::Relaxed) < block
    }

    fn fail(&self, block: usize, error: RunError) {
        self.failed.fetch_min(block, Ordering::Relaxed);
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.as_ref().is_none_or(|(first, _)| block < *first) {
            *failure = Some((block, error));
        }
    }

    /// Tells the observer that one more step is done.
    pub(crate) fn step(&self) {
        let done = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(observer) = self.crew.observer {
            observer.progress(Progress { pass: self.crew.pass, done, of: self.crew.steps });
        }
    }

    /// Tells the observer if the process holds more than was granted.
    fn look_at_memory(&self) {
        let Some(observer) = self.crew.observer else { return };
        if let Some(resident) = resident_memory().filter(|&bytes| bytes > self.crew.budget) {
            observer.over_budget(resident, self.crew.budget);
        }
    }

    /// Reads one block and folds its chunks; `None` if the visit was broken off.
    pub(crate) fn read<S: BlockSource>(
        &self,
        source: &S,
        block: usize,
        fold: &mut dyn FnMut(&S::Chunk) -> Result<(), BoxError>,
    ) -> Result<Option<u64>, RunError> {
        let mut refused = None;
        let mut broken = false;
        let visited = guarded(|| {
            source.visit(block, &mut |chunk| {
                if self.breaking(block) {
                    broken = true;
                    return ControlFlow::Break(());
                }
                if let Err(error) = guarded(|| fold(chunk)) {
                    refused = Some(error);
                    return ControlFlow::Break(());
                }
                self.step();
                ControlFlow::Continue(())
            })
        });
        if let Some(source) = refused {
            return Err(self.block_error(block, source));
        }
        let digest = visited.map_err(|source| self.read_error(block, source))?;
        Ok(if broken { None } else { Some(digest) })
    }

    /// Says which block could not be read.
    pub(crate) fn read_error(&self, block: usize, source: BoxError) -> RunError {
        RunError::Read {
            model: self.crew.model.to_owned(),
            pass: self.crew.pass,
            block,
            blocks: self.crew.blocks,
            source,
        }
    }

    /// Says which block a model could not deal with.
    pub(crate) fn block_error(&self, block: usize, source: BoxError) -> RunError {
        RunError::Block {
            model: self.crew.model.to_owned(),
            pass: self.crew.pass,
            block,
            blocks: self.crew.blocks,
            source,
        }
    }
}

/// Turns a panic into an error. What a model was writing to is dropped with the run.
pub(crate) fn guarded<T>(f: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    catch_unwind(AssertUnwindSafe(f))
        .unwrap_or_else(|payload| Err(Panicked::new(payload.as_ref()).into()))
}
