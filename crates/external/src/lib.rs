//! Tables larger than memory: read, sorted, grouped, split and stored within a strict budget.
//!
//! A [`Table`] is files with the same columns, CSV or Parquet; a [`Scan`] brings its rows in order, in
//! runs of a few hundred kilobytes; an [`Output`] takes rows and is a file when it is whole.
//!
//! ```
//! use twoblade_external::{Disk, Limits, ReadOptions, Table, Unwatched, Wanted, convert, files};
//! use twoblade_table::arrow_array::cast::AsArray;
//! use twoblade_table::arrow_array::types::Float64Type;
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! std::fs::write(folder.join("a.csv"), "station,wind\nOslo,4.5\nBergen,NA\n")?;
//! std::fs::write(folder.join("b.csv"), "station,wind\nBodø,11.25\n")?;
//!
//! let disk = Disk::new();
//! let table = Table::open(&files(&[folder.join("*.csv")], &disk)?, &ReadOptions::default())?;
//! let wind = table.schema().place("wind")?;
//! let limits = Limits { memory: 64 << 20, threads: 2, temp: std::env::temp_dir() };
//! let mut sum = 0.0;
//! for scanned in table.scan(&Wanted { columns: vec![wind], text: false }, &limits, &disk)? {
//!     let rows = scanned?.rows;
//!     sum += rows.batch().column(0).as_primitive::<Float64Type>().iter().flatten().sum::<f64>();
//! }
//! assert_eq!(sum, 15.75);
//!
//! let target = folder.join("winds.parquet");
//! assert_eq!(convert(&table, &target, &limits, &Unwatched, &disk)?, (3, 0));
//! assert_eq!(Table::open(&[target], &ReadOptions::default())?.schema(), table.schema());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod carry;
mod counted;
mod described;
mod disk;
mod error;
mod group;
mod input;
mod output;
mod simulate;
mod sort;
mod spill;
mod split;
mod store;
mod watch;
mod wide;

pub use counted::{Block, CountOptions, Counted, CountedFile, CountedSource};
pub use described::{FilesDescribed, describe};
pub use disk::{Disk, Operation};
pub use error::Error;
pub use group::{Aggregate, Function, Grouped, Grouper, Grouping, Groups, group};
pub use input::{
    BadRows, Dialect, Format, Header, Limits, MISSING, Packing, Place, ReadOptions, Scan, Scanned,
    Table, Text, Wanted, files,
};
pub use output::{Output, convert, instant};
pub use simulate::SimulatedTable;
pub use sort::{By, Merge, Moved, Sorter, room, shuffle, sort};
pub use spill::{BLOCK, Run, RunReader, RunWriter, Scratch};
pub use split::{Fractions, Parts, SplitOptions, split};
pub use store::{Batches, Numbers};
pub use watch::{Unwatched, Watch};
