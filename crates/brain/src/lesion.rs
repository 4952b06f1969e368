//! A lesion: some voxels of the mask.

use serde::{Deserialize, Serialize};

/// A lesion as it lies in a mask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lesion {
    /// Its name: that of its file, without endings.
    pub name: String,
    /// The voxels of the mask that it touches, by their numbers, ascending.
    pub voxels: Vec<u32>,
    /// The weight of each, above 0: all 1 for a lesion that is not weighted.
    pub weights: Vec<f64>,
    /// Voxels of its own image that are above 0.
    pub given: usize,
    /// Those of them that lie outside the mask.
    pub outside: usize,
}

impl Lesion {
    /// Voxels of the mask that it touches.
    pub fn used(&self) -> usize {
        self.voxels.len()
    }
}
