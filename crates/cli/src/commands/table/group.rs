//! Rows that have a key in common, made one.

use std::path::PathBuf;

use anyhow::Result;
use twoblade::external::{Aggregate, By, Grouping, group};

use crate::commands::table::opened::{Opened, rows};
use crate::commands::table::reading::ReadArgs;
use crate::commands::table::working::WorkArgs;
use crate::quantity::thousands;
use crate::watched::Watched;

/// One row for each value of a key, with counts, sums, means and more of the rows that have it, in the
/// order of the keys. Missing keys are a group of their own.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The columns that make the key; with a minus before its name from high to low
    #[arg(long, allow_hyphen_values = true, value_name = "COLUMNS")]
    by: String,
    /// What is made of each group, as in 'sum(x),mean(y),count()'; also count(x), min, max, var, sd,
    /// first and last. Missing values are passed over
    #[arg(long, value_name = "AGGREGATES")]
    agg: String,
    /// File to write: CSV (also .gz, .zst) or Parquet, by its name
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
    let schema = opened.table.schema();
    let by = By::parse(&args.by, schema)?;
    let grouping = Grouping::new(schema, by, Aggregate::parse(&args.agg, schema)?)?;
    if args.work.plan {
        let most = thousands(opened.table.bytes());
        let rest = format!(
            "temporary files: none while the groups fit the memory; at most about {most} bytes in {}",
            opened.limits.temp.display()
        );
        return opened.plan(1, None, &[rest]);
    }
    opened.apart(&args.reading, std::slice::from_ref(&args.out))?;
    let Opened { table, limits, disk, bar, .. } = &opened;
    let made = group(table, &grouping, &args.out, limits, &Watched::by(bar), disk)?;
    let groups = rows(made.groups).replace("row", "group");
    let from = rows(made.rows);
    opened.written(&format!("{} ({groups} of {from})", args.out.display()), made.skipped)
}
