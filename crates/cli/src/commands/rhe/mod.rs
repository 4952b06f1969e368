//! `twoblade rhe` and `twoblade genie`: variance components of genotypes from PLINK files.

mod args;
mod chosen;
mod estimates;
mod files;
mod inputs;
mod log;
mod plan;
mod prepared;
mod record;
mod saving;
mod words;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use twoblade::core::{BlockSource, Fingerprint, StreamingEstimator};
use twoblade::haseman::{Listed, Report, TraceSummary, trace_table};
use twoblade::runner::{Plan, Runner};

pub(crate) use self::args::{Args, GenieArgs, RheArgs};
pub(crate) use self::estimates::Estimates;
use self::inputs::Inputs;
pub(crate) use self::inputs::Model;
use self::plan::plan_lines;
pub(crate) use self::prepared::Prepared;
use self::record::How;
use self::saving::Saving;
use crate::commands::shards::{Needs, PlanFile};
use crate::output::{Outputs, with_ending};
use crate::progress::Bar;
use crate::quantity::{mebibytes, thousands};
use crate::written::Written;
use crate::{interrupt, say, table};

/// A run that has written its files.
pub(crate) struct Finished {
    pub(crate) report: Report,
    written: Vec<PathBuf>,
}

/// Runs the command; `resolved` is what becomes OUT.run.toml.
pub(crate) fn run(args: &Args, resolved: &str) -> Result<()> {
    if let Some(file) = &args.plan_out {
        return plan_out(args, file, resolved);
    }
    match finish(args, resolved)? {
        Some(finished) => say_finished(args, &finished),
        None => Ok(()),
    }
}

/// Writes plan.json.
fn plan_out(args: &Args, file: &Path, resolved: &str) -> Result<()> {
    let cancel = interrupt::token();
    let bar = Bar::new(args.screen).memory(args.running.machine.memory());
    let runner =
        Runner::new().threads(args.running.machine.threads()).observer(&bar).cancel(&cancel);
    let prepared = Prepared::new(args, &runner);
    bar.clear();
    let prepared = prepared?;
    let runner = prepared.within(&runner);
    let models: &[Model] = &prepared.models;
    let fits = |error| prepared.what_would_fit(error, &runner);
    let plan = runner.plan_pass_two(&models, &prepared.source).map_err(fits)?;
    let one = runner.clone().threads(1);
    let pass_one = one.plan_one_pass(&models, &prepared.source).map_err(fits)?;
    let pass_two = one.plan_pass_two(&models, &prepared.source).map_err(fits)?;
    let needs = Needs {
        pass_one: pass_one.memory.total() + prepared.held,
        pass_two: Some(pass_two.memory.total() + prepared.held),
        state: models.footprint(prepared.source.chunk_bytes()).state,
    };
    PlanFile::new(args.command(), prepared.identity()?, resolved, needs).write(file)?;
    if !args.screen.quiet {
        say::result(format_args!(
            "{} written: {} blocks; each process needs up to {}",
            file.display(),
            thousands(plan.blocks),
            mebibytes(plan.memory.total() + prepared.held)
        ))?;
    }
    Ok(())
}

