//! RHE with a full basis of probes against the dense computation: then nothing is random.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use twoblade::core::Jackknife;
use twoblade::geno::{Bins, Covariate, Cut, Study, Subset, Trait};
use twoblade::haseman::{CONDITION_LIMIT, Estimate, HasemanError};
use twoblade::rhe::{Options, Precision, Probes};
use twoblade::runner::{RunError, Runner};
use twoblade_tests::dense::{Dense, Solved, standard_error};
use twoblade_tests::memory::Genotypes;

/// Doubles: sums of at most 400 variants and 200 individuals, and a grid far finer than both.
const DOUBLE: f64 = 1e-10;
/// Floats: 6e-8 for each number, in sums of hundreds.
const SINGLE_MATRIX: f64 = 5e-6;
const SINGLE_RESIDUAL: f64 = 1e-5;

#[derive(Clone, Debug)]
struct Case {
    codes: Vec<Vec<u8>>,
    bins: Vec<Vec<usize>>,
    components: usize,
    traits: Vec<Vec<f64>>,
    intercept: bool,
    covariates: Vec<Vec<f64>>,
    blocks: usize,
    chunk: usize,
}

/// Genotypes with their own frequencies and missing rate, traits that follow some of them, bins
/// that are not contiguous; in one case of six the second bin holds copies of the variants of the
/// first, which no method can tell apart, in one of eight a bin has a single variant, and in one of
/// four variants are in several bins.
fn cases() -> impl Strategy<Value = Case> {
    let shape = (20usize..=200, 10usize..=400, 1usize..=5, 1usize..=3, 2usize..=10, 1usize..40);
    let kind = (any::<bool>(), 0u8..24, prop_oneof![Just(0u32), Just(50), Just(200)]);
    (shape, kind, any::<u64>()).prop_map(|((n, m, components, t, blocks, chunk), kind, seed)| {
        let (intercept, flavour, missing) = kind;
        let mut state = seed | 1;
        let mut draw = move |end: u32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            u32::try_from(state >> 40).unwrap() % end
        };
        let mut codes: Vec<Vec<u8>> = (0..m)
            .map(|_| {
                let p = 5 + draw(491);
                (0..n)
                    .map(|_| {
                        match (
                            draw(1000) < missing,
                            u32::from(draw(1000) < p) + u32::from(draw(1000) < p),
                        ) {
                            (true, _) => 1,
                            (_, 2) => 0,
                            (_, 1) => 2,
                            _ => 3,
                        }
                    })
                    .collect()
            })
            .collect();
        let mut bins: Vec<Vec<usize>> =
            (0..m).map(|_| vec![draw(u32::try_from(components).unwrap()) as usize]).collect();
        if components > 1 && flavour < 4 {
            let half = m / 2;
            for v in 0..half {
                let twin = codes[v].clone();
                codes[v + half] = twin;
                if bins[v][0] <= 1 {
                    (bins[v], bins[v + half]) = (vec![0], vec![1]);
                } else {
                    let twin = bins[v].clone();
                    bins[v + half] = twin;
                }
            }
            bins[2 * half..].fill(Vec::new());
        } else if components > 1 && flavour < 7 {
            // Nothing is left of the last bin without the first block.
            let last = vec![components - 1];
            bins.iter_mut().filter(|bin| **bin == last).for_each(|bin| *bin = vec![0]);
            bins[0] = last;
        } else if components > 1 && flavour < 13 {
            // The first bin holds everything, or some variants are in the next bin too.
            for set in &mut bins {
                if flavour < 9 {
                    set.push(0);
                } else if draw(3) == 0 {
                    set.push((set[0] + 1) % components);
                }
                set.sort_unstable();
                set.dedup();
            }
        } else if draw(4) == 0 {
            bins[0].clear();
        }
        let covariates = covariates_of(&codes, n, intercept, &mut draw);
        let traits = (0..t)
            .map(|_| {
                let causal = draw(u32::try_from(m).unwrap()) as usize;
                let value =
                    |i: usize| f64::from(draw(1000)) / 300.0 + f64::from(codes[causal][i]) - 40.0;
                (0..n).map(value).collect()
            })
            .collect();
        Case {
            codes,
            bins,
            components,
            traits,
            intercept,
            covariates,
            blocks: blocks.min(m),
            chunk,
        }
    })
}

