//! Dominance and gene-environment models with random probes against exact numbers of the same data, over
//! many seeds: 100 with one bin and 32 with eight, or as many as `TWOBLADE_SEEDS` says.
//!
//! The data are not part of the project; without them these tests pass over, and say so. Values and
//! Monte-Carlo errors take one pass a seed; standard errors, which take every replicate, are those of
//! the first seeds.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::path::Path;

use twoblade::core::{Jackknife, Measure};
use twoblade::genie::{Effects, genie};
use twoblade::haseman::{Estimate, Features, HasemanElston, Options, Probes};
use twoblade::plink::{Annotation, BedSource, Group, MissingCovariate, Plink, StudyBuilder};
use twoblade::rhe_dom::rhe_dom;
use twoblade::runner::Runner;
use twoblade_tests::reference;

const SEEDS: (u64, u64) = (100, 32);
/// Seeds with every replicate.
const JACKKNIVES: u64 = 3;
const PROBES: usize = 50;

/// What a comparison is of.
#[derive(Clone, Copy)]
struct Of {
    model: Model,
    bins: usize,
    adjusted: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Model {
    Dominance,
    Environments(Effects),
}

/// A number that has an exact counterpart: what it is of an estimate, and where it is in exact.json.
struct Quantity {
    name: String,
    of: Box<dyn Fn(&Estimate) -> f64>,
    field: &'static str,
    place: Option<usize>,
}

/// What was found of a quantity.
#[derive(Default)]
struct Compared {
    /// Value and Monte-Carlo error of every seed.
    found: Vec<Measure>,
    /// Standard errors of the first seeds.
    errors: Vec<f64>,
}

impl Of {
    fn seeds(self) -> u64 {
        let usual = if self.bins == 1 { SEEDS.0 } else { SEEDS.1 };
        let given = std::env::var("TWOBLADE_SEEDS").ok();
        given.map_or(usual, |seeds| seeds.parse().unwrap())
    }

    fn result(self) -> String {
        let model = match self.model {
            Model::Dominance => "rhe_dom",
            Model::Environments(Effects::G) => "genie/G",
            Model::Environments(Effects::GxE) => "genie/G+GxE",
            Model::Environments(Effects::GxEAndNxE) => "genie/G+GxE+NxE",
        };
        format!("{model}/bins{}/{}", self.bins, if self.adjusted { "cov" } else { "none" })
    }

