//! Blocks of one chunk each, several at a time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use twoblade_core::{
    Again, BoxError, Footprint, Last, LeaveOneOut, Remembered, StreamingEstimator, Threads,
};
use twoblade_runner::{Cancel, Pass, Reuse, RunError, Runner, read_header};

use crate::rig::{CHUNK_BYTES, FOOTPRINT, Model, Piece, Source, State, chain, sums_as_the_rig};

const BLOCKS: usize = 24;
/// As many as one thread is given, so that it has four turns.
const TOGETHER: usize = 6;

/// The model of the rig, that takes several chunks at a time, and remembers each.
struct Several<'a> {
    inner: Model<'a>,
    /// How many it was given at a time.
    given: Mutex<Vec<usize>>,
    /// What it says of a block that is left out.
    left_out: Box<dyn Fn(Piece) -> Result<(), BoxError> + Sync + 'a>,
    /// Estimates that it withholds of those it is asked for.
    withheld: usize,
    /// Whether it gives nothing to be remembered, not even that it is nothing.
    forgets: bool,
    /// Chunks that it was told it remembers.
    known: AtomicUsize,
}

impl Default for Several<'_> {
    fn default() -> Self {
        let left_out = Box::new(|_| Ok(()));
        Self {
            inner: Model::default(),
            given: Mutex::default(),
            left_out,
            withheld: 0,
            forgets: false,
            known: AtomicUsize::new(0),
        }
    }
}

impl Several<'_> {
    fn given(&self) -> Vec<usize> {
        std::mem::take(&mut self.given.lock().unwrap())
    }

    fn fold(
        &self,
        chunk: &Piece,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.inner.pass_one(chunk, state, threads)
    }
}

// A state that does not stay near.
sums_as_the_rig!(Several, |_| Footprint {
    state: 20 * CHUNK_BYTES,
    remembered: 84,
    further: 7,
    ..FOOTPRINT
});

impl LeaveOneOut for Several<'_> {
    const TAKES_LAST: bool = true;

    fn pass_two(&self, total: &State, held_out: &State) -> Result<Vec<u64>, BoxError> {
        self.inner.pass_two(total, held_out)
    }

    fn without_last(
        &self,
        total: &State,
        blocks: &[Last<'_, State, Piece>],
        _threads: &dyn Threads,
    ) -> Vec<Result<Vec<u64>, BoxError>> {
        self.given.lock().unwrap().push(blocks.len());
        let without = |of: &Last<'_, State, Piece>| {
            let Again { chunk, remembered } = of.chunk;
            let known = remembered.get::<Piece>();
            assert!(known.is_none_or(|known| known == chunk), "{known:?} is not {chunk:?}");
            self.known.fetch_add(usize::from(known.is_some()), Ordering::SeqCst);
            (self.left_out)(*chunk)?;
            Ok(vec![total[0] - 1, total[1] - chunk.value()])
        };
        blocks[..blocks.len() - self.withheld].iter().map(without).collect()
    }

    fn pass_one_remembering(
        &self,
        chunks: &[&Piece],
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        self.given.lock().unwrap().push(chunks.len());
        chunks.iter().try_for_each(|chunk| self.pass_one(chunk, state, threads))?;
        let remembered = chunks.iter().filter(|_| !self.forgets);
        Ok(remembered.map(|&&chunk| Remembered::new(chunk)).collect())
    }
}

fn source<'a>() -> Source<'a> {
    Source { says: Some(|size| size), ..Source::new([1; BLOCKS]) }
}

/// One thread, so that as many as can be are taken.
fn runner() -> Runner<'static> {
    let runner = Runner::new().reuse(Reuse::Recompute);
    assert_eq!(runner.plan(&Several::default(), &source()).unwrap().together, TOGETHER);
    runner
}

fn error_of(model: &Several<'_>, source: &Source<'_>) -> RunError {
    runner().jackknife(model, source).err().unwrap()
}

/// As many as the plan says, in both passes and with every budget; the numbers are those of kept states.
#[test]
fn they_are_taken_as_many_at_a_time_as_planned() {
    let kept = Runner::new().reuse(Reuse::Keep).jackknife(&Several::default(), &source());
    let kept = kept.unwrap().jackknife;
    for (threads, most) in [(1, TOGETHER), (3, 2), (8, 1)] {
        let runner = Runner::new().threads(threads).reuse(Reuse::Recompute);
        let (mut budget, mut found) = (usize::MAX, Vec::new());
        while let Ok(plan) = runner.clone().memory(budget).plan(&Several::default(), &source()) {
            let model = Several::default();
            let done = runner.clone().memory(budget).jackknife(&model, &source()).unwrap();
            assert_eq!(done.jackknife, kept);
            let given = model.given();
            let expected = BLOCKS / plan.together;
            if plan.memory.remembered > 0 {
                // Pass one, and pass two.
                assert_eq!(given, vec![plan.together; 2 * expected], "{plan:?}");
            } else {
                assert_eq!(given, vec![1; BLOCKS], "{plan:?}");
            }
            let chunks = plan.readers * plan.together * CHUNK_BYTES;
            assert_eq!(plan.memory.chunks, chunks);
            budget = plan.memory.total() - 1;
            found.push(plan.together);
        }
        assert_eq!(found[0], most, "{threads} threads");
    }
}

