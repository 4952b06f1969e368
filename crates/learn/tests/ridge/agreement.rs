//! Random tables against the dense computation.

use std::ops::ControlFlow;

use proptest::prelude::*;
use twoblade_core::{BlockSource, Blocks, Serial, StreamingEstimator};
use twoblade_learn::ridge::{Ridge, State, cross_validate};
use twoblade_learn::{Encoder, Missing, Predict, Scale, Target, Term};
use twoblade_table::Rows;

use crate::dense;
use crate::held::{Held, features, table};

fn states(model: &Ridge, source: &Held) -> Vec<State> {
    let state = |block| {
        let mut state = model.init();
        let visit = &mut |rows: &_| {
            model.pass_one(rows, &mut state, &Serial).unwrap();
            ControlFlow::Continue(())
        };
        source.visit(block, visit).unwrap();
        state
    };
    (0..source.blocks()).map(state).collect()
}

fn close(ours: f64, theirs: f64, tolerance: f64) -> Result<(), TestCaseError> {
    let size = theirs.abs().max(1.0);
    prop_assert!((ours - theirs).abs() <= tolerance * size, "{ours} against {theirs}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Paths and errors of folds agree to 1e-8, what is promised beside scikit-learn; the dense
    /// computation itself is good to about 1e-12 here.
    #[test]
    fn folds_agree_with_the_dense_computation(
        rows in 120usize..2500, seed in 0u64..1000, folds in 2usize..6,
        penalty in prop_oneof![Just(0.0), 1e-3f64..1e4], gaps: bool,
    ) {
        let source =
            Held { batch: table(rows, seed, gaps), blocks: Blocks::even(rows, folds).unwrap(), chunk: 300 };
        let model = Ridge::new(features(Missing::Drop), rows as u64, vec![penalty, 1.0]).unwrap();
        let found = cross_validate(&model, &states(&model, &source)).unwrap();
        for (fold, block) in found.iter().zip(source.blocks.iter()) {
            let held = dense::complete(&source.batch.slice(block.start, block.len()));
            let before = dense::complete(&source.batch.slice(0, block.start));
            let after = dense::complete(&source.batch.slice(block.end, rows - block.end));
            let rest = [before, after].concat();
            prop_assert_eq!((fold.rows, fold.without.rows), (held.len() as u64, rest.len() as u64));
            for (place, penalty) in [penalty, 1.0].into_iter().enumerate() {
                let expected = dense::ridge(&rest, penalty);
                let fit = &fold.without.fits[place];
                close(fit.intercept, expected[0], 1e-8)?;
                for (ours, theirs) in fit.coefficients.iter().zip(&expected[1..]) {
                    close(*ours, *theirs, 1e-8)?;
                }
                close(fold.mean_squared_error[place], dense::error(&held, &expected), 1e-8)?;
            }
        }
    }
}

/// A prediction is the intercept and the coefficients times what stands in the columns.
#[test]
fn predictions_are_those_of_the_coefficients() {
    let batch = table(300, 4, true);
    let features = features(Missing::Drop);
    let model = Ridge::new(features.clone(), 300, vec![1.0]).unwrap();
    let source = Held { batch: batch.clone(), blocks: Blocks::even(300, 1).unwrap(), chunk: 64 };
    let fit = model.finish(&states(&model, &source)[0]).unwrap().fits.remove(0);
    let encoded = Encoder::new(&features).encode(&Rows::new(0, batch.clone())).unwrap();
    let mut predictions = Vec::new();
    fit.predictor(&features).predict(&encoded, &mut predictions);
    let complete = dense::complete(&batch);
    assert!(complete.len() > 200 && complete.len() == predictions.len());
    for ((features, _), ours) in complete.iter().zip(predictions) {
        let terms = features.iter().zip(&fit.coefficients);
        let expected = fit.intercept + terms.map(|(value, by)| value * by).sum::<f64>();
        assert!((ours - expected).abs() < 1e-11 * expected.abs(), "{ours} {expected}");
    }
}

/// The scale is one of counting: another gives the same answer.
#[test]
fn the_scale_does_not_matter() {
    let source =
        Held { batch: table(900, 3, true), blocks: Blocks::even(900, 2).unwrap(), chunk: 64 };
    let fit = |features| {
        let model = Ridge::new(features, 900, vec![2.0]).unwrap();
        let states = states(&model, &source);
        model.finish(&states[0]).unwrap().fits.remove(0)
    };
    let plain = fit(features(Missing::Drop));
    let mut other = features(Missing::Drop);
    other.target = Target::Number { column: "y".into(), scale: Scale::of(-80.0, 10.0) };
    other.terms[1] = Term::Number { column: "x2".into(), scale: Scale::of(990.0, 40.0) };
    let other = fit(other);
    assert!((plain.intercept - other.intercept).abs() < 1e-9 * plain.intercept.abs());
    for (one, two) in plain.coefficients.iter().zip(&other.coefficients) {
        assert!((one - two).abs() < 1e-10, "{one} {two}");
    }
}

/// Without missing rows both ways agree; with them, imputing keeps every row that has a target.
#[test]
fn missing_values_are_dropped_or_imputed() {
    let source =
        Held { batch: table(900, 3, true), blocks: Blocks::even(900, 2).unwrap(), chunk: 64 };
    let count = |missing| {
        let model = Ridge::new(features(missing), 900, vec![1.0]).unwrap();
        let states = states(&model, &source);
        let total = |of: fn(&State) -> u64| states.iter().map(of).sum::<u64>();
        (total(State::rows), total(State::dropped))
    };
    let target = source.batch.column_by_name("y").unwrap().null_count() as u64;
    let complete = dense::complete(&source.batch).len() as u64;
    assert!(target > 0 && complete < 900 - target);
    assert_eq!(count(Missing::Drop), (complete, 900 - complete));
    assert_eq!(count(Missing::Mean), (900 - target, target));
}

/// A column that is constant, and two that are the same up to a factor: the first has no coefficient,
/// the others share one.
#[test]
fn what_cannot_be_told_apart_has_the_shortest_coefficients() {
    let batch = table(400, 9, false);
    let x1 = batch.column_by_name("x1").unwrap().clone();
    let ones = std::sync::Arc::new(arrow_array::Float64Array::from(vec![4.0; 400]));
    let y = batch.column_by_name("y").unwrap().clone();
    let columns: [(&str, arrow_array::ArrayRef); 4] =
        [("x1", x1.clone()), ("again", x1), ("ones", ones), ("y", y)];
    let batch = arrow_array::RecordBatch::try_from_iter(columns).unwrap();
    let number = |column: &str| Term::Number { column: column.into(), scale: Scale::ONE };
    let features = twoblade_learn::Features {
        target: Target::Number { column: "y".into(), scale: Scale::of(-96.0, 3.0) },
        terms: ["x1", "again", "ones"].map(number).to_vec(),
        missing: Missing::Drop,
    };
    let model = Ridge::new(features, 6400, vec![0.0]).unwrap();
    let source = Held { batch, blocks: Blocks::even(400, 2).unwrap(), chunk: 64 };
    let fit = model.finish(&states(&model, &source)[0]).unwrap().fits.remove(0);
    assert!((fit.coefficients[0] - fit.coefficients[1]).abs() < 1e-9);
    assert!(fit.coefficients[2].abs() < f64::MIN_POSITIVE);
    // x1 alone has the sum of both.
    let alone = (fit.coefficients[0] + fit.coefficients[1]).abs();
    assert!(alone > 0.1 && alone < 10.0, "{alone}");
}

#[test]
fn configurations_without_sense_are_refused() {
    let refused =
        |features, penalties| Ridge::new(features, 10, penalties).unwrap_err().to_string();
    let good = || features(Missing::Drop);
    assert_eq!(refused(good(), vec![]), "there is no penalty; give one or more");
    assert_eq!(refused(good(), vec![1.0, -1.0]), "a penalty is -1; expected 0 or more");
    let mut twice = good();
    twice.terms.push(twice.terms[0].clone());
    assert_eq!(refused(twice, vec![1.0]), "`x1` is among the features twice");
    let mut itself = good();
    itself.target = Target::Number { column: "k".into(), scale: Scale::ONE };
    assert_eq!(refused(itself, vec![1.0]), "`k` is the target, and cannot predict itself");
    let mut class = good();
    let classes = vec!["0".into(), "1".into()];
    class.target = Target::Class { column: "y".into(), classes };
    assert_eq!(refused(class, vec![1.0]), "ridge predicts numbers, and `y` is a class");
}
