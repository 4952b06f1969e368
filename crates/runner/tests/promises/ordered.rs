//! Models that learn in order.

use std::borrow::Cow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Serialize, Serializer};
use twoblade_core::{BlockSource, BoxError, Footprint, OrderedEstimator};
use twoblade_runner::{
    Cancel, Cover, Observer, Pass, Plan, Progress, RunError, Runner, StateError, read_header,
};

use crate::rig::{CHUNK_BYTES, Event, Piece, Source, chain};

type Hook<'a> = Box<dyn Fn(u32, &Piece) -> Result<(), BoxError> + 'a>;

/// Writes down what it was lent.
struct Model<'a> {
    options: u8,
    learn: Hook<'a>,
}

impl Model<'_> {
    fn new() -> Self {
        Self { options: 1, learn: Box::new(|_, _| Ok(())) }
    }
}

impl Serialize for Model<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.options)
    }
}

impl OrderedEstimator for Model<'_> {
    const MODEL_VERSION: u32 = 1;
    type Chunk = Piece;
    type Model = Vec<(u32, usize, usize)>;
    type Estimate = usize;

    fn name(&self) -> Cow<'static, str> {
        "toy".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        Footprint { state: 1000, shared: 10, per_thread: 1, ..Footprint::default() }
    }

    fn init(&self) -> Self::Model {
        Vec::new()
    }

    fn learn(&self, epoch: u32, chunk: &Piece, model: &mut Self::Model) -> Result<(), BoxError> {
        model.push((epoch, chunk.block, chunk.index));
        (self.learn)(epoch, chunk)
    }

    fn finish(&self, model: &Self::Model) -> Result<usize, BoxError> {
        Ok(model.len())
    }
}

/// Every plan that some budget leads to, with the runner that makes it.
fn every_plan(threads: usize, source: &Source<'_>) -> Vec<(Runner<'static>, Plan)> {
    let mut plans = Vec::new();
    let mut budget = usize::MAX;
    while let Ok(plan) =
        Runner::new().threads(threads).memory(budget).plan_ordered(&Model::new(), source, 2)
    {
        budget = plan.memory.total() - 1;
        plans.push((Runner::new().threads(threads).memory(plan.memory.total()), plan));
    }
    plans
}

fn in_order(epochs: u32, sizes: &[usize]) -> Vec<(u32, usize, usize)> {
    let chunks = |epoch| {
        let of_block = move |(block, &size): (usize, &usize)| {
            (0..size).map(move |index| (epoch, block, index)).collect::<Vec<_>>()
        };
        sizes.iter().enumerate().flat_map(of_block)
    };
    (0..epochs).flat_map(chunks).collect()
}

#[test]
fn a_smaller_budget_buys_fewer_readers() {
    let source = Source::new([3, 2, 3, 1]);
    // Chunks of 3 blocks of 3, beside the one of each reader, and the one that is learned from; …
    let expected = [(3, 13), (2, 9), (1, 4), (1, 3), (1, 1)];
    let plans = every_plan(3, &source);
    let found: Vec<_> =
        plans.iter().map(|(_, plan)| (plan.readers, plan.memory.chunks / CHUNK_BYTES)).collect();
    assert_eq!(found, expected);
    assert_eq!(plans[0].1.memory.total(), 1011 + 1300);
    assert_eq!((plans[0].1.reads, plans[0].1.reuse), (2, None));
    let error = Runner::new().memory(1110).ordered(&Model::new(), &source, 2).unwrap_err();
    assert!(matches!(error, RunError::Budget { needed: 1111, budget: 1110, .. }), "{error}");
    assert_eq!(source.visits(), 0);
}

#[test]
fn chunks_come_in_order_whatever_the_plan() {
    let mut plans = 0;
    let shapes: [&[usize]; 6] =
        [&[], &[0], &[0, 0, 0], &[1, 0, 3, 2], &[1; 9], &[4, 0, 0, 7, 1, 2]];
    for sizes in shapes {
        let source = Source::new(sizes);
        for threads in 1..=4 {
            for (runner, plan) in every_plan(threads, &source) {
                for epochs in 0..=3 {
                    let learned = runner.ordered(&Model::new(), &source, epochs).unwrap();
                    assert_eq!(learned.model, in_order(epochs, sizes), "{plan:?}");
                    assert_eq!(learned.estimate, learned.model.len());
                    let passes: Vec<_> = learned.stages.iter().map(|stage| stage.pass).collect();
                    let expected = if sizes.is_empty() { 0 } else { epochs };
                    assert_eq!(passes, (0..expected).map(Pass::Epoch).collect::<Vec<_>>());
                    plans += 1;
                }
            }
        }
    }
    assert!(plans > 200, "{plans}");
}

