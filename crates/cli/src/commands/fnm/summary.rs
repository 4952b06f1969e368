//! summary.tsv: a line for each lesion.

use twoblade::brain::BrainMask;

use crate::commands::fnm::marks::Mark;

/// The names of the columns.
pub(crate) const HEADER: &str = "lesion\tvoxels_given\tvoxels_used\tvoxels_outside\tvoxels_partial\t\
    subjects\tpeak_t\tpeak_x\tpeak_y\tpeak_z\tlowest_t\tlowest_x\tlowest_y\tlowest_z";

/// The line of a lesion, of its mark and of its map of t.
pub(crate) fn line(mark: &Mark, mask: &BrainMask, t: &[f32]) -> String {
    let at = |best: fn(f32, f32) -> bool| {
        let mut place: Option<usize> = None;
        for (voxel, &t_here) in t.iter().enumerate().filter(|(_, t)| !t.is_nan()) {
            if place.is_none_or(|place| best(t_here, t[place])) {
                place = Some(voxel);
            }
        }
        place.map_or_else(
            || "NA\tNA\tNA\tNA".to_owned(),
            |voxel| format!("{}\t{}", t[voxel], millimetres(mask, voxel)),
        )
    };
    format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        mark.lesion,
        mark.voxels_given,
        mark.voxels_used,
        mark.voxels_outside,
        mark.voxels_partial,
        mark.n,
        at(|a, b| a > b),
        at(|a, b| a < b)
    )
}

/// Where a voxel of the mask is in the world: three columns.
pub(crate) fn millimetres(mask: &BrainMask, voxel: usize) -> String {
    let [x, y, z] = mask.space().world(mask.voxels()[voxel].map(f64::from));
    // Micrometres; adding 0 makes -0 a 0.
    let [x, y, z] = [x, y, z].map(|at| (at * 1e3).round() / 1e3 + 0.0);
    format!("{x}\t{y}\t{z}")
}
