//! Dominance and interactions with a full basis of probes against the dense computation: then nothing is
//! random.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use twoblade::core::Jackknife;
use twoblade::genie::{Effects, genie};
use twoblade::geno::{Bins, Covariate, Cut, Study, Subset, Trait};
use twoblade::haseman::{
    CONDITION_LIMIT, Estimate, Features, HasemanElston, HasemanError, Options, Precision, Probes,
};
use twoblade::rhe_dom::rhe_dom;
use twoblade::runner::{RunError, Runner};
use twoblade_tests::dense::{Dense, standard_error};
use twoblade_tests::dense_models::{DenseModel, SolvedModel};
use twoblade_tests::memory::Genotypes;

/// Doubles: sums of at most 80 variants and 70 individuals, and a grid far finer than both.
const DOUBLE: f64 = 1e-10;
/// Floats: 6e-8 for each number, in sums of tens, and squares of environments among them.
const SINGLE: f64 = 1e-5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Model {
    Dominance,
    Environments(Effects),
}

#[derive(Clone, Debug)]
struct Case {
    model: Model,
    codes: Vec<Vec<u8>>,
    bins: Vec<Vec<usize>>,
    components: usize,
    traits: Vec<Vec<f64>>,
    intercept: bool,
    covariates: Vec<Vec<f64>>,
    environments: Vec<Vec<f64>>,
    blocks: usize,
    chunk: usize,
}

/// Genotypes with their own frequencies and missing ones, bins that may overlap, one to four
/// environments of very different units (0 and 1, raw age, tiny numbers, one far from all others),
/// covariates that genotypes follow and environments among them in half of the cases.
fn cases() -> impl Strategy<Value = Case> {
    let shape = (24usize..=70, 20usize..=80, 1usize..=3, 1usize..=2, 2usize..=5, 1usize..20);
    let kind = (0u8..8, 1usize..=4, any::<bool>(), any::<bool>());
    (shape, kind, any::<u64>()).prop_map(|((n, m, components, t, blocks, chunk), kind, seed)| {
        let (model, environments, intercept, adjusted) = kind;
        let mut state = seed | 1;
        let mut draw = move |end: u32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            u32::try_from(state >> 40).unwrap() % end
        };
        let model = match model {
            0 | 1 => Model::Dominance,
            2 => Model::Environments(Effects::G),
            3 | 4 => Model::Environments(Effects::GxE),
            _ => Model::Environments(Effects::GxEAndNxE),
        };
        let codes: Vec<Vec<u8>> = (0..m)
            .map(|_| {
                let p = 100 + draw(401);
                let mut code = || match (
                    draw(1000) < 20,
                    u32::from(draw(1000) < p) + u32::from(draw(1000) < p),
                ) {
                    (true, _) => 1,
                    (_, 2) => 0,
                    (_, 1) => 2,
                    _ => 3,
                };
                (0..n).map(|_| code()).collect()
            })
            .collect();
        let bins = (0..m)
            .map(|v| {
                let mut set = vec![v % components];
                if draw(5) == 0 {
                    set.push(draw(u32::try_from(components).unwrap()) as usize);
                }
                set.sort_unstable();
                set.dedup();
                set
            })
            .collect();
        let traits = (0..t)
            .map(|_| {
                let causal = draw(u32::try_from(m).unwrap()) as usize;
                let value =
                    |i: usize| f64::from(draw(1000)) / 300.0 + f64::from(codes[causal][i]) - 40.0;
                (0..n).map(value).collect()
            })
            .collect();
        let first = draw(4) as usize;
        let environments: Vec<Vec<f64>> = match model {
            Model::Dominance => Vec::new(),
            Model::Environments(_) => (0..environments)
                .map(|e| {
                    let mut values: Vec<f64> = match (first + e) % 4 {
                        0 => (0..n).map(|i| f64::from(u8::from(i % 5 < 2))).collect(),
                        1 => (0..n).map(|_| 40.0 + f64::from(draw(30))).collect(),
                        2 => (0..n).map(|_| 1e-6 * (f64::from(draw(2000)) - 1000.0)).collect(),
                        _ => (0..n).map(|_| f64::from(draw(2001)) / 500.0 - 2.0).collect(),
                    };
                    if draw(8) == 0 {
                        values[n / 2] *= 30.0;
                    }
                    values
                })
                .collect(),
        };
        let mut covariates = Vec::new();
        if adjusted {
            covariates.push(
                (0..n).map(|i| codes.iter().take(4).map(|row| f64::from(row[i])).sum()).collect(),
            );
            covariates.extend(environments.iter().filter(|_| draw(2) == 0).cloned());
        }
        Case {
            model,
            codes,
            bins,
            components,
            traits,
            intercept,
            covariates,
            environments,
            blocks,
            chunk,
        }
    })
}

