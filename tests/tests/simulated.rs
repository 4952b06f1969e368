//! Correlations and liability against known truth: studies are simulated, and traits made of theirs.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

use std::path::Path;

use twoblade::core::Measure;
use twoblade::geno::Trait;
use twoblade::haseman::liability_scale;
use twoblade::plink::{Annotation, BedSource, Plink, Simulation};
use twoblade::rhe::{Options, rhe};
use twoblade::runner::Runner;

const STUDIES: u64 = 40;
const INDIVIDUALS: usize = 1200;
const VARIANTS: usize = 1200;
const H2: f64 = 0.6;
/// The share of cases.
const CASES: f64 = 0.2;

/// What one study finds.
struct Found {
    /// Of a trait and its sum with another that is independent of it.
    shared: Measure,
    /// Of the two independent ones.
    independent: Measure,
    /// h2 of being among the largest fifth, on the scale of liability.
    liability: Measure,
}

fn study(prefix: &Path, seed: u64) -> Found {
    let simulation =
        Simulation { h2: vec![H2], traits: 2, ..Simulation::new(INDIVIDUALS, VARIANTS, seed) };
    simulation.write(prefix).unwrap();
    let plink = Plink::open(prefix).unwrap();
    let phenotypes = plink.phenotypes(prefix.with_extension("pheno")).unwrap();
    let mut study = plink.study(&phenotypes, &Annotation::everything("all"), 100).unwrap();
    let [a, b] = [0, 1].map(|t: usize| study.traits[t].values.clone());
    let mut sorted = a.clone();
    sorted.sort_by(f64::total_cmp);
    let threshold = sorted[INDIVIDUALS - INDIVIDUALS / 5];
    study
        .traits
        .push(Trait { name: "sum".into(), values: a.iter().zip(&b).map(|(a, b)| a + b).collect() });
    study.traits.push(Trait {
        name: "case".into(),
        values: a.iter().map(|&a| f64::from(u8::from(a >= threshold))).collect(),
    });
    let options = Options { seed, correlations: true, ..Options::default() };
    let model = rhe(&study, options).unwrap();
    let cases = model.cases().nth(3).unwrap().unwrap();
    assert!((cases - CASES).abs() < 1e-12);
    let source = BedSource::new(&plink, &study).unwrap();
    let jackknife = Runner::new().jackknife(&model, &source).unwrap().jackknife;
    let scale = liability_scale(CASES, cases);
    Found {
        shared: jackknife.measure(|e| e.genetic_correlation((0, 2))),
        independent: jackknife.measure(|e| e.genetic_correlation((0, 1))),
        liability: jackknife.measure(|e| scale * e.h2_total(3)),
    }
}

/// The mean over studies is the truth to 4 of its own standard errors, the reported standard errors
/// are the spread over studies to a third, and intervals of 1.96 of them cover as they should: 40
/// draws at 95 % are 33 or more but for once in 200 times.
fn check(what: &str, found: impl Iterator<Item = Measure>, truth: f64) {
    let found: Vec<Measure> = found.collect();
    let count = found.len() as f64;
    let mean = found.iter().map(|of| of.value).sum::<f64>() / count;
    let squares = found.iter().map(|of| (of.value - mean).powi(2)).sum::<f64>();
    let spread = (squares / (count - 1.0)).sqrt();
    let off = (mean - truth).abs() / (spread / count.sqrt());
    assert!(off < 4.0, "{what}: a mean of {mean} for {truth}, {off} standard errors off");
    let reported = found.iter().map(|of| of.se).sum::<f64>() / count;
    let ratio = reported / spread;
    assert!((0.67..1.5).contains(&ratio), "{what}: {reported} reported, a spread of {spread}");
    let covers = found.iter().filter(|of| (of.value - truth).abs() <= 1.96 * of.se).count();
    assert!(covers >= 33, "{what}: {covers} of {count} intervals hold {truth}");
}

#[test]
fn correlations_and_liability_are_what_was_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let found: Vec<Found> =
        (0..STUDIES).map(|seed| study(&folder.path().join("study"), 100 + seed)).collect();
    check("rg of what is shared", found.iter().map(|of| of.shared), 0.5f64.sqrt());
    check("rg of what is not", found.iter().map(|of| of.independent), 0.0);
    check("liability", found.iter().map(|of| of.liability), H2);
}
