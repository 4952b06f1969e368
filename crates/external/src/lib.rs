//! Tables larger than memory: read, sorted, grouped, split and stored within a strict budget.

mod disk;
mod error;
mod input;
mod output;
mod watch;

pub use disk::{Disk, Operation};
pub use error::Error;
pub use input::{
    BadRows, Dialect, Format, Header, Limits, MISSING, Packing, ReadOptions, Scan, Scanned, Table,
    Text, Wanted, files,
};
pub use output::{Output, convert};
pub use watch::{Unwatched, Watch};
