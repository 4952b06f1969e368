//! Places and volumes as tables have them.

use twoblade::brain::BrainMask;

/// Where a voxel of the mask is in the world: three columns.
pub(crate) fn millimetres(mask: &BrainMask, voxel: usize) -> String {
    let [x, y, z] = mask.space().world(mask.voxels()[voxel].map(f64::from)).map(thousandths);
    format!("{x}\t{y}\t{z}")
}

/// The volume of so many voxels in cubic millimetres.
pub(crate) fn volume(mask: &BrainMask, voxels: usize) -> f64 {
    thousandths(voxels as f64 * mask.space().voxel_volume())
}

/// To three places; adding 0 makes a 0 of -0.
fn thousandths(number: f64) -> f64 {
    (number * 1e3).round() / 1e3 + 0.0
}