fn named(prefix: &str, columns: &[Vec<f64>]) -> Vec<Covariate> {
    let name = |(c, values): (usize, &Vec<f64>)| Covariate {
        name: format!("{prefix}{c}"),
        values: values.clone(),
    };
    columns.iter().enumerate().map(name).collect()
}

impl Case {
    fn dense(&self) -> DenseModel<'_> {
        let interacting = !matches!(self.model, Model::Dominance | Model::Environments(Effects::G));
        DenseModel {
            of: Dense {
                codes: &self.codes,
                bins: &self.bins,
                components: self.components,
                traits: &self.traits,
                intercept: self.intercept,
                covariates: &self.covariates,
                blocks: self.blocks,
            },
            dominance: self.model == Model::Dominance,
            environments: if interacting { &self.environments } else { &[] },
            noise: self.model == Model::Environments(Effects::GxEAndNxE),
            by_trace: self.model != Model::Dominance,
        }
    }

    fn study(&self) -> Study {
        let individuals = self.traits[0].len();
        let bins = self.bins.iter().map(|set| -> Vec<u16> {
            set.iter().map(|&bin| u16::try_from(bin).unwrap()).collect()
        });
        let named = |(t, values): (usize, &Vec<f64>)| Trait {
            name: format!("trait{t}"),
            values: values.clone(),
        };
        Study {
            listed: individuals,
            individuals: (0..u32::try_from(individuals).unwrap()).collect(),
            traits: self.traits.iter().enumerate().map(named).collect(),
            variants: Subset::all(self.codes.len()),
            bins: Bins::new((0..self.components).map(|k| format!("bin{k}")).collect(), bins),
            cut: Cut::new(self.codes.len(), individuals, self.blocks)
                .unwrap()
                .chunk_variants(self.chunk),
        }
    }

    fn ours(&self, probes: Probes, precision: Precision) -> Result<Jackknife<Estimate>, RunError> {
        let intercept = self.intercept;
        let options = Options { probes, intercept, precision, ..Options::default() };
        let (study, covariates) = (self.study(), named("c", &self.covariates));
        match self.model {
            Model::Dominance => self.run(&rhe_dom(&study, &covariates, options).unwrap()),
            Model::Environments(effects) => {
                let environments = named("e", &self.environments);
                self.run(&genie(&study, &covariates, &environments, effects, options).unwrap())
            }
        }
    }

    fn run<F: Features>(&self, model: &HasemanElston<F>) -> Result<Jackknife<Estimate>, RunError> {
        let source = Genotypes { codes: self.codes.clone(), cut: self.study().cut };
        Runner::new().jackknife(model, &source).map(|done| done.jackknife)
    }
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), TestCaseError> {
    if holds { Ok(()) } else { Err(TestCaseError::fail(what())) }
}

/// The largest difference relative to the largest number.
fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    found.iter().zip(expected).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs())) / size
}

