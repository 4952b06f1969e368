//! Estimators for data larger than memory: two passes, exact sums, jackknife standard errors.
//!
//! One dependency for library users: each module is a crate of the workspace, chosen by feature.
//!
//! | module | feature | what it holds |
//! |---|---|---|
//! | [`core`] | always | what a source, a state, a model and a jackknife are; exact sums |
//! | [`runner`] | always | plans a run within a memory budget, and drives it |
//! | `moments` | `moments` | mean and variance: the smallest complete model, to be copied |
//! | `geno` | `heritability` | packed genotypes, studies, the products |
//! | `plink` | `heritability` | PLINK files as a source; phenotypes, annotations, simulation |
//! | `haseman` | `heritability` | Haseman-Elston moment equations for any features; the report |
//! | `rhe` | `heritability` | randomized Haseman-Elston regression on additive genotypes |
//! | `rhe_cov` | `heritability` | the same, adjusted for covariates |
//! | `rhe_dom` | `heritability` | additive and dominance variance |
//! | `genie` | `heritability` | gene-environment interaction |
//! | `brain` | `network` | grids, masks, lesions, subjects |
//! | `connectome` | `network` | connectomes in HDF5, NIfTI and .npy as a source; lesions in, maps out |
//! | `fnm` | `network` | functional network maps of lesions |
//! | `table` | `table` | typed runs of rows, and what describes their columns |
//! | `external` | `table` | tables larger than memory: read, sorted, grouped, split, stored |
//! | `learn` | `table` | learners over rows, and scores of what they predict |
//!
//! `heritability` and `moments` are on by default. `full` adds `plink::Plink::dosages`, which reads
//! genotypes as numbers by the crate bed-reader.
//!
//! A run takes three things: a *source* that reads chunks ([`core::BlockSource`]), a *model* that
//! folds them ([`core::StreamingEstimator`]), and a [`runner::Runner`] that drives both. What comes
//! out is a [`core::Jackknife`]: an estimate, and what it becomes without each block.
//!
//! ```
//! # #[cfg(feature = "moments")]
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use twoblade::core::Blocks;
//! use twoblade::moments::{Column, Moments};
//! use twoblade::runner::Runner;
//!
//! let values = (0..1000).map(f64::from).collect();
//! let source = Column::new(values, Blocks::even(1000, 10)?);
//! let done = Runner::new().threads(2).jackknife(&Moments, &source)?;
//! let mean = done.jackknife.measure(|moments| moments.mean);
//! assert_eq!(mean.value, 499.5);
//! assert!(mean.se > 0.0);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "moments"))]
//! # fn main() {}
//! ```
//!
//! The same with genotypes and one trait is in the README. Traits that different individuals have are
//! groups, each a study of its own; one read serves all of them:
//!
//! ```
//! # #[cfg(feature = "heritability")]
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use twoblade::geno::Among;
//! use twoblade::plink::{Annotation, BedSource, Plink, Simulation, StudyBuilder};
//! use twoblade::rhe::{Options, rhe};
//! use twoblade::runner::Runner;
//!
//! let folder = tempfile::tempdir()?;
//! let prefix = folder.path().join("study");
//! Simulation { traits: 3, ..Simulation::new(300, 500, 1) }.write(&prefix)?;
//! // The second trait of every fourth individual is unknown.
//! let file = prefix.with_extension("pheno");
//! let mut text = String::new();
//! for (row, line) in std::fs::read_to_string(&file)?.lines().enumerate() {
//!     let mut words: Vec<&str> = line.split_whitespace().collect();
//!     if row > 0 && row % 4 == 0 {
//!         words[3] = "NA";
//!     }
//!     text += &(words.join(" ") + "\n");
//! }
//! std::fs::write(&file, text)?;
//!
//! let plink = Plink::open(&prefix)?;
//! let phenotypes = plink.phenotypes(&file)?;
//! let assembled =
//!     StudyBuilder::new(&plink, &phenotypes, &Annotation::everything("all")).assemble(20)?;
//! let options = Options { correlations: true, ..Options::default() };
//! let mut models = Vec::new();
//! for group in &assembled.groups {
//!     let names: Vec<_> = group.study.traits.iter().map(|of| of.name.as_str()).collect();
//!     let selection = assembled.selection(group);
//!     models.push(Among::new(rhe(&group.study, options)?, names.join(", "), selection));
//! }
//! assert_eq!((models[0].about(), models[1].about()), ("trait1, trait3", "trait2"));
//!
//! let source = BedSource::of(&plink, &assembled)?;
//! let runner = Runner::new().memory(64 << 20);
//! for (batch, _plan) in runner.batches(&models, &source)? {
//!     let done = runner.jackknife(&&models[batch.clone()], &source)?;
//!     for (place, model) in models[batch].iter().enumerate() {
//!         let h2 = done.jackknife.measure(|all| all[place].h2_total(0));
//!         println!("{}: {:.2} ({:.2})", model.about(), h2.value, h2.se);
//!     }
//!     let rg = done.jackknife.measure(|all| all[0].genetic_covariance((0, 1)));
//!     assert!(rg.se > 0.0);
//! }
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "heritability"))]
//! # fn main() {}
//! ```
//!
//! The maths and the guide to writing a model are in `docs/`.

/// Grids, masks, lesions, subjects.
#[cfg(feature = "network")]
pub use twoblade_brain as brain;
/// What a source, a state, a model and a jackknife are, and the exact sums under every state.
pub use twoblade_core as core;

/// Connectomes as a source; lesions in, maps out.
#[cfg(feature = "network")]
pub use twoblade_connectome as connectome;

/// Tables larger than memory: read, sorted, grouped, split and stored within a strict budget.
#[cfg(feature = "table")]
pub use twoblade_external as external;
/// Functional network maps of lesions.
#[cfg(feature = "network")]
pub use twoblade_fnm as fnm;

/// Randomized Haseman-Elston regression with environments: gene-environment interaction.
#[cfg(feature = "heritability")]
pub use twoblade_genie as genie;
/// Packed genotypes, studies and their cut, and the two products on genotypes.
#[cfg(feature = "heritability")]
pub use twoblade_geno as geno;
/// Randomized Haseman-Elston moment equations for any features, and the report that people read.
#[cfg(feature = "heritability")]
pub use twoblade_haseman as haseman;
/// Learners over the rows of a table.
#[cfg(feature = "table")]
pub use twoblade_learn as learn;
/// Mean and variance of a column: the smallest complete model, to be copied.
#[cfg(feature = "moments")]
pub use twoblade_moments as moments;
/// PLINK 1 files as a source, phenotype and annotation files, and simulation.
#[cfg(feature = "heritability")]
pub use twoblade_plink as plink;
/// Randomized Haseman-Elston regression on additive genotypes.
#[cfg(feature = "heritability")]
pub use twoblade_rhe as rhe;
/// Randomized Haseman-Elston regression adjusted for covariates.
#[cfg(feature = "heritability")]
pub use twoblade_rhe_cov as rhe_cov;
/// Randomized Haseman-Elston regression on additive and dominance columns.
#[cfg(feature = "heritability")]
pub use twoblade_rhe_dom as rhe_dom;
/// Plans a run within a memory budget, reads, folds, leaves blocks out.
pub use twoblade_runner as runner;
/// Typed runs of rows, and what describes their columns.
#[cfg(feature = "table")]
pub use twoblade_table as table;

#[cfg(all(doctest, feature = "heritability"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
