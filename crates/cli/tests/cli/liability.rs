//! h2 of cases and controls on the scale of liability.

use serde_json::Value;

use crate::study::{Study, notes, refused};

/// Height of the standard normal density where its upper tail is K = 0.1. Python, with
/// `n = statistics.NormalDist()`: `n.pdf(n.inv_cdf(0.1))`.
const HEIGHT_AT_A_TENTH: f64 = 0.175_498_331_932_486_73;
/// The same for K = 0.01: `n.pdf(n.inv_cdf(0.01))`.
const HEIGHT_AT_A_HUNDREDTH: f64 = 0.026_652_142_203_458_08;
/// What the factor may be off: a quantile to 1e-12 is under it.
const FACTOR: f64 = 1e-10;

/// Two diseases, coded 1 and 2 and 0 and 1, and a trait that is none. 18 and 30 of 60 are cases.
fn diseases() -> Study {
    let study = Study::small();
    let (one, two) = (study.values(0), study.values(1));
    let above = |values: &[f64], cases: usize| {
        let mut sorted = values.to_vec();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let least = sorted[cases - 1];
        values.iter().map(|&value| u8::from(value >= least)).collect::<Vec<_>>()
    };
    let (asthma, gout) = (above(&one, 18), above(&two, 30));
    study.write_columns("cases", "asthma gout height", |i| {
        format!("{} {} {}", 1 + asthma[i], gout[i], one[i])
    });
    study
}

/// Equation 23 of Lee et al. (2011), with K in the population and P in the sample.
fn factor(k: f64, height: f64, p: f64) -> f64 {
    (k * (1.0 - k)).powi(2) / (height.powi(2) * p * (1.0 - p))
}

fn traits(study: &Study, arguments: &[&str]) -> (Vec<Value>, Vec<String>) {
    let result = study.result(&[&["--pheno", "cases"], arguments].concat());
    (result["groups"][0]["traits"].as_array().unwrap().clone(), notes(&result))
}

fn check(of: &Value, k: f64, height: f64, p: f64) {
    let (h2, liability) = (&of["h2"], &of["liability"]);
    let off = |found: &Value, expected: f64| {
        let found = found.as_f64().unwrap();
        assert!((found - expected).abs() <= FACTOR * expected.abs(), "{found} for {expected}");
    };
    for part in ["value", "se", "mc_se"] {
        off(&liability["h2"][part], factor(k, height, p) * h2[part].as_f64().unwrap());
    }
    // A factor changes no test.
    off(&liability["h2"]["z"], h2["z"].as_f64().unwrap());
    off(&liability["population_prevalence"], k);
    off(&liability["sample_prevalence"], p);
}

#[test]
fn one_prevalence_is_for_every_trait_of_two_values() {
    let study = diseases();
    let (traits, notes) = traits(&study, &["--population-prevalence", "0.1"]);
    check(&traits[0], 0.1, HEIGHT_AT_A_TENTH, 0.3);
    check(&traits[1], 0.1, HEIGHT_AT_A_TENTH, 0.5);
    assert!(traits[2]["liability"].is_null() && traits[2]["cases"].is_null());
    assert!(!notes.iter().any(|note| note.contains("observed scale")), "{notes:?}");
    let cases: Vec<_> = traits.iter().map(|of| of["cases"].as_f64()).collect();
    assert_eq!(cases, [Some(0.3), Some(0.5), None]);
    // A row of its own, beside that of the observed scale.
    let table = study.read("result.tsv");
    let rows = table.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    let rows: Vec<_> = rows.filter(|row| row[2] == "liability").collect();
    assert_eq!([rows[0][0], rows[1][0]], ["asthma", "gout"]);
    assert_eq!(rows.len(), 2);
    let written: f64 = rows[0][10].parse().unwrap();
    let expected = traits[0]["liability"]["h2"]["value"].as_f64().unwrap();
    assert!((written - expected).abs() <= 1e-14 * expected.abs());
}

#[test]
fn prevalences_may_be_given_by_name() {
    let study = diseases();
    let arguments =
        ["--population-prevalence", "gout=0.01,0.1", "--sample-prevalence", "asthma=0.25"];
    let (traits, _) = traits(&study, &arguments);
    check(&traits[0], 0.1, HEIGHT_AT_A_TENTH, 0.25);
    check(&traits[1], 0.01, HEIGHT_AT_A_HUNDREDTH, 0.5);
}

#[test]
fn a_trait_of_two_values_without_a_prevalence_is_noted() {
    let study = diseases();
    let observed = |arguments: &[&str]| {
        let (_, notes) = traits(&study, arguments);
        notes.into_iter().filter(|note| note.contains("observed scale")).collect::<Vec<_>>()
    };
    let none = observed(&[]);
    assert_eq!(none.len(), 2);
    assert!(none[0].starts_with("asthma has two values, 30.0 % of the individuals"), "{none:?}");
    let one = observed(&["--population-prevalence", "asthma=0.1"]);
    assert_eq!(one.len(), 1);
    assert!(one[0].starts_with("gout has two values, 50.0 % of the individuals"), "{one:?}");
}

#[test]
fn prevalences_of_traits_that_are_none_of_cases() {
    let study = diseases();
    let prevalence = |share| ["--pheno", "cases", "--population-prevalence", share];
    for (share, says) in [
        ("height=0.1", "'height', which is not of cases and controls: it has more than two values"),
        ("athsma=0.1", "'athsma', the traits are asthma, gout, height"),
    ] {
        refused(&study, &prevalence(share), 1, &[says]);
    }
    let says = "no trait is of cases and controls: two values expected";
    refused(&study, &["--population-prevalence", "0.1"], 1, &[says]);
    let sample = ["--sample-prevalence", "height=0.1"];
    refused(&study, &[&prevalence("0.1")[..], &sample].concat(), 1, &["'height'"]);
}

#[test]
fn prevalences_that_are_no_shares() {
    let study = diseases();
    for share in ["0", "1", "1.2", "asthma=0", "asthma=", "rare"] {
        let says = ["--population-prevalence <SHARE>", "is not a number between 0 and 1"];
        refused(&study, &["--population-prevalence", share], 2, &says);
    }
    let says = ["--sample-prevalence <SHARE>", "'2' is not a number between 0 and 1"];
    let both = ["--population-prevalence", "0.1", "--sample-prevalence", "2"];
    refused(&study, &both, 2, &says);
    let says = ["not provided", "--population-prevalence <SHARE>"];
    refused(&study, &["--sample-prevalence", "0.1"], 2, &says);
}
