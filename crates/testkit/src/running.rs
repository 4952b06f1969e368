//! However it is run, the same bits come out.

use twoblade_core::{BlockSource, LeaveOneOut, StreamingEstimator, Threads};
use twoblade_runner::{Plan, Reuse, RunError, Runner, Schedule};

use crate::broken::{Broken, Law};
use crate::players::{Backwards, Interleaved};
use crate::subject::Subject;

/// Threads lent to `pass_one` may play in any order and at the same time.
///
/// # Errors
/// [`Broken`] with [`Law::ThreadsInsideAChunkDoNotMatter`].
pub fn threads_inside_a_chunk_do_not_matter<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: StreamingEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::ThreadsInsideAChunkDoNotMatter, model, source)?;
    let players: [(&str, &dyn Threads); 2] =
        [("backwards", &Backwards), ("interleaved", &Interleaved)];
    for (name, threads) in players {
        for block in subject.blocks() {
            let mut played = model.init();
            subject.fold(block, &mut played, threads)?;
            subject.same(format!("block {block}, {name}"), played, subject.state_of([block])?)?;
        }
    }
    Ok(())
}

/// 1, 2, 3 and 8 threads, over several blocks or inside one, with readers ahead or without: every
/// plan that some budget leads to gives what folding by hand gives.
///
/// # Errors
/// [`Broken`] with [`Law::AnyNumberOfThreadsAgrees`].
pub fn any_number_of_threads_agrees<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::AnyNumberOfThreadsAgrees, model, source)?;
    let expected = subject.by_hand()?;
    let (mut several, mut one) = (0, 0);
    for threads in [1, 2, 3, 8] {
        for reuse in [Reuse::Keep, Reuse::Recompute] {
            let runner = Runner::new().threads(threads).reuse(reuse);
            for plan in plans(&subject, source, &runner)? {
                match plan.schedule {
                    Schedule::SeveralBlocks(blocks) => several = blocks.max(several),
                    Schedule::OneBlock(threads) => one = threads.max(one),
                }
                let case = format!("{:?}, {reuse:?}, {} readers", plan.schedule, plan.readers);
                let runner = runner.clone().memory(plan.memory.total());
                let done = runner.jackknife(model, source);
                let done = done.map_err(|error| subject.refused(case.as_str(), error.into()))?;
                let full = subject.saved(&done.jackknife.full)?;
                subject.same_bytes(format!("{case}, all blocks"), &full, &expected.full)?;
                let replicates = done.jackknife.replicates.iter().zip(&expected.replicates);
                for (block, (replicate, expected)) in replicates.enumerate() {
                    let case = format!("{case}, without block {block}");
                    subject.same_bytes(case, &subject.saved(replicate)?, expected)?;
                }
            }
        }
    }
    if several < 2 || one < 2 {
        let found = format!("{several} blocks at once and {one} threads inside a block at most");
        return Err(subject.vacuous(found));
    }
    Ok(())
}

/// Keeping the state of every block gives what reading twice gives; also where each chunk is a block, several are
/// taken at a time, and something else than states may be kept.
///
/// # Errors
/// [`Broken`] with [`Law::KeepingEqualsRecomputing`].
pub fn keeping_equals_recomputing<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::KeepingEqualsRecomputing, model, source)?;
    keeps_what_it_recomputes(&subject, 2)?;
    // One thread leaves more blocks for each of its turns.
    let singled = &subject.singled()?;
    keeps_what_it_recomputes(&Subject { law: subject.law, model, source: singled }, 1)
}

/// Both give what is made of states that are folded by hand.
fn keeps_what_it_recomputes<M, S>(subject: &Subject<'_, M, S>, threads: usize) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let blocks = subject.source.blocks();
    let expected = subject.by_hand()?;
    for reuse in [Reuse::Keep, Reuse::Recompute] {
        let done = Runner::new().threads(threads).memory(usize::MAX).reuse(reuse);
        let done = done.jackknife(subject.model, subject.source);
        let refused =
            |error: RunError| subject.refused(format!("{blocks} blocks, {reuse:?}"), error.into());
        let found = done.map_err(refused)?.jackknife;
        let case = format!("all of {blocks} blocks, {reuse:?}");
        subject.same_bytes(case, &subject.saved(&found.full)?, &expected.full)?;
        let replicates = found.replicates.iter().zip(&expected.replicates);
        for (block, (found, expected)) in replicates.enumerate() {
            let case = format!("without block {block} of {blocks}, {reuse:?}");
            subject.same_bytes(case, &subject.saved(found)?, expected)?;
        }
    }
    Ok(())
}

/// Every plan that a runner makes under some budget, from the fastest to the smallest.
pub(crate) fn plans<M, S, T>(
    subject: &Subject<'_, M, S>,
    source: &T,
    runner: &Runner<'_>,
) -> Result<Vec<Plan>, Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
    T: BlockSource<Chunk = M::Chunk>,
{
    let mut plans = Vec::new();
    let mut budget = Some(usize::MAX);
    while let Some(bytes) = budget {
        match runner.clone().memory(bytes).plan(subject.model, source) {
            Ok(plan) => {
                budget = plan.memory.total().checked_sub(1);
                plans.push(plan);
            }
            Err(RunError::Budget { .. }) => break,
            Err(error) => return Err(subject.refused("plan", error.into())),
        }
    }
    Ok(plans)
}
