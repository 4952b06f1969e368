//! Plans and drives twoblade estimators.
//!
//! A [`Runner`] takes any model and any source of the same chunks, asks both what they need, and
//! makes a [`Plan`] that fits the memory budget, or says what would fit; the plan reads no block.
//! Then it reads the blocks, folds them on as many threads as it was given, and, for a jackknife,
//! leaves each block out again. States are exact, so the result does not depend on any of this. A model
//! that depends on the order of its data gets it in order, in as many epochs as were asked for.
//!
//! ```
//! use twoblade_core::Blocks;
//! use twoblade_moments::{Column, Moments};
//! use twoblade_runner::Runner;
//!
//! let values = (0..1000).map(f64::from).collect();
//! let source = Column::new(values, Blocks::even(1000, 10)?);
//! let done = Runner::new().threads(2).memory(64 << 20).jackknife(&Moments, &source)?;
//! let mean = done.jackknife.measure(|moments| moments.mean);
//! assert_eq!(mean.value, 499.5);
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```

mod ahead;
mod cancel;
mod checkpoint;
mod cover;
mod crew;
mod error;
mod fold;
mod held;
mod identity;
mod last;
mod memories;
mod observer;
mod one_block;
mod ordered;
mod part;
mod pass;
mod plan;
mod pool;
pub mod process;
mod replicate;
mod runner;
mod shards;
mod spill;
mod state_error;
mod state_file;
mod together;

pub use cancel::Cancel;
pub use checkpoint::discard;
pub use cover::Cover;
pub use error::RunError;
pub use identity::Identity;
pub use observer::{Observer, Progress};
pub use ordered::Learned;
pub use part::{Part, read_header};
pub use pass::Pass;
pub use plan::{Memory, Plan, Reuse, Schedule};
pub use runner::{Jackknifed, Run, Runner, Stage};
pub use state_error::StateError;
pub use state_file::Header;
