//! Pass two: every block out of the total again.

use std::time::Instant;

use twoblade_core::{BlockSource, BoxError, LeaveOneOut, Remembered, Serial, Threads};

use crate::checkpoint::Checkpoint;
use crate::crew::{Crew, Pause, Shift, guarded};
use crate::error::RunError;
use crate::fold::{Done, Saving};
use crate::held::Held;
use crate::last::{Ended, last_chunk, without_each, without_last};
use crate::memories::Memories;
use crate::one_block::{OneBlock, one_block};
use crate::part::Part;
use crate::pool::{Places, Pool};
use crate::spill::Spill;
use crate::state_file::Header;
use crate::together::miscounted;

/// What is left out, and of what.
pub(crate) struct Whole<'a, M: LeaveOneOut> {
    pub(crate) total: &'a M::Total,
    /// Of every block, as it was folded.
    pub(crate) digests: &'a [u64],
    /// States that need no reading.
    pub(crate) held: Option<&'a Held<M::State>>,
    /// What pass one left of chunks, which may be enough to need no reading.
    pub(crate) memories: Option<&'a Memories>,
}

impl<M: LeaveOneOut> Whole<'_, M> {
    /// Whether a block can be left out without reading anything.
    fn is_in_memory(&self, block: usize) -> bool {
        match self.held {
            Some(Held::Memory(states)) => states.has(block),
            Some(Held::Disk(_)) => false,
            None => self.memories.is_some_and(|memories| memories.keeps(block)),
        }
    }

    /// The estimate without such a block, of which nothing stays.
    fn without(&self, model: &M, block: usize) -> Result<M::Estimate, BoxError> {
        if let Some(Held::Memory(states)) = self.held {
            let state = states.take(block).expect("taken once, where there is one");
            return model.pass_two(self.total, &state);
        }
        match &self.memories(block)[..] {
            [kept] => model.without_kept(self.total, kept, &Serial),
            several => Err(miscounted(1, several.len() as u64)),
        }
    }

    /// What pass one left of the chunks of a block, which is handed out once.
    fn memories(&self, block: usize) -> Vec<Remembered> {
        self.memories.map(|all| all.take(block)).unwrap_or_default()
    }
}

/// How many there are of what.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// States of blocks that are left out.
    pub(crate) in_flight: usize,
    /// Visits under way at once.
    pub(crate) visitors: usize,
    /// Threads that leave out what is in memory.
    pub(crate) workers: usize,
    /// Blocks of one chunk that are left out at a time.
    pub(crate) together: usize,
}

