//! Lesions, matched by where they are in the world.

use tempfile::TempDir;
use twoblade_brain::{BrainMask, Lesion, Space};
use twoblade_connectome::{
    ConnectomeError, LesionOptions, LesionReport, Matched, Placed, SpaceCheck, read_lesion,
};

use crate::files::{Nifti, folder, text};

/// A 2 mm grid of 6 x 6 x 6 whose first voxel is at (-5, -5, -5); all but the layer k = 5 is brain.
const SIDE: usize = 6;
const AFFINE: [[f64; 4]; 3] = [[2.0, 0.0, 0.0, -5.0], [0.0, 2.0, 0.0, -5.0], [0.0, 0.0, 2.0, -5.0]];
const WEIGHTED: LesionOptions = LesionOptions { weighted: true, space: SpaceCheck::Strict };
const BINARY: LesionOptions = LesionOptions { weighted: false, space: SpaceCheck::Strict };
const TOLERANT: LesionOptions = LesionOptions { weighted: false, space: SpaceCheck::Tolerant };

fn mask() -> BrainMask {
    let space = Space::new([SIDE; 3], AFFINE).unwrap();
    let voxels = (0..5).flat_map(|k| (0..6).flat_map(move |j| (0..6).map(move |i| [i, j, k])));
    BrainMask::new(space, voxels.collect()).unwrap()
}

type Read = Result<(Lesion, LesionReport), ConnectomeError>;

fn read(nifti: &Nifti, options: LesionOptions) -> (Read, TempDir) {
    let folder = folder();
    let file = nifti.write(folder.path().join("spot.nii.gz"));
    (read_lesion(file, &mask(), options), folder)
}

/// The voxels that a lesion touches, by i, j and k.
fn touched(nifti: &Nifti, options: LesionOptions) -> (Vec<[u32; 3]>, LesionReport) {
    let (lesion, report) = read(nifti, options).0.unwrap();
    assert_eq!((lesion.used(), lesion.given), (report.used, report.given));
    let mask = mask();
    (lesion.voxels.iter().map(|&voxel| mask.voxels()[voxel as usize]).collect(), report)
}

fn refused(nifti: &Nifti, options: LesionOptions) -> String {
    let (read, folder) = read(nifti, options);
    text(&read.unwrap_err(), &folder)
}

#[test]
fn voxels_are_those_of_the_mask_whatever_their_storage() {
    let spots = [[1, 2, 3], [4, 0, 0], [5, 5, 5]];
    let (voxels, report) = touched(&Nifti::spots([SIDE; 3], AFFINE, &spots), BINARY);
    assert_eq!(voxels, [[4, 0, 0], [1, 2, 3]]);
    assert_eq!((report.matched, report.given, report.outside), (Matched::Same, 3, 1));
    assert_eq!(report.to_string(), "3 voxels given, 1 of them outside the mask, 2 used");
    // Stored from right to left, and with its axes in the order k, i, j.
    let mirrored = [[-2.0, 0.0, 0.0, 5.0], AFFINE[1], AFFINE[2]];
    let spots = spots.map(|[i, j, k]| [5 - i, j, k]);
    let (again, report) = touched(&Nifti::spots([SIDE; 3], mirrored, &spots), BINARY);
    assert_eq!((again, report.matched), (voxels.clone(), Matched::Same));
    let turned = [[0.0, 2.0, 0.0, -5.0], [0.0, 0.0, 2.0, -5.0], [2.0, 0.0, 0.0, -5.0]];
    let spots = [[3, 1, 2], [0, 4, 0], [5, 5, 5]];
    let (again, report) = touched(&Nifti::spots([SIDE; 3], turned, &spots), BINARY);
    assert_eq!((again, report.matched), (voxels, Matched::Same));
}

#[test]
fn a_smaller_image_is_placed_in_the_mask() {
    let mut affine = AFFINE;
    affine[0][3] = -1.0;
    let (voxels, _) = touched(&Nifti::spots([2, 2, 2], affine, &[[1, 0, 1]]), BINARY);
    assert_eq!(voxels, [[3, 0, 1]]);
}

#[test]
fn the_qform_and_the_sizes_of_voxels_stand_in() {
    let mut nifti = Nifti::spots([SIDE; 3], AFFINE, &[[1, 2, 3]]);
    nifti.sform = None;
    // No turn, left-handed: k runs down.
    nifti.qform = Some(([0.0; 3], [-5.0, -5.0, 5.0], -1.0));
    let (voxels, report) = touched(&nifti, BINARY);
    assert_eq!((voxels, report.placed), (vec![[1, 2, 2]], Placed::Qform));
    // A half turn about z.
    nifti.qform = Some(([0.0, 0.0, 1.0], [5.0, 5.0, -5.0], 1.0));
    assert_eq!(touched(&nifti, BINARY).0, [[4, 3, 3]]);
    let mut nifti = Nifti::spots([SIDE; 3], AFFINE, &[[1, 2, 1]]);
    nifti.sform = None;
    let (voxels, report) = touched(&nifti, TOLERANT);
    // The first voxel is at 0, between two of the mask.
    assert_eq!((voxels.len(), report.placed), (1, Placed::VoxelSizes));
    assert!(report.to_string().ends_with("placed by the sizes of its voxels alone"));
}

