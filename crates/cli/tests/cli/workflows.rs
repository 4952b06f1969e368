//! The workflows of `docs/workflows`, driven by their engines where these are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use crate::study::{Study, stderr, stdout};

/// A program that a test needs: the one that the variable names, which has to be there, or one of this
/// name on PATH, which may or may not; the test is then passed over, which it says.
#[expect(clippy::print_stderr, reason = "a test that is passed over says so")]
fn engine(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let program = named.clone().unwrap_or_else(|| PathBuf::from(name));
    let output = Command::new(&program).arg("--version").output();
    if output.as_ref().is_ok_and(|output| output.status.success()) {
        return Some(program);
    }
    assert!(named.is_none(), "{variable} names {}, which does not run", program.display());
    eprintln!("passed over: there is no {name}; {variable} may name one");
    None
}

fn workflow(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/workflows").join(name)
}

const SHARDS: usize = 3;

/// A study with a Snakefile and its config, and a run of it in one process. A shard takes about a
/// second: it can be killed on the way.
fn planned(program: &Path) -> Study {
    let study =
        Study::simulate(&["--individuals", "4000", "--variants", "6000", "--h2", "0.2,0.3"]);
    let options = "--bfile study --pheno study.pheno --annot study.annot --blocks 60 --probes 30";
    let words: Vec<&str> = options.split(' ').collect();
    study.works(&[&["rhe"], &words[..], &["--out", "one", "--quiet"]].concat());
    fs::copy(workflow("Snakefile"), study.path("Snakefile")).unwrap();
    let config = format!(
        "program: {}\nrhe: {options}\nfiles: [study.bed, study.pheno]\nout: result\n\
         shards: {SHARDS}\nfan_in: 2\nmem_mb: 1000\ncheckpoint_interval: 0\nretries: 2\n",
        program.display()
    );
    study.write("config.yaml", config);
    study
}

fn snakemake(engine: &Path, study: &Study, arguments: &[&str]) -> Output {
    let mut command = Command::new(engine);
    // Its cache of sources, which is otherwise in the home.
    command.env("XDG_CACHE_HOME", study.path("cache")).current_dir(study.path(""));
    command.args(["--cores", "2"]).args(arguments).output().unwrap()
}

/// When each state of a pass was written.
fn written(study: &Study, pass: &str) -> Vec<(String, SystemTime)> {
    let entries = fs::read_dir(study.path("result.parts").join(pass)).unwrap();
    let states = entries.map(Result::unwrap).filter(|entry| entry.path().is_file());
    let of = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().modified().unwrap())
    };
    let mut found: Vec<_> = states.map(of).collect();
    found.sort();
    found
}

/// Kills one process of each pass with signal 9 after its first checkpoint, once, and counts: a line
/// `pass-one 137 3`  that was faster
/// is run again.
const KILLER: &str = r#"#!/bin/sh
case "$1 $*" in
  "pass-one "*"--shard 2/"* | "pass-two "*"--shard 1/"*) ;;
  *) exec 'TWOBLADE' "$@" ;;
esac
grep -qs "^$1 137" kills && exec 'TWOBLADE' "$@"
for word in "$@"; do
  [ "$before" = --out ] && out=$word
  before=$word
done
while :; do
  'TWOBLADE' "$@" &
  child=$!
  while [ ! -e "$out.checkpoint/$1.state" ] && kill -0 $child 2> /dev/null; do :; done
  kill -9 $child 2> /dev/null
  wait $child
  code=$?
  echo "$1 $code" >> kills
  [ $code -eq 137 ] && exit 137
  rm -f "$out"
done
"#;

#[test]
fn snakemake_makes_the_bytes_of_one_process() {
    let Some(engine) = engine("TWOBLADE_SNAKEMAKE", "snakemake") else { return };
    let study = planned(assert_cmd::cargo::cargo_bin!("twoblade"));
    let output = snakemake(&engine, &study, &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    for file in ["json", "tsv"] {
        assert!(study.read(&format!("result.{file}")) == study.read(&format!("one.{file}")));
    }
    let shards = [1, 2, 3].map(|n| format!("shard-{n}-of-3.state"));
    for pass in ["pass-one", "pass-two"] {
        let names: Vec<_> = written(&study, pass).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, shards, "{pass}: sums are removed, checkpoints too");
    }
    // Nothing is left to do; and all is, where an option is another.
    let again = stdout(&snakemake(&engine, &study, &["--dry-run"]));
    assert!(again.contains("Nothing to be done"), "{again}");
    let config = study.read("config.yaml").replace("--probes 30", "--probes 31");
    study.write("config.yaml", config);
    let again = stdout(&snakemake(&engine, &study, &["--dry-run", "--quiet", "rules"]));
    let count = |rule: &str| {
        let line = again.lines().find(|line| line.starts_with(rule));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok())
    };
    for (rule, jobs) in [("plan", 1), ("pass_one", SHARDS), ("merge", 3), ("pass_two", SHARDS)] {
        assert_eq!(count(rule), Some(jobs), "{rule}: {again}");
    }
}

#[cfg(unix)]
#[test]
fn snakemake_goes_on_after_a_job_was_killed() {
    use std::os::unix::fs::PermissionsExt;

    let Some(engine) = engine("TWOBLADE_SNAKEMAKE", "snakemake") else { return };
    let study = planned(Path::new("./killer"));
    let twoblade = assert_cmd::cargo::cargo_bin!("twoblade").display().to_string();
    study.write("killer", KILLER.replace("TWOBLADE", &twoblade));
    fs::set_permissions(study.path("killer"), fs::Permissions::from_mode(0o755)).unwrap();

    // Without retries the workflow stops; what was finished stays.
    let output = snakemake(&engine, &study, &["--config", "retries=0", "--keep-going"]);
    assert!(!output.status.success());
    let hits = |pass: &str| study.read("kills").lines().filter(|line| line == &pass).count();
    assert_eq!(hits("pass-one 137"), 1, "{}", study.read("kills"));
    assert!(!study.path("result.json").exists());
    let mut before = written(&study, "pass-one");
    // Sums may be there, which go when they are not needed.
    before.retain(|(name, _)| name.starts_with("shard-"));
    assert_eq!(before.len(), SHARDS - 1);
    assert!(study.path("result.parts/pass-one/shard-2-of-3.state.checkpoint").exists());

    // The same command again, and the job that is killed now is tried again by itself.
    let output = snakemake(&engine, &study, &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(hits("pass-two 137"), 1, "{}", study.read("kills"));
    let after = written(&study, "pass-one");
    assert!(before.iter().all(|state| after.contains(state)), "{before:?} {after:?}");
    for (pass, words) in [
        ("pass-one-2", "pass one goes on from its checkpoint"),
        ("pass-two-1", "pass two goes on from its checkpoint"),
    ] {
        let log = study.read(&format!("result.parts/log/{pass}-of-3.log"));
        assert!(log.contains(words), "{log}");
    }
    assert!(study.read("result.json") == study.read("one.json"));
}

#[test]
fn miniwdl_accepts_the_workflow() {
    let Some(engine) = engine("TWOBLADE_MINIWDL", "miniwdl") else { return };
    let file = workflow("twoblade.wdl");
    let output = Command::new(engine)
        .args(["check", "--strict", "--suppress", "CommandShellCheck"])
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
}