/// The first chunk is learned from while the next, and the next block, are being read.
#[test]
fn chunks_and_blocks_are_read_ahead() {
    for threads in [1, 2] {
        let (next, block) = (Event::default(), Event::default());
        let source = Source {
            chunk: Box::new(|piece| {
                if piece == (Piece { block: 0, index: 1 }) {
                    next.happen();
                }
                if piece == (Piece { block: 1, index: 1 }) {
                    block.happen();
                }
                Ok(())
            }),
            ..Source::new([2, 2])
        };
        let model = Model {
            learn: Box::new(|epoch, piece| {
                if epoch == 0 && *piece == (Piece { block: 0, index: 0 }) {
                    next.wait();
                    if threads > 1 {
                        block.wait();
                    }
                }
                Ok(())
            }),
            ..Model::new()
        };
        Runner::new().threads(threads).ordered(&model, &source, 1).unwrap();
    }
}

/// Of several failures the first in the order of the data is told; nothing is learned after it.
#[test]
fn what_fails_first_in_order_is_told() {
    for threads in [1, 4] {
        let fails = |block, index| {
            let source = Source {
                chunk: Box::new(move |piece| {
                    let there = Piece { block, index };
                    if piece == there || piece.block == 3 { Err("torn".into()) } else { Ok(()) }
                }),
                ..Source::new([2; 5])
            };
            let last = Mutex::new(None);
            let mut words = String::new();
            for (runner, _) in every_plan(threads, &source) {
                let model = Model {
                    learn: Box::new(|_, piece| {
                        *last.lock().unwrap() = Some((piece.block, piece.index));
                        Ok(())
                    }),
                    ..Model::new()
                };
                words = chain(&runner.ordered(&model, &source, 2).unwrap_err());
            }
            (words, last.into_inner().unwrap())
        };
        let (words, last) = fails(1, 1);
        assert_eq!(words, "toy, epoch 1: block 2 of 5 could not be read: torn");
        assert_eq!(last, Some((1, 0)));
        assert_eq!(fails(4, 1).0, "toy, epoch 1: block 4 of 5 could not be read: torn");
    }
}

#[test]
fn a_model_that_refuses_or_panics_says_where() {
    let source = Source::new([2; 3]);
    for (runner, plan) in every_plan(2, &source) {
        let refuses = |panics: bool| {
            let model = Model {
                learn: Box::new(move |epoch, piece| match (epoch, piece.block, piece.index) {
                    (1, 2, 0) if panics => panic!("no room"),
                    (1, 2, 0) => Err("not finite".into()),
                    (1, 2, 1) => unreachable!("it is over"),
                    _ => Ok(()),
                }),
                ..Model::new()
            };
            chain(&runner.ordered(&model, &source, 3).unwrap_err())
        };
        assert_eq!(refuses(false), "toy, epoch 2: block 3 of 3: not finite", "{plan:?}");
        assert_eq!(refuses(true), "toy, epoch 2: block 3 of 3: panicked: no room", "{plan:?}");
    }
    let source = Source { chunk: Box::new(|_| panic!("no disk")), ..Source::new([2; 3]) };
    for (runner, _) in every_plan(2, &source) {
        let error = runner.ordered(&Model::new(), &source, 1).unwrap_err();
        let words = "toy, epoch 1: block 1 of 3 could not be read: panicked: no disk";
        assert_eq!(chain(&error), words);
    }
}

#[test]
fn a_block_that_changes_between_epochs_is_told() {
    for threads in [1, 3] {
        let changes = AtomicUsize::new(0);
        let source = Source {
            digest: Box::new(|block, _| {
                let again = block == 1 && changes.fetch_add(1, Ordering::SeqCst) == 2;
                if again { 77 } else { block as u64 }
            }),
            ..Source::new([1; 3])
        };
        let error = Runner::new().threads(threads).ordered(&Model::new(), &source, 5).unwrap_err();
        assert!(matches!(error, RunError::Changed { block: 1, first: 1, second: 77, .. }));
    }
}