#[test]
fn scales_that_are_none_scale_nothing_and_others_do() {
    for slope in [f32::NAN, 0.0, f32::INFINITY] {
        let mut nifti = Nifti::spots([SIDE; 3], AFFINE, &[[1, 2, 3]]);
        nifti.scale = [slope, 7.0];
        let (lesion, _) = read(&nifti, WEIGHTED).0.unwrap();
        assert_eq!(lesion.weights, [1.0]);
    }
    let mut nifti = Nifti::spots([SIDE; 3], AFFINE, &[[1, 2, 3]]);
    nifti.scale = [0.25, 0.0];
    assert_eq!(read(&nifti, WEIGHTED).0.unwrap().0.weights, [0.25]);
    // One value beside 0 is binary, whatever it is.
    assert_eq!(read(&nifti, BINARY).0.unwrap().0.weights, [1.0]);
}

#[test]
fn a_finer_grid_counts_by_the_share_that_is_covered() {
    // 1 mm: two voxels of it along each side of one of the mask.
    let affine = [[1.0, 0.0, 0.0, -5.5], [0.0, 1.0, 0.0, -5.5], [0.0, 0.0, 1.0, -5.5]];
    let mut spots = Vec::new();
    // All of (1, 1, 1), half of (2, 1, 1), an eighth of (3, 3, 3), and of (0, 0, 5), outside the mask.
    for i in 2..5 {
        for j in 2..4 {
            spots.extend([[i, j, 2], [i, j, 3]]);
        }
    }
    spots.extend([[6, 6, 6], [0, 0, 11]]);
    let nifti = Nifti::spots([12; 3], affine, &spots);
    let (voxels, report) = touched(&nifti, BINARY);
    assert_eq!(voxels, [[1, 1, 1], [2, 1, 1]]);
    assert_eq!((report.matched, report.given), (Matched::Overlap, 14));
    assert_eq!((report.outside, report.partial), (1, 1));
    assert_eq!(
        report.to_string(),
        "14 voxels given, 1 of them outside the mask, 2 used; by overlap of voxels of 1.0000 x 1.0000 x \
         1.0000 mm; 1 covered by less than half left out"
    );
    let (lesion, report) = read(&nifti, WEIGHTED).0.unwrap();
    assert_eq!((lesion.weights.as_slice(), report.partial), ([1.0, 0.5, 0.125].as_slice(), 0));
}

#[test]
fn voxels_on_the_border_of_two_are_shared() {
    // As the 1 mm and the 2 mm grids of MNI 152 lie: first voxels have one centre.
    let affine = [[1.0, 0.0, 0.0, -5.0], [0.0, 1.0, 0.0, -5.0], [0.0, 0.0, 1.0, -5.0]];
    let spots: Vec<[usize; 3]> = (1..4).map(|i| [i, 2, 2]).collect();
    let (lesion, _) = read(&Nifti::spots([11; 3], affine, &spots), WEIGHTED).0.unwrap();
    let mask = mask();
    let at = |i| mask.number([i, 1, 1]).unwrap();
    assert_eq!(lesion.voxels, [at(0), at(1), at(2)]);
    assert_eq!(lesion.weights, [0.0625, 0.25, 0.0625]);
}

#[test]
fn a_coarser_grid_covers_several_voxels() {
    // 4 mm: voxel (1, 1, 1) of it is 2..4 of the mask along each axis.
    let affine = [[4.0, 0.0, 0.0, -4.0], [0.0, 4.0, 0.0, -4.0], [0.0, 0.0, 4.0, -4.0]];
    let (voxels, report) = touched(&Nifti::spots([3; 3], affine, &[[1, 1, 0]]), BINARY);
    let expected =
        [[2, 2, 0], [3, 2, 0], [2, 3, 0], [3, 3, 0], [2, 2, 1], [3, 2, 1], [2, 3, 1], [3, 3, 1]];
    assert_eq!(voxels, expected);
    assert_eq!((report.matched, report.outside, report.partial), (Matched::Overlap, 0, 0));
}

