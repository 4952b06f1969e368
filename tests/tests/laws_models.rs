//! The laws, for dominance and for interactions with two environments of very different units: adjusted
//! for covariates, the environments among them, with bins that overlap and several traits.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use twoblade::core::{Jackknife, Random};
use twoblade::genie::{Effects, Genie, genie};
use twoblade::geno::{Bins, Covariate, Cut, Study, Subset, Trait};
use twoblade::haseman::{Estimate, MissingGenotype, Options, Precision, Probes};
use twoblade::rhe_dom::{RheDom, rhe_dom};
use twoblade_tests::dense::Dense;
use twoblade_tests::dense_models::{DenseModel, SolvedModel};
use twoblade_tests::memory::Genotypes;

/// 7 blocks of 6 variants, the last of 8, in chunks of 2.
const VARIANTS: usize = 44;
const BLOCKS: usize = 7;
const INDIVIDUALS: usize = 45;

/// Common and rare variants, missing genotypes, a monomorphic variant, a variant in no bin, one whose
/// dominance column is long (a single rare homozygote), two bins that share variants, two traits.
struct Small {
    codes: Vec<Vec<u8>>,
    bins: Vec<Vec<usize>>,
    traits: Vec<Vec<f64>>,
    environments: Vec<Vec<f64>>,
    covariates: Vec<Vec<f64>>,
}

fn small() -> Small {
    let random = Random::new(19, 0);
    let code = |v: usize, i: usize| {
        let draw = |draw: u32| random.uniform((v * INDIVIDUALS + i) as u64, draw);
        let p = 0.1 + 0.8 * random.uniform(5_000_000 + v as u64, 0);
        match draw(0) {
            u if u < 0.03 => 1,
            _ => [3, 2, 0][usize::from(draw(1) < p) + usize::from(draw(2) < p)],
        }
    };
    let mut codes: Vec<Vec<u8>> =
        (0..VARIANTS).map(|v| (0..INDIVIDUALS).map(|i| code(v, i)).collect()).collect();
    codes[11].fill(3);
    codes[15].fill(3);
    codes[15][7] = 0;
    let mut bins: Vec<_> = (0..VARIANTS).map(|v| vec![v % 3 % 2]).collect();
    (0..VARIANTS).step_by(5).for_each(|v| bins[v] = vec![0, 1]);
    bins[20].clear();
    let noise = |i: usize, draw: u32| random.uniform(9_000_000 + i as u64, draw);
    let trait_of = |t: usize| {
        let value = |i: usize| {
            let genetic: f64 =
                (0..VARIANTS).map(|v| f64::from(codes[v][i]) * (v as f64).sin()).sum();
            1e3 + genetic * (t + 1) as f64 + 3.0 * noise(i, 7)
        };
        (0..INDIVIDUALS).map(value).collect()
    };
    let traits = (0..2).map(trait_of).collect();
    let environments = vec![
        (0..INDIVIDUALS).map(|i| (40.0 + 30.0 * noise(i, 1)).round()).collect::<Vec<f64>>(),
        (0..INDIVIDUALS).map(|i| 1e-5 * (noise(i, 2) - 0.4)).collect(),
    ];
    let follows = (0..INDIVIDUALS).map(|i| f64::from(codes[0][i]) + f64::from(codes[4][i]));
    let covariates = vec![follows.collect(), environments[0].clone(), environments[1].clone()];
    Small { codes, bins, traits, environments, covariates }
}

fn named(prefix: &str, columns: &[Vec<f64>]) -> Vec<Covariate> {
    let name = |(c, values): (usize, &Vec<f64>)| Covariate {
        name: format!("{prefix}{c}"),
        values: values.clone(),
    };
    columns.iter().enumerate().map(name).collect()
}

impl Small {
    fn cut() -> Cut {
        Cut::new(VARIANTS, INDIVIDUALS, BLOCKS).unwrap().chunk_variants(2)
    }

    fn source(self) -> Genotypes {
        Genotypes { codes: self.codes, cut: Self::cut() }
    }

    fn study(&self) -> Study {
        let set = |set: &Vec<usize>| -> Vec<u16> {
            set.iter().map(|&bin| u16::try_from(bin).unwrap()).collect()
        };
        let named = |(t, values): (usize, &Vec<f64>)| Trait {
            name: format!("t{t}"),
            values: values.clone(),
        };
        Study {
            listed: INDIVIDUALS,
            individuals: (0..u32::try_from(INDIVIDUALS).unwrap()).collect(),
            traits: self.traits.iter().enumerate().map(named).collect(),
            variants: Subset::all(VARIANTS),
            bins: Bins::new(vec!["a".into(), "b".into()], self.bins.iter().map(set)),
            cut: Self::cut(),
        }
    }

