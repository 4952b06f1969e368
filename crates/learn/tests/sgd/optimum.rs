//! How far from the optimum what is learned is.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use twoblade_core::Blocks;
use twoblade_learn::sgd::{Fit, Options, Sgd};
use twoblade_learn::{Encoder, Features, Folds, Missing, Predict, Scale, Target, Term};

use crate::data::{Row, classes, dense, features, learn, scaled};
use crate::held::{Held, features as numbers_features, table};
use crate::steps::{chances, loss};

/// The mean loss of some rows, half of it for squared errors, and the penalties.
fn objective(rows: &[Row], weights: &[Vec<f64>], options: &Options, squared: bool) -> f64 {
    let half = if squared { 0.5 } else { 1.0 };
    let of_row = |row: &Row| half * loss(&margins(row, weights), row, squared);
    let mean = rows.iter().map(of_row).sum::<f64>() / rows.len() as f64;
    let penalized = weights.iter().flat_map(|weights| &weights[..weights.len() - 1]);
    let penalty = |weight: &f64| options.l1 * weight.abs() + 0.5 * options.l2 * weight * weight;
    mean + penalized.map(penalty).sum::<f64>()
}

fn margins(row: &Row, weights: &[Vec<f64>]) -> Vec<f64> {
    let margin =
        |w: &Vec<f64>| row.x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() + w[row.x.len()];
    weights.iter().map(margin).collect()
}

/// Newton's method on dense rows, with steps halved until the objective falls. One output for a number
/// or two classes, else one a class (the shift that they share is held by 1e-9 of a square).
fn newton(rows: &[Row], outputs: usize, options: &Options, squared: bool) -> Vec<Vec<f64>> {
    let width = rows[0].x.len() + 1;
    let mut weights = vec![vec![0.0; width]; outputs];
    for _ in 0..50 {
        let size = width * outputs;
        let mut gradient = DVector::zeros(size);
        let mut hessian = DMatrix::from_diagonal_element(size, size, 1e-9);
        for row in rows {
            let margins = margins(row, &weights);
            let p = if squared { vec![0.0; 2] } else { chances(&margins) };
            let slope = |o: usize| match (squared, outputs) {
                (true, _) => margins[0] - row.y,
                (false, 1) => p[1] - row.y,
                (false, _) => p[o] - f64::from(u8::from(row.class() == o)),
            };
            let curve = |one: usize, other: usize| match (squared, outputs) {
                (true, _) => 1.0,
                (false, 1) => p[0] * p[1],
                (false, _) => p[one] * (f64::from(u8::from(one == other)) - p[other]),
            };
            let x: Vec<f64> = row.x.iter().copied().chain([1.0]).collect();
            let n = rows.len() as f64;
            for one in 0..size {
                let a = x[one % width] / n;
                gradient[one] += slope(one / width) * a;
                for other in 0..size {
                    let curve = curve(one / width, other / width);
                    hessian[(one, other)] += curve * a * x[other % width];
                }
            }
        }
        for at in (0..size).filter(|at| at % width < width - 1) {
            gradient[at] += options.l2 * weights[at / width][at % width];
            hessian[(at, at)] += options.l2;
        }
        let step = hessian.cholesky().expect("positive").solve(&gradient);
        let before = objective(rows, &weights, options, squared);
        let mut share = 1.0;
        let moved = loop {
            let mut moved = weights.clone();
            for at in 0..size {
                moved[at / width][at % width] -= share * step[at];
            }
            if objective(rows, &moved, options, squared) <= before || share < 1e-6 {
                break moved;
            }
            share /= 2.0;
        };
        weights = moved;
        if step.norm() < 1e-9 {
            break;
        }
    }
    weights
}

fn held(batch: arrow_array::RecordBatch) -> Held {
    let rows = batch.num_rows();
    Held { batch, blocks: Blocks::even(rows, 8).unwrap(), chunk: 500 }
}

