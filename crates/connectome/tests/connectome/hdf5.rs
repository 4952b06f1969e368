//! Connectomes in HDF5.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use twoblade_connectome::Connectome;

use crate::files::{AFFINE, Layout, SHAPE, VOXELS, expected, folder, read, text, values};

#[test]
fn every_layout_is_read_alike() {
    let folder = folder();
    let chunks = [None, Some([1, 4, 6]), Some([2, 4, 6]), Some([3, 3, 4]), Some([5, 4, 6])];
    let filters: [&[&str]; 4] =
        [&[], &["gzip"], &["shuffle", "gzip"], &["shuffle", "gzip", "fletcher32"]];
    let mut looked = 0;
    for chunk in chunks {
        for filters in filters {
            if chunk.is_none() && !filters.is_empty() {
                continue;
            }
            let file = folder.path().join("series.h5");
            Layout { chunk, filters, ..Layout::default() }.small(&file);
            let connectome = Connectome::open(&file).unwrap();
            assert_eq!(connectome.converted(), []);
            for block_subjects in 1..=5 {
                assert_eq!(read(&connectome, block_subjects), expected(), "{chunk:?} {filters:?}");
            }
            looked += 1;
        }
    }
    assert_eq!(looked, 17);
}

#[test]
fn every_kind_of_number_is_converted_and_said() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let whole = values();
    let layout = Layout { chunk: Some([1, 4, 6]), filters: &["gzip"], ..Layout::default() };
    let check = |from: &str, exact: bool| {
        let connectome = Connectome::open(&file).unwrap();
        assert_eq!(read(&connectome, 1), expected(), "{from}");
        let [converted] = connectome.converted().try_into().unwrap();
        assert_eq!((converted.from.as_str(), converted.files, converted.exact), (from, 1, exact));
    };
    layout.write(&file, &SHAPE, &whole.iter().map(|&value| f64::from(value)).collect::<Vec<_>>());
    check("64-bit float", false);
    layout.write(&file, &SHAPE, &whole);
    check("16-bit integer", true);
    layout.write(&file, &SHAPE, &whole.iter().map(|&value| i32::from(value)).collect::<Vec<_>>());
    check("32-bit integer", false);
    layout.write(&file, &SHAPE, &whole.iter().map(|&value| i64::from(value)).collect::<Vec<_>>());
    check("64-bit integer", false);
}

#[test]
fn indices_of_voxels_may_lie_across() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    Layout { across: true, ..Layout::default() }.small(&file);
    let connectome = Connectome::open(&file).unwrap();
    let voxels: Vec<[i64; 3]> =
        connectome.mask().voxels().iter().map(|voxel| voxel.map(i64::from)).collect();
    assert_eq!(voxels, VOXELS);
}

#[test]
fn subjects_are_numbered_across_the_files_of_a_folder() {
    let folder = folder();
    Layout::default().small(&folder.path().join("b.h5"));
    Layout { names: Some(&["v", "w", "x", "y", "z"]), ..Layout::default() }
        .small(&folder.path().join("a.hdf5"));
    fs::write(folder.path().join("README.txt"), "not series").unwrap();
    let connectome = Connectome::open(folder.path()).unwrap();
    let names: Vec<&str> = connectome.names().collect();
    assert_eq!(names, ["v", "w", "x", "y", "z", "b:0", "b:1", "b:2", "b:3", "b:4"]);
    let all = read(&connectome, 1);
    assert_eq!((&all[..5], &all[5..]), (&expected()[..], &expected()[..]));
}

/// The text of what is wrong with one file.
fn refused(layout: &Layout, shape: &[usize]) -> String {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let count = shape.iter().product();
    layout.write(&file, shape, &vec![1.0f32; count]);
    text(&Connectome::open(&file).unwrap_err(), &folder)
}

