//! RHE with random probes against exact numbers of the same data, over 100 seeds.
//!
//! The data are not part of the project; without them these tests pass over, and say so.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::path::Path;

use twoblade::haseman::{Found, GroupReport, Number};
use twoblade::plink::{Annotation, BedSource, Group, MissingCovariate, Plink, StudyBuilder};
use twoblade::rhe::{Options, Probes};
use twoblade::runner::Runner;
use twoblade_tests::reference;

const SEEDS: u64 = 100;
const PROBES: usize = 50;

/// A number of every seed, with what it should be.
struct Compared {
    name: String,
    exact: f64,
    exact_se: f64,
    found: Vec<Number>,
}

/// What a comparison is of.
#[derive(Clone, Copy)]
struct Of {
    result: &'static str,
    annotation: Option<&'static str>,
    adjusted: bool,
}

fn run(folder: &Path, of: Of, seed: u64) -> GroupReport {
    let plink = Plink::open(folder.join("test")).unwrap();
    let phenotypes = plink.phenotypes(folder.join("test.pheno")).unwrap();
    let annotation = of.annotation.map_or_else(
        || Annotation::everything("all"),
        |name| plink.annotation(folder.join(name)).unwrap(),
    );
    let covariates = of.adjusted.then(|| plink.covariates(folder.join("test.cov")).unwrap());
    let mut builder = StudyBuilder::new(&plink, &phenotypes, &annotation);
    if let Some(covariates) = &covariates {
        builder = builder.covariates(covariates, MissingCovariate::Drop);
    }
    let Group { study, covariates, .. } = builder.assemble(100).unwrap().groups.remove(0);
    let options = Options {
        probes: Probes::Rademacher(PROBES),
        seed,
        intercept: false,
        ..Options::default()
    };
    let model = if of.adjusted {
        twoblade::rhe_cov::rhe_cov(&study, &covariates, options).unwrap()
    } else {
        twoblade::rhe::rhe(&study, options).unwrap()
    };
    let source = BedSource::new(&plink, &study).unwrap();
    let done = Runner::new().threads(2).jackknife(&model, &source).unwrap();
    let probes = model.over_probes(&done.total).unwrap();
    let found = Found {
        model: &model,
        total: &done.total,
        blocks: &done.jackknife,
        probes: &probes,
        prevalences: &[],
    };
    found.report(study.cut.variants())
}

/// Every number that has an exact counterpart, in one order.
fn numbers(report: &GroupReport) -> Vec<(String, Number)> {
    let of = &report.traits[0];
    let mut numbers = Vec::new();
    for component in &of.components {
        numbers.push((format!("variance {}", component.name), component.variance));
        numbers.push((format!("h2 {}", component.name), component.h2));
        numbers.push((format!("enrichment {}", component.name), component.enrichment.unwrap()));
    }
    numbers.push(("residual".to_owned(), of.residual));
    numbers.push(("h2".to_owned(), of.h2));
    numbers
}

/// The same of the exact results.
fn exact(result: &serde_json::Value, components: usize) -> Vec<(f64, f64)> {
    let at = |field: &str, k: usize| {
        let get = |field: &str| match &result[field] {
            serde_json::Value::Array(values) => values[k].as_f64(),
            value => value.as_f64(),
        };
        (get(field).unwrap(), get(&format!("{field}_se")).unwrap())
    };
    let mut numbers = Vec::new();
    for k in 0..components {
        numbers.extend([at("sigma2", k), at("h2", k), at("enrichment", k)]);
    }
    numbers.extend([at("sigma2", components), at("h2_total", 0)]);
    numbers
}

