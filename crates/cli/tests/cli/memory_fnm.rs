//! What the plan of `twoblade fnm` says is what the process peaks at: measured by the kernel, on the
//! binary.

use std::path::Path;

use twoblade::connectome::SimulatedConnectome;

use crate::memory_peak::{PROGRAM, run, said_bytes};
use crate::study::{stderr, stdout, twoblade};

const LESIONS: usize = 60;
const FNM: [&str; 5] = ["fnm", "--connectome", "connectome", "--lesions", "lesions/*.nii.gz"];

/// The peak of a run; none where the kernel does not tell.
fn peak(folder: &Path, arguments: &[&str]) -> Option<u64> {
    let ended = run(folder, &[&FNM[..], arguments, &["--out", "maps", "--quiet"]].concat());
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    ended.peak
}

/// What the plan says, in bytes: the most of its reads of the connectome.
fn planned(folder: &Path, arguments: &[&str]) -> u64 {
    let mut command = twoblade();
    let output = command.current_dir(folder).args(FNM).args(arguments).arg("--plan").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let plan = stdout(&output);
    let reads = plan.lines().filter_map(|line| line.trim().strip_prefix("memory"));
    let bytes = reads.map(|read| said_bytes(read.split_once(" of ").unwrap().0));
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
