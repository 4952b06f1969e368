//! What it means to adjust for covariates.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use twoblade::core::{Jackknife, Random};
use twoblade::geno::{Bins, Covariate, Cut, Study, Subset, Trait};
use twoblade::haseman::{Estimate, HasemanError};
use twoblade::rhe_cov::{Options, Precision, rhe_cov};
use twoblade::runner::Runner;
use twoblade_tests::memory::Genotypes;

const INDIVIDUALS: usize = 300;
const VARIANTS: usize = 200;

/// Two populations with frequencies of their own, a covariate that says which, and age.
struct Populations {
    codes: Vec<Vec<u8>>,
    trait_values: Vec<f64>,
    covariates: Vec<Covariate>,
}

fn populations() -> Populations {
    let random = Random::new(23, 0);
    let population = |i: usize| f64::from(u8::from(i.is_multiple_of(3)));
    let codes: Vec<Vec<u8>> = (0..VARIANTS as u64)
        .map(|v| {
            let (p, shift) = (0.2 + 0.3 * random.uniform(v, 0), 0.3 * random.uniform(v, 1));
            let copy = |i: usize, draw: u32| {
                let draw = 2 + 2 * u32::try_from(i).unwrap() + draw;
                usize::from(random.uniform(v, draw) < p + shift * population(i))
            };
            (0..INDIVIDUALS).map(|i| [3, 2, 0][copy(i, 0) + copy(i, 1)]).collect()
        })
        .collect();
    let noise = |i: usize, draw| random.uniform(10_000 + i as u64, draw);
    let value = |i: usize| {
        let genetic: f64 = (0..VARIANTS).map(|v| f64::from(codes[v][i]) * (v as f64).cos()).sum();
        genetic + 4.0 * population(i) + 10.0 * noise(i, 0)
    };
    let covariate = |name: &str, of: &dyn Fn(usize) -> f64| Covariate {
        name: name.to_owned(),
        values: (0..INDIVIDUALS).map(of).collect(),
    };
    Populations {
        trait_values: (0..INDIVIDUALS).map(value).collect(),
        covariates: vec![
            covariate("population", &population),
            covariate("age", &|i| (40.0 + 30.0 * noise(i, 1)).round()),
        ],
        codes,
    }
}

/// The study, its model adjusted for covariates, and its genotypes.
fn study(of: &Populations, values: Vec<f64>, blocks: usize) -> (Study, Genotypes) {
    let cut = Cut::new(VARIANTS, INDIVIDUALS, blocks).unwrap();
    let study = Study {
        listed: INDIVIDUALS,
        individuals: (0..u32::try_from(INDIVIDUALS).unwrap()).collect(),
        traits: vec![Trait { name: "y".into(), values }],
        variants: Subset::all(VARIANTS),
        bins: Bins::new(
            vec!["a".into(), "b".into()],
            (0..VARIANTS).map(|v| [u16::from(v.is_multiple_of(3))]),
        ),
        cut,
    };
    (study, Genotypes { codes: of.codes.clone(), cut })
}

fn doubles() -> Options {
    Options { precision: Precision::Double, ..Options::default() }
}

fn run(
    of: &Populations,
    values: Vec<f64>,
    covariates: &[Covariate],
    blocks: usize,
) -> Jackknife<Estimate> {
    let (study, source) = study(of, values, blocks);
    let model = rhe_cov(&study, covariates, doubles()).unwrap();
    Runner::new().jackknife(&model, &source).unwrap().jackknife
}

/// The estimate of all blocks, no block left out.
fn whole(of: &Populations, blocks: usize) -> Estimate {
    let (study, source) = study(of, of.trait_values.clone(), blocks);
    let model = rhe_cov(&study, &of.covariates, doubles()).unwrap();
    Runner::new().run(&model, &source).unwrap().estimate
}

fn relative(a: &[f64], b: &[f64]) -> f64 {
    let size = b.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    a.iter().zip(b).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs())) / size
}

