//! The series of each lesion: the mean of its voxels, or their first principal component.

use twoblade_brain::{Lesion, Run};
use twoblade_core::{Threads, tiles};

use crate::options::Seed;
use crate::principal::{self, first_component};
use crate::product::GROUP;
use crate::series::normalize;

/// Time points of which one thread makes the means.
const ROWS: usize = 16;
/// Time points at a time: their sums do not wait for each other.
const TOGETHER: usize = 4;

/// The series of all lesions over some runs: centred, of length 1.
#[derive(Debug)]
pub(crate) struct Seeds {
    /// Doubles, lesion by lesion: for correlations near 1.
    pub(crate) exact: Vec<f64>,
    /// Rounded to floats, as doubles, in groups of lesions, each time point by time point; so the
    /// product with a float is exact in a double.
    pub(crate) rounded: Vec<[f64; GROUP]>,
    /// 1 over the lengths that rounding left; 0 without a series.
    pub(crate) lengths: Vec<f64>,
    /// Whether a lesion has a series.
    pub(crate) valid: Vec<bool>,
    /// Whether a lesion's first component is ambiguous.
    pub(crate) ambiguous: Vec<bool>,
    pub(crate) time_points: usize,
}

/// How far a lesion's series is.
struct Place<'a> {
    series: &'a mut [f64],
    valid: bool,
    ambiguous: bool,
}

impl Seeds {
    /// Of these lesions; `bad` voxels do not take part.
    pub(crate) fn new(
        (runs, voxels): (&[Run], usize),
        (lesions, seed): (&[Lesion], Seed),
        bad: &[bool],
        threads: &dyn Threads,
    ) -> Self {
        let time_points: usize = runs.iter().map(|run| run.time_points).sum();
        let means = means(runs, voxels, lesions, bad, threads);
        let mut exact = vec![0.0; lesions.len() * time_points];
        let mut places: Vec<_> = exact
            .chunks_exact_mut(time_points.max(1))
            .map(|series| Place { series, valid: false, ambiguous: false })
            .collect();
        tiles(threads, &mut places, 1, &|l, place| {
            let [Place { series, valid, ambiguous }] = place else { return };
            let times = means.iter().skip(l).step_by(lesions.len());
            series.iter_mut().zip(times).for_each(|(series, mean)| *series = *mean);
            *valid = normalize(series, runs);
            if !*valid {
                series.fill(0.0);
            }
            if seed == Seed::Pc1 {
                let component = first_component(runs, voxels, &lesions[l], bad, series);
                *valid = component.is_some();
                *ambiguous = component.unwrap_or(false);
                if !*valid {
                    series.fill(0.0);
                }
            }
        });
        let valid = places.iter().map(|place| place.valid).collect();
        let ambiguous = places.iter().map(|place| place.ambiguous).collect();
        let mut rounded = vec![[0.0; GROUP]; lesions.len().div_ceil(GROUP) * time_points];
        let mut lengths = vec![0.0; lesions.len()];
        for (l, series) in exact.chunks_exact(time_points.max(1)).enumerate() {
            let group = &mut rounded[l / GROUP * time_points..];
            for (place, &x) in group.iter_mut().zip(series) {
                #[expect(clippy::cast_possible_truncation, reason = "rounded on purpose")]
                let x = x as f32;
                let x = f64::from(x);
                place[l % GROUP] = x;
                lengths[l] += x * x;
            }
            lengths[l] = if lengths[l] > 0.0 { 1.0 / lengths[l].sqrt() } else { 0.0 };
        }
        Self { exact, rounded, lengths, valid, ambiguous, time_points }
    }

    /// Bytes of the seeds of these lesions and so many time points in so many parts, and of what one
    /// thread takes to make them.
    pub(crate) fn bytes(
        lesions: &[Lesion],
        seed: Seed,
        (time_points, parts): (usize, usize),
    ) -> usize {
        let count = lesions.len();
        let rounded = count.div_ceil(GROUP) * GROUP;
        let component = Self::component_bytes(lesions, seed, time_points);
        (2 * count + rounded + 2) * time_points * size_of::<f64>() + parts * count * 88 + component
    }

    /// Bytes that one thread takes for the first components of lesions, one after the other.
    pub(crate) fn component_bytes(lesions: &[Lesion], seed: Seed, time_points: usize) -> usize {
        match seed {
            Seed::Mean => 0,
            Seed::Pc1 => {
                lesions.iter().map(|of| principal::bytes(of, time_points)).max().unwrap_or(0)
            }
        }
    }

    /// The doubles of one lesion.
    pub(crate) fn exact(&self, lesion: usize) -> &[f64] {
        &self.exact[lesion * self.time_points..][..self.time_points]
    }
}

/// The weighted means of the voxels of all lesions at every time point, time by time: a row of samples
/// is near while all lesions take theirs.
fn means(
    runs: &[Run],
    voxels: usize,
    lesions: &[Lesion],
    bad: &[bool],
    threads: &dyn Threads,
) -> Vec<f64> {
    let rows: Vec<&[f32]> = runs.iter().flat_map(|run| run.values.chunks_exact(voxels)).collect();
    let any_bad = bad.contains(&true);
    let good = |v: &u32| !any_bad || !bad[*v as usize];
    let weight = |of: &Lesion| -> f64 {
        let weights = of.voxels.iter().zip(&of.weights).filter(|(v, _)| good(v));
        weights.map(|(_, weight)| weight).sum()
    };
    let all: Vec<f64> = lesions.iter().map(weight).collect();
    let mut means = vec![0.0; rows.len() * lesions.len()];
    tiles(threads, &mut means, ROWS * lesions.len(), &|tile, out| {
        let rows = rows[tile * ROWS..].chunks(TOGETHER);
        for (rows, out) in rows.zip(out.chunks_mut(TOGETHER * lesions.len())) {
            // Of fewer rows the first once more, for nothing.
            let together: [&[f32]; TOGETHER] =
                std::array::from_fn(|row| *rows.get(row).unwrap_or(&rows[0]));
            for (l, (lesion, all)) in lesions.iter().zip(&all).enumerate() {
                let mut sums = [0.0; TOGETHER];
                for (v, weight) in lesion.voxels.iter().zip(&lesion.weights) {
                    if good(v) {
                        for (sum, row) in sums.iter_mut().zip(together) {
                            *sum += weight * f64::from(row[*v as usize]);
                        }
                    }
                }
                for (out, sum) in out.iter_mut().skip(l).step_by(lesions.len()).zip(sums) {
                    *out = sum / all;
                }
            }
        }
    });
    means
}
