//! Functional network maps against numbers that another program made of the same connectome.
//!
//! The data are not part of the project; without them these tests pass over, and say so.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use twoblade::connectome::{Connectome, ConnectomeSource, LesionOptions, read_lesion};
use twoblade::fnm::{Fnm, FnmError, LesionMap, Options, Study};
use twoblade::runner::Runner;
use twoblade_tests::reference;

const VOXELS: usize = 5688;
/// Constant in every subject, and in the first five: the reference counts them as z = 0.
const CONSTANT: [usize; 3] = [10, 11, 12];

/// The arrays of doubles in an .npz file, which is a zip.
fn arrays(file: &Path) -> HashMap<String, Vec<f64>> {
    let bytes = std::fs::read(file).unwrap();
    let number = |at: usize, len: usize| {
        bytes[at..at + len].iter().rev().fold(0usize, |n, &byte| n << 8 | usize::from(byte))
    };
    let (mut at, mut arrays) = (0, HashMap::new());
    while bytes[at..].starts_with(b"PK\x03\x04") {
        let (name, extra) = (number(at + 26, 2), number(at + 28, 2));
        let name_at = at + 30;
        let data = name_at + name + extra;
        // Numpy puts sizes of 64 bits behind the name: two numbers of 2 bytes, then both sizes.
        let packed = number(name_at + name + 12, 8);
        let mut array = Vec::new();
        flate2::read::DeflateDecoder::new(&bytes[data..data + packed])
            .read_to_end(&mut array)
            .unwrap();
        let header = 10 + usize::from(array[8]) + (usize::from(array[9]) << 8);
        if String::from_utf8_lossy(&array[10..header]).contains("'<f8'") {
            let (numbers, _) = array[header..].as_chunks::<8>();
            let name = String::from_utf8_lossy(&bytes[name_at..name_at + name]).into_owned();
            arrays.insert(name, numbers.iter().copied().map(f64::from_le_bytes).collect());
        }
        at = data + packed;
    }
    arrays
}

fn maps(folder: &Path, names: &[&str], threads: usize) -> Result<Vec<LesionMap>, FnmError> {
    let connectome = Connectome::open(folder.join("conn4")).unwrap();
    let lesion = |name: &&str| {
        let file = folder.join("lesions").join(format!("{name}.nii.gz"));
        read_lesion(file, connectome.mask(), LesionOptions::default()).unwrap().0
    };
    let times = (0..connectome.count()).map(|subject| connectome.time_points(subject));
    let study = Study {
        subjects: connectome.names().map(str::to_owned).collect(),
        voxels: connectome.mask().count(),
        time_points: times.clone().map(|runs| runs.iter().sum()).max().unwrap(),
        runs: times.map(|runs| runs.len()).max().unwrap(),
        lesions: names.iter().map(lesion).collect(),
        parcels: None,
    };
    let model = Fnm::new(study, Options::default())?;
    let source = ConnectomeSource::new(&connectome, 1).unwrap();
    let done = Runner::new().threads(threads).run(&model, &source).unwrap();
    Ok((0..names.len()).map(|lesion| model.map(&done.total, lesion)).collect())
}

const LESIONS: [&str; 12] = [
    "L01_sphere_small",
    "L02_sphere_mid",
    "L03_big600",
    "L04_single_voxel",
    "L05_two_voxels",
    "L06_half_outside",
    "L07_with_const_voxel",
    "L08_only_const",
    "L09_rand",
    "L10_rand",
    "L11_rand",
    "L12_rand",
];

#[test]
fn maps_are_those_of_the_reference() {
    let Some(folder) = reference::folder("fnm") else { return };
    let reference = arrays(&folder.join("ref_conn4_boes.npz"));
    let of =
        |name: &str, lesion: usize| &reference[&format!("{name}.npy")][lesion * VOXELS..][..VOXELS];
    let maps = maps(&folder, &LESIONS, 2).unwrap();
    for (lesion, map) in maps.iter().enumerate() {
        if LESIONS[lesion] == "L08_only_const" {
            // No subject has a seed: there is no map.
            assert!(map.n.iter().all(|&n| n == 0));
            continue;
        }
        assert_eq!(CONSTANT.map(|v| map.n[v]), [0, 0, 19]);
        let (r, t): (Vec<f64>, Vec<f64>) = (map.r().collect(), map.t().collect());
        let (p, q): (Vec<f64>, Vec<f64>) = (map.log10_p().collect(), map.log10_q());
        for v in (0..VOXELS).filter(|v| !CONSTANT.contains(v)) {
            assert_eq!(map.n[v], 24);
            let expected = ["mean_r", "mean_z", "t", "p", "q"].map(|name| of(name, lesion)[v]);
            let [dense_r, dense_z, dense_t, dense_p, dense_q] = expected;
            assert!((r[v] - dense_r).abs() <= 2e-7, "r {} for {dense_r}", r[v]);
            assert!(dense_z.abs() >= 3.0 || (map.z[v] - dense_z).abs() <= 5e-7);
            // The seed of one voxel is at the cap in everybody: no variance, so t is 0 here.
            if map.sd[v] > 1e-3 {
                let off = (t[v] - dense_t).abs();
                assert!(off <= 5e-6 * dense_t.abs().max(1.0), "t {} for {dense_t}", t[v]);
                for (ours, dense) in [(p[v], dense_p), (q[v], dense_q)] {
                    if dense > 0.0 {
                        let dense = dense.log10();
                        // The reference's own voxels 10 to 12 move its q by their p of 1.
                        let off = (ours - dense).abs();
                        assert!(off <= 1e-3 * dense.abs().max(1.0), "log10 {ours} for {dense}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_lesion_has_the_same_bits_alone_and_stored_otherwise() {
    let Some(folder) = reference::folder("fnm") else { return };
    let all = maps(&folder, &LESIONS, 2).unwrap();
    let same = ["L02_sphere_mid", "Y_L02_LAS_storage", "Y_L02_1mm"];
    for threads in [1, 3, 8] {
        let of = maps(&folder, &same, threads).unwrap();
        for map in of {
            // NaN is not equal to itself.
            assert_eq!(format!("{map:?}"), format!("{:?}", all[1]));
        }
    }
}
