//! The moment equations, from sums to a system and its solution.
//!
//! With K_k = X_k X_k' / M_k and V the projection off the covariates (Pazokitoroudi et al. 2020,
//! Nature Communications 11:4020, equations 3-6):
//!
//! ```text
//! sum_l tr(V K_k V K_l) s_l + tr(V K_k) s_e = y' V K_k V y      for every component k
//! sum_l tr(V K_l) s_l + (N - rank W) s_e    = y' V y
//! ```

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use twoblade_core::{FixedSums, Group};

use crate::error::HasemanError;
use crate::grids::Grids;
use crate::pairs::{pair, pairs};
use crate::projection::Projection;
use crate::state::{Shape, State};

/// A condition above this is named singular: half of the digits of a double are then gone.
pub const CONDITION_LIMIT: f64 = 1e6;
/// Numbers read at a time in the sweep over individuals.
const SWEEP: usize = 16_384;

/// For every probe b the Gram matrix of V K_k z~_b over components: its mean over probes estimates
/// tr(V K_k V K_l).
#[derive(Clone, Debug)]
pub(crate) struct Grams {
    components: usize,
    probes: usize,
    /// For k <= l, row by row, and probe.
    numbers: Vec<f64>,
}

impl Grams {
    /// One sweep over the individuals of `total` less `held_out`, for all pairs at once.
    ///
    /// V is applied after the subtraction, through Q'A: |V a|^2 = |a|^2 - |Q'a|^2.
    pub(crate) fn sweep(
        (total, held_out): (&State, Option<&State>),
        columns: &[u64],
        shape: &Shape,
        projection: &Projection,
        grids: Grids,
    ) -> Self {
        let (components, probes, row) = (shape.components, shape.probes, shape.row());
        let mut numbers = vec![0.0; pairs(components) * probes];
        let mut along = vec![vec![0.0; row]; projection.rank()];
        let rows = rows_at_a_time(row).min(shape.individuals);
        let mut buffer = vec![0.0; rows * row];
        for first in (0..shape.individuals).step_by(rows) {
            let last = (first + rows).min(shape.individuals);
            let buffer = &mut buffer[..(last - first) * row];
            let without = held_out.map(|state| &state.sketches);
            total.sketches.read(without, grids.sketches, first * row..last * row, buffer);
            for (i, sketch) in (first..last).zip(buffer.chunks_exact(row)) {
                for (along, q) in along.iter_mut().zip(projection.basis()) {
                    along.iter_mut().zip(sketch).for_each(|(sum, a)| *sum += q[i] * a);
                }
                add_pairs(&mut numbers, sketch, sketch, probes, 1.0);
            }
        }
        for along in &along {
            add_pairs(&mut numbers, along, along, probes, -1.0);
        }
        let scale = pair_scales(columns);
        for (sums, scale) in numbers.chunks_exact_mut(probes).zip(scale) {
            for sum in sums {
                *sum /= scale;
            }
        }
        Self { components, probes, numbers }
    }

    /// The mean over all probes, or over all but one, as a full K x K matrix.
    pub(crate) fn mean(&self, without: Option<usize>) -> DMatrix<f64> {
        let mut mean = DMatrix::zeros(self.components, self.components);
        let count = (self.probes - usize::from(without.is_some())) as f64;
        let mut pairs = self.numbers.chunks_exact(self.probes);
        for k in 0..self.components {
            for l in k..self.components {
                let probes = pairs.next().expect("a run of probes for every pair");
                let left_out = without.map_or(0.0, |probe| probes[probe]);
                let value = (probes.iter().sum::<f64>() - left_out) / count;
                mean[(k, l)] = value;
                mean[(l, k)] = value;
            }
        }
        mean
    }
}

/// Bytes of the sweep's buffer and sums.
pub(crate) fn sweep_bytes(shape: &Shape) -> usize {
    let row = shape.row();
    (rows_at_a_time(row) * row + pairs(shape.components) * shape.probes + shape.covariates * row)
        * size_of::<f64>()
}

fn rows_at_a_time(row: usize) -> usize {
    (SWEEP / row.max(1)).max(1)
}

/// For k <= l adds `sign` x a_k b_l to the sums of that pair, probe by probe.
fn add_pairs(sums: &mut [f64], a: &[f64], b: &[f64], probes: usize, sign: f64) {
    let mut sums = sums.chunks_exact_mut(probes);
    for (k, a) in a.chunks_exact(probes).enumerate() {
        for b in b.chunks_exact(probes).skip(k) {
            let sums = sums.next().expect("a run of probes for every pair");
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += sign * a * b;
            }
        }
    }
}

/// M_k M_l for k <= l.
fn pair_scales(columns: &[u64]) -> impl Iterator<Item = f64> {
    columns
        .iter()
        .enumerate()
        .flat_map(move |(k, &a)| columns[k..].iter().map(move |&b| a as f64 * b as f64))
}