/// In the units of the environments numbers of very different sizes stand side by side: so both are
/// compared where environments are scaled.
fn compare_equations(
    ours: &Estimate,
    dense: &SolvedModel,
    limit: f64,
) -> Result<(), TestCaseError> {
    let size = dense.units.len();
    check(ours.columns == dense.columns, || format!("M is {:?}", ours.columns))?;
    let entry = |k: usize, l: usize| ours.matrix[k * size + l] / (dense.units[k] * dense.units[l]);
    let found: Vec<f64> = (0..size * size).map(|at| entry(at / size, at % size)).collect();
    let off = difference(&found, dense.matrix.as_slice());
    check(off <= limit, || format!("the matrix is off by {off:e}"))?;
    for (t, right) in dense.right.iter().enumerate() {
        let found = ours.traits[t].right.iter().zip(&dense.units).map(|(q, unit)| q / unit);
        let off = difference(&found.collect::<Vec<_>>(), right.as_slice());
        check(off <= limit, || format!("the right side of trait {t} is off by {off:e}"))?;
    }
    Ok(())
}

fn compare_estimates(
    ours: &Jackknife<Estimate>,
    dense: &Jackknife<SolvedModel>,
    condition: f64,
) -> Result<(), TestCaseError> {
    for t in 0..dense.full.sigma.len() {
        let largest = |of: &SolvedModel| of.sigma[t].amax();
        let size = dense.replicates.iter().map(largest).fold(largest(&dense.full), f64::max);
        let limit = DOUBLE * condition;
        for k in 0..dense.full.units.len() {
            let unit = dense.full.units[k];
            let measure = ours.measure(|e| e.variance(t, k) * unit);
            let replicates: Vec<f64> = dense.replicates.iter().map(|s| s.sigma[t][k]).collect();
            let expected = (dense.full.sigma[t][k], standard_error(&replicates));
            let off = (measure.value - expected.0).abs().max((measure.se - expected.1).abs());
            check(off <= limit * size, || {
                format!("trait {t}, sigma {k}: {measure:?} for {expected:?}")
            })?;
        }
        // Ratios amplify by what they divide by, so they are checked where that is not small.
        let weighted = dense.full.weighted(t);
        let most = weighted.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
        if weighted.iter().sum::<f64>().abs() < 0.1 * most {
            continue;
        }
        let h2 = dense.full.h2(t);
        let found: Vec<f64> = (0..h2.len()).map(|k| ours.full.h2(t, k)).collect();
        let off = found.iter().zip(&h2).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
        check(off <= 100.0 * limit, || format!("trait {t}: h2 {found:?} for {h2:?}"))?;
        let total: f64 = h2.iter().sum();
        check((ours.full.h2_total(t) - total).abs() <= 100.0 * limit, || "total".to_owned())?;
        let enrichment = dense.full.enrichment(t);
        if enrichment.iter().all(|e| e.abs() < 100.0) {
            let found: Vec<f64> =
                (0..enrichment.len()).map(|k| ours.full.enrichment(t, k)).collect();
            let off = difference(&found, &enrichment);
            check(off <= 1e5 * limit, || {
                format!("trait {t}: enrichment {found:?} for {enrichment:?}")
            })?;
        }
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Seen {
    dominance: u32,
    additive: u32,
    /// By the number of environments, from 1: without noise, and with it.
    interacting: [[u32; 4]; 2],
    adjusted: u32,
    overlapping: u32,
    singular: u32,
}

impl Seen {
    fn solved(&mut self, case: &Case) {
        match case.model {
            Model::Dominance => self.dominance += 1,
            Model::Environments(Effects::G) => self.additive += 1,
            Model::Environments(effects) => {
                let noise = usize::from(effects == Effects::GxEAndNxE);
                self.interacting[noise][case.environments.len() - 1] += 1;
            }
        }
        self.adjusted += u32::from(!case.covariates.is_empty());
        self.overlapping += u32::from(case.bins.iter().any(|set| set.len() > 1));
    }
}

/// The full solution and those without each block, unless some set is empty; and the worst condition.
fn expected(case: &Case) -> Option<(Jackknife<SolvedModel>, f64)> {
    let dense = case.dense();
    let full = dense.solve(None).ok()?;
    let replicates = (0..case.blocks).map(|block| dense.solve(Some(block)));
    let replicates: Vec<_> = replicates.collect::<Result<_, _>>().ok()?;
    let worst = replicates.iter().map(|of| of.condition).fold(full.condition, f64::max);
    Some((Jackknife { full, replicates }, worst))
}

/// The scaling of environments is up to 2 in ours, and of 4 environments and their noise the condition
/// changes by less than this.
const SCALING: f64 = 100.0;

#[test]
fn a_full_basis_of_probes_gives_the_dense_numbers_in_doubles() {
    let seen = RefCell::new(Seen::default());
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&cases(), |case| {
            let Some((dense, condition)) = expected(&case) else { return Ok(()) };
            let ours = case.ours(Probes::Basis, Precision::Double);
            if condition > SCALING * CONDITION_LIMIT {
                seen.borrow_mut().singular += 1;
                let error = ours.unwrap_err();
                let cause = match &error {
                    RunError::Solve { source, .. } | RunError::Block { source, .. } => {
                        source.downcast_ref()
                    }
                    _ => None,
                };
                let named = matches!(cause, Some(HasemanError::Singular { components, .. }) if !components.is_empty());
                return check(named, || format!("{error:?} for a singular system"));
            }
            if condition > CONDITION_LIMIT / SCALING {
                return Ok(());
            }
            seen.borrow_mut().solved(&case);
            let ours = ours.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
            compare_equations(&ours.full, &dense.full, DOUBLE)?;
            for (ours, dense) in ours.replicates.iter().zip(&dense.replicates) {
                compare_equations(ours, dense, DOUBLE)?;
            }
            compare_estimates(&ours, &dense, condition)
        })
        .unwrap();
    let seen = seen.into_inner();
    let every = seen.interacting.iter().flatten().all(|&count| count >= 2);
    assert!(seen.dominance >= 10 && seen.additive >= 5 && every, "{seen:?}");
    assert!(seen.adjusted >= 20 && seen.overlapping >= 20, "{seen:?}");
}

#[test]
fn a_full_basis_of_probes_gives_the_dense_equations_in_floats() {
    let compared = RefCell::new(0);
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&cases(), |case| {
            let Some((dense, condition)) = expected(&case) else { return Ok(()) };
            if condition > CONDITION_LIMIT / SCALING {
                return Ok(());
            }
            *compared.borrow_mut() += 1;
            let ours = case.ours(Probes::Basis, Precision::Single);
            let ours = ours.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
            compare_equations(&ours.full, &dense.full, SINGLE)
        })
        .unwrap();
    assert!(compared.into_inner() >= 20);
}

