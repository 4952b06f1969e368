//! Randomized Haseman-Elston moment equations for any features of genotypes.
//!
//! A model gives [`Features`]: which columns it makes of a variant, and in which component they go
//! ([`Additive`] is what most models start from).
//! [`HasemanElston`] does the rest: probes and traits are projected off the covariates once; a chunk
//! is multiplied by them, and the products are added to exact sums; the moment equations are formed
//! of these, with every block or without one, and solved. [`Report`] is what people read.

mod additive;
mod environment;
mod equations;
mod error;
mod estimate;
mod features;
mod fold;
mod found;
mod gist;
mod grids;
mod impute;
mod layout;
mod liability;
mod loaded;
mod model;
mod noise;
mod notes;
mod number;
mod options;
mod pairs;
mod panel;
mod projection;
mod report;
mod rows;
mod state;
mod sweep;
mod trace;
mod traits;

pub use additive::Additive;
pub use environment::{Environment, Interactions};
pub use equations::CONDITION_LIMIT;
pub use error::HasemanError;
pub use estimate::{Estimate, Variances};
pub use features::{Columns, Features, Variant};
pub use found::Found;
pub use layout::{Layout, Made};
pub use liability::{Prevalence, liability_scale};
pub use model::HasemanElston;
pub use number::Number;
pub use options::{MissingGenotype, Options, Precision, Probes};
pub use projection::Projection;
pub use report::{
    Component, Correlation, Counts, Covariates, GroupReport, Liability, Listed, Report, Shared,
    Total, TraitReport,
};
pub use state::State;
pub use trace::{TraceSummary, trace_table};
