//! Pass one: every block into the total.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use twoblade_core::{BlockSource, BoxError, Merge, StreamingEstimator, Threads};

use crate::checkpoint::Checkpoint;
use crate::cover::Cover;
use crate::crew::{Crew, Pause, guarded};
use crate::error::RunError;
use crate::held::Held;
use crate::identity::Identity;
use crate::one_block::one_block;
use crate::part::Part;
use crate::pass::Pass;
use crate::pool::Pool;
use crate::state_file::Header;
use crate::together::read_together;

/// What a pass goes on from, and where it is saved.
pub(crate) struct Saving<'a, T> {
    pub(crate) checkpoint: Option<&'a Checkpoint>,
    /// What is done already; nothing, at first.
    pub(crate) start: Option<Part<T>>,
}

/// Folds chunks of some blocks into a state.
pub(crate) type FoldChunks<'a, M> = dyn Fn(
        &[(usize, &<M as StreamingEstimator>::Chunk)],
        &mut <M as StreamingEstimator>::State,
        &dyn Threads,
    ) -> Result<(), BoxError>
    + Sync
    + 'a;

/// What is kept of pass one beside the total.
pub(crate) enum Keeping<'a, M: StreamingEstimator> {
    /// Nothing.
    Total,
    /// The state of every block.
    States(&'a Held<M::State>),
    /// What the fold of a chunk remembers.
    Memories(&'a FoldChunks<'a, M>),
}

/// Digests of the blocks that are done, and the rest of what is said of them.
pub(crate) struct Done {
    identity: Identity,
    pass: Pass,
    digests: Mutex<Vec<Option<u64>>>,
    /// How many of them stand in a saved state.
    saved: AtomicUsize,
}

impl Done {
    pub(crate) fn new(
        identity: Identity,
        pass: Pass,
        blocks: usize,
        start: Option<&Header>,
    ) -> Self {
        let mut digests = vec![None; blocks];
        if let Some(Header { cover, digests: known, .. }) = start {
            for (block, digest) in cover.blocks().zip(known) {
                digests[block] = Some(*digest);
            }
        }
        let saved = AtomicUsize::new(start.map_or(0, |header| header.cover.count()));
        Self { identity, pass, digests: Mutex::new(digests), saved }
    }

    pub(crate) fn set(&self, block: usize, digest: u64) {
        self.digests.lock().unwrap_or_else(PoisonError::into_inner)[block] = Some(digest);
    }

    /// Of all that is done, if some of it has not been saved.
    pub(crate) fn unsaved(&self) -> Option<Header> {
        let header = self.header();
        let count = header.cover.count();
        (count > self.saved.swap(count, Ordering::Relaxed)).then_some(header)
    }

    pub(crate) fn header(&self) -> Header {
        let digests = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        let done = digests.iter().enumerate().filter(|(_, digest)| digest.is_some());
        Header {
            identity: self.identity.clone(),
            pass: self.pass,
            cover: done.map(|(block, _)| block).collect::<Cover>(),
            digests: digests.iter().copied().flatten().collect(),
        }
    }
}

