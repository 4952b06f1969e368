//! Blocks of one chunk are left out without a state of their own, several at a time, or by what was kept of them: the
//! same bits as from states, for every kind of model, on more than one tile of individuals and any number of threads.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::ops::{ControlFlow, Range};

use twoblade::core::{
    Again, BlockSource, Footprint, Jackknife, LeaveOneOut, NothingKept, Random, Remembered, Serial,
    StreamingEstimator,
};
use twoblade::genie::{Effects, genie};
use twoblade::geno::{Bins, Covariate, Cut, PackedChunk, Study, Subset, TILE_ROWS, Trait};
use twoblade::haseman::{Estimate, MissingGenotype, Options, Precision, Probes};
use twoblade::rhe_cov::rhe_cov;
use twoblade::rhe_dom::rhe_dom;
use twoblade::runner::{Reuse, Runner};
use twoblade_tests::memory::Genotypes;

const INDIVIDUALS: usize = 2 * TILE_ROWS + 37;
const VARIANTS: usize = 24;
const BLOCKS: usize = 12;

fn random(what: usize, i: usize) -> f64 {
    Random::new(23, 0).uniform(i as u64, u32::try_from(what).unwrap())
}

fn codes() -> Vec<Vec<u8>> {
    let code = |v: usize, i: usize| match random(100 + v, i) {
        u if u < 0.02 => 1,
        u if u < 0.2 => 0,
        u if u < 0.6 => 2,
        _ => 3,
    };
    (0..VARIANTS).map(|v| (0..INDIVIDUALS).map(|i| code(v, i)).collect()).collect()
}

fn study() -> Study {
    let values = |what: usize| (0..INDIVIDUALS).map(|i| 3.0 + random(what, i)).collect();
    Study {
        listed: INDIVIDUALS,
        individuals: (0..u32::try_from(INDIVIDUALS).unwrap()).collect(),
        traits: vec![
            Trait { name: "s".into(), values: values(1) },
            Trait { name: "t".into(), values: values(2) },
        ],
        variants: Subset::all(VARIANTS),
        bins: Bins::new(
            vec!["a".into(), "b".into(), "c".into()],
            // Blocks in which a bin has no variant, and variants in two bins.
            (0..VARIANTS).map(|v| match v {
                0..6 => vec![0],
                6..12 => vec![1, 2],
                _ => vec![u16::try_from(v % 3).unwrap()],
            }),
        ),
        cut: Cut::new(VARIANTS, INDIVIDUALS, BLOCKS).unwrap(),
    }
}

fn agree<M>(model: &M)
where
    M: LeaveOneOut + StreamingEstimator<Chunk = PackedChunk, Estimate = Estimate>,
{
    let source = Genotypes { codes: codes(), cut: study().cut };
    let run = |reuse: Reuse, threads: usize| {
        let runner = Runner::new().threads(threads).reuse(reuse);
        runner.jackknife(model, &source).unwrap().jackknife
    };
    let expected = of_states(model, &source);
    // One state, of pass one: with one for the block that is left out there would be two.
    let recompute = Runner::new().reuse(Reuse::Recompute);
    let plan = recompute.plan(model, &source).unwrap();
    let Footprint { state, kept, .. } = model.footprint(source.chunk_bytes());
    assert_eq!(plan.memory.states, state);
    // And what is kept is no state, and no longer than one.
    let plan = Runner::new().reuse(Reuse::Keep).plan(model, &source).unwrap();
    assert_eq!(plan.memory.states, state);
    assert_eq!(plan.memory.remembered, BLOCKS * (kept + size_of::<Remembered>()));
    let plan = recompute.plan(model, &source).unwrap();
    // Three blocks at a time; where there is no room one; and where there is no room for what is remembered it
    // is found out again.
    let (mut budget, mut found) = (plan.memory.total(), Vec::new());
    while found.last() != Some(&(1, false)) {
        let less = recompute.clone().memory(budget);
        let plan = less.plan(model, &source).unwrap();
        assert_eq!(less.jackknife(model, &source).unwrap().jackknife, expected, "{plan:?}");
        found.push((plan.together, plan.memory.remembered > 0));
        budget = plan.memory.total() - 1;
    }
    assert_eq!(found, [(3, true), (1, true), (1, false)]);
    assert_ne!(expected.replicates[0], expected.replicates[1]);
    // Twenty threads are more than there are blocks: they share the tiles of one.
    for (reuse, threads) in [Reuse::Keep, Reuse::Recompute]
        .into_iter()
        .flat_map(|reuse| [1, 3, 20].map(|threads| (reuse, threads)))
    {
        let found = run(reuse, threads);
        assert_eq!(found.full, expected.full);
        for (block, (a, b)) in found.replicates.iter().zip(&expected.replicates).enumerate() {
            assert_eq!(a, b, "block {block}, {reuse:?}, {threads} threads");
        }
    }
}

/// The jackknife of states that are folded by hand.
fn of_states<M>(model: &M, source: &Genotypes) -> Jackknife<Estimate>
where
    M: LeaveOneOut + StreamingEstimator<Chunk = PackedChunk, Estimate = Estimate>,
{
    let state_of = |blocks: Range<usize>| {
        let mut state = model.init();
        for block in blocks {
            model.pass_one(&chunk_of(source, block), &mut state, &Serial).unwrap();
        }
        state
    };
    let total = model.aggregate(state_of(0..BLOCKS)).unwrap();
    let without = |block| model.pass_two(&total, &state_of(block..block + 1)).unwrap();
    let replicates = (0..BLOCKS).map(without).collect();
    Jackknife { full: model.finish(&total).unwrap(), replicates }
}

