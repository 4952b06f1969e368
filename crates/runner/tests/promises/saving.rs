//! Checkpoints that cannot be written, and those that were written before.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use twoblade_runner::{Pass, Reuse, RunError, Runner, StateError, discard, read_header};

use crate::rig::{Model, Source, chain, in_order};

const SIZES: [usize; 6] = [2, 1, 3, 1, 2, 1];

/// The folder goes away while a block is read, at each visit in turn, so that the next state cannot be
/// written; what was written before is whole, and a run goes on from it.
#[test]
#[expect(clippy::print_stdout, reason = "a test says what it counted")]
fn a_checkpoint_that_cannot_be_written_stops_the_run_and_leaves_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let (here, away) = (folder.path().join("saved"), folder.path().join("away"));
    let expected = Runner::new().jackknife(&Model::default(), &Source::new(SIZES)).unwrap();
    let (mut tried, mut resumed) = (0, [0, 0]);
    for reuse in [Reuse::Recompute, Reuse::Keep, Reuse::Spill] {
        let reading = if reuse == Reuse::Recompute { 2 * SIZES.len() } else { SIZES.len() };
        for visit in 0..reading {
            let visits = AtomicBool::new(false);
            let mut source = Source::new(SIZES);
            let fails = Source::new(SIZES);
            source.digest = Box::new(|block, so_far| {
                if so_far == visit && !visits.swap(true, Ordering::SeqCst) {
                    std::fs::rename(&here, &away).unwrap();
                }
                block as u64
            });
            let model = Model::default();
            let saving = |runner: Runner<'static>| runner.checkpoint_interval(Duration::ZERO);
            let run = |source: &Source<'_>| {
                saving(in_order(reuse, &fails)).checkpoint(&here).jackknife(&model, source)
            };
            let error = run(&source).unwrap_err();
            let words = chain(&error);
            let RunError::State(StateError::Write { file, .. }) = error else {
                panic!("{reuse:?}, visit {visit}: {words}")
            };
            assert!(file.starts_with(&here), "{words}");
            assert!(words.contains("could not be written: "), "{words}");
            tried += 1;

            std::fs::rename(&away, &here).unwrap();
            let mut saved = 0;
            for (pass, count) in found(&here) {
                saved += count;
                assert!(count > 0 && count <= SIZES.len());
                resumed[usize::from(pass == Pass::Two)] += 1;
            }
            let left = Source::new(SIZES);
            let done = run(&left).unwrap();
            assert_eq!(done.jackknife, expected.jackknife, "{reuse:?}, visit {visit}");
            if reuse == Reuse::Recompute {
                assert_eq!(left.visits() + saved, reading);
            }
            discard(&here).unwrap();
            assert!(!here.exists());
        }
    }
    println!("{tried} runs stopped; {resumed:?} states of the two passes gone on from");
    assert!(tried == 4 * SIZES.len() && resumed[0] > 10 && resumed[1] > 3, "{tried}, {resumed:?}");
}

/// Which states are in a folder, and how many blocks each covers; all are whole.
fn found(folder: &Path) -> Vec<(Pass, usize)> {
    let names = ["pass-one.state", "pass-two.state"].map(|name| folder.join(name));
    let there = names.iter().filter(|file| file.exists());
    there
        .map(|file| read_header(file).unwrap())
        .map(|header| (header.pass, header.cover.count()))
        .collect()
}
