//! What is in a table.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use twoblade::core::StreamingEstimator;
use twoblade::external::{FilesDescribed, describe};
use twoblade::table::Describe;
use twoblade::table::describe::Description;

use crate::commands::table::opened::{Opened, rows};
use crate::commands::table::page;
use crate::commands::table::reading::ReadArgs;
use crate::commands::table::summary::{pasted, readable};
use crate::commands::table::working::WorkArgs;
use crate::quantity::mebibytes;
use crate::say;
use crate::watched::Watched;

/// The version of OUT.json.
const SCHEMA_VERSION: u32 = 1;

/// What is in each column: counts, mean, sd, extremes, quantiles, distinct values, commonest words.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Write OUT.json, OUT.tsv and OUT.html (with histograms) too
    #[arg(long, value_name = "OUT")]
    out: Option<PathBuf>,
    /// Words that are kept of a column of categories; the commonest of more are not told
    #[arg(long, default_value_t = 1000, value_name = "WORDS")]
    levels: usize,
    #[command(flatten)]
    reading: ReadArgs,
    #[command(flatten)]
    work: WorkArgs,
}

#[derive(Serialize)]
struct Json<'a> {
    schema_version: u32,
    twoblade: &'static str,
    skipped_rows: u64,
    #[serde(flatten)]
    description: &'a Description,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let opened = Opened::new(&args.reading, &args.work)?;
    let model = Describe::new(opened.table.schema().clone()).levels(args.levels);
    if args.work.plan {
        let state = mebibytes(model.footprint(0).state);
        return opened.plan(1, None, &[format!("held besides: {state} of counts and sums")]);
    }
    let outputs = args.out.as_deref().map(Opened::outputs).transpose()?;
    let Opened { table, limits, disk, bar, .. } = &opened;
    let described = describe(table, &model, limits, &Watched::by(bar), disk)?;
    let FilesDescribed { description, skipped } = described;
    opened.left_out(skipped);
    if !opened.is_quiet() {
        say::result(readable(&description))?;
        say::result(format_args!(
            "{}; quantiles within 0.8 % of their value; ~: about, with a standard error of 1.6 %",
            rows(description.rows)
        ))?;
    }
    if let Some(mut outputs) = outputs {
        let (twoblade, skipped_rows) = (env!("CARGO_PKG_VERSION"), skipped);
        let json = Json {
            schema_version: SCHEMA_VERSION,
            twoblade,
            skipped_rows,
            description: &description,
        };
        outputs.add("html", &page::page(&args.reading.files, &description, skipped)?)?;
        outputs.add("tsv", &pasted(&description))?;
        outputs.add("json", &(serde_json::to_string_pretty(&json)? + "\n"))?;
        let files = outputs.persist()?;
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        opened.written(&files.join(" "), 0)?;
    }
    Ok(())
}
