//! Series of samples, centred and of length 1.

use std::ops::Range;

use twoblade_brain::Run;

use crate::product::PANEL;
use crate::wide::wide;

/// Voxels of a tile: what one thread adds to the state at a time.
pub(crate) const TILE: usize = 1024;
/// Bytes of the samples and products of a strip, at most: they stay in the second cache of a core.
const NEAR: usize = 5 << 18;

/// The series of some neighbours, at most a tile, over some runs: each run centred, each series of
/// length 1.
#[derive(Debug, Default)]
pub(crate) struct Strip {
    /// Samples as they are, panel by panel and each time point by time point.
    samples: Vec<[f32; PANEL]>,
    /// The panel that is multiplied, rounded to floats; 0 for voxels without a series.
    values: Vec<[f64; PANEL]>,
    /// Whether a voxel has a series: it varies, and is finite.
    pub(crate) valid: Vec<bool>,
    /// Whether a voxel has two samples in one run that differ.
    pub(crate) varies: Vec<bool>,
    /// Of the panel, run by run.
    means: Vec<[f64; PANEL]>,
    /// 1 over the lengths that rounding to floats left.
    pub(crate) lengths: Vec<f64>,
}

/// Voxels of a strip: a tile, or a half or a quarter and so on of one, so that what there is of each
/// stays near.
pub(crate) fn strip_voxels(bytes_of_voxel: usize) -> usize {
    let mut voxels = TILE;
    while voxels > PANEL && voxels * bytes_of_voxel > NEAR {
        voxels /= 2;
    }
    voxels
}

impl Strip {
    /// Bytes of one of so many voxels.
    pub(crate) fn bytes(time_points: usize, runs: usize, voxels: usize) -> usize {
        let panel = PANEL * size_of::<f64>() * (time_points + runs);
        voxels * (time_points * size_of::<f32>() + size_of::<f64>() + 2) + panel
    }

    /// Fills it with the voxels `range` of a mask of `voxels`, and hands each panel to `each`, with its
    /// number; `bad` voxels have no series.
    ///
    /// Means are doubles, and squares are about one of the samples or about the mean, so an offset of
    /// all samples costs no digits; a sample is rounded once, when its series has length 1. The rounding moves a
    /// series along itself and aside: a correlation near 1 sees the first alone, and dividing by the
    /// length that is left undoes it. What stays is 1e-7 of sqrt(1 - r^2).
    pub(crate) fn fill(
        &mut self,
        (runs, voxels): (&[Run], usize),
        range: &Range<usize>,
        bad: &[bool],
        mut each: impl FnMut(usize, &[[f64; PANEL]]),
    ) {
        let time_points: usize = runs.iter().map(|run| run.time_points).sum();
        let panels = range.len().div_ceil(PANEL);
        // No more than is said: memory is counted.
        self.samples.reserve_exact((panels * time_points).saturating_sub(self.samples.len()));
        self.samples.resize(panels * time_points, [0.0; PANEL]);
        self.values.reserve_exact(time_points.saturating_sub(self.values.len()));
        self.values.resize(time_points, [0.0; PANEL]);
        self.means.resize(runs.len(), [0.0; PANEL]);
        self.lengths.resize(panels * PANEL, 0.0);
        for flags in [&mut self.valid, &mut self.varies] {
            flags.resize(panels * PANEL, false);
        }
        self.copy((runs, voxels), range, time_points);
        for panel in 0..panels {
            let bad = &bad[range.start + panel * PANEL..range.end];
            self.normalize(runs, panel, bad);
            each(panel, &self.values);
        }
    }

    /// Long rows of samples into panels: far memory is read in order.
    fn copy(&mut self, (runs, voxels): (&[Run], usize), range: &Range<usize>, time_points: usize) {
        let all = runs.iter().flat_map(|run| rows(run, voxels, range));
        for (t, row) in all.enumerate() {
            let places = self.samples[t..].iter_mut().step_by(time_points);
            let (whole, rest) = row.as_chunks::<PANEL>();
            let mut places = places.zip(whole);
            places.by_ref().for_each(|(place, samples)| *place = *samples);
            if !rest.is_empty() {
                let place = &mut self.samples[whole.len() * time_points + t];
                *place = [0.0; PANEL];
                place[..rest.len()].copy_from_slice(rest);
            }
        }
    }

