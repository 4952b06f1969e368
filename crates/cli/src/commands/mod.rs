//! One file a subcommand: arguments, run, report.

pub(crate) mod demo;
pub(crate) mod fnm;
pub(crate) mod rhe;
pub(crate) mod shards;
pub(crate) mod simulate;
