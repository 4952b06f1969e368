//! Learners over the rows of a table: fitted in one stream, cross-validated by leaving blocks out.
//!
//! [`Features`] says which columns become which numbers. A mergeable learner is a
//! [`StreamingEstimator`](twoblade_core::StreamingEstimator) over [`Rows`](twoblade_table::Rows), so
//! threads, restarts and shards change no bit of it, and a fold is left out by taking its state out.

mod encode;
mod error;
mod features;
mod gram;
pub mod ridge;

pub use encode::{Encoded, Encoder};
pub use error::Error;
pub use features::{Features, Missing, Scale, Target, Term};
