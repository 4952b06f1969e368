//! What the model finds.

use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::pairs::pair;

/// The solved moment equations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Which components there are.
    pub layout: Layout,
    /// Variants of each component: M_k; none for noise.
    pub columns: Vec<u64>,
    /// Variants that two components k <= l share, row by row: (0, 0), (0, 1), .. (1, 1), ..
    pub shared: Vec<u64>,
    /// Different columns in all sets together: a column in several sets is one.
    pub distinct: u64,
    /// Variants in any component.
    pub variants: u64,
    /// The left side, (K + 1) x (K + 1), row after row, the residual last.
    pub matrix: Vec<f64>,
    /// Largest eigenvalue of the left side over its smallest, by size.
    pub condition: f64,
    /// One for each trait.
    pub traits: Vec<Variances>,
    /// One for each two traits t < u, row by row: (0, 1), (0, 2), .. (1, 2), ..; none unless they
    /// were asked for.
    pub pairs: Vec<Variances>,
}

/// The variances of one trait, in the square of its unit; or the covariances of two, in the product
/// of their units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variances {
    /// The right side: y' V K_k V y for each component, and y' V y.
    pub right: Vec<f64>,
    /// sigma_k for each component, and that of the residual. Negative ones stand as they are.
    pub sigma: Vec<f64>,
}

impl Estimate {
    /// How many components, the residual not counted.
    pub fn components(&self) -> usize {
        self.columns.len()
    }

    /// sigma_k of a trait; the residual has the number [`components`](Self::components).
    ///
    /// # Panics
    /// If there is no such trait or component; so do the other methods.
    pub fn variance(&self, of: usize, component: usize) -> f64 {
        self.traits[of].sigma[component]
    }

    /// h2_k = sigma_k / sum of all sigma, as the peers define it; or
    /// [`h2_by_trace`](Self::h2_by_trace), where the layout says so.
    pub fn h2(&self, of: usize, component: usize) -> f64 {
        self.weighted(of, component) / self.all_weighted(of)
    }

    /// The sum of h2_k over the components.
    pub fn h2_total(&self, of: usize) -> f64 {
        self.h2_of(of, 0..self.components())
    }

    /// The sum of h2_k over some of them.
    pub fn h2_of(&self, of: usize, components: impl IntoIterator<Item = usize>) -> f64 {
        let some: f64 = components.into_iter().map(|k| self.weighted(of, k)).sum();
        some / self.all_weighted(of)
    }

    /// sigma_k tr(V K_k) over the sum of these, the residual with tr V: shares of the variance that
    /// the individuals have, whatever the scale of K_k.
    pub fn h2_by_trace(&self, of: usize, component: usize) -> f64 {
        self.by_trace(of, component) / self.all_by_trace(of)
    }

    /// The sum of `h2_by_trace` over the components.
    pub fn h2_by_trace_total(&self, of: usize) -> f64 {
        self.h2_by_trace_of(of, 0..self.components())
    }

    /// The sum of `h2_by_trace` over some of them.
    pub fn h2_by_trace_of(&self, of: usize, components: impl IntoIterator<Item = usize>) -> f64 {
        let some: f64 = components.into_iter().map(|k| self.by_trace(of, k)).sum();
        some / self.all_by_trace(of)
    }

    /// What the variants of a bin explain, with what they have from other bins that hold them: the
    /// h2 of a variant is the sum of sigma_b / M_b over its bins b, so that of bin k is the sum of
    /// C_kb sigma_b / M_b, over the sum of all sigma, for C_kb variants that k and b share. Where no
    /// bins overlap it is h2_k. (Pazokitoroudi et al. 2020, Methods, overlapping annotations.) Bins
    /// times an environment share with bins times the same one.
    pub fn h2_with_overlap(&self, of: usize, component: usize) -> f64 {
        self.explained(of, component) / self.all_weighted(of)
    }

    /// (h2_k / h2) / (M_k / M), with h2_k as [`h2_with_overlap`](Self::h2_with_overlap) and M the
    /// different columns of all sets; h2 is that of all components times the same environment, or of
    /// all times none. NaN for noise.
    pub fn enrichment(&self, of: usize, component: usize) -> f64 {
        let alike = (0..self.components()).filter(|&l| self.layout.alike(component, l));
        let all: f64 = alike.map(|l| self.weighted(of, l)).sum();
        let share = self.explained(of, component) / all;
        share / (self.columns[component] as f64 / self.distinct as f64)
    }

    /// The covariance of component k of two traits t < u; the residual has the number
    /// [`components`](Self::components).
    ///
    /// # Panics
    /// If covariances were not asked for.
    pub fn covariance(&self, (t, u): (usize, usize), component: usize) -> f64 {
        self.of_pair(t, u).sigma[component]
    }

    /// The sum of the covariances of all components that are times no environment, of two traits t < u.
    ///
    /// # Panics
    /// If covariances were not asked for.
    pub fn genetic_covariance(&self, (t, u): (usize, usize)) -> f64 {
        self.genetic(self.of_pair(t, u))
    }

    /// The genetic covariance of two traits t < u over the roots of their genetic variances; NaN
    /// where one of these is negative.
    ///
    /// # Panics
    /// If covariances were not asked for.
    pub fn genetic_correlation(&self, (t, u): (usize, usize)) -> f64 {
        let variance = |t: usize| self.genetic(&self.traits[t]);
        self.genetic_covariance((t, u)) / (variance(t).sqrt() * variance(u).sqrt())
    }

    /// The same of one component, the residual among them.
    ///
    /// # Panics
    /// If covariances were not asked for.
    pub fn correlation(&self, (t, u): (usize, usize), component: usize) -> f64 {
        let variance = |t: usize| self.traits[t].sigma[component];
        self.covariance((t, u), component) / (variance(t).sqrt() * variance(u).sqrt())
    }

    /// tr(V K_k), or tr V for the residual.
    pub fn trace(&self, component: usize) -> f64 {
        let size = self.components() + 1;
        self.matrix[component * size + size - 1]
    }

    fn genetic(&self, of: &Variances) -> f64 {
        of.sigma[..self.layout.sets].iter().sum()
    }

    fn of_pair(&self, t: usize, u: usize) -> &Variances {
        // The pairs of a trait with itself are not there: t + 1 of them come before.
        &self.pairs[pair(t, u, self.traits.len()) - t - 1]
    }

    /// The sum of C_kb sigma_b / M_b over components b.
    fn explained(&self, of: usize, k: usize) -> f64 {
        let share = |b: usize| {
            let shared = self.shared[pair(k.min(b), k.max(b), self.components())];
            if b == k { 1.0 } else { shared as f64 / self.columns[b].max(1) as f64 }
        };
        (0..self.components()).map(|b| share(b) * self.weighted(of, b)).sum()
    }

    /// What shares are made of.
    fn weighted(&self, of: usize, component: usize) -> f64 {
        if self.layout.by_trace {
            self.by_trace(of, component)
        } else {
            self.traits[of].sigma[component]
        }
    }

    fn all_weighted(&self, of: usize) -> f64 {
        (0..=self.components()).map(|k| self.weighted(of, k)).sum()
    }

    fn by_trace(&self, of: usize, component: usize) -> f64 {
        self.traits[of].sigma[component] * self.trace(component)
    }

    fn all_by_trace(&self, of: usize) -> f64 {
        (0..=self.components()).map(|k| self.by_trace(of, k)).sum()
    }
}
