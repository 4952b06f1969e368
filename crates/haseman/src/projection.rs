//! The projection V = I - Q Q' off the covariates.

use nalgebra::{ColPivQR, DMatrix, DVector, RowDVector};
use twoblade_geno::Covariate;

use crate::error::HasemanError;

/// A column of unit length of which less than this is left beside the others is a combination of
/// them; and a column that varies by less than this, relative to its size, is constant.
const DEPENDENT: f64 = 1e-8;

/// The projection off covariates, which any Haseman-Elston model takes.
///
/// Columns that add nothing to the others (constant ones beside an intercept, collinear indicators,
/// a covariate that is there twice) are found by a QR decomposition with pivoting, left out, and
/// named by [`dropped`](Self::dropped).
///
/// ```
/// use twoblade_geno::Covariate;
/// use twoblade_haseman::Projection;
///
/// let column = |name: &str, values: [f64; 4]| Covariate { name: name.into(), values: values.into() };
/// let covariates = [
///     column("age", [31.0, 45.0, 60.0, 52.0]),
///     column("one", [1.0; 4]),
///     column("age in days", [31.0, 45.0, 60.0, 52.0].map(|years| 365.25 * years)),
/// ];
/// let projection = Projection::new(4, true, &covariates)?;
/// assert_eq!(projection.rank(), 2); // the intercept and one of the ages
/// assert_eq!(projection.dropped().len(), 2);
/// # Ok::<(), twoblade_haseman::HasemanError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Projection {
    individuals: usize,
    intercept: bool,
    basis: Vec<Vec<f64>>,
    used: Vec<String>,
    dropped: Vec<String>,
}

impl Projection {
    /// Off these covariates, and an intercept if `intercept` says so.
    ///
    /// # Errors
    /// [`HasemanError::CovariateLength`] for a covariate that has not one value for every
    /// individual, [`HasemanError::CovariateValue`] for one with a value that is not finite.
    pub fn new(
        individuals: usize,
        intercept: bool,
        covariates: &[Covariate],
    ) -> Result<Self, HasemanError> {
        let mut projection = Self {
            individuals,
            intercept,
            basis: Vec::new(),
            used: Vec::new(),
            dropped: Vec::new(),
        };
        // Column after column, moved from here into the decomposition: it may be large.
        let mut columns = Vec::new();
        let mut names = Vec::new();
        for Covariate { name, values } in covariates {
            if values.len() != individuals {
                let (name, values) = (name.clone(), values.len());
                return Err(HasemanError::CovariateLength { name, values, individuals });
            }
            if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
                return Err(HasemanError::CovariateValue { name: name.clone(), value });
            }
            if let Some(column) = unit(values, intercept) {
                columns.extend(column.iter());
                names.push(name.clone());
            } else {
                projection.dropped.push(name.clone());
            }
        }
        if intercept && individuals > 0 {
            let entry = 1.0 / (individuals as f64).sqrt();
            projection.basis.push(vec![entry; individuals]);
        }
        if !columns.is_empty() {
            projection.orthogonalize(DMatrix::from_vec(individuals, names.len(), columns), &names);
        }
        Ok(projection)
    }

    /// Adds a basis of columns of unit length that are orthogonal to the intercept, if there is one.
    fn orthogonalize(&mut self, columns: DMatrix<f64>, names: &[String]) {
        let qr = ColPivQR::new(columns);
        // What is left of each column beside those before it; the pivot is the largest entry left, so
        // once one is nothing, so are the others.
        // There may be more columns than individuals.
        let r = qr.r();
        let diagonal = (0..r.nrows().min(r.ncols())).map(|at| r[(at, at)]);
        let rank = diagonal.take_while(|left| left.abs() > DEPENDENT).count();
        let mut order = RowDVector::from_iterator(names.len(), 0..names.len());
        qr.p().permute_columns(&mut order);
        let (mut used, mut dropped) =
            (order.as_slice()[..rank].to_vec(), order.as_slice()[rank..].to_vec());
        used.sort_unstable();
        dropped.sort_unstable();
        self.used.extend(used.into_iter().map(|column| names[column].clone()));
        self.dropped.extend(dropped.into_iter().map(|column| names[column].clone()));
        self.basis.extend(qr.q().column_iter().take(rank).map(|q| q.iter().copied().collect()));
    }

    /// rank W: the intercept, and the covariates that are used.
    pub fn rank(&self) -> usize {
        self.basis.len()
    }

    /// Whether an intercept is among them.
    pub fn has_intercept(&self) -> bool {
        self.intercept
    }

    /// The names of the covariates that are projected off.
    pub fn used(&self) -> &[String] {
        &self.used
    }

    /// The names of those that the others already explain.
    pub fn dropped(&self) -> &[String] {
        &self.dropped
    }

    /// tr V = N - rank W.
    pub(crate) fn trace(&self) -> f64 {
        (self.individuals - self.rank()) as f64
    }

    /// The columns of Q.
    pub(crate) fn basis(&self) -> &[Vec<f64>] {
        &self.basis
    }

    /// V y, in place. Twice, because what rounding leaves along Q the first time is gone then: so
    /// covariates that were added to y change nothing but last digits.
    pub(crate) fn apply(&self, y: &mut [f64]) {
        for _ in 0..2 {
            for column in &self.basis {
                let along: f64 = column.iter().zip(&*y).map(|(q, y)| q * y).sum();
                for (y, q) in y.iter_mut().zip(column) {
                    *y -= along * q;
                }
            }
        }
    }
}

/// A column of length 1, centred where there is an intercept; `None` if nothing of it is left then.
fn unit(values: &[f64], centre: bool) -> Option<DVector<f64>> {
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if largest == 0.0 {
        return None;
    }
    // Scaled first, so that squares of huge or tiny values are numbers too.
    let mut column = DVector::from_iterator(values.len(), values.iter().map(|x| x / largest));
    let before = column.norm();
    if centre {
        for _ in 0..2 {
            let mean = column.mean();
            column.add_scalar_mut(-mean);
        }
    }
    let after = column.norm();
    (after > DEPENDENT * before).then(|| column / after)
}
