//! NIfTI files between twoblade and nibabel, the library that most programs read them with.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use twoblade::brain::{BrainMask, Space};
use twoblade::connectome::{
    Intent, MapHeader, SimulatedConnectome, World, read_map, read_mask, write_map,
};

use crate::python;
use crate::study::{stderr, twoblade};

/// What nibabel says of an image; its values go into a file, in its own order, i fastest.
const READ: &str = r#"
import json, sys, nibabel, numpy
image = nibabel.load(sys.argv[1])
numpy.asarray(image.dataobj).astype("<f4").ravel(order="F").tofile(sys.argv[2])
head = image.header
print(json.dumps({
    "shape": image.shape, "type": str(image.get_data_dtype()), "affine": image.affine.tolist(),
    "sform": head.get_sform().tolist(), "qform": head.get_qform().tolist(),
    "codes": [int(head["sform_code"]), int(head["qform_code"])],
    "sides": [float(side) for side in head.get_zooms()], "units": head.get_xyzt_units()[0],
    "intent": head.get_intent()[0], "description": head["descrip"].item().decode(),
}))
"#;

/// The same image stored the other way along i and k, its voxels where they were in the world.
const MIRROR: &str = "
import sys, nibabel
image = nibabel.load(sys.argv[1])
mirrored = image.as_reoriented([[0, -1], [1, 1], [2, -1]])
assert (mirrored.affine.diagonal() == [-2, 2, -2, 1]).all(), mirrored.affine
assert (mirrored.affine[:, 3] != image.affine[:, 3]).any()
nibabel.save(nibabel.Nifti1Image(mirrored.get_fdata().astype('int16'), mirrored.affine), sys.argv[2])
";

