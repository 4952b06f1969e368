//! What ridge regression knows after some chunks.

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use twoblade_core::{FixedSums, Grid, group_fields};

use crate::error::Error;

/// Counts, and the Gram matrix of ones, features and target, in units of their scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    rows: u64,
    dropped: u64,
    /// The upper triangle, column by column.
    sums: FixedSums,
}
group_fields!(State { rows, dropped, sums });

impl State {
    pub(super) fn new(width: usize) -> Self {
        Self { rows: 0, dropped: 0, sums: FixedSums::new(width * (width + 1) / 2) }
    }

    /// Rows that it was made of.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows that were left out for a missing value.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Adds a chunk of `rows` rows, of which `kept` are in `gram`, an upper triangle.
    pub(super) fn add(&mut self, grid: Grid, rows: usize, kept: usize, gram: &[f64]) {
        self.rows += kept as u64;
        self.dropped += (rows - kept) as u64;
        self.sums.add(grid, gram);
    }

    /// The Gram matrix, less that of other rows.
    pub(super) fn gram(
        &self,
        without: Option<&Self>,
        grid: Grid,
        width: usize,
    ) -> Result<DMatrix<f64>, Error> {
        self.sums.check_without(without.map(|state| &state.sums))?;
        let mut upper = vec![0.0; self.sums.len()];
        self.sums.read(without.map(|state| &state.sums), grid, 0..upper.len(), &mut upper);
        let at = |row: usize, column: usize| {
            let (low, high) = (row.min(column), row.max(column));
            upper[high * (high + 1) / 2 + low]
        };
        Ok(DMatrix::from_fn(width, width, at))
    }
}
