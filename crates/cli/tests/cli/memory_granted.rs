//! Threads and memory where no flag says them: what the machine grants, and where it is said.

use serde_json::json;

use crate::study::{Study, stderr, stdout, twoblade};

const RUN: [&str; 7] = ["rhe", "--bfile", "study", "--pheno", "study.pheno", "--blocks", "5"];
/// A job of Slurm; no machine that runs tests has less.
const JOB: [(&str, &str); 2] = [("SLURM_MEM_PER_NODE", "256"), ("SLURM_CPUS_PER_TASK", "1")];
const WORDS: &str = "1 thread by SLURM_CPUS_PER_TASK, 192 MiB by SLURM_MEM_PER_NODE";

/// What a command in such a job says: to stdout where it works, to stderr where it exits with 1.
fn in_job(study: &Study, job: &[(&str, &str)], arguments: &[&str]) -> String {
    let mut command = twoblade();
    let command = command.current_dir(study.path("")).args(arguments);
    for name in ["SLURM_MEM_PER_NODE", "SLURM_MEM_PER_CPU", "SLURM_CPUS_PER_TASK", "NSLOTS"] {
        command.env_remove(name);
    }
    let output = command.envs(job.iter().copied()).output().unwrap();
    match output.status.code() {
        Some(0) => stdout(&output),
        Some(1) => stderr(&output),
        code => panic!("{arguments:?}: {code:?}: {}", stderr(&output)),
    }
}

#[test]
fn what_a_job_grants_is_said_and_not_written_down_as_an_option() {
    let study = Study::small();
    let plan = in_job(&study, &JOB, &[&RUN[..], &["--plan"]].concat());
    assert!(plan.contains(&format!("\n  granted      {WORDS}\n")), "{plan}");
    assert!(plan.contains(" KiB of 192 MiB\n"), "{plan}");
    in_job(&study, &JOB, &[&RUN[..], &["--out", "small"]].concat());
    assert!(study.read("small.log").contains(&format!("\ngranted: {WORDS}\n")));
    let granted = json!({
        "threads": 1,
        "threads_by": "SLURM_CPUS_PER_TASK",
        "memory": 192 << 20,
        "memory_by": "SLURM_MEM_PER_NODE",
    });
    assert_eq!(study.json("small.run.json")["granted"], granted);

    // So that the run can be done again elsewhere, with what that grants.
    let options = study.read("small.run.toml");
    for key in ["memory", "threads"] {
        assert!(!options.lines().any(|line| line.starts_with(key)), "{options}");
    }
    let large = [("SLURM_MEM_PER_NODE", "512"), ("NSLOTS", "1")];
    in_job(&study, &large, &["rhe", "--config", "small.run.toml", "--out", "large"]);
    let granted = &study.json("large.run.json")["granted"];
    assert_eq!(granted["memory"], json!(448 << 20));
    assert_eq!(granted["threads_by"], json!("NSLOTS"));
    assert_eq!(study.read("large.json"), study.read("small.json"));

    // Flags win, and stay.
    let flags = ["--memory", "300M", "--threads", "1", "--out", "typed"];
    in_job(&study, &JOB, &[&RUN[..], &flags].concat());
    let log = study.read("typed.log");
    assert!(log.contains("\ngranted: 1 thread by --threads, 300 MiB by --memory\n"), "{log}");
    assert!(study.read("typed.run.toml").contains("\nmemory = \"300M\"\n"));
}

#[test]
fn a_plan_file_is_the_same_on_every_machine() {
    let study = Study::small();
    let plan_out = |job: &[(&str, &str)], file: &str| {
        in_job(&study, job, &[&RUN[..], &["--plan-out", file]].concat());
        study.read(file)
    };
    assert_eq!(plan_out(&JOB, "one.json"), plan_out(&[], "two.json"));
    in_job(&study, &JOB, &["pass-one", "one.json", "--shard", "1/1", "-o", "total"]);
    in_job(&study, &JOB, &["pass-two", "one.json", "total", "--shard", "1/1", "-o", "rest"]);
    in_job(&study, &JOB, &["finish", "one.json", "total", "rest", "--out", "result"]);
    assert!(study.read("result.log").contains(&format!("\ngranted: {WORDS}\n")));
    let options = study.read("result.run.toml");
    assert!(!options.contains("memory") && !options.contains("threads"), "{options}");
    let flags = ["--memory", "300M", "--threads", "1"];
    in_job(
        &study,
        &JOB,
        &[&["finish", "one.json", "total", "rest", "--out", "typed"][..], &flags].concat(),
    );
    assert!(study.read("typed.log").contains("1 thread by --threads, 300 MiB by --memory"));
}

#[test]
fn a_refusal_says_who_granted_too_little() {
    let study = Study::simulate(&["--individuals", "4000", "--variants", "40"]);
    let little = [("SLURM_MEM_PER_NODE", "1")];
    let said = in_job(&study, &little, &[&RUN[..], &["--out", "result"]].concat());
    let words = "the memory of 512 KiB (by SLURM_MEM_PER_NODE)";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("--memory "), "{said}");
    let said = in_job(&study, &[], &[&RUN[..], &["--memory", "2M", "--out", "result"]].concat());
    assert!(said.contains("--memory 2,048 KiB is too small"), "{said}");
    assert!(!study.path("result.json").exists());
}

#[test]
fn fnm_takes_what_a_job_grants_too() {
    let study = Study::empty();
    let size = ["--subjects", "3", "--time-points", "20", "--voxels", "2000", "--out", "."];
    study.works(&[&["simulate", "connectome"][..], &size].concat());
    let fnm = ["fnm", "--connectome", "connectome", "--lesions", "lesions/*.nii.gz"];
    let plan = in_job(&study, &JOB, &[&fnm[..], &["--plan"]].concat());
    assert!(plan.contains(&format!("\n  granted      {WORDS}\n")), "{plan}");
    assert!(plan.contains(" KiB of 192 MiB\n"), "{plan}");
    in_job(&study, &JOB, &[&fnm[..], &["--out", "maps"]].concat());
    let options = study.read("maps/run.toml");
    assert!(!options.contains("memory") && !options.contains("threads"), "{options}");
    let said = in_job(&study, &[("SLURM_MEM_PER_NODE", "1")], &[&fnm[..], &["--plan"]].concat());
    assert!(said.contains("the memory of 512 KiB (by SLURM_MEM_PER_NODE) is too small"), "{said}");
}
