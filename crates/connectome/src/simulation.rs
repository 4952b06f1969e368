//! The options of a simulated connectome.

use serde::Serialize;

use crate::error::ConnectomeError;

/// The most bytes that an HDF5 piece may have.
const PIECE: usize = u32::MAX as usize;

/// A connectome that never was: an ellipsoid of a brain on a grid of 2 mm, and people whose networks
/// have time courses of their own.
///
/// # Series
/// Each network has a centre in the brain and one mirrored on the other side, and a voxel belongs to it
/// by its distance from the nearer of the two. The time course of a network is an autoregression of
/// order one (0.7), drawn anew for each subject; a voxel's series is the sum of the courses of its
/// networks and of an autoregression of its own (0.4). So maps of lesions are smooth, and people differ.
///
/// # Lesions
/// Spheres around voxels of the brain, of 2 to 5 voxels' radius, cut off where the brain ends.
///
/// All draws are by index, so files depend on these options alone. Memory is that of one subject, and 4
/// bytes for each network and voxel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SimulatedConnectome {
    /// Subjects, at least 1.
    pub subjects: usize,
    /// Time points of each, at least 3.
    pub time_points: usize,
    /// Voxels of the brain, from 8 to 10 million.
    pub voxels: usize,
    /// Files that the subjects are spread over, as evenly as possible; at most as many as subjects.
    pub files: usize,
    /// Chooses the draws.
    pub seed: u64,
    /// How series are stored.
    pub compression: SimulatedCompression,
    /// Networks, from 1 to 64.
    pub networks: usize,
    /// Voxels that are constant in everybody: the last ones.
    pub constant_voxels: usize,
    /// Lesions, at most 999.
    pub lesions: usize,
    /// Whether there is a lesion of one voxel too that lies outside the brain: nobody can map it.
    pub lesion_outside: bool,
}

/// How simulated series are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum SimulatedCompression {
    /// In one piece, as they are.
    #[default]
    None,
    /// A piece for each subject, compressed by gzip at this level, from 1 to 9.
    Gzip(u32),
}

impl SimulatedConnectome {
    /// One file, eight networks, no constant voxels, four lesions in the brain and none outside, a piece
    /// for each subject with gzip 1.
    pub fn new(subjects: usize, time_points: usize, voxels: usize, seed: u64) -> Self {
        Self {
            subjects,
            time_points,
            voxels,
            files: 1,
            seed,
            compression: SimulatedCompression::Gzip(1),
            networks: 8,
            constant_voxels: 0,
            lesions: 4,
            lesion_outside: false,
        }
    }

    /// Refuses options that make no sense.
    ///
    /// # Errors
    /// [`ConnectomeError::Simulation`], which names the option.
    pub fn check(&self) -> Result<(), ConnectomeError> {
        let piece = PIECE / size_of::<f32>();
        let level = match self.compression {
            SimulatedCompression::None => 1,
            SimulatedCompression::Gzip(level) => level as usize,
        };
        let ranges = [
            ("number of subjects", self.subjects, 1, 1 << 32),
            ("number of voxels", self.voxels, 8, 10_000_000),
            (
                "number of time points",
                self.time_points,
                3,
                piece / self.voxels.clamp(8, 10_000_000),
            ),
            ("number of files", self.files, 1, self.subjects.max(1)),
            ("level of gzip", level, 1, 9),
            ("number of networks", self.networks, 1, 64),
            ("number of constant voxels", self.constant_voxels, 0, self.voxels),
            ("number of lesions", self.lesions, 0, 999),
        ];
        for (option, found, least, most) in ranges {
            if !(least..=most).contains(&found) {
                let expected = format!("from {least} to {most}");
                return Err(ConnectomeError::Simulation { option, found, expected });
            }
        }
        Ok(())
    }
}
