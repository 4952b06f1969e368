//! `twoblade fnm` on simulated connectomes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Output;

use tempfile::TempDir;
use twoblade::brain::BrainMask;
use twoblade::connectome::{MapHeader, SimulatedConnectome, read_map, read_mask, write_map};

use crate::study::{stderr, stdout, twoblade};

pub(crate) const SUBJECTS: usize = 5;
pub(crate) const GROUP: [&str; 6] =
    ["mean", "n", "overlap", "overlap_desc-negative", "overlap_desc-positive", "t"];
const MAPS: [&str; 6] = ["n", "p", "q", "r", "t", "z"];

/// A folder with a connectome, its mask and its lesions; commands run in it.
pub(crate) struct Network {
    folder: TempDir,
}

impl Network {
    /// More than a tile of voxels; two of them are constant.
    pub(crate) fn new(lesions: usize, files: usize) -> Self {
        let network = Self { folder: tempfile::tempdir().unwrap() };
        let simulated = SimulatedConnectome {
            lesions,
            files,
            constant_voxels: 2,
            ..SimulatedConnectome::new(SUBJECTS, 20, 1100, 7)
        };
        simulated.write(network.folder.path()).unwrap();
        network
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn mask(&self) -> BrainMask {
        read_mask(self.path("mask.nii.gz")).unwrap()
    }

    /// A lesion in a corner of the grid, where there is no brain.
    fn add_lesion_outside(&self) {
        let corner = BrainMask::new(*self.mask().space(), vec![[0, 0, 0]]).unwrap();
        let file = self.path("lesions/outside.nii.gz");
        write_map(file, &corner, &[1.0], 0.0, &MapHeader::default()).unwrap();
    }

    /// Runs `twoblade fnm` in the folder on all lesions, unless the arguments say otherwise.
    pub(crate) fn fnm(&self, arguments: &[&str]) -> Output {
        let mut all = Vec::new();
        for [flag, value] in
            [["--connectome", "connectome"], ["--lesions", "lesions/*.nii.gz"], ["--out", "maps"]]
        {
            if !arguments.contains(&flag) {
                all.extend([flag, value]);
            }
        }
        all.extend(arguments);
        let mut command = twoblade();
        command.current_dir(self.folder.path()).arg("fnm").args(all).output().unwrap()
    }

    /// The same where it has to work: all files but run.toml, which has the command line, and the
    /// page, which has tests of its own (`page.rs`), by name.
    pub(crate) fn maps(&self, arguments: &[&str], out: &str) -> Files {
        let output = self.fnm(&[arguments, &["--out", out]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
        self.written(out)
    }

    /// What a run that is refused for its memory says would fit, for 16 lesions and one thread.
    fn least_memory(&self) -> String {
        let output = self.fnm(&["--threads", "1", "--memory", "100K"]);
        ends(&output, 1, &["too small for 16 lesions at a time"]);
        let text = stderr(&output);
        let (_, rest) = text.split_once("what would fit: --memory ").unwrap();
        rest.split_whitespace().next().unwrap().trim_end_matches(':').to_owned()
    }

    pub(crate) fn written(&self, out: &str) -> Files {
        let entries = std::fs::read_dir(self.path(out)).unwrap();
        let files = entries.map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        });
        files
            .filter(|(name, _)| !["run.toml", "run.json", "index.html"].contains(&name.as_str()))
            .collect()
    }
}

pub(crate) fn map_of(lesion: &str, stat: &str) -> String {
    format!("{lesion}_stat-{stat}_statmap.nii.gz")
}

pub(crate) fn sidecar_of(lesion: &str, stat: &str) -> String {
    format!("{lesion}_stat-{stat}_statmap.json")
}

/// Files by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Refuses files that are not the same, byte by byte, and names them.
pub(crate) fn same(one: &Files, other: &Files) {
    let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
    let differ: Vec<_> =
        names.into_iter().filter(|&name| one.get(name) != other.get(name)).collect();
    assert!(differ.is_empty() && !one.is_empty(), "{differ:?}");
}

/// Checks the code and what is said.
pub(crate) fn ends(output: &Output, code: i32, says: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in says {
        assert!(text.contains(part), "'{part}' is not in:\n{text}");
    }
}

#[test]
fn every_lesion_has_its_maps_and_its_line() {
    let network = Network::new(2, 1);
    let files = network.maps(&["--se"], "maps");
    let mut expected: Vec<String> = vec!["clusters.tsv".to_owned(), "summary.tsv".to_owned()];
    for stat in GROUP {
        expected.extend([map_of("group", stat), sidecar_of("group", stat)]);
    }
    for lesion in ["sphere-001", "sphere-002"] {
        expected.push(format!("{lesion}_statmap.json"));
        for stat in MAPS.into_iter().chain(["se", "rse"]) {
            expected.extend([map_of(lesion, stat), sidecar_of(lesion, stat)]);
        }
    }
    expected.sort();
    assert_eq!(files.keys().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    assert!(network.path("maps/run.toml").is_file());

    let summary = String::from_utf8(files["summary.tsv"].clone()).unwrap();
    let lines: Vec<Vec<&str>> = summary.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        lines.iter().map(|line| line[0]).collect::<Vec<_>>(),
        ["lesion", "sphere-001", "sphere-002"]
    );
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{summary}");

    let mask = network.mask();
    let map =
        |stat| read_map(network.path("maps").join(map_of("sphere-001", stat)), &mask).unwrap();
    let (n, r, z, t, p, se) = (map("n"), map("r"), map("z"), map("t"), map("p"), map("se"));
    let constant = n.iter().filter(|&&n| n == 0.0).count();
    assert_eq!(constant, 2);
    for voxel in 0..mask.count() {
        if n[voxel] == 0.0 {
            assert!([&r, &z, &t, &p, &se].iter().all(|map| map[voxel].is_nan()));
            continue;
        }
        assert!((n[voxel] - SUBJECTS as f32).abs() < f32::EPSILON);
        // Each is a 32-bit float of its own.
        assert!((r[voxel] - z[voxel].tanh()).abs() < 1e-6);
        assert!((t[voxel] * se[voxel] - z[voxel]).abs() < 1e-5 * z[voxel].abs().max(1.0));
        assert!(p[voxel] >= 0.0);
    }
    let column = lines[0].iter().position(|name| *name == "peak_t").unwrap();
    let peak: f32 = lines[1][column].parse().unwrap();
    let highest = t.iter().copied().filter(|t| !t.is_nan()).fold(f32::MIN, f32::max);
    assert_eq!(peak.to_bits(), highest.to_bits());
}

#[test]
fn p_values_are_what_is_shown_as_minus_log10() {
    let network = Network::new(1, 1);
    network.maps(&[], "shown");
    network.maps(&["--p-values"], "plain");
    let mask = network.mask();
    for stat in ["p", "q"] {
        let read =
            |out| read_map(network.path(out).join(map_of("sphere-001", stat)), &mask).unwrap();
        for (shown, plain) in read("shown").into_iter().zip(read("plain")) {
            assert!(shown.is_nan() && plain.is_nan() || (shown + plain.log10()).abs() < 1e-4);
        }
    }
}

#[test]
fn threads_memory_and_other_lesions_change_no_byte() {
    let network = Network::new(18, 1);
    let all = network.maps(&["--threads", "1"], "one");
    same(&all, &network.maps(&["--threads", "3"], "three"));

    // What 16 lesions fit in is two groups of 18.
    let least = network.least_memory();
    let small = ["--threads", "1", "--memory", &least];
    let plan = stdout(&network.fnm(&[&small[..], &["--plan"]].concat()));
    assert!(plan.contains("lesions 1 to 16") && plan.contains("lesions 17 to 18"), "{plan}");
    same(&all, &network.maps(&small, "groups"));

    let alone = network.maps(&["--lesions", "lesions/sphere-017.nii.gz"], "alone");
    // Of one lesion there is no t over lesions.
    assert_eq!(alone.len(), 1 + 2 * MAPS.len() + 2 + 2 * (GROUP.len() - 1));
    for (name, bytes) in alone.iter().filter(|(name, _)| name.starts_with("sphere")) {
        assert!(all[name] == *bytes, "{name}");
    }
    let text = |files: &Files| String::from_utf8(files["summary.tsv"].clone()).unwrap();
    let line = text(&alone).lines().nth(1).unwrap().to_owned();
    assert_eq!(text(&all).lines().nth(17), Some(line.as_str()));
}

#[test]
fn the_files_that_subjects_are_in_change_no_byte() {
    let [mut one, mut three] = [1, 3].map(|files| Network::new(2, files).maps(&[], "maps"));
    for lesion in ["sphere-001", "sphere-002"] {
        // Marks say which files those were, and that alone differs.
        let [one, three] = [&mut one, &mut three].map(|files| {
            let mark = files.remove(&format!("{lesion}_statmap.json")).unwrap();
            let mut mark: serde_json::Value = serde_json::from_slice(&mark).unwrap();
            let fingerprint = mark["identity"]["connectome"].take();
            (mark, fingerprint)
        });
        assert_eq!(one.0, three.0);
        assert_ne!(one.1, three.1);
    }
    same(&one, &three);
}

#[test]
fn a_lesion_outside_the_brain_fails_alone() {
    let network = Network::new(2, 1);
    let before = network.maps(&[], "before");
    network.add_lesion_outside();
    let output = network.fnm(&[]);
    ends(
        &output,
        3,
        &[
            "not mapped: outside: lesions/outside.nii.gz lies outside the brain mask",
            "error: not mapped: outside (lesions/outside.nii.gz); the others are",
        ],
    );
    same(&network.written("maps"), &before);
    let alone = network.fnm(&["--lesions", "lesions/outside.nii.gz", "--out", "alone"]);
    ends(&alone, 1, &["outside.nii.gz", "no lesion is left"]);
    assert!(!network.path("alone").exists());
}

#[test]
fn a_lesion_without_series_fails_alone() {
    let network = Network::new(1, 1);
    let before = network.maps(&[], "before");
    // The last voxels are the constant ones.
    let mask = network.mask();
    let n = read_map(network.path("before").join(map_of("sphere-001", "n")), &mask).unwrap();
    let constant: Vec<f32> = n.iter().map(|&n| f32::from(u8::from(n == 0.0))).collect();
    let file = network.path("lesions/constant.nii.gz");
    write_map(file, &mask, &constant, 0.0, &MapHeader::default()).unwrap();
    ends(
        &network.fnm(&[]),
        3,
        &[
            "not mapped: constant: lesions/constant.nii.gz has voxels that are constant in every \
             subject, and no others",
            "error: not mapped: constant (lesions/constant.nii.gz); the others are",
        ],
    );
    same(&network.written("maps"), &before);
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    let network = Network::new(1, 1);
    let refused = |arguments: &[&str], says: &[&str]| {
        ends(&network.fnm(arguments), 1, says);
        assert!(!network.path("maps").exists());
    };
    refused(&["--connectome", "nowhere.h5"], &["nowhere.h5"]);
    refused(&["--lesions", "nothing-*.nii"], &["there is no file 'nothing-*.nii'"]);
    std::fs::copy(network.path("lesions/sphere-001.nii.gz"), network.path("group.nii.gz")).unwrap();
    refused(
        &["--lesions", "group.nii.gz"],
        &["group.nii.gz: maps over all lesions are named 'group', no lesion can be; rename it"],
    );
    refused(&["--block-subjects", "6"], &["blocks of 6 subjects", "from 1 to 5"]);
    ends(&network.fnm(&["--block-subjects", "0"]), 2, &["'0' is not 1 or more"]);
    ends(&network.fnm(&["--runs", "both"]), 2, &["'both'"]);
}

#[test]
fn a_plan_writes_nothing() {
    let network = Network::new(2, 1);
    let output = network.fnm(&["--plan"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let plan = stdout(&output);
    for part in ["plan for fnm", "5 of 5", "1,100", "lesions 1 to 2", "states"] {
        assert!(plan.contains(part), "'{part}' is not in:\n{plan}");
    }
    assert!(!network.path("maps").exists());
}

#[test]
fn too_little_memory_says_what_would_fit() {
    let network = Network::new(18, 1);
    let fits = network.least_memory();
    assert!(!network.path("maps").exists());
    let output = network.fnm(&["--threads", "1", "--memory", &fits]);
    assert!(output.status.success(), "{fits}: {}", stderr(&output));
}

#[test]
fn first_components_are_other_seeds_of_the_same_files() {
    let network = Network::new(2, 1);
    let means = network.maps(&["--seed", "mean"], "means");
    assert_eq!(means, network.maps(&[], "default"));
    let one = network.maps(&["--seed", "pc1", "--threads", "1"], "pc1");
    assert_eq!(one, network.maps(&["--seed", "pc1", "--threads", "3"], "threads"));
    assert_eq!(one.keys().collect::<Vec<_>>(), means.keys().collect::<Vec<_>>());
    let mask = network.mask();
    let r = |folder: &str| {
        read_map(network.path(folder).join(map_of("sphere-001", "r")), &mask).unwrap()
    };
    // Voxels of a simulated lesion are of one network, and their mean is near their first component.
    let (means, components) = (r("means"), r("pc1"));
    let pairs: Vec<(f32, f32)> = (means.into_iter().zip(components))
        .filter(|(mean, component)| !mean.is_nan() && !component.is_nan())
        .collect();
    assert!(pairs.len() > 1000, "{}", pairs.len());
    let product =
        |of: &dyn Fn(&(f32, f32)) -> f32| pairs.iter().map(of).map(f64::from).sum::<f64>();
    let across = product(&|pair| pair.0 * pair.1);
    let correlation = across / (product(&|of| of.0 * of.0) * product(&|of| of.1 * of.1)).sqrt();
    assert!(correlation > 0.5 && pairs.iter().any(|(a, b)| (a - b).abs() > 1e-6), "{correlation}");
    ends(&network.fnm(&["--seed", "pc2"]), 2, &["invalid value 'pc2'", "mean, pc1"]);
}

#[test]
fn blocks_of_subjects_change_no_byte() {
    let network = Network::new(2, 2);
    let expected = network.maps(&["--threads", "1"], "one");
    for (subjects, threads) in [("2", "1"), ("3", "2"), ("5", "3")] {
        let arguments = ["--block-subjects", subjects, "--threads", threads];
        assert_eq!(network.maps(&arguments, subjects), expected, "{arguments:?}");
    }
}

/// sub-a, sub-b and sub-c of 12 time points, in .npy files: the last voxel of sub-b has no finite
/// sample at one time.
#[test]
fn the_share_of_bad_voxels_decides_who_is_dropped() {
    let network = Network::new(1, 1);
    let voxels = network.mask().count();
    std::fs::create_dir(network.path("runs")).unwrap();
    for (subject, name) in ["a", "b", "c"].into_iter().enumerate() {
        let head =
            format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (12, {voxels}), }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(head.len()).unwrap().to_le_bytes());
        bytes.extend(head.as_bytes());
        for item in 0..12 * voxels {
            let bad = name == "b" && item == 7 * voxels - 1;
            let sample = ((item * (37 + subject) + item / voxels * 11) % 101) as f32;
            bytes.extend(if bad { f32::NAN } else { sample }.to_le_bytes());
        }
        std::fs::write(network.path(&format!("runs/sub-{name}.npy")), bytes).unwrap();
    }
    let with = |share: &str, out: &str| {
        let input = ["--connectome", "runs", "--mask", "mask.nii.gz"];
        let output = network
            .fnm(&[&input, ["--max-bad-voxels", share].as_slice(), &["--out", out]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let n = network.path(out).join(map_of("sphere-001", "n"));
        let n = read_map(n, &network.mask()).unwrap();
        (
            stderr(&output),
            [2.0, 3.0].map(|subjects| n.iter().filter(|&&n| (n - subjects).abs() < 0.5).count()),
        )
    };
    let (said, n) = with("0", "none");
    assert!(said.contains("subject sub-b is dropped"), "{said}");
    assert_eq!(n, [voxels, 0]);
    let (said, n) = with("0.001", "few");
    assert!(!said.contains("dropped"), "{said}");
    assert_eq!(n, [1, voxels - 1]);
    ends(&network.fnm(&["--max-bad-voxels", "1.5"]), 2, &["'1.5' is not a number from 0 to 1"]);
}