/// What is promised of five epochs: within 0.5 % of the optimum.
const PROMISED: f64 = 1.005;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn classes_are_within_half_a_percent_of_the_optimum(
        rows in 2500usize..4000, seed in 0u64..1000, count in 2usize..=4,
        l2 in prop_oneof![Just(0.0), 1e-3f64..0.1],
    ) {
        let options = Options { l2, ..Options::default() };
        let model = Sgd::new(features(count), options).unwrap();
        let source = held(classes(rows, seed, count));
        let estimate = learn(&model, &source, 5).unwrap();
        let rows = dense(&source.batch, model.features());
        let outputs = if count == 2 { 1 } else { count };
        let optimum = newton(&rows, outputs, &options, false);
        let best = objective(&rows, &optimum, &options, false);
        let found = objective(&rows, &scaled(&estimate.full, model.features()), &options, false);
        prop_assert!(found >= best - 1e-9 && found <= PROMISED * best, "{found} {best}");
    }

    #[test]
    fn numbers_are_within_half_a_percent_of_the_optimum(
        rows in 2500usize..4000, seed in 0u64..1000, gaps: bool,
        l2 in prop_oneof![Just(0.0), 1e-3f64..0.1],
    ) {
        let options = Options { l2, ..Options::default() };
        let model = Sgd::new(numbers_features(Missing::Drop), options).unwrap();
        let source = held(table(rows, seed, gaps));
        let estimate = learn(&model, &source, 5).unwrap();
        let rows = dense(&source.batch, model.features());
        let optimum = newton(&rows, 1, &options, true);
        let best = objective(&rows, &optimum, &options, true);
        let found = objective(&rows, &scaled(&estimate.full, model.features()), &options, true);
        prop_assert!(found >= best - 1e-9 && found <= PROMISED * best, "{found} {best}");
    }
}

/// Predictions of the rows of a table, with indicators as numbers or as places.
fn predictions(model: &Sgd, source: &Held, fit: &Fit, places: bool) -> Vec<f64> {
    let rows = twoblade_table::Rows::new(0, source.batch.clone());
    let encoder = Encoder::new(model.features()).with_places(places);
    let fitted = fit.predictor(model.features());
    assert!(fitted.takes_places());
    let mut into = vec![7.0];
    fitted.predict(&encoder.encode(&rows).unwrap(), &mut into);
    assert_eq!(into.len(), 1 + rows.count() * fitted.outputs());
    into.split_off(1)
}

