//! One block into a state of its own.

use twoblade_core::{BlockSource, StreamingEstimator, Threads};

use crate::crew::{Shift, guarded};
use crate::error::RunError;
use crate::pool::{Pool, Taken};

/// The state of one block, in the slot that allows to hold it, which is given back after the state.
pub(crate) struct OneBlock<'a, State> {
    pub(crate) state: State,
    pub(crate) digest: u64,
    pub(crate) slot: Taken<'a, Option<State>>,
}

impl<State> OneBlock<'_, State> {
    /// Leaves the state in its slot: the next block is folded in the same memory.
    pub(crate) fn give_back(self) {
        let Self { state, mut slot, .. } = self;
        *slot = Some(state);
    }
}

/// Folds one block into a state of its own; `None` if the visit was broken off.
///
/// The slot is taken when the first chunk has been read, so that who waits for it has read ahead.
pub(crate) fn one_block<'a, M, S>(
    shift: &Shift<'_>,
    model: &M,
    source: &S,
    threads: &dyn Threads,
    slots: &'a Pool<Option<M::State>>,
    block: usize,
) -> Result<Option<OneBlock<'a, M::State>>, RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let mut held = None;
    let hold = || {
        let mut slot = slots.take();
        let state = slot.take().map_or_else(|| model.init(), |state| model.reset(state));
        OneBlock { state, digest: 0, slot }
    };
    let digest = shift.read(source, block, &mut |chunk| {
        model.pass_one(chunk, &mut held.get_or_insert_with(hold).state, threads)
    })?;
    let Some(digest) = digest else { return Ok(None) };
    // A block without chunks has the state of nothing.
    let held = held.map_or_else(|| guarded(|| Ok(hold())), Ok);
    let held = held.map_err(|source| shift.block_error(block, source))?;
    Ok(Some(OneBlock { digest, ..held }))
}
