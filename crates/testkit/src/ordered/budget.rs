//! Learning holds what its plan says, or is refused before anything is read.

use std::collections::BTreeSet;

use twoblade_core::{BlockSource, OrderedEstimator};
use twoblade_runner::Runner;

use super::learning::{EPOCHS, Learning};
use super::running::plans;
use crate::broken::{Broken, Finding, Law};
use crate::budget::{held, judge};
use crate::counting::{CopyingSource, CountingModel, Tally};

/// Budgets from nothing upward: each is refused before the source is visited, and what is said to be
/// needed then suffices; or it is kept, counted in models, visits, copies of chunks and calls at a time.
///
/// # Errors
/// [`Broken`] with [`Law::TheBudgetIsRespected`].
pub fn the_budget_is_respected<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
    S::Chunk: Clone + Send,
{
    let law = Law::TheBudgetIsRespected;
    let learning = Learning::new(law, model, source)?;
    for threads in [1, 3] {
        let runner = Runner::new().threads(threads);
        let totals = plans(&learning, &runner)?.into_iter().map(|plan| plan.memory.total());
        // Where one plan ends and the next begins, and nothing at all.
        let budgets: BTreeSet<usize> =
            totals.flat_map(|total| [total.saturating_sub(1), total]).chain([0]).collect();
        for budget in budgets {
            let case = format!("{threads} threads, {budget} bytes");
            let broken = |case: &str, finding| Broken { law, case: case.to_owned(), finding };
            let tried = |bytes| try_budget(&learning, &runner, bytes);
            let Some(needed) = tried(budget).map_err(|finding| broken(&case, finding))? else {
                continue;
            };
            let case = format!("{case} refused, {needed} said to be needed");
            if needed <= budget {
                return Err(broken(&case, Finding::TooMany { held: needed, allowed: budget }));
            }
            if let Some(needed) = tried(needed).map_err(|finding| broken(&case, finding))? {
                let finding = format!("{needed} bytes are said to be needed now");
                return Err(broken(&case, Finding::Refused(finding.into())));
            }
        }
    }
    Ok(())
}

/// Learns within a budget; gives back what is said to be needed if that is refused.
fn try_budget<M, S>(
    learning: &Learning<'_, M, S>,
    runner: &Runner<'_>,
    budget: usize,
) -> Result<Option<usize>, Finding>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
    S::Chunk: Clone + Send,
{
    let tally = Tally::default();
    let model = CountingModel { model: learning.model, tally: &tally };
    let source = CopyingSource { source: learning.source, tally: &tally };
    let done = runner.clone().memory(budget).ordered(&model, &source, EPOCHS);
    let chunk_bytes = learning.source.chunk_bytes();
    let held = held(&tally, learning.model.footprint(chunk_bytes), chunk_bytes);
    judge(done.map(drop), tally.visits.ever(), held, budget)
}
