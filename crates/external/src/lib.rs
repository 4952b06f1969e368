//! Tables larger than memory: read, sorted, grouped, split and stored within a strict budget.

mod disk;
mod error;
mod simulate;
mod watch;

pub use disk::{Disk, Operation};
pub use error::Error;
pub use simulate::SimulatedTable;
pub use watch::{Unwatched, Watch};
