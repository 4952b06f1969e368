//! The model against a reference that was computed another way.

use twoblade_core::{BlockSource, Jackknife, LeaveOneOut};
use twoblade_runner::Runner;

use crate::broken::{Broken, Finding, Law};
use crate::subject::Subject;

/// The whole and every replicate are what the reference says.
///
/// `found` agrees with `expected` if they differ by at most `tolerance` times the largest of
/// `|found|`, `|expected|` and 1. NaN agrees with NaN, and an infinity with itself.
///
/// # Errors
/// [`Broken`] with [`Law::ItAgreesWithTheReference`]; also if there are no numbers, or if no
/// replicate of the reference differs from the whole.
pub fn it_agrees_with_the_reference<M, S>(
    model: &M,
    source: &S,
    numbers: impl Fn(&M::Estimate) -> Vec<f64>,
    reference: impl FnOnce() -> Jackknife<Vec<f64>>,
    tolerance: f64,
) -> Result<(), Broken>
where
    M: LeaveOneOut,
    S: BlockSource<Chunk = M::Chunk>,
{
    let subject = Subject::new(Law::ItAgreesWithTheReference, model, source)?;
    let reference = reference();
    if reference.full.is_empty() {
        return Err(
            subject.broken("the reference", Finding::Vacuous("there are no numbers".into()))
        );
    }
    if reference.replicates.iter().all(|replicate| *replicate == reference.full) {
        let finding = "no replicate differs from the whole".into();
        return Err(subject.broken("the reference", Finding::Vacuous(finding)));
    }
    let done = Runner::new().jackknife(model, source);
    let done = done.map_err(|error| subject.refused("jackknife", error.into()))?;
    let found = done.jackknife.map(|estimate| numbers(estimate));
    let (found_blocks, blocks) = (found.replicates.len(), reference.replicates.len());
    if found_blocks != blocks {
        let finding = Finding::Count { found: found_blocks, expected: blocks };
        return Err(subject.broken("replicates", finding));
    }
    let compare = |case: String, found: &[f64], expected: &[f64]| {
        let compared = compare(found, expected, tolerance);
        compared.map_err(|finding| subject.broken(case, finding))
    };
    compare("all blocks".into(), &found.full, &reference.full)?;
    for (block, (found, expected)) in found.replicates.iter().zip(&reference.replicates).enumerate()
    {
        compare(format!("without block {block}"), found, expected)?;
    }
    Ok(())
}

/// Finds the first number that does not agree.
pub(crate) fn compare(found: &[f64], expected: &[f64], tolerance: f64) -> Result<(), Finding> {
    if found.len() != expected.len() {
        return Err(Finding::Count { found: found.len(), expected: expected.len() });
    }
    for (index, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        if !agree(found, expected, tolerance) {
            return Err(Finding::Number { index, found, expected });
        }
    }
    Ok(())
}

fn agree(found: f64, expected: f64, tolerance: f64) -> bool {
    #[expect(clippy::float_cmp, reason = "infinities are equal or not")]
    let same = found == expected || (found.is_nan() && expected.is_nan());
    let scale = found.abs().max(expected.abs()).max(1.0);
    same || (scale.is_finite() && (found - expected).abs() <= tolerance * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tolerance_is_relative_above_one_and_absolute_below() {
        assert!(agree(1e9, 1e9 + 0.9, 1e-9) && !agree(1e9, 1e9 + 1.1, 1e-9));
        assert!(agree(1e-3, 1e-3 + 0.9e-9, 1e-9) && !agree(1e-3, 1e-3 + 1.1e-9, 1e-9));
        assert!(agree(f64::NAN, f64::NAN, 0.0) && !agree(f64::NAN, 1.0, 1e9));
        assert!(agree(f64::INFINITY, f64::INFINITY, 0.0) && !agree(f64::INFINITY, 1.0, 1e9));
    }
}
