//! What is in a model.

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use twoblade::learn::{Features, Report};

use crate::commands::learn::model::{load, readable};
use crate::say;

/// The version of the JSON.
const SCHEMA_VERSION: u32 = 1;

/// What is in a model: how it was made, from which columns, and what was found.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The model
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Print all of it as JSON
    #[arg(long)]
    json: bool,
    /// Print the options of the fit, as TOML for --config
    #[arg(long, conflicts_with = "json")]
    options: bool,
}

#[derive(Serialize)]
struct Json<'a> {
    schema_version: u32,
    twoblade: &'a str,
    model: &'a str,
    options: &'a str,
    columns: &'a twoblade::table::Schema,
    features: &'a Features,
    report: &'a Report,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let saved = load(&args.model)?;
    if args.options {
        return Ok(say::result(saved.options.trim_end())?);
    }
    if args.json {
        let json = Json {
            schema_version: SCHEMA_VERSION,
            twoblade: &saved.program,
            model: &saved.kind,
            options: &saved.options,
            columns: &saved.schema,
            features: &saved.features,
            report: &saved.report,
        };
        return Ok(say::result(serde_json::to_string_pretty(&json)?)?);
    }
    say::result(readable(&saved))?;
    let columns = saved.schema.columns().iter();
    let columns: Vec<_> =
        columns.map(|column| format!("{} ({})", column.name, column.kind)).collect();
    say::result(format_args!("columns: {}", columns.join(", ")))?;
    say::result(format_args!("made by twoblade {}; --options prints how", saved.program))?;
    Ok(())
}
