//! Memory is a promise: commands, sizes, threads and budgets, each measured by the kernel. Whatever a
//! plan accepts is kept; what is below is refused before anything is read.

use std::path::Path;

use crate::memory_peak::{PROGRAM, bytes, run, said_bytes};
use crate::study::Study;

/// What came of a grid, to tell that it was one.
#[derive(Default)]
struct Grid {
    kept: usize,
    refused: usize,
    /// The largest of the least budgets.
    largest: u64,
}

impl Grid {
    /// Runs a command with the least memory that it takes, and with less, for which it says what would
    /// fit and writes nothing; then with plenty of it, of which `plan` says how much it takes.
    fn measure(&mut self, folder: &Path, arguments: &[&str], out: &str, plan: Option<u64>) {
        let with = |memory: &str| {
            let output = folder.join(out);
            let _ = std::fs::remove_file(&output).or_else(|_| std::fs::remove_dir_all(&output));
            let ended = run(folder, &[arguments, &["--memory", memory]].concat());
            (ended, output.exists())
        };
        let mut memory = "1K".to_owned();
        let ended = loop {
            let (ended, there) = with(&memory);
            if ended.code == Some(0) {
                assert!(there, "{arguments:?}");
                break ended;
            }
            let (said, wrote) = (&ended.stderr, there);
            assert!(ended.code == Some(1) && !wrote, "{arguments:?}, {memory}: {said}");
            let fits = what_fits(said);
            assert!(bytes(&fits) > bytes(&memory), "{arguments:?}, {memory}: {said}");
            // A little less would not fit: what is said is no more than is needed.
            let (number, unit) = fits.split_at(fits.len() - 1);
            let less = format!("{}{unit}", number.parse::<u64>().unwrap() - 1);
            let (ended, there) = with(&less);
            let said = &ended.stderr;
            assert!(ended.code == Some(1) && !there, "{arguments:?}, {less}: {said}");
            memory = fits;
            self.refused += 2;
        };
        let Some(peak) = ended.peak else { return };
        let most = bytes(&memory) + PROGRAM;
        assert!(peak <= most, "{arguments:?}, {memory}: {peak}");
        self.kept += 1;
        self.largest = self.largest.max(bytes(&memory));
        if let Some(plan) = plan {
            let (ended, there) = with("4G");
            let peak = ended.peak.unwrap();
            let most = plan + PROGRAM;
            assert!(there && peak <= most, "{arguments:?}: {peak} for {plan} planned");
            self.kept += 1;
        }
    }
}

/// The size that an error names after `--memory`, as what would fit if it says so.
fn what_fits(said: &str) -> String {
    let would = said.split_once("what would fit: --memory ");
    let (_, rest) = would.or_else(|| said.rsplit_once("at least --memory ")).unwrap();
    rest.split([' ', ',', '\n']).next().unwrap().to_owned()
}

/// The most of the lines `memory SIZE of SIZE` of a plan.
fn planned(study: &Study, arguments: &[&str]) -> u64 {
    let plan = study.works(&[arguments, &["--memory", "4G", "--plan"]].concat());
    let lines = plan.lines().filter_map(|line| line.trim().strip_prefix("memory "));
    lines.map(|line| said_bytes(line.split_once(" of ").unwrap().0)).max().unwrap()
}

const SIZES: [&str; 2] = ["2000", "32000"];
const THREADS: [&str; 2] = ["1", "2"];

/// Two bins, three traits of which one lacks individuals, and 8 covariates.
fn study(individuals: &str) -> Study {
    let size = ["--individuals", individuals, "--variants", "150", "--h2", "0.2,0.2"];
    let study = Study::simulate(&[&size[..], &["--traits", "2"]].concat());
    let values = [0, 1].map(|of| study.values(of));
    study.write_columns("gaps", "one two", |i| {
        let two = if i % 7 == 0 { "NA".to_owned() } else { values[1][i].to_string() };
        format!("{} {two}", values[0][i])
    });
    study.write_columns("covar", "a b c d e f g h", |i| {
        (0..8).map(|c| ((i * 31 + c * c * 17 + i * c) % 997).to_string() + " ").collect()
    });
    study
}

const RHE: [&str; 11] = [
    "rhe",
    "--bfile",
    "study",
    "--annot",
    "study.annot",
    "--blocks",
    "3",
    "--probes",
    "100",
    "--quiet",
    "--pheno",
];

#[test]
fn rhe_keeps_its_budget() {
    let mut grid = Grid::default();
    for size in SIZES {
        let study = study(size);
        for threads in THREADS {
            for how in [
                &["study.pheno"][..],
                &["gaps", "--covar", "covar"],
                &["study.pheno", "--reuse", "keep"],
                &["study.pheno", "--reuse", "recompute"],
                &["study.pheno", "--reuse", "spill"],
                &["study.pheno", "--checkpoint", "saved", "--checkpoint-interval", "0"],
            ] {
                let arguments = [&RHE[..], how, &["--threads", threads]].concat();
                let plan = planned(&study, &arguments);
                let arguments = [&arguments[..], &["--out", "result"]].concat();
                grid.measure(&study.path(""), &arguments, "result.json", Some(plan));
                assert!(!study.path("saved").exists());
            }
        }
    }
    let Grid { kept, refused, largest } = grid;
    assert!(kept == 48 && refused >= 48, "{kept} kept, {refused} refused");
    // They were not all swallowed by the constant.
    assert!(largest > 4 * PROGRAM, "{largest}");
}