#[test]
fn every_model_leaves_them_out_to_the_bit() {
    let study = study();
    let column = |what: usize| Covariate {
        name: format!("c{what}"),
        values: (0..INDIVIDUALS).map(|i| 40.0 * random(what, i)).collect(),
    };
    let (covariates, environments) = ([column(5), column(6)], [column(7), column(8)]);
    for precision in [Precision::Single, Precision::Double] {
        let options = Options { probes: Probes::Rademacher(11), precision, ..Options::default() };
        agree(&rhe_cov(&study, &covariates, options).unwrap());
        agree(&rhe_dom(&study, &covariates, options).unwrap());
        for effects in [Effects::GxE, Effects::GxEAndNxE] {
            agree(&genie(&study, &covariates, &environments, effects, options).unwrap());
        }
    }
}

/// Drawn genotypes are not remembered, and what is kept is made of them.
#[test]
fn what_is_kept_has_the_genotypes_that_were_drawn() {
    let (study, source) = (study(), Genotypes { codes: codes(), cut: study().cut });
    let options =
        |missing| Options { probes: Probes::Rademacher(11), missing, ..Options::default() };
    let [drawn, mean] = [MissingGenotype::Binomial, MissingGenotype::Mean].map(|missing| {
        let model = rhe_cov(&study, &[], options(missing)).unwrap();
        let kept = Runner::new().reuse(Reuse::Keep).jackknife(&model, &source).unwrap().jackknife;
        assert_eq!(kept, of_states(&model, &source), "{missing:?}");
        kept
    });
    assert_ne!(drawn.replicates[0], mean.replicates[0]);
}

#[test]
fn what_was_kept_of_nothing_leaves_nothing_out() {
    let (study, source) = (study(), Genotypes { codes: codes(), cut: study().cut });
    let model = rhe_cov(&study, &[], Options::default()).unwrap();
    let mut state = model.init();
    let kept = model.pass_one_keeping(&chunk_of(&source, 0), &mut state, &Serial).unwrap();
    let total = model.aggregate(state).unwrap();
    let refused = model.without_kept(&total, Remembered::NOTHING, &Serial).unwrap_err();
    assert!(refused.is::<NothingKept>(), "{refused}");
    // Nor is a memory what is kept: it would need the chunk.
    let chunk = chunk_of(&source, 0);
    let mut again = model.init();
    let memory = model.pass_one_remembering(&[&chunk], &mut again, &Serial).unwrap();
    let refused = model.without_kept(&total, &memory[0], &Serial).unwrap_err();
    assert!(refused.is::<NothingKept>(), "{refused}");
    // Without its only block there is nothing.
    assert!(!model.without_kept(&total, &kept, &Serial).unwrap_err().is::<NothingKept>());
}

/// The chunk of a block.
fn chunk_of(source: &Genotypes, block: usize) -> PackedChunk {
    let mut lent = None;
    let visited = source.visit(block, &mut |chunk| {
        lent = Some(chunk.clone());
        ControlFlow::Continue(())
    });
    visited.unwrap();
    lent.unwrap()
}

/// To the guard, which no estimate shows: of each chunk it has the tile where that reaches furthest.
#[test]
fn chunks_that_are_folded_together_leave_the_state_of_one_after_the_other() {
    let (study, source) = (study(), Genotypes { codes: codes(), cut: study().cut });
    let chunks: Vec<_> = (0..BLOCKS).map(|block| chunk_of(&source, block)).collect();
    let chunks: Vec<_> = chunks.iter().collect();
    for precision in [Precision::Single, Precision::Double] {
        let options = Options { probes: Probes::Rademacher(11), precision, ..Options::default() };
        let model = rhe_cov(&study, &[], options).unwrap();
        let (mut alone, mut together) = (model.init(), model.init());
        for chunk in &chunks {
            model.pass_one(chunk, &mut alone, &Serial).unwrap();
        }
        for some in chunks.chunks(5) {
            let remembered = model.pass_one_remembering(some, &mut together, &Serial).unwrap();
            assert_eq!(remembered.len(), some.len());
        }
        assert_eq!(together, alone, "{precision:?}");
    }
}

/// What is remembered takes the place of X'z: of another chunk it would be wrong.
#[test]
fn what_is_remembered_is_not_found_out_again() {
    let (study, source) = (study(), Genotypes { codes: codes(), cut: study().cut });
    let (this, other) = (chunk_of(&source, 0), chunk_of(&source, 1));
    for precision in [Precision::Single, Precision::Double] {
        let options = Options { probes: Probes::Rademacher(11), precision, ..Options::default() };
        let model = rhe_cov(&study, &[], options).unwrap();
        let again = |remembered| {
            let mut state = model.init();
            let chunk = Again { chunk: &this, remembered };
            model.pass_one_again(chunk, &mut state, &Serial).unwrap();
            state
        };
        let remembered = |chunk| {
            let mut state = model.init();
            let mut all = model.pass_one_remembering(&[chunk], &mut state, &Serial).unwrap();
            (all.remove(0), state)
        };
        let ((of_this, state), (of_other, _)) = (remembered(&this), remembered(&other));
        assert_eq!(again(Remembered::NOTHING), state);
        assert_eq!(again(&of_this), state);
        assert_ne!(again(&of_other), state, "{precision:?}: it was found out again");
    }
}
