//! What a model or a source refuses, and which block is named.

use std::sync::atomic::{AtomicBool, Ordering};

use twoblade_runner::{Pass, Reuse, RunError, Runner};

use crate::rig::{Event, Model, Source, chain, every_plan, some_plans};

const SIZES: [usize; 5] = [3; 5];

#[test]
fn a_source_that_cannot_be_read_names_model_pass_and_block() {
    let source = Source {
        chunk: Box::new(|piece| {
            if (piece.block, piece.index) == (1, 2) { Err("short file".into()) } else { Ok(()) }
        }),
        ..Source::new(SIZES)
    };
    for (runner, plan) in some_plans(&source) {
        let error = runner.jackknife(&Model::default(), &source).unwrap_err();
        assert!(matches!(error, RunError::Read { pass: Pass::One, block: 1, blocks: 5, .. }));
        let text = "toy, pass one: block 2 of 5 could not be read: short file";
        assert_eq!(chain(&error), text, "{plan:?}");
    }
}

#[test]
fn a_source_that_cannot_be_read_again_says_pass_two() {
    let finished = AtomicBool::new(false);
    let model = Model {
        finish: Box::new(|| {
            finished.store(true, Ordering::SeqCst);
            Ok(())
        }),
        ..Model::default()
    };
    let source = Source {
        chunk: Box::new(
            |_| if finished.load(Ordering::SeqCst) { Err("gone".into()) } else { Ok(()) },
        ),
        ..Source::new(SIZES)
    };
    let plans = every_plan(3, Reuse::Recompute, &Source::new(SIZES));
    for (runner, plan) in plans {
        finished.store(false, Ordering::SeqCst);
        let error = runner.jackknife(&model, &source).unwrap_err();
        let text = "toy, pass two: block 1 of 5 could not be read: gone";
        assert_eq!(chain(&error), text, "{plan:?}");
    }
}

#[test]
fn what_a_model_refuses_names_model_pass_and_block() {
    let source = Source::new(SIZES);
    for (runner, plan) in some_plans(&source) {
        let model =
            Model {
                one: Box::new(|piece, _, _| {
                    if piece.block == 3 { Err("a negative count".into()) } else { Ok(()) }
                }),
                ..Model::default()
            };
        let text = chain(&runner.jackknife(&model, &source).unwrap_err());
        assert_eq!(text, "toy, pass one: block 4 of 5: a negative count", "{plan:?}");

        let model = Model { two: Box::new(|_| Err("singular".into())), ..Model::default() };
        let text = chain(&runner.jackknife(&model, &source).unwrap_err());
        assert_eq!(text, "toy, pass two: block 1 of 5: singular", "{plan:?}");

        let model = Model { finish: Box::new(|| Err("singular".into())), ..Model::default() };
        let text = chain(&runner.jackknife(&model, &source).unwrap_err());
        assert_eq!(text, "toy: no estimate from all blocks together: singular", "{plan:?}");
    }
}

/// The block that fails last in time is the one that is named, if it is the first in order.
#[test]
fn of_several_failures_the_first_block_is_named_on_any_number_of_threads() {
    let sizes = [50, 1, 1, 1, 1];
    let plans = some_plans(&Source::new(sizes));
    let ahead = plans.into_iter().filter(|(_, plan)| plan.readers > 1);
    let mut tried = 0;
    for (runner, plan) in ahead {
        let failing = Event::default();
        let source = Source {
            chunk: Box::new(|piece| {
                if piece.block == 0 {
                    failing.wait();
                    // Lets the failure of the later block be noticed.
                    std::thread::yield_now();
                }
                Ok(())
            }),
            ..Source::new(sizes)
        };
        let model = Model {
            one: Box::new(|piece, _, _| match (piece.block, piece.index) {
                (0, 49) => Err("the first block".into()),
                (0, _) => Ok(()),
                _ => {
                    failing.happen();
                    Err("a later block".into())
                }
            }),
            ..Model::default()
        };
        let error = runner.jackknife(&model, &source).unwrap_err();
        assert_eq!(chain(&error), "toy, pass one: block 1 of 5: the first block", "{plan:?}");
        tried += 1;
    }
    assert!(tried > 3);
}

/// A model refuses a state, not a chunk, when it looks at a guard: what block 2 left in a state that
/// is shared must not make block 1 fail.
#[test]
fn a_bad_block_is_not_blamed_on_the_block_that_is_folded_next() {
    for reuse in [Reuse::Keep, Reuse::Recompute] {
        for panics in [false, true] {
            let refusing = Event::default();
            let source = Source {
                chunk: Box::new(|piece| {
                    if piece.block == 0 {
                        refusing.wait();
                    }
                    Ok(())
                }),
                ..Source::new([20, 1, 1])
            };
            let model = Model {
                one: Box::new(|piece, state, _| {
                    if piece.block == 1 {
                        state[1] += 1_000_000;
                        refusing.happen();
                    }
                    assert!(!panics || state[1] < 1_000_000, "too large");
                    if state[1] < 1_000_000 { Ok(()) } else { Err("too large".into()) }
                }),
                ..Model::default()
            };
            // One thread: one state, two readers.
            let error = Runner::new().reuse(reuse).jackknife(&model, &source).unwrap_err();
            assert!(matches!(error, RunError::Block { pass: Pass::One, block: 1, .. }), "{error}");
            assert!(chain(&error).ends_with("too large"));
        }
    }
}

#[test]
fn data_that_change_between_the_passes_are_noticed() {
    // Block 2 has another digest from the sixth visit on, which is in pass two.
    let source = || Source {
        digest: Box::new(|block, visit| if block == 2 && visit >= 5 { 0xbad } else { 0xd1 }),
        ..Source::new(SIZES)
    };
    for (runner, plan) in every_plan(3, Reuse::Recompute, &source()) {
        let error = runner.jackknife(&Model::default(), &source()).unwrap_err();
        assert!(matches!(error, RunError::Changed { block: 2, first: 0xd1, second: 0xbad, .. }));
        assert_eq!(
            error.to_string(),
            "toy: block 3 changed between the passes (digest 00000000000000d1, then \
             0000000000000bad); is something writing to the data?",
            "{plan:?}"
        );
    }
    // Who reads once cannot notice, and need not.
    let source = source();
    Runner::new().reuse(Reuse::Keep).jackknife(&Model::default(), &source).unwrap();
    assert_eq!(source.visits(), 5);
}
