//! Grids of voxels, and where they are in the world.

use serde::{Deserialize, Serialize};

use crate::error::BrainError;

/// Below this a determinant, relative to the product of the lengths of the columns, is nothing.
const SINGULAR: f64 = 1e-9;

/// A grid of voxels in the world.
///
/// The affine takes indices (i, j, k), counted from 0 and meaning the *centres* of voxels, to
/// millimetres (x, y, z), as NIfTI's sform does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Space {
    shape: [usize; 3],
    /// Rows: x, y, z; columns: i, j, k, offset.
    affine: [[f64; 4]; 3],
    inverse: [[f64; 4]; 3],
}

impl Space {
    /// A grid of so many voxels along i, j and k.
    ///
    /// # Errors
    /// [`BrainError::Shape`] if a side is 0 or there are 2^31 voxels or more,
    /// [`BrainError::Affine`] for an affine with an entry that is not finite, or that is singular.
    pub fn new(shape: [usize; 3], affine: [[f64; 4]; 3]) -> Result<Self, BrainError> {
        let voxels = shape.iter().try_fold(1usize, |all, &side| all.checked_mul(side));
        if !voxels.is_some_and(|voxels| voxels > 0 && voxels < 1 << 31) {
            return Err(BrainError::Shape { shape });
        }
        let inverse = inverse(&affine).ok_or(BrainError::Affine { affine })?;
        Ok(Self { shape, affine, inverse })
    }

    /// Voxels along i, j and k.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// From indices to millimetres: rows x, y, z; columns i, j, k, offset.
    pub fn affine(&self) -> [[f64; 4]; 3] {
        self.affine
    }

    /// All voxels of the grid.
    pub fn voxels(&self) -> usize {
        self.shape.iter().product()
    }

    /// The number of a voxel in the order of NIfTI files: i fastest.
    ///
    /// # Panics
    /// If it is not in the grid.
    pub fn number(&self, at: [usize; 3]) -> usize {
        assert!(at.iter().zip(self.shape).all(|(&at, side)| at < side), "{at:?} is in the grid");
        at[0] + self.shape[0] * (at[1] + self.shape[1] * at[2])
    }

    /// Millimetres of the centre of a voxel, or of any place between.
    pub fn world(&self, at: [f64; 3]) -> [f64; 3] {
        apply(&self.affine, at)
    }

    /// Indices of a place in the world, between the centres of voxels.
    pub fn indices(&self, world: [f64; 3]) -> [f64; 3] {
        apply(&self.inverse, world)
    }

    /// The voxel that a place in the world is in, if it is in the grid.
    pub fn voxel(&self, world: [f64; 3]) -> Option<[usize; 3]> {
        let mut voxel = [0; 3];
        for ((to, at), side) in voxel.iter_mut().zip(self.indices(world)).zip(self.shape) {
            let nearest = (at + 0.5).floor();
            if !(nearest >= 0.0 && nearest < side as f64) {
                return None;
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
            let nearest = nearest as usize;
            *to = nearest;
        }
        Some(voxel)
    }

    /// The volume of a voxel in cubic millimetres.
    pub fn voxel_volume(&self) -> f64 {
        determinant(&self.affine).abs()
    }

    /// How far apart, in millimetres, a voxel of this grid and the one of the same indices of another
    /// are at most: at a corner of the grid, since both are affine. None if the shapes differ.
    pub fn distance(&self, other: &Self) -> Option<f64> {
        if self.shape != other.shape {
            return None;
        }
        let corner = |bits: usize| {
            let at = [0, 1, 2].map(|axis| {
                if bits >> axis & 1 == 1 { (self.shape[axis] - 1) as f64 } else { 0.0 }
            });
            let [a, b] = [self.world(at), other.world(at)];
            a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
        };
        Some((0..8).map(corner).fold(0.0, f64::max))
    }
}

fn apply(affine: &[[f64; 4]; 3], at: [f64; 3]) -> [f64; 3] {
    affine.map(|row| row[0] * at[0] + row[1] * at[1] + row[2] * at[2] + row[3])
}

fn determinant(a: &[[f64; 4]; 3]) -> f64 {
    a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1])
        - a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0])
        + a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0])
}

