//! Atlases: which parcel each voxel of a mask is in.

use std::collections::BTreeMap;
use std::path::Path;

use twoblade_brain::BrainMask;

use crate::error::ConnectomeError;
use crate::grids;
use crate::nifti::Image;

/// The parcels of an atlas, as they lie in a mask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atlas {
    /// For each voxel of the mask, in its order, its label; 0 for none.
    pub labels: Vec<u32>,
    /// Every label of the atlas but 0, ascending, and how many voxels of the mask have it: some may have
    /// none.
    pub parcels: BTreeMap<u32, usize>,
    /// Voxels of the mask that are outside the grid of the atlas.
    pub outside: usize,
}

/// Reads an atlas: for each voxel of the mask the label of the voxel of the atlas that it is in, by its
/// place in the world, whatever the grid of the atlas. What is nearest that is, but for sheared grids,
/// and never farther than half a voxel of the atlas along each of its axes. A voxel of the mask has no
/// label outside the grid of the atlas, and where the atlas is 0.
///
/// # Errors
/// [`ConnectomeError::Read`], [`ConnectomeError::Nifti`], [`ConnectomeError::Truncated`],
/// [`ConnectomeError::Volumes`] if it is no such file; [`ConnectomeError::Label`] for a value that is no
/// label; [`ConnectomeError::EmptyAtlas`], [`ConnectomeError::AtlasElsewhere`] or
/// [`ConnectomeError::OutsideAtlas`] if no voxel of the mask has a label.
pub fn read_atlas(file: impl AsRef<Path>, mask: &BrainMask) -> Result<Atlas, ConnectomeError> {
    let file = file.as_ref();
    let image = Image::read(file)?;
    let space = &image.header.space;
    let mut parcels = BTreeMap::new();
    for voxel in 0..space.voxels() {
        let label = label(file, image.value(voxel))?;
        if label != 0 {
            parcels.entry(label).or_insert(0);
        }
    }
    if parcels.is_empty() {
        let (file, voxels) = (file.to_path_buf(), space.voxels());
        return Err(ConnectomeError::EmptyAtlas { file, voxels });
    }
    let (atlas, brain) = (grids::extent(space), grids::extent(mask.space()));
    if !atlas.iter().zip(&brain).all(|(a, b)| a.0 < b.1 && b.0 < a.1) {
        let file = file.to_path_buf();
        return Err(ConnectomeError::AtlasElsewhere { file, atlas, mask: brain });
    }
    let mut labels = Vec::with_capacity(mask.count());
    let mut outside = 0;
    for at in mask.voxels() {
        let Some(there) = space.voxel(mask.space().world(at.map(f64::from))) else {
            outside += 1;
            labels.push(0);
            continue;
        };
        let label = label(file, image.value(space.number(there)))?;
        if let Some(voxels) = parcels.get_mut(&label) {
            *voxels += 1;
        }
        labels.push(label);
    }
    if parcels.values().all(|&voxels| voxels == 0) {
        let file = file.to_path_buf();
        let (parcels, voxels) = (parcels.len(), mask.count());
        return Err(ConnectomeError::OutsideAtlas { file, parcels, voxels });
    }
    Ok(Atlas { labels, parcels, outside })
}

/// A value as a label.
fn label(file: &Path, value: f64) -> Result<u32, ConnectomeError> {
    // Scaled labels are rounded a little.
    let whole = value.round();
    if !((value - whole).abs() < 1e-3 && (0.0..=f64::from(u32::MAX)).contains(&whole)) {
        let (file, limit) = (file.to_path_buf(), u32::MAX);
        return Err(ConnectomeError::Label { file, value, limit });
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    let label = whole as u32;
    Ok(label)
}
