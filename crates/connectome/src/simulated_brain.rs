//! The brain of a simulation: an ellipsoid, its networks and its lesions.

use twoblade_brain::{BrainError, BrainMask, Space};
use twoblade_core::Random;

/// Half the axes of the ellipsoid, the longest being 1: across, along and up.
const AXES: [f64; 3] = [0.82, 1.0, 0.78];
/// The side of a voxel in millimetres.
const SIDE: f64 = 2.0;
/// The reach of a network, in parts of the longest half axis.
const REACH: f64 = 0.25;

/// So many voxels nearest to the centre of an ellipsoid, in numpy's order (k fastest).
pub(crate) fn brain(voxels: usize) -> Result<BrainMask, BrainError> {
    let volume = 4.0 / 3.0 * std::f64::consts::PI * AXES.iter().product::<f64>();
    let longest = (voxels as f64 / volume).cbrt();
    let halves = AXES.map(|axis| (axis * longest).ceil() + 2.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
    let shape = halves.map(|half| 2 * half as usize + 1);
    let row = |axis: usize| {
        let mut row = [0.0; 4];
        row[axis] = SIDE;
        row[3] = -SIDE * halves[axis];
        row
    };
    let space = Space::new(shape, [row(0), row(1), row(2)])?;
    let mut places = Vec::with_capacity(space.voxels());
    for i in 0..shape[0] {
        for j in 0..shape[1] {
            for k in 0..shape[2] {
                let at = [i, j, k];
                let part = |axis: usize| (at[axis] as f64 - halves[axis]) / AXES[axis];
                let far = (0..3).map(|axis| part(axis) * part(axis)).sum::<f64>();
                // A side is a few hundred at most.
                places.push((far, at.map(|at| u32::try_from(at).unwrap_or(u32::MAX))));
            }
        }
    }
    places.sort_by(|(a, at), (b, other)| a.total_cmp(b).then(at.cmp(other)));
    places.truncate(voxels);
    let mut voxels: Vec<[u32; 3]> = places.into_iter().map(|(_, at)| at).collect();
    voxels.sort_unstable();
    BrainMask::new(space, voxels)
}

/// How much each voxel belongs to each network: a row of networks for each voxel.
pub(crate) fn weights(mask: &BrainMask, networks: usize, draws: Random) -> Vec<f32> {
    let centres: Vec<[f64; 3]> = (0..networks as u64).map(|n| place(mask, draws, n)).collect();
    let reach = REACH * mask.space().shape()[1] as f64 / 2.0 * SIDE;
    let mut weights = Vec::with_capacity(mask.count() * networks);
    for at in mask.voxels() {
        let [x, y, z] = mask.space().world(at.map(f64::from));
        for [a, b, c] in &centres {
            // The nearer of the centre and its mirror image.
            let far = (x.abs() - a.abs()).powi(2) + (y - b).powi(2) + (z - c).powi(2);
            let near = 1.0 / (1.0 + far / (reach * reach));
            #[expect(clippy::cast_possible_truncation, reason = "a weight below 1")]
            weights.push((near * near) as f32);
        }
    }
    weights
}

/// The values of a lesion: 1 in a sphere around a voxel that is drawn.
pub(crate) fn lesion(mask: &BrainMask, draws: Random, number: u64) -> Vec<f32> {
    let centre = place(mask, draws, number);
    let radius = SIDE * (2.0 + 3.0 * draws.uniform(number, 1));
    let inside = |at: &[u32; 3]| {
        let far: f64 = mask
            .space()
            .world(at.map(f64::from))
            .iter()
            .zip(&centre)
            .map(|(a, b)| (a - b) * (a - b))
            .sum();
        if far <= radius * radius { 1.0 } else { 0.0 }
    };
    mask.voxels().iter().map(inside).collect()
}

/// A voxel that is drawn, in millimetres.
fn place(mask: &BrainMask, draws: Random, number: u64) -> [f64; 3] {
    // At most 10 million voxels.
    let count = u32::try_from(mask.count()).unwrap_or(u32::MAX);
    let voxel = draws.below(number, 0, count) as usize;
    mask.space().world(mask.voxels()[voxel].map(f64::from))
}
