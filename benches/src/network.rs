//! A simulated connectome in one gzip-compressed HDF5 file, and lesions on it.

use tempfile::TempDir;
use twoblade::brain::Lesion;
use twoblade::connectome::{Connectome, SimulatedCompression, SimulatedConnectome};
use twoblade::fnm::{Fnm, Options, Study};

/// Subjects of the connectome.
pub const SUBJECTS: usize = 24;
/// Time points of each.
pub const TIME_POINTS: usize = 150;
/// Voxels of the mask.
pub const VOXELS: usize = 50_000;

/// Writes it; the folder goes when it is dropped.
///
/// # Panics
/// If it cannot be written.
pub fn connectome() -> (TempDir, Connectome) {
    let folder = tempfile::tempdir().expect("a folder");
    let simulation = SimulatedConnectome {
        compression: SimulatedCompression::Gzip(1),
        ..SimulatedConnectome::new(SUBJECTS, TIME_POINTS, VOXELS, 1)
    };
    let files = simulation.write(folder.path()).expect("files");
    let connectome = Connectome::open(&files.connectome).expect("a connectome");
    (folder, connectome)
}

/// The model of lesions of 300 voxels each.
///
/// # Panics
/// Never: there are fewer than 2^32 voxels.
pub fn model(connectome: &Connectome, lesions: usize) -> Fnm {
    let voxels = u32::try_from(connectome.mask().count()).expect("few voxels");
    let lesion = |l: u32| {
        let mut of: Vec<u32> = (0..300).map(|v| (l * 700 + v) % voxels).collect();
        of.sort_unstable();
        let weights = vec![1.0; of.len()];
        Lesion { name: format!("l{l}"), given: of.len(), outside: 0, voxels: of, weights }
    };
    let study = Study {
        subjects: connectome.names().map(str::to_owned).collect(),
        voxels: connectome.mask().count(),
        time_points: TIME_POINTS,
        runs: 1,
        lesions: (0..u32::try_from(lesions).expect("few")).map(lesion).collect(),
        parcels: None,
    };
    Fnm::new(study, Options::default()).expect("a model")
}
