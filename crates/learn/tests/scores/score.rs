//! Predictions of rows, scored: against rows in memory that are predicted one by one.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use twoblade_core::{BlockSource, Blocks, Merge, Serial, StreamingEstimator};
use twoblade_learn::bayes::{Bayes, Classifier};
use twoblade_learn::metrics::{By, Report, Scores};
use twoblade_learn::{Folded, Folds, Linear, Missing, Score};
use twoblade_table::Rows;

use crate::classes::{self, CLASSES};
use crate::held::{Held, features, table};
use crate::score_laws::{FOLDS, ROWS, folds};

/// A row whose y is known, and its prediction by the line of its fold.
pub(crate) struct Imputed {
    pub(crate) index: usize,
    pub(crate) k: Option<i64>,
    y: f64,
    prediction: f64,
}

/// The line of a fold: x1 in 0.3, x2 less 1000 in 16, two levels, k less 3 in 2.
pub(crate) fn linear(fold: usize) -> Linear {
    let tilt = 0.1 * fold as f64;
    Linear { constant: -96.0 + tilt, weights: vec![0.9, -1.6, 0.2 - tilt, 2.0, 2.0 + tilt] }
}

/// Every row whose y is known; what is missing is the mean of the scale, or no level.
pub(crate) fn imputed(batch: &RecordBatch) -> Vec<Imputed> {
    let float = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Float64Type>();
    let at = |name: &str, row: usize| float(name).is_valid(row).then(|| float(name).value(row));
    let ks = batch.column_by_name("k").unwrap().as_primitive::<Int64Type>();
    let c = batch.column_by_name("c").unwrap().as_string::<i32>();
    let is = |row, level| f64::from(u8::from(c.is_valid(row) && c.value(row) == level));
    (0..batch.num_rows())
        .filter_map(|index| {
            let Linear { constant, weights } = linear(index / 88 % FOLDS);
            let k = ks.is_valid(index).then(|| ks.value(index));
            let scaled = [
                at("x1", index).unwrap_or(0.0) / 0.3,
                (at("x2", index).unwrap_or(1000.0) - 1000.0) / 16.0,
                is(index, "a"),
                is(index, "b"),
                (k.unwrap_or(3) as f64 - 3.0) / 2.0,
            ];
            let sum: f64 = scaled.iter().zip(&weights).map(|(value, weight)| value * weight).sum();
            Some(Imputed { index, k, y: at("y", index)?, prediction: constant + sum })
        })
        .collect()
}

/// Rows, mean squared and absolute error, R², and both means.
pub(crate) fn numbers_of(rows: &[&Imputed]) -> Vec<f64> {
    let count = rows.len() as f64;
    assert!(count > 0.0, "a group without rows says nothing");
    let mean = |of: &dyn Fn(&Imputed) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / count;
    let level = mean(&|row| row.y);
    let error = mean(&|row| (row.y - row.prediction).powi(2));
    let r_squared = 1.0 - error / mean(&|row| (row.y - level).powi(2));
    let absolute = mean(&|row| (row.y - row.prediction).abs());
    vec![count, error, absolute, r_squared, level, mean(&|row| row.prediction)]
}

/// A complete row, and what naive Bayes of all other folds says of it.
pub(crate) struct Labelled {
    pub(crate) index: usize,
    pub(crate) fold: usize,
    class: usize,
    probabilities: Vec<f64>,
}

pub(crate) fn out_of_fold(batch: &RecordBatch) -> Vec<Labelled> {
    let complete: Vec<(usize, classes::Row)> = (0..batch.num_rows())
        .flat_map(|row| {
            classes::complete(&batch.slice(row, 1)).into_iter().map(move |it| (row, it))
        })
        .collect();
    let fold = |row: usize| row / 88 % FOLDS;
    let fit = |without| {
        let rest = complete.iter().filter(|(row, _)| fold(*row) != without).map(|(_, row)| *row);
        classes::bayes(&rest.collect::<Vec<_>>(), 1e-9)
    };
    let fits: Vec<_> = (0..FOLDS).map(fit).collect();
    let labelled = |(index, (features, class)): &(usize, classes::Row)| {
        let fold = fold(*index);
        let probabilities = fits[fold].predict(features);
        Labelled { index: *index, fold, class: *class, probabilities }
    };
    complete.iter().map(labelled).collect()
}

/// The same by the library.
pub(crate) fn classifiers(source: &Held) -> Vec<Classifier> {
    let features = classes::features(Missing::Drop);
    let model = Folded::new(Bayes::new(features.clone()).unwrap(), folds());
    let total = model.aggregate(state(&model, source)).unwrap();
    let fits = total.jackknife(&model).unwrap().replicates;
    fits.iter().map(|fit| fit.predictor(&features).unwrap()).collect()
}

fn state<M: StreamingEstimator<Chunk = Rows>>(model: &M, source: &Held) -> M::State {
    let mut state = model.init();
    for block in 0..source.blocks() {
        let visit = &mut |rows: &Rows| {
            model.pass_one(rows, &mut state, &Serial).unwrap();
            std::ops::ControlFlow::Continue(())
        };
        source.visit(block, visit).unwrap();
    }
    state
}

