//! Threads that are lent, and threads that cannot be had.

use std::process::Command;
use std::sync::Barrier;

use twoblade_runner::{Reuse, RunError, Runner, Schedule};

use crate::rig::{Model, Source, chain, every_plan};

/// All of them meet inside one call, so they are there at the same time.
#[test]
fn threads_inside_a_block_are_lent_together() {
    let source = Source::new([2, 2]);
    let barrier = Barrier::new(4);
    let model = Model {
        one: Box::new(|_, _, threads| {
            threads.each(4, &|_| {
                barrier.wait();
            });
            Ok(())
        }),
        ..Model::default()
    };
    let runner = Runner::new().threads(4);
    assert_eq!(runner.plan(&model, &source).unwrap().schedule, Schedule::OneBlock(4));
    runner.jackknife(&model, &source).unwrap();
}

const CHILD: &str = "TWOBLADE_TEST_WITHOUT_THREADS";

/// The system refuses a thread whose stack is larger than the address space. The standard library
/// reads the size of stacks once, so a process of its own has to be asked: this test again.
#[test]
fn threads_that_cannot_be_started_are_an_error() {
    if std::env::var_os(CHILD).is_some() {
        let source = Source::new([1; 5]);
        let (mut several, mut inside) = (0, 0);
        for (runner, plan) in every_plan(3, Reuse::Recompute, &source) {
            let done = runner.jackknife(&Model::default(), &source);
            // One thread that reads and folds needs no other.
            if plan.schedule == Schedule::OneBlock(1) {
                done.unwrap();
                continue;
            }
            let error = done.unwrap_err();
            let RunError::Threads { threads, .. } = error else { panic!("{plan:?}: {error}") };
            match plan.schedule {
                Schedule::SeveralBlocks(_) => several += 1,
                Schedule::OneBlock(_) => inside += 1,
            }
            let text = format!("{threads} threads could not be started: ");
            assert!(chain(&error).starts_with(&text), "{error}");
        }
        assert!(several > 0 && inside > 0);
        return;
    }
    let name = "threads::threads_that_cannot_be_started_are_an_error";
    let child = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--test-threads=1"])
        .env(CHILD, "1")
        .env("RUST_MIN_STACK", (1u64 << 50).to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}
