//! The laws of the testkit, for a target of classes and one of numbers.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use twoblade_core::{Blocks, Jackknife};
use twoblade_learn::forest::{Estimate, Forest};
use twoblade_learn::{Encoder, Features, Missing, Predict, Target, Term};
use twoblade_table::Rows;

use crate::cart::{self, Stop};
use crate::held::{self, Held, table};
use crate::planted::{Targets, plain};

const ROWS: usize = 700;
const CHUNK: usize = 17;
const STOP: Stop = Stop { leaf_rows: 2, depth: 4 };

fn source() -> Held {
    Held { batch: table(ROWS, 5, true), blocks: Blocks::even(ROWS, 8).unwrap(), chunk: CHUNK }
}

/// y from all others.
fn of_numbers() -> Features {
    held::features(Missing::Drop)
}

/// c from all others.
fn of_classes() -> Features {
    let Features { mut terms, missing, target } = held::features(Missing::Drop);
    let (Target::Number { column, scale }, Term::Levels { .. }) = (target, &terms[2]) else {
        unreachable!("a number is the target, and c the third term");
    };
    terms[2] = Term::Number { column, scale };
    let classes = ["a", "b", "c"].map(String::from).to_vec();
    Features { target: Target::Class { column: "c".into(), classes }, terms, missing }
}

fn model(features: Features) -> Forest {
    let options = twoblade_learn::forest::Options {
        leaf_rows: u32::try_from(STOP.leaf_rows).unwrap(),
        depth: STOP.depth,
        ..plain()
    };
    // 88 rows a block are 6 chunks.
    Forest::new(features, 48, CHUNK as u64, options).unwrap()
}

/// A model that draws.
fn drawing(features: Features) -> Forest {
    let options = twoblade_learn::forest::Options { seed: 7, ..plain() };
    let options = twoblade_learn::forest::Options {
        trees: 3,
        tried: None,
        sample: twoblade_learn::forest::Sample::Bootstrap,
        ..options
    };
    Forest::new(features, 48, CHUNK as u64, options).unwrap()
}

/// Rows whose predictions tell the forest.
fn asked() -> RecordBatch {
    table(25, 99, false)
}

fn numbers(features: Features) -> impl Fn(&Estimate) -> Vec<f64> {
    let encoder_rows = Rows::new(0, asked());
    move |estimate| {
        let encoded = Encoder::new(&features).encode_features(&encoder_rows).unwrap();
        let mut numbers = Vec::new();
        estimate.predict(&encoded, &mut numbers);
        numbers
    }
}

fn of_class_forest(estimate: &Estimate) -> Vec<f64> {
    numbers(of_classes())(estimate)
}

fn of_number_forest(estimate: &Estimate) -> Vec<f64> {
    numbers(of_numbers())(estimate)
}

/// Columns of the features as they are, and the target.
fn dense(features: &Features, batch: &RecordBatch) -> (Vec<Vec<f64>>, Targets) {
    let encoded = Encoder::new(features).encode(&Rows::new(0, batch.clone())).unwrap();
    let columns = encoded.numbers.chunks(encoded.rows.len()).map(<[f64]>::to_vec).collect();
    let targets = match &features.target {
        Target::Class { column, classes } => {
            let words = batch.column_by_name(column).unwrap().as_string::<i32>();
            let class = |&row: &usize| classes.iter().position(|class| class == words.value(row));
            Targets::Classes(encoded.rows.iter().map(|row| class(row).unwrap()).collect())
        }
        Target::Number { column, .. } => {
            let values = batch.column_by_name(column).unwrap().as_primitive::<Float64Type>();
            Targets::Numbers(encoded.rows.iter().map(|&row| values.value(row)).collect())
        }
    };
    (columns, targets)
}

/// Where a row ends if everything is tried at every node.
fn end(columns: &[Vec<f64>], targets: &Targets, row: &[f64]) -> Vec<f64> {
    let mut rows: Vec<usize> = (0..targets.len()).collect();
    let mut depth = 0;
    while let Some(split) = cart::best(columns, targets, &rows, depth, STOP) {
        let column = &columns[split.feature];
        let highest = split.left.iter().map(|&row| column[row]).fold(f64::MIN, f64::max);
        let lowest = split.right.iter().map(|&row| column[row]).fold(f64::MAX, f64::min);
        let left = row[split.feature] <= f64::midpoint(highest, lowest);
        rows = if left { split.left } else { split.right };
        depth += 1;
    }
    let count = rows.len() as f64;
    match targets {
        Targets::Numbers(numbers) => {
            vec![rows.iter().map(|&row| numbers[row]).sum::<f64>() / count]
        }
        Targets::Classes(classes) => {
            let of = |class| rows.iter().filter(|&&row| classes[row] == class).count() as f64;
            (0..3).map(|class| of(class) / count).collect()
        }
    }
}

