//! What a model remembers of the chunks of every block.

use std::sync::{Mutex, MutexGuard, PoisonError};

use twoblade_core::{BoxError, LeaveOneOut, Remembered, Threads};

/// What pass one left of each chunk, by block, until pass two has been there.
pub(crate) struct Memories(Mutex<Vec<Vec<Remembered>>>);

impl Memories {
    pub(crate) fn new(blocks: usize) -> Self {
        Self(Mutex::new((0..blocks).map(|_| Vec::new()).collect()))
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
        let remembered = model.pass_one_remembering(&each, state, threads)?;
        let mut all = self.lock();
        for ((block, _), remembered) in chunks.iter().zip(remembered) {
            all[*block].push(remembered);
        }
        Ok(())
    }

    /// Hands out what is remembered of a block, chunk by chunk; nothing of one that was not read here.
    pub(crate) fn take(&self, block: usize) -> Vec<Remembered> {
        std::mem::take(&mut self.lock()[block])
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Remembered>>> {
        // Nothing can go wrong while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
