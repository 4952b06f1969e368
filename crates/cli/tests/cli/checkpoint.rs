//! Runs that are stopped and go on.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::killing::{Killed, killed};
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

fn check(killed: Killed, kills: u32) {
    say(&killed.to_string());
    assert_eq!(killed.kills, kills);
    assert!(2 * killed.resumed() >= kills, "{killed}");
    assert!(killed.in_pass_one > 0 && killed.in_pass_two > 0, "{killed}");
    assert!(killed.ends > 1, "{killed}");
}

#[expect(clippy::print_stdout, reason = "a test says what it counted")]
fn say(words: &str) {
    println!("{words}");
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let study = study();
    for (seed, reuse) in [(1, "keep"), (2, "recompute"), (3, "spill")] {
        let command = [&OPTIONS[..], &["--reuse", reuse]].concat();
        check(killed(&study, &command, &["json", "tsv"], (17, seed)), 17);
    }
}

/// Two groups of individuals that do not fit into one read, and covariates.
#[test]
fn a_run_of_several_reads_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let size = ["--individuals", "4000", "--variants", "4000", "--h2", "0.2,0.3"];
    let study = Study::simulate(&[&size[..], &["--traits", "2"]].concat());
    let values = [study.values(0), study.values(1)];
    study.write_columns("study.pheno", "trait1 trait2", |i| {
        let second = if i % 5 == 1 { "NA".to_owned() } else { values[1][i].to_string() };
        format!("{} {second}", values[0][i])
    });
    study.write_columns("covar", "age", |i| (20 + i * i % 37).to_string());
    let more = ["--covar", "covar", "--memory", "5M", "--reuse", "recompute"];
    let command = [&OPTIONS[..], &more].concat();
    let killed = killed(&study, &command, &["json", "tsv"], (50, 4));
    assert_eq!(study.json("whole.run.json")["runs"].as_array().unwrap().len(), 2);
    check(killed, 50);
}

/// As on a full disk: no file may become longer than this.
#[cfg(unix)]
#[test]
fn a_checkpoint_that_finds_no_room_leaves_the_one_before() {
    let study = study();
    let expected = whole(&study);
    let mut child = start(&study, &SAVING);
    while !study.path("saved/pass-one.state").exists() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let state = study.path("saved/pass-one.state");
    let before = std::fs::read(&state).unwrap();
    // In units of 512 bytes, or of 1,024 in some shells: less than a state in any.
    let most = before.len() / 1024 - 1;
    let mut tried = 0;
    for blocks in [0, 1, most / 3, most / 2] {
        let mut command = Command::new("sh");
        let limit = format!("trap '' XFSZ; ulimit -f {blocks} && exec \"$@\"");
        command.current_dir(study.path("")).args(["-c", &limit, "sh"]);
        command.arg(env!("CARGO_BIN_EXE_twoblade")).args(OPTIONS).args(SAVING);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{blocks}: {}", stderr(&output));
        let said = stderr(&output);
        assert!(said.starts_with("error: saved/pass-one.state could not be written"), "{said}");
        assert!(said.contains("File too large"), "{blocks}: {said}");
        assert!(std::fs::read(&state).unwrap() == before, "{blocks}");
        let left: Vec<_> = std::fs::read_dir(study.path("saved")).unwrap().collect();
        assert_eq!(left.len(), 3, "{left:?}"); // the lock and the options too
        assert!(!study.path("two.json").exists());
        tried += 1;
    }
    say(&format!("{tried} runs found no room"));
    study.works(&[&OPTIONS[..], &SAVING].concat());
    assert!(study.read("two.json") == expected);
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
