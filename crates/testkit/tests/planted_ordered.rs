//! The kit for ordered models itself: a model that keeps every law, and the same model with one bug at
//! a time, each caught by a law that names it.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use twoblade_core::{BlockSource, BoxError, Fingerprint, Footprint, OrderedEstimator, Random};
use twoblade_testkit::{Broken, Finding, Law, ordered as kit};

const BLOCKS: usize = 8;
const CHUNKS: usize = 3;
const ROWS: usize = 5;

/// What is wrong with the model or with its chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Bug {
    None,
    /// The average forgets at another rate.
    WrongFormula,
    /// How much was learned stands in the configuration.
    ProgressInTheConfiguration,
    /// A field is not saved.
    FieldNotSaved,
    /// A copy of a chunk is not what it was copied from.
    ChunkNotCopied,
    /// The footprint is half of what a model takes.
    HalfAFootprint,
    /// The footprint is another each time it is asked for.
    RestlessFootprint,
}

/// A moving average, which forgets, and in later epochs forgets more.
#[derive(Serialize)]
struct Toy {
    bug: Bug,
    #[serde(skip)]
    learned: AtomicUsize,
    #[serde(skip)]
    asked: AtomicUsize,
}

impl Toy {
    fn new(bug: Bug) -> Self {
        Self { bug, learned: AtomicUsize::new(0), asked: AtomicUsize::new(0) }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    average: f64,
    label: u64,
    #[serde(skip)]
    unsaved: f64,
}

struct Chunk {
    bug: Bug,
    label: u64,
    values: Vec<f64>,
}

impl Clone for Chunk {
    fn clone(&self) -> Self {
        let label = if self.bug == Bug::ChunkNotCopied { 0 } else { self.label };
        Self { bug: self.bug, label, values: self.values.clone() }
    }
}

fn kept(epoch: u32) -> f64 {
    [0.9, 0.8][epoch.min(1) as usize]
}

impl OrderedEstimator for Toy {
    const MODEL_VERSION: u32 = 1;
    type Chunk = Chunk;
    type Model = Model;
    type Estimate = f64;

    fn name(&self) -> Cow<'static, str> {
        "toy".into()
    }

    fn footprint(&self, _chunk_bytes: usize) -> Footprint {
        // 8 bytes, and a number of up to 10.
        let state = match self.bug {
            Bug::HalfAFootprint => 12,
            Bug::RestlessFootprint => 24 + self.asked.fetch_add(1, Ordering::Relaxed),
            _ => 24,
        };
        Footprint { state, shared: 3, per_thread: 1, ..Footprint::default() }
    }

    fn init(&self) -> Model {
        Model { average: 0.0, label: 0, unsaved: 0.0 }
    }

    fn learn(&self, epoch: u32, chunk: &Chunk, model: &mut Model) -> Result<(), BoxError> {
        let learned = self.learned.fetch_add(1, Ordering::Relaxed);
        let kept = if self.bug == Bug::WrongFormula { 0.5 } else { kept(epoch) };
        for value in &chunk.values {
            model.average = kept * model.average + (1.0 - kept) * value;
        }
        match self.bug {
            Bug::ProgressInTheConfiguration => model.average += learned as f64,
            Bug::FieldNotSaved => {
                model.average += model.unsaved;
                model.unsaved += 1.0;
            }
            _ => {}
        }
        model.label = model.label.wrapping_mul(31).wrapping_add(chunk.label);
        Ok(())
    }

    fn finish(&self, model: &Model) -> Result<f64, BoxError> {
        Ok(model.average)
    }
}

/// Numbers of mixed magnitude.
struct Source {
    bug: Bug,
    blocks: usize,
    chunks: usize,
}

impl Source {
    fn new(bug: Bug) -> Self {
        Self { bug, blocks: BLOCKS, chunks: CHUNKS }
    }
}

fn value(place: usize) -> f64 {
    let random = Random::new(7, 0);
    let size = [1e-6, 1.0, 1e6][random.below(place as u64, 1, 3) as usize];
    (random.uniform(place as u64, 0) - 0.4) * size
}

impl BlockSource for Source {
    type Chunk = Chunk;

    fn blocks(&self) -> usize {
        self.blocks
    }

    fn chunks(&self) -> u64 {
        (self.blocks * self.chunks) as u64
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
        for chunk in block * self.chunks..(block + 1) * self.chunks {
            let values = (chunk * ROWS..(chunk + 1) * ROWS).map(value).collect();
            if visit(&Chunk { bug: self.bug, label: chunk as u64 + 1, values }).is_break() {
                break;
            }
        }
        Ok(block as u64)
    }
}

/// The average written out as a sum: each value has the weights of all that came after it.
fn reference() -> Vec<f64> {
    let all = BLOCKS * CHUNKS * ROWS;
    let total = 2 * all;
    let mut sum = 0.0;
    let mut weight = 1.0;
    for place in (0..total).rev() {
        let kept = kept(u32::from(place >= all));
        sum += weight * (1.0 - kept) * value(place % all);
        weight *= kept;
    }
    vec![sum]
}

