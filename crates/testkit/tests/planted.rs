//! The kit itself: a model that keeps every law, and the same model with one bug at a time, each
//! caught by a law that names it.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use twoblade_core::{
    Again, BlockSource, BoxError, Fingerprint, FixedSums, Footprint, Grid, Group, Jackknife, Last,
    LeaveOneOut, Merge, Random, Remembered, StreamingEstimator, Threads,
};
use twoblade_testkit::{Broken, Finding, Law};

const COLUMNS: usize = 64;
const BLOCKS: usize = 8;
const CHUNKS: usize = 4;
const ROWS: usize = 16;

/// What is wrong with the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Bug {
    None,
    /// The variance is over n, in `finish` and in `pass_two` alike.
    WrongFormula,
    /// `merge` forgets the count.
    ForgottenField,
    /// `init` starts counting at 1.
    InitIsNotZero,
    /// `reset` forgets the count.
    ResetForgetsAField,
    /// `merge` loses the guard of the sums.
    GuardNotMerged,
    /// `merge` keeps the label of the left side.
    TheFirstWins,
    /// `pass_two` finds no estimate where `finish` finds one.
    PassTwoRefuses,
    /// Doubles are summed in the order in which states arrive.
    FloatsInArrivalOrder,
    /// `remove` does not take the count out.
    RemoveIsNoInverse,
    /// A chunk adds what has been summed so far once more.
    RunningSumFoldedAgain,
    /// `finish` is over n, `pass_two` over n - 1.
    FinishUnlikePassTwo,
    /// `pass_two` leaves nothing out.
    NothingIsLeftOut,
    /// `without_last` leaves only the other chunks of a block out.
    TheLastStaysIn,
    /// What is remembered of a chunk lacks its count.
    RemembersTooLittle,
    /// What is kept of a chunk lacks its count.
    KeepsTooLittle,
    /// A chunk that is kept is not folded.
    KeepsWithoutFolding,
    /// Of several chunks the last is not folded.
    ForgetsTheLastOfSeveral,
    /// Of several blocks each is the first.
    TakesTheFirstForAll,
    /// A moving average takes values in the order in which threads bring them.
    DependsOnThreads,
    /// A field is not saved.
    FieldNotSaved,
    /// The footprint is half of what a state takes.
    HalfAFootprint,
    /// The footprint is another each time it is asked for.
    RestlessFootprint,
}

/// Means of weighted columns, and a variance.
#[derive(Serialize)]
struct Toy {
    bug: Bug,
    #[serde(skip)]
    asked: AtomicUsize,
}

