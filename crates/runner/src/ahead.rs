//! Blocks that are read ahead, and handed over in order.

use std::ops::{ControlFlow, Range};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

use twoblade_core::{BlockSource, BoxError};

use crate::crew::guarded;
use crate::error::RunError;

/// How far reading runs ahead of whoever takes the chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ahead {
    /// Blocks that are read at once, each by a thread of its own.
    pub(crate) readers: usize,
    /// Chunks that each reader holds for whoever takes them, beside the one that it reads; with 0 there
    /// is one thread, and nothing is read ahead.
    pub(crate) chunks: usize,
}

impl Ahead {
    /// Chunks that are held at the same time: those of the readers, and the one that was taken.
    pub(crate) fn held(self) -> usize {
        if self.chunks == 0 {
            return 1;
        }
        self.readers.saturating_mul(self.chunks.saturating_add(1)).saturating_add(1)
    }
}

/// What comes next.
pub(crate) enum Next<'a, Chunk> {
    /// A chunk of this visit.
    Chunk(&'a Chunk),
    /// The visit is over, and this is the digest of its block.
    End(u64),
}

/// What a reader hands over.
enum Sent<Chunk> {
    Chunk(Chunk),
    End(u64),
    Failed(BoxError),
}

/// Takes what comes in a visit; a break ends all visits.
pub(crate) type Take<'a, Chunk> =
    &'a mut dyn FnMut(u64, Next<'_, Chunk>) -> Result<ControlFlow<()>, RunError>;

/// Visits block `visit % blocks` for each of these visits, and hands its chunks to `take`, on this
/// thread and in order. What a source has to say becomes an error through `failed`, when its turn has
/// come: so it is the first in the order of the data, however many readers there are.
pub(crate) fn visit_in_order<S>(
    source: &S,
    visits: Range<u64>,
    ahead: Ahead,
    take: Take<'_, S::Chunk>,
    failed: &dyn Fn(u64, BoxError) -> RunError,
) -> Result<(), RunError>
where
    S: BlockSource,
    S::Chunk: Clone + Send,
{
    if ahead.chunks == 0 {
        return one_by_one(source, visits, take, failed);
    }
    let readers = ahead.readers.max(1);
    std::thread::scope(|scope| {
        // When this function returns, they are dropped, and whoever waits for them stops reading.
        let mut lanes: Vec<Receiver<Sent<S::Chunk>>> = Vec::new();
        for lane in 0..readers {
            // One more is in the hands of its reader.
            let (sender, receiver) = sync_channel(ahead.chunks - 1);
            let mine = (visits.start + lane as u64..visits.end).step_by(readers);
            let spawned = Builder::new().spawn_scoped(scope, move || read(source, mine, &sender));
            if let Err(error) = spawned {
                return Err(RunError::Threads { threads: readers, source: error.into() });
            }
            lanes.push(receiver);
        }
        for (visit, lane) in visits.zip((0..readers).cycle()) {
            loop {
                let (flow, over) = match lanes[lane].recv() {
                    Ok(Sent::Chunk(chunk)) => (take(visit, Next::Chunk(&chunk))?, false),
                    Ok(Sent::End(digest)) => (take(visit, Next::End(digest))?, true),
                    Ok(Sent::Failed(error)) => return Err(failed(visit, error)),
                    // A reader says why it stops, whatever happens to it.
                    Err(error) => return Err(failed(visit, error.into())),
                };
                if flow.is_break() {
                    return Ok(());
                }
                if over {
                    break;
                }
            }
        }
        Ok(())
    })
}

/// Reads these visits for somebody else, until he is gone.
fn read<S>(source: &S, visits: impl Iterator<Item = u64>, to: &SyncSender<Sent<S::Chunk>>)
where
    S: BlockSource,
    S::Chunk: Clone,
{
    for visit in visits {
        let mut gone = false;
        let visited = guarded(|| {
            source.visit(block(source, visit), &mut |chunk| {
                gone = to.send(Sent::Chunk(chunk.clone())).is_err();
                if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        let failed = visited.is_err();
        let last = visited.map_or_else(Sent::Failed, Sent::End);
        if gone || to.send(last).is_err() || failed {
            break;
        }
    }
}

/// On this thread, nothing ahead, and no chunk copied.
fn one_by_one<S: BlockSource>(
    source: &S,
    visits: Range<u64>,
    take: Take<'_, S::Chunk>,
    failed: &dyn Fn(u64, BoxError) -> RunError,
) -> Result<(), RunError> {
    for visit in visits {
        let mut taken = Ok(ControlFlow::Continue(()));
        let visited = guarded(|| {
            source.visit(block(source, visit), &mut |chunk| {
                taken = take(visit, Next::Chunk(chunk));
                match taken {
                    Ok(flow) => flow,
                    Err(_) => ControlFlow::Break(()),
                }
            })
        });
        if taken?.is_break() {
            return Ok(());
        }
        let digest = visited.map_err(|error| failed(visit, error))?;
        if take(visit, Next::End(digest))?.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// Which block a visit is to. There are visits only if there are blocks.
fn block(source: &impl BlockSource, visit: u64) -> usize {
    usize::try_from(visit % source.blocks() as u64).expect("below the number of blocks")
}
