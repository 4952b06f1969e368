//! One format made another.

use std::path::PathBuf;

use anyhow::Result;
use twoblade::external::convert;

use crate::commands::table::opened::{Opened, rows};
use crate::commands::table::reading::ReadArgs;
use crate::commands::table::working::WorkArgs;
use crate::watched::Watched;

/// The same rows in another format, or several files as one.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// File to write: CSV, TSV (also .gz, .zst) or Parquet, by its name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    reading: ReadArgs,
    #[command(flatten)]
    work: WorkArgs,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let opened = Opened::new(&args.reading, &args.work)?;
    if args.work.plan {
        return opened.plan(1, None, &[]);
    }
    opened.apart(&args.reading, std::slice::from_ref(&args.out))?;
    let Opened { table, limits, disk, bar, .. } = &opened;
    let (count, skipped) = convert(table, &args.out, limits, &Watched::by(bar), disk)?;
    opened.written(&format!("{} ({})", args.out.display(), rows(count)), skipped)
}
