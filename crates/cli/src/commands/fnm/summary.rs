//! summary.tsv: a line for each lesion.

use twoblade::brain::BrainMask;

use crate::commands::fnm::clusters::{Cluster, SHOWN};
use crate::commands::fnm::marks::Mark;
use crate::commands::fnm::place::millimetres;
use crate::commands::fnm::threshold::Threshold;

/// The names of the columns.
pub(crate) fn header(threshold: &Threshold) -> String {
    let mut columns =
        "lesion\tvoxels_given\tvoxels_used\tvoxels_outside\tvoxels_partial\tsubjects\t\
        peak_t\tpeak_x\tpeak_y\tpeak_z\tlowest_t\tlowest_x\tlowest_y\tlowest_z\tthreshold\t\
        voxels_beyond\tclusters"
            .to_owned();
    for number in 1..=SHOWN {
        for column in Cluster::columns(threshold.kept()) {
            columns.push_str(&["\tcluster", &number.to_string(), "_", &column].concat());
        }
    }
    columns
}

/// The line of a lesion: of its mark, of its map of t, and of what is beyond the threshold.
pub(crate) fn line(
    (mark, mask): (&Mark, &BrainMask),
    t: &[f32],
    (threshold, clusters, cut): (&Threshold, &[Cluster], &[f32]),
) -> String {
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
    let beyond = cut.iter().filter(|&&value| value != 0.0).count();
    let shown = |number: usize| {
        clusters.get(number).map_or(Cluster::NONE.to_owned(), |cluster| cluster.line(mask))
    };
    format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{threshold}\t{beyond}\t{}\t{}",
        mark.lesion,
        mark.voxels_given,
        mark.voxels_used,
        mark.voxels_outside,
        mark.voxels_partial,
        mark.n,
        at(|a, b| a > b),
        at(|a, b| a < b),
        clusters.len(),
        (0..SHOWN).map(shown).collect::<Vec<_>>().join("\t")
    )
}
