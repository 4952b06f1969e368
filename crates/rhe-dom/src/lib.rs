//! Randomized Haseman-Elston regression on additive and dominance columns: for each bin of variants
//! the variance of additive effects and that of dominance deviations.
//!
//! Pazokitoroudi, Chiu, Burch, Pasaniuc and Sankararaman (2021), American Journal of Human Genetics
//! 108:799, for the estimator; [`AdditiveAndDominance`] has the coding.
//!
//! ```
//! # use twoblade_geno::{Bins, Cut, Study, Subset, Trait};
//! use twoblade_rhe_dom::{Options, rhe_dom};
//!
//! # let study = Study {
//! #     listed: 4,
//! #     individuals: vec![0, 1, 2, 3],
//! #     traits: vec![Trait { name: "height".into(), values: vec![1.0, 2.0, 4.0, 3.0] }],
//! #     variants: Subset::all(10),
//! #     bins: Bins::one("all"),
//! #     cut: Cut::new(10, 4, 2).unwrap(),
//! # };
//! let model = rhe_dom(&study, &[], Options::default())?;
//! assert_eq!(model.components(), ["all", "all_dominance"]);
//! # Ok::<(), twoblade_haseman::HasemanError>(())
//! ```

mod dominance;

use twoblade_geno::{Covariate, Study};
use twoblade_haseman::HasemanElston;
pub use twoblade_haseman::{
    Estimate, HasemanError, MissingGenotype, Number, Options, Precision, Probes, Report,
};

pub use crate::dominance::AdditiveAndDominance;

/// Randomized Haseman-Elston regression on additive and dominance columns.
pub type RheDom = HasemanElston<AdditiveAndDominance>;

/// The model of a study, with covariates projected off phenotypes and probes; and an intercept too, if
/// the options say so.
///
/// # Errors
/// [`HasemanError`] if a covariate is of other individuals or not finite; if probes, individuals or
/// traits are too few, or bins too many; or if a trait does not vary beside the covariates.
pub fn rhe_dom(
    study: &Study,
    covariates: &[Covariate],
    options: Options,
) -> Result<RheDom, HasemanError> {
    let features = AdditiveAndDominance::new(study.bins.clone())?;
    HasemanElston::new(study, features, covariates, options)
}