/// Leaves each block out: on `workers` threads those whose state is in memory, and then, reading them,
/// the others.
pub(crate) fn left_out<M, S>(
    crew: &Crew<'_>,
    (model, source): (&M, &S),
    whole: &Whole<'_, M>,
    threads: &dyn Threads,
    Size { in_flight, visitors, workers, together }: Size,
    (saving, nothing): (Saving<'_, Vec<M::Estimate>>, Header),
) -> Result<Part<Vec<M::Estimate>>, RunError>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let Saving { checkpoint, start } = saving;
    let (of, pass) = (nothing.identity, nothing.pass);
    let done = Done::new(of, pass, crew.blocks, start.as_ref().map(Part::header));
    let estimates = Places::new(crew.blocks);
    if let Some(Part { header, payload }) = start {
        header.cover.blocks().zip(payload).for_each(|(block, of)| estimates.set(block, of));
    }
    let save = |since: Instant| {
        let Some((checkpoint, header)) = checkpoint.zip(done.unsaved()) else { return Ok(()) };
        estimates.with_all(|all| {
            let all: Vec<_> = all.into_iter().map(|(_, estimate)| estimate).collect();
            Ok(checkpoint.write(&header, &all, since)?)
        })
    };
    let due = || checkpoint.is_some_and(Checkpoint::due);
    let pause = checkpoint.map(|_| Pause { due: &due, save: &save });
    let keep = |shift: &Shift<'_>, block: usize, estimate: Result<M::Estimate, BoxError>| {
        estimates.set(block, estimate.map_err(|source| shift.block_error(block, source))?);
        done.set(block, whole.digests[block]);
        Ok::<(), RunError>(())
    };
    let sink = |shift: &Shift<'_>, block: usize, state: &M::State| {
        keep(shift, block, guarded(|| model.pass_two(whole.total, state)))
    };

    let (kept, rest): (Vec<usize>, Vec<usize>) =
        crew.todo.iter().partition(|&&block| whole.is_in_memory(block));
    if !kept.is_empty() {
        // Each is dropped when it is done. One of them is one step. Those that are to be read are not
        // among what is wanted here, or they would count as done.
        let wanted = crew.wanted - rest.len();
        let crew = Crew { pause, todo: &kept, wanted, steps: wanted as u64, ..*crew };
        crew.work(workers.min(kept.len()), &|shift, block| {
            keep(shift, block, guarded(|| whole.without(model, block)))?;
            shift.step();
            Ok(())
        })?;
    }
    if !rest.is_empty() {
        let spill = match whole.held {
            Some(Held::Disk(spill)) => Some(spill),
            _ => None,
        };
        let slots = Pool::new((0..in_flight).map(|_| None));
        let steps = if spill.is_some() { crew.wanted as u64 } else { crew.steps };
        let same = |block: usize, found: u64| {
            let first = whole.digests[block];
            if found == first {
                return Ok(());
            }
            let model = crew.model.to_owned();
            Err(RunError::Changed { model, block, first, second: found })
        };
        let of = (model, whole.total);
        // Whatever the model has to say means nothing if the data changed.
        let end = |shift: &Shift<'_>, block: usize, of: Ended<M::Estimate>| {
            same(block, of.digest)?;
            keep(shift, block, of.estimate)
        };
        let one = |shift: &Shift<'_>, block: usize| {
            if let Some(one) = spilled::<M>(spill, &slots, block, whole.digests[block])? {
                sink(shift, block, &one.state)?;
                shift.step();
                return Ok(());
            }
            if let Some(chunks) = last_chunk::<M, S>(source, block) {
                let block_of = (block, chunks, &whole.memories(block)[..]);
                let ended = without_last(shift, of, source, threads, &slots, block_of)?;
                return ended.map_or(Ok(()), |ended| end(shift, block, ended));
            }
            let one = one_block(shift, model, source, threads, &slots, block)?;
            let Some(one) = one else { return Ok(()) };
            same(block, one.digest)?;
            sink(shift, block, &one.state)?;
            one.give_back();
            Ok(())
        };
        let crew = Crew { pause, todo: &rest, steps, ..*crew };
        if together > 1 {
            crew.work_together((visitors, together), &|shift, blocks| {
                let remembered: Vec<_> =
                    blocks.iter().map(|&block| whole.memories(block)).collect();
                let with = (blocks, &remembered[..]);
                for (block, ended) in without_each(shift, of, source, threads, &slots, with) {
                    let ended = ended
                        .and_then(|ended| ended.map_or(Ok(()), |ended| end(shift, block, ended)));
                    shift.ended(block, ended);
                }
            })?;
        } else {
            crew.work(visitors, &one)?;
        }
    }
    Ok(Part { header: done.header(), payload: estimates.into_all() })
}

/// The state of a block from its file, in a slot that allows to hold it.
fn spilled<'a, M: LeaveOneOut>(
    spill: Option<&Spill>,
    slots: &'a Pool<Option<M::State>>,
    block: usize,
    digest: u64,
) -> Result<Option<OneBlock<'a, M::State>>, RunError> {
    let Some(spill) = spill else { return Ok(None) };
    let mut slot = slots.take();
    // Its memory is needed for what comes.
    drop(slot.take());
    let state = spill.read(block, digest)?;
    Ok(state.map(|state| OneBlock { state, digest, slot }))
}
