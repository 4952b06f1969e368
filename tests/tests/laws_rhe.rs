//! The laws, for RHE: with doubles on few individuals, with floats on more than one tile of rows,
//! adjusted for covariates, with drawn genotypes, and for traits of different individuals in one read.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use twoblade::core::{Jackknife, Random};
use twoblade::geno::{Among, Bins, Covariate, Cut, Selection, Study, Subset, TILE_ROWS, Trait};
use twoblade::haseman::Estimate;
use twoblade::rhe::{MissingGenotype, Options, Precision, Probes, Rhe};
use twoblade::rhe_cov::RheCov;
use twoblade::runner::{Reuse, RunError, Runner};
use twoblade_tests::dense::{Dense, Solved};
use twoblade_tests::memory::Genotypes;

/// 7 blocks of 6 variants, the last of 8, in chunks of 2.
const VARIANTS: usize = 44;
const BLOCKS: usize = 7;

/// A small study: common and rare variants (one in four has a single carrier), missing genotypes, a
/// monomorphic variant, a variant in no bin, two bins that share variants, two traits.
struct Small {
    codes: Vec<Vec<u8>>,
    bins: Vec<Vec<usize>>,
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
        let mut bins: Vec<_> = (0..VARIANTS).map(|v| vec![v % 3 % 2]).collect();
        (0..VARIANTS).step_by(5).for_each(|v| bins[v] = vec![0, 1]);
        bins[20].clear();
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
        let set = |set: &Vec<usize>| -> Vec<u16> {
            set.iter().map(|&bin| u16::try_from(bin).unwrap()).collect()
        };
        let named = |(t, values): (usize, &Vec<f64>)| Trait {
            name: format!("t{t}"),
            values: values.clone(),
        };
        Study {
            listed: individuals,
            individuals: (0..u32::try_from(individuals).unwrap()).collect(),
            traits: self.traits.iter().enumerate().map(named).collect(),
            variants: Subset::all(VARIANTS),
            bins: Bins::new(vec!["a".into(), "b".into()], self.bins.iter().map(set)),
            cut: self.cut(),
        }
    }

    fn options(precision: Precision) -> Options {
        Options { probes: Probes::Basis, precision, correlations: true, ..Options::default() }
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

    fn drawing(&self) -> Rhe {
        let missing = MissingGenotype::Binomial;
        let options = Options { missing, seed: 3, ..Self::options(Precision::Double) };
        twoblade::rhe::rhe(&self.study(), options).unwrap()
    }

    /// With each missing genotype drawn again, from the stream that its seed, its variant and its
    /// individual name.
    fn drawn(&self) -> Self {
        let random = Random::new(3, 2);
        let copies = |code: u8| [2.0, 0.0, 1.0, 0.0][usize::from(code)];
        let fill = |(v, codes): (usize, &Vec<u8>)| -> Vec<u8> {
            let known: Vec<f64> = codes.iter().filter(|&&c| c != 1).map(|&c| copies(c)).collect();
            let p = known.iter().sum::<f64>() / (2.0 * known.len() as f64);
            let draw = |i: usize| {
                let i = u32::try_from(i).unwrap();
                let bits = random.bits(v as u64, i).map(|bits| bits as f64 / 2f64.powi(64));
                [3, 2, 0][bits.into_iter().filter(|&u| u < p).count()]
            };
            let code = |(i, &code): (usize, &u8)| if code == 1 { draw(i) } else { code };
            codes.iter().enumerate().map(code).collect()
        };
        let codes = self.codes.iter().enumerate().map(fill).collect();
        Self { codes, bins: self.bins.clone(), traits: self.traits.clone() }
    }

    /// Those individuals that have a trait, and that trait alone.
    fn only(&self, t: usize) -> (Vec<u32>, Self) {
        let individuals = 0..u32::try_from(self.traits[t].len()).unwrap();
        let rows: Vec<u32> =
            individuals.filter(|&i| !(i as usize + 2).is_multiple_of(4 + t)).collect();
        let codes = self.codes.iter().map(|codes| pick(codes, &rows)).collect();
        let traits = vec![pick(&self.traits[t], &rows)];
        (rows, Self { codes, bins: self.bins.clone(), traits })
    }

    /// A model for each trait, of the individuals that have it, over chunks of all.
    fn groups(&self) -> Vec<Among<Rhe>> {
        let group = |t: usize| {
            let (rows, of) = self.only(t);
            let selection = Selection::new(self.traits[0].len(), &rows);
            let study = Study {
                listed: self.traits[0].len(),
                individuals: rows,
                cut: self.cut(),
                ..of.study()
            };
            let model = twoblade::rhe::rhe(&study, Self::options(Precision::Double)).unwrap();
            Among::new(model, format!("t{t}"), selection)
        };
        (0..self.traits.len()).map(group).collect()
    }

    /// The references of the groups, side by side.
    fn references_of_groups(&self) -> Jackknife<Vec<f64>> {
        let all: Vec<_> = (0..self.traits.len()).map(|t| self.only(t).1.reference(&[])).collect();
        let beside =
            |of: &dyn Fn(&Jackknife<Vec<f64>>) -> Vec<f64>| all.iter().flat_map(of).collect();
        Jackknife {
            full: beside(&|of| of.full.clone()),
            replicates: (0..BLOCKS).map(|j| beside(&|of| of.replicates[j].clone())).collect(),
        }
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
            let Solved { matrix, sigma, pairs, columns, .. } = dense.solve(without).unwrap();
            let size = matrix.amax();
            let mut numbers: Vec<f64> = matrix.iter().map(|x| x / size).collect();
            numbers.extend(columns.iter().map(|&m| m as f64));
            for sigma in &sigma {
                let all = sigma.sum();
                numbers.extend(sigma.iter().map(|s| s / all));
            }
            if let [pair] = &pairs[..] {
                let scale = (sigma[0].sum() * sigma[1].sum()).sqrt();
                numbers.extend(pair[1].iter().map(|s| s / scale));
            }
            numbers
        };
        let replicates = (0..BLOCKS).map(|block| numbers(Some(block))).collect();
        Jackknife { full: numbers(None), replicates }
    }
}

