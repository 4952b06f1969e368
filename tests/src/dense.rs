//! Haseman-Elston regression the obvious way: relationship matrices, N x N, in doubles. It shares no
//! code with the crates it checks, and leaves a block out by never reading it.

use nalgebra::{DMatrix, DVector};

/// What the dense computation is given.
#[derive(Clone, Debug)]
pub struct Dense<'a> {
    /// `codes[v][i]`: PLINK codes, 0 two copies, 1 missing, 2 one copy, 3 none.
    pub codes: &'a [Vec<u8>],
    /// The bins of each variant.
    pub bins: &'a [Vec<usize>],
    /// How many bins.
    pub components: usize,
    /// Values of each trait.
    pub traits: &'a [Vec<f64>],
    /// Whether an intercept is projected off.
    pub intercept: bool,
    /// What else is: columns of as many values, which may depend on each other.
    pub covariates: &'a [Vec<f64>],
    /// How many blocks: `floor(M / J)` variants each, the remainder in the last.
    pub blocks: usize,
}

/// The moment equations and their solution.
#[derive(Clone, Debug)]
pub struct Solved {
    /// Left side, the residual last.
    pub matrix: DMatrix<f64>,
    /// Right side of each trait.
    pub right: Vec<DVector<f64>>,
    /// Solution of each trait.
    pub sigma: Vec<DVector<f64>>,
    /// Largest singular value over smallest.
    pub condition: f64,
    /// Right side and solution of each pair of traits t < u.
    pub pairs: Vec<[DVector<f64>; 2]>,
    /// Variants of each component.
    pub columns: Vec<u64>,
    /// The bins of each variant that is used.
    pub members: Vec<Vec<usize>>,
}

impl Dense<'_> {
    /// The equations of everything but one block; `Err` names a component without variants.
    ///
    /// # Errors
    /// The component that is empty.
    pub fn solve(&self, without: Option<usize>) -> Result<Solved, usize> {
        let n = self.traits[0].len();
        let each = self.codes.len() / self.blocks;
        let block_of = |v: usize| (v / each).min(self.blocks - 1);
        let mut columns: Vec<Vec<DVector<f64>>> = vec![Vec::new(); self.components];
        let mut members = Vec::new();
        for (v, codes) in self.codes.iter().enumerate() {
            let bins = &self.bins[v];
            if let (false, Some(x)) = (bins.is_empty(), standardized(codes))
                && without != Some(block_of(v))
            {
                for &bin in bins {
                    columns[bin].push(x.clone());
                }
                members.push(bins.clone());
            }
        }
        if let Some(empty) = columns.iter().position(Vec::is_empty) {
            return Err(empty);
        }
        let (v, rank) = self.projection(n);
        // V K V = (V X)(V X)' / M.
        let kernels: Vec<DMatrix<f64>> = columns
            .iter()
            .map(|of| {
                let projected = &v * DMatrix::from_columns(of);
                &projected * projected.transpose() / of.len() as f64
            })
            .collect();
        let k = self.components;
        let matrix =
            DMatrix::from_fn(k + 1, k + 1, |a, b| match (kernels.get(a), kernels.get(b)) {
                (Some(a), Some(b)) => a.dot(b),
                (Some(k), None) | (None, Some(k)) => k.trace(),
                (None, None) => (n - rank) as f64,
            });
        let centred = self.traits.iter().map(|y| {
            let mean = y.iter().sum::<f64>() / n as f64;
            &v * DVector::from_iterator(n, y.iter().map(|y| y - mean))
        });
        let centred: Vec<_> = centred.collect();
        let bilinear = |a: &DVector<f64>, b: &DVector<f64>| {
            let quadratic = kernels.iter().map(|kernel| (kernel * a).dot(b));
            DVector::from_iterator(k + 1, quadratic.chain([a.dot(b)]))
        };
        let right: Vec<_> = centred.iter().map(|y| bilinear(y, y)).collect();
        let values = matrix.clone().svd(false, false).singular_values;
        let condition = values.max() / values.min();
        let lu = matrix.clone().full_piv_lu();
        let nothing = DVector::from_element(k + 1, f64::NAN);
        let solve = |q: &DVector<f64>| lu.solve(q).unwrap_or_else(|| nothing.clone());
        let sigma = right.iter().map(solve).collect();
        let after = |t: usize| centred[t + 1..].iter().map(move |u| (t, u));
        let pairs = (0..centred.len()).flat_map(after).map(|(t, u)| {
            let right = bilinear(&centred[t], u);
            let sigma = solve(&right);
            [right, sigma]
        });
        let pairs = pairs.collect();
        let columns = columns.iter().map(|of| of.len() as u64).collect();
        Ok(Solved { matrix, right, sigma, condition, pairs, columns, members })
    }
}

