//! clusters.tsv: a line for each cluster of each lesion.

use twoblade::brain::{self, BrainMask, Neighbours};

use crate::commands::fnm::place::{millimetres, volume};

/// How many the summary tells of.
pub(crate) const SHOWN: usize = 3;

/// A cluster of the voxels that count.
pub(crate) struct Cluster {
    voxels: usize,
    /// The number in the mask of the voxel whose value is the farthest from 0, and the value.
    peak: (usize, f32),
}

/// The clusters of a map that was cut, the largest first.
pub(crate) fn find(mask: &BrainMask, cut: &[f32]) -> Vec<Cluster> {
    let of = |voxels: Vec<u32>| {
        let mut peak = (voxels[0] as usize, cut[voxels[0] as usize]);
        for &voxel in &voxels {
            let value = cut[voxel as usize];
            if value.abs() > peak.1.abs() {
                peak = (voxel as usize, value);
            }
        }
        Cluster { voxels: voxels.len(), peak }
    };
    let found = brain::clusters(mask, cut, Neighbours::Corners);
    let mut clusters: Vec<Cluster> = found.into_iter().map(of).collect();
    // What is equal stays in the order of the mask.
    clusters
        .sort_by(|a, b| b.voxels.cmp(&a.voxels).then(b.peak.1.abs().total_cmp(&a.peak.1.abs())));
    clusters
}

impl Cluster {
    /// Its columns, of what is kept.
    pub(crate) fn columns(kept: &str) -> [String; 6] {
        ["voxels", "mm3", &format!("peak_{kept}"), "x", "y", "z"].map(str::to_owned)
    }

    /// The same of a cluster that there is not.
    pub(crate) const NONE: &str = "NA\tNA\tNA\tNA\tNA\tNA";

    /// What stands in its columns.
    pub(crate) fn line(&self, mask: &BrainMask) -> String {
        let (voxel, value) = self.peak;
        let volume = volume(mask, self.voxels);
        format!("{}\t{volume}\t{value}\t{}", self.voxels, millimetres(mask, voxel))
    }
}

/// The names of the columns of clusters.tsv.
pub(crate) fn header(kept: &str) -> String {
    format!("lesion\tcluster\t{}", Cluster::columns(kept).join("\t"))
}
