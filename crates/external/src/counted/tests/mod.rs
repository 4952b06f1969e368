//! Blocks are the rows of the table.

mod blocks;
mod faults;
mod laws;
mod refusals;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use twoblade_core::BlockSource;
use twoblade_table::Rows;

use super::count::Within;
use crate::counted::{CountOptions, CountedSource};
use crate::disk::{Disk, Operation};
use crate::error::Error;
use crate::input::{Limits, Table, Wanted};
use crate::watch::Unwatched;

/// In pieces of so many bytes, by so many threads.
fn opened(
    table: &Table,
    options: &CountOptions,
    (cache, temp): (Option<&Path>, &Path),
    (piece, threads): (usize, usize),
    disk: &Disk,
) -> Result<CountedSource, Error> {
    let limits = Limits { memory: 16 << 20, threads, temp: temp.into() };
    let within = Within { limits: &limits, watch: &Unwatched, disk, piece };
    CountedSource::open_within(table, options, cache, within)
}

/// The chunks of a block, and its digest.
fn visited(
    source: &CountedSource,
    block: usize,
) -> Result<(Vec<Rows>, u64), twoblade_core::BoxError> {
    let mut chunks = Vec::new();
    let digest = source.visit(block, &mut |rows| {
        chunks.push(rows.clone());
        ControlFlow::Continue(())
    })?;
    Ok((chunks, digest))
}

fn put(batches: &[RecordBatch], table: &Table) -> RecordBatch {
    concat_batches(&table.schema().arrow(), batches).unwrap()
}

/// All rows of a table, and its records.
fn scanned(table: &Table) -> (RecordBatch, Vec<Vec<u8>>) {
    let columns = (0..table.schema().columns().len()).collect();
    let wanted = Wanted { columns, text: true };
    let limits = Limits { memory: 16 << 20, threads: 1, temp: PathBuf::new() };
    let (mut batches, mut records) = (Vec::new(), Vec::new());
    for scanned in table.scan(&wanted, &limits, &Disk::new()).unwrap() {
        let scanned = scanned.unwrap();
        batches.push(scanned.rows.batch().clone());
        let text = scanned.text.iter();
        records.extend(text.flat_map(|it| (0..it.count()).map(|at| it.record(at).to_vec())));
    }
    (put(&batches, table), records)
}

/// A disk that counts what is asked of it, and that fails at operation `k`.
fn failing(k: usize) -> (Disk, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let disk = Disk::watched(move |operation: Operation| {
        if counter.fetch_add(1, Ordering::SeqCst) == k {
            return Err(std::io::Error::other(format!("{operation:?} {k}")));
        }
        Ok(())
    });
    (disk, count)
}

/// Names of what is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