impl Toy {
    fn new(bug: Bug) -> Self {
        Self { bug, asked: AtomicUsize::new(0) }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct State {
    bug: Bug,
    count: u64,
    sums: FixedSums,
    squares: FixedSums,
    /// Stays 0 unless a bug needs it.
    drift: f64,
    label: u64,
    #[serde(skip)]
    unsaved: u64,
}

impl Merge for State {
    fn merge(&mut self, other: &Self) {
        if self.bug != Bug::ForgottenField {
            self.count.merge(&other.count);
        }
        self.sums.merge(&other.sums);
        if self.bug == Bug::GuardNotMerged {
            self.sums = unguarded(&self.sums);
        }
        self.squares.merge(&other.squares);
        self.drift += other.drift;
        if self.bug == Bug::TheFirstWins && self.label == 0 {
            self.label = other.label;
        }
        self.unsaved.merge(&other.unsaved);
    }
}

/// The same values with a guard of 0.
fn unguarded(sums: &FixedSums) -> FixedSums {
    let mut bytes = postcard::to_stdvec(sums).unwrap();
    let guard = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap();
    bytes.splice(..=guard, [0]);
    postcard::from_bytes(&bytes).unwrap()
}

impl Group for State {
    fn remove(&mut self, other: &Self) {
        if self.bug != Bug::RemoveIsNoInverse {
            self.count.remove(&other.count);
        }
        self.sums.remove(&other.sums);
        self.squares.remove(&other.squares);
        self.drift -= other.drift;
        self.unsaved.remove(&other.unsaved);
    }
}

#[derive(Clone)]
struct Chunk {
    block: usize,
    values: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
struct Estimate {
    means: Vec<f64>,
    variance: f64,
    extra: f64,
}

fn weight(row: usize, column: usize) -> f64 {
    ((row * 7 + column * 3) % 11) as f64 - 4.0
}

fn grid() -> Grid {
    Grid::for_guard(1e12)
}

impl Toy {
    /// `bias` is 1 for a variance over n - 1.
    fn solve(&self, total: &State, held_out: &State, bias: f64) -> Estimate {
        let bias = if self.bug == Bug::WrongFormula { 0.0 } else { bias };
        let count = total.count.wrapping_sub(held_out.count) as f64;
        let mut sums = vec![0.0; COLUMNS];
        total.sums.read(Some(&held_out.sums), grid(), 0..COLUMNS, &mut sums);
        let mut squares = [0.0; 2];
        total.squares.read(Some(&held_out.squares), grid(), 0..2, &mut squares);
        let [sum, squares] = squares;
        Estimate {
            means: sums.iter().map(|sum| sum / count).collect(),
            variance: (squares - sum * sum / count) / (count - bias),
            extra: total.drift - held_out.drift
                + total.unsaved.wrapping_sub(held_out.unsaved) as f64,
        }
    }
}

impl StreamingEstimator for Toy {
    const STATE_VERSION: u32 = 1;
    type Chunk = Chunk;
    type State = State;
    type Total = State;
    type Estimate = Estimate;

    fn name(&self) -> Cow<'static, str> {
        "toy".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        let mut state = 64 + FixedSums::bytes(COLUMNS) + FixedSums::bytes(2);
        match self.bug {
            Bug::HalfAFootprint => state /= 2,
            Bug::RestlessFootprint => state += self.asked.fetch_add(1, Ordering::Relaxed),
            _ => {}
        }
        Footprint { state, shared: 100, per_thread: 10, remembered: state, further: 5, kept: state }
    }

    fn init(&self) -> State {
        State {
            bug: self.bug,
            count: u64::from(self.bug == Bug::InitIsNotZero),
            sums: FixedSums::new(COLUMNS),
            squares: FixedSums::new(2),
            drift: 0.0,
            label: 0,
            unsaved: 0,
        }
    }

    fn reset(&self, state: State) -> State {
        let count = if self.bug == Bug::ResetForgetsAField { state.count } else { 0 };
        let init = self.init();
        State { count: init.count + count, ..init }
    }

    fn pass_one(
        &self,
        chunk: &Chunk,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let values = &chunk.values;
        state.count += values.len() as u64;
        state.sums.add_tiles(grid(), 8, threads, &|tile, place| {
            let column = |index| {
                let weighted = values.iter().enumerate();
                weighted.map(|(row, value)| weight(row, tile * 8 + index) * value).sum()
            };
            place.add(0, &std::array::from_fn::<f64, 8, _>(column));
        });
        let squares = [values.iter().sum(), values.iter().map(|value| value * value).sum::<f64>()];
        state.squares.add(grid(), &squares);
        match self.bug {
            Bug::TheFirstWins => {
                state.label = if state.label == 0 { chunk.block as u64 + 1 } else { state.label };
            }
            Bug::FloatsInArrivalOrder => values.iter().for_each(|value| state.drift += value),
            Bug::RunningSumFoldedAgain => {
                let so_far = state.squares.value(grid(), 0);
                state.squares.add(grid(), &[so_far, 0.0]);
            }
            Bug::DependsOnThreads => {
                let average = Mutex::new(0.0);
                threads.each(values.len(), &|index| {
                    let mut average = average.lock().unwrap();
                    *average = f64::midpoint(*average, values[index]);
                });
                // Added to a grid, so that nothing but the threads is wrong.
                state.squares.add(grid(), &[average.into_inner().unwrap(), 0.0]);
            }
            Bug::FieldNotSaved => state.unsaved += values.len() as u64,
            _ => {}
        }
        state.sums.check()?;
        Ok(())
    }

    fn aggregate(&self, state: State) -> Result<State, BoxError> {
        state.sums.check()?;
        Ok(state)
    }

    fn finish(&self, total: &State) -> Result<Estimate, BoxError> {
        let bias = if self.bug == Bug::FinishUnlikePassTwo { 0.0 } else { 1.0 };
        let nothing = Self::new(Bug::None).init();
        Ok(self.solve(total, &nothing, bias))
    }
}

impl LeaveOneOut for Toy {
    const TAKES_LAST: bool = true;

    fn without_last(
        &self,
        total: &State,
        blocks: &[Last<'_, State, Chunk>],
        threads: &dyn Threads,
    ) -> Vec<Result<Estimate, BoxError>> {
        let estimate = |of: &Last<'_, State, Chunk>| {
            let of = if self.bug == Bug::TakesTheFirstForAll { &blocks[0] } else { of };
            let mut state = self.init();
            if let Some(rest) = of.rest {
                state.merge(rest);
            }
            if self.bug != Bug::TheLastStaysIn {
                self.pass_one_again(of.chunk, &mut state, threads)?;
            }
            self.pass_two(total, &state)
        };
        blocks.iter().map(estimate).collect()
    }

    /// It remembers what each chunk alone comes to.
    fn pass_one_remembering(
        &self,
        chunks: &[&Chunk],
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<Vec<Remembered>, BoxError> {
        let each = chunks.iter().enumerate().map(|(at, chunk)| {
            let mut alone = self.init();
            self.pass_one(chunk, &mut alone, threads)?;
            let last_of_several = at > 0 && at + 1 == chunks.len();
            if self.bug != Bug::ForgetsTheLastOfSeveral || !last_of_several {
                state.merge(&alone);
            }
            if self.bug == Bug::RemembersTooLittle {
                alone.count = 0;
            }
            Ok(Remembered::new(alone))
        });
        each.collect()
    }

    fn pass_one_again(
        &self,
        chunk: Again<'_, Chunk>,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<(), BoxError> {
        let Some(alone) = chunk.remembered.get::<State>() else {
            return self.pass_one(chunk.chunk, state, threads);
        };
        state.merge(alone);
        Ok(())
    }

    /// It keeps the same.
    fn pass_one_keeping(
        &self,
        chunk: &Chunk,
        state: &mut State,
        threads: &dyn Threads,
    ) -> Result<Remembered, BoxError> {
        let mut alone = self.init();
        self.pass_one(chunk, &mut alone, threads)?;
        if self.bug != Bug::KeepsWithoutFolding {
            state.merge(&alone);
        }
        if self.bug == Bug::KeepsTooLittle {
            alone.count = 0;
        }
        Ok(Remembered::new(alone))
    }

    fn pass_two(&self, total: &State, held_out: &State) -> Result<Estimate, BoxError> {
        if self.bug == Bug::PassTwoRefuses {
            return Err("singular".into());
        }
        let nothing = self.init();
        let held_out = if self.bug == Bug::NothingIsLeftOut { &nothing } else { held_out };
        Ok(self.solve(total, held_out, 1.0))
    }
}

/// Numbers of mixed magnitude in blocks of four chunks.
struct Rows {
    blocks: usize,
    chunks: usize,
    /// A source whose chunks are cut differently with every visit.
    restless: bool,
    visits: AtomicUsize,
}

impl Rows {
    fn new() -> Self {
        Self { blocks: BLOCKS, chunks: CHUNKS, restless: false, visits: AtomicUsize::new(0) }
    }

    fn values(&self, block: usize) -> Vec<f64> {
        let random = Random::new(5, 0);
        let rows = self.chunks * ROWS;
        let value = |row| {
            let place = (block * rows + row) as u64;
            let size = [1e-9, 1e-3, 1.0, 1e3, 1e4][random.below(place, 1, 5) as usize];
            (random.uniform(place, 0) - 0.3) * size
        };
        (0..rows).map(value).collect()
    }
}

impl BlockSource for Rows {
    type Chunk = Chunk;

    fn blocks(&self) -> usize {
        self.blocks
    }

    fn chunks(&self) -> u64 {
        (self.blocks * self.chunks) as u64
    }

    fn chunks_in(&self, _block: usize) -> Option<u64> {
        Some(self.chunks as u64)
    }

    fn chunk_bytes(&self) -> usize {
        ROWS * size_of::<f64>()
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new([0; 32])
    }

    fn visit(
        &self,
        block: usize,
        visit: &mut dyn FnMut(&Chunk) -> ControlFlow<()>,
    ) -> Result<u64, BoxError> {
        let values = self.values(block);
        let moved = self.visits.fetch_add(1, Ordering::Relaxed) % 5;
        let mut start = 0;
        for chunk in 0..self.chunks {
            let last = chunk + 1 == self.chunks;
            let moved = if self.restless && !last { moved } else { 0 };
            let end = (chunk + 1) * ROWS - moved;
            if visit(&Chunk { block, values: values[start..end].to_vec() }).is_break() {
                break;
            }
            start = end;
        }
        Ok(0)
    }
}

fn numbers(estimate: &Estimate) -> Vec<f64> {
    estimate.means.iter().copied().chain([estimate.variance]).collect()
}

/// Densely, in doubles, with the mean taken off before squaring.
fn dense(without: Option<usize>) -> Vec<f64> {
    let source = Rows::new();
    let rows: Vec<(usize, f64)> = (0..BLOCKS)
        .filter(|&block| Some(block) != without)
        .flat_map(|block| source.values(block).into_iter().enumerate())
        .collect();
    let count = rows.len() as f64;
    let mean_of = |f: &dyn Fn(usize, f64) -> f64| {
        rows.iter().map(|&(row, value)| f(row % ROWS, value)).sum::<f64>() / count
    };
    let mut numbers: Vec<f64> =
        (0..COLUMNS).map(|column| mean_of(&|row, value| weight(row, column) * value)).collect();
    let mean = mean_of(&|_, value| value);
    numbers.push(mean_of(&|_, value| (value - mean).powi(2)) * count / (count - 1.0));
    numbers
}

fn reference() -> Jackknife<Vec<f64>> {
    Jackknife {
        full: dense(None),
        replicates: (0..BLOCKS).map(|block| dense(Some(block))).collect(),
    }
}

/// The grid is 2^-14 fine at sums of 1e12; means of a few hundred rows are far finer than this.
const TOLERANCE: f64 = 1e-3;

twoblade_testkit::conformance! {
    mod a_model_without_bugs;
    model: Toy::new(Bug::None),
    source: Rows::new(),
    numbers: numbers,
    reference: reference,
    tolerance: TOLERANCE,
}

fn try_law(law: Law, model: &Toy, source: &Rows) -> Result<(), Broken> {
    use twoblade_testkit as kit;
    match law {
        Law::ItAgreesWithTheReference => {
            kit::it_agrees_with_the_reference(model, source, numbers, reference, TOLERANCE)
        }
        Law::MergingHasAnIdentity => kit::merging_has_an_identity(model, source),
        Law::MergingCommutes => kit::merging_commutes(model, source),
        Law::MergingAssociates => kit::merging_associates(model, source),
        Law::RemovingUndoesMerging => kit::removing_undoes_merging(model, source),
        Law::FoldingOnIsMerging => kit::folding_on_is_merging(model, source),
        Law::AResetStateIsThatOfNothing => kit::a_reset_state_is_that_of_nothing(model, source),
        Law::AnySplitOfTheBlocksAgrees => kit::any_split_of_the_blocks_agrees(model, source),
        Law::PassTwoIsFinishOfTheRest => kit::pass_two_is_finish_of_the_rest(model, source),
        Law::LeavingOutNothingIsFinish => kit::leaving_out_nothing_is_finish(model, source),
        Law::LeavingOutEqualsNeverReading => kit::leaving_out_equals_never_reading(model, source),
        Law::ThreadsInsideAChunkDoNotMatter => {
            kit::threads_inside_a_chunk_do_not_matter(model, source)
        }
        Law::AnyNumberOfThreadsAgrees => kit::any_number_of_threads_agrees(model, source),
        Law::KeepingEqualsRecomputing => kit::keeping_equals_recomputing(model, source),
        Law::SpillingEqualsRecomputing => kit::spilling_equals_recomputing(model, source),
        Law::ResumingEqualsNotStopping => kit::resuming_equals_not_stopping(model, source),
        Law::PartsAgreeWithTheWhole => kit::parts_agree_with_the_whole(model, source),
        Law::AStateSurvivesSaving => kit::a_state_survives_saving(model, source),
        Law::AStateFitsItsDeclaredBytes => kit::a_state_fits_its_declared_bytes(model, source),
        Law::TheBudgetIsRespected => kit::the_budget_is_respected(model, source),
        _ => panic!("a law that this test does not know: {law}"),
    }
}

/// The laws that a bug is caught by; more may catch it.
fn caught_by(bug: Bug) -> &'static [Law] {
    match bug {
        Bug::None => &[],
        Bug::WrongFormula => &[Law::ItAgreesWithTheReference],
        Bug::ForgottenField => &[Law::MergingHasAnIdentity, Law::FoldingOnIsMerging],
        Bug::InitIsNotZero => &[
            Law::MergingHasAnIdentity,
            Law::FoldingOnIsMerging,
            Law::LeavingOutNothingIsFinish,
            Law::KeepingEqualsRecomputing,
            Law::AnyNumberOfThreadsAgrees,
        ],
        Bug::ResetForgetsAField => {
            &[Law::AResetStateIsThatOfNothing, Law::KeepingEqualsRecomputing]
        }
        Bug::GuardNotMerged => &[Law::MergingHasAnIdentity, Law::RemovingUndoesMerging],
        Bug::TheFirstWins => &[Law::MergingCommutes],
        Bug::FloatsInArrivalOrder => &[Law::MergingAssociates, Law::AnySplitOfTheBlocksAgrees],
        Bug::RemoveIsNoInverse => &[Law::RemovingUndoesMerging, Law::LeavingOutEqualsNeverReading],
        Bug::RunningSumFoldedAgain => &[Law::FoldingOnIsMerging, Law::ItAgreesWithTheReference],
        Bug::FinishUnlikePassTwo => {
            &[Law::PassTwoIsFinishOfTheRest, Law::LeavingOutNothingIsFinish]
        }
        Bug::NothingIsLeftOut => {
            &[Law::PassTwoIsFinishOfTheRest, Law::LeavingOutEqualsNeverReading]
        }
        Bug::TheLastStaysIn | Bug::RemembersTooLittle => {
            &[Law::KeepingEqualsRecomputing, Law::AnyNumberOfThreadsAgrees]
        }
        Bug::KeepsTooLittle
        | Bug::KeepsWithoutFolding
        | Bug::ForgetsTheLastOfSeveral
        | Bug::TakesTheFirstForAll => &[Law::KeepingEqualsRecomputing],
        Bug::PassTwoRefuses => &[Law::PassTwoIsFinishOfTheRest, Law::LeavingOutNothingIsFinish],
        Bug::DependsOnThreads => &[Law::ThreadsInsideAChunkDoNotMatter],
        Bug::FieldNotSaved => &[
            Law::AStateSurvivesSaving,
            Law::SpillingEqualsRecomputing,
            Law::ResumingEqualsNotStopping,
            Law::PartsAgreeWithTheWhole,
        ],
        Bug::HalfAFootprint => &[Law::AStateFitsItsDeclaredBytes],
        Bug::RestlessFootprint => &[Law::TheBudgetIsRespected],
    }
}

const BUGS: [Bug; 22] = [
    Bug::PassTwoRefuses,
    Bug::WrongFormula,
    Bug::ForgottenField,
    Bug::InitIsNotZero,
    Bug::ResetForgetsAField,
    Bug::GuardNotMerged,
    Bug::TheFirstWins,
    Bug::FloatsInArrivalOrder,
    Bug::RemoveIsNoInverse,
    Bug::RunningSumFoldedAgain,
    Bug::FinishUnlikePassTwo,
    Bug::NothingIsLeftOut,
    Bug::TheLastStaysIn,
    Bug::RemembersTooLittle,
    Bug::KeepsTooLittle,
    Bug::KeepsWithoutFolding,
    Bug::ForgetsTheLastOfSeveral,
    Bug::TakesTheFirstForAll,
    Bug::DependsOnThreads,
    Bug::FieldNotSaved,
    Bug::HalfAFootprint,
    Bug::RestlessFootprint,
];

#[test]
fn every_planted_bug_is_caught_by_a_law_that_names_it() {
    for bug in BUGS {
        for &law in caught_by(bug) {
            let Err(broken) = try_law(law, &Toy::new(bug), &Rows::new()) else {
                panic!("{bug:?} is not caught by: {law}");
            };
            assert_eq!(broken.law, law, "{bug:?}");
            assert!(!matches!(broken.finding, Finding::Vacuous(_)), "{bug:?}: {broken:?}");
            assert!(broken.to_string().starts_with(&format!("broken: {law}: ")), "{broken}");
        }
    }
}

#[test]
fn every_law_catches_a_planted_bug() {
    for law in Law::ALL {
        assert!(BUGS.iter().any(|&bug| caught_by(bug).contains(&law)), "no bug for: {law}");
    }
}

#[test]
fn a_missing_estimate_is_told_from_a_different_one() {
    let model = Toy::new(Bug::PassTwoRefuses);
    let broken = try_law(Law::LeavingOutNothingIsFinish, &model, &Rows::new()).unwrap_err();
    let Finding::OneRefused(error) = &broken.finding else { panic!("{broken:?}") };
    assert_eq!(error.to_string(), "singular");
    assert_eq!(broken.finding.to_string(), "one is an estimate and the other is not");
    let broken = try_law(Law::AnyNumberOfThreadsAgrees, &model, &Rows::new()).unwrap_err();
    assert!(matches!(broken.finding, Finding::Refused(_)), "{broken:?}");
}

/// A bug that breaks one thing is not blamed on everything: these break a single law.
#[test]
fn some_bugs_break_one_law_alone() {
    for (bug, only) in [
        (Bug::WrongFormula, Law::ItAgreesWithTheReference),
        (Bug::HalfAFootprint, Law::AStateFitsItsDeclaredBytes),
    ] {
        for law in Law::ALL.into_iter().filter(|&law| law != only) {
            if let Err(broken) = try_law(law, &Toy::new(bug), &Rows::new()) {
                panic!("{bug:?}: {broken}: {}", broken.finding);
            }
        }
    }
}

#[test]
fn chunks_that_are_cut_differently_each_time_are_caught() {
    let source = || Rows { restless: true, ..Rows::new() };
    for law in [Law::FoldingOnIsMerging, Law::AnySplitOfTheBlocksAgrees] {
        let broken = try_law(law, &Toy::new(Bug::None), &source()).unwrap_err();
        assert!(matches!(broken.finding, Finding::Bytes { .. }), "{broken:?}");
    }
}

#[test]
fn a_source_that_is_too_small_proves_nothing() {
    for law in Law::ALL {
        for (blocks, chunks, text) in [
            (6, CHUNKS, "nothing is tested: 6 blocks where 7 are needed"),
            (BLOCKS, 2, "nothing is tested: block 0 has 2 chunks where 3 are needed"),
        ] {
            let source = Rows { blocks, chunks, ..Rows::new() };
            let broken = try_law(law, &Toy::new(Bug::None), &source).unwrap_err();
            assert_eq!(broken.law, law);
            assert_eq!(broken.finding.to_string(), text);
        }
    }
}

fn against(reference: Jackknife<Vec<f64>>, numbers: fn(&Estimate) -> Vec<f64>) -> Broken {
    twoblade_testkit::it_agrees_with_the_reference(
        &Toy::new(Bug::None),
        &Rows::new(),
        numbers,
        || reference,
        TOLERANCE,
    )
    .unwrap_err()
}

#[test]
fn a_reference_that_says_nothing_is_refused() {
    let empty = Jackknife { full: vec![], replicates: vec![vec![]; BLOCKS] };
    let text = against(empty, |_| vec![]).finding.to_string();
    assert_eq!(text, "nothing is tested: there are no numbers");

    let still = Jackknife { full: dense(None), replicates: vec![dense(None); BLOCKS] };
    let text = against(still, numbers).finding.to_string();
    assert_eq!(text, "nothing is tested: no replicate differs from the whole");
}

#[test]
fn a_reference_with_other_counts_is_refused() {
    let mut fewer = reference();
    fewer.replicates.pop();
    let text = against(fewer, numbers).finding.to_string();
    assert_eq!(text, "8 where the reference has 7");

    let mut shorter = reference();
    shorter.replicates[2].pop();
    let broken = against(shorter, numbers);
    assert_eq!(broken.case, "without block 2");
    assert_eq!(broken.finding.to_string(), "65 where the reference has 64");
}

/// The last replicate counts as much as the whole.
#[test]
fn one_wrong_number_in_one_replicate_is_found() {
    let mut wrong = reference();
    wrong.replicates[BLOCKS - 1][COLUMNS] *= 1.01;
    let broken = against(wrong, numbers);
    assert_eq!(broken.case, "without block 7");
    assert!(matches!(broken.finding, Finding::Number { index: COLUMNS, .. }), "{broken:?}");
}

#[test]
#[should_panic(expected = "broken: it agrees with the reference: all blocks: number 64 is ")]
fn a_broken_law_panics_with_everything_there_is_to_say() {
    let law = Law::ItAgreesWithTheReference;
    twoblade_testkit::hold(try_law(law, &Toy::new(Bug::WrongFormula), &Rows::new()));
}
