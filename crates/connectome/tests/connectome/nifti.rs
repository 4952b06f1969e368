//! Connectomes and masks in NIfTI.

use std::fs;

use tempfile::TempDir;
use twoblade_connectome::{Connectome, VoxelOrder, read_mask, read_mask_in};

use crate::files::{AFFINE, GRID, Nifti, folder, read, text};

const SPOTS: [[usize; 3]; 3] = [[2, 0, 0], [0, 1, 0], [0, 0, 3]];

fn mask(folder: &TempDir) -> std::path::PathBuf {
    Nifti::spots(GRID, AFFINE, &SPOTS).write(folder.path().join("mask.nii.gz"))
}

/// A run of volumes whose voxels hold 100 x the time plus the number of the voxel.
fn run(times: usize) -> Nifti {
    let voxels = GRID.iter().product::<usize>();
    let value = |place: usize| i16::try_from(place / voxels * 100 + place % voxels).unwrap();
    let data = (0..voxels * times).flat_map(|place| value(place).to_le_bytes()).collect();
    Nifti::new(&[GRID[0], GRID[1], GRID[2], times], AFFINE, 4, data)
}

#[test]
fn masks_are_read_in_the_order_that_is_asked_for() {
    let folder = folder();
    let file = mask(&folder);
    assert_eq!(read_mask(&file).unwrap().voxels(), [[2, 0, 0], [0, 1, 0], [0, 0, 3]]);
    let last = read_mask_in(&file, VoxelOrder::LastFastest).unwrap();
    assert_eq!(last.voxels(), [[0, 0, 3], [0, 1, 0], [2, 0, 0]]);
}

#[test]
fn runs_of_a_subject_are_its_files_in_the_order_of_their_names() {
    let folder = folder();
    let mask = mask(&folder);
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut scaled = run(2);
    scaled.scale = [0.5, 10.0];
    scaled.write(data.join("sub-02_run-2_bold.nii"));
    run(3).write(data.join("sub-02_run-1_bold.nii.gz"));
    run(2).write(data.join("sub-10.nii.gz"));
    run(2).write(data.join("mean.nii.gz"));
    let connectome = Connectome::open_with_mask(&data, &mask).unwrap();
    assert_eq!(connectome.names().collect::<Vec<_>>(), ["sub-02", "sub-10"]);
    assert_eq!((connectome.time_points(0), connectome.time_points(1)), (vec![3, 2], vec![2]));
    let first = [2.0, 3.0, 36.0, 102.0, 103.0, 136.0, 202.0, 203.0, 236.0];
    let second = [11.0, 11.5, 28.0, 61.0, 61.5, 78.0];
    let expected = [vec![first.to_vec(), second.to_vec()], vec![first[..6].to_vec()]];
    assert_eq!(read(&connectome, 1), expected);
    assert_eq!(connectome.converted()[0].from, "16-bit integer");
}

#[test]
fn any_byte_order_and_kind_is_read() {
    let folder = folder();
    let mask = mask(&folder);
    let file = folder.path().join("sub-1.nii");
    let voxels = 60;
    let mut looked = 0;
    for (datatype, bytes) in
        [(2i16, 1), (256, 1), (4, 2), (512, 2), (8, 4), (768, 4), (1024, 8), (1280, 8)]
    {
        for big_endian in [false, true] {
            let number = |place: usize| {
                let mut number = (place as u64 % 60).to_le_bytes()[..bytes].to_vec();
                if big_endian {
                    number.reverse();
                }
                number
            };
            let data = (0..voxels * 2).flat_map(number).collect();
            let mut nifti = Nifti::new(&[3, 4, 5, 2], AFFINE, datatype, data);
            nifti.big_endian = big_endian;
            nifti.write(&file);
            let connectome = Connectome::open_with_mask(&file, &mask).unwrap();
            let expected = [[vec![2.0, 3.0, 36.0, 2.0, 3.0, 36.0]]];
            assert_eq!(read(&connectome, 1), expected, "{datatype} {big_endian}");
            looked += 1;
        }
    }
    assert_eq!(looked, 16);
}

