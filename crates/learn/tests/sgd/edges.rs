//! What is hard to learn from, and what is refused.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use twoblade_core::Blocks;
use twoblade_learn::sgd::{Options, Sgd};
use twoblade_learn::{Features, Missing, Scale, Target, Term};

use crate::data::{classes, features, learn};
use crate::held::{Held, features as numbers_features};

fn of(columns: Vec<(&str, ArrayRef)>) -> Held {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let rows = batch.num_rows();
    Held { batch, blocks: Blocks::even(rows, 4).unwrap(), chunk: 100 }
}

fn words(rows: usize, word: impl Fn(usize) -> &'static str) -> ArrayRef {
    Arc::new((0..rows).map(|row| Some(word(row))).collect::<StringArray>())
}

fn floats(rows: usize, value: impl Fn(usize) -> f64) -> ArrayRef {
    Arc::new((0..rows).map(|row| Some(value(row))).collect::<Float64Array>())
}

fn two_classes(terms: Vec<Term>) -> Features {
    let classes = vec!["no".to_owned(), "yes".to_owned()];
    let target = Target::Class { column: "class".into(), classes };
    Features { target, terms, missing: Missing::Drop }
}

fn number(column: &str) -> Term {
    Term::Number { column: column.into(), scale: Scale::ONE }
}

/// Classes that a column tells apart: weights grow with the logarithm of the epochs, and stay finite.
#[test]
fn classes_that_can_be_told_apart_have_finite_weights() {
    let word = |row: usize| if row.is_multiple_of(2) { "no" } else { "yes" };
    let x = |row: usize| if row.is_multiple_of(2) { -1.0 } else { 1.0 };
    let source = of(vec![("class", words(800, word)), ("x", floats(800, x))]);
    let model = Sgd::new(two_classes(vec![number("x")]), Options::default()).unwrap();
    let few = learn(&model, &source, 1).unwrap();
    let many = learn(&model, &source, 100).unwrap();
    let weight =
        |estimate: &twoblade_learn::sgd::Estimate| estimate.full.outputs[0].coefficients[0];
    assert!(weight(&many) > weight(&few) && weight(&many) < 20.0, "{}", weight(&many));
    assert!(few.progressive_loss < 0.5, "{}", few.progressive_loss);
}

/// One class alone, and columns that are constant: nothing to learn from them but the level.
#[test]
fn constant_columns_and_targets_are_no_obstacle() {
    let x = |row: usize| (row % 7) as f64 - 3.0;
    let ones = |_| 1.0;
    let word = |_| "yes";
    let source =
        of(vec![("class", words(400, word)), ("x", floats(400, x)), ("one", floats(400, ones))]);
    let model = Sgd::new(two_classes(vec![number("x"), number("one")]), Options::default());
    let output = learn(&model.unwrap(), &source, 3).unwrap().full.outputs[0].clone();
    assert!(output.coefficients.iter().all(|weight| weight.is_finite()));
    assert!(output.intercept + output.coefficients[1] > 1.0);
    let centred = Term::Number { column: "one".into(), scale: Scale::of(1.0, 0.0) };
    let model = Sgd::new(two_classes(vec![number("x"), centred]), Options::default());
    let output = learn(&model.unwrap(), &source, 3).unwrap().full.outputs[0].clone();
    assert!(output.coefficients[1].abs() < f64::MIN_POSITIVE);

    let source = of(vec![("y", floats(400, |_| 5.0)), ("x", floats(400, x))]);
    let target = Target::Number { column: "y".into(), scale: Scale::of(5.0, 0.0) };
    let features = Features { target, terms: vec![number("x")], missing: Missing::Drop };
    let estimate = learn(&Sgd::new(features, Options::default()).unwrap(), &source, 2).unwrap();
    assert!(estimate.progressive_loss.abs() < f64::MIN_POSITIVE);
    assert!((estimate.full.outputs[0].intercept - 5.0).abs() < 1e-12);
}

