//! What others write as Parquet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::{Float16Type, Int8Type};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BinaryArray, Date64Array, Decimal128Array, DictionaryArray,
    Float32Array, Int16Array, Int32Array, LargeStringArray, RecordBatch, StringArray,
    StringViewArray, Time32SecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt32Array, UInt64Array,
};
use arrow_array::{Date32Array, Float64Array, Int64Array, TimestampMicrosecondArray};
use parquet::arrow::ArrowWriter;
use twoblade_table::Kind;

use crate::disk::Disk;
use crate::input::{Limits, ReadOptions, Table, Wanted};
use crate::output::tests::read;

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn read_one(column: ArrayRef, options: &ReadOptions) -> Result<RecordBatch, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    write(&path, vec![("x", column)]);
    read(&path, options, &Disk::new())
        .map_err(|error| error.to_string().replace(&path.display().to_string(), "t.parquet"))
}

#[test]
fn types_are_widened() {
    let half = <Float16Type as ArrowPrimitiveType>::Native::from_f64;
    let halves = arrow_array::Float16Array::from(vec![half(0.5), half(-2.0)]);
    let words: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), Some("a"), None, Some("b")]));
    let dictionary: DictionaryArray<Int8Type> =
        vec![Some("b"), Some("a"), None, Some("b")].into_iter().collect();
    let time = |values: Vec<i64>| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
    };
    let pairs: Vec<(ArrayRef, ArrayRef)> = vec![
        (
            Arc::new(Int16Array::from(vec![Some(-3), None])),
            Arc::new(Int64Array::from(vec![Some(-3), None])),
        ),
        (
            Arc::new(UInt32Array::from(vec![u32::MAX])),
            Arc::new(Int64Array::from(vec![4_294_967_295])),
        ),
        (
            Arc::new(UInt64Array::from(vec![i64::MAX as u64])),
            Arc::new(Int64Array::from(vec![i64::MAX])),
        ),
        (
            Arc::new(Float32Array::from(vec![0.1])),
            Arc::new(Float64Array::from(vec![f64::from(0.1_f32)])),
        ),
        (Arc::new(halves), Arc::new(Float64Array::from(vec![0.5, -2.0]))),
        (
            Arc::new(
                Decimal128Array::from(vec![Some(12345), None, Some(-1)])
                    .with_precision_and_scale(30, 3)
                    .unwrap(),
            ),
            Arc::new(Float64Array::from(vec![Some(12.345), None, Some(-0.001)])),
        ),
        (
            Arc::new(LargeStringArray::from(vec![Some("b"), Some("a"), None, Some("b")])),
            words.clone(),
        ),
        (
            Arc::new(StringViewArray::from(vec![Some("b"), Some("a"), None, Some("b")])),
            words.clone(),
        ),
        (Arc::new(dictionary), words.clone()),
        (Arc::new(Date64Array::from(vec![86_400_000 * 3])), Arc::new(Date32Array::from(vec![3]))),
        (Arc::new(TimestampSecondArray::from(vec![-5])), time(vec![-5_000_000])),
        (
            Arc::new(TimestampMillisecondArray::from(vec![7]).with_timezone("Europe/Berlin")),
            time(vec![7000]),
        ),
        (Arc::new(TimestampNanosecondArray::from(vec![-9000])), time(vec![-9])),
    ];
    for (column, expected) in pairs {
        let name = column.data_type().to_string();
        let found = read_one(column, &ReadOptions::default()).unwrap();
        assert_eq!(found.column(0), &expected, "{name}");
    }
    let category = ReadOptions { types: vec![("x".into(), Kind::Category)], ..Default::default() };
    let found = read_one(Arc::new(UInt64Array::from(vec![u64::MAX])), &category).unwrap();
    let expected: ArrayRef = Arc::new(StringArray::from(vec!["18446744073709551615"]));
    assert_eq!(found.column(0), &expected);
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let plain = ReadOptions::default();
    let refused = |column: ArrayRef| read_one(column, &plain).unwrap_err();
    assert_eq!(
        refused(Arc::new(UInt64Array::from(vec![1 << 63]))),
        "t.parquet: column `x` holds 9223372036854775808, beyond the integers of 64 bits with a sign; \
         read the column as a category, with --types"
    );
    assert_eq!(
        refused(Arc::new(TimestampNanosecondArray::from(vec![1001]))),
        "t.parquet: column `x` holds 1001, in nanoseconds, which are no whole microseconds; write the \
         column in microseconds"
    );
    assert_eq!(
        refused(Arc::new(TimestampSecondArray::from(vec![i64::MAX]))),
        "t.parquet: column `x` holds 9223372036854775807, beyond the microseconds of 64 bits; leave \
         it out"
    );
    assert_eq!(
        refused(Arc::new(Date64Array::from(vec![86_400_001]))),
        "t.parquet: column `x` holds 86400001, in milliseconds, which are no whole days; write the \
         column as times"
    );
    let other = |found: &str| {
        format!(
            "t.parquet: column `x` is of type {found}, which is none that is read here: integers, \
             floats, decimals, booleans, text, dates and timestamps are; leave the column out, or \
             write it as one of these"
        )
    };
    assert_eq!(refused(Arc::new(BinaryArray::from(vec![b"x".as_slice()]))), other("Binary"));
    assert_eq!(refused(Arc::new(Time32SecondArray::from(vec![1]))), other("Time32(s)"));
    let float = ReadOptions { types: vec![("x".into(), Kind::Float)], ..Default::default() };
    assert_eq!(
        read_one(Arc::new(Int32Array::from(vec![1])), &float).unwrap_err(),
        "t.parquet: column `x` is of type Int32, and is not read as float; only integers are read as \
         another kind, as categories; leave --types out for it"
    );
}

