//! Simulated connectomes.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use twoblade_connectome::{
    Connectome, ConnectomeError, LesionOptions, SimulatedCompression, SimulatedConnectome,
    VoxelOrder, read_lesion, read_mask_in,
};

use crate::files::{folder, read};

#[test]
fn a_simulation_is_read_as_it_was_asked_for() {
    let folder = folder();
    let mut options = SimulatedConnectome::new(7, 40, 301, 5);
    (options.files, options.constant_voxels) = (3, 2);
    let files = options.write(folder.path()).unwrap();
    let connectome = Connectome::open(&files.connectome).unwrap();
    assert_eq!((connectome.count(), connectome.mask().count()), (7, 301));
    assert_eq!((connectome.name(0), connectome.name(6)), ("part-000:0", "part-002:1"));
    assert_eq!(connectome.time_points(3), [40]);
    let mask = read_mask_in(&files.mask, VoxelOrder::LastFastest).unwrap();
    assert_eq!((mask.voxels(), files.lesions.len()), (connectome.mask().voxels(), 4));
    for lesion in &files.lesions {
        let (lesion, _) = read_lesion(lesion, &mask, LesionOptions::default()).unwrap();
        assert_eq!(lesion.outside, 0);
    }
    let series = read(&connectome, 1);
    for subject in &series {
        let rows: Vec<&[f32]> = subject[0].chunks(301).collect();
        let constant =
            (0..301).filter(|&voxel| rows.iter().all(|row| row[voxel] == rows[0][voxel])).count();
        assert_eq!(constant, 2);
    }
    assert_ne!(series[0], series[1]);

    // The same numbers in one file without compression.
    let other = self::folder();
    (options.files, options.compression) = (1, SimulatedCompression::None);
    let files = options.write(other.path()).unwrap();
    assert_eq!(read(&Connectome::open(files.connectome).unwrap(), 1), series);
}

#[test]
fn a_simulation_writes_the_files_it_says_and_no_others() {
    let folder = folder();
    let mut options = SimulatedConnectome::new(3, 10, 50, 1);
    (options.files, options.lesions, options.lesion_outside) = (2, 1, true);
    let files = options.write(folder.path()).unwrap();
    assert_eq!(files, options.files(folder.path()));
    let listed = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
        files.sort();
        files
    };
    assert_eq!(listed(&files.connectome), files.parts);
    assert_eq!(listed(&files.lesion_folder), files.lesions);
    let corner = files.outside.unwrap();
    assert_eq!(listed(folder.path()), [corner.clone(), files.mask.clone()]);

    let mask = read_mask_in(&files.mask, VoxelOrder::LastFastest).unwrap();
    let error = read_lesion(&corner, &mask, LesionOptions::default()).unwrap_err();
    assert!(error.to_string().contains("none of its 1 voxels"), "{error}");
}

#[test]
fn neighbours_of_a_simulation_are_correlated() {
    let folder = folder();
    let options = SimulatedConnectome::new(1, 200, 1_000, 3);
    let connectome = Connectome::open(options.write(folder.path()).unwrap().connectome).unwrap();
    let series = &read(&connectome, 1)[0][0];
    let voxel = |voxel: usize| -> Vec<f64> {
        let values: Vec<f64> = series.chunks(1_000).map(|row| f64::from(row[voxel])).collect();
        let mean = values.iter().sum::<f64>() / 200.0;
        values.iter().map(|value| value - mean).collect()
    };
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut r: Vec<f64> = (0..100)
        .map(|number| {
            let (a, b) = (voxel(400 + number), voxel(401 + number));
            product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
        })
        .collect();
    r.sort_by(f64::total_cmp);
    assert!(r[50] > 0.15 && r[99] < 0.95, "{} {}", r[50], r[99]);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let folder = folder();
    let options = SimulatedConnectome::new(2, 10, 50, 1);
    let refused = |change: &dyn Fn(&mut SimulatedConnectome)| {
        let mut options = options.clone();
        change(&mut options);
        options.write(folder.path()).unwrap_err().to_string()
    };
    let expected = "the simulation's number of files is 3, from 1 to 2 is expected; change it";
    assert_eq!(refused(&|options| options.files = 3), expected);
    let expected =
        "the simulation's number of time points is 2, from 3 to 21474836 is expected; change it";
    assert_eq!(refused(&|options| options.time_points = 2), expected);
    let expected = "the simulation's level of gzip is 10, from 1 to 9 is expected; change it";
    assert_eq!(refused(&|options| options.compression = SimulatedCompression::Gzip(10)), expected);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let stopped = options.write_watched(folder.path(), &mut |_, _| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(ConnectomeError::Interrupted { done: 1, of: 2 })));
    assert_eq!(fs::read_dir(folder.path().join("connectome")).unwrap().count(), 0);
}
