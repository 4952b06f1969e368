//! `twoblade rhe`: heritability of bins of variants from PLINK files.

mod args;
mod inputs;
mod log;
mod plan;

use std::time::Instant;

use anyhow::{Context, Result};
use twoblade::core::BlockSource;
use twoblade::haseman::Report;
use twoblade::plink::BedSource;
use twoblade::runner::Runner;

pub(crate) use self::args::Args;
use self::inputs::Inputs;
use self::log::How;
use self::plan::{plan_lines, what_would_fit};
use crate::output::Outputs;
use crate::progress::Bar;
use crate::{interrupt, machine, say, table};

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let report = report(args)?;
    if let (Some(report), false) = (&report, args.screen.quiet) {
        say::result(table::readable(report))?;
        say::result(log::kept(report))?;
        for note in &report.notes {
            say::result(format_args!("note: {note}"))?;
        }
        if let Some(out) = &args.out {
            let out = out.display();
            say::result(format_args!("written: {out}.json {out}.tsv {out}.run.json {out}.log"))?;
        }
    }
    Ok(())
}

/// Reads, plans, runs and writes; `None` if only the plan was asked for.
pub(crate) fn report(args: &Args) -> Result<Option<Report>> {
    let started = Instant::now();
    let outputs = match &args.out {
        Some(out) if !args.plan => Some(Outputs::prepare(out)?),
        _ => None,
    };
    let inputs = Inputs::read(args)?;
    let model = inputs.model(args.options())?;
    let source = BedSource::new(&inputs.plink, &inputs.study)?;

    let cancel = interrupt::token();
    let bar = Bar::new(args.screen);
    let threads = args.threads.unwrap_or_else(machine::threads).max(1);
    let memory = args.memory.saturating_sub(inputs.bytes());
    let runner = Runner::new()
        .threads(threads)
        .memory(memory)
        .reuse(args.reuse())
        .observer(&bar)
        .cancel(&cancel);
    let plan = runner
        .plan(&model, &source)
        .map_err(|error| what_would_fit(error, args, &inputs, &runner, &source))?;
    if args.plan {
        for line in plan_lines(args, &inputs, &model, &plan) {
            say::result(line)?;
        }
        return Ok(None);
    }
    let mut outputs = outputs.context("--out is needed")?;

    let done = runner.jackknife(&model, &source);
    bar.clear();
    let done = done?;
    let over_probes = model.over_probes(&done.total)?;
    let listed = (inputs.study.listed, inputs.study.cut.variants());
    let report = Report::new(&model, listed, &done.total, &done.jackknife, &over_probes);

    let how = How {
        plan: &plan,
        data: source.fingerprint(),
        stages: &done.stages,
        seconds: started.elapsed().as_secs_f64(),
        files_bytes: inputs.bytes(),
    };
    outputs.add("tsv", &table::tab_separated(&report))?;
    outputs.add("run.json", &log::run_json(&how)?)?;
    outputs.add("log", &log::log(args, &inputs, &report, &how))?;
    outputs.add("json", &(serde_json::to_string_pretty(&report)? + "\n"))?;
    outputs.persist()?;
    Ok(Some(report))
}