#[test]
fn files_that_do_not_agree_or_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write(&path("a.parquet"), vec![("x", Arc::new(Int32Array::from(vec![1])))]);
    write(&path("b.parquet"), vec![("x", Arc::new(Float32Array::from(vec![1.0])))]);
    std::fs::write(path("c.csv"), "x\n1\n").unwrap();
    std::fs::write(path("d.parquet"), "x\n1\n").unwrap();
    let message = |names: &[&str]| {
        let paths: Vec<PathBuf> = names.iter().map(|name| path(name)).collect();
        let error = Table::open(&paths, &ReadOptions::default()).unwrap_err();
        error.to_string().replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(
        message(&["a.parquet", "b.parquet"]),
        "a.parquet has other columns than b.parquet: column 1, counted from 1, is `x (integer)` there \
         and `x (float)` here; all files of a table have the same columns in the same order"
    );
    assert_eq!(
        message(&["a.parquet", "c.csv"]),
        "c.csv is CSV and a.parquet is Parquet; convert one of them first"
    );
    assert!(message(&["d.parquet"]).starts_with("cannot read d.parquet as Parquet: "));
}

#[test]
fn columns_come_in_the_order_in_which_they_are_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let column = |value| -> ArrayRef { Arc::new(Int64Array::from(vec![value; 3])) };
    write(&path, vec![("a", column(1)), ("b", column(2)), ("c", column(3))]);
    let table = Table::open(&[path], &ReadOptions::default()).unwrap();
    let limits = Limits { memory: 0, threads: 1, temp: PathBuf::new() };
    for columns in [vec![2, 0], vec![]] {
        let wanted = Wanted { columns: columns.clone(), text: false };
        let mut scan = table.scan(&wanted, &limits, &Disk::new()).unwrap();
        let scanned = scan.next().unwrap().unwrap();
        assert_eq!(scanned.rows.count(), 3);
        assert_eq!(scanned.bytes, table.bytes());
        assert!(scan.next().is_none());
        let expected: Vec<ArrayRef> =
            columns.iter().map(|&at| column(i64::try_from(at).unwrap() + 1)).collect();
        assert_eq!(scanned.rows.batch().columns(), expected);
    }
}
