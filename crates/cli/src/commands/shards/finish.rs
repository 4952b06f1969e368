//! `twoblade finish`.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use twoblade::runner::{Part, Pass, Runner};

use crate::commands::rhe::{Estimates, Model, Prepared, say_finished, write};
use crate::commands::shards::args::FinishArgs;
use crate::commands::shards::fnm;
use crate::commands::shards::options::Planned;
use crate::commands::shards::plan_file::PlanFile;
use crate::interrupt;
use crate::output::Outputs;
use crate::progress::Bar;

/// Runs the command.
pub(crate) fn finish(args: &FinishArgs) -> Result<()> {
    let plan = PlanFile::read(&args.plan)?;
    let (running, out) = (&args.running, Some(args.out.as_path()));
    let planned = Planned { plan: &plan, file: &args.plan, running, out };
    match plan.command.as_str() {
        "rhe" => finish_rhe(args, planned),
        "fnm" => fnm::finish(planned, args),
        other => bail!("{} is a plan of {other}, which finish does not know", args.plan.display()),
    }
}

fn finish_rhe(args: &FinishArgs, planned: Planned<'_>) -> Result<()> {
    let started = Instant::now();
    let outputs = Outputs::prepare(&args.out)?;
    let (options, resolved) = planned.rhe()?;
    let cancel = interrupt::token();
    let bar = Bar::new(args.running.screen).memory(args.running.machine.memory());
    let runner =
        Runner::new().threads(args.running.machine.threads()).observer(&bar).cancel(&cancel);
    let prepared = Prepared::new(&options, &runner);
    bar.clear();
    let prepared = prepared?;
    planned.plan.expect(&args.plan, &prepared.identity()?)?;
    let models: &[Model] = &prepared.models;
    let runner = prepared.within(&runner);
    let running = runner
        .plan_pass_two(&models, &prepared.source)
        .map_err(|error| prepared.what_would_fit(error, &runner))?;

    let identity = &planned.plan.identity;
    let total = Part::load_of(&args.total, identity, Pass::One)?;
    let [first, others @ ..] = args.estimates.as_slice() else {
        bail!("the estimates of pass two are needed: finish PLAN TOTAL ESTIMATES… --out OUT");
    };
    let mut estimates = Part::load_of(first, identity, Pass::Two)?;
    for file in others {
        estimates.join(Part::load_of(file, identity, Pass::Two)?, file)?;
    }
    let (total, estimates) = ((total, args.total.as_path()), (estimates, first.as_path()));
    let done = runner.finish(&models, &prepared.source, total, estimates)?;
    let mut found = Estimates::new();
    found.add(&prepared, 0..models.len(), &done)?;
    found.stages.push(done.stages);
    let batches = [(0..models.len(), &running)];
    let finished = write(&prepared, &found, (&batches, started), &resolved, outputs)?;
    say_finished(&options, &finished).context("the result is written, and cannot be printed")
}
