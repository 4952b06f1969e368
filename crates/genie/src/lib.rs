//! Randomized Haseman-Elston regression with environments: how much of a trait is due to genotypes, to
//! their interaction with environments, and to noise that grows with these.
//!
//! Pazokitoroudi, Liu, Dahl, Zaitlen, Rosset and Sankararaman (2024), American Journal of Human
//! Genetics 111:1462 (GENIE). [`AdditiveByEnvironment`] has the components.
//!
//! ```
//! # use twoblade_geno::{Bins, Cut, Study, Subset, Trait};
//! use twoblade_genie::{Covariate, Effects, Options, genie};
//!
//! # let study = Study {
//! #     listed: 5,
//! #     individuals: vec![0, 1, 2, 3, 4],
//! #     traits: vec![Trait { name: "height".into(), values: vec![1.0, 2.0, 4.0, 3.0, 0.0] }],
//! #     variants: Subset::all(10),
//! #     bins: Bins::one("all"),
//! #     cut: Cut::new(10, 5, 2).unwrap(),
//! # };
//! let age = Covariate { name: "age".into(), values: vec![31.0, 45.0, 60.0, 52.0, 38.0] };
//! // An environment has effects of its own, so it is a covariate too.
//! let ages = [age];
//! let model = genie(&study, &ages, &ages, Effects::GxEAndNxE, Options::default())?;
//! assert_eq!(model.components(), ["all", "all*age", "NxE*age"]);
//! # Ok::<(), twoblade_haseman::HasemanError>(())
//! ```

mod effects;

pub use twoblade_geno::Covariate;
use twoblade_geno::Study;
use twoblade_haseman::HasemanElston;
pub use twoblade_haseman::{
    Estimate, HasemanError, MissingGenotype, Number, Options, Precision, Probes, Report,
};

pub use crate::effects::{AdditiveByEnvironment, Effects};

/// Randomized Haseman-Elston regression with environments.
pub type Genie = HasemanElston<AdditiveByEnvironment>;

/// The model of a study, with covariates projected off phenotypes and probes; and an intercept too, if
/// the options say so.
///
/// Nothing is projected off for an environment unless it is among the covariates, where it belongs: it
/// has effects of its own, which would otherwise be taken for interaction.
///
/// # Errors
/// Those of [`AdditiveByEnvironment::new`]; and [`HasemanError`] if a covariate or an environment is of
/// other individuals or not finite, if probes, individuals or traits are too few, or if a trait does not
/// vary beside the covariates.
pub fn genie(
    study: &Study,
    covariates: &[Covariate],
    environments: &[Covariate],
    effects: Effects,
    options: Options,
) -> Result<Genie, HasemanError> {
    let features = AdditiveByEnvironment::new(study.bins.clone(), environments, effects)?;
    HasemanElston::new(study, features, covariates, options)
}
