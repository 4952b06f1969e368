//! The command, from outside: one program, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a test panics where something is wrong")]

mod bins;
mod brain_images;
mod checkpoint;
mod chunks;
mod config;
mod correlations;
mod covariates;
#[cfg(feature = "table")]
mod duckdb;
#[cfg(feature = "table")]
mod engines;
mod errors;
mod estimation;
mod fnm;
mod fnm_finished;
mod fnm_group;
mod fnm_parcels;
mod fnm_parts;
mod fnm_threshold;
mod genotypes;
mod groups;
// The page has all commands.
#[cfg(feature = "table")]
mod help;
mod individuals;
mod instructions;
mod killing;
mod ld_maf_bins;
#[cfg(feature = "table")]
mod learn;
#[cfg(feature = "table")]
mod learn_memory;
#[cfg(feature = "table")]
mod learn_parts;
mod liability;
mod memory;
mod memory_fnm;
mod memory_granted;
mod memory_grid;
mod memory_limit;
mod memory_peak;
mod models;
mod nibabel;
mod page;
mod phenotypes;
mod python;
mod rhe;
mod shards;
mod simulate;
#[cfg(feature = "table")]
mod sklearn;
mod study;
#[cfg(feature = "table")]
mod table;
#[cfg(feature = "table")]
mod table_describe;
#[cfg(feature = "table")]
mod table_killing;
#[cfg(feature = "table")]
mod table_memory;
mod trace;
mod variants;
mod workflows;
