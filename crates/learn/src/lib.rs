//! Learners over the rows of a table: fitted in one stream, cross-validated by leaving blocks out.
//!
//! [`Features`] says which columns become which numbers. A mergeable learner is a
//! [`StreamingEstimator`](twoblade_core::StreamingEstimator) over [`Rows`](twoblade_table::Rows), so
//! threads, restarts and shards change no bit of it, and a fold is left out by taking its state out.
//! [`sgd`] learns in order, as an [`OrderedEstimator`](twoblade_core::OrderedEstimator).

pub mod auc;
pub mod bayes;
mod choice;
mod encode;
mod error;
mod features;
mod folded;
pub mod forest;
mod gram;
pub mod metrics;
mod predict;
mod report;
pub mod ridge;
mod saved;
mod score;
pub mod sgd;
mod spread;
mod words;

pub use choice::Choice;
pub use encode::{Encoded, Encoder};
pub use error::Error;
pub use features::{Features, Missing, Scale, Target, Term};
pub use folded::{Folded, FoldedTotal, Folds};
pub use predict::{Linear, Logistic, Predict};
pub use report::{Coefficient, Coefficients, Point, Report};
pub use saved::{Fitted, Saved};
pub use score::Score;
pub use words::Words;
