//! The laws, for moments.

use twoblade_core::{Blocks, Jackknife, Random};
use twoblade_moments::{Column, Estimate, Moments};

const ROWS: usize = 500;
const BLOCKS: usize = 8;

/// Sizes from 1e-12 to 1e6, around a billion: the variance is far below the last bit of a square.
fn values() -> Vec<f64> {
    let random = Random::new(11, 0);
    let value = |row| {
        let size = 10f64.powi(i32::try_from(random.below(row, 1, 19)).expect("below 19") - 12);
        1e9 + (random.uniform(row, 0) - 0.4) * size
    };
    (0..ROWS as u64).map(value).collect()
}

fn blocks() -> Blocks {
    Blocks::even(ROWS, BLOCKS).expect("enough rows")
}

/// The values in chunks of 17: four a block, the last one shorter.
fn column() -> Column {
    Column::new(values(), blocks()).chunk(17)
}

/// Two passes over values in memory: the differences from the first are small integers' worth of
/// bits, so they are exact, and what is left is ordinary.
fn dense(values: &[f64]) -> Vec<f64> {
    let (first, count) = (values[0], values.len() as f64);
    let shifted: Vec<f64> = values.iter().map(|value| value - first).collect();
    let mean = shifted.iter().sum::<f64>() / count;
    let squares: f64 = shifted.iter().map(|value| (value - mean).powi(2)).sum();
    vec![count, first + mean, squares / (count - 1.0)]
}

fn reference() -> Jackknife<Vec<f64>> {
    let values = values();
    let without = |block: std::ops::Range<usize>| {
        dense(&[&values[..block.start], &values[block.end..]].concat())
    };
    Jackknife { full: dense(&values), replicates: blocks().iter().map(without).collect() }
}

twoblade_testkit::conformance! {
    mod a_column_of_wild_sizes;
    model: Moments,
    source: column(),
    numbers: |estimate: &Estimate| vec![estimate.count as f64, estimate.mean, estimate.variance],
    reference: reference,
    // Sums of 500 doubles in the reference: a few hundred times 1e-16.
    tolerance: 1e-13,
}
