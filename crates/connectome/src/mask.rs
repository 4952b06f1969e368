//! Brain masks in NIfTI files.

use std::path::Path;

use twoblade_brain::BrainMask;

use crate::error::ConnectomeError;
use crate::nifti::Image;

/// In which order the voxels of a mask are numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum VoxelOrder {
    /// As NIfTI files store them: i fastest.
    #[default]
    FirstFastest,
    /// As numpy takes them out of an image, `image[mask]`, and tools that build on it: k fastest.
    LastFastest,
}

/// Reads a mask: the voxels above 0 of an image of three dimensions, in the order of the file (i
/// fastest).
///
/// # Errors
/// [`ConnectomeError::Read`], [`ConnectomeError::Nifti`], [`ConnectomeError::Truncated`],
/// [`ConnectomeError::Volumes`], and [`ConnectomeError::Mask`] if no voxel is above 0.
pub fn read_mask(file: impl AsRef<Path>) -> Result<BrainMask, ConnectomeError> {
    read_mask_in(file, VoxelOrder::FirstFastest)
}

/// [`read_mask`], with the voxels in this order.
///
/// # Errors
/// Those of [`read_mask`].
pub fn read_mask_in(
    file: impl AsRef<Path>,
    order: VoxelOrder,
) -> Result<BrainMask, ConnectomeError> {
    let file = file.as_ref();
    let image = Image::read(file)?;
    let space = image.header.space;
    let [across, along, up] = space.shape();
    let mut voxels = Vec::new();
    let mut add = |i: usize, j: usize, k: usize| {
        if image.value(space.number([i, j, k])) > 0.0 {
            // A side is a number of 16 bits.
            voxels.push([i, j, k].map(|at| u32::try_from(at).unwrap_or(u32::MAX)));
        }
    };
    match order {
        VoxelOrder::FirstFastest => {
            for k in 0..up {
                for j in 0..along {
                    (0..across).for_each(|i| add(i, j, k));
                }
            }
        }
        VoxelOrder::LastFastest => {
            for i in 0..across {
                for j in 0..along {
                    (0..up).for_each(|k| add(i, j, k));
                }
            }
        }
    }
    BrainMask::new(space, voxels)
        .map_err(|source| ConnectomeError::Mask { file: file.to_path_buf(), source: source.into() })
}
