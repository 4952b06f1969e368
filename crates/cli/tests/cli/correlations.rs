//! Genetic correlations.

use crate::study::{Study, notes, numbers, refused};

/// What a solution in doubles may be off.
const SOLVED: f64 = 1e-9;

/// A trait, the same under another name, with another sign and unit, and another trait.
fn twins() -> Study {
    let study = Study::small();
    let (one, two) = (study.values(0), study.values(1));
    study.write_columns("twins", "a same flip other", |i| {
        format!("{0} {0} {1} {2}", one[i], 3.0 - 20.0 * one[i], two[i])
    });
    study
}

#[test]
fn a_trait_has_correlation_one_with_itself() {
    let study = twins();
    let result = study.result(&["--pheno", "twins", "--rg", "--annot", "study.annot"]);
    let pairs = result["groups"][0]["correlations"].as_array().unwrap();
    let rg = |one: &str, other: &str| {
        let pair = pairs.iter().find(|pair| pair["traits"] == serde_json::json!([one, other]));
        pair.unwrap()["genetic"]["correlation"]["value"].as_f64().unwrap()
    };
    assert_eq!(pairs.len(), 6);
    assert!((rg("a", "same") - 1.0).abs() < 1e-6);
    assert!((rg("a", "flip") + 1.0).abs() < 1e-6);
    assert!((rg("same", "other") - rg("a", "other")).abs() < 1e-6);
    assert!((rg("flip", "other") + rg("a", "other")).abs() < 1e-6);
    assert!(rg("a", "other").abs() < 0.95);
}

#[test]
fn a_correlation_is_the_covariance_over_the_roots_of_the_variances() {
    let study = twins();
    let result = study.result(&["--pheno", "twins", "--rg", "--annot", "study.annot"]);
    let group = &result["groups"][0];
    let traits = group["traits"].as_array().unwrap();
    let value = |number: &serde_json::Value| number["value"].as_f64().unwrap();
    let genetic = |name: &serde_json::Value| -> f64 {
        let of = traits.iter().find(|of| of["name"] == *name).unwrap();
        of["components"].as_array().unwrap().iter().map(|bin| value(&bin["variance"])).sum()
    };
    let pairs = group["correlations"].as_array().unwrap();
    for pair in pairs {
        let bins = pair["components"].as_array().unwrap();
        let covariance: f64 = bins.iter().map(|bin| value(&bin["covariance"])).sum();
        let all = &pair["genetic"];
        assert!((covariance - value(&all["covariance"])).abs() < SOLVED * covariance.abs());
        let roots = (genetic(&pair["traits"][0]) * genetic(&pair["traits"][1])).sqrt();
        assert!((covariance / roots - value(&all["correlation"])).abs() < SOLVED);
    }
    // The covariance of a trait with itself is its variance.
    assert!((value(&pairs[0]["genetic"]["covariance"]) - genetic(&"a".into())).abs() < 1e-6);
}

#[test]
fn the_table_of_correlations_has_the_same_numbers() {
    let study = twins();
    let result = study.result(&["--pheno", "twins", "--rg", "--annot", "study.annot"]);
    let table = study.read("result.rg.tsv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    let column = |name: &str| rows[0].iter().position(|&other| other == name).unwrap();
    let pairs = result["groups"][0]["correlations"].as_array().unwrap();
    // Two bins, the total and the residual of each pair.
    assert_eq!(rows.len(), 1 + 4 * pairs.len());
    for (rows, pair) in rows[1..].chunks(4).zip(pairs) {
        let bins = pair["components"].as_array().unwrap();
        let parts = [&bins[0], &bins[1], &pair["genetic"], &pair["residual"]];
        let kinds = ["bin", "bin", "total", "residual"];
        for ((row, part), kind) in rows.iter().zip(parts).zip(kinds) {
            let expected: Vec<_> = pair["traits"].as_array().unwrap().iter().collect();
            assert_eq!([row[column("trait1")], row[column("trait2")]], expected[..]);
            assert_eq!((row[column("individuals")], row[column("kind")]), ("60", kind));
            assert_eq!(part["name"], row[column("component")]);
            for what in ["covariance", "correlation"] {
                let cells = &row[column(what)..column(what) + 3];
                let number = &part[what];
                if number.is_null() {
                    assert_eq!(cells, ["NA"; 3]);
                    continue;
                }
                let written: Vec<f64> = cells.iter().map(|cell| cell.parse().unwrap()).collect();
                let expected = ["value", "se", "mc_se"].map(|part| number[part].as_f64().unwrap());
                let off = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-14 * b.abs();
                assert!(written.iter().zip(&expected).all(off), "{row:?} {number}");
            }
        }
    }
}

#[test]
fn the_other_numbers_are_those_of_a_run_without_correlations() {
    let study = twins();
    let without = study.result(&["--pheno", "twins"]);
    assert!(!study.files().contains(&"result.rg.tsv".to_owned()));
    let with = study.result(&["--pheno", "twins", "--rg"]);
    assert!(study.files().contains(&"result.rg.tsv".to_owned()));
    let of = |result: &serde_json::Value| numbers(&result["groups"][0]["traits"]);
    assert_eq!(of(&with), of(&without));
}

#[test]
fn traits_of_different_individuals_have_none() {
    let study = Study::small();
    let (one, two) = (study.values(0), study.values(1));
    study.write_columns("own", "a b c", |i| {
        let last = if i == 7 { "NA".to_owned() } else { two[i].to_string() };
        format!("{} {} {last}", one[i], two[i])
    });
    let result = study.result(&["--pheno", "own", "--rg"]);
    let pairs: Vec<_> = result["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["correlations"].as_array().unwrap().len())
        .collect();
    assert_eq!(pairs, [1, 0]);
    let note = "traits of different individuals have no genetic correlation here";
    let noted = |result: &serde_json::Value| notes(result).iter().any(|of| of.starts_with(note));
    assert!(noted(&result));
    study.log_says(&[note]);
    let common = study.result(&["--pheno", "own", "--rg", "--pheno-missing", "common"]);
    assert!(!noted(&common));
    assert_eq!(common["groups"][0]["correlations"].as_array().unwrap().len(), 3);
    assert!(!noted(&study.result(&["--pheno", "own"])));
}

#[test]
fn a_correlation_that_is_not_defined_is_noted() {
    let study = Study::small();
    let one = study.values(0);
    // Noise whose genetic variance is negative for these genotypes.
    let seeds = (1..50).map(|seed| seed * 2 + 1);
    let negative = seeds.into_iter().find(|seed| {
        study.write_columns("own", "a noise", |i| format!("{} {}", one[i], (i * i * seed) % 61));
        let result = study.result(&["--pheno", "own"]);
        result["groups"][0]["traits"][1]["h2"]["value"].as_f64().unwrap() < -0.05
    });
    assert!(negative.is_some());
    let result = study.result(&["--pheno", "own", "--rg"]);
    assert!(result["groups"][0]["correlations"][0]["genetic"]["correlation"].is_null());
    let note = "the genetic correlation of a and noise is not defined";
    assert!(notes(&result).iter().any(|of| of.starts_with(note)), "{:?}", notes(&result));
    let table = study.read("result.rg.tsv");
    assert!(table.lines().nth(2).unwrap().ends_with("\tNA\tNA\tNA\tNA\tNA"), "{table}");
}

#[test]
fn correlations_take_no_value() {
    refused(&Study::small(), &["--rg=trait1"], 2, &["unexpected value 'trait1'", "--rg"]);
}
