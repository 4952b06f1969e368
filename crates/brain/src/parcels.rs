//! Parcels: which region of an atlas a voxel of the mask is of.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::BrainError;

/// Regions of an atlas as they lie in a mask: each voxel is of one or of none.
///
/// ```
/// use twoblade_brain::Parcels;
///
/// // Two voxels of region 17, one of none, one of region 4.
/// let parcels = Parcels::new(vec![17, 4], vec![1, 1, 0, 2])?;
/// assert_eq!(parcels.labels(), [17, 4]);
/// assert_eq!(parcels.of_voxels(1..4).collect::<Vec<_>>(), [Some(0), None, Some(1)]);
/// # Ok::<(), twoblade_brain::BrainError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Parcels {
    labels: Vec<i64>,
    of_voxel: Vec<u32>,
}

/// As it was saved.
#[derive(Deserialize)]
struct Unchecked {
    labels: Vec<i64>,
    of_voxel: Vec<u32>,
}

impl TryFrom<Unchecked> for Parcels {
    type Error = BrainError;

    fn try_from(Unchecked { labels, of_voxel }: Unchecked) -> Result<Self, BrainError> {
        Self::new(labels, of_voxel)
    }
}

impl Parcels {
    /// Regions by their labels in the atlas, in the order in which they are reported, and for each voxel
    /// of the mask the number of its region, counted from 1, or 0. A region may have no voxel.
    ///
    /// # Errors
    /// [`BrainError::NoParcel`], [`BrainError::LabelTwice`] or [`BrainError::NoSuchParcel`].
    pub fn new(labels: Vec<i64>, of_voxel: Vec<u32>) -> Result<Self, BrainError> {
        if labels.is_empty() {
            return Err(BrainError::NoParcel);
        }
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by_key(|&number| (labels[number], number));
        if let Some(pair) = order.windows(2).find(|pair| labels[pair[0]] == labels[pair[1]]) {
            let [first, second] = [pair[0] + 1, pair[1] + 1];
            return Err(BrainError::LabelTwice { label: labels[pair[0]], first, second });
        }
        let parcels = labels.len();
        if let Some(voxel) = of_voxel.iter().position(|&number| number as usize > parcels) {
            let found = of_voxel[voxel];
            return Err(BrainError::NoSuchParcel { voxel, found, parcels });
        }
        Ok(Self { labels, of_voxel })
    }

    /// How many regions.
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// Voxels of the mask.
    pub fn voxels(&self) -> usize {
        self.of_voxel.len()
    }

    /// The labels of the regions in the atlas.
    pub fn labels(&self) -> &[i64] {
        &self.labels
    }

    /// For each of some voxels of the mask its region, counted from 0.
    ///
    /// # Panics
    /// If there are no such voxels.
    pub fn of_voxels(&self, voxels: Range<usize>) -> impl Iterator<Item = Option<usize>> {
        self.of_voxel[voxels].iter().map(|&number| (number as usize).checked_sub(1))
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.labels.len() * size_of::<i64>() + self.of_voxel.len() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parcels_that_are_none_are_refused() {
        let refused = |labels: &[i64], of_voxel: &[u32]| {
            Parcels::new(labels.to_vec(), of_voxel.to_vec()).unwrap_err().to_string()
        };
        assert_eq!(refused(&[], &[0, 0]), "the atlas has no region");
        assert_eq!(
            refused(&[7, -2, 7], &[1]),
            "regions 1 and 3 of the atlas (counted from 1) are both labelled 7"
        );
        assert_eq!(
            refused(&[7, 8], &[0, 2, 3]),
            "voxel 2 of the mask (counted from 0) is of region 3 (counted from 1), the atlas has 2"
        );
    }
}