/// Signs times environments are summed by tables of floats in single precision, and bit by bit in double
/// precision: two ways to the same equations, replicate by replicate.
#[test]
fn signs_times_environments_are_the_same_in_floats_and_in_doubles() {
    let compared = RefCell::new(0);
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&cases(), |case| {
            let Some((dense, _)) = expected(&case) else { return Ok(()) };
            let run = |precision| case.ours(Probes::Rademacher(11), precision);
            // What few probes make singular is so in both.
            let (Ok(single), Ok(double)) = (run(Precision::Single), run(Precision::Double)) else {
                return Ok(());
            };
            *compared.borrow_mut() += 1;
            let size = dense.full.units.len();
            let units = &dense.full.units;
            let scaled = |of: &Estimate| -> Vec<f64> {
                let unit = |at: usize| units[at / size] * units[at % size];
                of.matrix.iter().enumerate().map(|(at, x)| x / unit(at)).collect()
            };
            let each = single.replicates.iter().zip(&double.replicates);
            for (single, double) in each.chain([(&single.full, &double.full)]) {
                let off = difference(&scaled(single), &scaled(double));
                check(off <= SINGLE, || format!("the matrix is off by {off:e}"))?;
            }
            Ok(())
        })
        .unwrap();
    assert!(compared.into_inner() >= 20);
}
