//! `twoblade demo`: a small study with a known answer, from nothing to a report.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{CommandFactory, FromArgMatches, Parser};
use comfy_table::{CellAlignment, Table, presets};
use twoblade::haseman::{Number, TraitReport};
use twoblade::plink::{Simulation, Truth};

use crate::commands::{rhe, simulate};
use crate::progress::{Bar, Screen};
use crate::resolved::resolved;
use crate::say;

/// No input needed: simulates a small study with known truth, runs it, and shows both.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for the study and its result; made if it is not there
    #[arg(long, default_value = "twoblade-demo", value_name = "FOLDER")]
    out: PathBuf,
    /// Seed of the study
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    screen: Screen,
}

/// The arguments of the run inside, parsed as a user would type them.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Inside {
    #[command(flatten)]
    rhe: rhe::Args,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let folder = &args.out;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let data = folder.join("study");
    let data_text = data.display().to_string();
    let simulation = Simulation {
        h2: vec![0.1, 0.4],
        missing: 0.01,
        ..Simulation::new(4000, 10_000, args.seed)
    };
    if !args.screen.quiet {
        say::result(format_args!(
            "Simulating 4,000 individuals and 10,000 variants in two bins, h2 0.1 and 0.4:\n  \
             twoblade simulate --individuals 4000 --variants 10000 --h2 0.1,0.4 --missing 0.01 \
             --seed {} --out {data_text}",
            args.seed
        ))?;
    }
    let truth = simulate::write(&simulation, &data, &Bar::new(args.screen))?;

    let (pheno, annot) = (format!("{data_text}.pheno"), format!("{data_text}.annot"));
    let out = folder.join("result").display().to_string();
    let line = ["--bfile", &data_text, "--pheno", &pheno, "--annot", &annot, "--out", &out];
    if !args.screen.quiet {
        let line = line.join(" ");
        say::result(format_args!("Estimating what was put in:\n  twoblade rhe {line}\n"))?;
    }
    let mut command = Inside::command();
    let matches = command.try_get_matches_from_mut(line)?;
    let inside = Inside::from_arg_matches(&matches)?;
    let inside = rhe::Args { screen: args.screen, ..inside.rhe };
    let finished =
        rhe::finish(&inside, &resolved(&command, &matches))?.context("a run gives a report")?;
    if !args.screen.quiet {
        let of = finished.report.traits().next().context("a report has a trait")?;
        say::result(beside_truth(of, &truth))?;
        say::result(format_args!(
            "value (standard error); a difference below 2 of them is what to expect.\n\
             All numbers: {out}.json and {out}.tsv. How it was run: {out}.log"
        ))?;
    }
    Ok(())
}

/// Estimates beside what was simulated.
fn beside_truth(of: &TraitReport, truth: &Truth) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_BORDERS_ONLY_CONDENSED);
    table.set_header(["h2 of", "simulated", "estimated", "difference in SE"]);
    let mut row = |name: &str, truth: f64, found: &Number| {
        table.add_row([
            name.to_owned(),
            format!("{truth:.3}"),
            format!("{:.3} ({:.3})", found.value, found.se),
            format!("{:+.2}", (found.value - truth) / found.se),
        ]);
    };
    for (component, bin) in of.components.iter().zip(&truth.bins) {
        row(&component.name, bin.h2, &component.h2);
    }
    row("both bins", truth.h2, &of.h2);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}