#[test]
fn files_that_are_no_connectome_are_refused() {
    let missing = Layout { without: "timeseries", ..Layout::default() };
    assert_eq!(
        refused(&missing, &[0]),
        "series.h5 has no dataset 'timeseries'; it has mask_indices, mask_affine"
    );
    let missing = Layout { without: "mask_indices", ..Layout::default() };
    assert_eq!(
        refused(&missing, &SHAPE),
        "series.h5 has no dataset 'mask_indices'; it has timeseries, mask_affine"
    );
    assert_eq!(
        refused(&Layout::default(), &[4, 6]),
        "series.h5: dataset 'timeseries' is 4 x 6, subjects x time points x voxels is expected"
    );
    assert_eq!(
        refused(&Layout::default(), &[5, 4, 7]),
        "series.h5 has series of 7 voxels and the mask series.h5 has 6"
    );
    assert_eq!(
        refused(&Layout { grid: None, ..Layout::default() }, &SHAPE),
        "series.h5 does not say how large the grid of its mask is: an attribute 'mask_shape' of three \
         whole numbers is expected, of the file or of 'timeseries' or 'mask_indices'; add it"
    );
    assert_eq!(
        refused(&Layout { grid: Some([3, 4, -5]), ..Layout::default() }, &SHAPE),
        "series.h5: dataset 'mask_shape' holds [3, 4, -5], three whole numbers above 0 are expected"
    );
}

#[test]
fn masks_that_are_none_are_refused() {
    let mut voxels = VOXELS.to_vec();
    voxels[2] = [1, 4, 3];
    assert_eq!(
        refused(&Layout { voxels: voxels.clone(), ..Layout::default() }, &SHAPE),
        "series.h5: its mask is none: voxel 2 of the mask (counted from 0) is at [1, 4, 3], outside the \
         grid of [3, 4, 5] voxels"
    );
    voxels[2] = [1, -1, 3];
    assert_eq!(
        refused(&Layout { voxels, ..Layout::default() }, &SHAPE),
        "series.h5: voxel 2 of 'mask_indices' has index -1; indices count from 0 and are below 4294967295"
    );
    let mut affine = AFFINE;
    affine[2] = [0.0; 4];
    assert!(
        refused(&Layout { affine, ..Layout::default() }, &SHAPE)
            .ends_with("is no map of a grid into the world: it is singular, or not finite")
    );
}

/// The text of what is wrong between two files.
fn apart(layout: &Layout) -> String {
    let folder = folder();
    Layout::default().small(&folder.path().join("a.h5"));
    let count = layout.voxels.len();
    layout.write(&folder.path().join("b.h5"), &[1, 2, count], &vec![1.0f32; 2 * count]);
    text(&Connectome::open(folder.path()).unwrap_err(), &folder)
}

#[test]
fn files_of_two_masks_are_refused() {
    let mut voxels = VOXELS.to_vec();
    voxels.swap(1, 2);
    assert_eq!(
        apart(&Layout { voxels, ..Layout::default() }),
        "b.h5 and a.h5 are not of one mask: voxel 1 is at [1, 2, 3] and at [0, 0, 1]; make them again \
         with one mask"
    );
    assert_eq!(
        apart(&Layout { voxels: VOXELS[..5].to_vec(), ..Layout::default() }),
        "b.h5 and a.h5 are not of one mask: 5 and 6 voxels; make them again with one mask"
    );
    assert_eq!(
        apart(&Layout { grid: Some([3, 4, 6]), ..Layout::default() }),
        "b.h5 and a.h5 are not of one mask: grids of 3 x 4 x 6 and 3 x 4 x 5 voxels; make them again \
         with one mask"
    );
    let mut affine = AFFINE;
    affine[0][3] += 0.5;
    assert_eq!(
        apart(&Layout { affine, ..Layout::default() }),
        "b.h5 and a.h5 lie 0.5000 mm apart by their affines, 0.0001 mm at most is expected; bring them \
         into one space"
    );
    affine[0][3] = AFFINE[0][3] + 5e-5;
    let folder = folder();
    Layout::default().small(&folder.path().join("a.h5"));
    Layout { affine, ..Layout::default() }.small(&folder.path().join("b.h5"));
    assert!(Connectome::open(folder.path()).is_ok());
}

