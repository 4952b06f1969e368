//! Maps written and read back.

use std::fs;

use twoblade_brain::{BrainMask, Space};
use twoblade_connectome::{
    Intent, LesionOptions, MapHeader, World, read_lesion, read_map, read_mask, write_map,
};

use crate::files::{folder, text};

fn mask(affine: [[f64; 4]; 3]) -> BrainMask {
    let space = Space::new([3, 4, 5], affine).unwrap();
    BrainMask::new(space, vec![[2, 3, 4], [0, 0, 0], [1, 2, 3]]).unwrap()
}

const PLAIN: [[f64; 4]; 3] =
    [[-2.0, 0.0, 0.0, 90.0], [0.0, 2.0, 0.0, -126.0], [0.0, 0.0, 2.0, -72.0]];

fn header() -> MapHeader {
    MapHeader {
        description: "Fisher z, mean of 24".to_owned(),
        intent: Intent::TTest { freedom: 23.0 },
        world: World::Mni152,
    }
}

#[test]
fn a_map_that_is_read_back_is_the_same() {
    let folder = folder();
    let mask = mask(PLAIN);
    let values = [1.5, -2.25, f32::NAN];
    for name in ["t.nii.gz", "t.nii"] {
        let file = folder.path().join(name);
        write_map(&file, &mask, &values, 0.0, &header()).unwrap();
        let again = read_map(&file, &mask).unwrap();
        assert_eq!(again.map_bits(), values.map(f32::to_bits));
    }
    // Outside the mask it is what was said.
    let file = folder.path().join("one.nii");
    write_map(&file, &mask, &[0.0; 3], 1.0, &header()).unwrap();
    assert_eq!(read_mask(&file).unwrap().count(), 57);
    assert_eq!(read_mask(&file).unwrap().space(), mask.space());
}

trait Bits {
    fn map_bits(&self) -> Vec<u32>;
}

impl Bits for Vec<f32> {
    fn map_bits(&self) -> Vec<u32> {
        self.iter().map(|value| value.to_bits()).collect()
    }
}