/// What predicts encoded rows is what was learned: probabilities that sum to 1, or numbers.
#[test]
fn predictions_are_those_of_the_weights() {
    let mut tried = 0;
    for (count, places) in [(2, false), (2, true), (3, true), (4, false)] {
        let model = Sgd::new(features(count), Options::default()).unwrap();
        let source = held(classes(400, 3, count));
        let fit = learn(&model, &source, 2).unwrap().full;
        let found = predictions(&model, &source, &fit, places);
        let weights = scaled(&fit, model.features());
        let rows = dense(&source.batch, model.features());
        for (row, found) in rows.iter().zip(found.chunks(count)) {
            for (expected, found) in chances(&margins(row, &weights)).iter().zip(found) {
                assert!((expected - found).abs() < 1e-12, "{expected} {found}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 400 * (2 + 2 + 3 + 4));
    let model = Sgd::new(numbers_features(Missing::Drop), Options::default()).unwrap();
    let source = held(table(400, 3, false));
    let fit = learn(&model, &source, 2).unwrap().full;
    let weights = scaled(&fit, model.features());
    for places in [false, true] {
        let found = predictions(&model, &source, &fit, places);
        let rows = dense(&source.batch, model.features());
        assert_eq!(rows.len(), found.len());
        for (row, found) in rows.iter().zip(&found) {
            let expected = -96.0 + 3.0 * margins(row, &weights)[0];
            assert!((expected - found).abs() < 1e-10, "{expected} {found}");
        }
    }
}

/// A row with hashed words takes a number and a place, however many buckets there are.
#[test]
fn places_take_no_room_for_buckets() {
    let mut features = features(2);
    features.terms[1] = Term::Hashed { column: "w".into(), buckets: 1 << 30 };
    let source = held(classes(300, 8, 2));
    let rows = twoblade_table::Rows::new(0, source.batch.clone());
    let encoder = Encoder::new(&features).with_places(true);
    let encoded = encoder.encode(&rows).unwrap();
    assert_eq!((encoded.numbers.len(), encoded.places.len()), (900, 300));
    assert_eq!(encoded.columns, [0, (1 << 30) + 1, (1 << 30) + 2]);
    assert!(encoded.places.iter().all(|&place| (1..=1 << 30).contains(&place)));
    let different: std::collections::BTreeSet<u32> = encoded.places.iter().copied().collect();
    assert_eq!(different.len(), 3);
}

/// Leaving a fold out is learning from the others, on the way to their own optimum.
#[test]
fn a_fold_left_out_is_near_the_optimum_of_the_others() {
    let folds = Folds::new(4, 375).unwrap();
    let options = Options { folds: Some(folds), ..Options::default() };
    let model = Sgd::new(features(2), options).unwrap();
    let source = held(classes(3000, 4, 2));
    let estimate = learn(&model, &source, 5).unwrap();
    assert_eq!(estimate.without.len(), 4);
    let all = dense(&source.batch, model.features());
    let mut held_out = 0.0;
    for (fold, fit) in estimate.without.iter().enumerate() {
        let (out, rest): (Vec<Row>, Vec<Row>) =
            all.iter().cloned().partition(|row| folds.of(row.index) == fold);
        assert_eq!(out.len(), 750);
        let weights = scaled(fit, model.features());
        let best = objective(&rest, &newton(&rest, 1, &options, false), &options, false);
        let found = objective(&rest, &weights, &options, false);
        assert!(found >= best - 1e-9 && found <= PROMISED * best, "{found} {best}");
        held_out += objective(&out, &weights, &options, false) / 4.0;
    }
    let within = objective(&all, &scaled(&estimate.full, model.features()), &options, false);
    assert!(held_out > within, "{held_out} {within}");
}

/// With l1 weights that do not matter are 0, and the others are those of the lasso, whose conditions
/// hold: the slope of the loss is -l1 times the sign of a weight, and smaller where it is 0.
#[test]
fn the_l1_penalty_makes_zeros_and_keeps_its_conditions() {
    let options = Options { l1: 0.03, ..Options::default() };
    let source = held(classes(4000, 9, 2));
    let model = Sgd::new(features(2), options).unwrap();
    let estimate = learn(&model, &source, 20).unwrap();
    let rows = dense(&source.batch, model.features());
    let weights = scaled(&estimate.full, model.features());
    let width = rows[0].x.len();
    let slope = |at: usize| {
        let of_row = |row: &Row| (chances(&margins(row, &weights))[1] - row.y) * row.x[at];
        rows.iter().map(of_row).sum::<f64>() / rows.len() as f64
    };
    let mut zeros = 0;
    for (at, &weight) in weights[0][..width].iter().enumerate() {
        if weight == 0.0 {
            zeros += 1;
            assert!(slope(at).abs() < 1.05 * options.l1, "{at}: {}", slope(at));
        } else {
            let off = slope(at) + options.l1 * weight.signum();
            assert!(off.abs() < 2e-3, "{at}: {weight} {off}");
        }
    }
    assert!((2..width).contains(&zeros), "{zeros} of {width}: {weights:?}");
}

/// Hashed words are learned as their levels are, one bucket each.
#[test]
fn hashed_words_give_the_same_predictions_as_levels() {
    let source = held(classes(3000, 8, 2));
    let fit = |term: Term| {
        let mut features: Features = features(2);
        features.terms[1] = term;
        let model = Sgd::new(features, Options::default()).unwrap();
        learn(&model, &source, 2).unwrap()
    };
    let words = crate::data::WORDS.map(str::to_owned).to_vec();
    let levels = fit(Term::Levels { column: "w".into(), levels: words });
    let hashed = fit(Term::Hashed { column: "w".into(), buckets: 1 << 12 });
    let (one, other) = (&levels.full.outputs[0], &hashed.full.outputs[0]);
    assert_eq!(one.intercept.to_bits(), other.intercept.to_bits());
    let buckets = &other.coefficients[1..=1 << 12];
    let mut used: Vec<f64> = buckets.iter().copied().filter(|&weight| weight != 0.0).collect();
    let mut expected = one.coefficients[1..4].to_vec();
    used.sort_by(f64::total_cmp);
    expected.sort_by(f64::total_cmp);
    assert_eq!(used, expected);
    assert_eq!(levels.progressive_loss.to_bits(), hashed.progressive_loss.to_bits());
}

/// The scale is one of counting; here it is also the unit of steps, so only near the optimum does
/// another give nearly the same.
#[test]
fn another_scale_leads_to_nearly_the_same_coefficients() {
    let source = held(classes(4000, 2, 2));
    let fit = |scale: Scale| {
        let mut features = features(2);
        features.terms[2] = Term::Number { column: "u".into(), scale };
        let model = Sgd::new(features, Options::default()).unwrap();
        learn(&model, &source, 20).unwrap().full.outputs[0].coefficients.clone()
    };
    let (one, other) = (fit(Scale { mean: 0.0, sd: 1.2 }), fit(Scale { mean: 0.3, sd: 0.8 }));
    for (one, other) in one.iter().zip(&other) {
        assert!((one - other).abs() < 0.05 * one.abs().max(0.1), "{one} {other}");
    }
    let target = &features(2).target;
    assert!(matches!(target, Target::Class { classes, .. } if classes.len() == 2));
}
