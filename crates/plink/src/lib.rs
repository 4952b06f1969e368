//! PLINK 1 files as a source for twoblade, and their simulation.
//!
//! - [`Plink`] opens PREFIX.bed, PREFIX.bim and PREFIX.fam, or one such set for each chromosome, and
//!   checks them against each other before anything is computed; [`Fam`] and [`Bim`] are what it
//!   keeps of the text files.
//! - [`Phenotypes`], [`Annotation`] and, if there are any, [`Covariates`] are the text files that make
//!   studies of it: [`StudyBuilder`] joins them, [`Assembled`] holds one for each [`Group`] of traits
//!   that the same individuals have, and [`Joined`] counts what was kept and what was not.
//! - [`LdMafBins`] makes an annotation of frequencies and [`LdScores`].
//! - [`Individuals`] are lists of those to keep or to remove; a [`VariantChoice`] chooses variants by
//!   [`VariantList`]s and [`Chromosomes`].
//! - [`BedSource`] lends the genotypes of a study, packed as they lie in the .bed, block by block.
//! - [`Simulation`] writes such files of any size, and [`Truth`] says what an analysis should find.
//! - `Plink::dosages`, with the feature `dosage`, reads some genotypes as numbers.
//!
//! ```
//! use std::ops::ControlFlow;
//! use twoblade_core::BlockSource;
//! use twoblade_plink::{Annotation, BedSource, Plink, Simulation};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let folder = tempfile::tempdir()?;
//! let prefix = folder.path().join("example");
//! Simulation::new(50, 200, 1).write(&prefix)?;
//!
//! let plink = Plink::open(&prefix)?;
//! let phenotypes = plink.phenotypes(folder.path().join("example.pheno"))?;
//! let study = plink.study(&phenotypes, &Annotation::everything("all"), 10)?;
//! let source = BedSource::new(&plink, &study)?;
//! let mut variants = 0;
//! for block in 0..source.blocks() {
//!     source.visit(block, &mut |chunk| {
//!         variants += chunk.variants();
//!         ControlFlow::Continue(())
//!     })?;
//! }
//! assert_eq!((variants, study.individuals.len()), (200, 50));
//! # Ok(())
//! # }
//! ```

mod alike;
mod annotation;
mod annotation_layout;
mod assemble;
mod assembled;
mod bed;
mod beds;
mod bim;
mod brace;
mod checks;
mod choice;
mod chromosomes;
mod column;
mod covariates;
mod design;
#[cfg(feature = "dosage")]
mod dosage;
mod error;
mod fam;
mod fate;
mod genetics;
mod haplotypes;
mod identified;
mod identifiers;
mod individuals;
mod joined;
mod ld_maf;
mod ld_scores;
mod lines;
mod matching;
mod missing;
mod names;
mod numbers;
mod open;
mod output;
mod phenotype;
mod positioned;
mod ranks;
mod simulate;
mod simulation;
mod sixth;
mod source;
mod study;
mod truth;
mod value;
mod variant_columns;
mod variants;

pub use annotation::{Annotation, MatchedBy};
pub use assembled::{Assembled, Group};
pub use bim::Bim;
pub use choice::{ChosenVariants, ListedVariants, VariantChoice};
pub use chromosomes::{ChromosomeCounts, Chromosomes};
pub use covariates::{Covariates, MissingCovariate};
pub use design::CovariateUse;
pub use error::PlinkError;
pub use fam::Fam;
pub use individuals::Individuals;
pub use joined::{GroupJoined, Joined, JoinedCovariates, TraitJoined};
pub use ld_maf::{LdMafBin, LdMafBins, LdMafReport};
pub use ld_scores::LdScores;
pub use matching::IdentifierMatches;
pub use missing::{Missing, MissingCode, MissingTraits, PhenotypeOptions};
pub use numbers::ColumnNumbers;
pub use open::Plink;
pub use phenotype::Phenotypes;
pub use simulation::Simulation;
pub use source::BedSource;
pub use study::StudyBuilder;
pub use truth::{BinTruth, Truth};
pub use variants::VariantList;