#[test]
fn rhe_in_parts_keeps_its_budget() {
    let mut grid = Grid::default();
    // No part holds more than a state for each thread, so the larger one is larger still.
    for size in [SIZES[0], "36000"] {
        let study = study(size);
        let folder = study.path("");
        for threads in THREADS {
            let how = ["study.pheno", "--threads", threads, "--plan-out", "plan"];
            study.works(&[&RHE[..9], &["--pheno"], &how].concat());
            let part =
                |which: &[&'static str]| [which, &["--quiet", "--threads", threads]].concat();
            for (shard, out) in [("1/3", "a"), ("2/3", "b"), ("3/3", "c")] {
                let arguments = part(&["pass-one", "plan", "--shard", shard, "-o", out]);
                grid.measure(&folder, &arguments, out, None);
            }
            merging_holds_two(&folder, &["a", "b", "c"]);
            let arguments = part(&["pass-two", "plan", "total", "--shard", "1/1", "-o", "rest"]);
            grid.measure(&folder, &arguments, "rest", None);
            let arguments = part(&["finish", "plan", "total", "rest", "--out", "result"]);
            grid.measure(&folder, &arguments, "result.json", None);
        }
    }
    let Grid { kept, refused, largest } = grid;
    assert!(kept == 20 && refused >= 40, "{kept} kept, {refused} refused");
    assert!(largest > 2 * PROGRAM, "{largest}");
}

/// Adds states of a folder to `total`, however many, with two of them in memory.
fn merging_holds_two(folder: &Path, parts: &[&str]) {
    let length = |file: &str| std::fs::metadata(folder.join(file)).unwrap().len();
    let state = parts.iter().map(|part| length(part)).max().unwrap();
    let ended = run(folder, &[&["merge"], parts, &["-o", "total"]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let Some(peak) = ended.peak else { return };
    assert!(peak <= 2 * state + PROGRAM, "{peak} for states of {state}");
}

/// States so large that the program itself cannot hide a third one.
#[test]
fn merging_and_finishing_hold_two_states() {
    let study = study("22000");
    let folder = study.path("");
    let probes = ["--probes", "200", "--pheno", "study.pheno", "--plan-out", "plan"];
    study.works(&[&RHE[..7], &probes].concat());
    for (shard, out) in [("1/3", "a"), ("2/3", "b"), ("3/3", "c")] {
        study.works(&["pass-one", "plan", "--shard", shard, "-o", out]);
    }
    let state = std::fs::metadata(study.path("a")).unwrap().len();
    assert!(state >= 64 << 20, "{state}");
    merging_holds_two(&folder, &["a", "b", "c"]);
    study.works(&["pass-two", "plan", "total", "--shard", "1/1", "-o", "rest"]);
    let ended = run(&folder, &["finish", "plan", "total", "rest", "--out", "result", "--quiet"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.peak.is_none_or(|peak| peak <= 2 * state + PROGRAM), "{:?}", ended.peak);
}

const FNM: [&str; 5] = ["fnm", "--connectome", "connectome", "--quiet", "--lesions"];
const ALL: &str = "lesions/*.nii.gz";
const FIVE: &str = "lesions/sphere-00[1-5].nii.gz";

/// 4 subjects, and lesions.
fn network(time_points: &str, voxels: &str, lesions: &str) -> Study {
    let study = Study::empty();
    let size = ["--subjects", "4", "--time-points", time_points, "--voxels", voxels];
    let rest = ["--lesions", lesions, "--seed", "1", "--compression", "none", "--out", "."];
    study.works(&[&["simulate", "connectome"][..], &size, &rest].concat());
    study
}

/// Of all lesions the least budget makes two groups, plenty one.
#[test]
fn fnm_keeps_its_budget() {
    let mut grid = Grid::default();
    // States are most of the one, series of the other.
    for (time_points, voxels) in [("20", "12000"), ("1500", "4000")] {
        let study = network(time_points, voxels, "17");
        for threads in THREADS {
            for how in [
                &[ALL][..],
                &[FIVE, "--seed", "pc1", "--se"],
                &[FIVE, "--checkpoint", "saved", "--checkpoint-interval", "0"],
            ] {
                let arguments = [&FNM[..], how, &["--threads", threads]].concat();
                let plan = planned(&study, &arguments);
                let arguments = [&arguments[..], &["--out", "maps"]].concat();
                grid.measure(&study.path(""), &arguments, "maps", Some(plan));
                assert!(!study.path("saved").exists());
            }
        }
    }
    let Grid { kept, refused, largest } = grid;
    assert!(kept == 24 && refused >= 24, "{kept} kept, {refused} refused");
    assert!(largest > PROGRAM, "{largest}");
}

#[test]
fn fnm_in_parts_keeps_its_budget() {
    let study = network("20", "60000", "48");
    let folder = study.path("");
    let plan_out = [&FNM[..], &[ALL, "--threads", "1", "--plan-out", "plan"]].concat();
    study.works(&plan_out);
    let mut grid = Grid::default();
    for (shard, out) in [("1/3", "a"), ("2/3", "b"), ("3/3", "c")] {
        let part = ["pass-one", "plan", "--shard", shard, "-o", out, "--threads", "1"];
        grid.measure(&folder, &part, out, None);
    }
    let state = std::fs::metadata(study.path("a")).unwrap().len();
    assert!(state >= 64 << 20, "{state}");
    merging_holds_two(&folder, &["a", "b", "c"]);
    let finish = ["finish", "plan", "total", "--out", "maps", "--quiet", "--threads", "1"];
    grid.measure(&folder, &finish, "maps", None);
    let Grid { kept, refused, .. } = grid;
    assert!(kept == 4 && refused >= 8, "{kept} kept, {refused} refused");
}
