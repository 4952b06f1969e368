//! Functional network mapping the obvious way, in doubles: it shares no code with the crate.

use twoblade_brain::Lesion;

/// Of one lesion, for each voxel: how many subjects count, mean and standard deviation of z.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    pub(crate) n: Vec<usize>,
    pub(crate) z: Vec<f64>,
    pub(crate) sd: Vec<f64>,
    /// z of each subject and voxel, where there is one.
    pub(crate) subjects: Vec<Vec<Option<f64>>>,
    /// Subjects whose first component is ambiguous.
    pub(crate) ambiguous: Vec<usize>,
    /// Whether rounding decides what a first component is, or whether it is ambiguous.
    pub(crate) chance: bool,
}

/// Centred run by run, of length 1; none if it does not vary or is not finite.
fn unit(runs: &[Vec<f64>]) -> Option<Vec<f64>> {
    let mut out = Vec::new();
    for run in runs {
        if run.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let equal = run.iter().all(|x| (x - run[0]).abs() <= 0.0);
        let mean = if equal { run[0] } else { run.iter().sum::<f64>() / run.len() as f64 };
        out.extend(run.iter().map(|x| x - mean));
    }
    let length = out.iter().map(|x| x * x).sum::<f64>().sqrt();
    (length > 0.0).then(|| out.iter().map(|x| x / length).collect())
}

/// What of the model's options changes numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) pc1: bool,
    pub(crate) average: bool,
    pub(crate) most_bad: f64,
}

/// A seed: its series, and with first components the ratio of the singular values and the correlation
/// with the mean.
struct Seed {
    series: Vec<f64>,
    ratio: f64,
    with_mean: f64,
}

/// The first left singular vector of columns, and the ratio of the second singular value to the first:
/// columns are rotated, two at a time, until all are at right angles (Hestenes 1958).
fn first_singular(mut columns: Vec<Vec<f64>>) -> Option<(Vec<f64>, f64)> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for _ in 0..60 {
        let mut most = 0.0f64;
        for i in 1..columns.len() {
            let (before, rest) = columns.split_at_mut(i);
            for a in before {
                let b = &mut rest[0];
                let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
                if ab.abs() <= 1e-15 * (aa * bb).sqrt() || ab.abs() < 1e-300 {
                    continue;
                }
                most = most.max(ab.abs() / (aa * bb).sqrt());
                let zeta = (bb - aa) / (2.0 * ab);
                let tangent = 1f64.copysign(zeta) / (zeta.abs() + (1.0 + zeta * zeta).sqrt());
                let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
                for (x, y) in a.iter_mut().zip(b) {
                    (*x, *y) = (cosine * (*x - tangent * *y), cosine * (tangent * *x + *y));
                }
            }
        }
        if most < 1e-14 {
            break;
        }
    }
    columns.sort_by(|a, b| dot(b, b).total_cmp(&dot(a, a)));
    let length = dot(columns.first()?, &columns[0]).sqrt();
    let second = columns.get(1).map_or(0.0, |of| dot(of, of).sqrt());
    Some((columns[0].iter().map(|x| x / length).collect(), second / length))
}

fn series(runs: &[Vec<Vec<f32>>], v: usize) -> Vec<Vec<f64>> {
    runs.iter().map(|run| run.iter().map(|row| f64::from(row[v])).collect()).collect()
}

fn seed(runs: &[Vec<Vec<f32>>], lesion: &Lesion, bad: &[bool], pc1: bool) -> Option<Seed> {
    let parts: Vec<_> =
        lesion.voxels.iter().zip(&lesion.weights).filter(|&(&v, _)| !bad[v as usize]).collect();
    let all: f64 = parts.iter().map(|(_, w)| **w).sum();
    let mean_at = |row: &Vec<f32>| {
        parts.iter().map(|&(&v, w)| w * f64::from(row[v as usize])).sum::<f64>() / all
    };
    let mean: Vec<Vec<f64>> = runs.iter().map(|run| run.iter().map(mean_at).collect()).collect();
    let mean = unit(&mean);
    if !pc1 {
        return Some(Seed { series: mean?, ratio: 0.0, with_mean: 1.0 });
    }
    let columns = parts.iter().filter_map(|&(&v, w)| {
        Some(unit(&series(runs, v as usize))?.iter().map(|x| x * w).collect())
    });
    let (mut first, ratio) = first_singular(columns.collect())?;
    let mean = mean.unwrap_or_default();
    let with_mean: f64 = first.iter().zip(&mean).map(|(x, mean)| x * mean).sum();
    if with_mean < 0.0 {
        for x in &mut first {
            *x = -*x;
        }
    }
    Some(Seed { series: first, ratio, with_mean: with_mean.abs() })
}

