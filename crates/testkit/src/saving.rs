//! A state can be saved, and is as large as the model says.

use twoblade_core::{BlockSource, Group, LeaveOneOut, Merge, Serial, StreamingEstimator};

use crate::broken::{Broken, Finding, Law};
use crate::subject::Subject;

/// A state that was saved and loaded saves to the same bytes, and behaves as if it had not been:
/// merged, removed from, folded on.
///
/// # Errors
/// [`Broken`] with [`Law::AStateSurvivesSaving`].
pub fn a_state_survives_saving<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::AStateSurvivesSaving, model, source)?;
    let reload = |state: &M::State| subject.loaded(&subject.saved(state)?);
    subject.same("init", reload(&model.init())?, model.init())?;
    for block in subject.blocks() {
        let next = (block + 1) % source.blocks();
        let fresh = || subject.state_of([block]);
        let (other, reloaded_other) =
            (subject.state_of([next])?, reload(&subject.state_of([next])?)?);
        subject.same(format!("block {block}"), reload(&fresh()?)?, fresh()?)?;

        let (mut saved, mut not) = (reload(&fresh()?)?, fresh()?);
        saved.merge(&reloaded_other);
        not.merge(&other);
        subject.same(format!("block {block}, merged with {next}"), saved, not)?;

        let (mut saved, mut not) = (reload(&fresh()?)?, fresh()?);
        saved.remove(&reloaded_other);
        not.remove(&other);
        subject.same(format!("block {block}, less {next}"), saved, not)?;

        let (mut saved, mut not) = (reload(&fresh()?)?, fresh()?);
        subject.fold(next, &mut saved, &Serial)?;
        subject.fold(next, &mut not, &Serial)?;
        subject.same(format!("block {block}, folded on with {next}"), saved, not)?;
    }
    Ok(())
}

/// No state, in memory (as far as its type tells) or saved, is larger than the footprint says:
/// neither empty, nor after a chunk, a block, or everything.
///
/// # Errors
/// [`Broken`] with [`Law::AStateFitsItsDeclaredBytes`].
pub fn a_state_fits_its_declared_bytes<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::AStateFitsItsDeclaredBytes, model, source)?;
    let declared = model.footprint(source.chunk_bytes()).state;
    let fits = |case: String, held: usize| {
        if held <= declared {
            return Ok(());
        }
        Err(subject.broken(case, Finding::TooMany { held, allowed: declared }))
    };
    fits("the type".into(), size_of::<M::State>())?;
    fits("init".into(), subject.saved(&model.init())?.len())?;
    for block in subject.blocks() {
        for (index, chunk) in subject.chunk_states(block)?.iter().enumerate() {
            let case = format!("chunk {index} of block {block}");
            fits(case, subject.saved(chunk)?.len())?;
        }
        fits(format!("block {block}"), subject.saved(&subject.state_of([block])?)?.len())?;
    }
    fits("all blocks".into(), subject.saved(&subject.state_of(subject.blocks())?)?.len())
}
