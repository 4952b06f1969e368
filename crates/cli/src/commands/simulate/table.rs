//! A table with a label of known cause.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use twoblade::external::SimulatedTable;

use crate::output::{with_ending, write_whole};
use crate::progress::{Bar, Screen};
use crate::quantity::thousands;
use crate::say;
use crate::watched::Watched;

/// A table of any size in CSV: keys, features, and a label of 0 and 1 by a logistic model.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Rows
    #[arg(long, value_name = "N")]
    rows: u64,
    /// Features: the columns x1, x2, …
    #[arg(long, default_value_t = 10, value_name = "COLUMNS")]
    features: u32,
    /// Different values in the column key
    #[arg(long, default_value_t = 1000, value_name = "KEYS")]
    keys: u32,
    /// Share of features' values that are missing
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    missing: f64,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The CSV file; FILE.truth.json holds the coefficients of the label's log odds
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Serialize)]
struct Truth<'a> {
    simulation: &'a SimulatedTable,
    coefficients: Vec<f64>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let table = SimulatedTable {
        rows: args.rows,
        features: args.features,
        keys: args.keys,
        missing: args.missing,
        seed: args.seed,
    };
    table.check()?;
    let bar = Bar::new(args.screen);
    let written = table.write(&args.out, &Watched::by(&bar));
    bar.clear();
    written?;
    let truth = Truth { simulation: &table, coefficients: table.coefficients() };
    let file = with_ending(&args.out, "truth.json");
    write_whole(&file, &(serde_json::to_string_pretty(&truth)? + "\n"))?;
    if !args.screen.quiet {
        let (out, rows) = (args.out.display(), thousands(args.rows));
        say::result(format_args!("written: {out} ({rows} rows) {}", file.display()))?;
    }
    Ok(())
}