/// Half of the cases have covariates: an ancestry that genotypes follow (the codes of a variant, and of
/// the sum of some), age, a constant, and combinations of these.
fn covariates_of(
    codes: &[Vec<u8>],
    n: usize,
    intercept: bool,
    draw: &mut impl FnMut(u32) -> u32,
) -> Vec<Vec<f64>> {
    let all: Vec<Vec<f64>> = vec![
        (0..n).map(|i| codes.iter().take(4).map(|row| f64::from(row[i])).sum()).collect(),
        (0..n).map(|_| 1950.0 + f64::from(draw(50))).collect(),
        (0..n).map(|i| f64::from(codes[0][i])).collect(),
        vec![7.5; n],
    ];
    let mut some: Vec<Vec<f64>> = all.into_iter().filter(|_| draw(4) == 0).collect();
    if some.len() > 1 {
        some.push(some[0].iter().zip(&some[1]).map(|(a, b)| 3.0 * a - 0.01 * b).collect());
    }
    // Without an intercept and with a constant covariate, the trait's own mean is gone too.
    if !intercept && draw(2) == 0 {
        some.clear();
    }
    some
}

impl Case {
    fn dense(&self) -> Dense<'_> {
        Dense {
            codes: &self.codes,
            bins: &self.bins,
            components: self.components,
            traits: &self.traits,
            intercept: self.intercept,
            covariates: &self.covariates,
            blocks: self.blocks,
        }
    }

    fn study(&self) -> Study {
        let individuals = self.traits[0].len();
        let bins = self.bins.iter().map(|set| -> Vec<u16> {
            set.iter().map(|&bin| u16::try_from(bin).unwrap()).collect()
        });
        let names = (0..self.components).map(|k| format!("bin{k}")).collect();
        let name = |t| format!("trait{t}");
        let traits = self.traits.iter().enumerate();
        Study {
            listed: individuals,
            individuals: (0..u32::try_from(individuals).unwrap()).collect(),
            traits: traits
                .map(|(t, values)| Trait { name: name(t), values: values.clone() })
                .collect(),
            variants: Subset::all(self.codes.len()),
            bins: Bins::new(names, bins),
            cut: Cut::new(self.codes.len(), individuals, self.blocks)
                .unwrap()
                .chunk_variants(self.chunk),
        }
    }

    fn ours(&self, precision: Precision) -> Result<Jackknife<Estimate>, RunError> {
        let study = self.study();
        let options = Options {
            probes: Probes::Basis,
            seed: 0,
            intercept: self.intercept,
            precision,
            correlations: true,
            ..Options::default()
        };
        let covariates = self.covariates.iter().enumerate();
        let named = |(c, values): (usize, &Vec<f64>)| Covariate {
            name: format!("c{c}"),
            values: values.clone(),
        };
        let covariates: Vec<_> = covariates.map(named).collect();
        let model = twoblade::rhe_cov::rhe_cov(&study, &covariates, options).unwrap();
        let (_, rank) = self.dense().projection(study.individuals.len());
        assert_eq!(model.projection().rank(), rank, "the same rank as by singular values");
        let source = Genotypes { codes: self.codes.clone(), cut: study.cut };
        Runner::new().jackknife(&model, &source).map(|done| done.jackknife)
    }

    /// The full solution and those without each block, or what the first failure must be.
    fn expected(&self) -> Result<Jackknife<Solved>, Failure> {
        let solve = |without| match self.dense().solve(without) {
            Err(empty) => Err(Failure::Empty(format!("bin{empty}"))),
            Ok(solved) if solved.condition > CONDITION_LIMIT => Err(Failure::Singular),
            Ok(solved) => Ok(solved),
        };
        let full = solve(None)?;
        let replicates = (0..self.blocks).map(|block| solve(Some(block)));
        Ok(Jackknife { full, replicates: replicates.collect::<Result<_, _>>()? })
    }
}

#[derive(Debug)]
enum Failure {
    Empty(String),
    Singular,
}

/// The model's own error inside a run's.
fn cause(error: &RunError) -> Option<&HasemanError> {
    match error {
        RunError::Solve { source, .. } | RunError::Block { source, .. } => source.downcast_ref(),
        _ => None,
    }
}

/// The largest difference relative to the largest number.
fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    found.iter().zip(expected).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs())) / size
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), TestCaseError> {
    if holds { Ok(()) } else { Err(TestCaseError::fail(what())) }
}

