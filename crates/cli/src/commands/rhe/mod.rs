//! `twoblade rhe`: heritability of bins of variants from PLINK files.

mod args;
mod estimates;
mod files;
mod inputs;
mod log;
mod plan;
mod record;
mod words;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use twoblade::core::BlockSource;
use twoblade::haseman::{Listed, Report, TraceSummary, trace_table};
use twoblade::plink::BedSource;
use twoblade::runner::Runner;

pub(crate) use self::args::Args;
use self::estimates::Estimates;
use self::inputs::{Inputs, Model, held, prevalences};
use self::plan::{plan_lines, what_would_fit};
use self::record::How;
use crate::output::{Outputs, with_ending};
use crate::progress::Bar;
use crate::{interrupt, say, table};

/// A run that has written its files.
pub(crate) struct Finished {
    pub(crate) report: Report,
    written: Vec<PathBuf>,
}

/// Runs the command; `resolved` is what becomes OUT.run.toml.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    let finished = finish(args, resolved)?;
    if let (Some(Finished { report, written }), false) = (&finished, args.screen.quiet) {
        say::result(table::readable(report))?;
        for line in log::kept(report) {
            say::result(line)?;
        }
        for note in &report.notes {
            say::result(format_args!("note: {note}"))?;
        }
        for group in &report.groups {
            let names: Vec<_> = group.traits.iter().map(|of| of.name.as_str()).collect();
            let about = match report.groups.len() {
                1 => String::new(),
                _ => format!(" ({})", names.join(", ")),
            };
            for note in &group.notes {
                say::result(format_args!("note{about}: {note}"))?;
            }
        }
        for file in left_behind(args, written) {
            let file = file.display();
            say::result(format_args!(
                "note: {file} is left from an earlier run: not of this result"
            ))?;
        }
        let written: Vec<_> = written.iter().map(|file| file.display().to_string()).collect();
        say::result(format_args!("written: {}", written.join(" ")))?;
    }
    Ok(())
}

/// Files of this name that another run wrote and this one did not.
fn left_behind(args: &Args, written: &[PathBuf]) -> Vec<PathBuf> {
    let Some(out) = &args.out else { return Vec::new() };
    let file = |ending: &&str| with_ending(out, ending);
    let files = ["rg.tsv", "trace.tsv", "tr", "MN"];
    files.iter().map(file).filter(|file| file.exists() && !written.contains(file)).collect()
}

/// Reads, plans, runs and writes; `None` if only the plan was asked for.
pub(crate) fn finish(args: &Args, resolved: &str) -> Result<Option<Finished>> {
    let started = Instant::now();
    let outputs = match &args.out {
        Some(out) if !args.running.plan => Some(Outputs::prepare(out)?),
        _ => None,
    };
    let cancel = interrupt::token();
    let bar = Bar::new(args.screen);
    let (threads, reuse) = (args.running.threads(), args.running.reuse());
    let runner = Runner::new().threads(threads).reuse(reuse).observer(&bar).cancel(&cancel);
    let inputs = Inputs::read(args, &runner);
    bar.clear();
    let inputs = inputs?;
    let mut models = inputs.models(args.options())?;
    let prevalences = prevalences(args, &models)?;
    let source = BedSource::of(&inputs.files.plink, &inputs.assembled)?;
    let held = inputs.bytes() + held(&models);
    let runner = runner.memory(args.running.memory.saturating_sub(held));
    let batches = runner
        .batches(&models, &source)
        .map_err(|error| what_would_fit(error, args, (&inputs, &models), &runner, &source))?;
    if args.running.plan {
        for line in plan_lines(args, &inputs, &models, &batches) {
            say::result(line)?;
        }
        return Ok(None);
    }
    let outputs = outputs.context("--out is needed")?;

    let plan = (&mut models[..], &batches[..]);
    let variants = inputs.assembled.variants.kept();
    let estimates = Estimates::make(&runner, &source, plan, &prevalences, variants);
    bar.clear();
    let estimates = estimates?;
    let how = How {
        batches: &batches,
        stages: &estimates.stages,
        data: source.fingerprint(),
        seconds: started.elapsed().as_secs_f64(),
        held,
        bytes_before: inputs.bytes_before(&models),
    };
    let groups = estimates.groups.clone();
    let mut report =
        Report::new(listed(&inputs), args.estimation.blocks, models[0].model(), groups);
    report.notes = log::notes(args, &inputs, &models);
    let written = write(args, (&inputs, &models), &report, &estimates, (&how, resolved), outputs)?;
    Ok(Some(Finished { report, written }))
}

fn listed(inputs: &Inputs) -> Listed {
    Listed {
        individuals: inputs.files.plink.fam().count(),
        variants: inputs.files.plink.bim().variants(),
        variants_chosen: inputs.assembled.variants.kept(),
    }
}

/// Writes all files, the report last.
fn write(
    args: &Args,
    (inputs, models): (&Inputs, &[Model]),
    report: &Report,
    estimates: &Estimates,
    (how, resolved): (&How<'_>, &str),
    mut outputs: Outputs,
) -> Result<Vec<PathBuf>> {
    outputs.add("tsv", &table::tab_separated(report))?;
    if args.phenotypes.rg {
        outputs.add("rg.tsv", &table::correlations(report))?;
    }
    if args.trace {
        let groups: Vec<_> = models.iter().map(Model::model).zip(&estimates.jackknives).collect();
        outputs.add("trace.tsv", &trace_table(&groups))?;
        if let [(model, jackknife)] = groups[..]
            && let Some(summary) =
                TraceSummary::new(model, jackknife, report.listed.variants_chosen)
        {
            outputs.add("tr", &summary.tr)?;
            outputs.add("MN", &summary.mn)?;
        }
    }
    outputs.add("run.json", &record::run_json(how)?)?;
    outputs.add("run.toml", resolved)?;
    outputs.add("log", &log::log(args, inputs, models, report, how))?;
    outputs.add("json", &(serde_json::to_string_pretty(report)? + "\n"))?;
    outputs.persist()
}
