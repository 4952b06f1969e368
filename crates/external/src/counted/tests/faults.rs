//! Every operation fails once.

use std::path::Path;
use std::slice;
use std::sync::atomic::Ordering;

use arrow_array::RecordBatch;
use twoblade_core::BlockSource;

use super::{failing, names, opened, put, visited};
use crate::counted::CountOptions;
use crate::disk::Disk;
use crate::error::Error;
use crate::input::Table;
use crate::output::tests::{batch, rows, said, write};

/// All rows, block by block; errors as they came.
fn read(table: &Table, folder: &Path, disk: &Disk) -> Result<RecordBatch, twoblade_core::BoxError> {
    let options = CountOptions { block_rows: 200, chunk_rows: 70, ..CountOptions::new(table) };
    let temp = folder.join("temp");
    let cache = folder.join("counted");
    let source = opened(table, &options, (Some(&cache), &temp), (8 << 10, 1), disk)?;
    let mut batches = Vec::new();
    for block in 0..source.blocks() {
        let chunks = visited(&source, block)?.0;
        batches.extend(chunks.iter().map(|chunk| chunk.batch().clone()));
    }
    Ok(put(&batches, table))
}

#[test]
fn whatever_fails_is_said_and_leaves_nothing() {
    let whole = batch(&rows(900));
    for name in ["a.csv", "a.csv.gz", "a.parquet"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let cache = folder.path().join("counted");
        std::fs::create_dir(folder.path().join("temp")).unwrap();
        write(&path, slice::from_ref(&whole), &Disk::new()).unwrap();
        let table = Table::open(&[path], &said()).unwrap();
        let (disk, count) = failing(usize::MAX);
        assert_eq!(read(&table, folder.path(), &disk).unwrap(), whole);
        let operations = count.load(Ordering::SeqCst);
        assert!(operations > 50, "{operations}");
        let saved = std::fs::read(&cache).unwrap();
        for k in 0..operations {
            std::fs::remove_file(&cache).unwrap();
            let (disk, _) = failing(k);
            let error = read(&table, folder.path(), &disk).unwrap_err();
            let error = error.downcast_ref::<Error>().unwrap();
            let Error::Io { source, .. } = error else { panic!("{name} {k}: {error}") };
            assert!(source.to_string().ends_with(&format!(" {k}")), "{name} {k}: {source}");
            // What was counted is there whole, or not at all.
            assert!(names(&folder.path().join("temp")).is_empty(), "{name} {k}");
            let expected: &[&str] =
                if cache.exists() { &[name, "counted", "temp"] } else { &[name, "temp"] };
            assert_eq!(names(folder.path()), expected, "{name} {k}");
            if cache.exists() {
                assert_eq!(std::fs::read(&cache).unwrap(), saved, "{name} {k}");
            }
            assert_eq!(read(&table, folder.path(), &Disk::new()).unwrap(), whole);
        }
    }
}