#[test]
fn a_file_that_was_cut_is_refused() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    Layout::default().small(&file);
    let bytes = fs::read(&file).unwrap();
    let mut looked = 0;
    for length in [bytes.len() - 1, bytes.len() / 2, 300] {
        fs::write(&file, &bytes[..length]).unwrap();
        let error = Connectome::open(&file).unwrap_err();
        let expected = format!(
            "series.h5 has {length} bytes and should have {}; it was cut short, get it again",
            bytes.len()
        );
        assert_eq!(text(&error, &folder), expected);
        looked += 1;
    }
    assert_eq!(looked, 3);
    fs::write(&file, "not HDF5").unwrap();
    assert_eq!(
        text(&Connectome::open(&file).unwrap_err(), &folder),
        "series.h5 is no HDF5 file: its signature is missing; was it cut, or is it another format?"
    );
}

#[test]
fn damaged_compression_is_noticed() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let layout = Layout { chunk: Some([1, 4, 6]), filters: &["gzip"], ..Layout::default() };
    layout.small(&file);
    let mut bytes = fs::read(&file).unwrap();
    // Streams of zlib at level 4 begin so, and the numbers are in their middle.
    let start = bytes.windows(2).position(|pair| pair == [0x78, 0x5e]).unwrap();
    bytes[start + 12] ^= 0x55;
    fs::write(&file, bytes).unwrap();
    let connectome = Connectome::open(&file).unwrap();
    let source = twoblade_connectome::ConnectomeSource::new(&connectome, 5).unwrap();
    let visited =
        twoblade_core::BlockSource::visit(&source, 0, &mut |_| std::ops::ControlFlow::Continue(()));
    let error = visited.unwrap_err();
    assert!(
        error.to_string().ends_with(
            "series.h5: dataset 'timeseries' could not be read; the file may be damaged, get it again"
        ),
        "{error}"
    );
}

