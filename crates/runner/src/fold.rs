//! Pass one: every block into the total.

use std::sync::{Mutex, PoisonError};

use twoblade_core::{BlockSource, Merge, StreamingEstimator, Threads};

use crate::crew::{Crew, Shift};
use crate::error::RunError;
use crate::pool::{Pool, Taken};

/// The state of everything and the digest of every block.
pub(crate) struct Folded<State> {
    pub(crate) state: State,
    pub(crate) digests: Vec<u64>,
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
    let states = Pool::new((0..in_flight).map(|_| model.init()));
    let digests = Digests::new(crew.blocks);
    crew.work(visitors, &|shift, block| {
        let fold = &mut |chunk: &M::Chunk| model.pass_one(chunk, &mut states.take(), threads);
        if let Some(digest) = shift.read(source, block, fold)? {
            digests.set(block, digest);
        }
        Ok(())
    })?;
    let mut states = states.into_all().into_iter();
    let mut total = states.next().expect("at least one is in flight");
    states.for_each(|state| total.merge(&state));
    Ok(Folded { state: total, digests: digests.into_inner() })
}

/// Folds all blocks, each into a state of its own that is kept, and merges these as they finish.
pub(crate) fn keeping<M, S>(
    crew: &Crew<'_>,
    model: &M,
    source: &S,
    threads: &dyn Threads,
    (in_flight, visitors): (usize, usize),
) -> Result<(Folded<M::State>, Vec<M::State>), RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let permits = Pool::new((0..in_flight).map(|_| ()));
    let total = Mutex::new(model.init());
    let kept: Vec<Mutex<Option<M::State>>> = (0..crew.blocks).map(|_| Mutex::new(None)).collect();
    let digests = Digests::new(crew.blocks);
    crew.work(visitors, &|shift, block| {
        let one = one_block(shift, model, source, threads, &permits, block)?;
        let Some(OneBlock { state, digest, .. }) = one else { return Ok(()) };
        digests.set(block, digest);
        total.lock().unwrap_or_else(PoisonError::into_inner).merge(&state);
        *kept[block].lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
        Ok(())
    })?;
    let state = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.into_iter().map(|place| {
        let place = place.into_inner().unwrap_or_else(PoisonError::into_inner);
        place.expect("every block was folded")
    });
    Ok((Folded { state, digests: digests.into_inner() }, kept.collect()))
}

/// The state of one block, with the permit to hold it.
pub(crate) struct OneBlock<'a, State> {
    pub(crate) state: State,
    pub(crate) digest: u64,
    _permit: Taken<'a, ()>,
}

/// Folds one block into a state of its own; `None` if the visit was broken off.
///
/// The permit is taken when the first chunk has been read, so that who waits for it has read ahead.
pub(crate) fn one_block<'a, M, S>(
    shift: &Shift<'_>,
    model: &M,
    source: &S,
    threads: &dyn Threads,
    permits: &'a Pool<()>,
    block: usize,
) -> Result<Option<OneBlock<'a, M::State>>, RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let mut held = None;
    let digest = shift.read(source, block, &mut |chunk| {
        let (_, state) = held.get_or_insert_with(|| (permits.take(), model.init()));
        model.pass_one(chunk, state, threads)
    })?;
    let Some(digest) = digest else { return Ok(None) };
    let (permit, state) = held.unwrap_or_else(|| (permits.take(), model.init()));
    Ok(Some(OneBlock { state, digest, _permit: permit }))
}

/// A digest a block.
struct Digests(Mutex<Vec<u64>>);

impl Digests {
    fn new(blocks: usize) -> Self {
        Self(Mutex::new(vec![0; blocks]))
    }

    fn set(&self, block: usize, digest: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[block] = digest;
    }

    fn into_inner(self) -> Vec<u64> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