fn compare_matrix(ours: &Estimate, dense: &Solved, limit: f64) -> Result<(), TestCaseError> {
    let expected = dense.matrix.transpose().as_slice().to_vec();
    let off = difference(&ours.matrix, &expected);
    check(off <= limit, || format!("the matrix is off by {off:e}"))?;
    check(ours.columns == dense.columns, || format!("M is {:?}", ours.columns))?;
    for (t, right) in dense.right.iter().enumerate() {
        let off = difference(&ours.traits[t].right, right.as_slice());
        check(off <= limit, || format!("the right side of trait {t} is off by {off:e}"))?;
    }
    check(ours.variants == dense.members.len() as u64, || format!("M is {}", ours.variants))?;
    check(ours.pairs.len() == dense.pairs.len(), || "pairs of traits".to_owned())?;
    for (ours, (pair, [right, _])) in ours.pairs.iter().zip(pairs(dense).zip(&dense.pairs)) {
        // Beside what the two traits have of their own: a product may be near 0.
        let size = (dense.right[pair.0].amax() * dense.right[pair.1].amax()).sqrt();
        let off = ours.right.iter().zip(right).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        check(off <= limit * size, || format!("the right side of {pair:?} is off by {off:e}"))?;
    }
    Ok(())
}

/// The pairs of traits t < u, in order.
fn pairs(of: &Solved) -> impl Iterator<Item = (usize, usize)> {
    let traits = of.right.len();
    (0..traits).flat_map(move |t| (t + 1..traits).map(move |u| (t, u)))
}

/// Covariances of each pair of traits and their standard errors, and the correlation that follows.
fn compare_pairs(
    ours: &Jackknife<Estimate>,
    dense: &Jackknife<Solved>,
    condition: f64,
) -> Result<(), TestCaseError> {
    let components = dense.full.columns.len();
    for (number, pair) in pairs(&dense.full).enumerate() {
        let sigma = |of: &Solved, k: usize| of.pairs[number][1][k];
        let size = |of: &Solved| (of.sigma[pair.0].amax() * of.sigma[pair.1].amax()).sqrt();
        let largest = dense.replicates.iter().map(size).fold(size(&dense.full), f64::max);
        for k in 0..=components {
            let measure = ours.measure(|e| e.covariance(pair, k));
            let replicates: Vec<f64> = dense.replicates.iter().map(|s| sigma(s, k)).collect();
            let expected = (sigma(&dense.full, k), standard_error(&replicates));
            let off = (measure.value - expected.0).abs().max((measure.se - expected.1).abs());
            check(off <= DOUBLE * condition * largest, || {
                format!("traits {pair:?}, component {k}: {measure:?} for {expected:?}")
            })?;
        }
        // From the same numbers, where the variances are well above 0.
        let genetic = |t: usize| dense.full.sigma[t].rows(0, components).sum();
        let (a, b): (f64, f64) = (genetic(pair.0), genetic(pair.1));
        if a > 0.1 * size(&dense.full) && b > 0.1 * size(&dense.full) {
            let both: f64 = dense.full.pairs[number][1].rows(0, components).sum();
            let (found, expected) = (ours.full.genetic_correlation(pair), both / (a * b).sqrt());
            let limit = DOUBLE * condition * 1e3 * expected.abs().max(1.0);
            check((found - expected).abs() <= limit, || {
                format!("traits {pair:?}: correlated by {found} for {expected}")
            })?;
        }
    }
    Ok(())
}