/// The last of them are fewer.
#[test]
fn what_is_left_over_is_taken_too() {
    let sizes = [1; BLOCKS + 1];
    let source = || Source { says: Some(|size| size), ..Source::new(sizes) };
    let model = Several::default();
    let done = Runner::new().reuse(Reuse::Recompute).jackknife(&model, &source()).unwrap();
    let mut given = model.given();
    given.sort_unstable();
    assert_eq!(given, [1, 1, 6, 6, 6, 6, 6, 6, 6, 6]);
    let kept = Runner::new().reuse(Reuse::Keep).jackknife(&model, &source()).unwrap();
    assert_eq!(done.jackknife, kept.jackknife);
}

/// A block of two chunks, and all are taken one after the other.
#[test]
fn blocks_of_several_chunks_come_alone() {
    let mut sizes = [1; BLOCKS];
    sizes[3] = 2;
    let source = Source { says: Some(|size| size), ..Source::new(sizes) };
    let plan = Runner::new().reuse(Reuse::Recompute).plan(&Several::default(), &source).unwrap();
    assert_eq!(plan.together, 1);
}

#[test]
fn a_chunk_that_cannot_be_folded_names_its_block() {
    for panics in [false, true] {
        let refuses = Box::new(move |piece: &Piece, _: &mut State, _: &dyn Threads| {
            assert!(!panics || piece.block != 8, "too much");
            if piece.block == 8 { Err("too much".into()) } else { Ok(()) }
        });
        let inner = Model { one: refuses, ..Model::default() };
        let error = error_of(&Several { inner, ..Several::default() }, &source());
        assert!(matches!(error, RunError::Block { pass: Pass::One, block: 8, .. }), "{error}");
        assert!(chain(&error).ends_with("too much"), "{error}");
    }
}

/// Each alone could be folded: the last of them is one too many.
#[test]
fn chunks_that_are_too_many_name_the_last() {
    let full = |_: &Piece, state: &mut State, _: &dyn Threads| {
        if state[0] > 2 * TOGETHER as u64 { Err("full".into()) } else { Ok(()) }
    };
    let inner = Model { one: Box::new(full), ..Model::default() };
    let error = error_of(&Several { inner, ..Several::default() }, &source());
    assert!(matches!(error, RunError::Block { pass: Pass::One, block: 17, .. }), "{error}");
    assert!(chain(&error).ends_with("full"), "{error}");
}

#[test]
fn a_block_that_cannot_be_left_out_is_named() {
    for panics in [false, true] {
        let refuses = Box::new(move |piece: Piece| {
            assert!(!panics || piece.block != 15, "singular");
            if piece.block == 15 { Err("singular".into()) } else { Ok(()) }
        });
        let error = error_of(&Several { left_out: refuses, ..Several::default() }, &source());
        assert!(matches!(error, RunError::Block { pass: Pass::Two, block: 15, .. }), "{error}");
        assert!(chain(&error).ends_with("singular"), "{error}");
    }
}

/// Whoever would be next is not taken for whom nothing was said of.
#[test]
fn an_estimate_that_is_not_given_is_missed() {
    let error = error_of(&Several { withheld: 1, ..Several::default() }, &source());
    assert!(
        matches!(error, RunError::Block { pass: Pass::Two, block, .. } if block + 1 == TOGETHER),
        "{error}"
    );
    assert!(chain(&error).ends_with("the model gave no estimate"), "{error}");
    // Nor is the estimate of another model in the same read.
    let both = [Several { withheld: 1, ..Several::default() }, Several::default()];
    let error = runner().jackknife(&both.as_slice(), &source()).err().unwrap();
    assert!(matches!(error, RunError::Block { pass: Pass::Two, .. }), "{error}");
    assert!(chain(&error).ends_with("toy gave no estimate"), "{}", chain(&error));
}

/// What one model does not give, another one's is not taken for.
#[test]
fn each_of_several_models_is_told_what_it_remembered_itself() {
    let both = [Several { forgets: true, ..Several::default() }, Several::default()];
    runner().jackknife(&both.as_slice(), &source()).unwrap();
    assert!(both[0].given().iter().any(|&given| given > 1));
    assert_eq!(both.map(|model| model.known.into_inner()), [0, BLOCKS]);
}

