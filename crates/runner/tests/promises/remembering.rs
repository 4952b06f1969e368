//! A model that remembers of a chunk what it found out when it first read it.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use twoblade_core::{
    Again, BoxError, Footprint, LeaveOneOut, Remembered, StreamingEstimator, Threads,
};
use twoblade_runner::{Cover, Reuse, Runner, read_header};

use crate::rig::{FOOTPRINT, Model, Piece, Source, State, sums_as_the_rig};

/// Bytes that it says it remembers of a chunk.
const BYTES: usize = 84;
const SIZES: [usize; 6] = [2, 1, 3, 0, 2, 1];
const CHUNKS: usize = 9;

/// The model of the rig, of which each chunk has to be found out, or is remembered.
#[derive(Default)]
struct Remembering<'a> {
    inner: Model<'a>,
    found_out: AtomicUsize,
    /// Chunks that were read again and known.
    known: Mutex<Vec<Piece>>,
}

impl Remembering<'_> {
    /// What a chunk adds, found out or remembered.
    fn value(&self, Again { chunk, remembered }: Again<'_, Piece>) -> Result<u64, BoxError> {
        match remembered.get::<Piece>() {
            None => {
                self.found_out.fetch_add(1, Ordering::SeqCst);
                Ok(chunk.value())
            }
            Some(of) if of == chunk => {
                self.known.lock().unwrap().push(*chunk);
                Ok(of.value())
            }
            Some(other) => Err(format!("{other:?} is remembered of {chunk:?}").into()),
        }
    }

    fn counts(&self) -> (usize, usize) {
        (self.found_out.load(Ordering::SeqCst), self.known.lock().unwrap().len())
    }

    fn fold(
        &self,
        chunk: &Piece,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        self.pass_one_again(Again::first(chunk), state, threads)
    }
}

sums_as_the_rig!(Remembering, |_| Footprint { remembered: BYTES, ..FOOTPRINT });

impl LeaveOneOut for Remembering<'_> {
    const TAKES_LAST: bool = true;

    fn pass_two(&self, total: &State, held_out: &State) -> Result<Vec<u64>, BoxError> {
        self.inner.pass_two(total, held_out)
    }

    fn pass_one_remembering(
        &self,
        chunks: &[&Piece],
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        chunks.iter().try_for_each(|chunk| self.pass_one(chunk, state, threads))?;
        Ok(chunks.iter().map(|&&chunk| Remembered::new(chunk)).collect())
    }

    fn pass_one_again(
        &self,
        chunk: Again<'_, Piece>,
        state: &mut State,
        _threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        state[0] += 1;
        state[1] += self.value(chunk)?;
        Ok(())
    }
}

fn counted() -> Source<'static> {
    Source { says: Some(|size| size), ..Source::new(SIZES) }
}

/// What is planned for what is remembered of all chunks.
fn planned() -> usize {
    CHUNKS * (BYTES + size_of::<Remembered>())
}

#[test]
fn every_chunk_is_found_out_once_where_there_is_room() {
    let kept = Runner::new().reuse(Reuse::Keep);
    let kept = kept.jackknife(&Remembering::default(), &counted()).unwrap().jackknife;
    for threads in [1, 3] {
        let runner = Runner::new().threads(threads).reuse(Reuse::Recompute);
        let model = Remembering::default();
        let plan = runner.plan(&model, &counted()).unwrap();
        assert_eq!((plan.reads, plan.memory.remembered), (2, planned()));
        assert_eq!(runner.jackknife(&model, &counted()).unwrap().jackknife, kept);
        assert_eq!(model.counts(), (CHUNKS, CHUNKS));

        // A byte less, and the same is found out twice, with as many threads and visits as before.
        let less = runner.clone().memory(plan.memory.total() - 1);
        let model = Remembering::default();
        let plain = less.plan(&model, &counted()).unwrap();
        assert_eq!(plain.memory.remembered, 0);
        assert_eq!((plain.schedule, plain.readers), (plan.schedule, plan.readers));
        assert_eq!(plain.memory.total() + planned(), plan.memory.total());
        assert_eq!(less.jackknife(&model, &counted()).unwrap().jackknife, kept);
        assert_eq!(model.counts(), (2 * CHUNKS, 0));
    }
}

#[test]
fn each_of_several_models_remembers_for_itself() {
    let models = [Remembering::default(), Remembering::default()];
    let runner = Runner::new().reuse(Reuse::Recompute);
    let plan = runner.plan(&models.as_slice(), &counted()).unwrap();
    assert_eq!(plan.memory.remembered, CHUNKS * (2 * BYTES + 3 * size_of::<Remembered>()));
    runner.jackknife(&models.as_slice(), &counted()).unwrap();
    assert_eq!(models.map(|model| model.counts()), [(CHUNKS, CHUNKS); 2]);
}

/// What would never be asked for is not kept, and no plan has room for it.
#[test]
fn nothing_is_remembered_where_nothing_is_read_again() {
    let model = Remembering::default();
    let runner = Runner::new();
    for reuse in [Reuse::Keep, Reuse::Spill] {
        let plan = runner.clone().reuse(reuse).plan(&model, &counted()).unwrap();
        assert_eq!(plan.memory.remembered, 0, "{reuse:?}");
    }
    let plan = runner.plan_one_pass(&model, &counted()).unwrap();
    assert_eq!(plan.memory.remembered, 0);
    // Pass two of a run in parts knows nothing of pass one.
    let all = Cover::from(0..SIZES.len());
    let total = runner.pass_one(&model, &counted(), &all).unwrap();
    let plan = runner.plan_pass_two(&model, &counted()).unwrap();
    assert_eq!((plan.reads, plan.memory.remembered), (2, 0));
    runner.pass_two(&model, &counted(), (total, Path::new("total")), &all).unwrap();
    assert_eq!(model.counts(), (2 * CHUNKS, 0));
    // Nor is it where a block becomes a state, since it is not known which chunk is its last.
    let again = Runner::new().reuse(Reuse::Recompute);
    let unsaid = Source::new(SIZES);
    assert_eq!(again.plan(&model, &unsaid).unwrap().memory.remembered, 0);
}

/// What a checkpoint has of pass one was read by another process, which took along what it remembered.
#[test]
fn blocks_that_another_process_read_are_found_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let saving = Runner::new().reuse(Reuse::Recompute).checkpoint(folder.path());
    let saving = saving.checkpoint_interval(Duration::ZERO);
    let stops =
        |piece: Piece| if piece.block == 2 { Err("the power failed".into()) } else { Ok(()) };
    let broken = Source { chunk: Box::new(stops), ..counted() };
    saving.jackknife(&Remembering::default(), &broken).unwrap_err();
    let saved = read_header(&folder.path().join("pass-one.state")).unwrap().cover;
    let saved: usize = saved.blocks().map(|block| SIZES[block]).sum();
    assert!(saved > 0);
    let model = Remembering::default();
    let done = saving.jackknife(&model, &counted()).unwrap().jackknife;
    let expected = Runner::new().jackknife(&Model::default(), &Source::new(SIZES)).unwrap();
    assert_eq!(done, expected.jackknife);
    assert_eq!(model.counts(), (CHUNKS, CHUNKS - saved));
}
