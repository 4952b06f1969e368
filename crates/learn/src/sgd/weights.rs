//! The weights of one model, and how they follow the gradient.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::options::Options;

/// Added to the root of the summed squares, as in the paper: the first steps are no longer than the
/// rate.
const BETA: f64 = 1.0;

/// Weights with their learning rates and averages, output after output for each feature.
///
/// FTRL-proximal (McMahan et al. 2013, KDD, algorithm 1): a coordinate's rate is rate / (1 + root of
/// its summed squared gradients), and w = -(z - sign(z) t l1) / ((1 + root) / rate + t l2) where
/// |z| > t l1, else 0. The penalties count once for every row, t of them, so that they are those of the
/// mean loss however many epochs there are (the composite objective of McMahan 2011, AISTATS). Without
/// penalties this is AdaGrad (Duchi et al. 2011, JMLR 12:2121).
///
/// The average is that of the weights after each step, with weights that grow with the step
/// (Lacoste-Julien, Schmidt and Bach 2012, arXiv:1212.2002): it forgets the start, and the noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Weights {
    /// Less what the steps so far have pulled, the summed gradients.
    z: Vec<f64>,
    /// Summed squares of the gradients.
    squares: Vec<f64>,
    weight: Vec<f64>,
    average: Vec<f64>,
}

impl Weights {
    /// Bytes of one coordinate.
    pub(super) const BYTES: usize = 4 * size_of::<f64>();

    pub(super) fn new(coordinates: usize) -> Self {
        let zeros = || vec![0.0; coordinates];
        Self { z: zeros(), squares: zeros(), weight: zeros(), average: zeros() }
    }

    /// In use now.
    pub(super) fn current(&self) -> &[f64] {
        &self.weight
    }

    /// What is told of a coordinate: its average over all steps; or 0, where l1 holds the last weight
    /// there.
    pub(super) fn told(&self, coordinate: usize, options: &Options) -> f64 {
        let held = options.l1 > 0.0 && self.weight[coordinate] == 0.0;
        if held { 0.0 } else { self.average[coordinate] }
    }

    /// One step: coordinates from `from` on have this gradient.
    pub(super) fn step(&mut self, from: usize, gradient: &[f64], pace: &Pace) {
        let range = from..from + gradient.len();
        let z = &mut self.z[range.clone()];
        let squares = &mut self.squares[range.clone()];
        let weight = &mut self.weight[range.clone()];
        let average = &mut self.average[range];
        for place in 0..gradient.len() {
            let (slope, before) = (gradient[place], squares[place].sqrt());
            squares[place] += slope * slope;
            let root = squares[place].sqrt();
            z[place] += slope - (root - before) * pace.per_rate * weight[place];
            let beyond = (z[place].abs() - pace.l1).max(0.0).copysign(z[place]);
            weight[place] = -beyond / ((BETA + root) * pace.per_rate + pace.l2);
            average[place] += pace.share * (weight[place] - average[place]);
        }
    }

    /// Averages coordinates that have stood still since step `since`, up to `now`.
    pub(super) fn catch_up(&mut self, from: usize, count: usize, since: u64, now: u64) {
        let (since, now) = (since as f64, now as f64);
        // The product of (s - 1) / (s + 1) over the steps between.
        let kept = since * (since + 1.0) / (now * (now + 1.0)).max(1.0);
        for place in from..from + count {
            let weight = self.weight[place];
            self.average[place] = weight + (self.average[place] - weight) * kept;
        }
    }

    /// The first of these coordinates whose weight is not finite.
    pub(super) fn not_finite(&self, mut range: Range<usize>) -> Option<usize> {
        range.find(|&coordinate| !self.weight[coordinate].is_finite())
    }
}

/// What is the same for all coordinates in one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    per_rate: f64,
    /// Times the rows so far.
    l1: f64,
    l2: f64,
    /// Of the newest weights in their average.
    share: f64,
}

impl Pace {
    /// That of step `step`, counted from 1, which ends with row `rows`.
    pub(super) fn new(options: &Options, step: u64, rows: u64) -> Self {
        Self {
            per_rate: 1.0 / options.rate,
            l1: options.l1 * rows as f64,
            l2: options.l2 * rows as f64,
            share: 2.0 / (step as f64 + 1.0),
        }
    }

    /// The same without penalties.
    pub(super) fn free(self) -> Self {
        Self { l1: 0.0, l2: 0.0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options { rate: 0.3, l1: 0.01, l2: 0.02, ..Options::default() }
    }

    /// Coordinates that stand still are averaged at once or step by step.
    #[test]
    fn catching_up_is_averaging_every_step() {
        let mut lazy = Weights::new(1);
        let mut expected = 0.0;
        let (mut since, mut weight) = (0, 0.0);
        let touched = [1_u64, 2, 7, 30];
        for step in 1..=50 {
            let pace = Pace::new(&options(), step, 16 * step);
            if touched.contains(&step) {
                lazy.catch_up(0, 1, since, step - 1);
                lazy.step(0, &[0.5 - step as f64], &pace);
                (since, weight) = (step, lazy.current()[0]);
            }
            expected += 2.0 / (step as f64 + 1.0) * (weight - expected);
        }
        lazy.catch_up(0, 1, since, 50);
        let found = lazy.told(0, &Options::default());
        assert!(found.abs() > 0.1 && (found - expected).abs() < 1e-14, "{found} {expected}");
    }

    /// Algorithm 1 of the paper, written out for one coordinate, with penalties that grow with the rows.
    #[test]
    fn steps_are_those_of_the_paper() {
        let options = options();
        let mut weights = Weights::new(1);
        let (mut z, mut n, mut w) = (0.0, 0.0, 0.0);
        let mut zeros = 0;
        for step in 1..=100_u64 {
            let slope = twoblade_core::Random::new(1, 0).uniform(step, 0) - 0.45;
            let rows = 3 * step;
            weights.step(0, &[slope], &Pace::new(&options, step, rows));
            let sigma = (f64::sqrt(n + slope * slope) - f64::sqrt(n)) / options.rate;
            z += slope - sigma * w;
            n += slope * slope;
            let (l1, l2) = (options.l1 * rows as f64, options.l2 * rows as f64);
            w = if f64::abs(z) <= l1 {
                zeros += 1;
                0.0
            } else {
                -(z - f64::signum(z) * l1) / ((1.0 + f64::sqrt(n)) / options.rate + l2)
            };
            assert!((weights.current()[0] - w).abs() < 1e-13, "{step}");
        }
        assert!((1..100).contains(&zeros), "{zeros}");
    }
}
