//! What is written is read back.

mod checksum;
mod damage;
mod faults;
mod round;
mod types;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_select::concat::concat_batches;
use twoblade_table::{Column, Kind, Schema};

use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Dialect, Format, Limits, ReadOptions, Table, Wanted};
use crate::output::table::Output;

pub(crate) const KINDS: [Kind; 6] =
    [Kind::Integer, Kind::Float, Kind::Boolean, Kind::Category, Kind::Date, Kind::Time];

/// A row with a value of each kind, or none.
pub(crate) type Row =
    (Option<i64>, Option<f64>, Option<bool>, Option<String>, Option<i32>, Option<i64>);

/// Columns of each kind.
pub(crate) fn batch(rows: &[Row]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.1).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.2).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|row| row.3.as_deref()).collect::<StringArray>()),
        Arc::new(rows.iter().map(|row| row.4).collect::<Date32Array>()),
        Arc::new(
            rows.iter()
                .map(|row| row.5)
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        ),
    ];
    RecordBatch::try_new(schema().arrow(), columns).unwrap()
}

/// Some rows, in which nothing is like the row before.
pub(crate) fn rows(count: i32) -> Vec<Row> {
    let row = |i: i32| {
        let some = |every: i32| i % every != 0;
        (
            some(5).then_some(i64::from(i) * 1_000_003),
            some(7).then(|| f64::from(i) / 7.0),
            some(11).then_some(i % 3 == 0),
            some(13)
                .then(|| format!("word, {} \"{i}\"", "x".repeat(usize::try_from(i % 20).unwrap()))),
            some(3).then_some(i * 17),
            some(2).then_some(i64::from(i) * 123_456_789),
        )
    };
    (0..count).map(row).collect()
}

pub(crate) fn schema() -> Schema {
    let column = |kind: Kind| Column { name: format!("a {kind}, one"), kind };
    Schema::new(KINDS.map(column).to_vec()).unwrap()
}

/// To read a table back as it was, whatever its first rows look like.
pub(crate) fn said() -> ReadOptions {
    let types =
        schema().columns().iter().map(|column| (column.name.clone(), column.kind)).collect();
    ReadOptions { types, ..ReadOptions::default() }
}

pub(crate) fn write(path: &Path, batches: &[RecordBatch], disk: &Disk) -> Result<(), Error> {
    let format = Format::of(path);
    let mut output = Output::create(path, format, Dialect::default(), &schema(), disk)?;
    for batch in batches {
        output.write(batch)?;
    }
    output.finish()
}

pub(crate) fn read(path: &Path, options: &ReadOptions, disk: &Disk) -> Result<RecordBatch, Error> {
    let table = Table::open_on(&[path.to_path_buf()], options, disk)?;
    let columns = (0..table.schema().columns().len()).collect();
    let wanted = Wanted { columns, text: false };
    let scan = table.scan(&wanted, &limits(), disk)?;
    let batches = scan.map(|scanned| Ok(scanned?.rows.batch().clone()));
    let batches: Vec<RecordBatch> = batches.collect::<Result<_, Error>>()?;
    Ok(concat_batches(&table.schema().arrow(), &batches).unwrap())
}

pub(crate) fn limits() -> Limits {
    Limits { memory: 0, threads: 2, temp: PathBuf::new() }
}

/// Names of what is in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
