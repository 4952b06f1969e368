//! Leaving a block out is having never read it.

use std::ops::ControlFlow;

use twoblade_core::{BlockSource, BoxError, Fingerprint, Group, LeaveOneOut};
use twoblade_runner::Runner;

use crate::broken::{Broken, Law};
use crate::subject::Subject;

/// pass_two(T, s) = finish(aggregate(S - s)) for every block.
///
/// # Errors
/// [`Broken`] with [`Law::PassTwoIsFinishOfTheRest`].
pub fn pass_two_is_finish_of_the_rest<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::PassTwoIsFinishOfTheRest, model, source)?;
    let total = subject.total(subject.state_of(subject.blocks())?)?;
    for block in subject.blocks() {
        let held_out = subject.state_of([block])?;
        let mut rest = subject.state_of(subject.blocks())?;
        rest.remove(&held_out);
        let replicate = model.pass_two(&total, &held_out);
        let replicate = replicate.and_then(|estimate| Ok(postcard::to_stdvec(&estimate)?));
        subject.same_saved(format!("block {block}"), replicate, subject.estimate(rest))?;
    }
    Ok(())
}

/// pass_two(T, init) = finish(T).
///
/// # Errors
/// [`Broken`] with [`Law::LeavingOutNothingIsFinish`].
pub fn leaving_out_nothing_is_finish<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::LeavingOutNothingIsFinish, model, source)?;
    let total = subject.total(subject.state_of(subject.blocks())?)?;
    let save = |estimate: M::Estimate| Ok(postcard::to_stdvec(&estimate)?);
    let nothing = model.pass_two(&total, &model.init()).and_then(save);
    subject.same_saved("all blocks", nothing, model.finish(&total).and_then(save))
}

/// The replicate of a block is the estimate from a source whose block is empty.
///
/// # Errors
/// [`Broken`] with [`Law::LeavingOutEqualsNeverReading`].
pub fn leaving_out_equals_never_reading<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::LeavingOutEqualsNeverReading, model, source)?;
    let done = Runner::new().jackknife(model, source);
    let done = done.map_err(|error| subject.refused("jackknife", error.into()))?;
    for (hidden, replicate) in done.jackknife.replicates.iter().enumerate() {
        let case = format!("block {hidden}");
        let run = Runner::new().run(model, &Without { source, hidden });
        let run = run.map_err(|error| subject.refused(case.as_str(), error.into()))?;
        subject.same_bytes(case, &subject.saved(replicate)?, &subject.saved(&run.estimate)?)?;
        let mut rest = subject.state_of(subject.blocks())?;
        rest.remove(&subject.state_of([hidden])?);
        let others = subject.state_of(subject.blocks().filter(|&block| block != hidden))?;
        subject.same(format!("the states without block {hidden}"), rest, others)?;
    }
    Ok(())
}

/// A source with one block hidden, that still counts as before: so the model is the same value.
struct Without<'a, S> {
    source: &'a S,
    hidden: usize,
}

impl<S: BlockSource> BlockSource for Without<'_, S> {
    type Chunk = S::Chunk;

    fn blocks(&self) -> usize {
        self.source.blocks()
    }

    fn chunks(&self) -> u64 {
        self.source.chunks()
    }

    fn chunks_in(&self, block: usize) -> Option<u64> {
        if block == self.hidden { Some(0) } else { self.source.chunks_in(block) }
    }

    fn chunk_bytes(&self) -> usize {
        self.source.chunk_bytes()
    }

    fn fingerprint(&self) -> Fingerprint {
        self.source.fingerprint()
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&S::Chunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        if block == self.hidden { Ok(0) } else { self.source.visit(block, visit) }
    }
}
