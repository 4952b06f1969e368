//! Dominance and interactions the obvious way: every component as a matrix, N x N, in doubles. It shares
//! no code with the crates it checks, and leaves a block out by never reading it.

use nalgebra::{DMatrix, DVector};

use crate::dense::{Dense, copies, standardized};

/// What the dense computation is given beside what additive models are.
#[derive(Clone, Debug)]
pub struct DenseModel<'a> {
    /// Genotypes, bins, traits and covariates.
    pub of: Dense<'a>,
    /// Whether there are dominance columns: a set for each bin, after the additive ones.
    pub dominance: bool,
    /// Values by individual. For each a component of every set, times it.
    pub environments: &'a [Vec<f64>],
    /// Whether there is noise that grows with each environment.
    pub noise: bool,
    /// Whether h2 is a share of sigma_k tr(V K_k).
    pub by_trace: bool,
}

/// The moment equations and their solution, environments scaled to a mean square of 1.
#[derive(Clone, Debug)]
pub struct SolvedModel {
    /// Left side, the residual last.
    pub matrix: DMatrix<f64>,
    /// Right side of each trait.
    pub right: Vec<DVector<f64>>,
    /// Solution of each trait.
    pub sigma: Vec<DVector<f64>>,
    /// Largest singular value over smallest.
    pub condition: f64,
    /// Columns of each component; none for noise.
    pub columns: Vec<u64>,
    /// What K is in the units of the environments, over what it is here; 1 for the residual.
    pub units: Vec<f64>,
    /// The sets of each column, for every column that there is.
    members: Vec<Vec<usize>>,
    sets: usize,
    by_trace: bool,
}

impl DenseModel<'_> {
    /// The equations of everything but one block.
    ///
    /// # Errors
    /// The set that is empty.
    pub fn solve(&self, without: Option<usize>) -> Result<SolvedModel, usize> {
        let of = &self.of;
        let n = of.traits[0].len();
        let each = of.codes.len() / of.blocks;
        let sets = if self.dominance { 2 * of.components } else { of.components };
        let mut columns: Vec<Vec<DVector<f64>>> = vec![Vec::new(); sets];
        let mut members = Vec::new();
        for (v, (codes, bins)) in of.codes.iter().zip(of.bins).enumerate() {
            if bins.is_empty() || without == Some((v / each).min(of.blocks - 1)) {
                continue;
            }
            let dominance = deviations(codes).filter(|_| self.dominance);
            for (first, column) in [(0, standardized(codes)), (of.components, dominance)] {
                let Some(column) = column else { continue };
                let places: Vec<usize> = bins.iter().map(|bin| first + bin).collect();
                for &place in &places {
                    columns[place].push(column.clone());
                }
                members.push(places);
            }
        }
        if let Some(empty) = columns.iter().position(Vec::is_empty) {
            return Err(empty);
        }
        let (v, rank) = of.projection(n);
        let mut kernels = Vec::new();
        let (mut units, mut counts) = (Vec::new(), Vec::new());
        let scaled = |e: &Vec<f64>| {
            let rms = (e.iter().map(|e| e * e).sum::<f64>() / n as f64).sqrt();
            (rms, DVector::from_iterator(n, e.iter().map(|e| e / rms)))
        };
        let none = (1.0, DVector::from_element(n, 1.0));
        let environments: Vec<_> = self.environments.iter().map(scaled).collect();
        for (rms, e) in std::iter::once(&none).chain(&environments) {
            for set in &columns {
                let times: Vec<_> = set.iter().map(|x| x.component_mul(e)).collect();
                let projected = &v * DMatrix::from_columns(&times);
                kernels.push(&projected * projected.transpose() / set.len() as f64);
                units.push(rms * rms);
                counts.push(set.len() as u64);
            }
        }
        for (rms, e) in environments.iter().filter(|_| self.noise) {
            kernels.push(&v * DMatrix::from_diagonal(&e.component_mul(e)) * &v);
            units.push(rms * rms);
            counts.push(0);
        }
        units.push(1.0);
        let k = kernels.len();
        let matrix =
            DMatrix::from_fn(k + 1, k + 1, |a, b| match (kernels.get(a), kernels.get(b)) {
                (Some(a), Some(b)) => a.dot(b),
                (Some(k), None) | (None, Some(k)) => k.trace(),
                (None, None) => (n - rank) as f64,
            });
        let centred = of.traits.iter().map(|y| {
            let mean = y.iter().sum::<f64>() / n as f64;
            &v * DVector::from_iterator(n, y.iter().map(|y| y - mean))
        });
        let right: Vec<DVector<f64>> = centred
            .map(|y| {
                let quadratic = kernels.iter().map(|kernel| (kernel * &y).dot(&y));
                DVector::from_iterator(k + 1, quadratic.chain([y.dot(&y)]))
            })
            .collect();
        let values = matrix.clone().svd(false, false).singular_values;
        let lu = matrix.clone().full_piv_lu();
        let nothing = DVector::from_element(k + 1, f64::NAN);
        let sigma = right.iter().map(|q| lu.solve(q).unwrap_or_else(|| nothing.clone())).collect();
        Ok(SolvedModel {
            condition: values.max() / values.min(),
            matrix,
            right,
            sigma,
            columns: counts,
            units,
            members,
            sets,
            by_trace: self.by_trace,
        })
    }
}

