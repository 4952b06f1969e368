//! The room that putting rows in order takes, in memory and on the disk.

use std::path::Path;

use crate::carry::Carry;
use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, Share, Table};
use crate::sort::by::By;
use crate::sort::order::Order;
use crate::sort::shares::Shares;
use crate::spill::Record;

/// How many bytes of records a sample has.
const SAMPLE: u64 = 2 << 20;

/// How a budget is shared.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) reading: Share,
    pub(crate) sorting: usize,
}

impl Budget {
    /// Of work on a table, of which these columns decide.
    pub(crate) fn new(
        table: &Table,
        carry: &Carry,
        deciding: &[usize],
        limits: &Limits,
    ) -> Result<Self, Error> {
        let reading = carry.share(table, deciding, 1, 8, limits)?;
        let memory = reading.whole(limits.memory);
        // Of values, what is put together here, and what the writer puts together of that.
        let writing = if carry.is_text() { 1 << 20 } else { memory / 4 };
        let sorting = memory.saturating_sub(reading.of(limits.memory) + writing);
        Ok(Self { reading, sorting })
    }
}

/// About how many bytes of temporary files it takes at most to [`sort`](crate::sort()) a table by some
/// columns, or without any to [`shuffle`](crate::shuffle) it: none if it fits into memory.
///
/// The files hold the rows with their keys; a sample of rows says how long these are. They may turn out
/// shorter, as blocks that LZ4 halves are packed; which these are is known in the new order only. Where
/// memory is so small that runs are merged in several rounds it is twice as much, since a run goes when
/// another has its rows.
///
/// # Errors
/// What is wrong with the beginning of the table, or the disk.
pub fn room(
    table: &Table,
    by: Option<&By>,
    target: &Path,
    limits: &Limits,
    disk: &Disk,
) -> Result<u64, Error> {
    let mut order = match by {
        Some(by) => Order::of_values(by, table.schema())?,
        None => Order::of_seed(0),
    };
    let carry = Carry::new(table, target);
    needed(table, &mut order, &carry, limits, disk)
}

/// The same, with what an order is made of.
pub(crate) fn needed(
    table: &Table,
    order: &mut Order,
    carry: &Carry,
    limits: &Limits,
    disk: &Disk,
) -> Result<u64, Error> {
    let places = order.places().to_vec();
    let budget = Budget::new(table, carry, &places, limits)?;
    let mut rows = carry.rows()?;
    let (mut read, mut held) = (0, 0);
    for scanned in table.scan_share(budget.reading, &carry.wanted(&places), limits, disk)? {
        let scanned = scanned?;
        let columns = carry.deciding(scanned.rows.batch(), &places);
        let encoded = rows.encode(&scanned)?;
        let (first, count) = (scanned.rows.first(), scanned.rows.count());
        order.keys(&columns, first, count, |place, key| {
            held += Record { key, row: encoded.row(place) }.len() as u64;
            Ok(())
        })?;
        read = scanned.bytes;
        if held > SAMPLE {
            break;
        }
    }
    let all = u128::from(held) * u128::from(table.bytes()) / u128::from(read.max(1));
    let all = u64::try_from(all).unwrap_or(u64::MAX);
    let shares = Shares::of(budget.sorting);
    Ok(match all / shares.memory as u64 {
        0 => 0,
        runs if runs < shares.together() as u64 / 2 => all,
        _ => all.saturating_mul(2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ReadOptions;
    use crate::sort::table::sort;
    use crate::watch::Unwatched;

    /// Within a tenth of what it is for digits, and above it for labels, which LZ4 makes
    /// shorter (at most by 255).
    #[test]
    fn the_estimate_is_near_what_is_spilled_at_most() {
        let temp = tempfile::tempdir().unwrap();
        let path = |name: &str| temp.path().join(name);
        let digits = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let labels = |i: u64| format!("{}{}", digits(i) % 10, "label ".repeat(20));
        let numbers = |i: u64| format!("{}{}{}", digits(i), digits(i + 1), digits(i + 2));
        let texts = |word: &dyn Fn(u64) -> String| {
            let line = |i| format!("{},w{}", digits(i) % 1000, word(i));
            (0..200_000).map(line).collect::<Vec<_>>().join("\n")
        };
        for (name, lines) in [("digits.csv", texts(&numbers)), ("labels.csv", texts(&labels))] {
            std::fs::write(path(name), format!("a,b\n{lines}\n")).unwrap();
            let table = Table::open(&[path(name)], &ReadOptions::default()).unwrap();
            let by = By::parse("a", table.schema()).unwrap();
            for target in ["out.csv", "out.parquet"] {
                let limits = Limits { memory: 12 << 20, threads: 1, temp: temp.path().into() };
                let (target, disk) = (path(target), Disk::new());
                let estimate = room(&table, Some(&by), &target, &limits, &disk).unwrap();
                let moved = sort(&table, &by, &target, &limits, &Unwatched, &disk).unwrap();
                let above = estimate as f64 / moved.spilled as f64;
                let expected = if name == "digits.csv" { 0.9..1.1 } else { 2.0..256.0 };
                assert!(expected.contains(&above), "{name} {target:?}: {estimate} {moved:?}");
                let limits = Limits { memory: 256 << 20, ..limits };
                assert_eq!(room(&table, Some(&by), &target, &limits, &disk).unwrap(), 0);
            }
        }
    }
}
