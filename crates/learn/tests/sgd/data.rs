//! Tables of classes, and rows as dense numbers.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use twoblade_core::{BlockSource, BoxError, OrderedEstimator, Random};
use twoblade_learn::sgd::{Estimate, Fit, Sgd};
use twoblade_learn::{Features, Missing, Scale, Target, Term};

use crate::held::Held;

/// Features, of which the last are indicators, and the target or the class.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// In the whole table.
    pub(crate) index: u64,
    pub(crate) x: Vec<f64>,
    pub(crate) y: f64,
}

impl Row {
    /// Its class.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small whole number"
    )]
    pub(crate) fn class(&self) -> usize {
        self.y as usize
    }
}

pub(crate) const CLASSES: [&str; 4] = ["a", "b", "c", "d"];
pub(crate) const WORDS: [&str; 3] = ["red", "green", "blue"];

/// Columns u, v (like u, wide and far from 0), k (whole), w (a word), and `class`, one of the first
/// classes, whose log odds are linear in them.
pub(crate) fn classes(rows: usize, seed: u64, classes: usize) -> RecordBatch {
    let random = Random::new(seed, 0);
    let uniform = |row: usize, draw: u32| random.uniform(row as u64, draw);
    let u: Vec<f64> = (0..rows).map(|row| 4.0 * uniform(row, 0) - 2.0).collect();
    let v: Vec<f64> = (0..rows).map(|row| 1e4 + 300.0 * uniform(row, 1) + 60.0 * u[row]).collect();
    let k: Vec<i64> = (0..rows).map(|row| i64::from(random.below(row as u64, 2, 5))).collect();
    let word = |row: usize| random.below(row as u64, 3, 3) as usize;
    let class = |row: usize| {
        let odds = |class: usize| match class {
            0 => 0.0,
            1 => u[row] + (v[row] - 1e4) / 200.0 - 0.5,
            2 => 0.5 * k[row] as f64 - u[row] + if word(row) == 1 { 1.0 } else { -0.5 },
            _ => 0.3 * u[row],
        };
        let sizes: Vec<f64> = (0..classes).map(|class| odds(class).exp()).collect();
        let mut left = uniform(row, 4) * sizes.iter().sum::<f64>();
        let class = sizes.iter().position(|size| {
            left -= size;
            left < 0.0
        });
        CLASSES[class.unwrap_or(0)]
    };
    let columns: [(&str, ArrayRef); 5] = [
        ("class", Arc::new((0..rows).map(|row| Some(class(row))).collect::<StringArray>())),
        ("v", Arc::new(Float64Array::from(v.clone()))),
        ("w", Arc::new((0..rows).map(|row| Some(WORDS[word(row)])).collect::<StringArray>())),
        ("u", Arc::new(Float64Array::from(u.clone()))),
        ("k", Arc::new(Int64Array::from(k.clone()))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// All columns of [`classes`], with the word's levels in the middle; numbers in scales near their own.
pub(crate) fn features(classes: usize) -> Features {
    let number = |column: &str, mean: f64, sd: f64| Term::Number {
        column: column.into(),
        scale: Scale { mean, sd },
    };
    let words = WORDS[..2].iter().map(|word| (*word).to_owned()).collect();
    Features {
        target: Target::Class {
            column: "class".into(),
            classes: CLASSES[..classes].iter().map(|class| (*class).to_owned()).collect(),
        },
        terms: vec![
            number("v", 10_150.0, 110.0),
            Term::Levels { column: "w".into(), levels: words },
            number("u", 0.0, 1.2),
            number("k", 2.0, 1.4),
        ],
        missing: Missing::Drop,
    }
}

/// The rows in which nothing is missing, in units of the features' scales.
pub(crate) fn dense(batch: &RecordBatch, features: &Features) -> Vec<Row> {
    let number = |name: &str| -> Vec<Option<f64>> {
        let array = batch.column_by_name(name).unwrap();
        match array.as_primitive_opt::<Float64Type>() {
            Some(array) => array.iter().collect(),
            None => array
                .as_primitive::<arrow_array::types::Int64Type>()
                .iter()
                .map(|value| value.map(|value| value as f64))
                .collect(),
        }
    };
    let words = |name: &str| -> Vec<Option<String>> {
        let array = batch.column_by_name(name).unwrap().as_string::<i32>();
        array.iter().map(|word| word.map(str::to_owned)).collect()
    };
    let scaled = |name: &str, scale: Scale| -> Vec<Option<f64>> {
        number(name).iter().map(|value| value.map(|it| (it - scale.mean) / scale.sd)).collect()
    };
    let mut columns: Vec<Vec<Option<f64>>> = Vec::new();
    for term in &features.terms {
        match term {
            Term::Number { column, scale } => columns.push(scaled(column, *scale)),
            Term::Levels { column, levels } => {
                let words = words(column);
                for level in levels {
                    let is = |word: &Option<String>| {
                        word.as_ref().map(|word| f64::from(u8::from(word == level)))
                    };
                    columns.push(words.iter().map(is).collect());
                }
            }
            Term::Hashed { .. } => unreachable!("not in these tests"),
        }
    }
    let target: Vec<Option<f64>> = match &features.target {
        Target::Number { column, scale } => scaled(column, *scale),
        Target::Class { column, classes } => {
            let place = |word: String| classes.iter().position(|class| *class == word);
            let place = |word: Option<String>| word.and_then(place).map(|place| place as f64);
            words(column).into_iter().map(place).collect()
        }
    };
    (0..batch.num_rows())
        .filter_map(|row| {
            let x: Option<Vec<f64>> = columns.iter().map(|column| column[row]).collect();
            Some(Row { index: row as u64, x: x?, y: target[row]? })
        })
        .collect()
}

/// Whether each feature is an indicator.
pub(crate) fn indicators(features: &Features) -> Vec<bool> {
    let of = |term: &Term| vec![!matches!(term, Term::Number { .. }); term.width()];
    features.terms.iter().flat_map(of).collect()
}

/// Weights in units of the scales, the intercept last, of each output.
pub(crate) fn scaled(fit: &Fit, features: &Features) -> Vec<Vec<f64>> {
    let target = match &features.target {
        Target::Number { scale, .. } => *scale,
        Target::Class { .. } => Scale::ONE,
    };
    let scales = features.terms.iter().flat_map(|term| match term {
        Term::Number { scale, .. } => vec![*scale],
        other => vec![Scale::ONE; other.width()],
    });
    let scales: Vec<Scale> = scales.collect();
    let output = |output: &twoblade_learn::sgd::Output| {
        let both = output.coefficients.iter().zip(&scales);
        let shift: f64 = both.clone().map(|(coefficient, scale)| coefficient * scale.mean).sum();
        let mut weights: Vec<f64> =
            both.map(|(coefficient, scale)| coefficient * scale.sd / target.sd).collect();
        weights.push((output.intercept + shift - target.mean) / target.sd);
        weights
    };
    fit.outputs.iter().map(output).collect()
}

/// Learns without a runner.
pub(crate) fn learn(model: &Sgd, source: &Held, epochs: u32) -> Result<Estimate, BoxError> {
    let mut learned = model.init();
    for epoch in 0..epochs {
        for block in 0..source.blocks() {
            let mut refused = Ok(());
            source.visit(block, &mut |rows| {
                refused = model.learn(epoch, rows, &mut learned);
                if refused.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            refused?;
        }
    }
    model.finish(&learned)
}