/// A few hundred sums of up to 1e6.
const TOLERANCE: f64 = 1e-12;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as the laws call it")]
fn numbers(estimate: &f64) -> Vec<f64> {
    vec![*estimate]
}

twoblade_testkit::ordered_conformance! {
    mod a_model_without_bugs;
    model: Toy::new(Bug::None),
    source: Source::new(Bug::None),
    epochs: 2,
    numbers: numbers,
    reference: reference,
    tolerance: TOLERANCE,
}

fn try_law(law: Law, model: &Toy, source: &Source) -> Result<(), Broken> {
    match law {
        Law::ItAgreesWithTheReference => {
            kit::it_agrees_with_the_reference((model, source), 2, numbers, reference, TOLERANCE)
        }
        Law::LearningDependsOnTheModelAlone => {
            kit::learning_depends_on_the_model_alone(model, source)
        }
        Law::ReadersAheadDoNotMatter => kit::readers_ahead_do_not_matter(model, source),
        Law::ResumingEqualsNotStopping => kit::resuming_equals_not_stopping(model, source),
        Law::AModelSurvivesSaving => kit::a_model_survives_saving(model, source),
        Law::AModelFitsItsDeclaredBytes => kit::a_model_fits_its_declared_bytes(model, source),
        Law::TheBudgetIsRespected => kit::the_budget_is_respected(model, source),
        _ => panic!("a law that this test does not know: {law}"),
    }
}

/// The laws that a bug is caught by; more may catch it.
fn caught_by(bug: Bug) -> &'static [Law] {
    match bug {
        Bug::None => &[],
        Bug::WrongFormula => &[Law::ItAgreesWithTheReference],
        Bug::ProgressInTheConfiguration => &[
            Law::LearningDependsOnTheModelAlone,
            Law::AModelSurvivesSaving,
            Law::ReadersAheadDoNotMatter,
        ],
        Bug::FieldNotSaved => &[Law::AModelSurvivesSaving, Law::ResumingEqualsNotStopping],
        Bug::ChunkNotCopied => &[Law::ReadersAheadDoNotMatter],
        Bug::HalfAFootprint => &[Law::AModelFitsItsDeclaredBytes],
        Bug::RestlessFootprint => &[Law::TheBudgetIsRespected],
    }
}

const BUGS: [Bug; 6] = [
    Bug::WrongFormula,
    Bug::ProgressInTheConfiguration,
    Bug::FieldNotSaved,
    Bug::ChunkNotCopied,
    Bug::HalfAFootprint,
    Bug::RestlessFootprint,
];

#[test]
fn every_planted_bug_is_caught_by_a_law_that_names_it() {
    for bug in BUGS {
        for &law in caught_by(bug) {
            let Err(broken) = try_law(law, &Toy::new(bug), &Source::new(bug)) else {
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
    for law in Law::ORDERED {
        assert!(BUGS.iter().any(|&bug| caught_by(bug).contains(&law)), "no bug for: {law}");
    }
}

/// A bug that breaks one thing is not blamed on everything: these break a single law.
#[test]
fn some_bugs_break_one_law_alone() {
    for (bug, only) in [
        (Bug::WrongFormula, Law::ItAgreesWithTheReference),
        (Bug::HalfAFootprint, Law::AModelFitsItsDeclaredBytes),
    ] {
        for law in Law::ORDERED.into_iter().filter(|&law| law != only) {
            if let Err(broken) = try_law(law, &Toy::new(bug), &Source::new(bug)) {
                panic!("{bug:?}: {broken}: {}", broken.finding);
            }
        }
    }
}

#[test]
fn a_source_that_is_too_small_proves_nothing() {
    for law in Law::ORDERED {
        for (blocks, chunks, text) in [
            (6, CHUNKS, "nothing is tested: 6 blocks where 7 are needed"),
            (BLOCKS, 2, "nothing is tested: block 0 has 2 chunks where 3 are needed"),
        ] {
            let source = Source { blocks, chunks, ..Source::new(Bug::None) };
            let broken = try_law(law, &Toy::new(Bug::None), &source).unwrap_err();
            assert_eq!(broken.law, law);
            assert_eq!(broken.finding.to_string(), text);
        }
    }
}

#[test]
fn a_reference_without_numbers_is_refused() {
    let (model, source) = (Toy::new(Bug::None), Source::new(Bug::None));
    let broken = kit::it_agrees_with_the_reference(
        (&model, &source),
        2,
        |_: &f64| Vec::new(),
        Vec::new,
        TOLERANCE,
    );
    let text = broken.unwrap_err().finding.to_string();
    assert_eq!(text, "nothing is tested: there are no numbers");
}
