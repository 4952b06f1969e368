//! CSV as people have it.

use std::io::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, RecordBatch};
use flate2::Compression;
use flate2::write::GzEncoder;
use twoblade_table::Kind;

use crate::disk::Disk;
use crate::input::dialect::Dialect;
use crate::input::options::{Header, ReadOptions, Wanted};
use crate::input::share::Share;
use crate::input::table::Table;
use crate::input::tests::{all, limits, written};

fn opened(contents: &[&[u8]], options: &ReadOptions) -> (tempfile::TempDir, Table) {
    let (folder, paths) = written(contents);
    let table = Table::open(&paths, options).unwrap();
    (folder, table)
}

/// Names and kinds: `a integer, b float`.
fn columns(table: &Table) -> String {
    let columns = table.schema().columns().iter();
    let columns: Vec<String> =
        columns.map(|column| format!("{} {}", column.name, column.kind)).collect();
    columns.join(", ")
}

/// The only run of rows.
fn whole(table: &Table) -> RecordBatch {
    let mut all = all(table, 1 << 20, 1).unwrap();
    assert_eq!(all.batches.len(), 1);
    all.batches.remove(0)
}

#[test]
fn a_header_is_known_by_what_is_below_it() {
    for (content, expected) in [
        ("a,b\n1,x\n", "a integer, b category"),
        ("1,x\n2,y\n", "column1 integer, column2 category"),
        ("a,b\nx,y\n", "a category, b category"),
        // Two columns have no one name; and no word is missing.
        ("a,a\nx,y\n", "column1 category, column2 category"),
        ("a,NA\nx,y\n", "column1 category, column2 category"),
        // But where numbers follow it is one all the same.
        (",b\n0,x\n1,y\n", "column1 integer, b category"),
        ("\" a \", b \n1,2\n", " a  integer, b integer"),
        ("a,2001,2002\nx,1,2\n", "column1 category, column2 integer, column3 integer"),
        ("a,2001,z\nx,1,2\n", "a category, 2001 integer, z integer"),
        ("a\n", "a category"),
        ("5\n", "column1 integer"),
    ] {
        let (_folder, table) = opened(&[content.as_bytes()], &ReadOptions::default());
        assert_eq!(columns(&table), expected, "{content}");
    }
    let asked = |header| ReadOptions { header, ..ReadOptions::default() };
    let (_folder, table) = opened(&[b"1,x\n2,y\n"], &asked(Header::Yes));
    assert_eq!(columns(&table), "1 integer, x category");
    let (_folder, table) = opened(&[b"a,b\n1,x\n"], &asked(Header::No));
    assert_eq!(columns(&table), "column1 category, column2 category");
}

#[test]
fn the_delimiter_is_the_one_that_fits_most_records() {
    for delimiter in [',', '\t', ';', '|', ' '] {
        let content = "a,b,c\n1,x,1.5\n2,\"y,;\t| z\",2.5\n".replace("\"y,;\t| z\"", "\u{0}");
        let content = content.replace(',', &delimiter.to_string());
        let content = content.replace('\u{0}', "\"y,;\t| z\"");
        let (_folder, table) = opened(&[content.as_bytes()], &ReadOptions::default());
        assert_eq!(columns(&table), "a integer, b category, c float");
        assert_eq!(table.dialect().unwrap().delimiter, delimiter as u8);
        assert_eq!(whole(&table).column(1).as_string::<i32>().value(1), "y,;\t| z");
    }
    // Commas within numbers do not count, since the header has none.
    let (_folder, table) = opened(&[b"a;b\n1,5;2\n2,5;3\n"], &ReadOptions::default());
    assert_eq!(columns(&table), "a category, b integer");
    let asked = ReadOptions { delimiter: Some('|'), ..ReadOptions::default() };
    let (_folder, table) = opened(&[b"a,b|c\n1,2|3\n"], &asked);
    assert_eq!(columns(&table), "a,b category, c integer");
}

#[test]
fn ends_of_lines_marks_and_packing_make_no_difference() {
    let plain = b"a,b\n1,x\n2,\"y\nz\"\n".to_vec();
    let crlf = b"a,b\r\n1,x\r\n2,\"y\nz\"\r\n".to_vec();
    let returns = b"a,b\r1,x\r2,\"y\nz\"".to_vec();
    let blank = b"\n\na,b\n\n1,x\n\r\n\n2,\"y\nz\"\n\n".to_vec();
    let marked = [b"\xEF\xBB\xBF".to_vec(), plain.clone()].concat();
    let gzip = |bytes: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    let (_folder, table) = opened(&[&plain], &ReadOptions::default());
    let expected = whole(&table);
    assert_eq!(expected.num_rows(), 2);
    for content in [
        gzip(&plain),
        [gzip(&plain[..6]), gzip(&plain[6..])].concat(),
        zstd(&plain),
        [zstd(&plain[..6]), zstd(&plain[6..])].concat(),
        gzip(&marked),
        crlf.clone(),
        returns,
        blank,
        marked,
    ] {
        let (_folder, table) = opened(&[&content], &ReadOptions::default());
        assert_eq!(whole(&table), expected);
        let dialect = Dialect { crlf: content == crlf, ..Dialect::default() };
        assert_eq!(table.dialect(), Some(dialect));
    }
}

