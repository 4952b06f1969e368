//! The laws of the testkit, with the same steps written out as the reference.

use twoblade_core::Blocks;
use twoblade_learn::sgd::{Estimate, Options, Sgd};
use twoblade_learn::{Features, Folds, Missing, Target};

use crate::data::{classes, dense, features, scaled};
use crate::held::{Held, features as numbers_features, table};
use crate::steps::{batches, learned};

const ROWS: usize = 700;
const BLOCK: usize = 100;
const CHUNK: usize = 25;
const EPOCHS: u32 = 3;

fn options() -> Options {
    let folds = Some(Folds::new(3, BLOCK as u64).unwrap());
    Options { rate: 0.4, l1: 0.002, l2: 0.01, folds }
}

fn linear() -> Sgd {
    Sgd::new(numbers_features(Missing::Drop), options()).unwrap()
}

fn of_classes(count: usize) -> Sgd {
    Sgd::new(features(count), options()).unwrap()
}

fn held(batch: arrow_array::RecordBatch) -> Held {
    Held { batch, blocks: Blocks::even(ROWS, ROWS / BLOCK).unwrap(), chunk: CHUNK }
}

fn numbers_source() -> Held {
    held(table(ROWS, 5, true))
}

fn source(count: usize) -> Held {
    held(classes(ROWS, 11, count))
}

fn numbers(estimate: &Estimate, features: &Features) -> Vec<f64> {
    let fits = [&estimate.full].into_iter().chain(&estimate.without);
    let weights = fits.flat_map(|fit| scaled(fit, features).concat());
    let counts = [estimate.rows as f64, estimate.dropped as f64, estimate.progressive_loss];
    counts.into_iter().chain(weights).collect()
}

fn reference(source: &Held, model: &Sgd, outputs: usize) -> Vec<f64> {
    let rows = dense(&source.batch, model.features());
    let options = options();
    let batches = batches(&rows, CHUNK as u64, &options);
    let folds = options.folds.unwrap();
    let (squared, unit) = match model.features().target {
        Target::Number { scale, .. } => (true, scale.sd * scale.sd),
        Target::Class { .. } => (false, 1.0),
    };
    let of = |without: Option<usize>| {
        let leaves_out = |row: &crate::data::Row| Some(folds.of(row.index)) == without;
        let how = (&options, EPOCHS);
        learned(&batches, model.features(), how, (outputs, squared), leaves_out)
    };
    let (full, loss) = of(None);
    let without = (0..folds.count()).flat_map(|fold| of(Some(fold)).0.concat());
    let dropped = ROWS - rows.len();
    let counts = [rows.len() as f64, dropped as f64, loss * unit];
    counts.into_iter().chain(full.concat()).chain(without).collect()
}

// Some thousand steps, each good to about 1e-16 of weights near 1.
const TOLERANCE: f64 = 1e-10;

twoblade_testkit::ordered_conformance! {
    mod a_number;
    model: linear(),
    source: numbers_source(),
    epochs: EPOCHS,
    numbers: |estimate: &Estimate| numbers(estimate, linear().features()),
    reference: || reference(&numbers_source(), &linear(), 1),
    tolerance: TOLERANCE,
}

twoblade_testkit::ordered_conformance! {
    mod two_classes;
    model: of_classes(2),
    source: source(2),
    epochs: EPOCHS,
    numbers: |estimate: &Estimate| numbers(estimate, of_classes(2).features()),
    reference: || reference(&source(2), &of_classes(2), 1),
    tolerance: TOLERANCE,
}

twoblade_testkit::ordered_conformance! {
    mod four_classes;
    model: of_classes(4),
    source: source(4),
    epochs: EPOCHS,
    numbers: |estimate: &Estimate| numbers(estimate, of_classes(4).features()),
    reference: || reference(&source(4), &of_classes(4), 4),
    tolerance: TOLERANCE,
}
