//! Real input, where it is at hand.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use twoblade_connectome::{
    Connectome, ConnectomeError, ConnectomeSource, LesionOptions, Matched, VoxelOrder, read_lesion,
    read_mask_in,
};
use twoblade_core::BlockSource;

#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("../shared/reference/fnm");
    if folder.exists() {
        return Some(folder);
    }
    eprintln!("passed over: there is no reference data beside the workspace");
    None
}

#[test]
fn the_reference_connectome_is_read() {
    let Some(folder) = folder() else { return };
    let connectome = Connectome::open(folder.join("conn4")).unwrap();
    assert_eq!((connectome.count(), connectome.mask().count()), (24, 5_688));
    assert_eq!(connectome.mask().space().shape(), [24, 28, 24]);
    assert_eq!(connectome.mask().voxels()[..2], [[2, 9, 10], [2, 9, 11]]);
    assert_eq!((connectome.name(0), connectome.name(23)), ("chunk_000:0", "chunk_003:4"));
    assert_eq!((connectome.time_points(7), connectome.converted()), (vec![60], vec![]));
    let source = ConnectomeSource::new(&connectome, 1).unwrap();
    assert_eq!((source.blocks(), source.chunks()), (24, 24));
    let mut firsts = Vec::new();
    for block in 0..source.blocks() {
        let visited = source.visit(block, &mut |subject| {
            assert_eq!((subject.number(), subject.time_points()), (block, 60));
            firsts.push(subject.runs()[0].values[..3].to_vec());
            ControlFlow::Continue(())
        });
        assert!(visited.is_ok());
    }
    // python3 -c "import h5py; print(h5py.File('conn4/chunk_000.h5')['timeseries'][0, 0, :3])", and of
    // chunk_001.h5.
    assert_eq!(firsts[0], [5.586_673_7, 1.429_491_2, 4.602_365_5]);
    assert_eq!(firsts[7], [-1.053_618_4, -5.516_488_6, 10.877_892_5]);
}

#[test]
fn the_reference_mask_is_that_of_the_connectome() {
    let Some(folder) = folder() else { return };
    let connectome = Connectome::open(folder.join("conn4")).unwrap();
    let mask = read_mask_in(folder.join("brainmask.nii.gz"), VoxelOrder::LastFastest).unwrap();
    assert_eq!(mask.voxels(), connectome.mask().voxels());
    assert_eq!(mask.space().distance(connectome.mask().space()), Some(0.0));
}

#[test]
fn the_reference_lesions_have_as_many_voxels_as_is_said() {
    let Some(folder) = folder() else { return };
    let connectome = Connectome::open(folder.join("conn4")).unwrap();
    // python3 -c "import numpy; z = numpy.load('ref_conn4_boes.npz'); print(z['names'], z['n_lesion_vox'])"
    let lesions = [
        ("L01_sphere_small", 33, 0),
        ("L02_sphere_mid", 147, 0),
        ("L03_big600", 739, 0),
        ("L04_single_voxel", 1, 0),
        ("L05_two_voxels", 2, 0),
        ("L06_half_outside", 145, 34),
        ("L07_with_const_voxel", 4, 0),
        ("L08_only_const", 2, 0),
        ("L09_rand", 27, 0),
        ("L10_rand", 52, 0),
        ("L11_rand", 61, 0),
        ("L12_rand", 57, 0),
    ];
    for (name, used, outside) in lesions {
        let file = folder.join("lesions").join(format!("{name}.nii.gz"));
        let (lesion, report) =
            read_lesion(file, connectome.mask(), LesionOptions::default()).unwrap();
        assert_eq!((lesion.name.as_str(), lesion.used(), lesion.outside), (name, used, outside));
        assert_eq!(
            (report.matched, report.given, report.partial),
            (Matched::Same, used + outside, 0)
        );
    }
}

#[test]
fn one_lesion_stored_in_three_ways_is_one() {
    let Some(folder) = folder() else { return };
    let connectome = Connectome::open(folder.join("conn4")).unwrap();
    let read = |name: &str| {
        let file = folder.join("lesions").join(format!("{name}.nii.gz"));
        read_lesion(file, connectome.mask(), LesionOptions::default()).unwrap()
    };
    let (lesion, _) = read("L02_sphere_mid");
    let (mirrored, report) = read("Y_L02_LAS_storage");
    assert_eq!((&mirrored.voxels, &mirrored.weights), (&lesion.voxels, &lesion.weights));
    assert_eq!(report.matched, Matched::Same);
    let (finer, report) = read("Y_L02_1mm");
    assert_eq!((&finer.voxels, &finer.weights), (&lesion.voxels, &lesion.weights));
    assert_eq!((report.matched, report.given, report.partial), (Matched::Overlap, 1_176, 0));
}

#[test]
fn a_reference_lesion_outside_the_brain_is_refused() {
    let Some(folder) = folder() else { return };
    let connectome = Connectome::open(folder.join("conn4")).unwrap();
    let file = folder.join("lesions/X_outside_brain.nii.gz");
    let error = read_lesion(&file, connectome.mask(), LesionOptions::default()).unwrap_err();
    assert!(matches!(error, ConnectomeError::OutsideMask { given: 1, .. }), "{error}");
}
