//! What is refused, in the words that people read.

use twoblade_table::Kind;

use crate::error::Error;
use crate::input::options::{BadRows, Header, ReadOptions};
use crate::input::table::Table;
use crate::input::tests::{all, written};

fn message(contents: &[&[u8]], options: &ReadOptions) -> String {
    let (folder, paths) = written(contents);
    let error = Table::open(&paths, options).and_then(|table| all(&table, 64, 1)).unwrap_err();
    let again = Table::open(&paths, options).and_then(|table| all(&table, 7, 3)).unwrap_err();
    assert_eq!(error.to_string(), again.to_string());
    error.to_string().replace(&format!("{}/", folder.path().display()), "")
}

/// More rows than a sample has, and then others.
fn late(row: &str, other: &str) -> String {
    format!("a,b\n{}{other}\n{row}\n", format!("{row}\n").repeat(10_000))
}

#[test]
fn a_value_that_contradicts_the_sample() {
    let plain = ReadOptions::default();
    for (row, other, expected) in [
        ("1,x", "1.5,x", ("`a` holds `1.5`, and integer", "a=float")),
        ("1,x", "007,x", ("`a` holds `007`, and integer", "a=category")),
        (
            "1,x",
            "9223372036854775808,x",
            ("`a` holds `9223372036854775808`, and integer", "a=float"),
        ),
        ("1.5,x", "y,x", ("`a` holds `y`, and float", "a=category")),
        ("true,x", "1,x", ("`a` holds `1`, and boolean", "a=category")),
        ("2024-01-01,x", "2024-02-30,x", ("`a` holds `2024-02-30`, and date", "a=category")),
        (
            "2024-01-01 00:00:00,x",
            "2024-01-01,x",
            ("`a` holds `2024-01-01`, and time", "a=category"),
        ),
    ] {
        assert_eq!(
            message(&[late(row, other).as_bytes()], &plain),
            format!(
                "0.csv, line 10002: column {} is expected, as in the sample; if the value is right, \
                 say --types {}",
                expected.0, expected.1
            )
        );
    }
    let said = ReadOptions { types: vec![("a".into(), Kind::Integer)], ..ReadOptions::default() };
    assert_eq!(
        message(
            &[b"a,b\r\n1,x\r\n\"a very long word that is cut somewhere in the middle\",y\r\n"],
            &said
        ),
        "0.csv, line 3: column `a` holds `a very long word that is cut somewhere i…`, and integer is \
         expected, as was said; if the value is right, say --types a=category"
    );
}

#[test]
fn rows_of_another_length() {
    let content = b"a,b\n1,2\n\n\"x\ny\",2,3\n4,5\n6\n";
    let types = vec![("a".into(), Kind::Category)];
    let refuse = ReadOptions { types: types.clone(), ..ReadOptions::default() };
    assert_eq!(
        message(&[content], &refuse),
        "0.csv, line 4: 3 fields, 2 expected; mend the line, or skip such rows (and have them counted) \
         with --bad-rows skip"
    );
    let skip = ReadOptions { types, bad_rows: BadRows::Skip, ..ReadOptions::default() };
    let (_folder, paths) = written(&[content]);
    let read = all(&Table::open(&paths, &skip).unwrap(), 64, 1).unwrap();
    assert_eq!(read.records, [b"1,2", b"4,5"]);
    assert_eq!(read.skipped, 2);
    // A row of another length is that, whatever else is wrong with it.
    let content = late("1,x", "z");
    assert!(message(&[content.as_bytes()], &ReadOptions::default()).contains("10002: 1 fields"));
}

#[test]
fn bytes_that_are_no_text() {
    let plain = ReadOptions::default();
    assert_eq!(
        message(&[b"a,b\n1,x\n2,caf\xe9\n3,y\n"], &plain),
        "0.csv, line 3: column `b` is no UTF-8; convert the file first, as with \
         `iconv -f latin1 -t utf-8`"
    );
    assert_eq!(
        message(&[b"a,caf\xe9\n1,x\n"], &plain),
        "0.csv, line 1: the header is no UTF-8; convert the file first, as with \
         `iconv -f latin1 -t utf-8`"
    );
}

