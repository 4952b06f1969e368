//! The threads that visit blocks.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

use twoblade_core::{BlockSource, BoxError};

use crate::cancel::Cancel;
use crate::error::{Panicked, Pass, RunError};
use crate::observer::{Observer, Progress};

/// One pass over all blocks: each visitor takes the next block until none is left, one fails, or
/// somebody cancels.
pub(crate) struct Crew<'a> {
    pub(crate) model: &'a str,
    pub(crate) pass: Pass,
    pub(crate) blocks: usize,
    /// What the observer counts.
    pub(crate) steps: u64,
    pub(crate) observer: Option<&'a dyn Observer>,
    pub(crate) cancel: Option<&'a Cancel>,
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
        let shift = Shift {
            crew: self,
            next: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            steps: AtomicU64::new(0),
            failed: AtomicUsize::new(usize::MAX),
            failure: Mutex::new(None),
        };
        std::thread::scope(|scope| {
            for _ in 1..visitors {
                let spawned = Builder::new().spawn_scoped(scope, || shift.visit_all(work));
                if let Err(error) = spawned {
                    // As the first failure of all: nobody takes another block.
                    shift.fail(0, RunError::Threads { threads: visitors, source: error.into() });
                    return;
                }
            }
            shift.visit_all(work);
        });
        if let Some((_, error)) = shift.failure.into_inner().unwrap_or_else(PoisonError::into_inner)
        {
            return Err(error);
        }
        let done = shift.finished.into_inner();
        if done < self.blocks {
            return Err(RunError::Cancelled { pass: self.pass, done, of: self.blocks });
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
    fn visit_all(&self, work: &(dyn Fn(&Self, usize) -> Result<(), RunError> + Sync)) {
        loop {
            let block = self.next.fetch_add(1, Ordering::Relaxed);
            if block >= self.crew.blocks || self.stopping(block) {
                break;
            }
            match work(self, block) {
                // A visit that was broken off is not a block done.
                Ok(()) if self.stopping(block) => {}
                Ok(()) => {
                    self.finished.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => self.fail(block, error),
            }
        }
    }

    /// Whether somebody cancelled, or a block before this one failed.
    fn stopping(&self, block: usize) -> bool {
        self.failed.load(Ordering::Relaxed) < block || self.crew.cancelled()
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
                if self.stopping(block) {
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
        let digest = visited.map_err(|source| RunError::Read {
            model: self.crew.model.to_owned(),
            pass: self.crew.pass,
            block,
            blocks: self.crew.blocks,
            source,
        })?;
        Ok(if broken { None } else { Some(digest) })
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
