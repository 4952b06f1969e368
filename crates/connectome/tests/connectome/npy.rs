//! Connectomes in .npy files.

use std::fs;

use twoblade_connectome::{Connectome, read_mask};

use crate::files::{AFFINE, GRID, Nifti, SHAPE, expected, folder, npy, read, text, values};

/// Six voxels of the grid.
const SPOTS: [[usize; 3]; 6] = [[0, 0, 0], [0, 0, 1], [1, 2, 3], [2, 0, 4], [2, 3, 0], [2, 3, 4]];

#[test]
fn an_array_of_all_subjects_is_read() {
    let folder = folder();
    let mask = Nifti::spots(GRID, AFFINE, &SPOTS).write(folder.path().join("mask.nii"));
    let file = folder.path().join("all.npy");
    let floats: Vec<u8> = values().iter().flat_map(|&v| f32::from(v).to_le_bytes()).collect();
    npy(&file, "<f4", "(5, 4, 6)", &floats);
    let connectome = Connectome::open_with_mask(&file, &mask).unwrap();
    assert_eq!((read(&connectome, 2), connectome.converted()), (expected(), vec![]));
    assert_eq!(connectome.name(4), "all:4");
    // As numpy takes them out of an image: k fastest.
    assert_eq!(connectome.mask().voxels()[1], [0, 0, 1]);
    let doubles: Vec<u8> = values().iter().flat_map(|&v| f64::from(v).to_be_bytes()).collect();
    npy(&file, ">f8", "(5, 4, 6)", &doubles);
    let brain = read_mask(&mask).unwrap();
    let connectome = Connectome::open_in_mask(&file, brain.clone(), &mask).unwrap();
    assert_eq!(connectome.mask().voxels(), brain.voxels());
    assert_eq!(read(&connectome, 1), expected());
    assert_eq!(connectome.converted()[0].from, "64-bit float, big-endian");
}

#[test]
fn a_folder_of_runs_is_read() {
    let folder = folder();
    let mask = Nifti::spots(GRID, AFFINE, &SPOTS).write(folder.path().join("mask.nii"));
    let all: Vec<u8> = values().iter().flat_map(|v| v.to_le_bytes()).collect();
    let runs: Vec<&[u8]> = all.chunks(SHAPE[1] * SHAPE[2] * 2).collect();
    npy(&folder.path().join("sub-b_run-2.npy"), "<i2", "(4, 6)", runs[1]);
    npy(&folder.path().join("sub-b_run-1.npy"), "<i2", "(4, 6)", runs[0]);
    npy(&folder.path().join("sub-a.npy"), "<i2", "(4, 6)", runs[2]);
    let connectome = Connectome::open_with_mask(folder.path(), &mask).unwrap();
    let one = expected();
    let runs = [vec![one[2][0].clone()], vec![one[0][0].clone(), one[1][0].clone()]];
    assert_eq!(read(&connectome, 1), runs);
    assert_eq!(connectome.names().collect::<Vec<_>>(), ["sub-a", "sub-b"]);
}

#[test]
fn arrays_that_are_no_series_are_refused() {
    let folder = folder();
    let mask = Nifti::spots(GRID, AFFINE, &SPOTS).write(folder.path().join("mask.nii"));
    let file = folder.path().join("all.npy");
    let refused = |descr: &str, shape: &str, bytes: usize| {
        npy(&file, descr, shape, &vec![0; bytes]);
        text(&Connectome::open_with_mask(&file, &mask).unwrap_err(), &folder)
    };
    assert_eq!(
        refused("<f4", "(5,)", 20),
        "all.npy: the array is 5 long, time points x voxels, or with subjects before them is expected"
    );
    assert_eq!(
        refused("<f4", "(2, 7)", 56),
        "all.npy has series of 7 voxels and the mask mask.nii has 6"
    );
    assert_eq!(
        refused("<f4", "(2, 6)", 40),
        "all.npy has 168 bytes and should have 176; it was cut short, get it again"
    );
    assert_eq!(
        refused("<c8", "(2, 6)", 96),
        "all.npy: numbers of kind '<c8'; an array of real numbers that numpy.save wrote is expected"
    );
    fs::write(&file, "text").unwrap();
    assert_eq!(
        text(&Connectome::open_with_mask(&file, &mask).unwrap_err(), &folder),
        "all.npy: the head of an .npy file is missing; an array of real numbers that numpy.save wrote is \
         expected"
    );
}
