//! Chunks and blocks may be folded in any grouping.

use twoblade_core::{BlockSource, Merge, StreamingEstimator};

use crate::broken::{Broken, Law};
use crate::subject::Subject;

/// Each chunk folded from `init`, and merged, gives what folding on gives.
///
/// Beside the reference the one law that catches a running sum which is folded again.
///
/// # Errors
/// [`Broken`] with [`Law::FoldingOnIsMerging`].
pub fn folding_on_is_merging<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::FoldingOnIsMerging, model, source)?;
    let mut everything = model.init();
    for block in subject.blocks() {
        let mut merged = model.init();
        for state in subject.chunk_states(block)? {
            merged.merge(&state);
            everything.merge(&state);
        }
        subject.same(format!("block {block}"), subject.state_of([block])?, merged)?;
    }
    subject.same("all blocks", subject.state_of(subject.blocks())?, everything)
}

/// What `reset` makes of a state is what `init` returns, and folds on like it.
///
/// # Errors
/// [`Broken`] with [`Law::AResetStateIsThatOfNothing`].
pub fn a_reset_state_is_that_of_nothing<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::AResetStateIsThatOfNothing, model, source)?;
    for block in subject.blocks() {
        let reset = model.reset(subject.state_of([block])?);
        subject.same(format!("the state of block {block}, reset"), reset, model.init())?;
    }
    let mut again = model.reset(subject.state_of(subject.blocks())?);
    again.merge(&subject.state_of([0])?);
    subject.same("block 0 in a state that was reset", again, subject.state_of([0])?)
}

/// However the blocks are shared out and put together, the same comes out.
///
/// # Errors
/// [`Broken`] with [`Law::AnySplitOfTheBlocksAgrees`].
pub fn any_split_of_the_blocks_agrees<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::AnySplitOfTheBlocksAgrees, model, source)?;
    let blocks = source.blocks();
    let whole = || subject.state_of(0..blocks);
    subject.same(
        "blocks from the last to the first",
        subject.state_of((0..blocks).rev())?,
        whole()?,
    )?;
    for cut in 1..blocks {
        let mut first = subject.state_of(0..cut)?;
        first.merge(&subject.state_of(cut..blocks)?);
        subject.same(format!("cut before block {cut}"), first, whole()?)?;
    }
    for shards in [2, 3] {
        let mut merged = model.init();
        for shard in (0..shards).rev() {
            merged.merge(&subject.state_of((shard..blocks).step_by(shards))?);
        }
        subject.same(format!("{shards} interleaved shards"), merged, whole()?)?;
    }
    subject.same("a tree of single blocks", tree(&subject, 0..blocks)?, whole()?)
}

fn tree<M, S>(
    subject: &Subject<'_, M, S>,
    blocks: std::ops::Range<usize>,
) -> Result<M::State, Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    if blocks.len() < 2 {
        return subject.state_of(blocks);
    }
    let middle = blocks.start + blocks.len() / 2;
    let mut right = tree(subject, middle..blocks.end)?;
    right.merge(&tree(subject, blocks.start..middle)?);
    Ok(right)
}
