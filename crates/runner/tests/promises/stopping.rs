//! Asking a run to stop.

use twoblade_runner::{Cancel, Pass, Reuse, RunError};

use crate::rig::{Model, Source, in_order, some_plans};

const SIZES: [usize; 5] = [3; 5];

#[test]
fn a_run_that_is_cancelled_stops_at_the_next_chunk_of_pass_one() {
    let source = Source::new(SIZES);
    for reuse in [Reuse::Keep, Reuse::Recompute] {
        let cancel = Cancel::new();
        let model = Model {
            one: Box::new(|piece, _, _| {
                assert!(piece.block < 2 || piece.index == 0, "stopped by now");
                if piece.block == 2 {
                    cancel.clone().cancel();
                }
                Ok(())
            }),
            ..Model::default()
        };
        let runner = in_order(reuse, &source).cancel(&cancel);
        let error = runner.jackknife(&model, &source).unwrap_err();
        assert!(matches!(error, RunError::Cancelled { pass: Pass::One, done: 2, of: 5 }));
        assert_eq!(error.to_string(), "stopped in pass one after 2 of 5 blocks");
        assert!(cancel.is_cancelled());
    }
}

#[test]
fn a_run_that_is_cancelled_stops_in_pass_two() {
    let source = Source::new(SIZES);
    for (runner, plan) in some_plans(&source) {
        let cancel = Cancel::new();
        let model = Model {
            finish: Box::new(|| {
                cancel.cancel();
                Ok(())
            }),
            two: Box::new(|_| panic!("nothing is left out any more")),
            ..Model::default()
        };
        let error = runner.cancel(&cancel).jackknife(&model, &source).unwrap_err();
        assert_eq!(error.to_string(), "stopped in pass two after 0 of 5 blocks", "{plan:?}");
    }
}

#[test]
fn blocks_left_out_before_a_run_is_cancelled_are_counted() {
    let source = Source::new(SIZES);
    for reuse in [Reuse::Keep, Reuse::Recompute] {
        let cancel = Cancel::new();
        let model = Model {
            two: Box::new(|held_out| {
                if held_out > 6000 {
                    cancel.cancel();
                }
                Ok(())
            }),
            ..Model::default()
        };
        // Blocks 0 and 1 sum to 6 and 3,006; block 2, to 6,006, is under way when it is cancelled.
        let error =
            in_order(reuse, &source).cancel(&cancel).jackknife(&model, &source).unwrap_err();
        assert!(
            matches!(error, RunError::Cancelled { pass: Pass::Two, done: 2, of: 5 }),
            "{reuse:?}: {error}"
        );
    }
}

#[test]
fn a_run_that_is_cancelled_before_it_starts_reads_nothing() {
    let source = Source::new(SIZES);
    let cancel = Cancel::new();
    cancel.cancel();
    for (runner, _) in some_plans(&source) {
        let runner = runner.cancel(&cancel);
        let error = runner.jackknife(&Model::default(), &source).unwrap_err();
        assert_eq!(error.to_string(), "stopped in pass one after 0 of 5 blocks");
        runner.run(&Model::default(), &source).unwrap_err();
    }
    assert_eq!(source.visits(), 0);
}

/// What went wrong is more than that somebody lost patience.
#[test]
fn a_failure_is_not_hidden_by_cancelling() {
    let source = Source::new(SIZES);
    let cancel = Cancel::new();
    let model = Model {
        one: Box::new(|_, _, _| {
            cancel.cancel();
            Err("broken".into())
        }),
        ..Model::default()
    };
    let error = in_order(Reuse::Keep, &source).cancel(&cancel).jackknife(&model, &source);
    assert!(matches!(error, Err(RunError::Block { block: 0, .. })));
}
