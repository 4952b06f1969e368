//! A table in files, described.

use twoblade_core::{BoxError, Serial, StreamingEstimator};
use twoblade_table::Describe;
use twoblade_table::describe::Description;

use crate::disk::Disk;
use crate::error::Error;
use crate::input::{Limits, Table, Wanted};
use crate::watch::Watch;
use crate::wide;

/// What is said about a table in files.
#[derive(Clone, Debug, PartialEq)]
pub struct FilesDescribed {
    /// What is said about its rows.
    pub description: Description,
    /// Rows of another length than the table's, which were left out.
    pub skipped: u64,
}

/// Describes a table in one reading; `model` is of its columns.
///
/// The same comes out for any memory and any threads. Of `limits.memory` the state of the model takes
/// `model.footprint(0).state` bytes, and reading has the rest.
///
/// # Errors
/// What is wrong with the table or the disk, if the model is of other columns or takes more than half of the
/// memory, and if it is told to stop.
pub fn describe(
    table: &Table,
    model: &Describe,
    limits: &Limits,
    watch: &dyn Watch,
    disk: &Disk,
) -> Result<FilesDescribed, Error> {
    let columns: Vec<usize> = (0..table.schema().columns().len()).collect();
    let state = model.footprint(0).state;
    let held = state + wide::reading(table, columns.len());
    let reading = wide::beside(held, 1, columns.len(), limits)?;
    let wanted = Wanted { columns, text: false };
    let mut scan = table.scan_share(reading, &wanted, limits, disk)?;
    let mut state = model.init();
    for scanned in scan.by_ref() {
        if watch.stop() {
            return Err(Error::Stopped);
        }
        let scanned = scanned?;
        model.pass_one(&scanned.rows, &mut state, &Serial).map_err(refused)?;
        watch.progress("describing", scanned.bytes, table.bytes());
    }
    let total = model.aggregate(state).map_err(refused)?;
    let description = model.finish(&total).map_err(refused)?;
    Ok(FilesDescribed { description, skipped: scan.skipped() })
}

/// The model speaks of columns, and of nothing else.
fn refused(error: BoxError) -> Error {
    Error::Table(*error.downcast().expect("an error of the table"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use twoblade_table::describe::{Number, Summary};

    use super::*;
    use crate::input::{BadRows, ReadOptions};
    use crate::watch::Unwatched;

    fn table(folder: &std::path::Path) -> Table {
        let mut text = String::from("n,x,word\n");
        for row in 0..40_000 {
            let x = if row % 10 == 3 { "NA".into() } else { format!("{}.25", row % 100) };
            writeln!(text, "{},{x},w{}", 20_000 - row, row % 3).unwrap();
        }
        text += "ragged\n";
        let file = folder.join("t.csv");
        std::fs::write(&file, text).unwrap();
        let options = ReadOptions { bad_rows: BadRows::Skip, ..ReadOptions::default() };
        Table::open(&[file], &options).unwrap()
    }

    fn limits(folder: &std::path::Path, threads: usize) -> Limits {
        Limits { memory: 8 << 20, threads, temp: folder.into() }
    }

    #[test]
    fn a_file_is_described_in_the_same_way_by_any_threads() {
        let temp = tempfile::tempdir().unwrap();
        let table = table(temp.path());
        let model = Describe::new(table.schema().clone());
        let go = |threads| {
            let limits = limits(temp.path(), threads);
            describe(&table, &model, &limits, &Unwatched, &Disk::new()).unwrap()
        };
        let found = go(1);
        assert_eq!((found.description.rows, found.skipped), (40_000, 1));
        let columns = &found.description.columns;
        let Summary::Numbers(n) = &columns[0].summary else { panic!("{columns:?}") };
        assert_eq!((n.min, n.max), (Number::Integer(-19_999), Number::Integer(20_000)));
        // The mean of -19,999 to 20,000.
        assert_eq!(n.mean.to_bits(), 0.5f64.to_bits());
        assert_eq!((columns[1].present, columns[1].missing), (36_000, 4000));
        assert_eq!(columns[2].distinct.map(|distinct| distinct.count), Some(3));
        for threads in [2, 4] {
            assert_eq!(go(threads), found);
        }
    }

    #[test]
    fn another_tables_model_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let table = table(temp.path());
        let narrow = twoblade_table::Schema::new(table.schema().columns()[..2].to_vec()).unwrap();
        let limits = limits(temp.path(), 1);
        let done = describe(&table, &Describe::new(narrow), &limits, &Unwatched, &Disk::new());
        let message = done.unwrap_err().to_string();
        assert_eq!(message, "3 columns were read where the table has 2");
    }
}
