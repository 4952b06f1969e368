//! A run holds what its plan says, or refuses before it reads.

use std::collections::BTreeSet;

use twoblade_core::{BlockSource, Footprint, LeaveOneOut};
use twoblade_runner::{Reuse, RunError, Runner};

use crate::broken::{Broken, Finding, Law};
use crate::counting::{CountingModel, CountingSource, Tally};
use crate::running::plans;
use crate::subject::Subject;

/// Budgets from nothing upward: each is refused before the source is visited, and what is said to
/// be needed then suffices; or it is kept, counted in states, visits and calls at a time.
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
            let totals = plans(&subject, &runner)?;
            let totals = totals.into_iter().map(|plan| plan.memory.total());
            // Where one plan ends and the next begins, and nothing at all.
            let budgets: BTreeSet<usize> =
                totals.flat_map(|total| [total.saturating_sub(1), total]).chain([0]).collect();
            for budget in budgets {
                let case = format!("{threads} threads, {reuse:?}, {budget} bytes");
                let Some(needed) = try_budget(&subject, &runner, &case, budget)? else { continue };
                let case = format!("{case} refused, {needed} said to be needed");
                if needed <= budget {
                    let finding = Finding::TooMany { held: needed, allowed: budget };
                    return Err(subject.broken(case, finding));
                }
                if let Some(needed) = try_budget(&subject, &runner, &case, needed)? {
                    let finding = format!("{needed} bytes are said to be needed now");
                    return Err(subject.broken(case, Finding::Refused(finding.into())));
                }
            }
        }
    }
    Ok(())
}

/// Runs within a budget; gives back what is said to be needed if that is refused.
fn try_budget<M, S>(
    subject: &Subject<'_, M, S>,
    runner: &Runner<'_>,
    case: &str,
    budget: usize,
) -> Result<Option<usize>, Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let tally = Tally::default();
    let model = CountingModel { model: subject.model, tally: &tally };
    let source = CountingSource { source: subject.source, tally: &tally };
    match runner.clone().memory(budget).jackknife(&model, &source) {
        // The total is still held.
        Ok(_done) => {
            let chunk_bytes = subject.source.chunk_bytes();
            let held = held(&tally, subject.model.footprint(chunk_bytes), chunk_bytes);
            if held > budget {
                return Err(subject.broken(case, Finding::TooMany { held, allowed: budget }));
            }
            Ok(None)
        }
        Err(RunError::Budget { needed, .. }) => {
            let visits = tally.visits.ever();
            if visits > 0 {
                return Err(subject.broken(case, Finding::Late { visits }));
            }
            Ok(Some(needed))
        }
        Err(error) => Err(subject.refused(case, error.into())),
    }
}

/// The most bytes that a run can have held.
fn held(tally: &Tally, footprint: Footprint, chunk_bytes: usize) -> usize {
    tally.states.peak() * footprint.state
        + tally.visits.peak() * chunk_bytes
        + footprint.shared
        + tally.calls.peak() * footprint.per_thread
}
