//! The moment equations, from sums to a system and its solution.
//!
//! With K_k = X_k X_k' / M_k and V the projection off the covariates (Pazokitoroudi et al. 2020,
//! Nature Communications 11:4020, equations 3-6):
//!
//! ```text
//! sum_l tr(V K_k V K_l) s_l + tr(V K_k) s_e = y' V K_k V y      for every component k
//! sum_l tr(V K_l) s_l + (N - rank W) s_e    = y' V y
//! ```
//!
//! Environments are scaled here; [`Scale`] brings what is found back to their own units.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use twoblade_core::{FixedSums, Group};

use crate::environment::Environment;
use crate::error::HasemanError;
use crate::grids::Grids;
use crate::layout::{Layout, Made};
use crate::noise::Noise;
use crate::pairs::pair;
use crate::state::{Shape, State};
use crate::sweep::Sweep;

/// A condition above this is named singular: half of the digits of a double are then gone.
pub const CONDITION_LIMIT: f64 = 1e6;

/// For every probe b the Gram matrix of V K_k z~_b over components: its mean over probes estimates
/// tr(V K_k V K_l). Where both are noise it is known without probes.
#[derive(Clone, Debug)]
pub(crate) struct Grams<'a> {
    layout: Layout,
    probes: usize,
    noise: &'a Noise,
    /// For k <= l, row by row, and probe.
    numbers: Vec<f64>,
}

impl<'a> Grams<'a> {
    /// From the sums of a [`Sweep`], for components of so many columns.
    pub(crate) fn new(mut sums: Vec<f64>, columns: &[u64], of: &Sweep<'a>) -> Self {
        let Shape { layout, probes, .. } = *of.shape;
        for (sums, scale) in sums.chunks_exact_mut(probes).zip(pair_scales(columns)) {
            for sum in sums {
                *sum /= scale;
            }
        }
        Self { layout, probes, noise: of.noise, numbers: sums }
    }

    /// The mean over all probes, or over all but one, as a full K x K matrix.
    pub(crate) fn mean(&self, without: Option<usize>) -> DMatrix<f64> {
        let (components, columns) = (self.layout.components(), self.layout.of_columns());
        let mut mean = DMatrix::zeros(components, components);
        let count = (self.probes - usize::from(without.is_some())) as f64;
        let mut numbers = self.numbers.chunks_exact(self.probes);
        let mut known = self.noise.grams.iter();
        for k in 0..components {
            for l in k..components {
                let probes = numbers.next().expect("a run of probes for every pair");
                let value = if k < columns {
                    let left_out = without.map_or(0.0, |probe| probes[probe]);
                    (probes.iter().sum::<f64>() - left_out) / count
                } else {
                    *known.next().expect("a number for every pair of noises")
                };
                mean[(k, l)] = value;
                mean[(l, k)] = value;
            }
        }
        mean
    }
}

/// M_k M_l for k <= l; noise has no M.
fn pair_scales(columns: &[u64]) -> impl Iterator<Item = f64> {
    columns.iter().enumerate().flat_map(move |(k, &a)| {
        columns[k..].iter().map(move |&b| a.max(1) as f64 * b.max(1) as f64)
    })
}

/// What is summed over variants, of the total less a block: M_k, tr(V K_k), y' V K_k V y.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    /// M_k of each component; none for noise.
    pub(crate) columns: Vec<u64>,
    /// Columns in both of two components k <= l.
    pub(crate) shared: Vec<u64>,
    /// Different columns.
    pub(crate) distinct: u64,
    /// Variants with a column.
    pub(crate) variants: u64,
    /// tr(V K_k).
    pub(crate) traces: Vec<f64>,
    /// M_k y_t' V K_k V y_u of unit variance, for component and product of two traits.
    products: Vec<f64>,
    shape: Shape,
}

