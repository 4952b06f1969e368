//! The same steps written out: dense rows, every penalty and average at every step.

use twoblade_learn::Features;
use twoblade_learn::sgd::Options;

use crate::data::{Row, indicators};

/// What is learned: weights in use, sums, averages, by feature and output; the intercept is last.
struct Steps {
    outputs: usize,
    z: Vec<Vec<f64>>,
    n: Vec<Vec<f64>>,
    w: Vec<Vec<f64>>,
    average: Vec<Vec<f64>>,
    batches: f64,
    rows: f64,
}

impl Steps {
    fn new(width: usize, outputs: usize) -> Self {
        let zeros = || vec![vec![0.0; width + 1]; outputs];
        let (z, n, w, average) = (zeros(), zeros(), zeros(), zeros());
        Self { outputs, z, n, w, average, batches: 0.0, rows: 0.0 }
    }

    fn margins(&self, row: &Row) -> Vec<f64> {
        let margin =
            |w: &Vec<f64>| row.x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() + w[row.x.len()];
        self.w.iter().map(margin).collect()
    }

    fn step(&mut self, batch: &[Row], (options, indicators): (&Options, &[bool]), squared: bool) {
        let width = indicators.len();
        let mut gradient = vec![vec![0.0; width + 1]; self.outputs];
        for row in batch {
            let slopes = slopes(&self.margins(row), row, squared);
            for (gradient, slope) in gradient.iter_mut().zip(slopes) {
                for (gradient, x) in gradient.iter_mut().zip(row.x.iter().chain([&1.0])) {
                    *gradient += slope * x;
                }
            }
        }
        self.batches += 1.0;
        self.rows += batch.len() as f64;
        for (output, gradient) in gradient.iter().enumerate() {
            for at in 0..=width {
                let occurs = at == width || batch.iter().any(|row| row.x[at] != 0.0);
                if occurs || !indicators[at] {
                    let (g, n) = (gradient[at], self.n[output][at]);
                    let sigma = ((n + g * g).sqrt() - n.sqrt()) / options.rate;
                    self.z[output][at] += g - sigma * self.w[output][at];
                    self.n[output][at] = n + g * g;
                    let penalized = if at < width { self.rows } else { 0.0 };
                    let (l1, l2) = (penalized * options.l1, penalized * options.l2);
                    let z = self.z[output][at];
                    let pull = if z.abs() <= l1 { 0.0 } else { z - z.signum() * l1 };
                    self.w[output][at] = -pull / ((1.0 + (n + g * g).sqrt()) / options.rate + l2);
                }
                let share = 2.0 / (self.batches + 1.0);
                self.average[output][at] += share * (self.w[output][at] - self.average[output][at]);
            }
        }
    }
}

fn slopes(margins: &[f64], row: &Row, squared: bool) -> Vec<f64> {
    if squared {
        return vec![margins[0] - row.y];
    }
    chances(margins)
        .iter()
        .enumerate()
        .skip(usize::from(margins.len() == 1))
        .map(|(class, p)| p - f64::from(u8::from(row.class() == class)))
        .collect()
}

/// The probability of each class.
pub(crate) fn chances(margins: &[f64]) -> Vec<f64> {
    let margins = if margins.len() == 1 { vec![0.0, margins[0]] } else { margins.to_vec() };
    let sizes: Vec<f64> = margins.iter().map(|margin| margin.exp()).collect();
    let sum: f64 = sizes.iter().sum();
    sizes.iter().map(|size| size / sum).collect()
}

/// Log loss, or the squared error.
pub(crate) fn loss(margins: &[f64], row: &Row, squared: bool) -> f64 {
    if squared { (margins[0] - row.y).powi(2) } else { -chances(margins)[row.class()].ln() }
}

/// Averages in units of the scales, the intercept last, of each output (0 where l1 holds the last weight
/// there); and the mean loss of the first
/// epoch. Rows come in batches; `without` says which are left out.
pub(crate) fn learned(
    batches: &[Vec<Row>],
    features: &Features,
    (options, epochs): (&Options, u32),
    (outputs, squared): (usize, bool),
    without: impl Fn(&Row) -> bool,
) -> (Vec<Vec<f64>>, f64) {
    let indicators = indicators(features);
    let mut steps = Steps::new(indicators.len(), outputs);
    let (mut losses, mut rows) = (0.0, 0.0);
    for epoch in 0..epochs {
        for batch in batches.iter().filter(|batch| !without(&batch[0])) {
            if epoch == 0 {
                rows += batch.len() as f64;
                let of_row = |row: &Row| loss(&steps.margins(row), row, squared);
                losses += batch.iter().map(of_row).sum::<f64>();
            }
            steps.step(batch, (options, &indicators), squared);
        }
    }
    let told = |output: usize, at: usize| {
        let held = options.l1 > 0.0 && steps.w[output][at] == 0.0;
        if held { 0.0 } else { steps.average[output][at] }
    };
    let told =
        (0..outputs).map(|output| (0..=indicators.len()).map(|at| told(output, at)).collect());
    (told.collect(), losses / rows)
}

/// Rows by chunks of so many rows of the table, and in those by 16, but never across the end of a fold.
pub(crate) fn batches(rows: &[Row], chunk: u64, options: &Options) -> Vec<Vec<Row>> {
    let fold = |row: &Row| options.folds.map(|folds| folds.of(row.index));
    let together = |one: &Row, other: &Row| {
        one.index / chunk == other.index / chunk && fold(one) == fold(other)
    };
    let runs = rows.chunk_by(together);
    runs.flat_map(|run| run.chunks(16).map(<[Row]>::to_vec)).collect()
}
