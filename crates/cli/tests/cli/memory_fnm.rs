//! What the plan of `twoblade fnm` says is what the process peaks at: measured by the kernel, on the
//! binary.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use twoblade::connectome::SimulatedConnectome;

use crate::memory::PROGRAM;
use crate::study::{stderr, stdout, twoblade};

const LESIONS: usize = 60;
const FNM: [&str; 5] = ["fnm", "--connectome", "connectome", "--lesions", "lesions/*.nii.gz"];

/// The most bytes that the process has had resident so far, where the kernel tells of it: of one that
/// has ended it does not.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// The peak of a run; none where the kernel does not tell. It only rises, so that looking now and then
/// misses at most what comes in the last instant, when files are renamed.
fn peak(folder: &Path, arguments: &[&str]) -> Option<u64> {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("twoblade"));
    command.current_dir(folder).args(FNM).args(arguments).args(["--out", "maps", "--quiet"]);
    let mut process = command.stdout(Stdio::null()).spawn().unwrap();
    let mut peak = None;
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        peak = resident(process.id()).or(peak);
        std::thread::sleep(Duration::from_millis(1));
    };
    assert!(status.success(), "{arguments:?}");
    peak
}

/// What the plan says, in bytes: the most of its reads of the connectome.
fn planned(folder: &Path, arguments: &[&str]) -> u64 {
    let mut command = twoblade();
    let output = command.current_dir(folder).args(FNM).args(arguments).arg("--plan").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let plan = stdout(&output);
    let reads = plan.lines().filter_map(|line| line.trim().strip_prefix("memory"));
    let bytes = reads.map(|read| {
        let (size, _) = read.split_once(" of ").unwrap();
        let (number, unit) = size.trim().split_once(' ').unwrap();
        let number: u64 = number.replace(',', "").parse().unwrap();
        number << if unit == "MiB" { 20 } else { 10 }
    });
    bytes.max().unwrap()
}

#[test]
fn the_peak_of_fnm_is_within_the_plan() {
    let (mut largest, mut runs) = (0, 0);
    // States are most of the one, series of the other.
    for (time_points, voxels) in [(20, 20_000), (300, 6_000)] {
        let folder = tempfile::tempdir().unwrap();
        let simulated = SimulatedConnectome {
            lesions: LESIONS,
            ..SimulatedConnectome::new(4, time_points, voxels, 1)
        };
        simulated.write(folder.path()).unwrap();
        for threads in ["1", "2"] {
            let arguments = ["--threads", threads];
            let plan = planned(folder.path(), &arguments);
            let Some(peak) = peak(folder.path(), &arguments) else { return };
            let what = format!("{time_points} x {voxels}, {threads} threads");
            assert!(peak <= plan + PROGRAM, "{what}: {peak} for {plan}");
            largest = largest.max(plan);
            runs += 1;
        }
    }
    assert_eq!(runs, 4);
    // The plans were not all swallowed by the constant.
    assert!(largest > 2 * PROGRAM, "{largest}");
}
