//! A block that is left out while its last chunk is there.

use twoblade_core::{Again, BlockSource, BoxError, Last, LeaveOneOut, Remembered, Threads};

use crate::crew::{Shift, guarded};
use crate::error::RunError;
use crate::pool::Pool;
use crate::together::{Visited, miscounted, read_together};

/// What a visit to a block gave.
pub(crate) struct Ended<Estimate> {
    pub(crate) digest: u64,
    /// Whatever the model has to say means nothing if the digest is another one than before.
    pub(crate) estimate: Result<Estimate, BoxError>,
}

/// How many chunks a block has, where the last one need not be folded.
pub(crate) fn last_chunk<M, S>(source: &S, block: usize) -> Option<u64>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    // There is no last one of none.
    source.chunks_in(block).filter(|&chunks| M::TAKES_LAST && chunks > 0)
}

/// Whether no block needs a state to be left out.
pub(crate) fn all_in_one_chunk<M, S>(source: &S) -> bool
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    (0..source.blocks()).all(|block| last_chunk::<M, S>(source, block) == Some(1))
}

/// Whether every block that has chunks is left out while its last one is there.
pub(crate) fn all_while_the_last_is_there<M, S>(source: &S) -> bool
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let is =
        |block| last_chunk::<M, S>(source, block).is_some() || source.chunks_in(block) == Some(0);
    (0..source.blocks()).all(is)
}

/// Folds a block but for the last of its chunks, and leaves it out, with what is remembered of its first
/// chunks; `None` if the visit was broken off.
///
/// The slot is taken when the first chunk has been read, so that who waits for it has read ahead; a block
/// of one chunk makes no state in it.
pub(crate) fn without_last<M, S>(
    shift: &Shift<'_>,
    (model, total): (&M, &M::Total),
    source: &S,
    threads: &dyn Threads,
    slots: &Pool<Option<M::State>>,
    (block, chunks, remembered): (usize, u64, &[Remembered]),
) -> Result<Option<Ended<M::Estimate>>, RunError>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let (mut slot, mut seen, mut estimate) = (None, 0, None);
    let mut remembered = remembered.iter();
    let digest = shift.read(source, block, &mut |chunk| {
        let slot = slot.get_or_insert_with(|| slots.take());
        seen += 1;
        let again = Again { chunk, remembered: remembered.next().unwrap_or(Remembered::NOTHING) };
        if seen == chunks {
            let rest = (chunks > 1).then(|| slot.as_ref()).flatten();
            let last = Last { rest, chunk: again };
            estimate = Some(only(model.without_last(total, &[last], threads)));
            return Ok(());
        }
        if seen == 1 {
            let state = slot.take().map_or_else(|| model.init(), |state| model.reset(state));
            **slot = Some(state);
        }
        model.pass_one_again(again, slot.get_or_insert_with(|| model.init()), threads)
    })?;
    let Some(digest) = digest else { return Ok(None) };
    let estimate = estimate.filter(|_| seen == chunks);
    let estimate = estimate.unwrap_or_else(|| Err(miscounted(chunks, seen)));
    Ok(Some(Ended { digest, estimate }))
}

/// Leaves out each of some blocks of one chunk, with what is remembered of them; `None` of a block whose visit
/// was broken off.
///
/// A slot is taken when all have been read, so that who waits for it has read ahead; none makes a state in it.
pub(crate) fn without_each<M, S>(
    shift: &Shift<'_>,
    (model, total): (&M, &M::Total),
    source: &S,
    threads: &dyn Threads,
    slots: &Pool<Option<M::State>>,
    (blocks, remembered): (&[usize], &[Vec<Remembered>]),
) -> Visited<Ended<M::Estimate>>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let mut estimates: Vec<_> = blocks.iter().map(|_| None).collect();
    let visited = read_together(shift, source, blocks, &mut |chunks| {
        let _slot = slots.take();
        let place = |of: usize| blocks.iter().position(|&block| block == of).expect("one of them");
        let each = chunks.iter().map(|&(block, chunk)| {
            let remembered = remembered[place(block)].first().unwrap_or(Remembered::NOTHING);
            Last { rest: None, chunk: Again { chunk, remembered } }
        });
        let all: Vec<_> = each.collect();
        let without = |some: &[_]| guarded(|| Ok(model.without_last(total, some, threads)));
        let found = without(&all).unwrap_or_else(|_| {
            // It panicked: one of them alone does so again.
            let alone = |last| without(std::slice::from_ref(last)).and_then(only);
            all.iter().map(alone).collect()
        });
        let mut found = found.into_iter();
        for (block, _) in chunks {
            estimates[place(*block)] = Some(found.next().unwrap_or_else(none));
        }
        Ok(())
    });
    let ended = |(block, visited): (usize, Result<Option<u64>, RunError>)| {
        let place = blocks.iter().position(|&of| of == block).expect("one of them");
        let estimate = estimates[place].take();
        let ended = visited.map(|digest| {
            digest.zip(estimate).map(|(digest, estimate)| Ended { digest, estimate })
        });
        (block, ended)
    };
    visited.into_iter().map(ended).collect()
}

/// The only estimate.
fn only<Estimate>(mut of: Vec<Result<Estimate, BoxError>>) -> Result<Estimate, BoxError> {
    of.pop().unwrap_or_else(none)
}

/// A model that gives fewer estimates than it was asked for.
fn none<Estimate>() -> Result<Estimate, BoxError> {
    Err("the model gave no estimate".into())
}