impl Dense<'_> {
    /// V = I - Q Q', Q made of the columns of W one after the other (Gram and Schmidt, twice each),
    /// and the rank of W.
    pub fn projection(&self, n: usize) -> (DMatrix<f64>, usize) {
        let one = self.intercept.then(|| DVector::from_element(n, 1.0));
        let others = self.covariates.iter().map(|column| DVector::from_column_slice(column));
        let mut basis: Vec<DVector<f64>> = Vec::new();
        for column in one.into_iter().chain(others).filter(|column| column.amax() > 0.0) {
            let mut left = column.normalize();
            for q in basis.iter().chain(&basis) {
                left -= q * q.dot(&left);
            }
            if left.norm() > 1e-9 {
                basis.push(left.normalize());
            }
        }
        let mut v = DMatrix::identity(n, n);
        for q in &basis {
            v -= q * q.transpose();
        }
        (v, basis.len())
    }
}

impl Solved {
    /// h2 of each bin, and in total.
    pub fn h2(&self, of: usize) -> (Vec<f64>, f64) {
        let sigma = &self.sigma[of];
        let all = sigma.sum();
        let h2: Vec<f64> = sigma.iter().take(sigma.len() - 1).map(|s| s / all).collect();
        let total = h2.iter().sum();
        (h2, total)
    }

    /// The h2 of each variant, added up over the variants of each bin, and over all of them.
    pub fn h2_by_variant(&self, of: usize) -> (Vec<f64>, f64) {
        let sigma = &self.sigma[of];
        let (mut bins, mut total) = (vec![0.0; self.columns.len()], 0.0);
        for set in &self.members {
            let each = set.iter().map(|&b| sigma[b] / self.columns[b] as f64).sum::<f64>();
            let h2 = each / sigma.sum();
            for &bin in set {
                bins[bin] += h2;
            }
            total += h2;
        }
        (bins, total)
    }

    /// Enrichment of each bin, from the h2 of its variants.
    pub fn enrichment(&self, of: usize) -> Vec<f64> {
        let (h2, total) = self.h2_by_variant(of);
        let all = self.members.len() as f64;
        let share = |(h2, &m): (&f64, &u64)| (h2 / total) / (m as f64 / all);
        h2.iter().zip(&self.columns).map(share).collect()
    }
}

/// sqrt((J - 1) / J sum (t_j - mean)^2).
pub fn standard_error(replicates: &[f64]) -> f64 {
    let j = replicates.len() as f64;
    let mean = replicates.iter().sum::<f64>() / j;
    ((j - 1.0) / j * replicates.iter().map(|t| (t - mean).powi(2)).sum::<f64>()).sqrt()
}

/// Copies of the first allele, if the code says so.
pub(crate) fn copies(code: u8) -> Option<f64> {
    match code {
        0 => Some(2.0),
        2 => Some(1.0),
        3 => Some(0.0),
        _ => None,
    }
}

/// `None` for a monomorphic variant.
pub(crate) fn standardized(codes: &[u8]) -> Option<DVector<f64>> {
    let known: Vec<f64> = codes.iter().filter_map(|&code| copies(code)).collect();
    let p = known.iter().sum::<f64>() / (2.0 * known.len() as f64);
    if known.is_empty() || p <= 0.0 || p >= 1.0 {
        return None;
    }
    let sd = (2.0 * p * (1.0 - p)).sqrt();
    let x = |&code: &u8| copies(code).map_or(0.0, |g| (g - 2.0 * p) / sd);
    Some(DVector::from_iterator(codes.len(), codes.iter().map(x)))
}