#[test]
fn grids_that_do_not_line_up_need_tolerance() {
    let mut affine = AFFINE;
    affine[1][3] += 0.7;
    let nifti = Nifti::spots([SIDE; 3], affine, &[[1, 2, 3]]);
    assert_eq!(
        refused(&nifti, BINARY),
        "spot.nii.gz: its grid does not line up with the mask's, voxels are up to 0.700 mm off and 0.001 \
         mm is allowed; bring it into the space of the mask, or allow more (--space-check tolerant)"
    );
    let (voxels, report) = touched(&nifti, TOLERANT);
    assert_eq!(voxels, [[1, 2, 3]]);
    assert!(matches!(report.matched, Matched::Nearest { apart } if (apart - 0.7).abs() < 1e-6));
    assert!(report.to_string().ends_with("nearest voxels, up to 0.700 mm apart"));
    // Turned by an eighth about z, around the middle.
    let (c, s) = (2.0 * 0.5f64.sqrt(), 2.0 * 0.5f64.sqrt());
    let turned = [[c, -s, 0.0, 0.0], [s, c, 0.0, -7.071_067_8], [0.0, 0.0, 2.0, -5.0]];
    let nifti = Nifti::spots([SIDE; 3], turned, &[[2, 3, 2], [3, 3, 2]]);
    assert!(matches!(read(&nifti, BINARY).0, Err(ConnectomeError::Grid { .. })));
    let (voxels, report) = touched(&nifti, TOLERANT);
    assert_eq!(report.matched, Matched::Centres);
    assert!(!voxels.is_empty() && voxels.len() <= 3, "{voxels:?}");
    assert!(report.to_string().ends_with("by the centres of voxels of an oblique grid"));
}

#[test]
fn values_that_are_no_lesion_are_refused() {
    let image = |change: &dyn Fn(&mut [f32])| {
        let mut values = vec![0.0; 216];
        change(&mut values);
        Nifti::floats(&[SIDE; 3], AFFINE, &values)
    };
    assert_eq!(refused(&image(&|_| ()), BINARY), "spot.nii.gz is empty: all 216 voxels are 0");
    let infinite = image(&|values| {
        values[3] = f32::NAN;
        values[4] = f32::INFINITY;
        values[5] = 1.0;
    });
    assert_eq!(
        refused(&infinite, WEIGHTED),
        "spot.nii.gz: 2 voxels are infinite or not a number; write 0 outside the lesion"
    );
    let negative = image(&|values| values[3..6].copy_from_slice(&[-1.0, -2.5, 3.0]));
    assert_eq!(
        refused(&negative, WEIGHTED),
        "spot.nii.gz: 2 voxels are below 0, down to -2.5; a lesion is 0 or more everywhere"
    );
    let weights = image(&|values| values[3..5].copy_from_slice(&[1.0, 0.5]));
    assert_eq!(
        refused(&weights, BINARY),
        "spot.nii.gz has voxels of 1 and of 0.5, one value beside 0 is expected; if its values are \
         weights, ask for a weighted lesion (--weighted)"
    );
    let (lesion, _) = read(&weights, WEIGHTED).0.unwrap();
    assert_eq!((lesion.voxels, lesion.weights), (vec![3, 4], vec![1.0, 0.5]));
}

#[test]
fn lesions_that_leave_nothing_are_refused_by_name() {
    assert_eq!(
        refused(&Nifti::spots([SIDE; 3], AFFINE, &[[0, 0, 5], [1, 0, 5]]), BINARY),
        "spot.nii.gz lies outside the brain mask: none of its 2 voxels is in it"
    );
    let fine = [[1.0, 0.0, 0.0, -5.5], [0.0, 1.0, 0.0, -5.5], [0.0, 0.0, 1.0, -5.5]];
    assert_eq!(
        refused(&Nifti::spots([12; 3], fine, &[[6, 6, 6]]), BINARY),
        "spot.nii.gz is too thin for the mask: its 1 voxels cover no voxel of the mask by half, 12.5 % of \
         one at most; weights would keep it (--weighted)"
    );
    let mut far = AFFINE;
    far[0][3] = 95.0;
    assert_eq!(
        refused(&Nifti::spots([SIDE; 3], far, &[[0, 0, 0]]), BINARY),
        "spot.nii.gz seems to be in another space: its image reaches over x 94 to 106, y -6 to 6, z -6 to \
         6 mm, and the mask's over x -6 to 6, y -6 to 6, z -6 to 6 mm; bring it into the space of the mask"
    );
}

#[test]
fn four_dimensions_with_one_volume_are_three() {
    let mut nifti = Nifti::spots([SIDE; 3], AFFINE, &[[1, 2, 3]]);
    nifti.shape.push(1);
    assert_eq!(touched(&nifti, BINARY).0, [[1, 2, 3]]);
    nifti.shape[3] = 2;
    assert_eq!(refused(&nifti, BINARY), "spot.nii.gz has 2 volumes, one is expected");
}