/// Estimates and standard errors, to the precision that the condition leaves.
fn compare_numbers(
    ours: &Jackknife<Estimate>,
    dense: &Jackknife<Solved>,
) -> Result<(), TestCaseError> {
    let conditions = dense.replicates.iter().map(|solved| solved.condition);
    let condition = conditions.fold(dense.full.condition, f64::max);
    compare_pairs(ours, dense, condition)?;
    for t in 0..dense.full.sigma.len() {
        let size = dense.full.sigma[t].amax();
        for k in 0..dense.full.sigma[t].len() {
            let measure = ours.measure(|e| e.variance(t, k));
            let replicates: Vec<f64> = dense.replicates.iter().map(|s| s.sigma[t][k]).collect();
            let expected = (dense.full.sigma[t][k], standard_error(&replicates));
            let largest = replicates.iter().fold(size, |size, s| size.max(s.abs()));
            let limit = DOUBLE * condition * largest;
            let off = (measure.value - expected.0).abs().max((measure.se - expected.1).abs());
            check(off <= limit, || format!("trait {t}, sigma {k}: {measure:?} for {expected:?}"))?;
        }
        // Ratios amplify by what they divide by, so they are checked from the same sigma.
        let sigma = dense.full.sigma[t].as_slice();
        if sigma.iter().sum::<f64>().abs() > 0.1 * size {
            let (h2, total) = dense.full.h2(t);
            let ours_h2: Vec<f64> = (0..h2.len()).map(|k| ours.full.h2(t, k)).collect();
            let limit = DOUBLE * condition * 100.0;
            let worst = h2.iter().zip(&ours_h2).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
            check(worst <= limit, || format!("trait {t}: h2 {ours_h2:?} for {h2:?}"))?;
            check((ours.full.h2_total(t) - total).abs() <= limit, || format!("trait {t}: h2"))?;
            let (by_variant, _) = dense.full.h2_by_variant(t);
            let ours_by_variant: Vec<f64> =
                (0..h2.len()).map(|k| ours.full.h2_with_overlap(t, k)).collect();
            let both = by_variant.iter().zip(&ours_by_variant);
            let worst = both.fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
            check(worst <= limit, || format!("trait {t}: {ours_by_variant:?} for {by_variant:?}"))?;
            if total.abs() > 0.1 {
                let dense_enrichment = dense.full.enrichment(t);
                let ours_enrichment: Vec<f64> =
                    (0..h2.len()).map(|k| ours.full.enrichment(t, k)).collect();
                let off = difference(&ours_enrichment, &dense_enrichment);
                check(off <= limit * 100.0, || format!("trait {t}: enrichment is off by {off:e}"))?;
            }
        }
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Seen {
    solved: u32,
    overlapping: u32,
    singular: u32,
    empty: u32,
}

#[test]
fn a_full_basis_of_probes_gives_the_dense_numbers_in_doubles() {
    let seen = RefCell::new(Seen::default());
    let mut runner =
        TestRunner::new(Config { cases: 160, failure_persistence: None, ..Config::default() });
    runner
        .run(&cases(), |case| {
            let ours = case.ours(Precision::Double);
            let mut seen = seen.borrow_mut();
            match case.expected() {
                Ok(dense) => {
                    seen.solved += 1;
                    seen.overlapping += u32::from(case.bins.iter().any(|set| set.len() > 1));
                    let ours = ours.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
                    compare_matrix(&ours.full, &dense.full, DOUBLE)?;
                    for (ours, dense) in ours.replicates.iter().zip(&dense.replicates) {
                        compare_matrix(ours, dense, DOUBLE)?;
                    }
                    compare_numbers(&ours, &dense)
                }
                Err(Failure::Empty(bin)) => {
                    seen.empty += 1;
                    let error = ours.unwrap_err();
                    let named = matches!(cause(&error), Some(HasemanError::Empty { component, .. }) if *component == bin);
                    check(named, || format!("{error:?} for an empty {bin}"))
                }
                Err(Failure::Singular) => {
                    seen.singular += 1;
                    let error = ours.unwrap_err();
                    let named = matches!(cause(&error), Some(HasemanError::Singular { components, condition, .. })
                        if !components.is_empty() && *condition > CONDITION_LIMIT);
                    check(named, || format!("{error:?} for a singular system"))
                }
            }
        })
        .unwrap();
    let seen = seen.into_inner();
    assert!(seen.solved >= 80 && seen.overlapping >= 8, "{seen:?}");
    assert!(seen.singular >= 4 && seen.empty >= 2, "{seen:?}");
}

#[test]
fn a_full_basis_of_probes_gives_the_dense_equations_in_floats() {
    let solved = RefCell::new(0);
    let mut runner =
        TestRunner::new(Config { cases: 96, failure_persistence: None, ..Config::default() });
    runner
        .run(&cases(), |case| {
            // Where the dense system is near the limit, floats may fall on its other side.
            let Ok(dense) = case.expected() else { return Ok(()) };
            let most =
                dense.replicates.iter().fold(dense.full.condition, |m, s| m.max(s.condition));
            if most > CONDITION_LIMIT / 10.0 {
                return Ok(());
            }
            *solved.borrow_mut() += 1;
            let ours = case.ours(Precision::Single);
            let ours = ours.map_err(|error| TestCaseError::fail(format!("{error:?}")))?.full;
            compare_matrix(&ours, &dense.full, SINGLE_MATRIX)?;
            // |T sigma - q| <= 1e-5 (|T||sigma| + |q|), row by row.
            for (t, right) in dense.full.right.iter().enumerate() {
                for (k, q) in right.iter().enumerate() {
                    let row = dense.full.matrix.row(k);
                    let terms = row.iter().zip(&ours.traits[t].sigma).map(|(a, s)| a * s);
                    let (sum, size) =
                        terms.fold((0.0, 0.0), |(sum, size), x: f64| (sum + x, size + x.abs()));
                    let limit = SINGLE_RESIDUAL * (size + q.abs());
                    check((sum - q).abs() <= limit, || {
                        format!("row {k} of trait {t}: {sum} for {q}")
                    })?;
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(solved.into_inner() >= 48);
}
