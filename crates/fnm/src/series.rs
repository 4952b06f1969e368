//! Series of samples, centred and of length 1.

use std::ops::Range;

use twoblade_brain::Run;

use crate::wide::wide;

/// Voxels of a tile: what is normalized and multiplied at a time.
pub(crate) const TILE: usize = 1024;
/// Voxels of a strip of a tile: its samples fit the cache of a core.
const STRIP: usize = 128;

/// The series of up to [`TILE`] voxels over some runs, each run centred, each series of length 1.
#[derive(Debug, Default)]
pub(crate) struct Tile {
    /// `values[t * TILE + v]`, rounded to floats; 0 for voxels without a series.
    pub(crate) values: Vec<f64>,
    /// Whether a voxel has a series: it varies, and is finite.
    pub(crate) valid: Vec<bool>,
    /// Whether a voxel has two samples in one run that differ.
    pub(crate) varies: Vec<bool>,
    /// `means[run * TILE + v]`.
    means: Vec<f64>,
    squares: Vec<f64>,
    /// Sums of squares about the means, and then 1 over their roots.
    scales: Vec<f64>,
    /// 1 over the lengths that rounding to floats left.
    pub(crate) lengths: Vec<f64>,
}

impl Tile {
    /// Bytes of one.
    pub(crate) fn bytes(time_points: usize, runs: usize) -> usize {
        time_points * TILE * size_of::<f64>() + TILE * ((3 + runs) * 8 + 2)
    }

    /// Fills it with the voxels `range` of a mask of `voxels`; `bad` voxels have no series.
    ///
    /// Means are doubles, and squares are about one of the samples or about the mean, so an offset of
    /// all samples costs no digits; a sample is rounded once, when its series has length 1. The rounding moves a
    /// series along itself and aside: a correlation near 1 sees the first alone, and dividing by the
    /// length that is left undoes it. What stays is 1e-7 of sqrt(1 - r^2).
    pub(crate) fn fill(&mut self, runs: &[Run], voxels: usize, range: &Range<usize>, bad: &[bool]) {
        let time_points: usize = runs.iter().map(|run| run.time_points).sum();
        self.values.resize(time_points * TILE, 0.0);
        self.means.resize(runs.len() * TILE, 0.0);
        self.squares.resize(TILE, 0.0);
        for doubles in [&mut self.scales, &mut self.lengths] {
            doubles.clear();
            doubles.resize(TILE, 0.0);
        }
        for flags in [&mut self.valid, &mut self.varies] {
            flags.clear();
            flags.resize(TILE, false);
        }
        for first in (0..range.len()).step_by(STRIP) {
            self.fill_strip(runs, voxels, range, first, bad);
        }
        if range.len() < TILE {
            for row in self.values.chunks_exact_mut(TILE) {
                row[range.len()..].fill(0.0);
            }
        }
        for (length, valid) in self.lengths.iter_mut().zip(&self.valid) {
            *length = if *valid { 1.0 / length.sqrt() } else { 0.0 };
        }
    }
}

impl Tile {
    /// Fills some neighbours, all times: few enough that they stay near while they are gone over.
    fn fill_strip(
        &mut self,
        runs: &[Run],
        voxels: usize,
        range: &Range<usize>,
        first: usize,
        bad: &[bool],
    ) {
        let strip = first..(first + STRIP).min(range.len());
        let of_mask = range.start + strip.start..range.start + strip.end;
        let Self { values, valid, varies, means, squares, scales, lengths } = self;
        let (varies, scales) = (&mut varies[strip.clone()], &mut scales[strip.clone()]);
        let (squares, lengths) = (&mut squares[strip.clone()], &mut lengths[strip.clone()]);
        for (run, means) in runs.iter().zip(means.chunks_exact_mut(TILE)) {
            let means = &mut means[strip.clone()];
            let first = run.values.get(of_mask.clone()).unwrap_or_default();
            let (sums, squares) = (means, &mut *squares);
            sums.fill(0.0);
            squares.fill(0.0);
            for row in rows(run, voxels, &of_mask) {
                wide(
                    #[inline(always)]
                    || add_samples((sums, squares), row, first),
                );
            }
            let count = run.time_points as f64;
            let places = varies.iter_mut().zip(&mut *scales).zip(sums.iter_mut().zip(&*squares));
            for (((varies, scale), (sum, &square)), &first) in places.zip(first) {
                // Of samples that are equal, nothing is beside the first, and exactly nothing is left
                // beside their mean. The square of a difference of floats is no less than 1e-90.
                *varies |= square > 0.0;
                *scale += square - *sum * *sum / count;
                *sum = f64::from(first) + *sum / count;
            }
        }
        let flags = valid[strip.clone()].iter_mut().zip(&*varies).zip(&bad[of_mask.clone()]);
        for (((valid, varies), bad), scale) in flags.zip(&mut *scales) {
            *valid = *varies && !bad && scale.is_normal() && *scale > 0.0;
            *scale = if *valid { 1.0 / scale.sqrt() } else { 0.0 };
        }
        let mut out = values.chunks_exact_mut(TILE);
        for (run, means) in runs.iter().zip(means.chunks_exact(TILE)) {
            for (row, out) in rows(run, voxels, &of_mask).zip(out.by_ref()) {
                let (out, means) = (&mut out[strip.clone()], &means[strip.clone()]);
                wide(
                    #[inline(always)]
                    || normalized((&mut *out, &mut *lengths), row, means, scales),
                );
            }
        }
    }
}

/// Adds what samples are beside the first ones, and the squares of that.
///
/// From these sums the squares about the mean follow with few digits lost: the first sample is one of
/// them, and so the squares about it are at most 1 + T times those about the mean of T samples.
#[inline]
fn add_samples((sums, squares): (&mut [f64], &mut [f64]), row: &[f32], first: &[f32]) {
    let places = sums.iter_mut().zip(squares);
    for ((sum, square), (&x, &first)) in places.zip(row.iter().zip(first)) {
        let beside = f64::from(x) - f64::from(first);
        *sum += beside;
        *square += beside * beside;
    }
}

/// Centres samples, scales them and rounds them to floats, and adds up the squares of these.
#[inline]
fn normalized(
    (out, squares): (&mut [f64], &mut [f64]),
    row: &[f32],
    means: &[f64],
    scales: &[f64],
) {
    let columns = row.iter().zip(means.iter().zip(scales));
    for ((out, square), (&x, (mean, &scale))) in out.iter_mut().zip(squares).zip(columns) {
        #[expect(clippy::cast_possible_truncation, reason = "rounded on purpose")]
        let rounded = f64::from(((f64::from(x) - mean) * scale) as f32);
        // A sample that is not finite has no series, and times 0 it is still none.
        *out = if scale > 0.0 { rounded } else { 0.0 };
        *square += *out * *out;
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
