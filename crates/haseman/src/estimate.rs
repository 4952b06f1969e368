//! What the model finds.

use serde::{Deserialize, Serialize};

/// The solved moment equations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Variants of each component: M_k.
    pub columns: Vec<u64>,
    /// The left side, (K + 1) x (K + 1), row after row, the residual last.
    pub matrix: Vec<f64>,
    /// Largest eigenvalue of the left side over its smallest, by size.
    pub condition: f64,
    /// One for each trait.
    pub traits: Vec<Variances>,
}

/// The variances of one trait, in the square of its unit.
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

    /// h2_k = sigma_k / sum of all sigma, as the peers define it.
    pub fn h2(&self, of: usize, component: usize) -> f64 {
        let sigma = &self.traits[of].sigma;
        sigma[component] / sigma.iter().sum::<f64>()
    }

    /// The sum of h2_k over the components.
    pub fn h2_total(&self, of: usize) -> f64 {
        let sigma = &self.traits[of].sigma;
        let genetic: f64 = sigma[..self.components()].iter().sum();
        genetic / (genetic + sigma[self.components()])
    }

    /// sigma_k tr(V K_k) over the sum of these, the residual with tr V: shares of the variance that
    /// the individuals have, whatever the scale of K_k.
    pub fn h2_by_trace(&self, of: usize, component: usize) -> f64 {
        self.by_trace(of, component) / self.all_by_trace(of)
    }

    /// The sum of `h2_by_trace` over the components.
    pub fn h2_by_trace_total(&self, of: usize) -> f64 {
        let genetic: f64 = (0..self.components()).map(|k| self.by_trace(of, k)).sum();
        genetic / self.all_by_trace(of)
    }

    /// (h2_k / h2) / (M_k / M).
    pub fn enrichment(&self, of: usize, component: usize) -> f64 {
        let sigma = &self.traits[of].sigma[..self.components()];
        let share = sigma[component] / sigma.iter().sum::<f64>();
        let all = self.columns.iter().sum::<u64>() as f64;
        share / (self.columns[component] as f64 / all)
    }

    /// tr(V K_k), or tr V for the residual.
    pub fn trace(&self, component: usize) -> f64 {
        let size = self.components() + 1;
        self.matrix[component * size + size - 1]
    }

    fn by_trace(&self, of: usize, component: usize) -> f64 {
        self.traits[of].sigma[component] * self.trace(component)
    }

    fn all_by_trace(&self, of: usize) -> f64 {
        (0..=self.components()).map(|k| self.by_trace(of, k)).sum()
    }
}
