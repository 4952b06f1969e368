//! Runs that are stopped and go on.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::study::{Study, stderr};

const OPTIONS: [&str; 14] = [
    "rhe",
    "--bfile",
    "study",
    "--pheno",
    "study.pheno",
    "--annot",
    "study.annot",
    "--blocks",
    "40",
    "--probes",
    "30",
    "--threads",
    "2",
    "--quiet",
];

/// Large enough that it can be stopped on the way.
fn study() -> Study {
    Study::simulate(&["--individuals", "4000", "--variants", "4000", "--h2", "0.2,0.3"])
}

fn start(study: &Study, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twoblade"));
    command.current_dir(study.path("")).args(OPTIONS).args(arguments);
    command.stderr(Stdio::piped()).spawn().unwrap()
}

fn whole(study: &Study) -> String {
    study.works(&[&OPTIONS[..], &["--out", "one"]].concat());
    study.read("one.json")
}

const SAVING: [&str; 6] = ["--checkpoint", "saved", "--checkpoint-interval", "0", "--out", "two"];

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let study = study();
    let expected = whole(&study);
    for reuse in ["keep", "recompute", "spill"] {
        let arguments = [&SAVING[..], &["--reuse", reuse]].concat();
        let (mut resumed, mut tries) = (0, 0);
        loop {
            // What the last one left is what this one goes on from.
            let status = study.run(&["status", "saved"]);
            let said = String::from_utf8(status.stdout).unwrap();
            let partly =
                said.lines().any(|line| line.contains("missing") && line.contains("pass-"));
            resumed += u32::from(partly);
            let mut child = start(&study, &arguments);
            tries += 1;
            std::thread::sleep(Duration::from_millis(10 + 12 * tries));
            child.kill().unwrap();
            if child.wait().unwrap().success() {
                break;
            }
            assert!(tries < 200);
        }
        assert!(resumed >= 2, "{reuse}: {resumed} of {tries}");
        assert!(study.read("two.json") == expected, "{reuse}");
        assert!(!study.path("saved").exists(), "{reuse}: what was saved is removed");
        std::fs::remove_file(study.path("two.json")).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_signal_stops_at_the_next_block_with_what_is_done() {
    let study = study();
    let expected = whole(&study);
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        // An hour between two saves: the one that is found is that of the signal.
        let hour = ["--checkpoint", "saved", "--checkpoint-interval", "3600", "--out", "two"];
        for tries in 1.. {
            let child = start(&study, &hour);
            // The lock comes before the first block.
            while !study.path("saved/lock").exists() {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_millis(10 * tries));
            let id = child.id().to_string();
            assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
            assert!(stderr(&output).contains("stopped in pass "), "{}", stderr(&output));
            assert!(!study.path("two.json").exists());
            // So early that there was nothing to save: once more, a little later.
            if !stderr(&output).contains("stopped in pass one after 0 of 40 blocks") {
                break;
            }
            assert!(tries < 20);
        }
        let said = study.works(&["status", "saved"]);
        assert!(said.contains(" of 40 blocks, "), "{said}");
        let loud = [&OPTIONS[..OPTIONS.len() - 1], &hour].concat();
        let output = study.run(&loud);
        assert!(output.status.success());
        assert!(stderr(&output).contains("pass one goes on from its checkpoint: "));
        assert!(study.read("two.json") == expected);
        std::fs::remove_file(study.path("two.json")).unwrap();
    }
}

#[test]
fn checkpoints_of_other_options_or_data_are_refused_with_what_differs() {
    let study = study();
    let mut child = start(&study, &SAVING);
    while !study.path("saved/pass-one.state").exists() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let other = [&OPTIONS[..], &SAVING, &["--seed", "5"]].concat();
    let said = study.fails(4, &other);
    assert!(
        said.contains("saved holds the checkpoints of another run (seed: 0 then, 5 now)"),
        "{said}"
    );
    assert!(
        said.contains("saved/pass-one.state belongs to another run: fingerprint of op"),
        "{said}"
    );

    let mut genotypes = std::fs::read(study.path("study.bed")).unwrap();
    genotypes[3] ^= 0b10;
    std::fs::write(study.path("study.bed"), genotypes).unwrap();
    let said = study.fails(4, &[&OPTIONS[..], &SAVING].concat());
    assert!(said.contains("(no option differs, so the files do)"), "{said}");
    assert!(said.contains("belongs to another run: fingerprint of the data"), "{said}");

    let mut bytes = std::fs::read(study.path("saved/pass-one.state")).unwrap();
    bytes.truncate(bytes.len() - 1);
    std::fs::write(study.path("saved/pass-one.state"), bytes).unwrap();
    let said = study.fails(4, &[&OPTIONS[..], &SAVING].concat());
    assert!(said.contains("saved/pass-one.state is damaged (its checksum differs)"), "{said}");
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let study = study();
    let mut child = start(&study, &SAVING);
    while !study.path("saved/lock").exists() {
        std::thread::yield_now();
    }
    let said = study.run(&[&OPTIONS[..], &SAVING].concat());
    // Unless the first was done by then.
    if child.try_wait().unwrap().is_none() {
        assert_eq!(said.status.code(), Some(1));
        assert!(stderr(&said).contains("another run uses the folder saved"), "{}", stderr(&said));
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn spilled_states_are_removed_at_the_end() {
    let study = study();
    let expected = whole(&study);
    let spilling = [&OPTIONS[..], &["--reuse", "spill", "--out", "two"]].concat();
    study.works(&spilling);
    assert!(study.read("two.json") == expected);
    assert!(!study.path("two.spill").exists());
    study.works(&[&spilling[..], &["--spill", "states"]].concat());
    assert!(!study.path("states").exists());
    let reads = &study.json("two.run.json")["runs"][0]["plan"]["reads"];
    assert_eq!(reads.as_u64(), Some(1));
}