impl SolvedModel {
    /// What shares are made of: sigma_k tr(V K_k), or sigma_k in the units of the environments.
    pub fn weighted(&self, of: usize) -> Vec<f64> {
        let residual = self.matrix.ncols() - 1;
        let weight = |k: usize| {
            if self.by_trace { self.matrix[(k, residual)] } else { 1.0 / self.units[k] }
        };
        (0..=residual).map(|k| self.sigma[of][k] * weight(k)).collect()
    }

    /// h2 of each component.
    pub fn h2(&self, of: usize) -> Vec<f64> {
        let weighted = self.weighted(of);
        let all: f64 = weighted.iter().sum();
        weighted[..weighted.len() - 1].iter().map(|w| w / all).collect()
    }

    /// (h2_k / h2) / (M_k / M) of each component of columns, from what every column explains: among the
    /// components times the same environment.
    pub fn enrichment(&self, of: usize) -> Vec<f64> {
        let weighted = self.weighted(of);
        let of_columns = self.columns.iter().filter(|&&m| m > 0).count();
        let mut enrichment = Vec::new();
        for first in (0..of_columns).step_by(self.sets) {
            let (mut sets, mut total) = (vec![0.0; self.sets], 0.0);
            for members in &self.members {
                let each = |&b: &usize| weighted[first + b] / self.columns[b] as f64;
                let column: f64 = members.iter().map(each).sum();
                for &b in members {
                    sets[b] += column;
                }
                total += column;
            }
            let all = self.members.len() as f64;
            let share = |(k, h2): (usize, &f64)| (h2 / total) / (self.columns[k] as f64 / all);
            enrichment.extend(sets.iter().enumerate().map(share));
        }
        enrichment
    }
}

/// (c - mean c) / (2p (1 - p)); `None` where c is the same for everybody.
fn deviations(codes: &[u8]) -> Option<DVector<f64>> {
    let known: Vec<f64> = codes.iter().filter_map(|&code| copies(code)).collect();
    let p = known.iter().sum::<f64>() / (2.0 * known.len() as f64);
    if known.is_empty() || p <= 0.0 || p >= 1.0 {
        return None;
    }
    let coded = |g: f64| {
        if g > 1.5 {
            4.0 * p - 2.0
        } else if g > 0.5 {
            2.0 * p
        } else {
            0.0
        }
    };
    let mean = known.iter().map(|&g| coded(g)).sum::<f64>() / known.len() as f64;
    let d = |&code: &u8| copies(code).map_or(0.0, |g| (coded(g) - mean) / (2.0 * p * (1.0 - p)));
    let column = DVector::from_iterator(codes.len(), codes.iter().map(d));
    (column.amax() > 0.0).then_some(column)
}
