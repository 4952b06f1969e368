//! Damaged files: 10,000 of each format, in processes that may use 1 GB. Few have checksums, so some are
//! read; what matters is that nothing panics, hangs, or asks for memory that the file cannot fill.

#![expect(clippy::result_large_err, reason = "as the library has them")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use twoblade_connectome::{
    Connectome, ConnectomeError, ConnectomeSource, LesionOptions, read_atlas, read_lesion,
    read_map, read_mask,
};
use twoblade_core::BlockSource;
use twoblade_testkit::survives_damage;

use crate::files::{AFFINE, GRID, Layout, Nifti, SHAPE, VOXELS, folder, npy, values};

/// Of each layout of HDF5, of each use of NIfTI, of each use of compressed NIfTI, and of .npy.
const HDF5: u64 = 10_000 / 5;
const NIFTI: u64 = 10_000 / 4;
const PRESSED: u64 = 10_000 / 2;
const NPY: u64 = 10_000;
const KIBIBYTES: u64 = 1 << 20;

/// Six voxels of the grid.
fn spots() -> Vec<[usize; 3]> {
    VOXELS.iter().map(|voxel| voxel.map(|at| usize::try_from(at).unwrap())).collect()
}

/// All series, read. None may be of zeros alone: that is what the library makes of what it does not
/// find, and no subject here is like that.
fn visit(connectome: &Connectome) -> Result<(), ConnectomeError> {
    let source = ConnectomeSource::new(connectome, 1)?;
    let mut subjects = 0;
    for block in 0..source.blocks() {
        let visited = source.visit(block, &mut |subject| {
            for run in subject.runs() {
                assert!(run.values.iter().any(|&value| value != 0.0), "a series of zeros");
            }
            subjects += 1;
            ControlFlow::Continue(())
        });
        if let Err(error) = visited {
            return Err(*error.downcast().expect("what a connectome has to say"));
        }
    }
    assert_eq!(subjects, connectome.count());
    Ok(())
}

fn survives(
    (test, copies): (&str, u64),
    folder: &TempDir,
    path: &Path,
    read: impl Fn(&Path) -> Result<(), ConnectomeError>,
) {
    let whole = std::fs::read(path).unwrap();
    read(path).unwrap();
    let test = format!("damage::{test}");
    let survived = survives_damage(&test, (copies, KIBIBYTES), &whole, |bytes| {
        std::fs::write(path, bytes).unwrap();
        // Every refusal has words for a person, and names a file.
        let named = folder.path().display().to_string();
        read(path).map_err(|error| assert!(error.to_string().contains(&named), "{error}")).is_ok()
    });
    assert!(survived.refused > copies / 20 && survived.read > copies / 100, "{survived:?}");
}

fn survives_hdf5(test: &str, layout: &Layout) {
    let folder = folder();
    let file = folder.path().join("series.h5");
    layout.small(&file);
    survives((test, HDF5), &folder, &file, |file| visit(&Connectome::open(file)?));
}

#[test]
fn hdf5() {
    survives_hdf5("hdf5", &Layout { names: Some(&["a", "b", "c", "d", "e"]), ..Layout::default() });
}

#[test]
fn hdf5_in_pieces() {
    let filters = &["shuffle", "gzip"];
    survives_hdf5(
        "hdf5_in_pieces",
        &Layout { chunk: Some([1, 4, 6]), filters, ..Layout::default() },
    );
}

#[test]
fn old_hdf5() {
    survives_hdf5(
        "old_hdf5",
        &Layout { old: true, names: Some(&["a", "b", "c", "d", "e"]), ..Layout::default() },
    );
}

#[test]
fn old_hdf5_in_pieces() {
    survives_hdf5(
        "old_hdf5_in_pieces",
        &Layout { old: true, chunk: Some([2, 4, 6]), ..Layout::default() },
    );
}

#[test]
fn old_hdf5_in_pressed_pieces() {
    let filters = &["shuffle", "gzip"];
    let layout = Layout { old: true, chunk: Some([1, 4, 6]), filters, ..Layout::default() };
    survives_hdf5("old_hdf5_in_pressed_pieces", &layout);
}

/// A run of one subject, in the grid of the mask beside it.
fn run(folder: &TempDir, name: &str) -> (PathBuf, PathBuf) {
    let mask = Nifti::spots(GRID, AFFINE, &spots()).write(folder.path().join("mask.nii"));
    let voxels: usize = GRID.iter().product();
    let samples: Vec<f32> = (0..4 * voxels).map(|place| (place % 17) as f32).collect();
    let shape = [GRID[0], GRID[1], GRID[2], 4];
    let file = Nifti::floats(&shape, AFFINE, &samples).write(folder.path().join(name));
    (mask, file)
}

fn survives_run(test: &str, name: &str) {
    let folder = folder();
    let (mask, file) = run(&folder, name);
    let copies =
        if file.extension().is_some_and(|ending| ending == "gz") { PRESSED } else { NIFTI };
    survives((test, copies), &folder, &file, |file| {
        visit(&Connectome::open_with_mask(file, &mask)?)
    });
}

#[test]
fn nifti() {
    survives_run("nifti", "sub-1.nii");
}

#[test]
fn pressed_nifti() {
    survives_run("pressed_nifti", "sub-1.nii.gz");
}

fn survives_image(
    test: &str,
    name: &str,
    read: impl Fn(&Path, &Connectome) -> Result<(), ConnectomeError>,
) {
    let folder = folder();
    let connectome = folder.path().join("series.h5");
    Layout::default().small(&connectome);
    let connectome = Connectome::open(connectome).unwrap();
    let file = Nifti::spots(GRID, AFFINE, &spots()[..3]).write(folder.path().join(name));
    let copies =
        if file.extension().is_some_and(|ending| ending == "gz") { PRESSED } else { NIFTI };
    survives((test, copies), &folder, &file, |file| read(file, &connectome));
}

#[test]
fn masks() {
    survives_image("masks", "mask.nii", |file, _| read_mask(file).map(|_| ()));
}

#[test]
fn lesions() {
    survives_image("lesions", "lesion.nii.gz", |file, connectome| {
        read_lesion(file, connectome.mask(), LesionOptions::default()).map(|_| ())
    });
}

#[test]
fn maps() {
    survives_image("maps", "map.nii", |file, connectome| {
        read_map(file, connectome.mask()).map(|_| ())
    });
}

#[test]
fn atlases() {
    survives_image("atlases", "atlas.nii", |file, connectome| {
        read_atlas(file, connectome.mask()).map(|_| ())
    });
}

#[test]
fn arrays() {
    let folder = folder();
    let (mask, _) = run(&folder, "sub-1.nii");
    let file = folder.path().join("all.npy");
    let floats: Vec<u8> = values().iter().flat_map(|&v| f32::from(v).to_le_bytes()).collect();
    let [subjects, times, voxels] = SHAPE;
    npy(&file, "<f4", &format!("({subjects}, {times}, {voxels})"), &floats);
    survives(("arrays", NPY), &folder, &file, |file| {
        visit(&Connectome::open_with_mask(file, &mask)?)
    });
}