    fn dominance(&self, options: Options) -> RheDom {
        rhe_dom(&self.study(), &named("c", &self.covariates), options).unwrap()
    }

    fn interactions(&self, effects: Effects, options: Options) -> Genie {
        let (covariates, environments) =
            (named("c", &self.covariates), named("e", &self.environments));
        genie(&self.study(), &covariates, &environments, effects, options).unwrap()
    }

    fn reference(&self, effects: Option<Effects>) -> Jackknife<Vec<f64>> {
        let dense = DenseModel {
            of: Dense {
                codes: &self.codes,
                bins: &self.bins,
                components: 2,
                traits: &self.traits,
                intercept: true,
                covariates: &self.covariates,
                blocks: BLOCKS,
            },
            dominance: effects.is_none(),
            environments: if effects.is_some() { &self.environments } else { &[] },
            noise: effects == Some(Effects::GxEAndNxE),
            by_trace: effects.is_some(),
        };
        let numbers = |without| of_dense(&dense.solve(without).unwrap());
        Jackknife {
            full: numbers(None),
            replicates: (0..BLOCKS).map(|b| numbers(Some(b))).collect(),
        }
    }
}

fn exact(precision: Precision) -> Options {
    Options { probes: Probes::Basis, precision, ..Options::default() }
}

/// Entries over the roots of those on the diagonal: no unit of an environment is left in them.
fn unitless(size: usize, entry: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let of = |at: usize| {
        let (k, l) = (at / size, at % size);
        entry(k, l) / (entry(k, k) * entry(l, l)).sqrt()
    };
    (0..size * size).map(of).collect()
}

fn of_dense(of: &SolvedModel) -> Vec<f64> {
    let mut numbers = unitless(of.units.len(), |k, l| of.matrix[(k, l)]);
    numbers.extend(of.columns.iter().map(|&m| m as f64));
    for t in 0..of.sigma.len() {
        numbers.extend(of.h2(t));
    }
    numbers
}

fn numbers(of: &Estimate) -> Vec<f64> {
    let size = of.components() + 1;
    let mut numbers = unitless(size, |k, l| of.matrix[k * size + l]);
    numbers.extend(of.columns.iter().map(|&m| m as f64));
    for t in 0..of.traits.len() {
        numbers.extend((0..of.components()).map(|k| of.h2(t, k)));
    }
    numbers
}

twoblade_testkit::conformance! {
    mod dominance;
    model: small().dominance(exact(Precision::Double)),
    source: small().source(),
    numbers: numbers,
    reference: || small().reference(None),
    // Doubles, and a condition below 1e5.
    tolerance: 1e-8,
}

twoblade_testkit::conformance! {
    mod interactions_and_noise;
    model: small().interactions(Effects::GxEAndNxE, exact(Precision::Double)),
    source: small().source(),
    numbers: numbers,
    reference: || small().reference(Some(Effects::GxEAndNxE)),
    // As of dominance.
    tolerance: 1e-8,
}

/// The left side and M, without the solution, which magnifies what floats round by its condition.
fn equations(of: &Estimate) -> Vec<f64> {
    let size = of.components() + 1;
    numbers(of)[..size * size + size - 1].to_vec()
}

fn reference_equations(effects: Effects) -> Jackknife<Vec<f64>> {
    // Two bins, and these times two environments: six components and the residual.
    small().reference(Some(effects)).map(|numbers| numbers[..7 * 7 + 6].to_vec())
}

twoblade_testkit::conformance! {
    mod interactions_in_floats;
    model: small().interactions(Effects::GxE, exact(Precision::Single)),
    source: small().source(),
    numbers: equations,
    reference: || reference_equations(Effects::GxE),
    // 6e-8 for each number, in sums of tens.
    tolerance: 1e-5,
}

/// A run without probes that are drawn, missing genotypes that are, and with several threads: the laws
/// that need no reference hold for what a user runs, too.
#[test]
fn random_probes_and_drawn_genotypes_give_the_same_bits_on_any_number_of_threads() {
    let options = Options {
        probes: Probes::Gaussian(7),
        missing: MissingGenotype::Binomial,
        seed: 5,
        ..Options::default()
    };
    let of = small();
    let (dominance, interactions) =
        (of.dominance(options), of.interactions(Effects::GxEAndNxE, options));
    let source = of.source();
    let run = |threads| {
        let runner = twoblade::runner::Runner::new().threads(threads);
        let one = runner.jackknife(&dominance, &source).unwrap();
        let two = runner.jackknife(&interactions, &source).unwrap();
        (one.jackknife, two.jackknife, two.total)
    };
    assert_eq!(run(1), run(3));
}
