//! Traits as the model uses them, and the identity of a study.

use twoblade_geno::{Study, Trait};

use crate::error::HasemanError;
use crate::projection::Projection;

/// What is left of the squares of a trait, relative to what they were, when it counts as constant.
const CONSTANT: f64 = 1e-20;

/// A trait that is projected off the covariates and of mean square 1.
#[derive(Clone, Debug)]
pub(crate) struct Scaled {
    name: String,
    variance: f64,
    values: Vec<f64>,
    cases: Option<f64>,
}

impl Scaled {
    /// Centres a trait, projects it off the covariates and divides by its root mean square.
    pub(crate) fn new(of: &Trait, projection: &Projection) -> Result<Self, HasemanError> {
        let count = of.values.len() as f64;
        let mean = of.values.iter().sum::<f64>() / count;
        let before: f64 = of.values.iter().map(|y| y * y).sum();
        let mut values: Vec<f64> = of.values.iter().map(|y| y - mean).collect();
        projection.apply(&mut values);
        let after: f64 = values.iter().map(|y| y * y).sum();
        // A NaN or an infinity is refused too.
        if !(after.is_normal() && after > CONSTANT * before) {
            let (name, individuals) = (of.name.clone(), of.values.len());
            return Err(HasemanError::NoVariance { name, individuals });
        }
        let variance = after / count;
        let scale = variance.sqrt();
        for y in &mut values {
            *y /= scale;
        }
        Ok(Self { name: of.name.clone(), variance, values, cases: cases(&of.values) })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The share of cases, where a trait has two values: of the larger one.
    pub(crate) fn cases(&self) -> Option<f64> {
        self.cases
    }

    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The mean square of the projected trait, in the square of its unit.
    pub(crate) fn variance(&self) -> f64 {
        self.variance
    }
}

/// The share of the larger of two values, if there are two.
fn cases(values: &[f64]) -> Option<f64> {
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &y| (low.min(y), high.max(y)));
    // Both are among the values, so they are equal to the last bit or not at all.
    let is = |y: f64, bound: f64| y.total_cmp(&bound).is_eq();
    let larger = values.iter().filter(|&&y| is(y, high)).count();
    let smaller = values.iter().filter(|&&y| is(y, low)).count();
    (larger + smaller == values.len()).then(|| larger as f64 / values.len() as f64)
}

/// A hash of everything a study says, and of what is projected off.
pub(crate) fn identity(study: &Study, projection: &Projection) -> [u8; 32] {
    let mut hash = blake3::Hasher::new();
    let mut number = |number: u64| {
        hash.update(&number.to_le_bytes());
    };
    number(study.listed as u64);
    number(study.individuals.len() as u64);
    study.individuals.iter().for_each(|&row| number(row.into()));
    number(study.cut.variants() as u64);
    number(study.cut.blocks().count() as u64);
    number(study.cut.largest_chunk() as u64);
    number(study.cut.chunks());
    number(study.bins.count() as u64);
    for variant in 0..study.cut.variants() {
        let set = study.bins.of(variant);
        number(set.len() as u64);
        for &bin in set {
            number(bin.into());
        }
    }
    number(study.variants.listed() as u64);
    if !study.variants.is_all() {
        (0..study.variants.kept()).for_each(|kept| number(study.variants.row(kept) as u64));
    }
    number(study.traits.len() as u64);
    for of in &study.traits {
        of.values.iter().for_each(|value| number(value.to_bits()));
    }
    number(projection.rank() as u64);
    for column in projection.basis() {
        for value in column {
            number(value.to_bits());
        }
    }
    for name in study.bins.names().iter().chain(study.traits.iter().map(|of| &of.name)) {
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
    }
    *hash.finalize().as_bytes()
}