    /// Makes the series of a panel.
    fn normalize(&mut self, runs: &[Run], panel: usize, bad: &[bool]) {
        let Self { samples, values, valid, varies, means, lengths } = self;
        let samples = &samples[panel * values.len()..][..values.len()];
        let voxels = panel * PANEL..(panel + 1) * PANEL;
        let varies = &mut varies[voxels.clone()];
        varies.fill(false);
        let mut scales = [0.0; PANEL];
        let mut rest = samples;
        for (run, means) in runs.iter().zip(&mut *means) {
            let (samples, others) = rest.split_at(run.time_points);
            rest = others;
            let Some(first) = samples.first() else { continue };
            let first = first.map(f64::from);
            let (sums, squares) = wide(
                #[inline(always)]
                || beside(samples, &first),
            );
            let count = run.time_points as f64;
            let places = varies.iter_mut().zip(&mut scales).zip(sums.iter().zip(&squares));
            for (((varies, scale), (sum, square)), (mean, first)) in
                places.zip(means.iter_mut().zip(first))
            {
                // Of samples that are equal, nothing is beside the first, and exactly nothing is left
                // beside their mean. The square of a difference of floats is no less than 1e-90.
                *varies |= *square > 0.0;
                *scale += square - sum * sum / count;
                *mean = first + sum / count;
            }
        }
        let valid = &mut valid[voxels.clone()];
        valid.fill(false);
        for ((valid, varies), (bad, scale)) in
            valid.iter_mut().zip(varies).zip(bad.iter().zip(&mut scales))
        {
            *valid = *varies && !bad && scale.is_normal() && *scale > 0.0;
        }
        for (scale, valid) in scales.iter_mut().zip(&*valid) {
            *scale = if *valid { 1.0 / scale.sqrt() } else { 0.0 };
        }
        let mut squares = [0.0; PANEL];
        let (mut samples, mut out) = (samples, values.as_mut_slice());
        for (run, means) in runs.iter().zip(means) {
            let (of_run, others) = samples.split_at(run.time_points);
            let (out_of_run, other_out) = out.split_at_mut(run.time_points);
            (samples, out) = (others, other_out);
            wide(
                #[inline(always)]
                || normalized(out_of_run, &mut squares, of_run, (means, &scales)),
            );
        }
        for ((length, square), valid) in lengths[voxels].iter_mut().zip(squares).zip(valid) {
            *length = if *valid { 1.0 / square.sqrt() } else { 0.0 };
        }
    }
}

/// Sums of what samples are beside the first ones, and of the squares of that.
///
/// From these sums the squares about the mean follow with few digits lost: the first sample is one of
/// them, and so the squares about it are at most 1 + T times those about the mean of T samples.
#[inline]
fn beside(samples: &[[f32; PANEL]], first: &[f64; PANEL]) -> ([f64; PANEL], [f64; PANEL]) {
    let (mut sums, mut squares) = ([0.0; PANEL], [0.0; PANEL]);
    for row in samples {
        let places = sums.iter_mut().zip(&mut squares);
        for ((sum, square), (&x, first)) in places.zip(row.iter().zip(first)) {
            let beside = f64::from(x) - first;
            *sum += beside;
            *square += beside * beside;
        }
    }
    (sums, squares)
}

/// Centres samples, scales them and rounds them to floats, and adds up the squares of these.
#[inline]
fn normalized(
    out: &mut [[f64; PANEL]],
    squares: &mut [f64; PANEL],
    samples: &[[f32; PANEL]],
    (means, scales): (&[f64; PANEL], &[f64; PANEL]),
) {
    for (out, row) in out.iter_mut().zip(samples) {
        let columns = row.iter().zip(means.iter().zip(scales));
        for ((out, square), (&x, (mean, &scale))) in out.iter_mut().zip(&mut *squares).zip(columns)
        {
            #[expect(clippy::cast_possible_truncation, reason = "rounded on purpose")]
            let rounded = f64::from(((f64::from(x) - mean) * scale) as f32);
            // A sample that is not finite has no series, and times 0 it is still none.
            *out = if scale > 0.0 { rounded } else { 0.0 };
            *square += *out * *out;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of `strips_of_any_width_give_the_same_maps`, among others.
    #[test]
    fn a_strip_is_as_many_voxels_as_stay_near() {
        let of = |time_points: usize, lesions: usize| strip_voxels(4 * time_points + 8 * lesions);
        assert_eq!([of(300, 1), of(300, 60), of(300, 180)], [1024, 512, 256]);
        assert_eq!([of(150, 60), of(1200, 60), of(1_000_000, 60)], [1024, 128, PANEL]);
    }
}
