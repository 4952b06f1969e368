//! What is wrong with a grid, a mask, a lesion or an atlas.

use thiserror::Error;

/// Why there is no such grid, mask, lesion or atlas.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum BrainError {
    /// A grid has no voxels, or too many.
    #[error(
        "a grid of {} x {} x {} voxels; at least one along each axis, and fewer than 2^31 together, \
         are expected",
        shape[0], shape[1], shape[2]
    )]
    Shape {
        /// Voxels along i, j and k.
        shape: [usize; 3],
    },
    /// An affine cannot be inverted.
    #[error(
        "the affine {affine:?} is no map of a grid into the world: it is singular, or not finite"
    )]
    Affine {
        /// Rows x, y, z; columns i, j, k, offset.
        affine: [[f64; 4]; 3],
    },
    /// A mask is empty.
    #[error("the mask has no voxel")]
    EmptyMask,
    /// A voxel of a mask is not in its grid.
    #[error(
        "voxel {number} of the mask (counted from 0) is at {at:?}, outside the grid of {shape:?} voxels"
    )]
    Outside {
        /// Its number in the mask.
        number: usize,
        /// Where it is said to be.
        at: [u32; 3],
        /// The grid.
        shape: [usize; 3],
    },
    /// A voxel is in a mask twice.
    #[error("voxels {first} and {second} of the mask (counted from 0) are both at {at:?}")]
    Twice {
        /// The first of them.
        first: usize,
        /// The second.
        second: usize,
        /// Where they are.
        at: [u32; 3],
    },
    /// An atlas has no region.
    #[error("the atlas has no region")]
    NoParcel,
    /// Two regions of an atlas have one label.
    #[error("regions {first} and {second} of the atlas (counted from 1) are both labelled {label}")]
    LabelTwice {
        /// The label.
        label: i64,
        /// The first region.
        first: usize,
        /// The second.
        second: usize,
    },
    /// A voxel is of a region that the atlas has not.
    #[error(
        "voxel {voxel} of the mask (counted from 0) is of region {found} (counted from 1), the atlas \
         has {parcels}"
    )]
    NoSuchParcel {
        /// The voxel.
        voxel: usize,
        /// The region.
        found: u32,
        /// Regions of the atlas.
        parcels: usize,
    },
}
