//! What a runner learns, however it reads.

use twoblade_core::{BlockSource, OrderedEstimator};
use twoblade_runner::{Plan, RunError, Runner};

use super::learning::{EPOCHS, Learning};
use crate::broken::{Broken, Finding, Law};
use crate::reference::compare;
use crate::subject::same_bytes;

/// What is learned in so many epochs is what the reference says.
///
/// # Errors
/// [`Broken`] with [`Law::ItAgreesWithTheReference`]; also if there are no numbers.
pub fn it_agrees_with_the_reference<M, S>(
    (model, source): (&M, &S),
    epochs: u32,
    numbers: impl Fn(&M::Estimate) -> Vec<f64>,
    reference: impl FnOnce() -> Vec<f64>,
    tolerance: f64,
) -> Result<(), Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
    S::Chunk: Clone + Send,
{
    let law = Law::ItAgreesWithTheReference;
    let learning = Learning::new(law, model, source)?;
    let reference = reference();
    if reference.is_empty() {
        let finding = Finding::Vacuous("there are no numbers".into());
        return Err(Broken { law, case: "the reference".into(), finding });
    }
    let learned = Runner::new().ordered(model, source, epochs);
    let learned = learned.map_err(|error| learning.refused("ordered", error.into()))?;
    let compared = compare(&numbers(&learned.estimate), &reference, tolerance);
    compared.map_err(|finding| Broken { law, case: format!("{epochs} epochs"), finding })
}

/// 1, 2, 3 and 8 threads, with readers ahead or without: every plan that some budget leads to gives
/// what learning by hand gives.
///
/// # Errors
/// [`Broken`] with [`Law::ReadersAheadDoNotMatter`].
pub fn readers_ahead_do_not_matter<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
    S::Chunk: Clone + Send,
{
    let law = Law::ReadersAheadDoNotMatter;
    let learning = Learning::new(law, model, source)?;
    let expected = learning.by_hand()?;
    let (mut most, mut ahead) = (0, false);
    for threads in [1, 2, 3, 8] {
        let plans = plans(&learning, &Runner::new().threads(threads))?;
        for plan in plans {
            most = plan.readers.max(most);
            ahead |= plan.readers == 1 && plan.memory.chunks > source.chunk_bytes();
            let bytes = plan.memory.chunks;
            let case = format!("{threads} threads, {} readers, {bytes} bytes", plan.readers);
            let runner = Runner::new().threads(threads).memory(plan.memory.total());
            let learned = runner.ordered(model, source, EPOCHS);
            let learned = learned.map_err(|error| learning.refused(case.as_str(), error.into()))?;
            same_bytes(law, &case, &learning.saved(&learned.model)?, &expected.0)?;
            let case = format!("{case}, estimate");
            same_bytes(law, case, &learning.saved(&learned.estimate)?, &expected.1)?;
        }
    }
    if most < 2 || !ahead {
        return Err(Broken::vacuous(law, format!("{most} readers at most")));
    }
    Ok(())
}

/// Every plan that a runner makes under some budget, from the fastest to the smallest.
pub(super) fn plans<M, S>(
    learning: &Learning<'_, M, S>,
    runner: &Runner<'_>,
) -> Result<Vec<Plan>, Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let mut plans = Vec::new();
    let mut budget = Some(usize::MAX);
    while let Some(bytes) = budget {
        match runner.clone().memory(bytes).plan_ordered(learning.model, learning.source, EPOCHS) {
            Ok(plan) => {
                budget = plan.memory.total().checked_sub(1);
                plans.push(plan);
            }
            Err(RunError::Budget { .. }) => break,
            Err(error) => return Err(learning.refused("plan", error.into())),
        }
    }
    Ok(plans)
}
