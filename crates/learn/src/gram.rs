//! Products of columns.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Adds U'U to `sums`, a square stored column by column; U has `rows` rows and is stored likewise.
pub(crate) fn add_gram(rows: usize, columns: &[f64], sums: &mut [f64]) {
    let width = sums.len().isqrt();
    let columns = MatRef::from_column_major_slice(columns, rows, width);
    let sums = MatMut::from_column_major_slice_mut(sums, width, width);
    matmul(sums, Accum::Add, columns.transpose(), columns, 1.0, Par::Seq);
}
