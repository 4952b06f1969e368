//! Tables split into parts.

use std::path::PathBuf;

use arrow_array::BooleanArray;
use arrow_select::filter::filter_record_batch;

use crate::carry::{Carry, Encoded};
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, Scanned, Table, Wanted};
use crate::output::{Nameless, Output};
use crate::sort::{By, Keys};
use crate::split::fractions::Fractions;
use crate::split::strata::{Draw, Strata};
use crate::watch::Watch;

/// The memory that strata have at least.
const STRATA: usize = 256 << 10;

/// How a table is to be split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitOptions {
    /// The column whose values are the strata; without one all rows are one stratum.
    pub label: Option<String>,
    /// How much goes to each part.
    pub fractions: Fractions,
    /// What the choice of rows depends on, beside their order.
    pub seed: u64,
}

/// What a split has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Rows of each part.
    pub rows: Vec<u64>,
    /// How many strata there are: the different values of the label, of which missing is one.
    pub strata: usize,
    /// Rows of another length than the table's, which were left out.
    pub skipped: u64,
}

/// Sends each row of a table to one of several files, at random, so that each stratum, which is the
/// rows of one value of the label, is divided by the fractions: the count of each part differs from its
/// fraction of the stratum by less than one row. Without a label all rows are one stratum.
///
/// Rows keep their order in each part, and text that stays text its records. The table is read twice:
/// strata are counted, and then drawn from. Memory grows with the strata, not with the rows. Which rows
/// go where depends on the rows' order and the seed alone.
///
/// # Errors
/// If there is not one target for each fraction, targets are of different formats or the same file,
/// there are too many strata for the memory, what is wrong with the table or the disk, and if it is told
/// to stop. Then there are no new parts, but where the disk fails between two renames: all get their names
/// together, when all are whole.
pub fn split(
    table: &Table,
    options: &SplitOptions,
    targets: &[PathBuf],
    limits: &Limits,
    watch: &dyn Watch,
    disk: &Disk,
) -> Result<Parts, Error> {
    let SplitOptions { fractions, seed, .. } = options;
    let carry = carry(table, fractions, targets)?;
    let label = options.label.as_ref().map(|name| table.schema().place(name)).transpose()?;
    let mut labels = Labels::new(table, label)?;
    let reading = carry.share(table, &labels.places, targets.len(), 4, limits)?;
    let create =
        |target: &PathBuf| Output::create(target, carry.format, carry.dialect, &carry.schema, disk);
    // The first that may fail, and before anything is read.
    let mut outputs = targets.iter().map(create).collect::<Result<Vec<_>, Error>>()?;
    let mut strata = Strata::new((reading.whole(limits.memory) / 2).max(STRATA), fractions.parts());
    let wanted = Wanted { columns: labels.places.clone(), text: false };
    let mut scan = table.scan_share(reading, &wanted, limits, disk)?;
    for scanned in scan.by_ref() {
        look(watch)?;
        let scanned = scanned?;
        labels.each(scanned.rows.batch().columns(), scanned.rows.count(), |_, label| {
            strata.count(label)
        })?;
        watch.progress("counting", scanned.bytes, table.bytes());
    }
    let skipped = scan.skipped();
    drop(scan);

    let count = strata.len();
    let mut draw = strata.draw(fractions, *seed);
    let mut rows = vec![0; fractions.parts()];
    for scanned in table.scan_share(reading, &carry.wanted(&labels.places), limits, disk)? {
        look(watch)?;
        let scanned = scanned?;
        let parts = parts(&scanned, &carry, &mut labels, &mut draw)?;
        for &part in &parts {
            rows[part] += 1;
        }
        write(&scanned, &parts, &mut outputs)?;
        watch.progress("writing", scanned.bytes, table.bytes());
    }
    if !draw.is_over() {
        return Err(Error::Changed);
    }
    let complete = outputs.into_iter().map(Output::complete).collect::<Result<Vec<_>, Error>>()?;
    complete.into_iter().try_for_each(Nameless::name)?;
    Ok(Parts { rows, strata: count, skipped })
}

/// How rows get to the targets, which is the same way for all.
fn carry(table: &Table, fractions: &Fractions, targets: &[PathBuf]) -> Result<Carry, Error> {
    let (parts, found) = (fractions.parts(), targets.len());
    if parts != found {
        return Err(Error::Targets { parts, found });
    }
    let first = Carry::new(table, &targets[0]);
    for (index, target) in targets.iter().enumerate() {
        if targets[..index].contains(target) {
            return Err(Error::SameTarget { path: target.clone() });
        }
        let other = Carry::new(table, target);
        if (other.format, other.dialect) != (first.format, first.dialect) {
            return Err(Error::UnlikeTargets { first: targets[0].clone(), path: target.clone() });
        }
    }
    Ok(first)
}

fn look(watch: &dyn Watch) -> Result<(), Error> {
    if watch.stop() { Err(Error::Stopped) } else { Ok(()) }
}

/// What stands for the label of each row.
struct Labels {
    /// The label's column, if there is one.
    places: Vec<usize>,
    keys: Option<Keys>,
}

impl Labels {
    fn new(table: &Table, label: Option<usize>) -> Result<Self, Error> {
        let keys = label.map(|place| Keys::new(&By::column(place), table.schema())).transpose()?;
        Ok(Self { places: label.into_iter().collect(), keys })
    }

    /// Gives the label of each of some rows to `to`.
    fn each(
        &mut self,
        columns: &[arrow_array::ArrayRef],
        count: usize,
        mut to: impl FnMut(usize, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(keys) = &mut self.keys else { return (0..count).try_for_each(|row| to(row, &[])) };
        let keys = keys.encode(columns)?;
        keys.iter().enumerate().try_for_each(|(row, key)| to(row, key.data()))
    }
}

/// The part that each row goes to.
fn parts(
    scanned: &Scanned,
    carry: &Carry,
    labels: &mut Labels,
    draw: &mut Draw,
) -> Result<Vec<usize>, Error> {
    let columns = carry.deciding(scanned.rows.batch(), &labels.places);
    let (first, count) = (scanned.rows.first(), scanned.rows.count());
    let mut parts = Vec::with_capacity(count);
    labels.each(&columns, count, |row, label| {
        parts.push(draw.part(first + row as u64, label).ok_or(Error::Changed)?);
        Ok(())
    })?;
    Ok(parts)
}

fn write(scanned: &Scanned, parts: &[usize], outputs: &mut [Output]) -> Result<(), Error> {
    if let Some(text) = &scanned.text {
        let records = Encoded::Text(text);
        let mut rows = parts.iter().enumerate();
        return rows.try_for_each(|(row, &part)| outputs[part].write_text(records.row(row)));
    }
    for (part, output) in outputs.iter_mut().enumerate() {
        let here: BooleanArray = parts.iter().map(|&of| Some(of == part)).collect();
        output.write(&filter_record_batch(scanned.rows.batch(), &here)?)?;
    }
    Ok(())
}
