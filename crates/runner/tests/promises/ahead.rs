//! Readers run ahead, and nobody waits for ever.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use twoblade_runner::{Reuse, Runner, Schedule};

use crate::rig::{Event, Model, Piece, Source, every_plan};

/// The first chunk of each pass is not done before another chunk has been read.
#[test]
fn a_chunk_is_read_while_another_is_folded() {
    for reuse in [Reuse::Keep, Reuse::Recompute] {
        // Pass two of `Keep` reads nothing, so there pass one is all there is to see.
        let (read, first) = (Mutex::new(Vec::new()), AtomicBool::new(true));
        let ahead = Event::default();
        let source = Source {
            chunk: Box::new(|piece| {
                let mut read = read.lock().unwrap();
                read.push(piece);
                if read.iter().any(|other: &Piece| other.block != piece.block) {
                    ahead.happen();
                }
                Ok(())
            }),
            ..Source::new([2, 2, 2])
        };
        let model = Model {
            one: Box::new(|_, _, _| {
                if first.swap(false, Ordering::SeqCst) {
                    ahead.wait();
                }
                Ok(())
            }),
            ..Model::default()
        };
        let runner = Runner::new().reuse(reuse);
        assert_eq!(runner.plan(&model, &source).unwrap().readers, 2);
        runner.jackknife(&model, &source).unwrap();
        assert!(!first.load(Ordering::SeqCst));
    }
}

#[test]
fn a_chunk_is_read_while_another_is_folded_in_pass_two() {
    let (passed, waited) = (AtomicBool::new(false), AtomicBool::new(false));
    let (ahead, read) = (Event::default(), Mutex::new(Vec::new()));
    let source = Source {
        chunk: Box::new(|piece| {
            if passed.load(Ordering::SeqCst) {
                let mut read = read.lock().unwrap();
                read.push(piece.block);
                if read.iter().any(|&block| block != piece.block) {
                    ahead.happen();
                }
            }
            Ok(())
        }),
        ..Source::new([2, 2, 2])
    };
    let model = Model {
        finish: Box::new(|| {
            passed.store(true, Ordering::SeqCst);
            Ok(())
        }),
        one: Box::new(|_, _, _| {
            if passed.load(Ordering::SeqCst) && !waited.swap(true, Ordering::SeqCst) {
                ahead.wait();
            }
            Ok(())
        }),
        ..Model::default()
    };
    Runner::new().reuse(Reuse::Recompute).jackknife(&model, &source).unwrap();
    assert!(waited.load(Ordering::SeqCst));
}

/// Several blocks at once really are folded at the same time.
#[test]
fn as_many_blocks_as_threads_are_folded_at_once() {
    let (first, second) = (Event::default(), Event::default());
    let model = Model {
        one: Box::new(|piece, _, _| {
            let (mine, other) =
                if piece.block == 0 { (&first, &second) } else { (&second, &first) };
            mine.happen();
            other.wait();
            Ok(())
        }),
        ..Model::default()
    };
    let source = Source::new([1, 1]);
    let runner = Runner::new().threads(2);
    assert_eq!(runner.plan(&model, &source).unwrap().schedule, Schedule::SeveralBlocks(2));
    runner.jackknife(&model, &source).unwrap();
}

#[test]
fn every_schedule_comes_to_an_end_with_the_right_sums() {
    let mut plans = 0;
    for blocks in 2..=9 {
        let shapes: [Vec<usize>; 4] = [
            vec![1; blocks],
            vec![5; blocks],
            (0..blocks).map(|block| block % 3).collect(),
            vec![0; blocks],
        ];
        for sizes in shapes {
            let source = Source::new(sizes);
            let sums: Vec<u64> = (0..blocks)
                .map(|block| {
                    let chunks = 0..source.sizes[block];
                    chunks.map(|index| Piece { block, index }.value()).sum()
                })
                .collect();
            let chunks: usize = source.sizes.iter().sum();
            let all: u64 = sums.iter().sum();
            for threads in 1..=8 {
                for reuse in [Reuse::Keep, Reuse::Recompute] {
                    for (runner, plan) in every_plan(threads, reuse, &source) {
                        let done = runner.jackknife(&Model::default(), &source).unwrap();
                        assert_eq!(done.jackknife.full, [chunks as u64, all], "{plan:?}");
                        for (block, sum) in sums.iter().enumerate() {
                            let left = (chunks - source.sizes[block]) as u64;
                            let replicate = &done.jackknife.replicates[block];
                            assert_eq!(*replicate, [left, all - sum], "{plan:?}");
                        }
                        plans += 1;
                    }
                }
            }
        }
    }
    assert!(plans > 1000, "{plans}");
}
