//! Randomized Haseman-Elston moment equations for any features of genotypes.
//!
//! A model gives [`Features`]: which columns it makes of a variant, and in which component they go
//! ([`Additive`] is what most models start from).
//! [`HasemanElston`] does the rest: probes and traits are projected off the covariates once; a chunk
//! is multiplied by them, and the products are added to exact sums; the moment equations are formed
//! of these, with every block or without one, and solved. [`Report`] is what people read.

mod additive;
mod equations;
mod error;
mod estimate;
mod features;
mod fold;
mod grids;
mod model;
mod options;
mod panel;
mod projection;
mod report;
mod state;
mod traits;

pub use additive::Additive;
pub use equations::CONDITION_LIMIT;
pub use error::HasemanError;
pub use estimate::{Estimate, Variances};
pub use features::{Columns, Features};
pub use model::HasemanElston;
pub use options::{Options, Precision, Probes};
pub use projection::Projection;
pub use report::{Component, Counts, Covariates, Number, Report, TraitReport};
pub use state::State;
