//! Rows in several parts.

use std::path::PathBuf;

use anyhow::Result;
use twoblade::external::{Fractions, SplitOptions, split};

use crate::commands::table::opened::{Opened, rows};
use crate::commands::table::reading::ReadArgs;
use crate::commands::table::working::WorkArgs;
use crate::quantity::thousands;
use crate::watched::Watched;

/// Each row in one of several files, at random, so that each value of a column is divided alike: its
/// count in a part differs from the fraction by less than one row.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The column whose values are divided alike [default: none, all rows together]
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// The fraction of each part, separated by commas; together 1
    #[arg(long, value_parser = Fractions::parse, value_name = "FRACTIONS")]
    fractions: Fractions,
    /// Seed of the draws
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Files to write, one for each fraction, separated by commas
    #[arg(long, required = true, value_delimiter = ',', value_name = "FILES")]
    out: Vec<PathBuf>,
    #[command(flatten)]
    reading: ReadArgs,
    #[command(flatten)]
    work: WorkArgs,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let opened = Opened::new(&args.reading, &args.work)?;
    if args.work.plan {
        if let Some(label) = &args.by {
            opened.table.schema().place(label)?;
        }
        let strata = "held besides: the values of the label, and their counts".to_owned();
        return opened.plan(2, None, &[strata]);
    }
    opened.apart(&args.reading, &args.out)?;
    let Opened { table, limits, disk, bar, .. } = &opened;
    let watched = Watched::by(bar);
    let options =
        SplitOptions { label: args.by.clone(), fractions: args.fractions.clone(), seed: args.seed };
    let parts = split(table, &options, &args.out, limits, &watched, disk)?;
    let part = |(file, &count): (&PathBuf, &u64)| format!("{} ({})", file.display(), rows(count));
    let files: Vec<_> = args.out.iter().zip(&parts.rows).map(part).collect();
    let strata = match (&args.by, parts.strata) {
        (None, _) => String::new(),
        (Some(label), 1) => format!("; 1 value of {label}"),
        (Some(label), strata) => format!("; {} values of {label}", thousands(strata)),
    };
    opened.written(&(files.join(", ") + &strata), parts.skipped)
}