/// A column a thousand times as wide as its scale says slows learning down, and breaks nothing.
#[test]
fn a_wrong_scale_leaves_everything_finite() {
    let x = |row: usize| 1e3 * ((row * 31 % 17) as f64 - 8.0);
    let word = |row: usize| if (row * 31 % 17) + row % 3 > 9 { "yes" } else { "no" };
    let source = of(vec![("class", words(2000, word)), ("x", floats(2000, x))]);
    let model = Sgd::new(two_classes(vec![number("x")]), Options::default()).unwrap();
    let estimate = learn(&model, &source, 5).unwrap();
    let coefficient = estimate.full.outputs[0].coefficients[0];
    // The first step is no longer than the rate.
    assert!(coefficient > 0.0 && coefficient < 0.2, "{coefficient}");
    assert!(estimate.progressive_loss.is_finite());
}

#[test]
fn values_whose_squares_no_number_holds_are_refused_by_name() {
    let huge = |row: usize| if row == 251 { 1e300 } else { (row % 5) as f64 };
    let word = |row: usize| if row.is_multiple_of(2) { "no" } else { "yes" };
    let source = of(vec![("class", words(400, word)), ("x", floats(400, huge))]);
    let model = Sgd::new(two_classes(vec![number("x")]), Options::default()).unwrap();
    let words = learn(&model, &source, 2).unwrap_err().to_string();
    assert_eq!(
        words,
        "the weight of x is no longer finite after row 299, counted from 0: its values are too large; give \
         the column a scale, or leave it out"
    );
}

#[test]
fn a_class_that_is_not_known_is_refused_by_its_row() {
    let word = |row: usize| if row == 123 { "maybe" } else { "no" };
    let source = of(vec![("class", words(400, word)), ("x", floats(400, |row| row as f64))]);
    let model = Sgd::new(two_classes(vec![number("x")]), Options::default()).unwrap();
    let words = learn(&model, &source, 1).unwrap_err().to_string();
    assert!(words.contains("`class` is `maybe` in row 123, counted from 0"), "{words}");
}

#[test]
fn too_few_rows_are_refused() {
    let source = Held {
        blocks: Blocks::even(8, 4).unwrap(),
        ..of(vec![
            ("class", words(8, |_| "no")),
            ("x", floats(8, |row| if row == 3 { 1.0 } else { f64::NAN })),
        ])
    };
    let model = Sgd::new(two_classes(vec![number("x")]), Options::default()).unwrap();
    let words = learn(&model, &source, 1).unwrap_err().to_string();
    assert_eq!(words, "1 rows without missing values; a fit needs 2 or more");
}

#[test]
fn options_without_sense_are_named() {
    let refused = |options| Sgd::new(features(2), options).unwrap_err().to_string();
    let default = Options::default();
    let cases = [
        (Options { rate: 0.0, ..default }, "the rate is 0; expected a number above 0"),
        (Options { rate: f64::INFINITY, ..default }, "the rate is inf; expected a number above 0"),
        (Options { l1: -1.0, ..default }, "the penalty l1 is -1; expected 0 or more"),
        (Options { l2: f64::NAN, ..default }, "the penalty l2 is NaN; expected 0 or more"),
    ];
    for (options, words) in cases {
        assert_eq!(refused(options), words);
    }
    let hashed = |column: &str| Term::Hashed { column: column.into(), buckets: u32::MAX };
    let mut wide = features(2);
    wide.terms = vec![hashed("w"), hashed("u")];
    let words = Sgd::new(wide, default).unwrap_err().to_string();
    assert_eq!(words, "there are 8589934590 indicators; 4294967294 at most");
}

/// How a run is named says what it predicts.
#[test]
fn the_target_says_which_learner_it_is() {
    use twoblade_core::OrderedEstimator;
    let name = |features| Sgd::new(features, Options::default()).unwrap().name().into_owned();
    assert_eq!(name(numbers_features(Missing::Drop)), "linear");
    assert_eq!((name(features(2)), name(features(3))), ("logistic".into(), "multinomial".into()));
    assert_eq!(classes(10, 1, 2).num_rows(), 10);
}
