//! Pass two: every block out of the total again.

use twoblade_core::{BlockSource, LeaveOneOut, Threads};

use crate::crew::{Crew, Shift, guarded};
use crate::error::RunError;
use crate::fold;
use crate::pool::{Places, Pool};

/// Takes the replicates, in any order and from any thread.
pub(crate) type Sink<'a, E> = &'a (dyn Fn(usize, E) + Sync);

/// Leaves out states that were kept, on `workers` threads; each is dropped when it is done.
pub(crate) fn kept<M: LeaveOneOut>(
    crew: &Crew<'_>,
    model: &M,
    total: &M::Total,
    states: &Places<M::State>,
    workers: usize,
    sink: Sink<'_, M::Estimate>,
) -> Result<(), RunError> {
    crew.work(workers, &|shift, block| {
        leave_out(shift, model, total, &states.take(block), block, sink)?;
        shift.step();
        Ok(())
    })
}

/// Reads every block again and leaves it out.
pub(crate) fn recomputed<M, S>(
    crew: &Crew<'_>,
    (model, source): (&M, &S),
    (total, digests): (&M::Total, &[u64]),
    threads: &dyn Threads,
    (in_flight, visitors): (usize, usize),
    sink: Sink<'_, M::Estimate>,
) -> Result<(), RunError>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let slots = Pool::new((0..in_flight).map(|_| None));
    crew.work(visitors, &|shift, block| {
        let one = fold::one_block(shift, model, source, threads, &slots, block)?;
        let Some(one) = one else { return Ok(()) };
        if one.digest != digests[block] {
            let (first, second) = (digests[block], one.digest);
            return Err(RunError::Changed { model: crew.model.to_owned(), block, first, second });
        }
        leave_out(shift, model, total, &one.state, block, sink)?;
        one.give_back();
        Ok(())
    })
}

fn leave_out<M: LeaveOneOut>(
    shift: &Shift<'_>,
    model: &M,
    total: &M::Total,
    held_out: &M::State,
    block: usize,
    sink: Sink<'_, M::Estimate>,
) -> Result<(), RunError> {
    let estimate = guarded(|| model.pass_two(total, held_out))
        .map_err(|source| shift.block_error(block, source))?;
    sink(block, estimate);
    Ok(())
}