fn inverse(a: &[[f64; 4]; 3]) -> Option<[[f64; 4]; 3]> {
    if !a.iter().flatten().all(|entry| entry.is_finite()) {
        return None;
    }
    let determinant = determinant(a);
    let length = |c: usize| (0..3).map(|r| a[r][c].powi(2)).sum::<f64>().sqrt();
    if determinant.abs() <= SINGULAR * length(0) * length(1) * length(2) {
        return None;
    }
    let mut out = [[0.0; 4]; 3];
    for (row, out) in out.iter_mut().enumerate() {
        for (column, out) in out.iter_mut().take(3).enumerate() {
            let [r, s] = [(column + 1) % 3, (column + 2) % 3];
            let [c, d] = [(row + 1) % 3, (row + 2) % 3];
            *out = (a[r][c] * a[s][d] - a[r][d] * a[s][c]) / determinant;
        }
    }
    for out in &mut out {
        out[3] = -(out[0] * a[0][3] + out[1] * a[1][3] + out[2] * a[2][3]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIRRORED: [[f64; 4]; 3] =
        [[-2.0, 0.0, 0.0, 90.0], [0.0, 2.0, 0.0, -126.0], [0.0, 0.0, 2.0, -72.0]];

    #[test]
    #[expect(clippy::float_cmp, reason = "small whole numbers are exact")]
    fn a_voxel_is_found_by_its_centre_and_by_what_is_within_half_a_side() {
        let space = Space::new([91, 109, 91], MIRRORED).unwrap();
        assert_eq!(space.world([45.0, 63.0, 36.0]), [0.0, 0.0, 0.0]);
        assert_eq!(space.voxel([0.9, -0.9, 0.9]), Some([45, 63, 36]));
        assert_eq!(space.voxel([91.1, 0.0, 0.0]), None);
        assert_eq!((space.voxel_volume(), space.number([1, 2, 3])), (8.0, 1 + 91 * (2 + 109 * 3)));
    }

    #[test]
    fn grids_that_are_none_are_refused() {
        assert!(matches!(Space::new([0, 1, 1], MIRRORED), Err(BrainError::Shape { .. })));
        assert!(matches!(Space::new([4096; 3], MIRRORED), Err(BrainError::Shape { .. })));
        for bad in [f64::NAN, 0.0] {
            let mut affine = MIRRORED;
            affine[1][1] = bad;
            assert!(matches!(Space::new([2; 3], affine), Err(BrainError::Affine { .. })));
        }
    }

    #[test]
    fn a_distance_is_that_of_the_farthest_corner() {
        let space = Space::new([11, 5, 5], MIRRORED).unwrap();
        let mut affine = MIRRORED;
        affine[0][0] = -2.01;
        let other = Space::new([11, 5, 5], affine).unwrap();
        assert!((space.distance(&other).unwrap() - 0.1).abs() < 1e-12);
        assert_eq!(space.distance(&Space::new([11, 5, 6], affine).unwrap()), None);
    }

    proptest! {
        #[test]
        fn indices_undo_world(
            entries in prop::collection::vec(-3.0f64..3.0, 12),
            at in [0.0f64..90.0, 0.0f64..90.0, 0.0f64..90.0],
        ) {
            let mut affine = [[0.0; 4]; 3];
            for (row, entries) in affine.iter_mut().zip(entries.chunks(4)) {
                row.copy_from_slice(entries);
            }
            if let Ok(space) = Space::new([91; 3], affine) {
                let size = space.inverse.iter().flatten().fold(1.0, |m: f64, x| m.max(x.abs()));
                for (back, at) in space.indices(space.world(at)).into_iter().zip(at) {
                    prop_assert!((back - at).abs() < 1e-11 * size, "{back} for {at}");
                }
            }
        }
    }
}