fn run(python: &Path, script: &str, files: [&Path; 2]) -> String {
    let output = Command::new(python).args(["-c", script]).args(files).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What nibabel says of a map, and its values.
fn nibabel(python: &Path, map: &Path) -> (Value, Vec<f32>) {
    let values = map.with_extension("values");
    let said = run(python, READ, [map, &values]);
    let bytes = std::fs::read(values).unwrap();
    let values = bytes.chunks(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
    (serde_json::from_str(&said).unwrap(), values.collect())
}

/// Checks that each voxel has what we wrote, to the bit, and all others 0.
fn same_values(mask: &BrainMask, ours: &[f32], theirs: &[f32]) {
    assert_eq!(theirs.len(), mask.space().voxels());
    let mut brain = 0;
    let [across, along, up] = mask.space().shape();
    for k in 0..up {
        for j in 0..along {
            for i in 0..across {
                let theirs = theirs[i + across * (j + along * k)];
                let number = mask.number([i, j, k]);
                let ours = number.map_or(0.0, |number| ours[number as usize]);
                let same = theirs.to_bits() == ours.to_bits() || theirs.is_nan() && ours.is_nan();
                assert!(same, "{theirs} for {ours} at {i}, {j}, {k}");
                brain += usize::from(number.is_some());
            }
        }
    }
    assert_eq!(brain, mask.count());
}

/// The largest difference of an affine of nibabel's and ours.
fn difference(theirs: &Value, ours: &Space) -> f64 {
    let row = |(row, ours): (&Value, [f64; 4])| {
        let theirs = row.as_array().unwrap().iter().map(|entry| entry.as_f64().unwrap());
        theirs.zip(ours).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let rows = theirs.as_array().unwrap();
    assert_eq!(rows.len(), 4);
    rows.iter().zip(ours.affine()).map(row).fold(0.0, f64::max)
}

#[test]
fn nibabel_reads_the_affine_and_the_values_that_fnm_wrote() {
    let Some(python) = python::with(&["nibabel", "numpy"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let simulated =
        SimulatedConnectome { constant_voxels: 5, ..SimulatedConnectome::new(4, 20, 600, 2) };
    simulated.write(folder.path()).unwrap();
    let mut command = twoblade();
    command.current_dir(folder.path()).args(["fnm", "--connectome", "connectome", "--out", "maps"]);
    command.args(["--lesions", "lesions/sphere-001.nii.gz"]).assert().success();
    let mask = read_mask(folder.path().join("mask.nii.gz")).unwrap();
    for (stat, intent) in
        [("t", "t test"), ("n", "none"), ("p", "log10 p value"), ("z", "estimate")]
    {
        let map = folder.path().join(format!("maps/sphere-001_stat-{stat}_statmap.nii.gz"));
        let ours = read_map(&map, &mask).unwrap();
        let (said, theirs) = nibabel(&python, &map);
        same_values(&mask, &ours, &theirs);
        assert_eq!(ours.iter().any(|value| value.is_nan()), stat != "n");
        // Whole numbers of millimetres are floats of any size.
        for form in ["affine", "sform", "qform"] {
            assert!(difference(&said[form], mask.space()) == 0.0, "{form}: {said}");
        }
        assert_eq!(said["shape"], serde_json::json!(mask.space().shape()));
        assert_eq!(said["codes"], serde_json::json!([4, 4]));
        assert_eq!((&said["type"], &said["units"]), (&"float32".into(), &"mm".into()));
        assert_eq!(said["intent"], intent, "{stat}");
        assert_eq!(said["description"], format!("twoblade fnm: {stat} of sphere-001"));
    }
}

#[test]
fn nibabel_reads_an_oblique_grid_that_is_stored_mirrored() {
    let Some(python) = python::with(&["nibabel", "numpy"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (sin, cos) = 0.3f64.sin_cos();
    let sides = [2.0, 2.5, 3.0];
    let affine = [
        [-sides[0], 0.0, 0.0, 90.3],
        [0.0, sides[1] * cos, -sides[2] * sin, -120.7],
        [0.0, sides[1] * sin, sides[2] * cos, -70.1],
    ];
    let space = Space::new([5, 6, 7], affine).unwrap();
    let mask = BrainMask::new(space, vec![[0, 0, 0], [4, 5, 6], [1, 3, 2], [2, 3, 4]]).unwrap();
    let values = [1.5, -f32::MAX, f32::NAN, f32::MIN_POSITIVE];
    let map = folder.path().join("map.nii");
    let header = MapHeader {
        description: "oblique".to_owned(),
        intent: Intent::TTest { freedom: 7.0 },
        world: World::Scanner,
    };
    write_map(&map, &mask, &values, 0.0, &header).unwrap();
    let (said, theirs) = nibabel(&python, &map);
    same_values(&mask, &values, &theirs);
    // NIfTI has floats: entries up to 128 are rounded by at most 2^-18.
    let rounded = 2f64.powi(-18);
    assert!(difference(&said["sform"], &space) <= rounded, "{said}");
    // Three parts of a rotation of which the fourth is made: a few roundings of 2^-25 times a side.
    assert!(difference(&said["qform"], &space) <= 2.0 * rounded, "{said}");
    let theirs: Vec<f64> =
        said["sides"].as_array().unwrap().iter().map(|side| side.as_f64().unwrap()).collect();
    assert!(theirs.iter().zip(sides).all(|(a, b)| (a - b).abs() < 1e-6), "{theirs:?}");
    assert_eq!(said["codes"], serde_json::json!([1, 1]));
}

#[test]
fn a_lesion_that_nibabel_stored_mirrored_has_the_same_maps() {
    let Some(python) = python::with(&["nibabel"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    SimulatedConnectome::new(3, 20, 600, 2).write(folder.path()).unwrap();
    std::fs::create_dir(folder.path().join("mirrored")).unwrap();
    let [straight, mirrored] = ["lesions", "mirrored"].map(|of| format!("{of}/sphere-001.nii.gz"));
    run(&python, MIRROR, [&folder.path().join(&straight), &folder.path().join(&mirrored)]);
    let maps = |lesion: &str, out: &str| {
        let mut command = twoblade();
        command.current_dir(folder.path()).args(["fnm", "--connectome", "connectome"]);
        command.args(["--lesions", lesion, "--out", out]).assert().success();
        ["n", "r", "z", "t", "p", "q"].map(|stat| {
            let map = format!("{out}/sphere-001_stat-{stat}_statmap.nii.gz");
            std::fs::read(folder.path().join(map)).unwrap()
        })
    };
    assert!(maps(&straight, "one") == maps(&mirrored, "two"));
}