/// z of one lesion in one subject: none where there is none.
fn z_of(
    runs: &[Vec<Vec<f32>>],
    seed: Option<&Seed>,
    voxels: usize,
    bad: &[bool],
) -> Vec<Option<f64>> {
    let Some(seed) = seed else { return vec![None; voxels] };
    let z = |v: usize| {
        let x = if bad[v] { None } else { unit(&series(runs, v)) }?;
        let r: f64 = x.iter().zip(&seed.series).map(|(a, b)| a * b).sum();
        Some(if r.abs() >= 1.0 { 10f64.copysign(r) } else { libm::atanh(r).clamp(-10.0, 10.0) })
    };
    (0..voxels).map(z).collect()
}

/// The map of a lesion over subjects, each of which counts where it has a z.
pub(crate) fn map(
    subjects: &[Vec<Vec<Vec<f32>>>],
    lesion: &Lesion,
    voxels: usize,
    way: Way,
) -> Dense {
    let mut all: Vec<Vec<f64>> = vec![Vec::new(); voxels];
    let (mut ambiguous, mut chance) = (Vec::new(), false);
    let mut of_subjects = vec![vec![None; voxels]; subjects.len()];
    for (number, runs) in subjects.iter().enumerate() {
        let is_bad = |v: usize| runs.iter().flatten().any(|row| !row[v].is_finite());
        let bad: Vec<bool> = (0..voxels).map(is_bad).collect();
        if bad.iter().filter(|&&bad| bad).count() as f64 / voxels as f64 > way.most_bad {
            continue;
        }
        let cut: Vec<&[Vec<Vec<f32>>]> =
            if way.average { runs.chunks(1).collect() } else { vec![runs] };
        let seeds: Vec<_> = cut.iter().map(|runs| seed(runs, lesion, &bad, way.pc1)).collect();
        if seeds.iter().flatten().any(|of| of.ratio > 0.99 || of.with_mean < 0.1) {
            ambiguous.push(number);
        }
        // Rounding decides: of doubles at a ratio of 1, of nothing but the last digits at a limit.
        chance |= seeds.iter().flatten().any(|of| {
            of.ratio > 1.0 - 1e-6
                || of.with_mean < 1e-9
                || (of.ratio - 0.99).abs() < 1e-9
                || (of.with_mean - 0.1).abs() < 1e-9
        });
        let parts: Vec<Vec<Option<f64>>> = cut
            .iter()
            .zip(&seeds)
            .map(|(runs, seed)| z_of(runs, seed.as_ref(), voxels, &bad))
            .collect();
        for (v, all) in all.iter_mut().enumerate() {
            let some: Vec<f64> = parts.iter().filter_map(|part| part[v]).collect();
            if !some.is_empty() {
                let mean = some.iter().sum::<f64>() / some.len() as f64;
                all.push(mean);
                of_subjects[number][v] = Some(mean);
            }
        }
    }
    let mean = |z: &Vec<f64>| z.iter().sum::<f64>() / z.len() as f64;
    let sd = |z: &Vec<f64>| {
        let centre = mean(z);
        (z.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (z.len() as f64 - 1.0)).sqrt()
    };
    Dense {
        n: all.iter().map(Vec::len).collect(),
        z: all.iter().map(mean).collect(),
        sd: all.iter().map(sd).collect(),
        subjects: of_subjects,
        ambiguous,
        chance,
    }
}
