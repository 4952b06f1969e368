//! A hard limit of the address space (`ulimit -v`): the budget and a constant suffice, and with less a
//! run ends with a message or is aborted, and writes nothing.
#![cfg(target_os = "linux")]

use std::process::{Command, Output};

use crate::study::Study;

/// Address space that is reserved beside the budget: the program and its libraries, and for each thread
/// a stack and a heap of the allocator, of 64 MiB each. Most of it is never touched. The formula of
/// `docs/src/memory.md`.
fn reserved(threads: u64) -> u64 {
    128 + 72 * threads
}

/// Runs a command that may reserve so many MiB.
fn limited(study: &Study, limit: u64, arguments: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {} && exec \"$@\"", limit << 10);
    shell.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_twoblade")]).args(arguments);
    // A message is looked at, not where it came from; and a heap a thread, whatever is set outside.
    shell.env("RUST_BACKTRACE", "0").env_remove("MALLOC_ARENA_MAX");
    shell.current_dir(study.path("")).output().unwrap()
}

/// With the budget and the constant a command works, and with less it works just so or writes nothing;
/// how often it did not work.
fn holds(study: &Study, (budget, threads): (u64, u64), arguments: &[&str], out: &str) -> usize {
    let (memory, count) = (format!("{budget}M"), threads.to_string());
    let arguments = [arguments, &["--memory", &memory, "--threads", &count]].concat();
    let limit = budget + reserved(threads);
    let remove = || match std::fs::remove_file(study.path(out)) {
        Ok(()) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    };
    remove();
    let output = limited(study, limit, &arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?} in {limit} MiB: {said}");
    let expected = std::fs::read(study.path(out)).unwrap();
    let mut failed = 0;
    for part in 1..8 {
        remove();
        let output = limited(study, limit * part / 8, &arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            assert_eq!(std::fs::read(study.path(out)).unwrap(), expected, "{arguments:?}");
        } else {
            failed += 1;
            assert!(!study.path(out).exists(), "{arguments:?}: {said}");
            // The least of them may not hold the program itself: then the system says so, and nothing ran.
            let unloaded = said.contains("error while loading shared libraries");
            let clear = said.contains("memory allocation of") || said.contains("error: ");
            assert!(
                clear || unloaded,
                "{arguments:?}, {part}/8 of {limit} MiB: {:?} {said}",
                output.status
            );
        }
    }
    // Whatever the allocator does, an eighth is less than what is planned.
    assert!(failed > 0, "{arguments:?}");
    failed
}

#[test]
fn rhe_under_a_hard_limit() {
    let study = Study::simulate(&["--individuals", "20000", "--variants", "100"]);
    let base = ["--bfile", "study", "--pheno", "study.pheno", "--blocks", "4", "--probes", "100"];
    let rhe = [&["rhe"][..], &base, &["--quiet", "--out", "result"]].concat();
    let plan = [&["rhe"][..], &base, &["--quiet", "--plan-out", "plan"]].concat();
    study.works(&plan);
    let mut failed = 0;
    for (budget, threads) in [(64, 1), (80, 2)] {
        for how in [&["--reuse", "recompute"][..], &["--reuse", "spill"]] {
            failed += holds(&study, (budget, threads), &[&rhe[..], how].concat(), "result.json");
        }
        let one = ["pass-one", "plan", "--shard", "1/1", "-o", "total", "--quiet"];
        failed += holds(&study, (budget, threads), &one, "total");
        study.works(&one);
        let two = ["pass-two", "plan", "total", "--shard", "1/1", "-o", "rest", "--quiet"];
        failed += holds(&study, (budget, threads), &two, "rest");
    }
    assert!(failed >= 8, "{failed}");
}

#[test]
fn fnm_under_a_hard_limit() {
    let study = Study::empty();
    let size = ["--subjects", "3", "--time-points", "500", "--voxels", "8000", "--lesions", "2"];
    let rest = ["--compression", "none", "--out", "."];
    study.works(&[&["simulate", "connectome"][..], &size, &rest].concat());
    let fnm = ["fnm", "--connectome", "connectome", "--lesions", "lesions/*.nii.gz", "--quiet"];
    let fnm = [&fnm[..], &["--overwrite", "--out", "maps"]].concat();
    for budget in [(64, 1), (80, 2)] {
        assert!(holds(&study, budget, &fnm, "maps/summary.tsv") > 0);
    }
}
