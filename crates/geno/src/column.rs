//! A column that a model makes of a variant.

use crate::counts::Counts;

/// One column of a feature matrix: a value for each genotype of one variant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Which variant of the chunk.
    pub variant: usize,
    /// The value of each genotype, by [code](crate::code).
    pub values: [f64; 4],
    /// The sum of the squares of the column.
    pub squares: f64,
    /// How many genotypes are missing: where none are, products do not look for them.
    pub missing: u64,
}

impl Column {
    /// The column that gives each genotype its value.
    pub fn new(variant: usize, values: [f64; 4], counts: &Counts) -> Self {
        let squares =
            counts.by_code().into_iter().zip(values).map(|(n, value)| n as f64 * value * value);
        Self { variant, values, squares: squares.sum(), missing: counts.missing }
    }
}
