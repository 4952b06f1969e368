//! The laws, for RHE: with doubles on few individuals, with floats on more than one tile of rows, and
//! adjusted for covariates.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use twoblade::core::{Jackknife, Random};
use twoblade::geno::{Bins, Covariate, Cut, Study, TILE_ROWS, Trait};
use twoblade::haseman::Estimate;
use twoblade::rhe::{Options, Precision, Probes, Rhe};
use twoblade::rhe_cov::RheCov;
use twoblade_tests::dense::{Dense, Solved};
use twoblade_tests::memory::Genotypes;

/// 7 blocks of 6 variants, the last of 8, in chunks of 2.
const VARIANTS: usize = 44;
const BLOCKS: usize = 7;

/// A small study: common and rare variants (one in four has a single carrier), missing genotypes, a
/// monomorphic variant, a variant in no bin, two bins, two traits.
struct Small {
    codes: Vec<Vec<u8>>,
    bins: Vec<Option<usize>>,
    traits: Vec<Vec<f64>>,
}

impl Small {
    fn new(individuals: usize) -> Self {
        let random = Random::new(17, 0);
        let mut codes: Vec<Vec<u8>> = (0..VARIANTS as u64)
            .map(|v| {
                let p = 0.05 + 0.9 * random.uniform(v, 0);
                let code = |i: u32| match (random.uniform(v, 4 * i + 1), v % 4) {
                    (u, _) if u < 0.03 => 1,
                    (_, 3) => 3,
                    _ => {
                        let copies = [2, 3].map(|draw| random.uniform(v, 4 * i + draw) < p);
                        [3, 2, 0][copies.into_iter().filter(|&copy| copy).count()]
                    }
                };
                (0..u32::try_from(individuals).unwrap()).map(code).collect()
            })
            .collect();
        for v in (3..VARIANTS).step_by(4) {
            codes[v][v % individuals] = 2;
        }
        codes[11].fill(3);
        let mut bins: Vec<_> = (0..VARIANTS).map(|v| Some(v % 3 % 2)).collect();
        bins[20] = None;
        let trait_of = |t: u64| {
            let value = |i: usize| {
                let genetic: f64 =
                    (0..VARIANTS).map(|v| f64::from(codes[v][i]) * (v as f64).sin()).sum();
                1e6 + genetic * (t + 1) as f64 + 3.0 * random.uniform(1000 + i as u64, 7)
            };
            (0..individuals).map(value).collect()
        };
        let traits = (0..2).map(trait_of).collect();
        Self { codes, bins, traits }
    }

    fn cut(&self) -> Cut {
        Cut::new(VARIANTS, self.traits[0].len(), BLOCKS).unwrap().chunk_variants(2)
    }

    fn source(&self) -> Genotypes {
        Genotypes { codes: self.codes.clone(), cut: self.cut() }
    }

    fn study(&self) -> Study {
        let individuals = self.traits[0].len();
        let bin = |bin: &Option<usize>| bin.map_or(Bins::NONE, |bin| u16::try_from(bin).unwrap());
        let named = |(t, values): (usize, &Vec<f64>)| Trait {
            name: format!("t{t}"),
            values: values.clone(),
        };
        Study {
            listed: individuals,
            individuals: (0..u32::try_from(individuals).unwrap()).collect(),
            traits: self.traits.iter().enumerate().map(named).collect(),
            bins: Bins::new(vec!["a".into(), "b".into()], self.bins.iter().map(bin).collect()),
            cut: self.cut(),
        }
    }

    fn options(precision: Precision) -> Options {
        Options { probes: Probes::Basis, precision, ..Options::default() }
    }

    fn model(&self, precision: Precision) -> Rhe {
        twoblade::rhe::rhe(&self.study(), Self::options(precision)).unwrap()
    }

    /// A count that genotypes follow, and age.
    fn covariates(&self) -> Vec<Vec<f64>> {
        let individuals = self.traits[0].len();
        let follows =
            (0..individuals).map(|i| f64::from(self.codes[0][i]) + f64::from(self.codes[4][i]));
        let age = (0..individuals).map(|i| 1950.0 + (i * i % 37) as f64);
        vec![follows.collect(), age.collect()]
    }

    fn adjusted(&self, precision: Precision) -> RheCov {
        let named = |(name, values): (&str, Vec<f64>)| Covariate { name: name.to_owned(), values };
        let covariates: Vec<_> =
            ["follows", "age"].into_iter().zip(self.covariates()).map(named).collect();
        twoblade::rhe_cov::rhe_cov(&self.study(), &covariates, Self::options(precision)).unwrap()
    }

    fn reference(&self, covariates: &[Vec<f64>]) -> Jackknife<Vec<f64>> {
        let dense = Dense {
            codes: &self.codes,
            bins: &self.bins,
            components: 2,
            traits: &self.traits,
            intercept: true,
            covariates,
            blocks: BLOCKS,
        };
        let numbers = |without| {
            let Solved { matrix, sigma, columns, .. } = dense.solve(without).unwrap();
            let size = matrix.amax();
            let mut numbers: Vec<f64> = matrix.iter().map(|x| x / size).collect();
            numbers.extend(columns.iter().map(|&m| m as f64));
            for sigma in sigma {
                let all = sigma.sum();
                numbers.extend(sigma.iter().map(|s| s / all));
            }
            numbers
        };
        let replicates = (0..BLOCKS).map(|block| numbers(Some(block))).collect();
        Jackknife { full: numbers(None), replicates }
    }
}

fn numbers(estimate: &Estimate) -> Vec<f64> {
    let size = estimate.matrix.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let mut numbers: Vec<f64> = estimate.matrix.iter().map(|x| x / size).collect();
    numbers.extend(estimate.columns.iter().map(|&m| m as f64));
    for of in &estimate.traits {
        let all: f64 = of.sigma.iter().sum();
        numbers.extend(of.sigma.iter().map(|s| s / all));
    }
    numbers
}

fn few() -> Small {
    Small::new(45)
}

fn many() -> Small {
    Small::new(TILE_ROWS + 30)
}

twoblade_testkit::conformance! {
    mod in_doubles;
    model: few().model(Precision::Double),
    source: few().source(),
    numbers: numbers,
    reference: || few().reference(&[]),
    // Doubles, a condition below 1e3, and a trait with a mean of a million.
    tolerance: 1e-9,
}

twoblade_testkit::conformance! {
    mod in_floats_on_two_tiles;
    model: many().model(Precision::Single),
    source: many().source(),
    numbers: numbers,
    reference: || many().reference(&[]),
    // Floats: 1e-6 in the equations, times their condition.
    tolerance: 2e-5,
}

twoblade_testkit::conformance! {
    mod adjusted_for_covariates;
    model: few().adjusted(Precision::Double),
    source: few().source(),
    numbers: numbers,
    reference: || few().reference(&few().covariates()),
    // As without covariates.
    tolerance: 1e-9,
}
