//! Genotypes: PLINK files with a known answer.

use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Result;
use twoblade::plink::{Simulation, Truth};

use crate::output::Outputs;
use crate::progress::{Bar, Screen};
use crate::quantity::parse_range;
use crate::{interrupt, say};

/// PLINK files with a known answer: genotypes, phenotypes, bins, and the truth beside them.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Individuals
    #[arg(long, value_name = "N")]
    pub(crate) individuals: usize,
    /// Variants
    #[arg(long, value_name = "M")]
    pub(crate) variants: usize,
    /// Heritability of each bin, separated by commas; more than one makes OUT.annot
    #[arg(long, default_value = "0.5", value_delimiter = ',', value_name = "H2")]
    pub(crate) h2: Vec<f64>,
    /// Share of variants that have an effect
    #[arg(long, default_value_t = 1.0, value_name = "SHARE")]
    pub(crate) causal: f64,
    /// Lowest and highest minor-allele frequency, uniform between
    #[arg(long, default_value = "0.05,0.5", value_parser = parse_range, value_name = "LOW,HIGH")]
    pub(crate) frequencies: (f64, f64),
    /// Correlation between neighbouring variants
    #[arg(long, default_value_t = 0.0, value_name = "R")]
    pub(crate) ld: f64,
    /// Share of genotypes that are missing
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) missing: f64,
    /// Traits, with effects of their own
    #[arg(long, default_value_t = 1, value_name = "T")]
    pub(crate) traits: usize,
    /// Seed of everything that is drawn
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Write OUT.bed, OUT.bim, OUT.fam, OUT.pheno, OUT.annot and OUT.truth.json
    #[arg(long, value_name = "OUT")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) screen: Screen,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let simulation = Simulation {
        individuals: args.individuals,
        variants: args.variants,
        seed: args.seed,
        frequencies: args.frequencies,
        ld: args.ld,
        missing: args.missing,
        h2: args.h2.clone(),
        causal: args.causal,
        traits: args.traits,
    };
    let bar = Bar::new(args.screen);
    write(&simulation, &args.out, &bar)?;
    if !args.screen.quiet {
        let out = args.out.display();
        let annot = if args.h2.len() > 1 { format!(" {out}.annot") } else { String::new() };
        say::result(format_args!(
            "written: {out}.bed {out}.bim {out}.fam {out}.pheno{annot} {out}.truth.json"
        ))?;
    }
    Ok(())
}

/// Writes the files and OUT.truth.json.
pub(crate) fn write(simulation: &Simulation, out: &std::path::Path, bar: &Bar) -> Result<Truth> {
    let mut outputs = Outputs::prepare(out)?;
    let cancel = interrupt::token();
    let truth = simulation.write_watched(out, &mut |done, of| {
        bar.set("simulate", done, of);
        if cancel.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.clear();
    let truth = truth?;
    outputs.add("truth.json", &(serde_json::to_string_pretty(&truth)? + "\n"))?;
    outputs.persist()?;
    Ok(truth)
}
