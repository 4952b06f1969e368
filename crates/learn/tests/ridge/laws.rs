//! The laws of the testkit.

use twoblade_core::{Blocks, Jackknife};
use twoblade_learn::ridge::{Estimate, Ridge};
use twoblade_learn::{Folded, Folds, Missing};

use crate::dense;
use crate::held::{Held, features, table};

const ROWS: usize = 700;
const PENALTIES: [f64; 3] = [0.0, 1.0, 300.0];

fn model() -> Ridge {
    Ridge::new(features(Missing::Drop), ROWS as u64, PENALTIES.to_vec()).unwrap()
}

fn source() -> Held {
    let batch = table(ROWS, 5, true);
    Held { batch, blocks: Blocks::even(ROWS, 8).unwrap(), chunk: 17 }
}

fn numbers(estimate: &Estimate) -> Vec<f64> {
    let fits = estimate.fits.iter();
    fits.flat_map(|fit| [vec![fit.intercept], fit.coefficients.clone()].concat()).collect()
}

fn reference() -> Jackknife<Vec<f64>> {
    let source = source();
    let fits = |without: std::ops::Range<usize>| {
        let (before, after) = (source.batch.slice(0, without.start), without.end);
        let after = source.batch.slice(after, ROWS - after);
        let rows = [dense::complete(&before), dense::complete(&after)].concat();
        PENALTIES.iter().flat_map(|&penalty| dense::ridge(&rows, penalty)).collect()
    };
    Jackknife { full: fits(0..0), replicates: source.blocks.iter().map(fits).collect() }
}

twoblade_testkit::conformance! {
    mod ridge;
    model: model(),
    source: source(),
    numbers: numbers,
    reference: reference,
    // The condition of the correlations is below 100, and their sums are good to about 1e-14.
    tolerance: 1e-10,
}

twoblade_testkit::conformance! {
    mod folded;
    // Blocks of 88 rows at the most.
    model: Folded::new(model(), Folds::new(3, 88).unwrap()),
    source: source(),
    numbers: numbers,
    reference: reference,
    tolerance: 1e-10,
}