#[test]
fn what_is_missing_is_said_without_quotes() {
    let content =
        b"n,c\n1,x\n,\nNA,NA\n\"NA\",\"NA\"\nnan,nan\n\"\",\"\"\nnull,NULL\n.,None\n N/A ,N/A\n";
    let (_folder, table) = opened(&[content], &ReadOptions::default());
    assert_eq!(columns(&table), "n integer, c category");
    let rows = whole(&table);
    assert_eq!(rows.column(0).null_count(), 8);
    let found: Vec<Option<&str>> = rows.column(1).as_string::<i32>().iter().collect();
    let missing = None;
    assert_eq!(
        found,
        [Some("x"), missing, missing, Some("NA"), missing, Some(""), missing, missing, missing]
    );
    let options = ReadOptions { missing: vec!["-9".into()], ..ReadOptions::default() };
    let (_folder, table) = opened(&[b"n,c\n1,x\n-9,NA\n-91,-9\n,\n"], &options);
    assert_eq!(columns(&table), "n integer, c category");
    let rows = whole(&table);
    let numbers: Vec<Option<i64>> = rows.column(0).as_primitive::<Int64Type>().iter().collect();
    assert_eq!(numbers, [Some(1), None, Some(-91), None]);
    let words: Vec<Option<&str>> = rows.column(1).as_string::<i32>().iter().collect();
    assert_eq!(words, [Some("x"), Some("NA"), None, None]);
}

#[test]
fn values_are_what_they_say() {
    let content = b"i,f,b,d,t\n-1,0.1,TRUE,2024-02-29,2013-01-01T10:00:00Z\n\
        9223372036854775807, 1e-3 ,false,1969-12-31,1969-12-31 23:59:59.5\n,,,,\n";
    let (_folder, table) = opened(&[content], &ReadOptions::default());
    assert_eq!(columns(&table), "i integer, f float, b boolean, d date, t time");
    let rows = whole(&table);
    let integers: Vec<_> = rows.column(0).as_primitive::<Int64Type>().iter().collect();
    assert_eq!(integers, [Some(-1), Some(i64::MAX), None]);
    let floats: Vec<_> = rows.column(1).as_primitive::<Float64Type>().iter().collect();
    assert_eq!(floats, [Some(0.1), Some(1e-3), None]);
    assert_eq!(
        *rows.column(2).as_boolean(),
        BooleanArray::from(vec![Some(true), Some(false), None])
    );
    let dates: Vec<_> = rows.column(3).as_primitive::<Date32Type>().iter().collect();
    assert_eq!(dates, [Some(19_782), Some(-1), None]);
    let times: Vec<_> = rows.column(4).as_primitive::<TimestampMicrosecondType>().iter().collect();
    assert_eq!(times, [Some(1_357_034_400_000_000), Some(-500_000), None]);
}

#[test]
fn every_file_has_its_say_in_kinds() {
    let plain = ReadOptions::default();
    let (_folder, table) = opened(&[b"a,b,c\n1,2,NA\n", b"a,b,c\n1.5,x,\n"], &plain);
    assert_eq!(columns(&table), "a float, b category, c category");
    assert_eq!(all(&table, 4, 3).unwrap().records, [b"1,2,NA".to_vec(), b"1.5,x,".to_vec()]);
    // What is said holds, zeros in front or not.
    let said = ReadOptions { types: vec![("a".into(), Kind::Integer)], ..ReadOptions::default() };
    let (_folder, table) = opened(&[b"a\n007\n"], &said);
    assert_eq!(whole(&table).column(0).as_primitive::<Int64Type>().value(0), 7);
}

#[test]
fn a_long_record_has_room_of_its_own() {
    let long = "x".repeat(500_000);
    let content = format!("a,b\n1,y\n2,{long}\n3,\"{long}\"\n4,z\n").repeat(3);
    let content = content.replace("z\na,b\n", "z\n");
    let (_folder, table) = opened(&[content.as_bytes()], &ReadOptions::default());
    let expected = all(&table, 1 << 20, 1).unwrap();
    assert_eq!(expected.records.len(), 12);
    for (piece, threads) in [(64, 1), (64, 3), (1 << 16, 4)] {
        let found = all(&table, piece, threads).unwrap();
        assert_eq!(found.records, expected.records);
    }
}

#[test]
fn only_what_is_wanted_is_parsed() {
    let (_folder, table) = opened(&[b"a,b,c\n1,x,2\n3,y,4\n"], &ReadOptions::default());
    let wanted = Wanted { columns: vec![2, 0], text: false };
    for threads in [1, 2] {
        let mut scan = table.scan(&wanted, &limits(threads), &Disk::new()).unwrap();
        let scanned = scan.next().unwrap().unwrap();
        assert!(scanned.text.is_none());
        let names = scanned.rows.batch().schema();
        let names: Vec<&String> = names.fields().iter().map(|field| field.name()).collect();
        assert_eq!(names, ["c", "a"]);
        assert_eq!(scanned.rows.batch().column(0).as_primitive::<Int64Type>().values(), &[2, 4]);
        assert!(scan.next().is_none());
    }
    let none = Wanted { columns: vec![], text: false };
    let counted: usize = table
        .scan(&none, &limits(1), &Disk::new())
        .unwrap()
        .map(|scanned| scanned.unwrap().rows.count())
        .sum();
    assert_eq!(counted, 2);
}

/// Threads end when a scan is dropped in the middle: this would not.
#[test]
fn a_scan_can_be_left() {
    let content = format!("a,b\n{}", "1,2\n".repeat(100_000));
    let (_folder, table) = opened(&[content.as_bytes()], &ReadOptions::default());
    let wanted = Wanted { columns: vec![0], text: true };
    for taken in 0..3 {
        let scan = table.scan_in(64, Share::ALL, &wanted, &limits(4), &Disk::new()).unwrap();
        let rows: usize = scan.take(taken).map(|scanned| scanned.unwrap().rows.count()).sum();
        assert_eq!(rows, 16 * taken);
    }
}
