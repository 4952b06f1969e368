//! Groups of a table in files, written to a file.

use std::path::Path;

use crate::disk::Disk;
use crate::error::Error;
use crate::group::Grouping;
use crate::input::{Dialect, Format, Limits, Table, Wanted};
use crate::output::Output;
use crate::spill::Scratch;
use crate::watch::Watch;
use crate::wide;

/// What was done with the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouped {
    /// Groups that were written.
    pub groups: u64,
    /// Rows that are in them.
    pub rows: u64,
    /// Rows of another length than the table's, which were left out.
    pub skipped: u64,
    /// Bytes that went to temporary files.
    pub spilled: u64,
}

/// Writes the groups of a table, in the order of their keys, with a header if it is text.
///
/// The file is the same for any memory and any threads.
///
/// # Errors
/// What is wrong with the table or the disk, if a sum of integers needs more than 64 bits, if a group is
/// too long for the memory, and if it is told to stop; nothing is left then.
pub fn group(
    table: &Table,
    grouping: &Grouping,
    target: &Path,
    limits: &Limits,
    watch: &dyn Watch,
    disk: &Disk,
) -> Result<Grouped, Error> {
    let (format, columns) = (Format::of(target), grouping.schema().columns().len());
    let held = wide::reading(table, grouping.wanted().len()) + wide::writing(format, columns, 1);
    let reading = wide::beside(held, 8, columns, limits)?;
    // What is read is put together once more as keys and values.
    let memory =
        reading.whole(limits.memory).saturating_sub(2 * reading.of(limits.memory) + (1 << 20));
    let scratch = Scratch::new(&limits.temp, disk)?;
    let mut grouper = grouping.begin(&scratch, memory)?;
    let wanted = Wanted { columns: grouping.wanted().to_vec(), text: false };
    let mut scan = table.scan_share(reading, &wanted, limits, disk)?;
    let mut rows = 0;
    for scanned in scan.by_ref() {
        if watch.stop() {
            return Err(Error::Stopped);
        }
        let scanned = scanned?;
        rows += scanned.rows.count() as u64;
        grouper.push(&scanned.rows)?;
        watch.progress("reading", scanned.bytes, table.bytes());
    }
    let skipped = scan.skipped();
    drop(scan);
    let groups = grouper.finish(watch)?;
    let (count, spilled) = (groups.total(), groups.spilled());
    let dialect = Dialect { header: true, ..table.dialect().unwrap_or_default() };
    let schema = grouping.schema();
    let mut output = Output::create(target, format, dialect, schema, disk)?;
    let mut done = 0;
    for found in groups {
        if watch.stop() {
            return Err(Error::Stopped);
        }
        let found = found?;
        output.write(found.batch())?;
        done += found.count() as u64;
        watch.progress("writing groups", done, count);
    }
    output.finish()?;
    Ok(Grouped { groups: count, rows, skipped, spilled })
}
