//! What a model remembers of the chunks of every block.

use std::sync::{Mutex, MutexGuard, PoisonError};

use twoblade_core::{BoxError, LeaveOneOut, Remembered, Threads};

/// What pass one left of each chunk, by block, until pass two has been there.
pub(crate) struct Memories {
    /// Whether a block can be left out with it and is not read again.
    keep: bool,
    all: Mutex<Vec<Vec<Remembered>>>,
}

impl Memories {
    pub(crate) fn new(blocks: usize, keep: bool) -> Self {
        Self { keep, all: Mutex::new((0..blocks).map(|_| Vec::new()).collect()) }
    }

    /// Folds the next chunk of each of some blocks.
    pub(crate) fn fold<M: LeaveOneOut>(
        &self,
        model: &M,
        chunks: &[(usize, &M::Chunk)],
        state: &mut M::State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let each: Vec<_> = chunks.iter().map(|(_, chunk)| *chunk).collect();
        let remembered = if self.keep {
            let keep = |chunk: &M::Chunk| model.pass_one_keeping(chunk, state, threads);
            each.into_iter().map(keep).collect::<Result<_, _>>()?
        } else {
            model.pass_one_remembering(&each, state, threads)?
        };
        let mut all = self.lock();
        for ((block, _), remembered) in chunks.iter().zip(remembered) {
            all[*block].push(remembered);
        }
        Ok(())
    }

    /// Whether a block can be left out with what there is of it.
    pub(crate) fn keeps(&self, block: usize) -> bool {
        self.keep && !self.lock()[block].is_empty()
    }

    /// Hands out what is remembered of a block, chunk by chunk; nothing of one that was not read here.
    pub(crate) fn take(&self, block: usize) -> Vec<Remembered> {
        std::mem::take(&mut self.lock()[block])
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Remembered>>> {
        // Nothing can go wrong while it is held.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