fn reference(features: &Features) -> Jackknife<Vec<f64>> {
    let source = source();
    let (asked, _) = dense(features, &asked());
    let mut chunks = Vec::new();
    for (block, range) in source.blocks.iter().enumerate() {
        for from in range.clone().step_by(CHUNK) {
            let batch = source.batch.slice(from, CHUNK.min(range.end - from));
            let (columns, targets) = dense(features, &batch);
            let row = |row: usize| asked.iter().map(|column| column[row]).collect::<Vec<_>>();
            let ends = (0..asked[0].len()).flat_map(|at| end(&columns, &targets, &row(at)));
            chunks.push((block, targets.len() as f64, ends.collect::<Vec<_>>()));
        }
    }
    let mean = |without: Range<usize>| {
        let kept = || chunks.iter().filter(|(block, ..)| !without.contains(block));
        let rows: f64 = kept().map(|(_, rows, _)| rows).sum();
        let at =
            |place: usize| kept().map(|(_, rows, ends)| rows * ends[place]).sum::<f64>() / rows;
        (0..chunks[0].2.len()).map(at).collect()
    };
    let blocks = source.blocks.count();
    Jackknife {
        full: mean(0..0),
        replicates: (0..blocks).map(|block| mean(block..block + 1)).collect(),
    }
}

twoblade_testkit::conformance! {
    mod classes;
    model: model(of_classes()),
    source: source(),
    numbers: of_class_forest,
    reference: || reference(&of_classes()),
    // A mean of some 40 probabilities.
    tolerance: 1e-13,
}

twoblade_testkit::conformance! {
    mod numbers_as_they_are;
    model: model(of_numbers()),
    source: source(),
    numbers: of_number_forest,
    reference: || reference(&of_numbers()),
    // Means of numbers around 100, of which ours are counted in their scale.
    tolerance: 1e-12,
}

/// Without a fold is without the blocks that it has, as the estimate of a state of the others.
#[test]
fn folds_are_left_out_as_blocks_are() {
    use twoblade_core::{BlockSource, Group, StreamingEstimator};
    use twoblade_learn::Folds;

    let (model, rows) = (model(of_classes()), 68);
    let batch = table(8 * rows, 5, true);
    let source = Held { batch, blocks: Blocks::even(8 * rows, 8).unwrap(), chunk: CHUNK };
    let state = |of: &dyn Fn(usize) -> bool| {
        let mut state = model.init();
        for block in (0..8).filter(|&block| of(block)) {
            let visit = &mut |rows: &_| {
                model.pass_one(rows, &mut state, &twoblade_core::Serial).unwrap();
                std::ops::ControlFlow::Continue(())
            };
            source.visit(block, visit).unwrap();
        }
        state
    };
    let all = state(&|_| true);
    let found = model.without_each(&all, Folds::new(3, rows as u64).unwrap()).unwrap();
    assert_eq!(found.full, model.finish(&all).unwrap());
    assert_eq!(found.replicates.len(), 3);
    for (fold, found) in found.replicates.iter().enumerate() {
        let mut rest = all.clone();
        rest.remove(&state(&|block| block % 3 == fold));
        assert_eq!(*found, model.finish(&rest).unwrap());
        assert_ne!(found.rows, all.rows());
    }
}

/// The laws to the bit hold for trees that draw, too; their reference is in `draws.rs`.
mod drawn {
    use super::{drawing, of_classes, source};

    #[test]
    fn laws_of_the_state() {
        let (model, source) = (drawing(of_classes()), source());
        twoblade_testkit::hold(twoblade_testkit::merging_commutes(&model, &source));
        twoblade_testkit::hold(twoblade_testkit::removing_undoes_merging(&model, &source));
        twoblade_testkit::hold(twoblade_testkit::a_state_fits_its_declared_bytes(&model, &source));
    }
}
