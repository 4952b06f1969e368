//! An observer hears of a process that passes its budget.

use std::sync::Mutex;

use twoblade_runner::process::resident_memory;
use twoblade_runner::{Observer, Progress, Reuse, Runner};

use crate::rig::{Model, Source};

#[derive(Default)]
struct Passed(Mutex<Vec<(usize, usize)>>);

impl Observer for Passed {
    fn progress(&self, _: Progress) {}

    fn over_budget(&self, resident: usize, budget: usize) {
        self.0.lock().unwrap().push((resident, budget));
    }
}

/// What an observer of a run with this budget hears of.
fn heard(budget: usize) -> Vec<(usize, usize)> {
    let (passed, source) = (Passed::default(), Source::new([3, 1, 0, 4, 2]));
    let runner = Runner::new().memory(budget).reuse(Reuse::Recompute).observer(&passed);
    runner.jackknife(&Model::default(), &source).unwrap();
    passed.0.into_inner().unwrap()
}

#[test]
fn an_observer_hears_of_a_process_that_holds_more_than_was_granted() {
    if resident_memory().is_none() {
        // Where the kernel does not tell, nobody hears of it.
        return;
    }
    // The toy fits its plan; the process that runs the test is larger.
    let budget = 100_000;
    let small = heard(budget);
    assert_eq!(small.len(), 2 * 5, "after every block of both passes");
    for (resident, of) in small {
        assert_eq!(of, budget);
        assert!(resident > budget, "{resident}");
    }
    assert_eq!(heard(1 << 40), []);
}
