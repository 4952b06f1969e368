//! An estimate, what it becomes without each block, and the standard error that follows.

use serde::{Deserialize, Serialize};

/// The estimate from everything, and from everything but one block, for each block.
///
/// ```
/// use twoblade_core::Jackknife;
///
/// // The mean of 1, 2, 6 and the means without each of them.
/// let mean = Jackknife { full: 3.0, replicates: vec![4.0, 3.5, 1.5] };
/// let measure = mean.measure(|mean| *mean);
/// assert_eq!(measure.value, 3.0);
/// assert!((measure.se - (7.0f64 / 3.0).sqrt()).abs() < 1e-15); // sd / sqrt(n)
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jackknife<E> {
    /// From everything.
    pub full: E,
    /// From everything but block `j`, at place `j`.
    pub replicates: Vec<E>,
}

impl<E> Jackknife<E> {
    /// The value and standard error of any function of the estimate.
    ///
    /// With `J` replicates `t_j` of mean `m`, SE = sqrt((J - 1) / J * sum (t_j - m)^2): the block
    /// jackknife (Künsch 1989, Annals of Statistics 17:1217; Busing, Meijer, van der Leeden 1999).
    /// NaN when there are fewer than 2 replicates, or one is not finite.
    pub fn measure(&self, f: impl Fn(&E) -> f64) -> Measure {
        let count = self.replicates.len() as f64;
        let values: Vec<f64> = self.replicates.iter().map(&f).collect();
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let se = if values.len() < 2 { f64::NAN } else { ((count - 1.0) / count * squares).sqrt() };
        Measure { value: f(&self.full), se }
    }

    /// The same jackknife of something computed from each estimate.
    pub fn map<T>(&self, f: impl Fn(&E) -> T) -> Jackknife<T> {
        Jackknife { full: f(&self.full), replicates: self.replicates.iter().map(f).collect() }
    }
}

/// A value and its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// From everything.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
}

impl Measure {
    /// The number of standard errors between the value and `null`; NaN when the error is 0.
    pub fn z(&self, null: f64) -> f64 {
        if self.se == 0.0 { f64::NAN } else { (self.value - null) / self.se }
    }
}
