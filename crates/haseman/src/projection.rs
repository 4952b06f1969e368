//! The projection V = I - Q Q' off the covariates.

/// An orthonormal basis Q of the covariates, one column each.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    individuals: usize,
    basis: Vec<Vec<f64>>,
}

impl Projection {
    /// Off nothing: V = I.
    pub(crate) fn none(individuals: usize) -> Self {
        Self { individuals, basis: Vec::new() }
    }

    /// Off an intercept.
    pub(crate) fn intercept(individuals: usize) -> Self {
        let entry = 1.0 / (individuals as f64).sqrt();
        Self { individuals, basis: vec![vec![entry; individuals]] }
    }

    /// rank W.
    pub(crate) fn rank(&self) -> usize {
        self.basis.len()
    }

    /// tr V = N - rank W.
    pub(crate) fn trace(&self) -> f64 {
        (self.individuals - self.rank()) as f64
    }

    /// The columns of Q.
    pub(crate) fn basis(&self) -> &[Vec<f64>] {
        &self.basis
    }

    /// V y, in place.
    pub(crate) fn apply(&self, y: &mut [f64]) {
        for column in &self.basis {
            let along: f64 = column.iter().zip(&*y).map(|(q, y)| q * y).sum();
            for (y, q) in y.iter_mut().zip(column) {
                *y -= along * q;
            }
        }
    }
}
