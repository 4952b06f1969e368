//! Tables larger than memory: read, sorted, grouped, split and stored within a strict budget.

mod carry;
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

pub use described::{FilesDescribed, describe};
pub use disk::{Disk, Operation};
pub use error::Error;
pub use group::{Aggregate, Function, Grouped, Grouper, Grouping, Groups, group};
pub use input::{
    BadRows, Dialect, Format, Header, Limits, MISSING, Packing, ReadOptions, Scan, Scanned, Table,
    Text, Wanted, files,
};
pub use output::{Output, convert, instant};
pub use simulate::SimulatedTable;
pub use sort::{By, Merge, Moved, Sorter, room, shuffle, sort};
pub use spill::{BLOCK, Run, RunReader, RunWriter, Scratch};
pub use split::{Fractions, Parts, SplitOptions, split};
pub use store::{Batches, Numbers};
pub use watch::{Unwatched, Watch};
