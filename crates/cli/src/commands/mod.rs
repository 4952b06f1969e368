//! One file a subcommand: arguments, run, report.

pub(crate) mod demo;
pub(crate) mod fnm;
#[cfg(feature = "table")]
pub(crate) mod learn;
#[cfg(not(feature = "table"))]
pub(crate) mod no_table;
pub(crate) mod rhe;
pub(crate) mod shards;
pub(crate) mod simulate;
#[cfg(feature = "table")]
pub(crate) mod table;
