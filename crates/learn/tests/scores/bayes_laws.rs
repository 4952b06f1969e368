//! The laws of the testkit, for naive Bayes.

use std::ops::Range;

use twoblade_core::{Blocks, Jackknife};
use twoblade_learn::bayes::{Bayes, Estimate};
use twoblade_learn::{Folded, Folds, Missing};

use crate::classes::{bayes, complete, features, table};
use crate::held::Held;

const ROWS: usize = 704;

fn model() -> Bayes {
    Bayes::new(features(Missing::Drop)).unwrap()
}

fn source() -> Held {
    Held { batch: table(ROWS, 5, true), blocks: Blocks::even(ROWS, 8).unwrap(), chunk: 17 }
}

fn numbers(estimate: &Estimate) -> Vec<f64> {
    let classes = estimate.classes.iter();
    classes
        .flat_map(|it| [vec![it.prior], it.means.clone(), it.variances.clone()].concat())
        .collect()
}

fn reference() -> Jackknife<Vec<f64>> {
    let source = source();
    let fit = |without: Range<usize>| {
        let before = source.batch.slice(0, without.start);
        let after = source.batch.slice(without.end, ROWS - without.end);
        let fit = bayes(&[complete(&before), complete(&after)].concat(), 1e-9);
        let classes = fit.0.into_iter().flatten();
        classes
            .flat_map(|(prior, means, variances)| {
                [vec![prior], means.into(), variances.into()].concat()
            })
            .collect()
    };
    Jackknife { full: fit(0..0), replicates: source.blocks.iter().map(fit).collect() }
}

twoblade_testkit::conformance! {
    mod bayes_of_rows;
    model: model(),
    source: source(),
    numbers: numbers,
    reference: reference,
    // 704 doubles are summed in the reference, about a mean that is summed likewise.
    tolerance: 1e-12,
}

twoblade_testkit::conformance! {
    mod bayes_by_fold;
    model: Folded::new(model(), Folds::new(3, 88).unwrap()),
    source: source(),
    numbers: numbers,
    reference: reference,
    tolerance: 1e-12,
}
