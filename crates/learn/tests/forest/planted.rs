//! Tables of numbers, and a forest on them.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use twoblade_core::{Serial, StreamingEstimator};
use twoblade_learn::forest::{Estimate, Forest, Options, Sample, State};
use twoblade_learn::{Encoded, Features, Missing, Predict, Scale, Target, Term};
use twoblade_table::Rows;

/// The target of some rows.
#[derive(Clone, Debug)]
pub(crate) enum Targets {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Classes below 3.
    Classes(Vec<usize>),
}

impl Targets {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Classes(classes) => classes.len(),
        }
    }
}

/// Columns `0`, `1`, … of numbers, and a target `y`.
pub(crate) fn batch(columns: &[Vec<f64>], targets: &Targets) -> RecordBatch {
    let named = columns.iter().enumerate().map(|(place, column)| {
        let array: ArrayRef = Arc::new(Float64Array::from(column.clone()));
        (place.to_string(), array)
    });
    let target: ArrayRef = match targets {
        Targets::Numbers(numbers) => Arc::new(Float64Array::from(numbers.clone())),
        Targets::Classes(classes) => {
            Arc::new(classes.iter().map(|&class| Some(word(class))).collect::<StringArray>())
        }
    };
    RecordBatch::try_from_iter(named.chain([("y".to_owned(), target)])).unwrap()
}

fn word(class: usize) -> &'static str {
    ["a", "b", "c"][class]
}

/// All columns of [`batch`], as they are.
pub(crate) fn features(width: usize, targets: &Targets) -> Features {
    let number = |place: usize| Term::Number { column: place.to_string(), scale: Scale::ONE };
    let column = "y".to_owned();
    Features {
        target: match targets {
            Targets::Numbers(_) => Target::Number { column, scale: Scale::ONE },
            Targets::Classes(_) => {
                Target::Class { column, classes: (0..3).map(|class| word(class).into()).collect() }
            }
        },
        terms: (0..width).map(number).collect(),
        missing: Missing::Drop,
    }
}

/// One tree of all rows and all features.
pub(crate) fn plain() -> Options {
    Options {
        trees: 1,
        sample: Sample::All,
        tried: Some(u32::MAX),
        leaf_rows: 1,
        ..Options::of_chunks(1)
    }
}

/// What grows on the columns, `chunk` rows at a time.
pub(crate) fn state(
    columns: &[Vec<f64>],
    targets: &Targets,
    chunk: usize,
    options: &Options,
) -> (Forest, State) {
    let (rows, batch) = (targets.len(), batch(columns, targets));
    let chunks = rows.div_ceil(chunk) as u64;
    let features = features(columns.len(), targets);
    let model = Forest::new(features, chunks, chunk as u64, options.clone()).unwrap();
    let mut state = model.init();
    for from in (0..rows).step_by(chunk) {
        let rows = Rows::new(from as u64, batch.slice(from, chunk.min(rows - from)));
        model.pass_one(&rows, &mut state, &Serial).unwrap();
    }
    (model, state)
}

/// The forest of it.
pub(crate) fn forest(
    columns: &[Vec<f64>],
    targets: &Targets,
    chunk: usize,
    options: &Options,
) -> Estimate {
    let (model, state) = state(columns, targets, chunk, options);
    model.finish(&state).unwrap()
}

/// Predictions of the rows of these columns.
pub(crate) fn predict(forest: &Estimate, columns: &[Vec<f64>]) -> Vec<f64> {
    let rows = (0..columns[0].len()).collect();
    let encoded = Encoded { rows, numbers: columns.concat(), ..Encoded::default() };
    let mut into = Vec::new();
    forest.predict(&encoded, &mut into);
    assert_eq!(into.len(), columns[0].len() * forest.outputs());
    into
}
