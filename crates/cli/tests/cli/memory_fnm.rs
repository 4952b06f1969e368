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

/// run.json says how each group of lesions was read, beside what was granted.
#[test]
fn run_json_says_what_each_group_of_lesions_took() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = SimulatedConnectome { lesions: 17, ..SimulatedConnectome::new(4, 40, 3000, 1) };
    simulated.write(folder.path()).unwrap();
    let json = || -> serde_json::Value {
        let text = std::fs::read_to_string(folder.path().join("maps/run.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let refused = run(folder.path(), &[&FNM[..], &["--memory", "1K", "--plan"]].concat());
    let (_, least) = refused.stderr.split_once("what would fit: --memory ").unwrap();
    let least = least.split('\n').next().unwrap();
    if peak(folder.path(), &["--memory", least, "--threads", "1"]).is_none() {
        // Where the kernel does not tell, run.json has nothing of it either.
        return;
    }
    let said = json();
    let groups = said["runs"].as_array().unwrap();
    let lesions = |group: &serde_json::Value| group["lesions"].as_array().unwrap().len();
    assert_eq!(groups.iter().map(lesions).collect::<Vec<_>>(), [16, 1]);
    assert_eq!(groups[1]["lesions"][0], "sphere-017");
    assert_eq!(said["granted"]["memory"].as_u64(), Some(crate::memory_peak::bytes(least)));
    assert_eq!(said["granted"]["memory_by"], "--memory");
    let planned = said["planned_bytes"].as_u64().unwrap();
    assert!(said["peak_bytes"].as_u64().unwrap() <= planned + PROGRAM, "{said}");
    for group in groups {
        assert_eq!(group["plan"]["reads"], 1);
        let [stage] = group["stages"].as_array().unwrap().as_slice() else { panic!("{group}") };
        assert_eq!(stage["pass"], "one");
        // Series of 4 subjects, compressed or not: more than a byte for every ten samples.
        assert!(stage["bytes_read"].as_u64().unwrap() > 4 * 40 * 3000 / 10, "{stage}");
        assert!(stage["seconds"].as_f64().unwrap() > 0.0);
        assert!(stage["peak_bytes"].as_u64().unwrap() <= said["peak_bytes"].as_u64().unwrap());
        assert!(group["seconds_of_maps"].as_f64().unwrap() > 0.0);
    }

    // Where everything is there, nothing is read.
    peak(folder.path(), &["--threads", "1"]);
    assert_eq!(json()["runs"], serde_json::json!([]));
}
