//! A panic in a model or a source is an error that says where.

use twoblade_runner::{Pass, Reuse, RunError, Runner, Schedule};

use crate::rig::{Model, Source, chain, every_plan, in_order, some_plans};

const SIZES: [usize; 5] = [3; 5];

#[test]
fn a_panic_in_pass_one_names_model_pass_and_block() {
    let source = Source::new(SIZES);
    let model = Model {
        one: Box::new(|piece, _, _| {
            assert!((piece.block, piece.index) != (2, 1), "out of cheese");
            Ok(())
        }),
        ..Model::default()
    };
    for (runner, plan) in some_plans(&source) {
        let error = runner.jackknife(&model, &source).unwrap_err();
        assert!(matches!(error, RunError::Block { pass: Pass::One, block: 2, blocks: 5, .. }));
        assert_eq!(
            chain(&error),
            "toy, pass one: block 3 of 5: panicked: out of cheese",
            "{plan:?}"
        );
        let error = runner.run(&model, &source).unwrap_err();
        assert_eq!(
            chain(&error),
            "toy, pass one: block 3 of 5: panicked: out of cheese",
            "{plan:?}"
        );
    }
}

#[test]
fn a_panic_on_a_lent_thread_names_model_pass_and_block() {
    let source = Source::new(SIZES);
    let model = Model {
        one: Box::new(|piece, _, threads| {
            threads.each(16, &|index| {
                assert!((piece.block, index) != (1, 11), "thread {index} fell");
            });
            Ok(())
        }),
        ..Model::default()
    };
    let mut lent = 0;
    for (runner, plan) in every_plan(4, Reuse::Recompute, &source) {
        lent += usize::from(plan.schedule == Schedule::OneBlock(4));
        let error = runner.jackknife(&model, &source).unwrap_err();
        assert_eq!(chain(&error), "toy, pass one: block 2 of 5: panicked: thread 11 fell");
    }
    assert!(lent > 0);
}

#[test]
fn a_panic_in_pass_two_names_model_pass_and_block() {
    let source = Source::new(SIZES);
    let model = Model {
        two: Box::new(|held_out| {
            assert!(held_out != 3001 + 3002 + 3003, "{held_out}");
            Ok(())
        }),
        ..Model::default()
    };
    for (runner, plan) in some_plans(&source) {
        let error = runner.jackknife(&model, &source).unwrap_err();
        assert_eq!(chain(&error), "toy, pass two: block 4 of 5: panicked: 9006", "{plan:?}");
    }
}

/// Reading again, a model folds again.
#[test]
fn a_panic_while_a_block_is_folded_again_belongs_to_pass_two() {
    let source = Source::new(SIZES);
    for (runner, plan) in every_plan(3, Reuse::Recompute, &source) {
        let finished = std::sync::atomic::AtomicBool::new(false);
        let order = std::sync::atomic::Ordering::SeqCst;
        let model = Model {
            finish: Box::new(|| {
                finished.store(true, order);
                Ok(())
            }),
            one: Box::new(|piece, _, _| {
                assert!(piece.block != 1 || !finished.load(order), "not again");
                Ok(())
            }),
            ..Model::default()
        };
        let error = runner.jackknife(&model, &source).unwrap_err();
        assert_eq!(chain(&error), "toy, pass two: block 2 of 5: panicked: not again", "{plan:?}");
    }
}

#[test]
fn a_panic_in_the_reduction_is_no_estimate() {
    let source = Source::new(SIZES);
    let text = "toy: no estimate from all blocks together: panicked: empty";
    for (runner, _) in some_plans(&source) {
        let model = Model { aggregate: Box::new(|| panic!("empty")), ..Model::default() };
        let error = runner.jackknife(&model, &source).unwrap_err();
        assert!(matches!(error, RunError::Solve { .. }));
        assert_eq!(chain(&error), text);
        let model = Model { finish: Box::new(|| panic!("empty")), ..Model::default() };
        assert_eq!(chain(&runner.jackknife(&model, &source).unwrap_err()), text);
        assert_eq!(chain(&runner.run(&model, &source).unwrap_err()), text);
    }
}

#[test]
fn a_panic_without_words_is_still_an_error() {
    let model = Model { one: Box::new(|_, _, _| std::panic::panic_any(7)), ..Model::default() };
    let error = Runner::new().run(&model, &Source::new([1])).unwrap_err();
    assert_eq!(chain(&error), "toy, pass one: block 1 of 1: panicked: without a message");
}

/// A state whose shape depends on the data cannot be merged.
#[test]
fn a_panic_in_merge_is_an_error() {
    let source = Source::new(SIZES);
    let model = Model {
        one: Box::new(|piece, state, _| {
            if (piece.block, piece.index) == (2, 0) {
                state.push(0);
            }
            Ok(())
        }),
        ..Model::default()
    };
    let error = in_order(Reuse::Keep, &source).jackknife(&model, &source).unwrap_err();
    let text = chain(&error);
    let start = "toy, pass one: block 3 of 5: panicked: assertion `left == right` failed: states of one model have one shape";
    assert!(text.starts_with(start), "{text}");

    // With a state for each of two workers it shows when these are merged: each is lent a chunk
    // before the other may go on.
    let (first, second) = (crate::rig::Event::default(), crate::rig::Event::default());
    let model = Model {
        one: Box::new(|piece, state, _| {
            let (mine, other) =
                if piece.block == 0 { (&first, &second) } else { (&second, &first) };
            mine.happen();
            other.wait();
            state.truncate(2);
            if piece.block == 0 {
                state.push(0);
            }
            Ok(())
        }),
        ..Model::default()
    };
    let error = Runner::new().threads(2).run(&model, &Source::new([1, 1])).unwrap_err();
    let text = chain(&error);
    assert!(text.starts_with("toy: no estimate from all blocks together: panicked: "), "{text}");
    assert!(text.contains("states of one model have one shape"), "{text}");
}

#[test]
fn a_panic_in_init_is_an_error() {
    let model = || Model { init: Box::new(|| panic!("no room")), ..Model::default() };
    // With chunks and without.
    for sizes in [[1; 3], [0; 3]] {
        let source = Source::new(sizes);
        for (runner, plan) in some_plans(&source) {
            let error = runner.jackknife(&model(), &source).unwrap_err();
            assert!(chain(&error).ends_with(": panicked: no room"), "{plan:?}: {error}");
        }
    }
}

#[test]
fn a_panic_in_a_source_names_the_block() {
    let source = Source {
        chunk: Box::new(|piece| {
            assert!(piece.block != 4, "bad cable");
            Ok(())
        }),
        ..Source::new(SIZES)
    };
    for (runner, plan) in some_plans(&source) {
        let error = runner.jackknife(&Model::default(), &source).unwrap_err();
        let text = "toy, pass one: block 5 of 5 could not be read: panicked: bad cable";
        assert_eq!(chain(&error), text, "{plan:?}");
    }
}
