//! Folders of Parquet as engines of many machines write them are one table.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::python;
use crate::study::{Study, stderr};

#[test]
fn folders_of_engines_are_one_table() {
    let Some(python) = python::with(&["pyarrow"]) else { return };
    let study = Study::empty();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/beside_engines.py");
    let output = Command::new(python).arg(script).arg(study.path("")).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "2400 rows");

    study.works(&["table", "convert", "whole.parquet", "--out", "whole.csv"]);
    let whole = fs::read_to_string(study.path("whole.csv")).unwrap();
    assert_eq!(whole.lines().count(), 2401);
    // What pyarrow was told to write, by hand: row 97, and row 89.
    let row = |number: usize| whole.lines().nth(1 + number).unwrap();
    assert_eq!(row(97), "97,,bb,false,2013-04-08,2013-01-01T11:38:37.000291Z");
    assert_eq!(row(89), "89,36.25,,false,2013-03-31,2013-01-01T11:30:29.000267Z");
    for engine in ["spark", "dask", "datafusion"] {
        study.works(&["table", "convert", engine, "--out", "again.csv"]);
        let again = fs::read_to_string(study.path("again.csv")).unwrap();
        assert!(again == whole, "{engine}");
    }
    // Partitions are refused, whoever wrote them, and one of them is a table.
    fs::create_dir(study.path("partitioned")).unwrap();
    fs::rename(study.path("dask"), study.path("partitioned/year=2013")).unwrap();
    let message = study.fails(1, &["table", "convert", "partitioned", "--out", "no.csv"]);
    assert!(message.contains("year=2013 in it has a column in its name"), "{message}");
    study.works(&["table", "convert", "partitioned/year=2013", "--out", "one.csv"]);
    assert!(fs::read_to_string(study.path("one.csv")).unwrap() == whole);
}