impl Sums {
    pub(crate) fn new(
        (total, held_out): (&State, Option<&State>),
        shape: &Shape,
        grids: Grids,
        names: &[String],
    ) -> Result<Self, HasemanError> {
        total.check(held_out)?;
        let (mut shared, mut distinct) = (total.shared.clone(), total.columns);
        let mut variants = total.variants;
        if let Some(state) = held_out {
            Group::remove(&mut shared, &state.shared);
            distinct.remove(&state.columns);
            variants.remove(&state.variants);
        }
        let (layout, sets) = (shape.layout, shape.layout.sets);
        if let Some(set) = (0..sets).find(|&set| shared[pair(set, set, sets)] == 0) {
            let component = names[set].clone();
            let held_out = held_out.map_or(0, |state| state.columns(set, sets));
            let all = total.columns(set, sets);
            return Err(HasemanError::Empty { component, held_out, all });
        }
        let columns: Vec<u64> = (0..layout.components())
            .map(|k| match layout.made(k) {
                Some(Made::Columns { set, .. }) => shared[pair(set, set, sets)],
                _ => 0,
            })
            .collect();
        let shared = of_components(&shared, layout);
        let read = |sums: &FixedSums, without: Option<&FixedSums>, grid| {
            let mut out = vec![0.0; sums.len()];
            sums.read(without, grid, 0..sums.len(), &mut out);
            out
        };
        let mut traces = read(&total.traces, held_out.map(|s| &s.traces), grids.traces);
        traces.iter_mut().zip(&columns).for_each(|(trace, &m)| *trace /= m as f64);
        let products = read(&total.products, held_out.map(|s| &s.products), grids.products);
        Ok(Self { columns, shared, distinct, variants, traces, products, shape: *shape })
    }

    /// y_t' V K_k V y_u for each component k of columns, of two traits t <= u of unit variance.
    pub(crate) fn right(&self, traits: (usize, usize)) -> Vec<f64> {
        let (of, at) = (self.shape.products(), self.shape.product(traits));
        let product = |k: usize| self.products[k * of + at];
        let columns = &self.columns[..self.traces.len()];
        columns.iter().enumerate().map(|(k, &m)| product(k) / m as f64).collect()
    }
}

/// From what sets share to what components do: two that are not alike share no column.
fn of_components(shared: &[u64], layout: Layout) -> Vec<u64> {
    let (sets, components) = (layout.sets, layout.components());
    let between = |k: usize, l: usize| {
        if layout.alike(k, l) { shared[pair(k % sets, l % sets, sets)] } else { 0 }
    };
    (0..components).flat_map(|k| (k..components).map(move |l| between(k, l))).collect()
}

/// What K_k is in the units of the environments, over what it is where these are scaled: powers of two,
/// so nothing is rounded. That of the residual is 1.
#[derive(Clone, Debug)]
pub(crate) struct Scale(Vec<f64>);

impl Scale {
    pub(crate) fn new(layout: Layout, environments: &[Environment]) -> Self {
        let of = |k: usize| match layout.made(k) {
            Some(Made::Columns { environment: Some(e), .. } | Made::Noise { environment: e }) => {
                environments[e].unit().powi(2)
            }
            _ => 1.0,
        };
        Self((0..=layout.components()).map(of).collect())
    }

    /// The left side in those units, row after row.
    pub(crate) fn matrix(&self, scaled: &DMatrix<f64>) -> Vec<f64> {
        let rows = self.0.iter().enumerate();
        rows.flat_map(|(k, a)| self.0.iter().enumerate().map(move |(l, b)| scaled[(k, l)] * a * b))
            .collect()
    }

    /// A right side in those units.
    pub(crate) fn right(&self, scaled: impl IntoIterator<Item = f64>) -> Vec<f64> {
        scaled.into_iter().zip(&self.0).map(|(q, unit)| q * unit).collect()
    }

    /// A solution in those units.
    pub(crate) fn sigma(&self, scaled: impl IntoIterator<Item = f64>) -> Vec<f64> {
        scaled.into_iter().zip(&self.0).map(|(sigma, unit)| sigma / unit).collect()
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
        let largest = self.eigen.eigenvalues.map(f64::abs).max();
        // A NaN is weak too.
        let strong = |value: f64| value.abs() > 0.0 && value.abs() * CONDITION_LIMIT >= largest;
        let values = self.eigen.eigenvalues.iter().enumerate();
        let weak: Vec<_> = values.filter(|(_, value)| !strong(**value)).map(|(at, _)| at).collect();
        let residual = "residual".to_owned();
        let names = names.iter().chain([&residual]).enumerate();
        // Of each direction that is not determined, those that stand for much of it.
        let takes_part = |k: usize| {
            weak.iter().any(|&at| {
                let direction = self.eigen.eigenvectors.column(at);
                let share = direction[k].abs();
                share.is_nan() || share >= 0.3 * direction.map(f64::abs).max()
            })
        };
        let taking_part = names.filter(|&(k, _)| takes_part(k));
        let components = taking_part.map(|(_, name)| name.clone()).collect();
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
