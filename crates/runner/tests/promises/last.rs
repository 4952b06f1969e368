//! A model that leaves a block out while its last chunk is there.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Serialize, Serializer};
use twoblade_core::{BoxError, Footprint, Last, LeaveOneOut, StreamingEstimator, Threads};
use twoblade_runner::{Pass, Reuse, RunError, Runner, Schedule};

use crate::rig::{CHUNK_BYTES, FOOTPRINT, Model, Piece, Source, State, chain};

/// The model of the rig, of which the last chunk of a block is never folded in pass two.
#[derive(Default)]
struct Taking<'a> {
    inner: Model<'a>,
    /// States that were made.
    states: AtomicUsize,
    /// Whether the last chunk of a block is too much for it.
    refuses: bool,
}

impl Serialize for Taking<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(serializer)
    }
}

impl StreamingEstimator for Taking<'_> {
    const STATE_VERSION: u32 = 1;
    type Chunk = Piece;
    type State = State;
    type Total = State;
    type Estimate = Vec<u64>;

    fn name(&self) -> Cow<'static, str> {
        self.inner.name()
    }

    fn footprint(&self, chunk_bytes: usize) -> Footprint {
        self.inner.footprint(chunk_bytes)
    }

    fn init(&self) -> State {
        self.states.fetch_add(1, Ordering::SeqCst);
        self.inner.init()
    }

    fn reset(&self, mut state: State) -> State {
        state.fill(0);
        state
    }

    fn pass_one(
        &self,
        chunk: &Piece,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.inner.pass_one(chunk, state, threads)
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        self.inner.aggregate(state)
    }

    fn finish(&self, total: &State) -> Result<Vec<u64>, BoxError> {
        self.inner.finish(total)
    }
}

impl LeaveOneOut for Taking<'_> {
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
        let without = |of: &Last<'_, State, Piece>| {
            if self.refuses {
                return Err("too much".into());
            }
            let (count, sum) = of.rest.map_or((0, 0), |rest| (rest[0], rest[1]));
            Ok(vec![total[0] - count - 1, total[1] - sum - of.chunk.chunk.value()])
        };
        blocks.iter().map(without).collect()
    }
}

/// Blocks of so many chunks, and a source that says so.
fn counted(sizes: &[usize]) -> Source<'static> {
    Source { says: Some(|size| size), ..Source::new(sizes) }
}

/// Blocks of one chunk, of several, and of none.
#[test]
fn it_finds_what_it_finds_from_states() {
    let sizes = [2, 1, 3, 0, 1, 2, 1];
    for threads in [1, 3] {
        let keep = Runner::new().threads(threads).reuse(Reuse::Keep);
        let again = Runner::new().threads(threads).reuse(Reuse::Recompute);
        let kept = keep.jackknife(&Taking::default(), &counted(&sizes)).unwrap().jackknife;
        let found = again.jackknife(&Taking::default(), &counted(&sizes)).unwrap().jackknife;
        assert_eq!((&found.full, &found.replicates), (&kept.full, &kept.replicates));
        // A source that does not say how many is read as ever.
        let plain = again.jackknife(&Taking::default(), &Source::new(&sizes[..])).unwrap();
        assert_eq!(plain.jackknife.replicates, kept.replicates);
        // So are several models in one read.
        let both = [Taking::default(), Taking::default()];
        let both = again.jackknife(&both.as_slice(), &counted(&sizes)).unwrap().jackknife;
        assert!(
            both.replicates.iter().zip(&kept.replicates).all(|(two, one)| *two == [&one[..]; 2])
        );
    }
}

/// Where every block is one chunk, pass two makes no state, and the plan has room for none.
#[test]
fn blocks_of_one_chunk_need_no_state_to_be_left_out() {
    for (sizes, states_of_pass_two) in [([1, 1, 1, 1, 1], 0), ([1, 2, 1, 1, 1], 1)] {
        let (model, source) = (Taking::default(), counted(&sizes));
        let runner = Runner::new().threads(2).reuse(Reuse::Recompute);
        let plan = runner.plan(&model, &source).unwrap();
        assert_eq!(plan.schedule, Schedule::SeveralBlocks(2));
        assert_eq!(plan.memory.states, (2 + states_of_pass_two) * FOOTPRINT.state);
        assert_eq!(plan.memory.chunks, 3 * CHUNK_BYTES);
        let one = Runner::new().reuse(Reuse::Recompute);
        one.jackknife(&model, &source).unwrap();
        // One thread: a state in pass one.
        assert_eq!(model.states.into_inner(), 1 + states_of_pass_two, "{sizes:?}");
    }
}

#[test]
fn what_the_model_says_of_the_last_chunk_names_pass_and_block() {
    let model = Taking { refuses: true, ..Taking::default() };
    let runner = Runner::new().reuse(Reuse::Recompute);
    let error = runner.jackknife(&model, &counted(&[1, 2, 1])).err().unwrap();
    assert!(matches!(error, RunError::Block { pass: Pass::Two, block: 0, .. }), "{error}");
    assert!(chain(&error).ends_with("too much"), "{error}");
}

/// Data that changed are the reason, whatever the model makes of them.
#[test]
fn data_that_changed_are_named_and_not_what_the_model_says_of_them() {
    let digest = Box::new(|block, visit| if block == 0 && visit >= 3 { 0xbad } else { 0xd1 });
    let source = Source { digest, ..counted(&[1, 1, 1]) };
    let model = Taking { refuses: true, ..Taking::default() };
    let error = Runner::new().reuse(Reuse::Recompute).jackknife(&model, &source).err().unwrap();
    assert!(matches!(error, RunError::Changed { block: 0, .. }), "{error}");
}

#[test]
fn a_source_that_miscounts_its_chunks_is_told() {
    for (says, words) in [
        ((|size| size + 1) as fn(usize) -> usize, "it has 3 chunks, and gave 2"),
        (|size| size - 1, "it has 1 chunks, and gave 2"),
    ] {
        let source = Source { says: Some(says), ..Source::new([2, 2]) };
        let runner = Runner::new().reuse(Reuse::Recompute);
        let error = runner.jackknife(&Taking::default(), &source).err().unwrap();
        assert!(matches!(error, RunError::Block { pass: Pass::Two, block: 0, .. }), "{error}");
        assert!(chain(&error).ends_with(words), "{}", chain(&error));
    }
}
