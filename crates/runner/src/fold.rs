//! Pass one: every block into the total.

use std::sync::{Mutex, PoisonError};

use twoblade_core::{BlockSource, Merge, StreamingEstimator, Threads};

use crate::crew::{Crew, Shift, guarded};
use crate::error::RunError;
use crate::pool::{Places, Pool, Taken};

/// The state of everything and the digest of every block.
pub(crate) struct Folded<State> {
    pub(crate) state: State,
    pub(crate) digests: Vec<u64>,
    /// The state of every block, if they were to be kept.
    pub(crate) kept: Option<Places<State>>,
}

/// Folds all blocks into `in_flight` states, whichever is free, and merges these.
pub(crate) fn all<M, S>(
    crew: &Crew<'_>,
    model: &M,
    source: &S,
    threads: &dyn Threads,
    (in_flight, visitors): (usize, usize),
) -> Result<Folded<M::State>, RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let states = Pool::new((0..in_flight).map(|_| None));
    let digests = Places::new(crew.blocks);
    crew.work(visitors, &|shift, block| {
        let fold = &mut |chunk: &M::Chunk| {
            let mut place = states.take();
            let state = &mut *place;
            let folded = guarded(|| {
                model.pass_one(chunk, state.get_or_insert_with(|| model.init()), threads)
            });
            // What a bad chunk left behind must not be blamed on the next block.
            folded.inspect_err(|_| *place = None)
        };
        if let Some(digest) = shift.read(source, block, fold)? {
            digests.set(block, digest);
        }
        Ok(())
    })?;
    let merged = guarded(|| {
        let mut states = states.into_all().into_iter().flatten();
        let mut total = states.next().unwrap_or_else(|| model.init());
        states.for_each(|state| total.merge(&state));
        Ok(total)
    });
    let state = merged.map_err(|source| crew.solve_error(source))?;
    Ok(Folded { state, digests: digests.into_all(), kept: None })
}

/// Folds all blocks, each into a state of its own that is kept, and merges these as they finish.
pub(crate) fn keeping<M, S>(
    crew: &Crew<'_>,
    model: &M,
    source: &S,
    threads: &dyn Threads,
    (in_flight, visitors): (usize, usize),
) -> Result<Folded<M::State>, RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let slots = Pool::new((0..in_flight).map(|_| None));
    let total = guarded(|| Ok(model.init())).map_err(|source| crew.solve_error(source))?;
    let total = Mutex::new(total);
    let (kept, digests) = (Places::new(crew.blocks), Places::new(crew.blocks));
    crew.work(visitors, &|shift, block| {
        let one = one_block(shift, model, source, threads, &slots, block)?;
        let Some(OneBlock { state, digest, .. }) = one else { return Ok(()) };
        digests.set(block, digest);
        let merge = || {
            total.lock().unwrap_or_else(PoisonError::into_inner).merge(&state);
            Ok(())
        };
        guarded(merge).map_err(|source| shift.block_error(block, source))?;
        kept.set(block, state);
        Ok(())
    })?;
    let state = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Folded { state, digests: digests.into_all(), kept: Some(kept) })
}

/// The state of one block, in the slot that allows to hold it, which is given back after the state.
pub(crate) struct OneBlock<'a, State> {
    pub(crate) state: State,
    pub(crate) digest: u64,
    slot: Taken<'a, Option<State>>,
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
