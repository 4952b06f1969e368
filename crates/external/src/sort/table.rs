//! Tables sorted, and shuffled.

use std::path::Path;

use twoblade_table::Schema;

use crate::carry::{Carry, RowBytes};
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, Table};
use crate::output::Output;
use crate::sort::by::By;
use crate::sort::order::Order;
use crate::sort::room::{Budget, needed};
use crate::sort::sorter::Sorter;
use crate::spill::Scratch;
use crate::watch::Watch;

/// How many rows are written between two looks at the watch.
const LOOK: u64 = 4096;

/// Values are put together to so many rows, or bytes, before they are written.
const ROWS: usize = 4096;
const BYTES: usize = 1 << 20;

/// What was done with the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Rows that were written.
    pub rows: u64,
    /// Rows of another length than the table's, which were left out.
    pub skipped: u64,
    /// Bytes that went to temporary files.
    pub spilled: u64,
}

/// Writes the rows of a table in the order of some columns.
///
/// Numbers, dates and times go by value, words by their bytes (in UTF-8: by code points), false before
/// true. 0 and -0 are equal, NaN is above all numbers, and missing values come last, in either
/// direction. Rows that are equal there stay in their order. Text that stays text keeps its records as
/// they are. The file is the same for any memory and any threads.
///
/// # Errors
/// What is wrong with the table or the disk, if a row is too long for the memory, and if it is told to
/// stop; nothing is left then.
pub fn sort(
    table: &Table,
    by: &By,
    target: &Path,
    limits: &Limits,
    watch: &dyn Watch,
    disk: &Disk,
) -> Result<Moved, Error> {
    let order = &mut Order::of_values(by, table.schema())?;
    ordered(table, order, target, limits, watch, disk)
}

/// Writes the rows of a table in a random order, which is the seed's: the order of one draw of 64 bits
/// for each row.
///
/// # Errors
/// As [`sort`].
pub fn shuffle(
    table: &Table,
    seed: u64,
    target: &Path,
    limits: &Limits,
    watch: &dyn Watch,
    disk: &Disk,
) -> Result<Moved, Error> {
    let order = &mut Order::of_seed(seed);
    ordered(table, order, target, limits, watch, disk)
}

fn ordered(
    table: &Table,
    order: &mut Order,
    target: &Path,
    limits: &Limits,
    watch: &dyn Watch,
    disk: &Disk,
) -> Result<Moved, Error> {
    let carry = Carry::new(table, target);
    let mut rows = carry.rows()?;
    let places = order.places().to_vec();
    let budget = Budget::new(table, &carry, &places, limits)?;
    let scratch = Scratch::new(&limits.temp, disk)?;
    scratch.require(needed(table, order, &carry, limits, disk)?)?;
    // The first that may fail, and before anything is read.
    let output = Output::create(target, carry.format, carry.dialect, &carry.schema, disk)?;
    let mut scan = table.scan_share(budget.reading, &carry.wanted(&places), limits, disk)?;
    let mut sorter = Sorter::new(&scratch, budget.sorting);
    for scanned in scan.by_ref() {
        if watch.stop() {
            return Err(Error::Stopped);
        }
        let scanned = scanned?;
        let columns = carry.deciding(scanned.rows.batch(), &places);
        let encoded = rows.encode(&scanned)?;
        let (first, count) = (scanned.rows.first(), scanned.rows.count());
        order.keys(&columns, first, count, |place, key| sorter.push(key, encoded.row(place)))?;
        watch.progress("reading", scanned.bytes, table.bytes());
    }
    let skipped = scan.skipped();
    drop(scan);
    let mut merge = sorter.finish(watch)?;
    let moved = Moved { rows: merge.records(), skipped, spilled: merge.spilled() };
    let mut writer =
        Writer { output, rows, schema: &carry.schema, bytes: Vec::new(), ends: Vec::new() };
    let mut done = 0_u64;
    while let Some((_, row)) = merge.next()? {
        writer.write(row)?;
        done += 1;
        if done.is_multiple_of(LOOK) {
            if watch.stop() {
                return Err(Error::Stopped);
            }
            let share = u128::from(table.bytes()) * u128::from(done) / u128::from(moved.rows);
            watch.progress(
                "writing",
                u64::try_from(share).expect("below all bytes"),
                table.bytes(),
            );
        }
    }
    writer.finish()?;
    Ok(moved)
}

/// Writes rows that are bytes.
struct Writer<'a> {
    output: Output,
    rows: RowBytes,
    schema: &'a Schema,
    /// Rows that are put together: their bytes, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Writer<'_> {
    fn write(&mut self, row: &[u8]) -> Result<(), Error> {
        if matches!(self.rows, RowBytes::Text) {
            return self.output.write_text(row);
        }
        if self.ends.len() == ROWS || self.bytes.len() + row.len() > BYTES {
            self.flush()?;
        }
        self.bytes.extend_from_slice(row);
        self.ends.push(self.bytes.len());
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.ends.is_empty() {
            return Ok(());
        }
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let rows = begins.zip(&self.ends).map(|(begin, &end)| &self.bytes[begin..end]);
        self.output.write(&self.rows.decode(rows, self.schema)?)?;
        self.bytes.clear();
        self.ends.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        self.output.finish()
    }
}