#[test]
fn cancelling_stops_at_the_next_chunk_or_with_a_checkpoint_at_the_next_block() {
    let source = Source::new([3; 4]);
    let folder = tempfile::tempdir().unwrap();
    for (checkpoint, done, learned) in [(None, 1, 5), (Some(folder.path()), 2, 6)] {
        for (runner, plan) in every_plan(2, &source) {
            let (cancel, count) = (Cancel::new(), AtomicUsize::new(0));
            let model = Model {
                learn: Box::new(|epoch, piece| {
                    count.fetch_add(1, Ordering::SeqCst);
                    if (epoch, piece.block, piece.index) == (1, 1, 1) {
                        cancel.cancel();
                    }
                    Ok(())
                }),
                ..Model::new()
            };
            let mut runner = runner.cancel(&cancel);
            if let Some(folder) = checkpoint {
                runner = runner.checkpoint(folder).checkpoint_interval(Duration::MAX);
            }
            let error = runner.ordered(&model, &source, 2).unwrap_err();
            let RunError::Cancelled { pass: Pass::Epoch(1), done: found, of: 4 } = error else {
                panic!("{error}, {plan:?}")
            };
            assert_eq!((found, count.load(Ordering::SeqCst)), (done, 12 + learned));
            assert_eq!(error.to_string(), format!("stopped in epoch 2 after {done} of 4 blocks"));
            if let Some(folder) = checkpoint {
                let header = read_header(&folder.join("epoch.state")).unwrap();
                assert_eq!((header.pass, header.cover), (Pass::Epoch(1), Cover::from(0..2)));
                twoblade_runner::discard(folder).unwrap();
            }
        }
    }
    let cancel = Cancel::new();
    cancel.cancel();
    let before = source.visits();
    Runner::new().cancel(&cancel).ordered(&Model::new(), &source, 2).unwrap_err();
    assert_eq!(source.visits(), before);
}

#[derive(Default)]
struct Watcher(Mutex<Vec<String>>);

impl Observer for Watcher {
    fn progress(&self, Progress { pass, done, of }: Progress) {
        self.0.lock().unwrap().push(format!("{pass} {done}/{of}"));
    }
    fn resumed(&self, pass: Pass, cover: &Cover) {
        self.0.lock().unwrap().push(format!("{pass} from {cover}"));
    }
}

/// Learns until chunk 0 of block 1 of epoch 1, and from there.
#[test]
fn a_checkpoint_is_gone_on_from_and_everything_is_told() {
    let source = Source::new([1, 2, 1]);
    let folder = tempfile::tempdir().unwrap();
    let cancel = Cancel::new();
    let impatient = Model {
        learn: Box::new(|epoch, piece| {
            if (epoch, piece.block) == (1, 1) {
                cancel.cancel();
            }
            Ok(())
        }),
        ..Model::new()
    };
    let runner = || Runner::new().checkpoint(folder.path());
    runner().cancel(&cancel).ordered(&impatient, &source, 3).unwrap_err();

    let watcher = Watcher::default();
    let runner = || Runner::new().checkpoint(folder.path()).observer(&watcher);
    let learned = runner().ordered(&Model::new(), &source, 2).unwrap();
    assert_eq!(learned.model, in_order(2, &[1, 2, 1]));
    let told = std::mem::take(&mut *watcher.0.lock().unwrap());
    assert_eq!(told, ["epoch 2 from 1 to 2", "epoch 2 3/4"]);

    // All of it is there already; and one epoch more.
    let visits = source.visits();
    assert_eq!(runner().ordered(&Model::new(), &source, 2).unwrap().model.len(), 8);
    assert_eq!(source.visits(), visits);
    assert_eq!(runner().ordered(&Model::new(), &source, 3).unwrap().model, in_order(3, &[1, 2, 1]));
    let told = watcher.0.into_inner().unwrap();
    let again = ["epoch 2 from 1 to 3"; 2].map(str::to_owned);
    assert_eq!(told[..2], again);
    assert_eq!(told[2..], [1, 2, 3, 4].map(|done| format!("epoch 3 {done}/4")));
}

#[test]
fn a_checkpoint_of_something_else_is_refused() {
    let source = Source::new([1, 2, 1]);
    let folder = tempfile::tempdir().unwrap();
    let runner = Runner::new().checkpoint(folder.path());
    runner.ordered(&Model::new(), &source, 2).unwrap();
    let refused = |model: &Model<'_>, source: &Source<'_>, epochs| {
        let error = runner.ordered(model, source, epochs).unwrap_err();
        assert!(matches!(error, RunError::State(StateError::OtherRun { .. })), "{error}");
        error.to_string()
    };
    let words = refused(&Model { options: 2, ..Model::new() }, &source, 2);
    assert!(words.contains("fingerprint of options"), "{words}");
    let words = refused(&Model::new(), &Source::new([1, 2, 1, 1]), 2);
    assert!(words.contains("blocks 3, here 4"), "{words}");
    let words = refused(&Model::new(), &source, 1);
    assert!(words.ends_with("it is of epoch 2, and 1 are asked for"), "{words}");

    let file = folder.path().join("epoch.state");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = runner.ordered(&Model::new(), &source, 2).unwrap_err();
    assert!(matches!(error, RunError::State(StateError::Corrupt { .. })), "{error}");
    assert_eq!(source.blocks(), 3);
}
