//! Atlases, matched to a mask by the places of its voxels.

use std::collections::BTreeMap;

use twoblade_brain::{BrainMask, Space};
use twoblade_connectome::{Atlas, read_atlas};

use crate::files::{Nifti, folder, text};

const PLAIN: [[f64; 4]; 3] =
    [[-2.0, 0.0, 0.0, 90.0], [0.0, 2.0, 0.0, -126.0], [0.0, 0.0, 2.0, -72.0]];

/// Voxels at (86, -120, -64), (90, -126, -72) and (88, -122, -66) mm.
fn mask() -> BrainMask {
    let space = Space::new([3, 4, 5], PLAIN).unwrap();
    BrainMask::new(space, vec![[2, 3, 4], [0, 0, 0], [1, 2, 3]]).unwrap()
}

/// A grid of voxels of 4 mm, its axes along the world's, the first voxel around the second of the mask.
fn coarse() -> [[f64; 4]; 3] {
    [[4.0, 0.0, 0.0, 90.5], [0.0, 4.0, 0.0, -126.0], [0.0, 0.0, 4.0, -72.0]]
}

#[test]
fn labels_are_those_at_the_same_place_in_the_world() {
    let folder = folder();
    let file = folder.path().join("atlas.nii");
    // Mirrored storage; the label 9 lies where no voxel of the mask is.
    Nifti::floats(&[2, 1, 1], coarse(), &[7.0, 9.0]).write(&file);
    let parcels = BTreeMap::from([(7, 1), (9, 0)]);
    let atlas = Atlas { labels: vec![0, 7, 0], parcels, outside: 2 };
    assert_eq!(read_atlas(&file, &mask()).unwrap(), atlas);
    // A finer grid: each voxel of the mask has the nearest of 1 mm.
    let fine = [[1.0, 0.0, 0.0, 85.0], [0.0, 1.0, 0.0, -127.0], [0.0, 0.0, 1.0, -73.0]];
    let shape = [7, 9, 11];
    let values: Vec<f32> = (1u16..=7 * 9 * 11).map(f32::from).collect();
    Nifti::floats(&shape, fine, &values).write(&file);
    let number = |x: i32, y: i32, z: i32| {
        u32::try_from(1 + (x - 85) + 7 * ((y + 127) + 9 * (z + 73))).unwrap()
    };
    let found = read_atlas(&file, &mask()).unwrap();
    let expected = [number(86, -120, -64), number(90, -126, -72), number(88, -122, -66)];
    assert_eq!((found.labels.as_slice(), found.outside), (&expected[..], 0));
    assert_eq!(found.parcels.len(), values.len());
    assert_eq!(found.parcels.values().sum::<usize>(), 3);
}

#[test]
fn atlases_that_are_none_are_refused_by_name() {
    let folder = folder();
    let file = folder.path().join("atlas.nii");
    let refused = |affine, values: &[f32]| {
        Nifti::floats(&[2, 1, 1], affine, values).write(&file);
        text(&read_atlas(&file, &mask()).unwrap_err(), &folder)
    };
    assert_eq!(
        refused(coarse(), &[7.0, 0.5]),
        "atlas.nii is no atlas: a voxel is 0.5, whole numbers from 0 to 4294967295 are expected"
    );
    assert_eq!(
        refused(coarse(), &[0.0; 2]),
        "atlas.nii is no atlas: all 2 voxels are 0, labels above 0 are expected"
    );
    assert_eq!(
        refused(coarse(), &[0.0, 3.0]),
        "atlas.nii: none of the 3 voxels of the mask lies in one of its 1 parcels; take the atlas in the \
         space of the mask"
    );
    let mut far = coarse();
    far[0][3] = 900.0;
    assert_eq!(
        refused(far, &[1.0; 2]),
        "atlas.nii seems to be in another space: its image reaches over x 898 to 906, y -128 to -124, z \
         -74 to -70 mm, and the mask's over x 85 to 91, y -127 to -119, z -73 to -63 mm; take the atlas \
         in the space of the mask"
    );
}
