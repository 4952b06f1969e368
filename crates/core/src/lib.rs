//! The traits and the exact sums under every twoblade estimator.
//!
//! A jackknife with two blades. Pass one folds blocks of data into a mergeable state; the states
//! reduce to a total; pass two takes each block out of the total again, and the spread of what
//! comes out is a standard error. What does not fit in memory is read twice, and nothing that grows
//! with the number of blocks is kept unless somebody asked for it.
//!
//! - [`StreamingEstimator`] is a model, [`LeaveOneOut`] one that can leave blocks out.
//! - [`OrderedEstimator`] is a model that depends on the order of its data, and has no state to merge.
//! - [`BlockSource`] is where its chunks come from.
//! - [`Merge`] and [`Group`] are what a state must be: a commutative group *to the bit*, so that
//!   the same numbers come out of any number of threads, shards and restarts. [`FixedSums`] (many
//!   sums of a known size) and [`ExactSum`] (one sum of anything) make such states.
//! - [`Blocks`], [`Jackknife`] and [`Measure`] are where it cuts and what comes out.
//! - [`Random`] draws by index.
//!
//! The crate knows no file format, no science and no threads, and depends on serde alone.

mod blocks;
mod bytes;
mod estimator;
mod exact;
mod fixed;
mod grid;
mod instructions;
mod integers;
mod jackknife;
mod number;
mod ordered;
mod random;
mod remembered;
mod several;
mod source;
mod state;
mod strips;
mod threads;

pub use blocks::{Blocks, TooFewItems};
pub use estimator::{Footprint, LeaveOneOut, StreamingEstimator};
pub use exact::ExactSum;
pub use fixed::{FixedSums, GuardExceeded, Tile};
pub use grid::{Grid, Reach};
pub use instructions::{Instructions, InstructionsError};
pub use integers::Integers;
pub use jackknife::{Jackknife, Measure};
pub use number::Number;
pub use ordered::OrderedEstimator;
pub use random::{Random, unit};
pub use remembered::{Again, Last, NothingKept, Remembered};
pub use source::{BlockSource, BoxError, Fingerprint, ParseFingerprintError};
pub use state::{Group, Merge};
pub use strips::{Strip, Strips, staged_bytes};
pub use threads::{Serial, Threads, tiles};