/// Rows, accuracy, log loss, Brier score.
pub(crate) fn scores_of(rows: &[&Labelled]) -> Vec<f64> {
    let count = rows.len() as f64;
    assert!(count > 0.0, "a group without rows says nothing");
    let mean = |of: &dyn Fn(&Labelled) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / count;
    let right = |row: &Labelled| {
        row.probabilities.iter().all(|other| *other <= row.probabilities[row.class])
    };
    let off = |row: &Labelled, class: usize| {
        (row.probabilities[class] - f64::from(u8::from(class == row.class))).powi(2)
    };
    let brier = |row: &Labelled| (0..CLASSES.len()).map(|class| off(row, class)).sum();
    let accuracy = mean(&|row| f64::from(u8::from(right(row))));
    vec![count, accuracy, mean(&|row| -row.probabilities[row.class].ln()), mean(&brier)]
}

/// The same of a report: of all rows, then of each group.
pub(crate) fn flat(report: &Report) -> Vec<f64> {
    let flat = |scores: &Scores| match scores {
        Scores::Numbers(it) => vec![
            it.rows as f64,
            it.mean_squared_error,
            it.mean_absolute_error,
            it.r_squared,
            it.mean_target,
            it.mean_prediction,
        ],
        Scores::Classes(it) => vec![it.rows as f64, it.accuracy, it.log_loss, it.brier],
    };
    let groups = report.groups.iter().map(|group| flat(&group.scores));
    [flat(&report.all)].into_iter().chain(groups).flatten().collect()
}

fn source() -> Held {
    Held { batch: table(ROWS, 5, true), blocks: Blocks::even(ROWS, 8).unwrap(), chunk: 17 }
}

/// Rows without target are counted, and so is what the words of a group do not cover.
#[test]
fn every_row_is_somewhere() {
    let source = source();
    let model = Score::of(&features(Missing::Mean), linear(0)).unwrap();
    let by = By::Column { column: "c".into(), words: vec!["b".into(), "never".into()] };
    let model = model.by(by).unwrap();
    let report = model.finish(&state(&model, &source)).unwrap();
    let known = imputed(&source.batch).len() as u64;
    assert!(known > 600 && known < ROWS as u64);
    assert_eq!(report.dropped, ROWS as u64 - known);
    let rows = |scores: &Scores| match scores {
        Scores::Numbers(numbers) => numbers.rows,
        Scores::Classes(_) => panic!("numbers"),
    };
    assert_eq!(rows(&report.all), known);
    let names: Vec<_> = report.groups.iter().map(|group| format!("{:?}", group.name)).collect();
    assert_eq!(names, ["Word(\"b\")", "Other", "Missing"]);
    assert_eq!(report.groups.iter().map(|group| rows(&group.scores)).sum::<u64>(), known);
}

/// What is scored is also handed out, with its row, for what is not a sum.
#[test]
fn rows_are_handed_out_in_order() {
    let source = source();
    let model =
        Score::new(&features(Missing::Mean), (0..FOLDS).map(linear).collect(), folds()).unwrap();
    let (mut found, mut dropped) = (Vec::new(), 0);
    for block in 0..source.blocks() {
        let visit = &mut |rows: &Rows| {
            let each = |row: twoblade_learn::metrics::Predicted<'_>| {
                found.push((row.row, row.target, row.prediction[0]));
                Ok::<_, twoblade_learn::Error>(())
            };
            dropped += model.each_row(rows, each).unwrap();
            std::ops::ControlFlow::Continue(())
        };
        source.visit(block, visit).unwrap();
    }
    let expected = imputed(&source.batch);
    assert_eq!((found.len(), dropped), (expected.len(), (ROWS - expected.len()) as u64));
    for ((row, target, prediction), expected) in found.into_iter().zip(expected) {
        assert_eq!((row, target.to_bits()), (expected.index as u64, expected.y.to_bits()));
        assert!((prediction - expected.prediction).abs() < 1e-12 * expected.prediction.abs());
    }
}

/// A shard scores its rows, another the others: the same to the bit, and to merge them is enough.
#[test]
fn shards_are_merged() {
    let source = source();
    let model =
        Score::new(&features(Missing::Mean), (0..FOLDS).map(linear).collect(), folds()).unwrap();
    let parts: Vec<_> = (0..8)
        .rev()
        .map(|block| {
            let mut state = model.init();
            let visit = &mut |rows: &Rows| {
                model.pass_one(rows, &mut state, &Serial).unwrap();
                std::ops::ControlFlow::Continue(())
            };
            source.visit(block, visit).unwrap();
            state
        })
        .collect();
    let mut merged = model.init();
    for part in &parts {
        merged.merge(part);
    }
    assert_eq!(merged, state(&model, &source));
}

#[test]
fn scores_without_sense_are_refused() {
    let features = features(Missing::Drop);
    let refused = |predictors, folds| {
        Score::<Linear>::new(&features, predictors, folds).unwrap_err().to_string()
    };
    assert_eq!(refused(vec![linear(0)], folds()), "1 predictors for 3 folds");
    let by = Score::of(&features, linear(0)).unwrap().by(By::Folds(4)).unwrap_err();
    assert_eq!(by.to_string(), "groups of 4 folds where there are 1");
    let other = Score::of(&classes::features(Missing::Drop), linear(0)).unwrap_err();
    assert_eq!(other.to_string(), "a predictor gives 1 numbers a row, and `label` needs 3");
    let by = By::Column { column: "height".into(), words: Vec::new() };
    let model = Score::of(&features, linear(0)).unwrap().by(by).unwrap();
    let rows = Rows::new(0, source().batch);
    let missing = model.pass_one(&rows, &mut model.init(), &Serial).unwrap_err().to_string();
    assert!(missing.contains("height"), "{missing}");
    let one = Folds::new(1, 5).unwrap();
    assert!(Score::new(&features, vec![linear(0)], one).is_ok());
}
