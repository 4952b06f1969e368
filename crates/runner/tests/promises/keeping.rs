//! A model that keeps something else of a block than its state.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use twoblade_core::{
    BoxError, Footprint, LeaveOneOut, NothingKept, Remembered, StreamingEstimator, Threads,
};
use twoblade_runner::{Reuse, RunError, Runner, read_header};

use crate::rig::{FOOTPRINT, Model, Piece, Source, State, chain, sums_as_the_rig};

const BLOCKS: usize = 9;
/// Bytes that it says it keeps of a chunk.
const BYTES: usize = 84;

/// The model of the rig, which keeps of a chunk what that is.
struct Keeping<'a> {
    inner: Model<'a>,
    /// Bytes that it says it keeps.
    kept: usize,
    /// Whether it keeps states after all.
    plainly: bool,
    /// What it says of a block that is left out.
    left_out: Box<dyn Fn(Piece) -> Result<(), BoxError> + Sync + 'a>,
    /// Blocks that it left out by what it kept.
    known: AtomicUsize,
}

impl Default for Keeping<'_> {
    fn default() -> Self {
        Self {
            inner: Model::default(),
            kept: BYTES,
            plainly: false,
            left_out: Box::new(|_| Ok(())),
            known: AtomicUsize::new(0),
        }
    }
}

impl Keeping<'_> {
    fn known(&self) -> usize {
        self.known.load(Ordering::SeqCst)
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

sums_as_the_rig!(Keeping, |of| Footprint { kept: of.kept, ..FOOTPRINT });

impl LeaveOneOut for Keeping<'_> {
    const TAKES_LAST: bool = true;

    fn pass_two(&self, total: &State, held_out: &State) -> Result<Vec<u64>, BoxError> {
        self.inner.pass_two(total, held_out)
    }

    fn pass_one_keeping(
        &self,
        chunk: &Piece,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<Remembered, BoxError> {
        if self.plainly {
            return self.inner.pass_one_keeping(chunk, state, threads);
        }
        self.pass_one(chunk, state, threads)?;
        Ok(Remembered::new(*chunk))
    }

    fn without_kept(
        &self,
        total: &State,
        kept: &Remembered,
        threads: &dyn Threads,
    ) -> Result<Vec<u64>, BoxError> {
        if self.plainly {
            return self.inner.without_kept(total, kept, threads);
        }
        let chunk = kept.get::<Piece>().ok_or(NothingKept)?;
        (self.left_out)(*chunk)?;
        self.known.fetch_add(1, Ordering::SeqCst);
        Ok(vec![total[0] - 1, total[1] - chunk.value()])
    }
}

fn source<'a>() -> Source<'a> {
    Source { says: Some(|size| size), ..Source::new([1; BLOCKS]) }
}

fn keep() -> Runner<'static> {
    Runner::new().reuse(Reuse::Keep)
}

/// One read, no state but those that are folded into, and the numbers of states; with every plan.
#[test]
fn blocks_of_one_chunk_are_left_out_by_what_is_kept() {
    let states = keep().jackknife(&Model::default(), &source()).unwrap().jackknife;
    for threads in [1, 3, 20] {
        let (mut budget, mut plans) = (usize::MAX, 0);
        let runner = keep().threads(threads);
        while let Ok(plan) = runner.clone().memory(budget).plan(&Keeping::default(), &source()) {
            let (model, source) = (Keeping::default(), source());
            let done = runner.clone().memory(budget).jackknife(&model, &source).unwrap();
            assert_eq!(done.jackknife, states);
            assert_eq!((model.known(), source.visits()), (BLOCKS, BLOCKS), "{plan:?}");
            assert_eq!((plan.reads, plan.together), (1, 1));
            assert_eq!(plan.memory.remembered, BLOCKS * (BYTES + size_of::<Remembered>()));
            assert!(plan.memory.states <= threads * FOOTPRINT.state, "{plan:?}");
            budget = plan.memory.total() - 1;
            plans += 1;
        }
        assert!(plans > 1);
    }
}

/// A model that says what it keeps, and nothing of how, keeps states: they may be left out likewise.
#[test]
fn what_is_kept_may_be_a_state() {
    let states = keep().jackknife(&Model::default(), &source()).unwrap().jackknife;
    let model = Keeping { plainly: true, ..Keeping::default() };
    let source = source();
    assert_eq!(keep().jackknife(&model, &source).unwrap().jackknife, states);
    assert_eq!(source.visits(), BLOCKS);
}

