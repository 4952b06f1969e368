//! One model, and what a few rows teach it.

use serde::{Deserialize, Serialize};

use super::loss::{BATCH, Lanes, Loss};
use super::options::Options;
use super::weights::{Pace, Weights};
use crate::encode::{Encoded, NOWHERE};

/// What a model has learned.
///
/// Weights of numbers come first, then the intercepts, both one for each output: they take every step.
/// Those of indicators take a step when they occur.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Learned {
    pub(super) steps: u64,
    pub(super) rows: u64,
    pub(super) numbers: Weights,
    pub(super) indicators: Weights,
    /// The last step of each indicator.
    last: Vec<u64>,
}

/// How large a model is. Of indicators there are as many as of features: those of numbers are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) numbers: usize,
    pub(super) indicators: usize,
    pub(super) outputs: usize,
}

/// Some rows of a chunk, at most [`BATCH`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch<'a> {
    pub(super) rows: &'a Encoded,
    pub(super) from: usize,
    pub(super) count: usize,
}

/// Room for the work on one batch.
#[derive(Debug)]
pub(super) struct Scratch {
    /// Margins, and then slopes, of each output.
    outputs: Vec<Lanes>,
    gradient: Vec<f64>,
    /// Indicators of a term, with the row of the batch that has them.
    places: Vec<(u32, usize)>,
    /// A coordinate of indicators whose weight is no longer finite.
    lost: Option<usize>,
}

impl Shape {
    /// Bytes of a model, at most, in memory and saved.
    pub(super) fn bytes(self) -> usize {
        let Self { numbers, indicators, outputs } = self;
        // A step is saved as up to 10 bytes.
        (numbers + 1 + indicators) * outputs * Weights::BYTES + indicators * 10 + 512
    }
}

impl Learned {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            steps: 0,
            rows: 0,
            numbers: Weights::new((shape.numbers + 1) * shape.outputs),
            indicators: Weights::new(shape.indicators * shape.outputs),
            last: vec![0; shape.indicators],
        }
    }

    /// Learns from some rows; their loss before, if it is `wanted`.
    pub(super) fn learn(
        &mut self,
        loss: Loss,
        batch: Batch<'_>,
        options: &Options,
        wanted: bool,
        scratch: &mut Scratch,
    ) -> f64 {
        self.margins(batch, scratch);
        let target = batch.target();
        let lost = loss.slopes(&mut scratch.outputs, &target, batch.count, wanted);
        self.steps += 1;
        self.rows += batch.count as u64;
        let pace = Pace::new(options, self.steps, self.rows);
        self.follow(batch, &pace, scratch);
        lost
    }

    /// The margins of some rows, with the weights in use now.
    fn margins(&self, batch: Batch<'_>, scratch: &mut Scratch) {
        let outputs = scratch.outputs.len();
        let weights = self.numbers.current();
        let (of_columns, intercepts) = weights.split_at(weights.len() - outputs);
        for (output, margins) in scratch.outputs.iter_mut().enumerate() {
            let mut sums = [intercepts[output]; BATCH];
            for (column, weights) in of_columns.chunks_exact(outputs).enumerate() {
                let values = batch.column(column);
                for (sum, value) in sums.iter_mut().zip(&values) {
                    *sum += weights[output] * value;
                }
            }
            *margins = sums;
        }
        let weights = self.indicators.current();
        for places in batch.places() {
            for (row, &place) in places.iter().enumerate().filter(|(_, place)| **place != NOWHERE) {
                let weights = &weights[place as usize * outputs..][..outputs];
                for (margins, weight) in scratch.outputs.iter_mut().zip(weights) {
                    margins[row] += weight;
                }
            }
        }
    }

    /// A step along the gradient, of which the slopes of the outputs are at hand.
    fn follow(&mut self, batch: Batch<'_>, pace: &Pace, scratch: &mut Scratch) {
        let Scratch { outputs, gradient, places, lost } = scratch;
        gradient.clear();
        for column in 0..batch.rows.columns.len() {
            let values = batch.column(column);
            gradient.extend(outputs.iter().map(|slopes| product(slopes, &values)));
        }
        self.numbers.step(0, gradient, pace);
        let first = gradient.len();
        gradient.clear();
        gradient.extend(outputs.iter().map(|slopes| product(slopes, &[1.0; BATCH])));
        self.numbers.step(first, gradient, &pace.free());

        for of_term in batch.places() {
            places.clear();
            let there = of_term.iter().enumerate().filter(|(_, place)| **place != NOWHERE);
            places.extend(there.map(|(row, &place)| (place, row)));
            places.sort_unstable();
            for same in places.chunk_by(|(one, _), (other, _)| one == other) {
                let place = same[0].0 as usize;
                let (from, count) = (place * outputs.len(), outputs.len());
                let sum = |slopes: &Lanes| same.iter().map(|&(_, row)| slopes[row]).sum::<f64>();
                gradient.clear();
                gradient.extend(outputs.iter().map(sum));
                self.indicators.catch_up(from, count, self.last[place], self.steps - 1);
                self.indicators.step(from, gradient, pace);
                self.last[place] = self.steps;
                *lost = lost.or(self.indicators.not_finite(from..from + count));
            }
        }
    }

    /// A coordinate of numbers or intercepts whose weight is not finite.
    pub(super) fn lost(&self) -> Option<usize> {
        self.numbers.not_finite(0..self.numbers.current().len())
    }

    /// Brings all averages up to the last step.
    pub(super) fn catch_up(&mut self, outputs: usize) {
        for (place, last) in self.last.iter_mut().enumerate() {
            self.indicators.catch_up(place * outputs, outputs, *last, self.steps);
            *last = self.steps;
        }
    }
}

impl Batch<'_> {
    /// The values of a column, and 0 behind the last row.
    fn column(self, column: usize) -> Lanes {
        lanes(&self.rows.column(column)[self.from..self.from + self.count])
    }

    fn target(self) -> Lanes {
        lanes(&self.rows.target[self.from..self.from + self.count])
    }

    /// The indicators of these rows, term by term.
    fn places(&self) -> impl Iterator<Item = &[u32]> {
        let rows = self.from..self.from + self.count;
        self.rows.terms().map(move |places| &places[rows.clone()])
    }
}

fn lanes(values: &[f64]) -> Lanes {
    if let Ok(lanes) = values.try_into() {
        return lanes;
    }
    let mut lanes = [0.0; BATCH];
    lanes[..values.len()].copy_from_slice(values);
    lanes
}

/// The sum of products, in an order of its own, which any instruction set keeps.
fn product(one: &Lanes, other: &Lanes) -> f64 {
    const HALF: usize = BATCH / 2;
    let mut sums: [f64; HALF] =
        std::array::from_fn(|at| one[at] * other[at] + one[at + HALF] * other[at + HALF]);
    let mut width = HALF / 2;
    while width > 0 {
        for at in 0..width {
            sums[at] += sums[at + width];
        }
        width /= 2;
    }
    sums[0]
}

impl Scratch {
    pub(super) fn new(shape: Shape) -> Self {
        Self {
            outputs: vec![[0.0; BATCH]; shape.outputs],
            gradient: Vec::with_capacity(shape.numbers * shape.outputs),
            places: Vec::with_capacity(BATCH),
            lost: None,
        }
    }

    /// A coordinate of indicators whose weight was no longer finite after a step.
    pub(super) fn lost(&self) -> Option<usize> {
        self.lost
    }

    /// Bytes of it.
    pub(super) fn bytes(shape: Shape) -> usize {
        shape.outputs * (size_of::<Lanes>() + (shape.numbers + 1) * size_of::<f64>()) + 1024
    }
}