/// What is summed over variants, of the total less a block: M_k, tr(V K_k), y' V K_k V y.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    /// M_k.
    pub(crate) columns: Vec<u64>,
    /// Columns in both of two components k <= l.
    pub(crate) shared: Vec<u64>,
    /// Variants with a column.
    pub(crate) variants: u64,
    /// tr(V K_k).
    pub(crate) traces: Vec<f64>,
    /// y_t' V K_k V y_u of unit variance, for trait, trait and component.
    products: Vec<f64>,
    traits: usize,
}

impl Sums {
    pub(crate) fn new(
        (total, held_out): (&State, Option<&State>),
        shape: &Shape,
        grids: Grids,
        names: &[String],
    ) -> Result<Self, HasemanError> {
        total.check(held_out)?;
        let (mut shared, mut variants) = (total.shared.clone(), total.variants);
        if let Some(state) = held_out {
            Group::remove(&mut shared, &state.shared);
            variants.remove(&state.variants);
        }
        let count = shape.components;
        let columns: Vec<u64> = (0..count).map(|k| shared[pair(k, k, count)]).collect();
        if let Some(k) = columns.iter().position(|&left| left == 0) {
            let component = names[k].clone();
            let held_out = held_out.map_or(0, |state| state.columns(k, count));
            let all = total.columns(k, count);
            return Err(HasemanError::Empty { component, held_out, all });
        }
        let read = |sums: &FixedSums, without: Option<&FixedSums>, grid| {
            let mut out = vec![0.0; sums.len()];
            sums.read(without, grid, 0..sums.len(), &mut out);
            out
        };
        let mut traces = read(&total.traces, held_out.map(|s| &s.traces), grids.traces);
        traces.iter_mut().zip(&columns).for_each(|(trace, &m)| *trace /= m as f64);
        let products = read(&total.products, held_out.map(|s| &s.products), grids.products);
        Ok(Self { columns, shared, variants, traces, products, traits: shape.traits })
    }

    /// y_t' V K_k V y_u for each component k, of two traits of unit variance.
    pub(crate) fn right(&self, (t, u): (usize, usize)) -> Vec<f64> {
        let product = |k: usize| self.products[(k * self.traits + t) * self.traits + u];
        self.columns.iter().enumerate().map(|(k, &m)| product(k) / m as f64).collect()
    }
}

/// The left side of the equations, decomposed.
#[derive(Clone, Debug)]
pub(crate) struct System {
    pub(crate) matrix: DMatrix<f64>,
    eigen: SymmetricEigen<f64, nalgebra::Dyn>,
}

impl System {
    /// From tr(V K_k V K_l), tr(V K_k) and tr V; the residual comes last.
    pub(crate) fn new(gram: &DMatrix<f64>, traces: &[f64], trace: f64) -> Self {
        let size = traces.len() + 1;
        let matrix = DMatrix::from_fn(size, size, |row, column| {
            match (traces.get(row), traces.get(column)) {
                (Some(_), Some(_)) => gram[(row, column)],
                (Some(&b), None) | (None, Some(&b)) => b,
                (None, None) => trace,
            }
        });
        let eigen = SymmetricEigen::new(matrix.clone());
        Self { matrix, eigen }
    }

    /// The largest eigenvalue over the smallest, by size: infinite for a matrix without an inverse.
    pub(crate) fn condition(&self) -> f64 {
        let sizes = self.eigen.eigenvalues.map(f64::abs);
        sizes.max() / sizes.min()
    }

    /// Refuses a system that does not determine its unknowns, and names those that take part.
    pub(crate) fn check(&self, names: &[String]) -> Result<(), HasemanError> {
        let condition = self.condition();
        // A NaN is refused too.
        if condition <= CONDITION_LIMIT {
            return Ok(());
        }
        let weakest = self.eigen.eigenvalues.map(f64::abs).imin();
        let direction = self.eigen.eigenvectors.column(weakest).map(f64::abs);
        let residual = "residual".to_owned();
        let names = names.iter().chain([&residual]);
        let part = |share: f64| share.is_nan() || share >= 0.3 * direction.max();
        let taking_part = names.zip(direction.iter()).filter(|(_, share)| part(**share));
        let components = taking_part.map(|(name, _)| name.clone()).collect();
        Err(HasemanError::Singular { components, condition, limit: CONDITION_LIMIT })
    }

    /// The variances, the residual last, for the right side of one trait of unit variance; or the
    /// covariances, for that of two.
    pub(crate) fn solve(&self, right: &[f64], y_squared: f64) -> Vec<f64> {
        let right =
            DVector::from_iterator(right.len() + 1, right.iter().copied().chain([y_squared]));
        let vectors = &self.eigen.eigenvectors;
        let inside = (vectors.transpose() * right).component_div(&self.eigen.eigenvalues);
        (vectors * inside).iter().copied().collect()
    }
}
