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
use pulp::{Simd, WithSimd};
use twoblade_core::{FixedSums, Group, Instructions};
use twoblade_geno::kernel::run_wide;

use crate::environment::Environment;
use crate::error::HasemanError;
use crate::grids::Grids;
use crate::layout::{Layout, Made};
use crate::noise::Noise;
use crate::pairs::{pair, pairs};
use crate::panel::Projected;
use crate::projection::Projection;
use crate::rows::{add_along, add_pairs};
use crate::state::{Shape, State};

/// A condition above this is named singular: half of the digits of a double are then gone.
pub const CONDITION_LIMIT: f64 = 1e6;
/// Numbers read at a time in the sweep over individuals.
const SWEEP: usize = 16_384;

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

/// What a sweep needs beside the states.
#[derive(Clone, Debug)]
pub(crate) struct Sweep<'a> {
    pub(crate) shape: &'a Shape,
    pub(crate) grids: Grids,
    pub(crate) projection: &'a Projection,
    pub(crate) environments: &'a [Environment],
    pub(crate) noise: &'a Noise,
    /// They change no bit.
    pub(crate) instructions: Instructions,
    /// V z, where there is noise.
    pub(crate) probes: Option<Projected<'a>>,
}

impl Sweep<'_> {
    /// K_k z~ of individual `i` for every component and probe, from what a state holds of it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn sketch(&self, i: usize, held: &[f64], row: &mut [f64]) {
        let Shape { layout, probes, .. } = *self.shape;
        let (columns, noise) = row.split_at_mut(layout.of_columns() * probes);
        let versions = layout.versions();
        for (place, held) in held.chunks_exact(probes).enumerate() {
            let (set, version) = (place / versions, place % versions);
            let e = version.checked_sub(1).map_or(1.0, |of| self.environments[of].scaled()[i]);
            let k = version * layout.sets + set;
            for (to, a) in columns[k * probes..][..probes].iter_mut().zip(held) {
                *to = e * a;
            }
        }
        let Some(projected) = &self.probes else { return };
        let mut each = noise.chunks_exact_mut(probes);
        let Some(first) = each.next() else { return };
        projected.fill(i, first);
        for (environment, to) in self.environments[1..].iter().zip(each) {
            let square = environment.scaled()[i].powi(2);
            to.iter_mut().zip(&*first).for_each(|(to, z)| *to = square * z);
        }
        let square = self.environments[0].scaled()[i].powi(2);
        for z in first {
            *z *= square;
        }
    }
}

/// The sums of a sweep over the individuals of a total less what is held out.
struct Sweeping<'a, 'b> {
    states: (&'b State, Option<&'b State>),
    of: &'b Sweep<'a>,
}

impl WithSimd for Sweeping<'_, '_> {
    type Output = Vec<f64>;

    /// For k <= l and probe the sums of V a_k V a_l.
    ///
    /// V is applied after the subtraction, through Q'A: |V a|^2 = |a|^2 - |Q'a|^2.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it is compiled for the instructions of its caller")]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f64> {
        let Self { states: (total, held_out), of } = self;
        let Shape { layout, probes, individuals, .. } = *of.shape;
        let components = layout.components();
        let (held, wide) = (of.shape.row(), components * probes);
        let mut numbers = vec![0.0; pairs(components) * probes];
        let mut along = vec![vec![0.0; wide]; of.projection.rank()];
        let rows = rows_at_a_time(wide).min(individuals);
        let mut buffer = vec![0.0; rows * held];
        // Without environments the row of a state is that of the components.
        let plain = layout.environments == 0;
        let mut sketches = vec![0.0; if plain { 0 } else { rows * wide }];
        for first in (0..individuals).step_by(rows) {
            let last = (first + rows).min(individuals);
            let buffer = &mut buffer[..(last - first) * held];
            let without = held_out.map(|state| &state.sketches);
            total.sketches.read(without, of.grids.sketches, first * held..last * held, buffer);
            let rows = if plain {
                &*buffer
            } else {
                let sketches = &mut sketches[..(last - first) * wide];
                let each = buffer.chunks_exact(held).zip(sketches.chunks_exact_mut(wide));
                for (i, (held, sketch)) in (first..last).zip(each) {
                    of.sketch(i, held, sketch);
                }
                &*sketches
            };
            add_pairs(simd, &mut numbers, rows, (components, probes), 1.0);
            let basis: Vec<_> = of.projection.basis().iter().map(|q| &q[first..last]).collect();
            add_along(simd, &mut along, rows, &basis);
        }
        for along in &along {
            add_pairs(simd, &mut numbers, along, (components, probes), -1.0);
        }
        numbers
    }
}

impl<'a> Grams<'a> {
    /// One sweep over the individuals of `total` less `held_out`, for all pairs at once.
    pub(crate) fn sweep(states: (&State, Option<&State>), columns: &[u64], of: &Sweep<'a>) -> Self {
        let Shape { layout, probes, .. } = *of.shape;
        let mut numbers = run_wide(of.instructions, Sweeping { states, of });
        for (sums, scale) in numbers.chunks_exact_mut(probes).zip(pair_scales(columns)) {
            for sum in sums {
                *sum /= scale;
            }
        }
        Self { layout, probes, noise: of.noise, numbers }
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

/// Bytes of the sweep's buffer and sums.
pub(crate) fn sweep_bytes(shape: &Shape) -> usize {
    let components = shape.layout.components();
    let (held, wide) = (shape.row(), components * shape.probes);
    let sums = pairs(components) * shape.probes + (shape.covariates + 1) * wide;
    let rows = if shape.layout.environments == 0 { held } else { held + wide };
    (rows_at_a_time(wide) * rows + sums) * size_of::<f64>()
}

fn rows_at_a_time(row: usize) -> usize {
    (SWEEP / row.max(1)).max(1)
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
