//! What an observer sees.

use std::sync::Mutex;

use twoblade_core::BlockSource;
use twoblade_runner::{Observer, Pass, Progress, Reuse};

use crate::rig::{Model, Source, every_plan};

#[derive(Default)]
struct Steps(Mutex<Vec<Progress>>);

impl Observer for Steps {
    fn progress(&self, progress: Progress) {
        self.0.lock().unwrap().push(progress);
    }
}

#[test]
fn an_observer_sees_as_many_steps_as_it_was_promised() {
    let source = Source::new([3, 1, 0, 4, 2]);
    for threads in [1, 3, 8] {
        for (reuse, second) in [(Reuse::Keep, 5), (Reuse::Recompute, source.chunks())] {
            for (runner, plan) in every_plan(threads, reuse, &source) {
                let steps = Steps::default();
                runner.observer(&steps).jackknife(&Model::default(), &source).unwrap();
                let steps = steps.0.into_inner().unwrap();
                for (pass, of) in [(Pass::One, source.chunks()), (Pass::Two, second)] {
                    let seen = steps.iter().filter(|step| step.pass == pass);
                    assert!(seen.clone().all(|step| step.of == of), "{plan:?}: {steps:?}");
                    let mut seen: Vec<u64> = seen.map(|step| step.done).collect();
                    seen.sort_unstable();
                    assert_eq!(seen, (1..=of).collect::<Vec<_>>(), "{plan:?}");
                }
                let first = steps.iter().take_while(|step| step.pass == Pass::One).count();
                assert_eq!(first as u64, source.chunks(), "pass one comes first");
            }
        }
    }
}
