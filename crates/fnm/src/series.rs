//! Series of samples, centred and of length 1.

use std::ops::Range;

use twoblade_brain::Run;

/// Voxels of a tile: what is normalized and multiplied at a time.
pub(crate) const TILE: usize = 1024;

/// The series of up to [`TILE`] voxels over some runs, each run centred, each series of length 1.
#[derive(Debug, Default)]
pub(crate) struct Tile {
    /// `values[t * TILE + v]`; 0 for voxels without a series.
    pub(crate) values: Vec<f32>,
    /// Whether a voxel has a series: it varies, and is finite.
    pub(crate) valid: Vec<bool>,
    /// `means[run * TILE + v]`.
    means: Vec<f64>,
    lows: Vec<f32>,
    highs: Vec<f32>,
    /// Sums of squares, and then 1 over their roots.
    scales: Vec<f64>,
    /// 1 over the lengths that rounding to floats left.
    pub(crate) lengths: Vec<f64>,
}

impl Tile {
    /// Bytes of one.
    pub(crate) fn bytes(time_points: usize, runs: usize) -> usize {
        time_points * TILE * size_of::<f32>() + TILE * (25 + 8 * runs)
    }

    /// Fills it with the voxels `range` of a mask of `voxels`; `bad` voxels have no series.
    ///
    /// Means are doubles and subtracted before anything is squared, so an offset of all samples costs
    /// no digits; a sample is rounded once, when its series has length 1. The rounding moves a
    /// series along itself and aside: a correlation near 1 sees the first alone, and dividing by the
    /// length that is left undoes it. What stays is 1e-7 of sqrt(1 - r^2).
    pub(crate) fn fill(&mut self, runs: &[Run], voxels: usize, range: &Range<usize>, bad: &[bool]) {
        let width = range.len();
        let time_points: usize = runs.iter().map(|run| run.time_points).sum();
        self.values.resize(time_points * TILE, 0.0);
        self.means.resize(runs.len() * TILE, 0.0);
        self.lows.resize(TILE, 0.0);
        self.highs.resize(TILE, 0.0);
        self.scales.clear();
        self.scales.resize(TILE, 0.0);
        self.valid.clear();
        self.valid.resize(TILE, false);
        for (run, means) in runs.iter().zip(self.means.chunks_exact_mut(TILE)) {
            means.fill(0.0);
            self.lows.fill(f32::INFINITY);
            self.highs.fill(f32::NEG_INFINITY);
            for row in rows(run, voxels, range) {
                let bounds = self.lows.iter_mut().zip(&mut self.highs);
                for ((sum, (low, high)), &x) in means.iter_mut().zip(bounds).zip(row) {
                    *sum += f64::from(x);
                    *low = low.min(x);
                    *high = high.max(x);
                }
            }
            let bounds = self.lows.iter().zip(&self.highs);
            for ((valid, mean), (&low, &high)) in self.valid.iter_mut().zip(means).zip(bounds) {
                *valid |= low < high;
                // Samples that are equal leave exactly nothing beside their mean.
                *mean = if low < high { *mean / run.time_points as f64 } else { f64::from(low) };
            }
        }
        for (run, means) in runs.iter().zip(self.means.chunks_exact(TILE)) {
            for row in rows(run, voxels, range) {
                for ((square, &x), mean) in self.scales.iter_mut().zip(row).zip(means) {
                    let x = f64::from(x) - mean;
                    *square += x * x;
                }
            }
        }
        let bad = &bad[range.clone()];
        for (place, (valid, scale)) in self.valid.iter_mut().zip(&mut self.scales).enumerate() {
            *valid = *valid && place < width && !bad[place] && scale.is_normal();
            *scale = if *valid { 1.0 / scale.sqrt() } else { 0.0 };
        }
        self.lengths.clear();
        self.lengths.resize(TILE, 0.0);
        let mut out = self.values.chunks_exact_mut(TILE);
        for (run, means) in runs.iter().zip(self.means.chunks_exact(TILE)) {
            for (row, out) in rows(run, voxels, range).zip(out.by_ref()) {
                let columns = row.iter().zip(means).zip(self.scales.iter().zip(&self.valid));
                let out = out.iter_mut().zip(&mut self.lengths);
                for ((out, square), ((&x, mean), (scale, valid))) in out.zip(columns) {
                    #[expect(clippy::cast_possible_truncation, reason = "rounded on purpose")]
                    let x = ((f64::from(x) - mean) * scale) as f32;
                    // A sample that is not finite has no series, and times 0 it is still none.
                    *out = if *valid { x } else { 0.0 };
                    *square += f64::from(*out) * f64::from(*out);
                }
            }
        }
        for row in self.values.chunks_exact_mut(TILE) {
            row[width..].fill(0.0);
        }
        for (length, valid) in self.lengths.iter_mut().zip(&self.valid) {
            *length = if *valid { 1.0 / length.sqrt() } else { 0.0 };
        }
    }
}

/// The samples of some voxels, time point by time point.
fn rows<'a>(
    run: &'a Run,
    voxels: usize,
    range: &'a Range<usize>,
) -> impl Iterator<Item = &'a [f32]> {
    run.values.chunks_exact(voxels).map(|row| &row[range.clone()])
}

/// Centres each run of a series of doubles and makes its length 1; false if it has none, because all
/// samples of each run are equal or one is not finite.
pub(crate) fn normalize(series: &mut [f64], runs: &[Run]) -> bool {
    let (mut rest, mut varies) = (&mut *series, false);
    for run in runs {
        let (samples, others) = rest.split_at_mut(run.time_points);
        rest = others;
        let range = samples
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)));
        if range.0 < range.1 {
            varies = true;
            let mean = samples.iter().sum::<f64>() / samples.len() as f64;
            for x in &mut *samples {
                *x -= mean;
            }
        } else {
            samples.fill(0.0);
        }
    }
    let length = series.iter().map(|x| x * x).sum::<f64>().sqrt();
    if !(varies && length.is_normal()) {
        return false;
    }
    for x in series {
        *x /= length;
    }
    true
}
