//! `twoblade table` in a program that was built without it.

use std::ffi::OsString;

use anyhow::{Result, bail};

/// Tables larger than memory: not in this program, which was built without the feature `table`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    words: Vec<OsString>,
}

/// Says how to get it.
pub(crate) fn run(_: &Args) -> Result<()> {
    bail!(
        "this program was built without tables; build it with them: cargo install --path crates/cli \
         --locked --features table"
    );
}
