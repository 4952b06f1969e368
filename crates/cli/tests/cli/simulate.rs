//! `twoblade simulate`: genotypes by itself, a connectome by a subcommand.

use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use twoblade::connectome::{Connectome, SimulatedCompression, SimulatedConnectome};

use crate::study::{stderr, stdout, twoblade};

const SMALL: [&str; 8] =
    ["--subjects", "3", "--time-points", "10", "--voxels", "60", "--lesions", "2"];

/// Runs `twoblade simulate` in a folder.
fn simulate(folder: &Path, arguments: &[&str]) -> Output {
    twoblade().current_dir(folder).arg("simulate").args(arguments).output().unwrap()
}

/// The same of a small connectome, with more arguments.
fn small(folder: &Path, arguments: &[&str]) -> Output {
    simulate(folder, &[&["connectome"], &SMALL[..], arguments].concat())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Checks that it is refused with this code, says so, and leaves nothing in the folder.
fn refused(folder: &Path, output: &Output, code: i32, says: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in says {
        assert!(text.contains(part), "'{part}' is not in:\n{text}");
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

/// Whether two folders have the same files of the same bytes, and how many.
fn same(one: &Path, two: &Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(one).unwrap() {
        let entry = entry.unwrap();
        let other = two.join(entry.file_name());
        if entry.path().is_dir() {
            files += same(&entry.path(), &other);
        } else {
            let [one, two] = [entry.path(), other].map(|path| std::fs::read(path).unwrap());
            assert!(one == two, "{}", entry.path().display());
            files += 1;
        }
    }
    files
}

#[test]
fn every_option_of_a_connectome_is_the_librarys() {
    let folder = folder();
    let options = "--files 2 --constant-voxels 3 --networks 5 --compression 4 --seed 9 \
                   --lesion-outside --out made";
    let options: Vec<&str> = options.split_whitespace().collect();
    let output = small(folder.path(), &options);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        stdout(&output),
        "written: made/connectome (2 files) made/lesions (2 lesions) made/mask.nii.gz \
         made/corner.nii.gz\n"
    );
    let expected = SimulatedConnectome {
        files: 2,
        compression: SimulatedCompression::Gzip(4),
        networks: 5,
        constant_voxels: 3,
        lesions: 2,
        lesion_outside: true,
        ..SimulatedConnectome::new(3, 10, 60, 9)
    };
    expected.write(folder.path().join("expected")).unwrap();
    // Two parts, two lesions, the mask and the lesion outside.
    assert_eq!(same(&folder.path().join("expected"), &folder.path().join("made")), 6);
    assert_eq!(same(&folder.path().join("made"), &folder.path().join("expected")), 6);

    // Once more over the same files.
    let output = small(folder.path(), &options);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(same(&folder.path().join("expected"), &folder.path().join("made")), 6);
}

#[test]
fn a_connectome_without_compression_and_a_quiet_one() {
    let folder = folder();
    let output = small(folder.path(), &["--compression", "none", "--quiet", "--out", "."]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    let size = std::fs::metadata(folder.path().join("connectome/part-000.h5")).unwrap().len();
    assert!(size > 3 * 10 * 60 * 4, "{size}");
    let connectome = Connectome::open(folder.path().join("connectome")).unwrap();
    assert_eq!((connectome.count(), connectome.mask().count()), (3, 60));
}

#[test]
fn a_connectome_takes_a_file_of_options() {
    let folder = folder();
    let text = "subjects = 3\ntime-points = 10\nvoxels = 60\nlesions = 9\nout = 'file'\n";
    let file = folder.path().join("my.toml");
    std::fs::write(&file, text).unwrap();
    let output = simulate(folder.path(), &["connectome", "--config", "my.toml", "--lesions=2"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(small(folder.path(), &["--out", "flags"]).status.success());
    assert_eq!(same(&folder.path().join("file"), &folder.path().join("flags")), 4);

    std::fs::write(&file, "voxel = 60\n").unwrap();
    let output = simulate(folder.path(), &["connectome", "--config", "my.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("my.toml, line 1, key voxel") && text.contains("--voxels"), "{text}");
}

#[test]
fn each_kind_asks_for_its_own_options() {
    let folder = folder();
    let folder = folder.path();
    let output = simulate(folder, &["--individuals", "5"]);
    refused(folder, &output, 2, &["--variants <M>", "--out <OUT>"]);
    let output = simulate(folder, &["connectome", "--subjects", "5"]);
    refused(folder, &output, 2, &["--time-points <T>", "--voxels <V>", "--out <FOLDER>"]);
    let output = simulate(folder, &["--individuals", "5", "connectome"]);
    refused(folder, &output, 2, &["'connectome' cannot be used with '--individuals <N>'"]);
    let output = small(folder, &["--individuals", "5", "--out", "x"]);
    refused(folder, &output, 2, &["--individuals"]);
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    let folder = folder();
    let folder = folder.path();
    let output = small(folder, &["--files", "4", "--out", "x"]);
    refused(folder, &output, 1, &["number of files is 4, from 1 to 3 is expected"]);
    let output = small(folder, &["--constant-voxels", "61", "--out", "x"]);
    refused(folder, &output, 1, &["number of constant voxels is 61", "to 60 is expected"]);
    for level in ["0", "10", "gzip"] {
        let output = small(folder, &["--compression", level, "--out", "x"]);
        let says = format!("'{level}' is neither none nor a level from 1 to 9");
        refused(folder, &output, 2, &["--compression <LEVEL>", &says]);
    }
}

#[test]
fn files_of_another_simulation_are_not_mixed_in() {
    let folder = folder();
    assert!(small(folder.path(), &["--files", "3", "--out", "x"]).status.success());
    let output = small(folder.path(), &["--files", "2", "--out", "x"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stderr(&output);
    assert!(text.contains("part-002.h5 is not of this simulation"), "{text}");
    let connectome = Connectome::open(folder.path().join("x/connectome")).unwrap();
    assert_eq!(connectome.count(), 3, "it is as it was");
}
