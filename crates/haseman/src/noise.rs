//! Noise that grows with environments: K = E E, E = diag(e), exactly.

use crate::environment::Environment;
use crate::pairs::pairs;
use crate::projection::Projection;
use crate::traits::Scaled;

/// What the equations need of the noise of each environment, which no variant changes.
///
/// With D = E E and h_i = |Q_i|^2 for row i of Q,
///
/// ```text
/// tr(V D)      = sum_i d_i (1 - h_i)
/// tr(V D V D') = sum_i d_i d'_i (1 - 2 h_i) + tr(Q'D Q Q'D'Q)
/// y' V D V y   = sum_i d_i (V y)_i^2
/// ```
#[derive(Clone, Debug, Default)]
pub(crate) struct Noise {
    /// tr(V D_a).
    pub(crate) traces: Vec<f64>,
    /// tr(V D_a V D_b) for a <= b.
    pub(crate) grams: Vec<f64>,
    /// y_t' V D_a V y_u of unit variance, for environment, trait and trait.
    products: Vec<f64>,
    traits: usize,
}

impl Noise {
    /// Of these environments, for traits that are projected already.
    pub(crate) fn new(
        environments: &[Environment],
        projection: &Projection,
        traits: &[Scaled],
    ) -> Self {
        let squares = |of: &Environment| of.scaled().iter().map(|e| e * e).collect::<Vec<f64>>();
        let squares: Vec<Vec<f64>> = environments.iter().map(squares).collect();
        let individuals = squares.first().map_or(0, Vec::len);
        let leverage = |i: usize| projection.basis().iter().map(|q| q[i] * q[i]).sum::<f64>();
        let leverages: Vec<f64> = (0..individuals).map(leverage).collect();
        let inside: Vec<Vec<f64>> = squares.iter().map(|d| within(d, projection)).collect();
        let trace = |d: &Vec<f64>| d.iter().zip(&leverages).map(|(d, h)| d * (1.0 - h)).sum();
        let gram = |a: usize, b: usize| {
            let rows = squares[a].iter().zip(&squares[b]).zip(&leverages);
            let outside: f64 = rows.map(|((a, b), h)| a * b * (1.0 - 2.0 * h)).sum();
            outside + inside[a].iter().zip(&inside[b]).map(|(a, b)| a * b).sum::<f64>()
        };
        let mut grams = Vec::with_capacity(pairs(squares.len()));
        let mut products = Vec::new();
        for (a, d) in squares.iter().enumerate() {
            grams.extend((a..squares.len()).map(|b| gram(a, b)));
            for t in traits {
                for u in traits {
                    let rows = d.iter().zip(t.values().iter().zip(u.values()));
                    products.push(rows.map(|(d, (t, u))| d * t * u).sum());
                }
            }
        }
        let traces = squares.iter().map(trace).collect();
        Self { traces, grams, products, traits: traits.len() }
    }

    /// y_t' V D V y_u for each environment, of two traits of unit variance.
    pub(crate) fn right(&self, (t, u): (usize, usize)) -> impl Iterator<Item = f64> {
        let place = t * self.traits + u;
        self.products.chunks_exact((self.traits * self.traits).max(1)).map(move |of| of[place])
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        (self.traces.len() + self.grams.len() + self.products.len()) * size_of::<f64>()
    }
}

/// Q'D Q, entry after entry.
fn within(d: &[f64], projection: &Projection) -> Vec<f64> {
    let basis = projection.basis();
    let entry = |p: &Vec<f64>, q: &Vec<f64>| {
        p.iter().zip(q).zip(d).map(|((p, q), d)| p * q * d).sum::<f64>()
    };
    basis.iter().flat_map(|p| basis.iter().map(move |q| entry(p, q))).collect()
}
