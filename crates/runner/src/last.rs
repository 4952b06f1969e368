//! A block that is left out while its last chunk is there.

use twoblade_core::{Again, BlockSource, BoxError, LeaveOneOut, Remembered, Threads};

use crate::crew::Shift;
use crate::error::RunError;
use crate::pool::Pool;

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
            estimate = Some(model.without_last(total, rest, again, threads));
            return Ok(());
        }
        if seen == 1 {
            let state = slot.take().map_or_else(|| model.init(), |state| model.reset(state));
            **slot = Some(state);
        }
        model.pass_one_again(again, slot.get_or_insert_with(|| model.init()), threads)
    })?;
    let Some(digest) = digest else { return Ok(None) };
    let estimate = estimate.filter(|_| seen == chunks).unwrap_or_else(|| {
        Err(format!("its source says that it has {chunks} chunks, and gave {seen}").into())
    });
    Ok(Some(Ended { digest, estimate }))
}
