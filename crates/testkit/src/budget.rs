//! A run holds what its plan says, or refuses before it reads.

use std::collections::BTreeSet;

use twoblade_core::{BlockSource, Footprint, LeaveOneOut};
use twoblade_runner::{Reuse, RunError, Runner};

use crate::broken::{Broken, Finding, Law};
use crate::counting::{CountingModel, CountingSource, Tally};
use crate::running::plans;
use crate::subject::Subject;

/// Budgets from nothing upward: each is refused before the source is visited, and what is said to
/// be needed then suffices; or it is kept, counted in states, visits and calls at a time. Also where each chunk is
/// a block, several are taken at a time, and something else than states may be kept.
///
/// # Errors
/// [`Broken`] with [`Law::TheBudgetIsRespected`].
pub fn the_budget_is_respected<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::TheBudgetIsRespected, model, source)?;
    for threads in [1, 3] {
        for reuse in [Reuse::Auto, Reuse::Keep, Reuse::Recompute] {
            let runner = Runner::new().threads(threads).reuse(reuse);
            every_budget(&subject, source, &runner, &format!("{threads} threads, {reuse:?}"))?;
        }
    }
    let singled = subject.singled()?;
    for reuse in [Reuse::Keep, Reuse::Recompute] {
        let runner = Runner::new().reuse(reuse);
        every_budget(&subject, &singled, &runner, &format!("every chunk a block, {reuse:?}"))?;
    }
    Ok(())
}

/// Where one plan ends and the next begins, and nothing at all.
fn every_budget<M, S, T>(
    subject: &Subject<'_, M, S>,
    source: &T,
    runner: &Runner<'_>,
    about: &str,
) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
    T: BlockSource<Chunk = M::Chunk>,
{
    let totals = plans(subject, source, runner)?;
    let totals = totals.into_iter().map(|plan| plan.memory.total());
    let budgets: BTreeSet<usize> =
        totals.flat_map(|total| [total.saturating_sub(1), total]).chain([0]).collect();
    for budget in budgets {
        let case = format!("{about}, {budget} bytes");
        let tried = try_budget(subject, source, runner, (&case, budget))?;
        let Some(needed) = tried else { continue };
        let case = format!("{case} refused, {needed} said to be needed");
        if needed <= budget {
            let finding = Finding::TooMany { held: needed, allowed: budget };
            return Err(subject.broken(case, finding));
        }
        if let Some(needed) = try_budget(subject, source, runner, (&case, needed))? {
            let finding = format!("{needed} bytes are said to be needed now");
            return Err(subject.broken(case, Finding::Refused(finding.into())));
        }
    }
    Ok(())
}

/// Runs within a budget; gives back what is said to be needed if that is refused.
fn try_budget<M, S, T>(
    subject: &Subject<'_, M, S>,
    source: &T,
    runner: &Runner<'_>,
    (case, budget): (&str, usize),
) -> Result<Option<usize>, Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
    T: BlockSource<Chunk = M::Chunk>,
{
    let tally = Tally::default();
    let model = CountingModel { model: subject.model, tally: &tally };
    let chunk_bytes = source.chunk_bytes();
    let source = CountingSource { source, tally: &tally };
    let done = runner.clone().memory(budget).jackknife(&model, &source);
    let held = held(&tally, subject.model.footprint(chunk_bytes), chunk_bytes);
    judge(done.map(drop), tally.visits.ever(), held, budget)
        .map_err(|finding| subject.broken(case, finding))
}

/// What a run within a budget has shown.
pub(crate) fn judge(
    done: Result<(), RunError>,
    visits: usize,
    held: usize,
    budget: usize,
) -> Result<Option<usize>, Finding> {
    match done {
        Ok(()) if held > budget => Err(Finding::TooMany { held, allowed: budget }),
        Ok(()) => Ok(None),
        Err(RunError::Budget { .. }) if visits > 0 => Err(Finding::Late { visits }),
        Err(RunError::Budget { needed, .. }) => Ok(Some(needed)),
        Err(error) => Err(Finding::Refused(error.into())),
    }
}

/// The most bytes that a run can have held.
pub(crate) fn held(tally: &Tally, footprint: Footprint, chunk_bytes: usize) -> usize {
    tally.states.peak() * footprint.state
        + (tally.visits.peak() + tally.copies.peak()) * chunk_bytes
        + footprint.shared
        + tally.calls.peak() * footprint.per_thread
        + tally.further.peak() * footprint.further
        + tally.memories.peak() * footprint.remembered
        + tally.kept.peak() * footprint.kept
}

#[cfg(test)]
mod tests {
    use twoblade_core::{Blocks, Merge, StreamingEstimator};
    use twoblade_moments::{Column, Moments};

    use super::*;

    fn refusal() -> RunError {
        let column = Column::new(vec![0.0; 4], Blocks::even(4, 2).unwrap());
        Runner::new().memory(0).jackknife(&Moments, &column).unwrap_err()
    }

    #[test]
    fn a_run_that_holds_more_than_its_budget_is_found() {
        assert!(matches!(judge(Ok(()), 4, 100, 100), Ok(None)));
        let finding = judge(Ok(()), 4, 101, 100).unwrap_err();
        assert_eq!(finding.to_string(), "101 bytes where at most 100 are allowed");
    }

    #[test]
    fn a_refusal_after_a_visit_is_found() {
        assert!(matches!(judge(Err(refusal()), 0, 0, 0), Ok(Some(1..))));
        let finding = judge(Err(refusal()), 1, 0, 0).unwrap_err();
        assert_eq!(finding.to_string(), "refused after 1 visits to the source");
    }

    #[test]
    fn states_and_totals_count_while_they_live() {
        let tally = Tally::default();
        let model = CountingModel { model: &Moments, tally: &tally };
        let footprint =
            Footprint { state: 1000, shared: 100, per_thread: 10, ..Footprint::default() };
        let mut first = model.init();
        first.merge(&model.init());
        assert_eq!(tally.states.peak(), 2);
        // The second is gone, and the total is the first.
        let total = model.aggregate(first).unwrap();
        let _third = model.init();
        assert_eq!((tally.states.peak(), tally.states.ever()), (2, 3));
        drop(total);
        assert_eq!(held(&tally, footprint, 1), 2100);
    }

    #[test]
    fn a_run_is_measured_to_the_last_state() {
        let column = Column::new(vec![0.0; 40], Blocks::even(40, 4).unwrap()).chunk(3);
        for (reuse, states) in [(Reuse::Keep, 5), (Reuse::Recompute, 2)] {
            let tally = Tally::default();
            let model = CountingModel { model: &Moments, tally: &tally };
            let source = CountingSource { source: &column, tally: &tally };
            Runner::new().reuse(reuse).jackknife(&model, &source).unwrap();
            assert_eq!(tally.states.peak(), states, "{reuse:?}");
            assert_eq!(tally.calls.peak(), 1);
            assert!((1..=2).contains(&tally.visits.peak()));
        }
    }
}
