//! A table with classes, and naive Bayes of its rows by the definition.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use twoblade_learn::{Features, Missing, Scale, Target, Term};

use crate::held;

pub(crate) const CLASSES: [&str; 3] = ["low", "mid", "high"];

/// Features and class.
pub(crate) type Row = ([f64; 5], usize);

/// The columns of [`held::table`], and `label`, which depends on y; it is missing where y is.
pub(crate) fn table(rows: usize, seed: u64, gaps: bool) -> RecordBatch {
    let batch = held::table(rows, seed, gaps);
    let label = |y: Option<f64>| {
        y.map(|y| match y {
            y if y < -97.5 => CLASSES[0],
            y if y < -94.0 => CLASSES[1],
            _ => CLASSES[2],
        })
    };
    let y = batch.column_by_name("y").unwrap().as_primitive::<Float64Type>();
    let labels: StringArray = y.iter().map(label).collect();
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(labels));
    let mut fields: Vec<Arc<Field>> = batch.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("label", arrow_schema::DataType::Utf8, true)));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// The same, where no row is known to be of this class.
pub(crate) fn without(batch: &RecordBatch, class: &str) -> RecordBatch {
    let labels = batch.column_by_name("label").unwrap().as_string::<i32>();
    let rest: StringArray = labels.iter().map(|label| label.filter(|it| *it != class)).collect();
    let mut columns = batch.columns().to_vec();
    *columns.last_mut().unwrap() = Arc::new(rest);
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

/// All features of [`table`], to predict the class.
pub(crate) fn features(missing: Missing) -> Features {
    let classes = CLASSES.map(str::to_owned).to_vec();
    Features {
        target: Target::Class { column: "label".into(), classes },
        ..held::features(missing)
    }
}

/// The same with numbers as they stand in the columns.
pub(crate) fn raw() -> Features {
    let mut features = features(Missing::Drop);
    for term in &mut features.terms {
        if let Term::Number { scale, .. } = term {
            *scale = Scale::ONE;
        }
    }
    features
}

/// Features and class of the rows in which nothing is missing.
pub(crate) fn complete(batch: &RecordBatch) -> Vec<Row> {
    let float = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Float64Type>();
    let k = batch.column_by_name("k").unwrap().as_primitive::<Int64Type>();
    let word = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>();
    let is = |row: usize, level: &str| f64::from(u8::from(word("c").value(row) == level));
    let class = |row: usize| CLASSES.iter().position(|it| *it == word("label").value(row)).unwrap();
    (0..batch.num_rows())
        .filter(|&row| batch.columns().iter().all(|column| column.is_valid(row)))
        .map(|row| {
            let (x1, x2) = (float("x1").value(row), float("x2").value(row));
            ([x1, x2, is(row, "a"), is(row, "b"), k.value(row) as f64], class(row))
        })
        .collect()
}

/// Prior, means and variances.
pub(crate) type Class = (f64, [f64; 5], [f64; 5]);

/// Of each class; nothing of one that has no rows.
pub(crate) struct Fit(pub(crate) Vec<Option<Class>>);

/// In two passes over the rows of each class, as the definition says.
pub(crate) fn bayes(rows: &[Row], smoothing: f64) -> Fit {
    let moments = |rows: &[&Row]| {
        let count = rows.len() as f64;
        let mean = |at: usize| rows.iter().map(|row| row.0[at]).sum::<f64>() / count;
        let means = std::array::from_fn(mean);
        let variance =
            |at: usize| rows.iter().map(|row| (row.0[at] - mean(at)).powi(2)).sum::<f64>() / count;
        (means, std::array::from_fn(variance))
    };
    let (_, all): ([f64; 5], [f64; 5]) = moments(&rows.iter().collect::<Vec<_>>());
    let added = smoothing * all.into_iter().fold(0.0, f64::max);
    let class = |class: usize| {
        let of: Vec<&Row> = rows.iter().filter(|row| row.1 == class).collect();
        let (means, variances) = moments(&of);
        let prior = of.len() as f64 / rows.len() as f64;
        (!of.is_empty()).then(|| (prior, means, variances.map(|variance: f64| variance + added)))
    };
    Fit((0..CLASSES.len()).map(class).collect())
}

impl Fit {
    /// The probabilities of the classes.
    pub(crate) fn predict(&self, features: &[f64; 5]) -> Vec<f64> {
        let log = |class: &Option<Class>| {
            let Some((prior, means, variances)) = class else { return f64::NEG_INFINITY };
            let terms = features.iter().zip(means).zip(variances).map(|((x, mean), variance)| {
                (2.0 * std::f64::consts::PI * variance).ln() + (x - mean).powi(2) / variance
            });
            prior.ln() - 0.5 * terms.sum::<f64>()
        };
        let logs: Vec<f64> = self.0.iter().map(log).collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum = logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln() + largest;
        logs.iter().map(|log| (log - sum).exp()).collect()
    }
}
