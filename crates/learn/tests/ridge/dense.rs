//! Ridge regression of rows in memory, by another way: a QR decomposition of the standardized rows
//! with the root of the penalty below them.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use nalgebra::{DMatrix, DVector};

/// Features and target.
pub(crate) type Row = ([f64; 5], f64);

/// Features and target of the rows of [`table`](crate::held::table) in which nothing is missing.
pub(crate) fn complete(batch: &RecordBatch) -> Vec<Row> {
    let float = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Float64Type>();
    let k = batch.column_by_name("k").unwrap().as_primitive::<Int64Type>();
    let c = batch.column_by_name("c").unwrap().as_string::<i32>();
    let is = |row: usize, level: &str| f64::from(u8::from(c.value(row) == level));
    (0..batch.num_rows())
        .filter(|&row| batch.columns().iter().all(|column| column.is_valid(row)))
        .map(|row| {
            let (x1, x2) = (float("x1").value(row), float("x2").value(row));
            let features = [x1, x2, is(row, "a"), is(row, "b"), k.value(row) as f64];
            (features, float("y").value(row))
        })
        .collect()
}

/// Intercept and coefficients.
pub(crate) fn ridge(rows: &[Row], penalty: f64) -> Vec<f64> {
    let count = rows.len() as f64;
    let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).sum::<f64>() / count;
    let centre: Vec<f64> = (0..5).map(|place| mean(&|row| row.0[place])).collect();
    let deviation: Vec<f64> =
        (0..5).map(|place| mean(&|row| (row.0[place] - centre[place]).powi(2)).sqrt()).collect();
    let level = mean(&|row| row.1);
    let x = DMatrix::from_fn(rows.len() + 5, 5, |row, column| match rows.get(row) {
        Some(row) => (row.0[column] - centre[column]) / deviation[column],
        None if row - rows.len() == column => penalty.sqrt(),
        None => 0.0,
    });
    let y =
        DVector::from_fn(rows.len() + 5, |row, _| rows.get(row).map_or(0.0, |row| row.1 - level));
    let qr = x.qr();
    let standardized = qr.r().solve_upper_triangular(&(qr.q().transpose() * y)).unwrap();
    let slopes: Vec<f64> = (0..5).map(|place| standardized[place] / deviation[place]).collect();
    let intercept =
        level - slopes.iter().zip(&centre).map(|(slope, mean)| slope * mean).sum::<f64>();
    [vec![intercept], slopes].concat()
}

/// The mean squared error of such coefficients.
pub(crate) fn error(rows: &[Row], fit: &[f64]) -> f64 {
    let squares = rows.iter().map(|(features, target)| {
        let predicted: f64 =
            features.iter().zip(&fit[1..]).map(|(value, slope)| value * slope).sum();
        (target - fit[0] - predicted).powi(2)
    });
    squares.sum::<f64>() / rows.len() as f64
}
