//! Blocks of one chunk are left out without a state of their own, several at a time: the same bits as from
//! states that were kept, for every kind of model, on more than one tile of individuals and any number of
//! threads.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::ops::ControlFlow;

use twoblade::core::{
    Again, BlockSource, LeaveOneOut, Random, Remembered, Serial, StreamingEstimator,
};
use twoblade::genie::{Effects, genie};
use twoblade::geno::{Bins, Covariate, Cut, PackedChunk, Study, Subset, TILE_ROWS, Trait};
use twoblade::haseman::{Estimate, Options, Precision, Probes};
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
    let kept = run(Reuse::Keep, 1);
    // One state, of pass one: with one for the block that is left out there would be two.
    let recompute = Runner::new().reuse(Reuse::Recompute);
    let plan = recompute.plan(model, &source).unwrap();
    assert_eq!(plan.memory.states, model.footprint(source.chunk_bytes()).state);
    // Three blocks at a time; where there is no room one; and where there is no room for what is remembered it
    // is found out again.
    let (mut budget, mut found) = (plan.memory.total(), Vec::new());
    while found.last() != Some(&(1, false)) {
        let less = recompute.clone().memory(budget);
        let plan = less.plan(model, &source).unwrap();
        assert_eq!(less.jackknife(model, &source).unwrap().jackknife, kept, "{plan:?}");
        found.push((plan.together, plan.memory.remembered > 0));
        budget = plan.memory.total() - 1;
    }
    assert_eq!(found, [(3, true), (1, true), (1, false)]);
    assert_ne!(kept.replicates[0], kept.replicates[1]);
    // Eight threads are more than there are blocks: they share the tiles of one.
    for threads in [1, 3, 8] {
        let again = run(Reuse::Recompute, threads);
        assert_eq!(again.full, kept.full);
        for (block, (a, b)) in again.replicates.iter().zip(&kept.replicates).enumerate() {
            assert_eq!(a, b, "block {block}, {threads} threads");
        }
    }
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