    /// Components, those of columns without an environment, and quantities to compare.
    fn quantities(self) -> Vec<Quantity> {
        let sets = if self.model == Model::Dominance { 2 * self.bins } else { self.bins };
        let components = match self.model {
            Model::Dominance | Model::Environments(Effects::G) => sets,
            Model::Environments(Effects::GxE) => 2 * sets,
            Model::Environments(Effects::GxEAndNxE) => 2 * sets + 1,
        };
        let mut all = Vec::new();
        let mut add = |name: String, field, place, of: Box<dyn Fn(&Estimate) -> f64>| {
            all.push(Quantity { name, of, field, place });
        };
        for k in 0..=components {
            add(format!("sigma {k}"), "sigma2", Some(k), Box::new(move |e| e.variance(0, k)));
        }
        for k in 0..components {
            add(format!("h2 {k}"), "h2", Some(k), Box::new(move |e| e.h2(0, k)));
        }
        // The enrichment of the only set is 1 for every probe.
        for k in (0..sets).filter(|_| sets > 1) {
            let of = Box::new(move |e: &Estimate| e.enrichment(0, k));
            add(format!("enrichment {k}"), "enrichment", Some(k), of);
        }
        add("h2".into(), "h2_total", None, Box::new(|e| e.h2_total(0)));
        if self.model != Model::Dominance {
            let of = Box::new(move |e: &Estimate| e.h2_of(0, 0..sets));
            add("h2 of G".into(), "h2_g_total", None, of);
        }
        if components > sets && self.model != Model::Dominance {
            let of = Box::new(move |e: &Estimate| e.h2_of(0, sets..2 * sets));
            add("h2 of GxE".into(), "h2_gxe_total", None, of);
        }
        all
    }
}

/// The estimate over probes and, if it is asked for, over blocks.
fn run<F: Features>(
    model: &HasemanElston<F>,
    source: &BedSource,
    blocks: bool,
) -> (Jackknife<Estimate>, Option<Jackknife<Estimate>>) {
    let runner = Runner::new().threads(2);
    if blocks {
        let done = runner.jackknife(model, source).unwrap();
        (model.over_probes(&done.total).unwrap(), Some(done.jackknife))
    } else {
        let done = runner.run(model, source).unwrap();
        (model.over_probes(&done.total).unwrap(), None)
    }
}

fn compare(folder: &Path, of: Of) -> Vec<(Quantity, Compared)> {
    let plink = Plink::open(folder.join("test")).unwrap();
    let phenotypes = match of.model {
        Model::Dominance => "test.dom.pheno",
        Model::Environments(_) => "test.gxe.pheno",
    };
    let phenotypes = plink.phenotypes(folder.join(phenotypes)).unwrap();
    let annotation = match of.bins {
        1 => Annotation::everything("all"),
        _ => plink.annotation(folder.join("multi.annot")).unwrap(),
    };
    let covariates = of.adjusted.then(|| plink.covariates(folder.join("test.cov")).unwrap());
    let environments = plink.covariates(folder.join("test.env")).unwrap();
    let mut builder = StudyBuilder::new(&plink, &phenotypes, &annotation);
    if let Some(covariates) = &covariates {
        builder = builder.covariates(covariates, MissingCovariate::Drop);
    }
    builder = builder.covariates(&environments, MissingCovariate::Drop);
    let Group { study, covariates, .. } = builder.assemble(100).unwrap().groups.remove(0);
    let (covariates, environments) = covariates.split_at(covariates.len() - 1);
    let source = BedSource::new(&plink, &study).unwrap();
    let mut all: Vec<_> =
        of.quantities().into_iter().map(|quantity| (quantity, Compared::default())).collect();
    for seed in 0..of.seeds() {
        let probes = Probes::Rademacher(PROBES);
        let options = Options { probes, seed, intercept: false, ..Options::default() };
        let blocks = seed < JACKKNIVES;
        let (over_probes, over_blocks) = match of.model {
            Model::Dominance => {
                run(&rhe_dom(&study, covariates, options).unwrap(), &source, blocks)
            }
            Model::Environments(effects) => {
                let model = genie(&study, covariates, environments, effects, options);
                run(&model.unwrap(), &source, blocks)
            }
        };
        for (quantity, compared) in &mut all {
            compared.found.push(over_probes.measure(&quantity.of));
            compared.errors.extend(over_blocks.as_ref().map(|of| of.measure(&quantity.of).se));
        }
    }
    all
}

/// Rules of the randomized estimates: their errors are those that they report.
fn check(of: Of) {
    let Some(folder) = reference::folder("rhe") else { return };
    let text = std::fs::read_to_string(folder.join("exact.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&text).unwrap();
    let result = &results["results"][of.result()];
    let (mut all, mut beyond_four) = (0u32, 0u32);
    for (Quantity { name, field, place, .. }, Compared { found, errors }) in compare(&folder, of) {
        let at = |field: &str| match place {
            Some(place) => result[field][place].as_f64().unwrap(),
            None => result[field].as_f64().unwrap(),
        };
        let (exact, exact_se) = (at(field), at(&format!("{field}_se")));
        let name = format!("{}, {name}", of.result());
        let count = found.len() as f64;
        assert_eq!((found.len() as u64, errors.len() as u64), (of.seeds(), JACKKNIVES));
        for number in &found {
            let off = ((number.value - exact) / number.se).abs();
            all += 1;
            beyond_four += u32::from(off > 4.0);
            assert!(off <= 6.0, "{name}: {number:?} for {exact}");
        }
        let mean = found.iter().map(|number| number.value).sum::<f64>() / count;
        let reported = (found.iter().map(|number| number.se.powi(2)).sum::<f64>() / count).sqrt();
        let bias = (mean - exact).abs() / reported;
        assert!(bias <= 4.0 / count.sqrt(), "{name}: the mean over seeds is {mean} for {exact}");
        let squares: f64 = found.iter().map(|number| (number.value - mean).powi(2)).sum();
        let spread = (squares / (count - 1.0)).sqrt();
        let ratio = spread / reported;
        // A spread over n numbers has a standard error of 1 / sqrt(2 (n - 1)) of itself.
        assert!(
            (ratio - 1.0).abs() <= 3.5 / (2.0 * (count - 1.0)).sqrt(),
            "{name}: a spread of {spread} where {reported} is reported"
        );
        // The standard error varies with the probes too, by a few of a hundred; this is the mean of
        // three.
        let se = errors.iter().sum::<f64>() / errors.len() as f64;
        assert!((se / exact_se - 1.0).abs() < 0.05, "{name}: a mean error of {se} for {exact_se}");
    }
    assert!(all >= 150, "{all} comparisons");
    assert!(beyond_four * 500 <= all, "{beyond_four} of {all} beyond 4 Monte-Carlo errors");
}

/// With one bin and with eight, with and without covariates.
fn check_all(model: Model) {
    for bins in [1, 8] {
        for adjusted in [false, true] {
            check(Of { model, bins, adjusted });
        }
    }
}

#[test]
fn dominance_agrees_with_the_exact_numbers_within_its_own_monte_carlo_error() {
    check_all(Model::Dominance);
}

#[test]
fn additive_effects_shared_by_trace_agree_too() {
    check_all(Model::Environments(Effects::G));
}

#[test]
fn interactions_agree_too() {
    check_all(Model::Environments(Effects::GxE));
}

#[test]
fn interactions_and_noise_agree_too() {
    check_all(Model::Environments(Effects::GxEAndNxE));
}