fn compare(of: Of) -> Option<Vec<Compared>> {
    let folder = reference::folder("rhe")?;
    let text = std::fs::read_to_string(folder.join("exact.json")).unwrap();
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let first = run(&folder, of, 0);
    let exact = exact(&all["results"][of.result], first.traits[0].components.len());
    let mut compared: Vec<Compared> = numbers(&first)
        .into_iter()
        .zip(exact)
        .map(|((name, found), (exact, exact_se))| Compared {
            name,
            exact,
            exact_se,
            found: vec![found],
        })
        .collect();
    for seed in 1..SEEDS {
        let found = numbers(&run(&folder, of, seed));
        assert_eq!(found.len(), compared.len());
        compared
            .iter_mut()
            .zip(found)
            .for_each(|(compared, (_, number))| compared.found.push(number));
    }
    Some(compared)
}

/// Rules of the randomized estimates: their errors are those that they report.
fn check(compared: &[Compared]) {
    let (mut all, mut beyond_four) = (0, 0);
    for Compared { name, exact, exact_se, found } in compared {
        let count = found.len() as f64;
        assert_eq!(found.len() as u64, SEEDS);
        for number in found {
            let off = ((number.value - exact) / number.mc_se).abs();
            all += 1;
            beyond_four += u32::from(off > 4.0);
            assert!(off <= 6.0, "{name}: {number:?} for {exact}");
        }
        let mean = found.iter().map(|number| number.value).sum::<f64>() / count;
        let reported =
            (found.iter().map(|number| number.mc_se.powi(2)).sum::<f64>() / count).sqrt();
        let bias = (mean - exact).abs() / reported;
        assert!(bias <= 4.0 / count.sqrt(), "{name}: the mean over seeds is {mean} for {exact}");
        let squares: f64 = found.iter().map(|number| (number.value - mean).powi(2)).sum();
        let spread = (squares / (count - 1.0)).sqrt();
        let ratio = spread / reported;
        assert!(
            (0.75..=1.25).contains(&ratio),
            "{name}: a spread of {spread} where {reported} is reported"
        );
        // The standard error varies with the probes too, by a few of a hundred.
        let se = found.iter().map(|number| number.se).sum::<f64>() / count;
        assert!(
            (se / exact_se - 1.0).abs() < 0.02,
            "{name}: a mean standard error of {se} for {exact_se}"
        );
    }
    assert!(all >= 300, "{all} comparisons");
    assert!(beyond_four * 500 <= all, "{beyond_four} of {all} beyond 4 Monte-Carlo errors");
}

#[test]
fn one_bin_agrees_with_the_exact_numbers_within_its_own_monte_carlo_error() {
    let of = Of { result: "rhe/bins1/none", annotation: None, adjusted: false };
    let Some(compared) = compare(of) else { return };
    // The enrichment of the only bin is 1 for every probe, so it stands apart.
    let (constant, random): (Vec<_>, Vec<_>) =
        compared.into_iter().partition(|compared| compared.name.starts_with("enrichment"));
    assert_eq!(constant.len(), 1);
    for number in &constant[0].found {
        assert!((number.value - constant[0].exact).abs() <= 1e-12, "{number:?}");
        assert!(number.se <= 1e-12 && number.mc_se <= 1e-12, "{number:?}");
    }
    check(&random);
}

#[test]
fn eight_bins_agree_with_the_exact_numbers_within_their_own_monte_carlo_error() {
    let of = Of { result: "rhe/bins8/none", annotation: Some("multi.annot"), adjusted: false };
    let Some(compared) = compare(of) else { return };
    assert_eq!(compared.len(), 8 * 3 + 2);
    check(&compared);
}

#[test]
fn one_bin_adjusted_for_covariates_agrees_too() {
    let of = Of { result: "rhe/bins1/cov", annotation: None, adjusted: true };
    let Some(mut compared) = compare(of) else { return };
    compared.retain(|compared| !compared.name.starts_with("enrichment"));
    check(&compared);
}

#[test]
fn eight_bins_adjusted_for_covariates_agree_too() {
    let of = Of { result: "rhe/bins8/cov", annotation: Some("multi.annot"), adjusted: true };
    let Some(compared) = compare(of) else { return };
    check(&compared);
}
