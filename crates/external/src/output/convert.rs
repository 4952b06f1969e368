//! One format made another.

use std::path::Path;

use crate::carry::Carry;
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, Table};
use crate::output::table::Output;
use crate::watch::Watch;

/// Writes a table anew, in the format of the target's name; returns how many rows there are, and how
/// many were skipped. Text that stays text keeps its records as they are; a target that ends in .tsv
/// has tabs.
///
/// # Errors
/// What is wrong with the table or the disk, and if it is told to stop; nothing is left then.
pub fn convert(
    table: &Table,
    target: &Path,
    limits: &Limits,
    watch: &dyn Watch,
    disk: &Disk,
) -> Result<(u64, u64), Error> {
    let carry = Carry::new(table, target);
    // The other half is for the rows that wait to be written.
    let reading = carry.share(table, &[], 1, 2, limits)?;
    let Carry { format, dialect, schema, .. } = &carry;
    let mut output = Output::create(target, *format, *dialect, schema, disk)?;
    let mut scan = table.scan_share(reading, &carry.wanted(&[]), limits, disk)?;
    let mut rows = 0;
    for scanned in scan.by_ref() {
        if watch.stop() {
            return Err(Error::Stopped);
        }
        let scanned = scanned?;
        match &scanned.text {
            Some(text) => {
                for index in 0..text.count() {
                    output.write_text(text.record(index))?;
                }
            }
            None => output.write(scanned.rows.batch())?,
        }
        rows += scanned.rows.count() as u64;
        watch.progress("converting", scanned.bytes, table.bytes());
    }
    output.finish()?;
    Ok((rows, scan.skipped()))
}