/// Prints what was found.
pub(crate) fn say_finished(args: &Args, finished: &Finished) -> Result<()> {
    let Finished { report, written } = finished;
    if !args.screen.quiet {
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
    let bar = Bar::new(args.screen).memory(args.running.machine.memory());
    let (threads, reuse) = (args.running.machine.threads(), args.running.reuse());
    let runner = Runner::new().threads(threads).reuse(reuse).observer(&bar).cancel(&cancel);
    let prepared = Prepared::new(args, &runner);
    bar.clear();
    let mut prepared = prepared?;
    let runner = prepared.within(&runner);
    let batches = prepared.batches(&runner)?;
    if args.running.plan {
        for line in plan_lines(args, &prepared.inputs, &prepared.models, &batches) {
            say::result(line)?;
        }
        return Ok(None);
    }
    let outputs = outputs.context("--out is needed")?;
    let saving = Saving::new(&args.running, outputs.path("spill"), batches.len());
    saving.begin(resolved)?;
    let estimates = Estimates::make(&runner, &mut prepared, &batches, &saving);
    bar.clear();
    let estimates = estimates.map_err(|error| saving.explain(error, resolved))?;
    let plans: Vec<_> = batches.iter().map(|(groups, plan)| (groups.clone(), plan)).collect();
    let finished =
        write(&prepared, &estimates, (&plans, started), (resolved, Vec::new()), outputs)?;
    saving.end()?;
    Ok(Some(finished))
}

/// Makes the report of what was found, and writes all files; it was made `from` files with these hashes,
/// if not in one process.
pub(crate) fn write(
    prepared: &Prepared<'_>,
    estimates: &Estimates,
    (batches, started): (&[(Range<usize>, &Plan)], Instant),
    (resolved, from): (&str, Vec<String>),
    outputs: Outputs,
) -> Result<Finished> {
    let Prepared { args, inputs, models, source, .. } = prepared;
    let how = How {
        machine: &args.running.machine,
        batches,
        stages: &estimates.stages,
        data: source.fingerprint(),
        seconds: started.elapsed().as_secs_f64(),
        held: prepared.held,
        bytes_before: inputs.bytes_before(models),
        from,
    };
    let plan_hash = prepared.identity()?.hash();
    let groups = estimates.groups.clone();
    let mut report = Report::new(listed(inputs), args.estimation.blocks, models[0].model(), groups);
    report.notes = log::notes(args, inputs, models);
    let written = write_files(
        args,
        (inputs, models),
        &report,
        estimates,
        (&how, plan_hash, resolved),
        outputs,
    )?;
    Ok(Finished { report, written })
}

/// The identifiers of variants with long columns, group by group: as many as were looked for.
fn long_variants(inputs: &Inputs, estimates: &Estimates) -> Result<Vec<Vec<String>>> {
    let (bim, chosen) = (inputs.files.plink.bim(), &inputs.assembled.variants);
    let names = |of: &Vec<usize>| {
        let rows: Vec<usize> = of.iter().map(|&variant| chosen.row(variant)).collect();
        Ok(if rows.is_empty() { Vec::new() } else { bim.identifiers(&rows)? })
    };
    estimates.long.iter().map(names).collect()
}

fn listed(inputs: &Inputs) -> Listed {
    Listed {
        individuals: inputs.files.plink.fam().count(),
        variants: inputs.files.plink.bim().variants(),
        variants_chosen: inputs.assembled.variants.kept(),
    }
}

/// Writes all files, the report last.
fn write_files(
    args: &Args,
    (inputs, models): (&Inputs, &[Model]),
    report: &Report,
    estimates: &Estimates,
    (how, plan_hash, resolved): (&How<'_>, Fingerprint, &str),
    mut outputs: Outputs,
) -> Result<Vec<PathBuf>> {
    let mut made = vec![outputs.add("tsv", &table::tab_separated(report))?];
    if args.phenotypes.rg {
        made.push(outputs.add("rg.tsv", &table::correlations(report))?);
    }
    if args.trace {
        let groups: Vec<_> = models.iter().map(Model::model).zip(&estimates.jackknives).collect();
        made.push(outputs.add("trace.tsv", &trace_table(&groups))?);
        if let [(model, jackknife)] = groups[..]
            && let Some(summary) =
                TraceSummary::new(model, jackknife, report.listed.variants_chosen)
        {
            made.push(outputs.add("tr", &summary.tr)?);
            made.push(outputs.add("MN", &summary.mn)?);
        }
    }
    let json = serde_json::to_string_pretty(report)? + "\n";
    made.push(Written::with(&outputs.path("json"), &json));
    outputs.add("run.json", &record::run_json(how, plan_hash, made)?)?;
    outputs.add("run.toml", resolved)?;
    let long = long_variants(inputs, estimates)?;
    outputs.add("log", &log::log(args, (inputs, models), report, &long, how))?;
    outputs.add("json", &json)?;
    outputs.persist()
}
