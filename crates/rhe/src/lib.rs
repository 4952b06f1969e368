//! Randomized Haseman-Elston regression: the heritability of bins of variants.
//!
//! Wu and Sankararaman (2018), Bioinformatics 34:i187; Pazokitoroudi et al. (2020), Nature
//! Communications 11:4020. Each bin of variants is a variance component of additive effects on
//! standardized genotypes.
//!
//! ```
//! # use twoblade_geno::{Bins, Cut, Study, Subset, Trait};
//! use twoblade_rhe::{Options, Rhe};
//!
//! # let study = Study {
//! #     listed: 4,
//! #     individuals: vec![0, 1, 2, 3],
//! #     traits: vec![Trait { name: "height".into(), values: vec![1.0, 2.0, 4.0, 3.0] }],
//! #     variants: Subset::all(10),
//! #     bins: Bins::one("all"),
//! #     cut: Cut::new(10, 4, 2).unwrap(),
//! # };
//! let model = twoblade_rhe::rhe(&study, Options::default())?;
//! assert_eq!(model.components(), ["all"]);
//! # Ok::<(), twoblade_haseman::HasemanError>(())
//! ```

use twoblade_geno::Study;
use twoblade_haseman::HasemanElston;
pub use twoblade_haseman::{
    Additive, Estimate, HasemanError, MissingGenotype, Number, Options, Precision, Probes, Report,
};

/// Randomized Haseman-Elston regression on additive genotypes.
pub type Rhe = HasemanElston<Additive>;

/// The model of a study.
///
/// # Errors
/// [`HasemanError`] if probes, individuals or traits are too few, or a trait does not vary.
pub fn rhe(study: &Study, options: Options) -> Result<Rhe, HasemanError> {
    HasemanElston::new(study, Additive::new("rhe", study.bins.clone()), &[], options)
}