/// What a folder without series, or with too many formats, says.
fn folder_refused(files: &[&str]) -> String {
    let folder: TempDir = folder();
    for file in files {
        fs::write(folder.path().join(file), "").unwrap();
    }
    let error = Connectome::open(folder.path()).unwrap_err();
    text(&error, &folder).replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn folders_that_are_no_connectome_are_refused() {
    assert_eq!(
        folder_refused(&["notes.txt", "T1w.nii.gz"]),
        "FOLDER holds no connectome; HDF5 files (.h5, .hdf5), or NIfTI (.nii, .nii.gz) or .npy files \
         named sub-*, are expected in it"
    );
    assert_eq!(
        folder_refused(&["a.h5", "sub-01.npy"]),
        "a.h5 and sub-01.npy are of different formats; keep one connectome in a folder"
    );
    assert_eq!(
        folder_refused(&["sub-01.npy"]),
        "FOLDER does not say where its voxels are; name the brain mask that the series are of (a NIfTI \
         file)"
    );
    let folder = folder();
    let file = folder.path().join("series.mat");
    fs::write(&file, "").unwrap();
    assert_eq!(
        text(&Connectome::open(&file).unwrap_err(), &folder),
        "series.mat: its ending names no format; expected are .h5 or .hdf5, .nii or .nii.gz, or .npy"
    );
    let file = folder.path().join("series.h5");
    Layout::default().small(&file);
    assert_eq!(
        text(&Connectome::open_with_mask(&file, "mask.nii").unwrap_err(), &folder),
        "series.h5 holds its own mask, none other is expected; leave the other out"
    );
}

/// Changes bytes after the first index of pieces in a file: an old one, "TREE" and kind 1.
fn change_index(file: &Path, at: usize, to: &[u8]) {
    let mut bytes = fs::read(file).unwrap();
    let tree = bytes.windows(5).position(|bytes| bytes == b"TREE\x01").unwrap();
    bytes[tree + at..][..to.len()].copy_from_slice(to);
    fs::write(file, bytes).unwrap();
}

#[test]
fn pieces_that_an_old_index_has_lost_are_not_read_as_zeros() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let layout = Layout { old: true, chunk: Some([1, 4, 6]), ..Layout::default() };
    let refused = |at: usize, to: &[u8]| {
        layout.small(&file);
        assert_eq!(read(&Connectome::open(&file).unwrap(), 2), expected());
        change_index(&file, at, to);
        let error = Connectome::open(&file).unwrap_err();
        let words = text(&error, &folder);
        words
            .replace("series.h5: dataset 'timeseries' ", "")
            .replace("; it is damaged or was never filled, get it again", "")
    };
    // A head of 24 bytes, then for each piece its size, what filters left out, and its place in four
    // numbers, and then its address.
    assert_eq!(refused(6, &4u16.to_le_bytes()), "has 4 of its 5 pieces");
    assert_eq!(refused(24, &7u32.to_le_bytes()), "has a piece of 7 bytes, where 96 are expected");
    assert_eq!(
        refused(32, &4u64.to_le_bytes()),
        "has a piece at [1, 0, 0], where none is, or twice"
    );
    let behind = "has a piece at [9, 0, 0], where none is, or twice";
    assert_eq!(refused(32, &9u64.to_le_bytes()), behind);
    let length = fs::metadata(&file).unwrap().len();
    let outside =
        format!("has 96 bytes from byte {} on, and the file ends at {length}", length - 9);
    assert_eq!(refused(64, &(length - 9).to_le_bytes()), outside);
    assert_eq!(refused(64, &u64::MAX.to_le_bytes()), "has no place in the file");
    let unread = "series.h5: the index of dataset 'timeseries' could not be read; the file may be \
                  damaged, get it again: format error: invalid HDF5 signature";
    assert_eq!(refused(0, b"tree"), unread);
    assert_eq!(refused(5, &[3]), unread); // its pieces would be nodes
    // And a node that is its own child.
    layout.small(&file);
    let bytes = fs::read(&file).unwrap();
    let tree = bytes.windows(5).position(|bytes| bytes == b"TREE\x01").unwrap();
    let mut circle = bytes[tree..tree + 72].to_vec();
    circle[5] = 1;
    circle[64..].copy_from_slice(&(tree as u64).to_le_bytes());
    assert_eq!(refused(0, &circle), "has an index that cannot be followed");
}

#[test]
fn series_that_were_never_filled_are_not_read_as_zeros() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let layout = Layout { old: true, chunk: Some([1, 4, 6]), ..Layout::default() };
    layout.write::<f32>(&file, &SHAPE, &[]);
    let error = text(&Connectome::open(&file).unwrap_err(), &folder);
    let expected = "series.h5: dataset 'timeseries' has 0 of its 5 pieces; it is damaged or was never \
                    filled, get it again";
    assert_eq!(error, expected);
}

#[test]
fn a_grid_that_the_mask_is_a_speck_in_is_refused() {
    let folder = folder();
    let file = folder.path().join("series.h5");
    let write = |side: i64| {
        Layout { grid: Some([3, 4, side]), ..Layout::default() }.small(&file);
    };
    write(100_000);
    assert!(Connectome::open(&file).is_ok());
    write(1 << 27);
    let error = text(&Connectome::open(&file).unwrap_err(), &folder);
    let expected = "series.h5: dataset 'mask_shape' holds [3, 4, 134217728] for a mask of 6 voxels, \
                    the sides of a grid that the mask is a part of, not a speck in, are expected";
    assert_eq!(error, expected);
}
