//! A model can be saved, and is as large as is said.

use twoblade_core::{BlockSource, OrderedEstimator};

use super::learning::Learning;
use crate::broken::{Broken, Finding, Law};

/// After every block a model that was saved and loaded saves to the same bytes, and learns the next
/// block as one that was not.
///
/// # Errors
/// [`Broken`] with [`Law::AModelSurvivesSaving`].
pub fn a_model_survives_saving<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let learning = Learning::new(Law::AModelSurvivesSaving, model, source)?;
    let mut learned = model.init();
    for visit in learning.visits() {
        let case = format!("before block {} of epoch {}", visit.1, visit.0);
        let loaded = postcard::from_bytes(&learning.saved(&learned)?);
        let loaded = loaded.map_err(|error| learning.refused("loading", error.into()));
        let mut loaded: M::Model = loaded?;
        learning.same(case.as_str(), &loaded, &learned)?;
        learning.learn(visit, &mut loaded)?;
        learning.learn(visit, &mut learned)?;
        learning.same(format!("{case}, and then with it"), &loaded, &learned)?;
    }
    Ok(())
}

/// No model, in memory (as far as its type tells) or saved, is larger than the footprint says: neither
/// at first nor after any block.
///
/// # Errors
/// [`Broken`] with [`Law::AModelFitsItsDeclaredBytes`].
pub fn a_model_fits_its_declared_bytes<M, S>(model: &M, source: &S) -> Result<(), Broken>
where
    M: OrderedEstimator,
    S: BlockSource<Chunk = M::Chunk>,
{
    let law = Law::AModelFitsItsDeclaredBytes;
    let learning = Learning::new(law, model, source)?;
    let allowed = model.footprint(source.chunk_bytes()).state;
    let fits = |case: String, held: usize| {
        if held <= allowed {
            return Ok(());
        }
        Err(Broken { law, case, finding: Finding::TooMany { held, allowed } })
    };
    let mut learned = model.init();
    fits("the type".into(), size_of::<M::Model>())?;
    fits("init".into(), learning.saved(&learned)?.len())?;
    for visit in learning.visits() {
        learning.learn(visit, &mut learned)?;
        let case = format!("after block {} of epoch {}", visit.1, visit.0);
        fits(case, learning.saved(&learned)?.len())?;
    }
    Ok(())
}