fn pick<T: Copy>(of: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&row| of[row as usize]).collect()
}

#[expect(clippy::ptr_arg, reason = "the estimate of several models is such a list")]
fn of_groups(estimates: &Vec<Estimate>) -> Vec<f64> {
    estimates.iter().flat_map(numbers).collect()
}

fn numbers(estimate: &Estimate) -> Vec<f64> {
    let size = estimate.matrix.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let mut numbers: Vec<f64> = estimate.matrix.iter().map(|x| x / size).collect();
    numbers.extend(estimate.columns.iter().map(|&m| m as f64));
    for of in &estimate.traits {
        let all: f64 = of.sigma.iter().sum();
        numbers.extend(of.sigma.iter().map(|s| s / all));
    }
    if let [pair] = &estimate.pairs[..] {
        let total = |t: usize| estimate.traits[t].sigma.iter().sum::<f64>();
        let scale = (total(0) * total(1)).sqrt();
        numbers.extend(pair.sigma.iter().map(|s| s / scale));
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

twoblade_testkit::conformance! {
    mod with_drawn_genotypes;
    model: few().drawing(),
    source: few().source(),
    numbers: numbers,
    reference: || few().drawn().reference(&[]),
    // As without.
    tolerance: 1e-9,
}

twoblade_testkit::conformance! {
    mod traits_of_different_individuals;
    model: few().groups().as_slice(),
    source: few().source(),
    numbers: of_groups,
    reference: || few().references_of_groups(),
    // As alone.
    tolerance: 1e-9,
}

/// A trait gives the same bits in a read with others and in a run of its own individuals, whatever the
/// threads and the reads.
#[test]
fn a_trait_gives_the_same_bits_beside_others_and_alone() {
    let of = many();
    let groups = of.groups();
    let together = Runner::new().threads(3).jackknife(&groups.as_slice(), &of.source()).unwrap();
    for (t, group) in groups.iter().enumerate() {
        // The same blocks and chunks over these individuals alone: nothing is left to take out.
        let codes = of.only(t).1.codes;
        let cut = Cut::new(VARIANTS, codes[0].len(), BLOCKS).unwrap().chunk_variants(2);
        let source = Genotypes { codes, cut };
        let alone = Runner::new().jackknife(group.model(), &source).unwrap();
        assert_eq!(together.jackknife.map(|all| all[t].clone()), alone.jackknife);
        assert_eq!(together.total[t], alone.total);
    }
}

/// Where the states of all groups do not fit, several reads do, and every bit stays.
#[test]
fn groups_are_spread_over_reads_when_the_budget_requires() {
    let of = few();
    let groups = of.groups();
    let source = of.source();
    let one = Runner::new().batches(&groups, &source).unwrap();
    assert!(one.iter().map(|(batch, _)| batch.clone()).eq(std::iter::once(0..2)), "{one:?}");
    let alone = groups.iter().map(|group| {
        let plan =
            Runner::new().reuse(Reuse::Recompute).plan(&std::slice::from_ref(group), &source);
        plan.unwrap().memory.total()
    });
    let budget = alone.max().unwrap();
    let runner = Runner::new().memory(budget);
    let batches = runner.batches(&groups, &source).unwrap();
    assert!(batches.iter().map(|(batch, _)| batch.clone()).eq([0..1, 1..2]), "{batches:?}");
    let together = Runner::new().jackknife(&groups.as_slice(), &source).unwrap().jackknife;
    for (batch, plan) in batches {
        assert!(plan.memory.total() <= budget);
        let part = runner.jackknife(&&groups[batch.clone()], &source).unwrap().jackknife;
        assert_eq!(part, together.map(|all| all[batch.clone()].to_vec()));
    }
    let least = Runner::new().memory(1000).batches(&groups, &source).unwrap_err();
    assert!(matches!(least, RunError::Budget { .. }), "{least}");
}
