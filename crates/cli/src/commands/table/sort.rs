//! Rows in another order.

use std::path::{Path, PathBuf};

use anyhow::Result;
use twoblade::external::{By, Moved, room, shuffle as shuffle_table, sort as sort_table};

use crate::commands::table::opened::{Opened, rows};
use crate::commands::table::reading::ReadArgs;
use crate::commands::table::working::WorkArgs;
use crate::quantity::thousands;
use crate::watched::Watched;

/// The rows in the order of some columns: numbers by value, words by their bytes, missing values last.
/// Rows that are equal there keep their order.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Columns, the first of them first; with a minus before its name from high to low
    #[arg(long, allow_hyphen_values = true, value_name = "COLUMNS")]
    by: String,
    /// File to write: CSV (also .gz, .zst) or Parquet, by its name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    reading: ReadArgs,
    #[command(flatten)]
    work: WorkArgs,
}

/// The rows in a random order.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ShuffleArgs {
    /// Seed of the order
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// File to write: CSV (also .gz, .zst) or Parquet, by its name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    reading: ReadArgs,
    #[command(flatten)]
    work: WorkArgs,
}

/// Sorts.
pub(crate) fn run(args: &Args) -> Result<()> {
    let opened = Opened::new(&args.reading, &args.work)?;
    let by = By::parse(&args.by, opened.table.schema())?;
    if args.work.plan {
        return plan(&opened, Some(&by), &args.out);
    }
    opened.apart(&args.reading, std::slice::from_ref(&args.out))?;
    let Opened { table, limits, disk, bar, .. } = &opened;
    let moved = sort_table(table, &by, &args.out, limits, &Watched::by(bar), disk);
    told(&opened, &args.out, moved?)
}

/// Shuffles.
pub(crate) fn shuffle(args: &ShuffleArgs) -> Result<()> {
    let opened = Opened::new(&args.reading, &args.work)?;
    if args.work.plan {
        return plan(&opened, None, &args.out);
    }
    opened.apart(&args.reading, std::slice::from_ref(&args.out))?;
    let Opened { table, limits, disk, bar, .. } = &opened;
    let moved = shuffle_table(table, args.seed, &args.out, limits, &Watched::by(bar), disk);
    told(&opened, &args.out, moved?)
}

fn plan(opened: &Opened, by: Option<&By>, out: &Path) -> Result<()> {
    let spill = room(&opened.table, by, out, &opened.limits, &opened.disk)?;
    opened.plan(1, Some(spill), &[])
}

fn told(opened: &Opened, out: &Path, moved: Moved) -> Result<()> {
    let spilled = match moved.spilled {
        0 => "no temporary files".to_owned(),
        bytes => format!("{} bytes of temporary files", thousands(bytes)),
    };
    let (out, rows) = (out.display(), rows(moved.rows));
    opened.written(&format!("{out} ({rows}; {spilled})"), moved.skipped)
}