#[test]
fn quotes_that_stay_open() {
    assert_eq!(
        message(&[b"a,b\n1,2\n3,\"4\n5,6\n"], &ReadOptions::default()),
        "0.csv, line 3: a quote opens in the record that begins here and is open still at the end of \
         the file; close it, or double it where it is part of a field"
    );
}

/// They would be infinite, and so would be every sum.
#[test]
fn numbers_that_no_double_holds() {
    let digits = "9".repeat(9900);
    for value in ["1e400", "-1e400", digits.as_str()] {
        let content = format!("a,b\n1.5,2\n{value},3\n");
        let (_folder, paths) = written(&[content.as_bytes()]);
        let table = Table::open(&paths, &ReadOptions::default()).unwrap();
        assert_eq!(table.schema().columns()[0].kind, Kind::Category, "{value}");
        // Behind what is looked at first.
        let content = late("1.5,x", &format!("{value},x"));
        let shown: String = value.chars().take(40).collect();
        let shown = if shown == value { shown } else { shown + "…" };
        assert_eq!(
            message(&[content.as_bytes()], &ReadOptions::default()),
            format!(
                "0.csv, line 10002: column `a` holds `{shown}`, and float is expected, as in the sample; \
                 if the value is right, say --types a=category"
            )
        );
        let said = ReadOptions { types: vec![("a".into(), Kind::Float)], ..ReadOptions::default() };
        let content = format!("a\n{value}\n");
        assert!(message(&[content.as_bytes()], &said).contains("float is expected, as was said"));
    }
}

#[test]
fn records_that_are_too_long() {
    let long = |quote: &str| format!("a,b\n1,2\n3,{quote}{}{quote}\n", "x".repeat(1 << 20));
    assert_eq!(
        message(&[long("").as_bytes()], &ReadOptions::default()),
        "0.csv, line 3: the record that begins here has 1048578 bytes, and 0 bytes of memory leave \
         699050 for one; give --memory 7M"
    );
    assert_eq!(
        message(&[long("\"").as_bytes()], &ReadOptions::default()),
        "0.csv, line 3: the record that begins here has 1048580 bytes, and 0 bytes of memory leave \
         699050 for one; give --memory 7M, or close the quote that is open in it"
    );
    assert_eq!(
        message(
            &[format!("a,b\n3,\"{}", "x\n".repeat(1 << 20)).as_bytes()],
            &ReadOptions::default()
        ),
        "0.csv, line 2: a quote opens in the record that begins here and is open still at the end of \
         the file; close it, or double it where it is part of a field"
    );
    assert_eq!(
        message(&["x".repeat(5 << 20).as_bytes()], &ReadOptions::default()),
        "0.csv: the first record has more than 4194304 bytes; check the quotes and the ends of lines"
    );
}

#[test]
fn files_that_do_not_agree() {
    let plain = ReadOptions::default();
    assert_eq!(
        message(&[b"a,b\n1,2\n", b"a,c\n1,2\n"], &plain),
        "0.csv has other columns than 1.csv: column 2, counted from 1, is `b` there and `c` here; all \
         files of a table have the same columns in the same order"
    );
    assert_eq!(
        message(&[b"a,b\n1,2\n", b"a\n1\n"], &plain),
        "0.csv has other columns than 1.csv: column 2, counted from 1, is `b` there and none here; \
         all files of a table have the same columns in the same order"
    );
    assert_eq!(
        message(&[b"a,b\n1,2\n", b"\n\n"], &plain),
        "1.csv is empty: neither a header nor a row is in it; leave it out"
    );
    assert_eq!(
        message(&[b"a,b,a\n1,2,3\n"], &ReadOptions { header: Header::Yes, ..plain.clone() }),
        "two columns are called `a`: columns 1 and 3, counted from 1; rename one"
    );
    let types = vec![("c".into(), Kind::Float)];
    assert_eq!(
        message(&[b"a,b\n1,2\n"], &ReadOptions { types, ..plain.clone() }),
        "there is no column `c`; there are: a, b"
    );
    assert_eq!(
        message(&[b"a,b\n1,2\n"], &ReadOptions { delimiter: Some('é'), ..plain }),
        "'é' cannot separate fields; one character of ASCII is expected that is no quote, no end of \
         line, no letter and no digit"
    );
    let none = Table::open(&[], &ReadOptions::default()).unwrap_err();
    assert!(matches!(none, Error::NothingNamed));
}