/// Folds all blocks chunk by chunk into `in_flight` states, whichever is free, and merges these; or, where
/// each is one chunk, so many `together`.
pub(crate) fn all<M, S>(
    crew: &Crew<'_>,
    (model, source, fold_chunks): (&M, &S, &FoldChunks<'_, M>),
    threads: &dyn Threads,
    (in_flight, visitors, together): (usize, usize, usize),
    (saving, identity): (Saving<'_, M::State>, Identity),
) -> Result<Part<M::State>, RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let Saving { checkpoint, start } = saving;
    let done = Done::new(identity, Pass::One, crew.blocks, start.as_ref().map(Part::header));
    let mut first = start.map(|part| part.payload);
    let states = Pool::new((0..in_flight).map(|_| first.take()));
    let save = |since: Instant| {
        let Some((checkpoint, header)) = checkpoint.zip(done.unsaved()) else { return Ok(()) };
        states.with_all(|states| {
            merge_into_one(crew, model, states)?;
            if let Some(state) = states.iter().flatten().next() {
                checkpoint.write(&header, state, since)?;
            }
            Ok(())
        })
    };
    let due = || checkpoint.is_some_and(Checkpoint::due);
    let pause = checkpoint.map(|_| Pause { due: &due, save: &save });
    let fold = |chunks: &[(usize, &M::Chunk)]| {
        let mut place = states.take();
        let state = &mut *place;
        let folded =
            guarded(|| fold_chunks(chunks, state.get_or_insert_with(|| model.init()), threads));
        folded.map_err(|error| {
            // What a bad chunk left behind must not be blamed on the next block. And while it is found out which
            // one that is, its place stands for the state that this takes.
            *place = None;
            to_blame(model, chunks, threads, error)
        })
    };
    let pausing = Crew { pause, ..*crew };
    if together > 1 {
        pausing.work_together((visitors, together), &|shift, blocks| {
            for (block, visited) in read_together(shift, source, blocks, &mut |some| fold(some)) {
                if let Ok(Some(digest)) = visited {
                    done.set(block, digest);
                }
                shift.ended(block, visited.map(drop));
            }
        })?;
    } else {
        pausing.work(visitors, &|shift, block| {
            let fold = &mut |chunk: &M::Chunk| fold(&[(block, chunk)]).map_err(|(_, error)| error);
            if let Some(digest) = shift.read(source, block, fold)? {
                done.set(block, digest);
            }
            Ok(())
        })?;
    }
    let mut states = states.into_all();
    merge_into_one(crew, model, &mut states)?;
    let state = states.into_iter().flatten().next();
    let state = state.map_or_else(|| guarded(|| Ok(model.init())), Ok);
    let payload = state.map_err(|source| crew.solve_error(source))?;
    Ok(Part { header: done.header(), payload })
}

/// Which of some chunks cannot be folded, and why: the first that cannot be folded alone. Where each can be, the
/// last made too many of them.
fn to_blame<M: StreamingEstimator>(
    model: &M,
    chunks: &[(usize, &M::Chunk)],
    threads: &dyn Threads,
    error: BoxError,
) -> (usize, BoxError) {
    let alone = |&(block, chunk): &(usize, &M::Chunk)| {
        let folded = guarded(|| model.pass_one(chunk, &mut model.init(), threads));
        folded.err().map(|error| (block, error))
    };
    let (last, _) = *chunks.last().expect("an error is of some chunk");
    let several = chunks.len() > 1;
    several.then(|| chunks.iter().find_map(alone)).flatten().unwrap_or((last, error))
}

/// Leaves everything in one of the states, and nothing in the others.
fn merge_into_one<M: StreamingEstimator>(
    crew: &Crew<'_>,
    model: &M,
    states: &mut [Option<M::State>],
) -> Result<(), RunError> {
    let merged = guarded(|| {
        let mut states = states.iter_mut().filter(|state| state.is_some());
        let Some(Some(total)) = states.next() else { return Ok(()) };
        for state in states {
            total.merge(state.as_ref().expect("those without were passed over"));
            *state = state.take().map(|state| model.reset(state));
        }
        Ok(())
    });
    merged.map_err(|source| crew.solve_error(source))
}

/// Folds all blocks, each into a state of its own that is held, and merges these as they finish.
pub(crate) fn holding<M, S>(
    crew: &Crew<'_>,
    (model, source): (&M, &S),
    threads: &dyn Threads,
    (in_flight, visitors): (usize, usize),
    (saving, identity): (Saving<'_, M::State>, Identity),
    held: &Held<M::State>,
) -> Result<Part<M::State>, RunError>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let Saving { checkpoint, start } = saving;
    let done = Done::new(identity, Pass::One, crew.blocks, start.as_ref().map(Part::header));
    let total = start.map_or_else(|| guarded(|| Ok(model.init())), |part| Ok(part.payload));
    let total = Mutex::new(total.map_err(|source| crew.solve_error(source))?);
    let slots = Pool::new((0..in_flight).map(|_| None));
    let save = |since: Instant| {
        let Some((checkpoint, header)) = checkpoint.zip(done.unsaved()) else { return Ok(()) };
        let total = total.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(checkpoint.write(&header, &*total, since)?)
    };
    let due = || checkpoint.is_some_and(Checkpoint::due);
    let pause = checkpoint.map(|_| Pause { due: &due, save: &save });
    Crew { pause, ..*crew }.work(visitors, &|shift, block| {
        let one = one_block(shift, model, source, threads, &slots, block)?;
        let Some(one) = one else { return Ok(()) };
        let merge = || {
            total.lock().unwrap_or_else(PoisonError::into_inner).merge(&one.state);
            Ok(())
        };
        guarded(merge).map_err(|source| shift.block_error(block, source))?;
        done.set(block, one.digest);
        held.take_over(block, one)
    })?;
    let payload = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Part { header: done.header(), payload })
}
