//! Stopped, spilled to files or cut into parts, the same bits come out.

use std::path::Path;

use tempfile::TempDir;
use twoblade_core::{BlockSource, BoxError, Jackknife, LeaveOneOut};
use twoblade_runner::{
    Cancel, Cover, Jackknifed, Observer, Part, Progress, Reuse, RunError, Runner,
};

use crate::broken::{Broken, Law};
use crate::subject::Subject;

/// Cancels whatever has begun.
pub(crate) struct Impatient(pub(crate) Cancel);

impl Observer for Impatient {
    fn progress(&self, _: Progress) {
        self.0.cancel();
    }
}

/// A run that is cancelled in every block, and started again, ends as one that is not: with states
/// kept, spilled and recomputed, on one thread and on two.
///
/// # Errors
/// [`Broken`] with [`Law::ResumingEqualsNotStopping`].
pub fn resuming_equals_not_stopping<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::ResumingEqualsNotStopping, model, source)?;
    let expected = subject.by_hand()?;
    for threads in [1, 2] {
        for reuse in [Reuse::Keep, Reuse::Spill, Reuse::Recompute] {
            let case = format!("{threads} threads, {reuse:?}");
            let folder = folder(&subject)?;
            let mut stops = 0;
            let done = loop {
                let cancel = Cancel::new();
                let impatient = Impatient(cancel.clone());
                let runner = Runner::new().threads(threads).reuse(reuse).memory(usize::MAX);
                let runner = runner.checkpoint(folder.path()).observer(&impatient).cancel(&cancel);
                match runner.jackknife(model, source) {
                    Ok(done) => break done,
                    Err(RunError::Cancelled { .. }) if stops <= 2 * source.blocks() => stops += 1,
                    Err(error) => return Err(subject.refused(case, error.into())),
                }
            };
            if stops < source.blocks() / threads {
                return Err(subject.vacuous(format!("{stops} stops, {case}")));
            }
            same(&subject, &case, &done, &expected)?;
        }
    }
    Ok(())
}

/// Writing the state of every block to a file gives what reading the blocks twice gives.
///
/// # Errors
/// [`Broken`] with [`Law::SpillingEqualsRecomputing`].
pub fn spilling_equals_recomputing<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::SpillingEqualsRecomputing, model, source)?;
    let expected = subject.by_hand()?;
    for threads in [1, 2] {
        let case = format!("{threads} threads");
        let folder = folder(&subject)?;
        let runner = Runner::new().threads(threads).memory(usize::MAX);
        let runner = runner.reuse(Reuse::Spill).spill(folder.path());
        let done = runner.jackknife(model, source);
        let done = done.map_err(|error| subject.refused(case.as_str(), error.into()))?;
        same(&subject, &case, &done, &expected)?;
    }
    Ok(())
}

/// Parts of the blocks, saved by runs of their own, loaded and added in any order, give what one run
/// gives.
///
/// # Errors
/// [`Broken`] with [`Law::PartsAgreeWithTheWhole`].
pub fn parts_agree_with_the_whole<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::PartsAgreeWithTheWhole, model, source)?;
    let expected = subject.by_hand()?;
    let blocks = source.blocks();
    // In halves, the second one first; one by one, backwards; and every third block.
    let every_third = |first: usize| (first..blocks).step_by(3).collect::<Cover>();
    let cuts = [
        ("halves", (0..2).rev().map(|shard| Cover::shard(blocks, shard, 2)).collect::<Vec<_>>()),
        (
            "single blocks",
            (0..blocks).rev().map(|shard| Cover::shard(blocks, shard, blocks)).collect(),
        ),
        ("every third block", (0..3).map(every_third).collect()),
    ];
    for (case, cut) in cuts {
        let folder = folder(&subject)?;
        let done = in_parts(model, source, &cut, folder.path());
        let done = done.map_err(|error| subject.refused(case, error))?;
        same(&subject, case, &done, &expected)?;
    }
    Ok(())
}

fn in_parts<M, S>(
    model: &M,
    source: &S,
    cut: &[Cover],
    folder: &Path,
) -> Result<Jackknifed<M>, BoxError>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let runner = Runner::new().threads(2).memory(usize::MAX);
    let file = folder.join("part");
    let mut total: Option<Part<M::State>> = None;
    for cover in cut {
        runner.pass_one(model, source, cover)?.save(&file)?;
        let part = Part::load(&file)?;
        match &mut total {
            Some(total) => total.merge(&part, &file)?,
            none => *none = Some(part),
        }
    }
    let whole = folder.join("whole");
    total.ok_or("there is no part")?.save(&whole)?;
    let mut estimates: Option<Part<Vec<M::Estimate>>> = None;
    for cover in cut {
        let total = Part::load(&whole)?;
        runner.pass_two(model, source, (total, &whole), cover)?.save(&file)?;
        let part = Part::load(&file)?;
        match &mut estimates {
            Some(estimates) => estimates.join(part, &file)?,
            none => *none = Some(part),
        }
    }
    let estimates = estimates.ok_or("there is no part")?;
    Ok(runner.finish(model, source, (Part::load(&whole)?, &whole), (estimates, &file))?)
}

fn folder<M, S>(subject: &Subject<'_, M, S>) -> Result<TempDir, Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    tempfile::tempdir().map_err(|error| subject.refused("a folder for states", error.into()))
}

fn same<M, S>(
    subject: &Subject<'_, M, S>,
    case: &str,
    done: &Jackknifed<M>,
    expected: &Jackknife<Vec<u8>>,
) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let full = subject.saved(&done.jackknife.full)?;
    subject.same_bytes(format!("{case}, all blocks"), &full, &expected.full)?;
    let replicates = done.jackknife.replicates.iter().zip(&expected.replicates);
    for (block, (replicate, expected)) in replicates.enumerate() {
        let case = format!("{case}, without block {block}");
        subject.same_bytes(case, &subject.saved(replicate)?, expected)?;
    }
    Ok(())
}
