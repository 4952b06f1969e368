//! There and back.

use std::slice;

use proptest::prelude::*;

use crate::disk::Disk;
use crate::input::{Dialect, Format, Packing, ReadOptions, Table};
use crate::output::convert::convert;
use crate::output::table::Output;
use crate::output::tests::{Row, batch, limits, read, rows, said, write};
use crate::watch::Unwatched;

fn any_row() -> impl Strategy<Value = Row> {
    let word = prop_oneof![
        "[ab,\"\r\n é]{0,5}",
        prop::sample::select(vec!["", "NA", ".", "null", "007", "1.5", "true", "\u{feff}"])
            .prop_map(String::from),
    ];
    // Numbers alone: what is none is written as NaN, and read as missing.
    let float = any::<u64>().prop_map(f64::from_bits).prop_filter("a number", |x| !x.is_nan());
    (
        any::<Option<i64>>(),
        prop::option::of(float),
        any::<Option<bool>>(),
        prop::option::of(word),
        prop::option::of(-719_528..=2_932_896_i32),
        prop::option::of(-62_167_219_200_000_000..253_402_300_800_000_000_i64),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_rows_are_read_back_to_the_bit(rows in prop::collection::vec(any_row(), 1..30)) {
        let folder = tempfile::tempdir().unwrap();
        let expected = batch(&rows);
        let disk = Disk::new();
        for name in ["t.csv", "t.tsv", "t.csv.gz", "t.csv.zst", "t.parquet"] {
            let path = folder.path().join(name);
            write(&path, slice::from_ref(&expected), &disk).unwrap();
            prop_assert_eq!(&read(&path, &said(), &disk).unwrap(), &expected, "{}", name);
        }
        // By way of the other format, and back.
        let path = |name: &str| folder.path().join(name);
        let open = |name: &str| Table::open(&[path(name)], &said()).unwrap();
        for (from, to) in [("t.csv", "u.parquet"), ("u.parquet", "v.csv")] {
            let counts = convert(&open(from), &path(to), &limits(), &Unwatched, &disk).unwrap();
            prop_assert_eq!(counts, (rows.len() as u64, 0));
        }
        let bytes = |name: &str| std::fs::read(path(name)).unwrap();
        prop_assert_eq!(bytes("t.parquet"), bytes("u.parquet"));
        prop_assert_eq!(bytes("t.csv"), bytes("v.csv"));
    }
}

#[test]
fn the_bytes_are_the_same_whatever_runs_rows_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let whole = batch(&rows(5000));
    for ending in ["csv", "csv.gz", "csv.zst", "parquet"] {
        let path = folder.path().join(format!("t.{ending}"));
        let disk = Disk::new();
        write(&path, slice::from_ref(&whole), &disk).unwrap();
        let expected = std::fs::read(&path).unwrap();
        for run in [1, 7, 1000, 1024, 4999] {
            let pieces: Vec<_> = (0..5000)
                .step_by(run)
                .map(|from| whole.slice(from, run.min(5000 - from)))
                .collect();
            write(&path, &pieces, &disk).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), expected, "{ending} {run}");
        }
    }
}

#[test]
fn the_text_is_as_one_would_write_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let rows = [
        (Some(-7), Some(0.1), Some(true), Some("plain".into()), Some(0), Some(0)),
        (None, Some(1.0), None, Some("a \"b\", c".into()), None, Some(-1)),
        (Some(0), Some(1e300), Some(false), Some(String::new()), Some(-1), Some(1_500_000)),
        (Some(1), Some(-0.0), Some(false), None, Some(19_782), None),
        (Some(2), Some(f64::NEG_INFINITY), None, Some("NA".into()), None, None),
        (Some(3), Some(f64::NAN), None, Some("two\nlines".into()), None, None),
    ];
    write(&path, &[batch(&rows)], &Disk::new()).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "\"a integer, one\",\"a float, one\",\"a boolean, one\",\"a category, one\",\"a date, one\",\
         \"a time, one\"\n\
         -7,0.1,true,plain,1970-01-01,1970-01-01T00:00:00Z\n\
         ,1.0,,\"a \"\"b\"\", c\",,1969-12-31T23:59:59.999999Z\n\
         0,1e300,false,\"\",1969-12-31,1970-01-01T00:00:01.5Z\n\
         1,-0.0,false,,2024-02-29,\n\
         2,-inf,,\"NA\",,\n\
         3,NaN,,\"two\nlines\",,\n"
    );
}

#[test]
fn a_column_alone_loses_no_row() {
    use arrow_array::{RecordBatch, StringArray};
    use twoblade_table::{Column, Kind, Schema};
    let schema = Schema::new(vec![Column { name: "x".into(), kind: Kind::Category }]).unwrap();
    let column = StringArray::from(vec![None, Some(""), Some("NA"), Some("a")]);
    let expected = RecordBatch::try_new(schema.arrow(), vec![std::sync::Arc::new(column)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let disk = Disk::new();
    let format = Format::Csv(Packing::Plain);
    let mut output = Output::create(&path, format, Dialect::default(), &schema, &disk).unwrap();
    output.write(&expected).unwrap();
    output.finish().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "x\nNA\n\"\"\n\"NA\"\na\n");
    assert_eq!(read(&path, &ReadOptions::default(), &disk).unwrap(), expected);
}

#[test]
fn text_that_stays_text_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let content = "a;b\r\n1.50;\"x\"\r\n+2;'y;\"\"z\r\n";
    std::fs::write(path("t.csv"), content.replace("'y;", "y")).unwrap();
    let table = Table::open(&[path("t.csv")], &ReadOptions::default()).unwrap();
    let disk = Disk::new();
    convert(&table, &path("u.csv"), &limits(), &Unwatched, &disk).unwrap();
    assert_eq!(std::fs::read(path("u.csv")).unwrap(), std::fs::read(path("t.csv")).unwrap());
    // Other delimiters are other text.
    convert(&table, &path("u.tsv"), &limits(), &Unwatched, &disk).unwrap();
    assert_eq!(
        std::fs::read_to_string(path("u.tsv")).unwrap(),
        "a\tb\r\n1.5\tx\r\n2.0\t\"y\"\"\"\"z\"\r\n"
    );
}

#[test]
fn a_year_without_four_digits_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [(None, None, None, None, Some(2_932_897), None)];
    let path = folder.path().join("t.csv");
    let error = write(&path, &[batch(&rows)], &Disk::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}: column `a date, one` holds day 2932897 since 1970-01-01, and CSV has years from \
             0000 to 9999; write Parquet",
            path.display()
        )
    );
    assert!(crate::output::tests::names(folder.path()).is_empty());
}
