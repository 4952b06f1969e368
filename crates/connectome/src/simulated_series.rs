//! The series of simulated people.

use twoblade_core::Random;

use crate::simulation::SimulatedConnectome;

/// How much of a network's course, and of a voxel's own, stays from one time point to the next.
const NETWORK_STAYS: f32 = 0.7;
const OWN_STAYS: f32 = 0.4;
/// How strong networks are, beside a voxel's own course.
const NETWORKS: f32 = 1.5;
/// The mean and the spread of values: those of no scanner in particular.
const MEAN: f32 = 100.0;
const SPREAD: f32 = 5.0;

/// Draws of networks' courses, and of voxels' own.
#[derive(Clone, Copy)]
pub(crate) struct Draws {
    pub(crate) networks: Random,
    pub(crate) own: Random,
}

/// Fills the series of a subject, a row of voxels for each time point.
pub(crate) fn fill(
    options: &SimulatedConnectome,
    weights: &[f32],
    draws: Draws,
    subject: usize,
    to: &mut [f32],
) {
    let (voxels, networks) = (options.voxels, options.networks);
    let mut courses = vec![0.0; networks];
    let mut own = vec![0.0; voxels];
    let first = subject as u64;
    for (time, row) in to.chunks_exact_mut(voxels).enumerate() {
        let step = |stays: f32, last: f32, drawn: f32| {
            // The first draw has the spread of all.
            if time == 0 { drawn } else { stays * last + (1.0 - stays * stays).sqrt() * drawn }
        };
        let draw = u32::try_from(time).unwrap_or(u32::MAX);
        for (network, course) in courses.iter_mut().enumerate() {
            let item = first * networks as u64 + network as u64;
            *course = step(NETWORK_STAYS, *course, normals(draws.networks, item, draw)[0]);
        }
        let rows = weights.chunks_exact(networks);
        for (pair, (own, (row, rows))) in
            own.chunks_mut(2).zip(row.chunks_mut(2).zip(Pairs(rows))).enumerate()
        {
            let item = first * voxels.div_ceil(2) as u64 + pair as u64;
            let drawn = normals(draws.own, item, draw);
            for (((own, value), weights), drawn) in own.iter_mut().zip(row).zip(rows).zip(drawn) {
                *own = step(OWN_STAYS, *own, drawn);
                let signal: f32 = weights.iter().zip(&courses).map(|(a, b)| a * b).sum();
                *value = MEAN + SPREAD * (NETWORKS * signal + *own);
            }
        }
        row[voxels - options.constant_voxels..].fill(MEAN);
    }
}

/// Two rows of weights at a time.
struct Pairs<'a>(std::slice::ChunksExact<'a, f32>);

impl<'a> Iterator for Pairs<'a> {
    type Item = [&'a [f32]; 2];

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.0.next()?;
        Some([first, self.0.next().unwrap_or_default()])
    }
}

/// Two numbers of mean 0 and variance 1, each a sum of four uniform ones: near enough to normal, and the
/// same on every machine.
fn normals(draws: Random, item: u64, draw: u32) -> [f32; 2] {
    let [a, b, c, d] = draws.words(item, draw);
    let sum = |a: u32, b: u32| {
        let sum = (a & 0xffff) + (a >> 16) + (b & 0xffff) + (b >> 16);
        // Each has mean 32767.5 and variance (2^32 - 1) / 12.
        (sum as f32 - 131_070.0) * (1.0 / 37_837.23)
    };
    [sum(a, b), sum(c, d)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_mean_0_and_variance_1() {
        let random = Random::new(1, 2);
        let drawn: Vec<f64> =
            (0..50_000).flat_map(|item| normals(random, item, 0).map(f64::from)).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| x * x).sum::<f64>() / 1e5;
        // Standard errors: 1 / sqrt(1e5) = 3.2e-3, and sqrt(1.7 / 1e5) = 4.1e-3; five of each.
        assert!(mean.abs() < 0.016 && (variance - 1.0).abs() < 0.021, "{mean} {variance}");
    }
}
