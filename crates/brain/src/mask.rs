//! Which voxels of a grid are brain, in the order of the data.

use serde::{Deserialize, Serialize};

use crate::error::BrainError;
use crate::space::Space;

/// Stands for a voxel of the grid that is not in the mask.
const NOT: u32 = u32::MAX;

/// The voxels that data are of, in the order of the data. Their order is the data's own, so a mask of
/// another order is another mask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrainMask {
    space: Space,
    voxels: Vec<[u32; 3]>,
    /// For each voxel of the grid, its number in the mask: 4 bytes a voxel of the grid.
    #[serde(skip)]
    numbers: Vec<u32>,
}

impl BrainMask {
    /// These voxels of a grid, in this order.
    ///
    /// # Errors
    /// [`BrainError::EmptyMask`], [`BrainError::Outside`] or [`BrainError::Twice`].
    pub fn new(space: Space, voxels: Vec<[u32; 3]>) -> Result<Self, BrainError> {
        if voxels.is_empty() {
            return Err(BrainError::EmptyMask);
        }
        let shape = space.shape();
        let mut numbers = vec![NOT; space.voxels()];
        for (number, &at) in voxels.iter().enumerate() {
            if !at.iter().zip(shape).all(|(&at, side)| (at as usize) < side) {
                return Err(BrainError::Outside { number, at, shape });
            }
            let place = &mut numbers[space.number(at.map(|at| at as usize))];
            if *place != NOT {
                return Err(BrainError::Twice { first: *place as usize, second: number, at });
            }
            // Fewer than 2^31 voxels are in the grid.
            *place = u32::try_from(number).unwrap_or(NOT);
        }
        Ok(Self { space, voxels, numbers })
    }

    /// The grid.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The voxels, by i, j and k.
    pub fn voxels(&self) -> &[[u32; 3]] {
        &self.voxels
    }

    /// How many voxels.
    pub fn count(&self) -> usize {
        self.voxels.len()
    }

    /// The number, in the mask, of a voxel of the grid; none if it is not brain.
    ///
    /// # Panics
    /// If it is not in the grid.
    pub fn number(&self, at: [usize; 3]) -> Option<u32> {
        let number = self.numbers[self.space.number(at)];
        (number != NOT).then_some(number)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.voxels.len() * size_of::<[u32; 3]>() + self.numbers.len() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        let affine = [[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]];
        Space::new([3, 4, 5], affine).unwrap()
    }

    #[test]
    fn voxels_are_found_by_where_they_are() {
        let mask = BrainMask::new(space(), vec![[2, 3, 4], [0, 0, 0], [1, 2, 0]]).unwrap();
        assert_eq!((mask.count(), mask.bytes()), (3, 3 * 12 + 60 * 4));
        assert_eq!(mask.number([1, 2, 0]), Some(2));
        assert_eq!(mask.number([1, 2, 1]), None);
    }

    #[test]
    fn masks_that_are_none_are_refused() {
        assert_eq!(BrainMask::new(space(), Vec::new()), Err(BrainError::EmptyMask));
        let outside = BrainMask::new(space(), vec![[0, 0, 0], [0, 4, 0]]).unwrap_err();
        assert_eq!(
            outside.to_string(),
            "voxel 1 of the mask (counted from 0) is at [0, 4, 0], outside the grid of [3, 4, 5] voxels"
        );
        let twice = BrainMask::new(space(), vec![[0, 1, 0], [0, 0, 0], [0, 1, 0]]).unwrap_err();
        assert_eq!(twice, BrainError::Twice { first: 0, second: 2, at: [0, 1, 0] });
    }
}