#[test]
fn any_combination_of_covariates_added_to_the_trait_changes_only_last_digits() {
    let of = populations();
    let plain = run(&of, of.trait_values.clone(), &of.covariates, 10);
    for (a, b, c) in [(1.0, 0.0, 0.0), (-3.0, 2.0, 100.0), (1e3, -1e2, 1e4)] {
        let [population, age] = [&of.covariates[0].values, &of.covariates[1].values];
        let shifted = of.trait_values.iter().zip(population).zip(age);
        let shifted = shifted.map(|((y, p), age)| y + a * p + b * age + c).collect();
        let shifted = run(&of, shifted, &of.covariates, 10);
        // The trait itself loses digits to what is added: 1e4 of 10 leaves 1e-13 of the trait.
        let (ours, plain_sigma) = (&shifted.full.traits[0].sigma, &plain.full.traits[0].sigma);
        assert!(relative(ours, plain_sigma) < 1e-10, "{ours:?} for {plain_sigma:?}");
        for (ours, plain) in shifted.replicates.iter().zip(&plain.replicates) {
            assert!(relative(&ours.traits[0].sigma, &plain.traits[0].sigma) < 1e-10);
        }
    }
    // The test could fail: without the covariates the same addition changes the answer.
    let raw: Vec<f64> =
        of.trait_values.iter().zip(&of.covariates[0].values).map(|(y, p)| y + 9.0 * p).collect();
    let (without, with) = (run(&of, raw, &[], 10), run(&of, of.trait_values.clone(), &[], 10));
    assert!(relative(&without.full.traits[0].sigma, &with.full.traits[0].sigma) > 0.1);
}

/// The trap: a running sum that is projected again with every block counts earlier blocks many times,
/// so the total depends on the number of blocks.
#[test]
fn the_total_is_the_same_from_one_block_and_from_many() {
    let of = populations();
    // A jackknife of one block has nothing left, so one block is folded without it.
    let one = whole(&of, 1);
    for blocks in [2, 10, 100] {
        let many = run(&of, of.trait_values.clone(), &of.covariates, blocks).full;
        assert!(relative(&many.matrix, &one.matrix) < 1e-12);
        assert!(relative(&many.traits[0].sigma, &one.traits[0].sigma) < 1e-10);
    }
}

#[test]
fn covariates_that_add_nothing_are_named_and_change_nothing() {
    let of = populations();
    let plain = run(&of, of.trait_values.clone(), &of.covariates, 10);
    let days = of.covariates[1].values.iter().map(|age| 365.25 * age + 7.0).collect();
    let others = of.covariates[0].values.iter().map(|p| 1.0 - p).collect();
    let extra = [
        Covariate { name: "one".into(), values: vec![1.0; INDIVIDUALS] },
        Covariate { name: "zero".into(), values: vec![0.0; INDIVIDUALS] },
        Covariate { name: "days".into(), values: days },
        Covariate { name: "not population".into(), values: others },
    ];
    let all = [&of.covariates[..], &extra].concat();
    let study = Study {
        listed: INDIVIDUALS,
        individuals: (0..u32::try_from(INDIVIDUALS).unwrap()).collect(),
        traits: vec![Trait { name: "y".into(), values: of.trait_values.clone() }],
        variants: Subset::all(VARIANTS),
        bins: Bins::one("all"),
        cut: Cut::new(VARIANTS, INDIVIDUALS, 10).unwrap(),
    };
    let model = rhe_cov(&study, &all, Options::default()).unwrap();
    let projection = model.projection();
    assert_eq!((projection.rank(), projection.used().len(), projection.dropped().len()), (3, 2, 4));
    assert!(["one", "zero"].iter().all(|&name| projection.dropped().contains(&name.to_owned())));
    let adjusted = run(&of, of.trait_values.clone(), &all, 10);
    assert!(relative(&adjusted.full.traits[0].sigma, &plain.full.traits[0].sigma) < 1e-10);
}

#[test]
fn covariates_that_explain_the_trait_or_are_of_others_are_refused() {
    let of = populations();
    let study = Study {
        listed: INDIVIDUALS,
        individuals: (0..u32::try_from(INDIVIDUALS).unwrap()).collect(),
        traits: vec![Trait { name: "copy".into(), values: of.covariates[1].values.clone() }],
        variants: Subset::all(VARIANTS),
        bins: Bins::one("all"),
        cut: Cut::new(VARIANTS, INDIVIDUALS, 10).unwrap(),
    };
    let refused =
        |covariates: &[Covariate]| rhe_cov(&study, covariates, Options::default()).unwrap_err();
    let error = refused(&of.covariates);
    assert!(matches!(&error, HasemanError::NoVariance { name, .. } if name == "copy"), "{error}");
    let short = Covariate { name: "short".into(), values: vec![1.0; 7] };
    assert_eq!(
        refused(&[short]).to_string(),
        "covariate \"short\" has 7 values and 300 individuals stay"
    );
    let mut values = of.covariates[1].values.clone();
    values[5] = f64::INFINITY;
    let error = refused(&[Covariate { name: "far".into(), values }]).to_string();
    assert_eq!(
        error,
        "covariate \"far\" has the value inf; a finite number is expected for every individual"
    );
}
