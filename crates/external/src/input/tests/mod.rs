//! Reading as a whole, against the `csv` crate and against what the test wrote.

mod dialects;
mod oracle;
mod refusals;

use std::path::PathBuf;

use arrow_array::{RecordBatch, cast::AsArray};

use crate::disk::Disk;
use crate::error::Error;
use crate::input::options::{Limits, ReadOptions, Wanted};
use crate::input::share::Share;
use crate::input::table::Table;

/// A folder with files of this content, and their paths.
pub(super) fn written(contents: &[&[u8]]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let write = |(index, content): (usize, &&[u8])| {
        let path = folder.path().join(format!("{index}.csv"));
        std::fs::write(&path, content).unwrap();
        path
    };
    let paths = contents.iter().enumerate().map(write).collect();
    (folder, paths)
}

pub(super) fn limits(threads: usize) -> Limits {
    Limits { memory: 0, threads, temp: PathBuf::new() }
}

/// What a scan of all columns brings.
#[derive(Debug, Default, PartialEq)]
pub(super) struct All {
    pub(super) batches: Vec<RecordBatch>,
    pub(super) records: Vec<Vec<u8>>,
    pub(super) skipped: u64,
}

pub(super) fn all(table: &Table, piece: usize, threads: usize) -> Result<All, Error> {
    let columns = (0..table.schema().columns().len()).collect();
    let wanted = Wanted { columns, text: true };
    let mut scan = table.scan_in(piece, Share::ALL, &wanted, &limits(threads), &Disk::new())?;
    let mut all = All::default();
    let mut read = 0;
    for scanned in scan.by_ref() {
        let scanned = scanned?;
        let rows: usize = all.batches.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(scanned.rows.first(), rows as u64);
        assert!(scanned.bytes >= read);
        read = scanned.bytes;
        let text = scanned.text.unwrap();
        assert_eq!(text.count(), scanned.rows.count());
        all.records.extend((0..text.count()).map(|index| text.record(index).to_vec()));
        all.batches.push(scanned.rows.batch().clone());
    }
    assert_eq!(read, table.bytes());
    assert!(scan.next().is_none());
    all.skipped = scan.skipped();
    Ok(all)
}

/// The words of all rows; `None` where missing.
pub(super) fn words(all: &All) -> Vec<Vec<Option<String>>> {
    let row = |batch: &RecordBatch, row: usize| {
        let value = |column: &arrow_array::ArrayRef| {
            let column = column.as_string::<i32>();
            arrow_array::Array::is_valid(column, row).then(|| column.value(row).to_owned())
        };
        batch.columns().iter().map(value).collect()
    };
    all.batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(move |at| row(batch, at)))
        .collect()
}

/// All columns of words, none missing but the empty.
pub(super) fn as_words(columns: usize) -> ReadOptions {
    ReadOptions {
        types: (1..=columns)
            .map(|column| (format!("column{column}"), twoblade_table::Kind::Category))
            .collect(),
        missing: Vec::new(),
        header: crate::input::options::Header::No,
        delimiter: Some(','),
        bad_rows: crate::input::options::BadRows::Skip,
    }
}
