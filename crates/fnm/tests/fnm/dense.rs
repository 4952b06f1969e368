//! Functional network mapping the obvious way, in doubles: it shares no code with the crate.

use twoblade_brain::Lesion;

/// Of one lesion, for each voxel: how many subjects count, mean and standard deviation of z.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    pub(crate) n: Vec<usize>,
    pub(crate) z: Vec<f64>,
    pub(crate) sd: Vec<f64>,
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

/// z of one lesion in one subject: none where there is none.
fn z_of(runs: &[Vec<Vec<f32>>], lesion: &Lesion, voxels: usize, bad: &[bool]) -> Vec<Option<f64>> {
    let series = |v: usize| -> Vec<Vec<f64>> {
        runs.iter().map(|run| run.iter().map(|row| f64::from(row[v])).collect()).collect()
    };
    let parts: Vec<_> =
        lesion.voxels.iter().zip(&lesion.weights).filter(|&(&v, _)| !bad[v as usize]).collect();
    let all: f64 = parts.iter().map(|(_, w)| **w).sum();
    let mean_at = |row: &Vec<f32>| {
        parts.iter().map(|&(&v, w)| w * f64::from(row[v as usize])).sum::<f64>() / all
    };
    let seed: Vec<Vec<f64>> = runs.iter().map(|run| run.iter().map(mean_at).collect()).collect();
    let Some(seed) = unit(&seed) else { return vec![None; voxels] };
    let z = |v: usize| {
        let x = if bad[v] { None } else { unit(&series(v)) }?;
        let r: f64 = x.iter().zip(&seed).map(|(a, b)| a * b).sum();
        Some(if r.abs() >= 1.0 { 10f64.copysign(r) } else { libm::atanh(r).clamp(-10.0, 10.0) })
    };
    (0..voxels).map(z).collect()
}

/// The map of a lesion over subjects, each of which counts where it has a z.
pub(crate) fn map(
    subjects: &[Vec<Vec<Vec<f32>>>],
    lesion: &Lesion,
    voxels: usize,
    (average, most_bad): (bool, f64),
) -> Dense {
    let mut all: Vec<Vec<f64>> = vec![Vec::new(); voxels];
    for runs in subjects {
        let is_bad = |v: usize| runs.iter().flatten().any(|row| !row[v].is_finite());
        let bad: Vec<bool> = (0..voxels).map(is_bad).collect();
        if bad.iter().filter(|&&bad| bad).count() as f64 > most_bad * voxels as f64 {
            continue;
        }
        let parts: Vec<Vec<Option<f64>>> = if average {
            runs.iter().map(|run| z_of(std::slice::from_ref(run), lesion, voxels, &bad)).collect()
        } else {
            vec![z_of(runs, lesion, voxels, &bad)]
        };
        for (v, all) in all.iter_mut().enumerate() {
            let some: Vec<f64> = parts.iter().filter_map(|part| part[v]).collect();
            if !some.is_empty() {
                all.push(some.iter().sum::<f64>() / some.len() as f64);
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
    }
}