#[test]
fn each_of_several_models_keeps_for_itself() {
    let models = [Keeping::default(), Keeping::default()];
    let plan = keep().plan(&models.as_slice(), &source()).unwrap();
    assert_eq!(plan.memory.remembered, BLOCKS * (2 * BYTES + 3 * size_of::<Remembered>()));
    let done = keep().jackknife(&models.as_slice(), &source()).unwrap().jackknife;
    let alone = keep().jackknife(&Keeping::default(), &source()).unwrap().jackknife;
    assert_eq!(done.replicates[3], vec![alone.replicates[3].clone(); 2]);
    assert_eq!(models.map(|model| model.known()), [BLOCKS; 2]);
    // If states are kept of one of them, then of all.
    let models = [Keeping::default(), Keeping { kept: 0, ..Keeping::default() }];
    assert_eq!(keep().plan(&models.as_slice(), &source()).unwrap().memory.remembered, 0);
    let states = keep().jackknife(&models.as_slice(), &source()).unwrap().jackknife;
    assert_eq!(states, done);
    assert_eq!(models.map(|model| model.known()), [0; 2]);
}

/// Of a block of several chunks, or of which it is not known how many it has, the state is kept.
#[test]
fn other_blocks_are_kept_as_states() {
    let mut sizes = [1; BLOCKS];
    sizes[3] = 2;
    let longer = Source { says: Some(|size| size), ..Source::new(sizes) };
    for source in [longer, Source::new([1; BLOCKS])] {
        let model = Keeping::default();
        let plan = keep().plan(&model, &source).unwrap();
        assert_eq!(plan.memory.remembered, 0);
        assert_eq!(plan.memory.states, (BLOCKS + 1) * FOOTPRINT.state);
        keep().jackknife(&model, &source).unwrap();
        assert_eq!(model.known(), 0);
    }
}

/// What is kept is weighed against reading again, and not the states.
#[test]
fn keeping_is_weighed_by_what_is_kept() {
    // A chunk of 100 bytes: 100 x 0.25 + 100 nanoseconds are those of 166.7 bytes, at 0.75 each.
    for (kept, reuse) in [(166, Reuse::Keep), (167, Reuse::Recompute), (0, Reuse::Recompute)] {
        let model = Keeping { kept, ..Keeping::default() };
        let plan = Runner::new().plan(&model, &source()).unwrap();
        assert_eq!(plan.reuse, Some(reuse), "{kept} bytes");
    }
}

/// What a checkpoint has of pass one was read by another process, which took along what it kept.
#[test]
fn blocks_that_another_process_read_are_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let saving = keep().checkpoint(folder.path()).checkpoint_interval(Duration::ZERO);
    let stops =
        |piece: Piece| if piece.block == 4 { Err("the power failed".into()) } else { Ok(()) };
    let broken = Source { chunk: Box::new(stops), ..source() };
    saving.jackknife(&Keeping::default(), &broken).unwrap_err();
    let saved = read_header(&folder.path().join("pass-one.state")).unwrap().cover.count();
    assert!(saved > 0);
    let (model, again) = (Keeping::default(), source());
    let done = saving.jackknife(&model, &again).unwrap().jackknife;
    assert_eq!(done, keep().jackknife(&Model::default(), &source()).unwrap().jackknife);
    assert_eq!((model.known(), again.visits()), (BLOCKS - saved, BLOCKS));
}

#[test]
fn a_block_that_cannot_be_left_out_is_named() {
    for panics in [false, true] {
        let refuses = move |piece: Piece| {
            assert!(!panics || piece.block != 6, "singular");
            if piece.block == 6 { Err("singular".into()) } else { Ok(()) }
        };
        let model = Keeping { left_out: Box::new(refuses), ..Keeping::default() };
        let error = keep().jackknife(&model, &source()).err().unwrap();
        assert!(matches!(error, RunError::Block { block: 6, .. }), "{error:?}");
        assert!(chain(&error).contains("singular"), "{}", chain(&error));
    }
}

/// Otherwise the second chunk would stay in, and no number would show it.
#[test]
fn a_block_that_has_more_chunks_than_its_source_said_is_refused() {
    let mut sizes = [1; BLOCKS];
    sizes[5] = 2;
    let source = Source { says: Some(|_| 1), ..Source::new(sizes) };
    let error = keep().jackknife(&Keeping::default(), &source).err().unwrap();
    assert!(matches!(error, RunError::Block { block: 5, .. }), "{error:?}");
    assert!(chain(&error).contains("it has 1 chunks, and gave 2"), "{}", chain(&error));
    sizes[5] = 0;
    let source = Source { says: Some(|_| 1), ..Source::new(sizes) };
    let error = keep().jackknife(&Keeping::default(), &source).err().unwrap();
    assert!(chain(&error).contains("it has 1 chunks, and gave 0"), "{}", chain(&error));
}
