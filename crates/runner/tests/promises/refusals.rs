//! What is refused before anything is read.

use twoblade_core::BlockSource;
use twoblade_runner::{Reuse, RunError, Runner};

use crate::rig::{CHUNK_BYTES, FOOTPRINT, Model, Source};

#[test]
fn a_jackknife_of_fewer_than_two_blocks_is_refused() {
    for blocks in [0, 1] {
        let source = Source::new(vec![1; blocks]);
        let error = Runner::new().jackknife(&Model::default(), &source).unwrap_err();
        assert!(matches!(error, RunError::TooFewBlocks { blocks: found, .. } if found == blocks));
        assert_eq!(
            error.to_string(),
            format!("toy: a jackknife needs at least 2 blocks and the source has {blocks}")
        );
        assert_eq!(source.visits(), 0);
    }
}

#[test]
fn one_pass_over_one_block_or_none_is_fine() {
    for (blocks, estimate) in [(0, vec![0, 0]), (1, vec![2, 3])] {
        let source = Source::new(vec![2; blocks]);
        for threads in [1, 3] {
            let done = Runner::new().threads(threads).run(&Model::default(), &source).unwrap();
            assert_eq!(done.estimate, estimate);
        }
    }
}

#[test]
fn a_budget_that_nothing_fits_is_refused_before_a_single_visit() {
    let source = Source::new([2; 4]);
    let model = Model::default();
    for (reuse, states) in [(Reuse::Recompute, 2), (Reuse::Auto, 2), (Reuse::Keep, 5)] {
        let least =
            states * FOOTPRINT.state + FOOTPRINT.shared + FOOTPRINT.per_thread + CHUNK_BYTES;
        for threads in [1, 3, 8] {
            let runner = Runner::new().threads(threads).reuse(reuse);
            for bytes in [0, 1, least - 1] {
                let error = runner.clone().memory(bytes).jackknife(&model, &source).unwrap_err();
                let RunError::Budget { needed, budget, .. } = error else { panic!("{error}") };
                assert_eq!((needed, budget), (least, bytes));
                assert_eq!(
                    error.to_string(),
                    format!(
                        "toy needs at least {} KiB and the budget is {} KiB: {} KiB for states, 1 KiB \
                         for chunks, 1 KiB for what is shared, 1 KiB for scratch",
                        least.div_ceil(1024),
                        bytes.div_ceil(1024),
                        (states * FOOTPRINT.state).div_ceil(1024)
                    )
                );
                assert_eq!(source.visits(), 0);
            }
        }
    }
    Runner::new().memory(2111).jackknife(&model, &source).unwrap();
    assert_eq!(source.visits(), 2 * source.blocks());
}

#[test]
fn a_plan_reads_nothing() {
    let source = Source::new([2; 4]);
    Runner::new().plan(&Model::default(), &source).unwrap();
    Runner::new().plan_one_pass(&Model::default(), &source).unwrap();
    assert_eq!(source.visits(), 0);
}
