//! Rows that stand in the order of their target are refused, others are not.

use proptest::prelude::*;
use twoblade_core::{Random, StreamingEstimator};
use twoblade_learn::Error;
use twoblade_learn::forest::Options;

use crate::planted::{Targets, forest, plain, state};

fn uniform(rows: usize, seed: u64) -> Vec<f64> {
    let random = Random::new(seed, 0);
    (0..rows).map(|row| random.uniform(row as u64, 0)).collect()
}

/// Trees of one split: the order does not depend on them.
fn stumps() -> Options {
    Options { depth: 1, ..plain() }
}

#[test]
fn sorted_rows_are_refused_and_told_so() {
    let mut numbers = uniform(1000, 1);
    numbers.sort_by(f64::total_cmp);
    let columns = [uniform(1000, 2)];
    let (model, state) = state(&columns, &Targets::Numbers(numbers), 100, &stumps());
    let error = model.finish(&state).unwrap_err();
    // 10 runs of a uniform distribution: within each 1/100 of the variance is left.
    assert_eq!(
        error.to_string(),
        "rows look sorted by `y`: 99 % of its variance is between chunks of rows, and at most 25 % is \
         taken; a tree that grows on a chunk would see one part of it, so shuffle the rows first"
    );
    assert!(matches!(error.downcast_ref(), Some(Error::Sorted { .. })));

    // Also if it is only one of the classes that stands apart, and a rare one.
    let classes = (0..1000).map(|row| if row >= 950 { 2 } else { row % 2 }).collect();
    let (model, state) =
        crate::planted::state(&columns, &Targets::Classes(classes), 100, &stumps());
    let error = model.finish(&state).unwrap_err().to_string();
    assert!(error.starts_with("rows look sorted by `y`: 47 % of its variance"), "{error}");
}

/// A target that drifts is no sorted target: here a tenth of the variance is between chunks.
#[test]
fn rows_that_drift_are_taken() {
    let noise = uniform(1000, 3);
    let numbers =
        noise.iter().enumerate().map(|(row, noise)| noise + row as f64 / 3000.0).collect();
    let order = forest(&[uniform(1000, 2)], &Targets::Numbers(numbers), 100, &stumps()).order();
    assert!(!order.sorted() && (0.05..0.2).contains(&order.share), "{order:?}");
}

/// Shuffled rows, 1,000 times in chunks so small that a share of a quarter is common: none is refused,
/// where the limit says one in 10^9; and the mean share is (B - 1) / (N - 1), as it must be.
#[test]
fn shuffled_rows_are_taken() {
    let (rows, chunk) = (60usize, 5usize);
    let (mut sum, mut beyond) = (0.0f64, 0);
    for seed in 0..1000 {
        let classes = uniform(rows, seed).iter().map(|&draw| usize::from(draw < 0.3)).collect();
        let column = [uniform(rows, 1000 + seed)];
        let (model, state) = state(&column, &Targets::Classes(classes), chunk, &stumps());
        let order = model.finish(&state).unwrap().order();
        sum += order.share;
        beyond += usize::from(order.share > 0.25);
    }
    let expected = 11.0 / 59.0;
    // The share of one table has a deviation of about 0.08, the mean of 1,000 tables 0.0025.
    assert!((sum / 1000.0 - expected).abs() < 0.0125, "{}", sum / 1000.0);
    assert!(beyond > 100, "{beyond}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The share is that of an analysis of variance, class by class.
    #[test]
    fn the_share_is_the_one_of_an_analysis_of_variance(
        targets in proptest::collection::vec((0usize..3, -1e3f64..1e3), 12..80),
        chunk in 4usize..30, class: bool,
    ) {
        let rows = targets.len();
        let of_class = |class: usize| -> Vec<f64> {
            targets.iter().map(|(of, _)| f64::from(u8::from(*of == class))).collect()
        };
        let numbers: Vec<f64> = targets.iter().map(|(_, number)| *number).collect();
        let share = |values: &[f64]| {
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let whole: f64 = values.iter().map(|value| (value - mean(values)).powi(2)).sum();
            let between: f64 = values
                .chunks(chunk)
                .map(|part| part.len() as f64 * (mean(part) - mean(values)).powi(2))
                .sum();
            if whole > 0.0 { between / whole } else { 0.0 }
        };
        let (expected, targets) = if class {
            let classes = targets.iter().map(|(class, _)| *class).collect();
            let largest = (0..3).map(|class| share(&of_class(class))).fold(0.0, f64::max);
            (largest, Targets::Classes(classes))
        } else {
            (share(&numbers), Targets::Numbers(numbers))
        };
        let (model, state) = state(&[uniform(rows, 5)], &targets, chunk, &stumps());
        let found = match model.finish(&state) {
            Ok(forest) => forest.order().share,
            Err(error) => match error.downcast_ref() {
                Some(Error::Sorted { share, .. }) => *share,
                other => panic!("{other:?}"),
            },
        };
        // Sums of up to 80 terms.
        prop_assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}
