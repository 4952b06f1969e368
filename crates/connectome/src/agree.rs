//! Whether files are of one mask.

use std::path::Path;

use twoblade_brain::BrainMask;

use crate::error::ConnectomeError;

/// Millimetres that the voxels of two files may lie apart: room for affines kept in 32 bits.
pub(crate) const TOLERANCE_MM: f64 = 1e-4;

/// Refuses a mask that is not the first one.
pub(crate) fn same_mask(
    (file, mask): (&Path, &BrainMask),
    (first, expected): (&Path, &BrainMask),
) -> Result<(), ConnectomeError> {
    let other = |difference| ConnectomeError::OtherMask {
        file: file.to_path_buf(),
        first: first.to_path_buf(),
        difference,
    };
    let [[a, b, c], [d, e, f]] = [mask.space().shape(), expected.space().shape()];
    let Some(distance) = mask.space().distance(expected.space()) else {
        return Err(other(format!("grids of {a} x {b} x {c} and {d} x {e} x {f} voxels")));
    };
    if mask.count() != expected.count() {
        return Err(other(format!("{} and {} voxels", mask.count(), expected.count())));
    }
    let mut pairs = mask.voxels().iter().zip(expected.voxels()).enumerate();
    if let Some((number, (at, there))) = pairs.find(|(_, (at, there))| at != there) {
        return Err(other(format!("voxel {number} is at {at:?} and at {there:?}")));
    }
    near(file, first, distance, TOLERANCE_MM)
}

/// Refuses files that lie apart.
pub(crate) fn near(
    file: &Path,
    first: &Path,
    distance: f64,
    tolerance: f64,
) -> Result<(), ConnectomeError> {
    if distance <= tolerance {
        return Ok(());
    }
    Err(ConnectomeError::OtherSpace {
        file: file.to_path_buf(),
        first: first.to_path_buf(),
        distance,
        tolerance,
    })
}
