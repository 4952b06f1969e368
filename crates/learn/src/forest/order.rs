//! Whether rows stand in the order of their target.
//!
//! A tree of a chunk knows what is in the chunk. Where rows are sorted by the target, every chunk has
//! another part of it, and the mean of their trees knows nothing. The share of the target's variance
//! that is between chunks, sum_b n_b (m_b - m)^2 / sum (y - m)^2, tells: in rows that were shuffled it
//! is (B - 1) / (N - 1) on average, whatever the target (Pitman 1938, Biometrika 29:322), and times
//! N - 1 it is about chi-squared with B - 1 degrees of freedom.

use super::state::{Grown, Tally};

/// A share up to which rows pass in any case: data that drift are no sorted data.
const DRIFT: f64 = 0.25;

/// The normal deviate beyond which 1e-9 is.
const DEVIATE: f64 = 6.0;

/// A share of the variance of a target that lies between chunks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    /// From 0, no chunk is like another by less than chance, to 1, each has a target of its own. Of
    /// several classes it is that of the class, against all others, that has the largest.
    pub share: f64,
    /// Up to here rows are taken.
    ///
    /// It is 1/4, or, where chunks are so small that shuffled rows come near, what these pass with a
    /// probability of 1e-9. By Markov's inequality shuffled rows are refused with a probability below
    /// 4 (B - 1) / (N - 1) for B chunks of N rows, whatever the target.
    pub limit: f64,
}

impl Order {
    pub(super) fn of<'a>(chunks: impl Iterator<Item = &'a Grown> + Clone) -> Self {
        let chunks = chunks.filter(|chunk| chunk.rows > 0);
        let (mut count, mut rows, mut classes) = (0, 0, 0);
        for chunk in chunks.clone() {
            count += 1;
            rows += chunk.rows;
            if let Tally::Classes(counts) = &chunk.target {
                classes = counts.len();
            }
        }
        let share = if classes == 0 {
            share(chunks.map(|chunk| (chunk.rows as f64, moments(&chunk.target))))
        } else {
            let of = |class: usize| share(chunks.clone().map(move |chunk| indicator(chunk, class)));
            (0..classes).map(of).fold(0.0, f64::max)
        };
        Self { share, limit: limit(count, rows) }
    }

    /// Whether rows look sorted by their target.
    pub fn sorted(self) -> bool {
        self.share > self.limit
    }
}

/// Mean and squares about it.
fn moments(target: &Tally) -> (f64, f64) {
    match target {
        Tally::Number { mean, squares } => (*mean, *squares),
        Tally::Classes(_) => (0.0, 0.0),
    }
}

/// The rows of a chunk, and the moments of being of a class.
fn indicator(chunk: &Grown, class: usize) -> (f64, (f64, f64)) {
    let rows = chunk.rows as f64;
    let of = match &chunk.target {
        Tally::Classes(counts) => counts.get(class).copied().map_or(0.0, f64::from),
        Tally::Number { .. } => 0.0,
    };
    (rows, (of / rows, of * (rows - of) / rows))
}

/// What is between, of all: 0 where nothing varies.
fn share(chunks: impl Iterator<Item = (f64, (f64, f64))> + Clone) -> f64 {
    let (mut rows, mut sum) = (0.0, 0.0);
    for (count, (mean, _)) in chunks.clone() {
        rows += count;
        sum += count * mean;
    }
    let (mean, mut between, mut within) = (sum / rows, 0.0, 0.0);
    for (count, (own, squares)) in chunks {
        between += count * (own - mean) * (own - mean);
        within += squares;
    }
    if between + within > 0.0 { between / (between + within) } else { 0.0 }
}

/// The quantile of chi-squared by Wilson and Hilferty (1931), over N - 1.
fn limit(chunks: u64, rows: u64) -> f64 {
    if chunks < 2 {
        return 1.0;
    }
    let freedom = (chunks - 1) as f64;
    let ninth = 2.0 / (9.0 * freedom);
    let root = 1.0 - ninth + DEVIATE * ninth.sqrt();
    let quantile = freedom * root * root * root;
    (quantile / (rows.saturating_sub(1).max(1)) as f64).clamp(DRIFT, 1.0)
}
