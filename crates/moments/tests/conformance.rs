//! The laws, for moments.

use twoblade_core::{Blocks, Jackknife, Random};
use twoblade_moments::{Column, Estimate, Moments};

const ROWS: usize = 500;
const BLOCKS: usize = 8;

/// Numbers of sizes from 10^-`decades` to 10^`decades`.
fn wild(decades: i32) -> Vec<f64> {
    let random = Random::new(11, 0);
    let value = |row| {
        let decade = random.uniform(row, 1) * f64::from(2 * decades) - f64::from(decades);
        (random.uniform(row, 0) - 0.4) * 10f64.powf(decade)
    };
    (0..ROWS as u64).map(value).collect()
}

/// Around a billion: the variance is far below the last bit of a square.
fn far_from_zero() -> Vec<f64> {
    wild(6).iter().map(|value| 1e9 + value).collect()
}

/// So large and so small that a plain sum of squares keeps the largest alone.
fn of_every_size() -> Vec<f64> {
    wild(150).iter().map(|value| value * 1e-148).collect()
}

fn blocks() -> Blocks {
    Blocks::even(ROWS, BLOCKS).expect("enough rows")
}

/// The values in chunks of 17: four a block, the last one shorter.
fn column(values: Vec<f64>) -> Column {
    Column::new(values, blocks()).chunk(17)
}

/// Two passes over values in memory. Values far from zero are within a factor of two of the first,
/// so their differences from it are exact (Sterbenz), and what is left is ordinary.
fn dense(values: &[f64]) -> Vec<f64> {
    let (first, count) = (values[0], values.len() as f64);
    let shifted: Vec<f64> = values.iter().map(|value| value - first).collect();
    let mean = shifted.iter().sum::<f64>() / count;
    let squares: f64 = shifted.iter().map(|value| (value - mean).powi(2)).sum();
    vec![count, first + mean, squares / (count - 1.0)]
}

fn reference(values: &[f64]) -> Jackknife<Vec<f64>> {
    let without = |block: std::ops::Range<usize>| {
        dense(&[&values[..block.start], &values[block.end..]].concat())
    };
    Jackknife { full: dense(values), replicates: blocks().iter().map(without).collect() }
}

fn numbers(estimate: &Estimate) -> Vec<f64> {
    vec![estimate.count as f64, estimate.mean, estimate.variance]
}

/// Sums of 500 doubles in the reference: a few hundred times 1e-16.
const TOLERANCE: f64 = 1e-13;

twoblade_testkit::conformance! {
    mod a_column_far_from_zero;
    model: Moments,
    source: column(far_from_zero()),
    numbers: numbers,
    reference: || reference(&far_from_zero()),
    tolerance: TOLERANCE,
}

twoblade_testkit::conformance! {
    mod a_column_of_every_size;
    model: Moments,
    source: column(of_every_size()),
    numbers: numbers,
    reference: || reference(&of_every_size()),
    tolerance: TOLERANCE,
}
