//! Randomized Haseman-Elston regression adjusted for covariates: V = I - Q Q'.
//!
//! Phenotypes and probes are projected off the covariates once. The trace tr(V K_k V K_l) is then the
//! mean over probes of (V K_k z~)' (V K_l z~), with z~ = V z and V applied to sums when they are
//! complete: so covariates cost a column of the product each, and no further array. (Pazokitoroudi
//! et al. 2020, Nature Communications 11:4020, for the equations; to project a running sum again with
//! every block would count earlier blocks many times.)
//!
//! ```
//! # use twoblade_geno::{Bins, Cut, Study, Subset, Trait};
//! use twoblade_geno::Covariate;
//! use twoblade_rhe_cov::{Options, rhe_cov};
//!
//! # let study = Study {
//! #     listed: 5,
//! #     individuals: vec![0, 1, 2, 3, 4],
//! #     traits: vec![Trait { name: "height".into(), values: vec![1.0, 2.0, 4.0, 3.0, 0.0] }],
//! #     variants: Subset::all(10),
//! #     bins: Bins::one("all"),
//! #     cut: Cut::new(10, 5, 2).unwrap(),
//! # };
//! let sex = Covariate { name: "sex".into(), values: vec![0.0, 1.0, 1.0, 0.0, 0.0] };
//! let model = rhe_cov(&study, &[sex], Options::default())?;
//! assert_eq!(model.projection().rank(), 2);
//! # Ok::<(), twoblade_haseman::HasemanError>(())
//! ```

use twoblade_geno::{Covariate, Study};
use twoblade_haseman::HasemanElston;
pub use twoblade_haseman::{
    Additive, Estimate, HasemanError, MissingGenotype, Number, Options, Precision, Probes, Report,
};

/// Randomized Haseman-Elston regression on additive genotypes, adjusted for covariates.
pub type RheCov = HasemanElston<Additive>;

/// The model of a study, with covariates projected off phenotypes and probes; and an intercept too, if
/// the options say so.
///
/// # Errors
/// [`HasemanError`] if a covariate is of other individuals or not finite; if probes, individuals or
/// traits are too few; or if a trait does not vary beside the covariates.
pub fn rhe_cov(
    study: &Study,
    covariates: &[Covariate],
    options: Options,
) -> Result<RheCov, HasemanError> {
    HasemanElston::new(study, Additive::new("rhe-cov", study.bins.clone()), covariates, options)
}
