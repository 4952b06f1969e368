//! What the files of a run are called, in the manner of BIDS derivatives.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::output::remove;

/// All maps that a lesion can have, `--se` or not.
pub(crate) const STATS: [&str; 8] = ["n", "r", "z", "t", "p", "q", "se", "rse"];

/// What maps over all lesions are named after; no lesion may have this name.
pub(crate) const GROUP: &str = "group";

/// The files of one lesion, or of the group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) name: &'a str,
}

impl Files<'_> {
    /// A map.
    pub(crate) fn map(&self, stat: &str) -> PathBuf {
        self.folder.join(format!("{}_stat-{stat}_statmap.nii.gz", self.name))
    }

    /// The map of what is beyond a threshold.
    pub(crate) fn thresholded(&self, stat: &str) -> PathBuf {
        self.map(&format!("{stat}_desc-thresholded"))
    }

    /// Takes away such maps of an earlier run.
    pub(crate) fn remove_thresholded(&self) -> Result<()> {
        for map in ["t", "r"].map(|stat| self.thresholded(stat)) {
            remove(&sidecar(&map))?;
            remove(&map)?;
        }
        Ok(())
    }

    /// The table of parcel means of each subject.
    pub(crate) fn subjects(&self) -> PathBuf {
        self.folder.join(format!("{}_desc-subjects_parcels.tsv", self.name))
    }

    /// The mark that says that all maps are there, and what is said of all of them. By BIDS' principle
    /// of inheritance a sidecar with fewer entities is one of every map that has them.
    pub(crate) fn mark(&self) -> PathBuf {
        self.folder.join(format!("{}_statmap.json", self.name))
    }
}

/// What stands beside a map.
pub(crate) fn sidecar(map: &Path) -> PathBuf {
    let name = map.file_name().unwrap_or_default().to_string_lossy();
    map.with_file_name(format!("{}.json", name.trim_end_matches(".nii.gz")))
}

/// The name alone, as other files say it.
pub(crate) fn shown(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_and_its_sidecar_differ_in_the_ending() {
        let files = Files { folder: Path::new("maps"), name: "a.nii.gz.b" };
        let map = files.map("t");
        assert_eq!(map, Path::new("maps/a.nii.gz.b_stat-t_statmap.nii.gz"));
        assert_eq!(sidecar(&map), Path::new("maps/a.nii.gz.b_stat-t_statmap.json"));
        assert_eq!(files.mark(), Path::new("maps/a.nii.gz.b_statmap.json"));
    }
}