#[test]
fn a_map_has_the_same_bytes_every_time() {
    let folder = folder();
    let [first, second] = ["a.nii.gz", "b.nii.gz"].map(|name| folder.path().join(name));
    let mask = mask(PLAIN);
    write_map(&first, &mask, &[1.0, 2.0, 3.0], 0.0, &header()).unwrap();
    write_map(&second, &mask, &[9.0, 9.0, 9.0], 0.0, &header()).unwrap();
    write_map(&second, &mask, &[1.0, 2.0, 3.0], 0.0, &header()).unwrap();
    let bytes = fs::read(&first).unwrap();
    assert_eq!(bytes, fs::read(&second).unwrap());
    // No flags (so no name), no time, no system.
    assert_eq!((bytes[3], &bytes[4..8], bytes[9]), (0, &[0; 4][..], 255));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// A 32-bit number of the head of a map.
fn float(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn short(bytes: &[u8], at: usize) -> i16 {
    i16::from_le_bytes(bytes[at..at + 2].try_into().unwrap())
}

#[test]
fn heads_say_where_and_what() {
    let folder = folder();
    let file = folder.path().join("t.nii");
    write_map(&file, &mask(PLAIN), &[1.0; 3], 0.0, &header()).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert_eq!(bytes.len(), 352 + 4 * 60);
    let dimensions: Vec<i16> = (0..8).map(|axis| short(&bytes, 40 + 2 * axis)).collect();
    assert_eq!(dimensions, [3, 3, 4, 5, 1, 1, 1, 1]);
    assert_eq!((short(&bytes, 68), float(&bytes, 56), short(&bytes, 70)), (3, 23.0, 16));
    assert_eq!((bytes[123], short(&bytes, 252), short(&bytes, 254)), (2, 4, 4));
    let sizes: Vec<f32> = (0..4).map(|axis| float(&bytes, 76 + 4 * axis)).collect();
    assert_eq!(sizes, [-1.0, 2.0, 2.0, 2.0]);
    assert_eq!(&bytes[148..168], b"Fisher z, mean of 24");
    assert_eq!((float(&bytes, 280), float(&bytes, 292)), (-2.0, 90.0));
}

#[test]
fn the_qform_is_the_sform_where_axes_are_orthogonal() {
    let folder = folder();
    let file = folder.path().join("t.nii");
    let turned = |angle: f64, size: [f64; 3], up: f64| {
        let (s, c) = angle.sin_cos();
        [
            [c * size[0], -s * size[1], 0.0, 3.0],
            [s * size[0], c * size[1], 0.0, -4.0],
            [0.0, 0.0, up * size[2], 5.0],
        ]
    };
    let mut looked = 0;
    for affine in [
        PLAIN,
        turned(0.3, [1.0, 2.0, 3.0], 1.0),
        turned(2.9, [2.0; 3], -1.0),
        [[0.0, 0.0, 2.0, 1.0], [-2.0, 0.0, 0.0, 2.0], [0.0, 2.0, 0.0, 3.0]],
    ] {
        let mask = mask(affine);
        write_map(&file, &mask, &[1.0, 2.0, 3.0], 0.0, &header()).unwrap();
        let mut bytes = fs::read(&file).unwrap();
        bytes[254..256].copy_from_slice(&[0, 0]);
        fs::write(&file, bytes).unwrap();
        // By the qform alone it is where it was: to rounding of 32-bit numbers.
        assert_eq!(read_map(&file, &mask).unwrap(), [1.0, 2.0, 3.0]);
        let distance = read_mask(&file).unwrap().space().distance(mask.space()).unwrap();
        assert!(distance < 1e-5, "{distance} mm");
        looked += 1;
    }
    assert_eq!(looked, 4);
    let sheared = [[2.0, 0.5, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]];
    write_map(&file, &mask(sheared), &[1.0; 3], 0.0, &header()).unwrap();
    assert_eq!(short(&fs::read(&file).unwrap(), 252), 0);
}

#[test]
fn a_map_can_be_a_lesion() {
    let folder = folder();
    let file = folder.path().join("spot.nii.gz");
    let mask = mask(PLAIN);
    write_map(&file, &mask, &[0.0, 1.0, 1.0], 0.0, &header()).unwrap();
    let (lesion, _) = read_lesion(&file, &mask, LesionOptions::default()).unwrap();
    assert_eq!((lesion.voxels, lesion.outside), (vec![1, 2], 0));
}

#[test]
fn maps_that_do_not_fit_are_refused() {
    let folder = folder();
    let file = folder.path().join("t.nii.gz");
    let mask = mask(PLAIN);
    let error = write_map(&file, &mask, &[1.0; 2], 0.0, &header()).unwrap_err();
    assert_eq!(
        text(&error, &folder),
        "t.nii.gz: 2 values are given for a mask of 3 voxels; one each is expected"
    );
    let space = Space::new([40_000, 1, 1], PLAIN).unwrap();
    let long = BrainMask::new(space, vec![[0; 3]]).unwrap();
    let error = write_map(&file, &long, &[1.0], 0.0, &header()).unwrap_err();
    assert_eq!(
        text(&error, &folder),
        "t.nii.gz: a grid of 40000 x 1 x 1 voxels cannot be a NIfTI-1 file, 32767 along an axis is the \
         most"
    );
    let error = write_map(folder.path().join("no/t.nii"), &mask, &[1.0; 3], 0.0, &header());
    assert!(text(&error.unwrap_err(), &folder).starts_with("no/t.nii could not be written: "));
    let mut moved = PLAIN;
    moved[0][3] = 91.0;
    write_map(&file, &self::mask(moved), &[1.0; 3], 0.0, &header()).unwrap();
    assert_eq!(
        text(&read_map(&file, &mask).unwrap_err(), &folder),
        "t.nii.gz and the mask lie 1.0000 mm apart by their affines, 0.001 mm at most is expected; bring \
         them into one space"
    );
}
