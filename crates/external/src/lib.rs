//! Tables larger than memory: read, sorted, grouped, split and stored within a strict budget.

mod disk;
mod error;
mod sort;
mod spill;
mod watch;

pub use disk::{Disk, Operation};
pub use error::Error;
pub use sort::{Merge, Sorter};
pub use spill::{BLOCK, Run, RunReader, RunWriter, Scratch};
pub use watch::{Unwatched, Watch};