/// The text of what is wrong with a run.
fn refused(nifti: &Nifti) -> String {
    let folder = folder();
    let mask = mask(&folder);
    let file = nifti.write(folder.path().join("sub-1.nii"));
    text(&Connectome::open_with_mask(file, mask).unwrap_err(), &folder)
}

#[test]
fn runs_that_are_none_are_refused() {
    assert_eq!(
        refused(&Nifti::new(&[3, 4, 5], AFFINE, 4, vec![0; 120])),
        "sub-1.nii has 1 volumes, a volume for each time point is expected"
    );
    assert_eq!(
        refused(&Nifti::new(&[3, 4, 6, 2], AFFINE, 4, vec![0; 288])),
        "sub-1.nii and mask.nii.gz are not of one mask: grids of 3 x 4 x 6 and 3 x 4 x 5 voxels; make \
         them again with one mask"
    );
    let mut moved = run(2);
    moved.sform.as_mut().unwrap()[1][3] += 0.25;
    assert_eq!(
        refused(&moved),
        "sub-1.nii and mask.nii.gz lie 0.2500 mm apart by their affines, 0.001 mm at most is expected; \
         bring them into one space"
    );
    let is = |what: &str| {
        format!("sub-1.nii is {what}; a NIfTI-1 file of real numbers is expected (.nii or .nii.gz)")
    };
    let mut complex = run(2);
    complex.datatype = 32;
    assert_eq!(refused(&complex), is("of data type 32 (complex numbers)"));
    let mut pair = run(2);
    pair.magic = *b"ni1\0";
    assert_eq!(refused(&pair), is("one half of a pair of .hdr and .img"));
    pair.magic = [0; 4];
    assert_eq!(refused(&pair), is("of the older Analyze format"));
    let mut flat = run(2);
    flat.shape = vec![3, 0, 5, 2];
    assert_eq!(
        refused(&flat),
        is("of dimensions [4, 3, 0, 5, 2, 0, 0, 0], the first of which counts the others")
    );
}

#[test]
fn heads_that_are_none_are_refused() {
    let folder = folder();
    let file = folder.path().join("mask.nii");
    let refused = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        text(&read_mask(&file).unwrap_err(), &folder)
    };
    let is = |what: &str| {
        format!("mask.nii is {what}; a NIfTI-1 file of real numbers is expected (.nii or .nii.gz)")
    };
    assert_eq!(refused(&[1; 20]), is("too short for a head: 20 bytes of 348"));
    assert_eq!(
        refused(&[1; 400]),
        is("something else: its first number is not the size of a head")
    );
    let mut second = vec![0; 600];
    second[..4].copy_from_slice(&540i32.to_le_bytes());
    assert_eq!(refused(&second), is("NIfTI-2"));
    let whole = Nifti::spots(GRID, AFFINE, &SPOTS).bytes();
    assert_eq!(
        refused(&whole[..400]),
        "mask.nii has 400 bytes and should have 412; it was cut short, get it again"
    );
    let empty = Nifti::spots(GRID, AFFINE, &[]).bytes();
    assert_eq!(refused(&empty), "mask.nii: its mask is none: the mask has no voxel");
}

#[test]
fn damaged_gzip_is_noticed() {
    let folder = folder();
    let file = mask(&folder);
    let bytes = fs::read(&file).unwrap();
    let length = bytes.len();
    // The checksum is in the last eight bytes, numbers before it.
    let mut looked = 0;
    for at in [length - 6, length / 2] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        fs::write(&file, damaged).unwrap();
        let error = text(&read_mask(&file).unwrap_err(), &folder);
        assert!(error.starts_with("mask.nii.gz could not be read: "), "{error}");
        looked += 1;
    }
    fs::write(&file, &bytes[..length - 20]).unwrap();
    let error = text(&read_mask(&file).unwrap_err(), &folder);
    assert!(error.starts_with("mask.nii.gz could not be read: "), "{error}");
    assert_eq!(looked, 2);
}
