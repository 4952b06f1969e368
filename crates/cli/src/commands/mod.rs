//! One file a subcommand: arguments, run, report.

pub(crate) mod demo;
pub(crate) mod rhe;
pub(crate) mod rhe_log;
pub(crate) mod simulate;