/// The blocks before one that cannot be read are still folded, so the first that fails is named, whichever way.
#[test]
fn a_block_that_cannot_be_read_is_named_unless_one_before_it_fails() {
    for (refused, named) in [(None, 10), (Some(11), 10), (Some(9), 9), (Some(2), 2)] {
        let broken = |piece: Piece| {
            if piece.block == 10 { Err("a bad sector".into()) } else { Ok(()) }
        };
        let source = Source { chunk: Box::new(broken), ..source() };
        let refuses =
            Box::new(
                move |piece: &Piece, _: &mut State, _: &dyn Threads| {
                    if Some(piece.block) == refused { Err("too much".into()) } else { Ok(()) }
                },
            );
        let inner = Model { one: refuses, ..Model::default() };
        let error = error_of(&Several { inner, ..Several::default() }, &source);
        let (words, block) = match error {
            RunError::Read { pass: Pass::One, block, .. } => ("a bad sector", block),
            RunError::Block { pass: Pass::One, block, .. } => ("too much", block),
            _ => panic!("{error}"),
        };
        assert_eq!(block, named, "{refused:?}");
        assert!(chain(&error).ends_with(words), "{error}");
    }
}

/// In pass two nothing that a model says of data that changed is believed.
#[test]
fn data_that_changed_are_named() {
    let digest = |block, visit| if block == 4 && visit >= BLOCKS { 0xbad } else { block as u64 };
    let source = Source { digest: Box::new(digest), ..source() };
    let refuses = |piece: Piece| if piece.block == 4 { Err("what".into()) } else { Ok(()) };
    let model = Several { left_out: Box::new(refuses), ..Several::default() };
    let error = error_of(&model, &source);
    assert!(matches!(error, RunError::Changed { block: 4, second: 0xbad, .. }), "{error}");
}

#[test]
fn a_source_that_miscounts_is_told() {
    for (size, gave) in [(0, "gave 0"), (2, "gave 2"), (3, "gave 3")] {
        let mut sizes = [1; BLOCKS];
        sizes[7] = size;
        let source = Source { says: Some(|_| 1), ..Source::new(sizes) };
        let error = error_of(&Several::default(), &source);
        assert!(matches!(error, RunError::Block { pass: Pass::One, block: 7, .. }), "{error}");
        assert!(chain(&error).ends_with(gave), "{}", chain(&error));
    }
}

/// With checkpoints those under way are finished and saved; the run that goes on finds the same.
#[test]
fn what_was_done_together_is_saved_and_gone_on_from() {
    let expected = runner().jackknife(&Several::default(), &source()).unwrap().jackknife;
    for (file, visits) in [("pass-one.state", 7), ("pass-two.state", BLOCKS + 7)] {
        let folder = tempfile::tempdir().unwrap();
        let saving = runner().checkpoint(folder.path());
        let (read, cancel) = (AtomicUsize::new(0), Cancel::new());
        let asks = |_: Piece| {
            if read.fetch_add(1, Ordering::SeqCst) == visits {
                cancel.cancel();
            }
            Ok(())
        };
        let stopped = Source { chunk: Box::new(asks), ..source() };
        let error = saving.clone().cancel(&cancel).jackknife(&Several::default(), &stopped);
        let error = error.err().unwrap();
        assert!(matches!(error, RunError::Cancelled { .. }), "{error}");
        let saved = read_header(&folder.path().join(file)).unwrap().cover.count();
        assert!(saved.is_multiple_of(TOGETHER) && (TOGETHER..BLOCKS).contains(&saved), "{saved}");
        let model = Several::default();
        assert_eq!(saving.plan(&model, &source()).unwrap().together, TOGETHER);
        assert_eq!(saving.jackknife(&model, &source()).unwrap().jackknife, expected, "{file}");
        // Who wants to save after every block has them one by one.
        let each = saving.checkpoint_interval(Duration::ZERO);
        assert_eq!(each.plan(&model, &source()).unwrap().together, 1);
    }
}

/// Without checkpoints nothing is folded of blocks that are under way when a run is cancelled.
#[test]
fn what_is_cancelled_is_not_folded() {
    let cancel = Cancel::new();
    let asks = |piece: Piece| {
        if piece.block == 8 {
            cancel.cancel();
        }
        Ok(())
    };
    let source = Source { chunk: Box::new(asks), ..source() };
    let folded = Mutex::new(Vec::new());
    let notes = |piece: &Piece, _: &mut State, _: &dyn Threads| {
        folded.lock().unwrap().push(piece.block);
        Ok(())
    };
    let inner = Model { one: Box::new(notes), ..Model::default() };
    let model = Several { inner, ..Several::default() };
    let error = runner().cancel(&cancel).jackknife(&model, &source).err().unwrap();
    assert!(matches!(error, RunError::Cancelled { pass: Pass::One, .. }), "{error}");
    // 6 and 7 were lent when 8 was read.
    assert!(!folded.lock().unwrap().iter().any(|block| (6..TOGETHER + 6).contains(block)));
}
