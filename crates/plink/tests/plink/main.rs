//! PLINK files as they come, good and bad; every error is provoked here and its text read (those of
//! lines and lists too long to be written by a test are provoked beside their code).

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]
#![allow(clippy::float_cmp, reason = "what is exact is compared exactly")]

mod annotation;
mod choice;
mod covariates;
mod damage;
#[cfg(feature = "dosage")]
mod dosage;
mod files;
mod folder;
mod groups;
mod individuals;
mod ld_maf;
mod ld_scores;
mod open;
mod phenotype;
mod reference;
mod simulate;
mod source;
mod study;
