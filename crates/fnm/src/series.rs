//! Series of samples, centred and of length 1.

use std::ops::Range;

use twoblade_brain::Run;

use crate::wide::wide;

/// Voxels of a tile: what is normalized and multiplied at a time.
pub(crate) const TILE: usize = 1024;

/// The series of up to [`TILE`] voxels over some runs, each run centred, each series of length 1.
#[derive(Debug, Default)]
pub(crate) struct Tile {
    /// `values[t * TILE + v]`, rounded to floats; 0 for voxels without a series.
    pub(crate) values: Vec<f64>,
    /// Whether a voxel has a series: it varies, and is finite.
    pub(crate) valid: Vec<bool>,
    /// Whether a voxel has two samples in one run that differ.
    pub(crate) varies: Vec<bool>,
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
    pub(crate) fn bytes(time_points: usize) -> usize {
        time_points * TILE * size_of::<f64>() + TILE * (3 * 8 + 2 * 4 + 2)
    }

    /// Fills it with the voxels `range` of a mask of `voxels`; `bad` voxels have no series.
    ///
    /// Means are doubles and subtracted before anything is squared, so an offset of all samples costs
    /// no digits; a sample is rounded once, when its series has length 1. The rounding moves a
    /// series along itself and aside: a correlation near 1 sees the first alone, and dividing by the
    /// length that is left undoes it. What stays is 1e-7 of sqrt(1 - r^2).
    pub(crate) fn fill(&mut self, runs: &[Run], voxels: usize, range: &Range<usize>, bad: &[bool]) {
        let time_points: usize = runs.iter().map(|run| run.time_points).sum();
        self.values.resize(time_points * TILE, 0.0);
        for doubles in [&mut self.means, &mut self.scales, &mut self.lengths] {
            doubles.clear();
            doubles.resize(TILE, 0.0);
        }
        for flags in [&mut self.valid, &mut self.varies] {
            flags.clear();
            flags.resize(TILE, false);
        }
        self.lows.resize(TILE, 0.0);
        self.highs.resize(TILE, 0.0);
        let mut values = self.values.as_mut_slice();
        for run in runs {
            let (of_run, rest) = values.split_at_mut(run.time_points * TILE);
            values = rest;
            self.means.fill(0.0);
            self.lows.fill(f32::INFINITY);
            self.highs.fill(f32::NEG_INFINITY);
            for row in rows(run, voxels, range) {
                wide(
                    #[inline(always)]
                    || add_samples(&mut self.means, &mut self.lows, &mut self.highs, row),
                );
            }
            let bounds = self.lows.iter().zip(&self.highs);
            for ((varies, mean), (&low, &high)) in
                self.varies.iter_mut().zip(&mut self.means).zip(bounds)
            {
                *varies |= low < high;
                // Samples that are equal leave exactly nothing beside their mean.
                *mean = if low < high { *mean / run.time_points as f64 } else { f64::from(low) };
            }
            for (row, out) in rows(run, voxels, range).zip(of_run.chunks_exact_mut(TILE)) {
                wide(
                    #[inline(always)]
                    || centre(out, &mut self.scales, row, &self.means),
                );
                out[row.len()..].fill(0.0);
            }
        }
        let bad = bad[range.clone()].iter().chain(std::iter::repeat(&true));
        let flags = self.valid.iter_mut().zip(&self.varies).zip(bad);
        for (((valid, varies), bad), scale) in flags.zip(&mut self.scales) {
            *valid = *varies && !bad && scale.is_normal();
            *scale = if *valid { 1.0 / scale.sqrt() } else { 0.0 };
        }
        for row in self.values.chunks_exact_mut(TILE) {
            wide(
                #[inline(always)]
                || round(row, &mut self.lengths, &self.scales),
            );
        }
        for (length, valid) in self.lengths.iter_mut().zip(&self.valid) {
            *length = if *valid { 1.0 / length.sqrt() } else { 0.0 };
        }
    }
}

/// Adds samples to sums, and to what is the lowest and the highest.
#[inline]
fn add_samples(sums: &mut [f64], lows: &mut [f32], highs: &mut [f32], row: &[f32]) {
    let bounds = lows.iter_mut().zip(highs);
    for ((sum, (low, high)), &x) in sums.iter_mut().zip(bounds).zip(row) {
        *sum += f64::from(x);
        *low = if x < *low { x } else { *low };
        *high = if x > *high { x } else { *high };
    }
}

/// What samples are beside their means, and the squares of that.
#[inline]
fn centre(out: &mut [f64], squares: &mut [f64], row: &[f32], means: &[f64]) {
    let columns = out.iter_mut().zip(squares).zip(row.iter().zip(means));
    for ((out, square), (&x, mean)) in columns {
        let x = f64::from(x) - mean;
        *out = x;
        *square += x * x;
    }
}

/// Scales samples and rounds them to floats, and adds up the squares of these.
#[inline]
fn round(row: &mut [f64], squares: &mut [f64], scales: &[f64]) {
    for ((x, square), &scale) in row.iter_mut().zip(squares).zip(scales) {
        #[expect(clippy::cast_possible_truncation, reason = "rounded on purpose")]
        let rounded = f64::from((*x * scale) as f32);
        // A sample that is not finite has no series, and times 0 it is still none.
        *x = if scale > 0.0 { rounded } else { 0.0 };
        *square += *x * *x;
    }
}

/// Which voxels have a sample that is not finite.
pub(crate) fn bad_voxels(runs: &[Run], voxels: usize) -> Vec<bool> {
    let mut bad = vec![false; voxels];
    let mut sums = [0.0f32; 2 * TILE];
    for (part, bad) in bad.chunks_mut(sums.len()).enumerate() {
        let range = part * sums.len()..part * sums.len() + bad.len();
        let sums = &mut sums[..bad.len()];
        sums.fill(0.0);
        for row in runs.iter().flat_map(|run| rows(run, voxels, &range)) {
            wide(
                #[inline(always)]
                || add_zeros(sums, row),
            );
        }
        for (bad, sum) in bad.iter_mut().zip(sums) {
            *bad = sum.is_nan();
        }
    }
    bad
}

/// Times 0, what is not finite is not a number, and stays so in a sum.
#[inline]
fn add_zeros(sums: &mut [f32], row: &[f32]) {
    for (sum, x) in sums.iter_mut().zip(row) {
        *sum += x * 0.0;
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
